"""The tables on the crystals of the perovskites' section, for crystals that can be counted by hand."""

from __future__ import annotations

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

from cgcnn.analysis.prediction import predict
from cgcnn.analysis.set_size import set_size
from cgcnn.data.crystals import Crystals, pack
from cgcnn.data.quantity import ENERGY
from cgcnn.errors import DataError
from cgcnn.graphs import crystal_graphs
from cgcnn.paper import perovskite_tables as tables
from cgcnn.training.runs import Run

# B is at a corner, A in the middle, and X in the middles of the edges at B.
_SITES = np.array([[1, 1, 1], [0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]]) / 2


@pytest.fixture(scope="module")
def titanates() -> Crystals:
    """Return SrTiO3, SrTiO3 with Sr and Ti swapped, and BaTiO3."""
    structures = [
        Structure(Lattice.cubic(3.9), [a, b, "O", "O", "O"], _SITES)
        for a, b in (("Sr", "Ti"), ("Ti", "Sr"), ("Ba", "Ti"))
    ]
    return pack(structures, ["swapped not", "swapped", "barium"], [-0.24, 1.5, -0.5], "titanates", "energy", "eV/atom")


def test_the_set_is_counted_before_and_after_merging(titanates: Crystals) -> None:
    size = set_size(titanates, crystal_graphs.build(titanates))
    assert size["crystals"] == 3
    assert size["distinct compositions"] == 2
    assert size["elements"] == 4
    assert titanates.symbols == ["O", "Ti", "Sr", "Ba"]
    assert size["sites"] == 15
    assert size["edges before merging (12 per site)"] == 180
    assert size["nodes after merging"] == 9  # A, B and X of each
    assert size["edges after merging"] < 60
    assert size.filter(like="target").to_dict() == {
        "lowest target (eV/atom)": -0.5,
        "median target (eV/atom)": -0.24,
        "highest target (eV/atom)": 1.5,
    }


def test_the_lowest_crystal_of_a_composition_is_found_among_those_of_that_composition_only(titanates: Crystals) -> None:
    assert titanates.ids[tables.lowest_of_composition(titanates, "SrTiO3")] == "swapped not"
    with pytest.raises(DataError, match="titanates: no crystal is CaTiO3"):
        tables.lowest_of_composition(titanates, "CaTiO3")


def test_a_target_per_atom_means_five_times_as_much_for_a_formula_unit() -> None:
    table = tables.energies_per_formula_unit(-0.24)
    assert table.index.tolist() == ["target -0.24 read as eV/atom", "target -0.24 read as eV/cell"]
    assert table["energy per formula unit (eV)"].tolist() == pytest.approx([-1.2, -0.24])


def test_rounded_targets_are_off_by_a_quarter_of_the_step() -> None:
    exact = np.random.default_rng(0).uniform(-1, 3, 20_000)
    rounded = np.round(exact / 0.02) * 0.02
    assert tables.rounding_error(rounded) == pytest.approx(np.abs(rounded - exact).mean(), rel=0.02)
    assert tables.rounding_error(exact) == 0
    assert "a multiple of 0.02" in tables.rounding_statement(rounded)
    assert "off by 0.005 eV/atom" in tables.rounding_statement(rounded)
    assert tables.rounding_statement(exact) == "The targets are not rounded."


def test_merging_saves_edges_and_changes_no_prediction_beyond_the_rounding(run: Run, few: Crystals) -> None:
    graphs = crystal_graphs.build(few)
    numbers = tables.merging_numbers(run, few, graphs)
    assert numbers["merging_fewer_edges"] == 12 * 5 * 300 / graphs.n_edges
    assert numbers["merging_fewer_edges"] > 1.3
    test = few.select(run.split.test)
    merged, apart = predict(run, test), predict(run, test, merge=False)
    assert numbers["merging_largest_difference_eV_per_atom"] == max(abs(merged - apart)) < 1e-4 * np.ptp(merged)


def test_texts_hold_numbers_of_dictionaries_and_errors_with_their_unit() -> None:
    numbers = {
        "radius_pc2_by_block": {"s": -1.0, "d": -0.2},
        "lr_accuracy": {"group": 0.6},
        "test_mae": 0.03,
        "train_mae": 0.02,
        "test_mae_held_out_elements": 0.3327,
        "test_mae_cation_pair_split": None,
        "merging_largest_difference_eV_per_atom": 2.1e-6,
    }
    found = tables.texts(numbers, ENERGY)
    assert found["radius_d"] == -0.2
    assert found["lr_group"] == 0.6
    assert found["held_out_error"] == "0.3327 eV/atom"
    assert found["merging_difference"] == "2.1 \N{MULTIPLICATION SIGN} 10⁻⁶ eV/atom"
    assert found["overfitting"] == pytest.approx(1.5)
    missing = ("lr_group_unit", "usual_variance", "cation_pair_error", "lr_group_range", "alignment_full")
    assert all(found[name] is None for name in missing)
