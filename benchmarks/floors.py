"""The times of the parts of a training step, and how many operations and bytes this machine does per second."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
import torch
from counts import counts
from torch import Tensor

from cgcnn.graphs.batches import Batcher
from cgcnn.network import kernels_cpu_gates, kernels_cpu_terms
from cgcnn.network.edge_loops import EdgeLoops
from cgcnn.network.fused_convolution import prepare
from cgcnn.network.loops_cpu import CpuLoops
from cgcnn.network.model import GAUSSIAN_STEP, N_GAUSSIANS, Convolution, CrystalGraphNetwork


def peaks() -> dict[str, float]:
    """Measure the best rates of this machine.

    Returns:
        ``gflop_per_s`` of a float32 matrix product, and ``gb_per_s`` of a copy (bytes read and bytes written).
    """
    a = torch.randn(2048, 2048)
    big = torch.empty(64 * 2**20)  # 256 MB are more than any cache holds
    other = torch.ones_like(big)
    product = _best(lambda: torch.mm(a, a), 10)
    copy = _best(lambda: big.copy_(other), 10)
    return {"gflop_per_s": 2 * 2048**3 / product / 1e9, "gb_per_s": 2 * big.nbytes / copy / 1e9}


def steps(batcher: Batcher, crystals: Tensor, repeats: int) -> list[dict[str, Any]]:
    """Time each step of one batch.

    Args:
        batcher: The graphs of a data set.
        crystals: The indices of the crystals of the batch.
        repeats: The number of times that each step is timed.

    Returns:
        One row per step: ``step`` and ``seconds`` (the median of the repeats). The steps of a convolution are those of
        a single one, and have ``operations`` and ``bytes`` too.
    """
    batch = batcher(crystals)
    network = CrystalGraphNetwork(backend="fused").train()

    def prepared() -> EdgeLoops:
        return prepare(batch, network.training, GAUSSIAN_STEP, N_GAUSSIANS)

    edges = prepared()
    assert isinstance(edges, CpuLoops)
    convolution = network.convolutions[0]
    assert isinstance(convolution, Convolution)
    width = network.element_vectors.shape[1]
    m, e = len(batch.atomic_numbers), len(batch.neighbors)
    vectors = torch.randn(m, width)
    from_sites = torch.cat([convolution.from_center, convolution.from_neighbor], 1).detach()
    n_parts = len(edges.parts) - 1
    z, z_gradient = np.empty((e, 2 * width), np.float32), np.empty((e, 2 * width), np.float32)
    products, gradient = torch.randn(m, 4 * width).numpy(), torch.randn(m, width).numpy()
    sums, received = np.empty((n_parts, 2, 2 * width), np.float32), np.empty((m, width), np.float32)
    of_distance = np.empty((n_parts, N_GAUSSIANS, 2 * width), np.float32)
    zero, one = np.zeros(2 * width, np.float32), np.ones(2 * width, np.float32)
    node_sums, none, all_ = np.empty((n_parts, 2, width), np.float32), zero[:width], one[:width]
    from_distance = convolution.from_distance.detach().numpy()
    graph = (edges.first, edges.gaussians, edges.angles, edges.offsets, edges.neighbors, edges.shares, edges.parts)
    sorted_edges = (edges.offsets, edges.weights, edges.parts)
    node_norm = (received, none, all_, none, none, edges.node_shares)
    numba.set_num_threads(n_parts)
    add_terms, add_backward = kernels_cpu_terms.add_terms(2 * width, 0), kernels_cpu_terms.add_backward(2 * width, 0)
    gate_and_sum, gate_backward = kernels_cpu_gates.gate_and_sum(width), kernels_cpu_gates.gate_backward(width)
    work: dict[str, Callable[[], object]] = {
        "node products": lambda: vectors @ from_sites,
        "z and its moments": lambda: add_terms(products, from_distance, *graph, zero, z, sums),
        "gate and sum": lambda: gate_and_sum(
            z, one, zero, *sorted_edges, none, edges.node_shares, none, received, node_sums
        ),
        "gradient in normalized z": lambda: gate_backward(
            z, zero, one, zero, *sorted_edges, *node_norm, gradient, z_gradient, sums
        ),
        "gradients of z": lambda: add_backward(z, zero, one, zero, zero, *graph, z_gradient, products, of_distance),
        "node products, backward": lambda: (
            torch.addmm(vectors, torch.from_numpy(products), from_sites.T),
            vectors.T @ torch.from_numpy(products),
        ),
    }
    rows = [
        {"step": name, "operations": operations, "bytes": n_bytes, "seconds": _median(work[name], repeats)}
        for name, (operations, n_bytes) in counts(m, e, width).items()
    ]
    whole = {"cutting the batch": lambda: batcher(crystals), "Gaussians and parts": prepared}
    rows += [{"step": name, "seconds": _median(do, repeats)} for name, do in whole.items()]

    def forward() -> Tensor:
        energies: Tensor = network(batch)
        return (energies - batch.targets).square().mean()

    def backward() -> None:
        network.zero_grad(set_to_none=True)
        loss = forward()
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped

    optimizer = torch.optim.AdamW(network.parameters(), fused=True)
    seconds = {"whole forward pass": _median(forward, repeats), "forward and backward": _median(backward, repeats)}
    seconds["optimizer"] = _median(optimizer.step, repeats)
    return rows + [{"step": name, "seconds": value} for name, value in seconds.items()]


def _best(do: Callable[[], object], repeats: int) -> float:
    return min(_times(do, repeats))


def _median(do: Callable[[], object], repeats: int) -> float:
    return float(np.median(_times(do, repeats)))


def _times(do: Callable[[], object], repeats: int) -> list[float]:
    do()
    seconds = []
    for _ in range(repeats):
        began = time.perf_counter()
        do()
        seconds.append(time.perf_counter() - began)
    return seconds
