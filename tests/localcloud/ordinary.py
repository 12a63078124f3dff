"""`python ordinary.py [deny NAME,...] -- COMMAND...`: run a command as an ordinary user, and as a kernel would that lacks system calls.

Root becomes `nobody`, for whom folders that only root may enter (the interpreter may lie below /root) are made passable in a mount
namespace of the command's own: what it needs of them is mounted in their place. FAASIFY_TEST_FOLDERS names what it needs besides.
"""

from __future__ import annotations

import ctypes
import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOBODY = 65534
BIND, MOVE, REC, PRIVATE = 4096, 8192, 16384, 1 << 18
libc = ctypes.CDLL(None, use_errno=True)


def mount(source: str | None, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    encoded = [None if text is None else os.fsencode(text) for text in (source, target, kind, data)]
    if libc.mount(*encoded[:3], flags, encoded[3]):
        raise OSError(ctypes.get_errno(), f"mount {source} {target}")


def closed(folder: Path) -> Path | None:
    """The outermost folder above (or it) that others may not enter."""
    return next((each for each in [*reversed(folder.parents), folder] if not each.stat().st_mode & 0o001), None)


def open_up(folders: list[Path]) -> None:
    libc.unshare(0x20000)
    mount(None, "/", None, REC | PRIVATE)
    held = {}
    for folder in folders:
        if closed(folder) is not None:
            held[folder] = tempfile.mkdtemp()
            mount(str(folder), held[folder], None, BIND | REC)
    for door in {closed(folder) for folder in held} - {None}:
        mount("tmpfs", str(door), "tmpfs", 0, "mode=755")
    for folder, place in held.items():
        folder.mkdir(parents=True, exist_ok=True)
        mount(place, str(folder), None, MOVE)
        os.chmod(folder, os.stat(folder).st_mode | 0o055)


def main() -> None:
    at = sys.argv.index("--")
    options, command = sys.argv[1:at], sys.argv[at + 1 :]
    if os.getuid() == 0:
        extra = filter(None, os.environ.get("FAASIFY_TEST_FOLDERS", "").split(os.pathsep))
        open_up(sorted({Path(os.path.realpath(p)) for p in (sys.base_prefix, sys.prefix, str(ROOT), *extra)}))
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    if options:
        sys.path.insert(0, str(ROOT))
        from faasify.runtime.unit import sandbox

        sandbox._filter(tuple(options[1].split(",")))
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
