"""Hidden state: what a function depends on and changes without naming it. One registry, looked at before and after.

    take(enc, names, refs, start, drawn) -> dict    in the caller, with the snapshot
    apply(dec, wire) -> dict                        in the unit; what was put in place, to compare with
    changed(enc, before) -> wire dict               in the unit, after the call
    commit(dec, wire)                               in the caller

An item is looked at when what travels makes it reachable: `names` are all names in the code that travels, `refs` the library
objects that values refer to.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Set
from os import getcwd
from typing import Any

from faasify.runtime.unit import environment, generators, logging_state, numpy_hidden, scalars, warning_state
from faasify.runtime.unit.codec import Decoder, Encoder, Untravellable

STREAMS = ("stdin", "stdout", "stderr")


def take(
    enc: Encoder, names: Set[str], refs: set[str], start: environment.Start, drawn: generators.Drawn = generators.EVERY
) -> dict[str, Any]:
    """`drawn`: the global generators that the unit's calls are said to draw from (generators.py)."""
    state: dict[str, Any] = {"argv": enc.root(sys.argv)}
    replaced = {}
    for name in STREAMS:
        stream = getattr(sys, name)
        if enc.world.stream_name(stream) != name:
            if stream is not None and (enc.world.is_program_class(type(stream)) or type(stream) is io.TextIOWrapper):
                raise Untravellable(f"sys.{name} is the program's own stream", stream)
            known = id(stream) in enc.memo or name == "stdin" or stream is None
            replaced[name] = enc.root(stream) if known else "foreign"  # what nothing else refers to is only written to
    if replaced:
        state["streams"] = replaced
    edit = start.edit()
    if edit is not None:
        state["environ"] = edit
    state["cwd"] = _current_folder()
    state |= generators.taken(names, refs, drawn)
    if "decimal" in sys.modules and "decimal" in enc.world.imports:  # a Decimal among the values is enough to depend on it
        state["decimal"] = _take_decimal()
    if (logs := logging_state.take(enc)) is not None:
        state["logging"] = logs
    if (warned := warning_state.take(enc)) is not None:
        state["warnings"] = warned
    return state | numpy_hidden.take()


def least(enc: Encoder) -> dict[str, Any]:
    """For code that reads none of it: the interpreter may warn all the same."""
    filters = warning_state.take_filters(enc)
    return {"argv": enc.root([]), **({"warnings": filters} if filters else {})}


def _take_decimal() -> Any:
    import decimal

    scalars.known_type(decimal.Context)
    parts = scalars.TABLE["decimal.Context"].take(decimal.getcontext())
    return [list(p) if isinstance(p, tuple) else p for p in parts]


def apply(dec: Decoder, state: dict[str, Any], foreign: Callable[[str], Any], noted: Callable[[int, Any], None]) -> dict[str, Any]:
    """Put the caller's hidden state in place; returns it for `changed`. `foreign(name)` stands for an unknown stream that only
    takes output, `noted(number, data)` puts something into the list of outputs."""
    sys.argv = dec.value(state["argv"])
    _apply_environ(state.get("environ"))
    if "cwd" in state and _current_folder() != state["cwd"]:
        _follow(state["cwd"])
    for name, wire in state.get("streams", {}).items():
        setattr(sys, name, foreign(name) if wire == "foreign" else dec.value(wire))
    numpy_hidden.reset()
    generators.put(state)
    _put(state)
    return {
        **state,
        "argv": sys.argv,
        "streams": [getattr(sys, name) for name in STREAMS],
        "logging": logging_state.apply(dec, state.get("logging"), dec.world.notes().abort),
        "warnings": warning_state.apply(dec, state.get("warnings"), noted),
    }


def _current_folder() -> str:
    """ "" for one that was deleted."""
    try:
        return getcwd()
    except FileNotFoundError:
        return ""


def _follow(folder: str) -> None:
    """Be where the caller is; where its folder was deleted, in one of our own that was."""
    try:
        if folder:
            os.chdir(folder)
        else:
            gone = f"/tmp/faasify-gone-{os.getpid()}"
            os.mkdir(gone, 0o700)
            try:
                os.chdir(gone)
            finally:
                os.rmdir(gone)
    except OSError as error:
        raise Untravellable(f"the current folder, which its worker cannot be in ({error.strerror})") from None


def _apply_environ(edit: list[Any] | None) -> None:
    """A process that has no zygote (a handler on a target) has the environment that the target gives it, and no edit can be told there."""
    data = environment.installed()
    if data is not None:
        data.begin(edit)
    elif edit is not None:
        raise Untravellable("environment variables that the program has changed")


def _put(state: dict[str, Any]) -> None:
    if "decimal" in state:
        import decimal

        scalars.known_type(decimal.Context)
        scalars.restore(decimal.getcontext(), state["decimal"])
    numpy_hidden.put(state)


def changed(enc: Encoder, before: dict[str, Any]) -> dict[str, Any]:
    """The items of `before` that are different now."""
    state: dict[str, Any] = {}
    if sys.argv is not before["argv"]:
        state["argv"] = enc.root(sys.argv)
    moved = [name for name, was in zip(STREAMS, before["streams"], strict=True) if getattr(sys, name) is not was]
    if moved:
        state["streams"] = {name: enc.root(getattr(sys, name)) for name in moved}
    data = environment.installed()
    edit = data.changes() if data is not None else None
    if edit is not None:
        state["environ"] = edit
    if "decimal" in before:
        state |= _if_new("decimal", _take_decimal(), before)
    if (logs := logging_state.changed(enc, before["logging"])) is not None:
        state["logging"] = logs
    if (warned := warning_state.changed(enc, before["warnings"])) is not None:
        state["warnings"] = warned
    return state | generators.changed(before) | numpy_hidden.changed(before)


def is_as_before(before: dict[str, Any]) -> bool:
    """Whether settings that code in between would see are those of `before`; a part of what `changed` looks at, in a few microseconds."""
    if numpy_hidden.changed(before) or not warning_state.is_in_force(before["warnings"]):
        return False
    return "decimal" not in before or not _if_new("decimal", _take_decimal(), before)


def _if_new(name: str, now: Any, before: dict[str, Any]) -> dict[str, Any]:
    return {} if now == before[name] else {name: now}


def commit(dec: Decoder, state: dict[str, Any]) -> None:
    """Take over what the unit changed."""
    if "argv" in state:
        sys.argv = dec.value(state["argv"])
    if "environ" in state:
        environment.commit(state["environ"])
    for name, wire in state.get("streams", {}).items():
        setattr(sys, name, dec.value(wire))
    if "logging" in state:
        logging_state.commit(dec, state["logging"])
    if "warnings" in state:
        warning_state.commit(dec, state["warnings"])
    generators.commit(state)
    _put(state)
