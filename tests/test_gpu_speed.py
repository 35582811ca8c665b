"""The page's tables of a GPU: every number that the benchmark's script writes, and plain words where there is none."""

from __future__ import annotations

import json
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch

from cgcnn.files.paths import project_root
from cgcnn.graphs.packed_graphs import CrystalGraphs
from cgcnn.paper import gpu_speed


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return ``benchmarks/gpu.py``, whose measurements are invented: the second is 1 s, the third 2 s, ..."""
    monkeypatch.syspath_prepend(project_root() / "benchmarks")
    gpu = import_module("gpu")
    measured = iter(range(1, 1000))
    for name in ("seconds_per_step", "classic_seconds_per_step"):
        monkeypatch.setattr(gpu, name, lambda *_: next(measured))
    found = {"n_epochs": 3, "training_s": 77.0, "validation_mae_eV_per_atom": 0.034}
    monkeypatch.setattr(gpu, "training", lambda *_: found)
    for name in ("gradients", "started", "batch_of", "ReplayedSteps", "SingleSteps", "FilledBatcher"):
        monkeypatch.setattr(gpu, name, lambda *_: None)
    monkeypatch.setattr(gpu, "compared", lambda *_: {"energies": 1e-6, "a gradient": 2e-6})
    monkeypatch.setattr(gpu, "begun", lambda *_: gpu.State(*5 * [None]))
    monkeypatch.setattr(torch, "compile", lambda network, **_: network)
    monkeypatch.setattr(torch, "set_float32_matmul_precision", lambda _: None)
    return gpu


@pytest.fixture
def written(script: ModuleType) -> dict[str, Any]:
    """Return what the script writes of two cases, with a published run and without one."""
    parameters = np.array(json.dumps({"batch_size": 2}))
    graphs = CrystalGraphs(
        atomic_numbers=np.ones(3, np.uint8),
        multiplicities=np.ones(3, np.float32),
        node_offsets=np.arange(4),
        edge_offsets=np.arange(4),
        neighbors=np.zeros(3, np.int32),
        distances=np.ones(3, np.float32),
        weights=np.ones(3, np.float32),
        targets=np.zeros(3),
        sites=np.arange(3, dtype=np.int32),
    )
    arrays = {f"graphs.{name}": array for name, array in graphs.arrays().items()}
    arrays |= {f"graphs.{name}": np.diff(arrays[f"graphs.{name}"]) for name in script.OFFSETS}
    arrays |= {"parameters": parameters, "train": np.arange(3), "validation": np.arange(0)}
    peaks = {"gb_per_s": 1.0, "gflop_per_s": 1.0}
    with_run = {**arrays, "published": np.array(0.033)}
    cases = {"perovskites": with_run, "perovskites-angles": arrays}
    sets = {name: script.measure(each, torch.device("cpu"), peaks) for name, each in cases.items()}
    made: dict[str, Any] = json.loads(json.dumps({"device": "a GPU", "torch": "2", "peaks": peaks, "sets": sets}))
    return made


def test_a_new_record_fills_the_tables_without_a_gap(written: dict[str, Any]) -> None:
    epochs = gpu_speed.epochs_on_the_page(gpu_speed.epoch_table(written))
    assert epochs.columns.tolist() == ["perovskites (3 crystals)", "perovskites, with angles (3 crystals)"]
    ours, with_angles = (epochs[column] for column in epochs)
    assert "not measured" not in ours.tolist()
    assert with_angles[with_angles == "not measured"].index.tolist() == ["classic path, float32"]
    assert ours["classic path, float32"] == f"{2 * 16}"
    # An epoch has two steps, and the script measures in this order.
    order = [
        "torch's operations",
        "torch's operations, replayed",
        "the package's loops",
        "the package's loops, replayed",
    ]
    for place, way in enumerate([*order, "torch's operations, compiled"]):
        for number, precision in enumerate(("float32", "TF32", "bfloat16")):
            assert float(ours[f"{way}, {precision}"]) == 2 * (1 + place + 5 * number)
    assert gpu_speed.not_measured(gpu_speed.epoch_table(written)) == ""
    trainings = gpu_speed.trainings_on_the_page(gpu_speed.training_table(written))
    assert trainings["perovskites"].tolist() == ["77", "0.0340", "0.0330", "2.0e-06", "2.0e-06"]
    assert trainings.columns.tolist() == ["perovskites"]
    assert gpu_speed.where_measured(written) == "**Measured** on one a GPU, with torch 2."


def test_a_record_of_the_older_script_says_so_and_names_what_it_lacks() -> None:
    old = {"n_training": 5, "plain_high_epoch_s": 2.0, "replayed_highest_epoch_s": 0.5}
    gpu = {"device": "a GPU", "torch": "2", "sets": {"perovskites": old}}
    assert "from before they became part of the package" in gpu_speed.where_measured(gpu)
    found = gpu_speed.epochs_on_the_page(gpu_speed.epoch_table(gpu)).iloc[:, 0]
    assert found["torch's operations, TF32"] == "2"
    assert found["the package's loops, replayed, float32"] == "0.5"
    assert len(found) == 2
    missing = gpu_speed.not_measured(gpu_speed.epoch_table(gpu))
    assert missing.startswith("Not measured in this run: torch's operations, float32 and bfloat16; ")
    assert "; torch's operations, compiled; " in missing


def test_the_published_record_has_a_training_on_both_data_sets() -> None:
    gpu = json.loads((project_root() / "benchmarks" / "gpu.json").read_text())
    trainings = gpu_speed.trainings_on_the_page(gpu_speed.training_table(gpu))
    assert trainings.columns.tolist() == ["perovskites", "Materials Project"]
    assert "not measured" not in trainings.to_numpy()
