"""E3: SystemExit, KeyboardInterrupt and RecursionError keep their meaning."""

import os
import signal
import subprocess
import time

import pytest

from tests.harness import Run, environment, original_command, rewritten_command, without_source_lines, write_files

ENDS = {
    "code": ("import sys\n", "sys.exit(3)", 3),
    "text": ("import sys\n", "sys.exit('a message')", 1),
    "none": ("", "raise SystemExit", 0),
    "bool": ("", "raise SystemExit(True)", 1),
    "quit": ("", "quit()", 0),
    "interrupt": ("", "raise KeyboardInterrupt", -2),
}


@pytest.mark.parametrize("name", ENDS)
def test_e3_ways_to_end(same, name):
    imports, statement, code = ENDS[name]
    body = f"    xs.append(1)\n    print('ending')\n    {statement}\n"
    program = f"{imports}xs = []\ndef f():\n{body}try:\n    f()\nfinally:\n    print('finally', xs)\n"
    same(program, select="app.f", exit=code, remote=() if name == "quit" else None)


def test_e3_an_end_that_is_caught(same):
    same(
        """
        import sys
        def f(x): sys.exit(x)
        for x in (0, "t", None, (1, 2)):
            try: f(x)
            except SystemExit as e: print(e.code, e.args)
        def g(): raise KeyboardInterrupt("stop")
        try: g()
        except KeyboardInterrupt as e: print(e.args)
        """,
        select="app.f,app.g",
    )


def test_e3_recursion_depth_left_is_the_callers(same):
    same(
        """
        def depth(n=0):
            try: return depth(n + 1)
            except RecursionError: return n
        def at(k): return depth() if k == 0 else at(k - 1)
        print([at(k) for k in (0, 1, 10, 300)], depth())
        """,
        select="app.depth",
    )


BUSY = """
    import time
    def busy(n):
        until = time.monotonic() + 30
        while time.monotonic() < until: n += 1
        return n
    def main():
        try: busy(0)
        finally: print("cleaned up")
    print("started", flush=True)
    main()
    """


def test_e3_ctrl_c_ends_the_program_promptly_and_leaves_no_process(tmp_path, cache):
    shown = []
    commands = {"original": original_command(Run()), "remotely": rewritten_command(Run(), "app.busy", tmp_path / "report.json")}
    for name, command in commands.items():
        root = write_files(tmp_path / name, BUSY)
        run = subprocess.Popen(
            command, cwd=root, env=environment({}, cache), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
        )
        assert run.stdout is not None and run.stdout.readline() == "started\n"
        time.sleep(0.5)  # the call has begun; if it has not, the program ends all the same
        os.killpg(run.pid, signal.SIGINT)
        sent = time.monotonic()
        out, err = run.communicate(timeout=60)
        assert time.monotonic() - sent < 15, "far less than the call would take"
        shown.append((out, [line for line in without_source_lines(err).splitlines() if " busy" not in line], run.returncode))
        with pytest.raises(ProcessLookupError):
            os.killpg(run.pid, 0)
    assert shown[0][0] == "cleaned up\n" and shown[0][2] == -signal.SIGINT
    assert shown[1] == shown[0]
