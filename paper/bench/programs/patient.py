"""Calls a function as often as it is told to: `add 100` on stdin is a hundred calls; the answer is what each took, in seconds."""

import json
import sys
import time

counts = {}


class Box:
    def __init__(self):
        self.last = []


def add(a, b):
    return a + b


def keep(a, box):
    """Changes its argument and a global, makes objects, and raises now and then."""
    box.last = [box, str(a)]
    counts[a % 7] = counts.get(a % 7, 0) + 1
    if not a % 10:
        raise ValueError(Box(), a)
    return [Box(), {a, b"x" * (a % 50)}]


def measure(function, calls):
    taken, other = [], 1 if function is add else Box()
    for i in range(calls):
        start = time.perf_counter()
        try:
            function(i, other)
        except ValueError:
            pass
        taken.append(time.perf_counter() - start)
    return taken


def main():
    for line in sys.stdin:
        name, calls = line.split()
        print(json.dumps(measure({"add": add, "keep": keep}[name], int(calls))), flush=True)


main()
