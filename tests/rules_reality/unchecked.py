"""Described functions that are not called by the reality check, by reason; `module:*` stands for all of a module, `module:Class.*` of a class."""

from __future__ import annotations

_REASONS: dict[str, str] = {
    "would end or replace the process": """
        os:_exit os:abort os:execl os:execle os:execlp os:execlpe os:execv os:execve os:execvp os:execvpe
    """,
    "would fork": "os:fork os:forkpty os:register_at_fork multiprocessing:* multiprocessing.pool:* concurrent.futures:ProcessPoolExecutor.*",
    "would change who or what the whole machine or process is": """
        os:setuid os:setgid os:setsid os:setpgid os:nice os:setpriority os:sched_setaffinity os:killpg os:kill
        os:sync os:mknod time:clock_settime time:clock_settime_ns socket:sethostname
    """,
    "waits for a child process": "os:wait os:waitpid os:wait3 os:wait4",
    "crashes the interpreter when given an invalid handle": "time:pthread_getcpuclockid ctypes:*",
    "sends or waits for signals, which would end the check": """
        signal:alarm signal:setitimer signal:pause signal:raise_signal signal:pthread_kill signal:sigwait signal:sigpending
        signal:sigwaitinfo signal:sigtimedwait signal:pthread_sigmask signal:set_wakeup_fd signal:siginterrupt
    """,
    "needs a terminal": "curses:* os:ttyname os:tcgetpgrp os:openpty os:getlogin getpass:*",
    "needs a display": "tkinter:* turtle:*",
    "needs a peer on the network": """
        ftplib:* smtplib:* ssl:* urllib.request:* socketserver:* http.server:* logging.handlers:* select:*
        socket:socket.* socket:create_connection socket:create_server socket:getaddrinfo socket:gethostbyname
        socket:gethostbyname_ex socket:gethostbyaddr socket:getnameinfo socket:getfqdn socket:fromfd socket:socketpair
    """,
    "needs a running event loop": "asyncio:*",
    "reads or closes descriptors of the observer's own": """
        os:close os:read os:dup2 os:fchdir os:fdopen os:sendfile os:readv os:writev os:pread os:pwrite
        os:write os:closerange os:set_blocking os:set_inheritable os:ftruncate os:lseek os:fsync os:fdatasync
        sys:StandardOutput.close sys:StandardOutput.detach sys:StandardError.close sys:StandardError.detach
        sys:StandardInput.close sys:StandardInput.detach
    """,
    "cannot be undone in the process that checks": """
        sys:addaudithook sys:settrace sys:setprofile sys:activate_stack_trampoline sys:setdlopenflags threading:settrace threading:setprofile
        gc:freeze gc:unfreeze gc:set_debug
    """,
}


def listed() -> dict[str, str]:
    """{entry: reason}"""
    return {entry: reason for reason, entries in _REASONS.items() for entry in entries.split()}


def reason_for(path: str) -> str:
    """Why a function is not called; "" if it has to be."""
    entries = listed()
    module, _, qualname = path.partition(":")
    owner = qualname.rpartition(".")[0]
    return entries.get(path) or entries.get(f"{module}:*") or (entries.get(f"{module}:{owner}.*", "") if owner else "")
