"""Numbers of Linux system calls, which ctypes needs where the C library has no function: `numbers()["landlock_create_ruleset"]` is 444."""

from __future__ import annotations

import os

# Newer calls have one number on every machine.
_COMMON = """
io_uring_setup 425 open_tree 428 move_mount 429 fsopen 430 fsconfig 431 fsmount 432 pidfd_getfd 438 mount_setattr 442
landlock_create_ruleset 444 landlock_add_rule 445 landlock_restrict_self 446 fchmodat2 452
"""
# By the name that uname(2) tells: the machine's number in seccomp filters (AUDIT_ARCH_*), and its own calls.
_MACHINES = {
    "x86_64": (
        0xC000003E,
        """
        socket 41 connect 42 unshare 272 setns 308 mount 165 umount2 166 pivot_root 155 capset 126 bpf 321 keyctl 250 add_key 248
        ptrace 101 process_vm_readv 310 process_vm_writev 311 truncate 76 utime 132 utimes 235 futimesat 261 utimensat 280
        chmod 90 fchmod 91 fchmodat 268 chown 92 fchown 93 lchown 94 fchownat 260
        setxattr 188 lsetxattr 189 fsetxattr 190 removexattr 197 lremovexattr 198 fremovexattr 199
        """,
    ),
    "aarch64": (
        0xC00000B7,
        """
        socket 198 connect 203 unshare 97 setns 268 mount 40 umount2 39 pivot_root 41 capset 91 bpf 280 keyctl 219 add_key 217
        ptrace 117 process_vm_readv 270 process_vm_writev 271 truncate 45 utimensat 88
        fchmod 52 fchmodat 53 fchown 55 fchownat 54
        setxattr 5 lsetxattr 6 fsetxattr 7 removexattr 14 lremovexattr 15 fremovexattr 16
        """,
    ),
}


def architecture() -> int:
    """Of this machine, as seccomp knows it; 0 for one that is not in the table."""
    return _MACHINES.get(os.uname().machine, (0, ""))[0]


def numbers() -> dict[str, int]:
    """Of this machine."""
    words = (_COMMON + _MACHINES.get(os.uname().machine, (0, ""))[1]).split()
    return dict(zip(words[::2], map(int, words[1::2]), strict=True))
