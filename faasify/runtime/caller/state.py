"""The runtime of one run of a rewritten program: its manifest, world, pool and settings."""

from __future__ import annotations

import os
import sys
from _thread import RLock
from _thread import _count as other_threads
from io import TextIOWrapper
from os.path import join, realpath
from sys import is_finalizing
from typing import Any

from faasify.localcloud.limits import Limits
from faasify.localcloud.pool import Channel, Pool
from faasify.runtime.caller import loader, placement
from faasify.runtime.caller.ahead import Ahead
from faasify.runtime.caller.faults import TargetFailed
from faasify.runtime.caller.foresight import Foresight
from faasify.runtime.caller.library import Library
from faasify.runtime.caller.report import Report
from faasify.runtime.caller.stretch import Stretch
from faasify.runtime.caller.units import Unit
from faasify.runtime.caller.world import CallerWorld
from faasify.runtime.unit import carried, environment, warning_state
from faasify.runtime.unit.codec import Untravellable, load_types


class Settings:
    """What `faasify run` was told, from the FAASIFY_RUN variable; the defaults are those of `python build/app.py`."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.argv0: str | None = options.get("argv0")
        self.placement: str = options.get("placement") or "auto"
        self.reports: tuple[str, ...] = tuple(options.get("reports") or ())
        self.progress: bool = bool(options.get("progress"))
        self.faasify: str = options.get("faasify") or sys.executable  # the interpreter that has all of faasify
        self.final_state: str | None = options.get("final_state")
        self.strict: bool = bool(options.get("strict"))
        self.allow = frozenset(options.get("allow") or ())
        self.budget_s: float | None = options.get("budget_s")
        self.limits: dict[str, dict[str, Any]] = options.get("limits") or {}
        self.sandbox: bool = bool(options.get("sandbox"))
        self.debug: bool = bool(options.get("debug"))
        self.hash_seed_added: bool = bool(options.get("hash_seed_added"))
        self.python: str | None = options.get("python")


class Runtime:
    """Everything the stubs of one process share."""

    def __init__(self, build: str, manifest: dict[str, Any], settings: Settings, hash_seed: str) -> None:
        self.build = build
        self.manifest = manifest
        self.settings = settings
        self.report = Report(settings.argv0 or manifest["program"]["main"], kept=bool(settings.reports), progress=settings.progress)
        self.report.sandbox = "" if settings.sandbox else None
        self.lock = RLock()
        self.stretch = Stretch()
        self.pending: dict[int, Any] = {}  # exceptions on their way through a trampoline, with the context they are to have
        self.allow = settings.allow
        self.remote = settings.placement != "local"
        self.budget = placement.Budget(settings.budget_s)
        self.world = CallerWorld(manifest)
        self.library = Library(manifest)
        self.kept = _kept_calls(manifest)
        self.units: dict[str, Unit] = {}
        self._types_loaded = False
        self._hash_seed = hash_seed
        self.environ = environment.Start()
        self._pool: Pool | None = None
        self.ahead = Ahead(lambda: self.pool)
        self.foresight = Foresight(self.ahead, manifest)
        self.terminal = _terminal_size()

    @property
    def pool(self) -> Pool:
        if self._pool is None:
            self.open_pool()
        assert self._pool is not None
        return self._pool

    def acquire(self) -> Channel:
        """A worker of the pool, before any call that has only been made ahead."""
        if not self.pool.spare():
            self.ahead.give_way()
        return self.pool.acquire()

    def open_pool(self) -> None:
        """Start the zygote; it warms up while the program goes on."""
        whole = "subprocess" in self.allow  # what a unit starts may read any variable
        self.environ = environment.Start(whole=whole)
        program = self.manifest["program"]
        root = program["root"]
        options = {
            "path": [p for p in sys.path if p and realpath(p) != realpath(root)],
            "hash_seed": self._hash_seed,
            "environ": dict(os.environ),  # of all workers, whenever they are forked: what is sent with a call is an edit of this
            "whole_environ": whole,
            "sandbox": self.settings.sandbox,
            "debug": self.settings.debug,
            "filters": warning_state.describe(),
            "root": root,
            "orig_argv": sys.orig_argv,
            "shown": self.manifest["modules"][program["main"]]["file"],
            "trace": bool(self.settings.reports),
            "streams": self._streams_now(),
        }
        folder = join(self.build, ".faasify")
        self._pool = Pool(folder, self.settings.python or sys.executable, options=options, lacking=self.lacking)
        self._pool.start()

    def close(self) -> None:
        """The program ends."""
        if self._pool is not None:
            self._pool.close()
        for unit in list(self.units.values()):
            unit.end()
        self.foresight.forget()
        self.world.forget()
        self.library.forget()

    def unit(self, name: str) -> Unit:
        unit = self.units.get(name)
        if unit is None:
            unit = self.units[name] = Unit(self, name)
            self.report.reasons[name] = unit.placement.why
        return unit

    def loading(self) -> None:
        """A module of the program is about to run."""
        self.world.refresh()
        for unit in self.units.values():
            unit.keep()

    def placement_of(self, unit: Unit) -> placement.Placement:
        return (placement.Auto if self.settings.placement == "auto" else placement.Placement)(unit, self.budget)

    def ready(self) -> bool:
        """Whether calls can be sent at all (not while the interpreter shuts down, nor without a descriptor to load what that needs)."""
        if not self._types_loaded:
            try:
                load_types()
            except OSError:
                return False
            loader.register()
            self._types_loaded = True
            self._load_carried()
        self.world.refresh()
        return self.remote and not is_finalizing()

    def _load_carried(self) -> None:
        """What the project says about types. Where that fails, units would not start either: every call runs here."""
        try:
            self.world.carried = carried.load(join(self.build, ".faasify"), self.manifest.get("types", ()))
        except carried.BadTypes as e:
            self.remote = False
            self.strictly(str(e))
            for unit in self.units.values():
                unit.stats.fallback("types", str(e))

    def may_foresee(self) -> bool:
        """Whether calls can begin before the program makes them, and its frames be looked at meanwhile."""
        return self.may_begin() and not self.world.shows_locals

    def may_begin(self) -> bool:
        """Whether what would notice calls that begin before the program makes them is not there."""
        return not (other_threads() or self.allow or self.kept or sys.gettrace() or sys.getprofile())

    def concurrent(self) -> bool:
        return other_threads() > 0

    def limits_of(self, name: str) -> Limits:
        """Of a unit: what the command line says, else what the build says."""
        facts = self.manifest["units"].get(name, {})
        typed = self.settings.limits
        own = {key: facts.get(key) for key in ("memory_mb", "timeout_s")}
        return Limits(**{**own, **typed.get("*", {}), **typed.get(name, {})})

    def draws(self, name: str) -> bool:
        """Whether the calls of a unit use a global random generator, as far as the analysis can tell."""
        return bool(self.manifest["units"].get(name, {}).get("draws", True))

    def meets_limit(self, name: str) -> bool:
        """Whether a unit may read or set the recursion limit, as far as the analysis can tell."""
        return bool(self.manifest["units"].get(name, {}).get("limit", True))

    def strictly(self, what: str) -> None:
        """With --strict a fault of the target is the user's to see, not ours to work around."""
        if self.settings.strict:
            raise TargetFailed(what) from None

    def lacking(self, what: str) -> None:
        """A sandbox was asked for, and is less than one: its user has to know before relying on it."""
        self.report.sandbox = what
        if sys.__stderr__ is not None:
            print(f"faasify: --sandbox: the kernel does not give this user's workers {what}", file=sys.__stderr__, flush=True)

    def bug(self, error: Exception) -> None:
        """With --debug a bug of ours is shown; without, the report tells of it."""
        if self.settings.debug:
            import traceback

            traceback.print_exception(error)

    def _streams_now(self) -> dict[str, Any] | None:
        """What most calls will say of them; None if that cannot be told yet."""
        try:
            return self.stream_spec()
        except (Untravellable, AttributeError, ValueError):
            return None

    def stream_spec(self) -> dict[str, Any]:
        """How the caller's original streams encode and what they are connected to."""
        spec: dict[str, Any] = {}
        for name, stream in self.world.originals.items():
            if stream is None:  # it was closed at the start
                spec[name] = None
                continue
            if type(stream) is TextIOWrapper and vars(stream).keys() - {"mode"}:
                raise Untravellable(f"sys.{name}, which the program has given attributes")
            spec[name] = {"encoding": stream.encoding, "errors": stream.errors, "isatty": bool(stream.isatty())}
            if name != "stdin":
                spec[name]["line_buffering"] = bool(getattr(stream, "line_buffering", False))
        spec["terminal"] = self.terminal
        return spec

    def output_streams(self) -> dict[int, Any]:
        """Where recorded output goes: 1 and 2 are what sys.stdout and sys.stderr are now, 3 and 4 what they were at the start."""
        return {1: sys.stdout, 2: sys.stderr, 3: self.world.originals["stdout"], 4: self.world.originals["stderr"]}


def _kept_calls(manifest: dict[str, Any]) -> frozenset[tuple[str, int]]:
    """File and line of the calls that a comment keeps here."""
    root, modules = manifest["program"]["root"], manifest["modules"].values()
    return frozenset((join(root, module["file"]), line) for module in modules for line in module.get("kept", ()))


def _terminal_size() -> list[int] | None:
    try:
        return list(os.get_terminal_size(sys.__stdout__.fileno()))  # type: ignore[union-attr]
    except (AttributeError, ValueError, OSError):
        return None
