"""Fibonacci numbers the slow way, counting the calls and wasting some time on sines."""

import math
import sys

counter = 0


def waste_time(rounds):
    total = 0.0
    for i in range(rounds):
        total += math.sin(i)
    return total


def fib(x):
    global counter
    counter += 1
    waste_time(20)
    if x <= 1:
        return x
    return fib(x - 1) + fib(x - 2)


def main(n):
    print(f"fib({n}) = {fib(n)}")
    print(f"calls: {counter}")
    print(f"a sum of sines: {waste_time(1000):.6f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
