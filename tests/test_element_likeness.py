"""The similarity of element vectors between seeds, on vectors that are similar by construction."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import special_ortho_group

from cgcnn.analysis.elements import element_table
from cgcnn.analysis.representations import element_vectors
from cgcnn.paper import element_likeness
from cgcnn.training.runs import Run

METALS = ["Li", "Be", "Na", "Mg", "K", "Ca", "Sc", "Ti", "V", "Cr", "Mn", "Fe", "Co", "Ni", "Cu", "Zn"]


def vectors(seed: int) -> pd.DataFrame:
    """Return vectors that lie near a plane in six dimensions, so that their principal plane is certain."""
    spread = np.array([5, 3, 0.1, 0.1, 0.1, 0.1])
    return pd.DataFrame(np.random.default_rng(seed).normal(size=(len(METALS), 6)) * spread, METALS)


def test_vectors_are_gathered_by_size_without_the_elements_that_training_lacked(run: Run) -> None:
    known, seen = element_vectors(run), ["Ti", "Li", "Na", "K", "Mg"]
    by_size = element_likeness.vectors_by_size([run, run], pd.Index([*seen, "Pu"]))
    assert list(by_size) == [len(run.split.train)]
    for table in by_size[len(run.split.train)]:
        pd.testing.assert_frame_equal(table, known.loc[seen], check_names=False)
    assert element_likeness.vectors_by_size([run], pd.Index([*seen[:4], "Pu"])) == {}


def test_the_first_run_of_each_size_is_projected() -> None:
    properties = element_table(METALS)
    maps, explained = element_likeness.planes_by_size({10: [vectors(0), vectors(1)], 99: [vectors(2)]}, properties)
    assert list(maps) == list(explained) == [10, 99]
    for size, seed in ((10, 0), (99, 2)):
        values = vectors(seed).to_numpy()
        singular = np.linalg.svd(values - values.mean(axis=0), compute_uv=False) ** 2
        assert explained[size] == pytest.approx(tuple(singular[:2] / singular.sum()))
        assert maps[size]["group"].tolist() == properties["group"].tolist()
        assert np.linalg.norm(maps[size][["pc1", "pc2"]].to_numpy()) ** 2 == pytest.approx(singular[:2].sum())


def test_vectors_that_are_turned_are_alike_and_random_ones_are_not() -> None:
    first = vectors(0)
    turned = pd.DataFrame(first.to_numpy() @ special_ortho_group.rvs(6, random_state=1), METALS)
    # The second table lacks an element, so the pair is compared on the elements that both have.
    table = element_likeness.likeness_table({10: [first, turned.drop("V")], 99: [first, turned, first]})
    assert table.value_counts(["training_size", "vectors", "measure"]).to_dict() == {
        (size, kind, measure): pairs
        for size, pairs in ((10, 1), (99, 3))
        for kind in ("learned", "random")
        for measure in element_likeness.MEASURES
    }
    learned = table["vectors"] == "learned"
    assert table.loc[learned, "value"].min() == pytest.approx(1)
    assert table.loc[~learned, "value"].max() < 0.8
    of_size = table[learned & (table["training_size"] == 99) & (table["measure"] == element_likeness.MEASURES[0])]
    assert list(zip(of_size["first"], of_size["second"], strict=True)) == [(0, 1), (0, 2), (1, 2)]
    assert table.loc[~learned, "value"].nunique() == 8  # every pair has random vectors of its own


def some_likeness() -> pd.DataFrame:
    """Return made-up similarities of three runs on two sizes."""
    plane, alignment = element_likeness.MEASURES
    pairs = ((0, 1), (0, 2), (1, 2))
    rows = [
        (size, first, second, measure, kind, value)
        for size, measure, kind, values in (
            (10, plane, "learned", (0.2, 0.4, 0.3)), (99, plane, "learned", (0.8, 0.9, 0.7)),
            (10, plane, "random", (0.1, 0.1, 0.1)), (99, plane, "random", (0.0, 0.0, 0.0)),
            (10, alignment, "learned", (0.95, 0.95, 0.95)), (99, alignment, "learned", (0.96, 0.98, 0.97)),
            (10, alignment, "random", (0.0, 0.1, 0.2)), (99, alignment, "random", (0.0, 0.0, 0.3)),
        )
        for (first, second), value in zip(pairs, values, strict=True)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["training_size", "first", "second", "measure", "vectors", "value"])


def test_numbers_are_of_the_planes_at_the_smallest_and_the_largest_size() -> None:
    numbers = element_likeness.likeness_numbers(some_likeness())
    assert numbers["plane_similarity_smallest"] == pytest.approx(0.3)
    assert numbers["plane_similarity_random"] == pytest.approx(0.1)
    assert numbers["plane_similarity_second"] == pytest.approx(0.8)
    assert numbers["plane_similarity_full"] == pytest.approx(0.8)
    assert numbers["alignment_full"] == pytest.approx(0.97)
    assert numbers["alignment_random"] == pytest.approx(0.1)
    # The ranks 2, 2, 2, 5, 5 and 5 are correlated with 1 to 6.
    assert numbers["similarity_size_rank_correlation"] == pytest.approx(3 * np.sqrt(3 / 35))


def test_an_interval_leaves_out_one_seed_with_all_its_pairs() -> None:
    intervals = element_likeness.likeness_numbers(some_likeness())["intervals"]
    # Without seed 0, 1 and 2 there are the pairs (1, 2), (0, 2) and (0, 1), and Student's factor is 4.303.
    spread = (2 / 3 * (0.1**2 + 0.1**2)) ** 0.5
    assert intervals["plane_similarity_full"] == pytest.approx([0.8 - 4.3027 * spread, 0.8 + 4.3027 * spread], abs=1e-4)
    assert len(intervals["similarity_size_rank_correlation"]) == 2
    one_size = some_likeness().query("training_size == 99")
    numbers = element_likeness.likeness_numbers(one_size)
    assert list(numbers["intervals"]) == ["plane_similarity_full"]
    assert np.isnan(numbers["similarity_size_rank_correlation"])
    assert element_likeness.likeness_numbers(some_likeness().query("second == 1"))["intervals"] == {}
