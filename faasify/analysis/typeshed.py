"""What type stubs tell of libraries: results of calls, types of attributes, members and bases of classes.

Stubs are those of typeshed (the library typeshed_client carries them) for the standard library, and those of installed distributions
that have a `py.typed` or a `-stubs` beside them. A path is `module:qualname`; a module alone is `module`. Answers name a thing where it is
public (`re:Match`, not `_sre:...`; `collections.abc:Iterator`, not `typing:Iterator`).

>>> results("re:match")
(Type('re:Match', (Type('builtins:str'),)), Type('builtins:NoneType'), Type('re:Match', (Type('builtins:bytes'),)))
>>> results("builtins:max")               # a type variable: the stub does not say
(Type('?'),)
>>> attribute("sys:argv"), kind("os:path.join"), bases("collections:OrderedDict")
((Type('builtins:list', (Type('builtins:str'),)),), 'function', ('builtins:dict',))
>>> results("nowhere:nothing"), kind("nowhere:nothing")
((), None)

Nothing is read before the first question; a module's stub is read once for a process.
"""

from __future__ import annotations

import ast
import logging
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from faasify.analysis.annotated import Reader
from faasify.analysis.annotated import Type as Type  # part of what this module gives

if TYPE_CHECKING:
    from typeshed_client import NameInfo, SearchContext


What = Literal["function", "class", "module", "variable", "property"]
Function = ast.FunctionDef | ast.AsyncFunctionDef

# where the names of a private module are public, if not in the module of that name without the underscore
_PUBLIC = {
    "typing": "collections.abc",
    "_collections_abc": "collections.abc",
    "_thread": "threading",
    "_weakrefset": "weakref",
    "_hashlib": "hashlib",
    "_blake2": "hashlib",
    "_sitebuiltins": "builtins",
    "genericpath": "os.path",
    "posixpath": "os.path",
    "posix": "os",
}
# the plain classes behind the generic names of `typing`
_ALIASES = {name: f"builtins:{name.lower()}" for name in ("List", "Dict", "Set", "FrozenSet", "Tuple", "Type")} | {
    "ChainMap": "collections:ChainMap",
    "Counter": "collections:Counter",
    "DefaultDict": "collections:defaultdict",
    "Deque": "collections:deque",
    "OrderedDict": "collections:OrderedDict",
    "Text": "builtins:str",
}
_PROPERTIES = {"property", "cached_property", "abstractproperty", "types.DynamicClassAttribute", "functools.cached_property"}


@dataclass(frozen=True)
class Found:
    """A name as its stub defines it. `nodes`: the overloads of a function; one node of all else; none for a module."""

    module: str
    qualname: str
    nodes: tuple[ast.AST, ...] = ()
    owner: Found | None = None  # the class whose body has it
    children: dict[str, NameInfo] | None = None

    @property
    def path(self) -> str:
        return f"{self.module}:{self.qualname}"

    @property
    def kind(self) -> What:
        if not self.qualname:
            return "module"
        node = self.nodes[0]
        if isinstance(node, ast.ClassDef):
            return "class"
        if isinstance(node, Function):
            return "property" if _PROPERTIES & {ast.unparse(d) for d in node.decorator_list} else "function"
        return "variable"

    def __hash__(self) -> int:
        return hash((self.module, self.qualname))


class Typeshed:
    """The stubs that an interpreter with this import path sees."""

    def __init__(self, search_path: Sequence[Path], version: tuple[int, int] = sys.version_info[:2]) -> None:
        self.search_path = search_path
        self.version = version
        self._modules: dict[str, dict[str, NameInfo] | None] = {}
        self._found: dict[str, Found | None] = {}
        self._public: dict[str, dict[str, str]] = {}

    @cached_property
    def _contexts(self) -> tuple[SearchContext, SearchContext]:
        """For stubs alone, and for the sources of distributions that say they are typed."""
        from typeshed_client import get_search_context

        logging.getLogger("typeshed_client").setLevel(logging.ERROR)  # it warns of names defined twice
        stubs = get_search_context(search_path=self.search_path, version=self.version)
        return stubs, stubs._replace(allow_py_files=True)

    def names(self, module: str) -> dict[str, NameInfo] | None:
        """What a module's stub defines; None without a stub, or with one that does not parse."""
        if module not in self._modules:
            from typeshed_client import InvalidStub, get_stub_names

            stubs, sources = self._contexts
            try:
                found = get_stub_names(module, search_context=stubs) if module else None
                if found is None and self._is_typed(module.partition(".")[0]):
                    found = get_stub_names(module, search_context=sources)
            except (InvalidStub, SyntaxError, ValueError, RuntimeError, OSError):
                found = None
            self._modules[module] = found
        return self._modules[module]

    def _is_typed(self, package: str) -> bool:
        return bool(package) and any((place / package / "py.typed").exists() for place in self.search_path)

    def find(self, path: str) -> Found | None:
        """The definition that a path leads to, through re-exports and aliases; inherited members are found at their class."""
        if path not in self._found:
            self._found[path] = None  # a circle of aliases leads nowhere
            module, _, qualname = path.partition(":")
            found = Found(module, "") if self.names(module) is not None else None
            for name in qualname.split(".") if qualname else ():
                found = self.step(found, name)
            self._found[path] = found
        return self._found[path]

    def step(self, found: Found | None, name: str) -> Found | None:
        """`found.name`"""
        if found is None:
            return None
        if found.module == "typing" and name in _ALIASES:
            return self.find(_ALIASES[name])
        if found.kind == "module":
            info = (self.names(found.module) or {}).get(name)
            return self._definition(found, info) if info else self.find(f"{found.module}.{name}")
        if found.kind == "class":
            for klass in self.ancestry(found):
                if klass.children and name in klass.children:
                    return self._definition(klass, klass.children[name])
            return None
        return self.step(self._class_of(found), name) if found.kind == "variable" else None

    def _class_of(self, variable: Found) -> Found | None:
        """The class of what a variable holds, if the stub says it."""
        held = (self.find(t.path) for t in self._reader(variable).variable(variable) if t.path != "?")
        return next((found for found in held if found is not None and found.kind == "class"), None)

    def _definition(self, place: Found, info: NameInfo) -> Found | None:
        from typeshed_client import ImportedName, OverloadedName

        definition = info.ast
        nodes = definition.definitions if isinstance(definition, OverloadedName) else [definition]
        last = nodes[-1]
        if isinstance(last, ImportedName):
            return self._imported(place, last.module_name, last.name)
        nodes = [node for node in nodes if isinstance(node, Function)] or [last]
        alias = nodes[0].value if isinstance(nodes[0], ast.Assign) else None
        if isinstance(alias, ast.Name | ast.Attribute):
            target = self._alias(place, alias)
            if target is not None:
                return target
        qualname = f"{place.qualname}.{info.name}" if place.qualname else info.name
        owner = place if place.qualname else None
        return Found(place.module, qualname, tuple(n for n in nodes if isinstance(n, ast.AST)), owner, info.child_nodes)

    def _imported(self, place: Found, module: Sequence[str], name: str | None) -> Found | None:
        path = ".".join(module)
        if name is None:
            return self.find(path)
        if path == place.module:  # `from . import path` in a package: its module of that name
            return self.find(f"{path}.{name}")
        return self.find(f"{path}:{name}") or self.find(f"{path}.{name}")

    def _alias(self, place: Found, value: ast.expr) -> Found | None:
        """`join = posixpath.join`, `seed = _inst.seed`: what stands on the right, if it is a definition."""
        found = self.resolve(place, value)
        return found if found is None or found.kind != "variable" else None

    def resolve(self, place: Found, value: ast.expr) -> Found | None:
        """A dotted name as code at `place` (a module or class) sees it; a name with no definition in the module is a builtin's."""
        if isinstance(value, ast.Attribute):
            return self.step(self.resolve(place, value.value), value.attr)
        if not isinstance(value, ast.Name):
            return None
        scope: Found | None = place
        while scope is not None:
            if scope.kind == "class" and scope.children and value.id in scope.children:
                return self._definition(scope, scope.children[value.id])
            scope = scope.owner
        if value.id in (self.names(place.module) or {}):
            return self.find(f"{place.module}:{value.id}")
        return self.find(f"builtins:{value.id}") if value.id in (self.names("builtins") or {}) else None

    def ancestry(self, klass: Found) -> Iterator[Found]:
        """The class and those it inherits from, nearest first, `object` last."""
        seen, queue, last = set[str](), [klass], self.find("builtins:object")
        while queue:
            found = queue.pop(0)
            if found.path not in seen and found.kind == "class" and found is not last:
                seen.add(found.path)
                yield found
                queue.extend(self.direct_bases(found))
        if last is not None:
            yield last

    def direct_bases(self, klass: Found) -> list[Found]:
        node = klass.nodes[0]
        assert isinstance(node, ast.ClassDef)
        place = klass.owner or Found(klass.module, "")
        named = [base.value if isinstance(base, ast.Subscript) else base for base in node.bases]
        return [found for base in named if (found := self.resolve(place, base)) is not None and found.kind == "class"]

    def public(self, found: Found) -> str:
        """`_io:StringIO` -> `io:StringIO`: the path under which programs know it."""
        top, _, rest = found.qualname.partition(".")
        original = f"{found.module}:{top}"
        parents = found.module.split(".")
        for module in [".".join(parents[:n]) for n in range(1, len(parents))] + [_PUBLIC.get(found.module, found.module.removeprefix("_"))]:
            if module != found.module and original in self._exported(module):
                original = f"{module}:{self._exported(module)[original]}"
                break
        return f"{original}.{rest}" if rest else original

    def _exported(self, module: str) -> dict[str, str]:
        """The public names of a module by the path of what they stand for; under one name as defined, rather than another."""
        if module not in self._public:
            self._public[module] = exported = {}
            for name in self._all(module):
                found = self.find(f"{module}:{name}")
                if found is not None and (found.qualname == name or found.path not in exported):
                    exported[found.path] = name
        return self._public[module]

    def _all(self, module: str) -> list[str]:
        """`__all__`, or the public names with those that are imported as themselves (`from .core import run as run`)."""
        from typeshed_client import InvalidStub
        from typeshed_client.parser import get_dunder_all_from_info

        names = self.names(module) or {}
        try:
            listed = get_dunder_all_from_info(names["__all__"]) if "__all__" in names else None
        except InvalidStub:
            listed = None
        return listed if listed is not None else [name for name, info in names.items() if info.is_exported]

    def _reader(self, found: Found, receiver: Found | None = None, args: tuple[Type, ...] = ()) -> Reader:
        plain = Reader(self, found.owner or Found(found.module, ""), receiver or found.owner)
        return plain.bound(found.owner, args) if found.owner is not None else plain

    def results(self, path: str, args: tuple[Type, ...] = ()) -> tuple[Type, ...]:
        found = self.find(path)
        if found is None or found.kind in ("module", "property"):
            return ()
        receiver, known = self._receiver(path)
        reader = self._reader(found, receiver, args or known)
        if found.kind == "variable":  # an instance with __call__
            return tuple(
                dict.fromkeys(made for held in reader.variable(found) for made in self.results(f"{held.path}.__call__", held.args))
            )
        return reader.called(found)

    def attribute(self, path: str, args: tuple[Type, ...] = ()) -> tuple[Type, ...]:
        found = self.find(path)
        if found is None or found.kind not in ("variable", "property"):
            return ()
        receiver, known = self._receiver(path)
        reader = self._reader(found, receiver, args or known)
        return reader.called(found) if found.kind == "property" else reader.variable(found)

    def _receiver(self, path: str) -> tuple[Found | None, tuple[Type, ...]]:
        """The class that a member was asked of, which `Self` stands for; it may inherit the member. With it, its arguments if known."""
        owner = self.find(path.rpartition(".")[0]) if "." in path.partition(":")[2] else None
        if owner is None or owner.kind == "class":
            return owner, ()
        if owner.kind != "variable":
            return None, ()
        held = self._reader(owner).variable(owner)
        return self._class_of(owner), held[0].args if held else ()


@cache
def default() -> Typeshed:
    """The stubs of this interpreter: typeshed's, and those among its installed distributions (the program's own folder is not asked)."""
    installed = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    places = [place for place in sys.path if place in installed or Path(place).name in ("site-packages", "dist-packages")]
    return Typeshed([Path(place) for place in places])


@cache
def results(path: str, args: tuple[Type, ...] = ()) -> tuple[Type, ...]:
    """What calling `module:qualname` may return, overloads and union members side by side; last `Type("?")` if something is left open.

    A class gives its instance, an `async def` a `builtins:coroutine` of its result; () if there is no such function.
    `args` are those of the receiver's type: results("re:Match.group", (Type("builtins:str"),)) has no bytes."""
    return default().results(path, args)


@cache
def attribute(path: str, args: tuple[Type, ...] = ()) -> tuple[Type, ...]:
    """What a variable, attribute or property holds, like `results`."""
    return default().attribute(path, args)


@cache
def kind(path: str) -> What | None:
    """What a path leads to, through re-exports: kind("os:path") == "module". None: no stub knows it."""
    found = default().find(path)
    return found.kind if found is not None else None


@cache
def gives_itself(path: str) -> bool:
    """Whether a method gives an instance of the class that it is called on, whichever that is."""
    found = default().find(path)
    written = [getattr(node, "returns", None) for node in found.nodes] if found is not None else []
    return bool(written) and all(node is not None and ast.unparse(node).rpartition(".")[2] == "Self" for node in written)


@cache
def members(cls_path: str) -> frozenset[str]:
    """The names of a class's members, inherited ones included."""
    found = default().find(cls_path)
    if found is None or found.kind != "class":
        return frozenset()
    return frozenset(name for klass in default().ancestry(found) for name in klass.children or ())


@cache
def bases(cls_path: str) -> tuple[str, ...]:
    """The direct bases, without Generic and Protocol; () for `object` alone."""
    found = default().find(cls_path)
    if found is None or found.kind != "class":
        return ()
    return tuple(default().public(base) for base in default().direct_bases(found))
