"""Ways in which programs make independent calls; prints the seconds of each: `forms.py CALLS SIZE`, a call being a loop of SIZE steps.

The first round is not counted: what a program does once is measured elsewhere.
"""

import asyncio
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

calls, size = int(sys.argv[1]), int(sys.argv[2])


def work(n):
    total = 0
    for i in range(n):
        total = (total * 31 + i) % 1000003
    return total


def score(rows):
    return [work(n) for n in rows]


async def compute(n):
    return work(n)


def comprehension(sizes):
    return [work(n) for n in sizes]


def mapped(sizes):
    return list(map(work, sizes))


def appending(sizes):
    found = []
    for n in sizes:
        found.append(work(n))
    return found


def chunks(sizes):
    rows = [[n] for n in sizes]
    return [found for row in rows for found in score(row)]


def threads(sizes):
    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(work, sizes))


def gathered(sizes):
    async def all_of():
        return await asyncio.gather(*[compute(n) for n in sizes])

    return asyncio.run(all_of())


def main():
    taken, sizes = {}, [size + n for n in range(calls)]
    for form in (comprehension, mapped, appending, chunks, gathered, threads):
        for _ in range(2):
            start = time.perf_counter()
            found = form(sizes)
            taken[form.__name__] = time.perf_counter() - start
        assert len(found) == calls
    print(json.dumps(taken))


main()
