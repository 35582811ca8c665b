"""Eq. 3 on the CPU without the dozen arrays of the size of the edges that torch's automatic gradient keeps."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
import torch
from torch import Tensor
from torch.autograd import Function

from cgcnn import kernels, processes

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
        parts: (threads + 1,) int64, nodes at which the work is cut; none of them inside a crystal.
    """

    first: np.ndarray
    gaussians: np.ndarray
    offsets: np.ndarray
    neighbors: np.ndarray
    weights: np.ndarray
    shares: np.ndarray
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
    gaussians = np.empty((len(distances), kernels.N_NEAREST_GAUSSIANS), np.float32)
    n_parts = min(torch.get_num_threads(), numba.config.NUMBA_NUM_THREADS)  # type: ignore[attr-defined]  # set when it is imported
    aims = np.linspace(0, len(distances), n_parts + 1)[1:-1]
    parts = first_nodes[np.searchsorted(offsets[first_nodes], aims)]
    with _LAUNCH:
        numba.set_num_threads(n_parts)
        kernels.expand(distances.numpy(), 1 / gaussian_step, n_gaussians, first, gaussians)
    counts = multiplicities.repeat_interleave(edge_offsets.diff()) * weights
    return FusedEdges(
        first=first,
        gaussians=gaussians,
        offsets=offsets,
        neighbors=neighbors.numpy(),
        weights=weights.numpy(),
        shares=(counts / processes.sum_over(counts.sum())).numpy(),
        parts=np.concatenate([[0], parts, first_nodes[-1:]]),
    )


def gated_sum(
    at_center: Tensor,
    at_neighbor: Tensor,
    from_distance: Tensor,
    scale: Tensor,
    shift: Tensor,
    mean: Tensor,
    variance: Tensor | None,
    epsilon: float,
    edges: FusedEdges,
) -> tuple[Tensor, Tensor, Tensor]:
    """Return what every node receives from its neighbors, and the moments it was normalized by.

    Args:
        at_center: (m, F) v_i W_i.
        at_neighbor: (m, F) v_j W_j.
        from_distance: (41, F) W_u.
        scale: (F,) of the batch norm.
        shift: (F,) of the batch norm.
        mean: (F,) the running mean: the mean to use, or near to the one that is found.
        variance: (F,) the variance to use; None to find mean and variance from the batch.
        epsilon: Added to the variance.
        edges: From :func:`prepare`.

    Returns:
        (m, F / 2) received, (F,) mean and (F,) biased variance; gradients flow through the first.
    """
    result: tuple[Tensor, Tensor, Tensor] = _GatedSum.apply(  # type: ignore[no-untyped-call]  # torch leaves it untyped
        at_center, at_neighbor, from_distance, scale, shift, mean, variance, epsilon, edges
    )
    return result


class _GatedSum(Function):
    """The kernels, forward and backward, with the sums of the batch norm taken over all processes between them."""

    @staticmethod
    def forward(
        context: Any,
        at_center: Tensor,
        at_neighbor: Tensor,
        from_distance: Tensor,
        scale: Tensor,
        shift: Tensor,
        mean: Tensor,
        variance: Tensor | None,
        epsilon: float,
        edges: FusedEdges,
    ) -> tuple[Tensor, Tensor, Tensor]:
        width = at_center.shape[1]
        z = torch.empty(len(edges.neighbors), width)
        sums = torch.empty(len(edges.parts) - 1, 2, width)
        with _LAUNCH:
            numba.set_num_threads(len(sums))
            kernels.add_terms(
                at_center.contiguous().numpy(),
                at_neighbor.contiguous().numpy(),
                from_distance.contiguous().numpy(),
                edges.first,
                edges.gaussians,
                edges.offsets,
                edges.neighbors,
                edges.shares,
                edges.parts,
                mean.numpy(),
                z.numpy(),
                sums.numpy(),
            )
        if variance is None:
            away, squares = processes.sum_over(sums.sum(0))
            mean, variance = mean + away, (squares - away * away).clamp(min=0)
        inverse = torch.rsqrt(variance + epsilon)
        factor = scale * inverse
        received = torch.empty(len(at_center), width // 2)
        with _LAUNCH:
            numba.set_num_threads(len(sums))
            kernels.gate_and_sum(
                z.numpy(),
                factor.numpy(),
                (shift - mean * factor).numpy(),
                edges.offsets,
                edges.weights,
                edges.parts,
                (0 * factor).view(2, -1).sum(0).numpy(),
                received.numpy(),
            )
        context.save_for_backward(z, mean, inverse, factor, shift)
        context.edges = edges
        context.n_gaussians = len(from_distance)
        context.mark_non_differentiable(mean, variance)
        return received, mean, variance

    @staticmethod
    def backward(context: Any, received_gradient: Tensor, *_: Tensor) -> tuple[Tensor | None, ...]:
        z, mean, inverse, factor, shift = context.saved_tensors
        edges = context.edges
        n_nodes, width = len(received_gradient), z.shape[1]
        gradient = torch.empty_like(z)
        sums = torch.empty(len(edges.parts) - 1, 2, width)
        with _LAUNCH:
            numba.set_num_threads(len(sums))
            kernels.gate_backward(
                z.numpy(),
                mean.numpy(),
                factor.numpy(),
                shift.numpy(),
                edges.offsets,
                edges.weights,
                edges.parts,
                received_gradient.contiguous().numpy(),
                gradient.numpy(),
                sums.numpy(),
            )
        of_shift, of_products = sums.sum(0)
        all_shift, all_products = processes.sum_over(torch.stack([of_shift, of_products]))
        center_gradient, neighbor_gradient = torch.empty(n_nodes, width), torch.empty(n_nodes, width)
        distance_gradient = torch.empty(len(sums), context.n_gaussians, width)
        with _LAUNCH:
            numba.set_num_threads(len(sums))
            kernels.add_backward(
                z.numpy(),
                mean.numpy(),
                factor.numpy(),
                (factor * all_shift).numpy(),
                (factor * inverse**2 * all_products).numpy(),
                edges.first,
                edges.gaussians,
                edges.offsets,
                edges.neighbors,
                edges.shares,
                edges.parts,
                gradient.numpy(),
                center_gradient.numpy(),
                neighbor_gradient.numpy(),
                distance_gradient.numpy(),
            )
        of_scale = inverse * of_products
        return center_gradient, neighbor_gradient, distance_gradient.sum(0), of_scale, of_shift, None, None, None, None
