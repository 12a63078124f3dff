"""SEMANTICS E1 to E3: exceptions, tracebacks, and the ways a program ends."""

import pytest


def test_e1_class_args_and_attributes(same):
    same(
        """
        class Base(Exception): pass
        class Mine(Base):
            def __init__(self, code, *, detail=None):
                super().__init__(f"code {code}"); self.code, self.detail = code, detail
            def __str__(self): return f"<{self.code} {self.detail}>"
        data = ["shared"]
        def fail(n):
            raise [Mine(n, detail=data), ValueError("v", n), KeyError(n), OSError(2, "gone", "f.txt"), UnicodeError("u"),
                   StopIteration(n), ImportError("i", name="mod"), SyntaxError("s", ("f", 1, 2, "t")), Base()][n]
        for n in range(9):
            try: fail(n)
            except Base as e: print("Base", type(e).__name__, e, vars(e), getattr(e, "detail", data) is data)
            except Exception as e: print(type(e).__name__, e.args, str(e), vars(e), getattr(e, "errno", None), getattr(e, "name", None))
        """,
        select="app.fail",
    )


def test_e1_cause_context_and_notes(same):
    same(
        """
        def inner(): raise KeyError("k")
        def f(kind):
            try: inner()
            except KeyError as e:
                e.add_note("seen")
                if kind == "cause": raise ValueError("v") from e
                if kind == "none": raise ValueError("v") from None
                if kind == "context": raise ValueError("v")
                if kind == "self": raise
                raise type(e)("new").with_traceback(e.__traceback__)
        def show(e):
            notes = getattr(e, "__notes__", None)
            return e and (type(e).__name__, e.args, notes, e.__suppress_context__, show(e.__cause__), show(e.__context__))
        for kind in ("cause", "none", "context", "self", "new"):
            try: f(kind)
            except Exception as e: print(kind, show(e))
        """,
        select="app.f",
    )


def test_e1_groups(same):
    same(
        """
        class Mine(ExceptionGroup):
            def derive(self, es): return Mine(self.message, es)
        def f(): raise Mine("many", [ValueError(1), TypeError(2), ExceptionGroup("sub", [ValueError(3), OSError(4)])])
        try: f()
        except* ValueError as g: print(type(g).__name__, g.exceptions)
        except* TypeError as g: print(g.exceptions)
        except* OSError as g: print(g.message, g.exceptions)
        """,
        select="app.f",
    )


def test_e1_exceptions_as_values(same):
    same(
        """
        def collect(xs):
            errors = []
            for x in xs:
                try: errors.append(10 // x)
                except Exception as e: errors.append(e)
            return errors
        out = collect([1, 0, "a"])
        print(out, [getattr(e, "__traceback__", None) is not None for e in out])
        """,
        select="app.collect",
    )


TRACE = """
    import sys
    class Bad(Exception):
        pass
    def deepest(d):

        return d["missing"]
    def middle(x):
        try:
            return deepest({})
        except KeyError as e:
            raise Bad(f"bad {x}") from e
    def top(x):
        return [middle(i)
                for i in range(x)]
    def main():
        print("start")
        top(3)
    main()
    """


@pytest.mark.parametrize("name", ["deepest", "middle", "top", "main"])
def test_e2_an_uncaught_exception_names_the_users_frames(same, name):
    same(TRACE, select=f"app.{name}", exit=1)


def test_e2_frames_of_other_modules_and_of_the_library(same):
    same(
        {
            "app.py": "import json\nfrom pkg.sub import parse\n\n\ndef go(t):\n    return parse(t)\n\n\nprint('x')\ngo('{bad')\n",
            "pkg/__init__.py": "",
            "pkg/sub.py": "import json\n\ndef parse(t):\n    # a comment\n    return json.loads(t)\n",
        },
        select="app.go,pkg.sub.parse",
        remote={"app.go"},
        exit=1,
    )


def test_e2_an_uncaught_group_and_notes(same):
    same(
        """
        def f():
            try: 1 / 0
            except ZeroDivisionError as e: one = e
            g = ExceptionGroup("both", [one, ValueError("v")]); g.add_note("a note")
            raise g
        f()
        """,
        select="app.f",
        exit=1,
    )


def test_e2_a_recursion_error_is_shown_as_python_shows_it(same):
    same("def f(n):\n    return f(n + 1)\nprint('go')\nf(0)\n", select="app.f", exit=1, home={"app.f": "recursion"})


def test_e2_a_custom_excepthook_sees_the_same(same):
    same(
        """
        import sys, traceback
        def hook(t, e, tb): print("hook", t.__name__, e, [(f.name, f.lineno) for f in traceback.extract_tb(tb)])
        sys.excepthook = hook
        def f(): return {}["k"]
        f()
        """,
        select="app.f",
        exit=1,
    )


ENDS = {
    "code": ("import sys\n", "sys.exit(3)", 3),
    "text": ("import sys\n", "sys.exit('a message')", 1),
    "none": ("", "raise SystemExit", 0),
    "bool": ("", "raise SystemExit(True)", 1),
    "quit": ("", "quit()", 0),
    "interrupt": ("", "raise KeyboardInterrupt", -2),
}


@pytest.mark.parametrize("name", ENDS)
def test_e3_ways_to_end(same, name):
    imports, statement, code = ENDS[name]
    body = f"    xs.append(1)\n    print('ending')\n    {statement}\n"
    program = f"{imports}xs = []\ndef f():\n{body}try:\n    f()\nfinally:\n    print('finally', xs)\n"
    same(program, select="app.f", exit=code, remote=() if name == "quit" else None)


def test_e3_an_end_that_is_caught(same):
    same(
        """
        import sys
        def f(x): sys.exit(x)
        for x in (0, "t", None, (1, 2)):
            try: f(x)
            except SystemExit as e: print(e.code, e.args)
        def g(): raise KeyboardInterrupt("stop")
        try: g()
        except KeyboardInterrupt as e: print(e.args)
        """,
        select="app.f,app.g",
    )


def test_e3_recursion_depth_left_is_the_callers(same):
    same(
        """
        def depth(n=0):
            try: return depth(n + 1)
            except RecursionError: return n
        def at(k): return depth() if k == 0 else at(k - 1)
        print([at(k) for k in (0, 1, 10, 300)], depth())
        """,
        select="app.depth",
    )
