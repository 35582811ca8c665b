"""The loops of the fused convolution on a GPU: Triton's kernels, launched over the nodes or blocks of edges."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import triton
from torch import Tensor

from cgcnn.graphs.batches import Batch
from cgcnn.network import kernels_gpu
from cgcnn.network.batch_norm import Normalization

# Programs that write a partial sum each: a few per multiprocessor of a large GPU.
_PROGRAMS = 512


@dataclass(frozen=True)
class GpuLoops:
    """The loops over the edges of one batch, as :class:`cgcnn.network.edge_loops.EdgeLoops` describes them.

    Attributes:
        edges: (e, 41) float32, the Gaussians of each edge (Eq. 1), or (e, 53) with its standardized angular sums.
        centers: (e,) int64, the center node of each edge, ascending.
        neighbors: (e,) int64, the node at the other end of each edge.
        edge_offsets: (m + 1,) int64; node i has the edges ``edge_offsets[i]:edge_offsets[i + 1]``. Edges after
            ``edge_offsets[m]`` fill the batch up to its size (:mod:`cgcnn.graphs.filled_batches`) and are never read.
        arriving: (e,) int64, the edges sorted by their neighbors.
        arriving_offsets: (m + 1,) int64; at node i end the edges
            ``arriving[arriving_offsets[i]:arriving_offsets[i + 1]]``.
        weights: (e,) float32.
        shares: (e,) float32, the share of each edge in the moments of z.
        node_shares: (m,) float32, the share of each node in the moments of what it receives.
    """

    edges: Tensor
    centers: Tensor
    neighbors: Tensor
    edge_offsets: Tensor
    arriving: Tensor
    arriving_offsets: Tensor
    weights: Tensor
    shares: Tensor
    node_shares: Tensor

    @classmethod
    def over(
        cls,
        batch: Batch,
        shares: Tensor,
        node_shares: Tensor,
        gaussian_step: float,
        n_gaussians: int,
    ) -> GpuLoops:
        """Expand the distances in all Gaussians, as their product with a matrix is fast, and sort the edges."""
        nodes = torch.arange(len(node_shares) + 1, device=batch.neighbors.device)
        of_batch = torch.arange(len(batch.neighbors), device=nodes.device) < batch.edge_offsets[-1]
        # Edges that only fill the batch up end at no node.
        ends, arriving = torch.sort(torch.where(of_batch, batch.neighbors, len(node_shares)), stable=True)
        away = batch.distances.detach()[:, None] / gaussian_step - torch.arange(n_gaussians, device=nodes.device)
        edges = torch.exp(-(away**2))
        if batch.angles is not None:
            edges = torch.cat([edges, batch.angles.detach()], 1)
        return cls(
            edges=edges,
            centers=batch.centers,
            neighbors=batch.neighbors,
            edge_offsets=batch.edge_offsets,
            arriving=arriving,
            arriving_offsets=torch.searchsorted(ends, nodes),
            weights=batch.weights.detach(),
            shares=shares.detach(),
            node_shares=node_shares.detach(),
        )

    def add_terms(self, products: Tensor, from_edge: Tensor, center: Tensor) -> tuple[Tensor, Tensor]:
        """Return z and its moments."""
        n_edges, width = len(self.edges), from_edge.shape[1]
        n_blocks = max(1, triton.cdiv(n_edges, kernels_gpu.BLOCK))
        z = products.new_empty(n_edges, width)
        moments = products.new_empty(n_blocks, 2, width)
        kernels_gpu.add_terms[(n_blocks,)](
            products,
            self.edges @ from_edge.detach(),
            self.centers,
            self.neighbors,
            self.shares,
            self.edge_offsets,
            center,
            z,
            moments,
            len(self.node_shares),
            **_widths(width),
            block=kernels_gpu.BLOCK,
        )
        return z, moments.sum(0)

    def gate_and_sum(self, z: Tensor, norm: Normalization, center: Tensor) -> tuple[Tensor, Tensor]:
        """Return what each node receives, and the moments of this."""
        n_nodes, width = len(self.node_shares), len(center)
        received = z.new_empty(n_nodes, width)
        n_programs = min(_PROGRAMS, n_nodes)
        moments = z.new_empty(n_programs, 2, width)
        kernels_gpu.gate_and_sum[(n_programs,)](
            z,
            norm.factor,
            norm.shift,
            self.edge_offsets,
            self.weights,
            self.node_shares,
            center,
            received,
            moments,
            n_nodes,
            **_widths(width),
            chunk=kernels_gpu.CHUNK,
        )
        return received, moments.sum(0)

    def gate_backward(
        self,
        z: Tensor,
        norm: Normalization,
        received: Tensor,
        node_norm: Normalization,
        node_moments: tuple[Tensor, Tensor],
        gradient: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """Return the gradient of normalized z, and its two sums over the edges."""
        n_nodes, width = received.shape
        z_gradient = torch.empty_like(z)
        n_programs = min(_PROGRAMS, n_nodes)
        sums = z.new_empty(n_programs, 2, 2 * width)
        kernels_gpu.gate_backward[(n_programs,)](
            z,
            norm.mean,
            norm.factor,
            norm.shift,
            self.edge_offsets,
            self.weights,
            received,
            node_norm.mean,
            node_norm.factor,
            *node_moments,
            self.node_shares,
            gradient,
            z_gradient,
            sums,
            n_nodes,
            **_widths(width),
            chunk=kernels_gpu.CHUNK,
        )
        return z_gradient, sums.sum(0)

    def add_backward(
        self,
        z: Tensor,
        norm: Normalization,
        moments: tuple[Tensor, Tensor],
        z_gradient: Tensor,
        n_rows: int,  # noqa: ARG002  # asked for by EdgeLoops; here the edges say it
    ) -> tuple[Tensor, Tensor]:
        """Return the gradients of the products per node and of the matrix of the edges."""
        n_nodes, width = len(self.node_shares), z.shape[1]
        of_z = torch.zeros_like(z)  # and 0 for the edges that fill the batch up
        products_gradient = z.new_empty(n_nodes, 2 * width)
        kernels_gpu.products_backward[(n_nodes,)](
            z,
            norm.mean,
            norm.factor,
            *moments,
            self.edge_offsets,
            self.arriving_offsets,
            self.arriving,
            self.shares,
            z_gradient,
            products_gradient,
            of_z,
            **_widths(width),
            chunk=kernels_gpu.CHUNK,
        )
        return products_gradient, self.edges.T @ of_z


def _widths(width: int) -> dict[str, int]:
    """Return the width for which a kernel is compiled, and the power of two to which Triton fills it up."""
    return {"width": width, "width_padded": triton.next_power_of_2(width)}
