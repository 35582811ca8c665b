"""Test maps on which new points are placed, and how smooth a value is on them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import cdist

from cgcnn.analysis import maps


@pytest.fixture(scope="module")
def chart() -> tuple[pd.DataFrame, maps.Map]:
    """Return a map of 300 vectors in three clusters that lie far apart."""
    rng = np.random.default_rng(0)
    centers = np.eye(3, 8) * 20
    vectors = pd.DataFrame(np.repeat(centers, 100, axis=0) + rng.normal(size=(300, 8)))
    return vectors, maps.draw_map(vectors, seed=0)


@pytest.mark.slow
def test_a_new_point_is_placed_among_the_cluster_it_belongs_to_and_no_old_one_moves(
    chart: tuple[pd.DataFrame, maps.Map],
) -> None:
    vectors, finished = chart
    before = finished.points.copy()
    labels = pd.Series(np.repeat(["a", "b", "c"], 100))
    new = vectors.iloc[[5, 150, 290]] + 0.1
    placed = maps.place(finished, new)
    near = maps.nearest_labels(finished.points, placed, labels)
    assert [set(row) for row in near.to_numpy()] == [{"a"}, {"b"}, {"c"}]
    nearest = maps.distances_to(vectors, new, labels).idxmin(axis=1)
    assert [str(label) for label in nearest] == ["a", "b", "c"]
    pd.testing.assert_frame_equal(finished.points, before)
    assert finished.trustworthiness > 0.8


@pytest.mark.slow
def test_new_points_have_the_origin_of_the_map_though_the_embedding_moves_its_own(
    chart: tuple[pd.DataFrame, maps.Map],
) -> None:
    vectors, finished = chart
    some = vectors.iloc[:40]  # one cluster alone, so that the center of the new points is not that of the map
    first = maps.place(finished, some)
    away = finished.points + 7.0  # the points of a map that was drawn elsewhere on the plane
    moved = maps.Map(away, finished.embedding, finished.trustworthiness)
    pd.testing.assert_frame_equal(maps.place(moved, some), first + 7.0)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_map(chart: tuple[pd.DataFrame, maps.Map]) -> None:
    vectors, finished = chart
    pd.testing.assert_frame_equal(maps.draw_map(vectors, seed=0).points, finished.points)


def test_a_map_keeps_the_distances_of_the_vectors_as_they_are_and_does_not_standardize_them() -> None:
    # Only the first number tells vectors apart; in units of its own spread, the noise of the others would be as large.
    rng = np.random.default_rng(0)
    vectors = pd.DataFrame(np.column_stack([np.arange(90.0), rng.normal(scale=0.01, size=(90, 9))]))
    drawn = maps.draw_map(vectors, seed=0)
    assert drawn.trustworthiness > 0.95
    neighbors = maps.nearest_labels(drawn.points, drawn.points, vectors[0], 3).to_numpy()
    assert np.abs(neighbors - vectors[[0]].to_numpy()).max() < 10


@pytest.mark.parametrize(("n_vectors", "n_neighbors"), [(90, 12), (20, 9)])
def test_the_trustworthiness_is_that_of_twelve_neighbors_or_of_half_of_a_small_map(
    n_vectors: int, n_neighbors: int
) -> None:
    vectors = pd.DataFrame(np.random.default_rng(1).normal(size=(n_vectors, 6)))
    drawn = maps.draw_map(vectors, seed=0)
    # Venna and Kaski: points near on the map cost as many ranks as they are too far among the vectors.
    among_vectors, on_map = (cdist(each, each).argsort(axis=1).argsort(axis=1) for each in (vectors, drawn.points))
    too_far = np.where((on_map >= 1) & (on_map <= n_neighbors), np.maximum(among_vectors - n_neighbors, 0), 0).sum()
    most = n_vectors * n_neighbors * (2 * n_vectors - 3 * n_neighbors - 1) / 2
    assert drawn.trustworthiness == pytest.approx(1 - too_far / most)


def test_distances_to_a_label_are_those_to_its_nearest_vector() -> None:
    vectors = pd.DataFrame({"v0": [0.0, 10.0, 3.0], "v1": [0.0, 0.0, 4.0]}, ["p", "q", "r"])
    labels = pd.Series(["b", "a", "a"], ["r", "p", "q"])
    found = maps.distances_to(vectors, pd.DataFrame({"v0": [0.0, 9.0], "v1": [0.0, 0.0]}), labels)
    assert found["a"].tolist() == [0, 1]
    assert found["b"].tolist() == pytest.approx([5, 52**0.5])


def test_smoothness_is_one_for_a_value_told_by_its_place_and_zero_for_noise() -> None:
    rng = np.random.default_rng(0)
    points = pd.DataFrame(rng.random((2000, 2)), columns=["x", "y"])
    assert maps.smoothness(points, points["x"] + points["y"]) > 0.99
    noise = pd.Series(rng.normal(size=2000))
    assert abs(maps.smoothness(points, noise)) < 0.2
    # A point must not take part in its own prediction: the R2 of noise would then be above 0.
    assert maps.smoothness(points, noise, n_neighbors=1) < 0
