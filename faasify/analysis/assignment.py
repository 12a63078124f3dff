"""Values flow into a name, a field, an element or, by parts, a tuple.

a, (b, *c) = pair          elements of the pair, by position where that is certain
self.handler = f           ("field", class of self, "handler") may be f; a property's setter is called
table["x"] = f             elements of the table under "x" may be f
"""

from __future__ import annotations

import ast

from faasify.analysis import iteration
from faasify.analysis.asking import hashed, indexed, remember
from faasify.analysis.bodies import NO_ARGUMENTS, Arguments, Field
from faasify.analysis.calls import call_method, call_node, has_method
from faasify.analysis.certain import deleted
from faasify.analysis.chains import CHAIN, ask_maps
from faasify.analysis.containers import replace_element, shift
from faasify.analysis.elements import DEFAULTING, MAPPINGS, OPEN, constant_key, holder, shifted
from faasify.analysis.handing_over import keep
from faasify.analysis.hooks import call_setter
from faasify.analysis.lowering import Literal, Lowering, lower
from faasify.analysis.making_classes import order_again
from faasify.analysis.mro import classes_changed, each_below, is_subclass, stored
from faasify.analysis.names import peeked
from faasify.analysis.namespaces import SYS_MODULES
from faasify.analysis.setting import set_by, taken
from faasify.analysis.structured_logging import tell_set
from faasify.analysis.values import INT, STR, UNKNOWN, Cls, Func, Lib, LibMod, Mod, Obj, Unknown, Value, Wrapped, is_own, read_const

# What is put there is called by the interpreter, at no place of the program: whoever puts it there is its caller.
_CALLED_BY_ITSELF = frozenset(
    [*(("sys", name) for name in ("excepthook", "unraisablehook", "displayhook", "breakpointhook")), ("threading", "excepthook")]
    + [("builtins", "__import__"), *(("warnings", name) for name in ("showwarning", "formatwarning"))]
)
_OF_NUMBERS = frozenset(["builtins:bytearray", "builtins:memoryview", "array:array"])


def assign(low: Lowering, target: ast.expr, node: int) -> None:
    if isinstance(target, ast.Name):
        low.bind(target.id, node, target)
    elif isinstance(target, ast.Attribute):
        receiver, name = lower(low, target.value), low.scope.spelled(target.attr)
        low.body.fields.append(Field(receiver, name, True, target.lineno))
        low.body.puts.append((receiver, node, name))
        low.body.receivers[target] = receiver
        low.literals.pop(node, None)
        _remember_field(low, target, name)
        low.graph.watch(receiver, lambda value: store_attribute(low, value, name, node, target))
    elif isinstance(target, ast.Subscript):
        _store_item(low, target, node)
    elif isinstance(target, ast.Tuple | ast.List):
        _unpack(low, target, node)


def _remember_field(low: Lowering, target: ast.Attribute, name: str) -> None:
    scope = low.body.scope
    is_self = isinstance(target.value, ast.Name) and scope.params[:1] == (target.value.id,)
    if is_self and scope.parent is not None and scope.parent.kind == "class":
        low.state.own_fields.setdefault(scope.parent.name, set()).add(name)


def _unpack(low: Lowering, target: ast.Tuple | ast.List, node: int) -> None:
    literal = low.literals.pop(node, None)
    star = next((i for i, e in enumerate(target.elts) if isinstance(e, ast.Starred)), None)
    if literal is not None and (parts := _parts_of(low, literal, target, star)) is not None:
        for element, part in zip(target.elts, parts, strict=True):
            assign(low, element.value if isinstance(element, ast.Starred) else element, part)
        return
    low.body.iterated[node] = None
    for index, element in enumerate(target.elts):
        part = part_of(low, node, index, star, element)
        assign(low, element.value if isinstance(element, ast.Starred) else element, part)


def part_of(low: Lowering, node: int, index: int, star: int | None, at: ast.AST) -> int:
    """What stands at this place of `a, *b, c = node`, whose star is at `star`."""
    part = low.fresh(node)
    low.body.parts.append((node, part, ""))
    low.body.receivers.setdefault(at, node)
    if star is None or index < star:
        low.graph.watch(node, lambda value: _position(low, value, index, part, at))
    elif index == star:
        made = Obj("builtins:list", low.site_name(at))
        low.graph.watch(node, lambda value: _rest(low, value, made, index, at))
        low.graph.put(part, [made])
        low.body.puts.append((part, node, "[:]"))
    else:
        low.graph.watch(node, lambda value: _behind(low, value, star, part, at))
    return part


def _parts_of(low: Lowering, literal: Literal, target: ast.Tuple | ast.List, star: int | None) -> list[int] | None:
    """`a, *b, c = f, g, h, k` by position; None where the numbers do not fit."""
    items, wanted = [literal.items[key] for key in sorted(literal.items, key=_as_index)], len(target.elts)
    if star is None or len(items) < wanted - 1:
        return items if len(items) == wanted and literal.cls != "builtins:dict" else None
    if literal.cls == "builtins:dict":
        return None
    behind = wanted - star - 1
    made = Obj("builtins:list", low.site_name(target.elts[star]))
    rest = low.graph.of(made)
    middle = items[star : len(items) - behind]
    for index, item in enumerate(middle):
        low.state.hold(made.site, item, str(index))
        low.body.puts.append((rest, item, ""))
    low.literals[rest] = Literal(made.cls, {str(i): item for i, item in enumerate(middle)}, low.steps)
    return [*items[:star], rest, *items[len(items) - behind :]]


def _as_index(key: str) -> int:
    return int(key) if key.isdigit() else 0


def _is_sequence(value: Value) -> bool:
    return isinstance(value, Obj) and value.cls in ("builtins:tuple", "builtins:list") and bool(value.site)


def _is_record(low: Lowering, value: Obj) -> bool:
    """A named tuple of a class of the program, which is gone through as any tuple."""
    state, cls = low.state, value.cls
    named = bool(state.record_bases) or is_subclass(state, cls, "typing:NamedTuple")
    return named and is_own(value) and is_subclass(state, cls, "builtins:tuple") and not has_method(state, cls, "__iter__")


def _position(low: Lowering, value: Value, index: int, part: int, target: ast.AST) -> None:
    if isinstance(value, Obj) and (_is_sequence(value) or _is_record(low, value)):
        low.state.held(holder(value).site, part, str(index))
        return
    element = iteration.elements(low.state, low.static(value), low.body, target)
    low.graph.edge(element, part)
    low.body.copies.append((element, part))


def _rest(low: Lowering, value: Value, made: Obj, star: int, target: ast.AST) -> None:
    """`*rest` is a new list of what stands from there on."""
    if isinstance(value, Obj) and _is_sequence(value):
        low.state.pour(value.site, made.site, lambda key: shifted(key, star))
    else:
        element = iteration.elements(low.state, low.static(value), low.body, target)
        low.state.hold(made.site, element)
        low.body.puts.append((low.static(made), element, ""))


def _behind(low: Lowering, value: Value, star: int, part: int, target: ast.AST) -> None:
    """What stands behind `*rest` comes from somewhere behind what stands before it."""
    if isinstance(value, Obj) and _is_sequence(value):
        made = Obj("builtins:list", f"{value.site}[{star}:]")
        _rest(low, value, made, star, target)
        low.state.held(made.site, part)
    else:
        _position(low, value, star, part, target)


# -- fields


def store_attribute(low: Lowering, receiver: Value, name: str, node: int, at: ast.AST) -> None:
    """`receiver.name = <node>`; a property's setter is called."""
    state, graph = low.state, low.graph
    if name == "__bases__" and isinstance(receiver, Cls):
        order_again(state, receiver, low.here(at, NO_ARGUMENTS))
    if name == "__class__" and isinstance(receiver, Obj) and not receiver.is_library:
        graph.watch(node, lambda cls: _become(low, receiver, cls, at))
    if name == "__notes__":  # whose they are is not followed: who shows exceptions shows them
        graph.edge(node, state.node("notes"))
    if isinstance(receiver, Obj) and not receiver.is_library:
        call_setter(state, receiver, name, low.here(at))
        if not taken(state, receiver, name, node, low.here(at)):
            graph.edge(node, state.node("field", receiver.cls, name))
            state.stored_fields.setdefault(receiver.cls, set()).add(name)
    elif isinstance(receiver, Cls):
        call_method(state, receiver, "__setattr__", low.here(at, Arguments([low.static(STR), node]), graph.node()))
        graph.edge(node, state.node("var", receiver.name, name))
        names = state.class_names.setdefault(receiver.name, set())
        state.class_data.setdefault(receiver.name, set()).add(name)
        if name not in names:
            names.add(name)
            state.managed.add(name)
            classes_changed(state, receiver.name)
    elif isinstance(receiver, Func):
        graph.edge(node, state.node("field", receiver.name, name))
        state.attributed.add(receiver.name)
    elif isinstance(receiver, Mod):
        if state.traits.remakes_modules:
            _store_in_remade(low, receiver, name, node, at)
        graph.edge(node, state.node("var", receiver.name, name))
        for version in state.versions.get((receiver.name, name), ()):
            graph.edge(node, version)
        if receiver.name in state.scopes.modules:
            state.scopes.modules[receiver.name].bound.add(name)
    elif isinstance(receiver, Obj):
        graph.edge(node, state.node("attribute", receiver.site or receiver.cls, name))
        if receiver.cls in OPEN:
            state.hold(receiver.site, node)
        elif receiver.cls == DEFAULTING and name == "default_factory":
            graph.edge(node, state.node("factory", receiver.site))
        elif ":" in receiver.cls and state.catalogue.find(receiver.cls) is None:
            keep(state, receiver.cls.partition(":")[0], node)
        state.library_attributes.add(name)
        state.set_on_library.setdefault(receiver.site or receiver.cls, []).append(node)
        tell_set(state, receiver.cls, node)
    elif isinstance(receiver, Lib):
        state.set_on_library.setdefault(receiver.path, []).append(node)
        tell_set(state, receiver.path, node)
    elif isinstance(receiver, LibMod) and receiver.name == "sys" and name in ("stdout", "stderr"):
        graph.edge(node, state.node("stream", name))  # what print writes to
    elif isinstance(receiver, LibMod):
        graph.edge(node, state.node("replaced", receiver.name, name))  # an effect on the library: found by the collector
        if (receiver.name, name) in _CALLED_BY_ITSELF:
            call_node(state, node, low.here(at, Arguments(star=state.static(UNKNOWN))))


def _store_in_remade(low: Lowering, module: Mod, name: str, node: int, at: ast.AST) -> None:
    """A module that is of a class of the program: `module.__class__ = M`."""
    state, becomes = low.state, low.state.node("module becomes", module.name)
    if name == "__class__":
        low.graph.watch(node, lambda cls: low.graph.put(becomes, [Obj(cls.name)]) if isinstance(cls, Cls) else None)

    def learn(value: Value) -> None:
        if isinstance(value, Obj):
            taken(state, value, name, node, low.here(at))

    for kept in (becomes, state.node("module replaced", module.name)):
        low.graph.watch(kept, learn)


def _replace_module(low: Lowering, name: Value, node: int) -> None:
    """`sys.modules["m"] = M()`"""
    text = read_const(name.const) if isinstance(name, Obj) and name.const else None
    modules = [module.name for module in low.state.program.modules.values() if module.import_name == text] if text is not None else ["?"]
    for module in modules:
        replaced = low.state.node("module replaced", module)
        low.graph.watch(node, lambda v, into=replaced: low.graph.put(into, [v]) if is_own(v) else None)  # type: ignore[misc]


def _become(low: Lowering, receiver: Obj, cls: Value, at: ast.AST) -> None:
    """`x.__class__ = C`: all instances of the class of x may be instances of C, with what they have been given before."""
    state, graph = low.state, low.graph
    now = Obj(cls.name) if isinstance(cls, Cls) else UNKNOWN
    becomes = state.node("becomes", receiver.cls)
    graph.put(becomes, [now])
    if isinstance(at, ast.Attribute):  # also where nobody was seen to make one
        graph.put(low.body.receivers[at], [now])
    if receiver.below:
        each_below(state, receiver.cls, lambda sub: graph.edge(becomes, state.node("becomes", sub)))
    if isinstance(cls, Cls) and receiver.cls not in state.had_been.setdefault(cls.name, set()):
        state.had_been[cls.name].add(receiver.cls)
        classes_changed(state, cls.name)


def delete_attribute(low: Lowering, receiver: Value, name: str, at: ast.AST) -> None:
    """`del receiver.name`: a property's deleter is called, or a descriptor's `__delete__`."""
    state, here = low.state, low.here(at)
    call_method(state, receiver, "__delattr__", here.implicit(Arguments([low.static(STR)])))
    if isinstance(receiver, Cls) and name not in state.deleted.setdefault(receiver.name, set()):
        state.deleted[receiver.name].add(name)
        classes_changed(state, receiver.name)
    if isinstance(receiver, Obj) and not receiver.is_library:
        call_setter(state, receiver, name, here)
    if name not in state.managed or not is_own(receiver) or not isinstance(receiver, Obj):
        return

    def learn(found: Value) -> None:
        if isinstance(found, Wrapped) and found.kind in ("property", "write-only"):
            low.graph.watch(state.node("deleter", found.name), lambda d: set_by(low.state, receiver, d, None, here))
        elif is_own(found):
            call_method(state, found, "__delete__", here.implicit(Arguments([low.static(receiver)])))

    low.graph.watch(stored(state, receiver.cls, name), learn)


# -- elements


def _store_item(low: Lowering, target: ast.Subscript, node: int) -> None:
    if isinstance(target.value, ast.Attribute) and target.value.attr == "__dict__" and isinstance(target.slice, ast.Constant):
        _remember_field(low, target.value, str(target.slice.value))  # `self.__dict__["x"] = f`, past a `__setattr__` of its own
    if isinstance(target.slice, ast.Constant) and replace_element(low, target.value, constant_key(target.slice.value), node, target):
        return
    base = peeked(low, target.value)
    low.literals.pop(base, None)
    low.literals.pop(node, None)
    low.body.changes.append(base)
    low.body.receivers[target] = base
    if isinstance(target.slice, ast.Slice):
        lower(low, target.slice)
        inner = iteration.collected(low.state, node, low.body, target)
        remember(low.state, low.here(target), node)
        low.body.puts.append((base, inner, ""))
        low.graph.watch(base, lambda v: _store_slice(low, v, inner, node, target))
        low.graph.watch(base, lambda v: store_item(low, v, low.static(INT), node, target) if not _is_library(v) else None)
        return
    index = lower(low, target.slice)
    indexed(low.state, low.body, target, base, index)
    low.body.puts.append((base, node, ""))
    low.graph.watch(base, lambda value: store_item(low, value, index, node, target))


def _is_library(value: Value) -> bool:
    return isinstance(value, Obj) and value.is_library


def _store_slice(low: Lowering, value: Value, inner: int, node: int, target: ast.AST) -> None:
    if isinstance(value, Obj) and value.is_library:
        shift(low, value)
        low.state.hold(value.site, inner)
        if value.cls in _OF_NUMBERS:
            call_method(low.state, value, "__setitem__", low.here(target, Arguments([low.static(INT), node])))


def store_item(low: Lowering, receiver: Value, index: int, node: int, target: ast.AST) -> None:
    state = low.state
    here = low.here(target, Arguments([index, node]))
    if isinstance(receiver, Unknown):
        low.body.unknown(target, "__setitem__")
        low.body.unknown(target, "__hash__", node=index)
    if not isinstance(receiver, Obj):
        return
    if not receiver.is_library:
        call_method(state, receiver, "__setitem__", here)
        if receiver.site:
            state.hold(receiver.site, node)
        return
    state.hold_under(receiver, index, node)
    if receiver.site == SYS_MODULES and state.traits.remakes_modules:
        low.graph.watch(index, lambda i: _replace_module(low, i, node))
    if receiver.cls in MAPPINGS:
        low.graph.edge(index, state.node("keys", receiver.site))
        hashed(low.state, low.body, target, index)
        if receiver.cls == CHAIN:
            ask_maps(state, receiver, "__setitem__", here)
    elif receiver.cls != "builtins:list":
        call_method(state, receiver, "__setitem__", here)


def delete(low: Lowering, target: ast.expr) -> None:
    """`del x`, `del x.name`, `del x[i]`."""
    if isinstance(target, ast.Name):
        low.unbind(target.id)
    elif isinstance(target, ast.Attribute):
        receiver, name = lower(low, target.value), low.scope.spelled(target.attr)
        low.body.fields.append(Field(receiver, name, True, target.lineno))
        low.body.receivers.setdefault(target, receiver)
        low.graph.watch(receiver, lambda v: delete_attribute(low, v, name, target))
    elif isinstance(target, ast.Subscript) and not deleted(low, target):
        base = lower(low, target.value)
        index = lower(low, target.slice)
        low.body.changes.append(base)
        low.body.receivers[target] = base
        low.graph.watch(base, lambda v: call_method(low.state, v, "__delitem__", low.here(target, Arguments([index]))))
        indexed(low.state, low.body, target, base, index)
        low.graph.watch(base, lambda v: shift(low, v))
    elif isinstance(target, ast.Tuple | ast.List):
        for element in target.elts:
            delete(low, element)
