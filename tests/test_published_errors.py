"""The published numbers are computed again from the published files: the errors in full, and predictions of a few."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cgcnn.__main__ import main
from cgcnn.analysis.prediction import mean_absolute_error, predict, predict_part, seen
from cgcnn.data import datasets
from cgcnn.files.paths import models_directory, project_root
from cgcnn.training.runs import Run, read_run
from cgcnn.training.store import load_run

RESULTS = project_root() / "book" / "results"
SECTION_OF = {
    "perovskites": "perovskite_elements",
    "boron": "boron_environments",
    "materials_project": "mp_coordination",
}
SEEDS = (0, 1, 2, 3, 4)
#: No number may be farther from the published one than this, in eV/atom.
BOUND = 1e-5
#: The mean prediction for the first 200 embedded crystals whose elements a run has seen, and the predictions for the
#: first three of them, in eV/atom, by the seed of the published run; computed once on a CPU.
EMBEDDED = {
    "perovskites": [
        [1.537792, 2.080651, 1.056226, 1.109294],
        [1.543129, 2.102522, 1.050812, 1.115540],
        [1.547348, 2.147191, 1.047069, 1.105427],
        [1.548978, 2.105945, 1.059085, 1.098611],
        [1.542110, 2.108219, 1.047625, 1.109611],
    ],
    "boron": [
        [0.886134, 1.629791, 1.035947, 0.522956],
        [0.894058, 1.670498, 1.007274, 0.539174],
        [0.909482, 1.634053, 1.055417, 0.528430],
        [0.914304, 1.682591, 1.102515, 0.576372],
        [0.884431, 1.653348, 1.041469, 0.544664],
    ],
    "materials_project": [
        [-0.869103, 0.038339, -1.246975, -0.349101],
        [-0.868906, 0.074623, -1.213462, -0.347529],
        [-0.877165, 0.059713, -1.247716, -0.346170],
        [-0.872205, 0.096553, -1.250752, -0.371969],
        [-0.874992, 0.132142, -1.219501, -0.309789],
    ],
}


def published(name: str, kind: str = "paper-random") -> list[Run]:
    """Return the runs of a set on all its training crystals, by seed."""
    paths = list((models_directory() / name).glob(f"{kind}-*-seed*-*.safetensors"))
    size = max(int(path.name.split("-seed")[0].rsplit("-", 1)[1]) for path in paths)
    runs = [read_run(path) for path in paths if f"-{size}-seed" in path.name]
    return sorted(runs, key=lambda run: run.config.seed)


def numbers(name: str) -> dict[str, Any]:
    """Return the published numbers of the section on a set."""
    found: dict[str, Any] = json.loads((RESULTS / f"{SECTION_OF[name]}.json").read_text())
    return found


@pytest.mark.public
@pytest.mark.slow
@pytest.mark.parametrize("name", SECTION_OF)
def test_the_published_runs_have_the_published_errors(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    said, crystals, runs = numbers(name), datasets.load(name), published(name)
    assert tuple(run.config.seed for run in runs) == tuple(said["seeds"]) == SEEDS
    assert [len(run.split.test) for run in runs] == [said["n_test"]] * len(SEEDS)
    errors = [mean_absolute_error(run, crystals, "test") for run in runs]
    assert errors == pytest.approx(said["test_mae_by_seed"], abs=BOUND)
    assert np.mean(errors) == pytest.approx(said["test_mae"], abs=BOUND)
    assert np.std(errors, ddof=1) == pytest.approx(said["test_mae_std"], abs=BOUND)
    validated = [mean_absolute_error(run, crystals, "validation") for run in runs]
    assert validated == pytest.approx([run.validation_mae for run in runs], abs=BOUND)
    assert np.mean(validated) == pytest.approx(said["validation_mae"], abs=BOUND)
    trained = [mean_absolute_error(run, crystals, "train") for run in runs]
    assert trained == pytest.approx(said["by_seed"]["train_mae"], abs=BOUND)
    # The name of the set stands for the first of them, and the command says the same.
    assert load_run(name).key == runs[0].key
    assert main(["evaluate", name, "--json"]) == 0
    evaluated = json.loads(capsys.readouterr().out)
    assert evaluated["run"] == runs[0].key
    assert evaluated["test"]["mae"] == pytest.approx(said["test_mae_by_seed"][0], abs=BOUND)


@pytest.mark.public
@pytest.mark.slow
@pytest.mark.parametrize("name", SECTION_OF)
def test_better_networks_and_ensembles_have_the_published_errors(name: str) -> None:
    table = pd.read_csv(RESULTS / "better_network" / "networks.csv")
    said = table[table["set"] == name].set_index(["network", "members"])["test_mae_eV_per_atom"]
    crystals = datasets.load(name)
    for network, kind in (("paper", "paper-random"), ("better", "better*-random")):
        runs = published(name, kind)
        assert len(runs) == len(SEEDS)
        predicted = np.array([predict_part(run, crystals, run.split.test) for run in runs])
        targets = crystals.targets[runs[0].split.test]
        assert np.abs(predicted - targets).mean() == pytest.approx(said[network, 1], abs=BOUND)
        assert np.abs(predicted.mean(axis=0) - targets).mean() == pytest.approx(said[network, len(SEEDS)], abs=BOUND)


@pytest.mark.public
@pytest.mark.slow
@pytest.mark.parametrize("name", SECTION_OF)
def test_networks_that_see_angles_have_the_published_errors(name: str) -> None:
    said = json.loads((RESULTS / "angles_network.json").read_text())[name]
    crystals, runs = datasets.load(name), published(name, "angles*-random")
    assert len(runs) == len(SEEDS)
    predicted = np.array([predict_part(run, crystals, run.split.test) for run in runs])
    targets = crystals.targets[runs[0].split.test]
    assert np.abs(predicted - targets).mean() == pytest.approx(said["test_mae"], abs=BOUND)
    assert np.abs(predicted.mean(axis=0) - targets).mean() == pytest.approx(said["together_mae"], abs=BOUND)


@pytest.mark.public
@pytest.mark.slow
def test_runs_that_split_by_composition_have_the_published_errors() -> None:
    crystals = datasets.load("perovskites")
    errors = [mean_absolute_error(run, crystals, "test") for run in published("perovskites", "paper-composition")]
    said = numbers("perovskites")
    assert errors == pytest.approx(said["test_mae_composition_split_by_seed"], abs=BOUND)
    assert np.mean(errors) == pytest.approx(said["test_mae_composition_split"], abs=BOUND)


@pytest.mark.public
@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "section", "number"),
    [
        ("boron-by-family", "boron_environments", "test_mae_family_split"),
        ("perovskites-by-cation-pair", "perovskite_elements", "test_mae_cation_pair_split"),
        ("perovskites-held-out-elements", "perovskite_elements", "test_mae_held_out_elements"),
    ],
)
def test_runs_on_harder_splits_have_the_published_errors(name: str, section: str, number: str) -> None:
    crystals = datasets.load(name)
    said = json.loads((RESULTS / f"{section}.json").read_text())
    errors = [mean_absolute_error(run, crystals, "test") for run in published(name)]
    assert len(errors) == len(SEEDS)
    assert errors == pytest.approx(said["by_seed"][number], abs=BOUND)
    assert np.mean(errors) == pytest.approx(said[number], abs=BOUND)


@pytest.mark.parametrize("name", SECTION_OF)
def test_the_tables_of_errors_and_the_numbers_of_a_section_agree(name: str) -> None:
    said = numbers(name)
    tables = [pd.read_csv(RESULTS / section / "errors.csv") for section in (SECTION_OF[name], "learning_curves")]
    for table in tables:
        rows = table[table["set"] == name] if "set" in table else table
        rows = rows[(rows["training_size"] == said["n_train"]) & (rows["split"] == "random")].sort_values("seed")
        assert rows["test_mae_eV_per_atom"].tolist() == pytest.approx(said["test_mae_by_seed"], rel=1e-5)


@pytest.mark.parametrize("name", SECTION_OF)
@pytest.mark.parametrize("seed", SEEDS)
def test_the_published_runs_predict_embedded_crystals_as_they_did(name: str, seed: int) -> None:
    run, crystals = published(name)[seed], datasets.load(f"{name}-embedded")
    assert run.config.seed == seed
    chosen = seen(run, crystals)[0][:200]
    predicted = predict(run, crystals.select(chosen))
    assert [predicted.mean(), *predicted[:3]] == pytest.approx(EMBEDDED[name][seed], abs=BOUND)
