"""Which top-level statements make a unit's start-up state: those that only bind names, whatever else happened before.

    import math             yes             def f(x=1): ...         yes
    LIMIT = 60 * 60         yes             def f(x=now()): ...     no: it calls something
    class A: x = 1          yes             class A(Base): ...      if Base is bound by one of these statements, or a builtin
    WORD = re.compile("a")  yes (makers)    NOW = time.time()       no
    print("hello")          no              from .util import g     no: another module of the program, not the library

A statement that is not certain to be harmless is not in: a unit gets its real state with the call, the start-up state only serves
plain JSON events.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Sequence, Set

from faasify.bundle.makers import builtin_origins, makes_value

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
HOOKS = frozenset({"__init_subclass__", "__set_name__", "__class_getitem__", "__prepare__", "__mro_entries__"})
HUGE = 10**9  # numbers beyond this are not computed at start-up, and no list is repeated more than TIMES
TIMES = 10_000
KEEPS_GOING = ast.Pass | ast.Global | ast.Nonlocal


class StartUp:
    """Goes through the top-level statements in order, and remembers which names the harmless ones have bound.

    `own` are the top-level names of the program's modules: `import util` is no library import if `util` is among them.
    """

    def __init__(self, own: Set[str]) -> None:
        self.own = own
        self.bound: set[str] = set(dir(builtins))
        self.origins = builtin_origins()  # what the names of harmless imports stand for: {"field": "dataclasses.field"}
        self.values: set[str] = set()  # names of constants, and of what was made from them
        self.lazy_annotations = False

    def accepts(self, statement: ast.stmt) -> bool:
        """Whether `statement` is part of the start-up state; if so, what it binds is known from here on."""
        names = self._binds(statement)
        if names is None:
            return False
        self.bound |= names
        if not isinstance(statement, ast.Import | ast.ImportFrom):
            for name in names:
                self.origins.pop(name, None)
        if isinstance(statement, ast.Assign | ast.AnnAssign):
            self.values |= names
        else:
            self.values -= names
        return True

    def _binds(self, node: ast.stmt) -> set[str] | None:
        """The names a harmless statement binds; None for any other statement."""
        if isinstance(node, ast.Import | ast.ImportFrom):
            return self._import(node)
        if isinstance(node, FunctionNode):
            return {node.name} if self._plain_function(node) else None
        if isinstance(node, ast.ClassDef):
            return {node.name} if self._plain_class(node) else None
        if isinstance(node, ast.Assign):
            targets = {target.id for target in node.targets if isinstance(target, ast.Name)}
            return targets if len(targets) == len(node.targets) and self._value(node.value) else None
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            harmless = (node.value is None or self._value(node.value)) and self._annotations([node.annotation])
            return ({node.target.id} if node.value else set()) if harmless else None
        if isinstance(node, ast.Expr):
            return set() if isinstance(node.value, ast.Constant) else None
        return set() if isinstance(node, KEEPS_GOING) else None

    def _import(self, node: ast.Import | ast.ImportFrom) -> set[str] | None:
        if isinstance(node, ast.ImportFrom):
            tops = {(node.module or "").partition(".")[0]}
            if node.level or any(alias.name == "*" for alias in node.names):
                return None
            names = {alias.asname or alias.name for alias in node.names}
            self.lazy_annotations |= node.module == "__future__" and "annotations" in names
            origins = {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
        else:
            tops = {alias.name.partition(".")[0] for alias in node.names}
            names = {alias.asname or alias.name.partition(".")[0] for alias in node.names}
            origins = {alias.asname or alias.name: alias.name for alias in node.names}
        if tops & self.own:
            return None
        self.origins |= origins
        return names

    def _value(self, node: ast.expr) -> bool:
        return constant(node) or makes_value(node, self.origins, self._known_value, self._plain)

    def _known_value(self, node: ast.expr) -> bool:
        return constant(node) or (isinstance(node, ast.Name) and node.id in self.values)

    def _plain_function(self, node: FunctionNode) -> bool:
        """Its decorators do not count: they are not applied over there."""
        spec = node.args
        defaults = [*spec.defaults, *(default for default in spec.kw_defaults if default)]
        arguments = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs, *(arg for arg in (spec.vararg, spec.kwarg) if arg)]
        annotations = [arg.annotation for arg in arguments if arg.annotation] + ([node.returns] if node.returns else [])
        return all(constant(default) or self._plain(default) for default in defaults) and self._annotations(annotations)

    def _annotations(self, annotations: Sequence[ast.expr]) -> bool:
        return self.lazy_annotations or all(map(self._plain, annotations))

    def _plain_class(self, node: ast.ClassDef) -> bool:
        if node.keywords or not all(self._plain(base) for base in node.bases):
            return False
        inner = StartUp(self.own)
        inner.bound |= self.bound
        inner.origins, inner.values = dict(self.origins), set(self.values)
        inner.lazy_annotations = self.lazy_annotations
        return all(inner.accepts(statement) and not _is_hook(statement) for statement in node.body)

    def _plain(self, node: ast.expr) -> bool:
        """Names that are bound, attributes and subscripts of them, unions, constants: looking at them does nothing."""
        if isinstance(node, ast.Constant):
            return True
        if isinstance(node, ast.Name):
            return node.id in self.bound
        if isinstance(node, ast.Lambda):
            return not node.args.defaults and not any(node.args.kw_defaults)
        if isinstance(node, ast.Attribute):
            return self._plain(node.value)
        if isinstance(node, ast.Subscript):
            return self._plain(node.value) and self._plain(node.slice)
        if isinstance(node, ast.BinOp):
            return isinstance(node.op, ast.BitOr) and self._plain(node.left) and self._plain(node.right)
        return isinstance(node, ast.Tuple | ast.List) and all(map(self._plain, node.elts))


def _is_hook(statement: ast.stmt) -> bool:
    return isinstance(statement, FunctionNode) and statement.name in HOOKS


def constant(node: ast.expr) -> bool:
    """A literal, or small arithmetic on numbers: nothing in it can call, fail or take long."""
    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.Tuple | ast.List):
        return all(map(constant, node.elts))
    if isinstance(node, ast.Set):
        return all(map(_hashable, node.elts))
    if isinstance(node, ast.Dict):
        return _all_keys(node.keys) and all(map(constant, node.values))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult) and _repeatable(node.left):
        times = number(node.right)
        return constant(node.left) and type(times) is int and times <= TIMES
    return number(node) is not None


def _repeatable(node: ast.expr) -> bool:
    return isinstance(node, ast.List) or (isinstance(node, ast.Constant) and isinstance(node.value, str | bytes))


def _all_keys(keys: Iterable[ast.expr | None]) -> bool:
    return all(key is not None and _hashable(key) for key in keys)


def _hashable(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) or number(node) is not None or (isinstance(node, ast.Tuple) and all(map(_hashable, node.elts)))


def number(node: ast.expr) -> int | float | complex | None:
    """The value of arithmetic on literal numbers; None where there is none, or where it would be huge."""
    if isinstance(node, ast.Constant):
        value = node.value
        return value if isinstance(value, int | float | complex) and not isinstance(value, bool) else None
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        operand = number(node.operand)
        return operand if operand is None or isinstance(node.op, ast.UAdd) else -operand
    if not isinstance(node, ast.BinOp):
        return None
    left, right = number(node.left), number(node.right)
    if left is None or right is None:
        return None
    try:
        return _small(_compute(node.op, left, right))
    except (ArithmeticError, TypeError, ValueError):
        return None


def _small(value: int | float | complex | None) -> int | float | complex | None:
    return value if value is not None and abs(value) <= HUGE else None


def _compute(op: ast.operator, left: int | float | complex, right: int | float | complex) -> int | float | complex | None:
    if isinstance(op, ast.Add):
        return left + right
    if isinstance(op, ast.Sub):
        return left - right
    if isinstance(op, ast.Mult):
        return left * right
    if isinstance(op, ast.Div):
        return left / right
    if isinstance(op, ast.Pow) and abs(right) <= 64 and abs(left) <= 64:
        power: int | float | complex = left**right
        return power
    return None
