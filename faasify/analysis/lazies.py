"""What iterators of the library do when they are asked for an element.

it = map(f, xs)          f may be called here,
for x in it: ...         and is called here, with elements of xs
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from faasify.analysis.bodies import Arguments, Site, Target

T = TypeVar("T")


class Growing(Generic[T]):
    """A list that tells everyone who asks for its elements those that are still to come too."""

    def __init__(self) -> None:
        self._known: list[T] = []
        self._told: list[Callable[[T], None]] = []

    def put(self, element: T) -> None:
        if element not in self._known:
            self._known.append(element)
            for tell in list(self._told):
                tell(element)

    def each(self, tell: Callable[[T], None]) -> None:
        self._told.append(tell)
        for element in list(self._known):
            tell(element)


class Lazy:
    """What one such iterator does: nodes it goes through, and calls it makes, each with whether it asks for the truth of what it gets."""

    def __init__(self) -> None:
        self.sources: Growing[int] = Growing()
        self.calls: Growing[tuple[int, Arguments, bool]] = Growing()
        self.made: dict[Site, None] = {}  # where it is made: what it will call counts as called there


def go_on(
    resumed: Mapping[Site, Mapping[str, None]], lazies: Mapping[str, Lazy], own_deferred: Mapping[Site, Mapping[str, str]]
) -> dict[str, str]:
    """In a large program, whose places may go on with hundreds of iterators, each of others: what an iterator calls where it is made, it
    calls where it goes on. `resumed`: the iterators by place, `lazies`: these by their sites, `own_deferred`: generator expressions that
    an iterator made at a place goes through, with the bodies that make them; given back are those that go on elsewhere."""
    deferred: dict[str, str] = {}
    for site, begun in resumed.items():
        for made in _made_by_all(begun, resumed, lazies):
            for target in list(made.targets) if made is not site else ():
                if not target.direct:
                    site.targets.setdefault(target, {})
            for scope, maker in own_deferred.get(made, {}).items() if made is not site else ():
                site.targets.setdefault(Target(scope, direct=False, resumes=True), {})
                deferred[scope] = maker
            site.inputs.update(made.inputs)
    return deferred


def _made_by_all(begun: Mapping[str, None], resumed: Mapping[Site, Mapping[str, None]], lazies: Mapping[str, Lazy]) -> dict[Site, None]:
    """Where these iterators are made, and those that they go through, at any depth."""
    waiting, seen = list(begun), set(begun)
    found: dict[Site, None] = {}
    while waiting:
        for made in lazies[waiting.pop()].made:
            found[made] = None
            inner = [name for name in resumed.get(made, ()) if name not in seen]
            seen.update(inner)
            waiting += inner
    return found
