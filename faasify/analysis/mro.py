"""The classes of a line, in the order in which a name is looked for: bases may be learnt late, and look-ups are made again then.

class A(B, C)      order: app.A, app.B, app.C, builtins:object
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from faasify.analysis.state import State
from faasify.analysis.values import UNKNOWN, Cls, Lib, Obj

UNKNOWN_BASE = "?"


def order(state: State, cls: str) -> tuple[str, ...]:
    """The MRO: program classes by name, library classes by path, `?` for a base that nothing resolves; C3, or depth first."""
    if cls not in state.orders:
        state.orders[cls] = (cls,)  # a circle (a class that inherits from its own name) ends here
        parents = bases_of(state, cls)
        state.orders[cls] = (cls, *_merge([list(order(state, p)) if p in state.bases else [p] for p in parents] + [parents]))
        state.ordered.append(cls)
    return state.orders[cls]


def classes_changed(state: State, cls: str) -> None:
    """A base or a name of the class was learnt: what was looked up in it, or below it, is to be looked up again."""
    state.changed_classes[cls] = None


def may_have_library_base(state: State, cls: str) -> bool:
    """Whether the class inherits from anything but classes of the program, or from something that is not known yet."""
    now = order(state, cls)
    if state.own_based.get(cls) is now:
        return False
    waiting, seen = [cls], {cls}
    while waiting:
        for node in state.bases.get(waiting.pop(), ()):
            values = state.graph.at(node)
            if not values or not all(isinstance(value, Cls) for value in values):
                return True
            new = [value.name for value in values if isinstance(value, Cls) and value.name not in seen]
            seen.update(new)
            waiting += new
    state.own_based[cls] = now
    return False


def each_below(state: State, cls: str, use: Callable[[str], None]) -> None:
    """`use(name)` for every class that inherits from `cls`, also for those that are learnt later."""
    used: set[str] = set()

    def look() -> None:
        for sub in state.below(cls):
            if sub not in used:
                used.add(sub)
                use(sub)

    state.wanted_below.setdefault(cls, []).append(look)
    look()


def look_again(state: State) -> bool:
    """Once for all classes that have changed, when there is nothing else to do; whether there is now."""
    changed = list(state.changed_classes)
    state.changed_classes.clear()
    state.virtual.clear()
    if changed:
        state.accessors.clear()
        state.accessor_news += 1
    affected = dict.fromkeys(name for cls in changed for name in (cls, *state.below(cls)))
    for name in affected:
        state.orders.pop(name, None)
    for name in affected:
        for again in list(state.wanted.get(name, ())):
            again()
    for name in dict.fromkeys(base for cls in changed for base in order(state, cls)):
        for again in list(state.wanted_below.get(name, ())):
            again()
    deferred, state.deferred = state.deferred, []
    for once in deferred:
        once()
    for cls in list(state.bases) if state.fitting else ():
        order(state, cls)
    return bool([query for query in list(state.queries) if query()] or changed or deferred)


@dataclass(slots=True, eq=False)
class Fitting:
    """The classes of the program for which something holds, found once for all that ask."""

    state: State
    fits: Callable[[str], bool]
    found: dict[str, None] = field(default_factory=dict)
    users: list[Callable[[str], None]] = field(default_factory=list)
    judged: int = 0  # of `ordered`: how many

    def look(self) -> bool:
        """Whether there are more of them than there were."""
        ordered = self.state.ordered
        changed, self.judged = dict.fromkeys(ordered[self.judged :]), len(ordered)
        new = [cls for cls in changed if cls not in self.found and self.fits(cls)]
        self.found.update(dict.fromkeys(new))
        for cls in new:
            for use in list(self.users):
                use(cls)
        return bool(new)


def each_fitting(state: State, key: tuple[str, ...], fits: Callable[[str], bool], use: Callable[[str], None]) -> None:
    """`use(name)` for every class of the program that `fits`, when it is known what classes inherit, also for those that are learnt later.
    All that ask with one key ask the same: a large program has thousands of them, and of classes."""
    fitting = state.fitting.get(key)
    if fitting is None:
        fitting = state.fitting[key] = Fitting(state, fits)
        state.queries.append(fitting.look)
    fitting.users.append(use)
    for cls in list(fitting.found):
        use(cls)


def each_below_library(state: State, base: str, use: Callable[[str], None]) -> None:
    """`use(name)` for every class of the program that has this class of a library in its order."""
    each_fitting(state, ("below", base), lambda cls: base in order(state, cls), use)


def when_bases_are_known(state: State, cls: str, use: Callable[[], None]) -> None:
    """Now, or when there is nothing else to do: `class C(enum.Enum)` is lowered before anybody has looked what `enum.Enum` is."""
    along = order(state, cls)
    known, nodes = state.bases_along.get(cls, (None, ()))
    if known is not along:
        nodes = tuple(node for c in along for node in state.bases.get(c, ()))
        state.bases_along[cls] = along, nodes
    if state.changed_classes.keys().isdisjoint(along) and state.graph.are_told(nodes):
        use()
    else:
        state.deferred.append(use)


def find_stored(state: State, cls: str, name: str, use: Callable[[int], None], *, after: str = "", extra: tuple[str, ...] = ()) -> None:
    """`use(node)` for `name` as stored in the first class of the order that has it, and again when the order grows.

    `after`: only classes behind that one count (super); `extra` are tried last."""
    used: list[int] = []

    def look() -> None:
        along = order(state, cls)
        along = along[along.index(after) + 1 :] if after in along else along
        node = _stored(state, (*along, *extra), name)
        if node is not None and node not in used:
            used.append(node)
            use(node)

    when_ordered(state, cls, look)


def when_ordered(state: State, cls: str, look: Callable[[], None]) -> None:
    """Now, and again whenever the order of the class has changed."""
    state.wanted.setdefault(cls, []).append(look)
    look()


@dataclass(slots=True, eq=False)
class _Stored:
    """Looks for what a class has under a name. Large programs have a hundred thousand of these: no closures."""

    state: State
    cls: str
    name: str
    into: int

    def __call__(self) -> None:
        node = _stored(self.state, order(self.state, self.cls), self.name)
        if node is not None:
            self.state.graph.edge(node, self.into)


def stored(state: State, cls: str, name: str) -> int:
    """The node of `name` as a class of the program has it, or the first one that it inherits from and that has it."""
    found = state.stored.get((cls, name))
    if found is None:
        found = state.stored[cls, name] = state.graph.node()
        when_ordered(state, cls, _Stored(state, cls, name, found))
    return found


def _stored(state: State, along: tuple[str, ...], name: str) -> int | None:
    for index, cls in enumerate(along):
        if cls == UNKNOWN_BASE:
            return state.static(UNKNOWN)
        if cls in state.bases:
            if name in state.class_names.get(cls, ()):
                own = state.node("var", cls, name)
                return _or_inherited(state, own, along[index:], name) if name in state.deleted.get(cls, ()) else own
        elif (found := state.catalogue.member(cls, name)) is not None:
            return state.static(Lib(found.path))
        elif state.catalogue.find(cls) is None:
            return state.static(Lib(f"{cls}.{name}"))  # an undescribed base may have it
    return None


def _or_inherited(state: State, own: int, along: tuple[str, ...], name: str) -> int | None:
    """`del C.name`: what C had, or what stands behind it."""
    inherited = _stored(state, along[1:], name)
    if inherited is None:
        return own
    either = state.node("stored", *along, name)
    state.graph.edge(own, either)
    state.graph.edge(inherited, either)
    return either


def is_subclass(state: State, cls: str, base: str) -> bool:
    """Whether a program class inherits from a library class, as far as bases and stubs tell."""
    for name in order(state, cls):
        if name == base or (":" in name and any(described.path == base for described in state.catalogue.ancestry(name))):
            return True
    return False


def bases_of(state: State, cls: str) -> list[str]:
    """Direct bases; a base that may be one of two classes counts as both."""
    found: list[str] = []
    for node in state.bases.get(cls, ()):
        for value in state.graph.at(node):
            match value:
                case Cls(name=name):
                    found.append(name)
                case Lib(path=path):
                    described = state.catalogue.find(path)
                    found.append(described.path if described is not None else path)
                case Obj(cls="builtins:type", site=site):
                    found.append("builtins:tuple")  # namedtuple(...) and its like
                    if (names := state.records.get(site)) is not None:
                        state.record_bases.setdefault(cls, {})[names] = None
                case _:
                    found.append(UNKNOWN_BASE)
    return [name for name in dict.fromkeys(found) if name != cls]


def _merge(sequences: list[list[str]]) -> list[str]:
    """C3; where no order fits (the program would fail), what is left in the order it comes."""
    merged: list[str] = []
    sequences = [s for s in sequences if s]
    while sequences:
        tails = {name for s in sequences for name in s[1:]}
        head = next((s[0] for s in sequences if s[0] not in tails), sequences[0][0])
        merged.append(head)
        sequences = [rest for s in sequences if (rest := [name for name in s if name != head])]
    return merged


def described_order(state: State, cls: str) -> set[str]:
    """The classes that a class of the program inherits from, with those that the stubs say a library's inherit from in turn."""
    along = order(state, cls)
    return {*along, *(described.path for base in along if ":" in base for described in state.catalogue.ancestry(base))}
