"""DECISIONS S1 to S6: nobody can tell that a stub stands where the function was."""

import json
import os
import pty
import subprocess
import sys

import pytest

from tests.harness import Run, environment, original_command, rewritten_command, write_files


def test_s1_file_names_and_line_numbers_are_the_originals(same):
    same(
        '''
        """A module docstring."""
        from __future__ import annotations
        import os, sys, traceback

        # a comment
        @(lambda g: g)
        def f(x: Undefined, *, y=2) -> Nothing:
            """Doc of f."""
            z = x
            return [1 / z]
        here = os.path.dirname(os.path.abspath(__file__))
        print(os.path.basename(__file__), os.path.isabs(__file__), os.path.samefile(sys.path[0], here), os.path.samefile(here, "."))
        print(os.path.basename(f.__code__.co_filename), f.__code__.co_firstlineno, f.__code__.co_name, f.__code__.co_qualname)
        print(f.__doc__, f.__annotations__, f.__kwdefaults__, f.__module__, __doc__)
        try:
            f(0)
        except ZeroDivisionError as e:
            print([(os.path.basename(s.filename), s.lineno, s.end_lineno, s.colno, s.end_colno, s.name, s.line)
                   for s in traceback.extract_tb(e.__traceback__)])
            traceback.print_exc()
        print(len(open(__file__).read()), sys.argv, __name__, __spec__, __package__)
        ''',
        select="app.f",
        argv=("-x", "y"),
    )


def test_s1_getsource_of_a_stub_shows_the_original(same):
    same(
        '''
        import inspect
        def deco(fn): return fn
        @deco
        def f(a, /, b: int = 3, *args, c=[], **kw) -> "R":
            """Doc."""
            # a comment inside
            return a
        class C:
            def m(self): return 1
        f(1)
        print(inspect.getsource(f), inspect.getsourcelines(f)[1], inspect.signature(f), inspect.getdoc(f))
        print(inspect.getsource(C), inspect.getsource(C.m), inspect.getfullargspec(f), inspect.getcomments(C))
        print(inspect.getmodule(f).__name__, inspect.isfunction(f), inspect.getsource(inspect.getmodule(f)).count("\\n"))
        ''',
        select="app.f,app.C.m",
        remote={"app.f"},
    )


def test_s1_doctest_runs_on_the_rewritten_program(same):
    same(
        '''
        import doctest
        def double(x):
            """Twice as much.

            >>> double(2)
            4
            >>> double([1]) is None
            False
            >>> double(None)
            Traceback (most recent call last):
            TypeError: unsupported operand type(s) for *: 'NoneType' and 'int'
            >>> double(1)
            3
            """
            return x * 2
        print(doctest.testmod())
        ''',
        select="app.double",
    )


def test_s1_help_of_a_stub_shows_the_original(same):
    same(
        '''
        import pydoc
        class C:
            """A class."""
            def m(self, x=1):
                """A method."""
                return x
        def f(a, *, b="q") -> int:
            """A function."""
            return C().m()
        print(f(1))
        print(pydoc.plain(pydoc.render_doc(f)), pydoc.plain(pydoc.render_doc(C)))
        ''',
        select="app.f,app.C.m",
        remote={"app.f"},
    )


def test_s1_files_beside_the_program_are_found(same):
    same(
        {
            "app.py": """
                import os, pathlib
                import helper
                HERE = pathlib.Path(__file__).parent
                def name(): return os.path.basename(__file__), os.path.basename(helper.__file__), HERE.name == os.path.basename(os.getcwd())
                print(name(), (HERE / "data" / "words.txt").read_text())
                (HERE / "written.txt").write_text("beside the original")
                """,
            "helper.py": "X = 1\n",
            "data/words.txt": "hello\n",
        },
        select="app.name",
    )


def test_s2_the_recursion_limit_is_the_originals(same):
    same(
        """
        import sys
        def limit(): return sys.getrecursionlimit()
        print(limit(), sys.getrecursionlimit())
        sys.setrecursionlimit(700)
        print(limit(), sys.getrecursionlimit())
        """,
        select="app.limit",
    )


def test_s2_recursion_breaks_off_at_the_same_depth(same):
    same(
        """
        def depth(n):
            try:
                return depth(n + 1)
            except RecursionError:
                return n
        def below(k): return depth(0) if k == 0 else below(k - 1)
        print(depth(0), below(0), below(100))
        """,
        select="app.depth",
    )


def test_s2_recursion_breaks_off_at_the_same_depth_where_the_callers_frames_are_stood_in_for(same):
    same(
        """
        def depth(n):
            try:
                return depth(n + 1)
            except RecursionError:
                return n
        def look(k):
            try: raise ValueError
            except ValueError as e: name = e.__traceback__.tb_frame.f_code.co_name  # looks at frames: runs here, below stand-ins
            return name, depth(0)
        def below(k): return look(0) if k == 0 else below(k - 1)
        print(look(0), below(0), below(100))
        """,
        select="app.look",
        remote=(),
        home={"app.look": "introspection"},
    )


def test_s2_near_the_limit_calls_run_here(same):
    same(
        """
        def leaf(x): return x + 1
        def down(n):
            try:
                return down(n + 1)
            except RecursionError:
                pass
            try:
                return leaf(n)
            except RecursionError:
                return -n
        print(down(0))
        def climb(n):
            leaf(n)
            return climb(n + 1)
        try: climb(0)
        except RecursionError as e: print(e)
        """,
        select="app.leaf",
        remote=(),
    )


def test_s2_a_raised_limit_lets_a_unit_go_deeper(same):
    same(
        """
        import sys
        def count(n): return 0 if n == 0 else 1 + count(n - 1)
        try: print(count(3000))
        except RecursionError: print("too deep")
        sys.setrecursionlimit(8000)
        print(count(3000))
        """,
        select="app.count",
    )


def test_s2_stub_frames_are_absent_from_tracebacks(same):
    same(
        """
        import traceback, os
        def inner(x): return 1 / x
        def outer(x): return inner(x)
        def run():
            try:
                outer(0)
            except ZeroDivisionError as e:
                tb, n = e.__traceback__, []
                while tb: n.append((tb.tb_frame.f_code.co_name, tb.tb_lineno)); tb = tb.tb_next
                print(n)
                print(traceback.format_exc())
                raise
        run()
        """,
        select="app.outer",
        exit=1,
    )


def test_s2_stub_frames_are_counted_in_stacklevel(same):
    same(
        """
        import warnings
        def old():
            warnings.warn("old is old", DeprecationWarning, stacklevel=2)
            return 1
        def very_old(): return old() + old()
        warnings.simplefilter("always")
        old()
        very_old()
        """,
        select="app.old",
        remote=(),
    )


def test_s2_the_callers_frame_is_the_callers(same):
    same(
        """
        import sys, inspect
        def who(): return sys._getframe(1).f_code.co_name, sys._getframe(1).f_lineno
        def caller(): return who()
        def stack(): return [f.function for f in inspect.stack()]
        print(caller(), who(), stack())
        """,
        select="app.who,app.stack",
        home={"app.who": "frame", "app.stack": "frame"},
    )


def test_s3_a_bare_raise_raises_the_callers_exception(same):
    same(
        """
        def again():
            raise
        def run():
            e = KeyError("k")
            try:
                try:
                    raise e
                except KeyError:
                    again()
            except KeyError as got:
                return got is e, got.args
        print(run())
        try: again()
        except RuntimeError as e: print(e)
        """,
        select="app.again",
    )


def test_s3_the_exception_being_handled_is_seen(same):
    same(
        """
        import sys, traceback
        def look(): return traceback.format_exc(), sys.exc_info()[:2], sys.exception()
        def fail(): raise ValueError("second")
        print(look())
        try:
            1 / 0
        except ZeroDivisionError as e:
            text, info, exc = look()
            print(text, info, exc is e)
            try:
                fail()
            except ValueError as second:
                print(second.__context__ is e, second.__cause__, second.__suppress_context__)
        """,
        select="app.look,app.fail",
    )


def test_s3_context_variables_are_the_callers(same):
    same(
        """
        import contextvars
        user = contextvars.ContextVar("user", default="nobody")
        def get(): return user.get()
        def put(name): return user.set(name)
        print(get())
        user.set("ann"); print(get())
        token = put("bob"); print(user.get(), get())
        print(contextvars.copy_context().run(get))
        """,
        select="app.get,app.put",
        remote=(),
    )


def test_s3_an_encoding_error_happens_at_the_print(same):
    same(
        """
        import sys
        def say(text):
            try:
                print(text)
                return "said"
            except UnicodeEncodeError as e:
                print("cannot say", ascii(e.object), e.start)
                return e.reason
        print(say("plain"), say("caf\\u00e9"), sys.stdout.encoding, sys.stdout.errors)
        """,
        select="app.say",
        env={"PYTHONIOENCODING": "ascii"},
    )


def test_s3_an_encoding_with_replacements(same):
    same(
        """
        import sys
        def say(text): print(text); return sys.stdout.encoding, sys.stdout.errors, sys.stderr.errors, sys.stdout.isatty(), sys.stdout.name
        print(say("na\\u00efve \\u20ac"))
        """,
        select="app.say",
        env={"PYTHONIOENCODING": "latin-1:xmlcharrefreplace"},
    )


def test_s3_a_reconfigured_stream_is_the_callers(same):
    same(
        """
        import sys, io
        def say(): print("line\\nnext"); return sys.stdout.newlines, sys.stdout.line_buffering
        sys.stdout.reconfigure(newline="\\r\\n", line_buffering=True)
        print(say())
        real, sys.stdout = sys.stdout, io.TextIOWrapper(io.BytesIO(), "utf-16")
        say(); sys.stdout.flush(); raw = sys.stdout.buffer.getvalue()
        sys.stdout = real
        print(raw)
        """,
        select="app.say",
    )


TTY = """
    import sys
    def f(): return sys.stdout.isatty(), sys.stdin.isatty(), sys.stderr.isatty(), sys.stdout.line_buffering
    def say(): print("in colour" if sys.stdout.isatty() else "plain")
    say(); print(f())
    """


def test_s3_isatty_is_the_callers_terminal(tmp_path, cache):
    shown = []
    commands = [original_command(Run()), rewritten_command(Run(), "app.f,app.say", tmp_path / "report.json")]
    for name, command in zip(("original", "remotely"), commands, strict=True):
        root = write_files(tmp_path / name, TTY)
        ours, theirs = pty.openpty()
        run = subprocess.run(command, cwd=root, env=environment({}, cache), stdin=theirs, stdout=theirs, stderr=theirs, timeout=60)
        os.close(theirs)
        shown.append((os.read(ours, 10000), run.returncode))
        os.close(ours)
    assert shown[0] == (b"in colour\r\n(True, True, True, True)\r\n", 0)
    assert shown[1] == shown[0]
    assert set(json.loads((tmp_path / "report.json").read_text())["functions_remote"]) == {"app.f", "app.say"}


def test_s4_a_keyword_named_like_a_positional_parameter(same):
    same(
        """
        def g(a, /, **kw): return a, kw
        def h(*args, kw=0, **rest): return args, kw, rest
        print(g(1, a=2), g(1, kw=3, self=4), h(1, 2, args=3, rest=4, kw=5))
        """,
        select="app.g,app.h",
    )


def test_s4_in_an_event_the_star_parameters_are_one_key_each(tmp_path, cache):
    write_files(tmp_path, "def g(a, /, *args, b=1, **kw):\n    return [a, args, b, kw]\n")
    command = [sys.executable, "-P", "-m", "faasify", "invoke", "app.py", "g", '{"a": 1, "args": [2, 3], "kw": {"a": 4, "kw": 5}}']
    shown = subprocess.run(command, cwd=tmp_path, env=environment({}, cache), capture_output=True, text=True, timeout=60)
    assert shown.returncode == 0, shown.stderr
    ret = json.loads(shown.stdout)["ret"]
    assert [ret[0], ret[2], ret[3]] == [1, 1, {"a": 4, "kw": 5}]


def test_s5_integers_of_many_digits_travel(same):
    same(
        """
        big = 10 ** 5000
        def f(n, m):
            try:
                text = str(n)
            except ValueError as e:
                text = str(e)[:40]
            return n + 1, -n, m * big, text, {n: "key"}
        out = f(big + 7, -(3 ** 20000))
        print(out[0] == big + 8, out[1] == -big - 7, out[2] == -(3 ** 20000) * big, out[3], out[4] == {big + 7: "key"})
        """,
        select="app.f",
    )


def test_s6_a_travelling_object_that_hands_out_its_interior(same):
    same(
        """
        class Account:
            def __init__(self): self.history = []; self.balance = 0
            def deposit(self, n): self.balance += n; self.history.append(n); return self.history
        acc = Account()
        history = acc.deposit(1)
        acc.history.append(5); history.append(6)
        print(acc.deposit(2) is acc.history, acc.history is history, history, acc.balance)
        """,
        select="app.Account.deposit",
    )


@pytest.mark.xfail(strict=True, reason="resident objects (P2) do not exist yet")
def test_s6_a_resident_object_that_hands_out_its_interior_comes_home(same):
    result = same(
        """
        # faasify: resident
        class Account:
            def __init__(self): self.history = []
            def deposit(self, n): self.history.append(n); return len(self.history)
        acc = Account()
        print(acc.deposit(1), acc.deposit(2))
        acc.history.append(5)
        print(acc.deposit(3), acc.history)
        """,
        select="app.Account.deposit",
    )
    assert "app.Account" in result.report["residents"]


def test_m1_a_reduce_of_the_program_is_not_obeyed(same):
    same(
        """
        import copyreg
        class Evil:
            def __reduce__(self): return (print, ("hacked by reduce",))
        class Other: pass
        copyreg.pickle(Other, lambda o: (print, ("hacked by copyreg",)))
        def f(e, o): return type(e) is Evil, type(o) is Other, e
        e = Evil()
        out = f(e, Other())
        print(out[:2], out[2] is e)
        """,
        select="app.f",
    )


@pytest.mark.parametrize("getter", ["__getattr__", "__getattribute__"])
def test_m1_a_look_for_a_hook_is_not_seen(same, getter):
    same(
        f"""
        class Nosy:
            def {getter}(self, name):
                print("asked for", name)
                if "{getter}" == "__getattr__": raise AttributeError(name)
                return object.__getattribute__(self, name)
        def f(n): return type(n).__name__
        n = Nosy()
        print(f(n), f([n, n]))
        """,
        select="app.f",
        remote=(),
    )
