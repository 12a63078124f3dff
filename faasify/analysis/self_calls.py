"""What a method of a library asks of its own object, by its Python source: a class of the program may have that in its place.

    asked(["reprlib:Repr"], "repr", {"repr_list"})     {"repr_list"}: repr calls self.repr1, which calls getattr(self, "repr_" + name)
    asked(["collections:UserDict"], "update", {"__setitem__"})     {"__setitem__"}: self[key] = value
    asked(["urllib.request:Request"], "full_url=", {"_parse"})     {"_parse"}: the property's setter calls it

Sources are parsed, never imported. What is asked through another object that holds this one is not seen.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence, Set
from functools import cache
from typing import TypeGuard

from faasify.analysis import texts, typeshed
from faasify.analysis.asked_of_self import ABOVE, ANY, EITHER, STORED, requests
from faasify.analysis.undescribed import Source, source

_NO_SOURCE = frozenset({"builtins", "abc", "enum", "typing"})  # made of native code, or followed elsewhere
_DEEPEST = 12  # classes of a library above one another


def asked(classes: Iterable[str], method: str, names: Set[str]) -> set[str]:
    """Which of the `names`, that a class below these has, their `method` asks of the object, itself or by the library's others; with `=`
    behind it where it is given a value, and `^` before it where it is asked of the classes behind the library's; `ANY` among them: one of
    which the source does not say the name."""
    line = tuple(dict.fromkeys(above for klass in classes for above in lineage(klass)))
    found: set[str] = set()
    seen, waiting = {method}, [method]
    while waiting:
        name = waiting.pop()
        for at in line:
            for wanted in _asked_by(at, name):
                if wanted == ANY:
                    found.update([ANY] if names else ())
                    continue
                called = _called(wanted, line, names)
                mine = {each for each in called if each.strip(ABOVE + STORED) in names}
                found.update(mine)
                if "__getattr__" in names and any(_is_lacking(each, line) for each in called if each not in mine):
                    found.add("__getattr__")
                new = [each.removeprefix(ABOVE) for each in called if each not in mine or ABOVE in each]
                waiting += [each for each in new if each not in seen]
                seen.update(new)
    return found


def _called(wanted: str, line: tuple[str, ...], names: Set[str]) -> list[str]:
    """The names that a request means: all that fit a pattern, the first of several that there is."""
    if EITHER in wanted:
        each = wanted.split(EITHER)
        return [next((name for name in each if name in names or name in _methods(line)), each[0])]
    return texts.fitting(wanted, {*names, *_methods(line)}) if "*" in wanted else [wanted]


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


def _is_lacking(wanted: str, line: tuple[str, ...]) -> bool:
    """Whether it is an attribute that these classes neither have nor ever set, and which `__getattr__` is asked for then."""
    return not wanted.startswith(("__", ABOVE)) and STORED not in wanted and wanted not in _methods(line) and wanted not in _fields(line)


@cache
def _fields(line: tuple[str, ...]) -> frozenset[str]:
    """What these classes, or their methods, give their objects."""
    found: set[str] = set()
    for klass in line:
        body = _body(klass)
        found.update(node.id for part in body for node in ast.walk(part) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
        found.update(node.name for node in body if isinstance(node, ast.ClassDef))
    asked = (_asked_by(klass, method) for klass in line for method in _methods(line))
    return frozenset(found) | {wanted.removesuffix(STORED) for wanted in frozenset().union(*asked) if wanted.endswith(STORED)}


@cache
def _methods(line: tuple[str, ...]) -> frozenset[str]:
    """The names of the methods of these classes."""
    found: set[str] = set()
    for klass in line:
        body = _body(klass)
        found.update(part.name for part in body if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef))
        found.update(_aliases(body))
    return frozenset(found)


def _body(klass: str) -> Sequence[ast.stmt]:
    """The statements of a class; none if it has no source."""
    module, _, qualname = klass.partition(":")
    parsed = source(module)
    return getattr(parsed.definitions.get(qualname), "body", ()) if parsed is not None else ()


def _aliases(body: Iterable[ast.stmt]) -> dict[str, str]:
    """`__rmul__ = __mul__` in a class: {"__rmul__": "__mul__"}."""
    return {
        target.id: part.value.id
        for part in body
        if isinstance(part, ast.Assign) and isinstance(part.value, ast.Name)
        for target in part.targets
        if isinstance(target, ast.Name)
    }


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
        case ast.Subscript(value=value):  # `Base[T]`
            return _named(value, parsed)
        case ast.Name(id=name):
            return f"{parsed.name}:{name}" if name in parsed.definitions else parsed.imported.get(name, "")
        case ast.Attribute(value=value, attr=attr):
            name, _, rest = ast.unparse(value).partition(".")
            module = parsed.imported.get(name, "").replace(":", ".")  # `from concurrent.futures import _base`
            return f"{module}{rest and '.'}{rest}:{attr}" if module else ""
    return ""


@cache
def _asked_by(klass: str, method: str) -> frozenset[str]:
    """What one method as defined in one class asks of its first parameter; of an attribute with `=` behind it, what its property's setter
    or deleter asks."""
    if method.endswith(STORED):
        name = method.removesuffix(STORED)
        return frozenset().union(*(requests(part) for part in _body(klass) if _is_accessor(part, name)))
    module, _, qualname = klass.partition(":")
    parsed = source(module)
    if parsed is None:
        return frozenset()
    node = parsed.definitions.get(f"{qualname}.{method}")
    if node is None:
        aliases = _aliases(_body(klass))
        node = parsed.definitions.get(f"{qualname}.{aliases[method]}") if method in aliases else None
    return requests(node) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else frozenset()


def takes(classes: Iterable[str], name: str) -> bool:
    """Whether one of these, or one above them, has a property of that name with a setter or deleter."""
    return any(_asked_by(at, f"{name}{STORED}") for klass in classes for at in lineage(klass))


def _is_accessor(node: ast.stmt, name: str) -> TypeGuard[ast.FunctionDef]:
    """`@name.setter`"""
    return (
        isinstance(node, ast.FunctionDef)
        and node.name == name
        and any(isinstance(d, ast.Attribute) and d.attr in ("setter", "deleter") for d in node.decorator_list)
    )
