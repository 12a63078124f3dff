"""Independent tasks in a loop; prints the seconds that COUNT of them take: `tasks.py COUNT SIZE`, a task being a loop of SIZE steps.

A few before are not counted: what a program does once is measured elsewhere.
"""

import sys
import time


def work(n):
    total = 0
    for i in range(n):
        total = (total * 31 + i) % 1000003
    return total


def results(sizes):
    return [work(n) for n in sizes]


def main():
    count, size = int(sys.argv[1]), int(sys.argv[2])
    results([size] * 8)
    start = time.perf_counter()
    found = results([size + n for n in range(count)])
    taken = time.perf_counter() - start
    assert len(found) == count
    print(taken)


main()
