"""Eq. 3 on the CPU without the dozen arrays of the size of the edges that torch's automatic gradient keeps."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
import torch
from torch import Tensor
from torch.autograd import Function

from cgcnn.machine import processes
from cgcnn.network import kernels_cpu
from cgcnn.network.batch_norm import WeightedBatchNorm

# One of Numba's threading layers ends the process when two threads launch kernels at once.
_LAUNCH = threading.Lock()


@dataclass(frozen=True)
class FusedEdges:
    """The edges of a batch as the kernels want them, made once for all convolutions.

    Attributes:
        first: (e,) int32, the first Gaussian (Eq. 1) that is not negligible at the edge's distance.
        gaussians: (e, 9) float32, the values of that one and of those after it.
        offsets: (m + 1,) int64; node i has the edges ``offsets[i]:offsets[i + 1]``.
        neighbors: (e,) int64.
        weights: (e,) float32.
        shares: (e,) float32, share of each edge in the batch norm's moments: multiplicity times weight over the sum
            of that, over all processes.
        node_shares: (m,) float32, the same of each node in the moments of what it receives: its multiplicity.
        parts: (threads + 1,) int64, nodes at which the work is cut; none of them inside a crystal.
    """

    first: np.ndarray
    gaussians: np.ndarray
    offsets: np.ndarray
    neighbors: np.ndarray
    weights: np.ndarray
    shares: np.ndarray
    node_shares: np.ndarray
    parts: np.ndarray


def serves(parameter: Tensor, training: bool) -> bool:
    """Say whether the kernels can be used: on the CPU, in single precision, and never to differentiate a finished net.

    Args:
        parameter: One of the network's.
        training: Whether the network is in training mode.
    """
    wanted = training or not torch.is_grad_enabled()
    return wanted and parameter.device.type == "cpu" and parameter.dtype == torch.float32


def prepare(
    distances: Tensor,
    weights: Tensor,
    multiplicities: Tensor,
    neighbors: Tensor,
    edge_offsets: Tensor,
    node_offsets: Tensor,
    gaussian_step: float,
    n_gaussians: int,
) -> FusedEdges:
    """Expand the distances in Gaussians and cut the work into one part a thread.

    Args:
        distances: (e,) float32, in angstrom.
        weights: (e,) float32.
        multiplicities: (m,) float32.
        neighbors: (e,) int64.
        edge_offsets: (m + 1,) int64, first edge of each node, and e.
        node_offsets: (b + 1,) int64, first node of each crystal, and m.
        gaussian_step: Step and width of the Gaussians, in angstrom.
        n_gaussians: How many there are.
    """
    offsets, first_nodes = edge_offsets.numpy(), node_offsets.numpy()
    first = np.empty(len(distances), np.int32)
    gaussians = np.empty((len(distances), kernels_cpu.N_NEAREST_GAUSSIANS), np.float32)
    n_parts = min(torch.get_num_threads(), numba.config.NUMBA_NUM_THREADS)  # type: ignore[attr-defined]  # set when it is imported
    aims = np.linspace(0, len(distances), n_parts + 1)[1:-1]
    parts = first_nodes[np.searchsorted(offsets[first_nodes], aims)]
    _launch(kernels_cpu.expand, n_parts, distances, 1 / gaussian_step, n_gaussians, first, gaussians)
    counts = multiplicities.repeat_interleave(edge_offsets.diff()) * weights
    n_edges, n_nodes = processes.sum_over(torch.stack([counts.sum(), multiplicities.sum()]))
    return FusedEdges(
        first=first,
        gaussians=gaussians,
        offsets=offsets,
        neighbors=neighbors.numpy(),
        weights=weights.numpy(),
        shares=(counts / n_edges).numpy(),
        node_shares=(multiplicities / n_nodes).numpy(),
        parts=np.concatenate([[0], parts, first_nodes[-1:]]),
    )


def convolve(
    vectors: Tensor,
    matrices: tuple[Tensor, Tensor, Tensor],
    edge_norm: WeightedBatchNorm,
    node_norm: WeightedBatchNorm,
    edges: FusedEdges,
) -> Tensor:
    """Return v(t) of every node, (m, W), and move the running moments of both norms where they are in training.

    Args:
        vectors: (m, W) v(t-1).
        matrices: W_i and W_j, (W, F), and W_u, (41, F).
        edge_norm: Of z.
        node_norm: Of what a node receives.
        edges: From :func:`prepare`.
    """
    norms = (edge_norm.scale, edge_norm.shift, node_norm.scale, node_norm.shift)
    found = _Convolution.apply(vectors, *matrices, *norms, edge_norm, node_norm, edges)  # type: ignore[no-untyped-call]  # torch leaves it untyped
    if edge_norm.training:
        edge_norm.follow(*found[1:3])
        node_norm.follow(*found[3:])
    updated: Tensor = found[0]
    return updated


class _Convolution(Function):
    """The kernels_cpu, forward and backward, with the sums of the batch norms taken over all processes between them."""

    @staticmethod
    def forward(
        context: Any,
        vectors: Tensor,
        from_center: Tensor,
        from_neighbor: Tensor,
        from_distance: Tensor,
        edge_scale: Tensor,
        edge_shift: Tensor,
        node_scale: Tensor,
        node_shift: Tensor,
        edge_norm: WeightedBatchNorm,
        node_norm: WeightedBatchNorm,
        edges: FusedEdges,
    ) -> tuple[Tensor, ...]:
        width, n_parts = from_center.shape[1], len(edges.parts) - 1
        from_sites = torch.cat([from_center, from_neighbor], 1)
        z = torch.empty(len(edges.neighbors), width)
        sums = torch.empty(n_parts, 2, width)
        _launch(
            kernels_cpu.add_terms,
            n_parts,
            vectors @ from_sites,
            from_distance,
            edges.first,
            edges.gaussians,
            edges.offsets,
            edges.neighbors,
            edges.shares,
            edges.parts,
            edge_norm.running_mean,
            z,
            sums,
        )
        edge = _normalize(edge_norm, edge_scale, edge_shift, sums)
        received = torch.empty_like(vectors)
        sums = torch.empty(n_parts, 2, width // 2)
        _launch(
            kernels_cpu.gate_and_sum,
            n_parts,
            z,
            edge.factor,
            edge.shift,
            edges.offsets,
            edges.weights,
            edges.parts,
            (0 * edge.factor).view(2, -1).sum(0),
            edges.node_shares,
            node_norm.running_mean,
            received,
            sums,
        )
        node = _normalize(node_norm, node_scale, node_shift, sums)
        context.save_for_backward(vectors, from_sites, z, received)
        context.edges, context.edge, context.node, context.n_gaussians = edges, edge, node, len(from_distance)
        moments = (edge.mean, edge.variance, node.mean, node.variance)
        context.mark_non_differentiable(*moments)
        return torch.addcmul(vectors + node.shift, received, node.factor), *moments

    @staticmethod
    def backward(context: Any, gradient: Tensor, *_: Tensor) -> tuple[Tensor | None, ...]:
        vectors, from_sites, z, received = context.saved_tensors
        edges, edge, node = context.edges, context.edge, context.node
        n_parts, width = len(edges.parts) - 1, z.shape[1]
        gradient = gradient.contiguous()
        node_sums = torch.stack([gradient.sum(0), (gradient * (received - node.mean)).sum(0)])
        z_gradient = torch.empty_like(z)
        edge_sums = torch.empty(n_parts, 2, width)
        _launch(
            kernels_cpu.gate_backward,
            n_parts,
            z,
            edge.mean,
            edge.factor,
            edge.shift,
            edges.offsets,
            edges.weights,
            edges.parts,
            received,
            node.mean,
            node.factor,
            *node.through_moments(node_sums),
            edges.node_shares,
            gradient,
            z_gradient,
            edge_sums,
        )
        edge_sums = edge_sums.sum(0)
        products_gradient = torch.empty(len(vectors), 2 * width)
        distance_gradient = torch.empty(n_parts, context.n_gaussians, width)
        _launch(
            kernels_cpu.add_backward,
            n_parts,
            z,
            edge.mean,
            edge.factor,
            *edge.through_moments(edge_sums),
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
        return (
            torch.addmm(gradient, products_gradient, from_sites.T),
            *(vectors.T @ products_gradient).split(width, 1),
            distance_gradient.sum(0),
            edge.inverse * edge_sums[1],
            edge_sums[0],
            node.inverse * node_sums[1],
            node_sums[0],
            None,
            None,
            None,
        )


@dataclass(frozen=True)
class _Norm:
    """What a batch norm does to its rows: factor * row + shift; all (width,).

    Attributes:
        mean: Of the rows.
        variance: Of the rows.
        inverse: 1 / sqrt(variance + epsilon).
        factor: The norm's scale times that.
        shift: The norm's own, less mean times factor.
    """

    mean: Tensor
    variance: Tensor
    inverse: Tensor
    factor: Tensor
    shift: Tensor

    def through_moments(self, sums: Tensor) -> tuple[Tensor, Tensor]:
        """Return the gradient through mean and variance of a row of share s: s (first + second (row - mean)).

        Args:
            sums: (2, width) of this process: the gradients in the normalized rows, and those times row - mean.
        """
        of_shift, of_products = processes.sum_over(sums)
        return self.factor * of_shift, self.factor * self.inverse**2 * of_products


def _normalize(norm: WeightedBatchNorm, scale: Tensor, shift: Tensor, sums: Tensor) -> _Norm:
    """Return the norm by the moments of the batch, from its (parts, 2, width) sums, or by the running ones."""
    mean, variance = norm.running_mean, norm.running_variance
    if norm.training:
        away, squares = processes.sum_over(sums.sum(0))
        mean, variance = mean + away, (squares - away * away).clamp(min=0)
    inverse = torch.rsqrt(variance + norm.epsilon)
    factor = scale * inverse
    return _Norm(mean, variance, inverse, factor, shift - mean * factor)


def _launch(kernel: Callable[..., None], n_parts: int, *arrays: Tensor | np.ndarray | float) -> None:
    """Run a kernel with one thread per part, and leave the numbers of threads of torch and Numba as they were.

    Numba shares OpenMP with torch. When it starts its threads, at the first launch, it sets the number of threads of
    both; torch would add in another order from then on.
    """
    with _LAUNCH:
        of_torch = torch.get_num_threads()
        of_numba = numba.get_num_threads()
        numba.set_num_threads(n_parts)
        try:
            kernel(*(array.detach().numpy() if isinstance(array, Tensor) else array for array in arrays))
        finally:
            numba.set_num_threads(of_numba)
            if torch.get_num_threads() != of_torch:
                torch.set_num_threads(of_torch)
