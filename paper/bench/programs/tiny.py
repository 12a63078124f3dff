"""Calls a tiny function many times, and prints what the first and the later calls took, in seconds."""

import json
import sys
import time


def add(a, b):
    return a + b


def measure(calls):
    taken = []
    for i in range(calls):
        start = time.perf_counter()
        add(i, 1)
        taken.append(time.perf_counter() - start)
    return taken


if __name__ == "__main__":
    start = time.perf_counter()
    add(1, 2)
    first = time.perf_counter() - start
    print(json.dumps({"first": first, "warm": measure(int(sys.argv[1]))}))
