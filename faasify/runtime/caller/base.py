"""What the calls of one function have in common, sent once: function, globals, hidden state (the unit's side is unit/base.py).

    bases = Bases(binding)
    brief = bases.brief(fn, pos, kw, depth)    a call on a base that holds, or None: then it is sent whole, and
    bases.met(snapshot, pos, kw)               learns from that

A base is made when a function is called for the second time with arguments of those types. It holds as long as everything that a whole
snapshot would look at is as it was; that is looked at before each call (`Watch`), so nothing stale is ever seen. Where it did not hold, or
a call changed it, the next one is tried after twice as many whole calls.
"""

from __future__ import annotations

import builtins
import sys
import weakref
from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import count
from operator import itemgetter
from os import getcwd
from sys import exception, getrecursionlimit
from types import CodeType, FunctionType
from typing import Any

from faasify.runtime.caller import closed
from faasify.runtime.caller.library import behind
from faasify.runtime.caller.lifetimes import first_told_of
from faasify.runtime.caller.snapshot import MODULES_AT_LARGE, READS_TRACEBACK, Snapshot, handles_signals, without_addresses
from faasify.runtime.caller.watch import Unwatchable, Watch
from faasify.runtime.unit import callstack, environment, frames, logging_state, numpy_hidden, warning_state, wire
from faasify.runtime.unit.before import Before
from faasify.runtime.unit.codec import PLAIN_OR_FLOAT, Encoder, Untravellable, encoded_size
from faasify.runtime.unit.paths import largest

KEYS = 4  # bases of one function, for arguments of different types
KEPT = 64  # bases that a worker keeps
PATIENCE = 1024  # whole calls between two attempts to make a base
_CARRIED = {"argv", "environ", "cwd", "warnings", numpy_hidden.KEY}  # hidden state that a base can hold
_BY_STATEMENTS = frozenset({"__build_class__", "__import__"})  # builtins that code asks for without naming them
_STATEFUL = ("random", "decimal", "numpy")  # as unit/hidden.py looks for them
_STREAMS = frozenset({"print", "input", "stdout", "stderr", "stdin"})
_MISSING: Any = object()
_numbers = count(1)


class Base:
    """A snapshot without arguments, and how to tell whether it holds. Raises Unwatchable, Untravellable."""

    def __init__(self, unit: Any, fn: Any, also: list[weakref.ref[Any]]) -> None:
        self.runtime = runtime = unit.runtime
        world = runtime.world
        self.version, self._also, self._drawn = world.version, also, unit.drawn
        self.lost = False
        concurrent = runtime.concurrent()  # before anything is looked at: a thread may end meanwhile
        snapshot = self._snapshot(fn, bare=True)
        self.closed = self._facts(snapshot).closed and closed.closed_nodes(snapshot.call["nodes"])
        if not self.closed:
            snapshot = self._snapshot(fn, bare=False)
        call, facts = snapshot.call, self._facts(snapshot)
        found = wire.dumps(call) if concurrent else None
        holds = set(call["hidden"]) <= _CARRIED and warning_state.is_plain(call["hidden"].get("warnings"))
        if not holds or snapshot.everything or snapshot.whole or snapshot.names & MODULES_AT_LARGE:
            raise Unwatchable("code that looks at more than a base can hold")
        if call["handled"] is not None or not callstack.ASKS.isdisjoint(snapshot.names):
            raise Unwatchable("code that may look at its callers, or a call while an exception is handled")
        if not READS_TRACEBACK.isdisjoint(snapshot.names) or "traceback" in snapshot.libraries:
            raise Unwatchable("code that may look at the traceback of an argument")
        self.names, self.libraries = snapshot.names, snapshot.libraries - {"builtins"}
        self._asked = [(name, sorted(names - snapshot.poison.get(name, {}).keys())) for name, names in snapshot.asked.items()]
        self._watch = Watch(self._roots(fn), world)
        self.size = len(snapshot.enc.objs)
        self._at = self._watch.settle(snapshot.enc.objs)
        apart = [i for i, at in enumerate(self._at) if at is None]
        if [[i] for i in apart] != ([call["hidden"]["argv"]] if self.closed else []):
            raise Unwatchable("objects that are made anew each time")
        self.timeless = self.closed or closed.timeless(snapshot.libraries, snapshot.names, self._codes(snapshot))  # T5
        self._environ = environment.now()
        self._loaded = _loaded()
        self._by_hand = self._made_by_hand()
        self._cwd, self._filters = call["hidden"].get("cwd"), warning_state.in_force()
        self._numpy = {name: value for name, value in call["hidden"].items() if name == numpy_hidden.KEY}
        self._streams = runtime.stream_spec()
        self._alone = self.closed and not (facts.warns or closed.may_warn(call["nodes"]) or snapshot.names & _STREAMS)
        self.builtins_of = itemgetter(*self._asked_builtins(call["nodes"]))
        self.builtins = self.builtins_of(vars(builtins))
        self.builtins_count = len(vars(builtins))
        if found is not None and wire.dumps(self._snapshot(fn, bare=self.closed).call) != found:
            raise Unwatchable("what other threads change meanwhile")
        self.number = next(_numbers)
        call.update(unit=unit.name, id=self.number, apart=apart, closed=self.closed, stores=_stores(facts, call["nodes"]))
        call["keeps"] = self.closed and _keeps(facts, call["nodes"])
        call.update(streams=self._streams, allow=sorted(runtime.allow), limit=getrecursionlimit(), depth=0, callers=[])
        self.payload = without_addresses(wire.dumps(call))

    def _roots(self, fn: Any) -> list[Any]:
        modules, found = self.runtime.world.modules, [fn] if self.closed else [fn, sys.argv]
        if self._also:
            found += [ref() for ref in self._also]
        for name, names in self._asked:
            get = vars(modules[name]).get
            found += [get(n, _MISSING) for n in names]
        return found

    def _snapshot(self, fn: Any, *, bare: bool) -> Snapshot:
        runtime, living = self.runtime, [ref() for ref in self._also]
        also = [obj for obj in living if obj is not None]
        return Snapshot(runtime.world, runtime.library, fn, [], [], runtime.environ, self._drawn, also, bare)

    def _made_by_hand(self) -> list[str] | None:
        """Modules that an import finds here and not there."""
        return self.runtime.library.made_by_hand() if "sys:modules" in self.runtime.world.allowed else None

    def _facts(self, snapshot: Snapshot) -> closed.Facts:
        return closed.facts(self._codes(snapshot))

    def _codes(self, snapshot: Snapshot) -> list[CodeType]:
        return [self.runtime.world.codes.plain_of(key) for key in snapshot.enc.codes]

    def _asked_builtins(self, nodes: list[Any]) -> list[str]:
        """Those that the code names. What the library has generated for a class may ask for any."""
        if not self.closed or any(node[0] in ("cp", "mk") or _is_generated(node) for node in nodes):
            return sorted(vars(builtins))
        modules = self.runtime.world.modules
        absent = {name for module, names in self._asked for name in names if name not in vars(modules[module])}
        return sorted(absent | _BY_STATEMENTS if absent <= vars(builtins).keys() else vars(builtins))

    def look(self, fn: Any) -> list[Any] | None:
        """The base's objects, for `known`, if all that it describes is as it was. Raises Untravellable."""
        runtime = self.runtime
        if runtime.world.version != self.version or exception() is not None or not warning_state.unchanged(self._filters):
            return None
        if self._by_hand != self._made_by_hand() or handles_signals() or not (self._alone or self._surroundings_unchanged()):
            return None
        found = self._watch.look(self._roots(fn)) if runtime.library.difference(self.libraries) is None else None
        return None if found is not None and runtime.world.tells_of_ends and first_told_of(found) is not None else found

    def _surroundings_unchanged(self) -> bool:
        """What does not belong to the program's objects, where code can come to depend on it."""
        runtime, originals = self.runtime, self.runtime.world.originals
        if sys.stdout is not originals["stdout"] or sys.stderr is not originals["stderr"] or sys.stdin is not originals["stdin"]:
            return False
        if runtime.stream_spec() != self._streams:
            return False
        enc = Encoder(runtime.world)
        if not warning_state.is_plain(warning_state.take(enc), registries=self.closed):
            return False
        if not (self.closed or logging_state.take(enc) is None):
            return False
        return self.closed or self._process_unchanged()

    def _process_unchanged(self) -> bool:
        try:
            same = environment.unchanged(self._environ) and _loaded() == self._loaded
            return same and numpy_hidden.take() == self._numpy and (self._cwd is None or getcwd() == self._cwd)
        except (OSError, Untravellable):
            return False

    def frames_for(self, channel: Any) -> list[tuple[int, Any]]:
        """What has to be sent before a call on it to a worker that does not have it yet; it is taken down as sent."""
        kept: dict[int, Base] = channel.bases
        if self.number in kept:
            return []
        drop = [number for number, base in kept.items() if base.lost] or list(kept)[: len(kept) // KEPT]
        for number in drop:
            del kept[number]
        kept[self.number] = self
        return [*([(frames.DROP, wire.dumps_plain(drop))] if drop else ()), (frames.BASE, self.payload)]

    def sent_to(self, channel: Any) -> int:
        """Send it where the worker does not have it yet; the number of bytes."""
        size = 0
        for kind, payload in self.frames_for(channel):
            channel.send(kind, payload)
            size += wire.size(payload)
        return size

    def known(self, found: list[Any]) -> list[Any]:
        """The objects of the base's node table, from what `look` found."""
        return [found[at] if at is not None else _NOBODYS for at in self._at]


def _keeps(facts: closed.Facts, nodes: list[Any]) -> bool:
    """Whether closed code leaves built-in containers as they are that it is given. What it does by names that it knows otherwise is told by
    the nodes; what the library has generated is not looked into; a class that makes its instances itself may give C code, which fills them,
    what it was given."""
    return not facts.changes and not any(
        (node[0] in ("bm", "bd") and node[2] in closed.CHANGING)
        or node[0] in ("cp", "mk")
        or _is_generated(node)
        or (node[0] == "C" and "__new__" in node[6][::2])
        for node in nodes
    )


def _stores(facts: closed.Facts, nodes: list[Any]) -> list[str]:
    """As told of the code; the methods that `dataclass` generates set attributes, of whatever they are given."""
    return sorted({*facts.stores, "attributes"}) if any(map(_is_generated, nodes)) else facts.stores


def _is_generated(node: list[Any]) -> bool:
    """A class some of whose methods the library has generated."""
    return node[0] == "C" and node[9] is not None


def _loaded() -> list[bool]:
    """Which of the modules that have hidden state are there."""
    return [name in sys.modules for name in _STATEFUL]


_NOBODYS = object()  # stands for what no argument of a closed call can be: then it is sent as what it is now


class Brief:
    """A call on a base, as it is sent: the counterpart of a Snapshot. Raises Untravellable, and Unwatchable where the base does not do."""

    def __init__(self, base: Base, fn: Any, found: list[Any], pos: list[Any], kw: list[tuple[str, Any]], depth: int) -> None:
        self.base, self.fn, self._found, self._depth = base, fn, found, depth
        self.names = base.names
        self._enc: Encoder | None = None
        self._nodes: list[Any] | None = None  # None: all arguments are plain
        self._pos, self._kw = pos, [x for pair in kw for x in pair]
        if not (plain(pos) and plain(self._kw)):
            self._encode()

    def _encode(self) -> None:
        enc = self.enc
        self._pos, self._kw = [enc.root(v) for v in self._pos], [enc.root(v) for v in self._kw]
        self._nodes = enc.finish()
        if self.base.runtime.world.tells_of_ends and first_told_of(enc.objs) is not None:
            raise Unwatchable("an object of whose end the program is told")
        new = behind(self._nodes) - {"builtins"}
        if not new <= self.base.libraries and self.base.runtime.library.difference(new) is not None:
            raise Unwatchable("arguments whose library has been changed")
        if enc.codes or enc.programs or not closed.harmless_values(self._nodes):
            raise Unwatchable("arguments that bring code or parts of the library")
        if self.base.closed and (closed.may_warn(self._nodes) or not closed.closed_nodes(self._nodes)):  # the base is without hidden state
            raise Unwatchable("arguments that lead out of what is closed")

    @property
    def enc(self) -> Encoder:
        if self._enc is None:
            self._enc = Encoder(self.base.runtime.world, self.base.known(self._found))
        return self._enc

    @property
    def objs(self) -> list[Any]:
        """What the nodes of a result refer to."""
        return self.enc.objs

    @cached_property
    def payload(self) -> Any:
        """What is sent of it, the base apart: bytes, or a list of them."""
        call: list[Any] = [self.base.number, self._depth, getrecursionlimit()]
        if self._nodes is None:  # the same bytes as quick.py sends
            return without_addresses(wire.dumps_plain([*call, tuple(self._pos), tuple(self._kw), None]))
        return without_addresses(wire.dumps([*call, self._pos, self._kw, self._nodes]))

    def sent_to(self, channel: Any) -> int:
        """Send it, and the base where the worker does not have it yet; the number of bytes."""
        base = self.base
        size = base.sent_to(channel)
        channel.send(frames.BRIEF, self.payload)
        return size + wire.size(self.payload)

    def kept(self) -> bytes:
        """What is sent, from now on: buffers, too, as they are at this moment."""
        kept = wire.joined(self.payload)
        self.payload = kept
        return kept

    def largest(self, arguments: dict[str, Any]) -> str:
        """The path to what takes the most room in the message."""
        return largest(arguments, lambda value: encoded_size(self.base.runtime.world, value))

    def seen(self) -> Before:
        """The arguments' objects as they are now; the base tells of itself."""
        new = [] if self._nodes is None else self.objs[self.base.size :]
        return Before(new, self.base.runtime.world.is_program_class)

    def holds(self, seen: Before) -> bool:
        return seen.same() and self.base.look(self.fn) is not None


def plain(values: Sequence[Any]) -> bool:
    """Whether these are values that are carried as they are, whose identity nobody is promised (C5)."""
    kinds = set(map(type, values))
    return kinds <= PLAIN_OR_FLOAT and (float not in kinds or all(v == v for v in values))


class _Entry:
    """The base for arguments of some types, or how long until the next one is tried."""

    def __init__(self) -> None:
        self.base: Base | None = None
        self.quick: Any = None
        self.also: list[weakref.ref[Any]] = []
        self.whole = self.good = 0
        self.wait = 1

    def lose(self) -> None:
        self.wait = 1 if self.good >= 2 * self.wait else min(2 * self.wait, PATIENCE)
        if self.base is not None:
            self.base.lost = True
        self.base, self.quick, self.whole, self.good = None, None, 0, 0


class Bases:
    """Of one function object, which they do not keep alive."""

    def __init__(self, unit: Any, quick: Callable[[Base], Any]) -> None:
        self._runtime, self._unit, self._quick = unit.runtime, unit, quick
        self.plain = _Entry()
        self._entries: dict[tuple[int, ...], _Entry] = {}

    def brief(self, fn: Any, pos: list[Any], kw: list[tuple[str, Any]], depth: int) -> Brief | None:
        """The call on a base, or None where none holds. Raises Untravellable for an argument that cannot travel."""
        entry = self._entry(pos, kw)
        try:
            if entry.base is None:
                if entry.whole < entry.wait or not self._runtime.world.keeps_bases:
                    return None
                self._begin(entry, fn)
            base = entry.base
            found = base.look(fn) if base is not None else None
            if base is not None and found is not None:
                brief = Brief(base, fn, found, pos, kw, depth)
                entry.good += 1
                return brief
        except (Unwatchable, Untravellable):  # the latter is raised again when it is sent whole
            pass
        entry.lose()
        return None

    def _begin(self, entry: _Entry, fn: Any) -> Base:
        entry.base = base = Base(self._unit, fn, entry.also)
        if entry is self.plain:
            entry.quick = self._quick(base)
        return base

    def at_once(self, fn: Any) -> Any:
        """The short way for calls with plain arguments, if there is one, also before the first of them."""
        entry = self.plain
        if entry.base is None and entry.wait == 1 and self._runtime.world.keeps_bases:
            try:
                self._begin(entry, fn)
            except (Unwatchable, Untravellable):
                entry.lose()
        return entry.quick

    def early(self, fn: Any, pos: list[Any], kw: list[tuple[str, Any]], depth: int) -> Brief | None:
        """As `brief`, for a call that may be made later; what it cannot do is met then."""
        entry = self._entry(pos, kw)
        try:
            if entry.base is None and entry.whole >= entry.wait and self._runtime.world.keeps_bases:
                self._begin(entry, fn)
            base = entry.base
            found = base.look(fn) if base is not None and base.timeless else None
            brief = Brief(base, fn, found, pos, kw, depth) if base is not None and found is not None else None
            return brief if brief is not None and brief.payload else None
        except (Unwatchable, Untravellable):
            return None

    def met(self, snapshot: Snapshot, pos: list[Any], kw: list[tuple[str, Any]]) -> None:
        """A call was sent whole: remember what its arguments brought."""
        entry = self._entry(pos, kw)
        entry.whole += 1
        if entry.whole == entry.wait:
            program = self._runtime.world.is_program_class
            found = ((obj, type(obj)) for obj in snapshot.enc.objs)
            code = (obj for obj, kind in found if kind is FunctionType or (issubclass(kind, type) and program(obj)))
            entry.also = [weakref.ref(obj) for obj in code]

    def lost(self, brief: Brief) -> None:
        """A call has changed its base."""
        for entry in (self.plain, *self._entries.values()):
            if entry.base is brief.base:
                entry.lose()

    def _entry(self, pos: list[Any], kw: list[tuple[str, Any]]) -> _Entry:
        if not kw and plain(pos):
            return self.plain
        key = tuple(map(id, map(type, [*pos, *(v for _, v in kw)])))
        entry = self._entries.get(key)
        if entry is None:
            if len(self._entries) >= KEYS:
                del self._entries[next(iter(self._entries))]
            entry = self._entries[key] = _Entry()
        return entry
