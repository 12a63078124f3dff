"""`--sandbox`, as an ordinary user, with kernels that have and lack what it needs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

ORDINARY = str(Path(__file__).with_name("ordinary.py"))
NAMESPACES, LANDLOCK, SECCOMP = "unshare", "landlock_create_ruleset", "seccomp"
HAS_NAMESPACES = subprocess.run([sys.executable, ORDINARY, "--", "/usr/bin/unshare", "-Urmn", "true"], capture_output=True).returncode == 0

TRIES = """
import json, os, socket, sys
sys.path.insert(0, sys.argv[1])
from faasify.runtime.unit import sandbox
tmp = os.getcwd() + "/tmp"
missing = sandbox.confine(tmp)
groups = os.getgroups()
if os.fork() == 0:
    missing += sandbox.enter(tmp)
    def tried(do):
        try: do()
        except OSError: return False
        return True
    done = {
        "read": tried(lambda: open("there").read()),
        "write to /dev/null": tried(lambda: open("/dev/null", "w").write("x")),
        "memory": tried(lambda: os.memfd_create("x")),
        "temporary file": tried(lambda: open(tmp + "/x", "w").write("x")),
        "open": tried(lambda: open("made", "w")), "append": tried(lambda: open("there", "a")),
        "mkdir": tried(lambda: os.mkdir("d")), "link": tried(lambda: os.symlink("there", "l")),
        "chmod": tried(lambda: os.chmod("there", 0o666)), "utime": tried(lambda: os.utime("there")),
        "chown": tried(lambda: os.chown("there", os.getuid(), os.getgid())),
        "attribute": tried(lambda: os.setxattr("there", "user.x", b"")), "truncate": tried(lambda: os.truncate("there", 0)),
        "rename": tried(lambda: os.rename("there", "moved")), "remove": tried(lambda: os.remove("moved") or os.remove("there")),
        "shell": os.system("echo > made 2>/dev/null") == 0,
        "tcp": tried(lambda: socket.socket().connect(("127.0.0.1", int(sys.argv[2])))),
        "unix": tried(lambda: socket.socket(socket.AF_UNIX).connect(sys.argv[3])),
    }
    print(json.dumps({"missing": missing, "done": done, "ids": [os.getuid(), os.getgid(), groups]}), flush=True)
    os._exit(0)
os.wait()
"""
READS = {"read", "write to /dev/null", "memory"}


@pytest.fixture
def folder() -> Iterator[Path]:
    """One that anybody can use: pytest's own are closed to others."""
    place = Path(tempfile.mkdtemp(prefix="faasify-test-"))
    place.chmod(0o777)
    yield place
    shutil.rmtree(place)


def as_ordinary(command: list[str], *, lacking: tuple[str, ...] = (), **options: Any) -> subprocess.CompletedProcess[str]:
    deny = ["deny", ",".join(lacking)] if lacking else []
    return subprocess.run([sys.executable, ORDINARY, *deny, "--", *command], capture_output=True, text=True, timeout=120, **options)


@pytest.fixture
def listening(folder: Path) -> Iterator[tuple[str, str]]:
    """A TCP port, and a Unix socket in a folder."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(socket.AF_UNIX) as unix:
        unix.bind(str(folder / "socket"))
        unix.listen()
        (folder / "socket").chmod(0o777)
        yield str(tcp.getsockname()[1]), str(folder / "socket")


def tried(folder: Path, listening: tuple[str, str], lacking: tuple[str, ...] = ()) -> dict[str, Any]:
    (folder / "there").write_text("content")
    os.chmod(folder / "there", 0o666)
    done = as_ordinary([sys.executable, "-c", TRIES, str(ROOT), *listening], lacking=lacking, cwd=folder)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def ids() -> list[Any]:
    """What the worker is to see of who it is: user, group, groups."""
    done = as_ordinary([sys.executable, "-c", "import json, os; print(json.dumps([os.getuid(), os.getgid(), os.getgroups()]))"])
    return json.loads(done.stdout)  # type: ignore[no-any-return]


@pytest.mark.skipif(not HAS_NAMESPACES, reason="this kernel gives an ordinary user no namespaces")
def test_with_namespaces_a_worker_can_read_and_has_a_temporary_folder_of_its_own(folder: Path, listening: tuple[str, str]) -> None:
    found = tried(folder, listening)
    assert found["missing"] == []
    assert {name for name, could in found["done"].items() if could} == READS | {"temporary file"}
    assert (folder / "there").read_text() == "content"
    assert found["ids"] == ids()
    assert list((folder / "tmp").iterdir()) == []


def test_where_there_are_no_namespaces_others_means_do_the_same(folder: Path, listening: tuple[str, str]) -> None:
    found = tried(folder, listening, (NAMESPACES,))
    if any("read-only" in text for text in found["missing"]):
        pytest.skip("this kernel has no Landlock")
    assert found["missing"] == []
    assert {name for name, could in found["done"].items() if could} == READS
    assert (folder / "there").read_text() == "content"


def test_what_the_kernel_does_not_give_is_told(folder: Path, listening: tuple[str, str]) -> None:
    found = tried(folder, listening, (NAMESPACES, LANDLOCK))
    assert found["missing"] == ["a read-only file system (Operation not permitted)"]
    assert not found["done"]["tcp"] and not found["done"]["unix"] and found["done"]["open"]


PROGRAM = """
import os, sys
seen = []
def f(x):
    seen.append(x)
    print("f", x)
    if x == 3: raise ValueError(x)
    return len(seen)
for x in range(5):
    try: print(f(x), seen)
    except ValueError as e: print("raised", e)
if len(sys.argv) > 1: open(sys.argv[1], "w").write("the program itself may")
"""


def run(folder: Path, *words: str, lacking: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    (folder / "app.py").write_text(PROGRAM)
    env = {
        **os.environ,
        "XDG_CACHE_HOME": str(folder / "cache"),
        "HOME": str(folder),
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    command = [sys.executable, "-P", "-m", "faasify", "run", "--select", "app.f", "--placement", "remote", *words]
    return as_ordinary(command, lacking=lacking, cwd=folder, env=env)


def test_a_program_in_the_sandbox_says_what_it_says_without(folder: Path) -> None:
    plain = as_ordinary([sys.executable, "app.py", "made"], cwd=_with_program(folder))
    (folder / "made").unlink()
    done = run(folder, "--sandbox", "--report", "report.json", "app.py", "made")
    assert (done.stdout, done.stderr, done.returncode) == (plain.stdout, "", 0)
    assert (folder / "made").read_text() == "the program itself may"
    report = json.loads((folder / "report.json").read_text())
    assert (report["units"]["app.f"]["calls_remote"], report["sandbox"]) == (5, {"lacks": ""})


def _with_program(folder: Path) -> Path:
    (folder / "app.py").write_text(PROGRAM)
    return folder


def test_a_kernel_that_lacks_it_is_said_in_one_line_and_the_program_runs(folder: Path) -> None:
    done = run(folder, "--sandbox", "--report", "report.json", "app.py", lacking=(NAMESPACES, LANDLOCK))
    said = "faasify: --sandbox: the kernel does not give this user's workers a read-only file system (Operation not permitted)\n"
    assert (done.stderr, done.stdout.count("\n")) == (said, 10)
    assert "read-only" in json.loads((folder / "report.json").read_text())["sandbox"]["lacks"]


def test_a_sandbox_and_an_allowed_effect_exclude_each_other(folder: Path) -> None:
    done = run(folder, "--sandbox", "--allow", "files", "app.py")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "faasify: --sandbox and --allow files exclude each other; take one of them away\n"
