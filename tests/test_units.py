"""Units: band gaps are called band gaps in eV in every table, figure and number, and no energy per atom."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from cgcnn.analysis import ensembles, learning_curves, pairs, prediction
from cgcnn.analysis.representations import Representations, represent
from cgcnn.analysis.set_size import set_size
from cgcnn.data.crystals import Crystals
from cgcnn.data.datasets import load
from cgcnn.data.quantity import Quantity
from cgcnn.figures import comparison as comparison_figures
from cgcnn.figures import runs as run_figures
from cgcnn.figures import studies as study_figures
from cgcnn.files.paths import project_root
from cgcnn.graphs.crystal_graphs import load_or_build
from cgcnn.paper import (
    agreement,
    hyperparameters,
    levels,
    mp_cells,
    mp_coordination,
    mp_environments,
    mp_figures,
    mp_pairs,
    networks,
    perovskite_tables,
    table_1,
)
from cgcnn.paper import learning_curves as paper_curves
from cgcnn.paper.section import run_errors, run_numbers
from cgcnn.training.config import Config
from cgcnn.training.fit import fit
from cgcnn.training.ingredients import known_errors, try_ingredients
from cgcnn.training.runs import Run, read_run, save_run
from cgcnn.training.search import search
from cgcnn.training.sweeps import sweep

GAP = Quantity("band gap", "eV")


@pytest.fixture(scope="module")
def gaps(few: Crystals) -> Crystals:
    """Return crystals whose targets are said to be band gaps."""
    targets = np.abs(few.targets) + 1
    return dataclasses.replace(few, name="gaps", target_name=GAP.name, unit=GAP.unit, targets=targets)


@pytest.fixture(scope="module")
def trained(gaps: Crystals, quick: Config) -> list[Run]:
    """Return runs of two seeds on the band gaps."""
    return sweep(gaps, quick.replace(epochs=2), [None], [0, 1], device="cpu")


@pytest.fixture(scope="module")
def represented(gaps: Crystals, trained: list[Run]) -> list[Representations]:
    """Return the levels of both runs."""
    return [represent(run, gaps) for run in trained]


@pytest.fixture(scope="module")
def environments(gaps: Crystals, represented: list[Representations]) -> pd.DataFrame:
    """Return the environments with their first neighbors."""
    return represented[0].environments.assign(first_neighbor=pairs.first_neighbors(load_or_build(gaps)))


def says_energy(text: object) -> bool:
    """Return whether a text calls a number an energy or gives it per atom."""
    return any(word in str(text).lower().replace("_", " ") for word in ("energy", "energies", "ev/atom", "per atom"))


def texts_of(figure: Figure) -> list[str]:
    """Return all texts of a figure."""
    return [found.get_text() for found in figure.findobj(Text) if isinstance(found, Text) and found.get_text()]


def test_a_run_keeps_its_quantity_in_its_file(trained: list[Run], tmp_path: Path) -> None:
    save_run(trained[0], tmp_path / "gaps.safetensors")
    assert read_run(tmp_path / "gaps.safetensors").quantity == trained[0].quantity == GAP


def test_a_found_run_is_named_after_the_crystals_that_are_asked_for(
    gaps: Crystals, trained: list[Run], quick: Config
) -> None:
    moduli = dataclasses.replace(gaps, target_name="bulk modulus", unit="GPa", name="moduli", folder="/there/moduli")
    found = fit(moduli, quick.replace(epochs=2), device="cpu")
    assert found.key == trained[0].key
    assert found.quantity == Quantity("bulk modulus", "GPa")
    assert (found.dataset, found.folder) == ("moduli", "/there/moduli")
    assert trained[0].quantity == GAP


def test_tables_of_band_gaps_name_them_in_their_columns(gaps: Crystals, trained: list[Run]) -> None:
    assert prediction.error_table(trained, gaps).columns.tolist()[-3:] == [
        "validation_mae_eV",
        "test_mae_eV",
        "mean_predictor_mae_eV",
    ]
    assert "validation_mae_eV" in prediction.history_table(trained)
    assert prediction.parity_table(trained[0], gaps).columns.tolist() == ["target_eV", "predicted_eV", "crystal"]
    predicted = ensembles.predict_test(trained, gaps)
    assert predicted.columns.tolist() == ["band_gap_eV", "uncertainty_eV", "error_eV"]
    worth = ensembles.worth_of_uncertainty(predicted.assign(set="gaps"), GAP)
    assert worth.columns.tolist() == ["rank_correlation", "mae_eV", "surer_half_mae_eV"]


def test_levels_of_band_gaps_name_them_in_their_columns(
    gaps: Crystals, trained: list[Run], represented: list[Representations]
) -> None:
    both = ensembles.represent_ensemble(trained, gaps)
    for of_runs in (represented[0], both):
        assert of_runs.energies.columns.tolist() == ["band_gap_eV"]
        assert "local_band_gap_eV" in of_runs.environments
        assert not [name for name in of_runs.environments if says_energy(name)]
    assert "local_uncertainty_eV" in both.environments


def test_studies_of_band_gaps_name_them_in_their_columns(gaps: Crystals, quick: Config, tmp_path: Path) -> None:
    config = quick.replace(epochs=1, training_size=30)
    tried = try_ingredients(gaps, config, {"wider": {"width": 24}}, device="cpu")
    assert "validation_mae_eV" in tried
    tried.to_csv(tmp_path / "tried.csv", index=False)
    assert known_errors(tmp_path / "tried.csv", GAP) == dict(zip(tried["key"], tried["validation_mae_eV"], strict=True))
    trials = search(gaps, config, 1, device="cpu")
    assert "validation_mae_eV" in trials
    best = hyperparameters.best_trials(trials.assign(set="gaps"), GAP)
    assert best["ratio"].tolist() == [1]


def test_learning_curves_of_band_gaps_are_drawn_in_their_unit(gaps: Crystals, quick: Config) -> None:
    runs = sweep(gaps, quick.replace(epochs=1), [20, 40, 80], [0], device="cpu")
    errors = prediction.error_table(runs, gaps).assign(set="gaps")
    curves = learning_curves.average_over_seeds(errors, GAP)
    laws = learning_curves.fit_power_laws(curves, GAP)
    assert curves["test_mae_eV"].tolist() == errors["test_mae_eV"].tolist()
    numbers = paper_curves.curve_numbers(curves, laws, {"gaps": "gaps"}, GAP)
    assert numbers["gaps"]["mae"] == curves["test_mae_eV"].tolist()
    assert len(paper_curves.table_by_share(curves, GAP)) == 3
    lines = {name: (law.slope, law.intercept) for name, law in laws.items()}
    figure = study_figures.learning_curves(curves, lines, GAP)
    assert figure.axes[0].get_ylabel() == "test MAE (eV)"


def figures_of(gaps: Crystals, trained: list[Run], environments: pd.DataFrame) -> Iterator[tuple[str, Figure, str]]:
    """Yield every figure of runs on any data by its name, with a label that it must have."""
    yield "parity", run_figures.parity(prediction.parity_table(trained[0], gaps), GAP), "calculated band gap (eV)"
    yield "history", run_figures.training_history(prediction.history_table(trained), GAP), "validation MAE (eV)"
    trust = ensembles.predict_test(trained, gaps).assign(set="gaps")
    yield "calibration", comparison_figures.calibration(trust, GAP), "uncertainty (eV)"
    methods = pd.DataFrame({"set": "gaps", "method": ["a"], "test_mae_eV": [0.2], "test_mae_std": [0.1], "ours": True})
    yield "methods", comparison_figures.method_errors(methods, GAP), "test MAE (eV)"
    trials = pd.DataFrame({"set": "gaps", "width": [16, 32], "validation_mae_eV": [0.2, 0.3]})
    yield "trials", study_figures.trials(trials, {"width": 16}, {"width": "width"}, GAP), "validation MAE\n(eV)"
    pair_table = pairs.pair_energies(environments, GAP)
    order = sorted(set(environments["element"]))
    yield "pairs", mp_figures.pair_map(pair_table, order, "by name", GAP), "mean local band gap (eV)"
    by_center = {"O": mp_coordination.energy_by_center(environments, "O", GAP)}
    yield "centers", mp_figures.energy_by_atomic_number(by_center, GAP), "local band gap (eV)"
    around = mp_environments.centers_around(environments, "O").head(20).reset_index(drop=True)
    table = around.assign(x=np.arange(len(around)), y=np.arange(len(around)) % 5, **{"class": "other"})
    table = table.assign(n_neighbors=6, octahedral=0.9, tetrahedral=0.1)
    yield "environments", mp_figures.environment_map(table, GAP), "local band gap (eV)"


def test_no_figure_of_band_gaps_calls_them_energies(
    gaps: Crystals, trained: list[Run], environments: pd.DataFrame
) -> None:
    for name, figure, label in figures_of(gaps, trained, environments):
        texts = texts_of(figure)
        assert label in texts, (name, texts)
        assert not [text for text in texts if says_energy(text)], name


def test_the_papers_numbers_on_pairs_and_centers_are_computed_from_band_gaps_too(environments: pd.DataFrame) -> None:
    pair_table = pairs.pair_energies(environments, GAP)
    assert pair_table.columns.tolist() == ["center", "first_neighbor", "mean_local_band_gap_eV", "n_environments"]
    lowest = mp_pairs.lowest_pairs(pair_table, 3, GAP)
    assert lowest["mean_local_band_gap_eV"].tolist() == sorted(pair_table["mean_local_band_gap_eV"])[:3]
    assert set(mp_pairs.listed(lowest, GAP)[0]) == {"center", "first_neighbor", "mean_local_band_gap_eV"}
    of_runs = environments.assign(bonded_neighbor=environments["first_neighbor"], in_element=False)
    assert mp_pairs.pair_numbers(of_runs, [], GAP)["mean_abs_off_diagonal"] > 0
    cells = mp_cells.cells_over_seeds([of_runs, of_runs], GAP)
    assert cells["std_over_seeds_eV"].tolist() == [0] * len(pair_table)
    # Twenty times each environment, since centers with few environments are left out of the span.
    by_center = mp_coordination.energy_by_center(pd.concat([environments] * 20), "O", GAP)
    assert by_center.columns.tolist()[-3:] == ["mean_local_band_gap_eV", "std_eV", "n_environments"]
    centers = mp_coordination.center_numbers({"O": by_center, "S": by_center}, GAP)
    assert centers["span_ratio"] == 1
    between = agreement.environment_and_cell_agreement([environments, environments], [0, 1], GAP)
    assert between["cells: mean difference (eV)"].tolist() == [0]


def test_the_papers_comparisons_take_band_gaps(
    gaps: Crystals, trained: list[Run], represented: list[Representations]
) -> None:
    together = {("gaps", "paper"): ensembles.predict_test(trained, gaps)}
    compared = networks.compare_networks({("gaps", "paper"): trained}, {"gaps": gaps}, together)
    assert compared["test_mae_eV"].tolist()[0] == prediction.error_table(trained, gaps)["test_mae_eV"].mean()
    rivals = table_1.rival_errors({"gaps": gaps}, {"gaps": trained[0].split}, {"gaps": ["mean"]})
    assert rivals["test_mae_eV"].tolist() == [prediction.mean_predictor_error(trained[0], gaps, "test")]
    methods = table_1.same_crystals([rivals, table_1.own_errors(compared, 2, GAP)], GAP)
    assert table_1.best_of_ours(methods, GAP)["gaps"] == compared["test_mae_eV"].min()
    energies, off_by = levels.local_energies(trained[0], gaps, trained[0].split.test)
    assert energies.name == "local_band_gap_eV"
    assert off_by < 1e-4
    rows = np.arange(10)
    assert "mean difference (eV)" in agreement.local_energy_agreement(represented, [0, 1], rows, GAP)
    assert run_numbers(gaps, trained, run_errors(trained, gaps))["unit"] == "eV"
    assert set_size(gaps, load_or_build(gaps))["lowest target (eV)"] == gaps.targets.min()
    assert perovskite_tables.rounding_statement(np.array([0.02, 0.04]), GAP).endswith("off by 0.005 eV on average.")
    merging = perovskite_tables.merging_numbers(trained[0], gaps, load_or_build(gaps))
    assert "merging_largest_difference_eV" in merging


@pytest.fixture(scope="module")
def folder(few: Crystals, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of twenty crystals, whose table has neither a header nor a unit."""
    folder = tmp_path_factory.mktemp("data") / "mine"
    folder.mkdir()
    rows = []
    for crystal in range(20):
        few.structure(crystal).to(filename=str(folder / f"m{crystal}.cif"))
        rows.append(f"m{crystal},{few.targets[crystal]}\n")
    (folder / "id_prop.csv").write_text("".join(rows))
    return folder


@pytest.mark.parametrize(
    ("target", "unit", "energies", "local", "errors", "axis"),
    [
        (None, None, "target", "local_target", ["test_mae", "mean_predictor_mae"], "calculated target"),
        (
            "band gap",
            "eV",
            "band_gap_eV",
            "local_band_gap_eV",
            ["test_mae_eV", "mean_predictor_mae_eV"],
            "calculated band gap (eV)",
        ),
    ],
)
def test_a_folder_is_reported_in_the_unit_that_was_said_and_in_no_other(
    folder: Path, target: str | None, unit: str | None, energies: str, local: str, errors: list[str], axis: str
) -> None:
    crystals = load(folder, target, unit)
    run = fit(crystals, Config(epochs=2, width=8, batch_size=8), device="cpu")
    of_run = represent(run, crystals.select(prediction.seen(run, crystals)[0]))
    assert of_run.energies.columns.tolist() == [energies]
    assert of_run.environments.columns.tolist()[5] == local
    assert prediction.error_table([run], crystals).columns.tolist()[-2:] == errors
    figure = run_figures.parity(prediction.parity_table(run, crystals), run.quantity)
    assert figure.axes[0].get_xlabel() == axis
    assert not [text for text in texts_of(figure) if says_energy(text) or ("eV" in text and not unit)]


def strings_of_code(path: Path) -> Iterator[str]:
    """Yield the texts in the code of a file, but no docstring."""
    tree = ast.parse(path.read_text())
    owners = [node for node in ast.walk(tree) if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)]
    docstrings = {id(node.body[0].value) for node in owners if node.body and isinstance(node.body[0], ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


@pytest.mark.parametrize("wing", ["analysis", "figures", "training"])
def test_what_works_on_any_run_writes_no_unit_of_its_own(wing: str) -> None:
    files = sorted((project_root() / "cgcnn" / wing).glob("*.py"))
    assert files
    written = {path.name: [text for text in strings_of_code(path) if "eV" in text] for path in files}
    assert not {name: texts for name, texts in written.items() if texts}
