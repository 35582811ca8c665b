"""Eq. 3 with its gradient, without the dozen arrays of the size of the edges that torch's own gradient keeps.

=========  =============  ===================================================  ==========================
processor  loops          compiled from                                        precision
=========  =============  ===================================================  ==========================
CPU        ``loops_cpu``  Numba: ``kernels_cpu_terms``, ``kernels_cpu_gates``  single (float32)
GPU        ``loops_gpu``  Triton: ``kernels_gpu``                              single; products as torch
                                                                               is set to multiply
=========  =============  ===================================================  ==========================

Only the loops know the processor; the code of this file runs on any. A further processor needs one file with a class
that does what :class:`cgcnn.network.edge_loops.EdgeLoops` says, a row in this table and an entry in ``_LOOPS``. Where
no row serves, the network computes Eq. 3 by torch's own operations (:class:`cgcnn.network.model.Convolution`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function

from cgcnn.errors import DataError
from cgcnn.graphs.batches import Batch
from cgcnn.machine import processes
from cgcnn.network.batch_norm import Normalization, WeightedBatchNorm
from cgcnn.network.edge_loops import EdgeLoops


def _of_cpu() -> type[EdgeLoops]:
    from cgcnn.network.loops_cpu import CpuLoops

    return CpuLoops


def _of_gpu() -> type[EdgeLoops]:
    from cgcnn.network.loops_gpu import GpuLoops

    return GpuLoops


# The loops for each type of torch's devices. They are imported when they are first needed: Numba serves the CPU alone,
# and Triton comes with the torch of a GPU alone.
_LOOPS: Mapping[str, Callable[[], type[EdgeLoops]]] = {"cpu": _of_cpu, "cuda": _of_gpu}


def obstacle(parameter: Tensor, batch: Batch, training: bool) -> str | None:
    """Return why the loops cannot serve a batch, as the end of a sentence, or None where they can.

    Args:
        parameter: Any parameter of the network; all of them have one device and one precision.
        batch: The graphs.
        training: Whether the network is in training mode.
    """
    if torch.compiler.is_compiling():
        return "torch.compile cannot look into the loops"
    if parameter.device.type not in _LOOPS:
        return f"there are no loops for the device {parameter.device.type!r}"
    if parameter.device.type == "cuda" and find_spec("triton") is None:
        return "the loops of a GPU need Triton, which is not installed"
    angles = [] if batch.angles is None else [batch.angles]
    for tensor in (parameter, batch.distances, batch.weights, batch.multiplicities, *angles):
        if tensor.dtype != torch.float32:
            return f"the loops compute in torch.float32, not in {tensor.dtype}"
    if not torch.is_grad_enabled():
        return None
    if not training:
        return "the loops have no gradient in evaluation mode"
    for name in ("distances", "weights", "multiplicities", "angles"):
        tensor = getattr(batch, name)
        if tensor is not None and tensor.requires_grad:
            return f"the loops have no gradient with respect to the batch's {name}"
    return None


def prepare(batch: Batch, training: bool, gaussian_step: float, n_gaussians: int) -> EdgeLoops:
    """Return the loops over the edges of a batch, with the share of each edge and node in the batch norms' moments.

    The share of a node is its multiplicity over the sum of the multiplicities. The share of an edge is its weight times
    the multiplicity of its center, over the sum of these products.

    Args:
        batch: The graphs.
        training: Whether the network is in training mode. Only then do the moments matter, and are the sums those
            over all processes that train together.
        gaussian_step: Step and width of the Gaussians, in angstrom.
        n_gaussians: The number of Gaussians.
    """
    counts = batch.multiplicities.index_select(0, batch.centers) * batch.weights
    totals = torch.stack([counts.sum(), batch.multiplicities.sum()])
    n_edges, n_nodes = processes.sum_over(totals) if training else totals
    loops = _LOOPS[batch.distances.device.type]()
    return loops.over(batch, counts / n_edges, batch.multiplicities / n_nodes, gaussian_step, n_gaussians)


def convolve(
    vectors: Tensor,
    rows: Tensor | None,
    matrices: tuple[Tensor, Tensor, Tensor],
    edge_norm: WeightedBatchNorm,
    node_norm: WeightedBatchNorm,
    loops: EdgeLoops,
) -> Tensor:
    """Return v(t) of every node, (m, W), and move the running moments of both batch norms in training mode.

    Args:
        vectors: (m, W) v(t-1), or the (n, W) vectors of which the nodes have one each, such as v(0) of the elements.
            They are then multiplied by W_i and W_j once each, and not once per node.
        rows: (m,) int64, the row of ``vectors`` that each node has, or None where node i has row i.
        matrices: W_i and W_j, (W, F), and W_u, (41, F), or (53, F) with angular sums.
        edge_norm: The batch norm of z.
        node_norm: The batch norm of what a node receives.
        loops: The loops over the edges, from :func:`prepare`.
    """
    learned = (edge_norm.scale, edge_norm.shift, node_norm.scale, node_norm.shift)
    updated: Tensor
    updated, *moments = _Convolution.apply(vectors, rows, *matrices, *learned, edge_norm, node_norm, loops)  # type: ignore[no-untyped-call]  # torch leaves it untyped
    if edge_norm.training:
        edge_norm.follow(*moments[:2])
        node_norm.follow(*moments[2:])
    return updated


class _Convolution(Function):
    """The loops in order, forward and backward, with the algebra of the two batch norms between them."""

    @staticmethod
    def forward(
        context: Any,
        vectors: Tensor,
        rows: Tensor | None,
        from_center: Tensor,
        from_neighbor: Tensor,
        from_edge: Tensor,
        edge_scale: Tensor,
        edge_shift: Tensor,
        node_scale: Tensor,
        node_shift: Tensor,
        edge_norm: WeightedBatchNorm,
        node_norm: WeightedBatchNorm,
        loops: EdgeLoops,
    ) -> tuple[Tensor, ...]:
        """Return v(t), and mean and variance of z and of what the nodes receive."""
        from_sites = torch.cat([from_center, from_neighbor], 1)
        products = _of_nodes(vectors @ from_sites, rows)
        z, sums = loops.add_terms(products, from_edge, edge_norm.running_mean)
        edge = _normalize(edge_norm, edge_scale, edge_shift, sums)
        received, sums = loops.gate_and_sum(z, edge, node_norm.running_mean)
        node = _normalize(node_norm, node_scale, node_shift, sums)
        context.save_for_backward(vectors, from_sites, z, received)
        context.loops, context.edge, context.node, context.rows = loops, edge, node, rows
        context.edge_rows = len(from_edge)
        moments = (edge.mean, edge.variance, node.mean, node.variance)
        context.mark_non_differentiable(*moments)
        return torch.addcmul(_of_nodes(vectors, rows) + node.shift, received, node.factor), *moments

    @staticmethod
    def backward(context: Any, gradient: Tensor, *_: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradient of each tensor that ``forward`` takes, from the gradient of v(t)."""
        if torch.is_grad_enabled():
            raise DataError("the compiled loops have no second gradient", "choose the network's backend='plain'")
        vectors, from_sites, z, received = context.saved_tensors
        loops, edge, node = context.loops, context.edge, context.node
        gradient = gradient.contiguous()
        node_sums = torch.stack([gradient.sum(0), (gradient * (received - node.mean)).sum(0)])
        node_moments = node.through_moments(node_sums)
        z_gradient, edge_sums = loops.gate_backward(z, edge, received, node, node_moments, gradient)
        edge_moments = edge.through_moments(edge_sums)
        products_gradient, edge_gradient = loops.add_backward(z, edge, edge_moments, z_gradient, context.edge_rows)
        gradient = _of_rows(gradient, context.rows, len(vectors))
        products_gradient = _of_rows(products_gradient, context.rows, len(vectors))
        return (
            torch.addmm(gradient, products_gradient, from_sites.T),
            None,
            *(vectors.T @ products_gradient).split(z.shape[1], 1),
            edge_gradient,
            edge.inverse_deviation * edge_sums[1],
            edge_sums[0],
            node.inverse_deviation * node_sums[1],
            node_sums[0],
            None,
            None,
            None,
        )


def _of_nodes(values: Tensor, rows: Tensor | None) -> Tensor:
    """Return the values, (m, k), that the nodes have, from those of the rows of their vectors, (n, k)."""
    return values if rows is None else values.index_select(0, rows)


def _of_rows(gradients: Tensor, rows: Tensor | None, n_rows: int) -> Tensor:
    """Return the gradients of the rows, (n, k), each the sum over the nodes that have the row, from (m, k)."""
    if rows is None:
        return gradients
    return gradients.new_zeros(n_rows, gradients.shape[1]).index_add_(0, rows, gradients)


def _normalize(norm: WeightedBatchNorm, scale: Tensor, shift: Tensor, sums: Tensor) -> Normalization:
    """Return the normalization by the moments of the batch in training mode, and by the running moments otherwise.

    Args:
        norm: The batch norm.
        scale: (width,), its scale.
        shift: (width,), its shift.
        sums: (2, width), the moments of the rows of this process about the running mean.
    """
    mean, variance = norm.running_mean, norm.running_variance
    if norm.training:
        away, squares = processes.sum_over(sums)
        mean, variance = mean + away, (squares - away * away).clamp(min=0)
    return Normalization.of(mean, variance, scale, shift, norm.epsilon)
