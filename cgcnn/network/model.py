"""The network of the paper, Eqs. 1 to 5, on graphs whose nodes have multiplicities and whose edges have weights."""

from __future__ import annotations

import dataclasses

import torch
from torch import Tensor, nn
from torch.nn import functional

from cgcnn.graphs.batches import Batch
from cgcnn.network import fused_convolution
from cgcnn.network.batch_norm import WeightedBatchNorm
from cgcnn.network.fused_convolution import FusedEdges

# Eq. 1: 41 Gaussians, 0 to 8 angstrom.
GAUSSIAN_STEP = 0.2
N_GAUSSIANS = 41
# Rows of the table of v(0): one an atomic number, row 0 unused.
_N_ELEMENTS = 119
# Scale of the random start of v(0). At unit variance the noise stays and drowns what is learned.
_ELEMENT_SCALE = 0.05


def gaussians(distances: Tensor) -> Tensor:
    """Expand distances in Gaussians (Eq. 1): u[t] = exp(-(d - 0.2 t)^2 / 0.2^2), t = 0 to 40.

    Args:
        distances: (e,) in angstrom.

    Returns:
        (e, 41), dimensionless.
    """
    centers = torch.arange(N_GAUSSIANS, dtype=distances.dtype, device=distances.device) * GAUSSIAN_STEP
    return torch.exp(-(((distances[:, None] - centers) / GAUSSIAN_STEP) ** 2))


def distance_factors(distances: Tensor, edge_offsets: Tensor, power: float) -> Tensor:
    """Return (d_i / d_ij)^p of every edge, (e,), where d_i is the shortest distance of its center.

    At p = 2 the nearest neighbor counts fully and one at twice its distance a quarter.

    Args:
        distances: (e,) in angstrom, sorted by center.
        edge_offsets: (m + 1,) int64, as in :class:`cgcnn.graphs.batches.Batch`.
        power: p.
    """
    counts = edge_offsets.diff()
    shortest = torch.segment_reduce(distances, "min", lengths=counts)
    return (shortest.repeat_interleave(counts) / distances) ** power


class Convolution(nn.Module):
    """One convolution (Eq. 3), with the two batch norms of the authors' code (doi 10.1103/PhysRevLett.120.145301).

    z W, with z = v_i + v_j + u concatenated, is computed as v_i W_i + v_j W_j + u W_u: two products a node and a
    gather, instead of one product of three times the width an edge. Gate and core share each product. The shift of
    the norm that follows is the b of Eq. 3: a bias before it would be taken away again.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        # One matrix for z = (v_i, v_j, u), as in Eq. 3, so that its start has the spread of the authors' layer.
        combined = nn.Linear(2 * width + N_GAUSSIANS, 2 * width, bias=False)
        weight = combined.weight.detach().T.contiguous()  # by rows, as the kernels read it
        self.from_center = nn.Parameter(weight[:width].clone())
        self.from_neighbor = nn.Parameter(weight[width : 2 * width].clone())
        self.from_distance = nn.Parameter(weight[2 * width :].clone())
        self.edge_norm = WeightedBatchNorm(2 * width)
        self.node_norm = WeightedBatchNorm(width)

    def forward(self, vectors: Tensor, edges: Tensor | FusedEdges, batch: Batch) -> Tensor:
        """Return v(t) of every node.

        Args:
            vectors: (m, width) v(t-1).
            edges: (e, 41) Gaussians of the edges' distances, or the edges as the kernels want them.
            batch: The graphs.
        """
        if isinstance(edges, FusedEdges):
            matrices = (self.from_center, self.from_neighbor, self.from_distance)
            return fused_convolution.convolve(vectors, matrices, self.edge_norm, self.node_norm, edges)
        at_center = vectors @ self.from_center
        at_neighbor = vectors @ self.from_neighbor
        z = torch.addmm(at_center.index_select(0, batch.centers), edges, self.from_distance) + at_neighbor.index_select(
            0, batch.neighbors
        )
        z = self.edge_norm(z, batch.multiplicities.index_select(0, batch.centers) * batch.weights)
        gate, core = z.chunk(2, dim=1)
        messages = torch.sigmoid(gate) * functional.softplus(core) * batch.weights[:, None]
        received = messages.new_zeros(vectors.shape).index_add(0, batch.centers, messages)
        gained: Tensor = self.node_norm(received, batch.multiplicities)
        return vectors + gained


class CrystalGraphNetwork(nn.Module):
    """Element vectors, K convolutions, a linear map to local energies, and their mean over a crystal's sites.

    Energies are in the unit of the targets: the normalizer, a mean and a scale, is part of the network.
    """

    target_mean: Tensor
    target_scale: Tensor

    def __init__(self, n_convolutions: int = 4, width: int = 64, distance_power: float = 0.0) -> None:
        super().__init__()
        self.distance_power = distance_power
        self.element_vectors = nn.Parameter(_ELEMENT_SCALE * torch.randn(_N_ELEMENTS, width))
        self.convolutions = nn.ModuleList(Convolution(width) for _ in range(n_convolutions))
        self.to_energy = nn.Linear(width, 1)
        self.register_buffer("target_mean", torch.zeros(()))
        self.register_buffer("target_scale", torch.ones(()))

    def environments(self, batch: Batch) -> Tensor:
        """Return v(K) of every node (Eqs. 2 and 3), shape (m, width)."""
        if self.distance_power:
            factors = distance_factors(batch.distances, batch.edge_offsets, self.distance_power)
            batch = dataclasses.replace(batch, weights=batch.weights * factors)
        vectors = self.element_vectors.index_select(0, batch.atomic_numbers)
        edges = self._edges(batch)
        for convolution in self.convolutions:
            vectors = convolution(vectors, edges, batch)
        return vectors

    def _edges(self, batch: Batch) -> Tensor | FusedEdges:
        if not fused_convolution.serves(self.element_vectors, self.training):
            return gaussians(batch.distances)
        return fused_convolution.prepare(
            batch.distances,
            batch.weights,
            batch.multiplicities,
            batch.neighbors,
            batch.edge_offsets,
            batch.node_offsets,
            GAUSSIAN_STEP,
            N_GAUSSIANS,
        )

    def local_energies(self, environments: Tensor) -> Tensor:
        """Return E_i of every node (Eq. 4), shape (m,), in the targets' unit."""
        normalized: Tensor = self.to_energy(environments).squeeze(1)
        return self.target_mean + self.target_scale * normalized

    def forward(self, batch: Batch) -> Tensor:
        """Return E of every crystal (Eq. 5), shape (b,), in the targets' unit per atom."""
        energies = self.local_energies(self.environments(batch)) * batch.multiplicities
        return torch.zeros_like(batch.n_sites).index_add(0, batch.crystals, energies) / batch.n_sites
