"""Vectors that stand for many: few vectors stand for themselves, and rare ones are not forgotten."""

from __future__ import annotations

import numpy as np
from scipy.spatial.distance import cdist

from cgcnn.training.representatives import choose_representatives, distances_to_nearest


def test_few_vectors_stand_for_themselves() -> None:
    vectors = np.random.default_rng(0).normal(size=(7, 3)).astype(np.float32)
    chosen = choose_representatives(vectors, 10)
    assert sorted(map(tuple, chosen)) == sorted(map(tuple, vectors))


def test_each_group_and_a_lone_vector_get_a_representative() -> None:
    rng = np.random.default_rng(0)
    middles = np.array([[0, 0], [10, 0], [0, 10], [80, 80]], dtype=np.float32)
    groups = [middle + 0.1 * rng.normal(size=(400, 2)) for middle in middles[:3]]
    chosen = choose_representatives(np.concatenate([*groups, middles[3:]]), 4)
    assert cdist(middles, chosen).min(axis=1).max() < 0.1


def test_equal_vectors_need_one_representative() -> None:
    assert choose_representatives(np.ones((50, 3)), 10).tolist() == [[1, 1, 1]]


def test_the_distance_is_that_to_the_nearest_representative() -> None:
    rng = np.random.default_rng(0)
    vectors, representatives = rng.normal(size=(5000, 4)), rng.normal(size=(30, 4))
    expected = cdist(vectors, representatives).min(axis=1)
    np.testing.assert_allclose(distances_to_nearest(vectors, representatives), expected, rtol=1e-6)
