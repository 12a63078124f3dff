"""What a call did, taken over: the one point at which something happens here.

commit(runtime, objs, reply) -> (False, result) or (True, exception that the call raised)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from faasify.runtime.unit import changes, hidden, logging_values, output, warning_state
from faasify.runtime.unit.codec import CodecError, Decoder, Untravellable
from faasify.runtime.unit.logging_values import SINK
from faasify.runtime.unit.warning_state import RECORD


def commit(runtime: Any, objs: list[Any], reply: dict[str, Any]) -> tuple[bool, Any]:
    """Plan everything, which may fail (Untravellable); then do it, where only the program's own streams may fail, as they would have
    for the original. `objs` are those that the reply's numbers stand for; new ones are put behind them."""
    try:
        dec = Decoder(runtime.world, reply["nodes"], list(objs))
        plans, value = _planned(runtime.world, dec, objs, reply)
    except CodecError as e:
        raise Untravellable(f"a result that cannot be taken over: {e}") from None
    try:
        for plan in plans:
            plan()
        hidden.commit(dec, reply["hidden"])
        objs.extend(dec.objs[len(objs) :])
        runtime.stretch.end()
        notes: Any = {
            SINK: lambda note: logging_values.emit(objs[note[0]], note[1], note[2]),
            RECORD: lambda parts: warning_state.record(dec.values(parts)),
        }
        output.commit([tuple(entry) for entry in reply["out"]], runtime.output_streams(), notes)
    except Exception as e:  # of the program's own streams, as for the original; from here on nothing can be run again
        return True, e
    return "exc" in reply, value


def _planned(world: Any, dec: Decoder, objs: list[Any], reply: dict[str, Any]) -> tuple[list[Callable[[], None]], Any]:
    """What is to be done to objects, and then to the modules' globals; and the result or exception."""
    dec.run()
    plans: list[Callable[[], None]] = [changes.planned(dec, objs[i], node, world.is_program_class) for i, node in reply["edits"]]
    plans += [_binding(vars(world.modules[name]), removed, dec.pairs(pairs)) for name, removed, pairs in reply["globals"]]
    return plans, dec.value(reply["ret"] if "ret" in reply else reply["exc"])


def _binding(space: dict[str, Any], removed: list[str], bound: Any) -> Callable[[], None]:
    def bind() -> None:
        for name in removed:
            space.pop(name, None)
        space.update(bound)

    return bind
