"""What reaches a unit of the caller's environment: what it reads, and nothing else. Real programs, and processes looked into."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from faasify.runtime.unit.environment import Buffer, packed
from tests.harness import Files, Promise, Run, cache, environment, execute, rewritten_command, same, write_files  # noqa: F401

SECRET = "s3cret-" + "0123456789abcdef"
READERS = {
    "getenv": "os.getenv('TOKEN'), os.getenv('NONE'), os.getenv('NONE', 'x')",
    "items": "os.environ['TOKEN'], 'TOKEN' in os.environ, 'NONE' in os.environ, os.environ.get('token')",
    "bytes": "os.environb[b'TOKEN'], os.environb.get(b'NONE'), os.getenvb(b'TOKEN')",
    "missing": "bad(), [type(e).__name__ + str(e) for e in errors]",
    "all": "list(os.environ), len(os.environ), dict(os.environ) == os.environ.copy(), sorted(os.environ.values())[:3]",
    "repr": "'TOKEN' in repr(os.environ), str(os.environ) == str(os.environ.copy())",
    "expand": "os.path.expandvars('$TOKEN/$NONE/${OTHER}'), os.path.expanduser('~')",
    "computed": "os.environ[''.join(['TO', 'KEN'])]",
    "pop": "os.environ.pop('TOKEN'), os.environ.pop('NONE', 1), os.environ.get('TOKEN')",
    "del": "os.environ.__delitem__('TOKEN'), 'TOKEN' in os.environ, list(os.environ)[-3:]",
    "set": "os.environ.setdefault('TOKEN', 'x'), os.environ.setdefault('NONE', 'y'), os.environ['NONE'], list(os.environ)[-3:]",
    "update": "os.environ.update(TOKEN='new', NONE='there'), os.environ['TOKEN'], os.environ | {'Z': '1'} == {**os.environ, 'Z': '1'}",
    "clear": "[os.environ.pop(n) and 0 for n in list(os.environ) if n != 'PATH'], list(os.environ)",
}
PROGRAM = """
import os
errors = []
def bad():
    for name in ("NONE", ""):
        try: os.environ[name]
        except KeyError as e: errors.append(e)
"""
EACH = """
def {name}(): return {expression}
os.environ["OTHER"], os.environ["TOKEN"] = "set before", "s3cret"
print("{name}", {name}())
print(sorted(os.environ.items()))
os.environ["TOKEN"], _ = "another", os.environ.pop("OTHER", None)
print("{name}", {name}())
print(sorted(os.environ.items()))
"""


def test_s2_variables_are_read_and_written_as_here(same: Promise) -> None:  # noqa: F811
    source = PROGRAM + "".join(EACH.format(name=f"f_{name}", expression=text) for name, text in READERS.items())
    units = [f"app.f_{name}" for name in READERS]
    result = same(source, select=",".join([*units, "app.bad"]), env={"TOKEN": SECRET, "LATIN": "\udce9"}, remote=units)
    assert {name: result.calls_remote(name) for name in units} == dict.fromkeys(units, 2)


def test_s2_a_library_that_reads_a_variable_when_it_is_imported_has_it(same: Promise, tmp_path: Path) -> None:  # noqa: F811
    library = "import os\nMODE = os.environ.get('LIB_MODE'), os.environ.get('NONE')\ndef mode(): return MODE, os.environ.get('LIB_MODE')\n"
    write_files(tmp_path / "site-packages", {"lib_with_mode.py": library})
    program = "import lib_with_mode\ndef f(): return lib_with_mode.mode()\nprint(f())\n"
    env = {"LIB_MODE": "fast", "PYTHONPATH": str(tmp_path / "site-packages")}
    same(program, select="app.f", env=env)


def test_s2_a_program_that_a_unit_may_start_has_all_of_it(same: Promise) -> None:  # noqa: F811
    program = """
        import os, subprocess
        def f(): return subprocess.run(["/bin/sh", "-c", "echo $TOKEN $LATER"], capture_output=True).stdout
        print(f())
        os.environ["LATER"] = "set later"
        print(f())
        """
    same(program, select="app.f", env={"TOKEN": SECRET}, options=["--allow", "subprocess"])


def test_threads_that_change_a_variable_that_is_read(same: Promise) -> None:  # noqa: F811
    program = """
        import os, threading
        def add(): os.environ["COUNT"] = str(int(os.environ["COUNT"]) + 1)
        os.environ["COUNT"] = "0"
        def work():
            for _ in range(10): add()
        threads = [threading.Thread(target=work) for _ in range(4)]
        for t in threads: t.start()
        for t in threads: t.join()
        print(os.environ["COUNT"])
        """
    same(program, select="app.add")


LOOKED_INTO = """
    import os, sys
    def quiet(x): return x + 1
    def reads(x): return len(os.environ["TOKEN"]) + x
    print(quiet(1), flush=True)
    sys.stdin.readline()
    print(reads(1), flush=True)
    sys.stdin.readline()
    """


def test_a_secret_is_in_no_process_of_a_unit_that_does_not_read_it(tmp_path: Path, cache: Path, program) -> None:  # type: ignore[no-untyped-def]  # noqa: F811
    root = write_files(tmp_path / "app", LOOKED_INTO)
    command = rewritten_command(Run(), "app.quiet,app.reads", tmp_path / "report.json")
    env = {**environment({}, cache), "TOKEN": SECRET}
    process = program.popen(command, cwd=root, env=env)
    assert process.stdout.readline() == "2\n"
    others = [pid for pid in program.processes() if pid != process.pid]
    assert len(others) == 2, "a zygote and a worker"
    for pid in others:
        assert SECRET.encode() not in Path(f"/proc/{pid}/environ").read_bytes()
        assert SECRET.encode() not in memory_of(pid)
    process.stdin.write("\n")
    process.stdin.flush()
    assert process.stdout.readline() == f"{len(SECRET) + 1}\n"
    assert sum(SECRET.encode() in memory_of(pid) for pid in others) == 1, "the worker that read it"
    process.stdin.write("\n")
    process.communicate(timeout=20)
    held = [path for folder in (tmp_path, cache) for path in folder.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
    assert held == []


def memory_of(pid: int) -> bytes:
    """Everything that a process can write to."""
    found = []
    try:
        with open(f"/proc/{pid}/mem", "rb", 0) as memory:
            for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
                begin, end, rights = re.match(r"(\w+)-(\w+) (\S+)", line).groups()  # type: ignore[union-attr]
                if rights.startswith("rw"):
                    memory.seek(int(begin, 16))
                    found.append(memory.read(int(end, 16) - int(begin, 16)))
    except PermissionError:
        pytest.skip("this user may not look into its own processes")
    return b"".join(found)


def test_no_core_is_written_of_a_unit(tmp_path: Path, cache: Path, program) -> None:  # type: ignore[no-untyped-def]  # noqa: F811
    said = program.run("""
        import resource
        resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
        pool.close()
        pool = new_pool()
        channel = pool.acquire()
        print(open(f"/proc/{channel.pid}/limits").read().partition("Max core file size")[2].split()[0])
        """)
    assert said == "0\n"


def test_what_is_on_its_way_to_the_zygote_can_be_looked_up_and_wiped() -> None:
    environ = {"A": "1", "AB": "2=3", "EMPTY": "", "LINES": "x\ny", "BYTES": "\udcff"}
    data = packed(environ)
    buffer = Buffer(data)
    assert buffer.ask(None) == {os.fsencode(name): os.fsencode(value) for name, value in environ.items()}
    assert [buffer.ask(name) for name in (b"A", b"AB", b"B", b"EMPTY", b"BYTES", b"A=1", b"AB=2", b"")] == [
        b"1", b"2=3", None, b"", b"\xff", None, None, None
    ]  # fmt: skip
    buffer.wipe()
    assert bytes(data) == bytes(len(data)) and buffer.ask(b"A") is None


def test_the_cache_is_the_users_alone(faasify: Callable[..., object], tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("def f(): return 1\nprint(f())\n")
    home = tmp_path / "cache"
    before = os.umask(0)
    try:
        faasify("run", "--select", "all", "app.py", cwd=tmp_path, env={"XDG_CACHE_HOME": str(home)})
    finally:
        os.umask(before)
    assert (home / "faasify").stat().st_mode & 0o077 == 0
