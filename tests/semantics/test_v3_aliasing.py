"""V3: one object is one object, over there and after the return."""


def test_v3_aliasing_across_arguments_globals_and_result(same):
    same(
        """
        shared = {"n": 0}
        class Box: pass
        def f(a, b, box, *rest, **kw):
            a["n"] += 1
            checks = a is b, a is shared, box.it is a, rest[0] is a, kw["k"][0] is a
            shared["self"] = shared
            return a, {"again": b}, checks, [box, box]
        box = Box(); box.it = shared
        r, again, checks, boxes = f(shared, shared, box, shared, k=(shared,))
        print(checks, r is shared, again["again"] is shared, boxes[0] is boxes[1] is box, shared["n"], shared["self"] is shared)
        """,
        select="app.f",
    )


def test_v3_new_objects_keep_their_aliases_in_the_result(same):
    same(
        """
        kept = []
        def make():
            x = [1]; y = {"x": x}
            kept.append(x); make.last = y
            return x, y, (x, y), [x, x]
        a, b, pair, twice = make()
        a.append(2)
        print(b, pair, twice, kept, make.last is b, kept[0] is a, pair[0] is a, twice[0] is twice[1])
        """,
        select="app.make",
    )


def test_v3_cycles(same):
    same(
        """
        class Node:
            def __init__(self, name): self.name, self.links, self.parent = name, [], self
        def link(a, b):
            a.links.append(b); b.parent = a; a.me = a.links
            xs = [a]; xs.append(xs)
            d = {}; d["d"] = d; t = ([],); t[0].append(t)
            return xs, d, t
        a, b = Node("a"), Node("b"); b.links.append(a)
        xs, d, t = link(a, b)
        print(a.links[0] is b, b.parent is a, a.parent is a, a.me is a.links, xs[1] is xs, xs[0] is a, d["d"] is d, t[0][0] is t)
        """,
        select="app.link",
    )
