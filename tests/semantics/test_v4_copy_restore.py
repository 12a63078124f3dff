"""V4: what a function changed is changed in the caller, in place."""


def test_v4_arguments_are_changed_in_place(same):
    same(
        """
        from collections import deque, OrderedDict, defaultdict, Counter
        from array import array
        class O:
            __slots__ = ("a", "__dict__")
        def change(l, d, s, q, b, o, od, dd, c, ar, nested):
            l += [4]; l.remove(1); l.sort(reverse=True)
            del d["x"]; d["y"] = l
            s -= {1}; s.add((2,))
            q.appendleft(0); del q[-1]
            b.extend(b"!"); del b[0]
            o.a = 1; o.b = 2; del o.c
            od.move_to_end("p"); dd["new"].append(1); c.update("aab"); ar.append(9)
            nested[0]["deep"][1].append(o)
        l, d, s, q, b, o = [1, 2, 3], {"x": 1}, {1}, deque([1, 2]), bytearray(b"ab"), O(); o.c = 3
        od, dd, c, ar, nested = OrderedDict(p=1, q=2), defaultdict(list), Counter("b"), array("i", [1]), [{"deep": (0, [])}]
        same = [l, d, s, q, b, o, od, dd, c, ar, nested]
        change(*same)
        print(l, d, d["y"] is l, s, q, b, o.a, vars(o), od, dd, c, ar, nested[0]["deep"][1][0] is o, dd.default_factory)
        """,
        select="app.change",
    )


def test_v4_also_when_the_function_then_raises(same):
    same(
        """
        class Bank:
            def __init__(self): self.log = []; self.accounts = {"a": 10}
        def move(bank, n):
            bank.accounts["a"] -= n
            bank.log.append(("moved", n))
            if bank.accounts["a"] < 0: raise ValueError(bank.log)
        bank = Bank()
        for n in (4, 9):
            try: move(bank, n)
            except ValueError as e: print(e.args[0] is bank.log)
            print(vars(bank))
        """,
        select="app.move",
    )


def test_v4_instances_inside_containers_inside_instances(same):
    same(
        """
        from dataclasses import dataclass, field
        @dataclass
        class Item: name: str; qty: int = 0; tags: set = field(default_factory=set)
        @dataclass
        class Store: items: dict = field(default_factory=dict); best: Item | None = None
        def restock(store, **more):
            for name, n in more.items():
                item = store.items.setdefault(name, Item(name)); item.qty += n; item.tags.add(n)
            store.best = max(store.items.values(), key=lambda i: i.qty)
            return store.best
        pen = Item("pen", 5); store = Store({"pen": pen})
        best = restock(store, pen=1, ink=3)
        print(best is pen, store.best is pen, store)
        print(restock(store, ink=9) is store.items["ink"], pen, store)
        """,
        select="app.restock",
    )


def test_v4_a_list_changed_at_its_front_and_in_its_middle(same):
    same(
        """
        xs = [1, 2, 3, 4]
        def front(): xs.insert(0, 0)
        def middle(): xs[2:3] = [7, 8, 9]
        def less(): del xs[1:4]
        front(); print(xs)
        middle(); print(xs)
        less(); print(xs)
        """,
        select="app.front,app.middle,app.less",
    )


def test_v4_changes_are_told_after_many_calls_of_many_functions(same):
    functions = "".join(
        f"""
def f{n}(x):
    seen.append(x); table[x % 3] += 1; order[x] = half; order.move_to_end(x, last=False)
    half.last = x; raw.append(x % 256); account.n += 1; account.log.append(x)
    return square(x) + half()
"""
        for n in range(12)
    )
    same(
        f"""
import functools
from collections import OrderedDict, defaultdict, deque
seen, table, order, raw = deque(maxlen=5), defaultdict(int), OrderedDict(), bytearray()
class Account:
    def __init__(self): self.n, self.log = 0, []
account = Account()
@functools.cache
def square(x): return x * x
half = functools.partial(int, "5")
{functions}
for turn in range(3):
    for n, f in enumerate([{", ".join(f"f{n}" for n in range(12))}]):
        f(n)
        print(turn, n, seen, dict(table), list(order), raw[-1], half.last, account.n, account.log[-1], square.cache_info())
""",
        select=",".join(f"app.f{n}" for n in range(12)),
    )
