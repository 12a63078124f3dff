"""A program that runs holds its build: a shared lock (flock) on the manifest, which whoever removes builds asks for alone.

The lock belongs to an open file, so it outlasts `execve`, and ends with the last process that has the file open, however that ends.
"""

from __future__ import annotations

import fcntl
import os

MANIFEST = os.path.join(".faasify", "manifest.json")
FLOORS = (700, 200)  # as runtime/unit/descriptors.py, which takes longer to import than this may: the program does not meet it there
NOT_HELD = -1


def hold(build: str) -> int | None:
    """The descriptor that holds a build, handed on to what this process becomes. NOT_HELD: there are no locks there, or no descriptor is
    left; None: the build is gone, or goes just now."""
    try:
        file = os.open(os.path.join(build, MANIFEST), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError:
        return NOT_HELD
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return _lifted(file) if os.fstat(file).st_nlink else None
    except BlockingIOError:
        return None
    except OSError:
        return NOT_HELD
    finally:
        os.close(file)


def _lifted(file: int) -> int:
    for floor in FLOORS:
        try:
            return fcntl.fcntl(file, fcntl.F_DUPFD, floor)
        except OSError:  # few may be open
            pass
    return NOT_HELD


def remove(build: str) -> bool:
    """Remove a build, unless a program that runs holds it."""
    import shutil

    manifest = os.path.join(build, MANIFEST)
    try:
        file = os.open(manifest, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:  # half of one
        shutil.rmtree(build, ignore_errors=True)
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return False
    except OSError:  # there are no locks there
        pass
    try:
        os.unlink(manifest)  # first: who has opened it meanwhile sees that it is gone
    except OSError:
        pass
    shutil.rmtree(build, ignore_errors=True)
    os.close(file)
    return True
