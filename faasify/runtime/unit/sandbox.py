"""`--sandbox`: workers without network and with a read-only file system, by what the kernel lets an ordinary user do.

    zygote   confine(tmp)  namespaces of its own for network and mounts, everything mounted read-only; where the kernel gives no namespaces:
                           Landlock against writing, and seccomp against sockets and changes of files' attributes
    worker   enter(tmp)    an empty folder in memory for temporary files, its own; no privileges; no system call that leads out of this

Both return what could not be had, a phrase for each, which the user is told. The guard stops all of this in Python already; the sandbox
is for code that the guard does not see. Layouts and numbers are those of the kernel's documentation (user_namespaces(7), landlock(7),
seccomp(2), mount_setattr(2)); everything goes through ctypes, because `os` has none of it on Python 3.11.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys

from faasify.runtime.unit import syscalls

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_CLONE_NEWNS, _CLONE_NEWIPC, _CLONE_NEWUSER, _CLONE_NEWNET = 0x20000, 0x08000000, 0x10000000, 0x40000000
_MS_NOSUID, _MS_NODEV, _MS_REC, _MS_PRIVATE = 2, 4, 16384, 1 << 18
_AT_FDCWD, _AT_RECURSIVE, _MOUNT_ATTR_RDONLY = -100, 0x8000, 1
_PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS, _SECCOMP_MODE_FILTER = 22, 38, 2
_EPERM = 1
_X86_64 = 0xC000003E
_TMP_SIZE = "size=64m,mode=700"

_OUTWARD = ("socket", "connect", "io_uring_setup")
_ESCAPES = (
    *("unshare", "setns", "mount", "umount2", "pivot_root", "mount_setattr", "open_tree", "move_mount", "fsopen", "fsconfig", "fsmount"),
    *("ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "bpf", "keyctl", "add_key"),
)
_ATTRIBUTES = (  # what Landlock lets through
    *("chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat", "utime", "utimes", "futimesat", "utimensat"),
    *("setxattr", "lsetxattr", "fsetxattr", "removexattr", "lremovexattr", "fremovexattr", "truncate"),
)
# Landlock's rights to change something, by the version that brought them: write, remove, make of each kind; refer; truncate.
_LANDLOCK_WRITES = {1: 0b1_1111_1111_0010, 2: 1 << 13, 3: 1 << 14}

_libc = ctypes.CDLL(None, use_errno=True)


class Refused(OSError):
    """The kernel does not let this user do it."""


def confine(tmp: str) -> list[str]:
    """Once in the zygote, before libraries are imported. `tmp`: a folder that a worker's temporary files can be put in place of."""
    global _namespaces
    try:
        os.mkdir(tmp, 0o700)
    except OSError:  # it is there, or there will be none
        pass
    groups = os.getgroups()
    if _in_a_child(_separate):
        _separate()
        _namespaces = True
        os.getgroups = lambda: list(groups)  # those that the namespace does not know would be shown as nobody's
        return []
    missing = []
    try:
        _landlock()
    except OSError as error:
        missing.append(f"a read-only file system ({error.strerror})")
    try:
        _filter((*_OUTWARD, *_ATTRIBUTES))
    except OSError as error:
        missing.append(f"a closed network ({error.strerror})")
    return missing


_namespaces = False


def enter(tmp: str) -> list[str]:
    """Once in each worker."""
    missing = []
    if _namespaces:
        try:
            _call(_libc.unshare, _CLONE_NEWNS)
            _call(_libc.mount, b"tmpfs", os.fsencode(tmp), b"tmpfs", _MS_NOSUID | _MS_NODEV, _TMP_SIZE.encode())
            os.putenv("TMPDIR", tmp)  # for code in C; os.environ shows the caller's
        except OSError as error:
            missing.append(f"a temporary folder of its own ({error.strerror})")
        _drop_privileges()
    try:
        _filter((*_OUTWARD, *_ESCAPES))
    except OSError as error:
        if _namespaces:
            missing.append(f"a filter of system calls ({error.strerror})")
    return missing


def _call(function: Callable[..., Any], *arguments: Any) -> int:
    result: int = function(*arguments)
    if result < 0:
        number = ctypes.get_errno()
        raise Refused(number, os.strerror(number))
    return result


def _syscall(name: str, *arguments: Any) -> int:
    number = syscalls.numbers().get(name)
    if number is None:
        raise Refused(0, f"{os.uname().machine} is not known")
    return _call(_libc.syscall, ctypes.c_long(number), *arguments)


def _in_a_child(do: Callable[[], None]) -> bool:
    """Whether it can be done; what goes wrong half-way is gone with the child."""
    pid = os.fork()
    if not pid:
        try:
            do()
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitpid(pid, 0)[1] == 0


def _separate() -> None:
    """Namespaces of our own, with all mounts read-only in them."""
    uid, gid = os.getuid(), os.getgid()
    wanted = _CLONE_NEWNS | _CLONE_NEWNET | _CLONE_NEWIPC
    try:
        _call(_libc.unshare, wanted)
    except Refused:
        _call(_libc.unshare, wanted | _CLONE_NEWUSER)
        for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text)
    _call(_libc.mount, None, b"/", None, _MS_REC | _MS_PRIVATE, None)
    attributes = ctypes.create_string_buffer(struct.pack("=QQQQ", _MOUNT_ATTR_RDONLY, 0, 0, 0), 32)
    _syscall("mount_setattr", _AT_FDCWD, b"/", _AT_RECURSIVE, attributes, ctypes.c_size_t(32))


def _landlock() -> None:
    """No file can be changed, made or removed any more; /dev/null can be written to."""
    version = _syscall("landlock_create_ruleset", None, ctypes.c_size_t(0), 1)
    writes = sum(bits for since, bits in _LANDLOCK_WRITES.items() if since <= version)
    rules = _syscall("landlock_create_ruleset", struct.pack("=Q", writes), ctypes.c_size_t(8), 0)
    try:
        null = os.open("/dev/null", getattr(os, "O_PATH", 0) | os.O_CLOEXEC)
        try:
            _syscall("landlock_add_rule", rules, 1, struct.pack("=Qi", 1 << 1, null), 0)
        finally:
            os.close(null)
        _no_new_privileges()
        _syscall("landlock_restrict_self", rules, 0)
    finally:
        os.close(rules)


def _no_new_privileges() -> None:
    _call(_libc.prctl, _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def _drop_privileges() -> None:
    """What root of a namespace may do, and root itself."""
    header, nothing = struct.pack("=Ii", 0x20080522, 0), bytes(24)
    try:
        _syscall("capset", header, nothing)
    except Refused:
        pass  # there were none


def _filter(names: tuple[str, ...]) -> None:
    """From here on these system calls fail with EPERM, in this process and all that come from it."""
    if not syscalls.architecture() or sys.maxsize < 2**32:
        raise Refused(0, f"{os.uname().machine} is not known")
    known = syscalls.numbers()
    program = _program(syscalls.architecture(), [known[name] for name in names if name in known])
    _no_new_privileges()
    buffer = ctypes.create_string_buffer(program, len(program))
    head = struct.pack("@HP", len(program) // 8, ctypes.addressof(buffer))
    _call(_libc.prctl, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, head, 0, 0)


def _program(architecture: int, denied: list[int]) -> bytes:
    """Classic BPF over struct seccomp_data {int nr; u32 arch; ...}: another architecture and the listed numbers are refused.

    One instruction is {u16 code; u8 jump if true; u8 jump if false; u32 operand}; the last two are "allow" and "refuse".
    """
    load, jump_equal, jump_not_less, give = 0x20, 0x15, 0x35, 0x06
    tests = [(jump_equal, number) for number in denied]
    if architecture == _X86_64:
        tests.append((jump_not_less, 0x40000000))  # the x32 calls have other numbers
    length = len(tests)
    code = [(load, 0, 0, 4), (jump_equal, 0, length + 2, architecture), (load, 0, 0, 0)]
    code += [(test, length - at, 0, operand) for at, (test, operand) in enumerate(tests)]
    code += [(give, 0, 0, 0x7FFF0000), (give, 0, 0, 0x00050000 | _EPERM)]
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in code)
