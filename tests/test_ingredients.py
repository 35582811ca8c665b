"""Test the gain of each ingredient on validation data, the names of networks and runs, and published files."""

from __future__ import annotations

import copy
import dataclasses
import json
from pathlib import Path

import pandas as pd
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from cgcnn.__main__ import main
from cgcnn.data.crystals import Crystals
from cgcnn.errors import DataError
from cgcnn.files.tables import save_table
from cgcnn.training import ingredients as module
from cgcnn.training.config import NETWORKS, Config
from cgcnn.training.fit import fit
from cgcnn.training.runs import Run, find_run, load_run, publish, run_key, save_run


@pytest.fixture(scope="module")
def tried(few: Crystals, quick: Config) -> pd.DataFrame:
    return module.try_ingredients(few, quick.replace(epochs=2), {"wider": {"width": 32}, "more": {"n_neighbors": 16}})


def test_every_ingredient_is_tried_alone_after_none_of_them(tried: pd.DataFrame) -> None:
    assert tried["ingredient"].tolist() == ["none", "wider", "more"]
    paths = [find_run(key) for key in tried["key"]]
    configs = [load_run(path).config for path in paths if path is not None]
    assert [(c.width, c.n_neighbors) for c in configs] == [(16, 12), (32, 12), (16, 16)]


def test_an_ingredient_is_judged_by_the_validation_error_of_its_run(tried: pd.DataFrame) -> None:
    errors = tried["validation_mae_eV_per_atom"]
    for key, error in zip(tried["key"], errors, strict=True):
        path = find_run(key)
        assert path is not None
        assert load_run(path).validation_mae == pytest.approx(error)
    assert tried["over_none"].tolist() == pytest.approx((errors / errors[0]).tolist())


def test_ingredients_in_the_table_of_an_earlier_run_are_not_trained_again(
    tried: pd.DataFrame, few: Crystals, quick: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_table(tried, tmp_path / "ingredients.csv")
    monkeypatch.setattr(module, "fit", lambda *_: pytest.fail("it trained"))
    again = module.try_ingredients(few, quick.replace(epochs=2), {"wider": {"width": 32}}, tmp_path / "ingredients.csv")
    pd.testing.assert_frame_equal(again, tried[:2], rtol=1e-5)


def test_the_papers_network_is_the_default_and_the_better_one_is_known_by_its_parameters() -> None:
    assert Config().network == "paper"
    assert Config(**NETWORKS["better"]).network == "better"
    assert Config(**NETWORKS["better-24"]).network == "better-24"
    assert Config(epochs=1, learning_rate=0.1, seed=7).network == "paper"
    for changes in ({"n_neighbors": 24}, {"width": 128}, {"distance_power": 1.0}, {"tolerance": 0.01}):
        assert Config(**changes).network == "custom"


def test_2_and_2_0_are_one_run(few: Crystals) -> None:
    assert run_key(few, Config(distance_power=2)) == run_key(few, Config(distance_power=2.0))
    assert run_key(few, Config(distance_power=2)) != run_key(few, Config())


def test_every_published_run_has_a_name_of_its_own(few: Crystals, quick: Config, run: Run, tmp_path: Path) -> None:
    changes = ({"epochs": 1}, {"epochs": 1, "n_neighbors": 24}, {"epochs": 1, "n_neighbors": 24, "learning_rate": 0.1})
    runs = [run, *(fit(few, quick.replace(**changed), device="cpu") for changed in changes)]
    files = [publish(each, tmp_path) for each in runs]
    assert len(set(files)) == len(runs)
    n_train = len(run.split.train)
    for each, file in zip(runs, files, strict=True):
        assert file == tmp_path / run.dataset / f"custom-random-{n_train}-seed0-{each.key[:12]}.safetensors"
        assert load_run(file).config == each.config


def test_a_published_file_is_replaced_only_when_that_is_asked_for(
    few: Crystals, quick: Config, run: Run, tmp_path: Path
) -> None:
    other = fit(few, quick.replace(epochs=1), device="cpu")
    path = publish(run, tmp_path)
    save_run(other, path)
    with pytest.raises(DataError, match=f"holds run {other.key[:12]}, not {run.key[:12]}"):
        publish(run, tmp_path)
    assert load_run(path).key == other.key
    changed = copy.deepcopy(run.network)
    with torch.no_grad():
        changed.to_energy.bias.add_(1)
    save_run(dataclasses.replace(run, network=changed), path)
    with pytest.raises(DataError, match="holds other weights"):
        publish(run, tmp_path)
    publish(run, tmp_path, replace=True)
    assert torch.equal(load_run(path).network.to_energy.bias, run.network.to_energy.bias)


def test_a_run_of_a_newer_version_says_so(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "newer.safetensors"
    save_run(run, path)
    with safe_open(path, "pt") as stream:
        notes = json.loads(stream.metadata()["run"])
        tensors = {name: stream.get_tensor(name) for name in stream.keys()}  # noqa: SIM118  # not a dict
    notes["format"] += 1
    notes["config"]["angles"] = True
    save_file(tensors, path, {"run": json.dumps(notes)})
    with pytest.raises(DataError, match=r"newer\.safetensors: its format is version 3, .* up to version 2"):
        load_run(path)


def test_a_data_set_s_name_means_the_published_run_of_the_paper_s_network() -> None:
    for name, n_train in {"perovskites": 15_000, "boron": 3038, "materials_project": 21_886}.items():
        published = load_run(name)
        assert published.dataset == name
        assert published.config.network == "paper"
        assert len(published.split.train) == n_train


def test_the_command_line_switches_the_network_and_lets_what_is_given_beside_it_win(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "run.safetensors"
    given = ["--epochs", "1", "--training-size", "50", "--width", "16", "--output", str(output)]
    assert main(["train", "boron-embedded", "--network", "better", *given]) == 0
    better = Config(epochs=1, training_size=50, width=16, **NETWORKS["better"])
    assert load_run(output).config == better
    assert main(["train", "boron-embedded", *given]) == 2
    assert "ask to replace it" in capsys.readouterr().err
    assert load_run(output).config == better
    assert main(["train", "boron-embedded", *given, "--replace"]) == 0
    assert load_run(output).config == Config(epochs=1, training_size=50, width=16)
