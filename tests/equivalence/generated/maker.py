"""Text from templates, by choices that somebody else makes (a random generator, or hypothesis).

In a template `<list>` is any expression of that kind, `<list!>` a name, `<list:a>` and `<list!a>` the same text wherever the label
stands again; `$list` is a new local name of that kind, `$9` a number up to 9; a line that is only `BLOCK` is a few statements, in a
scope of their own.

    maker.statement(scope)  of  "for $int in range($3):\\n    BLOCK"   ->   ["for i1 in range(2):", "    XS.append(i1)"]
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from tests.equivalence.generated.feature import Feature

T = TypeVar("T")
Choose = Callable[[int, int], int]  # a number between these two, both included

_HOLE = re.compile(r"<([a-z]+)([!:]?)([a-z0-9]*)>|\$([a-z]+)(\d?)|\$(\d+)")
_CALLS = re.compile(r"<callee|<call>|<call:")
_DEEPEST = 3


@dataclass(frozen=True)
class Scope:
    """The names that may be used, by kind, and where the text stands."""

    names: dict[str, list[str]]
    calls: Sequence[str] = ()  # templates of calls of the program's own functions
    depth: int = 0
    closed: bool = False  # in a closure that is kept: it calls nothing, so every program ends

    def inner(self, **changes: object) -> Scope:
        return replace(self, names={k: list(v) for k, v in self.names.items()}, depth=self.depth + 1, **changes)  # type: ignore[arg-type]


@dataclass
class Grammar:
    """What the chosen features bring, joined."""

    expressions: dict[str, list[str]] = field(default_factory=dict)
    statements: list[str] = field(default_factory=list)
    decorators: list[str] = field(default_factory=list)
    names: dict[str, list[str]] = field(default_factory=dict)  # by kind; kinds that have any are those of which there are values

    @classmethod
    def of(cls, features: Sequence[Feature]) -> Grammar:
        made = cls()
        for feature in features:
            for kind, templates in feature.expressions_by_kind().items():
                made.expressions.setdefault(kind, []).extend(templates)
            made.statements.extend(feature.all_statements())
            made.decorators.extend(feature.all_decorators())
            for kind, names in feature.names_by_kind().items():
                made.names.setdefault(kind, []).extend(names)
        return made


class Maker:
    def __init__(self, choose: Choose, grammar: Grammar) -> None:
        self.choose = choose
        self.grammar = grammar
        self._numbers: Iterator[int] = iter(range(1, 100_000))

    def pick(self, options: Sequence[T]) -> T:
        return options[self.choose(0, len(options) - 1)]

    def chance(self, percent: int) -> bool:
        return self.choose(0, 99) >= 100 - percent

    def new(self, kind: str) -> str:
        return f"{kind[:2]}{next(self._numbers)}"

    def expression(self, kind: str, scope: Scope) -> str:
        if kind == "value":
            kind = self.pick(list(self.grammar.names))
        if kind == "callee":
            return self.pick(scope.names["fn"])
        names = scope.names.get(kind)
        if names and (scope.depth >= _DEEPEST or self.chance(40)):
            return self.pick(names)
        templates = self._allowed(scope.calls if kind == "call" else self.grammar.expressions[kind], scope)
        if scope.depth >= _DEEPEST:
            templates = [t for t in templates if "<" not in t] or templates[:1]
        template = self.pick(templates)
        return self.fill(template, scope.inner(closed=True) if "lambda" in template else scope.inner(), {})

    def _allowed(self, templates: Sequence[str], scope: Scope) -> list[str]:
        if scope.closed:
            return [t for t in templates if not _CALLS.search(t)]
        return [t for t in templates if "<call>" not in t or (scope.calls and scope.depth < 2)]

    def fill(self, template: str, scope: Scope, labels: dict[str, str]) -> str:
        """One line of a template. `labels` remembers the labelled holes and, under `$kind`, the new names."""

        def hole(found: re.Match[str]) -> str:
            kind, how, label, new, number, limit = found.groups()
            if limit is not None:
                return str(self.choose(0, int(limit)))
            if new is not None:
                return self._labelled(f"${new} {number}", labels, lambda: self.new(new))
            make = (lambda: self.pick(scope.names[kind])) if how == "!" else (lambda: self.expression(kind, scope))
            return self._labelled(f"{kind} {label}", labels, make) if label else make()

        return _HOLE.sub(hole, template)

    @staticmethod
    def _labelled(key: str, labels: dict[str, str], make: Callable[[], str]) -> str:
        if key not in labels:
            labels[key] = make()
        return labels[key]

    def statement(self, scope: Scope) -> list[str]:
        """A statement; the names that it binds are in `scope` afterwards."""
        templates = self._allowed(self.grammar.statements, scope)
        if scope.depth >= 2:
            templates = [t for t in templates if "BLOCK" not in t]
        templates = [t for t in templates if all(scope.names.get(k) for k in re.findall(r"<([a-z]+)!", t))]
        return self.statements(self.pick(templates), scope)

    def statements(self, template: str, scope: Scope) -> list[str]:
        """The lines of one template of a statement."""
        labels: dict[str, str] = {}
        lines: list[str] = []
        inner = scope.inner()
        closure = template.lstrip().startswith(("def ", "class ", "@"))
        if closure:
            inner = replace(inner, closed=True, calls=())
        for line in template.splitlines():
            text = line.lstrip()
            indent = line[: len(line) - len(text)]
            if text == "BLOCK":
                lines.extend(indent + made for made in self.block(inner, 1, 3))
            else:
                lines.append(indent + self.fill(text, inner.inner(), labels))
                self._bind(labels, inner)
        if "BLOCK" not in template:
            self._bind(labels, scope)
        else:
            self._bind({k: v for k, v in labels.items() if k.startswith("$fn ")}, scope)
        return lines

    @staticmethod
    def _bind(labels: dict[str, str], scope: Scope) -> None:
        for key, name in labels.items():
            if key.startswith("$"):
                known = scope.names.setdefault(key[1:].split()[0], [])
                if name not in known:
                    known.append(name)

    def block(self, scope: Scope, low: int, high: int) -> list[str]:
        return [line for _ in range(self.choose(low, high)) for line in self.statement(scope)]


def indented(lines: Sequence[str]) -> list[str]:
    return ["    " + line for line in lines or ["pass"]]


def declared(source: str) -> str:
    """`source` with the `global` and `nonlocal` lines that its functions need: for each name that one stores and another scope has."""
    tree = ast.parse(source)
    module = _stored(tree)
    lines = source.splitlines()
    added: list[tuple[int, str]] = []

    def visit(node: ast.AST, around: tuple[set[str], ...]) -> None:
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, ast.FunctionDef):
                visit(child, around)
                continue
            own, parameters = _stored(child), {a.arg for a in ast.walk(child.args) if isinstance(a, ast.arg)}
            outside = {name for names in around for name in names}
            globals_ = sorted((own - parameters) & module)
            nonlocals = sorted((own - parameters - module) & outside)
            first = child.body[0]
            line = min([first.lineno, *(d.lineno for d in getattr(first, "decorator_list", []))])
            for word, names in (("nonlocal", nonlocals), ("global", globals_)):
                if names and line > child.lineno:
                    added.append((line - 1, " " * first.col_offset + f"{word} {', '.join(names)}"))
            visit(child, (*around, own | parameters))

    visit(tree, ())
    for at, line in sorted(added, reverse=True):
        lines.insert(at, line)
    return "\n".join(lines) + "\n"


def _stored(node: ast.AST) -> set[str]:
    """Names bound in a scope itself, and not in a function, class or comprehension in it."""
    found: set[str] = set()
    todo = list(ast.iter_child_nodes(node)) if not isinstance(node, ast.FunctionDef) else list(node.body)
    while todo:
        part = todo.pop()
        if isinstance(part, ast.FunctionDef | ast.ClassDef):
            found.add(part.name)
            continue
        if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load):
            found.add(part.id)
        if not isinstance(part, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            todo.extend(ast.iter_child_nodes(part))
    return found
