"""Dataclasses over there: their methods are generated once more, and nothing else of them is lost."""

# ruff: noqa: E501  # programs, one function a line
from __future__ import annotations

import pytest

from tests.runtime.worlds import agrees

CASES = {
    "dataclasses": """
        from dataclasses import dataclass, field, fields, replace, asdict, astuple, is_dataclass, InitVar, KW_ONLY, FrozenInstanceError
        from typing import ClassVar
        from functools import total_ordering
        @dataclass
        class A:
            x: int
            y: list = field(default_factory=list)
            z: int = field(default=3, repr=False, compare=False, metadata={"unit": "m"})
            count: ClassVar[int] = 0
            seed: InitVar[int] = 4
            def __post_init__(self, seed): self.seeded = seed; A.count += 1
        @dataclass(order=True)
        class B(A):
            w: str = "w"
        @dataclass(frozen=True, slots=True)
        class C:
            a: int
            b: tuple = ()
        @dataclass(frozen=True)
        class D:
            a: int
            _: KW_ONLY
            k: int = 5
        @dataclass(eq=False, repr=False)
        class E:
            a: int
        @dataclass(unsafe_hash=True, kw_only=True)
        class F:
            a: int
            def __repr__(self): return "F!"
        @dataclass(slots=True)
        class G:
            a: int
        @dataclass(slots=True)
        class H(G):
            b: int = 1
        def f():
            out = [A(1), A(1).seeded, A(1) == A(1), A(1).y is A(1).y, B(1, w="v"), B(1) < B(2), C(1), hash(C(1)) == hash(C(1)), D(1, k=6), F(a=1), H(1)]
            out += [replace(C(1), a=2), asdict(B(1)), astuple(C(3)), [g.name for g in fields(B)], fields(A)[2].metadata["unit"], is_dataclass(E), E(1).a, A.z]
            out += [C.__slots__, A.__match_args__, {C(1): 2}[C(1)], hash(F(a=1)) == hash(F(a=1)), A.count > 0, C.__doc__, hasattr(C(1), "__dict__")]
            for bad in (lambda: setattr(C(1), "a", 2), lambda: A(), lambda: hash(A(1)), lambda: D(1, 2)):
                try: bad()
                except Exception as e: out.append((type(e).__name__, str(e)))
            return out
    """,
    "dataclass instances": """
        from dataclasses import dataclass, field
        @dataclass
        class Node:
            value: int
            children: list["Node"] = field(default_factory=list)
            def total(self): return self.value + sum(c.total() for c in self.children)
        @dataclass(frozen=True, order=True)
        class Point:
            x: int
            y: int
            def __add__(self, other): return Point(self.x + other.x, self.y + other.y)
        def tree(): return Node(1, [Node(2), Node(3, [Node(4)])])
        T, S, D = tree(), {Point(1, 2), Point(3, 4)}, {Point(0, 0): "o"}
        def f(): return T.total(), T, sorted(S), D, Point(0, 0) in D, Point(1, 2) + Point(3, 4), T == tree(), max(S)
    """,
}


@pytest.mark.parametrize("source", CASES.values(), ids=CASES)
def test_dataclasses_work_over_there_as_here(source):
    agrees(source)


def test_comparisons_that_total_ordering_gives_a_dataclass_are_not_lost():
    """They are the library's functions: no `dataclass` makes them again."""
    agrees("""
        import dataclasses, functools
        @functools.total_ordering
        @dataclasses.dataclass
        class D:
            a: int
            def __lt__(self, o): return self.a < o.a
        def f(): return D(1) >= D(2), D(1) > D(2), D(1) <= D(2), D(1) == D(1), [k for k in vars(D)]
    """)
