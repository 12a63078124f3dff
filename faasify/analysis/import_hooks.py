"""Finders and loaders of the program, which any later import may ask.

sys.meta_path.append(Finder())
import plugin                       Finder.find_spec; exec_module of the program's loaders
sys.path_hooks.append(hook)         an unknown call at each import besides: what is put there need have no name by which it is known
"""

from __future__ import annotations

from faasify.analysis.bodies import Arguments, Target
from faasify.analysis.calls import Here, call, call_node, has_method
from faasify.analysis.members import member
from faasify.analysis.mro import each_fitting, order
from faasify.analysis.state import State
from faasify.analysis.values import Cls, Obj

_FINDING = ("find_spec", "find_module", "find_loader")
_MAKING = ("create_module", "exec_module", "load_module")
_LOADING = (
    *(*_MAKING, "get_code", "get_source", "get_data", "get_filename", "is_package", "path_stats", "path_mtime", "set_data"),
    *("source_to_code", "_cache_bytecode"),
)
_ASKED = 4  # finders, and loaders, of a large program, that one of its imports is led to; where there are more, anything may be called
_LOADED = frozenset(["sys", "builtins", "os", "os.path", "io", "abc", "codecs", "stat"])  # before the program begins: nobody is asked


def ask_importers(state: State, here: Here, module: str = "") -> None:
    """At an import, by a statement or a function, in a program that has to do with the tables of finders."""
    key = None if state.large else here.node, here.body.name, "importers"  # there once for all imports of a body
    if module in _LOADED or key in state.hooks:
        return
    state.hooks.add(key)
    inner = here.implicit(Arguments(star=state.fresh()), state.graph.node())
    finders: list[str] = []
    loaders: list[str] = []

    def ask_finder(cls: str) -> None:
        finders.append(cls)
        if are_few(finders):
            if state.traits.has_path_hooks:
                call(state, Cls(cls), inner)
            _call_all(state, cls, _FINDING, inner)

    def ask_loader(cls: str) -> None:
        loaders.append(cls)
        if are_few(loaders):
            _call_all(state, cls, _LOADING, inner)

    def are_few(classes: list[str]) -> bool:
        few = not state.large or len(classes) <= _ASKED
        if not few:
            anything()
        return few

    def anything() -> None:
        state.target(here.body, here.node, Target(None, direct=False), inner.args, inner.result)

    def unknown() -> None:
        if state.traits.has_path_hooks or not finders:
            anything()

    each_fitting(state, ("finders",), lambda cls: _has_one(state, cls, _FINDING), ask_finder)
    each_fitting(state, ("loaders",), lambda cls: _is_loader(state, cls), ask_loader)
    state.deferred.append(lambda: state.deferred.append(unknown))  # when it is known what classes inherit, and which are finders


def _is_loader(state: State, cls: str) -> bool:
    return _has_one(state, cls, _MAKING) or any(c.startswith("importlib") and ":" in c for c in order(state, cls))


def _has_one(state: State, cls: str, names: tuple[str, ...]) -> bool:
    return not state.bound_in_classes.isdisjoint(names) and any(has_method(state, cls, name) for name in names)


def _call_all(state: State, cls: str, names: tuple[str, ...], here: Here) -> None:
    for name in names:
        if has_method(state, cls, name):
            call_node(state, member(state, Obj(cls), name), here)
