"""DECISIONS C4: keys of the program's own classes, whose hash and comparison must neither run nor be missed over there."""

import pytest


def test_c4_a_key_that_a_call_adds_is_hashed_no_more_often_than_in_the_original(same):
    same(
        """
        class Key:
            def __init__(self, n): self.n = n
            def __hash__(self): print("hash", self.n); return self.n
            def __eq__(self, other): print("eq"); return self.n == other.n
        table, many, ordered = {}, set(), __import__("collections").OrderedDict()
        def f(key): table[key] = 1
        def g(key): many.add(key)
        def h(key): ordered[key] = 1
        f(Key(1)); g(Key(2)); h(Key(3))
        print(len(table), len(many), len(ordered))
        """,
        select="app.f,app.g,app.h",
        home={"app.f": "__hash__", "app.g": "__hash__", "app.h": "__hash__"},
    )


def test_c4_a_comparison_that_takes_notes_by_calling_a_method(same):
    same(
        """
        class Key:
            def __init__(self, n): self.n, self.seen = n, []
            def __hash__(self): self.seen.append("hash"); return self.n
            def __eq__(self, other): return self.n == other.n
        class Quiet:
            def __init__(self, name): self.name = name
            def __hash__(self): return hash(self.name.lower())
            def __eq__(self, other): return self.name.lower() == other.name.lower()
        key, quiet = Key(1), Quiet("A")
        table, other = {key: 1}, {quiet: 2}
        def f(): return table[key]
        def g(): return other[Quiet("a")]
        print(f(), key.seen, g())
        """,
        select="app.f,app.g",
        home={"app.f": "table, which cannot travel"},
    )


def test_c4_keys_whose_hash_and_eq_name_classes(same):
    same(
        """
        class Point:
            def __init__(self, x): self.x = x
            def __eq__(self, other): return isinstance(other, Point) and self.x == other.x
            def __hash__(self): return hash((Point, self.x))
        table, seen = {Point(1): "a", Point(2): "b"}, {Point(3), Point(4)}
        def look(x): return table.get(Point(x)), Point(x) in seen
        def add(t, x):
            t[Point(x)] = x
            return len(t)
        print(look(1), look(2), look(3), add(table, 7), add(table, 1), list(table.values()))
        """,
        select="app.look,app.add",
    )


KEYS = {
    "a global of the hash has changed since": """
        BASE = 0
        class K:
            def __init__(self, n): self.n = n
            def __hash__(self): return self.n + BASE
            def __eq__(self, other): return self.n == other.n
        D = {K(1): 1, K(2): 2}
        def look(n): return K(n) in D, D.get(K(n)), len(D)
        def put():
            global BASE
            BASE = 3
            D[K(1)] = "new"
            return len(D)
        BASE = 7
        print(look(1), put(), len(D), list(D.values()), look(1))
        """,
    "an attribute of a class has changed since": """
        class Cfg:
            fold = False
        class K:
            def __init__(self, s): self.s = s
            def __hash__(self): return hash(self.s.lower() if Cfg.fold else self.s)
            def __eq__(self, other): return self.s.lower() == other.s.lower() if Cfg.fold else self.s == other.s
        D = {K("A"): 1, K("a"): 2}
        Cfg.fold = True
        def look(s): return K(s) in D, len(D)
        def put():
            D[K("b")] = 3
            return len(D)
        print(look("A"), put(), [(k.s, v) for k, v in D.items()])
        """,
    "a default of the class was changed": """
        class K:
            salt = 1
            def __init__(self, n): self.n = n
            def __hash__(self): return self.n + self.salt
            def __eq__(self, other): return self.n == other.n
        D = {K(1): 1, K(2): 2}
        K.salt = 5
        def look(n): return K(n) in D, len(D)
        def put(): return len({K(1), K(1)})
        print(look(1), put())
        """,
    "the hash makes an object": """
        class Token:
            made = 0
            def __init__(self, n): Token.made += 1; self.n = n
        class K:
            def __init__(self, n): self.n = n
            def __hash__(self): return hash(Token(self.n).n)
            def __eq__(self, other): return self.n == other.n
        D = {K(1): 1, K(2): 2}
        def look(): return len(D), Token.made
        def put(): return len(list(D))
        print(look(), put(), Token.made)
        """,
    "the hash of what the key holds is seen": """
        from dataclasses import dataclass
        class Inner:
            hits = 0
            def __init__(self, n): self.n = n
            def __hash__(self):
                Inner.hits += 1; print("hash", self.n); return self.n
            def __eq__(self, other): return self.n == other.n
        @dataclass(frozen=True)
        class K:
            n: tuple
        D = {K((Inner(1),)): 1, K((Inner(2),)): 2}
        def look(): return len(D), Inner.hits
        def put(): return len(list(D))
        print(look(), put(), Inner.hits)
        """,
    "the hash calls a method that is called as one of dict": """
        class K:
            def __init__(self, n): self.n = n
            def get(self): print("get", self.n); return self.n
            def __hash__(self): return hash(self.get())
            def __eq__(self, other): return self.n == other.n
        D = {K(1): 1, K(2): 2}
        def look(): return len(D)
        def put(): return len(list(D))
        print(look(), put())
        """,
    "the hash of a base is seen": """
        class Base:
            def __init__(self, n): self.n = n
            def __hash__(self): print("hash", self.n); return hash(self.n)
            def __eq__(self, other): return self.n == other.n
        class K(Base):
            def __hash__(self): return super().__hash__()
            __eq__ = Base.__eq__
        D = {K(1): 1, K(2): 2}
        def look(): return len(D)
        def put(): return len(list(D))
        print(look(), put())
        """,
    "the length of the key is asked": """
        class K:
            def __init__(self, n): self.n = n
            def __len__(self): print("len", self.n); return self.n
            def __hash__(self): return len(self)
            def __eq__(self, other): return self.n == other.n
        D = {K(1): 1, K(2): 2}
        def look(): return len(D)
        def put(): return len(list(D))
        print(look(), put())
        """,
    "a key has changed": """
        class K:
            def __init__(self, n): self.n = n
            def __hash__(self): return hash(self.n)
            def __eq__(self, other): return self.n == other.n
        k, other = K(1), K(2)
        D, S = {k: 1}, {other}
        k.n, other.n = 5, 6
        def look(): return k in D, D.get(k), len(D), list(D.values())
        def put(): return other in S, len(S)
        print(look(), put())
        """,
    "a key has become another one": """
        class K:
            def __init__(self, n): self.n = n
            def __hash__(self): return hash(self.n)
            def __eq__(self, other): return self.n == other.n
        k = K(1)
        D, S = {k: 1, K(2): 2}, {k, K(2)}
        k.n = 2
        def look(): return len(D), list(D.values())
        def put(): return len(S)
        print(look(), put())
        """,
}


@pytest.mark.parametrize("program", KEYS.values(), ids=KEYS)
def test_c4_a_container_whose_keys_would_not_be_found_or_would_notice_is_not_made_again(same, program):
    same(program, select="app.look,app.put", remote=())


def test_c4_keys_that_only_look_travel(same):
    result = same(
        """
        from collections import OrderedDict
        from dataclasses import dataclass
        from enum import Enum
        from functools import total_ordering
        from typing import NamedTuple
        class C(Enum): A = 1
        @dataclass(frozen=True)
        class P: x: int = 0
        @dataclass(frozen=True, slots=True)
        class Q: p: P
        class N(NamedTuple): p: P
        class H:
            def __init__(self, x): self.x = x
            def __hash__(self): return hash((type(self), self.x))
            def __eq__(self, other): return isinstance(other, H) and self.x == other.x
        class I(H):
            def __hash__(self): return super().__hash__()
            def __eq__(self, other): return super().__eq__(other)
        @total_ordering
        class O:
            def __init__(self, n): self.n = n
            def __hash__(self): return hash(str(self))
            def __str__(self): return f"O{self.n}"
            def __eq__(self, other): return self.n == other.n
            def __lt__(self, other): return self.n < other.n
        def local():
            class K(H):
                def __hash__(self): return hash(self.x)
                def __eq__(self, other): return isinstance(other, K) and self.x == other.x
            return K
        class Plain: pass
        def look(d, k): return len(d), k in d, type(d).__name__
        for key in (C.A, P(1), Q(P(2)), N(P(3)), H(4), I(5), O(6), local()(7), Plain(), (H(8), C.A)):
            print(look({key: 1}, key), look({key}, key), look(OrderedDict({key: 1}), key))
        """,
        select="app.look",
    )
    assert result.report["units"]["app.look"]["calls_here"] == 0
