"""Write into another process's socket, as if that process did: pidfd_getfd(2) hands out a copy of its descriptor."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

_PIDFD_OPEN, _PIDFD_GETFD = 434, 438  # the same number on every machine
_libc = ctypes.CDLL(None, use_errno=True)


def _syscall(*arguments: int) -> int:
    result: int = _libc.syscall(*map(ctypes.c_long, arguments))
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def sockets_of(pid: int) -> list[int]:
    found = []
    for link in Path(f"/proc/{pid}/fd").iterdir():
        if os.readlink(link).startswith("socket:"):
            found.append(int(link.name))
    return found


def write_as(pid: int, fd: int, data: bytes) -> None:
    """PermissionError where one may not trace the process."""
    process = _syscall(_PIDFD_OPEN, pid, 0)
    copy = _syscall(_PIDFD_GETFD, process, fd, 0)
    os.write(copy, data)
    os.close(copy)
    os.close(process)
