"""A worker: takes a snapshot, runs one call under the guard, answers with what it did.

    CALL    {"v": 2, "unit", "nodes", "fn", "pos", "kw", "globals", "poison", "modules", "hidden", "streams", "depth", "limit", "handled",
             "allow", "order", "callers", "asked"}
    BASE    {"id", "closed", "stores", "apart", and the members of a CALL}     what calls to come have in common (base.py); no answer
    DROP    [ids]                                                    bases that no call will come for; no answer
    BRIEF   [id, depth, limit, pos, kw, nodes]                       a call on that base, whose nodes theirs follow; None: all is plain.
            Several may be sent at once; they are answered in their order
    RESULT  {"nodes", "ret" | "exc", "edits": [[i, node]], "globals": [[module, edit]], "hidden", "out": [[fd, text]], "ran": [names],
             "seconds", "stale": whether the base was dropped}; of a BRIEF that only returned a plain value, [value, nanoseconds], or
            where that is a large one of its arguments, [None, nanoseconds, the argument's number]
            (in "out" too: [SINK, note of a log record], [RECORD, parts of a warning])
    ABORT   {"kind", "what", "name", "effects"}   the call must run here, unless an allowed effect has happened; the worker is gone
            (kind "bug": an error of our own code; only a worker that ends without a word was killed; "name": module and name of a global
            that was asked for and not sent)
    NEED    {"what": "line" | "all", "out"}  a line of stdin, please; answered by LINE {"text"}
    NEED    {"what": "environ", "name"}      an environment variable (None: all); answered by LINE {"environ"}
    EFFECT                                   an effect that the user allowed is about to happen: the call must not be done again

`globals` are [module, [name, value, ...]]; `poison` are globals that could not travel: whoever looks one up ends the call. `asked` are,
for modules that are values, the names that were looked for: whoever gets at another one (a format string that was read) ends the call.
Everything in a call that can fail fails into ABORT: nothing has happened, so the caller can run it.
"""

from __future__ import annotations

import _socket
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from time import perf_counter, perf_counter_ns
from types import FunctionType
from typing import Any, NoReturn

from faasify.runtime.unit import (
    changes,
    codec,
    descriptors,
    frames,
    guard,
    hashing,
    hidden,
    layouts,
    library_state,
    loaded,
    logging_state,
    stack,
    streams,
    warning_state,
    wire,
)
from faasify.runtime.unit.base import END, Base, Seen
from faasify.runtime.unit.codec import PLAIN_OR_FLOAT, CodecError, Decoder, Encoder, Untravellable
from faasify.runtime.unit.loaded import UnitWorld
from faasify.runtime.unit.paths import path_to
from faasify.runtime.unit.placing import reorder, reset_modules
from faasify.runtime.unit.running import NO_MEMORY, Runner, initial, told_limit
from faasify.runtime.unit.shown_elsewhere import Elsewhere
from faasify.runtime.unit.standard_streams import NOBODYS, NOTES
from faasify.runtime.unit.steps import Steps
from faasify.runtime.unit.warning_state import RECORD
from faasify.runtime.unit.world import lookup

PROTOCOL = wire.VERSION

_world: UnitWorld


def preload(manifest_dir: str, options: dict[str, Any]) -> None:
    """Once in the zygote: guard, library, slices."""
    global _world
    sys.orig_argv[:] = options.get("orig_argv", sys.orig_argv)
    guard.install((options.get("root") or "/nonexistent",))
    _world = loaded.load(manifest_dir, options)
    warning_state.adopt(options.get("filters"))
    initial["streams"] = options.get("streams") or NOBODYS
    settle(_world)


def settle(world: UnitWorld) -> None:
    """What can be done before the first call, so that workers forked later have it done."""
    for kind in (streams.Capture, streams.Stdin):
        codec.ENCODERS[kind] = codec.ENCODERS[type(sys.__stdout__)]
    if "argparse" in sys.modules:
        import shutil  # noqa: F401  # argparse asks it for the terminal's size
    sys.getrecursionlimit = told_limit
    guard.settle()
    logging_state.settle()
    world.codes.keys()
    world.library_ref(object())
    imported = ({name.partition(".")[0] for name in world.imports} | world.imports) & set(sys.modules)
    initial["settings"] = sorted({getattr(sys.modules[name], "__name__", name) for name in imported})  # os.path is posixpath
    initial["elsewhere"] = Elsewhere(world.modules.values())
    initial["library"] = library_state.Watch(library_state.to_watch(world.mentioned, lookup))


def ready(*, spare: bool) -> Callable[[Any], NoReturn]:
    """In a worker: what serves its channel. A spare has the time to rehearse that."""
    worker = Worker(_world)
    if spare:
        worker.rehearse()
    return worker.serve


class Worker(Runner):
    """Runs one call after the other, each from its snapshot to its result."""

    def __init__(self, world: UnitWorld) -> None:
        super().__init__(world)
        self.bases: dict[int, Base] = {}
        self.snapshots = 0
        self.placed: Base | None = None  # the kept base that is in place

    def serve(self, sock: Any) -> NoReturn:
        """Answer calls until the caller closes the channel (frames.ConnectionClosed)."""
        self.connect(sock)
        try:
            self._answer_calls()
        except OSError:
            raise
        except MemoryError:
            self.abort("memory", NO_MEMORY)
        except Exception as e:  # not to be taken for a worker that was killed, whose call is tried again
            self.abort("bug", _described(e))

    def _answer_calls(self) -> NoReturn:
        while True:
            kind, payload = self.reader.recv()
            if kind == frames.BRIEF:
                self.reply_soon(self.brief(*wire.loads(payload)))
            elif kind == frames.CALL:
                self.reply(wire.dumps(self.run(wire.loads(payload))))
            elif kind == frames.BASE:
                self.keep(wire.loads(payload))
            elif kind == frames.DROP:
                for number in wire.loads(payload):
                    self.bases.pop(number, None)

    def rehearse(self) -> None:
        """Calls that nobody made, of a function that does nothing, as a caller would send them: the memory that every call touches is this
        process's own from then on, and the interpreter has got used to the code, which is most of what the first call costs."""
        enc = Encoder(self.world)
        fn, argv = enc.root(int), enc.root([""])
        for function in self._any_function():
            enc.root(function)
        call = {"v": PROTOCOL, "nodes": enc.finish(), "fn": fn, "globals": [], "modules": [], "poison": {}, "order": [], "allow": []}
        call |= {"hidden": {"argv": argv}, "streams": initial["streams"], "limit": _ROOM, "id": 0}
        call |= {"closed": True, "stores": [], "apart": []}
        brief = wire.dumps_plain([0, _ROOM, _ROOM, [1], [], None])
        with suppress(OSError):  # ConnectionClosed, at the end; or there can be no channel
            ours, theirs = descriptors.pair()
            for _ in range(_REHEARSALS):
                for kind, payload in ((frames.DROP, wire.dumps([0])), (frames.BASE, wire.dumps(call)), (frames.BRIEF, brief)):
                    frames.send(ours, kind, payload)
            ours.shutdown(_socket.SHUT_WR)
            self.serve(theirs)
        self.bases.clear()
        self.placed, self.unsent = None, b""

    def _any_function(self) -> Iterator[FunctionType]:
        """One of the program's, if one can be made of its code alone."""
        codes = self.world.codes
        keys = codes.keys()
        for key in keys:
            code, module = codes.code_of(key), self.world.modules.get(key.partition(":")[0])
            if module is not None and code is not None and code.co_flags & _NEWLOCALS and not code.co_freevars:
                yield FunctionType(code, vars(module))
                return

    def run(self, call: dict[str, Any]) -> dict[str, Any]:
        """A call that brings all that it needs."""
        try:
            base = self.base = self.place(call)
            self.seen, self.known = base.seen, base.seen.objs
            dec = base.seen.decoder
            self.fn, self.pos, self.kw = base.fn, dec.values(call["pos"]), dict(dec.pairs(call["kw"]))
            self.handled = dec.value(call["handled"])
        except (CodecError, Untravellable) as e:
            self.abort("value", str(e))
        except MemoryError:
            self.abort("memory", NO_MEMORY)
        self.state, self.callers = base.state, call.get("callers") or []
        started = perf_counter()
        if "steps" in call:
            return self.stepped(call)
        ok, value = self.guarded(call)
        seconds = perf_counter() - started
        self.judge_ends()
        return {**self.result(ok, value), "seconds": seconds}

    def stepped(self, call: dict[str, Any]) -> dict[str, Any]:
        """A generator or coroutine."""
        steps = Steps(self, call)
        try:
            return {**steps.run(), "seconds": steps.seconds}
        except (CodecError, Untravellable) as e:
            self.abort("value", self.located(e, {}))
        except MemoryError:
            self.abort("memory", NO_MEMORY)

    def keep(self, call: dict[str, Any]) -> None:
        """The base of calls to come."""
        try:
            base = self.place(call)
        except (CodecError, Untravellable) as e:
            self.abort("value", str(e))
        except MemoryError:
            self.abort("memory", NO_MEMORY)
        initial["limit"] = call["limit"]
        base.settings = guard.snapshot_settings(initial["settings"])
        base.armed = guard.prepared(self.abort, allow=base.allow, announce=self.announce)
        self.brief_depth = stack.depth() + 1  # `brief` is called from where this is
        self.bases[call["id"]] = self.placed = base

    def brief(self, number: int, depth: int, limit: int, pos: list[Any], kw: list[Any], nodes: Any) -> Any:
        """A call that brings its arguments alone; the answer's bytes."""
        base = self.bases.get(number)
        if base is None:  # a call before this one has changed it
            self.abort("base", "what the call begins with is no more")
        seen, self.pos, self.kw = base.seen, pos, {}
        if nodes is not None or kw or base is not self.placed or limit != initial["limit"]:
            seen = self.prepared(base, limit, kw, nodes)
        self.base, self.seen, self.fn, self.handled, self.state, self.callers = base, seen, base.fn, None, base.state, _NOBODY
        started = perf_counter_ns()
        if base.closed:
            ok, value = self.closed(base, depth)
        else:
            modules = library_state.Modules("sys:modules" in self.world.mentioned)
            ok, value = self.armed(base.allow, depth, self.brief_depth)
        duration = self.took_ns = perf_counter_ns() - started
        self.judge_ends()
        if not base.closed:
            self.judge(base.settings, modules)
        elif ok and (given := self.given(value)) is not None and not (self.streams.out or self.world.ran or base.changed(seen)):
            return wire.dumps_plain([*given[:1], duration, *given[1:]])
        self.judge_exception(ok, value)
        reply = {**self.result(ok, value), "seconds": duration / 1e9}
        if reply["globals"] or reply["hidden"] or any(i < base.size for i, _ in reply["edits"]):
            del self.bases[number]
            self.placed, reply["stale"] = None, True
        return wire.dumps(reply)

    def given(self, value: Any) -> list[Any] | None:
        """A plain value, or None and the number of the argument that it is; None for any other value."""
        kind = type(value)
        if kind in PLAIN_OR_FLOAT and not (kind in _LONG_KINDS and len(value) >= _LONG):
            return [value] if value == value else None
        number = next((number for number, argument in enumerate(self.pos) if argument is value), None)
        return [None, number] if number is not None else [value] if kind in PLAIN_OR_FLOAT else None

    def prepared(self, base: Base, limit: int, kw: list[Any], nodes: Any) -> Seen:
        """Everything that a brief call may find otherwise than the last one left it."""
        try:
            if base is not self.placed or limit != initial["limit"]:
                self.put_back(base, limit)
            if nodes is None:
                self.kw = dict(zip(kw[::2], kw[1::2], strict=True))
                return base.seen
            seen = base.with_arguments(self.world, nodes)
            self.pos, self.kw = seen.decoder.values(self.pos), dict(seen.decoder.pairs(kw))
            return seen
        except (CodecError, Untravellable) as e:
            self.abort("value", str(e))
        except MemoryError:
            self.abort("memory", NO_MEMORY)

    def located(self, e: CodecError | Untravellable, roots: dict[str, Any]) -> str:
        """What cannot go back, with the path to it: from the result, the arguments or the globals."""
        if not isinstance(e, Untravellable) or e.obj is None:
            return str(e)
        globals_ = {f"{name}.{key}": value for name, module in self.world.modules.items() for key, value in vars(module).items()}
        path = path_to({**roots, "args": self.pos, "kwargs": self.kw, **globals_}, e.obj)
        return f"{path}: {e.why}" if path else e.why

    def place(self, call: dict[str, Any]) -> Base:
        """Put the snapshot in place and note it, to see afterwards what changed."""
        if call["v"] != PROTOCOL:
            raise CodecError(f"protocol {call['v']}, this unit speaks {PROTOCOL}")
        self.placed = None
        self.snapshots += 1
        if self.snapshots % SNAPSHOTS_KEPT == 0:  # each brings classes of its own
            for forget in (layouts.forget_classes, changes.forget_classes, hashing.forget_classes):
                forget()
        self.streams.open(call["streams"], bool(call["hidden"].get("streams")))
        world = self.world
        reset_modules(self.world, call["modules"], call["poison"], call.get("asked", ()), self.abort)
        dec = Decoder(world, call["nodes"])

        def bind() -> None:
            for name, flat in call["globals"]:
                vars(world.modules[name]).update(dec.pairs(flat))

        dec.later(1, bind)  # before dicts and sets are filled: a `__hash__` or `__eq__` of the program may name a class or a constant
        dec.run()
        for name, order in call["order"]:
            reorder(vars(world.modules[name]), order)
        if not call["order"]:  # nobody looks at all the names
            for module in world.modules.values():
                vars(module)[END] = None
        state = hidden.apply(dec, call["hidden"], self.streams.foreign, world.noted)
        return Base(call, dec, state, world)

    def put_back(self, base: Base, limit: int) -> None:
        """Put a kept base in place again, after calls of other functions."""
        call, initial["limit"] = base.call, limit
        self.streams.open(call["streams"], False)
        reset_modules(self.world, call["modules"], call["poison"], call.get("asked", ()), self.abort)
        base.fill_modules()
        base.state = hidden.apply(base.seen.decoder, call["hidden"], self.streams.foreign, self.world.noted)
        base.settings = guard.snapshot_settings(initial["settings"])
        self.placed = base

    def result(self, ok: bool, value: Any) -> dict[str, Any]:
        """Everything that the call did, in one graph with the snapshot's identities."""
        base, seen = self.base, self.seen
        try:
            enc = Encoder(self.world, seen.objs)
            enc.pops = base.pops
            reply: dict[str, Any] = {"ret" if ok else "exc": enc.root(value)}
            reply["edits"] = seen.edits(enc)
            enc.drain()
            reply["globals"] = [[name, removed, enc.pairs(bound)] for name, removed, bound in base.changed_globals()]
            enc.drain()
            reply["hidden"] = hidden.changed(enc, self.state)
            reply["out"] = [[n, enc.values(data) if n == RECORD else data] for n, data in self.streams.output(NOTES)]
            reply["nodes"] = enc.finish()
            self.known = enc.objs
        except (CodecError, Untravellable) as e:
            self.abort("value", self.located(e, {"result" if ok else "exception": value}))
        except MemoryError:
            self.abort("memory", NO_MEMORY)
        reply["ran"] = self.functions_that_ran()
        return reply

    def functions_that_ran(self) -> list[str]:
        ran = self.world.ran
        if not any(ran):
            return []
        names = [name for name, mark in zip(self.world.names_by_index, ran, strict=True) if mark]
        ran[:] = bytes(len(ran))
        return names


_NOBODY: list[list[Any]] = []
_ROOM = 1000  # frames
_REHEARSALS = 3
_NEWLOCALS = 2  # CO_NEWLOCALS, without importing inspect for it
_LONG_KINDS, _LONG = (str, bytes), 4096
SNAPSHOTS_KEPT = 16  # so long, what was found out about their classes is remembered


def _described(error: Exception) -> str:
    """An error of our own code, and where. What it says may hold the program's objects, whose `repr` is not run for it."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f" ({os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno})" if trace is not None else ""
    said = f": {error}" if {*map(type, error.args)} <= {str} else ""
    return f"{type(error).__name__}{said}{where}"
