"""A snapshot: the bound arguments and everything that the code they reach can see, as one graph.

Which globals go is decided by the real values: code that travels names globals, their values bring more code, until nothing new
is named. A
global that cannot travel is *poison*: the unit ends the call if it is ever looked up. Arguments, cells and the function itself
must travel.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # the C half of `signal`, without enum
import sys
from _signal import default_int_handler, getsignal
from _thread import _count as other_threads
from collections.abc import Iterable
from operator import is_
from sys import exception
from types import ModuleType
from typing import Any

from faasify.runtime.caller.by_identity import compared, first_copied, is_copied
from faasify.runtime.caller.by_text import COMPUTED, FORMATS, NAMING, looks_up_by_text, named_by
from faasify.runtime.caller.library import Library, behind
from faasify.runtime.caller.lifetimes import first_told_of
from faasify.runtime.caller.world import CallerWorld
from faasify.runtime.unit import frames, hidden, wire
from faasify.runtime.unit.before import Before
from faasify.runtime.unit.caches import Cached, is_counted
from faasify.runtime.unit.codec import Encoder, Untravellable, encoded_size
from faasify.runtime.unit.codes import CATCHES_INTERRUPT
from faasify.runtime.unit.generators import EVERY, Drawn
from faasify.runtime.unit.kinds import get_field, is_kind
from faasify.runtime.unit.paths import largest

# State of the caller's interpreter that is not carried.
STAYS = {
    "setrecursionlimit": "sets the recursion limit",
    **dict.fromkeys(("isenabled", "get_threshold", "get_count", "get_stats"), "looks at the collector"),
    "getswitchinterval": "looks at the interpreter's settings",
    "getdefaulttimeout": "looks at the default timeout of sockets",
    "getclosurevars": "looks at what a function names",
    "__subclasses__": "lists the subclasses of a class",
    "getsizeof": "measures objects",
    CATCHES_INTERRUPT: "handles Ctrl-C",
    "__warningregistry__": "looks at which warnings were shown",
    "getrefcount": "counts references",
    "get_referrers": "walks the heap",
    "get_objects": "walks the heap",
}
MODULES_AT_LARGE = frozenset({"modules", "__import__", "import_module"})
READS_TRACEBACK = frozenset(
    {"traceback", "format_exc", "print_exc", "exc_info", "exception", "print_exception", "format_exception", "excepthook", "__traceback__"}
)
CODES_TEXT = frozenset({"encode", "decode", "str", "bytes", "bytearray", "open", "print", "TextIOWrapper", "reconfigure"})
ATTRIBUTES_AT_LARGE = (COMPUTED | {"vars"}) - {"hasattr"}
FIELDS = frozenset({"fields", "__dataclass_fields__"})
COUNTS = frozenset({"cache_info", "cache_clear"})
_SIGNALS = tuple(
    vars(_signal)[name]
    for name in ("SIGINT", "SIGALRM", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGCHLD", "SIGVTALRM", "SIGPROF", "SIGQUIT")
    if name in vars(_signal)
)
_AT_START = tuple(map(getsignal, _SIGNALS))  # before the program begins
_FOR_CTRL_C = frozenset({"asyncio.runners", "asyncio.unix_events", "unittest.signals"})
_SKIP = frozenset({"__builtins__", "__warningregistry__"})
_MISSING: Any = object()


class Unsuitable(Untravellable):
    """The code itself cannot run elsewhere, whatever its values are."""


class Snapshot:
    """What is sent, with the encoder whose objects the result refers to. `drawn`: the global generators that the unit's calls draw from;
    `also`: further functions and classes that belong to it; `bare`: with no more hidden state than a worker
    needs."""

    def __init__(
        self,
        world: CallerWorld,
        library: Library,
        fn: Any,
        pos: list[Any],
        kw: list[tuple[str, Any]],
        environ: Any,
        drawn: Drawn = EVERY,
        also: Iterable[Any] = (),
        bare: bool = False,
    ) -> None:
        self.world = world
        self.enc = enc = Encoder(world)
        self.poison: dict[str, dict[str, str]] = {}
        self.names: set[str] = set()
        self._globals: dict[str, dict[str, Any]] = {}
        self._done: set[tuple[str, str]] = set()
        self.asked: dict[str, set[str]] = {}  # names that were looked for in each module, found or not
        self.whole: set[str] = set()  # modules whose names may be looked up as they come
        self.everything = False  # some code may look at any global
        self._sent: dict[tuple[str, str], Any] = {}
        self._absent: set[tuple[str, str]] = set()  # names that code looks up, and that no module has
        call = {
            "v": wire.VERSION,
            "fn": enc.root(fn),
            "pos": [enc.root(v) for v in pos],
            "kw": [x for k, v in kw for x in (k, enc.root(v))],
        }
        handled = exception()
        call["handled"] = enc.root(handled)
        for obj in also:
            enc.root(obj)
        self._follow()
        self._refuse(handled)
        refs = {node[1] for node in enc.nodes if node[0] == "ref"}
        self.libraries = behind(enc.nodes, library.named_by(self.names))
        self._refuse_library(library)
        self._refs, self._environ, self._drawn = refs, environ, drawn
        call["hidden"] = hidden.least(enc) if bare else hidden.take(enc, self.names, refs, environ, drawn)
        if self._follow():
            self._refuse(handled)
        self.call = {**call, **self._of_modules(), "nodes": enc.finish()}
        self._kept: bytes | None = None

    def _of_modules(self) -> dict[str, Any]:
        """What the unit's modules have: values, poison, and which names were looked for."""
        modules, everything = self.world.modules, self.everything
        return {
            "globals": [[module, [x for k, v in values.items() for x in (k, v)]] for module, values in self._globals.items()],
            # who may look at all names of a module sees them in their order
            "order": [[name, list(vars(module))] for name, module in modules.items()] if everything else [],
            "poison": {module: list(names) for module, names in self.poison.items()},
            "modules": sorted(self._present()),
            "asked": [] if everything else [[name, sorted(self.asked[name])] for name in self.enc.programs if name not in self.whole],
        }

    def _follow(self) -> bool:
        """Encode the globals that the code met so far names, and so on; whether anything was new."""
        enc, world, code, programs, looked, size = self.enc, self.world, 0, 0, 0, -1
        before = len(self._done)
        enc.drain()  # of the hidden state, what it refers to
        while size != (size := len(self._done) + len(self.names)) or code < len(enc.codes) or programs < len(enc.programs):
            while code < len(enc.codes):
                key = enc.codes[code]
                code += 1
                names, all_names = world.codes.names_of(key)
                self.names |= all_names
                if "id" in names and "id" not in vars(world.modules[key.partition(":")[0]]):
                    raise Unsuitable("code that compares id()s")
                if world.codes.asks_for_hash(key):
                    raise Unsuitable("code that asks for a `__hash__`, or keeps one, which may be an address")
                self._roots(key.partition(":")[0], names)
            self._by_value(enc.nodes[looked:])
            looked = len(enc.nodes)
            for name in self._imported():
                if name not in enc.programs:
                    enc.programs.append(name)
            programs = len(enc.programs)
            for name in list(enc.programs):
                self._attributes(name)
            refs = (n[1] for n in enc.nodes if n and n[0] == "ref")
            self.everything = self.everything or looks_up_by_text(self.names, refs, world.mentioned)
            if self.everything:
                for name, module in world.modules.items():
                    self._roots(name, frozenset(vars(module)) - _SKIP)
                if self.poison:
                    module_name, names_of = next(iter(self.poison.items()))
                    raise Untravellable(f"code that may look at any global, and {module_name}.{next(iter(names_of))} cannot travel")
        return len(self._done) != before

    def _by_value(self, nodes: list[Any]) -> None:
        """What code may do by values that are there, without naming it."""
        nodes = [node for node in nodes if node[0] in NAMING]
        self.names.update(name for node in nodes for name in named_by(node) if name)
        if ["ref", "builtins:id"] in nodes or (["ref", "builtins:"] in nodes and "id" in self.names):
            raise Untravellable("code that may compare id()s")
        if self.names & FORMATS:
            self.names |= self.world.codes.every_field()

    def _attributes(self, name: str) -> None:
        """What can be seen of a module that a value refers to: the attributes that code names, all where it may compute the name."""
        module = self.world.modules[name]
        if type(module) is not ModuleType:
            raise Untravellable(f"module {name}, which is no plain module")
        space = vars(module)
        self.everything |= "__dict__" in self.names  # in their order, too
        if self.names & COMPUTED:
            self.whole.add(name)
            self._roots(name, frozenset(space) - _SKIP)
            if name in self.poison:
                raise Untravellable(f"code that may look at any attribute of {name}, and {next(iter(self.poison[name]))} cannot travel")
        else:
            self._roots(name, self.names | {"__getattr__", "__dir__"} | shown_of(module))

    def _imported(self) -> list[str]:
        """Modules of the program that are loaded and that the code met may import."""
        return [name for name in self.world.modules if name != "__main__" and (name in self.names or name.rpartition(".")[2] in self.names)]

    def _present(self) -> set[str]:
        """Modules that an import in the unit finds: the ones reached, and the packages around them."""
        found = set(self.enc.programs)
        for name in list(found):
            while "." in name:
                name = name.rpartition(".")[0]
                if name in self.world.modules:
                    found.add(name)
        return found

    def _roots(self, module: str, names: Any) -> None:
        space = vars(self.world.modules[module])
        self.asked.setdefault(module, set()).update(names)
        for name in sorted(names):
            value = space.get(name, _MISSING)
            if value is _MISSING or (module, name) in self._done:
                if value is _MISSING:
                    self._absent.add((module, name))
                continue
            self._done.add((module, name))
            try:
                wire = self.enc.root(value)
            except Untravellable as e:
                self.poison.setdefault(module, {})[name] = e.why
            else:
                self._globals.setdefault(module, {})[name] = wire
                self._sent[module, name] = value

    def _refuse_library(self, library: Library) -> None:
        """Library state is not carried: where the program changed it, the call runs here."""
        changed = library.difference(self.libraries)
        if changed is not None:
            raise Untravellable(f"{changed}, which the program has changed")
        if "path" in self.names and "sys" in self.libraries | self.names and "sys:path" in self.world.allowed:
            raise Untravellable("code that looks at sys.path")
        self._refuse_compared()
        looks = bool(self.names & MODULES_AT_LARGE)
        made = library.made_by_hand() if looks or "sys:modules" in self.world.allowed else []
        if looks and made:
            raise Untravellable("code that looks for modules, some of which were made by hand")
        if imported := self.names.intersection(made):
            raise Untravellable(f"the module {min(imported)}, which was made by hand")

    def _refuse_compared(self) -> None:
        """The identity of plain values is not carried: where the program compares it, they stay."""
        asked = self.world.compared
        if asked.literal and compared(map(self.world.codes.plain_of, self.enc.codes)).literal:
            raise Unsuitable("code that compares a literal by identity")
        for (module, name), value in self._sent.items() if asked.names else ():
            if name in asked.names and is_copied(value):
                raise Untravellable(f"{module}.{name}, a {type(value).__name__} whose identity the program compares")
        if asked.attributes and (found := first_copied(self.enc.objs, asked.attributes)) is not None:
            raise Untravellable(f"the attribute {found}, whose identity the program compares")

    def largest(self, arguments: dict[str, Any]) -> str:
        """The path to what takes the most room in the message."""
        sent = {f"{module}.{name}": value for (module, name), value in self._sent.items()}
        return largest({**arguments, **sent}, lambda value: encoded_size(self.world, value))

    @property
    def objs(self) -> list[Any]:
        """What the nodes of a result refer to."""
        return self.enc.objs

    def sent_to(self, channel: Any) -> int:
        """Send it; the number of bytes."""
        payload = self._kept or without_addresses(wire.dumps(self.call))
        channel.send(frames.CALL, payload)
        return wire.size(payload)

    def kept(self) -> bytes:
        """What is sent, from now on: buffers, too, as they are at this moment."""
        if self._kept is None:
            self._kept = wire.joined(without_addresses(wire.dumps(self.call)))
        return self._kept

    def seen(self) -> Before:
        """Every object as it is now, to tell at the commit whether it still is."""
        return Before(self.enc.objs, self.world.is_program_class)

    def holds(self, seen: Before) -> bool:
        """Whether every object still looks like that, and every global that was sent is still the object that was sent."""
        return seen.same() and self.globals_unchanged()

    def hidden_now(self, enc: Encoder) -> Any:
        """As it was sent, the hidden state of this moment."""
        return hidden.take(enc, self.names, self._refs, self._environ, self._drawn)

    def changed_globals(self, enc: Encoder) -> list[Any]:
        """[[module, removed, kv*], ...] of the globals that were sent, or were not there, and are others now."""
        changed: dict[str, tuple[list[str], list[Any]]] = {}
        for (module, name), value in list(self._sent.items()):
            now = vars(self.world.modules[module]).get(name, _MISSING)
            if now is not value:
                removed, pairs = changed.setdefault(module, ([], []))
                if now is _MISSING:
                    removed.append(name)
                    self._absent.add((module, name))
                    del self._sent[module, name]
                else:
                    pairs += [name, enc.root(now)]
                    self._sent[module, name] = now
        for module, name in [key for key in self._absent if key[1] in vars(self.world.modules[key[0]])]:
            self._absent.remove((module, name))
            self._sent[module, name] = now = vars(self.world.modules[module])[name]
            changed.setdefault(module, ([], []))[1].extend((name, enc.root(now)))
        return [[module, *parts] for module, parts in changed.items()]

    def globals_unchanged(self) -> bool:
        """Whether every global that was sent is still the object that was sent."""
        spaces = self.world.modules
        return all(vars(spaces[module]).get(name, _MISSING) is value for (module, name), value in self._sent.items()) and not any(
            name in vars(spaces[module]) for module, name in self._absent
        )

    def _refuse(self, handled: Any) -> None:
        if handles_signals():
            raise Untravellable("a signal handler of the program may interrupt the call")
        if self.world.extends_codecs and self.names & CODES_TEXT:
            raise Untravellable("code that may use what the program registered with codecs")
        if self.world.tells_of_ends and (obj := first_told_of(self.enc.objs)) is not None:
            raise Untravellable("an object of whose end the program is told (weakref)", obj)
        if self.world.spells_hash and self.names & ATTRIBUTES_AT_LARGE:
            raise Unsuitable("code that may ask by a text for a `__hash__`, which may be an address")
        if "dataclasses" in self.world.imports and "type" in self.names and self.names & FIELDS:
            raise Untravellable("code that may look at the types of a dataclass's fields")
        for name in self.names & STAYS.keys():
            raise Unsuitable(f"code that {STAYS[name]}")
        if self.names & COUNTS and not all(is_counted(obj) for obj in self.enc.objs if type(obj) is Cached):
            raise Untravellable("code that asks how often a cache was asked")
        if other_threads() and any(type(obj) is Cached for obj in self.enc.objs):
            raise Untravellable("a function with a cache, which other threads may ask meanwhile")
        if self.names & READS_TRACEBACK or any(n[0] == "ref" and n[1].startswith("traceback:") for n in self.enc.nodes if n):
            if handled is not None:
                raise Untravellable("code that looks at the traceback being handled")
            for obj in self.enc.objs:
                if is_kind(obj, BaseException) and get_field(obj, "__traceback__") is not None:
                    raise Untravellable("code that looks at tracebacks, and at an exception that has one", obj)


def without_addresses(payload: bytes | list[Any]) -> bytes | list[Any]:
    if wire.has_address(payload):
        raise Untravellable("a text with the address of an object")
    return payload


def shown_of(module: ModuleType) -> set[str]:
    """What `repr` of a module reads: the file, and the `__spec__` where that says something else (`python -m`)."""
    space = vars(module)
    spec, file = space.get("__spec__"), space.get("__file__")
    plain = spec is None or file is None or (getattr(spec, "name", None) == module.__name__ and getattr(spec, "origin", None) == file)
    return {"__file__"} if plain else {"__file__", "__spec__"}


def handles_signals() -> bool:
    """Whether there is a handler that may run while a call is out, and see what is not done yet or end it; the interpreter's own, which
    Ctrl-C calls, and those by which a library waits for that apart."""
    if "signal" not in sys.modules:
        return False
    return not all(map(is_, map(getsignal, _SIGNALS), _AT_START)) and any(map(_may_interfere, map(getsignal, _SIGNALS)))


def _may_interfere(handler: Any) -> bool:
    function = getattr(handler, "func", handler)  # asyncio's is a partial
    return callable(handler) and handler is not default_int_handler and getattr(function, "__module__", "") not in _FOR_CTRL_C
