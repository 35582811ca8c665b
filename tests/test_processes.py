"""Test that several processes give the gradients and the run of one process, and that only process 0 prints."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, distributed
from torch.multiprocessing.spawn import spawn
from torch.nn.parallel import DistributedDataParallel

from cgcnn.data import datasets
from cgcnn.data.crystals import Crystals
from cgcnn.graphs.batches import Batch, Batcher
from cgcnn.graphs.crystal_graphs import build
from cgcnn.machine import processes
from cgcnn.training.steps import backward
from cgcnn.training.store import load_run
from tests.test_model import in_double, network


def gradients(crystals: Crystals, in_double_precision: bool) -> dict[str, Tensor]:
    """Return the gradients and the running moments after one batch of all crystals, by their names."""
    batcher = Batcher(build(crystals))
    model = network(2, 16).train()
    if in_double_precision:
        model = model.double()

    def cut(chosen: Tensor) -> Batch:
        return in_double(batcher(chosen)) if in_double_precision else batcher(chosen)

    shared = DistributedDataParallel(model, broadcast_buffers=False) if processes.count() > 1 else model
    backward(shared, model, cut, torch.arange(len(crystals)), 0.1)  # type: ignore[arg-type]  # as a batcher does
    moments = {name: tensor.clone() for name, tensor in model.state_dict().items() if "running" in name}
    return moments | {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}


def work(rank: int, port: int, crystals: Crystals, in_double_precision: bool, folder: str) -> None:
    """Compute the gradients as one of two processes, and save them to the folder."""
    torch.set_num_threads(1)
    os.environ |= {"WORLD_SIZE": "2", "RANK": str(rank), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    with processes.joined("cpu"):
        torch.save(gradients(crystals, in_double_precision), f"{folder}/{rank}.pt")
        # Process 0 keeps the store of addresses in its own threads, and must not end while the other still asks it.
        distributed.barrier()


@pytest.mark.parametrize(("in_double_precision", "tolerance"), [(True, 1e-11), (False, 2e-5)])
def test_two_processes_have_the_gradients_of_one_on_the_same_batch(
    few: Crystals, tmp_path: Path, in_double_precision: bool, tolerance: float
) -> None:
    crystals = few.select(np.arange(0, 290, 14))  # 21 crystals, ideal and distorted, give two parts of unequal size
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    spawn(work, (port, crystals, in_double_precision, str(tmp_path)), nprocs=2)  # type: ignore[no-untyped-call]  # torch leaves it untyped
    alone = gradients(crystals, in_double_precision)
    for rank in (0, 1):
        found = torch.load(tmp_path / f"{rank}.pt", weights_only=True)
        assert found.keys() == alone.keys()
        for name, tensor in alone.items():
            assert (found[name] - tensor).norm() <= tolerance * tensor.norm(), name


@pytest.mark.slow
def test_torchrun_trains_the_run_of_one_process(tmp_path: Path) -> None:
    sizes = {"training-size": 300, "epochs": 3, "batch-size": 37, "width": 16, "n-convolutions": 2}
    options = [f"--{name}={value}" for name, value in sizes.items()]
    module = ["-m", "cgcnn", "train", "perovskites-embedded", "--device", "cpu", *options]
    datasets.load("perovskites-embedded")
    runs = []
    for launcher in (["-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"], []):
        output = tmp_path / f"{len(launcher)}.safetensors"
        command = [sys.executable, *launcher, *module, "--output", str(output), "--retrain"]
        result = subprocess.run(command, capture_output=True, text=True, check=True)
        assert result.stdout.count("validation MAE") == 1
        assert "Warning" not in result.stderr
        runs.append(load_run(output))
    together, alone = runs
    assert together.key == alone.key
    assert np.allclose(together.history, alone.history, rtol=2e-3)
