"""Measure this project and its peers in turn on the same crystals, and write results.json.

Three processes hold one implementation each: this project, the classic code path (``classic.py``) and cgcnn2 in an
environment of its own. They work in turn, never two at once. Every summary is the median of the rounds, and the file
keeps all rounds.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import report
import torch
from counts import epoch_floors
from scipy.stats import linregress

from cgcnn.data import datasets
from cgcnn.data.crystals import Crystals
from cgcnn.files.writing import replacing
from cgcnn.graphs.neighbors import nearest_neighbors
from cgcnn.paper.recipes import recipe
from cgcnn.training.config import Config
from cgcnn.training.fit import make_split
from cgcnn.training.steps import one_cycle

HERE = Path(__file__).resolve().parent
PEERS = ("classic", "cgcnn2")
# The parameters that all implementations share in every epoch that is timed.
N_CONVOLUTIONS, WIDTH, BATCH = 4, 64, 256
WANTED_MAE = 0.06  # eV/atom, on the perovskites' validation crystals
# The one-cycle schedule of the recipe, made so short that it just reaches this validation error.
SPLIT = {name: recipe("perovskites").training[name] for name in ("n_train", "n_validation")}
QUICK = {**SPLIT, "epochs": 12, "batch_size": 256, "averaging": 0.99, "patience": 12}
EQUAL = {**SPLIT, "training_size": 5000, "epochs": 30, "patience": 30}
SIZES = {
    "perovskites": (1000, 2000, 4000, 8000, SPLIT["n_train"]),
    "materials_project": (1000, 2000, 4000, 8000, 16000, 36476),
}
SHORT_REPEATS = 3
PEER_SIZES = {"perovskites": (1000, 4000), "materials_project": (1000, 4000)}


class Worker:
    """A process of ``ours.py`` or ``peer.py`` that answers one order at a time."""

    def __init__(self, command: Sequence[str], threads: int) -> None:
        environment = os.environ | {"BENCHMARK_THREADS": str(threads), "OMP_NUM_THREADS": str(threads)}
        self._command = " ".join(command)
        self._process = subprocess.Popen(
            command, cwd=HERE, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __call__(self, do: str, **order: object) -> dict[str, Any]:
        """Give an order and wait for its answer."""
        assert self._process.stdin is not None  # __init__ asks for both pipes
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": do, **order}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._command}: ended while asked to {do}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


def main() -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peer_python", type=Path, help="the Python of the environment that has cgcnn2")
    parser.add_argument("--output", type=Path, default=HERE / "results.json")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--patience", type=float, default=130, help="seconds that a peer has to reach the wanted error")
    parser.add_argument("--smoke", action="store_true", help="a run of minutes, which shows that everything works")
    options = parser.parse_args()
    if options.smoke:
        options.rounds, options.patience = 1, 5
    results: dict[str, Any] = {"machine": machine(options.threads), "began": time.strftime("%Y-%m-%d")}
    for name in ("perovskites", "materials_project"):
        workers = {
            "cgcnn": Worker([sys.executable, "ours.py"], options.threads),
            "classic": Worker([sys.executable, "peer.py", "classic"], options.threads),
            "cgcnn2": Worker([str(options.peer_python.absolute()), "peer.py", "cgcnn2"], options.threads),
        }
        crystals = datasets.load(name)
        with tempfile.TemporaryDirectory() as folder:
            results[name] = measure(name, crystals, workers, Path(folder), options)
            if name == "perovskites":
                results["time_to_mae"] = time_to_mae(crystals, workers, options)
                results["equal_mae"] = equal_mae(crystals, workers, options)
        for worker in workers.values():
            worker.close()
        results |= summary(results)
        with replacing(options.output) as temporary:
            temporary.write_text(json.dumps(results, indent=1) + "\n")
        say(f"wrote {options.output}")
    if not options.smoke:
        report.write(results)
    return 0


def measure(
    name: str, crystals: Crystals, workers: dict[str, Worker], folder: Path, options: argparse.Namespace
) -> dict[str, Any]:
    """Measure one data set: the load, the graphs, epochs of several sizes, the steps and the memory."""
    measured: dict[str, Any] = {"load": {"cgcnn": workers["cgcnn"]("load", dataset=name)}}
    # The data are loaded again, because the first load may have packed the files and built the graphs.
    measured["load"]["cgcnn"] = workers["cgcnn"]("load", dataset=name)
    measured["graphs_s_per_structure"] = graph_rates(crystals, workers, folder, options)
    n_epoch = SPLIT["n_train"] if name == "perovskites" else len(crystals)
    file = folder / "crystals.npz"
    write_tables(crystals, file)
    for peer in PEERS:
        measured["load"][peer] = workers[peer]("load", file=str(file))
    for worker in workers.values():
        worker("start", seed=0, n_convolutions=N_CONVOLUTIONS)
        worker("epoch", seed=0, n=512, batch_size=BATCH)  # this epoch compiles, fills caches and allocates memory
    sizes = {side: SIZES[name] if side == "cgcnn" else (*PEER_SIZES[name], n_epoch) for side in workers}
    if options.smoke:
        sizes = dict.fromkeys(workers, (512, 1000))
    measured["epochs"] = {side: {str(n): [] for n in of_side} for side, of_side in sizes.items()}
    for turn in range(options.rounds):
        for n in sorted(set().union(*map(set, sizes.values()))):
            for side, worker in workers.items():
                # An epoch of a second or less is easily disturbed by other processes, so it is timed more often.
                often = SHORT_REPEATS if side == "cgcnn" and n < n_epoch else 1
                for _ in range(often if n in sizes[side] else 0):
                    answer = worker("epoch", seed=turn, n=n, batch_size=BATCH)
                    measured["epochs"][side][str(n)].append(answer["seconds"])
                    measured.setdefault("peak_bytes", {})[side] = answer["peak_bytes"]
                    say(f"{name}: {side}, {n} crystals, {answer['seconds']:.2f} s")
    measured["n_epoch"] = n_epoch if not options.smoke else 1000
    measured |= workers["cgcnn"]("steps", seed=0, batch_size=BATCH, repeats=30)
    load = measured["load"]["cgcnn"]
    share = measured["n_epoch"] / load["crystals"]
    measured["floor"] = epoch_floors(
        int(share * load["nodes"]), int(share * load["edges"]), N_CONVOLUTIONS, WIDTH, measured["peaks"]
    )
    return measured


def graph_rates(
    crystals: Crystals, workers: dict[str, Worker], folder: Path, options: argparse.Namespace
) -> dict[str, list[float]]:
    """Return the seconds per structure in which each implementation builds graphs of the same parsed structures.

    The peers are slow, so they build a hundred of the thousand graphs.
    """
    chosen = np.random.default_rng(0).permutation(len(crystals))[:1000]
    files = {}
    for n in (1000, 100):
        files[n] = folder / f"structures-{n}.json"
        files[n].write_text(json.dumps([crystals.structure(int(c)).as_dict() for c in chosen[:n]]))
    seconds: dict[str, list[float]] = {side: [] for side in workers}
    for _ in range(options.rounds + 2):  # these rounds are short, so there are two more
        for side, worker in workers.items():
            file = files[1000 if side == "cgcnn" else 100]
            seconds[side].append(worker("graphs", file=str(file))["seconds_per_structure"])
    say(f"graphs: {json.dumps(seconds)}")
    return seconds


def write_tables(crystals: Crystals, file: Path) -> None:
    """Write the arrays from which the peers make their samples.

    The neighbors are those that this project finds, because the peers' own search would take hours.
    """
    neighbors = np.zeros((int(crystals.site_offsets[-1]), 12), np.int32)
    distances = np.zeros(neighbors.shape)
    for first in range(0, len(crystals), 1000):
        chosen = np.arange(first, min(first + 1000, len(crystals)))
        part = crystals.select(chosen)
        edges = nearest_neighbors(part, 12, 1e-3)
        order = np.lexsort((edges.distances, edges.centers))
        n_sites = int(part.site_offsets[-1])
        starts = np.searchsorted(edges.centers[order], np.arange(n_sites))
        nearest = order[starts[:, None] + np.arange(12)]
        site = int(crystals.site_offsets[first])
        own_first = np.repeat(part.site_offsets[:-1], part.n_sites)
        neighbors[site : site + n_sites] = edges.neighbors[nearest] - own_first[:, None]
        distances[site : site + n_sites] = edges.distances[nearest]
    np.savez(
        file,
        site_offsets=crystals.site_offsets,
        numbers=crystals.atomic_numbers,
        targets=crystals.targets,
        neighbors=neighbors,
        distances=distances,
    )


def time_to_mae(crystals: Crystals, workers: dict[str, Worker], options: argparse.Namespace) -> dict[str, Any]:
    """Measure how long each implementation trains until it reaches the wanted validation error.

    This project trains by a short schedule, and the peers train with their own defaults.
    """
    split = make_split(crystals, Config(**SPLIT))
    order = {"train": split.train.tolist(), "validation": split.validation.tolist(), "wanted_mae": WANTED_MAE}
    runs: dict[str, Any] = {
        "wanted_mae_eV_per_atom": WANTED_MAE,
        "config": QUICK,
        "cgcnn": [],
        "classic": [],
        "cgcnn2": [],
    }
    quick = QUICK | ({"epochs": 1} if options.smoke else {})
    for seed in range(options.rounds):
        runs["cgcnn"].append(workers["cgcnn"]("fit", config={**quick, "seed": seed}))
        for peer in PEERS:
            runs[peer].append(workers[peer]("fit_by_defaults", seed=seed, seconds=options.patience, **order))
        last = {peer: runs[peer][-1]["history"][-1] for peer in PEERS}
        ours = runs["cgcnn"][-1]
        say(f"to MAE, seed {seed}: {ours['seconds']:.1f} s, {ours['validation_mae']:.4f}; {json.dumps(last)}")
    return runs


def equal_mae(crystals: Crystals, workers: dict[str, Worker], options: argparse.Namespace) -> dict[str, Any]:
    """Train this project's network and the classic one by the same recipe, for each seed on the same 5,000 crystals."""
    maes: dict[str, Any] = {"config": EQUAL, "cgcnn": [], "classic": []}
    chosen = EQUAL | ({"epochs": 1} if options.smoke else {})
    for seed in range(options.rounds):
        config = Config(**chosen, seed=seed)
        split = make_split(crystals, config)
        ours = workers["cgcnn"]("fit", config={**chosen, "seed": seed})
        steps = config.epochs * int(np.ceil(len(split.train) / config.batch_size))
        theirs = workers["classic"](
            "fit_by_recipe",
            seed=seed,
            n_convolutions=config.n_convolutions,
            train=split.train.tolist(),
            validation=split.validation.tolist(),
            batch_size=config.batch_size,
            epochs=config.epochs,
            epochs_between_validations=ours["epochs"][0],
            learning_rates=[config.learning_rate * one_cycle(step, steps) for step in range(steps)],
            weight_decay=config.weight_decay,
            averaging=config.averaging,
            loss_width=config.loss_width,
        )
        maes["cgcnn"].append(ours["validation_mae"])
        maes["classic"].append(theirs["validation_mae"])
        say(f"equal MAE, seed {seed}: {maes['cgcnn'][-1]:.4f}, classic {maes['classic'][-1]:.4f}")
    return maes


def summary(results: dict[str, Any]) -> dict[str, Any]:
    """Return ratios of times and of memory, the slopes of time over size, and the times to the wanted error.

    Each is computed from the medians of the rounds.
    """
    short: dict[str, Any] = {"slope_epoch_vs_n": {}}
    for name in ("perovskites", "materials_project"):
        if name not in results:
            continue
        of_set = results[name]
        n = str(of_set["n_epoch"])
        epochs = {side: float(np.median(of_side[n])) for side, of_side in of_set["epochs"].items()}
        short[f"speedup_epoch_{name}"] = {peer: epochs[peer] / epochs["cgcnn"] for peer in PEERS}
        graphs = {side: float(np.median(values)) for side, values in of_set["graphs_s_per_structure"].items()}
        short.setdefault("speedup_graphs", {})[name] = {peer: graphs[peer] / graphs["cgcnn"] for peer in PEERS}
        per_atom = {side: load["bytes"] / load["sites"] for side, load in of_set["load"].items()}
        short.setdefault("bytes_per_atom", {})[name] = per_atom
        short.setdefault("bytes_per_atom_ratio", {})[name] = {
            peer: per_atom[peer] / per_atom["cgcnn"] for peer in PEERS
        }
        for side, of_side in of_set["epochs"].items():
            seconds = [float(np.median(values)) for values in of_side.values()]
            slope = linregress(np.log([int(n) for n in of_side]), np.log(seconds)).slope
            short["slope_epoch_vs_n"].setdefault(name, {})[side] = float(slope)
    times = results["time_to_mae"]
    ours = float(np.median([run["seconds"] for run in times["cgcnn"]]))
    short["seconds_to_mae"] = {"cgcnn": ours} | {
        # A run that did not reach the error counts with the seconds after which it was stopped.
        peer: float(np.median([run["history"][-1][0] for run in times[peer]]))
        for peer in PEERS
    }
    short["reached_mae"] = {"cgcnn": [run["validation_mae"] <= WANTED_MAE for run in times["cgcnn"]]} | {
        peer: [run["reached"] for run in times[peer]] for peer in PEERS
    }
    short["speedup_time_to_mae"] = {peer: short["seconds_to_mae"][peer] / ours for peer in PEERS}
    return short


def machine(threads: int) -> dict[str, object]:
    """Return the processor and the versions with which the numbers were measured."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return {
        "processor": names[0] if names else platform.processor(),
        "cores": os.cpu_count(),
        "threads": threads,
        "torch": torch.__version__,
        "python": platform.python_version(),
    }


def say(line: str) -> None:
    """Print a line with the time at once, because a run takes an hour."""
    print(f"{time.strftime('%H:%M:%S')} {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
