"""What a function's source asks of its first parameter, told from the syntax: the names of attributes and of special methods.

self.x, self.x(), getattr(self, "x")      x
self.x = 1, setattr(self, "x", 1)         x=      a property's setter; and __setattr__
super().x()                               ^x      as the classes above have it
if self: ...                              __bool__|__len__      the first that there is
getattr(self, "visit_" + kind)            visit_*
f(self), [self], x.parent = self          *       nobody knows what is asked where it is now; nor what getattr(self, name) is

Other names of the parameter (`me = self`) and of its class (`cls = type(self)`) are followed.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from faasify.analysis.operators import COMPARISONS, OPERATORS, UNARY

ANY = "*"  # a method by a name that the source does not say
STORED = "="  # behind an attribute that is given a value
ABOVE = "^"  # before a method that is asked of the classes above
EITHER = "|"  # between methods of which the first one that there is is asked
_SUBSCRIPTS = {ast.Load: "__getitem__", ast.Store: "__setitem__", ast.Del: "__delitem__"}
_MADE = ("__new__", "__init__")  # type(self)(...)
_ENTERED, _ENTERED_LATER = ("__enter__", "__exit__"), ("__aenter__", "__aexit__")
_ITER, _TRUE, _TEXT = "__iter__|__getitem__", "__bool__|__len__", "__str__|__repr__"
_GONE_THROUGH = (_ITER, "__next__")
_COUNTED = (*_GONE_THROUGH, "__len__")  # these ask how many there will be
_SHOWN = ("__format__|__str__|__repr__",)
_BY_FUNCTION: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("list", "tuple", "sorted"), _COUNTED),
    **dict.fromkeys(("iter", "set", "frozenset", "enumerate", "map", "filter", "zip", "sum", "any", "all", "min", "max"), _GONE_THROUGH),
    "dict": ("keys", "__getitem__", *_GONE_THROUGH),
    "reversed": ("__reversed__|__getitem__", "__len__"),
    "str": (_TEXT,),
    "format": _SHOWN,
    "print": (_TEXT,),
    "bool": (_TRUE,),
    "int": ("__int__|__index__|__trunc__",),
    "float": ("__float__|__index__",),
    "complex": ("__complex__|__float__|__index__",),
    "round": ("__round__",),
    "divmod": ("__divmod__|__rdivmod__",),
    "pow": ("__pow__|__rpow__",),
    **{name: (f"__{name}__",) for name in ("len", "next", "repr", "hash", "abs", "index", "bytes", "aiter", "anext")},
}
_LOOKING = frozenset({"isinstance", "issubclass", "id", "type", "super", "hasattr", "callable", "vars", "dir"})


@dataclass(frozen=True)
class _Names:
    """What the parameter and its class are called in the function, which is there for what is assigned to other names."""

    own: frozenset[str]
    classes: frozenset[str]
    function: ast.AST

    def is_self(self, node: ast.AST | None) -> bool:
        return isinstance(node, ast.Name) and node.id in self.own

    def is_class(self, node: ast.AST) -> bool:
        match node:
            case ast.Name(id=name):
                return name in self.classes
            case ast.Attribute(value=value, attr="__class__") | ast.Call(func=ast.Name(id="type"), args=[value]):
                return self.is_self(value)
        return False


def requests(function: ast.FunctionDef | ast.AsyncFunctionDef) -> frozenset[str]:
    """All that it asks, in the forms above; nothing where it is no method."""
    parameters = [*function.args.posonlyargs, *function.args.args]
    if any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in function.decorator_list):
        return frozenset()
    if not parameters:
        return frozenset([ANY] if function.args.vararg else ())
    first = parameters[0].arg
    is_class = any(isinstance(d, ast.Name) and d.id == "classmethod" for d in function.decorator_list) or first == "cls"
    names = _named(_Names(frozenset([first]), frozenset([first] if is_class else ()), function))
    return frozenset(name for part in ast.walk(function) for name in _asks(part, names))


def requests_of(function: ast.FunctionDef | ast.AsyncFunctionDef, parameter: str) -> frozenset[str]:
    """The same of another parameter."""
    names = _named(_Names(frozenset([parameter]), frozenset(), function))
    return frozenset(name for part in ast.walk(function) for name in _asks(part, names) if not name.startswith(ABOVE))


def _named(names: _Names) -> _Names:
    """With what else is called so by plain assignments."""
    while True:
        own, classes = set(names.own), set(names.classes)
        for node in ast.walk(names.function):
            match node:
                case ast.Assign(value=value, targets=targets):
                    to = [target.id for target in targets if isinstance(target, ast.Name)]
                case (
                    ast.NamedExpr(value=value, target=ast.Name(id=name))
                    | ast.AnnAssign(value=ast.expr() as value, target=ast.Name(id=name))
                ):
                    to = [name]
                case _:
                    continue
            own.update(to if names.is_self(value) else ())
            classes.update(to if names.is_class(value) else ())
        found = _Names(frozenset(own), frozenset(classes), names.function)
        if found == names:
            return names
        names = found


def _asks(node: ast.AST, names: _Names) -> Iterator[str]:
    is_self = names.is_self
    match node:
        case ast.Attribute(value=value, attr=attr, ctx=context) if is_self(value) or names.is_class(value):
            yield from _attribute(attr, type(context))
        case ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr=attr):
            yield f"{ABOVE}{attr}"
        case ast.Subscript(value=value, ctx=context) if is_self(value):
            yield _SUBSCRIPTS[type(context)]
        case ast.Call():
            yield from _called(node, names)
        case ast.For(iter=value) | ast.Starred(value=value) | ast.YieldFrom(value=value) if is_self(value):
            yield from _GONE_THROUGH
        case ast.comprehension(iter=value, is_async=is_async) if is_self(value):
            yield from ("__aiter__", "__anext__") if is_async else _GONE_THROUGH
        case ast.AsyncFor(iter=value) if is_self(value):
            yield from ("__aiter__", "__anext__")
        case ast.Await(value=value) if is_self(value):
            yield "__await__"
        case ast.Assign(value=value, targets=targets) if is_self(value) and all(isinstance(t, ast.Tuple | ast.List) for t in targets):
            yield from _GONE_THROUGH
        case ast.With(items=items) if any(is_self(item.context_expr) for item in items):
            yield from _ENTERED
        case ast.AsyncWith(items=items) if any(is_self(item.context_expr) for item in items):
            yield from _ENTERED_LATER
        case ast.FormattedValue(value=value, conversion=conversion) if is_self(value):
            yield from ("__repr__",) if conversion in (ord("r"), ord("a")) else (_TEXT,) if conversion == ord("s") else _SHOWN
        case ast.If(test=value) | ast.While(test=value) | ast.IfExp(test=value) | ast.Assert(test=value) if is_self(value):
            yield _TRUE
            yield from (ANY,) if any(is_self(each) for each in _let_go(node)) else ()
        case ast.BoolOp(values=values) if any(is_self(value) for value in values):
            yield from (_TRUE, ANY)  # it is what the whole gives
        case _ if any(is_self(value) for value in _let_go(node)):
            yield ANY
        case _:
            yield from _operated(node, is_self)


def _let_go(node: ast.AST) -> Sequence[ast.expr | None]:
    """Values that go where they are not followed."""
    match node:
        case ast.Match(subject=value) | ast.Yield(value=value):
            return [value]
        case ast.IfExp(body=body, orelse=orelse):
            return [body, orelse]
        case ast.List(elts=parts, ctx=ast.Load()) | ast.Tuple(elts=parts, ctx=ast.Load()) | ast.Set(elts=parts):
            return parts
        case ast.Dict(keys=keys, values=values):
            return [*keys, *values]
        case ast.DictComp(key=key, value=value):
            return [key, value]
        case ast.ListComp(elt=value) | ast.SetComp(elt=value) | ast.GeneratorExp(elt=value):
            return [value]
        case ast.Assign(value=value, targets=targets) if any(not isinstance(target, ast.Name) for target in targets):
            return [value]
        case ast.AnnAssign(value=value, target=ast.Attribute() | ast.Subscript()):
            return [value]
    return ()


def _attribute(attr: str, context: type[ast.expr_context]) -> tuple[str, ...]:
    if context is ast.Load:
        return (attr, "__getattribute__")
    return (f"{attr}{STORED}", "__setattr__") if context is ast.Store else (f"{attr}{STORED}", "__delattr__")


def _called(node: ast.Call, names: _Names) -> Iterator[str]:
    is_self = names.is_self
    given = [*(arg for arg in node.args if is_self(arg)), *(k.value for k in node.keywords if is_self(k.value))]
    match node:
        case ast.Call(func=ast.Name(id="getattr"), args=[value, name, *_]) if is_self(value):
            yield from (*_patterns(name, names.function), "__getattribute__")
        case ast.Call(func=ast.Name(id="setattr" | "delattr" as by), args=[value, name, *_]) if is_self(value):
            yield from (f"__{by}__", *(text if text == ANY else f"{text}{STORED}" for text in _patterns(name, names.function)))
        case ast.Call(func=function) if names.is_class(function):
            yield from _MADE
        case ast.Call(func=function) if is_self(function):
            yield "__call__"
        case ast.Call(func=ast.Name(id=name)) if given and name in _BY_FUNCTION:
            yield from _BY_FUNCTION[name]
        case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id="super")) | ast.Name(id="object"))):
            return  # `super().__init__(self)`: as the class above does
        case ast.Call(func=ast.Attribute(value=klass)) if names.is_class(klass) and node.args and is_self(node.args[0]):
            yield from (ANY,) if len(given) > 1 else ()  # `type(self).method(self)`
        case ast.Call(func=function) if given and not (isinstance(function, ast.Name) and function.id in _LOOKING):
            yield ANY  # it is given to somebody


def _operated(node: ast.AST, is_self: Callable[[ast.AST | None], bool]) -> Iterator[str]:
    match node:
        case ast.BinOp(left=ast.Constant(value=str()), op=ast.Mod(), right=right):
            if is_self(right) or (isinstance(right, ast.Tuple) and any(is_self(part) for part in right.elts)):
                yield from (_TEXT, "__repr__", *(("__getitem__",) if is_self(right) else ()))
        case ast.BinOp(left=left, op=op, right=right):
            if is_self(left) or _is_made_of(left, is_self):
                yield f"__{OPERATORS[type(op)]}__"
            if is_self(right) or _is_made_of(right, is_self):
                yield f"__r{OPERATORS[type(op)]}__"
        case ast.AugAssign(target=target, op=op) if is_self(target):
            yield f"__i{OPERATORS[type(op)]}__{EITHER}__{OPERATORS[type(op)]}__"
        case ast.AugAssign(target=ast.Subscript(value=value)) if is_self(value):
            yield "__getitem__"
        case ast.AugAssign(target=ast.Attribute(value=value, attr=attr)) if is_self(value):
            yield from _attribute(attr, ast.Load)
        case ast.UnaryOp(op=op, operand=operand) if is_self(operand):
            yield _TRUE if isinstance(op, ast.Not) else UNARY[type(op)]
        case ast.Compare(left=left, ops=ops, comparators=others):
            for before, by, after in zip([left, *others], ops, others, strict=False):
                if isinstance(by, ast.In | ast.NotIn):
                    yield from (f"__contains__{EITHER}{_ITER}",) if is_self(after) else ()
                elif type(by) in COMPARISONS:
                    forward, backward = COMPARISONS[type(by)]
                    yield from (forward,) if is_self(before) else ()
                    yield from (backward,) if is_self(after) else ()
                    if isinstance(by, ast.NotEq) and (is_self(before) or is_self(after)):
                        yield "__eq__"  # which `__ne__` asks where it is not the class's own


def _is_made_of(node: ast.expr, is_self: Callable[[ast.AST | None], bool]) -> bool:
    """Whether an operator gives it, and so most likely another object of the same class: `-self + other`."""
    match node:
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() | ast.Invert(), operand=operand):
            return is_self(operand) or _is_made_of(operand, is_self)
        case ast.BinOp(left=left, right=right):
            return any(is_self(side) or _is_made_of(side, is_self) for side in (left, right))
    return False


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
            yield from _patterns_of(variable, function)
        case _:
            yield ANY


def _patterns_of(variable: str, function: ast.AST) -> Iterator[str]:
    """Of what is assigned to a variable, where that is all that it gets."""
    given: list[ast.expr] = []
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and any(_is(target, variable) for target in node.targets):
            given.append(node.value)
        elif isinstance(node, ast.Name) and node.id == variable and isinstance(node.ctx, ast.Store) and not _is_plain(node, function):
            given.append(node)  # in a loop, a part of a tuple, or by `+=`
    for value in given:
        yield from (ANY,) if isinstance(value, ast.Name) else _patterns(value, function)
    if not given:
        yield ANY


def _is_plain(name: ast.Name, function: ast.AST) -> bool:
    return any(isinstance(node, ast.Assign) and any(target is name for target in node.targets) for node in ast.walk(function))


def _is(node: ast.AST, variable: str) -> bool:
    return isinstance(node, ast.Name) and node.id == variable
