"""Classes whose instances are filled with what they are called with: dataclasses, named tuples, enumerations.

@dataclass class C: f: F; xs: list = field(default_factory=make)     C(g): the field f holds g, make is called
P = namedtuple("P", "f n")                                           P(g, 1).f is g
class Color(Enum): RED = 1, 2                                        Color.__init__(RED, 1, 2), where the class is made
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from faasify.analysis.asking import hashed, remember
from faasify.analysis.bodies import NO_ARGUMENTS, Arguments, Body
from faasify.analysis.calls import Here, call, call_method, call_node, has_method
from faasify.analysis.descriptors import bound
from faasify.analysis.elements import holder
from faasify.analysis.mro import find_stored, is_subclass, order
from faasify.analysis.setting import taken
from faasify.analysis.state import State
from faasify.analysis.values import NONE, STR, UNKNOWN, Bound, Cls, Func, Obj, Value, Wrapped

_NO_MEMBERS = ("_ignore_", "_order_")


# -- dataclasses and NamedTuple classes


def annotated(state: State, cls: str) -> dict[str, tuple[str, ast.AnnAssign]]:
    """The fields by name, in the order in which they are first annotated, with the class and statement that says most of them last."""
    found: dict[str, tuple[str, ast.AnnAssign]] = {}
    for base in reversed(order(state, cls)):
        scope = state.scopes.by_name.get(base)
        if scope is None or not isinstance(scope.node, ast.ClassDef):
            continue
        for statement in scope.node.body:
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and not _says(state, statement, "ClassVar"):
                found[scope.spelled(statement.target.id)] = base, statement
    return found


def _says(state: State, statement: ast.AnnAssign, name: str) -> bool:
    found = state.said.get((statement, name))
    if found is None:
        found = state.said[statement, name] = any(name in _text(n) for n in ast.walk(statement.annotation))
    return found


def _text(node: ast.AST) -> str:
    return str(getattr(node, "id", "") or getattr(node, "attr", "") or getattr(node, "value", ""))


def _is_positional(statement: ast.AnnAssign) -> bool:
    given = statement.value.keywords if isinstance(statement.value, ast.Call) else []
    return not any(k.arg == "init" and isinstance(k.value, ast.Constant) and k.value.value is False for k in given)


def fill_fields(state: State, cls: Cls, here: Here) -> None:
    """A dataclass, or NamedTuple, keeps its arguments as fields, in the order in which they are annotated."""
    fields = annotated(state, cls.name)
    names = [name for name, (_, statement) in fields.items() if _is_positional(statement) and not _says(state, statement, "KW_ONLY")]
    state.filled.setdefault(cls.name, set()).update(fields)
    for again in state.unfilled.pop(cls.name, ()) if fields else ():
        again()
    given = [*zip(names, here.args.positional, strict=False), *here.args.keywords.items()]
    given += [(name, node) for node in (here.args.star, here.args.double) if node is not None for name in names]
    for name, node in given:
        state.graph.edge(node, state.node("field", cls.name, name))
        here.body.puts.append((here.result, node, name))
    if is_subclass(state, cls.name, "typing:NamedTuple"):
        _hold_by_index(state, cls, tuple(names), [(name, state.node("field", cls.name, name)) for name in names])
    surely = {*names[: len(here.args.positional)], *here.args.keywords}
    for name, (_, statement) in fields.items():
        if name not in surely and statement.value in state.factories:
            made = state.graph.node()
            call_node(state, state.factories[statement.value], here.implicit(NO_ARGUMENTS, made))
            here.body.puts.append((here.result, made, name))
        elif name not in surely and not _is_constant(statement.value):
            state.left_to_class.setdefault(cls.name, set()).add(name)
    _set_fields(state, cls, fields, given, surely, here)
    passed = list(_only_for_init(state, fields, given))
    call_method(state, Obj(cls.name), "__post_init__", here.implicit(Arguments(passed), state.graph.node()))


def _is_constant(default: ast.expr | None) -> bool:
    """`n: int = 0`, `n: int = field(default=0)`, or no default."""
    if isinstance(default, ast.Call):
        return any(k.arg == "default" and _is_constant(k.value) for k in default.keywords)
    return default is None or isinstance(default, ast.Constant | ast.UnaryOp | ast.JoinedStr)


def _set_fields(
    state: State, cls: Cls, fields: dict[str, tuple[str, ast.AnnAssign]], given: list[tuple[str, int]], surely: set[str], here: Here
) -> None:
    """The `__init__` of a dataclass assigns as any other would: a class that takes its attributes itself is told of each."""
    decorators = [d for owner in (cls.name, *(owner for owner, _ in fields.values())) for d in _decorators(state, owner)]
    plain = has_method(state, cls.name, "__setattr__") and not any(_is_frozen(d) for d in decorators)
    if not decorators or not (plain or any(name in state.managed for name in fields)):
        return
    remember(state, here, here.result)
    for name, (owner, statement) in fields.items():
        if _says(state, statement, "InitVar") or not (_is_positional(statement) or statement.value in state.factories):
            continue
        nodes = [node for other, node in given if other == name]
        if name not in surely and statement.value is not None:
            nodes.append(state.node("var", owner, name))
        for node in nodes:
            taken(state, Obj(cls.name), name, node, here, by_setattr=plain)


def _decorators(state: State, cls: str) -> list[ast.expr]:
    scope = state.scopes.by_name.get(cls)
    return scope.node.decorator_list if scope is not None and isinstance(scope.node, ast.ClassDef) else []


def _is_frozen(decorator: ast.expr) -> bool:
    given = decorator.keywords if isinstance(decorator, ast.Call) else []
    return any(k.arg == "frozen" and isinstance(k.value, ast.Constant) and k.value.value is True for k in given)


def read_defaults(state: State, cls: Cls, here: Here) -> None:
    """Whoever makes a dataclass of a class reads the defaults of its fields: a descriptor is asked for one."""
    if not _decorators(state, cls.name) or state.bound_in_classes.isdisjoint(("__get__",)):
        return
    inner = here.implicit(Arguments([state.static(NONE), state.static(cls)]), state.graph.node())
    for name, (owner, statement) in annotated(state, cls.name).items():
        if statement.value is not None and owner == cls.name:
            state.graph.watch(
                state.node("var", owner, name),
                lambda v: call_method(state, v, "__get__", inner) if isinstance(v, Obj) and not v.is_library else None,
            )


def _only_for_init(state: State, fields: dict[str, tuple[str, ast.AnnAssign]], given: list[tuple[str, int]]) -> Iterator[int]:
    """What `__post_init__` gets of the fields that are InitVars."""
    for name, (owner, statement) in fields.items():
        if _says(state, statement, "InitVar"):
            node = state.graph.node()
            for other, value in given:
                if other == name:
                    state.graph.edge(value, node)
            if statement.value is not None:
                state.graph.edge(state.node("var", owner, name), node)
            yield node


def field_factory(state: State, here: Here) -> None:
    """`dataclasses.field(default_factory=make)`: what every instance gets; the constructor calls it, see fill_fields."""
    if (default := here.args.keywords.get("default")) is not None:
        state.graph.edge(default, here.result)
    if (factory := here.args.keywords.get("default_factory")) is not None:
        if isinstance(here.node, ast.expr):
            state.factories[here.node] = factory
        nobody = Body(here.body.scope)
        call_node(state, factory, Here(nobody, here.node, NO_ARGUMENTS, here.result, False))


# -- namedtuple


def record_names(node: ast.AST) -> tuple[str, ...]:
    """The fields that `namedtuple("P", "f n")` names, where these are constants."""
    if not isinstance(node, ast.Call) or len(node.args) < 2:
        return ()
    listed = node.args[1]
    if isinstance(listed, ast.Constant) and isinstance(listed.value, str):
        return tuple(listed.value.replace(",", " ").split())
    if isinstance(listed, ast.List | ast.Tuple):
        names = [e.value if isinstance(e, ast.Constant) else e.elts[0].value for e in listed.elts if _names_field(e)]  # type: ignore[attr-defined]
        return tuple(map(str, names)) if len(names) == len(listed.elts) else ()
    return ()


def _names_field(node: ast.expr) -> bool:
    """`"f"`, or `("f", int)` of typing.NamedTuple."""
    first = node.elts[0] if isinstance(node, ast.Tuple) and node.elts else node
    return isinstance(first, ast.Constant)


def make_tuple(state: State, made_class: Obj, here: Here) -> None:
    """A class that the library made: namedtuple(...) and its like."""
    if not made_class.site:
        state.graph.put_unknown(here.result)
        return
    made = Obj("builtins:tuple", f"{made_class.site}#made")
    fill_tuple(state, made_class.site, made, here, here.args)
    state.graph.put(here.result, [made])


def fill_tuple(state: State, site: str, made: Obj, here: Here, args: Arguments) -> None:
    """A named tuple of the class that was made at the site holds what it is called with."""
    names = state.records.get(site, ())
    for index, node in enumerate(args.positional):
        state.hold(made.site, node, str(index))
    for name, node in args.keywords.items():
        state.hold(made.site, node, str(names.index(name)) if name in names else "?")
    for rest in (args.star, args.double):
        if rest is not None:
            state.hold(made.site, rest)
    for node in args.everything():
        here.body.puts.append((state.static(made), node, ""))


def fill_record(state: State, cls: Cls, here: Here) -> None:
    """`class P(namedtuple("P", "f n"))` is called: its fields are what it is called with."""
    for base in order(state, cls.name):
        for names in state.record_bases.get(base, {}):
            given = [*zip(names, here.args.positional, strict=False), *here.args.keywords.items()]
            given += [(name, node) for node in (here.args.star, here.args.double) if node is not None for name in names]
            for name, node in given:
                state.graph.edge(node, state.node("field", cls.name, name))
                here.body.puts.append((here.result, node, name))
            _hold_by_index(state, cls, names, given)


def _hold_by_index(state: State, cls: Cls, names: tuple[str, ...], given: list[tuple[str, int]]) -> None:
    """A named tuple is a tuple of its fields besides: `p[0]`, `for x in p`, `a, b = p`."""
    site = holder(Obj(cls.name)).site
    for name, node in given:
        state.hold(site, node, str(names.index(name)) if name in names else "?")


def keep_arguments(state: State, made: Obj, here: Here) -> None:
    """An exception has what it is called with as its `args`, whatever its `__init__` makes of that."""
    if any(":" in base and state.catalogue.is_exception(base) for base in order(state, made.cls)):
        for node in (*here.args.positional, *([] if here.args.star is None else [here.args.star])):
            state.hold(holder(made).site, node)
            here.body.puts.append((here.result, node, ""))


# -- enumerations


def make_members(state: State, cls: Cls, here: Here) -> None:
    """Where an enumeration is made, its `__init__` is called for every member, with what was assigned."""
    if not is_subclass(state, cls.name, "enum:Enum"):
        return
    call_method(state, cls, "__setattr__", here.implicit(Arguments([state.static(STR), state.static(UNKNOWN)]), state.graph.node()))
    for name in member_names(state, cls.name):
        value = state.node("var", cls.name, name)
        args = Arguments()
        state.graph.watch(value, lambda v, args=args, value=value: _member(state, cls, v, value, here))  # type: ignore[misc]


def member_names(state: State, cls: str) -> list[str]:
    names = state.class_data.get(cls, set()) & state.scopes.by_name[cls].bound
    return sorted(n for n in names if n not in _NO_MEMBERS and not (n.startswith("__") and n.endswith("__")))


def _member(state: State, cls: Cls, value: Value, node: int, here: Here) -> None:
    if isinstance(value, Func):
        return  # a method
    if isinstance(value, Obj) and value.cls == "enum:auto":
        _generated(state, cls, here)
    hashed(state, here.body, here.node, node)
    args = Arguments([node])
    if isinstance(value, Obj) and value.cls == "builtins:tuple" and value.site:
        star = state.graph.node()
        state.held(value.site, star)
        args = Arguments(star=star, starred=state.static(value))
    for method, receiver in (("__init__", Obj(cls.name)), ("__new__", cls)):
        inner = here.implicit(args, state.graph.node())

        def learn(found: Value, receiver: Obj | Cls = receiver, inner: Here = inner) -> None:
            if isinstance(found, Func):
                call(state, Bound(receiver, found), inner)

        find_stored(state, cls.name, method, lambda stored, learn=learn: state.graph.watch(stored, learn))  # type: ignore[misc]


def _generated(state: State, cls: Cls, here: Here) -> None:
    """`auto()` is what `_generate_next_value_` gives."""
    name, number, others = Obj("builtins:str"), Obj("builtins:int"), Obj("builtins:list")
    inner = here.implicit(Arguments([state.static(each) for each in (name, number, number, others)]), state.graph.node())

    def learn(value: Value) -> None:
        func = value.func if isinstance(value, Wrapped) else value
        if isinstance(func, Func):
            call(state, func, inner)

    find_stored(state, cls.name, "_generate_next_value_", lambda stored: state.graph.watch(stored, learn))


def tell_base(state: State, base: Cls, here: Here) -> None:
    """A class is made by `type(name, bases, names)`: `__init_subclass__` of its bases is called."""
    inner = here.implicit(Arguments([], here.args.keywords), state.graph.node())

    def learn(value: Value) -> None:
        func = value.func if isinstance(value, Wrapped) else value
        if isinstance(func, Func):
            call(state, Bound(base, func), inner)

    find_stored(state, base.name, "__init_subclass__", lambda stored: state.graph.watch(stored, learn))


def look_up_member(state: State, cls: Cls, here: Here) -> None:
    """`Color(3)`: the value is looked for among those of the members; what no member has is asked of `_missing_`.

    `Color("Shade", "RED BLUE")` makes an enumeration below it, with its members."""
    if len(here.args.positional) > 1 or "names" in here.args.keywords:
        making = here.implicit(NO_ARGUMENTS, state.graph.node())
        tell_base(state, cls, making)
        _generated(state, cls, making)
        _member(state, cls, UNKNOWN, state.static(UNKNOWN), making)
    for value in here.args.positional[:1]:
        hashed(state, here.body, here.node, value)

    def learn(value: Value) -> None:
        if not isinstance(value, Func) and value != UNKNOWN:
            call(state, bound(state, value, cls), here.implicit(here.args))

    find_stored(state, cls.name, "_missing_", lambda stored: state.graph.watch(stored, learn))
