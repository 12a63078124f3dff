"""The guard: every effect ends the call before it happens, whatever the program catches; what is harmless goes on.

One process for all snippets installs the guard and forks a child for each, as a zygote does.
"""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]

ZYGOTE = r"""
import sys
sys.path.insert(0, sys.argv[1])
from faasify.runtime.unit import guard
guard.install((sys.argv[2],))
import os, json, traceback
import argparse, array, asyncio, atexit, collections, concurrent.futures, contextlib, copy, ctypes, dataclasses, datetime, decimal, enum
import faulthandler, fcntl, fractions, functools, gc, glob, inspect, io, itertools, locale, logging, mmap, multiprocessing, pathlib, pickle
import random, re, resource, select, shutil, signal, socket, sqlite3, string, subprocess, tempfile, termios, threading, time, types, typing
import uuid, warnings, weakref
guard.settle()

def child(task, out):
    def abort(kind, what):
        out({"kind": kind, "what": what})
        os._exit(0)

    code = compile(task["code"], task["file"], "exec")
    names = {"__name__": task.get("name", "app"), "os": os, "sys": sys, "DIR": task["dir"]}
    os.chdir(task["dir"])
    sys.path.insert(0, sys.argv[2])
    for line in task["before"]:
        exec(line, names)
    guard.arm(abort, allow=frozenset(task["allow"]), program_files=frozenset([task["file"]]))
    try:
        exec(code, names)
        result = {"kind": "", "result": repr(names.get("r"))}
    except BaseException as error:
        result = {"kind": "", "error": "".join(traceback.format_exception(error))}
    guard.disarm()
    out(result)
    os._exit(0)

for line in sys.stdin:
    task = json.loads(line)
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        child(task, lambda told: os.write(write, json.dumps(told).encode()))
    os.close(write)
    with os.fdopen(read) as answer:
        told = answer.read()
    status = os.waitpid(pid, 0)[1]
    print(json.dumps([told, status]), flush=True)
"""


class Zygote:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.process = subprocess.Popen(
            [sys.executable, "-c", ZYGOTE, str(ROOT), str(root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, code: str, *, allow: tuple[str, ...] = (), before: tuple[str, ...] = (), **more: str) -> dict[str, Any]:
        """{"kind": ..., "what": ...} of the abort, or {"kind": "", "result": repr(r)} or {"kind": "", "error": traceback}."""
        folder = self.root / "data"
        folder.mkdir(exist_ok=True)
        task = {"code": textwrap.dedent(code), "allow": allow, "before": before, "file": str(self.root / "app.py"), "dir": str(folder)}
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps(task | more) + "\n")
        self.process.stdin.flush()
        told, status = json.loads(self.process.stdout.readline())
        assert status == 0 and told, (status, told)
        answer: dict[str, Any] = json.loads(told)
        return answer


@pytest.fixture(scope="module")
def zygote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zygote]:
    root = tmp_path_factory.mktemp("program")
    (root / "helper.py").write_text("print('top level of a program module')")
    (root / "data").mkdir()
    (root / "data" / "old").write_text("old")
    started = Zygote(root)
    yield started
    started.process.communicate()


EFFECTS = [
    # facts/cpython.md, what CPython announces
    ("files", "open(DIR + '/new', 'w')"),
    ("files", "open(DIR + '/old').read()"),
    ("files", "os.open(DIR + '/new', os.O_CREAT | os.O_WRONLY)"),
    ("files", "os.mkdir(DIR + '/new')"),
    ("files", "os.rename(DIR + '/old', DIR + '/new')"),
    ("files", "os.remove(DIR + '/old')"),
    ("files", "os.listdir(DIR)"),
    ("files", "list(os.scandir(DIR))"),
    ("files", "import pathlib; pathlib.Path(DIR, 'new').write_text('x')"),
    ("files", "import pathlib; list(pathlib.Path(DIR).iterdir())"),
    ("files", "import glob; glob.glob(DIR + '/*')"),
    ("files", "import shutil; shutil.rmtree(DIR)"),
    ("cwd", "import tempfile; tempfile.mkstemp()"),
    ("files", "import sqlite3; sqlite3.connect(':memory:')"),
    ("files", "import mmap; mmap.mmap(-1, 10)"),
    ("files", "import linecache; linecache.getlines(DIR + '/old')"),
    ("files", "import linecache, shutil; shutil.copy(DIR + '/old', DIR + '/new')"),
    ("files", "import importlib.machinery as m; m.SourceFileLoader('x', DIR + '/old').get_data(DIR + '/old')"),
    ("cwd", "os.chdir('/')"),
    ("settings", "os.putenv('NEW', '1')"),
    ("processes", "os.kill(os.getpid(), 0)"),
    ("signals", "import signal; signal.getsignal(2)"),
    ("processes", "os.fork()"),
    ("processes", "os.execv('/bin/true', ['true'])"),
    ("subprocess", "os.system('true')"),
    ("subprocess", "import subprocess; subprocess.run(['true'])"),
    ("descriptors", "import multiprocessing as m; m.get_context('fork').Process(target=print).start()"),
    ("processes", "import multiprocessing as m; m.Lock()"),
    ("network", "import socket; socket.socket()"),
    ("network", "import socket; socket.socketpair()"),
    ("network", "import socket; socket.gethostname()"),
    ("network", "import socket; socket.setdefaulttimeout(3)"),
    ("network", "import urllib.request; urllib.request.urlopen('http://localhost:1')"),
    ("descriptors", "import asyncio; asyncio.run(asyncio.sleep(0))"),
    ("ctypes", "import ctypes; ctypes.CDLL(None)"),
    ("settings", "sys.settrace(lambda *a: None)"),
    ("settings", "sys.setprofile(lambda *a: None)"),
    ("settings", "sys.addaudithook(lambda *a: None)"),
    ("other", "sys.audit('brand.new')"),
    ("introspection", "sys._getframe()"),
    ("introspection", "exec('import sys; sys._getframe()', {})"),
    ("introspection", "import inspect; inspect.currentframe()"),
    ("introspection", "import inspect; inspect.stack()"),
    ("introspection", "import traceback; traceback.extract_stack()"),
    ("introspection", "import traceback; traceback.print_stack()"),
    ("introspection", "try: 1/0\nexcept ZeroDivisionError as e: e.__traceback__.tb_frame.f_back"),
    ("introspection", "import traceback\ntry: 1/0\nexcept ZeroDivisionError as e: next(traceback.walk_tb(e.__traceback__))"),
    ("introspection", "(i for i in ()).gi_frame"),
    ("introspection", "import gc; gc.get_objects()"),
    ("introspection", "sys._current_frames()"),
    ("introspection", "breakpoint()"),
    ("identity", "import builtins; getattr(builtins, 'i' + 'd')(DIR)"),
    ("identity", "import builtins; sorted([[]], key=getattr(builtins, 'i' + 'd'))"),
    ("identity", "class K:\n    def __hash__(self): self.h = hash(object()); return 1\n{K()}"),
    ("stdin", "input()"),
    # and what it does not
    ("threads", "import threading; threading.Thread(target=print).start()"),
    ("threads", "import _thread; _thread.start_new_thread(print, ())"),
    ("threads", "import concurrent.futures as c; c.ThreadPoolExecutor(1).submit(print)"),
    ("threads", "import threading; threading.Timer(0, print).start()"),
    ("signals", "import signal; signal.signal(signal.SIGALRM, signal.SIG_IGN)"),
    ("signals", "import signal; signal.alarm(1)"),
    ("signals", "import signal; signal.setitimer(signal.ITIMER_REAL, 1)"),
    ("signals", "import signal; signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])"),
    ("signals", "import signal; signal.raise_signal(signal.SIGALRM)"),
    ("signals", "import faulthandler; faulthandler.enable()"),
    ("exit", "import atexit; atexit.register(print)"),
    ("exit", "import weakref; r = type('C', (), {})(); weakref.finalize(r, print)"),
    ("exit", "os._exit(3)"),
    ("exit", "os.abort()"),
    ("settings", "sys.setrecursionlimit(5000)"),
    ("settings", "sys.setswitchinterval(1)"),
    ("settings", "sys.set_int_max_str_digits(0)"),
    ("locale", "import locale; locale.setlocale(locale.LC_ALL, 'C')"),
    ("settings", "import gc; gc.disable()"),
    ("settings", "import gc; gc.freeze()"),
    ("settings", "import gc; gc.set_threshold(1)"),
    ("settings", "import time; time.tzset()"),
    ("settings", "import codecs; codecs.register(lambda name: None)"),
    ("settings", "import codecs; codecs.register_error('mine', lambda e: ('', 1))"),
    ("settings", "import collections.abc as c; c.Sequence.register(int)"),
    ("descriptors", "os.write(1, b'x')"),
    ("descriptors", "os.pwrite(1, b'x', 0)"),
    ("descriptors", "os.writev(1, [b'x'])"),
    ("descriptors", "os.sendfile(1, 0, 0, 1)"),
    ("descriptors", "os.read(0, 1)"),
    ("descriptors", "os.dup(1)"),
    ("descriptors", "os.dup2(1, 2)"),
    ("descriptors", "os.close(1)"),
    ("descriptors", "os.pipe()"),
    ("descriptors", "os.isatty(1)"),
    ("descriptors", "os.get_terminal_size()"),
    ("descriptors", "os.fstat(1)"),
    ("descriptors", "open(1, 'w')"),
    ("descriptors", "import io; io.FileIO(1, 'w', closefd=False)"),
    ("descriptors", "import select; select.select([0], [], [], 0)"),
    ("descriptors", "import select; select.poll()"),
    ("descriptors", "import select; select.epoll()"),
    ("descriptors", "import fcntl; fcntl.fcntl(1, fcntl.F_GETFL)"),
    ("descriptors", "import termios; termios.tcgetattr(0)"),
    ("files", "os.stat('/')"),
    ("files", "os.lstat('/')"),
    ("files", "os.access('/', os.R_OK)"),
    ("files", "os.readlink('/proc/self/exe')"),
    ("files", "os.path.exists('/')"),
    ("files", "(lambda table: table['size'](DIR + '/old'))({'size': os.path.getsize})"),
    ("files", "import posix; posix.stat('/')"),
    ("files", "from os import stat; stat('/')"),
    ("files", "os.mkfifo(DIR + '/new')"),
    ("files", "os.mknod(DIR + '/new')"),
    ("cwd", "os.getcwd()"),
    ("cwd", "os.path.abspath('x')"),
    ("settings", "os.umask(0)"),
    ("processes", "os.setpriority(os.PRIO_PROCESS, 0, 19)"),
    ("processes", "os.nice(1)"),
    ("processes", "import resource; resource.getrusage(resource.RUSAGE_SELF)"),
    ("processes", "import resource; resource.setrlimit(resource.RLIMIT_CORE, (0, 0))"),
    ("logging", "import logging; logging.shutdown()"),
    ("logging", "import logging; logging.captureWarnings(True)"),
    ("logging", "import logging; logging.setLoggerClass(logging.Logger)"),
    ("introspection", "import logging; logging.warning('x', stack_info=True)"),
    ("introspection", "import logging; logging.basicConfig(); logging.warning('%d', 'not a number')"),
    ("descriptors", "import shutil; os.environ['COLUMNS'] = '80'; os.environ.pop('LINES', 0); shutil.get_terminal_size()"),
    ("introspection", "import warnings; warnings.warn('about the caller', stacklevel=99)"),
    ("import", "import helper"),
    ("import", "import importlib; importlib.import_module('helper')"),
    ("import", "__import__('helper')"),
]

SWALLOWED = "try:\n{body}\nexcept BaseException:\n    r = 'swallowed'\nfinally:\n    r = 'finished'"


@pytest.mark.parametrize(("kind", "code"), EFFECTS, ids=[code[:60] for _, code in EFFECTS])
def test_an_effect_ends_the_call_before_it_happens(zygote: Zygote, kind: str, code: str) -> None:
    for form in (code, SWALLOWED.format(body=textwrap.indent(code, "    "))):
        assert zygote.run(form)["kind"] == kind, zygote.run(form)
    assert [(found.name, found.read_text()) for found in (zygote.root / "data").iterdir()] == [("old", "old")]


CORNERS = {
    "in __del__": "class A:\n    def __del__(self): open(DIR + '/new', 'w')\nA()",
    "in a callback of gc": "import gc\ngc.callbacks.append(lambda *a: os.stat('/'))\ngc.collect()",
    "in a key function": "sorted([2, 1], key=lambda x: os.stat('/') and x)",
    "through map": "list(map(os.stat, ['/']))",
    "through functools.partial": "import functools; functools.partial(os.stat, '/')()",
    "through a method table": "class A:\n    look = os.stat\nA().look('/')",
    "through pickle": "import pickle; pickle.loads(b'cposix\\nstat\\n(S\"/\"\\ntR.')",
    "by the builtin of another module": "import shutil; shutil.os.stat('/')",
    "with no stack left": "def f():\n    try: f()\n    except RecursionError: os.stat('/')\nf()",
}


@pytest.mark.parametrize("code", CORNERS.values(), ids=CORNERS)
def test_an_effect_from_an_odd_place_ends_the_call_too(zygote: Zygote, code: str) -> None:
    assert zygote.run(code)["kind"] == "files"


HARMLESS = {
    "imports of libraries": "import json, decimal, random, wave, html.parser, xml.etree.ElementTree, csv, calendar; r = wave.__name__",
    "an import of what is nowhere": "try:\n    import not_there_at_all\nexcept ImportError as e:\n    r = e.name",
    "imports that make namedtuples and locks": "import queue, sched, cmd, code, pdb, tarfile, zipfile, platform",
    "namedtuple": "import collections; r = collections.namedtuple('P', 'x y')(1, 2)",
    "typing.NamedTuple": "import typing; r = typing.NamedTuple('P', [('x', int)])(1)",
    "dataclass": "import dataclasses; r = dataclasses.make_dataclass('D', ['x'])(1)",
    "enum": "import enum; r = enum.Enum('E', 'A B').A; enum.IntFlag('F', 'X').X | 0",
    "TypeVar, NewType": "import typing; typing.TypeVar('T'), typing.NewType('N', int), typing.TypedDict('TD', {'a': int})",
    "abstract classes": "import abc\nclass A(abc.ABC):\n    pass\nr = isinstance(3, A)",
    "re": "import re; r = re.sub(r'(\\w)x', r'\\1', 'axbx')",
    "format_exc": "import traceback\ntry: 1/0\nexcept ZeroDivisionError: r = traceback.format_exc()",
    "format_exc of a library's frame": "import traceback, json\ntry: json.loads('{')\nexcept ValueError: r = traceback.format_exc()",
    "extract_tb": "import traceback\ntry: 1/0\nexcept ZeroDivisionError as e: r = traceback.extract_tb(e.__traceback__)[0].lineno",
    "print_exc": "import traceback, io\ntry: 1/0\nexcept ZeroDivisionError: traceback.print_exc(file=io.StringIO())",
    "formatting": "r = f'{1.5:>8.2f} {\"x\"!r} {1000:,}' + '%s' % 3 + '{}'.format(4)",
    "clock": "import time, datetime; time.sleep(0); time.time(); time.monotonic(); datetime.datetime.now(); time.strptime('3', '%H')",
    "entropy": "import random, uuid, secrets; random.random(); uuid.uuid4(); os.urandom(3); secrets.token_hex(); secrets.randbelow(9)",
    "sorted": "r = sorted('cab', key=str.upper)",
    "exec and eval": "exec('x = 1 + 1'); r = eval('x')",
    "deepcopy": "import copy; r = copy.deepcopy({'a': [1]})",
    "pickle": "import pickle, datetime; r = pickle.loads(pickle.dumps([datetime.date(1, 1, 1), {1}]))",
    "json": "import json; r = json.loads(json.dumps({'a': [1.5, None]}))",
    "decimal context": "import decimal\nwith decimal.localcontext() as c:\n    c.prec = 3; r = decimal.Decimal(1) / 3",
    "terminal size from the environment": "import shutil; os.environ.update(COLUMNS='80', LINES='9'); r = shutil.get_terminal_size()",
    "environment": "os.environ['A'] = 'b'; del os.environ['A']; r = os.environ.get('HOME')",
    "paths": "import pathlib; r = os.path.join('a', 'b'), os.path.normpath('a/../b'), pathlib.Path('a') / 'b', pathlib.Path('a').suffix",
    "StringIO, BytesIO": "import io; io.StringIO('x').read(); io.TextIOWrapper(io.BytesIO(b'x')).read()",
    "redirect_stdout": "import io, contextlib\nwith contextlib.redirect_stdout(io.StringIO()) as out:\n    print('x')\nr = out.getvalue()",
    "gc.collect": "import gc; gc.collect()",
    "locks and conditions": "import threading\nwith threading.Lock(), threading.RLock(): r = threading.current_thread().name",
    "queries": "import locale; locale.setlocale(locale.LC_ALL); locale.localeconv(); sys.getrecursionlimit()",
    "ZoneInfo": "import zoneinfo, datetime; r = datetime.datetime(2020, 7, 1, tzinfo=zoneinfo.ZoneInfo('Europe/Berlin')).utcoffset()",
    "argparse, which asks gettext": "import argparse; p = argparse.ArgumentParser(prog='p'); p.add_argument('x'); p.parse_args(['1'])",
    "a warning that is hidden": "import warnings; warnings.warn('old', DeprecationWarning)",
    "a warning that is shown": "import warnings, io; sys.stderr = io.StringIO(); warnings.warn('x'); r = sys.stderr.getvalue()",
    "a log record": "import logging, io; s = io.StringIO(); logging.basicConfig(stream=s); logging.error('x'); r = s.getvalue()",
    "a warning that is recorded": "import warnings\nwith warnings.catch_warnings(record=True) as w:\n    warnings.warn('x')\nr = len(w)",
    "a lru_cache, a partial": "import functools; r = functools.lru_cache(lambda x: functools.partial(pow, x)(2))(3)",
    "generators, coroutines": "async def f(): return 3\ntry: f().send(None)\nexcept StopIteration as e: r = e.value",
    "inspect.signature": "import inspect; r = inspect.signature(lambda a, *, b=1: 0)",
    "weakrefs": "import weakref; r = weakref.ref(type('C', (), {})())()",
    "a hash that only the interpreter is told": "class K:\n    def __hash__(self): return hash((1, object()))\nr = len({K()})",
    "hash and checksums": "import hashlib, zlib, base64; r = hashlib.sha256(b'x').hexdigest(), zlib.crc32(b'x'), base64.b64encode(b'x')",
    "code objects": "def f(): pass\nf.__code__ = f.__code__.replace(co_name='g'); f.__defaults__ = (); r = f.__code__.co_name",
}


@pytest.mark.parametrize("code", HARMLESS.values(), ids=HARMLESS)
def test_what_is_no_effect_goes_on(zygote: Zygote, code: str) -> None:
    told = zygote.run(code)
    assert not told["kind"] and "error" not in told, told


def test_numpy_goes_on(zygote: Zygote) -> None:
    pytest.importorskip("numpy")
    told = zygote.run("r = numpy.arange(3).sum()", before=("import numpy",))  # importing it sets a variable of the environment
    assert not told["kind"] and "error" not in told, told


def test_allowed_kinds_and_names_go_ahead(zygote: Zygote) -> None:
    assert zygote.run("r = open(DIR + '/old').read()", allow=("files",))["result"] == "'old'"
    assert zygote.run("r = os.getcwd() == DIR", allow=("os.getcwd",))["result"] == "True"
    assert zygote.run("os.chdir('/')", allow=("os.getcwd",))["kind"] == "cwd"
    assert "hi" in zygote.run("import subprocess; r = subprocess.run(['echo', 'hi'], capture_output=True)", allow=("subprocess",))["result"]


def test_program_modules_are_not_imported_even_when_files_are_allowed(zygote: Zygote) -> None:
    assert zygote.run("import helper", allow=("files",)) == {"kind": "import", "what": "import 'helper'"}


def test_a_program_installed_in_an_environment_is_told_from_its_libraries() -> None:
    from faasify.runtime.unit.callers import Origins

    origins = Origins(("/env/lib/python3.11/site-packages/tool", "/home/me/app"))
    assert origins.below_root("/env/lib/python3.11/site-packages/tool/core.py")
    assert origins.below_root("/home/me/app/core.py")
    assert not origins.below_root("/home/me/app/.venv/lib/python3.11/site-packages/numpy/core.py")
    assert not origins.below_root("/home/me/application/core.py")


def test_a_module_in_a_namespace_package_of_the_program_is_not_imported(zygote: Zygote) -> None:
    (zygote.root / "space").mkdir(exist_ok=True)
    (zygote.root / "space" / "inner.py").write_text("print('top level')")
    assert zygote.run("import space.inner")["kind"] == "import"


def test_what_is_told_names_the_file(zygote: Zygote) -> None:
    assert zygote.run("open('out.txt', 'w')")["what"] == "open 'out.txt'"


def test_covers_look_like_what_they_cover(zygote: Zygote) -> None:
    told = zygote.run(
        """
        import inspect, pickle, copy, types
        r = [isinstance(os.stat, types.BuiltinFunctionType), os.stat.__name__, os.stat in os.supports_fd, os.stat.__doc__[:4],
             str(inspect.signature(os.stat)), pickle.loads(pickle.dumps(os.stat)) is os.stat, copy.deepcopy(os.stat) is os.stat,
             repr(os.stat), os.stat.__module__, hasattr(os.stat, 'nothing')]
        """
    )
    signature = "(path, *, dir_fd=None, follow_symlinks=True)"
    assert told["result"] == repr([True, "stat", True, "Perf", signature, True, True, "<built-in function stat>", "posix", False])


def test_a_worker_that_is_not_armed_is_free(zygote: Zygote) -> None:
    told = zygote.run("r = found", before=("found = open(DIR + '/old').read()", "os.stat(DIR)", "import signal; signal.alarm(0)"))
    assert told["result"] == "'old'"


SETTINGS = {
    "time.time": "import time; time.time = lambda: 0",
    "time.sleep": "import time; del time.sleep",
    "time.new": "import time; time.new = 1",
    "builtins.len": "import builtins; builtins.len = lambda x: 3",
    "sys hooks": "sys.excepthook = print",
    "sys streams": "import io; sys.stdout = io.StringIO()",
    "sys.path": "sys.path.append('x')",
    "sys.meta_path": "sys.meta_path.append(None)",
    "sys limits": "sys.setrecursionlimit(5000)",
    "gc": "import gc; gc.disable()",
    "gc.callbacks": "import gc; gc.callbacks.append(lambda *a: None)",
    "time zone": "import os, time; os.environ['TZ'] = 'Asia/Tokyo'; time.tzset()",
    "sys.settrace": "sys.settrace(lambda *a: None)",
    "threads": "import threading; threading.Thread(target=__import__('time').sleep, args=(1,), daemon=True).start()",
    "": "import json.tool, time; time.time()",
}


@pytest.mark.parametrize(("name", "code"), SETTINGS.items(), ids=SETTINGS)
def test_changed_library_state_is_found_after_the_call(name: str, code: str) -> None:
    program = f"""
import sys; sys.path.insert(0, {str(ROOT)!r}); import json, time, warnings
from faasify.runtime.unit.guard import snapshot_settings, changed_settings
before = snapshot_settings(("time", "json", "not_imported"))
{code}
sys.__stdout__.write(" ".join(changed_settings(before)))
sys.__stdout__.flush()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout, done.returncode) == (name, 0), done.stderr


def test_no_program_code_runs_while_settings_are_compared() -> None:
    program = f"""
import sys; sys.path.insert(0, {str(ROOT)!r}); import time
from faasify.runtime.unit.guard import snapshot_settings, changed_settings
class Loud:
    def __eq__(self, other): print("compared"); return True
before = snapshot_settings(("time",))
time.time = Loud()
print(changed_settings(before))
"""
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout == "['time.time']\n"
