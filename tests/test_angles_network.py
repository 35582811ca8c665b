"""The section on the network that sees angles: graph sizes, errors with coverage, trials, agreements and curves."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from cgcnn.analysis.ensembles import predict_test
from cgcnn.analysis.learning_curves import fit_power_law
from cgcnn.analysis.prediction import mean_absolute_error, predictable
from cgcnn.analysis.ranges import predict_with_range
from cgcnn.data.crystals import Crystals
from cgcnn.files.paths import models_directory
from cgcnn.graphs.crystal_graphs import build
from cgcnn.paper import angles_curves
from cgcnn.paper.angles_curves import curve_errors, slopes_in_text
from cgcnn.paper.angles_errors import angles_numbers, gains_of_changes, graph_sizes, trials_on_all, words_of
from cgcnn.paper.angles_levels import agreements
from cgcnn.paper.levels import compare_levels, local_energies
from cgcnn.paper.recipes import RECIPES, angles_choices, angles_config
from cgcnn.paper.records import read_record
from cgcnn.training.config import Config
from cgcnn.training.fit import fit, make_split
from cgcnn.training.runs import Run, read_run


@pytest.fixture(scope="module")
def seeing(few: Crystals, quick: Config) -> list[Run]:
    """Return two runs that see angles and differ only by their seed."""
    return [fit(few, quick.replace(angles=True, seed=seed), device="cpu") for seed in (0, 1)]


def test_every_set_with_a_recipe_has_a_network_that_sees_angles_and_its_trials_begin_without_a_change() -> None:
    for name in RECIPES:
        assert angles_config(name).angles
        assert angles_config(name).network == RECIPES[name].angles_network
        choices = angles_choices(name)
        if choices:
            tried = angles_config(name).replace(**RECIPES[name].angles_trial)
            assert next(iter(choices.values())) == tried
            assert all(choice != tried for choice in list(choices.values())[1:])


def test_a_run_that_sees_angles_is_read_as_it_was_written_and_says_the_same(few: Crystals, seeing: list[Run]) -> None:
    assert seeing[0].config.angles
    again = fit(few, seeing[0].config, device="cpu")
    for name, tensor in seeing[0].network.state_dict().items():
        assert np.array_equal(tensor.numpy(), again.network.state_dict()[name].numpy()), name
    assert seeing[0].network.angle_scale is not None
    assert (seeing[0].network.angle_scale != 1).any()


def test_graphs_with_angles_have_the_sites_of_those_without_and_at_least_their_nodes(few: Crystals) -> None:
    (row,) = graph_sizes({"few": few}, {"few": Config(angles=True)}).to_dict("records")
    assert row["sites"] == few.n_sites.sum()
    assert (row["nodes"], row["edges"]) == (build(few).n_nodes, build(few).n_edges)
    assert (row["nodes_angles"], row["edges_angles"]) == (
        build(few, angles=True).n_nodes,
        build(few, angles=True).n_edges,
    )
    assert row["edges_angles"] > row["edges"]


def test_the_numbers_of_a_set_are_those_of_its_runs_alone_and_together(few: Crystals, seeing: list[Run]) -> None:
    runs = {("few", "paper"): seeing[:1], ("few", "angles"): seeing}
    together = {key: predict_test(some, few) for key, some in runs.items()}
    numbers = angles_numbers(runs, {"few": few}, together, "cpu")
    errors = [mean_absolute_error(run, few, "test") for run in seeing]
    of_set = numbers["few"]
    assert of_set["test_mae"] == pytest.approx(np.mean(errors))
    assert of_set["test_mae_std"] == pytest.approx(np.std(errors, ddof=1))
    assert numbers["by_seed"]["few.test_mae"] == pytest.approx(errors)
    assert of_set["together_mae"] == pytest.approx(together["few", "angles"]["error_eV_per_atom"].abs().mean())
    assert of_set["seeds"] == [0, 1]
    test = few.select(predictable(seeing[0], few, seeing[0].split.test))
    table = predict_with_range(seeing, test, "cpu")
    middle = (table["upper_eV_per_atom"] + table["lower_eV_per_atom"]) / 2
    half = (table["upper_eV_per_atom"] - table["lower_eV_per_atom"]) / 2
    assert of_set["coverage_90"] == pytest.approx(((middle - test.targets).abs() <= half).mean())
    alone = angles_numbers({("few", "angles"): seeing[:1]}, {"few": few}, {}, "cpu")["few"]
    assert "together_mae" not in alone


def test_the_text_names_the_errors_of_one_network_and_of_all_together() -> None:
    rows = [("boron", "paper", 1, 0.06), ("boron", "paper", 5, 0.05), ("boron", "angles", 1, 0.04)]
    compared = pd.DataFrame(rows, columns=["set", "network", "members", "test_mae_eV_per_atom"])
    measured = {"boron": {"test_mae": 0.04, "together_mae": 0.03}, "further": {"test_mae": 0.02}}
    assert words_of(measured, compared) == {"boron_paper": 0.06, "boron_angles": 0.04, "boron_together": 0.03}
    assert words_of({"boron": {"test_mae": 0.04}}, compared)["boron_together"] == 0.04


def test_the_published_recipe_is_the_trial_with_the_smallest_validation_error() -> None:
    record = read_record("angles_trials")
    best = trials_on_all(record).iloc[-1]
    config = dataclasses.asdict(angles_config("materials_project"))
    assert {name: config[name] for name in best.index if name in config} == best.drop(
        "validation_mae_eV_per_atom"
    ).to_dict()
    keys = {each["validation_mae_eV_per_atom"]: each["key"] for each in record["trials"]}
    published = {
        read_run(path).key for path in (models_directory() / "materials_project").glob("angles-128-*.safetensors")
    }
    assert keys[best["validation_mae_eV_per_atom"]] in published


def test_slopes_have_short_names_in_the_text() -> None:
    steep, flat = (fit_power_law([10, 100, 1000], errors) for errors in ([4, 0.4, 0.04], [0.4] * 3))
    found = slopes_in_text({"boron": steep}, {"boron": flat})
    assert found == pytest.approx({"slope_boron": -1, "slope_paper_boron": 0}, abs=1e-12)


def test_a_change_is_compared_with_the_first_choice_of_the_same_seed() -> None:
    rows = [("a", "none", 0, 0.10), ("a", "none", 1, 0.20), ("a", "more", 0, 0.05), ("a", "more", 1, 0.16)]
    trials = pd.DataFrame(rows, columns=["set", "choice", "seed", "validation_mae_eV_per_atom"])
    first, more = gains_of_changes(trials).to_dict("records")
    assert (first["choice"], first["over_first"], first["n_seeds"]) == ("none", 1, 2)
    assert more["over_first"] == pytest.approx((0.5 + 0.8) / 2)
    assert (more["lowest"], more["highest"]) == pytest.approx((0.5, 0.8))
    assert more["validation_mae_eV_per_atom"] == pytest.approx(0.105)


def test_agreements_are_rank_correlations_of_local_energies_of_all_pairs(
    few: Crystals, run: Run, seeing: list[Run]
) -> None:
    other = fit(few, run.config.replace(seed=1), device="cpu")
    table = agreements({("few", "paper"): [run, other], ("few", "angles"): seeing}, {"few": few}, "cpu")
    assert list(zip(table["network"], table["other"], table["n_pairs"], strict=True)) == [
        ("paper", "paper", 1),
        ("angles", "angles", 1),
        ("paper", "angles", 2),
    ]
    chosen = predictable(run, few, run.split.test)
    energies = [local_energies(each, few, chosen, "cpu")[0] for each in (run, other, *seeing)]
    pairs = [spearmanr(energies[one], energies[two]).statistic for one, two in ((0, 2), (1, 3))]
    assert table["agreement"].iloc[2] == pytest.approx(np.mean(pairs))
    assert table["lowest"].iloc[2] == pytest.approx(min(pairs))


def test_levels_of_three_networks_have_no_agreement_of_two(few: Crystals, run: Run, seeing: list[Run]) -> None:
    runs = {("few", "paper"): [run], ("few", "better"): [run], ("few", "angles"): seeing[:1]}
    table = compare_levels(runs, {"few": few}, "cpu")
    assert table["network"].tolist() == ["paper", "better", "angles"]
    assert "agreement" not in table
    assert (table["off_by"] < 1e-4).all()


def test_a_curve_is_not_trained_again_and_grows_by_what_is_missing(
    few: Crystals, quick: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "curve.csv"
    config = quick.replace(angles=True)
    first = curve_errors(few, config, [20], [0], file, "cpu")
    trained = fit(few, config.replace(training_size=20), device="cpu")
    assert first["test_mae_eV_per_atom"].iloc[0] == pytest.approx(mean_absolute_error(trained, few, "test"), rel=1e-5)
    assert first["training_size"].tolist() == [20]
    asked: list[Config] = []

    def noted(crystals: Crystals, config: Config, device: str) -> Run:
        asked.append(config)
        return fit(crystals, config, device=device)

    monkeypatch.setattr(angles_curves, "fit", noted)
    both = curve_errors(few, config, [20, None], [0], file, "cpu")
    assert [each.training_size for each in asked] == [None]
    assert both.iloc[:1].equals(first)
    whole = len(make_split(few, config).train)
    assert both["training_size"].tolist() == [20, whole]
    assert curve_errors(few, config, [20, None], [0], file, "cpu").equals(both)
    assert len(asked) == 1
