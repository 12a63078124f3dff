"""Library calls whose result has a structure, or that pick a part of one: more than an effect stub can say.

zip([f], [1])              holds tuples, of f and 1
itemgetter("a")(table)     what the table holds under "a"
{}.popitem()               a tuple of a key and a value

What containers and callbacks do is here; the rest is registered by structured_iterators.py, structured_operator.py, structured_classes.py,
structured_sets.py, structured_containers.py, structured_coroutines.py, structured_csv.py, structured_dates.py,
structured_exceptions.py, structured_json.py, structured_kept.py, structured_logging.py, structured_paths.py, structured_replaced.py,
structured_servers.py, class_checks.py and parsing.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from faasify.analysis import iteration
from faasify.analysis.asking import asked, looked_for, tested
from faasify.analysis.bodies import NO_ARGUMENTS, Arguments
from faasify.analysis.calls import Here, call_method, call_node
from faasify.analysis.chains import CHAIN, ask_maps, put_below
from faasify.analysis.elements import MAPPINGS, holder
from faasify.analysis.namespaces import NAMES_OF_CLASS, fill_names
from faasify.analysis.raised import throw
from faasify.analysis.records import record_names
from faasify.analysis.state import Given, State
from faasify.analysis.values import RAISED, STR, Obj, Unknown, Value, is_own, read_const

Structured = Callable[[State, Here, Given, int], None]
"""Of the state, the call, its arguments by parameter, and the node of what its callbacks give."""
STRUCTURED: dict[str, Structured] = {}
_WRITING_ON = frozenset(["io:TextIOWrapper", "codecs:StreamWriter", "codecs:StreamReaderWriter"])
RESULTS: set[Structured] = set()
BY_METHOD: set[str] = set()
"""Functions that give what a method of their argument returns."""


def structured(*paths: str, result: bool = False) -> Callable[[Structured], Structured]:
    """Registers what is to be done after what the stub says of these functions; `result`: it knows what they give."""

    def register(function: Structured) -> Structured:
        if again := STRUCTURED.keys() & paths:
            raise ValueError(f"{', '.join(sorted(again))}: registered already")  # the later one would silently win
        STRUCTURED.update(dict.fromkeys(paths, function))
        if result:
            RESULTS.add(function)
        return function

    return register


def receivers(state: State, given: Given, learn: Callable[[Obj], None]) -> None:
    for node in given["self"]:
        state.graph.watch(node, lambda v: learn(holder(v)) if isinstance(v, Obj) else None)


def elements(state: State, here: Here, nodes: Iterable[int]) -> list[int]:
    return [iteration.elements(state, node, here.body, here.node) for node in nodes]


def tuple_of(state: State, site: str, parts: Iterable[tuple[str, int]]) -> Obj:
    """A tuple with these parts, by index."""
    made = Obj("builtins:tuple", site)
    for index, node in parts:
        state.hold(made.site, node, index)
    return made


def named(state: State, here: Here, suffix: str) -> str:
    return f"{state.site_name(here.body, here.node)}#{suffix}"


def constants(nodes: Iterable[int], state: State, learn: Callable[[str], None]) -> None:
    def each(value: Value) -> None:
        if isinstance(value, Obj) and value.const and value.cls == "builtins:str":
            learn(read_const(value.const))

    for node in nodes:
        state.graph.watch(node, each)


@structured("builtins:dict.fromkeys")
def _fromkeys(state: State, here: Here, given: Given, called: int) -> None:
    made = Obj("builtins:dict", state.site_name(here.body, here.node))
    for keys in elements(state, here, given.get("iterable", ())):
        state.graph.edge(keys, state.node("keys", made.site))
    for node in given.get("value", ()):
        state.hold(made.site, node)
        here.body.puts.append((here.result, node, ""))


@structured("builtins:dict.popitem", "collections:OrderedDict.popitem")
def _popitem(state: State, here: Here, given: Given, called: int) -> None:
    site = named(state, here, "item")
    values = state.graph.node()
    keys = state.graph.node()
    state.graph.put(here.result, [tuple_of(state, site, [("0", keys), ("1", values)])])
    if (receiver := here.body.receivers.get(here.node)) is not None:
        here.body.parts.append((receiver, here.result, ""))

    def learn(table: Obj) -> None:
        state.held(table.site, values)
        state.graph.edge(state.node("keys", table.site), keys)

    receivers(state, given, learn)


@structured("builtins:dict.update")
def _update(state: State, here: Here, given: Given, called: int) -> None:
    def learn(table: Obj) -> None:
        for name in here.args.keywords:
            state.graph.put(state.node("keys", table.site), [Obj("builtins:str", const=repr(name))])
        names_given(state, here, table)
        for other in given.get("other", ()):
            state.graph.watch(other, lambda v: merge(state, here, v, table))

    receivers(state, given, learn)


def in_mapping(state: State, args: Arguments, name: str) -> int:
    """What a call gets under this name from a mapping that is spread."""
    found = state.graph.node()

    def learn(value: Value) -> None:
        if isinstance(value, Obj) and value.cls in MAPPINGS:
            state.held(value.site, found, repr(name))
        elif args.double is not None:
            state.graph.edge(args.double, found)

    if args.doubled is not None:
        state.graph.watch(args.doubled, learn)
    elif args.double is not None:
        state.graph.edge(args.double, found)
    return found


def names_given(state: State, here: Here, table: Obj) -> None:
    """`dict(**m)`, `table.update(**m)`: the table gets what the mapping has."""
    keys, args = state.node("keys", table.site), here.args
    if args.double is None:
        return

    def learn(value: Value) -> None:
        if isinstance(value, Obj) and value.cls in MAPPINGS:
            state.pour(value.site, table.site)
            state.graph.edge(state.node("keys", value.site), keys)
        else:
            anything()

    def anything() -> None:
        state.hold(table.site, args.double)  # type: ignore[arg-type]
        state.graph.put(keys, [STR])

    here.body.puts.append((state.static(table), args.double, ""))
    if args.doubled is not None:
        state.graph.watch(args.doubled, learn)
    else:
        anything()


def put_pair(state: State, item: Value, key: int, value: int, here: Here) -> None:
    """What a mapping gets from one of the pairs that it is given."""
    if isinstance(item, Obj) and item.cls in ("builtins:tuple", "builtins:list"):
        state.held(item.site, key, "0")
        state.held(item.site, value, "1")
    elif isinstance(item, Unknown):
        state.graph.put_unknown(key)
        state.graph.put_unknown(value)
    elif is_own(item):
        iteration.pair_of(state, item, here.body, here.node, (key, value))


def merge(state: State, here: Here, value: Value, table: Obj) -> None:
    """All that a mapping has, or a list of pairs, the table gets."""
    keys = state.node("keys", table.site)
    if isinstance(value, Obj) and value.cls in MAPPINGS:
        if value.cls == CHAIN:
            ask_maps(state, value, "items", here)
        state.pour(value.site, table.site)
        if table.site.endswith(NAMES_OF_CLASS):
            state.deferred.append(lambda: fill_names(state, value.site, table.site.removesuffix(NAMES_OF_CLASS)))
        state.graph.edge(state.node("keys", value.site), keys)
        return
    values = state.graph.node()
    state.hold(table.site, values)
    iteration.unpacked(state, value, here.body, here.node, values, keys)
    if not isinstance(value, Obj):
        return

    def pair(item: Value) -> None:
        put_pair(state, item, keys, values, here)

    pairs = iteration.elements(state, state.static(value), here.body, here.node)
    here.body.puts.append((state.static(table), pairs, "[:]"))
    state.graph.watch(pairs, pair)


@structured("collections.abc:MutableMapping.update", "collections:UserDict.__init__", "collections:UserDict.update")
def _set_items(state: State, here: Here, given: Given, called: int) -> None:
    """A mapping of the program gets each item by its own `__setitem__`."""
    items = Obj("builtins:dict", named(state, here, "items"))
    keys, values = state.node("keys", items.site), state.graph.node()
    state.held(items.site, values)
    for name in here.args.keywords:
        state.graph.put(keys, [Obj("builtins:str", const=repr(name))])
    for node in (*here.args.keywords.values(), *([here.args.double] if here.args.double is not None else [])):
        state.hold(items.site, node)
    for node in (*given.get("other", ()), *given.get("dict", ())):
        state.graph.watch(node, lambda v: merge(state, here, v, items))
    inner = here.implicit(here.args.__class__([keys, values]), state.graph.node())
    for node in given["self"]:
        state.graph.watch(node, lambda v: call_method(state, v, "__setitem__", inner) if is_own(v) else None)
    receivers(state, given, lambda table: state.graph.edge(keys, state.node("keys", table.site)))
    receivers(state, given, lambda table: state.hold(table.site, values))


@structured("builtins:dict.pop", "builtins:dict.__delitem__", "builtins:set.remove")
def _without(state: State, here: Here, given: Given, called: int) -> None:
    """What is not there is in the KeyError."""
    for key in (*given.get("key", ()), *given.get("elem", ())) if not given.get("default") else ():
        looked_for(state, here.body, key)


@structured("collections:defaultdict.__init__")
def _factory(state: State, here: Here, given: Given, called: int) -> None:
    """Kept for who looks for a key."""
    for node in given.get("default_factory", ()):
        receivers(state, given, lambda table, node=node: state.graph.edge(node, state.node("factory", table.site)))  # type: ignore[misc]


@structured("collections:ChainMap.new_child", "collections:ChainMap.copy")
def _chained_again(state: State, here: Here, given: Given, called: int) -> None:
    """Another chain, of the class of this one."""
    _chain_map(state, here, given, called)
    for node in given["self"]:
        state.graph.watch(node, lambda v: state.graph.put(here.result, [v]) if is_own(v) else None)


@structured("collections:ChainMap.__init__")
def _chain_map(state: State, here: Here, given: Given, called: int) -> None:
    nodes = [node for name in ("first", "maps", "m") for node in given.get(name, ())]
    for node in nodes:
        put_below(state, node)

    def learn(chained: Obj) -> None:
        for node in nodes:
            state.graph.watch(node, lambda v: merge(state, here, v, chained))

    receivers(state, given, learn)


@structured("builtins:iter")
def _iter(state: State, here: Here, given: Given, called: int) -> None:
    """`iter(read, b"")` calls read until it gives the sentinel."""
    if not given.get("sentinel"):
        return
    read = state.graph.node()
    for node in given.get("obj", ()):
        call_node(state, node, here.implicit(NO_ARGUMENTS, read))
    state.hold(state.site_name(here.body, here.node), read)
    for node, others in [(read, given["sentinel"]), *((s, [read]) for s in given["sentinel"])]:
        same = here.implicit(Arguments(others), state.graph.node())
        asked(state, node, "__eq__", same)
        tested(state, same.result, here)


@structured("builtins:next")
def _next(state: State, here: Here, given: Given, called: int) -> None:
    """What a `__next__` of the program gives."""
    state.graph.edge(called, here.result)
    here.body.copies.append((called, here.result))
    stopped(state, here, given.get("iterator", ()))


@structured("builtins:generator.__next__", "builtins:generator.throw", "builtins:coroutine.send", "builtins:coroutine.throw")
def _advanced(state: State, here: Here, given: Given, called: int) -> None:
    stopped(state, here, given["self"])
    for node in given.get("args", ()):  # the generator may catch it and change what it carries
        throw(state, node, here.body)
        carried = state.graph.node()
        here.body.parts.append((node, carried, ""))
        here.body.changes.append(carried)


def stopped(state: State, here: Here, generators: Iterable[int]) -> None:
    """What a generator returns, which may be something that it was given, is in the StopIteration that it ends with."""
    for node in generators if state.traits.stops else ():
        returned = state.graph.node()
        here.body.parts.append((node, returned, ""))
        for item in (node, returned):
            here.body.puts.append((state.static(RAISED), item, ""))


@structured("collections:namedtuple", "typing:NamedTuple")
def _namedtuple(state: State, here: Here, given: Given, called: int) -> None:
    state.records[state.site_name(here.body, here.node)] = record_names(here.node)


@structured(
    *(f"collections.abc:{name}" for name in ("Mapping.get", "MutableMapping.pop", "MutableMapping.setdefault", "MutableSequence.pop")),
    *(f"collections:UserDict.{name}" for name in ("get", "pop", "setdefault")),
)
def _got(state: State, here: Here, given: Given, called: int) -> None:
    """What the class's own method gave."""
    state.graph.edge(called, here.result)


def _may_ask(mapping: Obj, here: Here) -> None:
    """`list(view)` and `x in view` ask a mapping of the program for these; who has the view is not followed."""
    if not mapping.is_library:
        here.body.unknown(here.node, "__len__", "__getitem__")


def _view(kind: str) -> Structured:
    def view(state: State, here: Here, given: Given, called: int) -> None:
        """A view is gone through by the mapping's `__iter__`, and for its values by `__getitem__`: taken to happen where it is made."""
        keys, values = state.graph.node(), state.graph.node()
        receivers(state, given, lambda mapping: _may_ask(mapping, here))
        for node in elements(state, here, given["self"]):
            state.graph.edge(node, keys)
        for node in given["self"] if kind != "keys" else ():
            inner = here.implicit(here.args.__class__([keys]), values)
            state.graph.watch(node, lambda v, inner=inner: call_method(state, v, "__getitem__", inner))  # type: ignore[misc]
        pair = tuple_of(state, named(state, here, "pair"), [("0", keys), ("1", values)])
        held = {"keys": keys, "values": values, "items": state.static(pair)}[kind]
        state.hold(state.site_name(here.body, here.node), held)

    return view


for _kind in ("keys", "values", "items"):
    structured(f"collections.abc:Mapping.{_kind}")(_view(_kind))


@structured("heapq:heappush", "heapq:heapreplace", "heapq:heappushpop", "bisect:insort", "bisect:insort_left", "bisect:insort_right")
def _heap(state: State, here: Here, given: Given, called: int) -> None:
    """The list has the item, somewhere, and what else it has somewhere else."""
    for node in given.get("heap", given.get("a", ())):
        state.graph.watch(node, lambda v: state.shift(holder(v).site) if isinstance(v, Obj) else None)
        for item in given.get("item", given.get("x", ())):
            state.graph.watch(node, lambda v, item=item: state.hold(holder(v).site, item) if isinstance(v, Obj) else None)  # type: ignore[misc]
            here.body.puts.append((node, item, ""))


@structured("builtins:print")
def _print(state: State, here: Here, given: Given, called: int) -> None:
    """Standard output may be an object of the program, which is flushed where that is asked for."""
    args = here.implicit(Arguments([state.static(STR)]), state.graph.node())
    flushed = here.implicit(NO_ARGUMENTS, state.graph.node())
    for node in given.get("file") or [state.node("stream", "stdout")]:
        state.graph.watch(node, lambda v: call_method(state, v, "write", args) if _is_behind(v) else None)
        if given.get("flush"):
            state.graph.watch(node, lambda v: call_method(state, v, "flush", flushed) if _is_behind(v) else None)


def _is_behind(value: Value) -> bool:
    """Whether an object of the program gets the text, itself or through a stream of a library that writes to it."""
    return is_own(value) or (isinstance(value, Obj) and value.cls in _WRITING_ON)


@structured("contextlib:redirect_stdout.__init__", "contextlib:redirect_stderr.__init__")
def _redirect(state: State, here: Here, given: Given, called: int) -> None:
    for node in given.get("new_target", ()):
        state.graph.edge(node, state.node("stream", "stdout"))


@structured("operator:setitem")
def _setitem(state: State, here: Here, given: Given, called: int) -> None:
    """`table[key] = item`"""

    def learn(table: Value, key: int, item: int) -> None:
        if isinstance(table, Obj) and table.is_library:
            if table.cls in MAPPINGS:
                state.graph.edge(key, state.node("keys", table.site))
            state.hold_under(table, key, item)

    for node in given.get("a", ()):
        for key in given.get("b", ()):
            for item in given.get("c", ()):
                state.graph.watch(node, lambda v, key=key, item=item: learn(v, key, item))  # type: ignore[misc]
                here.body.puts.append((node, item, ""))


@structured("functools:reduce")
def _reduce(state: State, here: Here, given: Given, called: int) -> None:
    """What the function gave is the result, and its own first argument the next time."""
    state.graph.edge(called, here.result)
    for first in (*given.get("initial", ()), called):
        for function in given.get("function", ()):
            items = elements(state, here, given.get("iterable", ()))
            args = here.args.__class__([first, *items[:1]])
            call_node(state, function, here.implicit(args, called))
