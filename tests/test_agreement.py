"""The agreement between seeds: numbers worked out by hand for a few sites, and changes that leave it as it is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cgcnn.analysis.representations import Representations
from cgcnn.paper.agreement import (
    environment_and_cell_agreement,
    local_agreement_numbers,
    local_energy_agreement,
    seed_agreement,
)


def test_each_two_seeds_have_a_row_of_correlations_and_the_mean_absolute_difference() -> None:
    table = seed_agreement([np.array([1.0, 2.0, 4.0]), np.array([1.0, 3.0, 2.0]), np.array([2.0, 4.0, 8.0])], [5, 6, 9])
    assert table["seeds"].tolist() == ["5, 6", "5, 9", "6, 9"]
    # For (1, 2, 4) and (1, 3, 2), the sums of squares about the means are 14/3 and 2, and the sum of products is 1.
    assert table["correlation"].tolist() == pytest.approx([1 / np.sqrt(28 / 3), 1, 1 / np.sqrt(28 / 3)])
    assert table["rank correlation"].tolist() == pytest.approx([0.5, 1, 0.5])
    assert table["mean difference (eV)"].tolist() == pytest.approx([1, 7 / 3, 8 / 3])


def test_runs_of_different_lengths_and_runs_without_a_seed_are_refused() -> None:
    with pytest.raises(ValueError, match="dimension"):
        seed_agreement([np.zeros(3), np.zeros(4)], [0, 1])
    with pytest.raises(ValueError, match="longer"):
        seed_agreement([np.zeros(3), np.zeros(3)], [0])


def levels(local_energies: list[float]) -> Representations:
    """Return the representations of two crystals of two sites each."""
    environments = pd.DataFrame(
        {"crystal": ["a", "a", "b", "b"], "site": [0, 1, 0, 1], "local_energy_eV_per_atom": local_energies}
    )
    energies = environments.groupby("crystal")[["local_energy_eV_per_atom"]].mean()
    return Representations(
        pd.DataFrame(), environments, pd.DataFrame(), energies.set_axis(["energy_eV_per_atom"], axis=1)
    )


def test_what_is_left_without_the_crystals_energy_tells_how_it_is_shared_among_sites() -> None:
    # The energies of the crystals are -1 and 9 in both runs, which share them among the sites in opposite ways.
    first, second = levels([-2.0, 0.0, 8.0, 10.0]), levels([0.0, -2.0, 10.0, 8.0])
    (row,) = local_energy_agreement([first, second], [0, 1], np.arange(4)).to_dict("records")
    assert row["less crystal's energy: correlation"] == pytest.approx(-1)
    assert row["local energies: correlation"] == pytest.approx(24 / 26)
    assert row["mean difference (eV)"] == 2
    assert row["seeds"] == "0, 1"


def test_only_the_chosen_environments_are_compared() -> None:
    first, second = levels([-2.0, 0.0, 8.0, 10.0]), levels([-2.0, 0.0, 8.0, 50.0])
    (row,) = local_energy_agreement([first, second], [0, 1], np.array([0, 1, 2])).to_dict("records")
    assert row["mean difference (eV)"] == 0
    assert row["local energies: correlation"] == pytest.approx(1)


def test_differences_that_cancel_within_a_pair_of_elements_are_not_seen_in_its_cell() -> None:
    first = pd.DataFrame(
        {
            "element": ["Al", "Al", "Si", "P"],
            "first_neighbor": ["O", "O", "O", "O"],
            "local_energy_eV_per_atom": [-3.0, -1.0, 1.0, 4.0],
        }
    )
    second = first.assign(local_energy_eV_per_atom=[-4.0, 0.0, 1.0, 4.0])
    (row,) = environment_and_cell_agreement([first, second], [3, 4]).to_dict("records")
    assert row["mean difference (eV)"] == 0.5
    assert row["cells: mean difference (eV)"] == 0
    assert row["cells of Fig. 6: rank correlation"] == pytest.approx(1)
    assert row["environments: correlation"] == pytest.approx(np.corrcoef([-3, -1, 1, 4], [-4, 0, 1, 4])[0, 1])
    assert row["seeds"] == "3, 4"


def test_the_numbers_are_means_over_the_pairs_and_the_difference_is_compared_with_the_error() -> None:
    table = pd.DataFrame(
        {
            "local energies: correlation": [0.9, 0.7],
            "mean difference (eV)": [0.1, 0.2],
            "less crystal's energy: correlation": [0.5, 0.3],
        }
    )
    assert local_agreement_numbers(table, test_mae=0.075) == pytest.approx(
        {
            "local_energy_seed_correlation": 0.8,
            "local_energy_seed_difference": 0.15,
            "local_energy_seed_correlation_in_crystal": 0.4,
            "local_energy_seed_difference_over_test_mae": 2.0,
        }
    )
