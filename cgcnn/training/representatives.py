"""A few vectors that stand for many, by k-means, and the distance of other vectors to the nearest of them."""

from __future__ import annotations

import numpy as np

# k-means reads at most so many of the vectors: more of them take longer and move its centers little.
_MOST_READ = 8000
_ITERATIONS = 10
# Vectors whose distances to all representatives are computed at a time, so that the arrays stay small.
_BLOCK = 4096


def choose_representatives(vectors: np.ndarray, n_representatives: int, seed: int = 0) -> np.ndarray:
    """Return the centers of k-means on some vectors.

    The first centers are drawn as k-means++ draws them: each with a probability in proportion to the squared distance
    to those that are drawn already. So rare vectors that lie apart get centers too. Source: Arthur and Vassilvitskii
    2007, ISBN 978-0-89871-624-5, pages 1027 to 1035.

    Args:
        vectors: (n, w) The vectors.
        n_representatives: The number of centers.
        seed: The seed of the draws.

    Returns:
        (k, w) float32. Where there are no more vectors than centers, these are the vectors themselves.
    """
    rng = np.random.default_rng(seed)
    read = np.ascontiguousarray(vectors[rng.permutation(len(vectors))[:_MOST_READ]], dtype=np.float32)
    if len(read) <= n_representatives:
        return read
    centers = [read[0]]
    squared = _squared_distances(read, read[:1])[:, 0]
    while len(centers) < n_representatives and squared.any():
        drawn = rng.choice(len(read), p=squared / squared.sum())
        centers.append(read[drawn])
        squared = np.minimum(squared, _squared_distances(read, read[drawn : drawn + 1])[:, 0])
    found = np.array(centers)
    for _ in range(_ITERATIONS):
        members = _squared_distances(read, found).argmin(axis=1)
        counts = np.bincount(members, minlength=len(found))
        order = np.argsort(members, kind="stable")
        is_held = counts > 0  # a center without members stays where it is
        starts = np.cumsum(counts)[is_held] - counts[is_held]
        found[is_held] = np.add.reduceat(read[order], starts) / counts[is_held, None]
    return found


def distances_to_nearest(vectors: np.ndarray, representatives: np.ndarray) -> np.ndarray:
    """Return the (n,) distances of vectors to the nearest representative, float64.

    Args:
        vectors: (n, w) The vectors.
        representatives: (k, w) The representatives.
    """
    nearest = np.empty(len(vectors))
    for start in range(0, len(vectors), _BLOCK):
        block = slice(start, start + _BLOCK)
        nearest[block] = np.sqrt(_squared_distances(vectors[block], representatives).min(axis=1))
    return nearest


def _squared_distances(vectors: np.ndarray, others: np.ndarray) -> np.ndarray:
    squares = (vectors**2).sum(axis=1)[:, None] + (others**2).sum(axis=1)
    # Rounding can leave a number just below zero.
    squared: np.ndarray = np.maximum(squares - 2 * vectors @ others.T, 0)
    return squared
