"""Components against their definition: two names are in one exactly if each leads to the other, and callees come first."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from faasify.analysis.components import components

names = st.sampled_from("abcdefgh")
graphs = st.dictionaries(names, st.frozensets(names, max_size=4), max_size=8)


def reached(edges: dict[str, frozenset[str]], start: str) -> set[str]:
    found, waiting = {start}, [start]
    while waiting:
        for to in edges[waiting.pop()]:
            if to in edges and to not in found:
                found.add(to)
                waiting.append(to)
    return found


@given(graphs)
def test_each_name_is_in_the_component_of_those_that_it_leads_to_and_back_from(edges: dict[str, frozenset[str]]) -> None:
    leads_to = {name: reached(edges, name) for name in edges}
    expected = {name: sorted(to for to in leads_to[name] if name in leads_to[to]) for name in edges}
    found = {name: component for component, _ in components(edges) for name in component}
    assert found == expected


@given(graphs)
def test_callees_come_first_and_are_named(edges: dict[str, frozenset[str]]) -> None:
    done: set[str] = set()
    for component, onward in components(edges):
        assert onward == {to for name in component for to in edges[name] if to in edges} - set(component)
        assert onward <= done
        done |= set(component)
    assert done == edges.keys()


def test_a_long_chain_needs_no_recursion() -> None:
    edges = {str(i): [str(i + 1)] for i in range(50_000)} | {"50000": ["0"]}
    ((component, onward),) = components(edges)
    assert (len(component), onward) == (50_001, set())
