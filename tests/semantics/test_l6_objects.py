"""L6: an object that went and came back is of its class, and shows, pickles and copies as such."""


def test_l6_type_repr_pickling_and_copying(same):
    same(
        """
        import copy, pickle
        from dataclasses import dataclass, field
        @dataclass
        class Point:
            x: int
            tags: list = field(default_factory=list)
        class Node:
            __slots__ = ("value", "next", "__weakref__")
            def __init__(self, value): self.value, self.next = value, None
            def __reduce__(self): return (Node, (self.value,))
            def __repr__(self): return f"<Node {self.value}>"
        class Custom(Point):
            def __getstate__(self): return {"x": self.x, "state": True}
            def __setstate__(self, state): self.__dict__.update(state); self.tags = ["restored"]
            def __deepcopy__(self, memo): return Custom(self.x * 100)
        def change(*objs):
            for o in objs: o.seen = [o] if hasattr(o, "__dict__") else None if False else o.__class__.__name__ if False else None
            return objs
        def touch(p, n, c): p.x += 1; n.value += 1; c.tags.append(p); return p, Node(9), Custom(3)
        p, n, c = Point(1), Node(5), Custom(2)
        q, m, d = touch(p, n, c)
        for o in (p, n, c, m, d):
            print(type(o).__name__, type(o) in (Point, Node, Custom), isinstance(o, Point), o, vars(o) if hasattr(o, "__dict__") else "")
            print(pickle.loads(pickle.dumps(o)), copy.copy(o), copy.deepcopy(o), type(copy.copy(o)) is type(o))
        print(q is p, c.tags[0] is p, hash(n) == hash(n), n == n, [n, m].index(m))
        """,
        select="app.touch",
    )


def test_l6_what_a_unit_pickles_and_copies(same):
    same(
        """
        import copy, pickle
        class Item:
            made = []
            def __init__(self, n): self.n = n; Item.made.append(n)
            def __eq__(self, o): return type(o) is Item and o.n == self.n
            def __hash__(self): return hash(self.n)
        def clone(item, table): return copy.deepcopy([item, item]), copy.copy(table), item in table
        item = Item(1); table = {item: "found", Item(2): [item]}
        (a, b), t, found = clone(item, table)
        print(a is b, a == item, a is item, found, t[item], t[Item(2)][0] is item, Item.made, type(a) is Item)
        """,
        select="app.clone",
        remote=(),
    )
