"""Where no crystal is left, as where a network knows no element of any, results are empty, missing, or refused."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from cgcnn.analysis.ensembles import represent_ensemble
from cgcnn.analysis.prediction import predict
from cgcnn.analysis.probes import rank_correlation
from cgcnn.analysis.ranges import predict_with_range
from cgcnn.analysis.representations import represent
from cgcnn.data.crystals import Crystals
from cgcnn.data.quantity import ENERGY
from cgcnn.errors import DataError
from cgcnn.graphs.crystal_graphs import build, load_or_build
from cgcnn.paper import angles_errors, discovery, levels, perovskite_tables
from cgcnn.training.runs import Run

# No promise here may rest on a mean or a maximum of nothing, of which NumPy warns.
pytestmark = pytest.mark.filterwarnings("error::RuntimeWarning")


@pytest.fixture(scope="module")
def none(few: Crystals) -> Crystals:
    return few.select([])


@pytest.fixture(scope="module")
def ignorant(run: Run) -> Run:
    """Return a run whose training crystals hold hydrogen alone, so that it can predict none of the few crystals."""
    return dataclasses.replace(run, elements=np.array([1]))


@pytest.mark.parametrize("angles", [False, True])
@pytest.mark.parametrize("merge", [False, True])
def test_no_crystals_have_no_graphs(few: Crystals, none: Crystals, angles: bool, merge: bool) -> None:
    empty, some = build(none, angles=angles, merge=merge), build(few.select([0]), angles=angles, merge=merge)
    assert (len(empty), empty.n_nodes, empty.n_edges) == (0, 0, 0)
    assert empty.node_offsets.tolist() == empty.edge_offsets.tolist() == [0]
    assert {name: array.dtype for name, array in empty.arrays().items()} == {
        name: array.dtype for name, array in some.arrays().items()
    }


def test_graphs_of_no_crystals_can_be_kept(none: Crystals) -> None:
    assert len(load_or_build(none)) == len(load_or_build(none)) == 0


def test_no_crystals_have_no_predictions_and_no_vectors(run: Run, few: Crystals, none: Crystals) -> None:
    assert len(predict(run, none, "cpu")) == len(predict(run, none, "cpu", merge=False)) == 0
    for crystals, n in ((none, 0), (few.select([0]), 1)):
        levels_of_one, levels_of_two = represent(run, crystals, "cpu"), represent_ensemble([run, run], crystals, "cpu")
        ranges = predict_with_range([run, run], crystals, "cpu")
        assert {len(table) for table in (ranges, levels_of_one.crystals, levels_of_two.energies)} == {n}
        assert levels_of_one.environments["element"].nunique() == (5 - 2) * n
        assert levels_of_one.environments["v0"].dtype == np.float32


def test_merging_changes_an_unknown_number_where_no_test_crystal_can_be_predicted(ignorant: Run, few: Crystals) -> None:
    numbers = perovskite_tables.merging_numbers(ignorant, few, build(few))
    assert np.isnan(numbers["merging_largest_difference_eV_per_atom"])
    assert numbers["merging_fewer_edges"] > 1
    assert perovskite_tables.merging_text(numbers, ENERGY) is None


def test_stable_crystals_are_not_sought_where_no_test_crystal_can_be_predicted(ignorant: Run, few: Crystals) -> None:
    problem = f"each of the {len(ignorant.split.test)} test crystals has an element that no training crystal has"
    with pytest.raises(DataError, match=problem) as caught:
        discovery.judge([ignorant], few, 0.0, "cpu")
    assert "another seed" in caught.value.way_out
    with pytest.raises(DataError, match=problem) as caught:
        discovery.judge([ignorant], dataclasses.replace(few, parts=np.zeros(len(few), dtype=np.uint8)), 0.0, "cpu")
    assert "mark crystals" in caught.value.way_out


def test_levels_and_ranges_are_missing_where_no_test_crystal_can_be_predicted(ignorant: Run, few: Crystals) -> None:
    (coverage, outside) = angles_errors.coverage([ignorant], few, "cpu").values()
    assert np.isnan([coverage, outside]).all()
    runs = {("perovskites", "one"): [ignorant], ("perovskites", "other"): [ignorant]}
    table = levels.compare_levels(runs, {"perovskites": few}, "cpu")
    assert table[["agreement", "off_by"]].isna().all(axis=None)


def test_nothing_has_no_rank_correlation() -> None:
    nothing = pd.Series([], dtype=float)
    assert np.isnan(rank_correlation(nothing, nothing))
