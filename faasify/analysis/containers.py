"""Displays, comprehensions and subscripts to nodes.

[double, 3]          Obj("builtins:list", site) that holds Func("app.double") and an int
table["key"]         what is held under "key", or under a key that is not known
d = {}; d["a"] = f   as long as nobody else has d: a new version of it, with f alone under "a"
"""

from __future__ import annotations

import ast

from faasify.analysis import awaiting, iteration
from faasify.analysis.asking import asked, hashed, indexed, looked_for
from faasify.analysis.bodies import NO_ARGUMENTS, Arguments, Deferred
from faasify.analysis.calls import call, call_method, has_method, returns
from faasify.analysis.certain import SEQUENCES, constant, in_order, kind, site_of, taken, version
from faasify.analysis.chains import CHAIN, ask_maps
from faasify.analysis.elements import INDEXED, MAPPINGS, UNION, constant_key, shifted
from faasify.analysis.lowering import Literal, Lowering, lower, lowers
from faasify.analysis.members import member
from faasify.analysis.mro import when_bases_are_known
from faasify.analysis.names import peeked
from faasify.analysis.narrowing import Narrowed, assume, forget
from faasify.analysis.operators import truth
from faasify.analysis.syntax import ComprehensionNode
from faasify.analysis.values import (
    BYTES,
    INT,
    STR,
    UNKNOWN,
    Bound,
    Cls,
    Func,
    Lib,
    Obj,
    Unknown,
    Value,
    read_literal,
)

_UNIONS = ("typing:Union", "typing:Optional")
_COMPREHENSIONS: dict[type[ast.AST], str] = {
    ast.ListComp: "builtins:list",
    ast.SetComp: "builtins:set",
    ast.DictComp: "builtins:dict",
    ast.GeneratorExp: "builtins:generator",
}


@lowers(ast.List, ast.Tuple, ast.Set)
def _sequence(low: Lowering, node: ast.List | ast.Tuple | ast.Set) -> int:
    made = Obj(f"builtins:{node.__class__.__name__.lower()}", low.site_name(node))
    result = low.graph.of(made)
    certain = True  # after a starred element, positions are not known
    items: dict[str, int] = {}
    for element in node.elts:
        if isinstance(element, ast.Starred) and certain and not isinstance(node, ast.Set) and kind(low, element.value) in SEQUENCES:
            for inner in in_order(taken(low, element.value)[1]):
                low.state.hold(made.site, inner, str(len(items)))
                items[str(len(items))] = inner
                low.body.puts.append((result, inner, ""))
            continue
        if isinstance(element, ast.Starred):
            certain = False
            inner = iteration.collected(low.state, lower(low, element.value), low.body, element)
            low.state.hold(made.site, inner)
        else:
            inner = lower(low, element)
            low.state.hold(made.site, inner, str(len(items)) if certain else "?")
            items[str(len(items))] = inner
        low.body.puts.append((result, inner, ""))
    if isinstance(node, ast.Set):
        hashed(low.state, low.body, node, low.state.node("held", made.site), result)
    elif certain:
        low.literals[result] = Literal(made.cls, items, low.steps)
    return result


@lowers(ast.Dict)
def _dict(low: Lowering, node: ast.Dict) -> int:
    made = Obj("builtins:dict", low.site_name(node))
    result = low.graph.of(made)
    items: dict[str, int] = {}
    certain = True
    pairs: list[tuple[str, int, int]] = []
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None and kind(low, value) == made.cls:
            given, contents = taken(low, value)
            items |= contents.items
            pairs += [(name, item, -1) for name, item in contents.items.items()]
            low.graph.edge(low.state.node("keys", site_of(low, given)), low.state.node("keys", made.site))
            low.body.puts.append((result, given, "[:]"))
            continue
        found = lower(low, value)
        if key is None:
            certain = False
            inner = low.fresh()
            names = low.state.node("keys", made.site)
            low.graph.watch(found, lambda v, inner=inner, names=names: element_values(low, v, inner, node, names))  # type: ignore[misc]
            low.state.hold(made.site, inner)
            low.body.parts.append((found, inner, ""))
            low.body.puts.append((result, inner, ""))
            continue
        low.body.puts.append((result, found, ""))
        index = lower(low, key)
        low.graph.edge(index, low.state.node("keys", made.site))
        hashed(low.state, low.body, node, index)
        name = _constant_of(low, key, index)
        certain = certain and name != "?"
        items[name] = found
        pairs.append((name, found, index))
    last = {name: number for number, (name, _, _) in enumerate(pairs)}  # of equal keys the last one counts
    for number, (name, found, index) in enumerate(pairs):
        if name == "?":
            low.graph.edge(found, low.state.node("held", made.site))
            low.state.hold_under(made, index, found)
        elif last[name] == number:
            low.state.hold(made.site, found, name)
    if None in node.keys:
        hashed(low.state, low.body, node, low.state.node("keys", made.site))
    if certain:
        low.literals[result] = Literal(made.cls, items, low.steps)
    return result


def _constant_of(low: Lowering, key: ast.expr, index: int) -> str:
    """How a key is named that is certainly this constant, also by a name; "?" for others."""
    if isinstance(key, ast.Constant):
        return constant_key(key.value)
    if isinstance(key, ast.Tuple):
        return _literal_key(None, key) or "?"
    return constant(low, key, index) or "?"


def element_values(low: Lowering, value: Value, into: int, node: ast.AST, names: int | None = None) -> None:
    """What the value, a mapping, holds flows to `into`, and its keys to `names`."""
    if isinstance(value, Obj):
        low.state.held(value.site, into)
        if names is not None:
            low.graph.edge(low.state.node("keys", value.site), names)
    if isinstance(value, Obj | Unknown):
        iteration.unpacked(low.state, value, low.body, node, into, names)


@lowers(ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
def _comprehension(low: Lowering, node: ComprehensionNode) -> int:
    from faasify.analysis.assignment import assign

    around, inner = low.scope, low.state.scopes.by_node[node]
    first = lower(low, node.generators[0].iter)
    low.scope = inner
    before = len(low.body.names), len(low.body.fields), len(low.body.changes)
    narrowed: list[Narrowed] = []
    for index, generator in enumerate(node.generators):
        source = first if index == 0 else lower(low, generator.iter)
        if generator.is_async:
            found = awaiting.async_elements(low.state, source, low.here(generator.iter))
        else:
            found = iteration.elements(low.state, source, low.body, generator.iter)
        assign(low, generator.target, found)
        for condition in generator.ifs:
            truth(low, lower(low, condition), condition)
            narrowed.append(assume(low, condition, True))
    made = Obj(_COMPREHENSIONS[node.__class__], low.site_name(node))
    result = low.graph.of(made)
    if isinstance(node, ast.GeneratorExp):
        low.state.deferred_in[made.site] = low.body.name, inner.name
    if isinstance(node, ast.DictComp):
        key = lower(low, node.key)
        low.graph.edge(key, low.state.node("keys", made.site))
        hashed(low.state, low.body, node, key)
    element = lower(low, node.value if isinstance(node, ast.DictComp) else node.elt)
    for each in reversed(narrowed):
        forget(low, each)
    low.scope = around
    if isinstance(node, ast.GeneratorExp):
        low.body.deferred[inner.name] = _deferred(low, node, before)
    low.state.hold(made.site, element)
    low.body.puts.append((result, element, ""))
    if isinstance(node, ast.SetComp):
        hashed(low.state, low.body, node, element, result)
    return result


def _deferred(low: Lowering, node: ast.GeneratorExp, before: tuple[int, int, int]) -> Deferred:
    """All but what makes the first iterable, which is worked out where the expression stands."""
    names, fields, changes = before
    first = node.generators[0]
    later: list[ast.AST] = [node.elt, first.target, *first.ifs, *node.generators[1:]]
    nodes = frozenset([first.iter, *(part for each in later for part in ast.walk(each))])
    return Deferred(low.body.names[names:], low.body.fields[fields:], low.body.changes[changes:], nodes)


@lowers(ast.Subscript)
def _subscript(low: Lowering, node: ast.Subscript, *, peek: bool = False) -> int:
    base = peeked(low, node.value)
    literal = low.literals.get(base)
    if literal is not None and isinstance(node.slice, ast.Slice) and (_is_display(node.value) or version(low, node.value) == base):
        sliced = _sliced(low, literal, node)
        if sliced is not None:
            return sliced
    index = lower(low, node.slice)
    if literal is not None and (key := _key_in(low, literal, node.slice, index)) in literal.items:
        found = literal.items[key]
        if peek and found in low.literals and _is_private(low, node.value):
            return found  # what is in a container that nobody else has, nobody else has either
        low.literals.pop(found, None)
        if literal.cls != "builtins:dict" or not isinstance(node.slice, ast.Constant) or isinstance(node.slice.value, bool):
            index = low.static(Obj("builtins:int", const=key))
    result = low.fresh(base, index)
    if isinstance(node.slice, ast.Slice):
        low.body.puts.append((result, base, "[:]"))
    else:
        low.body.parts.append((base, result, ""))
    low.body.receivers[node] = base
    subscripted(low, base, index, node, result)
    return result


def _is_display(node: ast.expr) -> bool:
    """Whether this is written here, or a part of what is: nobody can have changed it."""
    while isinstance(node, ast.Subscript):
        node = node.value
    return isinstance(node, ast.List | ast.Tuple)


def _is_private(low: Lowering, node: ast.expr) -> bool:
    """Whether no other body can have put anything into what this name, or a part of it, holds."""
    while isinstance(node, ast.Subscript):
        node = node.value
    if not isinstance(node, ast.Name):
        return True
    where = low.scope.resolve(node.id)
    if where is None or low.own(node.id) in where.shared:
        return False
    return where.kind != "module" or not low.state.scopes.seen_elsewhere(node.id)


def _key_in(low: Lowering, literal: Literal, index: ast.expr, node: int) -> str:
    """The key of an index that is constant, by itself or by what is known of it here."""
    known = _constant_of(low, index, node)
    return known if known != "?" and known in literal.items else _literal_key(literal, index)


def _literal_key(literal: Literal | None, index: ast.expr) -> str:
    """The key of a constant index; `-1` is the last index of a list."""
    try:
        value = read_literal(index)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return ""
    if literal is not None and literal.cls != "builtins:dict" and type(value) is int and value < 0:
        value += len(literal.items)
    return constant_key(value)


def _sliced(low: Lowering, literal: Literal, node: ast.Subscript) -> int | None:
    """`[f, g, h][1:]` with constant bounds is `[g, h]`."""
    bounds = node.slice
    assert isinstance(bounds, ast.Slice)
    try:
        numbers = [None if b is None else read_literal(b) for b in (bounds.lower, bounds.upper, bounds.step)]
    except (ValueError, TypeError):
        return None
    if literal.cls == "builtins:dict" or not all(n is None or isinstance(n, int) for n in numbers) or numbers[2] == 0:
        return None
    kept = [literal.items[str(i)] for i in range(len(literal.items))][slice(*numbers)]
    made = Obj(literal.cls, low.site_name(node))
    result = low.graph.of(made)
    for index, item in enumerate(kept):
        if not _is_display(node.value):
            low.literals.pop(item, None)  # both have it now
        low.state.hold(made.site, item, str(index))
        low.body.puts.append((result, item, ""))
    low.literals[result] = Literal(literal.cls, {str(i): item for i, item in enumerate(kept)}, low.steps)
    return result


def _of_a_class(low: Lowering, value: Cls, result: int) -> None:
    """`C[...]` is a member of an enumeration, else the class."""
    low.graph.put(result, [Obj(value.name) if low.state.is_enum(value.name) else value])


def subscripted(low: Lowering, base: int, index: int, node: ast.Subscript, result: int) -> None:
    """What `base[index]` may be."""
    state, graph = low.state, low.graph
    here = low.here(node, Arguments([index]), result)
    is_slice = isinstance(node.slice, ast.Slice)
    tables: list[str] = []  # sites of dictionaries

    def learn(value: Value) -> None:
        if isinstance(value, Cls):
            if value.name in state.metaclasses:
                call_method(state, value, "__getitem__", here)
            if has_method(state, value.name, "__class_getitem__"):
                methods = member(state, value, "__class_getitem__")
                graph.watch(methods, lambda m: call(state, Bound(value, m) if isinstance(m, Func) else m, here))
            else:
                when_bases_are_known(state, value.name, lambda: _of_a_class(low, value, result))
        elif isinstance(value, Lib):
            graph.put(result, [value])  # list[str]
            if value.path in _UNIONS:
                _union_of(low, index, node, result)
        elif not isinstance(value, Obj):
            graph.put_unknown(result)
            if isinstance(value, Unknown):
                low.body.unknown(node, "__getitem__")
                low.body.unknown(node, "__hash__", node=index)
        elif not value.is_library:
            call_method(state, value, "__getitem__", here)
            if value.site:
                state.held(value.site, result)
        elif value.cls in ("builtins:str", "builtins:bytes"):
            graph.put(result, [STR if value.cls == "builtins:str" else BYTES if is_slice else INT])
        elif is_slice and value.cls in ("builtins:list", "builtins:tuple"):
            _slice(low, value, node, result)
        elif value.cls not in INDEXED and returns(state, value, "__getitem__"):
            call_method(state, value, "__getitem__", here)
            state.held_under(value, index, result)
        elif is_slice:
            graph.put(result, [value])
        else:
            if value.cls not in INDEXED:
                call_method(state, value, "__getitem__", low.here(node, Arguments([index])))
            if value.cls == "collections:defaultdict":
                low.body.changes.append(base)  # a key that is not there is put in
                graph.watch(state.node("factory", value.site), lambda v: _make(low, v, node))
            if value.cls == CHAIN:
                ask_maps(state, value, "__getitem__", here)
            if value.cls == "builtins:dict":
                if not tables:
                    hashed(low.state, low.body, node, index)
                    looked_for(low.state, low.body, index)
                tables.append(value.site)
            state.held_under(value, index, result)

    graph.watch(base, learn)
    indexed(state, low.body, node, base, index)


def _union_of(low: Lowering, index: int, node: ast.AST, result: int) -> None:
    """`Union[A, B]` and `Optional[A]` stand for these classes."""
    made = Obj(UNION, low.site_name(node))
    low.graph.put(result, [made])
    low.state.hold(made.site, index)


def _make(low: Lowering, factory: Value, node: ast.AST) -> None:
    """A function of the program is called for an element; what a library makes is of no interest."""
    if not isinstance(factory, Lib | Obj):
        call(low.state, factory, low.here(node, NO_ARGUMENTS))


@lowers(ast.Slice)
def _slice_bounds(low: Lowering, node: ast.Slice) -> int:
    for bound in (node.lower, node.upper, node.step):
        if bound is not None:
            asked(low.state, lower(low, bound), "__index__", low.here(bound))
    return low.static(UNKNOWN)


def _slice(low: Lowering, value: Obj, node: ast.Subscript, result: int) -> None:
    """Another list, of those elements that stand between constant bounds; of all where the bounds are not known."""
    made = Obj(value.cls, low.site_name(node))
    low.graph.put(result, [made])
    bounds = _bounds(node.slice)
    low.state.pour(value.site, made.site, lambda key: "?" if bounds is None else shifted(key, *bounds))


def _bounds(node: ast.expr) -> tuple[int, int | None] | None:
    """(lower, upper) of `[lower:upper]` where these are plain numbers from the start."""
    if not isinstance(node, ast.Slice) or node.step is not None:
        return None
    numbers = [None if b is None else b.value if isinstance(b, ast.Constant) else -1 for b in (node.lower, node.upper)]
    lower, upper = numbers[0] or 0, numbers[1]
    if not isinstance(lower, int) or not isinstance(upper, int | None) or lower < 0 or (upper is not None and upper < 0):
        return None
    return lower, upper


def shift(low: Lowering, value: Value) -> None:
    """The elements are no longer under the indices that they were put under."""
    if isinstance(value, Obj) and value.is_library and value.site and value.cls not in MAPPINGS:
        low.state.shift(value.site)


def replace_element(low: Lowering, name: ast.expr, key: str, node: int, at: ast.AST) -> bool:
    """`d["a"] = f` where `d` is a container that only this name has: a new version of it, with another element."""
    path: list[tuple[int, str]] = []
    current = name
    keys = [key]
    while isinstance(current, ast.Subscript):
        if not isinstance(current.slice, ast.Constant):
            return False
        keys.insert(0, constant_key(current.slice.value))
        current = current.value
    if not isinstance(current, ast.Name):
        return False
    if len(keys) > 1 and not _is_private(low, current):
        return False  # another container may be there by now, which others have too
    where = low.scope.resolve(current.id)
    base = low.env.get(current.id)
    if base is None or where is not low.body.scope or current.id in where.rebound:
        return False
    top = base
    for step in keys:
        literal = low.literals.get(base)
        if literal is None or (literal.cls != "builtins:dict" and step not in literal.items):
            return False
        path.append((base, step))
        base = literal.items.get(step, -1)
    made = node
    for base, step in reversed(path):
        made = _renewed(low, base, step, made, at)
    low.body.changes.append(top)
    low.bind(current.id, made, at)
    return True


def _renewed(low: Lowering, base: int, key: str, node: int, at: ast.AST) -> int:
    literal = low.literals.pop(base)
    old = next(v for v in low.graph.at(base) if isinstance(v, Obj))
    made = Obj(literal.cls, f"{old.site}'{getattr(at, 'lineno', 0)}:{getattr(at, 'col_offset', 0)}")
    result = low.graph.of(made)
    state, graph = low.state, low.graph
    items = {**literal.items, key: node}
    for name, item in items.items():
        state.hold(made.site, item, name)
        low.body.puts.append((result, item, ""))
        if name != key:
            graph.edge(state.element(old.site, name), state.element(made.site, name))
    graph.edge(state.element(old.site), state.element(made.site))
    graph.edge(state.element(old.site), state.node("held", made.site))
    graph.edge(state.node("keys", old.site), state.node("keys", made.site))
    graph.put(state.node("keys", made.site), [Obj("builtins:str" if key[:1] in "'\"" else "builtins:int", const=key)])
    low.body.copies.append((base, result))
    low.literals[result] = Literal(literal.cls, items, literal.step)
    return result
