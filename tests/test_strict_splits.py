"""The numbers of stricter splits and of the other start are those of their runs, and are None where none was run."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from cgcnn.analysis.prediction import mean_absolute_error, mean_predictor_error
from cgcnn.analysis.representations import element_vectors
from cgcnn.data import datasets
from cgcnn.data.crystals import Crystals
from cgcnn.data.perovskite_splits import held_out_elements
from cgcnn.data.quantity import ENERGY
from cgcnn.paper import element_start, strict_splits
from cgcnn.paper.element_categories import PROPERTIES
from cgcnn.paper.recipes import RECIPES
from cgcnn.training.config import Config
from cgcnn.training.fit import fit
from cgcnn.training.runs import Run


@pytest.fixture(scope="module")
def held_out(few: Crystals) -> Crystals:
    """Return the few crystals with those that hold titanium as test crystals, and others for validation."""
    has_titanium = np.array(["Ti" in name.split("-") for name in few.ids])
    parts = np.where(has_titanium, 2, np.arange(len(few)) % 5 == 0)
    return dataclasses.replace(few, name="titanium-held-out", parts=parts.astype(np.uint8))


@pytest.fixture(scope="module")
def run_without_titanium(held_out: Crystals) -> Run:
    return fit(held_out, Config(epochs=4, batch_size=16, width=16, n_convolutions=2, averaging=0.9), device="cpu")


def test_the_splits_are_of_sets_that_exist_with_recipes() -> None:
    for dataset, splits in strict_splits.SPLITS.items():
        assert {dataset, *splits.values()} <= set(datasets.names()) & set(RECIPES)


def test_crystals_with_a_held_out_element_are_predicted_with_its_random_start(
    run_without_titanium: Run, held_out: Crystals, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = run_without_titanium
    assert "Ti" not in element_vectors(run).index
    monkeypatch.setattr(datasets, "load", lambda _: held_out)
    runs = {strict_splits.HELD_OUT: [run]}
    errors = strict_splits.split_errors(runs)
    assert errors["split"].tolist() == ["held-out elements"]
    numbers = strict_splits.split_numbers(runs, errors)
    assert numbers["test_mae_held_out_elements"] == pytest.approx(mean_absolute_error(run, held_out, "test"))
    assert numbers["train_mae_held_out_elements"] == pytest.approx(mean_absolute_error(run, held_out, "train"))
    mean = mean_predictor_error(run, held_out, "test")
    assert numbers["mean_predictor_mae_held_out_elements"] == pytest.approx(mean)
    assert numbers["by_seed"]["test_mae_held_out_elements"] == [numbers["test_mae_held_out_elements"]]
    assert numbers["test_mae_cation_pair_split"] is None
    start = np.asarray(run.network.element_vectors.detach())[22]
    assert 0.02 < start.std() < 0.09  # the start of 0.05, which weight decay shrinks at most


def test_without_seeds_or_for_another_set_nothing_is_trained() -> None:
    assert strict_splits.split_runs("perovskites", "paper", [], "cpu") == {}
    assert strict_splits.split_runs("boron", "paper", [0], "cpu") == {}
    numbers = strict_splits.split_numbers({}, strict_splits.split_errors({}))
    assert numbers["test_mae_cation_pair_split"] is numbers["test_mae_held_out_elements"] is None
    assert strict_splits.held_out_symbols({}) is None


def test_the_held_out_elements_are_named(public: Crystals, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(held_out_elements(public)) == 5
    monkeypatch.setattr(datasets, "load", lambda _: public)
    assert strict_splits.held_out_symbols({strict_splits.HELD_OUT: [run]}) == "Mn, Ni, Zr, Ag and Hf"


def test_the_other_start_is_shown_beside_the_usual_one(run: Run, few: Crystals) -> None:
    vectors = element_vectors(run)
    numbers = element_start.start_numbers([run, run], few, [vectors, vectors])
    assert numbers["test_mae_unit_start"] == pytest.approx(mean_absolute_error(run, few, "test"))
    variance = numbers["explained_variance_unit_start"]
    singular = np.linalg.svd(vectors - vectors.mean(), compute_uv=False) ** 2
    assert variance["both"] == pytest.approx(variance["pc1"] + variance["pc2"])
    assert variance["both"] == pytest.approx(singular[:2].sum() / singular.sum())
    accuracies = {name: place / 10 for place, name in enumerate(PROPERTIES)}
    others = {"test_mae": 0.1, "explained_variance": {"pc1": 0.4, "pc2": 0.1}}
    others |= dict.fromkeys(("lr_accuracy", "lr_accuracy_unit_start", "lr_accuracy_random"), accuracies)
    summary = element_start.start_summary({**numbers, **others}, ENERGY)
    assert summary.index.tolist() == ["trained, start 0.05", "trained, unit-variance start", "random vectors"]
    assert summary["test MAE (eV/atom)"].tolist()[:2] == pytest.approx([0.1, numbers["test_mae_unit_start"]])
    assert summary["variance along PC 1"].isna().tolist() == [False, False, True]
    assert summary[PROPERTIES[1]].tolist() == pytest.approx([0.1, 0.1, 0.1])


def test_the_errors_of_the_split_by_composition_are_those_of_its_rows_and_all_splits_are_shown() -> None:
    rows = [("random", 0.1), ("composition", 0.2), ("composition", 0.4)]
    errors = pd.DataFrame(rows, columns=["split", "test_mae_eV_per_atom"])
    numbers = strict_splits.composition_numbers(errors, ENERGY)
    assert numbers["test_mae_composition_split"] == pytest.approx(0.3)
    assert numbers["test_mae_composition_split_by_seed"] == [0.2, 0.4]
    assert strict_splits.composition_numbers(errors[:1], ENERGY)["test_mae_composition_split"] is None
    others = {"train_mae": 0.05, "test_mae": 0.1, "test_mae_std": 0.01}
    strict = {"test_mae_cation_pair_split": 0.5, "test_mae_held_out_elements": None}
    table = strict_splits.shown({**numbers, **others, **strict})
    assert table["mean absolute error (eV/atom)"].to_dict() == {
        "training crystals": 0.05,
        "test crystals": 0.1,
        "test crystals, deviation over the seeds": 0.01,
        "test crystals of new compositions": 0.3,
        "test crystals, split by cation pair": 0.5,
    }


def test_errors_stand_on_the_page_with_their_deviation_where_there_are_several_seeds() -> None:
    rows = [("random", 10, 0.1, 0.2), ("random", 10, 0.1, 0.4), ("composition", 15_001, 0.3, 0.5)]
    errors = pd.DataFrame(rows, columns=["split", "training_size", "train_mae_eV_per_atom", "test_mae_eV_per_atom"])
    table = strict_splits.errors_on_the_page(errors)
    assert table["test MAE (eV/atom)"].to_dict() == {
        ("composition", "15,001"): "0.5000",
        ("random", "10"): "0.3000 ± 0.1414",
    }
    assert table["training MAE (eV/atom)"].tolist() == ["0.3000", "0.1000 ± 0.0000"]
    assert table.index.names == ["split", "training crystals"]
