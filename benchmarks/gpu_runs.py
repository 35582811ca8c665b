"""Train runs on a machine that has a GPU, for a machine that has the data.

    python benchmarks/gpu_runs.py pack FOLDER KIND:SET:SEEDS ...    with the data: crystals, splits and parameters
    python benchmarks/gpu_runs.py run FOLDER [AT_ONCE]              with a GPU and Triton: weights and histories
    python benchmarks/gpu_runs.py collect FOLDER                    with the data: finished runs in the run store

A kind is ``paper``, ``better``, ``angles``, ``composition`` (the split), ``sizes`` or ``angles-sizes`` (all sizes of a
learning curve), ``angles-changes`` (the trials of single changes) or ``unit`` (element vectors that start with unit
variance), and seeds are numbers with commas between, as in ``paper:boron:3,4``. The training follows
:func:`cgcnn.training.loop.train` step by step, with the same order of the crystals, schedule, validations and patience.
Only sums are added in another order, so that a run is another one in its last digits.

A step of one training leaves most of a large GPU idle. So several trainings run at once in one process, each in a
stream of its own.
"""

from __future__ import annotations

import copy
import dataclasses
import io
import json
import lzma
import math
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from cgcnn.data.crystals import Crystals
from cgcnn.graphs import crystal_graphs
from cgcnn.graphs.batches import Batcher
from cgcnn.graphs.filled_batches import FilledBatcher
from cgcnn.graphs.packed_graphs import CrystalGraphs
from cgcnn.network.evaluation import predict_batches
from cgcnn.network.model import CrystalGraphNetwork
from cgcnn.training.config import Config
from cgcnn.training.replayed_steps import ReplayedSteps, adamw
from cgcnn.training.runs import Run, run_key, save_run
from cgcnn.training.start import random_start, standardize_angles
from cgcnn.training.state import State
from cgcnn.training.steps import one_cycle
from cgcnn.training.store import find_run, stored_run_path
from cgcnn.training.workers import Workers

#: As in the training on a CPU, a validation follows the first epoch that ends so many steps after the last one.
STEPS_BETWEEN_VALIDATIONS = 100
#: The number of training sets of a learning curve.
N_SIZES = 7
#: The validation error of a collected run may differ from that on the GPU by so much, in the unit of the targets.
DIFFERENCE = 2e-5
#: The arrays of the crystals that a graph is made of.
PACKED = ("lattices", "site_offsets", "atomic_numbers", "fractional_coordinates", "targets")
#: Trainings that run at once.
AT_ONCE = 8
#: Validation crystals that are predicted at once.
VALIDATION_BATCH = 4096

History = list[dict[str, float]]


def main() -> int:
    """Run the command line; return the exit code."""
    action, folder = sys.argv[1], Path(sys.argv[2])
    if action == "pack":
        pack(folder, [run for each in sys.argv[3:] for run in runs_of(*each.split(":"))])
    elif action == "run":
        run(folder, int(sys.argv[3]) if len(sys.argv) > 3 else AT_ONCE)
    else:
        collect(folder)
    return 0


def runs_of(kind: str, name: str, seeds: str) -> list[tuple[str, Config]]:
    """Return the data set and the parameters of each run of a kind."""
    from cgcnn.analysis.learning_curves import halved_sizes
    from cgcnn.data.datasets import load
    from cgcnn.paper.recipes import angles_choices, angles_config, better_config, paper_config
    from cgcnn.training.fit import make_split

    recipes = {"better": better_config, "angles": angles_config, "angles-sizes": angles_config}
    one = recipes.get(kind, paper_config)(name)
    changes: dict[str, dict[str, object]] = {"composition": {"split": "composition"}, "unit": {"element_spread": 1.0}}
    configs = [one.replace(**changes.get(kind, {}))]
    if kind.endswith("sizes"):
        sizes = halved_sizes(len(make_split(load(name), one).train), N_SIZES)
        configs = [one.replace(training_size=size) for size in sizes]
    if kind == "angles-changes":
        configs = list(angles_choices(name).values())
    return [(name, config.replace(seed=int(seed))) for config in configs for seed in seeds.split(",")]


def pack(folder: Path, wanted: list[tuple[str, Config]]) -> None:
    """Write the jobs of all runs that are not known yet, their splits, and the crystals of each data set once."""
    from cgcnn.data.datasets import load
    from cgcnn.training.fit import make_split

    folder.mkdir(parents=True, exist_ok=True)
    jobs: dict[str, dict[str, Any]] = {}
    splits: dict[str, np.ndarray] = {}
    for name, config in wanted:
        crystals = load(name)
        key = run_key(crystals, config)
        if key in jobs or find_run(key) is not None:
            continue
        split = make_split(crystals, config)
        splits |= {f"{key}_train": split.train, f"{key}_validation": split.validation}
        jobs[key] = {"set": name, "config": dataclasses.asdict(config)}
        file = folder / f"{name}.npz.xz"
        if not file.exists():
            stream = io.BytesIO()
            np.savez(stream, **{key: getattr(crystals, key) for key in PACKED})
            file.write_bytes(lzma.compress(stream.getvalue()))
    (folder / "jobs.json").write_text(json.dumps(jobs))
    np.savez_compressed(folder / "splits.npz", **splits)  # type: ignore[arg-type]  # as in gpu.pack


def unpacked(name: str, folder: Path) -> Crystals:
    """Return the crystals that :func:`pack` wrote, with numbers for names."""
    arrays = dict(np.load(io.BytesIO(lzma.decompress((folder / f"{name}.npz.xz").read_bytes()))))
    return Crystals(name, "target", "", tuple(map(str, range(len(arrays["targets"])))), **arrays)


def run(folder: Path, at_once: int) -> None:
    """Train the jobs, the longest first and several at once, and write what is done after each of them."""
    jobs = json.loads((folder / "jobs.json").read_text())
    splits = np.load(folder / "splits.npz")
    graphs: dict[tuple[Any, ...], tuple[CrystalGraphs, FilledBatcher]] = {}
    waiting: list[tuple[float, str, Config, Future[CrystalGraphNetwork]]] = []
    # The moments of the angles of a large set take seconds, in which the GPU would wait.
    pool = ThreadPoolExecutor()
    for key, job in jobs.items():
        config, crystals = Config(**job["config"]), splits[f"{key}_train"]
        of_set = (job["set"], *config.of_graphs)
        if of_set not in graphs:
            built = crystal_graphs.load_or_build(unpacked(job["set"], folder), *config.of_graphs)
            graphs[of_set] = (built, FilledBatcher(built, "cuda"))
        built = graphs[of_set][0]
        start = pool.submit(_standardized, random_start(built.targets[crystals], config), built, crystals)
        n_steps = math.ceil(len(crystals) / config.batch_size)
        cost = max(config.epochs * n_steps, config.minimum_steps) * config.batch_size * config.width
        waiting.append((cost, key, config, start))
    torch.cuda.synchronize()
    waiting.sort(key=lambda job: -job[0])
    began = time.monotonic()
    streams = [torch.cuda.Stream() for _ in range(at_once)]  # type: ignore[no-untyped-call]  # torch leaves it untyped
    running: list[tuple[str, torch.cuda.Stream, Iterator[tuple[dict[str, Tensor], History] | None]]] = []
    done: dict[str, tuple[dict[str, Tensor], History]] = {}
    while waiting or running:
        while waiting and len(running) < at_once:
            _, key, config, start = waiting.pop(0)
            of_job = (splits[f"{key}_train"], splits[f"{key}_validation"])
            built, batcher = graphs[jobs[key]["set"], *config.of_graphs]
            steps = training(start.result(), batcher, built.targets, config, *of_job)
            running.append((key, streams.pop(), steps))
        for each in list(running):
            key, stream, steps = each
            with torch.cuda.stream(stream):
                found = next(steps)
            if found is not None:
                running.remove(each)
                streams.append(stream)
                done[key] = found
                torch.save(done, folder / "done.part")
                (folder / "done.part").replace(folder / "done.pt")
                best = min(row["validation_mae"] for row in found[1])
                print(f"{time.monotonic() - began:.0f} s: {jobs[key]['set']} {key[:12]} {best:.5f}", flush=True)


def _standardized(network: CrystalGraphNetwork, graphs: CrystalGraphs, crystals: np.ndarray) -> CrystalGraphNetwork:
    standardize_angles(network, graphs, crystals)
    return network


def training(
    network: CrystalGraphNetwork,
    batcher: FilledBatcher,
    targets: np.ndarray,
    config: Config,
    crystals: np.ndarray,
    validation: np.ndarray,
) -> Iterator[tuple[dict[str, Tensor], History] | None]:
    """Yield None after each step, and at the end the averaged weights of the best epoch and one row per validation.

    What a validation found is read only when the next one is asked for, so that nothing waits for the GPU.
    """
    network = network.cuda()
    averaged = copy.deepcopy(network)
    device = network.target_mean.device
    loss = torch.zeros((), device=device)
    state = State(network, averaged, adamw(network, config, device), loss, Workers.of(device))
    steps = ReplayedSteps(state, batcher, config)
    n_steps = math.ceil(len(crystals) / config.batch_size)
    n_epochs = max(config.epochs, math.ceil(config.minimum_steps / n_steps))
    patience = math.ceil(config.patience * n_epochs / config.epochs)
    aims = torch.from_numpy(targets[validation]).cuda()
    history: History = []
    pending: list[tuple[dict[str, float], Tensor, dict[str, Tensor], torch.cuda.Event]] = []
    best, best_epoch, best_weights, done, last = math.inf, 0, averaged.state_dict(), 0, 0
    for epoch in range(1, n_epochs + 1):
        loss.zero_()
        steps.begin(np.random.default_rng([config.seed, epoch - 1]).permutation(crystals))
        for number in range(n_steps):
            rate = config.learning_rate * one_cycle(done, n_epochs * n_steps)
            done += 1
            steps.take(number, rate, min(config.averaging, (1 + done) / (10 + done)))
            yield None
        is_due = done - last >= STEPS_BETWEEN_VALIDATIONS or epoch == n_epochs
        if is_due:
            last = done
            error = (predictions(averaged, batcher, validation) - aims).abs().mean()
            numbers = torch.stack([error, loss.double() / len(crystals)])
            here = torch.empty(2, dtype=torch.float64, pin_memory=True).copy_(numbers, non_blocking=True)
            weights = {name: tensor.clone() for name, tensor in averaged.state_dict().items()}
            event = torch.cuda.Event()  # type: ignore[no-untyped-call]  # torch leaves it untyped
            event.record()
            pending.append(({"epoch": epoch, "learning_rate": rate}, here, weights, event))
        while len(pending) > 1 or (pending and epoch == n_epochs):
            row, here, weights, event = pending.pop(0)
            event.synchronize()
            row |= {"training_loss": float(here[1]), "validation_mae": float(here[0])}
            history.append(row)
            if row["validation_mae"] < best:
                best, best_epoch, best_weights = row["validation_mae"], int(row["epoch"]), weights
        if history and history[-1]["epoch"] - best_epoch >= patience:
            break
    yield {name: tensor.cpu() for name, tensor in best_weights.items()}, history


@torch.inference_mode()
def predictions(network: CrystalGraphNetwork, batcher: FilledBatcher, crystals: np.ndarray) -> Tensor:
    """Return the energies of some crystals, (b,) float64 on the GPU, without a wait."""
    network.eval()
    parts = [crystals[start : start + VALIDATION_BATCH] for start in range(0, len(crystals), VALIDATION_BATCH)]
    energies = [
        network(batcher(torch.from_numpy(part).pin_memory().cuda(non_blocking=True), *batcher.sizes(part)))
        for part in parts
    ]
    return torch.cat(energies).double()


def collect(folder: Path) -> None:
    """Write the runs that a GPU has trained to the run store, where their validation errors are found again here."""
    from cgcnn.data.datasets import load
    from cgcnn.training.fit import make_split
    from cgcnn.training.seen import elements_by_part, what_was_seen

    jobs = json.loads((folder / "jobs.json").read_text())
    for file in sorted(folder.glob("done*.pt")):
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
