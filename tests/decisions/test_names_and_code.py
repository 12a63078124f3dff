"""DECISIONS C1 and C2: names are looked up, and code is told apart, as in the original."""

import pytest

READS = {
    "eval": "eval('X')",
    "globals_get": "globals().get('X')",
    "globals_item": "globals()['X']",
    "vars_of_module": "vars(sys.modules[__name__])['X']",
    "getattr_of_module": "getattr(sys.modules['__main__'], 'X')",
    "import_main": "__import__('__main__').X",
    "exec": "exec('y = X + 1', globals(), d := {}) or d['y']",
    "computed_name": "globals()[chr(88)]",
    "in_globals": "'X' in globals(), 'NOT_THERE' in globals()",
    "nested_lambda_eval": "(lambda: eval('X'))()",
    "helper": "look('X')",
}


@pytest.mark.parametrize("name", READS)
def test_c1_globals_are_read_past_missing(same, name):
    same(
        f"""
        import sys
        def look(name): return eval(name)
        def f():
            return {READS[name]}
        X = 1
        print(f())
        X = [2] if {name!r} != "exec" else 2
        print(f())
        """,
        select="app.f",
    )


def test_c1_a_class_body_inside_a_function_reads_globals(same):
    same(
        """
        X = 5
        def f():
            class P:
                X = X + 1
                Y = X
                def get(self): return X, self.X, self.Y
            return P().get()
        print(f())
        X = 50
        print(f())
        """,
        select="app.f",
    )


def test_c1_globals_are_written_through_the_dict(same):
    same(
        """
        def setup(n):
            globals()["made"] = n
            globals().update(other=[n])
            exec("third = made + 1", globals())
            del globals()["gone"]
        gone = 1
        setup(4)
        print(made, other, third, "gone" in globals())
        """,
        select="app.setup",
    )


def test_c1_the_names_of_the_module_are_the_originals(same):
    same(
        """
        import math
        def names(): return list(globals())
        def user(): return sorted(set(dir()) | {n for n in globals() if not n.startswith("__")})
        class K: pass
        x = 1
        print(names())
        print(user(), list(globals()))
        """,
        select="app.names,app.user",
    )


def test_c1_a_missing_name_raises_the_same_error(same):
    same(
        """
        def f(which):
            try:
                return eval("not_there") if which else also_missing
            except NameError as e:
                return str(e), e.name
        print(f(0), f(1))
        not_there = also_missing = "now"
        print(f(0), f(1))
        """,
        select="app.f",
    )


BY_TEXT = {
    "typing.get_type_hints": "typing.get_type_hints(annotated)",
    "an alias": "hints_of(annotated)",
    "inspect.signature": "str(inspect.signature(annotated, eval_str=True))",
    "inspect.get_annotations": "inspect.get_annotations(annotated, eval_str=True)",
    "dataclass": "made()",
    "singledispatch": "dispatching(deque())",
    "pydoc.locate": "pydoc.locate('__main__.FOUND')",
}


@pytest.mark.parametrize("name", BY_TEXT)
def test_c1_a_library_that_looks_names_up_by_text_finds_them(same, name):
    same(
        f"""
        from __future__ import annotations
        import functools, inspect, pydoc, typing
        from collections import deque
        from dataclasses import KW_ONLY, InitVar, dataclass, fields
        from typing import ClassVar, Literal
        FOUND = ["found"]
        hints_of = typing.get_type_hints
        def annotated(x: Literal["q"], *, y: deque[str] = None) -> Literal["r"]: ...
        def made():
            @dataclass
            class P:
                n: ClassVar[int] = 1
                m: InitVar[int] = 1
                x: int = 2
                _: KW_ONLY
                y: int
            return [f.name for f in fields(P)], repr(P(1, y=4))
        @functools.singledispatch
        def shown(x): return "?"
        def dispatching(x):
            @shown.register
            def _(x: deque): return "deque"
            return shown(x)
        def f():
            return {BY_TEXT[name]}
        print(f(), f() is FOUND)
        """,
        select="app.f",
        remote=() if name == "singledispatch" else None,
    )


def test_c2_lambdas_of_one_line_and_name_are_told_apart(same):
    same(
        """
        fs = [lambda: 1, lambda: 2]
        def call(f): return f(), f.__name__, f.__qualname__
        print(call(fs[1]), call(fs[0]), [call(f) for f in reversed(fs)])
        """,
        select="app.call",
    )


def test_c2_lambdas_of_one_place_differ_by_what_they_captured(same):
    same(
        """
        late = [lambda: i for i in range(3)]
        early = [lambda i=i: i for i in range(3)]
        nested = [(lambda a: lambda b: a * b)(n) for n in (2, 3)]
        def call(f, *a): return f(*a)
        print([call(f) for f in late + early], [call(f, 10) for f in nested])
        """,
        select="app.call",
    )


def test_c2_equal_lambdas_nested_in_one_line(same):
    same(
        """
        pair = (lambda x: (lambda x: x + 1)(x), lambda x: (lambda x: x - 1)(x)); same = [lambda: 0, lambda: 0]
        def call(f, *a): return f(*a)
        print(call(pair[0], 5), call(pair[1], 5), [call(f) for f in same], [call(lambda: 7), call(lambda: 8)])
        """,
        select="app.call",
    )


def test_c2_a_function_defined_twice_keeps_both_bodies(same):
    same(
        """
        def f(x): return "first", x
        first = f
        def f(x): return "second", x
        def both(x): return first(x), f(x), first.__qualname__ == f.__qualname__
        print(both(1), f(2), first(3))
        """,
        select="app.both,app.f",
    )


def test_c2_a_definition_chosen_by_a_condition(same):
    same(
        """
        import sys
        if len(sys.argv) > 1:
            def f(x): return "with", x
        else:
            def f(x): return "without", x
        def call(x): return f(x)
        print(call(1), f(2))
        """,
        select="app.call,app.f",
        argv=("x",),
    )
