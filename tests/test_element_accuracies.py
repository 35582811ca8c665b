"""Accuracies of a linear model over seeds and folds, on vectors of which they are known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cgcnn.analysis import probes
from cgcnn.paper import element_accuracies
from cgcnn.paper.element_accuracies import LEARNED, RANDOM, UNIT_START
from cgcnn.paper.element_categories import PROPERTIES
from cgcnn.paper.seed_numbers import crossed_interval, jackknife_interval


@pytest.fixture(scope="module")
def labels() -> pd.DataFrame:
    """Return twelve elements in three categories per property; one category of ``group`` has a single element."""
    table = pd.DataFrame({name: ["a"] * 4 + ["b"] * 4 + ["c"] * 4 for name in PROPERTIES})
    table["group"] = ["a"] * 6 + ["b"] * 5 + ["c"]
    return table.set_index(pd.Index([f"X{i}" for i in range(12)]))


@pytest.fixture(scope="module")
def telling(labels: pd.DataFrame) -> pd.DataFrame:
    """Return vectors that depend on the block and not on the group."""
    corners = 3 * pd.get_dummies(labels["block"]).to_numpy(dtype=float)
    return pd.DataFrame(corners + np.random.default_rng(2).normal(scale=0.1, size=corners.shape), labels.index)


def test_learned_vectors_are_read_and_random_ones_beside_them_differ_by_seed(
    labels: pd.DataFrame, telling: pd.DataFrame
) -> None:
    vectors = {LEARNED: [telling, telling], UNIT_START: [telling]}
    table = element_accuracies.accuracy_table(vectors, labels, [4, 5], repeats=3)
    assert len(table) == 4 * (2 + 2 + 1) * 3
    accuracy = element_accuracies.of_runs(table).set_index(["property", "vectors", "seed"])["accuracy"]
    assert accuracy["block", LEARNED, 4] == accuracy["block", UNIT_START, 4] == 1
    assert accuracy["block", RANDOM, 4] < 0.8
    assert accuracy["radius", RANDOM, 4] != accuracy["radius", RANDOM, 5]
    assert accuracy["radius", LEARNED, 4] == accuracy["radius", LEARNED, 5]
    expected = probes.linear_accuracy(telling, labels["group"], 3)
    rows = table[(table["property"] == "group") & (table["vectors"] == LEARNED) & (table["seed"] == 5)]
    assert rows.sort_values("folds")["accuracy"].tolist() == expected.tolist()


def test_the_limits_are_the_largest_category_and_what_training_folds_can_know(labels: pd.DataFrame) -> None:
    limits = element_accuracies.accuracy_limits(labels).set_index("property")
    assert limits.loc["group"].to_dict() == pytest.approx({"categories": 3, "majority": 1 / 2, "attainable": 11 / 12})
    assert limits.loc["block"].to_dict() == pytest.approx({"categories": 3, "majority": 1 / 3, "attainable": 1})


#: Accuracies of three seeds (rows) with two assignments to folds.
GROUP = np.array([[0.8, 0.82], [0.9, 0.86], [0.7, 0.72]])
BY_CHANCE = np.array([[0.4, 0.4], [0.3, 0.3], [0.38, 0.42]])


def some_accuracies() -> pd.DataFrame:
    rows = [
        {"property": name, "vectors": kind, "seed": seed, "folds": folds, "accuracy": accuracy}
        for kind, values in ((LEARNED, GROUP), (RANDOM, BY_CHANCE), (UNIT_START, BY_CHANCE[:1] + 0.1))
        for name in ("block", "group")
        for (seed, folds), accuracy in np.ndenumerate(values if name == "group" else values + 0.1)
    ]
    return pd.DataFrame(rows)


LIMITS = pd.DataFrame(
    {"property": ["block", "group"], "categories": [3, 16], "majority": [0.5, 0.1], "attainable": [1.0, 0.98]}
)


def test_numbers_over_runs_are_means_deviations_and_the_gain_in_them() -> None:
    numbers = element_accuracies.accuracy_numbers(some_accuracies(), LIMITS)
    assert numbers["lr_accuracy"] == pytest.approx({"block": 0.9, "group": 0.8})
    assert numbers["by_seed"]["lr_accuracy.group"] == pytest.approx([0.81, 0.88, 0.71])
    assert numbers["lr_accuracy_std"]["group"] == pytest.approx(np.std([0.81, 0.88, 0.71], ddof=1))
    assert numbers["lr_accuracy_random"]["group"] == pytest.approx(1.1 / 3)
    assert numbers["lr_accuracy_unit_start"]["group"] == pytest.approx(0.5)
    deviation = np.sqrt((np.var([0.81, 0.88, 0.71], ddof=1) + np.var([0.4, 0.3, 0.4], ddof=1)) / 2)
    assert numbers["lr_gain_in_deviations"]["group"] == pytest.approx((0.8 - 1.1 / 3) / deviation)
    assert numbers["lr_accuracy_lowest"]["group"] == pytest.approx(0.71)
    assert numbers["lr_accuracy_highest"]["group"] == pytest.approx(0.88)
    assert numbers["lr_majority"] == {"block": 0.5, "group": 0.1}
    assert numbers["lr_attainable"] == {"block": 1, "group": 0.98}
    assert numbers["lr_assignments"] == 2


def test_the_interval_of_an_accuracy_is_over_seeds_and_folds_and_that_of_a_gain_over_seeds_left_out() -> None:
    intervals = element_accuracies.accuracy_numbers(some_accuracies(), LIMITS)["intervals"]
    assert intervals["lr_accuracy.group"] == pytest.approx(list(crossed_interval(GROUP) or ()))
    learned, random = GROUP.mean(axis=1), BY_CHANCE.mean(axis=1)

    def gain(seeds: object) -> float:
        one, other = learned[list(seeds)], random[list(seeds)]  # type: ignore[call-overload]  # a list of numbers
        return float((one.mean() - other.mean()) / np.sqrt((one.var(ddof=1) + other.var(ddof=1)) / 2))

    logarithm = jackknife_interval(lambda seeds: float(np.log(gain(seeds))), 3) or ()
    assert intervals["lr_gain_in_deviations.group"] == pytest.approx([np.exp(end) for end in logarithm])
    # Turned round, the gain is negative and has no logarithm.
    turned = some_accuracies().replace({"vectors": {LEARNED: RANDOM, RANDOM: LEARNED}}).query("vectors != @UNIT_START")
    negative = element_accuracies.accuracy_numbers(turned, LIMITS)["intervals"]["lr_gain_in_deviations.group"]
    assert negative == pytest.approx([-end for end in reversed(jackknife_interval(gain, 3) or ())])
    alone = some_accuracies().query("seed == 0")
    assert element_accuracies.accuracy_numbers(alone, LIMITS)["intervals"] == {}


def test_the_interval_for_the_group_is_a_text_or_missing() -> None:
    numbers = element_accuracies.accuracy_numbers(some_accuracies(), LIMITS)
    numbers["intervals"]["lr_accuracy.group"] = [0.541, 0.6408]
    assert element_accuracies.group_range(numbers) == "54.1 % to 64.1 %"
    assert element_accuracies.group_range({}) is None


def test_the_summary_has_a_column_for_each_kind_of_vectors() -> None:
    summary = element_accuracies.accuracy_summary(some_accuracies(), LIMITS)
    assert list(summary) == ["categories", "majority", "attainable", LEARNED, UNIT_START, RANDOM]
    assert np.allclose(summary.loc["group"], [16, 0.1, 0.98, 0.8, 0.5, 1.1 / 3])


def test_each_strength_has_a_column_and_the_strongest_regularization_reads_only_the_largest_category(
    labels: pd.DataFrame, telling: pd.DataFrame
) -> None:
    table = element_accuracies.accuracy_by_strength(telling, labels, [1e-4, 1])
    assert table.columns.tolist() == ["C = 0.0001", "C = 1"]
    assert table.index.tolist() == list(PROPERTIES)
    assert table.loc["block", "C = 1"] == 1
    assert table.loc["group", "C = 1"] == probes.linear_accuracy(telling, labels["group"]).mean()
    assert table.loc["group", "C = 0.0001"] == pytest.approx(1 / 2, abs=0.02)
