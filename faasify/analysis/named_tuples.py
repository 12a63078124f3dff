"""What a named tuple has besides being a tuple.

P = namedtuple("P", "f g")           P._make([a, b]).g is b, P._fields are "f" and "g"
class P(NamedTuple): f: F; g: G      P(a, b)._replace(f=c).f is c, P(a, b)._asdict()["g"] is b
"""

from __future__ import annotations

from collections.abc import Iterator

from faasify.analysis import iteration
from faasify.analysis.bodies import Arguments
from faasify.analysis.calls import Here, call_method
from faasify.analysis.elements import holder
from faasify.analysis.members import member
from faasify.analysis.mro import is_subclass, order
from faasify.analysis.records import annotated, fill_tuple
from faasify.analysis.state import Given, State
from faasify.analysis.structured import structured
from faasify.analysis.values import Cls, Obj, Value

MAKE, REPLACE = "builtins:tuple._make", "builtins:tuple._replace"
_BY_REPLACE = ("_make", "__iter__", "__len__")
_LISTED = frozenset(["builtins:list", "builtins:tuple"])


def _fields(state: State, of: Obj | Cls) -> Iterator[tuple[str, ...]]:
    """The names of its fields, in their order, as each of the named tuples that it inherits from has them."""
    if isinstance(of, Obj) and of.is_library:
        yield state.records.get(of.site.removesuffix("#made"), ())
        return
    cls = of.cls if isinstance(of, Obj) else of.name
    for base in order(state, cls):
        yield from state.record_bases.get(base, {})
    if is_subclass(state, cls, "typing:NamedTuple"):
        yield tuple(annotated(state, cls))


def make(state: State, here: Here, receiver: Obj | Cls) -> None:
    """`P._make(xs)`: a tuple of what they hold; no `__new__` and no `__init__` of the program's is called."""
    if isinstance(receiver, Cls):
        state.graph.put(here.result, [Obj(receiver.name)])
        state.deferred.append(lambda: _fill(state, here, receiver))  # when it is known what the class inherits
    elif receiver.cls == "builtins:type":
        state.graph.put(here.result, [Obj("builtins:tuple", f"{receiver.site}#made")])
        _fill(state, here, receiver)


def _fill(state: State, here: Here, receiver: Obj | Cls) -> None:
    for names in _fields(state, receiver):
        parts = {name: state.graph.node() for name in names}
        _take_parts(state, here, list(parts.values()))
        if isinstance(receiver, Cls):
            _set_fields(state, receiver, names, parts, here)
        else:
            fill_tuple(state, receiver.site, Obj("builtins:tuple", f"{receiver.site}#made"), here, Arguments([], parts))


def _take_parts(state: State, here: Here, parts: list[int]) -> None:
    def learn(value: Value) -> None:
        if isinstance(value, Obj) and value.cls in _LISTED and value.site:
            for index, part in enumerate(parts):
                state.held(value.site, part, str(index))
            return
        element = iteration.elements(state, state.static(value), here.body, here.node)
        for part in parts:
            state.graph.edge(element, part)

    for node in here.args.positional[:1]:
        state.graph.watch(node, learn)
        for part in parts:
            here.body.parts.append((node, part, ""))
    for rest in (here.args.star, here.args.double):
        for part in parts if rest is not None else ():
            state.graph.put_unknown(part)


def _set_fields(state: State, cls: Cls, names: tuple[str, ...], given: dict[str, int], here: Here) -> None:
    state.filled.setdefault(cls.name, set()).update(names)
    for name, node in given.items():
        state.graph.edge(node, state.node("field", cls.name, name))
        state.hold(holder(Obj(cls.name)).site, node, str(names.index(name)) if name in names else "?")
        here.body.puts.append((here.result, node, name))


def replace(state: State, here: Here, receiver: Obj) -> None:
    """`p._replace(f=g)`: another tuple, of the same fields."""
    state.graph.put(here.result, [receiver])
    _keep_contents(here)
    named = Arguments([], here.args.keywords, None, here.args.double)
    if receiver.is_library:
        fill_tuple(state, receiver.site.removesuffix("#made"), receiver, here, named)
        return
    for name in _BY_REPLACE:
        result = here.result if name == "_make" else state.graph.node()
        call_method(state, receiver, name, here.implicit(Arguments(star=state.fresh()), result))
    state.deferred.append(lambda: _replaced(state, here, receiver))


def _keep_contents(here: Here, name: str = "[:]", part: int | None = None) -> None:
    """What is in the tuple is in the other one, too: who changes it there changes it here. Of a class's instance, field by field."""
    record = here.body.receivers.get(here.node)
    if record is not None and part is not None:
        here.body.parts.append((record, part, name))
    if record is not None:
        here.body.puts.append((here.result, record if part is None else part, name))


def _replaced(state: State, here: Here, receiver: Obj) -> None:
    for names in _fields(state, receiver):
        for name in names:
            _keep_contents(here, name, state.graph.node())
        given = dict(here.args.keywords)
        if here.args.double is not None:
            given |= {name: here.args.double for name in names if name not in given}
        _set_fields(state, Cls(receiver.cls), names, given, here)


@structured("builtins:tuple._asdict")
def _as_dict(state: State, here: Here, given: Given, called: int) -> None:
    """A dictionary of the fields by their names."""
    site = state.site_name(here.body, here.node)
    _keep_contents(here)
    for node in given["self"]:
        state.graph.watch(node, lambda v: _pour_fields(state, v, site) if isinstance(v, Obj) else None)


def _pour_fields(state: State, record: Obj, site: str) -> None:
    for names in _fields(state, record):
        for name in names:
            state.hold(site, member(state, record, name), repr(name))
            state.graph.put(state.node("keys", site), [Obj("builtins:str", const=repr(name))])


def field_names(state: State, of: Obj | Cls, node: int) -> None:
    """`P._fields`: a tuple of their names."""
    for names in _fields(state, of):
        site = f"{of.site if isinstance(of, Obj) and of.is_library else of}#fields"
        for index, name in enumerate(names):
            state.hold(site, state.static(Obj("builtins:str", const=repr(name))), str(index))
        state.graph.put(node, [Obj("builtins:tuple", site)])
