"""Probes of vectors against cases whose result is known."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.transform import Rotation

from cgcnn.analysis import probes


def table(values: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(values, [f"row{i}" for i in range(len(values))])


@pytest.fixture
def clusters() -> tuple[pd.DataFrame, pd.Series]:
    """Return three well separated clusters of eight points in nine dimensions, and their labels."""
    rng = np.random.default_rng(0)
    centers = np.repeat(5 * np.eye(9)[:3], 8, axis=0)
    vectors = table(centers + rng.normal(scale=0.3, size=(24, 9)))
    return vectors, pd.Series(np.repeat(["a", "b", "c"], 8), vectors.index)


def test_principal_plane_has_the_shares_of_variance_of_the_singular_values() -> None:
    values = np.random.default_rng(1).normal(size=(30, 5)) * [5, 3, 1, 1, 1]
    plane = probes.principal_plane(table(values))
    singular = np.linalg.svd(values - values.mean(axis=0), compute_uv=False) ** 2
    assert plane.explained == pytest.approx(tuple(singular[:2] / singular.sum()))
    distances = np.linalg.norm(plane.points.to_numpy(), axis=0) ** 2
    assert distances == pytest.approx(singular[:2])


def test_principal_plane_puts_the_named_rows_right_and_on_top() -> None:
    values = np.random.default_rng(2).normal(size=(30, 5))
    for sign in (1, -1):
        plane = probes.principal_plane(table(sign * values), right=["row3"], top=["row5"])
        assert plane.points["pc1"]["row3"] > plane.points["pc1"].drop("row3").mean()
        assert plane.points["pc2"]["row5"] > plane.points["pc2"].drop("row5").mean()


def test_linear_accuracy_is_one_on_separated_clusters_and_chance_on_noise(
    clusters: tuple[pd.DataFrame, pd.Series],
) -> None:
    vectors, labels = clusters
    assert np.array_equal(probes.linear_accuracy(vectors, labels, repeats=3), np.ones(3))
    noise = probes.random_vectors(vectors.index, 9, seed=3)
    assert probes.linear_accuracy(noise, labels, repeats=10).mean() == pytest.approx(1 / 3, abs=0.15)


def test_numbers_are_standardized_without_the_held_out_rows() -> None:
    # One row is so far away that, with it, the others have no spread left and cannot be told apart.
    rng = np.random.default_rng(0)
    vectors = table(np.repeat([[-1.0], [1.0]], 15, axis=0) + rng.normal(scale=0.1, size=(30, 1)))
    vectors.iloc[0] = -1e6
    labels = pd.Series(np.repeat(["a", "b"], 15), vectors.index)
    # Where the row is held out, all ten rows of the fold are right; in the two other folds, it spoils the training.
    assert probes.linear_accuracy(vectors, labels, repeats=1)[0] == pytest.approx((10 + 5 + 5) / 30, abs=0.01)


def test_every_repeat_has_other_folds(clusters: tuple[pd.DataFrame, pd.Series]) -> None:
    vectors, labels = clusters
    noisy = vectors + np.random.default_rng(4).normal(scale=3, size=vectors.shape)
    both = probes.linear_accuracy(noisy, labels, repeats=2, seed=7)
    assert both[0] != both[1]
    assert both[1] == probes.linear_accuracy(noisy, labels, repeats=1, seed=8)[0]


def test_the_first_component_is_the_one_of_the_largest_variance() -> None:
    values = np.random.default_rng(9).normal(size=(400, 3)) * [0.5, 27, 4]
    points = probes.principal_plane(table(values)).points
    assert abs(np.corrcoef(points["pc1"], values[:, 1])[0, 1]) > 0.98
    assert abs(np.corrcoef(points["pc2"], values[:, 2])[0, 1]) > 0.98


def test_the_nearest_row_is_another_one_by_its_distance() -> None:
    nearest = probes.nearest_rows(table(np.array([[0.0, 0], [1, 0], [5, 5], [5, 4.5]])))
    assert nearest.tolist() == ["row1", "row0", "row3", "row2"]


def test_linear_accuracy_is_the_same_for_the_same_seed(clusters: tuple[pd.DataFrame, pd.Series]) -> None:
    vectors, labels = clusters
    noisy = vectors + np.random.default_rng(4).normal(scale=3, size=vectors.shape)
    first, again = (probes.linear_accuracy(noisy, labels, repeats=2, seed=7) for _ in range(2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, probes.linear_accuracy(noisy, labels, repeats=2, seed=8))


def test_a_label_with_one_member_lowers_the_attainable_accuracy_by_its_share() -> None:
    labels = pd.Series(["a"] * 6 + ["b"] * 5 + ["c"])
    assert probes.attainable_accuracy(labels) == pytest.approx(11 / 12)


def test_nearest_rows_share_labels_on_separated_clusters(clusters: tuple[pd.DataFrame, pd.Series]) -> None:
    vectors, labels = clusters
    found = probes.same_label_neighbors(vectors, labels, n_shuffles=500)
    assert found.share == 1
    assert found.chance == pytest.approx(7 / 23, abs=0.02)
    assert found.p_value == 1 / 501
    assert (labels[probes.nearest_rows(vectors)].to_numpy() == labels.to_numpy()).all()


def test_likeness_is_one_for_turned_moved_and_scaled_vectors() -> None:
    values = np.random.default_rng(5).normal(size=(20, 3))
    turned = 3.7 * values @ Rotation.from_euler("xyz", [1, 2, 3]).as_matrix() + 5
    assert probes.procrustes_similarity(table(values), table(turned)) == pytest.approx(1)
    assert probes.debiased_cka(table(values), table(turned)) == pytest.approx(1)


def test_likeness_of_random_vectors_is_small() -> None:
    a, b = (table(np.random.default_rng(seed).normal(size=(500, 3))) for seed in (6, 7))
    assert abs(probes.debiased_cka(a, b)) < 0.05
    assert probes.procrustes_similarity(a, b) < 0.05


def test_the_alignment_of_random_vectors_with_more_columns_than_rows_is_zero_on_average() -> None:
    of_pairs = [
        probes.debiased_cka(*(table(np.random.default_rng(2 * pair + k).normal(size=(52, 64))) for k in (0, 1)))
        for pair in range(40)
    ]
    assert abs(np.mean(of_pairs)) < 0.01
    assert np.std(of_pairs) < 0.05


def test_the_alignment_is_the_mean_over_all_four_rows_of_its_definition() -> None:
    rng = np.random.default_rng(8)
    a, b = rng.normal(size=(7, 4)), rng.normal(size=(7, 6))

    def criterion(k: np.ndarray, m: np.ndarray) -> float:
        # Song et al. 2012: the U-statistic over four different rows.
        fours = itertools.permutations(range(7), 4)
        return float(np.mean([k[i, j] * (m[i, j] + m[q, r] - 2 * m[i, q]) for i, j, q, r in fours]))

    k, m = a @ a.T, b @ b.T
    expected = criterion(k, m) / np.sqrt(criterion(k, k) * criterion(m, m))
    assert probes.debiased_cka(table(a), table(b)) == pytest.approx(expected)


def test_rank_correlation_uses_the_rows_that_both_have() -> None:
    a = pd.Series([1.0, 2.0, 3.0, 9.0], ["p", "q", "r", "s"])
    b = pd.Series([8.0, 6.0, 5.0, 0.0], ["p", "q", "r", "t"])
    assert probes.rank_correlation(a, b) == pytest.approx(-1)
