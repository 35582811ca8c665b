"""Where runs are kept: published names are unique, nothing is replaced unasked, and a data set's name finds its run."""

from __future__ import annotations

import copy
import dataclasses
import json
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from cgcnn.data.crystals import Crystals
from cgcnn.errors import DataError
from cgcnn.files.seals import OPEN, SEAL, seal
from cgcnn.training.config import Config
from cgcnn.training.fit import fit
from cgcnn.training.runs import Run, save_run
from cgcnn.training.store import load_run, publish


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
    save_file(tensors, path, {"run": json.dumps(notes | {SEAL: OPEN})})
    seal(path)
    with pytest.raises(DataError, match=r"newer\.safetensors: its format is version 5, .* up to version 4"):
        load_run(path)


def test_a_data_set_s_name_means_the_published_run_of_the_paper_s_network() -> None:
    for name, n_train in {"perovskites": 15_000, "boron": 3038, "materials_project": 21_886}.items():
        published = load_run(name)
        assert published.dataset == name
        assert published.config.network == "paper"
        assert len(published.split.train) == n_train


def test_a_file_that_is_called_like_a_data_set_is_told_how_the_published_run_is_called() -> None:
    with pytest.raises(
        DataError, match=r"boron\.safetensors: no such file; its published run is called boron, without"
    ):
        load_run("models/boron.safetensors")
