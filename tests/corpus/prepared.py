"""Write a run, a map, caches and checkpoints with the package itself, for the corpus to damage."""

from __future__ import annotations

import io
import os
import signal
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from cgcnn.__main__ import main
from cgcnn.analysis.environment_map import EnvironmentMap
from cgcnn.analysis.map_files import save_map
from cgcnn.data.quantity import Quantity
from cgcnn.training import steps as training_steps
from cgcnn.training.store import load_run
from tests.corpus.good import make_folder
from tests.corpus.stored import TRAINING


def prepare(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fill a folder: ``d`` (six crystals), ``run.safetensors``, ``map.safetensors``, two caches, and ``printed``.

    Args:
        folder: An empty folder. In ``cache`` a training has ended, and in ``stopped`` it was interrupted twice. The
            text ``printed`` is what the first one printed.
        monkeypatch: The fixture, for the time of the call.
    """
    table = make_folder(folder) / "id_prop.csv"
    table.write_text(table.read_text().replace("bad,-1.9\n", ""))
    monkeypatch.chdir(folder)
    monkeypatch.setenv("CGCNN_CACHE", str(folder / "cache"))
    printed = io.StringIO()
    with redirect_stdout(printed):
        assert main(["train", "d", *TRAINING, "--output", "run.safetensors"]) == 0
    Path("printed").write_text(printed.getvalue())
    _write_map(Path("map.safetensors"), load_run("run.safetensors").key)
    monkeypatch.setenv("CGCNN_CACHE", str(folder / "stopped"))
    for step in (4, 3):
        with monkeypatch.context() as patch:
            _interrupt_at(patch, step)
            assert main(["train", "d", *TRAINING]) == 130


def _interrupt_at(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """Press Ctrl-C in a step of the training that follows."""
    steps, backward = 0, training_steps.backward

    def counting(*arguments: object) -> torch.Tensor:
        nonlocal steps
        steps += 1
        if steps == step:
            os.kill(os.getpid(), signal.SIGINT)
        return backward(*arguments)  # type: ignore[arg-type]  # handed through as they came

    monkeypatch.setattr(training_steps, "backward", counting)


def _write_map(path: Path, run_key: str) -> None:
    """Write a map of 20 environments, which are all alike but for their places."""
    n, rng = 20, np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "crystal": "m0",
            "site": 0,
            "label": "K1",
            "element": "K",
            "first_neighbor": "Br",
            "multiplicity": 1,
            "local_target": 0.0,
            "x": rng.normal(size=n),
            "y": rng.normal(size=n),
        },
        index=range(n),
    )
    vectors = rng.normal(size=(n, 8)).astype(np.float32)
    save_map(EnvironmentMap("environments", table, vectors, run_key, "d", "d", Quantity("target", ""), n, 0, 0.9), path)
