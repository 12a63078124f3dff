"""Attributes by name: `getattr(x, name)` with the names that `name` may be is `x.name`; strings that such names are made of.

getattr(self, f"visit_{kind}")     every attribute visit_* of self
setattr(self, name, f)             any attribute of self may be f where the name is not known
"do_{}".format(name)               do_*
"""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Callable

from faasify.analysis.any_attribute import any_attribute
from faasify.analysis.asking import asked
from faasify.analysis.assignment import delete_attribute, store_attribute
from faasify.analysis.bodies import Arguments, Field, Target
from faasify.analysis.calls import Here, call_method
from faasify.analysis.lowering import Lowering, lower
from faasify.analysis.members import attribute_names
from faasify.analysis.names import load_attribute
from faasify.analysis.namespaces import namespace, put_anywhere, put_by_computed_name
from faasify.analysis.state import State
from faasify.analysis.texts import Part, concatenate, fitting, format_parts
from faasify.analysis.values import BOOL, NONE, STR, UNKNOWN, Cls, Mod, Obj, Value, read_const

_STEP = re.compile(r"\.(\w+)|\[([^\]]+)\]")
_OWN_SCOPE = (ast.Lambda, ast.NamedExpr, ast.comprehension, ast.Yield, ast.YieldFrom, ast.Await)


def dynamic_attribute(low: Lowering, node: ast.Call) -> int:
    """A call of getattr, setattr, hasattr or delattr."""
    from faasify.analysis.invoking import arguments

    args = arguments(low, node)
    result = low.fresh()
    kind = node.func.id  # type: ignore[attr-defined]
    low.target(node, f"builtins:{kind}", direct=True)
    site = low.body.site(node)
    site.args, site.result = args, result
    given = _given(args, kind)
    if len(given) < 2:
        low.graph.put_unknown(result)
        return result
    by_name(low, node, kind, given, result)
    return {"getattr": result, "hasattr": low.static(BOOL)}.get(kind, low.static(NONE))


def called_as_a_value(state: State, here: Here, kind: str) -> None:
    """`put = setattr; put(x, "n", f)`, `map(getattr, xs, names)`"""
    given = _given(here.args, kind)
    asks = kind in ("getattr", "hasattr")
    if len(given) < 2 or (asks and state.large and here.args.star is not None):  # which has, there, what any call of a wrapper has
        state.graph.put_unknown(here.result)
        state.target(here.body, here.node, Target(None, here.direct), here.args, here.result)
        return
    if kind != "getattr":
        state.graph.put(here.result, [BOOL if kind == "hasattr" else NONE])
    by_name(Lowering(state, here.body), here.node, kind, given, here.result if kind == "getattr" else state.graph.node())


def _given(args: Arguments, kind: str) -> list[int]:
    """The nodes of the object, the name and perhaps a value: each that comes from `*xs` may be any of them."""
    most = 2 if kind in ("hasattr", "delattr") else 3
    return [*args.positional, *([args.star] * most if args.star is not None else ())][:most]


def by_name(low: Lowering, node: ast.AST, kind: str, given: list[int], result: int) -> None:
    """What one of the four does with an object, a name and perhaps a value."""
    line = getattr(node, "lineno", 0)
    low.body.parts.append((given[0], result, ""))
    if kind == "setattr":
        low.body.changes.append(given[0])
    if kind == "getattr" and len(given) > 2:
        low.graph.edge(given[2], result)
        low.body.copies.append((given[2], result))

    def learn(value: Value) -> None:
        text = isinstance(value, Obj) and value.cls == "builtins:str"
        if text and isinstance(value, Obj) and value.const:
            use(read_const(value.const))
        elif text and isinstance(value, Obj) and value.pattern:
            _each_fitting(low, given[0], value.pattern, use)
            if kind == "setattr" and len(given) > 2:
                low.graph.watch(given[0], lambda r: put_by_computed_name(low.state, r, given[2]))
        else:
            if kind == "getattr":
                low.graph.put_unknown(result)
            elif kind == "setattr" and len(given) > 2:
                low.graph.watch(given[0], lambda r: put_anywhere(low.state, r, given[2]))
            if not anything:
                anything.append(value)
                any_attribute(low, node, kind, given, result)

    anything: list[Value] = []

    def use(name: str) -> None:
        if kind in ("getattr", "hasattr"):
            low.body.parts.append((given[0], result, name))
            low.body.fields.append(Field(given[0], name, False, line))
            load_attribute(low, given[0], name, node, result)
        elif kind == "delattr":
            low.body.fields.append(Field(given[0], name, True, line))
            low.graph.watch(given[0], lambda r: delete_attribute(low, r, name, node))
        elif len(given) > 2:
            low.body.fields.append(Field(given[0], name, True, line))
            low.body.puts.append((given[0], given[2], name))
            low.graph.watch(given[0], lambda r: store_attribute(low, r, name, given[2], node))

    low.graph.watch(given[1], learn)


def names_as_dictionary(low: Lowering, node: ast.Call) -> int | None:
    """A call of globals, locals or vars; None where it has other arguments than these take."""
    kind = node.func.id  # type: ignore[attr-defined]
    if node.keywords or len(node.args) != (kind == "vars" and len(node.args) == 1) or any(isinstance(a, ast.Starred) for a in node.args):
        return None
    given = [lower(low, a) for a in node.args]
    low.literals.clear()  # whoever has the dictionary has what the variables hold
    result = low.fresh(*given)
    low.target(node, f"builtins:{kind}", direct=True)
    site = low.body.site(node)
    site.args, site.result = Arguments(given), result
    if given:
        low.body.parts.append((given[0], result, "__dict__"))
        low.graph.watch(given[0], lambda v: low.graph.put(result, [namespace(low.state, v) or UNKNOWN]))
    elif kind == "globals" or low.body.scope.kind in ("module", "class"):
        of = Cls(low.body.scope.name) if kind != "globals" and low.body.scope.kind == "class" else Mod(low.scope.module)
        low.graph.put(result, [namespace(low.state, of) or UNKNOWN])
    else:
        low.graph.put(result, [_locals(low, node)])
    return result


def _locals(low: Lowering, node: ast.Call) -> Obj:
    """A new dictionary of what the variables hold now."""
    made = Obj("builtins:dict", low.site_name(node))
    for name in sorted(low.body.scope.bound):
        if low.env.get(name) is not None:
            low.graph.put(low.state.node("keys", made.site), [Obj("builtins:str", const=repr(name))])
            low.state.hold(made.site, low.read(name, node), repr(name))
    return made


def evaluated(low: Lowering, node: ast.Call) -> int | None:
    """`eval("f()")` and `exec("f()")` of a literal run it here: the node of what it gives. None where that is not seen."""
    text = node.args[0].value if len(node.args) == 1 and isinstance(node.args[0], ast.Constant) else None
    if not isinstance(text, str) or node.keywords:
        return None
    try:
        body = ast.parse(text.strip()).body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
    if not all(isinstance(s, ast.Expr) for s in body) or any(isinstance(n, _OWN_SCOPE) for s in body for n in ast.walk(s)):
        return None
    results = []
    for statement in body:
        for inner in ast.walk(statement):
            if isinstance(inner, ast.expr):
                ast.copy_location(inner, node)
        results.append(lower(low, statement.value))  # type: ignore[attr-defined]
    return results[0] if node.func.id == "eval" and len(results) == 1 else low.static(NONE)  # type: ignore[attr-defined]


def _each_fitting(low: Lowering, receiver: int, pattern: str, use: Callable[[str], None]) -> None:
    """`use(name)` for the attributes of the receivers that fit, those that are learnt later too."""
    seen: set[str] = set()

    def query() -> bool:
        known = {name for value in low.graph.at(receiver) for name in attribute_names(low.state, value)}
        new = [name for name in fitting(pattern, known) if name not in seen]
        for name in new:
            seen.add(name)
            use(name)
        return bool(new)

    low.state.queries.append(query)


def format_fields(low: Lowering, node: ast.Call, args: Arguments) -> None:
    """`"{0.name} {1[key]}".format(x, y)` asks x for the attribute, y for the element."""
    func = node.func
    if not (isinstance(func, ast.Attribute) and func.attr == "format" and isinstance(func.value, ast.Constant)):
        return
    try:
        fields = [name for _, name, _, _ in string.Formatter().parse(str(func.value.value)) if name is not None]
    except ValueError:
        return
    for count, name in enumerate(fields):
        first = _STEP.split(name, maxsplit=1)[0]
        key = first or str(count)
        given = {**{str(i): argument for i, argument in enumerate(args.positional)}, **args.keywords}
        found = given.get(key)
        for attribute, _ in _STEP.findall(name):
            if found is not None:
                found = _step(low, node, found, attribute)
                asked(low.state, found, "__format__", low.here(node))


def _step(low: Lowering, node: ast.Call, of: int, attribute: str) -> int:
    found = low.fresh(of)
    low.body.parts.append((of, found, attribute))
    if attribute:
        load_attribute(low, of, attribute, node, found)
    else:
        here = low.here(node, Arguments([low.static(STR)]), found)
        low.graph.watch(of, lambda v: call_method(low.state, v, "__getitem__", here))
    return found


def made_text(low: Lowering, node: ast.Call, args: Arguments) -> int | None:
    """The node of `"do_{}".format(x)` and `"_".join(["do", x])`, as far as the text is known."""
    func = node.func
    if not (low.state.traits.computes_names and isinstance(func, ast.Attribute) and isinstance(func.value, ast.Constant)):
        return None
    text = func.value.value
    if not isinstance(text, str) or args.star is not None or args.double is not None:
        return None
    parts = None
    if func.attr == "format":
        parts = format_parts(text, args.positional, args.keywords)
    elif func.attr == "join" and len(node.args) == 1 and isinstance(node.args[0], ast.List | ast.Tuple):
        parts = _joined_parts(low, text, node.args[0])
    if parts is None:
        return None
    result = low.graph.node()
    concatenate(low.graph, parts, result)
    return result


def _joined_parts(low: Lowering, separator: str, display: ast.List | ast.Tuple) -> list[Part] | None:
    if any(isinstance(element, ast.Starred) for element in display.elts):
        return None
    site = low.site_name(display)
    nodes: list[Part] = [low.state.element(site, str(index)) for index in range(len(display.elts))]
    return [part for node in nodes for part in (separator, node)][1:]
