"""As chaos_line, by eight threads at once: what all of them see in the end does not depend on their order. `... CALLS`."""

import sys
import threading

log, counts, total, raised = [], {}, 0, []


def step(x):
    global total
    log.append(x)
    counts[x % 7] = counts.get(x % 7, 0) + 1
    total += 1
    sys.stdout.write(f"step {x}\n")  # one write: print makes two, and another thread's may come between them
    if x % 10 == 3:
        raise ValueError(x)
    return x * x


def work(first, last):
    for x in range(first, last):
        try:
            squares[x] = step(x)
        except ValueError as e:
            raised.append(e.args[0])


calls = int(sys.argv[1])
squares = {}
threads = [threading.Thread(target=work, args=(n * calls // 8, (n + 1) * calls // 8)) for n in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("log", sorted(log) == list(range(calls)), len(log))
print("counts", sorted(counts.items()), total)
print("squares", squares == {x: x * x for x in range(calls) if x % 10 != 3}, sorted(raised) == list(range(3, calls, 10)))
