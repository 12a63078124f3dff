"""DECISIONS S2 and S3: a call sees the caller's stack, the exception that it handles, its context and its streams."""

import json
import os
import pty
import subprocess

import pytest

from tests.harness import Run, environment, original_command, rewritten_command, write_files


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
        home={"app.limit": "it may read the recursion limit"},
    )


READS = "sys.getrecursionlimit()"
BESIDE = {  # definitions, what main prints, whether the unit may read the limit
    "main": ("", f"{READS}, deep()", False),
    "a function": (f"def reads(): return {READS}", "reads(), deep()", False),
    "by another name": ("from sys import getrecursionlimit as most\ndef reads(): return most()", "reads(), deep()", False),
    "set again": ("", "deep(), sys.setrecursionlimit(3000), deep(), sys.setrecursionlimit(1000), deep()", False),
    "what is called": (f"def reads(x): print({READS})", "deep(0, reads)", True),
    "a property": (f"class C:\n    @property\n    def real(self): print({READS})", "deep(C())", True),
    "an operator": (f"class C:\n    real = 1\n    def __eq__(self, n): print({READS})", "deep(C())", True),
    "a finaliser": (f"class C:\n    def __init__(self, x): pass\n    def __del__(self): print({READS})", "deep(0, C)", True),
    "a thread": (f"import threading\ndef reads(): return {READS}", "deep(), reads()", True),
}


@pytest.mark.parametrize("name", BESIDE)
def test_s2_recursion_breaks_off_at_the_same_depth_where_the_program_reads_the_limit(same, name):
    definitions, shown, reads = BESIDE[name]
    program = f"""import sys
{definitions}
depth = 0
def dive(x, call):
    global depth
    depth += 1
    x.real
    x == depth
    call(x)
    dive(1, bool)
def deep(x=1, call=bool):
    global depth
    depth = 0
    try: dive(x, call)
    except RecursionError: return depth
def below(k): return deep() if k == 0 else below(k - 1)
print({READS}, {shown}, below(0), below(9), below(300), {READS})
"""
    same(program, select="app.dive", home={"app.dive": "it may read the recursion limit" if reads else "recursion"})


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
