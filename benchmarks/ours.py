"""A process that measures this project's code as ``peer.py`` measures the others.

It reads one order per line and answers it by one line, both in JSON.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import floors
import numpy as np
import parts
import torch
from peer import peak_bytes
from pymatgen.core import Structure

from cgcnn.data import crystals, datasets
from cgcnn.graphs.batches import Batcher
from cgcnn.graphs.crystal_graphs import build, load_or_build
from cgcnn.graphs.packed_graphs import CrystalGraphs
from cgcnn.machine.memory import keep_freed_memory
from cgcnn.network.model import CrystalGraphNetwork
from cgcnn.training import loop
from cgcnn.training.checkpoints import Checkpoints
from cgcnn.training.config import Config
from cgcnn.training.fit import make_split
from cgcnn.training.start import random_start, standardize_angles
from cgcnn.training.steps import backward


class Ours:
    """The data set that was loaded last, and the network and optimizer that were started last."""

    crystals: crystals.Crystals
    graphs: CrystalGraphs
    batcher: Batcher
    network: CrystalGraphNetwork
    optimizer: torch.optim.Optimizer


def load(held: Ours, order: dict[str, Any]) -> dict[str, Any]:
    """Load a data set twice; answer how long the second load took and how large the graphs are.

    With ``angles`` in the order, the graphs have angular sums, and so must the network that is started next.
    """
    angles = order.get("angles", False)
    load_or_build(datasets.load(order["dataset"]), angles=angles)
    began = time.perf_counter()
    held.crystals = datasets.load(order["dataset"])
    held.graphs = load_or_build(held.crystals, angles=angles)
    seconds = time.perf_counter() - began
    held.batcher = Batcher(held.graphs)
    arrays = held.graphs.arrays()
    return {
        "seconds_second_load": seconds,
        "bytes": sum(array.nbytes for array in arrays.values()),
        "crystals": len(held.graphs),
        "sites": int(held.crystals.n_sites.sum()),
        "nodes": held.graphs.n_nodes,
        "edges": held.graphs.n_edges,
        "peak_bytes": peak_bytes(),
    }


def start(held: Ours, order: dict[str, Any]) -> dict[str, Any]:
    """Make a network and an optimizer for the epochs that follow; it reads angles where the graphs have some."""
    torch.manual_seed(order["seed"])
    held.network = CrystalGraphNetwork(order["n_convolutions"], angles=held.graphs.angles is not None)
    standardize_angles(held.network, held.graphs, np.arange(len(held.graphs)))
    held.network.target_mean.fill_(float(held.graphs.targets.mean()))
    held.network.target_scale.fill_(float(held.graphs.targets.std()))
    held.optimizer = torch.optim.AdamW(held.network.parameters(), lr=0.01, fused=True)
    return {}


def epoch(held: Ours, order: dict[str, Any]) -> dict[str, Any]:
    """Train for one epoch on the first n crystals of a random order, and answer how long it took."""
    chosen = np.random.default_rng(order["seed"]).permutation(len(held.graphs))[: order["n"]]
    began = time.perf_counter()
    held.network.train()
    loss = 0.0
    for some in torch.split(torch.from_numpy(chosen), order["batch_size"]):
        held.optimizer.zero_grad(set_to_none=True)
        loss += float(backward(held.network, held.network, held.batcher, some, 0.1))
        held.optimizer.step()
    return {"seconds": time.perf_counter() - began, "loss": loss / len(chosen), "peak_bytes": peak_bytes()}


def fit(held: Ours, order: dict[str, Any]) -> dict[str, Any]:
    """Train a whole run of the package, and answer how long it took from the graphs to the best weights."""
    config = Config(**order["config"])
    split = make_split(held.crystals, config)
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        network = random_start(held.crystals.targets[split.train], config)
        standardize_angles(network, held.graphs, split.train)
        checkpoints = Checkpoints(Path(folder), "timed")
        _, history, _ = loop.train(
            network, held.graphs, split, config, held.crystals.quantity, torch.device("cpu"), checkpoints
        )
        seconds = time.perf_counter() - began
    return {
        "seconds": seconds,
        "validation_mae": float(history["validation_mae"].min()),
        "epochs": history["epoch"].astype(int).tolist(),
        "history": history["validation_mae"].tolist(),
    }


def graphs(_: Ours, order: dict[str, Any]) -> dict[str, Any]:
    """Pack parsed structures and build their graphs in one process, and answer how long one structure took."""
    structures = [Structure.from_dict(one) for one in json.loads(Path(order["file"]).read_text())]
    names = [str(i) for i in range(len(structures))]
    began = time.perf_counter()
    build(crystals.pack(structures, names, [0.0] * len(names), "structures"))
    return {"seconds_per_structure": (time.perf_counter() - began) / len(structures)}


def steps(held: Ours, order: dict[str, Any]) -> dict[str, Any]:
    """Time each step of a batch, alone and in a training, and measure the rates from which its floors follow."""
    permuted = np.random.default_rng(order["seed"]).permutation(len(held.graphs))
    chosen = torch.from_numpy(permuted[: order["batch_size"]])
    return {
        "peaks": floors.peaks(),
        "steps": floors.steps(held.batcher, chosen, order["repeats"]),
        "parts": parts.parts(held.batcher, chosen, order["repeats"]),
    }


def main() -> None:
    """Answer orders until the standard input ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # text that a library prints must not mix with the answers
    torch.set_num_threads(int(os.environ["BENCHMARK_THREADS"]))
    keep_freed_memory()  # as every training of the package does
    held = Ours()
    known = {f.__name__: f for f in (load, start, epoch, fit, graphs, steps)}
    for line in sys.stdin:
        order = json.loads(line)
        answers.write(json.dumps(known[order.pop("do")](held, order)) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
