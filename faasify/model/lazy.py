"""A sequence that is worked out when somebody looks at it: what each of ten thousand functions may reach is large, and seldom asked for.

>>> numbers = Lazy(lambda: (1, 2))
>>> numbers[0], len(numbers), numbers == (1, 2)
(1, 2, True)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar, overload

T_co = TypeVar("T_co", covariant=True)


class Lazy(Sequence[T_co]):
    """Like the tuple that `make` gives; it is made once."""

    __slots__ = ("_make", "_made")

    def __init__(self, make: Callable[[], tuple[T_co, ...]]) -> None:
        self._make: Callable[[], tuple[T_co, ...]] | None = make
        self._made: tuple[T_co, ...] = ()

    def _all(self) -> tuple[T_co, ...]:
        if self._make is not None:
            self._made, self._make = self._make(), None
        return self._made

    @overload
    def __getitem__(self, index: int) -> T_co: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[T_co, ...]: ...
    def __getitem__(self, index: int | slice) -> T_co | tuple[T_co, ...]:
        return self._all()[index]

    def __iter__(self) -> Iterator[T_co]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def __eq__(self, other: object) -> bool:
        return self._all() == (other._all() if isinstance(other, Lazy) else other)

    def __hash__(self) -> int:
        return hash(self._all())

    def __repr__(self) -> str:
        return repr(self._all())
