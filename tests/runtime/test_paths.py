"""Where in some values an object is: the shortest path, found without running anything of the program's."""

from __future__ import annotations

from collections import deque
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faasify.runtime.unit.loaded import Opaque
from faasify.runtime.unit.paths import largest, path_to
from tests.runtime.worlds import TwoWorlds


class Named:
    def __init__(self, **attributes: Any) -> None:
        vars(self).update(attributes)

    def look(self) -> None:
        pass


class Slots:
    __slots__ = ("a",)

    def __init__(self, a: Any) -> None:
        self.a = a


class Loud(list):  # type: ignore[type-arg]
    """Whoever iterates, shows or asks it for an attribute is found out."""

    def __iter__(self) -> Any:
        raise AssertionError

    __repr__ = __len__ = __eq__ = __hash__ = __getattribute__ = __iter__  # type: ignore[assignment]


class Keeper:
    def __init__(self, *kept: Any) -> None:
        self.kept = kept

    def abort(self, kind: str, what: str) -> None:
        pass


def caused(by: Any) -> Exception:
    error = ValueError()
    error.__cause__ = KeyError(by)
    return error


WHERE = object()


@pytest.mark.parametrize(
    ("roots", "path"),
    [
        ({"args.x": WHERE}, "args.x"),
        ({"args.x": {"log": Named(stream=WHERE)}}, "args.x['log'].stream"),
        ({"args.a": 1, "args.b": [0, (1, WHERE)]}, "args.b[1][1]"),
        ({"args.s": {WHERE}}, "args.s{...}"),
        ({"args.f": (lambda kept: lambda: kept)(WHERE)}, "args.f.<kept>"),
        ({"args.n": SimpleNamespace(a={1: WHERE})}, "args.n.a[1]"),
        ({"app.__loader__": Opaque("loader", Keeper(WHERE).abort), "app.far": [[[WHERE]]]}, "app.far[0][0][0]"),
        ({"app.__loader__": Opaque("loader", Keeper(WHERE).abort)}, ""),
        ({"args.x": {"deep": [[[[WHERE]]]], "near": WHERE}}, "args.x['near']"),
        ({"args.d": {"k": deque([WHERE])}}, "args.d['k'][0]"),
        ({"args.k": {WHERE: 1}}, "args.k key <object>"),
        ({"args.e": ValueError(WHERE)}, "args.e.args[0]"),
        ({"args.e": caused(WHERE)}, "args.e.__cause__.args[0]"),
        ({"args.s": Slots(WHERE)}, "args.s.a"),
        ({"args.l": Loud([WHERE])}, "args.l[0]"),
        ({"args.m": Named(x=WHERE).look}, "args.m.__self__.x"),
        ({"args.x": [1, 2]}, ""),
        ({}, ""),
    ],
)
def test_path_to_a_culprit(roots: dict[str, Any], path: str) -> None:
    assert path_to(roots, WHERE) == path


def test_path_to_ends_in_cycles_and_large_values() -> None:
    cycle: list[Any] = []
    cycle.append(cycle)
    assert path_to({"args.x": cycle}, WHERE) == ""
    assert path_to({"args.x": [[i] for i in range(80_000)]}, WHERE) == ""
    empty: Any = None

    def unbound() -> Any:
        return later

    if empty:
        later = 1
    assert path_to({"args.f": unbound}, WHERE) == ""


def containers(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(inner, min_size=1, max_size=3) | st.dictionaries(st.text(max_size=3), inner, min_size=1, max_size=3)


nested = st.recursive(st.just(WHERE), containers, max_leaves=8)


@given(nested)
def test_path_to_is_an_expression_for_the_culprit(value: Any) -> None:
    assert eval(path_to({"x": value}, WHERE), {"x": value}) is WHERE


def test_nothing_of_a_key_runs() -> None:
    class Key:
        def __repr__(self) -> str:
            raise AssertionError

        def __hash__(self) -> int:
            return 1

    assert path_to({"args.d": {Key(): [WHERE]}}, WHERE) == "args.d[<Key>][0]"


def test_the_largest_part() -> None:
    values = {"args.small": [1], "app.table": {"a": [0] * 10, "b": [list(range(900)), [2]]}}
    assert largest(values, lambda value: len(str(value))) == "app.table['b'][0]"


def test_what_a_unit_cannot_send_back_is_named() -> None:
    pair = TwoWorlds("def f(d): d['log'] = [(x for x in ())]; return 1")
    from faasify.runtime.unit.codec import Untravellable

    with pytest.raises(Untravellable) as raised:
        pair.call("f", d := {})
    assert d == {} and type(raised.value.obj).__name__ == "generator"
