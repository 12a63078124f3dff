"""Submits 1,000 calls of a tiny function at once and then takes their results, several times; prints the seconds of the quickest.

burst.py            its own function, by faasify's futures
burst.py pool       by a ProcessPoolExecutor with a worker for each core
"""

import os
import sys
import time


def add(a, b):
    return a + b


def burst(submit):
    start = time.perf_counter()
    submitted = []
    for i in range(1000):
        submitted.append(submit(add, i, 1))
    results = []
    for each in submitted:
        results.append(each.result())
    assert results == list(range(1, 1001))
    return time.perf_counter() - start


if __name__ == "__main__":
    if sys.argv[1:] == ["pool"]:
        from concurrent.futures import ProcessPoolExecutor

        with ProcessPoolExecutor(len(os.sched_getaffinity(0))) as pool:
            print(min(burst(pool.submit) for _ in range(10)))
    else:
        from faasify.runtime.caller.futures import submit

        print(min(burst(submit) for _ in range(10)))
