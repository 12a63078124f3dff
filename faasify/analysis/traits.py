"""What a program may have at all, by the words in its modules: what stands nowhere need not be asked for anywhere.

from collections import ChainMap    chains: a mapping may look into others
def __hash__(self): ...             bound_in_classes has "__hash__"; with functools.cache, too, caches

A word in a comment counts as well: then something is asked for in vain.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cached_property

from faasify.analysis.put_names import put_names
from faasify.analysis.scopes import DELEGATING, Scopes

_ORDERED = ("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__")
_COMPARING = frozenset(  # their comparisons call what a class below them defines: __iter__, __getitem__, __contains__
    ["Mapping", "MutableMapping", "UserDict", "ChainMap", "Counter", "Set", "MutableSet", "AbstractSet"]
    + ["KeysView", "ItemsView", "ValuesView"]
)
_NUMBERS = ("Complex", "Real", "Rational", "Integral")
_CHECKS = frozenset(["__instancecheck__", "__subclasscheck__", "__subclasshook__", "__subclasses__"])
_LOOKS = ("args", "value", "code", "__cause__", "__context__", DELEGATING)
_ABSTRACT = re.compile(r"\b(abc|ABC|ABCMeta|numbers|typing|PathLike|io|importlib)\b")
_RENAMED = re.compile(r" as (\w+)")
_LAST_WORD = re.compile(r"\w+$")
_REMADE = re.compile(r"__class__\s*=(?!=)|\bmodules\s*\[[^]]*\]\s*=(?!=)")
_INTERRUPTING = re.compile(r"weakref|settrace|setprofile|gc\.callbacks|sys\.monitoring")
_SUSPENDED = re.compile(r"\b(?:yield|await)\b")
_ENDING = re.compile(r"\b(?:finally|with|GeneratorExit|BaseException)\b|\bexcept\s*:")
_MAKING_NAMES = frozenset(["getattr", "setattr", "globals", "vars", "importlib", "import_module", "__import__"])


@dataclass(frozen=True, eq=False)
class Traits:
    """Each is worked out when it is first asked for; `sources` are the texts of all modules."""

    sources: tuple[str, ...]
    scopes: Scopes

    def _mentions(self, *words: str) -> bool:
        return any(word in source for source in self.sources for word in words)

    # -- classes

    @cached_property
    def base_names(self) -> frozenset[str]:
        """The names that bases of classes go by."""
        return frozenset(_last_name(base) for scope in self.scopes.by_name.values() for base in getattr(scope.node, "bases", ()))

    @cached_property
    def _bases(self) -> frozenset[str]:
        """The same, and what they may have been imported from."""
        return self.base_names | _before_renaming(self.base_names, self.sources)

    @cached_property
    def names_put(self) -> frozenset[str]:
        """Special methods that are put into classes otherwise than by a class body."""
        return frozenset(put_names(self.sources))

    @cached_property
    def bound_in_classes(self) -> frozenset[str]:
        """Names that some class of the program may have; also those that a class of the library brings along and that ask the program's."""
        found = {name for scope in self.scopes.by_name.values() if scope.kind == "class" for name in scope.bound} | self.names_put
        if not self._bases.isdisjoint(_COMPARING):
            found.update(_ORDERED)
        if self.has_zones:
            found.update((*_ORDERED, "__hash__", "__str__", "__repr__", "__format__"))
        if "Integral" in self._bases:
            found.add("__index__")  # which asks for `__int__`
        if not self._bases.isdisjoint(_NUMBERS):
            found.add("__bool__")  # which asks for `__eq__`
        return frozenset(found)

    @cached_property
    def has_zones(self) -> bool:
        """A `tzinfo`, which dates ask when they are shown and compared."""
        return "tzinfo" in self._bases

    @cached_property
    def caches(self) -> bool:
        """What functools.cache or lru_cache keep is looked up by methods of the program."""
        return not self.bound_in_classes.isdisjoint(("__hash__", "__eq__")) and self._mentions("cache")

    @cached_property
    def orders_totally(self) -> bool:
        return self._mentions("total_ordering")

    @cached_property
    def checks(self) -> bool:
        """`isinstance` and `issubclass` may ask methods of the program."""
        return not self.bound_in_classes.isdisjoint(_CHECKS)

    @cached_property
    def registers(self) -> bool:
        """Classes with abstract ones: one is made by ABCMeta, or comes from a library that has some."""
        return self.scopes.looked.may_be(["register"]) and any(_ABSTRACT.search(source) for source in self.sources)

    @cached_property
    def protocols(self) -> bool:
        return self._mentions("Protocol")

    @cached_property
    def changes_class(self) -> bool:
        """Of an object, perhaps."""
        return self._mentions("__class__")

    @cached_property
    def has_reducers(self) -> bool:
        """Of copies, by class."""
        return self._mentions("copyreg", "dispatch_table")

    # -- exceptions

    @cached_property
    def carries(self) -> bool:
        """Somebody looks into exceptions."""
        return "__await__" in self.bound_in_classes or self.scopes.looked.may_be(_LOOKS)

    @cached_property
    def stops(self) -> bool:
        """What generators return may be asked for."""
        return self.carries and self._mentions("StopIteration")

    @cached_property
    def has_notes(self) -> bool:
        """Exceptions that bring more to show."""
        return self._mentions("__notes__")

    # -- modules and names

    @cached_property
    def computes_names(self) -> bool:
        return any(not _MAKING_NAMES.isdisjoint(scope.used) for scope in self.scopes.by_name.values())

    @cached_property
    def remakes_modules(self) -> bool:
        """A module is given another class, or another one is put in its place."""
        return any(_REMADE.search(source) for source in self.sources)

    @cached_property
    def has_path_hooks(self) -> bool:
        return self._mentions("path_hooks")

    @cached_property
    def has_importers(self) -> bool:
        return self.has_path_hooks or self._mentions("meta_path")

    # -- what else runs, and what libraries keep

    @cached_property
    def has_threads(self) -> bool:
        """Or signals, or what else runs between any two steps."""
        return self._mentions("thread", "signal", "concurrent")

    @cached_property
    def is_interrupted(self) -> bool:
        """Other code may run between two statements: when an object is dropped, or at each line."""
        return "__del__" in self.bound_in_classes or any(_INTERRUPTING.search(s) or _ends_when_dropped(s) for s in self.sources)

    @cached_property
    def chains(self) -> bool:
        return self._mentions("ChainMap")

    @cached_property
    def buffers_logs(self) -> bool:
        return self._mentions("MemoryHandler")

    @cached_property
    def has_codecs(self) -> bool:
        """Which the program may have registered."""
        return self._mentions("codecs")


def _before_renaming(names: frozenset[str], sources: tuple[str, ...]) -> set[str]:
    """What these names may have been imported from: `Integral` of `from numbers import Integral as Whole`."""
    renamed = ((source, found) for source in sources for found in _RENAMED.finditer(source) if found[1] in names)
    words = (_LAST_WORD.search(source[: found.start()].splitlines()[-1].rstrip()) for source, found in renamed)
    return {word[0] for word in words if word is not None}


def _ends_when_dropped(source: str) -> bool:
    """Whether there may be a generator that does something more when nobody has it any longer."""
    return _SUSPENDED.search(source) is not None and _ENDING.search(source) is not None


def _last_name(node: ast.expr) -> str:
    """The name that a base goes by: `Base` of `models.Base[T]`."""
    while isinstance(node, ast.Subscript):
        node = node.value
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
