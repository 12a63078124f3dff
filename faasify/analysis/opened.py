"""Attributes and elements that are taken by names which are in a text, or which analysis does not see.

template.format(x=p)                            any property of p, p.__getitem__, p.__getattr__, and of what these give
string.Formatter().format("{x.total}", x=p)     p.total
getattr(p, name)                                any property of p
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable

from faasify.analysis.asking import HOOKS, remember
from faasify.analysis.bodies import NO_ARGUMENTS, Arguments
from faasify.analysis.calls import Here, call_method, load_from
from faasify.analysis.elements import holder
from faasify.analysis.members import attribute_names, member
from faasify.analysis.state import State
from faasify.analysis.values import STR, Obj, Unknown, Value, is_own, read_const

_STEP = re.compile(r"\.(\w+)|\[[^\]]*\]")


def open_fields(state: State, here: Here, texts: Iterable[int], values: int) -> None:
    """What the fields of these texts take of `values` goes to `values` too."""
    done: set[str | None] = set()

    def learn(value: Value) -> None:
        if isinstance(value, Unknown) or (isinstance(value, Obj) and value.cls == "builtins:str"):
            names = fields_of(value.const) if isinstance(value, Obj) and value.const else None
            for name in [None] if names is None else names:
                if name not in done:
                    done.add(name)
                    if name != "":
                        open_attributes(state, here, values, values, name)
                    if not name:
                        _open_elements(state, here, values)

    for text in texts:
        state.graph.watch(text, learn)


def fields_of(const: str) -> list[str] | None:
    """The attributes that the fields of a text take, `""` for elements; None where that is not seen.

    >>> fields_of("'{x.name} {y[0]} {z}'")
    ['name', '']
    """
    try:
        fields = [name for _, name, _, _ in string.Formatter().parse(read_const(const)) if name]
        fields += [name for _, _, spec, _ in string.Formatter().parse(read_const(const)) if spec and "{" in spec for name in [spec]]
    except ValueError:
        return None
    return [found for name in fields for found in _STEP.findall(name)]


def open_attributes(state: State, here: Here, of: int, into: int, name: str | None) -> None:
    """Attributes of what the node turns out to be: that one, or with None any."""
    loading = here.implicit(NO_ARGUMENTS, into)
    named = here.implicit(Arguments([state.static(STR)]), into)
    here.body.parts.append((of, into, name or ""))
    remember(state, here, of)

    def learn(value: Value) -> None:
        if is_own(value):
            state.deferred.append(lambda: _load(state, value, name, loading))  # when it is known what the class inherits
            for hook in HOOKS if name is None else ():
                if hook in state.bound_in_classes:
                    call_method(state, value, hook, named)

    state.graph.watch(of, learn)


def _load(state: State, value: Value, name: str | None, here: Here) -> None:
    for each in sorted(attribute_names(state, value)) if name is None else [name]:
        if name or (each[:2] != "__" and each in state.managed):
            load_from(state, member(state, value, each), here)


def _open_elements(state: State, here: Here, values: int) -> None:
    here.body.parts.append((values, values, ""))
    taken = here.implicit(Arguments([state.static(STR)]), values)

    def learn(value: Value) -> None:
        if is_own(value):
            for name in ("__getitem__", "__missing__"):
                call_method(state, value, name, taken)
        if isinstance(value, Obj):
            state.held(holder(value).site, values)

    state.graph.watch(values, learn)
