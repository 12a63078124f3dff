"""A unit's hold on one function object: what its trampoline calls, and where a call is run.

binding.go((xs, 1)) -> (False, result) | (True, callable that runs it here); raises what the function raised
"""

from __future__ import annotations

import functools
import os
import weakref
from collections.abc import Callable
from sys import _getframe, getrecursionlimit
from time import perf_counter
from types import FrameType, FunctionType
from typing import Any

from faasify.localcloud.limits import OverLimit
from faasify.localcloud.pool import WorkerDied, ZygoteFailed
from faasify.runtime.caller import faults, gathered, stepwise, trampoline
from faasify.runtime.caller.ahead import Entry
from faasify.runtime.caller.base import Base, Bases, plain
from faasify.runtime.caller.contexts import with_context
from faasify.runtime.caller.depth import LEVELS_HERE, TO_RUN_HERE, frames_left, lower_limit, raise_limit
from faasify.runtime.caller.faults import OnlyOnce, TargetFailed
from faasify.runtime.caller.foresight import SLOW_S
from faasify.runtime.caller.quick import NEAR_LIMIT, Quick, Started
from faasify.runtime.caller.snapshot import Unsuitable
from faasify.runtime.caller.tracebacks import forget_ours, hide_from_walks, is_ours, strip
from faasify.runtime.caller.transaction import Aborted, Call
from faasify.runtime.unit import callstack, wire
from faasify.runtime.unit.codec import Untravellable
from faasify.runtime.unit.codes import StandsFor
from faasify.runtime.unit.generators import DRAWN
from faasify.runtime.unit.kinds import get_field, set_field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from faasify.runtime.caller.units import Unit

PASSING = ("recursion", "memory", "threads", "base", "warnings")  # reasons that another call of the unit need not have


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
        self.bases = Bases(unit, self.quick)
        if not unit.running_here:
            fn.__code__ = self.trampoline
        unit.bindings.add(weakref.ref(self, unit.bindings.discard))

    def restore(self) -> None:
        fn = self.fn()
        if fn is not None and fn.__code__ is self.trampoline:
            fn.__code__ = self.code

    def forget(self) -> None:
        self.restore()
        self.plain = None
        self.begin_anew()

    def begin_anew(self) -> None:
        """What earlier calls have told does not hold any more."""
        self.bases = Bases(self.unit, self.quick)

    def install(self) -> None:
        fn = self.fn()
        if fn is not None and fn.__code__ is self.code:
            fn.__code__ = self.trampoline

    def original(self, fn: Any) -> Any:
        """The function with its own code, to run a call here."""
        hide_from_walks()
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
        levels = LEVELS_HERE + callstack.levels(rows)

        def run(*args: Any, **kwargs: Any) -> Any:
            call, values, keywords = callstack.through(rows, spaces.__getitem__, (original, args, kwargs))
            raised = raise_limit(levels)
            try:
                return call(*values, **keywords)
            finally:
                lower_limit(raised, levels)

        return run

    def here(self, fn: Any, undo: Any = None, timed: Callable[[Any], Any] = lambda call: call) -> Any:
        """What runs a call here; through frames that look like the caller's where the program may look at those: ours stand in between."""
        asks = self.unit.runtime.world.asks_callers
        call = self.before_callers(fn) if asks else self.original(fn)
        made = timed(call)
        return self.unit.run_here(made, undo, frames=int(made is not call) - int(asks))

    def quick(self, base: Base) -> Quick | None:
        """The short way for calls on this base, if it is one for them."""
        unit = self.unit
        simple = self.signature.simple and unit.limits.watch() is None and unit.runtime.report.timeline is None
        return Quick(unit, base) if simple else None

    def go(self, values: tuple[Any, ...]) -> tuple[bool, Any]:
        """Run the call there: (False, result). (True, function): run it here, nothing has happened."""
        fn, unit = self.fn(), self.unit
        if unit.seconds >= SLOW_S and fn is not None:
            self._foresee(fn, values, frames_left(), _getframe(1).f_back)
        quick = self.bases.plain.quick
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
        return self._send(fn, Call(self, fn, *self.signature.bound(values), left, done), site)

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
        fn, unit, runtime = self.fn(), self.unit, self.unit.runtime
        if fn is None or unit.here is not None or not runtime.ready():
            return True, self.original(fn)
        left = frames_left()
        caller = _getframe(1).f_back
        site = (caller.f_code, caller.f_lasti) if caller is not None else None
        if unit.runtime.kept and caller is not None and site not in unit.sites:
            self._heed_comment(caller, site)
        if left >= NEAR_LIMIT and site not in unit.sites and unit.placement.there():
            early = gathered.taken(_getframe(1), left)
            if early is not None:
                gathered.begin_others(early.call, 0)
                return False, stepwise.resumed(early)
            call = Call(self, fn, *self.signature.bound(values), left)
            try:
                begun = stepwise.begin(call)
                if self.code.co_flags & trampoline.CO_COROUTINE and runtime.may_begin():
                    gathered.begin_others(call, 1)
                return False, begun
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

    def _foresee(self, fn: Any, values: tuple[Any, ...], left: int, caller: FrameType | None) -> None:
        """Have the calls begin that the caller's loop will make after this one."""
        unit, runtime = self.unit, self.unit.runtime
        if (
            caller is None
            or unit.here is not None
            or unit.sites
            or unit.limits.watch() is not None
            or not unit.placement.likely()
            or not runtime.may_foresee()
        ):
            return
        try:
            names, begin = self.signature.positional, functools.partial(self._begin, fn, left)
            unit.fans_out = runtime.foresight.look(caller, values, names, begin, unit.seconds) or unit.fans_out
        except Exception as e:
            if not is_ours(e):
                raise  # a signal handler of the program's raised it
            runtime.bug(e)
            unit.seconds = 0.0

    def _begin(self, fn: Any, left: int, values: tuple[Any, ...]) -> Entry | None:
        """As `start`, for arguments of any kind."""
        if not self.signature.simple or left < NEAR_LIMIT:
            return None
        if plain(values):
            with self.unit.runtime.lock:
                quick = self.bases.at_once(fn)
            if quick is not None:
                begun: Entry | None = quick.start(fn, values, left, timeless=True)
                return begun
        with self.unit.runtime.lock:
            brief = self.bases.early(fn, list(values), [], left)
        return self.unit.runtime.ahead.start(brief.base, wire.joined(brief.payload)) if brief is not None else None

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
            return unit.run_here(self.original(fn)) if left >= TO_RUN_HERE else self.original(fn)
        if site in unit.sites:
            return self.here(fn)
        return None if unit.placement.there() else self.here(fn, timed=functools.partial(unit.placement.timed, site=site))

    def _send(self, fn: Any, call: Call, site: Any) -> tuple[bool, Any]:
        """One clause for each way that a call comes home."""
        unit = self.unit
        started = perf_counter()
        try:
            raised, value = call.run()
        except Unsuitable as e:
            unit.stats.fallback("value", e.why)
            unit.stats.here += 1
            unit.stay(e.why)
            if unit.runtime.world.asks_callers:
                return True, self.before_callers(fn)
            return True, self.original(fn)  # as it is: it may look at what `run_here` adjusts
        except Untravellable as e:
            unit.sites.add(site)
            unit.stats.fallback("value", call.describe(e))
        except Aborted as e:
            if e.kind == "bug":
                unit.runtime.strictly(f"{unit.name} {faults.own(e.what)}")
            unit.stats.fallback(e.kind, call.located(e))
            if e.kind == DRAWN:
                unit.draws(e.what.split())
            elif e.kind not in PASSING:
                unit.stay(f"{e.kind}: {e.what}")
            if e.kind == "introspection" and not call.dialogue.used:
                unit.stats.here += 1
                return True, self.before_callers(fn)
        except (WorkerDied, ZygoteFailed) as e:
            unit.runtime.strictly(f"{unit.name} {faults.cannot_run(e)}")
            unit.stats.fallback("target", str(e))
            if not e.passing:
                unit.stay(str(e))
        except OverLimit as e:
            unit.runtime.strictly(f"{unit.name} {faults.over_limit(e)}")
            unit.stats.fallback("limit", str(e))
            unit.was_over(str(e))
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
        unit.could_not_go()
        return True, self.here(fn, call.dialogue.undo if call.dialogue.used else None)

    def fix(self, exc: BaseException) -> None:
        """Leave only the user's frames in the traceback of what is about to be raised again."""
        set_field(exc, "__traceback__", strip(get_field(exc, "__traceback__")))
        forget_ours(exc)
        pending = self.unit.runtime.pending.pop(id(exc), None)
        if pending is not None:
            set_field(exc, "__context__", pending[1])
