"""What the Python source of a described function asks of its arguments and its effect stub does not say: unknown calls.

calendar.monthrange(year, 2)     year % 4: an own number with `__mod__` is asked for it
pprint.isreadable([x])           given to others, and so is what it holds: an own object with a special method may be asked for that

Native functions are asked by their stubs alone. Sources are parsed, never imported.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Set
from functools import cache

from faasify.analysis import typeshed
from faasify.analysis.asked_of_self import ANY, EITHER, requests_of
from faasify.analysis.bodies import Body, Site, Target
from faasify.analysis.mro import order
from faasify.analysis.self_calls import lineage
from faasify.analysis.state import State
from faasify.analysis.structured import STRUCTURED
from faasify.analysis.summaries import LibraryClass, LibraryFunction
from faasify.analysis.undescribed import source
from faasify.analysis.values import Obj

# modules that put native code in the place of their Python
_NATIVE = frozenset(
    {"builtins", "_abc", "_bisect", "_heapq", "abc", "bisect", "datetime", "decimal", "enum", "heapq", "io", "operator", "typing"}
)
_OF_MAKING = frozenset(
    f"__{name}__" for name in ("init", "new", "del", "slots", "doc", "module", "init_subclass", "class_getitem", "set_name", "post_init")
)


_TO_OTHERS = frozenset([ANY, "__iter__|__getitem__"])  # what is asked then, also of what it holds, is not looked at


class AskedArguments:
    """The program's classes with special methods, once all is known."""

    def __init__(self, state: State) -> None:
        self.state = state
        self._names: dict[str, frozenset[str]] = {}
        self._asked: dict[int, frozenset[str]] = {}  # by number of a value
        for number, value in enumerate(state.graph.values):
            if isinstance(value, Obj) and value.cls in state.bases and (names := self._special(value.cls)):
                self._asked[number] = names
        self._numbers = frozenset(self._asked)

    def _special(self, cls: str) -> frozenset[str]:
        if cls not in self._names:
            names = {name for c in order(self.state, cls) for name in self.state.class_names.get(c, ())}
            special = {name for name in names if name.startswith("__") and name.endswith("__")} - _OF_MAKING
            self._names[cls] = frozenset(special)
        return self._names[cls]

    def places(self, body: Body) -> Iterator[tuple[int, str]]:
        """Lines, with the library's function."""
        for site in body.sites.values() if self._numbers else ():
            for target in site.targets:
                if target.to is not None and target.direct and ":" in target.to and self._is_asked(site, target.to):
                    yield site.line, target.to

    def _is_asked(self, site: Site, path: str) -> bool:
        described = self.state.catalogue.find(path)
        if isinstance(described, LibraryClass):
            described = self.state.catalogue.constructor(described.path)
        if not isinstance(described, LibraryFunction):
            return False
        known = _called(site.targets)
        for place, node in _given(site):
            names = self._names_at(node)
            holds = any(map(self._names_at, self._held(node)))
            if not names and not holds:  # most: nobody's source is parsed for them
                continue
            wanted = _asked_of(described.path, place)
            if not wanted.isdisjoint(_TO_OTHERS) and _says(described, place):
                wanted -= _TO_OTHERS
            if names and wanted and (ANY in wanted or not _among(names, wanted) <= known):
                return True
            if holds and not wanted.isdisjoint(_TO_OTHERS):
                return True
        return False

    def _names_at(self, node: int) -> frozenset[str]:
        """The special methods of objects of the program that the node may be."""
        return frozenset().union(*(self._asked[number] for number in self._numbers.intersection(self.state.graph.sets[node])))

    def _held(self, node: int) -> list[int]:
        """What containers that the node may be have in them."""
        sites = (value.site for value in self.state.graph.at(node) if isinstance(value, Obj) and value.site)
        return [self.state.nodes["held", site] for site in sites if ("held", site) in self.state.nodes]


def _called(targets: dict[Target, dict[int, None]]) -> set[str]:
    """The names of the program's methods that are known to be called."""
    return {target.to.rpartition(".")[2] for target in targets if target.to is not None}


def _among(names: Set[str], wanted: Iterable[str]) -> set[str]:
    """Those of the names that are asked for."""
    found = (next((name for name in each.split(EITHER) if name in names), None) for each in wanted)
    return {name for name in found if name is not None}


def _given(site: Site) -> Iterator[tuple[int | str, int]]:
    """The arguments by position or name, with their nodes."""
    yield from enumerate(site.args.positional)
    yield from site.args.keywords.items()


def _says(described: LibraryFunction, place: int | str) -> bool:
    """Whether the stub says something of this parameter, which is then all that is done with it; or the analysis does."""
    if described.path in STRUCTURED:
        return True
    name = place if isinstance(place, str) else described.vararg
    if isinstance(place, int) and place < len(described.positional):
        name = described.positional[place]
    said = described.summary
    return name in {
        *(call.param for call in said.calls),
        *(argument.strip("*") for call in said.calls for argument in call.of),
        *(held.param for held in said.holds),
        *(returned.strip("=") for returned in said.returns),
        *(view for view, _ in said.views),
        *said.gives,
        *said.yields,
        *said.mutates,
    }


@cache
def _asked_of(path: str, place: int | str) -> frozenset[str]:
    """What a function's source asks of one parameter; nothing if there is no source."""
    function, is_bound = _function(path)
    if function is None:
        return frozenset([ANY]) if _is_assigned(path) else frozenset()
    args = function.args
    positional = [arg.arg for arg in (*args.posonlyargs, *args.args)][is_bound:]
    if isinstance(place, int):
        name = positional[place] if place < len(positional) else ""
    else:
        name = place if place in positional or any(place == arg.arg for arg in args.kwonlyargs) else ""
    if not name:
        return frozenset([ANY])  # among the others
    return requests_of(function, name)


def _is_assigned(path: str) -> bool:
    """Whether the source of a module gives this name to something else: `prmonth = c.prmonth`."""
    module, _, name = path.partition(":")
    parsed = source(module) if module not in _NATIVE and "." not in name else None
    return parsed is not None and name not in parsed.definitions and name not in parsed.imported and "*" not in parsed.imported


@cache
def _function(path: str) -> tuple[ast.FunctionDef | ast.AsyncFunctionDef | None, bool]:
    """Where a function or method is defined, and whether its first parameter is the receiver."""
    known = typeshed.default().find(path)
    for candidate in dict.fromkeys((path, known.path if known is not None else path)):
        module, _, qualname = candidate.partition(":")
        owner, _, name = qualname.rpartition(".")
        if module in _NATIVE:
            continue
        for place in lineage(f"{module}:{owner}") if owner else (f"{module}:",):
            inside, _, cls = place.partition(":")
            parsed = source(inside) if inside not in _NATIVE else None
            node = parsed.definitions.get(f"{cls}.{name}" if cls else name) if parsed is not None else None
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                is_static = any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in node.decorator_list)
                return node, bool(owner) and not is_static
    return None, False
