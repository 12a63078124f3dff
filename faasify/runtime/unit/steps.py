"""Generators and coroutines in a unit: run step by step, ahead of the caller while nobody can tell (DECISIONS T7, SEMANTICS L4).

    CALL    {..., "steps": {"skip": 0, "ahead": True}}
    STEP    {"values": [x, ...], "nodes", "ran"}    what it yielded; a coroutine: [seconds, x] for each sleep, x being its result
    RESUME  {}                                      more, please (generators only: a coroutine runs to its end)
    RESULT  as for every call

It runs ahead as long as its steps do nothing but compute: whatever else they do ends the call, and as nothing has happened, the caller
starts over. What is yielded must be nobody else's, so that both sides need not keep an eye on it.

Once the caller has found that what the unit reads has changed in between, the unit goes *in step*: a new worker does the steps so far
from the same snapshot and is told what is different before each further one; each answers with all that it did, as a call does.

    RESUME  {"send": x | "throw": x, "nodes", "edits", "globals", "hidden"}
    STEP    {"yield": x, ... as RESULT}
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Mapping
from functools import partial
from time import perf_counter
from types import FunctionType, GeneratorType, MappingProxyType, ModuleType
from typing import Any

from faasify.runtime.unit import changes, dead_variables, frames, hidden, wire
from faasify.runtime.unit.base import Seen, noted
from faasify.runtime.unit.before import Before, fixed_in
from faasify.runtime.unit.codec import PLAIN_OR_FLOAT, CodecError, Decoder, Encoder, Untravellable
from faasify.runtime.unit.pauses import Pauses

FIRST, MOST = 8, 1024  # values at once
LONGEST_S = 0.02  # after which what there is is sent
_MOST_PARTS = 10_000  # objects in one value
_faasify_refcount = sys.getrefcount  # kept when the guard covers it

TYPE_CHECKING = False
if TYPE_CHECKING:
    from faasify.runtime.unit.worker import Worker

    Last = tuple[bool, Any] | None  # how it ended


class Steps:
    """One generator or coroutine of the program, in a worker that is prepared for the call."""

    def __init__(self, worker: Worker, call: dict[str, Any]) -> None:
        self.worker = worker
        self.call = call
        self.body: Any = None
        self.pauses: Pauses | None = None
        self.seconds = 0.0  # that the last steps took

    def run(self) -> dict[str, Any]:
        """Everything but the last frame, whose content is returned."""
        worker, plan = self.worker, self.call["steps"]
        ok, self.body = worker.guarded(self.call)
        if not ok:
            return worker.result(ok, self.body)
        self.pauses = Pauses(worker.abort) if hasattr(self.body, "cr_await") else None
        ended = self.skip(plan["skip"]) or (self.ahead() if plan["ahead"] else self.in_step())
        return worker.result(*ended)

    def skip(self, count: int) -> Last:
        """The steps that another worker has done already."""
        if not count:
            return None
        _, last = self.worker.guarded(self.call, partial(self._again, count))
        if last is not None:
            self.worker.abort("steps", "it does not do the same a second time")
        return None

    def _again(self, count: int) -> tuple[bool, Last]:
        for _ in range(count):
            ok, value = self.advance(self.body.send, None)
            if ok is not None:
                return True, (ok, value)
        return True, None

    # -- ahead of the caller

    def ahead(self) -> tuple[bool, Any]:
        most = 1 if self.pauses else FIRST
        while True:
            values, last = self.collect(most, LONGEST_S)
            if values:
                self.check()
                self.send(values)
            if last is not None:
                return last
            if self.pauses is None:
                self.receive()
                most = min(2 * most, MOST)

    def collect(self, most: int, longest: float | None) -> tuple[list[Any], Last]:
        ok, found = self.timed(partial(self._collect, most, longest))
        if not ok:  # an accident on the way: the body's own exceptions are in `found`
            self.worker.abort("steps", f"{type(found).__name__}: {found}")
        return found  # type: ignore[no-any-return]

    def _collect(self, most: int, longest: float | None) -> tuple[bool, tuple[list[Any], Last]]:
        """Under the guard. What is in a variable that is read again, or in a container of the generator's, is not its consumer's alone."""
        values: list[Any] = []
        until = perf_counter() + longest if longest is not None else None
        while True:
            ok, value = self.advance(self.body.send, None)
            if ok is not None:
                return True, (values, (ok, value))
            if not hidden.is_as_before(self.worker.state):
                self.worker.abort("steps", "it has changed a setting while its consumer has the value")
            values.append(value)
            del value
            if not self.own(values):
                self.worker.abort("steps", "it yields what it keeps, or what others have")
            if len(values) >= most or (until is not None and perf_counter() > until):
                return True, (values, None)

    def timed(self, do: Callable[[], tuple[bool, Any]]) -> tuple[bool, Any]:
        started = perf_counter()
        try:
            return self.worker.guarded(self.call, do)
        finally:
            self.seconds = perf_counter() - started

    def _one(self, do: Callable[[Any], Any], what: Any) -> tuple[bool, Any]:
        return True, self.advance(do, what)

    def advance(self, do: Callable[[Any], Any], what: Any) -> tuple[bool | None, Any]:
        """(None, what was yielded), (True, result) or (False, exception)."""
        try:
            if self.pauses is not None:
                return None, self.pauses.step(do, what)
            return None, do(what)
        except StopIteration as e:
            return True, e.value
        except (RecursionError, MemoryError) as e:
            self.worker.abort("recursion" if isinstance(e, RecursionError) else "memory", "how much is left depends on the process")
        except BaseException as e:
            return False, e

    def own(self, values: list[Any]) -> bool:
        """Whether nobody else will look at what can change in the last of `values`."""
        if type(values[-1]) in PLAIN_OR_FLOAT or self.pauses is not None:
            return True
        loose = partial(is_loose, values, self.worker.world.is_program_class, self.worker.seen.objs)
        return loose() or (type(self.body) is GeneratorType and loose(dead_variables.holds(self.body)))

    def check(self) -> None:
        """End the call if the steps did anything."""
        worker = self.worker
        worker.judge_unsent()
        enc = Encoder(worker.world, worker.seen.objs)
        told = worker.seen.same() and not worker.base.changed_globals() and not worker.streams.out and not hidden.changed(enc, worker.state)
        if not told:
            worker.abort("steps", "it shows or changes something between its values")

    def send(self, values: list[Any]) -> None:
        enc = Encoder(self.worker.world, self.worker.seen.objs)
        wires = [enc.root(value) for value in values]
        reply = {"values": wires, "nodes": enc.finish(), "ran": self.worker.functions_that_ran(), "seconds": self.seconds}
        self.worker.send(frames.STEP, wire.dumps(reply))

    def receive(self) -> dict[str, Any]:
        kind, payload = self.worker.reader.reply()
        if kind != frames.RESUME:
            self.worker.abort("steps", f"a frame of kind {kind}")
        return wire.loads(payload)  # type: ignore[no-any-return]

    # -- in step with the caller

    def in_step(self) -> tuple[bool, Any]:
        worker = self.worker
        while True:
            message = self.receive()
            try:
                self.take_over(message)
                what = worker.seen.decoder.value(message["throw"] if "throw" in message else message["send"])
            except (CodecError, Untravellable) as e:
                worker.abort("value", str(e))
            _, (ok, value) = self.timed(partial(self._one, self.body.throw if "throw" in message else self.body.send, what))
            if ok is not None:
                return ok, value
            worker.judge_unsent()
            reply = worker.result(True, value)
            reply["yield"], reply["seconds"] = reply.pop("ret"), self.seconds
            worker.send(frames.STEP, wire.dumps(reply))

    def take_over(self, message: dict[str, Any]) -> None:
        """What the caller has that is different now."""
        worker, world = self.worker, self.worker.world
        known = worker.known
        dec = Decoder(world, message["nodes"], list(known))
        dec.run()
        for i, node in message["edits"]:
            changes.planned(dec, known[i], node, world.is_program_class)()
        for name, removed, pairs in message["globals"]:
            space = vars(world.modules[name])
            for gone in removed:
                space.pop(gone, None)
            space.update(dec.pairs(pairs))
        worker.state = hidden.apply(dec, message["hidden"], worker.streams.foreign, world.noted)
        worker.seen = Seen(dec, Before(dec.objs, world.is_program_class, [*worker.seen.fixed, *fixed_in(dec)]))
        worker.base.modules = noted(world)


_CONTAINERS = frozenset({list, dict, set, bytearray})
_OWN = 3  # references to a part while it is looked at: from what it is in, the search's variable, the call that counts them


def is_loose(
    values: list[Any], is_program_class: Callable[[type], bool], known: list[Any], unread: Mapping[int, int] = MappingProxyType({})
) -> bool:
    """Whether the last of `values` has no part that can change and that something else refers to; `known` are the caller's as well,
    `unread` references, by `id`, do not count. Who refers to a tuple refers to the lists in it."""
    passed = {id(obj) for obj in known}
    todo, count = [(values[-1], False)], 0
    while todo:
        part, shared = todo.pop()
        kind = type(part)
        if kind in PLAIN_OR_FLOAT or id(part) in passed or isinstance(part, type | ModuleType):
            continue
        count += 1
        changeable = kind in _CONTAINERS or changes.kind_of(part, is_program_class) is not changes.FROZEN
        shared = shared or _faasify_refcount(part) > _OWN + unread.get(id(part), 0)
        is_function = kind is FunctionType
        if count > _MOST_PARTS or hasattr(kind, "__del__") or (changeable and shared and not is_function):
            return False
        if is_function and part.__closure__:  # whoever made it has these variables as well
            return False
        if not changeable or is_function:
            passed.add(id(part))
        found = [part.__defaults__, part.__kwdefaults__, *vars(part).values()] if is_function else gc.get_referents(part)
        todo.extend((each, shared) for each in found)
        del found  # or it would refer to them as well
    return True
