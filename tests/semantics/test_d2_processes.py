"""D2: forks, threads and processes around remote calls; two runs at once; odd folders."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.harness import Run, execute, original_command, rewritten_command, write_files

WORK = """
    n = 0
    def work(x):
        global n
        n += x
        return x * x, n
"""


@pytest.mark.parametrize("first", ["before", "after"])
def test_d2_a_program_that_forks(same, first):
    early = "print(work(1))" if first == "after" else ""
    same(
        WORK
        + f"""
    import os
    {early}
    pid = os.fork()
    if not pid:
        print("child", work(10)); os._exit(3)
    status = os.waitpid(pid, 0)[1]
    print("parent", work(2), os.waitstatus_to_exitcode(status), n)
    """,
        select="app.work",
        env={"PYTHONUNBUFFERED": "1"},
    )


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_d2_multiprocessing(same, method):
    same(
        WORK
        + f"""
    import multiprocessing
    def job(x): return work(x)[0]
    if __name__ == "__main__":
        print(work(1))
        with multiprocessing.get_context("{method}").Pool(2) as pool: print(sorted(pool.map(job, range(6))))
        print(work(2), n)
    """,
        select="app.work",
    )


def test_d2_threads_before_and_after_the_first_call(same):
    same(
        """
        import threading, queue
        done = queue.Queue()
        def work(x): return sum(range(x))
        def run(n): done.put((n, work(n)))
        threads = [threading.Thread(target=run, args=(n,)) for n in range(5)]
        for t in threads: t.start()
        print(work(10))
        for t in threads: t.join()
        print(sorted(done.get() for _ in threads), work(3))
        t = threading.Thread(target=run, args=(99,)); t.start(); t.join(); print(done.get())
        """,
        select="app.work",
    )


def test_d2_threads_that_wait_at_the_end_of_a_program_that_never_imports_threading(same):
    same(
        """
        import _thread, sys
        name = "thread" + "ing"
        def work(number, acquire, done):
            acquire()
            print(number, sys.modules.get(name) is None)
            done()
            acquire()
        lock, done = _thread.allocate_lock(), _thread.allocate_lock()
        lock.acquire(); done.acquire()
        _thread.start_new_thread(work, (7, lock.acquire, done.release))
        lock.release(); done.acquire()
        print("the end", sys.modules.get(name) is None)
        """,
        select="app.work",
        home={"app.work": "lock"},
    )


def test_d2_executors_of_processes_and_threads(same):
    same(
        WORK
        + """
    from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
    def square(x): return work(x)[0]
    if __name__ == "__main__":
        print(square(3))
        with ProcessPoolExecutor(2) as pool: print(list(pool.map(square, range(4))))
        with ThreadPoolExecutor(2) as pool: print(list(pool.map(square, range(4))))
        print(n)
    """,
        select="app.work",
    )


def test_d2_two_runs_at_once(tmp_path, cache):
    root = write_files(tmp_path / "p", "import os\ndef f(x):\n    print('in', x)\n    return x + 1\nfor i in range(20): print(f(i))\n")
    run = Run()
    expected = execute(original_command(run), root, run, cache)
    with ThreadPoolExecutor(3) as pool:
        reports = [tmp_path / f"r{n}.json" for n in range(3)]
        runs = [pool.submit(execute, rewritten_command(run, "app.f", report), root, run, cache) for report in reports]
    assert [(r.result().stdout, r.result().exit) for r in runs] == [(expected.stdout, 0)] * 3
    assert all(report.exists() for report in reports)


def test_d2_a_long_temporary_path_and_a_home_that_cannot_be_written(same, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    long = tmp_path / "/".join(["a" * 60] * 4)
    long.mkdir(parents=True)
    home.chmod(0o500)
    same(WORK + "    print(work(3), work(4))\n", select="app.work", env={"TMPDIR": str(long), "HOME": str(home), "XDG_CACHE_HOME": None})
    home.chmod(0o700)


def test_d2_a_cache_folder_that_is_a_file(same, tmp_path):
    blocked = tmp_path / "not-a-folder"
    blocked.write_text("")
    same(WORK + "    print(work(3), work(4))\n", select="app.work", env={"XDG_CACHE_HOME": str(blocked)})


@pytest.mark.skipif(not Path("/dev/full").exists() or os.getuid() != 0, reason="needs a small file system of its own")
def test_d2_a_full_cache_folder(same, tmp_path):
    folder = tmp_path / "small"
    folder.mkdir()
    if os.system(f"mount -t tmpfs -o size=16k tmpfs {folder} 2>/dev/null"):
        pytest.skip("no file system can be mounted here")
    try:
        same(WORK + "    print(work(3), work(4))\n", select="app.work", env={"XDG_CACHE_HOME": str(folder)})
    finally:
        os.system(f"umount -l {folder}")
