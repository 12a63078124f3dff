"""One call as a transaction: snapshot, call, commit; or nothing has happened and the call runs here.

stub = Unit(runtime, "app.total", {...}); fn = stub(fn)         the decorator: fn's code becomes a trampoline
binding.go((xs, 1)) -> (False, result) | (True, callable that runs it here); raises what the function raised

A result is not acknowledged to the worker, because nothing waits for that: a call leaves nothing in a worker that a later one could miss,
and what the caller has read whole it commits at once, whatever becomes of the worker (what a dead process had written to its socket can
still be read). What it has not read whole is no result, and the call is done again. So the commit, which happens here and once, is the
only point that decides; paper/bench/chaos.py kills workers on both sides of it. An effect outside (`--allow`) is announced by the
worker before it happens, and from then on the call is not done again.
"""

from __future__ import annotations

import os
import weakref
from _thread import _count
from sys import _getframe, getrecursionlimit, setrecursionlimit
from time import perf_counter
from types import FrameType, FunctionType
from typing import Any

from faasify.localcloud.limits import OverLimit, Watch
from faasify.localcloud.pool import Channel, Garbled, WorkerDied, ZygoteFailed
from faasify.runtime.caller import interaction, stepwise, trampoline
from faasify.runtime.caller.ahead import Entry, answers
from faasify.runtime.caller.base import Base, Bases, Brief
from faasify.runtime.caller.contexts import with_context
from faasify.runtime.caller.faults import OnlyOnce, TargetFailed
from faasify.runtime.caller.loop_clock import clock_of_loop
from faasify.runtime.caller.quick import NEAR_LIMIT, Quick, Started
from faasify.runtime.caller.snapshot import Snapshot, Unsuitable
from faasify.runtime.caller.tracebacks import forget_ours, is_ours, strip
from faasify.runtime.unit import callstack, changes, environment, frames, hidden, logging_values, output, stack, warning_state, wire
from faasify.runtime.unit.before import Before
from faasify.runtime.unit.codec import CodecError, Decoder, Untravellable
from faasify.runtime.unit.codes import StandsFor
from faasify.runtime.unit.kinds import get_field, set_field
from faasify.runtime.unit.logging_values import SINK
from faasify.runtime.unit.paths import path_to
from faasify.runtime.unit.warning_state import RECORD

ATTEMPTS = 3  # a call whose worker dies is done again; then it runs here
PASSING = ("recursion", "memory", "threads", "base")  # reasons that another call of the unit need not have
HANDS_OUT = "the program does more with the code of functions than look at its name"
OVER = 3  # calls over a limit in a row, after which the unit's calls stay here


class Aborted(Exception):
    """The unit ended the call before it had an effect; `kind` and `what` say why."""

    def __init__(self, kind: str, what: str) -> None:
        super().__init__(what)
        self.kind, self.what = kind, what


class Unit:
    """A unit of the program: decorates its function, runs its calls, remembers what cannot go."""

    def __init__(self, runtime: Any, name: str) -> None:
        self.runtime = runtime
        self.name = name
        self.here: str | None = None  # why all calls run here from now on
        self.sites: set[Any] = set()  # call sites whose values cannot travel (V5)
        self.bindings: weakref.WeakSet[Binding] = weakref.WeakSet()
        self.running_here = 0
        self.lost = 0  # attempts that came to nothing, one behind the other
        self.over = 0  # calls over a limit, one behind the other
        self.limits = runtime.limits_of(name)
        self.stats = runtime.report.unit(name)
        self.placement = runtime.placement_of(self)
        if runtime.world.hands_out_code:
            self.keep_code()

    def __call__(self, fn: Any) -> Any:
        """The decorator."""
        if type(fn) is FunctionType and self.here is None and self.runtime.remote:
            Binding(self, fn)
        return fn

    def done_quickly(self, elapsed: float, computing: float, sent: int, received: int) -> None:
        """A call is done that had nothing to commit."""
        stats = self.stats
        stats.remote_call(elapsed, computing, False)
        stats.sent += sent
        stats.received += received
        self.lost = self.over = 0
        self.placement.went(elapsed, computing)

    def stay(self, why: str) -> None:
        """All calls run here from now on: functions get their own code back, so they cost nothing more."""
        self.here = why
        self._each(Binding.restore)

    def keep_code(self) -> None:
        """The program takes code objects from one function to another: its own, then."""
        if self.here is None:
            self.stats.fallback("code", HANDS_OUT)
            self.stay(HANDS_OUT)

    def end(self) -> None:
        """The program ends: nothing of ours may keep its objects alive, or their `__del__` would run too late, or never."""
        self.here = "the program ends"
        self._each(Binding.forget)

    def _each(self, do: Any) -> None:
        for binding in list(self.bindings):
            do(binding)

    def run_here(self, fn: Any, undo: Any = None, *, frames: int = 0) -> Any:
        """`fn` as a callable that runs with the unit's functions being their originals, so that a recursion is as deep as it was.

        `undo` prepares streams for a call that was under way already; `frames` are those between `fn` and the function.
        """

        def run(*args: Any, **kwargs: Any) -> Any:
            end = undo() if undo is not None else None
            self.running_here += 1
            self._each(Binding.restore)
            levels = 0 if self.runtime.world.reads_limit else LEVELS_HERE + frames
            raise_limit(levels)
            try:
                return fn(*args, **kwargs)
            finally:
                raise_limit(-levels)
                self.running_here -= 1
                if not self.running_here and self.here is None:
                    self._each(Binding.install)
                if end is not None:
                    end()

        return run


LEVELS_HERE = 2  # the trampoline and `run` stand between the caller and the function


def raise_limit(by: int) -> None:
    """Make room for frames of ours, so that the program's recursion ends where it did (S2)."""
    setrecursionlimit(getrecursionlimit() + by)


class Binding(StandsFor):
    """A unit's hold on one function object; stands in the trampoline's constants."""

    def __init__(self, unit: Unit, fn: FunctionType) -> None:
        self.unit = unit
        self.code = fn.__code__
        self.signature = trampoline.Signature(self.code)
        self.fn = weakref.ref(fn)
        # kept only where it keeps nothing else alive: code objects are not collected in cycles
        self.plain = None if fn.__closure__ else self.original(fn)
        self.trampoline = trampoline.make(fn, self)
        self.bases = Bases(unit.runtime, unit.name, self.quick)
        if not unit.running_here:
            fn.__code__ = self.trampoline
        unit.bindings.add(self)

    def restore(self) -> None:
        fn = self.fn()
        if fn is not None and fn.__code__ is self.trampoline:
            fn.__code__ = self.code

    def forget(self) -> None:
        self.restore()
        self.plain = None
        self.bases = Bases(self.unit.runtime, self.unit.name, self.quick)

    def install(self) -> None:
        fn = self.fn()
        if fn is not None and fn.__code__ is self.code:
            fn.__code__ = self.trampoline

    def original(self, fn: Any) -> Any:
        """The function with its own code, to run a call here."""
        return FunctionType(self.code, fn.__globals__, fn.__name__, None, fn.__closure__)

    def before_callers(self, fn: Any) -> Any:
        """The original called through frames that look like the caller's: it may look at the frames below it."""
        rows = callstack.above(_getframe(1))
        spaces: dict[str, Any] = {}
        frame: Any = _getframe(1)
        while frame is not None:
            spaces.setdefault(str(frame.f_globals.get("__name__")), frame.f_globals)
            frame = frame.f_back
        original = self.original(fn)
        levels = 0 if self.unit.runtime.world.reads_limit else LEVELS_HERE + callstack.levels(rows)

        def run(*args: Any, **kwargs: Any) -> Any:
            call, values, keywords = callstack.through(rows, spaces.__getitem__, (original, args, kwargs))
            raise_limit(levels)
            try:
                return call(*values, **keywords)
            finally:
                raise_limit(-levels)

        return run

    def quick(self, base: Base) -> Quick | None:
        """The short way for calls on this base, if it is one for them."""
        unit = self.unit
        simple = self.signature.simple and unit.limits.watch() is None and unit.runtime.report.timeline is None
        return Quick(unit, base) if simple else None

    def go(self, values: tuple[Any, ...]) -> tuple[bool, Any]:
        """Run the call there: (False, result). (True, function): run it here, nothing has happened."""
        fn, unit, quick = self.fn(), self.unit, self.bases.plain.quick
        done = self._quickly(quick, fn, values) if quick is not None else None
        if isinstance(done, tuple):
            return done
        if fn is None or unit.here is not None or not unit.runtime.ready():
            return True, self.original(fn)
        left = frames_left()
        caller = _getframe(1).f_back  # None: the interpreter itself calls (atexit, a hook)
        site = (caller.f_code, caller.f_lasti) if caller is not None else None
        if done is None:
            if unit.runtime.kept and caller is not None and site not in unit.sites:
                self._heed_comment(caller, site)
            kept = self._kept(fn, site, left)
            if kept is not None:
                unit.stats.here += 1
                return True, kept
        return self._send(fn, _Call(self, fn, *self.signature.bound(values), left, done), site)

    def _quickly(self, quick: Quick, fn: Any, values: tuple[Any, ...]) -> tuple[bool, Any] | Started | None:
        """As Quick.call; an error of ours sends the call the long way, which knows what to do about it."""
        try:
            return quick.call(fn, values)
        except RecursionError:
            raise
        except Exception as e:
            if not is_ours(e):
                raise  # a signal handler of the program's raised it
            return None

    def go_on(self, values: tuple[Any, ...]) -> tuple[bool, Any]:
        """As `go` for a generator or coroutine function: (False, what to iterate over or await), or (True, the function itself)."""
        fn, unit = self.fn(), self.unit
        if fn is None or unit.here is not None or not unit.runtime.ready():
            return True, self.original(fn)
        left = frames_left()
        caller = _getframe(1).f_back
        site = (caller.f_code, caller.f_lasti) if caller is not None else None
        if unit.runtime.kept and caller is not None and site not in unit.sites:
            self._heed_comment(caller, site)
        if left >= NEAR_LIMIT and site not in unit.sites and unit.placement.there():
            call = _Call(self, fn, *self.signature.bound(values), left)
            try:
                return False, stepwise.begin(call)
            except Unsuitable as e:
                unit.stats.fallback("value", e.why)
                unit.stay(e.why)
            except Untravellable as e:
                unit.sites.add(site)
                unit.stats.fallback("value", call.describe(e))
            except Exception as e:
                unit.runtime.bug(e)
                unit.stats.fallback("bug", f"{type(e).__name__}: {e}")
                unit.stay(f"a bug of faasify's: {type(e).__name__}: {e}")
        unit.stats.here += 1
        return True, self.original(fn)

    def start(self, values: tuple[Any, ...], depth: int) -> Entry | None:
        """Have a call begin that the trampoline will make at a depth of `depth`, if it can go ahead; nothing has happened."""
        fn, unit = self.fn(), self.unit
        if fn is None or unit.here is not None or not unit.runtime.ready() or not unit.placement.there():
            return None
        with unit.runtime.lock:
            quick = self.bases.at_once(fn)
        return quick.start(fn, values, getrecursionlimit() - depth) if quick is not None else None

    def _heed_comment(self, caller: FrameType, site: Any) -> None:
        """`# faasify: local` on the line of a call."""
        where = (caller.f_code.co_filename, caller.f_lineno)
        if where in self.unit.runtime.kept:
            self.unit.sites.add(site)
            self.unit.stats.fallback("comment", f"a comment keeps the call here ({os.path.basename(where[0])}:{where[1]})")

    def _kept(self, fn: Any, site: Any, left: int) -> Any:
        """What runs this call here, where there is no use in sending it; None: it is to be sent."""
        unit = self.unit
        if left < NEAR_LIMIT:
            unit.stats.fallback("recursion", "called near the recursion limit")
            unit.stay("called near the recursion limit")
            return self.original(fn)
        if site in unit.sites:
            return unit.run_here(self.original(fn))
        if not unit.placement.there():
            original = self.original(fn)
            timed = unit.placement.timed(original)
            return unit.run_here(timed, frames=int(timed is not original))
        return None

    def _send(self, fn: Any, call: _Call, site: Any) -> tuple[bool, Any]:
        """One clause for each way that a call comes home."""
        unit = self.unit
        started = perf_counter()
        try:
            raised, value = call.run()
        except Unsuitable as e:
            unit.stats.fallback("value", e.why)
            unit.stats.here += 1
            unit.stay(e.why)
            return True, self.original(fn)  # as it is: it may look at what `run_here` adjusts
        except Untravellable as e:
            unit.sites.add(site)
            unit.stats.fallback("value", call.describe(e))
        except Aborted as e:
            unit.stats.fallback(e.kind, e.what)
            if e.kind not in PASSING:
                unit.stay(f"{e.kind}: {e.what}")
            if e.kind == "introspection" and not call.dialogue.used:
                unit.stats.here += 1
                return True, self.before_callers(fn)
        except (WorkerDied, ZygoteFailed) as e:
            unit.runtime.strictly(f"{unit.name} cannot run on the target: {e}")
            unit.stats.fallback("target", str(e))
            if not e.passing:
                unit.stay(str(e))
        except OverLimit as e:
            unit.runtime.strictly(f"{unit.name} was ended: {e}; to give it more: # faasify: memory=MB timeout=SECONDS")
            unit.stats.fallback("limit", str(e))
            unit.over += 1
            if unit.over >= OVER:
                unit.stay(f"limit: {e}, {OVER} times in a row")
        except OnlyOnce as e:
            raise TargetFailed(str(e)) from None
        except Exception as e:  # a bug of ours, before anything was committed: the program must not meet it
            if not is_ours(e):
                raise  # a signal handler of the program's raised it while the call was out
            unit.runtime.bug(e)
            unit.stats.fallback("bug", f"{type(e).__name__}: {e}")
            unit.stay(f"a bug of faasify's: {type(e).__name__}: {e}")
        else:
            unit.lost = unit.over = 0
            if raised:
                unit.runtime.pending[id(value)] = (value, with_context(value))
                raise value
            return False, value
        unit.placement.lost(perf_counter() - started)
        unit.stats.here += 1
        unit.lost += 1
        if unit.lost >= LOST and unit.here is None:
            unit.stay(f"{LOST} calls in a row could not go")
        return True, unit.run_here(self.original(fn), call.dialogue.undo if call.dialogue.used else None)

    def fix(self, exc: BaseException) -> None:
        """Leave only the user's frames in the traceback of what is about to be raised again."""
        set_field(exc, "__traceback__", strip(get_field(exc, "__traceback__")))
        forget_ours(exc)
        pending = self.unit.runtime.pending.pop(id(exc), None)
        if pending is not None:
            set_field(exc, "__context__", pending[1])


POLL_S = 0.05
LOST = 20


class _Call:
    """One call on its way: its snapshot, what it read from stdin, what it showed before it committed."""

    def __init__(
        self, binding: Binding, fn: Any, pos: list[Any], kw: list[tuple[str, Any]], left: int, started: Started | None = None
    ) -> None:
        self.binding = binding
        self.runtime = binding.unit.runtime
        self.unit = binding.unit
        self.bases = binding.bases
        self.fn, self.pos, self.kw = fn, pos, kw
        self.started = started
        self.worker = self.sent = self.received = 0  # process and bytes of the attempt
        self.dialogue = interaction.Dialogue()
        self.depth = left
        self.variables: dict[bytes | None, Any] = {}  # of the environment, as the attempt was told
        self.disturbed = 0  # results that came too late
        self.effects = False  # an effect that the user allowed may have happened
        self.watch: Watch | None = self.unit.limits.watch()

    def describe(self, e: Untravellable) -> str:
        path = path_to(self.arguments(), e.obj) if e.obj is not None else ""
        return f"{path}: {e.why}" if path else e.why

    def arguments(self) -> dict[str, Any]:
        values = zip(self.unit_parameters(), [*self.pos, *(v for _, v in self.kw)], strict=False)
        return {f"args.{name}": value for name, value in values}

    def unit_parameters(self) -> list[str]:
        code = self.fn.__code__
        return [*code.co_varnames[: code.co_argcount], *(k for k, _ in self.kw)]

    def run(self) -> tuple[bool, Any]:
        """(False, result) or (True, exception), committed. Raises while nothing has happened."""
        died = 0
        while True:
            try:
                return self.attempt()
            except OverLimit as e:
                self._once(e)
                if not e.used or self.dialogue.used:  # a worker that has served before may keep what other calls took
                    raise
                self.unit.stats.retries += 1
            except WorkerDied as e:
                self._once(e)
                self.unit.stats.retries += 1
                died += 1
                if died == ATTEMPTS or self.dialogue.used:
                    raise
            finally:
                if self.started is not None:  # nobody took its answer
                    if self.started.channel is not None:
                        self.runtime.pool.discard(self.started.channel)
                    self.started = None

    def _once(self, error: Exception) -> None:
        """A call that may have had an allowed effect is not done again."""
        if self.effects:
            raise OnlyOnce(f"{self.unit.name}: {error}; with --allow it is called at most once") from None

    def attempt(self) -> tuple[bool, Any]:
        started = perf_counter()
        with clock_of_loop() as clock:
            raised, value, seconds = self._attempt()
            clock.computed(seconds)
        self.unit.placement.went(perf_counter() - started, seconds)
        return raised, value

    def _attempt(self) -> tuple[bool, Any, float]:
        runtime = self.runtime
        started = perf_counter()
        with runtime.lock:
            self.check_builtins()  # first: our own code uses them too
            snapshot = self.started.brief if self.started else self.bases.brief(self.fn, self.pos, self.kw, self.depth) or self.snapshot()
            seen = snapshot.seen() if runtime.concurrent() else None
        reply = self.timed(snapshot, seen if seen is not None and "sleep" in snapshot.names else None)
        with runtime.lock, runtime.stretch:
            while seen is not None and not self.settled(snapshot, seen):
                snapshot = self.snapshot()  # somebody was faster: again, with no other call committing meanwhile (T2)
                seen = snapshot.seen()
                reply = self.timed(snapshot)
            if type(reply) is list:
                raised, changed, value, seconds = False, False, reply[0], reply[1] / 1e9  # it did nothing but return a plain value
            else:
                raised, value = self.commit(snapshot, reply)
                seconds, changed = reply["seconds"], bool(reply["edits"] or reply["globals"])
                runtime.report.ran.update(reply["ran"])
                self.learn(snapshot, reply)
        self.unit.stats.remote_call(perf_counter() - started, seconds, changed)
        return raised, value, seconds

    def check_builtins(self) -> None:
        changed = self.runtime.library.changed_builtins()
        if changed is not None:
            raise Untravellable(f"{changed}, which the program has changed")

    def learn(self, snapshot: Snapshot | Brief, reply: dict[str, Any]) -> None:
        """What the next call can do with less."""
        if isinstance(snapshot, Snapshot):
            self.bases.met(snapshot, self.pos, self.kw)
        elif "stale" in reply:
            self.bases.lost(snapshot)

    def snapshot(self) -> Snapshot:
        runtime = self.runtime
        snapshot = Snapshot(runtime.world, runtime.library, self.fn, self.pos, self.kw, runtime.environ)
        snapshot.call.update(
            unit=self.unit.name,
            depth=self.depth,
            limit=getrecursionlimit(),
            streams=runtime.stream_spec(),
            allow=sorted(runtime.allow),
            callers=[] if callstack.ASKS.isdisjoint(snapshot.names) else callstack.above(_getframe(1)),
        )
        return snapshot

    def settled(self, snapshot: Snapshot | Brief, seen: Before) -> bool:
        """Whether the call may be committed: then no other thread runs until that is done. What runs here asks for no lock."""
        self.runtime.stretch.begin()
        if self.valid(snapshot, seen):
            return True
        self.runtime.stretch.end()
        self._once(RuntimeError("another thread has changed what it had read"))
        self.disturbed += 1
        if self.disturbed == ATTEMPTS:
            raise Aborted("threads", "other threads keep changing what the call reads")
        return False

    def valid(self, snapshot: Snapshot | Brief, seen: Before) -> bool:
        return snapshot.holds(seen) and all(environment.answer(k) == v for k, v in self.variables.items())

    def timed(self, snapshot: Snapshot | Brief, seen: Before | None = None) -> Any:
        """`exchange`, noted in the timeline where there is one."""
        timeline = self.runtime.report.timeline
        if timeline is None:
            return self.exchange(snapshot, seen)
        self.worker = self.sent = self.received = 0
        start, outcome = timeline.begins(self.unit.name), "done"
        try:
            return self.exchange(snapshot, seen)
        except BaseException as e:
            outcome = f"{type(e).__name__}: {e}"
            raise
        finally:
            timeline.ended(self.unit.name, self.worker, start, outcome, self.sent, self.received)

    def exchange(self, snapshot: Snapshot | Brief, seen: Before | None = None) -> Any:
        """Send, answer what is asked meanwhile, receive. The worker of an interrupted call is thrown away.

        `seen`: the call may be waiting (it sleeps) for another thread to change this; when that happens, it has to go on here.
        """
        runtime, stats = self.runtime, self.unit.stats
        self.variables = {}
        held: list[Any] = []  # output that came before a read and needed not be shown for it
        started, self.started = self.started, None
        if started is not None and started.channel is None:
            stats.sent += started.sent
            return started.message
        channel: Channel = started.channel if started is not None and started.channel is not None else runtime.acquire()
        frame = started.frame if started else None
        self.worker = channel.pid
        try:
            if started is None:
                channel.within(self.watch.left() if self.watch else None)
                self.sent = snapshot.sent_to(channel)
            else:
                self.sent = started.sent
                if started.error is not None:
                    raise started.error
            stats.sent += self.sent
            while True:
                while seen is not None and not channel.wait(POLL_S):
                    if not self.valid(snapshot, seen):
                        raise Untravellable("another thread has changed what the call waits for")
                    if self.watch is not None:
                        self.watch.look(channel)
                kind, data = frame or (self.watch.recv(channel) if self.watch else channel.recv())
                frame = None
                self.received += len(data)
                stats.received += len(data)
                if kind == frames.EFFECT:
                    self.effects = True
                    continue
                message = _understood(data)
                if kind == frames.NEED and message["what"] == "environ":
                    value = self.variables[message["name"]] = environment.answer(message["name"])
                    channel.send(frames.LINE, wire.dumps({"environ": value}))
                elif kind == frames.NEED:
                    text, unshown = self.answer(message)
                    held.extend(unshown)
                    channel.send(frames.LINE, wire.dumps({"text": text}))
                elif kind == frames.ABORT:
                    if message["effects"]:
                        raise OnlyOnce(f"{self.unit.name} ended after an effect that --allow lets happen: {message['what']}")
                    raise Aborted(message["kind"], message["what"])
                elif kind == frames.RESULT:
                    if type(message) is list:
                        if held or not answers(message):
                            raise Garbled("its worker sent garbage: a list that is no answer")
                    else:
                        message["out"][:0] = held
                        if "stale" in message and isinstance(snapshot, Brief):
                            channel.bases.pop(snapshot.base.number)
                    break
                else:
                    raise Garbled(f"its worker answered with a frame of kind {kind}")
        except Garbled:
            runtime.pool.discard(channel)
            raise
        except frames.FrameTooLarge as e:
            runtime.pool.discard(channel)
            raise Untravellable(f"{e}; the most of it is {snapshot.largest(self.arguments())}") from None
        except WorkerDied:
            ending = runtime.pool.lost(channel)
            died = WorkerDied(f"its worker is gone: {ending.told()}")
            died.passing = ending.killed
            raise died from None
        except BaseException:
            runtime.pool.discard(channel)
            raise
        runtime.pool.release(channel)
        return message

    def answer(self, message: dict[str, Any]) -> tuple[str, list[Any]]:
        """What the unit reads from stdin. While a person thinks about it, the unit's time stands still."""
        before = perf_counter()
        try:
            return self.dialogue.answer(message, self.runtime.output_streams())
        finally:
            if self.watch is not None:
                self.watch.extend(perf_counter() - before)

    def commit(self, snapshot: Snapshot | Brief, reply: dict[str, Any]) -> tuple[bool, Any]:
        return self.commit_to(snapshot.objs, reply)

    def commit_to(self, objs: list[Any], reply: dict[str, Any]) -> tuple[bool, Any]:
        """Plan everything, which may fail; then do it, where only the program's own streams may fail, as they would have for the
        original. New objects are put behind `objs`."""
        runtime = self.runtime
        try:
            dec = Decoder(runtime.world, reply["nodes"], list(objs))
            dec.run()
            program = runtime.world.is_program_class
            plans = [changes.planned(dec, objs[i], node, program) for i, node in reply["edits"]]
            spaces = [(vars(runtime.world.modules[name]), removed, dec.pairs(pairs)) for name, removed, pairs in reply["globals"]]
            value = dec.value(reply["ret"] if "ret" in reply else reply["exc"])
        except CodecError as e:
            raise Untravellable(f"a result that cannot be taken over: {e}") from None
        try:
            for plan in plans:
                plan()
            for space, removed, pairs in spaces:
                for name in removed:
                    space.pop(name, None)
                space.update(pairs)
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


def _understood(data: bytes) -> Any:
    try:
        return wire.loads(data)
    except wire.WireError as e:
        raise Garbled(f"its worker sent garbage: {e}") from None


def frames_left() -> int:
    """Frames that are left to the function before the recursion limit, if it were running here in its trampoline's place.

    To be called from `go`, which the trampoline calls.
    """
    return getrecursionlimit() - (stack.depth() - 2)


def other_threads() -> bool:
    return _count() > 0
