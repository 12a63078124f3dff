"""What an object hangs from: the variables through which somebody else can see what is done to it, and where it may have been put.

def f(xs, box):
    row = xs[0]         row hangs from (app.f, xs), in part
    box.rows = row      what hangs so is put into ("rows", app.Box)

In a large program an object may hang from a thousand variables, and thousands of objects hang from the same: a set of them is the bits of
a number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

Root = tuple[str, str]
"""(scope, name): a parameter or local of a function, or a module's global."""
Holds = int
"""A set of roots, by the numbers of Roots: bit 2n is the object of root n itself, bit 2n + 1 a part of it."""
Place = tuple[str, str]
"""What is put where: ("", site) elements of a container, (attribute, class) a field."""

_PLACES = 400  # where one object may be put; beyond that, analysis has lost sight of it anyway
_OWN = 256  # variables that a scope may have for itself
_FEW = 6  # bits that are looked for one by one


class Roots:
    """Their numbers. What only its own scope knows has a small number, which variables of other scopes have as well: a number stays short.

    >>> roots = Roots()
    >>> xs = roots.own(("app.f", "xs"))
    >>> [(roots.root(each, "app.f"), roots.is_part(each)) for each in roots.each(xs | roots.deep(xs))]
    [(('app.f', 'xs'), False), (('app.f', 'xs'), True)]
    """

    def __init__(self) -> None:
        self._numbers: dict[Root, int] = {}
        self._roots: list[Root] = []  # those that several scopes know
        self._own: dict[str, list[Root]] = {}  # by scope: those that nobody else knows
        self._of_scope: dict[str, Holds] = {}
        self.themselves: Holds = 0  # every even bit that is in use

    def hold(self, root: Root) -> Holds:
        """Of a variable that other scopes may know."""
        number = self._numbers.get(root)
        if number is None:
            number = self._new(root, _OWN + len(self._roots))
            self._roots.append(root)
        return 1 << 2 * number

    def own(self, root: Root) -> Holds:
        """Of a variable that only its own scope knows."""
        number = self._numbers.get(root)
        if number is None:
            own = self._own.setdefault(root[0], [])
            if len(own) == _OWN:
                return self.hold(root)
            number = self._new(root, len(own))
            own.append(root)
        return 1 << 2 * number

    def _new(self, root: Root, number: int) -> int:
        self._numbers[root] = number
        self._of_scope[root[0]] = self._of_scope.get(root[0], 0) | 3 << 2 * number
        self.themselves |= 1 << 2 * number
        return number

    def known_to_all(self, holds: Holds) -> Holds:
        """Those that several scopes know."""
        return holds >> 2 * _OWN << 2 * _OWN

    def of(self, scope: str) -> Holds:
        """All roots of a scope, and their parts."""
        return self._of_scope.get(scope, 0)

    def deep(self, holds: Holds) -> Holds:
        """Parts of these, and of what has them as parts."""
        themselves = holds & self.themselves
        return themselves << 1 | holds ^ themselves

    def each(self, holds: Holds) -> Iterator[int]:
        """The numbers of the bits."""
        if holds.bit_count() <= _FEW:
            while holds:
                number = (holds & -holds).bit_length() - 1
                yield number
                holds ^= 1 << number
            return
        bits = bin(holds)[:1:-1]
        number = bits.find("1")
        while number >= 0:
            yield number
            number = bits.find("1", number + 1)

    def root(self, number: int, scope: str) -> Root:
        """What a scope, or one that knows nothing of its own, means by the number."""
        index = (number >> 1) - _OWN
        return self._roots[index] if index >= 0 else self._own[scope][index + _OWN]

    def is_part(self, number: int) -> bool:
        return bool(number & 1)

    def names(self, holds: Holds, scope: str) -> set[Root]:
        return {self.root(number, scope) for number in self.each(holds)}


class Kept:
    """What has been put where."""

    def __init__(self, roots: Roots) -> None:
        self.roots = roots
        self.at: dict[Place, Holds] = {}
        self.within: dict[str, Holds] = {}  # by class or site: what is in any of its places
        self.growth = 0  # how often something was put somewhere
        self._places: dict[int, int] = {}  # in how many places each is
        self._lost: Holds = 0  # what is in too many

    def put(self, places: Iterable[Place], holds: Holds) -> set[Place]:
        """The places that got something new."""
        holds &= ~self._lost
        grown = set[Place]()
        for place in places:
            known = self.at.get(place, 0)
            new = holds & ~known
            if new:
                self.at[place] = known | new
                self.within[place[1]] = self.within.get(place[1], 0) | new
                grown.add(place)
                self.count(new)
        self.growth += len(grown)
        return grown

    def count(self, holds: Holds) -> None:
        for number in self.roots.each(holds):
            count = self._places[number] = self._places.get(number, 0) + 1
            if count == _PLACES:
                self._lost |= 1 << number


@dataclass
class Summary:
    """What calling a function does to what hangs from its parameters and from variables of others."""

    changes: Holds = 0
    changes_others: Holds = 0  # of variables of others, by callees too
    returns: Holds = 0
    stores: dict[Place, Holds] = field(default_factory=dict)
    binds: dict[Root, Holds] = field(default_factory=dict)  # variables of another scope
    rebinds: set[Root] = field(default_factory=set)  # captured variables, here or by callees
    stored: tuple[tuple[tuple[Place, ...], Holds], ...] = ()  # `stores`, the places that have the same together

    def store(self, places: dict[Place, Holds]) -> None:
        """Something is put there; what has the same is grouped anew, in an order that callees with the same places have too.

        >>> summary = Summary()
        >>> summary.store({("rows", "app.Box"): 1, ("name", "app.Box"): 4})
        >>> summary.store({("head", "app.Box"): 4, ("rows", "app.Box"): 2})
        >>> summary.stored
        (((('rows', 'app.Box'),), 3), ((('head', 'app.Box'), ('name', 'app.Box')), 4))
        """
        for place, holds in places.items():
            self.stores[place] = self.stores.get(place, 0) | holds
        together = dict[Holds, list[Place]]()
        for place, holds in self.stores.items():
            together.setdefault(holds, []).append(place)
        self.stored = tuple((tuple(sorted(places)), holds) for holds, places in together.items())

    def size(self) -> int:
        kept = sum(holds.bit_count() for holds in (*self.stores.values(), *self.binds.values()))
        return self.changes.bit_count() + self.changes_others.bit_count() + self.returns.bit_count() + len(self.rebinds) + kept
