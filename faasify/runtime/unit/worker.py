"""A worker: takes a snapshot, runs one call under the guard, answers with what it did.

    CALL    {"v": 2, "unit", "nodes", "fn", "pos", "kw", "globals", "poison", "modules", "hidden", "streams", "depth", "limit", "handled",
             "allow", "order", "callers"}
    BASE    {"id", "closed", "stores", "apart", and the members of a CALL}     what calls to come have in common (base.py); no answer
    DROP    [ids]                                                    bases that no call will come for; no answer
    BRIEF   [id, depth, limit, pos, kw, nodes]                       a call on that base, whose nodes theirs follow; None: all is plain.
            Several may be sent at once; they are answered in their order
    RESULT  {"nodes", "ret" | "exc", "edits": [[i, node]], "globals": [[module, edit]], "hidden", "out": [[fd, text]], "ran": [names],
             "seconds", "stale": whether the base was dropped}; of a BRIEF that only returned a plain value, [value, nanoseconds]
            (in "out" too: [SINK, note of a log record], [RECORD, parts of a warning])
    ABORT   {"kind", "what", "effects"}      the call must run in the caller, unless an allowed effect has happened; the worker is gone
    NEED    {"what": "line" | "all", "out"}  a line of stdin, please; answered by LINE {"text"}
    NEED    {"what": "environ", "name"}      an environment variable (None: all); answered by LINE {"environ"}
    EFFECT                                   an effect that the user allowed is about to happen: the call must not be done again

`globals` are [module, [name, value, ...]]; `poison` are globals that could not travel: whoever looks one up ends the call.
Everything in a call that can fail fails into ABORT: nothing has happened, so the caller can run it.
"""

from __future__ import annotations

import builtins
import os
import sys
from collections.abc import Callable
from time import perf_counter, perf_counter_ns
from typing import Any, NoReturn

from faasify.runtime.unit import (
    callstack,
    changes,
    codec,
    environment,
    frames,
    guard,
    hashing,
    hidden,
    instances,
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
from faasify.runtime.unit.logging_values import SINK
from faasify.runtime.unit.paths import path_to
from faasify.runtime.unit.steps import Steps
from faasify.runtime.unit.warning_state import RECORD
from faasify.runtime.unit.world import lookup

PROTOCOL = wire.VERSION
SHORT_NS, TOGETHER = 200_000, 16_384  # a call after which its answer may wait for the next one's; bytes of answers
NOTES = frozenset({SINK, RECORD})
FRAMES_TO_FUNCTION = 2  # from `armed`: `invoke`, the function
FRAMES_TO_CLOSED = 1  # from `closed`
_faasify_exit, _faasify_limit = os._exit, sys.setrecursionlimit  # kept when the guard covers them
_faasify_told = sys.getrecursionlimit

_world: UnitWorld
_initial: dict[str, Any] = {}
_options: dict[str, Any] = {}


def preload(manifest_dir: str, options: dict[str, Any]) -> None:
    """Once in the zygote: guard, library, slices."""
    global _world
    guard.install((options.get("root") or "/nonexistent",))
    _world = loaded.load(manifest_dir, options)
    warning_state.adopt(options.get("filters"))
    _options.update(options)
    settle(_world)


def settle(world: UnitWorld) -> None:
    """What can be done before the first call, so that workers forked later have it done."""
    for kind in (streams.Capture, streams.Stdin):
        codec.ENCODERS[kind] = codec.ENCODERS[type(sys.__stdout__)]
    if "argparse" in sys.modules:
        import shutil  # noqa: F401  # argparse asks it for the terminal's size
    sys.getrecursionlimit = _told_limit
    guard.settle()
    logging_state.settle()
    world.codes.keys()
    world.library_ref(object())
    imported = ({name.partition(".")[0] for name in world.imports} | world.imports) & set(sys.modules)
    _initial["settings"] = sorted({getattr(sys.modules[name], "__name__", name) for name in imported})  # os.path is posixpath
    _initial["library"] = library_state.Watch(library_state.to_watch(world.mentioned, lookup))


def _told_limit() -> int:
    """sys.getrecursionlimit() of a unit: the caller's (S2)."""
    return int(_initial.get("limit", 1000))


def serve(sock: Any) -> NoReturn:
    """Answer calls until the caller closes the channel (frames.ConnectionClosed)."""
    worker = Worker(sock, _world)
    while True:
        kind, payload = worker.reader.recv()
        if kind == frames.BRIEF:
            worker.reply_soon(worker.brief(*wire.loads(payload)))
        elif kind == frames.CALL:
            worker.reply(wire.dumps(worker.run(wire.loads(payload))))
        elif kind == frames.BASE:
            worker.keep(wire.loads(payload))
        elif kind == frames.DROP:
            for number in wire.loads(payload):
                worker.bases.pop(number, None)


class Worker:
    """Runs one call after the other, each from its snapshot to its result."""

    def __init__(self, sock: Any, world: UnitWorld) -> None:
        self.sock = sock
        self.reader = frames.Reader(sock)
        self.world = world
        self.out: list[Any] = []
        self.stream_spec: Any = None
        self.callers: list[list[Any]] = []
        self.bases: dict[int, Base] = {}
        self.snapshots = 0
        self.unsent = b""  # answers, as frames
        self.took_ns = 0  # by the last brief call
        self.placed: Base | None = None  # the kept base that is in place
        self.brief_depth = 0  # of `armed` and `closed` in a brief call
        self.limit = _faasify_told()
        self.barrier = loaded.barrier()
        self.world.abort = self.abort
        self.world.noted = lambda number, data: self.out.append((number, data))
        self.below = streams.FdCapture()
        variables = environment.installed()
        if variables is not None:
            variables.ask = self.variable
        streams.install_input()
        _initial["numpy"] = "numpy.random" in sys.modules
        _initial["random"] = sys.modules["random"].getstate() if "random" in sys.modules else None

    def abort(self, kind: str, what: str) -> NoReturn:
        """End the worker; the caller runs the call. Never returns, never raises: the program could swallow that (G1)."""
        try:
            self.send(frames.ABORT, wire.dumps({"kind": kind, "what": what[:500], "effects": guard.effects_happened()}))
        finally:
            _faasify_exit(0)

    def send(self, kind: int, payload: Any = b"") -> None:
        if self.unsent:
            data, self.unsent = self.unsent, b""
            frames.send_framed(self.sock, data)
        frames.send(self.sock, kind, payload)

    def reply(self, answer: Any) -> None:
        try:
            self.send(frames.RESULT, answer)
        except frames.FrameTooLarge as e:
            self.abort("value", f"the result: {e}")

    def reply_soon(self, answer: bytes) -> None:
        """Where the next call has arrived already and these are short, answers go out together."""
        if self.reader.waiting() and self.took_ns < SHORT_NS and len(self.unsent) + len(answer) < TOGETHER:
            self.unsent += frames.framed(frames.RESULT, answer)
        else:
            self.reply(answer)

    def announce(self) -> None:
        self.send(frames.EFFECT)

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
            self.abort("memory", _NO_MEMORY)
        self.state, self.callers = base.state, call.get("callers") or []
        started = perf_counter()
        if "steps" in call:
            return self.stepped(call)
        ok, value = self.guarded(call)
        seconds = perf_counter() - started
        return {**self.result(ok, value), "seconds": seconds}

    def stepped(self, call: dict[str, Any]) -> dict[str, Any]:
        """A generator or coroutine."""
        steps = Steps(self, call)
        try:
            return {**steps.run(), "seconds": steps.seconds}
        except (CodecError, Untravellable) as e:
            self.abort("value", self.located(e, {}))
        except MemoryError:
            self.abort("memory", _NO_MEMORY)

    def keep(self, call: dict[str, Any]) -> None:
        """The base of calls to come."""
        try:
            base = self.place(call)
        except (CodecError, Untravellable) as e:
            self.abort("value", str(e))
        except MemoryError:
            self.abort("memory", _NO_MEMORY)
        _initial["limit"] = call["limit"]
        base.settings = guard.snapshot_settings(_initial["settings"])
        base.armed = guard.prepared(self.abort, allow=base.allow, announce=self.announce)
        self.brief_depth = stack.depth() + 1  # `brief` is called from where this is
        self.bases[call["id"]] = self.placed = base

    def brief(self, number: int, depth: int, limit: int, pos: list[Any], kw: list[Any], nodes: Any) -> Any:
        """A call that brings its arguments alone; the answer's bytes."""
        base = self.bases.get(number)
        if base is None:  # a call before this one has changed it
            self.abort("base", "what the call begins with is no more")
        seen, self.pos, self.kw = base.seen, pos, {}
        if nodes is not None or kw or base is not self.placed or limit != _initial["limit"]:
            seen = self.prepared(base, limit, kw, nodes)
        self.base, self.seen, self.fn, self.handled, self.state, self.callers = base, seen, base.fn, None, base.state, _NOBODY
        started = perf_counter_ns()
        if base.closed:
            ok, value = self.closed(base, depth)
        else:
            modules = library_state.Modules("sys:modules" in self.world.mentioned)
            ok, value = self.armed(base.allow, depth, self.brief_depth)
        duration = self.took_ns = perf_counter_ns() - started
        if not base.closed:
            self.judge(base.settings, modules)
        elif ok and type(value) in PLAIN_OR_FLOAT and value == value and not (self.out or self.world.ran or base.changed(seen)):
            return wire.dumps_plain([value, duration])
        self.judge_exception(ok, value)
        reply = {**self.result(ok, value), "seconds": duration / 1e9}
        if reply["globals"] or reply["hidden"] or any(i < base.size for i, _ in reply["edits"]):
            del self.bases[number]
            self.placed, reply["stale"] = None, True
        return wire.dumps(reply)

    def prepared(self, base: Base, limit: int, kw: list[Any], nodes: Any) -> Seen:
        """Everything that a brief call may find otherwise than the last one left it."""
        try:
            if base is not self.placed or limit != _initial["limit"]:
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
            self.abort("memory", _NO_MEMORY)

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
            for caching in (instances, changes, hashing):
                caching.forget_classes()
        self.open_streams(call["streams"], bool(call["hidden"].get("streams")))
        world = self.world
        self.reset_modules(call)
        dec = Decoder(world, call["nodes"])
        dec.run()
        for name, flat in call["globals"]:
            vars(world.modules[name]).update(dec.pairs(flat))
        for name, order in call["order"]:
            _reorder(vars(world.modules[name]), order)
        if not call["order"]:  # nobody looks at all the names
            for module in world.modules.values():
                vars(module)[END] = None
        state = hidden.apply(dec, call["hidden"], self.foreign, world.noted)
        return Base(call, dec, state, world)

    def put_back(self, base: Base, limit: int) -> None:
        """Put a kept base in place again, after calls of other functions."""
        call, _initial["limit"] = base.call, limit
        self.open_streams(call["streams"], False)
        self.reset_modules(call)
        base.fill_modules()
        base.state = hidden.apply(base.seen.decoder, call["hidden"], self.foreign, self.world.noted)
        base.settings = guard.snapshot_settings(_initial["settings"])
        self.placed = base

    def reset_modules(self, call: dict[str, Any]) -> None:
        """Modules hold what was sent and nothing else. A builtins dict with a trip-wire catches look-ups of what could not be
        sent (C1)."""
        sent = set(call["modules"])
        for name, module in self.world.modules.items():
            space = vars(module)
            space.clear()
            space["__name__"] = name
            space["__package__"] = self.world.packages[name]
            space["__builtins__"] = builtins if name == "__main__" else builtins.__dict__
            poison = call["poison"].get(name)
            if poison:
                space["__builtins__"] = _TripWire(builtins.__dict__, frozenset(poison), name, self.abort)
                space["__getattr__"] = _attribute_wire(name, frozenset(poison), self.abort)
            if name in sent or name == "__main__":
                sys.modules[name] = module
            else:
                sys.modules.pop(name, None)

    def open_streams(self, spec: dict[str, Any], foreign: bool) -> None:
        """Standard streams like the caller's, that only take notes; made again only when the caller's are others."""
        spec = {**spec, "foreign": foreign}
        if spec != self.stream_spec:
            out, err = (3, 4) if foreign else (1, 2)
            sys.stdout = sys.__stdout__ = streams.Capture(out, self.out, self.abort, name="<stdout>", **spec["stdout"])  # type: ignore[misc]
            sys.stderr = sys.__stderr__ = streams.Capture(err, self.out, self.abort, name="<stderr>", **spec["stderr"])  # type: ignore[misc]
            sys.stdin = sys.__stdin__ = streams.Stdin(self.need, self.abort, **spec["stdin"])  # type: ignore[misc]
            self.stream_spec = spec
            self.world.captures = {"stdout": sys.stdout, "stderr": sys.stderr, "stdin": sys.stdin}
        for name, stream in self.world.captures.items():
            setattr(sys, name, stream)
        if "shutil" in sys.modules:
            sys.modules["shutil"].get_terminal_size = _terminal_size(spec["terminal"])  # type: ignore[attr-defined]

    def foreign(self, name: str) -> Any:
        """Stands for what the caller has put in place of a standard stream: it takes output, and whoever wants more of it ends
        the call."""
        return _Foreign(1 if name == "stdout" else 2, self.out, self.abort)

    def output(self, notes: frozenset[int] = frozenset()) -> list[list[Any]]:
        """What was written; of other notes, for which the caller need not be quick, those of these numbers."""
        spec = self.stream_spec
        later = [entry for entry in self.out if entry[0] in NOTES - notes]
        if later:
            self.out[:] = [entry for entry in self.out if entry[0] not in NOTES]
        buffered = {fd for fd, name in ((1, "stdout"), (2, "stderr"), (3, "stdout"), (4, "stderr")) if spec[name].get("line_buffering")}
        entries = [list(entry) for entry in streams.take(self.out, () if spec["foreign"] else buffered)]
        self.out.extend(later)
        return entries

    def need(self, what: str, size: int) -> str:
        """A line of stdin, or all of it, from the caller."""
        self.send(frames.NEED, wire.dumps({"what": what, "size": size, "out": self.output()}))
        kind, payload = self.reader.reply()
        if kind != frames.LINE:
            self.abort("stdin", "the caller has no line")
        return str(wire.loads(payload)["text"])

    def variable(self, name: bytes | None) -> Any:
        """An environment variable, or all of them, as the caller has them."""
        if stack.near():
            self.abort("recursion", "an environment variable near the recursion limit")
        self.send(frames.NEED, wire.dumps({"what": "environ", "name": name}))
        kind, payload = self.reader.reply()
        if kind != frames.LINE:
            self.abort("environ", "the caller does not tell")
        return environment.understood(name, wire.loads(payload)["environ"])

    def guarded(self, call: dict[str, Any], do: Callable[[], tuple[bool, Any]] | None = None) -> tuple[bool, Any]:
        """(True, value) or (False, exception) of the call itself, or of what `do` does; it has changed nothing but what can be told."""
        _initial["limit"] = call["limit"]
        settings = guard.snapshot_settings(_initial["settings"])
        modules = library_state.Modules("sys:modules" in self.world.mentioned)
        outcome = self.armed(frozenset([*call["allow"], "os.getcwd"]), call["depth"], stack.depth() + 1, do)
        self.judge(settings, modules)
        self.judge_exception(*outcome)
        return outcome

    def armed(self, allow: frozenset[str], left: int, depth: int, do: Callable[[], tuple[bool, Any]] | None = None) -> tuple[bool, Any]:
        """The call, with the guard armed meanwhile. `left`: frames that the function may take; `depth`: our own."""
        self.barrier.abort = self.abort
        guard.arm(self.abort, allow=allow, program_files=self.world.program_files, announce=self.announce)
        before = _faasify_told()
        deepest = max(depth + FRAMES_TO_FUNCTION + callstack.levels(self.callers) + left, 50)
        stack.set_limit(deepest)
        _faasify_limit(deepest)
        try:
            return (do or self.invoke)()
        finally:
            _faasify_limit(before)
            guard.disarm()
            self.barrier.abort = None

    def closed(self, base: Base, left: int) -> tuple[bool, Any]:
        """As `armed`, for code that is closed: it imports nothing, so nothing has to be covered first."""
        guard.arm_again(base.armed)
        deepest = max(self.brief_depth + FRAMES_TO_CLOSED + left, 50)
        stack.set_limit(deepest)
        _faasify_limit(deepest)
        try:
            return True, base.fn(*self.pos, **self.kw)
        except BaseException as e:
            return False, e
        finally:
            _faasify_limit(self.limit)
            guard.disarm()

    def judge(self, settings: guard.Settings, modules: library_state.Modules) -> None:
        """End the call if it changed what nobody carries."""
        changed = [
            *guard.changed_settings(settings),
            *hidden.unexpected(self.state, _initial),
            *_initial["library"].changed(),
            *modules.changed(),
            *streams.given_attributes(self.world.captures),
        ]
        if changed:
            self.abort("settings", ", ".join(changed))
        if self.below.dirty():
            self.abort("descriptors", "something wrote to a standard descriptor below Python")

    def judge_exception(self, ok: bool, value: Any) -> None:
        if not ok and isinstance(value, RecursionError):
            self.abort("recursion", "the recursion limit was reached: where exactly depends on the caller's stack")
        if not ok and isinstance(value, MemoryError):
            self.abort("memory", _NO_MEMORY)

    def invoke(self) -> tuple[bool, Any]:
        fn, pos, kw = callstack.through(self.callers, self.space, (self.fn, self.pos, self.kw))
        try:
            if self.handled is None:
                return True, fn(*pos, **kw)
            try:
                raise self.handled
            except BaseException:
                return True, fn(*pos, **kw)
        except BaseException as e:
            return False, e

    def space(self, module: str) -> dict[str, Any]:
        """The globals of a caller's frame; of a library's, nothing but the name."""
        found = self.world.modules.get(module)
        return vars(found) if found is not None else {"__name__": module, "__builtins__": builtins.__dict__}

    def result(self, ok: bool, value: Any) -> dict[str, Any]:
        """Everything that the call did, in one graph with the snapshot's identities."""
        base, seen = self.base, self.seen
        try:
            enc = Encoder(self.world, seen.objs)
            reply: dict[str, Any] = {"ret" if ok else "exc": enc.root(value)}
            reply["edits"] = seen.edits(enc)
            enc.drain()
            reply["globals"] = [[name, removed, enc.pairs(bound)] for name, removed, bound in base.changed_globals()]
            enc.drain()
            reply["hidden"] = hidden.changed(enc, self.state)
            reply["out"] = [[n, enc.values(data) if n == RECORD else data] for n, data in self.output(NOTES)]
            reply["nodes"] = enc.finish()
            self.known = enc.objs
        except (CodecError, Untravellable) as e:
            self.abort("value", self.located(e, {"result" if ok else "exception": value}))
        except MemoryError:
            self.abort("memory", _NO_MEMORY)
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
SNAPSHOTS_KEPT = 16  # so long, what was found out about their classes is remembered
_NO_MEMORY = "an allocation failed: how much there is depends on the process"


def _reorder(space: dict[str, Any], order: list[str]) -> None:
    """Bring the names of a module into the caller's order; what the caller lacks goes."""
    values = dict(space)
    space.clear()
    space.update((name, values[name]) for name in order if name in values)


def _terminal_size(caller: list[int] | None) -> Any:
    """shutil.get_terminal_size with the caller's terminal in place of the worker's."""

    def get_terminal_size(fallback: tuple[int, int] = (80, 24)) -> os.terminal_size:
        asked = [int(os.environ.get(name, "0")) if os.environ.get(name, "0").isdecimal() else 0 for name in ("COLUMNS", "LINES")]
        size = caller or fallback
        return os.terminal_size((asked[0] or size[0] or fallback[0], asked[1] or size[1] or fallback[1]))

    return get_terminal_size


class _Foreign:
    """A stream of the program's own making that is only written to."""

    def __init__(self, fd: int, sink: list[Any], abort: Any) -> None:
        self._faasify = fd, sink, abort

    def write(self, text: str, /) -> int:
        if type(text) is not str:
            self._faasify[2]("descriptors", "a write of something else than str")
        self._faasify[1].append((self._faasify[0], text))
        return len(text)

    def flush(self) -> None:
        self._faasify[1].append((self._faasify[0], None))

    def __getattr__(self, name: str) -> Any:
        self._faasify[2]("descriptors", f"the attribute {name} of a stream of the program")


class _TripWire(dict):  # type: ignore[type-arg]
    """Builtins that end the call when a global is looked up that exists in the caller and could not travel."""

    def __init__(self, names: dict[str, Any], poison: frozenset[str], module: str, abort: Any) -> None:
        super().__init__({name: value for name, value in names.items() if name not in poison})  # the program's own may be named like one
        self._poison, self._module, self._abort = poison, module, abort

    def __missing__(self, name: str) -> Any:
        if name in self._poison:
            self._abort("value", f"the global {self._module}.{name}, which cannot travel")
        raise KeyError(name)


def _attribute_wire(module: str, poison: frozenset[str], abort: Any) -> Any:
    def __getattr__(name: str) -> Any:
        if name in poison:
            abort("value", f"the global {module}.{name}, which cannot travel")
        raise AttributeError(f"module {module!r} has no attribute {name!r}")

    return __getattr__
