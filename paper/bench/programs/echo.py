"""Sends one large value there and back many times, and prints what each call took, in seconds."""

import json
import random
import sys
import time


def echo(value):
    return value


def payload(kind, size):
    """`size`: bytes, or characters of the value as JSON."""
    draw = random.Random(7)
    if kind == "bytes":
        return draw.randbytes(size)
    if kind == "floats":
        return [draw.random() for _ in range(size // 20)]
    return [record(draw, i) for i in range(size // 150)]


def record(draw, i):
    attributes = {"x": draw.random(), "y": draw.random(), "ok": bool(i & 1), "none": None}
    return {"id": i, "name": f"item-{i:06d}", "tags": ["alpha", "beta", f"g{i % 7}"], "attributes": attributes}


def measure(value, calls):
    taken = []
    for _ in range(calls):
        start = time.perf_counter()
        answer = echo(value)
        taken.append(time.perf_counter() - start)
        assert answer == value
    return taken


if __name__ == "__main__":
    sent = payload(sys.argv[1], int(sys.argv[2]))
    measure(sent, 2)
    print(json.dumps(measure(sent, int(sys.argv[3]))))
