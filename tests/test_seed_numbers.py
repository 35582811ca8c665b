"""Numbers of several seeds: means, and intervals that hold what they promise."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import bootstrap, ttest_1samp

from cgcnn.paper.seed_numbers import (
    crossed_interval,
    jackknife_interval,
    join,
    mean_interval,
    named_values,
    over_seeds,
    text_by_seed,
    with_interval,
)


def test_numbers_of_seeds_become_their_means_and_keep_the_number_of_each_seed_under_dotted_names() -> None:
    of_seeds = [{"a": 1, "b": {"c": 2.0, "d": {"e": None}}}, {"a": 2, "b": {"c": 4.0, "d": {"e": 1.0}}}]
    assert over_seeds(of_seeds) == {
        "a": 1.5,
        "b": {"c": 3.0, "d": {"e": None}},
        "by_seed": {"a": [1.0, 2.0], "b.c": [2.0, 4.0]},
    }


def test_parts_are_joined_with_their_numbers_by_seed_and_their_intervals() -> None:
    one = {"a": 1, "by_seed": {"a": [1, 1]}, "x": 0}
    other = {"b": 2, "by_seed": {"b": [2, 2]}, **with_interval("c", 3.0, (1.0, 5.0)), "x": 1}
    assert join(one, other) == {
        "a": 1, "b": 2, "c": 3.0, "x": 1, "by_seed": {"a": [1, 1], "b": [2, 2]}, "intervals": {"c": [1.0, 5.0]}
    }  # fmt: skip


def test_numbers_are_found_by_dotted_names_and_missing_ones_are_none() -> None:
    numbers = {"a": 1.0, "by_block": {"s": -1.0, "d": None}}
    names = {"one": "a", "of_s": "by_block.s", "of_d": "by_block.d", "of_f": "by_block.f"}
    assert named_values(numbers, names) == {"one": 1.0, "of_s": -1.0, "of_d": None, "of_f": None}


def test_the_interval_of_a_mean_is_student_s() -> None:
    values = [0.3, 0.5, 0.4, 0.45, 0.61]
    expected = ttest_1samp(values, 0).confidence_interval(0.95)
    assert mean_interval(values) == pytest.approx((expected.low, expected.high))
    assert mean_interval([0.3]) is None


def test_the_interval_of_seeds_and_folds_covers_the_truth_in_about_95_of_100_draws() -> None:
    rng = np.random.default_rng(0)
    n_covered = 0
    for _ in range(400):
        table = 0.6 + rng.normal(0, 0.03, (5, 1)) + rng.normal(0, 0.02, (1, 20)) + rng.normal(0, 0.005, (5, 20))
        interval = crossed_interval(table)
        assert interval is not None
        n_covered += interval[0] <= 0.6 <= interval[1]
    assert 0.92 <= n_covered / 400 <= 0.99
    assert crossed_interval(np.zeros((1, 20))) is None


def test_seeds_and_folds_each_have_their_share_in_an_interval() -> None:
    # Student's factor for two numbers is 12.706. The first table has equal seeds, the second equal folds.
    table = np.array([[0.5, 0.7], [0.5, 0.7]])
    for each in (table, table.T):
        assert crossed_interval(each) == pytest.approx((0.6 - 1.2706, 0.6 + 1.2706), abs=1e-4)
    both = crossed_interval(np.array([[0.4, 0.6], [0.6, 0.8]]))
    assert both == pytest.approx((0.6 - 2**0.5 * 1.2706, 0.6 + 2**0.5 * 1.2706), abs=1e-4)


def test_leaving_out_one_seed_gives_student_s_interval_for_a_mean_and_the_bootstrap_s_for_a_ratio() -> None:
    values = np.random.default_rng(1).normal(2, 0.3, (2, 30))
    of_mean = jackknife_interval(lambda seeds: float(values[0, seeds].mean()), 30)
    assert of_mean == pytest.approx(mean_interval(values[0].tolist()))
    of_ratio = jackknife_interval(lambda seeds: float(values[0, seeds].mean() / values[1, seeds].mean()), 30)
    drawn = bootstrap(
        values,
        lambda a, b, axis: a.mean(axis) / b.mean(axis),
        paired=True,
        method="basic",
        rng=np.random.default_rng(0),
    ).confidence_interval
    assert of_ratio == pytest.approx((drawn.low, drawn.high), abs=0.03)
    assert jackknife_interval(lambda seeds: float(len(seeds)), 2) is None


def test_a_text_shows_the_mean_with_the_least_and_the_greatest_seed() -> None:
    numbers = over_seeds([{"ratio": {"b35": value}} for value in (2.3, 1.4, 1.93)])
    assert text_by_seed(numbers, "ratio.b35") == "1.88 (1.40 to 2.30 by seed)"
    assert text_by_seed(over_seeds([{"ratio": 2.3}]), "ratio", 1) == "2.3"
    assert text_by_seed(numbers, "ratio.b80") == "not measured here"
