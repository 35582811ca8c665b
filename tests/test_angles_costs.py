"""The costs of angles are medians of what the benchmark recorded."""

from __future__ import annotations

import pytest

from cgcnn.paper.angles_costs import cost_table, with_ratios

_RECORD = {
    "sets": {
        "boron": {
            "seconds_without": [1.0, 1.2, 5.0],
            "seconds_with": [1.3, 1.6, 6.0],
            "epoch_ratio": 1.3,
            "peak_bytes_without": 500_000_000,
            "peak_bytes_with": 600_000_000,
        }
    }
}


def test_a_row_has_the_medians_of_the_epochs_and_the_ratio_of_the_pairs() -> None:
    (row,) = cost_table(_RECORD).to_dict("records")
    assert row == {
        "set": "boron",
        "seconds_without": 1.2,
        "seconds_with": 1.6,
        "epoch_ratio": 1.3,
        "megabytes_without": pytest.approx(500),
        "megabytes_with": pytest.approx(600),
    }


def test_the_ratio_stands_with_the_numbers_of_its_set_alone() -> None:
    numbers = {"boron": {"test_mae": 0.04}, "further": {"test_mae": 0.02}, "by_seed": {}}
    assert with_ratios(numbers, cost_table(_RECORD)) == {
        "boron": {"test_mae": 0.04, "epoch_ratio": 1.3},
        "further": {"test_mae": 0.02},
        "by_seed": {},
    }
