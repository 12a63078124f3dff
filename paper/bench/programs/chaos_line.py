"""Appends, prints, counts, draws and raises, one call after the other: `python chaos_line.py CALLS`."""

import random
import sys

log, counts, total, chain = [], {}, 0, 7


class Odd(Exception):
    def __init__(self, x, total):
        super().__init__(f"odd {x}")
        self.x, self.total = x, total


def step(x):
    global total, chain
    log.append(x)
    counts[x % 7] = counts.get(x % 7, 0) + 1
    total += 1
    chain = (chain * 31 + x + len(log)) % 1_000_003
    drawn = random.randrange(1000)
    print("step", x, len(log), total, drawn)
    if x % 10 == 3:
        print("about to raise", x, file=sys.stderr)
        raise Odd(x, total)
    return x * x, drawn, "y" * (x % 11) * 1000


def main():
    random.seed(5)
    for x in range(int(sys.argv[1])):
        try:
            square, drawn, text = step(x)
            print("result", x, square, drawn, len(text), chain)
        except Odd as e:
            print("raised", e, e.x, e.total, chain)
        if len(log) == 20:
            print("log", log)
            log.clear()
    print(total, sorted(counts.items()), chain, random.random())


main()
