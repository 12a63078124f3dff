"""What a method of a library asks of its own object, by its Python source: a class of the program may have that in its place.

    asked(["reprlib:Repr"], "repr", {"repr_list"})     {"repr_list"}: repr calls self.repr1, which calls getattr(self, "repr_" + name)
    asked(["collections:UserDict"], "update", {"__setitem__"})     {"__setitem__"}: self[key] = value

Sources are parsed, never imported. What is asked through another object that holds this one is not seen.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Set
from functools import cache

from faasify.analysis import texts, typeshed
from faasify.analysis.operators import COMPARISONS, OPERATORS, UNARY
from faasify.analysis.undescribed import Source, source

ANY = "*"  # a method by a name that the source does not say
_NO_SOURCE = frozenset({"builtins", "abc", "enum", "typing"})  # made of native code, or followed elsewhere
_DEEPEST = 12  # classes of a library above one another
_SUBSCRIPTS = {ast.Load: "__getitem__", ast.Store: "__setitem__", ast.Del: "__delitem__"}
_BY_FUNCTION = {
    **dict.fromkeys(
        ("iter", "list", "tuple", "set", "frozenset", "sorted", "dict", "enumerate", "map", "zip", "sum", "any", "all"), "__iter__"
    ),
    **{name: f"__{name}__" for name in ("len", "next", "str", "repr", "hash", "bool", "reversed", "abs", "int", "float", "format")},
}
_OPERATORS = {
    **OPERATORS,
    **{kind: name.strip("_") for kind, name in UNARY.items()},
    **{kind: name.strip("_") for kind, (name, _) in COMPARISONS.items()},
    ast.Not: "bool",
    ast.NotEq: "eq",  # which `__ne__` asks where it is not the class's own
}
_LOOKING = frozenset(
    {"isinstance", "issubclass", "id", "type", "super", "getattr", "setattr", "delattr", "hasattr", "callable", "vars", "dir"}
)
_MADE = ("__new__", "__init__")  # type(self)(...)


def asked(classes: Iterable[str], method: str, names: Set[str]) -> set[str]:
    """Which of the `names`, that a class below these has, their `method` asks of the object, itself or by the library's others; `ANY`
    among them: one of which the source does not say the name."""
    line = tuple(dict.fromkeys(above for klass in classes for above in lineage(klass)))
    found: set[str] = set()
    seen, waiting = {method}, [method]
    while waiting:
        name = waiting.pop()
        for at in line:
            for wanted in _asked_by(at, name):
                if wanted == ANY and names:
                    found.add(ANY)
                    continue
                fitting = texts.fitting(wanted, {*names, *_methods(line)}) if "*" in wanted else [wanted]
                found.update(names & set(fitting))
                new = [each for each in fitting if each not in seen and each not in names]
                seen.update(new)
                waiting += new
    return found


@cache
def lineage(klass: str, depth: int = 0) -> tuple[str, ...]:
    """A class of a library and those above it, as far as there is source, each by the module that defines it."""
    place = _defined(klass, depth)
    if place is None:
        return ()
    parsed, qualname = place
    node = parsed.definitions[qualname]
    found = {f"{parsed.name}:{qualname}": None}
    for base in node.bases if isinstance(node, ast.ClassDef) and depth < _DEEPEST else ():
        path = _named(base, parsed)
        found.update(dict.fromkeys(lineage(path, depth + 1) if path else ()))
    return tuple(found)


@cache
def _methods(line: tuple[str, ...]) -> frozenset[str]:
    """The names of the methods of these classes."""
    found: set[str] = set()
    for klass in line:
        module, _, qualname = klass.partition(":")
        parsed = source(module)
        node = parsed.definitions[qualname] if parsed is not None else None
        found.update(part.name for part in getattr(node, "body", ()) if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef))
    return frozenset(found)


def _defined(path: str, depth: int) -> tuple[Source, str] | None:
    """Where the class really is: `json:JSONEncoder` is in `json.encoder`."""
    module, _, qualname = path.partition(":")
    parsed = source(module) if module not in _NO_SOURCE else None
    if parsed is None:
        return None
    if isinstance(parsed.definitions.get(qualname), ast.ClassDef):
        return parsed, qualname
    other = parsed.imported.get(qualname, "")
    if ":" not in other:  # `from .queues import *`
        known = typeshed.default().find(path)
        other = known.path if known is not None and known.path != path and known.module not in _NO_SOURCE else ""
        other = other or parsed.imported.get("*", "").replace(":*", f":{qualname}")
    return _defined(other, depth + 1) if ":" in other and depth < _DEEPEST else None


def _named(node: ast.expr, parsed: Source) -> str:
    """The path of a base: `Base`, `module.Base`; "" for anything else."""
    match node:
        case ast.Name(id=name):
            return f"{parsed.name}:{name}" if name in parsed.definitions else parsed.imported.get(name, "")
        case ast.Attribute(value=value, attr=attr):
            name, _, rest = ast.unparse(value).partition(".")
            module = parsed.imported.get(name, "").replace(":", ".")  # `from concurrent.futures import _base`
            return f"{module}{rest and '.'}{rest}:{attr}" if module else ""
    return ""


@cache
def _asked_by(klass: str, method: str) -> frozenset[str]:
    """What one method as defined in one class asks of its first parameter; patterns where it is by a made-up name."""
    module, _, qualname = klass.partition(":")
    parsed = source(module)
    node = parsed.definitions.get(f"{qualname}.{method}") if parsed is not None else None
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or not (node.args.posonlyargs or node.args.args):
        return frozenset()
    own = (node.args.posonlyargs or node.args.args)[0].arg
    return frozenset(name for part in ast.walk(node) for name in _asks(part, own, node))


def _asks(node: ast.AST, own: str, function: ast.AST) -> Iterator[str]:
    match node:
        case ast.Attribute(value=value, attr=attr) if _is(value, own):
            yield attr
        case ast.Subscript(value=value, ctx=context) if _is(value, own):
            yield _SUBSCRIPTS[type(context)]
        case ast.Call(func=ast.Name(id="getattr"), args=[value, name, *_]) if _is(value, own):
            yield from _patterns(name, function)
        case ast.Call(func=ast.Attribute(value=value, attr="__class__") | ast.Call(func=ast.Name(id="type"), args=[value])) if _is(
            value, own
        ):
            yield from _MADE
        case ast.Call(func=ast.Attribute(value=ast.Attribute(value=value, attr="__class__"), attr=attr)) if _is(value, own):
            yield attr
        case ast.Call(func=function_, args=args):
            if _is(function_, own):
                yield from ("__call__", *(_MADE if own == "cls" else ()))
            if isinstance(function_, ast.Name) and function_.id in _BY_FUNCTION and any(_is(arg, own) for arg in args):
                yield _BY_FUNCTION[function_.id]
            elif any(_is(arg, own) for arg in args) and not (isinstance(function_, ast.Name) and function_.id in _LOOKING):
                yield ANY  # it is given to somebody
        case ast.For(iter=value) | ast.comprehension(iter=value) | ast.Starred(value=value) | ast.YieldFrom(value=value) if _is(value, own):
            yield "__iter__"
        case ast.Assign(value=value) | ast.NamedExpr(value=value) | ast.keyword(value=value) | ast.Yield(value=value) if value and _is(
            value, own
        ):
            yield ANY  # by another name, or by whoever has it now
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts) | ast.Dict(values=parts) if any(_is(p, own) for p in parts):
            yield ANY
        case ast.With() if any(_is(item.context_expr, own) for item in node.items):
            yield from ("__enter__", "__exit__")
        case ast.AsyncWith() if any(_is(item.context_expr, own) for item in node.items):
            yield from ("__aenter__", "__aexit__")
        case ast.FormattedValue(value=value) if _is(value, own):
            yield from ("__format__", "__str__", "__repr__")
        case ast.If(test=value) | ast.While(test=value) | ast.IfExp(test=value) if _is(value, own):
            yield from ("__bool__", "__len__")
        case _:
            yield from _operated(node, own)


def _operated(node: ast.AST, own: str) -> Iterator[str]:
    match node:
        case ast.BinOp(left=left, op=op, right=right):
            if _is(left, own):
                yield f"__{_OPERATORS[type(op)]}__"
            if _is(right, own):
                yield f"__r{_OPERATORS[type(op)]}__"
        case ast.AugAssign(target=target, op=op) if _is(target, own):
            yield from (f"__i{_OPERATORS[type(op)]}__", f"__{_OPERATORS[type(op)]}__")
        case ast.UnaryOp(op=op, operand=operand) if _is(operand, own):
            yield f"__{_OPERATORS[type(op)]}__"
        case ast.Compare(left=left, ops=ops, comparators=others):
            for before, by, after in zip([left, *others], ops, others, strict=False):
                if isinstance(by, ast.In | ast.NotIn):
                    yield from ("__contains__",) if _is(after, own) else ()
                elif type(by) in _OPERATORS and (_is(before, own) or _is(after, own)):
                    yield from (f"__{_OPERATORS[type(by)]}__", *(("__ne__",) if isinstance(by, ast.NotEq) else ()))


def _is(node: ast.expr, own: str) -> bool:
    return isinstance(node, ast.Name) and node.id == own


def _patterns(name: ast.expr, function: ast.AST) -> Iterator[str]:
    """`"visit_" + kind` -> visit_*"""
    match name:
        case ast.Constant(value=str(text)):
            yield text
        case ast.BinOp(left=ast.Constant(value=str(text)), op=ast.Add()):
            yield f"{text}*"
        case ast.BinOp(left=ast.Constant(value=str(text)), op=ast.Mod()):
            yield f"{text.partition('%')[0]}*"
        case ast.JoinedStr(values=[ast.Constant(value=str(text)), *_]):
            yield f"{text}*"
        case ast.Name(id=variable):
            given = [
                node.value for node in ast.walk(function) if isinstance(node, ast.Assign) and any(_is(t, variable) for t in node.targets)
            ]
            for value in given:
                if not isinstance(value, ast.Name):
                    yield from _patterns(value, function)
            if not given:
                yield ANY
        case _:
            yield ANY
