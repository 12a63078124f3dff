"""Reads an effect stub, `rules/effects/<module>.pyi`: a type stub whose return annotations are effects.

    def seed(a=None, version=2) -> Writes[hidden.random]: ...
    def choice(seq) -> Reads[hidden.random] | Writes[hidden.random] | Gives[seq]: ...
    class Random:
        def shuffle(self, x) -> Mutates[self] | Mutates[x]: ...
    argv: Reads[hidden.argv] | Returns[list]

The file is named by the module's dotted name (`os.path.pyi`). A name that the stub imports (`from os import path`) is an alias.
What is wrong in a stub is an error with file and line that names the choices.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from faasify.analysis.summaries import Callback, Described, Held, LibraryAlias, LibraryClass, LibraryFunction, LibraryVariable, Summary
from faasify.analysis.vocabulary import KINDS, TERMS
from faasify.errors import FaasifyError


class StubError(FaasifyError):
    """A rule file that means nothing: ours, or one of the user's own."""

    exit_code = 2


def parse_stub(text: str, *, module: str, file: str) -> Mapping[str, Described]:
    """The stub's members by name. Raises StubError(`file:line: ...`)."""
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise StubError(f"{file}:{error.lineno}: {error.msg}", hint="an effect stub is written like a type stub") from None
    classes = frozenset(node.name for node in tree.body if isinstance(node, ast.ClassDef))
    return _Reader(module, file, classes).members(tree.body, prefix="")


def read_stub(path: Path) -> Mapping[str, Described]:
    """The stub in a file named `<module>.pyi`; read again only when the file has changed."""
    status = path.stat()
    return _read(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=512)
def _read(path: Path, changed_ns: int, size: int) -> Mapping[str, Described]:
    return parse_stub(path.read_text(encoding="utf-8"), module=path.name.removesuffix(".pyi"), file=str(path))


@dataclass(frozen=True)
class _Reader:
    module: str
    file: str
    classes: frozenset[str]

    def members(self, body: list[ast.stmt], prefix: str) -> dict[str, Described]:
        found: dict[str, Described] = {}
        for node in body:
            if isinstance(node, ast.FunctionDef):
                found[node.name] = self.function(node, prefix)
            elif isinstance(node, ast.ClassDef):
                found[node.name] = self.klass(node, prefix)
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                found[node.target.id] = LibraryVariable(self.path(prefix, node.target.id), self.summary(node.annotation, frozenset()))
            elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Name):
                for target in node.targets:
                    if isinstance(target, ast.Name):
                        found[target.id] = found.get(node.value.id) or LibraryAlias(f"builtins:{node.value.id}")
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    found[alias.asname or alias.name] = LibraryAlias(f"{node.module}:{alias.name}")
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    found[alias.asname or alias.name] = LibraryAlias(alias.name)
            elif not (isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))):
                raise self.error(node, "a stub has functions, classes, variables, imports and docstrings only")
        return found

    def path(self, prefix: str, name: str) -> str:
        return f"{self.module}:{prefix}{name}"

    def klass(self, node: ast.ClassDef, prefix: str) -> LibraryClass:
        bases = tuple(self.class_path(base) for base in node.bases)
        return LibraryClass(self.path(prefix, node.name), bases, self.members(node.body, f"{prefix}{node.name}."))

    def function(self, node: ast.FunctionDef, prefix: str) -> LibraryFunction:
        flavour = next((d.id for d in node.decorator_list if isinstance(d, ast.Name)), "")
        is_method = bool(prefix) and flavour != "staticmethod"
        args = node.args
        positional = tuple(a.arg for a in [*args.posonlyargs, *args.args])
        names = {*positional, *(a.arg for a in args.kwonlyargs), *(a.arg for a in (args.vararg, args.kwarg) if a)}
        if node.returns is None:
            raise self.error(node, f"{node.name} has no effect: write -> Pure, or what it does")
        return LibraryFunction(
            self.path(prefix, node.name),
            self.summary(node.returns, frozenset(names)),
            positional[1:] if is_method else positional,
            args.vararg.arg if args.vararg else None,
            tuple(a.arg for a in args.kwonlyargs),
            args.kwarg.arg if args.kwarg else None,
            is_method,
            flavour,
        )

    def summary(self, node: ast.expr, params: frozenset[str]) -> Summary:
        parts: dict[str, list[object]] = {}
        for term in _terms(node):
            self.term(term, params, parts)
        return Summary(**{name: tuple(values) for name, values in parts.items()})  # type: ignore[arg-type]

    def term(self, node: ast.expr, params: frozenset[str], parts: dict[str, list[object]]) -> None:
        if isinstance(node, ast.Name) and node.id == "Pure":
            return
        if isinstance(node, ast.Name) and node.id == "Unknown":
            parts.setdefault("effects", []).append("unknown")
            return
        if not (isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id in _READERS):
            raise self.error(node, f"unknown effect {ast.unparse(node)}{_choices(ast.unparse(node), [t.partition('[')[0] for t in TERMS])}")
        field_name, reader = _READERS[node.value.id]
        inner = node.slice
        if field_name == "returns" and isinstance(inner, ast.Subscript):
            parts.setdefault("elements", []).append(self.class_path(inner.slice))
            inner = inner.value
        if field_name == "mutates" and isinstance(inner, ast.Tuple):
            field_name, reader = "mutates_given", _Reader.conditional
        parts.setdefault(field_name, []).append(reader(self, inner, params))

    def kind(self, node: ast.expr, params: frozenset[str]) -> str:
        name = ast.unparse(node)
        if name not in KINDS:
            raise self.error(node, f"unknown effect kind {name}{_choices(name, KINDS)}")
        return name

    def param(self, node: ast.expr, params: frozenset[str]) -> str:
        name = ast.unparse(node)
        if name not in params:
            raise self.error(node, f"{name} is no parameter{_choices(name, params)}")
        return name

    def callback(self, node: ast.expr, params: frozenset[str]) -> Callback:
        of: tuple[str, ...] = ()
        attr = ""
        if isinstance(node, ast.Call) and _each(node) is None:
            of = tuple(self.passed(a, params) for a in node.args)
            of += tuple(f"**{self.param(k.value, params)}" for k in node.keywords)
            node = node.func
        owner = node
        if isinstance(node, ast.Attribute):
            owner, attr = node.value, node.attr
        inner = _each(owner)
        return Callback(self.param(inner or owner, params), attr, of, each=inner is not None)

    def passed(self, node: ast.expr, params: frozenset[str]) -> str:
        """An argument of a callback: elements of a parameter, or an instance of a class of this stub; arguments that are handed on."""
        if isinstance(node, ast.Starred):
            inner = _each(node.value)
            return f"*{self.param(node.value, params)}" if inner is None else f"*each({self.param(inner, params)})"
        for term in ("deep", "itself"):
            if (inner := _within(term, node)) is not None:
                return f"{term}({self.param(inner, params)})"
        if isinstance(node, ast.Name) and node.id in self.classes and node.id not in params:
            return self.class_path(node)
        return self.param(node, params)

    def held(self, node: ast.expr, params: frozenset[str]) -> Held:
        if (inner := _each(node)) is not None:
            return Held(self.param(inner, params), each=True)
        if isinstance(node, ast.Call):
            return Held("", made_by=self.callback(node, params))
        return Held(self.param(node, params))

    def yielded(self, node: ast.expr, params: frozenset[str]) -> str:
        if isinstance(node, ast.Call) and not node.args:
            self.param(node.func, params)
            return "()"
        return self.param(node, params)

    def returned(self, node: ast.expr, params: frozenset[str]) -> str:
        name = ast.unparse(node)
        if name in params:
            return f"={name}"
        return name if name == "decorator" else self.class_path(node)

    def stream(self, node: ast.expr, params: frozenset[str]) -> tuple[str, str]:
        if not (isinstance(node, ast.Tuple) and len(node.elts) == 2):
            raise self.error(node, "WritesTo takes a parameter and what is written to without it: WritesTo[file, stdout]")
        return self.param(node.elts[0], params), self.kind(node.elts[1], params)

    def given(self, node: ast.expr, params: frozenset[str]) -> tuple[str, str]:
        if not (isinstance(node, ast.Tuple) and len(node.elts) == 2):
            raise self.error(node, "Given takes a parameter and the effect that comes with it: Given[filename, files]")
        return self.param(node.elts[0], params), self.kind(node.elts[1], params)

    def class_path(self, node: ast.expr) -> str:
        name = ast.unparse(node)
        if "." in name:
            return ":".join(name.rsplit(".", 1))
        return f"{self.module}:{name}" if name in self.classes else f"builtins:{name}"

    def viewed(self, node: ast.expr, params: frozenset[str]) -> tuple[str, str]:
        return self.conditional(node, params) if isinstance(node, ast.Tuple) else (self.param(node, params), "")

    def conditional(self, node: ast.expr, params: frozenset[str]) -> tuple[str, str]:
        if not (isinstance(node, ast.Tuple) and len(node.elts) == 2):
            raise self.error(node, "this takes a parameter, and one that must be given for it: Views[self, copy], Mutates[x, overwrite]")
        return self.param(node.elts[0], params), self.param(node.elts[1], params)

    def error(self, node: ast.AST, message: str) -> StubError:
        return StubError(f"{self.file}:{getattr(node, 'lineno', 1)}: {message}")


_READERS: dict[str, tuple[str, Callable[[_Reader, ast.expr, frozenset[str]], object]]] = {
    "Reads": ("effects", _Reader.kind),
    "Writes": ("effects", _Reader.kind),
    "Touches": ("effects", _Reader.kind),
    "Mutates": ("mutates", _Reader.param),
    "Calls": ("calls", _Reader.callback),
    "Holds": ("holds", _Reader.held),
    "Yields": ("yields", _Reader.yielded),
    "Returns": ("returns", _Reader.returned),
    "Gives": ("gives", _Reader.param),
    "Views": ("views", _Reader.viewed),
    "WritesTo": ("writes_to", _Reader.stream),
    "Given": ("given", _Reader.given),
}


def _each(node: ast.expr) -> ast.expr | None:
    return _within("each", node)


def _within(name: str, node: ast.expr) -> ast.expr | None:
    """What stands in `each(...)`, `deep(...)` or `itself(...)`."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name and len(node.args) == 1:
        return node.args[0]
    return None


def _terms(node: ast.expr) -> list[ast.expr]:
    """`A | B | C` as a list."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return [*_terms(node.left), *_terms(node.right)]
    return [node]


def _choices(name: str, known: object) -> str:
    names = sorted(known)  # type: ignore[call-overload]
    close = difflib.get_close_matches(name, names, n=1)
    return f" (did you mean {close[0]}?)" if close else f"; choose from {', '.join(names)}"
