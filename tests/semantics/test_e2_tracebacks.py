"""E2: an uncaught exception shows the user's frames."""

import sys

import pytest

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


@pytest.mark.parametrize(
    "body",
    [
        "total = n; return totl",
        "return [totl for total in range(n)]",
        "try: return 1 / 0\n    except ZeroDivisionError: return num + n",
        "number = n\n    def inner(): number; return numbr\n    return number + inner()",
        "total = n; e = NameError('mine', name='totl'); raise ExceptionGroup('g', [caught(e, n)])",
    ],
)
def test_e2_a_name_that_is_nearly_a_variable_of_the_frame_is_shown_with_it(same, body):
    same(
        f"""
        def caught(e, total):
            try: raise e
            except NameError: return e
        def f(n):
            {body.replace(chr(10), chr(10) + "        ")}
        f(3)
        """,
        select="app.f",
        exit=1,
        home={"app.f": "Did you mean"},
    )


def test_e2_a_name_that_is_nearly_an_attribute_of_self(same):
    same(
        """
        class Account:
            def __init__(self): self._balance = 1; self.owner = "o"
            def total(self, n): return owner + n
            def again(self, n): return self.balance + n
        for f in (Account().total, Account().again):
            try: f(3)
            except Exception as e: kept = e
            if f.__name__ == "total": named = kept
        raise ExceptionGroup("both", [named, kept])
        """,
        select="app.Account.total,app.Account.again",
        exit=1,
        home={f"app.Account.{n}": "Did you mean" for n in (["total", "again"] if sys.version_info >= (3, 13) else ["total"])},
    )


def test_e2_a_wrong_name_where_no_variable_can_be_meant(same):
    same("total = 3\ndef f(): return totl\nf()\n", select="app.f", remote={"app.f"}, exit=1)


def test_e2_a_name_that_is_nearly_one_of_the_module_imported_from(same):
    """From 3.12 on Python looks through the module, which only the unit would have imported."""
    home = {"app.f": "value"} if sys.version_info >= (3, 12) else {}
    same("def f(): from string import asci_letters\nf()\n", select="app.f", home=home, exit=1)


def test_e2_a_name_that_is_nearly_a_global_in_a_text_that_a_unit_makes(same):
    same(
        """
        import string, traceback
        def f():
            try: return strng.digits
            except NameError: return traceback.format_exc()
        print(f())
        """,
        select="app.f",
        remote=[],
    )


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


def test_e2_an_exception_while_a_module_is_imported(same):
    same(
        {
            "app.py": """
                import traceback
                try: import sub
                except ZeroDivisionError: traceback.print_exc()
                try: import fractions, badly
                except RecursionError as e: print(len(traceback.extract_tb(e.__traceback__)))
                import sub
                """,
            "sub.py": "def f(x): return 1 / x\nprint(f(1))\nf(0)\n",
            "badly.py": "def f(x): return f(x)\nf(0)\n",
        },
        select="sub.f,badly.f",
        remote=["sub.f"],
        exit=1,
    )


def test_e2_an_exception_while_a_library_is_imported(same):
    same(
        {
            "app.py": "def f(x): return x + 1\nprint(f(1))\nimport sys\nsys.path.insert(0, 'lib')\nimport broken\n",
            "lib/broken.py": "def g(): 1 / 0\ng()\n",
        },
        select="app.f",
        exit=1,
    )


def test_e2_an_exception_that_is_raised_once_more(same):
    same(
        """
        import traceback
        def rows(e): return [(row.name, row.lineno, row.line) for row in traceback.extract_tb(e.__traceback__)]
        class Err(Exception): pass
        def fail(e): raise e
        def swallow(e):
            try: fail(e)
            except Err: return e
        def forget(e): e.__traceback__ = None; e.args = (2,)
        last = Err(1)
        try: raise last
        except Err: pass
        for i in range(2):
            try: fail(last)
            except Err as e: print(rows(last), e is last)
        print(swallow(last) is last, rows(last))
        forget(last)
        print(rows(last), last.args)
        fail(last)
        """,
        select="app.fail,app.swallow,app.forget",
        home={"app.forget": "traceback"},
        exit=1,
    )


def test_e2_code_that_looks_at_the_traceback_of_a_value(same):
    same(
        """
        import traceback
        def f(e): return "".join(traceback.format_exception(e))
        def g(e): return e.__traceback__.tb_lineno
        from traceback import format_exception as told
        def h(e): return told(e)[1:]
        try: 1 / 0
        except Exception as e: last = e
        print(f(last), g(last), h(last))
        """,
        select="app.f,app.g,app.h",
        home={"app.f": "traceback", "app.g": "traceback", "app.h": "traceback"},
    )
