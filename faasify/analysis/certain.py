"""Containers that are filled in a straight line: after each step it is known what is where.

xs = []; xs.append(f); xs.append(g); xs[1]()     g
xs = [f, g]; xs.pop()()                          g
xs = [f] + [g]; xs[0]()                          f
d = {"a": f}; d.update(a=g); d["a"]()            g

Each step makes a new version of the container, with what it holds then. That is right as long as nobody else has the container
(`Lowering.literals`), and nobody can have changed it under its name since: other functions that use the name do so when they are called.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping

from faasify.analysis.elements import constant_key
from faasify.analysis.lowering import Literal, Lowering, lower
from faasify.analysis.names import mention
from faasify.analysis.scopes import Scope
from faasify.analysis.syntax import all_arguments
from faasify.analysis.values import NONE, Obj, read_literal

_NAMESPACES = frozenset(["globals", "locals", "vars", "eval", "exec"])  # who calls one may change any variable
SEQUENCES = ("builtins:list", "builtins:tuple")
_DICT = "builtins:dict"
_MOST = 24  # elements: each step is a new version that holds them all


# -- whether nobody else can have changed it


def surely(statement: ast.expr) -> Iterator[ast.expr]:
    """The expression of a statement and what is worked out in it before all else: `xs.pop()` of `xs.pop()(y)`."""
    current = statement
    while True:
        yield current
        if isinstance(current, ast.Call):
            current = current.func
        elif isinstance(current, ast.Attribute | ast.Subscript | ast.Await):
            current = current.value
        else:
            return


def is_quiet(low: Lowering, statement: ast.stmt) -> bool:
    """Whether a statement surely runs no other code of the program."""
    if low.state.traits.is_interrupted:
        return False
    if isinstance(statement, ast.Assign):
        return all(isinstance(target, ast.Name) for target in statement.targets) and _runs_nothing(low, statement.value)
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
        annotations = [a.annotation for a in all_arguments(statement.args)] + [statement.returns]
        plain = not statement.decorator_list and _has_plain_defaults(statement.args)
        return plain and all(a is None or isinstance(a, ast.Name | ast.Constant) for a in annotations)
    return isinstance(statement, ast.Pass) or (isinstance(statement, ast.Expr) and _runs_nothing(low, statement.value))


def _runs_nothing(low: Lowering, node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        return _is_step(low, node)
    if isinstance(node, ast.BinOp):
        return _is_joined(low, node.left, node.op, node.right) and _is_plain(node.left) and _is_plain(node.right)
    return _is_plain(node)


def _is_step(low: Lowering, node: ast.Call) -> bool:
    """Whether `changed` follows a call, and what it is given is plain: `xs.sort(key=f)`, `d.update(x)` may run anything."""
    func = node.func
    base = version(low, func.value) if isinstance(func, ast.Attribute) else None
    if base is None or not isinstance(func, ast.Attribute) or f"{low.literals[base].cls}.{func.attr}" not in _STEPS:
        return False
    if not all(map(_is_plain, node.args)) or not all(k.arg is not None and _is_plain(k.value) for k in node.keywords):
        return False
    match func.attr:
        case "extend" | "update":
            return all(kind(low, argument) is not None for argument in node.args)
        case "get" | "setdefault" | "pop" | "insert":
            return not node.args or isinstance(node.args[0], ast.Constant)
        case _:
            return True


def _has_plain_defaults(spec: ast.arguments) -> bool:
    return all(d is None or _is_plain(d) for d in (*spec.defaults, *spec.kw_defaults))


def _is_plain(node: ast.expr) -> bool:
    if isinstance(node, ast.List | ast.Tuple):
        return all(map(_is_plain, node.elts))
    if isinstance(node, ast.Dict):
        return all(isinstance(key, ast.Constant) for key in node.keys) and all(map(_is_plain, node.values))
    if isinstance(node, ast.Lambda):
        return _has_plain_defaults(node.args)
    return isinstance(node, ast.Name | ast.Constant)


def names_it(target: ast.expr, *nodes: ast.expr) -> bool:
    """Whether the expressions mention the variable, or may bind it."""
    assert isinstance(target, ast.Name)
    parts = (part for node in nodes for part in ast.walk(node))
    return any(isinstance(p, ast.Name) and p.id in (target.id, *_NAMESPACES) or isinstance(p, ast.NamedExpr) for p in parts)


def version(low: Lowering, node: ast.expr) -> int | None:
    """The version of a container that a name means, if all its contents are seen, nobody else has it and nobody has changed it."""
    if not isinstance(node, ast.Name) or low.state.large:
        return None
    where, name = low.scope.resolve(node.id), low.own(node.id)
    if where is None or where is not low.body.scope or low.scope is not where or name in where.rebound:
        return None
    base = low.env.get(name)
    literal = low.literals.get(base) if base is not None else None
    if literal is None or len(literal.items) > _MOST or not where.used.isdisjoint(_NAMESPACES):
        return None
    alone = name not in where.shared and not _seen_elsewhere(low, where, name)
    return base if alone or literal.step == low.steps else None


def kind(low: Lowering, node: ast.expr) -> str | None:
    """The class of a container of which all is known: a display, or a name of one."""
    if isinstance(node, ast.List | ast.Tuple):
        return None if any(isinstance(e, ast.Starred) for e in node.elts) else f"builtins:{node.__class__.__name__.lower()}"
    if isinstance(node, ast.Dict):
        return _DICT if all(isinstance(key, ast.Constant) for key in node.keys) else None
    base = version(low, node)
    return low.literals[base].cls if base is not None else None


def taken(low: Lowering, node: ast.expr) -> tuple[int, Literal]:
    """Such a container, whose elements somebody else has too from now on."""
    base = version(low, node)
    if base is None:
        base = lower(low, node)
    else:
        mention(low, base, node)
    literal = low.literals[base]
    for item in literal.items.values() if isinstance(node, ast.Name) else ():
        low.literals.pop(item, None)
    return base, literal


def site_of(low: Lowering, base: int) -> str:
    return next(v.site for v in low.graph.at(base) if isinstance(v, Obj))


def in_order(literal: Literal) -> list[int]:
    """What a list or tuple holds."""
    return [literal.items[str(index)] for index in range(len(literal.items))]


def constant(low: Lowering, node: ast.expr, found: int) -> str:
    """The constant that an expression, whose node is `found`, certainly is here, as its key; empty for what is not one."""
    if isinstance(node, ast.Name):
        where = low.scope.resolve(node.id)
        if where is None or not where.used.isdisjoint(_NAMESPACES) or _seen_elsewhere(low, where, low.own(node.id)):
            return ""
    known = low.graph.at(found)
    value = next(iter(known)) if len(known) == 1 else None
    return value.const if isinstance(value, Obj) and value.const and low.state.statics.get(value) == found else ""


def _seen_elsewhere(low: Lowering, where: Scope, name: str) -> bool:
    return where.kind == "module" and (low.state.scopes.seen_elsewhere(name) or low.state.scopes.runs_text)


# -- new versions


def made_of(low: Lowering, made: Obj, items: Mapping[str, int], keys: Iterable[int] = ()) -> int:
    """A container that holds just this; `keys` for a dictionary."""
    result = low.graph.of(made)
    for key, item in items.items():
        low.state.hold(made.site, item, key)
        low.body.puts.append((result, item, ""))
    for key_node in keys:
        low.graph.edge(key_node, low.state.node("keys", made.site))
    low.literals[result] = Literal(made.cls, dict(items), low.steps)
    return result


def numbered(items: Iterable[int]) -> dict[str, int]:
    return {str(index): item for index, item in enumerate(items)}


def _renew(low: Lowering, name: ast.Name, base: int, items: Mapping[str, int], at: ast.AST, keys: Iterable[int] = ()) -> None:
    """The container that `name` means holds this now."""
    old = next(v for v in low.graph.at(base) if isinstance(v, Obj))
    low.literals.pop(base, None)
    result = made_of(low, Obj(old.cls, f"{old.site}'{getattr(at, 'lineno', 0)}:{getattr(at, 'col_offset', 0)}"), items, keys)
    low.body.copies.append((base, result))
    low.body.changes.append(base)
    low.bind(name.id, result, at)


_Done = tuple[Mapping[str, int], Iterable[int], int | None] | None
"""What is in the container then, the nodes of its keys that are new, and what the call gives."""


def changed(low: Lowering, node: ast.Call) -> int | None:
    """`xs.append(f)`, `xs.pop()` and the like of a container of which all is known; None where that is not so."""
    func = node.func
    if not isinstance(func, ast.Attribute) or not isinstance(func.value, ast.Name):
        return None
    base = version(low, func.value)
    if base is None or names_it(func.value, *node.args, *(keyword.value for keyword in node.keywords)):
        return None
    literal = low.literals[base]
    step = _STEPS.get(f"{literal.cls}.{func.attr}")
    if step is None or (node.keywords and step is not _update) or any(isinstance(argument, ast.Starred) for argument in node.args):
        return None
    done = step(low, literal, node)
    if done is None:
        return None
    now, new_keys, result = done
    mention(low, base, func.value)
    low.target(node, f"{literal.cls}.{func.attr}", direct=True)
    if now is not literal.items:
        keys = [low.state.node("keys", site_of(low, base)), *new_keys] if literal.cls == _DICT else []
        _renew(low, func.value, base, now, node, keys)
    return low.static(NONE) if result is None else result


def _append(low: Lowering, literal: Literal, node: ast.Call) -> _Done:
    return (numbered([*in_order(literal), lower(low, node.args[0])]), (), None) if len(node.args) == 1 else None


def _extend(low: Lowering, literal: Literal, node: ast.Call) -> _Done:
    if len(node.args) != 1 or kind(low, node.args[0]) not in SEQUENCES:
        return None
    return numbered(in_order(literal) + in_order(taken(low, node.args[0])[1])), (), None


def _insert(low: Lowering, literal: Literal, node: ast.Call) -> _Done:
    if len(node.args) != 2 or (index := _integer(node.args[0])) is None:
        return None
    now = in_order(literal)
    now.insert(index, lower(low, node.args[1]))
    return numbered(now), (), None


def _pop(low: Lowering, literal: Literal, node: ast.Call) -> _Done:
    index = _integer(node.args[0]) if node.args else -1
    now = in_order(literal)
    if len(node.args) > 1 or index is None or not -len(now) <= index < len(now):
        return None
    taken_out = now.pop(index)
    low.literals.pop(taken_out, None)
    return numbered(now), (), taken_out


def _clear(low: Lowering, literal: Literal, node: ast.Call) -> _Done:
    return None if node.args else ({}, (), None)


def _reverse(low: Lowering, literal: Literal, node: ast.Call) -> _Done:
    return None if node.args else (numbered(in_order(literal)[::-1]), (), None)


def _update(low: Lowering, literal: Literal, node: ast.Call) -> _Done:
    if len(node.args) > 1 or any(keyword.arg is None for keyword in node.keywords):
        return None
    if node.args and kind(low, node.args[0]) != _DICT:
        return None
    now, keys = dict(literal.items), []
    if node.args:
        given, contents = taken(low, node.args[0])
        now |= contents.items
        keys.append(low.state.node("keys", site_of(low, given)))
    for keyword in node.keywords:
        now[repr(keyword.arg)] = lower(low, keyword.value)
        keys.append(low.static(Obj("builtins:str", const=repr(keyword.arg))))
    return now, keys, None


def _key(node: ast.Call, most: int) -> str | None:
    """The constant that `d.get("a", f)` asks for."""
    first = node.args[0] if 0 < len(node.args) <= most else None
    return constant_key(first.value) if isinstance(first, ast.Constant) else None


def _set_default(low: Lowering, literal: Literal, node: ast.Call) -> _Done:
    key = _key(node, 2)
    if key is None or len(node.args) != 2:
        return None
    index, given = (lower(low, argument) for argument in node.args)
    if key in literal.items:
        low.literals.pop(literal.items[key], None)
        return literal.items, (), literal.items[key]
    low.literals.pop(given, None)
    return {**literal.items, key: given}, [index], given


def _get(low: Lowering, literal: Literal, node: ast.Call) -> _Done:
    key = _key(node, 2)
    if key is None or (key not in literal.items and len(node.args) == 1):
        return None
    given = [lower(low, argument) for argument in node.args]
    found = literal.items.get(key, given[-1])
    low.literals.pop(found, None)
    return literal.items, (), found


def _pop_key(low: Lowering, literal: Literal, node: ast.Call) -> _Done:
    done = _get(low, literal, node)
    if done is None:
        return None
    key = _key(node, 2)
    return {k: item for k, item in literal.items.items() if k != key}, done[1], done[2]


_STEPS: dict[str, Callable[[Lowering, Literal, ast.Call], _Done]] = {
    "builtins:list.append": _append,
    "builtins:list.extend": _extend,
    "builtins:list.insert": _insert,
    "builtins:list.pop": _pop,
    "builtins:list.clear": _clear,
    "builtins:list.reverse": _reverse,
    "builtins:dict.clear": _clear,
    "builtins:dict.get": _get,
    "builtins:dict.pop": _pop_key,
    "builtins:dict.setdefault": _set_default,
    "builtins:dict.update": _update,
}


def _integer(node: ast.expr) -> int | None:
    try:
        value = read_literal(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
    return value if type(value) is int else None


def _is_joined(low: Lowering, left: ast.expr, operator: ast.operator, right: ast.expr) -> bool:
    """Whether this is `+` of two lists or tuples, or `|` of two dictionaries, of which all is known."""
    cls = kind(low, left)
    fits = cls in SEQUENCES if isinstance(operator, ast.Add) else cls == _DICT and isinstance(operator, ast.BitOr)
    return fits and kind(low, right) == cls and (not isinstance(left, ast.Name) or isinstance(right, ast.Name) or not names_it(left, right))


def _joined(low: Lowering, left: Literal, right: Literal) -> dict[str, int]:
    return left.items | right.items if left.cls == _DICT else numbered(in_order(left) + in_order(right))


def joined(low: Lowering, node: ast.BinOp) -> tuple[int, int, int | None]:
    """The operands of `xs + [f]`, `d | e`; what it gives if it is known what both hold."""
    surprising = isinstance(node.left, ast.Name) and not isinstance(node.right, ast.Name) and names_it(node.left, node.right)
    operands: list[tuple[int, Literal | None]] = []
    for operand in (node.left, node.right):
        if not surprising and kind(low, operand) is not None:
            operands.append(taken(low, operand))
        else:
            found = lower(low, operand)
            operands.append((found, low.literals.get(found)))
    (left, first), (right, second) = operands
    fits = ast.Add if first is not None and first.cls in SEQUENCES else ast.BitOr
    if first is None or second is None or first.cls != second.cls or not isinstance(node.op, fits) or len(first.items) > _MOST:
        for found in (left, right):
            low.literals.pop(found, None)
        return left, right, None
    keys = [low.state.node("keys", site_of(low, base)) for base in (left, right)] if first.cls == _DICT else []
    result = made_of(low, Obj(first.cls, low.site_name(node)), _joined(low, first, second), keys)
    for given in (left, right):
        low.body.puts.append((result, given, "[:]"))
    return left, right, result


def joined_in_place(low: Lowering, node: ast.AugAssign) -> bool:
    """`xs += [f]`, `d |= e`."""
    target = node.target
    if not isinstance(target, ast.Name) or version(low, target) is None or not _is_joined(low, target, node.op, node.value):
        return False
    if isinstance(node.value, ast.Name) and node.value.id == target.id:
        return False
    base = low.env.get(low.own(target.id))
    assert base is not None
    literal = low.literals[base]
    mention(low, base, target)
    given, contents = taken(low, node.value)
    now = _joined(low, literal, contents)
    if literal.cls == "builtins:tuple":
        low.bind(target.id, made_of(low, Obj(literal.cls, low.site_name(node)), now), node)
    else:
        keys = [low.state.node("keys", site_of(low, b)) for b in (base, given)] if literal.cls == _DICT else []
        _renew(low, target, base, now, node, keys)
    return True


def deleted(low: Lowering, target: ast.Subscript) -> bool:
    """`del xs[0]`, `del d["a"]`."""
    base = version(low, target.value)
    if base is None:
        return False
    literal = low.literals[base]
    if literal.cls == _DICT:
        key = constant_key(target.slice.value) if isinstance(target.slice, ast.Constant) else ""
        if key not in literal.items:
            return False
        now = {k: item for k, item in literal.items.items() if k != key}
        keys = [low.state.node("keys", site_of(low, base))]
    else:
        held, index = in_order(literal), _integer(target.slice)
        if index is None or not -len(held) <= index < len(held):
            return False
        del held[index]
        now, keys = numbered(held), []
    assert isinstance(target.value, ast.Name)
    mention(low, base, target.value)
    low.body.receivers[target] = base
    low.target(target, f"{literal.cls}.__delitem__")
    _renew(low, target.value, base, now, target, keys)
    return True
