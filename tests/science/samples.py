"""Random numbers, old and new; k-means; principal components; a histogram; an integral by sampling."""

import numpy as np
from numpy.random import default_rng


def cloud(rng, centres, count):
    points = [rng.normal(centre, 0.3, size=(count, 2)) for centre in centres]
    labels = np.repeat(np.arange(len(centres)), count)
    order = rng.permutation(labels.size)
    return np.concatenate(points)[order], labels[order]


def k_means(points, k, rng):
    centres = points[rng.choice(len(points), k, replace=False)]
    for _ in range(20):
        nearest = np.linalg.norm(points[:, None] - centres[None], axis=2).argmin(axis=1)
        moved = np.stack([points[nearest == j].mean(axis=0) if np.any(nearest == j) else centres[j] for j in range(k)])
        if np.allclose(moved, centres):
            break
        centres = moved
    return centres[np.argsort(centres[:, 0])], nearest


def standardise(points):
    points -= points.mean(axis=0)
    points /= points.std(axis=0)


def principal(points):
    _, singular, axes = np.linalg.svd(points - points.mean(axis=0), full_matrices=False)
    return singular**2 / (singular**2).sum(), np.abs(axes)


def integral(seed, n):
    rng = default_rng(seed)
    x, y = rng.random(n), rng.random(n)
    return 4.0 * np.count_nonzero(x * x + y * y <= 1) / n


def walk(n):
    steps = np.random.choice([-1, 1], size=n)
    return int(np.abs(np.cumsum(steps)).max())


def describe(values):
    counts, edges = np.histogram(values, bins=5)
    quartiles = np.percentile(values, [25, 50, 75])
    return dict(zip(edges.round(3).tolist(), counts.tolist(), strict=False)), quartiles.round(4), float(abs(values).max())


def main():
    rng = default_rng(7)
    points, labels = cloud(rng, [(0, 0), (3, 1), (1, 4)], 40)
    kept = points.copy()
    standardise(points)
    centres, nearest = k_means(points, 3, rng)
    print(centres.round(6), np.unique(nearest, return_counts=True)[1], labels[:5], np.shares_memory(kept, points))
    print(*principal(kept), *describe(kept[:, 0]))
    print([integral(seed, 1000) for seed in range(4)], rng.integers(100))
    np.random.seed(5)
    print(walk(500), walk(500), np.random.rand())


main()
