"""Train runs on a machine that has a GPU, for a machine that has the data.

    python benchmarks/gpu_runs.py pack FOLDER KIND:SET:SEEDS ...    with the data: crystals, splits and parameters
    python benchmarks/gpu_runs.py run FOLDER [AT_ONCE]              with a GPU and Triton: weights and histories
    python benchmarks/gpu_runs.py collect FOLDER                    with the data: finished runs in the run store

A kind is ``paper``, ``better``, ``angles``, ``composition`` (the split), ``sizes`` or ``angles-sizes`` (all sizes of a
learning curve), ``angles-changes`` (the trials of single changes) or ``unit`` (element vectors that start with unit
variance), and seeds are numbers with commas between, as in ``paper:boron:3,4``. Sums are added in another order than on
a CPU, so that a run is another one in its last digits.

A step of one training leaves most of a large GPU idle. So several trainings run at once in one process, each in a
stream of its own, and nothing waits for the GPU: each of them is a sequence of
:func:`cgcnn.training.epochs.epochs`, of which one element after the other is asked for in turn. Without a GPU the
trainings run in turn on the CPU.
"""

from __future__ import annotations

import dataclasses
import io
import json
import lzma
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from cgcnn.data.crystals import Crystals
from cgcnn.data.splits import Split
from cgcnn.graphs import crystal_graphs
from cgcnn.graphs.batches import Batcher
from cgcnn.graphs.filled_batches import FilledBatcher
from cgcnn.graphs.packed_graphs import CrystalGraphs
from cgcnn.machine.devices import resolve_device
from cgcnn.network.evaluation import predict_batches
from cgcnn.network.model import CrystalGraphNetwork
from cgcnn.training.config import Config
from cgcnn.training.epochs import Event, batcher_for, begun, epochs, epochs_of
from cgcnn.training.runs import Run, run_key, save_run
from cgcnn.training.start import random_start, standardize_angles
from cgcnn.training.state import State
from cgcnn.training.store import find_run, stored_run_path

#: The number of training sets of a learning curve.
N_SIZES = 7
#: The validation error of a collected run may differ from that on the GPU by so much, in the unit of the targets.
DIFFERENCE = 2e-5
#: The arrays of the crystals that a graph is made of.
PACKED = ("lattices", "site_offsets", "atomic_numbers", "fractional_coordinates", "targets")
#: Trainings that run at once.
AT_ONCE = 8
#: Validation crystals that are predicted at once: the fewer the batches, the fewer the operations to start.
VALIDATION_BATCH = 4096

History = list[dict[str, float]]


def main() -> int:
    """Run the command line; return the exit code."""
    action, folder = sys.argv[1], Path(sys.argv[2])
    if action == "pack":
        pack(folder, [run for each in sys.argv[3:] for run in runs_of(*each.split(":"))])
    elif action == "run":
        run(folder, int(sys.argv[3]) if len(sys.argv) > 3 else AT_ONCE, resolve_device("auto"))
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


def run(folder: Path, at_once: int, device: torch.device) -> None:
    """Train the jobs, the longest first and several at once, and write what is done after each of them."""
    jobs = json.loads((folder / "jobs.json").read_text())
    splits = np.load(folder / "splits.npz")
    graphs: dict[tuple[Any, ...], tuple[CrystalGraphs, Batcher | FilledBatcher]] = {}
    waiting: list[tuple[int, str, Config, Future[CrystalGraphNetwork]]] = []
    # The moments of the angles of a large set take seconds, in which the GPU would wait.
    pool = ThreadPoolExecutor()
    for key, job in jobs.items():
        config, train = Config(**job["config"]), splits[f"{key}_train"]
        of_set = (job["set"], *config.of_graphs)
        if of_set not in graphs:
            built = crystal_graphs.load_or_build(unpacked(job["set"], folder), *config.of_graphs)
            graphs[of_set] = (built, batcher_for(built, device))
        built = graphs[of_set][0]
        start = pool.submit(_standardized, random_start(built.targets[train], config), built, train)
        n_epochs, steps_per_epoch = epochs_of(config, len(train))
        waiting.append((n_epochs * steps_per_epoch * config.batch_size * config.width, key, config, start))
    waiting.sort(key=lambda job: -job[0])
    began = time.monotonic()
    streams = [new_stream(device) for _ in range(at_once)]
    running: list[tuple[str, AbstractContextManager[object], State, Iterator[Event]]] = []
    done: dict[str, tuple[dict[str, Tensor], History]] = {}
    while waiting or running:
        while waiting and len(running) < at_once:
            _, key, config, start = waiting.pop(0)
            built, batcher = graphs[jobs[key]["set"], *config.of_graphs]
            split = Split(splits[f"{key}_train"], splits[f"{key}_validation"], np.empty(0, np.int64))
            stream = streams.pop()
            with stream:
                state = begun(start.result(), config, device)
            running.append((key, stream, state, epochs(state, batcher, built, split, config, VALIDATION_BATCH)))
        for each in list(running):
            key, stream, state, events = each
            with stream:
                if next(events, None) is not None:
                    continue
            running.remove(each)
            streams.append(stream)
            done[key] = {name: tensor.cpu() for name, tensor in state.best_weights.items()}, state.progress.history
            torch.save(done, folder / "done.part")
            (folder / "done.part").replace(folder / "done.pt")
            of_job = f"{jobs[key]['set']} {key[:12]} {state.progress.best_mae:.5f}"
            print(f"{time.monotonic() - began:.0f} s: {of_job}", flush=True)


def new_stream(device: torch.device) -> AbstractContextManager[object]:
    """Return what puts work into a stream of its own on a GPU, as often as it is entered; other devices have none."""
    if device.type != "cuda":
        return nullcontext()
    stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]  # torch leaves it untyped
    # The graphs are copied in the stream that is current now.
    stream.wait_stream(torch.cuda.current_stream(device))
    return torch.cuda.stream(stream)


def _standardized(network: CrystalGraphNetwork, graphs: CrystalGraphs, crystals: np.ndarray) -> CrystalGraphNetwork:
    standardize_angles(network, graphs, crystals)
    return network


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
