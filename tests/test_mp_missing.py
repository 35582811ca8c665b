"""What missing crystals hold is expected from crystals of their energies and ids, and the figure shows the record."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import Rectangle, StepPatch

from cgcnn.data.crystals import Crystals
from cgcnn.paper import full_run, mp_missing


@pytest.fixture(scope="module")
def record() -> mp_missing.Record:
    """What was measured on the public data."""
    found: mp_missing.Record = mp_missing.read_records()["missing"]
    return found


def test_ids_are_sorted_into_blocks_of_a_hundred_thousand() -> None:
    ids = ("mp-7", "mp-99999", "mp-100000", "mp-754118", "mp-1002124", "mvc-3")
    assert mp_missing.blocks(ids).tolist() == ["mp-0", "mp-0", "mp-1", "mp-7", "mp-10", "mvc-0"]


def test_a_crystal_holds_its_elements_and_a_sulfate_is_no_sulfide(few: Crystals) -> None:
    held = mp_missing.holdings(few)
    for crystal in range(0, len(few), 37):
        symbols = {str(element) for element in few.structure(crystal).composition}
        assert set(held.columns[held.iloc[crystal]]) - {mp_missing.SULFIDES} == symbols
    changed = few.atomic_numbers.copy()
    changed[few.sites(0)] = [38, 16, 8, 8, 8]
    changed[few.sites(1)] = [38, 16, 16, 16, 16]
    changed[few.sites(2)] = [38, 8, 8, 8, 8]
    sulfides = mp_missing.holdings(dataclasses.replace(few, atomic_numbers=changed))[mp_missing.SULFIDES]
    assert sulfides.iloc[:3].tolist() == [False, True, False]


def test_other_crystals_are_like_those_of_their_energy_and_ids_then_of_their_energy_then_of_all() -> None:
    held = pd.DataFrame(
        {"O": [True, False, True, False, False]}, index=["mp-1", "mp-2", "mp-700001", "mp-700002", "mp-3"]
    )
    energies = np.array([-1.01, -1.09, -1.05, -1.15, 0.55])
    expected = mp_missing.expected_means(
        held,
        energies,
        ["mp-9", "mp-799999", "mp-700000", "mp-500000", "mp-4"],
        np.array([-1.05, -1.02, -1.19, -1.0001, 3]),
    )
    assert expected["O"].tolist() == pytest.approx([1 / 2, 1, 0, 2 / 3, 2 / 5])


def test_what_is_measured_adds_up_on_a_small_set(few: Crystals) -> None:
    ids = tuple(f"mp-{k * 5000}" for k in range(len(few)))
    crystals = dataclasses.replace(few, ids=ids)
    here, rest = crystals.select(range(200)), crystals.select(range(200, 300))
    energies = {name: float(target) for name, target in zip(ids[:260], few.targets, strict=False)}
    found = mp_missing.measure(here, energies, frozenset(ids[:280]), rest)
    assert (found["n_listed"], found["n_here"], found["n_missing"], found["n_with_energy"]) == (280, 200, 80, 60)
    assert found["missing_mean_eV_per_atom"] == pytest.approx(few.targets[200:260].mean())
    assert sum(block["here"] for block in found["blocks"]) == pytest.approx(1)
    assert sum(block["missing"] for block in found["blocks"]) == pytest.approx(1)
    # Perovskites have five sites each.
    assert (found["here_mean_sites"], found["expected_missing_mean_sites"]) == (5, 5)
    assert (found["checks"]["missing"]["n"], found["checks"]["outside"]["n"]) == (80, 20)
    oxygen = next(row for row in found["elements"] if row["element"] == "O")
    assert oxygen["here"] == 200  # all are oxides, and so the missing ones are expected to be
    assert oxygen["expected_missing"] == pytest.approx(60)


def test_the_missing_quarter_is_not_a_random_quarter(record: mp_missing.Record) -> None:
    numbers = mp_missing.missing_numbers(record)
    assert (numbers["n_listed"], numbers["n_here"], numbers["n_missing"]) == (46_744, 36_476, 10_268)
    assert (numbers["n_with_energy"], numbers["n_without_energy"]) == (10_007, 261)
    # Computed by hand from the list, the archive's ids and the snapshot.
    assert numbers["missing_mean_eV_per_atom"] == pytest.approx(-2.30, abs=0.005)
    assert numbers["missing_std_eV_per_atom"] == pytest.approx(0.49, abs=0.005)
    assert numbers["here_mean_eV_per_atom"] == pytest.approx(-1.57, abs=0.005)
    assert (numbers["largest_block"], numbers["n_found"]) == ("mp-7", 108)
    assert numbers["largest_block_missing"] == pytest.approx(0.65, abs=0.005)
    assert numbers["oxides_expected"] > 1.5 * numbers["oxides_here"]


def test_the_figure_shows_every_group_and_its_shares(record: mp_missing.Record) -> None:
    left, middle, right = mp_missing.missing_figure(mp_missing.missing_table(record)).axes
    for counts, name in zip(left.patches, ("here_counts", "missing_counts"), strict=True):
        assert isinstance(counts, StepPatch)
        values, edges = counts.get_data()[:2]
        assert (values * np.diff(edges)).sum() == pytest.approx(1)
        assert len(values) == len(record[name])
    heights = [bar.get_height() for bar in middle.patches if isinstance(bar, Rectangle)]
    assert sum(heights[: len(heights) // 2]) == pytest.approx(1, abs=0.02)
    assert [label.get_text() for label in right.get_xticklabels()] == ["O", "Li", "P", "F", "S\nwithout O"]
    assert middle.get_legend() is not None


def test_the_numbers_of_the_text_are_of_the_paper_s_network_and_of_finite_size() -> None:
    records = mp_missing.read_records()
    values = mp_missing.text_values(records)
    assert {name.split("_")[0] for name in values} == {"missing", "cells", "full"}
    assert all(np.isfinite(value) for value in values.values() if not isinstance(value, str))
    of_paper = records["other_cells"]["networks"][0]
    assert of_paper["network"] == "paper"
    assert values["cells_outside_mae"] == of_paper["outside"]["mae_eV_per_atom"]
    # Added crystals are more, and have more sites than the others.
    sites_per_crystal = values["missing_expected_mean_sites"] / values["missing_here_mean_sites"]
    hours = full_run.estimate(records["results"], 1)["hours"]
    assert values["full_hours"] == pytest.approx(hours * (1 + 10_007 / 36_476 * sites_per_crystal))
    assert values["cells_later_cells_mae"] > values["cells_own_cells_mae"]


def test_the_full_run_takes_longer_than_the_published_one_by_its_crystals() -> None:
    benchmark = mp_missing.read_records()["results"]
    found = full_run.estimate(benchmark, 1.5)
    assert found["n_networks"] > 50
    assert 1 < found["hours"] < 24
    measured = benchmark["materials_project"]["peak_bytes"]["cgcnn"] / 1e9
    assert found["memory_GB"] == pytest.approx(measured * 1.5)
    assert found["hours"] == pytest.approx(1.5 * full_run.estimate(benchmark, 1)["hours"])


def test_the_shares_of_the_figure_s_table_add_up_and_every_bar_has_a_row(record: mp_missing.Record) -> None:
    table = mp_missing.missing_table(record)
    energies = table[table["panel"] == "energies"]
    assert energies[["here", "missing"]].sum().tolist() == pytest.approx([1, 1])
    left, middle, right = mp_missing.missing_figure(table).axes
    n_bars = (len(middle.patches) + len(right.patches)) / 2
    assert n_bars == (table["panel"] != "energies").sum()
    here = next(patch for patch in left.patches if isinstance(patch, StepPatch))
    assert here.get_data()[0] * 0.1 == pytest.approx(energies["here"].to_numpy())
