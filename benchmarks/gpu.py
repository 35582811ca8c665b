"""Measure the networks on a GPU: torch's operations, compiled or not, Triton's loops, and replayed steps, in one run.

    python benchmarks/gpu.py FOLDER

FOLDER holds the files that ``gpu_pack.py`` wrote on a machine with the data; ``gpu.json`` and ``gpu.md``, its table,
are written into it. Besides this repository it needs Python, torch, Triton and NumPy, and less than eight minutes.
"""

from __future__ import annotations

import io
import json
import lzma
import math
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import classic
import numpy as np
import torch
from counts import epoch_floors
from torch import Tensor, nn

from cgcnn.data.splits import Split
from cgcnn.graphs.batches import Batch, Batcher
from cgcnn.graphs.filled_batches import FilledBatcher
from cgcnn.graphs.packed_graphs import CrystalGraphs
from cgcnn.machine.devices import own_stream
from cgcnn.network.model import Backend, CrystalGraphNetwork
from cgcnn.training.config import Config
from cgcnn.training.epochs import begun, epochs
from cgcnn.training.replayed_steps import ReplayedSteps
from cgcnn.training.state import State
from cgcnn.training.steps import SingleSteps, Steps

#: Data set, network, and number of training crystals (None: all of them, and a whole training) by the name of the case.
CASES: dict[str, tuple[str, str, int | None]] = {
    "perovskites": ("perovskites", "paper", None),
    "materials_project": ("materials_project", "paper", None),
    "perovskites-angles": ("perovskites", "angles", 2560),
    "materials_project-angles": ("materials_project", "angles", 2560),
}
#: The number of crystals on which the classic path is timed.
CLASSIC = 2560
#: Offsets travel as counts and indices in two bytes, which packs them ten times smaller.
OFFSETS, SMALL = ("node_offsets", "edge_offsets"), ("neighbors", "sites")
#: How float32 products are computed, by torch's word for it: in float32, TF32 and bfloat16.
PRECISIONS = ("highest", "high", "medium")
BACKENDS: tuple[Backend, ...] = ("plain", "fused")
WARM_UP, TIMED = 10, 40


def main() -> int:
    """Measure all cases on the GPU; return the exit code."""
    folder = Path(sys.argv[1])
    if not torch.cuda.is_available():
        print("error: no GPU; run this where torch finds one", file=sys.stderr)
        return 2
    found: dict[str, Any] = {"device": torch.cuda.get_device_name(), "torch": torch.__version__, "sets": {}}
    found["peaks"] = peaks("cuda")
    for case in CASES:
        arrays = dict(np.load(io.BytesIO(lzma.decompress((folder / f"{case}.npz.xz").read_bytes()))))
        found["sets"][case] = measure(arrays, torch.device("cuda", torch.cuda.current_device()), found["peaks"])
        print(case, json.dumps(found["sets"][case], indent=1), flush=True)
        (folder / "gpu.json").write_text(json.dumps(found, indent=2) + "\n")
        (folder / "gpu.md").write_text(table(found["sets"]))
    return 0


def table(cases: dict[str, dict[str, Any]]) -> str:
    """Return the seconds of an epoch and the errors of all cases as a table in Markdown, one row per quantity."""
    names = [key for key in cases["perovskites"] if key.endswith(("_s", "_error", "_atom"))]
    lines = [f"| | {' | '.join(cases)} |", "|---|" + "---|" * len(cases)]
    for name in names:
        cells = [f"{case[name]:.3g}" if name in case else "" for case in cases.values()]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def measure(arrays: dict[str, np.ndarray], device: torch.device, peak: dict[str, float]) -> dict[str, Any]:
    """Return errors against double precision, times per epoch, floors, and a whole training of one case."""
    config, train = Config(**json.loads(str(arrays["parameters"]))), arrays["train"]
    graphs = unpacked(arrays)
    of_crystals = Batcher(graphs)(torch.from_numpy(train))
    m, e = len(of_crystals.multiplicities), len(of_crystals.distances)
    n_steps = math.ceil(len(train) / config.batch_size)
    result: dict[str, Any] = {"n_training": len(train), "nodes": m, "edges": e, "steps": n_steps}
    result |= {
        f"floor_{key}": value for key, value in epoch_floors(m, e, config.n_convolutions, config.width, peak).items()
    }
    batch = batch_of(graphs, train[: config.batch_size], device, torch.float32)
    for precision in PRECISIONS:
        torch.set_float32_matmul_precision(precision)
        for backend in BACKENDS:
            errors = compared(gradients(started(arrays, config, backend, device), batch), arrays)
            result[f"{backend}_{precision}_worst_relative_error"] = max(errors.values())
            with ready(arrays, config, backend, device) as state:
                steps = SingleSteps(state, Batcher(graphs, device), config)
                result[f"{backend}_{precision}_epoch_s"] = n_steps * seconds_per_step(steps, train, config)
            with ready(arrays, config, backend, device) as state:
                replayed = ReplayedSteps(state, FilledBatcher(graphs, device), config)
                result[f"{backend}_{precision}_replayed_epoch_s"] = n_steps * seconds_per_step(replayed, train, config)
        with ready(arrays, config, "plain", device) as state:
            compiled = replace(state, network=torch.compile(state.network, dynamic=True))  # type: ignore[arg-type]  # it has all that a step needs
            steps = SingleSteps(compiled, Batcher(graphs, device), config)
            result[f"compiled_{precision}_epoch_s"] = n_steps * seconds_per_step(steps, train, config)
    if "published" in arrays:
        torch.set_float32_matmul_precision("highest")
        result["published_validation_mae_eV_per_atom"] = float(arrays["published"])
        result |= training(arrays, graphs, config, device)
        result["classic_epoch_s"] = n_steps * classic_seconds_per_step(arrays, config, device)
    return result


def unpacked(arrays: dict[str, np.ndarray]) -> CrystalGraphs:
    """Return the graphs of a case."""
    of_graphs = {key.removeprefix("graphs."): array for key, array in arrays.items() if key.startswith("graphs.")}
    for key in OFFSETS:
        of_graphs[key] = np.concatenate([[0], np.cumsum(of_graphs[key].astype(np.int64))])
    return CrystalGraphs(**of_graphs | {key: of_graphs[key].astype(np.int32) for key in SMALL})


def batch_of(graphs: CrystalGraphs, crystals: np.ndarray, device: torch.device | str, dtype: torch.dtype) -> Batch:
    """Return the batch of some crystals in a precision."""
    batch = Batcher(graphs, device)(torch.from_numpy(crystals))
    names = ("multiplicities", "n_sites", "distances", "weights", "targets", "angles")
    tensors = {name: getattr(batch, name) for name in names}
    return replace(batch, **{name: tensor.to(dtype) for name, tensor in tensors.items() if tensor is not None})


def started(
    arrays: dict[str, np.ndarray], config: Config, backend: Backend, device: torch.device
) -> CrystalGraphNetwork:
    """Return the network of a case as it is before its training."""
    network = CrystalGraphNetwork(
        config.n_convolutions, config.width, config.distance_power, backend, angles=config.angles
    )
    start = {key.removeprefix("start."): torch.from_numpy(a) for key, a in arrays.items() if key.startswith("start.")}
    network.load_state_dict(start)
    return network.to(device).train()


@contextmanager
def ready(arrays: dict[str, np.ndarray], config: Config, backend: Backend, device: torch.device) -> Iterator[State]:
    """Yield the state of a training at its start, in a stream of its own."""
    with own_stream(device):
        yield begun(started(arrays, config, backend, device), config, device)


def gradients(network: CrystalGraphNetwork, batch: Batch) -> dict[str, Tensor]:
    """Return energies, all gradients and running moments after one batch, on the CPU."""
    energies = network(batch)
    (((energies - batch.targets) / network.target_scale) ** 2).mean().backward()
    found = {"energies": energies.detach()}
    found |= {name: each.grad for name, each in network.named_parameters() if each.grad is not None}
    found |= {name: each for name, each in network.named_buffers() if "running" in name}
    return {name: each.cpu().clone() for name, each in found.items()}


def compared(found: dict[str, Tensor], arrays: dict[str, np.ndarray]) -> dict[str, float]:
    """Return the distance of each tensor to the CPU's in double precision, in units of the norm of that one."""
    exact = {name: torch.from_numpy(arrays[f"exact.{name}"]) for name in found}
    return {name: float((found[name].double() - each).norm() / each.norm()) for name, each in exact.items()}


def seconds_per_step(steps: Steps, train: np.ndarray, config: Config) -> float:
    """Return the time of a step with its optimizer and averaged weights, after some that are not timed."""
    order = np.random.default_rng(0).permutation(train)
    n_steps = len(order) // config.batch_size
    steps.begin(order)

    def take(number: int) -> None:
        for each in range(number):
            steps.take(each % n_steps, 1e-3, 0.99)

    take(n_steps if isinstance(steps, ReplayedSteps) else WARM_UP)  # so that all sizes are recorded
    return timed(lambda: take(TIMED)) / TIMED


def training(
    arrays: dict[str, np.ndarray], graphs: CrystalGraphs, config: Config, device: torch.device
) -> dict[str, float]:
    """Train from the start in float32, as the package does; return the time, with all validations, and the error."""
    split = Split(arrays["train"], arrays["validation"], np.empty(0, np.int64))
    with ready(arrays, config, "fused", device) as state:
        events = epochs(state, FilledBatcher(graphs, device), graphs, split, config)
        seconds = timed(lambda: deque(events, maxlen=0))
    progress = state.progress
    return {"n_epochs": progress.epoch, "training_s": seconds, "validation_mae_eV_per_atom": progress.best_mae}


def classic_seconds_per_step(arrays: dict[str, np.ndarray], config: Config, device: torch.device) -> float:
    """Return the time of a step of the classic path: samples are joined on the CPU and copied, as its users do."""
    tables = {key.removeprefix("classic."): array for key, array in arrays.items() if key.startswith("classic.")}
    offsets, samples = tables["site_offsets"], []
    for crystal in range(len(offsets) - 1):
        sites = slice(*offsets[crystal : crystal + 2])
        numbers, neighbors = tables["numbers"][sites], tables["neighbors"][sites].astype(np.int64)
        distances = tables["distances"][sites] / 10_000
        samples.append(classic.sample(numbers, neighbors, distances, float(tables["targets"][crystal]), str(crystal)))
    network: nn.Module = classic.Network(config.n_convolutions, config.width).to(device)
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3)
    size = config.batch_size

    def take(number: int) -> None:
        for each in range(number):
            first = each * size % (len(samples) - size + 1)
            (atoms, edges, neighbors, members), targets, _ = classic.collate(samples[first : first + size])
            inputs = (atoms.to(device), edges.to(device), neighbors.to(device), [each.to(device) for each in members])
            energies, _ = network(*inputs)
            optimizer.zero_grad()
            ((energies - targets.to(device)) ** 2).mean().backward()
            optimizer.step()

    take(3)
    return timed(lambda: take(TIMED)) / TIMED


def peaks(device: str) -> dict[str, float]:
    """Measure the best rates of the device.

    Returns:
        ``gflop_per_s`` of a matrix product in float32 and, by torch's words, in the other precisions; and ``gb_per_s``
        of a copy (bytes read and bytes written).
    """
    a, big = torch.randn(8192, 8192, device=device), torch.empty(2**28, device=device)
    other = torch.ones_like(big)
    found = {"gb_per_s": 2 * big.nbytes / best(lambda: big.copy_(other)) / 1e9}
    for precision in PRECISIONS:
        torch.set_float32_matmul_precision(precision)
        name = "gflop_per_s" if precision == "highest" else f"{precision}_gflop_per_s"
        found[name] = 2 * 8192**3 / best(lambda: torch.mm(a, a)) / 1e9
    return found


def best(work: Callable[[], object]) -> float:
    """Return the least time of a few."""
    return min(timed(work) for _ in range(6))


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that the device needs for some work."""
    torch.cuda.synchronize()
    began = time.perf_counter()
    work()
    torch.cuda.synchronize()
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
