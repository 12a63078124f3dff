"""Generated programs: what is written in the text is found, and nothing that parses makes the analysis fail."""

from __future__ import annotations

import ast
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from faasify.analysis import analyse
from faasify.frontend import load
from faasify.model.effects import Analysis

SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
NAMES = ["a", "b", "c", "f", "g", "C", "len", "print", "self"]


def analysis_of(source: str) -> Analysis:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "app.py").write_text(source)
        return analyse(load("app.py", cwd=Path(folder)))


# -- expressions and statements over few names, so that they meet

name = st.sampled_from(NAMES)
load_name = name.map(lambda n: ast.Name(n, ast.Load()))
constant = st.sampled_from([0, 1, "k", None, True, 2.5]).map(ast.Constant)


def _larger(inner: st.SearchStrategy[ast.expr]) -> st.SearchStrategy[ast.expr]:
    few = st.lists(inner, max_size=3)
    return st.one_of(
        st.builds(lambda f, a: ast.Call(f, a, []), inner, few),
        st.builds(lambda f, a, n: ast.Call(f, [ast.Starred(a, ast.Load())], [ast.keyword(n, a)]), inner, inner, name),
        st.builds(lambda v, n: ast.Attribute(v, n, ast.Load()), inner, name),
        st.builds(lambda v, i: ast.Subscript(v, i, ast.Load()), inner, inner),
        st.builds(lambda a, b: ast.BinOp(a, ast.Add(), b), inner, inner),
        st.builds(lambda a, b: ast.Compare(a, [ast.Lt()], [b]), inner, inner),
        st.builds(lambda a, b: ast.BoolOp(ast.Or(), [a, b]), inner, inner),
        st.builds(ast.IfExp, inner, inner, inner),
        st.builds(lambda e: ast.List(e, ast.Load()), few),
        st.builds(lambda e: ast.Tuple(e, ast.Load()), few),
        st.builds(lambda k, v: ast.Dict([k], [v]), inner, inner),
        st.builds(lambda e, n, i: ast.ListComp(e, [ast.comprehension(ast.Name(n, ast.Store()), i, [], 0)]), inner, name, inner),
        st.builds(lambda n, e: ast.Lambda(_arguments([n]), e), name, inner),
        st.builds(lambda e: ast.JoinedStr([ast.FormattedValue(e, -1, None)]), inner),
    )


def _arguments(names: list[str]) -> ast.arguments:
    return ast.arguments([], [ast.arg(n) for n in dict.fromkeys(names)], None, [], [], None, [])


expression = st.recursive(st.one_of(load_name, constant), _larger, max_leaves=6)
target = st.one_of(
    name.map(lambda n: ast.Name(n, ast.Store())),
    st.builds(lambda v, n: ast.Attribute(v, n, ast.Store()), load_name, name),
    st.builds(lambda v, i: ast.Subscript(v, i, ast.Store()), load_name, expression),
)
simple = st.one_of(
    st.builds(lambda t, v: ast.Assign([t], v), target, expression),
    st.builds(lambda t, v: ast.AugAssign(t, ast.Add(), v), target, expression),
    st.builds(ast.Expr, expression),
    st.builds(lambda t: ast.Delete([t]), name.map(lambda n: ast.Name(n, ast.Del()))),
    st.builds(lambda n: ast.Import([ast.alias(n)]), st.sampled_from(["os", "math", "app", "a"])),
)


def _blocks(inner: st.SearchStrategy[ast.stmt]) -> st.SearchStrategy[ast.stmt]:
    body = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        st.builds(
            lambda n, p, b, d: ast.FunctionDef(n, _arguments(p), b, d),
            name,
            st.lists(name, max_size=2),
            body,
            st.lists(load_name, max_size=1),
        ),
        st.builds(lambda n, bases, b: ast.ClassDef(n, bases, [], b, []), name, st.lists(load_name, max_size=2), body),
        st.builds(lambda t, b: ast.If(t, b, []), expression, body),
        st.builds(lambda t, i, b: ast.For(t, i, b, []), target, expression, body),
        st.builds(lambda e, t, b: ast.With([ast.withitem(e, t)], b), expression, target, body),
        st.builds(lambda b, e, n, h: ast.Try(b, [ast.ExceptHandler(e, n, h)], [], []), body, expression, name, body),
        st.builds(lambda n, b, e: ast.FunctionDef(n, _arguments(["self"]), [*b, ast.Return(e)], []), name, body, expression),
    )


program = st.lists(st.recursive(simple, _blocks, max_leaves=8), min_size=1, max_size=5)


@SETTINGS
@given(program)
def test_nothing_that_parses_makes_the_analysis_fail(body: list[ast.stmt]) -> None:
    source = ast.unparse(ast.fix_missing_locations(ast.Module(body, [])))
    analysis = analysis_of(source)
    for facts in analysis.functions.values():
        assert facts.name in facts.closure
        assert (facts.verdict == "travels") == (not facts.reasons)
        assert set(facts.closure) <= analysis.callgraph.definitions.keys()


WRITES = {
    "assigned": "{n} = 1",
    "augmented": "{n} += 1",
    "deleted": "del {n}",
    "looped": "for {n} in [1]: pass",
    "unpacked": "[_, *{n}] = 1, 2",
    "bound by with": "with open('x') as {n}: pass",
    "caught": "try: pass\n    except ValueError as {n}: pass",
    "imported": "import math as {n}",
    "defined": "def {n}(): pass",
    "walrus": "print({n} := 1)",
    "matched": "match 1:\n        case {n}: pass",
}


@SETTINGS
@given(st.lists(st.tuples(st.sampled_from(["x", "y", "z"]), st.sampled_from(sorted(WRITES))), min_size=1, max_size=4), st.integers(0, 3))
def test_every_global_that_a_function_writes_is_among_its_writes_and_its_callers(writes: list[tuple[str, str]], depth: int) -> None:
    names = sorted({n for n, _ in writes})
    lines = "\n    ".join(WRITES[how].format(n=n) for n, how in writes)
    source = f"x = y = z = 0\ndef f0():\n    global {', '.join(names)}\n    {lines}\n"
    source += "".join(f"def f{i + 1}():\n    f{i}()\n" for i in range(depth))
    functions = analysis_of(source).functions
    for i in range(depth + 1):
        assert set(functions[f"app.f{i}"].writes) == {f"app.{n}" for n in names}


@SETTINGS
@given(st.lists(st.sampled_from(["x", "y", "z"]), min_size=1, max_size=3, unique=True), st.booleans())
def test_locals_and_parameters_of_the_same_name_are_no_globals(names: list[str], as_parameters: bool) -> None:
    given_names, assigned = (", ".join(names), "pass") if as_parameters else ("", "; ".join(f"{n} = 1" for n in names))
    source = f"x = y = z = 0\ndef f({given_names}):\n    {assigned}\n    return [{', '.join(names)}]\n"
    facts = analysis_of(source).functions["app.f"]
    assert (facts.reads, facts.writes) == ((), ())


@SETTINGS
@given(st.permutations(["a", "b", "c", "d", "e"]), st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=8))
def test_an_effect_reaches_exactly_those_that_can_call_it(order: list[str], edges: list[tuple[int, int]]) -> None:
    calls = {n: {order[t] for s, t in edges if order[s] == n} for n in order}
    source = "".join(
        f"def {n}():\n    {'; '.join([*(f'{t}()' for t in sorted(calls[n])), 'print()' if n == 'a' else 'pass'])}\n" for n in order
    )
    reaching, grown = {"a"}, True
    while grown:
        more = {n for n in order if calls[n] & reaching} - reaching
        reaching, grown = reaching | more, bool(more)
    functions = analysis_of(source).functions
    assert {n for n in order if any(e.kind == "stdout" for e in functions[f"app.{n}"].effects)} == reaching
