"""Described functions that the reality check does not call, or whose stub says something else on purpose: each with its reason.

In both tables `module:*` stands for all of a module, `module:Class.*` for all of a class.
"""

from __future__ import annotations

_REASONS: dict[str, str] = {
    "would end or replace the process": """
        os:_exit os:abort os:execl os:execle os:execlp os:execlpe os:execv os:execve os:execvp os:execvpe
    """,
    "would fork": """
        os:fork os:forkpty os:register_at_fork multiprocessing:* multiprocessing.pool:* concurrent.futures:ProcessPoolExecutor.*
    """,
    "would change who or what the whole machine or process is": """
        os:setuid os:setgid os:setsid os:setpgid os:nice os:setpriority os:sched_setaffinity os:killpg os:kill
        os:sync os:mknod time:clock_settime time:clock_settime_ns
    """,
    "waits for a child process": "os:wait os:waitpid os:wait3 os:wait4",
    "crashes the interpreter when given an invalid handle": "time:pthread_getcpuclockid ctypes:*",
    "sends or waits for signals, which would end the check": """
        signal:alarm signal:setitimer signal:pause signal:raise_signal signal:pthread_kill signal:sigwait
        signal:pthread_sigmask signal:set_wakeup_fd
    """,
    "needs a terminal": "readline:* curses:* os:ttyname os:tcgetpgrp os:openpty os:getlogin getpass:*",
    "needs a display": "tkinter:* turtle:*",
    "needs a peer on the network": """
        ftplib:* smtplib:* ssl:* urllib.request:* socketserver:* http.server:* logging.handlers:* select:*
        socket:socket.* socket:create_connection socket:create_server socket:getaddrinfo socket:gethostbyname
        socket:gethostbyaddr socket:getnameinfo socket:getfqdn socket:fromfd socket:socketpair
    """,
    "needs a running event loop": """
        asyncio:Queue.* asyncio:PriorityQueue.* asyncio:LifoQueue.* asyncio:Lock.* asyncio:Event.* asyncio:Condition.*
        asyncio:Semaphore.* asyncio:BoundedSemaphore.* asyncio:Future.* asyncio:Task.* asyncio:TaskGroup.* asyncio:Runner.*
        asyncio:AbstractEventLoop.* asyncio:run asyncio:get_event_loop asyncio:new_event_loop asyncio:set_event_loop
        asyncio:get_running_loop asyncio:create_task asyncio:ensure_future asyncio:gather asyncio:wait asyncio:wait_for
        asyncio:as_completed asyncio:shield asyncio:run_coroutine_threadsafe asyncio:to_thread asyncio:timeout
        asyncio:timeout_at asyncio:open_connection asyncio:start_server asyncio:create_subprocess_exec
        asyncio:create_subprocess_shell asyncio:current_task asyncio:all_tasks asyncio:wrap_future asyncio:sleep
    """,
    "reads or closes descriptors of the observer's own": """
        os:close os:read os:dup2 os:fchdir os:fdopen os:sendfile os:readv os:writev os:pread os:pwrite
        os:write os:set_blocking os:set_inheritable os:ftruncate os:lseek os:fsync os:fdatasync
        sys:StandardOutput.close sys:StandardOutput.detach sys:StandardError.close sys:StandardError.detach
        sys:StandardInput.close sys:StandardInput.detach
    """,
    "cannot be undone in the process that checks": """
        sys:addaudithook sys:settrace sys:setprofile sys:activate_stack_trampoline sys:setdlopenflags
        threading:settrace threading:setprofile gc:freeze gc:set_debug
    """,
    "always raises, or raises what it is given": """
        builtins:generator.throw builtins:coroutine.throw json:JSONEncoder.default random:SystemRandom.setstate
        random:SystemRandom.getstate typing:assert_never unittest:TestCase.fail unittest:TestCase.skipTest
        signal:default_int_handler
        numpy:generic.choose numpy:generic.diagonal numpy:generic.nonzero numpy:generic.searchsorted
        numpy:generic.setfield numpy:generic.sort numpy:generic.swapaxes numpy:generic.trace
    """,
    "is of a class whose instances cannot be made by calling it": """
        types:GeneratorType.__init__ types:CoroutineType.__init__ types:BuiltinFunctionType.__init__ types:BuiltinMethodType.__init__
        types:FrameType.__init__ types:CodeType.__init__ types:UnionType.__init__ types:MethodWrapperType.__init__
        types:WrapperDescriptorType.__init__ types:GetSetDescriptorType.__init__ types:MemberDescriptorType.__init__
        types:AsyncGeneratorType.__init__ types:TracebackType.__init__ enum:Enum.__init__
    """,
    "needs a class of a program": """
        builtins:object.__setattr__ builtins:object.__delattr__ builtins:tuple._replace builtins:tuple._make builtins:tuple._asdict
        enum:Flag.* operator:matmul operator:imatmul unittest:TestCase.id enum:global_enum
    """,
    "asks the person at the terminal, until answered": """
        builtins:breakpoint sys:breakpointhook builtins:license doctest:debug
    """,
    "needs a running child": "subprocess:Popen.*",
    "needs another thread": """
        concurrent.futures:Future.result concurrent.futures:Future.exception threading:Event.wait threading:Condition.wait
    """,
    "needs an exception that nobody caught": """
        sys:unraisablehook threading:excepthook traceback:print_last inspect:getinnerframes dis:distb
    """,
    "needs a locale that is not installed everywhere": "locale:resetlocale locale:currency",
    "needs a file system with extended attributes": "os:getxattr os:setxattr",
    "needs a terminal's size": "os:get_terminal_size",
    "imports every module that it finds": "unittest:TestLoader.discover",
    "raises the audit event that it is told to": "sys:audit",
}


# where a stub says something that no sample shows, or that is not so, by reason
_DIFFERENT: dict[str, str] = {
    "the analysis takes a wrapper for what it wraps": """
        builtins:property.setter builtins:property.getter builtins:property.deleter functools:cache functools:lru_cache
        functools:singledispatch functools:singledispatchmethod.register functools:cmp_to_key
        contextlib:contextmanager contextlib:asynccontextmanager
        contextlib:ContextDecorator.__call__ enum:member enum:nonmember types:coroutine typing:NewType typing:overload
        abc:abstractclassmethod abc:abstractstaticmethod
    """,
    "the analysis takes it for the value that the instances will have": "dataclasses:field",
    "the analysis takes an equal instance of the same class for the old one": "dataclasses:replace",
    "charged where the object is made: the analysis does not see which file it goes on with": """
        csv:reader csv:writer csv:DictReader.__init__ csv:DictWriter.__init__
    """,
    "an object of native code that shows nothing of its state": """
        numpy:nditer.__next__ re:Matches.__next__ csv:Reader.__next__ csv:Writer.writerow csv:Writer.writerows
        builtins:async_generator.__anext__ builtins:async_generator.athrow builtins:async_generator.aclose builtins:async_generator.asend
    """,
    "happens when the generator is advanced": "graphlib:TopologicalSorter.static_order",
    "happens when the exception is raised and nobody catches it": "builtins:SystemExit.__init__",
    "only arrays and classes of programs have it in place": """
        operator:ifloordiv operator:ilshift operator:imod operator:ipow operator:irshift operator:itruediv
    """,
    "makes the logger that whoever asks for it next would make": "logging:getLogger logging:Logger.getChild",
    "prints only of tests that fail": "doctest:testmod doctest:testfile",
    "exits only if told to": "unittest:main",
    "keeps the mapping itself: memory that they share is seen of arrays": "collections:ChainMap.__init__",
    "a scalar comes of an array of complex numbers without dimensions": "numpy:ndarray.conj numpy:ndarray.conjugate",
    "numpy 2.4 does not write to the array that it is given": "numpy.fft:hfft numpy.fft:ifft2 numpy.fft:irfft2",
    "asks only when called without a request": "builtins:help",
}


def listed() -> dict[str, str]:
    """{entry: reason}, of those that are not called"""
    return {entry: reason for reason, entries in _REASONS.items() for entry in entries.split()}


def different() -> dict[str, str]:
    """{entry: reason}, of those whose stub differs from what is seen"""
    return {entry: reason for reason, entries in _DIFFERENT.items() for entry in entries.split()}


def reason_for(path: str) -> str:
    """Why a function is not called; "" if it has to be."""
    return _entry(path, listed())


def difference(path: str) -> str:
    """Why a stub may differ from what is seen; "" if it must not."""
    return _entry(path, different())


def _entry(path: str, entries: dict[str, str]) -> str:
    module, _, qualname = path.partition(":")
    owner = qualname.rpartition(".")[0]
    return entries.get(path) or entries.get(f"{module}:*") or (entries.get(f"{module}:{owner}.*", "") if owner else "")
