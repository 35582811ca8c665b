"""Predictions with a range: what is like the training crystals is inside, what is not is outside, and both are said."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable

import numpy as np
import pytest
from pymatgen.core import Structure

from cgcnn.analysis.conformal import calibrate
from cgcnn.analysis.prediction import predict
from cgcnn.analysis.ranges import predict_with_range
from cgcnn.data.crystals import Crystals, pack
from cgcnn.errors import DataError
from cgcnn.training.config import Config
from cgcnn.training.fit import fit
from cgcnn.training.runs import Run
from tests.transformations import permuted, rotated, supercell, translated

INTERVAL = ["lower_eV_per_atom", "upper_eV_per_atom"]


@pytest.fixture(scope="module")
def runs(few: Crystals, quick: Config, run: Run) -> list[Run]:
    """Two runs that differ by their seed."""
    return [run, fit(few, quick.replace(seed=1), device="cpu")]


def stretched(crystals: Crystals, factor: float) -> Crystals:
    """Return the crystals with all their distances multiplied by a factor."""
    return dataclasses.replace(crystals, lattices=crystals.lattices * factor)


def test_training_crystals_are_inside_at_hardly_any_distance(run: Run, few: Crystals) -> None:
    # There are fewer training crystals than vectors that stand for them, so that each stands for itself.
    table = predict_with_range([run], few.select(run.split.train))
    assert set(table["range"]) == {"inside"}
    assert table["distance"].max() < 0.1
    assert set(table["remark"]) == {""}


def test_validation_crystals_are_inside_and_in_their_intervals_nine_times_in_ten(run: Run, few: Crystals) -> None:
    chosen = run.split.validation
    table, targets = predict_with_range([run], few.select(chosen)), few.targets[chosen]
    np.testing.assert_array_equal(table["energy_eV_per_atom"], predict(run, few.select(chosen)))
    is_held = (table[INTERVAL[0]] <= targets) & (targets <= table[INTERVAL[1]])
    # 54 of the 60, and at most one more by the rule of the quantile.
    assert 54 <= is_held.sum() <= 56
    assert (table["range"] == "inside").sum() >= 53
    assert table["uncertainty_eV_per_atom"].isna().all()


@pytest.mark.parametrize("factor", [0.5, 1.6, 10.0])
def test_crystals_that_are_squeezed_or_stretched_are_outside_with_wide_intervals(
    run: Run, few: Crystals, factor: float
) -> None:
    some = few.select(run.split.train[:20])
    usual, strange = predict_with_range([run], some), predict_with_range([run], stretched(some, factor))
    assert (strange["range"] == "outside").mean() >= 0.9
    assert (strange["remark"] != "").mean() >= 0.9
    widths = [(table[INTERVAL[1]] - table[INTERVAL[0]]).median() for table in (usual, strange)]
    assert widths[1] > 2 * widths[0]


@pytest.mark.parametrize("change", [permuted, rotated, translated, supercell])
def test_the_distance_does_not_depend_on_how_a_crystal_is_written(
    run: Run, few: Crystals, change: Callable[[Structure, int], Structure]
) -> None:
    some = few.select(run.split.test[:10])
    other = [change(some.structure(index), index) for index in range(len(some))]
    packed = pack(other, some.ids, some.targets, some.name, some.target_name, some.unit)
    tables = [predict_with_range([run], crystals) for crystals in (some, packed)]
    np.testing.assert_allclose(tables[1]["distance"], tables[0]["distance"], rtol=1e-3)
    np.testing.assert_allclose(tables[1][INTERVAL], tables[0][INTERVAL], rtol=1e-3, atol=1e-4)
    assert tables[1]["range"].tolist() == tables[0]["range"].tolist()


def test_the_interval_of_an_ensemble_comes_from_the_errors_of_its_mean(runs: list[Run], few: Crystals) -> None:
    validation = few.select(runs[0].split.validation)
    members = np.array([predict(each, validation) for each in runs])
    table = predict_with_range(runs, validation)
    np.testing.assert_allclose(table["energy_eV_per_atom"], members.mean(axis=0))
    np.testing.assert_allclose(table["uncertainty_eV_per_atom"], members.std(axis=0, ddof=1))
    expected = calibrate(members.mean(axis=0) - validation.targets, table["distance"].to_numpy())
    half_widths = (table[INTERVAL[1]] - table[INTERVAL[0]]) / 2
    np.testing.assert_allclose(half_widths, expected.half_widths(table["distance"].to_numpy()), rtol=0.02)


def test_nine_in_ten_validation_crystals_are_within_the_distance_1_and_one_in_forty_is_outside(
    run: Run, few: Crystals
) -> None:
    table = predict_with_range([run], few.select(run.split.validation))
    # 54 and 58.5 of the 60; the distances of the file are rounded.
    assert (table["distance"] <= 1).sum() == pytest.approx(54, abs=1)
    assert (table["range"] == "outside").sum() == pytest.approx(1.5, abs=1)
    assert (table["range"] == "at the edge").sum() == pytest.approx(4.5, abs=1.5)
    assert table.loc[table["range"] == "inside", "distance"].max() <= 1


def test_the_distance_of_an_ensemble_is_the_mean_of_its_members_in_its_own_unit(runs: list[Run], few: Crystals) -> None:
    some = few.select(runs[0].split.test)
    both, *alone = (predict_with_range(each, some)["distance"] for each in (runs, runs[:1], runs[1:]))
    inside = (both < 1) & (alone[0] < 1) & (alone[1] < 1)  # outside of what was seen, lengths count too
    ratios = (both / np.mean(alone, axis=0))[inside]
    assert inside.sum() > 30
    np.testing.assert_allclose(ratios, ratios.iloc[0], rtol=1e-3)
    assert np.abs(both / alone[0] - ratios.iloc[0])[inside].max() > 0.01  # the members differ


def test_columns_are_named_after_the_target(run: Run, few: Crystals) -> None:
    of_gaps = dataclasses.replace(run, target_name="band gap", unit="eV")
    columns = list(predict_with_range([of_gaps], few.select([0])))
    assert columns == ["band_gap_eV", "uncertainty_eV", "lower_eV", "upper_eV", "distance", "range", "remark"]


def test_a_run_of_an_old_file_predicts_and_says_how_to_get_the_range(
    run: Run, few: Crystals, caplog: pytest.LogCaptureFixture
) -> None:
    old, some = dataclasses.replace(run, seen=None), few.select(range(3))
    with caplog.at_level(logging.WARNING):
        table = predict_with_range([old], some)
    assert "no interval; cgcnn.with_seen(run, crystals) adds it" in caplog.text
    np.testing.assert_array_equal(table["energy_eV_per_atom"], predict(run, some))
    assert table[[*INTERVAL, "distance"]].isna().all(axis=None)
    assert set(table["range"]) == {"unknown"}


def test_a_run_of_an_old_file_still_names_what_no_crystal_has(run: Run, few: Crystals) -> None:
    some = few.select([0])
    table = predict_with_range([dataclasses.replace(run, seen=None)], stretched(some, 10.0))
    assert table["remark"].iloc[0].startswith("a site of this ")
    assert table["remark"].iloc[0].endswith("has no neighbor within 6 angstrom (0.00485 g/cm3)")
    assert predict_with_range([dataclasses.replace(run, seen=None)], some)["remark"].iloc[0] == ""


def test_runs_with_different_validation_sets_have_no_common_interval(run: Run, few: Crystals, quick: Config) -> None:
    other = fit(few, quick.replace(split_seed=1, epochs=1), device="cpu")
    with pytest.raises(DataError, match="have different validation sets"):
        predict_with_range([run, other], few.select([0]))
