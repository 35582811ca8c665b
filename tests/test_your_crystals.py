"""The tables of the section on one's own crystals, and the example folder that it reads."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pymatgen.core import Lattice, Structure

from cgcnn.data import datasets
from cgcnn.data.crystals import Crystals, pack
from cgcnn.data.quantity import Quantity
from cgcnn.errors import DataError
from cgcnn.paper import your_crystals
from cgcnn.paper.example_folder import write_example
from cgcnn.training.runs import Run

GAP = Quantity("band gap", "eV")


@pytest.fixture
def gaps() -> Crystals:
    """Return four crystals with band gaps of 1, 2, 3 and 4 eV."""
    cell = Structure(Lattice.cubic(4), ["Na", "Cl"], [[0.0, 0, 0], [0.5, 0.5, 0.5]])
    return pack([cell] * 4, ["a", "b", "c", "d"], [1.0, 2, 3, 4], "gaps", "band gap", "eV")


@pytest.fixture
def predicted() -> pd.DataFrame:
    """Return predictions of which the last is off by 2 eV and far out, and outside of its interval."""
    return pd.DataFrame(
        {
            "band_gap_eV": [1.1, 2.0, 2.7, 2.0],
            "lower_eV": [0.5, 1.5, 2.0, 1.0],
            "upper_eV": [1.5, 2.5, 3.5, 3.0],
            "distance": [0.2, 0.4, 1.1, 3.0],
            "range": ["inside", "inside", "at the edge", "outside"],
        },
        index=pd.Index(["a", "b", "c", "d"], name="crystal"),
    )


def test_errors_and_intervals_are_told_apart_by_how_far_the_crystals_are(
    predicted: pd.DataFrame, gaps: Crystals
) -> None:
    table = your_crystals.trust_table(predicted, gaps)
    assert table.index.tolist() == ["inside", "at the edge", "outside", "all"]
    assert table["crystals"].tolist() == [2, 1, 1, 4]
    assert table["MAE (eV)"].tolist() == pytest.approx([0.05, 0.3, 2.0, 0.6])
    assert table["in their interval"].tolist() == [1, 1, 0, 0.75]
    assert your_crystals.range_numbers(predicted, gaps) == {"coverage": 0.75, "outside": 0.25}


def test_files_of_figures_are_named_without_their_folder_and_measured_in_millimeters() -> None:
    written = pd.DataFrame({"file": ["../out/parity.pdf"], "width": [180], "height": [76]})
    (row,) = your_crystals.files_on_the_page(written).to_dict("records")
    assert row == {"file": "parity.pdf", "width (mm)": 180, "height (mm)": 76}


def test_the_farthest_crystals_come_first_with_their_targets(predicted: pd.DataFrame, gaps: Crystals) -> None:
    table = your_crystals.farthest(predicted, gaps, 2)
    assert table.index.tolist() == ["d", "c"]
    assert table["target_eV"].tolist() == [4, 3]
    assert "target_eV" not in predicted


def test_test_crystals_with_an_element_of_no_training_crystal_are_left_out(run: Run, few: Crystals) -> None:
    numbers = np.array(few.atomic_numbers)
    first = int(run.split.test[0])
    numbers[few.sites(first)] = 94  # plutonium, which no perovskite of the set has
    strange = dataclasses.replace(few, atomic_numbers=numbers)
    kept = your_crystals.predictable_test([run, run], strange)
    assert len(kept) == len(run.split.test) - 1
    assert few.ids[first] not in kept.ids


def test_a_line_takes_three_sizes() -> None:
    sizes = [10, 20, 40]
    curve = pd.DataFrame({"set": "gaps", "training_size": sizes, "test_mae_eV": [4 / size for size in sizes]})
    (line,) = your_crystals.power_laws(curve, GAP).values()
    assert line == pytest.approx((-1, np.log10(4)))
    assert your_crystals.power_laws(curve.iloc[1:], GAP) == {}


def test_the_example_is_read_with_its_unit_and_its_damaged_parts_are_named(tmp_path: Path) -> None:
    folder = write_example(tmp_path / "example", n_crystals=12)
    report = "\n".join(your_crystals.check(folder, {"target": None, "unit": None, "per": None}))
    assert "11 crystals" in report
    assert "volume (Å^3/atom)" in report
    assert "  id_prop.csv: line 14: forgotten.cif is not there" in report
    assert str(tmp_path) not in report
    assert "no atoms in it" in report
    crystals = datasets.load(folder, skip_bad=True)
    volumes = np.abs(np.linalg.det(crystals.lattices)) / crystals.n_sites
    np.testing.assert_allclose(crystals.targets, volumes, atol=1e-4)
    with pytest.raises(DataError, match=r"forgotten\.cif is not there"):
        datasets.load(folder)


def test_an_example_that_is_not_damaged_is_read_whole(tmp_path: Path) -> None:
    assert len(datasets.load(write_example(tmp_path / "whole", n_crystals=12, damaged=False))) == 12


def test_a_named_set_needs_no_check() -> None:
    (line,) = your_crystals.check("boron-embedded", {})
    assert line == "boron-embedded: a data set of this package, whose files are known"
