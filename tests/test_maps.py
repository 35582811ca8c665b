"""Test maps on which new points are placed, and how smooth a value is on them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

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


def test_smoothness_is_one_for_a_value_told_by_its_place_and_zero_for_noise() -> None:
    rng = np.random.default_rng(0)
    points = pd.DataFrame(rng.random((2000, 2)), columns=["x", "y"])
    assert maps.smoothness(points, points["x"] + points["y"]) > 0.99
    noise = pd.Series(rng.normal(size=2000))
    assert abs(maps.smoothness(points, noise)) < 0.2
    # A point must not take part in its own prediction: the R2 of noise would then be above 0.
    assert maps.smoothness(points, noise, n_neighbors=1) < 0
