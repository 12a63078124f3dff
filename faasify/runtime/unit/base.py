"""A snapshot in place in this process, to tell afterwards what a call changed; and, kept, to serve further calls.

Most calls of a function find what the last one found: the same functions, globals, hidden state. Then the caller sends that once, as the
*base* of many calls, and each call brings nothing but its arguments. A base that a call has changed is not the caller's any more: it is
dropped on both sides.

    base = Base(call, dec, state, world)            everything is where the snapshot says
    seen = base.with_arguments(world, nodes)        the base's objects and, after them, those of one call
    base.changed(seen)                              whether a *closed* call has changed anything
    seen.edits(enc), base.changed_globals()         what it has changed

A base is `closed` (the caller says so) if no code that its calls run can reach an object of the library that has a state: then only what
base and arguments hold can have changed. `stores` of a base holds "attributes" if some of its code sets attributes, "globals" if some
binds global names; `apart` are numbers of objects that no closed call can reach. One that `keeps` (the caller says so) changes no built-in
container that it is given: these are neither noted nor compared, and the containers inside a piece are looked for only when they are asked
for. 1 MB of nested dicts there and back takes half of the time then.
"""

from __future__ import annotations

from operator import is_
from types import FunctionType
from typing import Any

from faasify.runtime.unit.before import Before
from faasify.runtime.unit.codec import Decoder, Encoder, World
from faasify.runtime.unit.codes import DELETING
from faasify.runtime.unit.edits import added_again
from faasify.runtime.unit.warning_state import REGISTRY


class Seen:
    """What a call can reach, and what it looked like before."""

    __slots__ = ("_before", "decoder")

    def __init__(self, dec: Decoder, *before: Before) -> None:
        self.decoder, self._before = dec, before

    @property
    def objs(self) -> list[Any]:
        self.decoder.number_all()
        return self.decoder.objs

    def edits(self, enc: Encoder) -> list[list[Any]]:
        """As Before.edits, of base and arguments together."""
        if len(self._before) == 1:
            return self._before[0].edits(enc)
        found = [edit for before in self._before for edit in before.edits(enc)]
        return sorted(found, key=lambda edit: bool(edit[1][0] == "R"))

    def same(self) -> bool:
        return all(before.same() for before in self._before)

    @property
    def fixed(self) -> list[int]:
        return [i for before in self._before for i in before.fixed]

    def arguments_changed(self) -> bool:
        return len(self._before) > 1 and not self._before[1].same()


def noted(world: World) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """The modules' globals, and what they are now."""
    return [(name, vars(module), dict(vars(module))) for name, module in world.modules.items()]


class Base:
    """What calls find."""

    def __init__(self, call: dict[str, Any], dec: Decoder, state: dict[str, Any], world: World) -> None:
        self.call = call
        self.state = state
        self.size = len(dec.objs)
        self.deletes, self.ends_late = _deletes(dec.nodes, world), _ends_late(dec.nodes, world)
        self.pops = _pops(dec.nodes, world)
        self._before = Before.of(dec, world.is_program_class, deletes=self.deletes)
        self.seen = Seen(dec, self._before)
        self.modules = noted(world)
        self.fn = dec.value(call["fn"])
        self.allow = frozenset([*call["allow"], "os.getcwd"])
        self.closed = bool(call.get("closed"))
        self.settings: Any = None  # of the guard, while a kept base is in place
        self.armed: Any = None  # likewise
        self._stores = call.get("stores", ("attributes", "globals"))
        self._keeps = bool(call.get("keeps"))
        self._contents = self._before
        if "attributes" not in self._stores:  # then functions and classes stay what they are
            code = [i for i, obj in enumerate(dec.objs) if issubclass(type(obj), FunctionType | type)]
            self._contents = Before.of(dec, world.is_program_class, [*code, *call.get("apart", ())], deletes=self.deletes)

    def with_arguments(self, world: World, nodes: list[Any]) -> Seen:
        """The base's objects and those of one call."""
        if self._keeps and all(node[0] in _HELD for node in nodes):
            dec = Decoder(world, nodes, self.seen.objs, late=True)
            dec.run()
            return Seen(dec, self._before)
        dec = Decoder(world, nodes, self.seen.objs)
        dec.run()
        return Seen(dec, self._before, Before.of(dec, world.is_program_class, deletes=self.deletes))

    def fill_modules(self) -> None:
        for _, space, before in self.modules:
            space.clear()
            space.update(before)

    def changed(self, seen: Seen) -> bool:
        """Whether a closed call has changed anything."""
        return not self._contents.same() or seen.arguments_changed() or self._modules_changed()

    def _modules_changed(self) -> bool:
        for _, space, before in self.modules:
            if len(space) != len(before):  # also where nothing is stored: a warning leaves its registry behind
                return True
            if self._stores and not all(map(is_, space.values(), before.values())):
                return True
        return False

    def changed_globals(self) -> list[tuple[str, list[str], list[tuple[str, Any]]]]:
        """(module, names removed, names and values bound) of each module that was changed."""
        found = []
        for name, now, before in self.modules:
            again = added_again(before, now)
            bound = [(k, v) for k, v in now.items() if (before.get(k, _MISSING) is not v or k in again) and k not in _OURS]
            removed = [k for k in before if (k not in now or k in again) and k not in _OURS]
            if bound or removed:
                found.append((name, removed, bound))
        return found


def _deletes(nodes: list[Any], world: World) -> bool:
    """Whether code of the call may delete keys of dicts."""
    return any(
        world.codes.deletes(node[1]) if node[0] == "f" else node[0] in ("bm", "bd") and node[2] in DELETING for node in nodes if node
    )


def _pops(nodes: list[Any], world: World) -> bool:
    """Whether code of the call may have sets pop."""
    return any(world.codes.pops(node[1]) if node[0] == "f" else node[0] in ("bm", "bd") and node[2] == "pop" for node in nodes if node)


def _ends_late(nodes: list[Any], world: World) -> bool:
    """Whether a generator or coroutine of the call's may do something when it is let go of."""
    return any(world.codes.may_end_late(node[1]) for node in nodes if node and node[0] == "f")


_MISSING: Any = object()
_HELD = frozenset({"p", "L", "T", "I", "l", "t", "D", "d", "s", "z", "b", "B", "q"})  # tags of built-in containers
END = "\0faasify end"  # behind the globals that were sent: what comes to stand behind it was set by the call
_OURS = (END, REGISTRY)
