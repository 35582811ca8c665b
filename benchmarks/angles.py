"""Measure what angles cost in a training: the same epoch with and without them, in turn, written to angles.json.

Run it as ``python benchmarks/angles.py``, with the public data, and leave the machine alone meanwhile. Two processes
hold the two networks, which differ by the angles alone. They train in turn on the same crystals in the same order, so
that what else the machine does falls on both.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import torch
from peer import peak_bytes

from cgcnn.data import datasets
from cgcnn.files.tables import save_numbers
from cgcnn.graphs.batches import Batcher
from cgcnn.graphs.crystal_graphs import load_or_build
from cgcnn.machine.memory import keep_freed_memory
from cgcnn.paper.recipes import angles_config
from cgcnn.training import steps
from cgcnn.training.fit import make_split
from cgcnn.training.start import random_start, standardize_angles

HERE = Path(__file__).resolve().parent
SETS = ("perovskites", "boron", "materials_project")


def main() -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=HERE / "angles.json")
    parser.add_argument("--sets", nargs="+", default=list(SETS))
    parser.add_argument("--pairs", type=int, default=5, help="the number of epochs with and without angles")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    measured = {name: _measure(name, options.pairs, options.threads) for name in options.sets}
    save_numbers({"threads": options.threads, "pairs": options.pairs, "sets": measured}, options.output)
    return 0


def _measure(name: str, n_pairs: int, n_threads: int) -> dict[str, Any]:
    """Return the seconds of every epoch with and without angles, and the peaks of the memory of both processes."""
    context = multiprocessing.get_context("spawn")
    ends, workers = [], []
    for angles in (False, True):
        ours, theirs = context.Pipe()
        worker = context.Process(target=_work, args=(theirs, name, angles, n_threads))
        worker.start()
        ends.append(ours)
        workers.append(worker)
    answers: list[list[dict[str, Any]]] = [[], []]
    for number in range(n_pairs + 1):  # the first pair compiles, and is not counted
        for end, answer in zip(ends, answers, strict=True):
            end.send(number)
            answer.append(end.recv())
    for end, worker in zip(ends, workers, strict=True):
        end.send(None)
        worker.join()
    seconds = [[each["seconds"] for each in answer[1:]] for answer in answers]
    ratios = [with_them / without for without, with_them in zip(*seconds, strict=True)]
    return {
        "seconds_without": seconds[0],
        "seconds_with": seconds[1],
        "epoch_ratio": float(np.median(ratios)),
        "peak_bytes_without": answers[0][-1]["peak_bytes"],
        "peak_bytes_with": answers[1][-1]["peak_bytes"],
    }


def _work(end: Connection, name: str, angles: bool, n_threads: int) -> None:
    """Train an epoch for each number that arrives, and answer how long it took."""
    torch.set_num_threads(n_threads)
    keep_freed_memory()  # as every training of the package does
    crystals, config = datasets.load(name), angles_config(name).replace(angles=angles)
    split, graphs = make_split(crystals, config), load_or_build(crystals, *config.of_graphs)
    network = random_start(crystals.targets[split.train], config).train()
    standardize_angles(network, graphs, split.train)
    batcher = Batcher(graphs)
    optimizer = torch.optim.AdamW(network.parameters(), lr=config.learning_rate, fused=True)
    while (seed := end.recv()) is not None:
        order = torch.from_numpy(np.random.default_rng(seed).permutation(split.train))
        began = time.perf_counter()
        for some in torch.split(order, config.batch_size):
            optimizer.zero_grad(set_to_none=True)
            steps.backward(network, network, batcher, some, config.loss_width)
            optimizer.step()
        end.send({"seconds": time.perf_counter() - began, "peak_bytes": peak_bytes()})


if __name__ == "__main__":
    sys.exit(main())
