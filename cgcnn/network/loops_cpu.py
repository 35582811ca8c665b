"""The loops of the fused convolution on the CPU: the compiled kernels, one thread for each part of the work."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numba
import numpy as np
import torch
from torch import Tensor

from cgcnn.network import kernels_cpu
from cgcnn.network.batch_norm import Normalization
from cgcnn.network.edge_loops import FusedEdges

# One of Numba's threading layers ends the process when two threads launch kernels at once.
_LAUNCH = threading.Lock()


def cut(edge_offsets: Tensor, node_offsets: Tensor) -> Tensor:
    """Return the nodes at which the work is cut into one part per thread, (threads + 1,) int64.

    The parts have nearly the same number of edges. No crystal is cut, so that two threads never write to one node.

    Args:
        edge_offsets: (m + 1,) int64, the first edge of each node, and e.
        node_offsets: (b + 1,) int64, the first node of each crystal, and m.
    """
    first_edges, first_nodes = edge_offsets.numpy(), node_offsets.numpy()
    aims = np.linspace(0, first_edges[-1], _n_threads() + 1)[1:-1]
    inner = first_nodes[np.searchsorted(first_edges[first_nodes], aims)]
    return torch.from_numpy(np.concatenate([[0], inner, first_nodes[-1:]]))


def expand(distances: Tensor, gaussian_step: float, n_gaussians: int) -> tuple[Tensor, Tensor]:
    """As :meth:`cgcnn.network.edge_loops.EdgeLoops.expand`."""
    first = distances.new_empty(len(distances), dtype=torch.int32)
    gaussians = distances.new_empty(len(distances), kernels_cpu.N_NEAREST_GAUSSIANS)
    _launch(kernels_cpu.expand, _n_threads(), distances, 1 / gaussian_step, n_gaussians, first, gaussians)
    return first, gaussians


def add_terms(edges: FusedEdges, products: Tensor, from_distance: Tensor, center: Tensor) -> tuple[Tensor, Tensor]:
    """As :meth:`cgcnn.network.edge_loops.EdgeLoops.add_terms`."""
    n_parts, width = len(edges.parts) - 1, from_distance.shape[1]
    z = products.new_empty(len(edges.neighbors), width)
    moments = products.new_empty(n_parts, 2, width)
    _launch(
        kernels_cpu.add_terms,
        n_parts,
        products,
        from_distance,
        edges.first,
        edges.gaussians,
        edges.offsets,
        edges.neighbors,
        edges.shares,
        edges.parts,
        center,
        z,
        moments,
    )
    return z, moments.sum(0)


def gate_and_sum(edges: FusedEdges, z: Tensor, norm: Normalization, center: Tensor) -> tuple[Tensor, Tensor]:
    """As :meth:`cgcnn.network.edge_loops.EdgeLoops.gate_and_sum`."""
    n_parts, width = len(edges.parts) - 1, len(center)
    # The compiled sigmoid and softplus turn not-a-number into a number. The sums start from 0 times the factor, which
    # is 0 or not-a-number, so that a training that has diverged is still seen.
    start = (0 * norm.factor).view(2, width).sum(0)
    received = z.new_empty(len(edges.node_shares), width)
    moments = z.new_empty(n_parts, 2, width)
    _launch(
        kernels_cpu.gate_and_sum,
        n_parts,
        z,
        norm.factor,
        norm.shift,
        edges.offsets,
        edges.weights,
        edges.parts,
        start,
        edges.node_shares,
        center,
        received,
        moments,
    )
    return received, moments.sum(0)


def gate_backward(
    edges: FusedEdges,
    z: Tensor,
    norm: Normalization,
    received: Tensor,
    node_norm: Normalization,
    node_moments: tuple[Tensor, Tensor],
    gradient: Tensor,
) -> tuple[Tensor, Tensor]:
    """As :meth:`cgcnn.network.edge_loops.EdgeLoops.gate_backward`."""
    n_parts = len(edges.parts) - 1
    z_gradient = torch.empty_like(z)
    sums = z.new_empty(n_parts, 2, z.shape[1])
    _launch(
        kernels_cpu.gate_backward,
        n_parts,
        z,
        norm.mean,
        norm.factor,
        norm.shift,
        edges.offsets,
        edges.weights,
        edges.parts,
        received,
        node_norm.mean,
        node_norm.factor,
        *node_moments,
        edges.node_shares,
        gradient,
        z_gradient,
        sums,
    )
    return z_gradient, sums.sum(0)


def add_backward(
    edges: FusedEdges,
    z: Tensor,
    norm: Normalization,
    moments: tuple[Tensor, Tensor],
    z_gradient: Tensor,
    n_gaussians: int,
) -> tuple[Tensor, Tensor]:
    """As :meth:`cgcnn.network.edge_loops.EdgeLoops.add_backward`."""
    n_parts, width = len(edges.parts) - 1, z.shape[1]
    products_gradient = z.new_empty(len(edges.node_shares), 2 * width)
    distance_gradient = z.new_empty(n_parts, n_gaussians, width)
    _launch(
        kernels_cpu.add_backward,
        n_parts,
        z,
        norm.mean,
        norm.factor,
        *moments,
        edges.first,
        edges.gaussians,
        edges.offsets,
        edges.neighbors,
        edges.shares,
        edges.parts,
        z_gradient,
        products_gradient,
        distance_gradient,
    )
    return products_gradient, distance_gradient.sum(0)


def _n_threads() -> int:
    """Return torch's number of threads, or the largest number that Numba can use where that is smaller."""
    most: int = numba.config.NUMBA_NUM_THREADS  # type: ignore[attr-defined]  # numba sets it when it is imported
    return min(torch.get_num_threads(), most)


def _launch(kernel: Callable[..., None], n_threads: int, *arguments: Tensor | float) -> None:
    """Run a kernel, and leave the numbers of threads of torch and Numba as they were.

    Numba shares OpenMP with torch. When Numba starts its threads, at the first launch, it sets the number of threads
    of both. Torch would add in another order from then on.

    Args:
        kernel: A function of :mod:`cgcnn.network.kernels_cpu`.
        n_threads: The number of threads that run it.
        *arguments: The arguments of the kernel, with tensors in place of arrays.
    """
    with _LAUNCH:
        of_torch = torch.get_num_threads()
        of_numba = numba.get_num_threads()
        numba.set_num_threads(n_threads)
        try:
            kernel(*(each.detach().numpy() if isinstance(each, Tensor) else each for each in arguments))
        finally:
            numba.set_num_threads(of_numba)
            if torch.get_num_threads() != of_torch:
                torch.set_num_threads(of_torch)
