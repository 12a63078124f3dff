"""Expressions to nodes.

[double, 3]      Obj("builtins:list", site) that holds Func("app.double") and an int
"a".join         Bound(Obj("builtins:str"), Lib("builtins:str.join"))
box.value        what any Box's field `value` was given; a property's getter is called
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from faasify.analysis import calls, iteration
from faasify.analysis.bodies import NO_ARGUMENTS, Arguments, Field, Target
from faasify.analysis.calls import call_method, call_node
from faasify.analysis.lowering import Literal, Lowering
from faasify.analysis.members import member
from faasify.analysis.operators import COMPARISONS, OPERATORS, UNARY, compared, operate, truth
from faasify.analysis.syntax import ComprehensionNode
from faasify.analysis.values import (
    BOOL,
    BYTES,
    FLOAT,
    INT,
    NONE,
    STR,
    UNKNOWN,
    Bound,
    Cls,
    Func,
    Lib,
    LibMod,
    Mod,
    Obj,
    Super,
    Unknown,
    Value,
    is_own,
)

_TYPES = {bool: BOOL, type(None): NONE, float: FLOAT, bytes: BYTES, complex: Obj("builtins:complex")}
_SHORT = 60  # characters of a literal that is told apart from others
_INDEXED = ("builtins:dict", "builtins:list", "builtins:tuple")


def lower(low: Lowering, node: ast.expr | None) -> int:
    """The node of what an expression may be."""
    if node is None:
        return low.static(NONE)
    handler = _HANDLERS.get(node.__class__)
    if handler is None:
        return parts(low, node)
    return handler(low, node)


def parts(low: Lowering, node: ast.AST) -> int:
    """An expression whose own value says nothing."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            lower(low, child)
    return low.static(UNKNOWN)


def _constant(low: Lowering, node: ast.Constant) -> int:
    value = node.value
    if isinstance(value, str) and len(value) < _SHORT:
        return low.static(Obj("builtins:str", const=repr(value)))
    if type(value) is int and -1000 < value < 1000:
        return low.static(Obj("builtins:int", const=repr(value)))
    if type(value) in (str, int):
        return low.static(STR if isinstance(value, str) else INT)
    return low.static(_TYPES.get(type(value), UNKNOWN))


def _name(low: Lowering, node: ast.Name) -> int:
    found = low.read(node.id, node)
    low.literals.pop(found, None)  # somebody else may have it from here on
    mention(low, found, node)
    return found


def mention(low: Lowering, found: int, node: ast.AST) -> None:
    low.body.loads[found] = None
    path = low.state.library_variables.get(found)
    if path is not None:
        low.target(node, path)


def _attribute(low: Lowering, node: ast.Attribute) -> int:
    receiver = peeked(low, node.value)
    if node.attr not in _READING:
        low.literals.pop(receiver, None)
    result = low.fresh()
    low.body.fields.append(Field(receiver, node.attr, False, node.lineno))
    low.body.parts.append((receiver, result, node.attr))
    load_attribute(low, receiver, node.attr, node, result)
    low.body.loads[result] = None
    return result


def load_attribute(low: Lowering, receiver: int, name: str, node: ast.AST, result: int) -> None:
    state, graph = low.state, low.graph
    here = low.here(node, NO_ARGUMENTS, result)
    managed = name in state.managed

    def learn(value: Value) -> None:
        if isinstance(value, Unknown):
            _guess(low, name, node, result)
            return
        if isinstance(value, LibMod) and (path := f"{value.name}:{name}") and state.settled(path) is not None:
            state.target(low.body, node, Target(path, direct=False))
        found = member(state, value, name)
        if managed:
            low.body.receivers.setdefault(node, receiver)
        if managed or (isinstance(value, Obj | Mod) and state.hooked):
            graph.watch(found, lambda v: calls.load(state, v, here))
        else:
            graph.edge(found, result)

    graph.watch(receiver, learn)


def _guess(low: Lowering, name: str, node: ast.AST, result: int) -> None:
    """`anything.name`: where one family of classes alone has a method of that name, most likely one of theirs is meant."""
    state = low.state
    low.graph.put_unknown(result)
    for func in state.family(name):
        owner = func.rpartition(".")[0]
        low.graph.put(result, [Bound(Obj(owner), Func(func))])


def peeked(low: Lowering, node: ast.expr) -> int:
    """A receiver: looking into a container that nobody else has leaves it so."""
    if isinstance(node, ast.Name):
        found = low.read(node.id, node)
        mention(low, found, node)
        return found
    if isinstance(node, ast.Subscript):
        return _subscript(low, node, peek=True)
    return lower(low, node)


# -- calls


def _call(low: Lowering, node: ast.Call) -> int:
    if isinstance(node.func, ast.Name) and low.scope.resolve(node.func.id) is None:
        if node.func.id == "super":
            return _super(low, node)
        if node.func.id in ("getattr", "setattr", "delattr", "hasattr"):
            return _dynamic_attribute(low, node)
        if node.func.id in ("eval", "exec"):
            _evaluated(low, node)
    if (replaced := _updated(low, node)) is not None:
        return replaced
    receiver = func = lower(low, node.func)
    if isinstance(node.func, ast.Attribute):
        receiver = low.body.fields[-1].receiver if low.body.fields else func
    args = arguments(low, node)
    result = low.fresh()
    site = low.body.site(node)
    site.func, site.args, site.result = func, args, result
    if isinstance(node.func, ast.Attribute):
        low.body.receivers[node] = receiver
        if node.func.attr in _SHIFTING:
            low.graph.watch(receiver, lambda v: shift(low, v))
    call_node(low.state, func, low.here(node, args, result, direct=True))
    return result


def shift(low: Lowering, value: Value) -> None:
    """The elements are no longer under the indices that they were put under."""
    if isinstance(value, Obj) and value.is_library and value.site:
        low.graph.edge(low.state.node("held", value.site), low.state.node("held", value.site, "?"))


_READING = frozenset(["items", "keys", "values", "get", "index", "count", "copy", "update"])
_SHIFTING = frozenset(["insert", "reverse", "sort", "pop", "remove", "rotate", "appendleft", "popleft", "extendleft"])


def _updated(low: Lowering, node: ast.Call) -> int | None:
    """`d.update({"a": f})` of a dict that nobody else has is an assignment to its elements."""
    func = node.func
    if not (isinstance(func, ast.Attribute) and func.attr == "update" and isinstance(func.value, ast.Name) and len(node.args) == 1):
        return None
    given = node.args[0]
    if not isinstance(given, ast.Dict) or not all(isinstance(k, ast.Constant) for k in given.keys):
        return None
    base = low.read(func.value.id, func.value)
    literal = low.literals.get(base)
    if literal is None or literal.cls != "builtins:dict" or low.env.get(func.value.id) != base:
        return None
    for key, value in zip(given.keys, given.values, strict=True):
        replace_element(low, func.value, repr(key.value), lower(low, value), node)  # type: ignore[union-attr]
    low.body.changes.append(base)
    low.target(node, "builtins:dict.update", direct=True)
    return low.static(NONE)


def arguments(low: Lowering, node: ast.Call) -> Arguments:
    args = Arguments()
    for argument in node.args:
        if isinstance(argument, ast.Starred):
            inner = iteration.elements(low.state, lower(low, argument.value), low.body, argument)
            if args.star is None:
                args.star = low.graph.node()
            low.graph.edge(inner, args.star)
            low.body.copies.append((inner, args.star))
        elif args.star is not None:
            given = lower(low, argument)
            low.graph.edge(given, args.star)
            low.body.copies.append((given, args.star))
        else:
            args.positional.append(lower(low, argument))
    for keyword in node.keywords:
        given = lower(low, keyword.value)
        if keyword.arg is not None:
            args.keywords[keyword.arg] = given
            continue
        if args.double is None:
            args.double = low.fresh()
        double = args.double
        low.body.parts.append((given, double, ""))
        low.graph.watch(given, lambda v, double=double: _held(low, v, double))  # type: ignore[misc]
    return args


def _held(low: Lowering, value: Value, into: int) -> None:
    if isinstance(value, Obj):
        low.state.held(value.site, into)


def _dynamic_attribute(low: Lowering, node: ast.Call) -> int:
    """`getattr(x, name)` with the names that `name` may be is `x.name`; `setattr` too."""
    given = [lower(low, a) for a in node.args]
    result = low.fresh()
    kind = node.func.id  # type: ignore[attr-defined]
    low.target(node, f"builtins:{kind}", direct=True)
    site = low.body.site(node)
    site.args, site.result = Arguments(given), result
    if len(given) < 2 or len(given) != len(node.args):
        low.graph.put_unknown(result)
        return result
    low.body.parts.append((given[0], result, ""))
    if kind == "setattr":
        low.body.changes.append(given[0])
    if kind == "getattr" and len(given) > 2:
        low.graph.edge(given[2], result)
        low.body.copies.append((given[2], result))
    if kind in ("hasattr", "delattr"):
        return low.static(BOOL if kind == "hasattr" else NONE)

    def learn(value: Value) -> None:
        if isinstance(value, Obj) and value.const and value.cls == "builtins:str":
            name = ast.literal_eval(value.const)
            if kind == "getattr":
                load_attribute(low, given[0], name, node, result)
            elif len(given) > 2:
                low.graph.watch(given[0], lambda r: store_attribute(low, r, name, given[2], node))
        elif kind == "getattr":
            low.graph.put_unknown(result)

    low.graph.watch(given[1], learn)
    return result if kind == "getattr" else low.static(NONE)


def _evaluated(low: Lowering, node: ast.Call) -> None:
    """`eval("f()")` of a literal runs it here."""
    text = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else None
    if isinstance(text, str):
        try:
            tree = ast.parse(text.strip(), mode="eval")
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            return
        if all(not isinstance(n, ast.Lambda | ast.NamedExpr | ast.comprehension) for n in ast.walk(tree)):
            for inner in ast.walk(tree):
                if isinstance(inner, ast.expr):
                    ast.copy_location(inner, node)
            lower(low, tree.body)


def _super(low: Lowering, node: ast.Call) -> int:
    """`super()` for each receiver the method may have; `super(C, self)` likewise."""
    state, result = low.state, low.fresh()
    low.target(node, "builtins:super", direct=True)
    low.body.site(node).result = result
    cls = state.scopes.enclosing_class(low.scope)
    if node.args:
        named = lower(low, node.args[0])
        receiver = lower(low, node.args[1]) if len(node.args) > 1 else low.fresh()
    else:
        function = low.scope
        while function.parent is not None and function.parent is not cls:
            function = function.parent
        named = low.static(Cls(cls.name)) if cls is not None else low.fresh()
        receiver = state.variable(function, function.params[0]) if function.params else low.fresh()
    low.body.copies.append((receiver, result))

    def learn(value: Value) -> None:
        if isinstance(value, Cls):
            low.graph.watch(receiver, lambda r: _supers(low, result, value, r))

    low.graph.watch(named, learn)
    return result


def _supers(low: Lowering, result: int, cls: Cls, receiver: Value) -> None:
    if isinstance(receiver, Cls) or (isinstance(receiver, Obj) and is_own(receiver)):
        low.graph.put(result, [Super(cls.name, receiver)])


# -- operators


def _binary(low: Lowering, node: ast.BinOp) -> int:
    left, right = lower(low, node.left), lower(low, node.right)
    return operate(low, left, right, OPERATORS[node.op.__class__], node)


def _compare(low: Lowering, node: ast.Compare) -> int:
    left = lower(low, node.left)
    for operator, comparator in zip(node.ops, node.comparators, strict=True):
        right = lower(low, comparator)
        if isinstance(operator, ast.In | ast.NotIn):
            _contains(low, left, right, node)
        elif operator.__class__ in COMPARISONS:
            compared(low, left, right, COMPARISONS[operator.__class__], node)
        left = right
    return low.static(BOOL)


def _contains(low: Lowering, item: int, container: int, node: ast.AST) -> None:
    here = low.here(node, Arguments([item]))
    low.body.receivers[node] = container

    def learn(value: Value) -> None:
        if isinstance(value, Obj) and value.is_library and value.cls.startswith("builtins:"):
            if value.site:
                elements = low.graph.node()
                low.state.held(value.site, elements)
                compared(low, elements, item, COMPARISONS[ast.Eq], node)
        else:
            call_method(low.state, value, "__contains__", here)

    low.graph.watch(container, learn)


def _unary(low: Lowering, node: ast.UnaryOp) -> int:
    operand = lower(low, node.operand)
    if isinstance(node.op, ast.Not):
        truth(low, operand, node.operand)
        return low.static(BOOL)
    result = low.fresh()
    here = low.here(node, NO_ARGUMENTS, result)

    def learn(value: Value) -> None:
        if isinstance(value, Obj) and value.is_library:
            low.graph.put(result, [Obj(value.cls)])
        elif isinstance(value, Obj):
            call_method(low.state, value, UNARY[node.op.__class__], here)
        else:
            low.graph.put_unknown(result)

    low.body.receivers[node] = operand
    low.graph.watch(operand, learn)
    return result


def _either(low: Lowering, node: ast.BoolOp) -> int:
    result = low.graph.node()
    ends = []
    for index, value in enumerate(node.values):
        found = lower(low, value)
        if index < len(node.values) - 1:
            truth(low, found, value)
        low.graph.edge(found, result)
        low.body.copies.append((found, result))
        ends.append(low.env.copy())
    low.env.join(*ends)
    return result


def _if(low: Lowering, node: ast.IfExp) -> int:
    truth(low, lower(low, node.test), node.test)
    before = low.env.copy()
    result = low.graph.node()
    ends = []
    for branch in (node.body, node.orelse):
        low.env.now = dict(before) if before is not None else None
        found = lower(low, branch)
        low.graph.edge(found, result)
        low.body.copies.append((found, result))
        ends.append(low.env.copy())
    low.env.join(*ends)
    return result


# -- containers


def _sequence(low: Lowering, node: ast.List | ast.Tuple | ast.Set) -> int:
    made = Obj(f"builtins:{node.__class__.__name__.lower()}", low.site_name(node))
    result = low.graph.of(made)
    certain = True  # after a starred element, positions are not known
    items: dict[str, int] = {}
    for index, element in enumerate(node.elts):
        if isinstance(element, ast.Starred):
            certain = False
            inner = iteration.elements(low.state, lower(low, element.value), low.body, element)
            low.state.hold(made.site, inner)
        else:
            inner = items[str(index)] = lower(low, element)
            low.state.hold(made.site, inner, str(index) if certain else "?")
        low.body.puts.append((result, inner, ""))
    if isinstance(node, ast.Set):
        low.state.hashed(low.body, node, low.state.node("held", made.site))
    elif certain:
        low.literals[result] = Literal(made.cls, items)
    return result


def _dict(low: Lowering, node: ast.Dict) -> int:
    made = Obj("builtins:dict", low.site_name(node))
    result = low.graph.of(made)
    items: dict[str, int] = {}
    certain = True
    for key, value in zip(node.keys, node.values, strict=True):
        found = lower(low, value)
        if key is None:
            certain = False
            inner = low.fresh()
            low.graph.watch(found, lambda v, inner=inner: _held(low, v, inner))  # type: ignore[misc]
            low.graph.watch(found, lambda v: _keys(low, v, made))
            low.state.hold(made.site, inner)
            low.body.parts.append((found, inner, ""))
            low.body.puts.append((result, inner, ""))
            continue
        low.body.puts.append((result, found, ""))
        index = lower(low, key)
        low.graph.edge(index, low.state.node("keys", made.site))
        constant = repr(key.value) if isinstance(key, ast.Constant) else "?"
        certain = certain and constant != "?"
        items[constant] = found
        low.state.hold(made.site, found, constant)
    low.state.hashed(low.body, node, low.state.node("keys", made.site))
    if certain:
        low.literals[result] = Literal(made.cls, items)
    return result


def _keys(low: Lowering, value: Value, made: Obj) -> None:
    if isinstance(value, Obj):
        low.graph.edge(low.state.node("keys", value.site), low.state.node("keys", made.site))


def _comprehension(low: Lowering, node: ComprehensionNode) -> int:
    from faasify.analysis.assignment import assign

    around, inner = low.scope, low.state.scopes.by_node[node]
    first = lower(low, node.generators[0].iter)
    low.scope = inner
    for index, generator in enumerate(node.generators):
        source = first if index == 0 else lower(low, generator.iter)
        assign(low, generator.target, iteration.elements(low.state, source, low.body, generator.iter))
        for condition in generator.ifs:
            truth(low, lower(low, condition), condition)
    made = Obj(_COMPREHENSIONS[node.__class__], low.site_name(node))
    result = low.graph.of(made)
    if isinstance(node, ast.DictComp):
        low.graph.edge(lower(low, node.key), low.state.node("keys", made.site))
        low.state.hashed(low.body, node, low.state.node("keys", made.site))
    element = lower(low, node.value if isinstance(node, ast.DictComp) else node.elt)
    low.scope = around
    low.state.hold(made.site, element)
    low.body.puts.append((result, element, ""))
    if isinstance(node, ast.SetComp):
        low.state.hashed(low.body, node, element)
    return result


_COMPREHENSIONS: dict[type[ast.AST], str] = {
    ast.ListComp: "builtins:list",
    ast.SetComp: "builtins:set",
    ast.DictComp: "builtins:dict",
    ast.GeneratorExp: "builtins:generator",
}


def _subscript(low: Lowering, node: ast.Subscript, *, peek: bool = False) -> int:
    base = peeked(low, node.value)
    literal = low.literals.get(base)
    if literal is not None and isinstance(node.slice, ast.Slice) and (sliced := _sliced(low, literal, node)) is not None:
        return sliced
    index = lower(low, node.slice)
    if literal is not None and isinstance(node.slice, ast.Constant) and isinstance(found := literal.items.get(repr(node.slice.value)), int):
        if peek and found in low.literals:
            return found  # what is in a container that nobody else has, nobody else has either
        low.literals.pop(found, None)
    result = low.fresh()
    if isinstance(node.slice, ast.Slice):
        low.body.puts.append((result, base, "[:]"))
    else:
        low.body.parts.append((base, result, ""))
    low.body.receivers[node] = base
    subscripted(low, base, index, node, result)
    return result


def _sliced(low: Lowering, literal: Literal, node: ast.Subscript) -> int | None:
    """`[f, g, h][1:]` with constant bounds is `[g, h]`."""
    bounds = node.slice
    assert isinstance(bounds, ast.Slice)
    try:
        numbers = [None if b is None else ast.literal_eval(b) for b in (bounds.lower, bounds.upper, bounds.step)]
    except (ValueError, TypeError):
        return None
    if literal.cls == "builtins:dict" or not all(n is None or isinstance(n, int) for n in numbers) or numbers[2] == 0:
        return None
    kept = [literal.items[str(i)] for i in range(len(literal.items))][slice(*numbers)]
    made = Obj(literal.cls, low.site_name(node))
    result = low.graph.of(made)
    for index, item in enumerate(kept):
        low.state.hold(made.site, item, str(index))
        low.body.puts.append((result, item, ""))
    low.literals[result] = Literal(literal.cls, {str(i): item for i, item in enumerate(kept)})
    return result


def subscripted(low: Lowering, base: int, index: int, node: ast.Subscript, result: int) -> None:
    """What `base[index]` may be."""
    state, graph = low.state, low.graph
    here = low.here(node, Arguments([index]), result)
    is_slice = isinstance(node.slice, ast.Slice)

    def learn(value: Value) -> None:
        if isinstance(value, Cls):
            if value.name in state.metaclasses:
                call_method(state, value, "__getitem__", here)
            graph.put(result, [value if not state.is_enum(value.name) else Obj(value.name)])
        elif isinstance(value, Lib):
            graph.put(result, [value])  # list[str]
        elif not isinstance(value, Obj):
            graph.put_unknown(result)
        elif not value.is_library:
            call_method(state, value, "__getitem__", here)
            if value.site:
                state.held(value.site, result)
        elif value.cls in ("builtins:str", "builtins:bytes"):
            graph.put(result, [STR if value.cls == "builtins:str" else BYTES if is_slice else INT])
        elif is_slice:
            graph.put(result, [value])
        else:
            if value.cls not in _INDEXED and state.catalogue.member(value.cls, "__getitem__") is not None:
                call_method(state, value, "__getitem__", low.here(node, Arguments([index])))
            if value.cls == "builtins:dict":
                state.hashed(low.body, node, index)
            graph.watch(index, lambda i: state.held(value.site, result, key_of(i, value.cls)))

    graph.watch(base, learn)


def key_of(index: Value, cls: str) -> str:
    """How a constant index or key is named among a container's elements; "?" where it is not constant."""
    if not isinstance(index, Obj) or not index.const or cls not in _INDEXED:
        return "?"
    if index.cls == "builtins:int" and index.const.startswith("-") and cls != "builtins:dict":
        return "?"
    return index.const


def replace_element(low: Lowering, name: ast.expr, key: str, node: int, at: ast.AST) -> bool:
    """`d["a"] = f` where `d` is a container that only this name has: a new version of it, with another element."""
    path: list[tuple[int, str]] = []
    current = name
    keys = [key]
    while isinstance(current, ast.Subscript):
        if not isinstance(current.slice, ast.Constant):
            return False
        keys.insert(0, repr(current.slice.value))
        current = current.value
    if not isinstance(current, ast.Name):
        return False
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
            graph.edge(state.node("held", old.site, name), state.node("held", made.site, name))
    graph.edge(state.node("held", old.site, "?"), state.node("held", made.site, "?"))
    graph.edge(state.node("held", old.site, "?"), state.node("held", made.site))
    graph.edge(state.node("keys", old.site), state.node("keys", made.site))
    graph.put(state.node("keys", made.site), [Obj("builtins:str" if key[:1] in "'\"" else "builtins:int", const=key)])
    low.body.copies.append((base, result))
    low.literals[result] = Literal(literal.cls, items)
    return result


# -- the rest


def _lambda(low: Lowering, node: ast.Lambda) -> int:
    scope = low.state.scopes.by_node[node]
    func = Func(scope.name)
    bind_defaults(low, func, node.args)
    low.state.todo.append(scope)
    found = low.static(func)
    low.body.loads[found] = None
    return found


def bind_defaults(low: Lowering, func: Func, args: ast.arguments) -> None:
    """Defaults are values that parameters may have."""
    positional = [*args.posonlyargs, *args.args]
    pairs = list(zip(reversed(positional), reversed(args.defaults), strict=False))
    pairs += [(a, d) for a, d in zip(args.kwonlyargs, args.kw_defaults, strict=True) if d is not None]
    for argument, default in pairs:
        if not isinstance(default, ast.Constant):
            low.state.attributed.add(func.name)  # an object that the function keeps
        low.graph.edge(lower(low, default), low.state.node("var", func.name, argument.arg))


def _named(low: Lowering, node: ast.NamedExpr) -> int:
    found = lower(low, node.value)
    around, low.scope = low.scope, low.scope.owner
    low.bind(node.target.id, found, node)
    low.scope = around
    return found


def _await(low: Lowering, node: ast.Await) -> int:
    awaited = lower(low, node.value)
    result = low.fresh()
    here = low.here(node, NO_ARGUMENTS, result)

    def learn(value: Value) -> None:
        if isinstance(value, Obj) and value.cls == "builtins:coroutine" and value.site in low.state.scopes.definitions:
            low.graph.edge(low.state.node("return", value.site), result)
        elif isinstance(value, Obj) and not value.is_library:
            call_method(low.state, value, "__await__", here)
        else:
            low.graph.put_unknown(result)

    low.graph.watch(awaited, learn)
    return result


def _yield(low: Lowering, node: ast.Yield) -> int:
    low.state.hold(low.body.name, lower(low, node.value))
    return low.static(UNKNOWN)


def _yield_from(low: Lowering, node: ast.YieldFrom) -> int:
    low.state.hold(low.body.name, iteration.elements(low.state, lower(low, node.value), low.body, node))
    return low.static(UNKNOWN)


def _formatted(low: Lowering, node: ast.JoinedStr) -> int:
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            found = low.body.receivers[part] = lower(low, part.value)
            low.graph.watch(found, lambda v, part=part: _format(low, v, part))  # type: ignore[misc]
            if part.format_spec is not None:
                lower(low, part.format_spec)
    return low.static(STR)


def _format(low: Lowering, value: Value, part: ast.FormattedValue) -> None:
    if not isinstance(value, Obj) or value.is_library:
        return
    names = {-1: ("__format__", "__str__", "__repr__"), 114: ("__repr__",), 115: ("__str__", "__repr__"), 97: ("__repr__",)}
    for name in names.get(part.conversion, ()):
        if calls.has_method(low.state, value.cls, name):
            args = Arguments([low.static(STR)]) if name == "__format__" else NO_ARGUMENTS
            call_method(low.state, value, name, low.here(part, args))
            return


def _starred(low: Lowering, node: ast.Starred) -> int:
    return iteration.elements(low.state, lower(low, node.value), low.body, node)


def store_attribute(low: Lowering, receiver: Value, name: str, node: int, at: ast.AST) -> None:
    from faasify.analysis.assignment import store_attribute as store

    store(low, receiver, name, node, at)


_HANDLERS: dict[type[ast.expr], Callable[..., int]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Call: _call,
    ast.BinOp: _binary,
    ast.Compare: _compare,
    ast.UnaryOp: _unary,
    ast.BoolOp: _either,
    ast.IfExp: _if,
    ast.List: _sequence,
    ast.Tuple: _sequence,
    ast.Set: _sequence,
    ast.Dict: _dict,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.DictComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.Subscript: _subscript,
    ast.Lambda: _lambda,
    ast.NamedExpr: _named,
    ast.Await: _await,
    ast.Yield: _yield,
    ast.YieldFrom: _yield_from,
    ast.JoinedStr: _formatted,
    ast.Starred: _starred,
}
