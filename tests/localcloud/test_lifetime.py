"""What a program that uses a pool leaves behind, and what it can notice: each in a process of its own."""

from __future__ import annotations

import ast
import os
import signal
import sys
import time

import pytest

from .conftest import PREAMBLE


def first_line(process):
    return process.stdout.readline().strip()


def test_nothing_is_left_when_the_program_ends(program):
    assert program.run("print(call('echo x'))") == "x\n"
    assert program.none_left_within(1)


def test_nothing_is_left_when_the_program_ends_before_the_zygote_is_ready(program):
    program.run("pass")
    assert program.none_left_within(1)


@pytest.mark.parametrize("ending", ["pool.close()", "os._exit(0)", "os.execv('/bin/true', ['true'])", "os.closerange(3, 2000)"])
def test_nothing_is_left_however_the_program_ends(program, ending):
    program.run(f"channel = pool.acquire(); channel.send(frames.CALL, b'spin'); time.sleep(.1)\n{ending}")
    assert program.none_left_within(1)


def test_nothing_is_left_when_the_program_is_killed_with_a_worker_in_a_busy_loop(program):
    process = program.start("""
        channel = pool.acquire()
        channel.send(frames.CALL, b"spin")
        time.sleep(0.2)
        print("spinning", flush=True)
        channel.recv()
    """)
    assert first_line(process) == "spinning"
    assert len(program.processes()) == 3  # caller, zygote, worker
    process.kill()
    process.communicate()
    assert program.none_left_within(2)


@pytest.mark.skipif(sys.platform != "linux", reason="F_SETSIG is Linux's")
def test_nothing_is_left_when_program_and_zygote_are_killed_with_a_worker_in_a_busy_loop(program):
    process = program.start("""
        channel = pool.acquire()
        zygote = eval(ask(channel, "describe"))["ppid"]
        channel.send(frames.CALL, b"spin")
        time.sleep(0.2)
        os.kill(zygote, signal.SIGKILL)
        print("spinning", flush=True)
        channel.recv()
    """)
    assert first_line(process) == "spinning"
    time.sleep(0.1)
    assert len(program.processes()) == 2  # caller, worker
    process.kill()
    process.communicate()
    assert program.none_left_within(2)


def test_ctrl_c_reaches_the_program_only_and_leaves_nothing(program):
    process = program.start(
        """
        channel = pool.acquire()
        channel.send(frames.CALL, b"sleep 0.6")
        try:
            print("sleeping", flush=True)
            channel.recv()
        except KeyboardInterrupt:
            print("interrupted", channel.closed, flush=True)
        pool.release(channel)
        print(call("echo next"), flush=True)
        """,
        start_new_session=True,
    )
    assert first_line(process) == "sleeping"
    time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)
    assert process.communicate(timeout=10) == ("interrupted True\nnext\n", "")
    assert program.none_left_within(1)


def test_ctrl_c_that_the_program_does_not_handle_leaves_nothing(program):
    process = program.start("print(call('echo x'), flush=True); call('spin')", start_new_session=True)
    assert first_line(process) == "x"
    time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=10)
    assert "KeyboardInterrupt" in err
    assert process.returncode == -signal.SIGINT
    assert program.none_left_within(1)


def test_the_program_has_no_child(program):
    code = """
        def wait():
            try:
                return os.wait()
            except ChildProcessError:
                return "no child"
        print(wait())
        call("echo x")
        print(wait(), threading.active_count())
    """
    assert program.run(code) == "no child\nno child 1\n"


@pytest.mark.parametrize("handler", ["signal.SIG_IGN", "lambda *_: os.waitpid(-1, 0)"])
def test_a_program_may_handle_sigchld_as_it_likes(program, handler):
    code = f"""
        pool.close()
        def reap(*_):
            try:
                os.waitpid(-1, 0)
            except ChildProcessError:
                pass
        signal.signal(signal.SIGCHLD, {"reap" if "waitpid" in handler else handler})
        pool = new_pool()
        print(call("echo x"), bool(eval(call("describe"))["children"]))
    """
    assert program.run(code) == "x False\n"


def test_a_forked_child_and_its_parent_use_pools_of_their_own(program):
    code = """
        held = pool.acquire()
        mine = eval(call("describe"))
        child = os.fork()
        theirs = eval(call("describe"))
        if child == 0:
            try:
                ask(held, "echo x")
            except WorkerDied:
                print("not mine")
            pool.release(held)
            pool.discard(held)
            print(theirs["ppid"] != mine["ppid"], flush=True)
            os._exit(0)
        os.waitpid(child, 0)
        print(theirs["pid"] == mine["pid"], ask(held, "echo parent"), call("echo parent"))
    """
    assert program.run(code) == "not mine\nTrue\nTrue parent parent\n"
    assert program.none_left_within(1)


def test_a_child_forked_while_a_thread_is_in_a_call_is_free_of_its_locks(program):
    code = """
        def work():
            while not done:
                pool.discard(pool.acquire())
        done = []
        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for _ in range(5):
            child = os.fork()
            if child == 0:
                signal.alarm(10)
                os._exit(call("echo x") != "x")
            assert os.waitpid(child, 0)[1] == 0
        done.append(1)
        for thread in threads:
            thread.join()
    """
    program.run(code, python=(sys.executable, "-W", "ignore::DeprecationWarning"))
    assert program.none_left_within(1)


def test_the_child_outlives_its_parent_and_then_leaves_nothing(program):
    code = """
        call("echo x")
        if os.fork() == 0:
            time.sleep(0.3)
            print(call("echo child"), flush=True)
        os._exit(0)
    """
    assert program.run(code) == "child\n"
    assert program.none_left_within(1)


def test_multiprocessing_works_beside_a_pool(program):
    code = """
        import multiprocessing
        call("echo x")
        with multiprocessing.get_context("fork").Pool(2) as processes:
            print(processes.map(call, ["echo a", "echo b"]), call("echo c"))
    """
    assert program.run(code) == "['a', 'b'] c\n"
    assert program.none_left_within(2)


def test_a_worker_does_not_hold_the_programs_output_open(program):
    process = program.start("channel = pool.acquire(); channel.send(frames.CALL, b'spin'); print('x', flush=True)\ntime.sleep(60)")
    assert first_line(process) == "x"
    read, write = process.stdout, os.stat(process.stdout.fileno()).st_ino
    holders = [pid for pid in program.processes() if f"pipe:[{write}]" in links(pid)]
    assert holders == [process.pid]
    process.kill()
    read.close()


def test_a_worker_does_not_hold_what_the_program_had_inherited(program):
    read, write = os.pipe()
    process = program.start("print(call('echo x'), flush=True); time.sleep(60)", pass_fds=[write])
    os.close(write)
    assert first_line(process) == "x"
    inode = os.stat(read).st_ino
    assert [pid for pid in program.processes() if f"pipe:[{inode}]" in links(pid)] == [process.pid]
    process.kill()
    process.communicate()
    os.close(read)


def links(pid):
    return [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")]


def test_a_working_directory_may_be_read_only_or_gone(program, tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    code = "import shutil; os.chdir(sys.argv[1]); os.rmdir(sys.argv[1]); pool.close(); pool = new_pool(); print(call('echo x'))"
    assert program.run(code.replace("sys.argv[1]", repr(str(gone)))) == "x\n"
    assert program.run("print(call('echo x'))", cwd="/proc") == "x\n"


@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (0, 1, 2)], ids=str)
def test_standard_streams_may_be_closed(program, tmp_path, closed):
    answer = tmp_path / "answer"
    code = f"with open({str(answer)!r}, 'w') as file: file.write(call('echo x') + str(file.fileno()))"
    shell = ["/bin/sh", "-c", '"$@" ' + " ".join(f"{fd}>&-" for fd in closed), "sh", sys.executable]
    program.run(code, python=shell)
    assert answer.read_text() == f"x{min(closed)}"
    assert program.none_left_within(1)


def test_few_open_files_are_allowed(program):
    code = "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (30, 30)); pool.close(); pool = new_pool(); print(call('echo x'))"
    assert program.run(code) == "x\n"


def test_no_open_file_left_is_one_clear_error(program):
    code = """
        pool.close()
        import resource
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))
        pool = new_pool()
        pool.start()
        try:
            pool.acquire()
        except ZygoteFailed as error:
            print(error)
    """
    assert program.run(code) == f"cannot start {sys.executable}: Too many open files\n"


def test_the_interpreters_options_are_the_programs(program):
    options = ["-O", "-X", "utf8", "-W", "ignore::ImportWarning", "-B", "-s"]
    seen = ast.literal_eval(program.run("print(call('describe'))", python=(sys.executable, *options)))
    assert (seen["optimize"], seen["utf8"], seen["warnings"]) == (1, 1, ["ignore::ImportWarning"])


def test_the_programs_hash_seed_is_the_workers(program):
    out = program.run("print(hash('faasify') == eval(call('describe'))['hash'])", env={"PYTHONHASHSEED": "5"})
    assert out == "True\n"


def test_isolated_interpreters_work(program):
    assert program.run("print(call('echo x'))", python=(sys.executable, "-I", "-S")) == "x\n"


def test_a_signal_handler_may_use_the_pool(program):
    code = """
        answers = []
        def handler(*_):
            answers.append(call("echo from handler"))
            signal.setitimer(signal.ITIMER_REAL, 0.001)
        signal.signal(signal.SIGALRM, handler)
        signal.setitimer(signal.ITIMER_REAL, 0.001)
        for number in range(300):
            assert call(f"echo {number}") == str(number)
            if number % 3 == 0:
                pool.discard(pool.acquire())
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
        print(len(answers) > 20, set(answers))
    """
    assert program.run(code) == "True {'from handler'}\n"


def test_no_warning_is_seen_in_development_mode(program):
    code = "call('echo x'); channel = pool.acquire(); pool.discard(channel); pool.close()"
    assert program.run(code, python=(sys.executable, "-X", "dev")) == ""


def test_no_heavy_module_is_imported_by_the_callers_side(program):
    code = """
        call("echo x")
        heavy = {"asyncio", "enum", "json", "logging", "multiprocessing", "selectors", "socket", "subprocess", "typing"}
        print(heavy & set(sys.modules))
    """
    assert program.run(code, python=(sys.executable, "-I", "-S"), preamble=PREAMBLE.replace("signal, ", "")) == "set()\n"
