"""The table of published errors on the snapshot of 2018 with ours in it."""

from __future__ import annotations

import pytest

from cgcnn.analysis.learning_curves import fit_power_law
from cgcnn.paper.angles_leaders import beside_leaders, error_at, words_of
from cgcnn.paper.literature import read_literature


def test_a_power_law_is_drawn_on_along_its_line() -> None:
    law = fit_power_law([100, 1000, 10_000], [0.8, 0.4, 0.2])
    assert error_at(law, 1000) == pytest.approx(0.4)
    assert error_at(law, 100_000) == pytest.approx(0.1)


def test_ours_stands_among_the_leaders_by_its_error_with_its_own_size() -> None:
    leaders = read_literature()["leaders"]
    of_set = {"n_train": 44_376, "test_mae": 0.0215, "together_mae": 0.0195, "seeds": [0, 1]}
    law = fit_power_law([11_000, 22_000, 44_000], [0.0430, 0.0304, 0.0215])
    table = beside_leaders(leaders, of_set, law)
    assert table["mae_eV_per_atom"].is_monotonic_decreasing
    assert (table["training_size"][table["kind"] == "published"] == 60_000).all()
    assert "coGN" not in set(table["method"])  # its error is on other data
    ours = table[table["kind"] == "ours"]
    assert ours["mae_eV_per_atom"].tolist() == [0.0215, 0.0195]
    assert ours["training_size"].tolist() == [44_376, 44_376]
    before = table["method"].tolist()[: int(ours.index[0])]
    assert before == ["MEGNet", "ALIGNN"]
    (drawn,) = table[table["kind"] == "drawn on"].to_dict("records")
    assert drawn["training_size"] == 60_000
    assert drawn["mae_eV_per_atom"] == pytest.approx(0.0215 * (60 / 44) ** -0.5, rel=1e-2)
    assert (beside_leaders(leaders, of_set, None)["kind"] != "drawn on").all()


def test_the_text_names_our_errors_runs_and_share_of_the_crystals() -> None:
    of_set = {"n_train": 45_000, "test_mae": 0.025, "together_mae": 0.022, "train_mae": 0.014, "seeds": [0, 1, 2]}
    assert words_of(of_set) == {
        "megnet_one": 0.025,
        "megnet_together": 0.022,
        "megnet_train": 0.014,
        "megnet_seeds": 3,
        "megnet_share": 0.75,
    }
