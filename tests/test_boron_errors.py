"""The errors of the boron section on parts of the test structures that can be told by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pymatgen.core import Lattice, Structure

from cgcnn.analysis.prediction import predict
from cgcnn.data import datasets
from cgcnn.data.crystals import Crystals, pack
from cgcnn.data.quantity import ENERGY
from cgcnn.data.splits import Split
from cgcnn.paper import boron_errors
from cgcnn.paper.recipes import paper_config
from cgcnn.paper.section import run_errors
from cgcnn.paper.seed_numbers import over_seeds
from cgcnn.training.fit import make_split
from cgcnn.training.runs import Run


def test_a_twin_is_a_test_structure_with_a_near_copy_in_training_and_not_in_validation() -> None:
    def layer(a: float) -> Structure:
        return Structure(Lattice.hexagonal(a, 8), ["B", "B"], [[1 / 3, 2 / 3, 0.5], [2 / 3, 1 / 3, 0.5]])

    edges = [2.90, 3.10, 3.30, 2.901, 3.101, 3.301, 3.50]
    crystals = pack([layer(edge) for edge in edges], [str(edge) for edge in edges], [0.0] * 7, "layers")
    split = Split(train=np.array([5, 0]), validation=np.array([1]), test=np.array([6, 4, 2, 3]))
    assert boron_errors.has_twin(crystals, split).tolist() == [False, False, True, True]


@pytest.mark.public
def test_one_in_seven_test_structures_of_boron_has_a_twin_in_training_and_none_after_the_split_by_family() -> None:
    boron, by_family = datasets.load("boron"), datasets.load("boron-by-family")
    assert boron_errors.has_twin(boron, make_split(boron, paper_config("boron"))).sum() == 144
    split = make_split(by_family, paper_config("boron-by-family"))
    assert not boron_errors.has_twin(by_family, split).any()


def test_errors_of_parts_are_of_the_test_crystals_in_them(run: Run, few: Crystals) -> None:
    test = few.select(run.split.test)
    is_twin = np.arange(len(test)) % 3 == 0
    errors = run_errors([run, run], few)
    table, numbers = boron_errors.with_parts(errors, [run, run], few, is_twin)
    absolute, below = np.abs(predict(run, test) - test.targets), test.targets <= 1
    assert 0 < below.sum() < len(test)
    for part, chosen in {"within_1_eV": below, "without_twins": ~is_twin, "of_twins": is_twin}.items():
        expected = pytest.approx([absolute[chosen].mean()] * 2)
        assert table[f"test_mae_{part}_eV_per_atom"].tolist() == expected
        assert numbers["by_seed"][f"test_mae_{part}"] == expected
    pd.testing.assert_frame_equal(table.iloc[:, :-3], errors)
    assert numbers["test_mae_without_twins_std"] == 0
    assert numbers["n_test_twins"] == is_twin.sum()
    assert numbers["n_test_without_twins"] == (~is_twin).sum()
    assert numbers["n_test_within_1_eV"] == below.sum()


def test_without_twins_there_is_no_error_of_twins(run: Run, few: Crystals) -> None:
    none = np.zeros(len(run.split.test), dtype=bool)
    table, numbers = boron_errors.with_parts(run_errors([run], few), [run], few, none)
    assert table["test_mae_of_twins_eV_per_atom"].isna().all()
    assert "test_mae_of_twins" not in numbers
    assert numbers["test_mae_without_twins"] == pytest.approx(table["test_mae_eV_per_atom"][0])


def test_the_errors_of_the_split_by_family_have_rows_and_names_of_their_own(run: Run, few: Crystals) -> None:
    errors = run_errors([run, run], few)
    table, numbers = boron_errors.with_families(errors.assign(extra=1.0), [run, run], few)
    assert table["split"].tolist() == ["random"] * 2 + ["by family"] * 2
    assert numbers["by_seed"] == {
        "train_mae_family_split": errors["train_mae_eV_per_atom"].tolist(),
        "test_mae_family_split": errors["test_mae_eV_per_atom"].tolist(),
    }
    assert numbers["test_mae_family_split_std"] == 0


def test_errors_in_the_text_have_their_seeds_and_a_unit() -> None:
    of_seeds = [{"train_mae": 0.06, "test_mae": 0.08, "test_mae_family_split": value} for value in (0.3, 0.5)]
    numbers = {**over_seeds(of_seeds), "local_energy_seed_difference_over_test_mae": 1.56}
    assert boron_errors.error_texts(numbers, ENERGY) == {
        "train_error": "0.060 (0.060 to 0.060 by seed) eV/atom",
        "error_within_1_eV": "not measured here",
        "error_without_twins": "not measured here",
        "error_family_split": "0.400 (0.300 to 0.500 by seed) eV/atom",
        "train_error_family_split": "not measured here",
        "train_share": "75 %",
        "difference_over_error": "1.6",
    }
