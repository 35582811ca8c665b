"""Measure the paper's network on a GPU: torch's operations, Triton's loops, and replayed steps, in one run.

    python benchmarks/gpu.py pack FOLDER     on a machine with the data: the graphs of two sets, packed, in a few MB
    python benchmarks/gpu.py run FOLDER      on a machine with a GPU and Triton; writes gpu.json into FOLDER

The packed graphs are all that travels besides this repository. The second command takes about three minutes.
"""

from __future__ import annotations

import io
import json
import lzma
import math
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from gpu_steps import FixedBatcher, ReplayedSteps
from torch import Tensor

from cgcnn.files.paths import models_directory
from cgcnn.graphs.batches import Batch, Batcher
from cgcnn.graphs.packed_graphs import CrystalGraphs
from cgcnn.network import fused_convolution
from cgcnn.network.evaluation import predict_batches
from cgcnn.network.model import Backend, CrystalGraphNetwork
from cgcnn.training.runs import Run, read_run
from cgcnn.training.steps import backward, one_cycle

SETS = {"perovskites": "paper-random-15000-seed0-*", "materials_project": "paper-random-21886-seed0-*"}
#: Offsets travel as counts and indices in two bytes, which packs them ten times smaller.
OFFSETS, SMALL = ("node_offsets", "edge_offsets"), ("neighbors", "sites")
BACKENDS: tuple[Backend, ...] = ("plain", "fused")
WARM_UP, TIMED = 10, 60


def main() -> int:
    """Pack the graphs, or measure on the GPU; return the exit code."""
    action, folder = sys.argv[1], Path(sys.argv[2])
    if action == "pack":
        for name in SETS:
            pack(name, folder)
        return 0
    from gpu_loops import GpuLoops  # which needs Triton

    fused_convolution._LOOPS = {**fused_convolution._LOOPS, "cuda": GpuLoops}
    found: dict[str, Any] = {"device": torch.cuda.get_device_name(), "torch": torch.__version__, "sets": {}}
    for name, pattern in SETS.items():
        run = read_run(next((models_directory() / name).glob(f"{pattern}.safetensors")))
        found["sets"][name] = measure(unpack(name, folder), run)
        print(name, json.dumps(found["sets"][name], indent=1), flush=True)
    (folder / "gpu.json").write_text(json.dumps(found, indent=2) + "\n")
    return 0


def pack(name: str, folder: Path) -> None:
    """Write the graphs of a data set as one packed file."""
    from cgcnn.data.datasets import load
    from cgcnn.graphs.crystal_graphs import load_or_build

    arrays = {key: np.array(array) for key, array in load_or_build(load(name)).arrays().items()}
    arrays |= {key: np.diff(arrays[key]).astype(np.int16) for key in OFFSETS}
    arrays |= {key: arrays[key].astype(np.int16) for key in SMALL}
    stream = io.BytesIO()
    np.savez(stream, **arrays)  # type: ignore[arg-type]  # its stub takes the names for allow_pickle
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.npz.xz").write_bytes(lzma.compress(stream.getvalue()))


def unpack(name: str, folder: Path) -> CrystalGraphs:
    """Return the graphs that :func:`pack` wrote."""
    arrays = dict(np.load(io.BytesIO(lzma.decompress((folder / f"{name}.npz.xz").read_bytes()))))
    arrays |= {key: np.concatenate([[0], np.cumsum(arrays[key].astype(np.int64))]) for key in OFFSETS}
    arrays |= {key: arrays[key].astype(np.int32) for key in SMALL}
    return CrystalGraphs(**arrays)


def measure(graphs: CrystalGraphs, run: Run) -> dict[str, Any]:
    """Return errors against double precision, times per step and epoch, and a whole training of one data set."""
    result: dict[str, Any] = {"n_training": len(run.split.train), "n_epochs": int(run.history["epoch"].max())}
    result["published_validation_mae_eV_per_atom"] = run.validation_mae
    exact = gradients(graphs, run, "plain", torch.float64)
    for precision in ("highest", "high"):
        torch.set_float32_matmul_precision(precision)
        for backend in BACKENDS:
            found = gradients(graphs, run, backend, torch.float32)
            worst = max(float((a.double() - b).norm() / b.norm()) for a, b in zip(found, exact, strict=True))
            result[f"{backend}_{precision}_worst_relative_error"] = worst
    n_steps = math.ceil(len(run.split.train) / run.config.batch_size)
    for precision in ("highest", "high"):
        torch.set_float32_matmul_precision(precision)
        for backend in BACKENDS:
            result[f"{backend}_{precision}_epoch_s"] = n_steps * seconds_per_step(graphs, run, backend)
        with torch.cuda.stream(torch.cuda.Stream()):  # type: ignore[no-untyped-call]  # torch leaves it untyped
            result |= {f"replayed_{precision}_{key}": value for key, value in training(graphs, run).items()}
    return result


def start(graphs: CrystalGraphs, run: Run) -> CrystalGraphNetwork:
    """Return the network of a run as it was before its training, on the GPU."""
    config, targets = run.config, graphs.targets[run.split.train]
    torch.manual_seed(config.seed)
    network = CrystalGraphNetwork(config.n_convolutions, config.width, config.distance_power)
    network.target_mean.fill_(float(targets.mean()))
    network.target_scale.fill_(float(targets.std()))
    return network.cuda().train()


def gradients(graphs: CrystalGraphs, run: Run, backend: Backend, dtype: torch.dtype) -> list[Tensor]:
    """Return energies, all gradients and running moments after one batch."""
    network = start(graphs, run).to(dtype)
    network.backend = backend
    batch: Batch = Batcher(graphs, "cuda")(torch.from_numpy(run.split.train[: run.config.batch_size]))
    names = ("multiplicities", "n_sites", "distances", "weights", "targets")
    batch = replace(batch, **{name: getattr(batch, name).to(dtype) for name in names})
    energies = network(batch)
    ((energies - batch.targets) ** 2).mean().backward()
    learned = [each.grad for each in network.parameters() if each.grad is not None]
    return [energies.detach(), *learned, *(v for k, v in network.state_dict().items() if "running" in k)]


def seconds_per_step(graphs: CrystalGraphs, run: Run, backend: Backend) -> float:
    """Return the time of a training step whose operations are launched one by one, without the average."""
    network, batcher = start(graphs, run), Batcher(graphs, "cuda")
    network.backend = backend
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3, fused=True)
    order = torch.from_numpy(np.random.default_rng(0).permutation(run.split.train))
    batches = iter(torch.split(order, run.config.batch_size))

    def step() -> None:
        optimizer.zero_grad(set_to_none=True)
        backward(network, network, batcher, next(batches), run.config.loss_width)
        optimizer.step()

    def steps(number: int) -> None:
        for _ in range(number):
            step()

    steps(WARM_UP)
    return timed(lambda: steps(TIMED)) / TIMED


def training(graphs: CrystalGraphs, run: Run) -> dict[str, float]:
    """Train from the start with replayed steps; return the times and the last validation error.

    The time of an epoch is the median of all but the first, in which the steps are recorded. No epoch is chosen by its
    validation error, so that the times are those of steps alone.
    """
    config = run.config
    network = start(graphs, run)
    averaged = start(graphs, run)
    steps = ReplayedSteps(network, averaged, FixedBatcher(graphs, "cuda"), config)
    n_steps, n_epochs = math.ceil(len(run.split.train) / config.batch_size), int(run.history["epoch"].max())
    times = []
    for epoch in range(n_epochs):
        order = np.random.default_rng([config.seed, epoch]).permutation(run.split.train)

        def one_epoch(order: np.ndarray = order, epoch: int = epoch) -> None:
            steps.epoch(order)
            for number in range(n_steps):
                done = epoch * n_steps + number
                rate = config.learning_rate * one_cycle(done, n_epochs * n_steps)
                steps.step(number, rate, min(config.averaging, (2 + done) / (11 + done)))

        times.append(timed(one_epoch))
    predicted = predict_batches(averaged, Batcher(graphs, "cuda"), run.split.validation).double().numpy()
    error = np.abs(predicted - graphs.targets[run.split.validation]).mean()
    return {
        "epoch_s": float(np.median(times[1:])),
        "training_s": float(sum(times)),
        "validation_mae_eV_per_atom": float(error),
    }


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that the GPU needs for some work."""
    torch.cuda.synchronize()
    began = time.perf_counter()
    work()
    torch.cuda.synchronize()
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
