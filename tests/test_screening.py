"""Precision, recall and enrichment are those that one counts by hand, also where scores are equal."""

from __future__ import annotations

import numpy as np
import pytest

from cgcnn.analysis.screening import curve, found_at, measures, of_choice, of_first, share_interval

# Ten crystals, of which the second, the fifth and the last are wanted.
WANTED = np.array([0, 1, 0, 0, 1, 0, 0, 0, 0, 1], dtype=bool)


def test_of_four_chosen_crystals_two_are_wanted_and_one_wanted_is_missed() -> None:
    called = np.array([1, 1, 0, 0, 1, 1, 0, 0, 0, 0], dtype=bool)
    found = of_choice(WANTED, called)
    assert found == {
        "called": 4,
        "found": 2,
        "precision": 0.5,
        "recall": pytest.approx(2 / 3),
        "enrichment": pytest.approx(0.5 / 0.3),
    }


def test_a_share_of_nothing_is_none() -> None:
    nothing = of_choice(WANTED, np.zeros(10, dtype=bool))
    assert (nothing["precision"], nothing["recall"], nothing["enrichment"]) == (None, 0, None)
    none_wanted = measures(10, 0, 4, 0)
    assert (none_wanted["precision"], none_wanted["recall"], none_wanted["enrichment"]) == (0, None, None)


def test_the_lowest_scores_come_first() -> None:
    scores = np.array([5, 1, 2, 6, 3, 7, 8, 9, 10, 4], dtype=float)
    assert found_at(WANTED, scores, np.arange(11)).tolist() == [0, 1, 1, 2, 3, 3, 3, 3, 3, 3, 3]
    assert of_first(WANTED, scores, 3) == pytest.approx(
        {"called": 3, "found": 2, "precision": 2 / 3, "recall": 2 / 3, "enrichment": (2 / 3) / 0.3}
    )


def test_equal_scores_count_as_the_mean_over_all_their_orders() -> None:
    same = np.zeros(10)
    assert found_at(WANTED, same, np.array([1, 5, 10])) == pytest.approx([0.3, 1.5, 3])
    assert curve(WANTED, same)["enrichment"].tolist() == pytest.approx([1] * 10)
    last = np.where(np.arange(10) < 5, 1.0, np.inf)  # those without a score come last, in any order
    assert found_at(WANTED, last, np.array([5, 10])) == pytest.approx([2, 3])


def test_a_curve_ends_with_everything_found_at_the_precision_of_chance() -> None:
    found = curve(WANTED, np.arange(10.0)[::-1])
    assert found["looked_at"].tolist() == list(range(1, 11))
    assert found["found"].tolist() == [1, 1, 1, 1, 1, 2, 2, 2, 3, 3]
    assert found.iloc[-1].tolist() == pytest.approx([10, 3, 0.3, 1, 1])
    assert found.iloc[0].tolist() == pytest.approx([1, 1, 1, 1 / 3, 10 / 3])


def test_the_interval_of_a_share_is_wilson_s() -> None:
    # Wilson's interval of 8 of 10 with z = 1.959964: (p + z²/2n ± z sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n).
    assert share_interval(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert share_interval(0, 0) is None
