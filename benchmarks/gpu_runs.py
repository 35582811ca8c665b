"""Train runs on a machine that has a GPU, for a machine that has the data.

    python benchmarks/gpu_runs.py pack FOLDER KIND:SET:SEEDS ...    with the data: graphs, splits and parameters
    python benchmarks/gpu_runs.py run FOLDER WORKER N_WORKERS       with a GPU and Triton: weights and histories
    python benchmarks/gpu_runs.py collect FOLDER                    with the data: finished runs in the run store

A kind is ``paper``, ``better``, ``composition`` (the split), ``sizes`` (all sizes of the learning curve) or ``unit``
(element vectors that start with unit variance), and seeds are numbers with commas between, as in ``paper:boron:3,4``.
The training follows :func:`cgcnn.training.loop.train` step by step, with the same order of the crystals, schedule,
validations and patience. Only sums are added in another order, so that a run is another one in its last digits.
"""

from __future__ import annotations

import copy
import dataclasses
import io
import json
import lzma
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from gpu import OFFSETS, SMALL, unpack
from gpu_steps import ReplayedSteps
from torch import Tensor

from cgcnn.errors import DataError
from cgcnn.graphs import crystal_graphs
from cgcnn.graphs.batches import Batcher
from cgcnn.graphs.crystal_graphs import CrystalGraphs
from cgcnn.network import fused_convolution, model
from cgcnn.network.evaluation import predict_batches
from cgcnn.training.config import Config
from cgcnn.training.loop import one_cycle
from cgcnn.training.runs import Run, run_key, save_run
from cgcnn.training.start import random_start
from cgcnn.training.store import find_run, stored_run_path

#: As in the training on a CPU, a validation follows the first epoch that ends so many steps after the last one.
STEPS_BETWEEN_VALIDATIONS = 100
#: The number of training sets of a learning curve.
N_SIZES = 7
#: The validation error of a collected run may differ from that on the GPU by so much, in the unit of the targets.
DIFFERENCE = 2e-5


def main() -> int:
    """Run the command line; return the exit code."""
    action, folder = sys.argv[1], Path(sys.argv[2])
    if action == "pack":
        pack(folder, sys.argv[3:])
    elif action == "run":
        run(folder, int(sys.argv[3]), int(sys.argv[4]))
    else:
        collect(folder)
    return 0


def configs_of(kind: str, name: str) -> list[Config]:
    """Return the parameters of the runs of a kind on a data set, with seed 0."""
    from cgcnn.analysis.learning_curves import halved_sizes
    from cgcnn.data.datasets import load
    from cgcnn.paper.recipes import better_config, paper_config
    from cgcnn.training.fit import make_split

    paper = paper_config(name)
    if kind == "better":
        return [better_config(name)]
    if kind == "sizes":
        sizes = halved_sizes(len(make_split(load(name), paper).train), N_SIZES)
        return [paper.replace(training_size=size) for size in sizes]
    changes: dict[str, dict[str, object]] = {"composition": {"split": "composition"}, "unit": {"element_spread": 1.0}}
    return [paper.replace(**changes.get(kind, {}))]


def pack(folder: Path, wanted: list[str]) -> None:
    """Write the jobs of all runs that are not known yet, their splits, and each set of graphs once."""
    from cgcnn.data.datasets import load
    from cgcnn.training.fit import make_split

    folder.mkdir(parents=True, exist_ok=True)
    jobs: dict[str, dict[str, Any]] = {}
    parts: dict[str, np.ndarray] = {}
    used: dict[str, tuple[CrystalGraphs, set[int]]] = {}
    for kind, name, seeds in (each.split(":") for each in wanted):
        crystals = load(name)
        for config in (each.replace(seed=int(seed)) for each in configs_of(kind, name) for seed in seeds.split(",")):
            if config.angles:
                raise DataError(
                    f"{kind}:{name}: has angles, which the loops of the GPU do not know", "train it by cgcnn train"
                )
            key = run_key(crystals, config)
            if key in jobs or find_run(key) is not None:
                continue
            graphs = crystal_graphs.load_or_build(crystals, *config.of_graphs)
            split = make_split(crystals, config)
            parts |= {f"{key}_train": split.train, f"{key}_validation": split.validation}
            of_jobs = used.setdefault(graphs.digest[:12], (graphs, set()))[1]
            of_jobs.update(split.train.tolist(), split.validation.tolist())
            n_epochs = max(config.epochs, math.ceil(config.minimum_steps * config.batch_size / len(split.train)))
            cost = n_epochs * len(split.train) * graphs.n_edges / len(graphs)
            jobs[key] = {"set": name, "graphs": graphs.digest[:12], "cost": cost, "config": dataclasses.asdict(config)}
    for name, (graphs, crystals_of_jobs) in used.items():
        (folder / f"{name}.npz.xz").write_bytes(packed(graphs, crystals_of_jobs))
    (folder / "jobs.json").write_text(json.dumps(jobs))
    np.savez_compressed(folder / "splits.npz", **parts)  # type: ignore[arg-type]  # as in gpu.pack


def packed(graphs: CrystalGraphs, wanted: set[int]) -> bytes:
    """Return graphs in which the edges of all crystals that are not wanted are equal, which takes no room."""
    arrays = {key: np.array(array) for key, array in graphs.arrays().items()}
    is_wanted = np.isin(np.arange(len(graphs)), list(wanted))
    of_nodes = np.repeat(is_wanted, np.diff(graphs.node_offsets))
    of_edges = np.repeat(of_nodes, np.diff(graphs.edge_offsets))
    for key, value in {"neighbors": 0, "distances": 1, "weights": 1}.items():
        arrays[key][~of_edges] = value
    arrays |= {key: np.diff(arrays[key]).astype(np.int16) for key in OFFSETS}
    arrays |= {key: arrays[key].astype(np.int16) for key in SMALL}
    stream = io.BytesIO()
    np.savez(stream, **arrays)  # type: ignore[arg-type]  # as in gpu.pack
    return lzma.compress(stream.getvalue(), preset=9 | lzma.PRESET_EXTREME)


def run(folder: Path, worker: int, n_workers: int) -> None:
    """Train a worker's share of the jobs, the longest first, and write what is done after each of them."""
    from gpu_loops import GpuLoops  # which needs Triton

    fused_convolution._LOOPS = {**fused_convolution._LOOPS, "cuda": GpuLoops}
    model.distance_factors = distance_factors
    jobs = json.loads((folder / "jobs.json").read_text())
    splits = np.load(folder / "splits.npz")
    loads, mine = [0.0] * n_workers, []
    for key, job in sorted(jobs.items(), key=lambda item: -item[1]["cost"]):
        least = int(np.argmin(loads))
        loads[least] += job["cost"]
        if least == worker:
            mine.append((key, job))
    done: dict[str, tuple[dict[str, Tensor], list[dict[str, float]]]] = {}
    for key, job in sorted(mine, key=lambda item: item[1]["graphs"]):
        graphs = unpack(job["graphs"], folder)
        done[key] = train(graphs, Config(**job["config"]), splits[f"{key}_train"], splits[f"{key}_validation"])
        torch.save(done, folder / f"done-{worker}.pt")
        print(job["set"], key[:12], min(row["validation_mae"] for row in done[key][1]), flush=True)


def train(
    graphs: CrystalGraphs, config: Config, training: np.ndarray, validation: np.ndarray
) -> tuple[dict[str, Tensor], list[dict[str, float]]]:
    """Return the averaged weights of the best epoch, and one row per validation."""
    network = random_start(graphs.targets[training], config).cuda()
    averaged = copy.deepcopy(network)
    steps, batcher = ReplayedSteps(network, averaged, graphs, config), Batcher(graphs, "cuda")
    n_steps = math.ceil(len(training) / config.batch_size)
    n_epochs = max(config.epochs, math.ceil(config.minimum_steps / n_steps))
    patience = math.ceil(config.patience * n_epochs / config.epochs)
    history: list[dict[str, float]] = []
    best, best_epoch, best_weights, done, last = math.inf, 0, averaged.state_dict(), 0, 0
    for epoch in range(1, n_epochs + 1):
        steps.epoch(np.random.default_rng([config.seed, epoch - 1]).permutation(training))
        for number in range(n_steps):
            rate = config.learning_rate * one_cycle(done, n_epochs * n_steps)
            done += 1
            steps.step(number, rate, min(config.averaging, (1 + done) / (10 + done)))
        if done - last < STEPS_BETWEEN_VALIDATIONS and epoch < n_epochs:
            continue
        last = done
        averaged.eval()
        predicted = predict_batches(averaged, batcher, validation).double().cpu().numpy()
        averaged.train()
        error = float(np.abs(predicted - graphs.targets[validation]).mean())
        loss = float(steps.loss) / len(training)
        row = {"epoch": epoch, "learning_rate": rate, "training_loss": loss, "validation_mae": error}
        history.append(row)
        if error < best:
            best, best_epoch = error, epoch
            best_weights = {name: tensor.cpu().clone() for name, tensor in averaged.state_dict().items()}
        if epoch - best_epoch >= patience:
            break
    return best_weights, history


def distance_factors(distances: Tensor, edge_offsets: Tensor, power: float) -> Tensor:
    """Return what :func:`cgcnn.network.model.distance_factors` does, of filled-up batches and without a wait."""
    places = torch.arange(len(distances), device=distances.device)
    owner = torch.searchsorted(edge_offsets[1:].contiguous(), places, right=True).clamp(max=len(edge_offsets) - 2)
    is_edge = places < edge_offsets[-1]
    shortest = torch.full((len(edge_offsets) - 1,), math.inf, device=distances.device)
    shortest = shortest.scatter_reduce(0, owner, torch.where(is_edge, distances, math.inf), "amin")
    return torch.where(is_edge, (shortest[owner] / torch.where(is_edge, distances, 1.0)) ** power, 0.0)


def collect(folder: Path) -> None:
    """Write the runs that a GPU has trained to the run store, where their validation errors are found again here."""
    from cgcnn.data.datasets import load
    from cgcnn.training.fit import make_split
    from cgcnn.training.seen import elements_by_part, what_was_seen

    jobs = json.loads((folder / "jobs.json").read_text())
    for file in sorted(folder.glob("done-*.pt")):
        for key, (weights, rows) in torch.load(file, weights_only=True).items():
            crystals, config = load(jobs[key]["set"]), Config(**jobs[key]["config"])
            split, history = make_split(crystals, config), pd.DataFrame(rows)
            graphs = crystal_graphs.load_or_build(crystals, *config.of_graphs)
            network = random_start(crystals.targets[split.train], config)
            network.load_state_dict(weights)
            predicted = predict_batches(network.eval(), Batcher(graphs, "cpu"), split.validation).double().numpy()
            error = np.abs(predicted - crystals.targets[split.validation]).mean()
            if abs(error - history["validation_mae"].min()) > DIFFERENCE:
                raise SystemExit(f"{file}: run {key[:12]} has another validation error here, {error:.6f}")
            elements, elsewhere = elements_by_part(crystals, split)
            of_gpu = Run(
                key=key,
                dataset=crystals.name,
                data_digest=crystals.digest,
                target_name=crystals.target_name,
                unit=crystals.unit,
                config=config,
                network=network,
                split=split,
                elements=elements,
                history=history,
                n_threads=None,
                elements_elsewhere=elsewhere,
                seen=what_was_seen(network, crystals, graphs, split),
                n_processes=1,
            )
            save_run(of_gpu, stored_run_path(key))


if __name__ == "__main__":
    sys.exit(main())
