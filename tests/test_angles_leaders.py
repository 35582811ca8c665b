"""The table of published errors on the snapshot of 2018 with ours in it."""

from __future__ import annotations

import dataclasses

import pandas as pd
import pytest

from cgcnn.analysis.learning_curves import PowerLaw, fit_power_law
from cgcnn.paper.angles_leaders import DrawnOn, beside_leaders, draw_on, to_draw, words_of
from cgcnn.paper.literature import read_literature

OF_SET = {"n_train": 45_000, "test_mae": 0.0240, "together_mae": 0.0216, "train_mae": 0.014, "seeds": [0, 1, 2]}
# Four thirds of the crystals to the power of -1/2 leave this share of the error.
SHARE = 3**0.5 / 2


@pytest.fixture
def related() -> PowerLaw:
    """Return the law of another set, whose errors are four times as large, with a slope of -1/2 +- 1/10."""
    return PowerLaw(slope=-0.5, slope_ci=(-0.6, -0.4), slope_error=0.04, intercept=1.3, r2=0.99, n_sizes=7)


@pytest.fixture
def drawn(related: PowerLaw) -> DrawnOn:
    found = draw_on(OF_SET, None, related)
    assert found is not None
    return found


def test_an_error_is_drawn_on_from_where_it_was_measured_with_the_slope_of_the_related_set(drawn: DrawnOn) -> None:
    assert drawn.mae == pytest.approx(0.0240 * SHARE)
    assert drawn.lower == pytest.approx(0.0240 * (4 / 3) ** -0.6)
    assert drawn.upper == pytest.approx(0.0240 * (4 / 3) ** -0.4)
    assert drawn.lower < drawn.mae < drawn.upper
    assert (drawn.slope, drawn.slope_of) == (-0.5, "the Materials Project")


def test_the_slope_of_the_split_itself_comes_before_that_of_the_related_set(related: PowerLaw) -> None:
    own = fit_power_law([11_250, 22_500, 45_000], [0.0960, 0.0480, 0.0240])
    found = draw_on(OF_SET, own, related)
    assert found is not None
    assert found.mae == pytest.approx(0.0240 * 3 / 4)
    assert found.slope_of == "this split"
    assert draw_on(OF_SET, None, None) is None


def test_ours_stands_among_the_leaders_by_its_error_with_its_own_size_and_the_range_of_what_is_drawn_on(
    drawn: DrawnOn,
) -> None:
    leaders = read_literature()["leaders"]
    table = beside_leaders(leaders, OF_SET, drawn)
    assert table["mae_eV_per_atom"].is_monotonic_decreasing
    assert (table["training_size"][table["kind"] == "published"] == 60_000).all()
    assert "coGN" not in set(table["method"])  # its error is on other data
    ours = table[table["kind"] == "ours"]
    assert ours["mae_eV_per_atom"].tolist() == [0.0240, 0.0216]
    assert ours["training_size"].tolist() == [45_000, 45_000]
    assert table["method"].tolist()[: int(ours.index[0])] == ["MEGNet"]
    (row,) = table[table["kind"] == "drawn on with the slope measured on the Materials Project"].to_dict("records")
    assert row["training_size"] == 60_000
    ends = (row["lower_eV_per_atom"], row["mae_eV_per_atom"], row["upper_eV_per_atom"])
    assert ends == (drawn.lower, drawn.mae, drawn.upper)
    assert table["lower_eV_per_atom"].isna().sum() == len(table) - 1
    assert not beside_leaders(leaders, OF_SET, None)["kind"].str.startswith("drawn on").any()


def test_the_line_starts_at_the_mean_of_one_network_and_smaller_sizes_come_from_the_curve(drawn: DrawnOn) -> None:
    beside = beside_leaders(read_literature()["leaders"], OF_SET, drawn)
    points = pd.DataFrame({"training_size": [22_500, 45_000], "test_mae_eV_per_atom": [0.0340, 0.0251]})
    _, ours, line = to_draw(beside, points)
    of_last = [[45_000, 0.0240, "one network"], [45_000, 0.0216, "3 together"]]
    assert ours.to_numpy().tolist() == [[22_500, 0.0340, ""], *of_last]
    assert line["name"].iloc[-1] == "one network, drawn on"
    assert line["training_size"].tolist() == [45_000, 60_000]
    assert line["mae_eV_per_atom"].tolist() == [0.0240, drawn.mae]


def test_the_text_names_our_errors_runs_and_crystals_and_its_place_among_the_published(drawn: DrawnOn) -> None:
    methods = {"A": 0.030, "B": 0.023, "C": 0.021, "D": 0.018}
    beside = pd.DataFrame({"method": methods.keys(), "mae_eV_per_atom": methods.values(), "kind": "published"})
    words = words_of(OF_SET, beside, drawn, dataclasses.replace(drawn, mae=0.0222, slope=-0.44))
    assert {name: words.pop(f"leaders_last_{name}") for name in vars(drawn)} == {
        **vars(drawn),
        "mae": 0.0222,
        "slope": -0.44,
    }
    assert words == {
        "leaders_one": 0.0240,
        "leaders_together": 0.0216,
        "leaders_train": 0.014,
        "leaders_seeds": 3,
        "leaders_n_train": 45_000,
        "leaders_size": 60_000,
        "leaders_share": 0.75,
        "leaders_number": 4,
        "leaders_above_one": 1,
        "leaders_above_together": 2,
        "leaders_best": "D",
        "leaders_best_mae": 0.018,
        "leaders_drawn_mae": drawn.mae,
        "leaders_drawn_lower": drawn.lower,
        "leaders_drawn_upper": drawn.upper,
        "leaders_drawn_slope": -0.5,
        "leaders_drawn_slope_of": "the Materials Project",
    }
    assert words.keys() - words_of(OF_SET, beside, None, None).keys() == {
        f"leaders_drawn_{name}" for name in vars(drawn)
    }
