"""S2: a call that runs here after all has the caller's frames below it, in every placement."""

import subprocess

import pytest

from tests.harness import Run, environment, original_command, rewritten_command, write_files

PROGRAM = """
    import asyncio, logging, sys, threading, traceback, warnings
    logging.basicConfig(stream=sys.stdout, format="%(funcName)s:%(lineno)d %(message)s")
    lock = threading.Lock()
    def warned(x): warnings.warn("of the caller", stacklevel=2); return 1
    def logged(x): logging.warning("of the caller", stacklevel=2); return 1
    def fails(x): logging.warning("fails", stacklevel=2); raise ValueError(x)
    def stack(x): return [f.name for f in looks[0]()]
    looks = [traceback.extract_stack]
    def values(x):
        logging.warning("values", stacklevel=2); yield x is lock
    async def answer(x): warnings.warn("answer", stacklevel=2); return x is lock
    async def asks(x): return await answer(x), await answer(1)
    def deep(x, n):
        try: return deep(x, n + 1)
        except RecursionError: return n
    def caller(x):
        for _ in range(2): warned(x)
        warned(x); logged(x); logged(x)
        print(list(values(x)), list(values(1)), asyncio.run(asks(x)))
        for _ in range(2):
            try: fails(1)
            except ValueError as e: print([f.name for f in traceback.extract_tb(e.__traceback__)], e.__context__)
        return deep(x, 0), deep(x, 0), stack(x), stack(x)
    print(caller(lock), caller(lock))
    print(caller(1))
    fails(2)
    """


@pytest.mark.parametrize("placement", ["remote", "auto", "local"])
def test_s2_the_callers_frames_are_below_a_call_that_runs_here(tmp_path, cache, placement):
    shown = []
    for name, command in {
        "original": original_command(Run()),
        "remotely": rewritten_command(Run(), "all", tmp_path / "report.json", ["--placement", placement]),
    }.items():
        root = write_files(tmp_path / name, PROGRAM)
        run = subprocess.run(command, cwd=root, env=environment({}, cache), capture_output=True, text=True, timeout=120)
        shown.append((run.stdout, run.stderr.replace(str(root), ""), run.returncode))
    assert shown[0] == shown[1]
