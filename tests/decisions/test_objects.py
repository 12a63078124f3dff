"""DECISIONS C4 and C5: objects are made over there without anybody noticing, and stay themselves."""

import pytest


def test_c4_decoding_runs_nothing_of_the_program(same):
    same(
        """
        class Loud:
            def __new__(cls, *a): print("new"); return super().__new__(cls)
            def __init__(self, k): print("init", k); self.k = k
            def __setattr__(self, n, v): print("setattr", n); super().__setattr__(n, v)
            def __hash__(self): print("hash", self.k); return hash(self.k)
            def __eq__(self, o): print("eq"); return self.k == o.k
            def __reduce__(self): print("reduce"); return super().__reduce__()
            def __getstate__(self): print("getstate"); return {"k": "lost"}
            def __setstate__(self, s): print("setstate"); self.__dict__.update(s)
            def __deepcopy__(self, m): print("deepcopy"); return self
            def __bool__(self): print("bool"); return False
            def __len__(self): print("len"); return 0
            def __iter__(self): print("iter"); return iter(())
            def __repr__(self): print("repr"); return "Loud"
            def __sizeof__(self): print("sizeof"); return 1
        a, b = Loud("a"), Loud("b")
        table, group = {a: 1, b: 2}, {a, b}
        print("-- ready")
        def use(table, group, extra):
            table[extra] = 3
            return len(table), len(group)
        print("-- result", use(table, group, a), "--")
        print(len(table), [k.k for k in table], table[b])
        """,
        select="app.use",
        home={"app.use": "may be noticed"},
    )


def test_c4_a_copy_is_never_finalised_visibly(same):
    same(
        """
        class R:
            def __init__(self, n): self.n = n
            def __del__(self): print("closed", self.n)
        def use(r):
            temporary = R(r.n + 100)
            return r.n
        def give(n): return R(n)
        r = R(1)
        for _ in range(3): print("used", use(r))
        kept = give(7)
        print("kept", kept.n)
        give(8)
        print("dropping"); del r
        print("end")
        """,
        select="app.use,app.give",
        remote=(),
    )


def test_c4_objects_that_refuse_to_be_looked_at(same):
    same(
        """
        class Stubborn:
            def __init__(self): self.__dict__["data"] = [1]
            def __getattr__(self, n):
                if n.startswith("__"): raise RuntimeError("hands off " + n)
                return self.__dict__["data"][0]
            def __eq__(self, o): raise TypeError("no comparing")
            __hash__ = object.__hash__
            def __bool__(self): raise ValueError("no truth")
        class Proxy:
            def __init__(self, t): self.t = t
            def __getattr__(self, n): return getattr(self.t, n)
        def use(s, p):
            s.data.append(2)
            return s.anything, p.data, p
        s = Stubborn(); p = Proxy(s)
        out = use(s, p)
        print(out[:2], s.data, out[2] is p, p.t is s)
        """,
        select="app.use",
    )


def test_c4_an_object_that_lies_about_its_class(same):
    same(
        """
        class Liar:
            __class__ = int
            def __init__(self): self.data = [1]
        def use(l):
            l.data.append(2)
            return isinstance(l, int), type(l).__name__, l
        l = Liar()
        out = use(l)
        print(out[:2], out[2] is l, l.data)
        """,
        select="app.use",
        remote=(),
    )


def test_c4_a_hash_that_needs_attributes_in_a_cycle(same):
    same(
        """
        class Node:
            def __init__(self, name): self.name = name; self.peers = set()
            def __hash__(self): return hash(self.name)
            def __eq__(self, o): return self.name == o.name
        a, b = Node("a"), Node("b")
        a.peers |= {a, b}; b.peers.add(a)
        index = {a: "first", b: "second"}
        def use(index):
            for n in index: n.peers.add(Node("c"))
            return {n.name: sorted(p.name for p in n.peers) for n in index}, index
        out, back = use(index)
        print(out, back is index, Node("c") in a.peers, a in a.peers, index[Node("b")], next(iter(index)) is a)
        """,
        select="app.use",
    )


def test_c4_a_singleton_is_not_made_twice(same):
    same(
        """
        class Only:
            it = None
            def __new__(cls):
                if cls.it is None:
                    print("made"); cls.it = super().__new__(cls)
                return cls.it
        def get(): return Only()
        def check(o): return o is Only(), o is Only.it
        first = get()
        print(get() is first, Only.it is first, check(first))
        """,
        select="app.get,app.check",
    )


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


def test_c5_sentinels_are_themselves(same):
    same(
        """
        import dataclasses, enum, inspect
        _M = object()
        class Color(enum.Enum): RED = 1
        def f(x=_M, *more):
            return x is _M, x is dataclasses.MISSING, x is inspect.Parameter.empty, x is Color.RED, x is NotImplemented, x is ..., x
        for x in (_M, object(), dataclasses.MISSING, inspect.Parameter.empty, Color.RED, NotImplemented, ..., None):
            *seen, back = f(x)
            print(seen, back is x)
        print(f()[0], f()[-1] is _M)
        """,
        select="app.f",
    )


def test_c5_nan_keeps_its_identity(same):
    same(
        """
        nan = float("nan"); other = float("nan")
        def f(n, xs): return n in xs, other in xs, n, [n, xs[0]], {n: 1}
        got = f(nan, [nan])
        print(got[:2], got[2] in [nan], got[2] is nan, got[3] == [nan, nan], nan in got[4], other in got[4])
        """,
        select="app.f",
    )


def test_c5_what_went_in_comes_out_itself(same):
    same(
        """
        import math
        class C:
            def m(self): return self
        def g(): pass
        def echo(x): return x
        c = C(); t = ([], 1); nested = (t, (c,)); e = ValueError("x")
        for x in ([], {}, set(), bytearray(), c, C, g, echo, t, nested, e, math, print, c.m, frozenset([c]), type, int, range(3)):
            y = echo(x)
            print(type(x).__name__, y is x or (y == x and type(x).__name__), end=" ")
        try:
            raise echo(e)
        except ValueError as caught:
            print(caught is e)
        """,
        select="app.echo",
    )


def test_c5_a_tuple_and_what_it_holds_are_one_over_there(same):
    same(
        """
        def f(t, inner, fn, cls):
            inner.append(1)
            return t[0] is inner, t[1] is fn, isinstance(t[2], cls), type(t[2]) is cls, t[3] is t[0], fn is helper, t
        def helper(): pass
        class C: pass
        inner = []
        t = (inner, helper, C(), inner)
        out = f(t, inner, helper, C)
        print(out[:-1], out[-1] is t, inner)
        """,
        select="app.f",
    )


def test_c5_an_exception_passed_and_raised_is_itself(same):
    same(
        """
        class Mine(Exception): pass
        def fail(e, tag):
            e.tag = tag
            raise e
        e = Mine("x")
        for tag in "ab":
            try:
                fail(e, tag)
            except Mine as got:
                print(got is e, got.tag, got.args)
        """,
        select="app.fail",
    )
