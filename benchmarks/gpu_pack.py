"""Pack what the benchmark of a GPU reads, on a machine with the data: graphs, starts, and what the CPU computes.

    python benchmarks/gpu_pack.py FOLDER

A case is a network on a data set. Its file holds the graphs, the split, the parameters, the weights of the start, and
the energies, gradients and moments of one batch in double precision. The packed files are 35 MB in all.
"""

from __future__ import annotations

import dataclasses
import io
import json
import lzma
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from gpu import CASES, CLASSIC, OFFSETS, SMALL, batch_of, gradients
from run import write_tables

from cgcnn.data.datasets import load
from cgcnn.graphs.crystal_graphs import load_or_build
from cgcnn.network.model import CrystalGraphNetwork
from cgcnn.paper.recipes import angles_config, paper_config
from cgcnn.training.fit import fit, make_split
from cgcnn.training.start import random_start, standardize_angles


def main() -> int:
    """Write the files of all cases; return the exit code."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for case, (name, kind, n_crystals) in CASES.items():
        arrays = packed(name, kind, n_crystals)
        if n_crystals is None:
            arrays |= classic_tables(name)
        stream = io.BytesIO()
        np.savez(stream, **arrays)
        (folder / f"{case}.npz.xz").write_bytes(lzma.compress(stream.getvalue()))
        print(case, (folder / f"{case}.npz.xz").stat().st_size, flush=True)
    return 0


def packed(name: str, kind: str, n_crystals: int | None) -> dict[str, Any]:
    """Return the arrays of one case.

    Args:
        name: The data set.
        kind: ``paper`` or ``angles``, the network.
        n_crystals: The number of training crystals, or None for all of them, the validation crystals and the published
            validation error, with which a whole training can be repeated.
    """
    config = (angles_config if kind == "angles" else paper_config)(name)
    crystals = load(name)
    split = make_split(crystals, config)
    train, validation = split.train, split.validation
    found: dict[str, Any] = {}
    if n_crystals is not None:
        crystals = crystals.select(train[:n_crystals])
        train, validation = np.arange(n_crystals), np.arange(0)
    else:
        run = fit(crystals, config, "cpu")
        found["published"] = np.array(run.validation_mae)
    graphs = load_or_build(crystals, *config.of_graphs)
    network = random_start(graphs.targets[train], config)
    standardize_angles(network, graphs, train)
    exact = gradients(as_double(network), batch_of(graphs, train[: config.batch_size], "cpu", torch.float64))
    arrays = {key: np.array(array) for key, array in graphs.arrays().items()}
    arrays |= {key: np.diff(arrays[key]).astype(np.int16) for key in OFFSETS}
    arrays |= {key: arrays[key].astype(np.int16) for key in SMALL}
    found |= {f"graphs.{key}": array for key, array in arrays.items()}
    found |= {f"start.{key}": tensor.numpy() for key, tensor in network.state_dict().items()}
    found |= {f"exact.{key}": tensor.numpy() for key, tensor in exact.items()}
    parameters = np.array(json.dumps(dataclasses.asdict(config)))
    return found | {"train": train, "validation": validation, "parameters": parameters}


def as_double(network: CrystalGraphNetwork) -> CrystalGraphNetwork:
    """Return the network in double precision, for torch's own operations."""
    double = CrystalGraphNetwork(
        len(network.convolutions),
        network.element_vectors.shape[1],
        network.distance_power,
        "plain",
        angles=network.angle_mean is not None,
    )
    double.load_state_dict(network.state_dict())
    return double.double().train()


def classic_tables(name: str) -> dict[str, np.ndarray]:
    """Return the arrays from which the classic path makes its samples, of as many training crystals as it is timed on.

    Distances are rounded to 0.0001 angstrom, which changes no time.
    """
    crystals = load(name)
    chosen = make_split(crystals, paper_config(name)).train[:CLASSIC]
    with tempfile.TemporaryDirectory() as folder:
        write_tables(crystals.select(chosen), Path(folder) / "tables.npz")
        tables = dict(np.load(Path(folder) / "tables.npz"))
    tables["neighbors"] = tables["neighbors"].astype(np.int16)
    tables["distances"] = (10_000 * tables["distances"]).astype(np.int32)
    return {f"classic.{key}": array for key, array in tables.items()}


if __name__ == "__main__":
    sys.exit(main())
