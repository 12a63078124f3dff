"""What a library's function is called in a call graph: by what the program names, not by the class of the stub that describes it.

threading.Timer(1, f).start()             threading.Timer.start        the class that was made, though Thread has the method
super().__setitem__(k, v)                 collections.UserDict.__setitem__     the first base of a library that has it
sys.stdout.write(x)                       sys.stdout.write             the variable that holds it
csv.writer(file).writerow(x)              csv.writer.writerow          the function, where only the stub has a class
@functools.cache                          functools.cache              a decorator is called by who has the definition

Only names are chosen here: effects go by the descriptions.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator

from faasify.analysis.bodies import Body, Site, Target
from faasify.analysis.mro import order
from faasify.analysis.state import State
from faasify.analysis.summaries import LibraryClass
from faasify.analysis.values import Cls, Lib, Obj, Super, Value, Wrapped
from faasify.analysis.wrapping import REGISTER

STUB_ONLY = {
    "argparse:Subparsers": "argparse:_SubParsersAction",
    "csv:Reader": "csv:reader",
    "csv:Writer": "csv:writer",
    "decimal:_ContextManager": "decimal:localcontext",
    "hashlib:Hash": "_hashlib:HASH",
    "os:Environment": "os:environ",
    "os:_ScandirIterator": "os:scandir",
    "re:Matches": "re:finditer",
    "sys:StandardError": "sys:stderr",
    "sys:StandardInput": "sys:stdin",
    "sys:StandardOutput": "sys:stdout",
}
"""Classes that stubs make up, with what a program names in their place."""

_MANY_MAKERS = frozenset(["hashlib:Hash"])
_NO_CLASSES = frozenset(["typing:NamedTuple"])  # a function when the program runs; what is made has no `__init__` of it
_DESCRIPTORS = frozenset(["builtins:staticmethod", "builtins:classmethod", "builtins:property"])


def shown(state: State, body: Body, site: Site, target: Target) -> list[str]:
    """The paths under which a target of a library is shown: none where the bases, once they are known, have something else."""
    path = target.to or ""
    holder, _, name = path.rpartition(".")
    if not isinstance(site.node, ast.Call) or not target.direct or not holder:
        return [path]
    values = _receivers(state, body, site, name)
    found = dict.fromkeys(holder for value in values for holder in _holders(state, value, name, path))
    if found:
        return [f"{holder}.{name}" for holder in found]
    if name == "__init__" and (holder in _NO_CLASSES or (values and (holder == "builtins:object" or _are_enumerations(state, values)))):
        return []
    return [f"{STUB_ONLY.get(holder, holder)}.{name}"]


def _are_enumerations(state: State, values: list[Value]) -> bool:
    """`Colour(1)` looks a member up."""
    return all(isinstance(value, Cls) and state.is_enum(value.name) for value in values)


def decorators(state: State, site: Site) -> list[str]:
    """The functions and classes of libraries that `@name` calls; what makes a method another kind of attribute is none."""
    if isinstance(site.node, ast.Call) or site.func is None:
        return []
    values = state.graph.at(site.func)
    registering = [REGISTER] if any(isinstance(value, Wrapped) and value.kind == "register" for value in values) else []
    return [value.path for value in values if isinstance(value, Lib) and value.path not in _DESCRIPTORS] + registering


def _receivers(state: State, body: Body, site: Site, name: str) -> list[Value]:
    """What the method is called of: what stands before the dot, or the class that is made."""
    if isinstance(site.node, ast.Call) and isinstance(site.node.func, ast.Attribute) and site.node.func.attr == name:
        node = body.receivers.get(site.node)
        return state.graph.at(node) if node is not None else []
    return state.graph.at(site.func) if site.func is not None and name == "__init__" else []


def _holders(state: State, value: Value, name: str, path: str) -> Iterator[str]:
    """The variable, function or class by which the value has what the path describes."""
    match value:
        case Obj(cls=cls, site=site) if value.is_library:
            if _has(state, cls, name, path):
                yield site[1:] if site.startswith("&") else _maker(state, value) or _named(cls, name)
        case Lib(path=cls):
            described = state.catalogue.find(cls)
            if isinstance(described, LibraryClass) and _has(state, described.path, name, path):
                yield _named(described.path, name)
        case Cls() if name == "__init__" and _are_enumerations(state, [value]):
            return
        case Obj(cls=cls) | Cls(name=cls):
            yield from _first(state, order(state, cls), name, path)
        case Super(cls=cls, receiver=receiver):
            along = order(state, receiver.cls if isinstance(receiver, Obj) else receiver.name)
            yield from _first(state, along[along.index(cls) + 1 :] if cls in along else along, name, path)


def _first(state: State, along: tuple[str, ...], name: str, path: str) -> Iterator[str]:
    """The first class of the order that has the name, if what it has is what the path describes."""
    for cls in along:
        if name in state.class_names.get(cls, ()) or (":" in cls and state.catalogue.find(cls) is None):
            return
        if cls not in _NO_CLASSES and ":" in cls and state.catalogue.member(cls, name) is not None:
            if _has(state, cls, name, path):
                yield _named(cls, name)
            return


def _named(cls: str, name: str) -> str:
    """What stands for a class that a stub has; for a builtin the one that really has the name: `tuple.__str__` is that of object."""
    if not cls.startswith("builtins:"):
        return STUB_ONLY.get(cls, cls)
    made = getattr(builtins, cls.partition(":")[2], None)
    along = made.__mro__ if isinstance(made, type) else ()
    return next((f"builtins:{each.__name__}" for each in along if name in vars(each)), cls)


def _maker(state: State, made: Obj) -> str | None:
    """The function that made an object there, if several make those of its class and only a stub has that."""
    body = state.bodies.get(made.site.rpartition("@")[0]) if made.cls in _MANY_MAKERS else None
    sites = [site for site in body.sites.values() if state.site_name(body, site.node) == made.site] if body is not None else []
    module = made.cls.partition(":")[0]
    paths = [target.to for site in sites for target in site.targets if target.to is not None]
    return next((path for path in paths if path.startswith(f"{module}:") and "." not in path.partition(":")[2]), None)


def _has(state: State, cls: str, name: str, path: str) -> bool:
    found = state.catalogue.member(cls, name)
    return found is not None and found.path == path
