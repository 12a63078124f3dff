"""DECISIONS G1 to G4: effects that cannot be carried happen here, once, whatever the program does with exceptions."""

import pytest

OPENER = """
    import builtins
    table = {"w": getattr(builtins, "nepo"[::-1])}
    """


def hidden(body):
    """A program that opens files in a way no analysis resolves."""
    return OPENER + body


def test_g1_a_certain_effect_stays(same):
    same(
        """
        def save(p):
            try:
                with open(p, "w") as f: f.write("x")
            except Exception:
                return 0
            return 1
        print(save("out.txt"))
        print(open("out.txt").read())
        """,
        select="app.save",
        home={"app.save": "file"},
    )


def test_g1_a_swallowed_trip_yields_no_result(same):
    same(
        hidden("""
    count = 0
    def save(p):
        global count
        count += 1
        print("saving", p)
        try:
            table["w"](p, "w").write("x" * count)
        except:
            return 0
        return 1
    print(save("a.txt"), save("b.txt"), count)
    print(open("a.txt").read(), open("b.txt").read())
    """),
        select="app.save",
        stopped={"app.save": "file"},
    )


def test_g1_a_trip_inside_a_finaliser_yields_no_result(same):
    same(
        hidden("""
    class Noisy:
        def __init__(self, p): self.p = p
        def __del__(self):
            table["w"](self.p, "w").write("gone")
    def make(p):
        n = Noisy(p)
        del n
        return "made"
    print(make("a.txt"), open("a.txt").read())
    """),
        select="app.make",
        stopped={"app.make": ""},
    )


def test_g1_a_finally_that_returns_does_not_hide_a_trip(same):
    same(
        hidden("""
    def save(p):
        while True:
            try:
                table["w"](p, "a").write("once ")
            finally:
                return "returned"
    print(save("a.txt"), open("a.txt").read())
    """),
        select="app.save",
        stopped={"app.save": "file"},
    )


def test_g1_a_trip_inside_a_library_callback_is_not_swallowed(same):
    same(
        hidden("""
    def key(x):
        try:
            table["w"]("log.txt", "a").write(str(x))
        except BaseException:
            pass
        return -x
    def rank(xs):
        return sorted(xs, key=key)
    print(rank([2, 3, 1]), open("log.txt").read())
    """),
        select="app.rank",
        stopped={"app.rank": "file"},
    )


def test_g1_what_was_done_before_the_trip_is_done_once(same):
    same(
        hidden("""
    xs = []
    def work(p):
        xs.append(len(xs))
        print("before", xs)
        f = table["w"](p, "a")
        f.write("line\\n"); f.close()
        print("after", xs)
        return xs
    print(work("a.txt") is xs, work("a.txt"))
    print(open("a.txt").read())
    """),
        select="app.work",
        stopped={"app.work": "file"},
    )


AUDITED = {
    "subprocess": ("import subprocess", "subprocess.run", '(["true"]).returncode', "subprocess"),
    "socket": ("import socket", "socket.socket", "().close()", "network"),
    "mkdir": ("import os", "os.mkdir", '("made")', "file"),
    "remove": ("import os; open('gone.txt', 'w').close()", "os.remove", '("gone.txt")', "file"),
    "listdir": ("import os", "os.listdir", '(".")', "file"),
    "chdir": ("import os; os.mkdir('sub')", "os.chdir", '("sub")', "cwd"),
    "system": ("import os", "os.system", '("true")', ""),
    "sqlite": ("import sqlite3", "sqlite3.connect", '(":memory:").execute("select 1").fetchall()', ""),
    "fork": ("import os", "os.fork", "() or os._exit(0)", "process"),
}


@pytest.mark.parametrize("name", AUDITED)
def test_g1_an_audited_effect_reached_by_a_table_runs_here(same, name):
    imports, function, call, word = AUDITED[name]
    same(
        f"""
        {imports}
        import os, sys
        named, module, name = {function}, *"{function}".rsplit(".", 1)
        table = {{"it": getattr(sys.modules[module], name)}}  # no analysis resolves it: it is the guard that ends the call
        def do(which):
            try:
                table[which]{call}
            except BaseException as e:
                return "swallowed", e
            return "done"
        print(do("it"), sorted(os.listdir(".")), os.path.basename(os.getcwd()) == "sub")
        """,
        select="app.do",
        **{"home" if name == "fork" else "stopped": {"app.do": word}},  # what names os._exit() stays
    )


def test_g2_stat_through_a_table_sees_the_callers_directory(same):
    same(
        """
        import os
        os.mkdir("sub"); open("sub/data.txt", "w").write("12345"); open("data.txt", "w").write("1")
        table = {"size": os.path.getsize, "exists": os.path.exists, "stat": lambda p: os.stat(p).st_size}
        def probe(op, p): return table[op](p)
        print(probe("size", "data.txt"))
        os.chdir("sub")
        print(probe("size", "data.txt"), probe("exists", "data.txt"), probe("stat", "data.txt"))
        os.remove("data.txt")
        print(probe("exists", "data.txt"))
        """,
        select="app.probe",
        home={"app.probe": "file"},
    )


@pytest.mark.parametrize("what", ["beside", "folder", "package", "folder.inner", "importlib.import_module"])
def test_g1_a_module_of_the_program_that_a_unit_imports_by_a_computed_name_is_imported_here(same, what):
    same(
        {
            "app.py": f"""
                import importlib
                by_statement = "{what}" == "importlib.import_module"
                name = "beside" if by_statement else "{what}"
                def load(name):
                    try:
                        module = __import__(name) if by_statement else importlib.import_module(name)
                    except ImportError as e:
                        return "missing", e.name
                    return module.__name__, getattr(module, "x", None), len(module.__path__) if hasattr(module, "__path__") else 0
                print(load("nowhere_at_all"), load("textwrap"), load(name), load(name))
                """,
            "beside.py": "print('top level of beside'); x = 5\n",
            "folder/inner.py": "print('top level of inner'); x = 6\n",
            "package/__init__.py": "print('top level of a package'); x = 7\n",
        },
        select="app.load",
        remote=(),
    )


UNAUDITED = {
    "signal": ("import signal, os", "signal.signal", "signal.SIGUSR1, handler", "os.kill(os.getpid(), signal.SIGUSR1)", "signal"),
    "itimer": ("import signal, time; signal.signal(14, handler)", "signal.setitimer", "0, 0.01", "time.sleep(0.1)", "signal"),
    "atexit": ("import atexit", "atexit.register", "print, 'at exit'", "None", "exit"),
    "excepthook": ("import sys", "setattr", "sys, 'excepthook', handler", "print(sys.excepthook is handler)", ""),
    "switchinterval": ("import sys", "sys.setswitchinterval", "0.25", "print(sys.getswitchinterval())", "settings"),
    "locale": ("import locale", "locale.setlocale", "locale.LC_ALL, 'C.UTF-8'", "print(locale.setlocale(locale.LC_ALL))", "locale"),
    "gc": ("import gc", "gc.disable", "", "print(gc.isenabled())", ""),
    "umask": ("import os; os.umask(0o22)", "os.umask", "0o77", "print(oct(os.umask(0)))", ""),
    "thread": ("import _thread, time; ran = []", "_thread.start_new_thread", "ran.append, (1,)", "time.sleep(.05); print(ran)", "thread"),
    "pipe": ("import os", "os.pipe", "", "print(len(os.pipe()))", "descriptor"),
    "dup2": ("import os", "os.dup2", "2, 9", "os.write(9, b'through nine\\n')", "descriptor"),
    "mkfifo": ("import os, stat", "os.mkfifo", "'fifo'", "print(stat.S_ISFIFO(os.stat('fifo').st_mode)); os.remove('fifo')", ""),
    "access": ("import os; open('here.txt', 'w').close()", "os.access", "'here.txt', os.R_OK", "None", ""),
}


@pytest.mark.parametrize("name", UNAUDITED)
def test_g2_an_effect_without_an_audit_event_runs_here(same, name):
    imports, function, arguments, check, word = UNAUDITED[name]
    same(
        f"""
        def handler(*a): print("handled", len(a))
        {imports}
        import sys
        named, module, name = {function}, *("builtins." + "{function}").rsplit(".", 1)
        table = {{"it": getattr(sys.modules[module.removeprefix("builtins.") or "builtins"], name)}}  # no analysis resolves it
        def do(which):
            try:
                table[which]({arguments})
            except BaseException as e:
                return "swallowed", e
            return "done"
        print(do("it"))
        {check}
        """,
        select="app.do",
        stopped={"app.do": word},
    )


def test_g2_a_thread_object_started_through_a_table_runs_here(same):
    same(
        """
        import threading
        makers = [threading.Thread]
        out = []
        def work(n):
            t = makers[0](target=out.append, args=(n,))
            t.start(); t.join()
            return threading.active_count(), out
        print(work(1), work(2), out)
        """,
        select="app.work",
        home={"app.work": ""},
    )


@pytest.mark.parametrize("module, on, seen", [("faulthandler", "enable", "is_enabled"), ("tracemalloc", "start", "is_tracing")])
def test_g2_undescribed_c_extensions_stay(same, module, on, seen):
    same(
        f"""
        import {module} as m
        def switch():
            m.{on}()
            return m.{seen}()
        print(m.{seen}(), switch(), m.{seen}())
        """,
        select="app.switch",
        home={"app.switch": ""},
    )


STDLIB_BY_ITSELF = {
    "namedtuple": "from collections import namedtuple; P = namedtuple('P', 'x y'); return P(1, 2), P.__module__",
    "enum": "import enum; E = enum.Enum('E', 'A B'); return list(E), E.__module__",
    "import": "import colorsys, base64; return colorsys.rgb_to_hsv(.5, .5, .5), base64.b64encode(b'x')",
    "import_dynamic": "import importlib; return importlib.import_module('textwrap').shorten('a b c d', 3, placeholder='')",
    "re": "import re; return re.sub(r'(?i)[aeiou]', '*', 'Faasify')",
    "dataclass": "import dataclasses; D = dataclasses.make_dataclass('D', ['a', ('b', int, 3)]); return repr(D(1))",
    "format_exc": "import traceback\n    try: 1 / 0\n    except ZeroDivisionError: return traceback.format_exc()",
    "statistics": "import statistics; return statistics.stdev([1, 2, 3, 4])",
    "typing": "import typing; T = typing.NamedTuple('T', [('x', int)]); return T(3)",
    "string_template": "import string; return string.Template('$a').substitute(a=1)",
    "json": "import json; return json.dumps({'a': [1, None]}, indent=1, sort_keys=True)",
    "singledispatch": "import functools; g = functools.singledispatch(lambda x: 'o'); g.register(int)(lambda x: 'i'); return g(1), g('')",
}


@pytest.mark.parametrize("name", STDLIB_BY_ITSELF)
def test_g3_what_the_standard_library_does_by_itself_is_allowed(same, name):
    imports, _, rest = STDLIB_BY_ITSELF[name].partition("return")
    program = f"def f():\n    {imports}return{rest}\nprint(repr(f()))\n"
    same(program, select="app.f")


def test_g3_an_emitted_log_record_is_the_callers(same):
    same(
        """
        import logging, sys
        logging.basicConfig(stream=sys.stdout, format="%(name)s %(funcName)s:%(lineno)d %(message)s", level=logging.INFO)
        log = logging.getLogger("work")
        def f(x):
            log.info("got %s", x)
            log.debug("hidden")
            return x
        print("before"); print(f(3))
        """,
        select="app.f",
        remote=(),
    )


LIBRARY_STATE = {
    "time_time": ("import time; time.time = lambda: 0", "time.time()"),
    "math_floor": ("import math; math.floor = lambda x: 'patched'", "math.floor(2.5)"),
    "logger_level": ("import logging; logging.getLogger('x').setLevel(5)", "logging.getLogger('x').isEnabledFor(6)"),
    "csv_dialect": ("import csv, io; csv.register_dialect('p', delimiter='|')", "list(csv.reader(io.StringIO('a|b'), 'p'))"),
    "csv_limit": ("import csv; csv.field_size_limit(77)", "csv.field_size_limit()"),
    "class_attribute": ("import json; json.JSONEncoder.item_separator = ' ; '", "json.JSONEncoder().encode([1, 2])"),
    "text_of_a_function": ("import textwrap; textwrap.dedent.__doc__ = 'mine'", "textwrap.dedent.__doc__"),
    "name_of_a_function": ("import textwrap; textwrap.dedent.__qualname__ = 'd'", "textwrap.dedent.__qualname__"),
    "code_of_a_function": ("import textwrap; textwrap.fill.__code__ = (lambda x: 'filled').__code__", "textwrap.fill('a')"),
    "defaults_of_a_function": ("import textwrap; textwrap.fill.__defaults__ = (1,)", "textwrap.fill('a b')"),
    "module_constant": ("import string; string.digits = 'none'", "string.digits"),
    "registry": ("import mimetypes; mimetypes.add_type('x/y', '.xy')", "mimetypes.guess_type('a.xy')"),
    "list_in_module": ("import keyword; keyword.kwlist.append('frob')", "'frob' in keyword.kwlist"),
    "what_a_function_sets": ("import calendar; calendar.setfirstweekday(6)", "calendar.weekheader(2)"),
    "what_a_function_registers": (
        "import xml.etree.ElementTree as ET; ET.register_namespace('zz', 'http://zz')",
        "ET.tostring(ET.Element('{http://zz}a'))",
    ),
    "list_in_a_submodule": ("import urllib.parse; urllib.parse.uses_netloc.append('my')", "urllib.parse.urljoin('my://a/b', '//c')"),
    "traceback_limit": ("import sys, traceback; sys.tracebacklimit = 0", "shown(traceback)"),
    "timezone": ("import os, time; os.environ['TZ'] = 'XYZ-5'; time.tzset()", "time.localtime(0).tm_hour"),
    "digits_limit": ("import sys; sys.set_int_max_str_digits(0)", "len(str(10 ** 5000))"),
    "locale": ("import locale; locale.setlocale(locale.LC_CTYPE, 'C.UTF-8')", "locale.setlocale(locale.LC_CTYPE)"),
    "builtins": ("import builtins; builtins.answer = 42", "answer"),
    "print": ("import builtins; old = print; builtins.print = lambda *a: old('patched', *a)", "print('x')"),
    "abc_registry": ("import collections.abc as c\nclass L: pass\nc.Sequence.register(L)", "isinstance(L(), c.Sequence)"),
    "copyreg": ("import copyreg, copy\nclass Q: pass\ncopyreg.pickle(Q, lambda q: 'Q')", "Q in copyreg.dispatch_table"),
    "subclasses": ("class MyError(ValueError): pass", "[c.__name__ for c in ValueError.__subclasses__() if c.__module__ == '__main__']"),
    "random_module": ("import random; random.seed(7); random.random()", "[random.random(), random.randint(1, 100)]"),
    "decimal_context": ("import decimal; decimal.getcontext().prec = 5", "decimal.Decimal(1) / 3"),
    "decimal_traps": ("import decimal; decimal.getcontext().traps[decimal.DivisionByZero] = False", "decimal.Decimal(1) / 0"),
    "sys_path": ("import sys; sys.path.append('/nowhere')", "sys.path[-1]"),
    "sys_modules": ("import sys, types; sys.modules['made'] = types.ModuleType('made'); sys.modules['made'].x = 5", "__import__('made').x"),
    "environ": ("import os; os.environ['A_B'] = 'c'; os.environ.pop('HOME', None)", "(os.getenv('A_B'), os.environ.get('HOME'))"),
    "argv": ("import sys; sys.argv[1:] = ['p', 'q']", "sys.argv[1:]"),
    "recursion_limit": ("import sys; sys.setrecursionlimit(1234)", "sys.getrecursionlimit()"),
}


SHOWN = "def shown(traceback):\n    try: 1 / 0\n    except ArithmeticError: return traceback.format_exc()\n"


@pytest.mark.parametrize("name", LIBRARY_STATE)
def test_g4_library_state_that_the_program_changed_is_seen(same, name):
    setup, expression = LIBRARY_STATE[name]
    helper = SHOWN if "shown" in expression else ""
    program = f"{helper}def f():\n    return {expression}\n{setup}\n_ = f()\nprint(repr(f()), repr({expression}))\n"
    same(program, select="app.f", remote=())


CHANGED_THERE = {
    "text": "textwrap.dedent.__doc__ = 'mine'",
    "defaults": "textwrap.dedent.__defaults__ = ('a',)",
}


@pytest.mark.parametrize("name", CHANGED_THERE)
def test_g4_what_a_function_changes_about_one_of_the_library_is_changed_here(same, name):
    same(
        f"""
        import textwrap
        def f(): {CHANGED_THERE[name]}
        f()
        print(textwrap.dedent.__doc__, textwrap.dedent(" a"), textwrap.dedent.__defaults__)
        """,
        select="app.f",
        home={"app.f": "textwrap"},
    )


def test_g4_numpy_error_state_is_seen(same):
    pytest.importorskip("numpy")
    same(
        """
        import numpy as np
        np.seterr(all="raise")
        def f(a):
            try: return a / 0
            except FloatingPointError: return "raised"
        print(f(np.float64(1)))
        """,
        select="app.f",
        remote=(),
    )


LAZY_LIBRARY = {
    "base64": ("import base64", "base64.b85encode(bytes([n]))"),
    "expandvars": ("import os.path", "os.path.expandvars('$NOT_SET_' + str(n))"),
    "random seeded with a text": ("import random", "random.Random(str(n)).random()"),
    "urllib.parse": ("import urllib.parse", "urllib.parse.unquote_to_bytes(f'%4{n}')"),
}


@pytest.mark.parametrize("name", LAZY_LIBRARY)
def test_g4_what_a_library_computes_once_for_itself_is_no_change_of_the_program(same, name):
    setup, expression = LAZY_LIBRARY[name]
    same(f"{setup}\ndef f(n):\n    return {expression}\nn = 1\nprint({expression})\nprint(f(2), {expression}, f(3))\n", select="app.f")
