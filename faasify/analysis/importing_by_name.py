"""Imports of modules by names that are worked out while the program runs.

importlib.import_module("m")               the module m
importlib.import_module(".m", __package__) p.m, in the package p
import_module(f"plugins.{kind}")           any module in plugins
__import__("a.b")                          a; with a list of names a.b
"""

from __future__ import annotations

from collections.abc import Callable

from faasify.analysis.calls import Here
from faasify.analysis.import_hooks import ask_importers
from faasify.analysis.modules import find_module
from faasify.analysis.state import State
from faasify.analysis.texts import fitting, text_of
from faasify.analysis.values import Mod, Obj, Value, read_const
from faasify.frontend.discovery import absolute_name


def import_module(state: State, here: Here) -> None:
    if state.traits.has_importers:
        ask_importers(state, here)
    packages = _argument(here, 1, "package")

    def use(text: str) -> None:
        if not text.startswith("."):
            _give(state, here, text)
        elif packages is None:
            state.graph.put_unknown(here.result)
        else:
            state.graph.watch(packages, lambda v: _relative(state, here, text, v))

    _each_text(state, here, _argument(here, 0, "name"), use)


def dunder_import(state: State, here: Here) -> None:
    if state.traits.has_importers:
        ask_importers(state, here)
    listed = _argument(here, 3, "fromlist") is not None or here.args.star is not None or here.args.double is not None
    level = _argument(here, 4, "level") is not None

    def use(text: str) -> None:
        if level:
            state.graph.put_unknown(here.result)
        if listed:
            _give(state, here, text)
        _give(state, here, text.partition(".")[0])

    _each_text(state, here, _argument(here, 0, "name"), use)


def _argument(here: Here, index: int, name: str) -> int | None:
    positional = here.args.positional
    return positional[index] if index < len(positional) else here.args.keywords.get(name)


def _each_text(state: State, here: Here, node: int | None, use: Callable[[str], None]) -> None:
    """`use` every text that the node may be, a pattern included."""

    def learn(value: Value) -> None:
        text = text_of(value) if isinstance(value, Obj) and value.cls == "builtins:str" else "*"
        if text.strip("*"):
            use(text)
        else:
            state.graph.put_unknown(here.result)

    if node is None:
        state.graph.put_unknown(here.result)
    else:
        state.graph.watch(node, learn)


def _relative(state: State, here: Here, text: str, package: Value) -> None:
    name = str(read_const(package.const)) if isinstance(package, Obj) and package.cls == "builtins:str" and package.const else ""
    module = text.lstrip(".")
    absolute = absolute_name(module, len(text) - len(module), name)
    if absolute is None:
        state.graph.put_unknown(here.result)
    else:
        _give(state, here, absolute)


def _give(state: State, here: Here, name: str) -> None:
    """The module, or all those of the program whose names fit; where none does, or the pattern says little, anything else as well."""
    program = state.program
    if "*" not in name:
        state.graph.put(here.result, [find_module(program, name)])
        return
    found = fitting(name, [*program.modules, *program.folders])
    state.graph.put(here.result, [Mod(module) for module in found])
    if not found or name.startswith("*"):
        state.graph.put_unknown(here.result)
