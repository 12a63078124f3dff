"""What `faasify verify` is run on: a program whose functions change, say and raise a little of everything."""

import collections
import functools
import random
import sys


class Low(Exception):
    def __init__(self, n, extra):
        super().__init__(f"low {n}")
        self.extra = extra


class Account:
    opened = 0
    limits = {"day": 10}

    def __init__(self, owner, items=None):
        self.owner, self.items = owner, [] if items is None else items
        Account.opened += 1

    def deposit(self, n, *, note="none", at=0):
        self.items.append((n, note, at))
        Account.limits["last"] = n
        return self


SHARED = [1, 2, 3]
TABLE = {"b": SHARED, "a": 1}
QUEUE = collections.deque([1, 2, 3])
TOTAL = 0
GONE = "here"
FIRST = iter(SHARED)
random.seed(5)


def count(start):
    n = start

    def up(by=1):
        nonlocal n
        n += by
        return n

    return up


UP = count(3)


def change(xs, table, n, seen=[]):  # noqa: B006
    global TOTAL, GONE, MADE
    xs.insert(0, n)
    xs.append(True)
    table.pop("b", None)
    table["b"] = xs
    TOTAL += UP(n)
    MADE = [xs, {"xs": xs}]
    seen.append(n)
    if n == 2:
        del GONE
    print("out", n)
    print("err", n, file=sys.stderr)
    print("out again", len(seen), round(random.random(), 3))
    return xs


def fails(xs, n):
    xs.append("failed")
    print("about to fail")
    try:
        raise KeyError(n)
    except KeyError as e:
        raise Low(n, xs) from e


def rotate(queue, n):
    queue[0] = n
    return queue


def turn(xs):
    xs[0], xs[-1] = xs[-1], xs[0]
    next(FIRST, None)


def ask():
    print("asking")
    return input() + "!"


def sizes(names):
    return list({name * 2 for name in names})


def leave(path):
    with open(path, "w") as f:
        f.write("x")
    return "written"


def asks_then_stays(path):
    return [input(), leave(path)]


key = functools.partial(max, 3)
account = Account("me")

print(change(SHARED, TABLE, 1) is SHARED, SHARED, TABLE, TOTAL, MADE[0] is SHARED, GONE)
print(change(SHARED, TABLE, 2) is SHARED, list(TABLE), TOTAL, "GONE" in globals(), UP(0), round(random.random(), 3))
for i in range(2):
    try:
        try:
            raise ValueError("outer")
        finally:
            fails(SHARED, i)
    except Low as e:
        print(e, e.extra is SHARED, repr(e.__cause__), repr(e.__context__))
for i, x in zip(range(3), QUEUE, strict=False):
    print(x, rotate(QUEUE, i))
turn(SHARED)
print(SHARED, next(FIRST, "end"), account.deposit(3, at=4, note="n") is account, account.items, Account.limits, Account.opened)
print(ask(), sizes(["a", "b", "c", "d", "e"]), key(2))
print(asks_then_stays("made.txt"), ask())
fails([], 9)
