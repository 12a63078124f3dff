"""Estimate pi by throwing darts at a square, in batches with a seed each."""

import random
import sys


def throw(seed, darts):
    """How many of `darts` random points fall into the quarter circle."""
    generator = random.Random(seed)
    hits = 0
    for _ in range(darts):
        x, y = generator.random(), generator.random()
        if x * x + y * y <= 1.0:
            hits += 1
    return hits


def estimate(batches, darts):
    hits = [throw(seed, darts) for seed in range(batches)]
    return 4 * sum(hits) / (batches * darts), hits


def spread(hits, darts):
    """The smallest and the largest estimate of a single batch."""
    estimates = [4 * hit / darts for hit in hits]
    return min(estimates), max(estimates)


def main():
    darts = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    pi, hits = estimate(8, darts)
    low, high = spread(hits, darts)
    print(f"pi is about {pi:.5f}")
    print(f"the batches say {low:.4f} to {high:.4f}")


if __name__ == "__main__":
    main()
