"""Parts in which functions and data refer to one another: counters that share cells, hooks in a table, pipes, trees, fed generators."""

from __future__ import annotations

STRUCTURES = {
    "counter": """
def counter():
    count = 0
    history = []
    def inc(n=1):
        nonlocal count
        count = (count + n) % 50
        history.append(count)
        return count
    def dec(n=1):
        nonlocal count
        count -= n
        return count
    def seen():
        return history
    return inc, dec, seen

INC, DEC, SEEN = counter()
""",
    "hooks": """
HOOKS = {'before': [], 'log': [[1], [2]][0]}

def on(kind):
    def register(fn):
        HOOKS[kind].append(fn)
        return fn
    return register

@on('before')
def hook(n):
    $block
    return n

def fire(kind, n):
    for each in HOOKS[kind]:
        each(n)
    return n
""",
    "pipes": """
def compose(*fns):
    def run(n):
        for fn in fns:
            n = fn(n) % 50
        return n
    return run

PIPE = compose(h0, lambda v: v * 2)
""",
    "trees": """
TREE = [[1], [2, [3]]]

def walk(tree, seen):
    seen.append(len(tree))
    for child in tree:
        if isinstance(child, list):
            walk(child, seen)
    return seen

def flatten(tree):
    for child in tree:
        if isinstance(child, list):
            yield from flatten(child)
        else:
            $effect
            yield child

class Node:
    def __init__(self, value, after=None):
        self.value, self.after = value, after

LIST = Node(1, Node(2))
""",
    "feeder": """
def feeder(xs):
    while True:
        got = yield len(xs)
        xs.append(got)

def guarded(xs):
    try:
        yield from xs[:2]
        $effect
    finally:
        xs.append(0)
""",
    "pool": "",
}
