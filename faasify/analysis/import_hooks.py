"""Finders and loaders of the program, which any later import may ask.

sys.meta_path.append(Finder())
import plugin                       Finder.find_spec; exec_module of the program's loaders
sys.path_hooks.append(hook)         an unknown call at each import besides: what is put there need have no name by which it is known
"""

from __future__ import annotations

from collections.abc import Iterator

from faasify.analysis.bodies import Arguments, Target
from faasify.analysis.calls import Here, call, call_node, has_method
from faasify.analysis.members import member
from faasify.analysis.mro import order
from faasify.analysis.state import State
from faasify.analysis.values import Cls, Obj

_FINDING = ("find_spec", "find_module", "find_loader")
_MAKING = ("create_module", "exec_module", "load_module")
_LOADING = (
    *(*_MAKING, "get_code", "get_source", "get_data", "get_filename", "is_package", "path_stats", "path_mtime", "set_data"),
    *("source_to_code", "_cache_bytecode"),
)
_LOADED = frozenset(["sys", "builtins", "os", "os.path", "io", "abc", "codecs", "stat"])  # before the program begins: nobody is asked


def ask_importers(state: State, here: Here, module: str = "") -> None:
    """At an import, by a statement or a function, in a program that has to do with the tables of finders."""
    key = here.node, here.body.name, "importers"
    if module not in _LOADED and key not in state.hooks:
        state.hooks.add(key)
        state.deferred.append(lambda: _ask(state, here))  # when it is known what classes inherit


def _ask(state: State, here: Here) -> None:
    finders = [cls for cls in state.bases if any(has_method(state, cls, name) for name in _FINDING)]
    inner = here.implicit(Arguments(star=state.fresh()), state.graph.node())
    for cls in finders:
        if state.has_path_hooks:
            call(state, Cls(cls), inner)
        _call_all(state, cls, _FINDING, inner)
    for cls in _loaders(state):
        _call_all(state, cls, _LOADING, inner)
    if state.has_path_hooks or not finders:
        state.target(here.body, here.node, Target(None, direct=False), inner.args, inner.result)


def _loaders(state: State) -> Iterator[str]:
    for cls in state.bases:
        if any(has_method(state, cls, name) for name in _MAKING) or any(c.startswith("importlib") and ":" in c for c in order(state, cls)):
            yield cls


def _call_all(state: State, cls: str, names: tuple[str, ...], here: Here) -> None:
    for name in names:
        if has_method(state, cls, name):
            call_node(state, member(state, Obj(cls), name), here)
