"""DECISIONS C4 and C5: objects are made over there without anybody noticing, and stay themselves."""


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
