"""The network of the paper, Eqs. 1 to 5, on graphs whose nodes have multiplicities and whose edges have weights."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from functools import cache
from typing import Literal, get_args

import torch
from torch import Tensor, nn
from torch.nn import functional

from cgcnn.errors import DataError
from cgcnn.graphs.batches import Batch
from cgcnn.graphs.packed_graphs import N_ANGLES
from cgcnn.network import fused_convolution
from cgcnn.network.batch_norm import WeightedBatchNorm
from cgcnn.network.edge_loops import EdgeLoops

#: How Eq. 3 is computed: by torch's own operations (``plain``), by these as ``torch.compile`` joins them
#: (``compiled``), by the loops of this package (``fused``), or by the loops wherever they can serve and by torch's own
#: operations elsewhere (``auto``).
Backend = Literal["auto", "plain", "compiled", "fused"]

# Eq. 1: 41 Gaussians, centered at 0 to 8 angstrom.
GAUSSIAN_STEP = 0.2
N_GAUSSIANS = 41
# The table of v(0) has one row per atomic number; row 0 is not used.
_N_ELEMENTS = 119


def gaussians(distances: Tensor) -> Tensor:
    """Expand distances in Gaussians (Eq. 1): u[t] = exp(-(d - 0.2 t)^2 / 0.2^2), t = 0 to 40.

    Args:
        distances: (e,) in angstrom.

    Returns:
        (e, 41), dimensionless.
    """
    centers = torch.arange(N_GAUSSIANS, dtype=distances.dtype, device=distances.device) * GAUSSIAN_STEP
    return torch.exp(-(((distances[:, None] - centers) / GAUSSIAN_STEP) ** 2))


def distance_factors(distances: Tensor, centers: Tensor, n_nodes: int, power: float) -> Tensor:
    """Return the factor (d_i / d_ij)^p of every edge, where d_i is the shortest distance from site i.

    At p = 2 the nearest neighbor has the factor 1, and a neighbor at twice its distance has the factor 1/4.

    Args:
        distances: (e,) in angstrom.
        centers: (e,) int64, the center node of each edge, as in :class:`cgcnn.graphs.batches.Batch`.
        n_nodes: The number of nodes.
        power: The exponent p.

    Returns:
        (e,), dimensionless.
    """
    longest = distances.new_full((n_nodes,), math.inf)
    shortest = longest.scatter_reduce(0, centers, distances, "amin")
    return (shortest.index_select(0, centers) / distances) ** power


def _plain_edges(batch: Batch) -> Tensor:
    """Return u of every edge, (e, 41), or (e, 53) with angular sums."""
    expanded = gaussians(batch.distances)
    return expanded if batch.angles is None else torch.cat([expanded, batch.angles], 1)


def crystal_means(values: Tensor, batch: Batch) -> Tensor:
    """Return the mean of values of nodes over the sites of each crystal, (b,) or (b, k) (Eq. 5).

    Args:
        values: (m,) or (m, k), such as the local energies.
        batch: The graphs of b crystals with m nodes.
    """
    multiplicities, n_sites = batch.multiplicities, batch.n_sites
    if values.ndim > 1:
        multiplicities, n_sites = multiplicities[:, None], n_sites[:, None]
    totals = values.new_zeros(len(n_sites), *values.shape[1:])
    return totals.index_add(0, batch.crystals, values * multiplicities) / n_sites


class Convolution(nn.Module):
    """One convolution (Eq. 3), with the two batch norms of the authors' code (doi 10.1103/PhysRevLett.120.145301).

    Eq. 3 multiplies a matrix W by the vectors v_i, v_j and u written one after the other. This product is computed as
    v_i W_i + v_j W_j + u W_u. The products v W_i and v W_j are computed once per node and copied to the edges, of which
    there are many more. The first half of the columns of each matrix gives the gate, the second half the core. The b of
    Eq. 3 is the shift of the batch norm that follows, because the batch norm subtracts any bias that comes before it.
    """

    def __init__(self, width: int, angles: bool = False) -> None:
        super().__init__()
        # The matrices are cut from one, as in Eq. 3, so that they start with the spread of the authors' layer.
        combined = nn.Linear(2 * width + N_GAUSSIANS + angles * N_ANGLES, 2 * width, bias=False)
        weight = combined.weight.detach().T.contiguous()  # the loops read it row by row
        self.from_center = nn.Parameter(weight[:width].clone())
        self.from_neighbor = nn.Parameter(weight[width : 2 * width].clone())
        self.from_distance = nn.Parameter(weight[2 * width : 2 * width + N_GAUSSIANS].clone())
        self.from_angles = nn.Parameter(weight[2 * width + N_GAUSSIANS :].clone()) if angles else None
        self.edge_norm = WeightedBatchNorm(2 * width)
        self.node_norm = WeightedBatchNorm(width)

    def forward(self, vectors: Tensor, edges: Tensor | EdgeLoops, batch: Batch, rows: Tensor | None = None) -> Tensor:
        """Return v(t) of every node, (m, width).

        Args:
            vectors: (m, width) v(t-1), or the vectors of which ``rows`` gives one to each node.
            edges: u of every edge, for torch's own operations: (e, 41), the Gaussians of the distances, or (e, 53),
                these and the angular sums; or the compiled loops over the edges, from
                :func:`cgcnn.network.fused_convolution.prepare`.
            batch: The graphs.
            rows: (m,) int64, the row of ``vectors`` that is v(t-1) of each node; by default, node i has row i.
        """
        from_edge = (
            self.from_distance if self.from_angles is None else torch.cat([self.from_distance, self.from_angles])
        )
        if not isinstance(edges, Tensor):
            matrices = (self.from_center, self.from_neighbor, from_edge)
            return fused_convolution.convolve(vectors, rows, matrices, self.edge_norm, self.node_norm, edges)
        if rows is not None:
            vectors = vectors.index_select(0, rows)
        at_center = vectors @ self.from_center
        at_neighbor = vectors @ self.from_neighbor
        z = torch.addmm(at_center.index_select(0, batch.centers), edges, from_edge) + at_neighbor.index_select(
            0, batch.neighbors
        )
        z = self.edge_norm(z, batch.multiplicities.index_select(0, batch.centers) * batch.weights)
        gate, core = z.chunk(2, dim=1)
        messages = torch.sigmoid(gate) * functional.softplus(core) * batch.weights[:, None]
        received = messages.new_zeros(vectors.shape).index_add(0, batch.centers, messages)
        gained: Tensor = self.node_norm(received, batch.multiplicities)
        return vectors + gained


class CrystalGraphNetwork(nn.Module):
    """Element vectors, K convolutions, a linear map to local energies, and their mean over the sites of a crystal.

    The targets' mean and scale are part of the network, so that its energies are in the unit of the targets. The
    backend is not: it is neither saved with the weights nor changes them beyond rounding.
    """

    target_mean: Tensor
    target_scale: Tensor
    angle_mean: Tensor | None
    angle_scale: Tensor | None

    def __init__(
        self,
        n_convolutions: int = 4,
        width: int = 64,
        distance_power: float = 0.0,
        backend: Backend = "auto",
        element_spread: float = 0.05,
        angles: bool = False,
    ) -> None:
        """Draw the start of all parameters from torch's random numbers.

        Args:
            n_convolutions: K, the number of convolutions.
            width: Length of v.
            distance_power: The exponent p of :func:`distance_factors`; 0 leaves the weights of the edges as they are.
            backend: How Eq. 3 is computed; see :data:`Backend`.
            element_spread: The standard deviation of the random start of v(0). The fewer the training crystals, the
                more of a larger start stays in the vectors.
            angles: Whether u of an edge holds its angular sums beside its Gaussians. They are standardized by the mean
                and the spread over the training crystals, which are part of the network
                (:func:`cgcnn.training.start.standardize_angles`).

        Raises:
            DataError: There is no such backend.
        """
        super().__init__()
        self.distance_power = distance_power
        self.backend = backend
        self.element_vectors = nn.Parameter(element_spread * torch.randn(_N_ELEMENTS, width))
        self.convolutions = nn.ModuleList(Convolution(width, angles) for _ in range(n_convolutions))
        self.to_energy = nn.Linear(width, 1)
        self.register_buffer("target_mean", torch.zeros(()))
        self.register_buffer("target_scale", torch.ones(()))
        self.register_buffer("angle_mean", torch.zeros(N_ANGLES) if angles else None)
        self.register_buffer("angle_scale", torch.ones(N_ANGLES) if angles else None)

    @property
    def backend(self) -> Backend:
        """How Eq. 3 is computed; it can be set at any time."""
        return self._backend

    @backend.setter
    def backend(self, backend: Backend) -> None:
        if backend not in get_args(Backend):
            raise DataError(f"backend={backend!r}: no such backend", "give 'auto', 'plain', 'compiled' or 'fused'")
        self._backend = backend

    def environments(self, batch: Batch) -> Tensor:
        """Return v(K) of every node (Eqs. 2 and 3), shape (m, width).

        Raises:
            DataError: The backend is ``fused``, and the compiled loops cannot serve this network or batch; or the
                network has angles, and the graphs have none.
        """
        if self.backend == "compiled" and not torch.compiler.is_compiling():
            return _compiled_environments()(self, batch)
        return self._environments(batch)

    def _environments(self, batch: Batch) -> Tensor:
        if self.distance_power:
            factors = distance_factors(batch.distances, batch.centers, len(batch.multiplicities), self.distance_power)
            batch = dataclasses.replace(batch, weights=batch.weights * factors)
        edges = self._edges(self._with_standard_angles(batch))
        vectors: Tensor = self.element_vectors
        rows: Tensor | None = batch.atomic_numbers  # v(0) of a node is the row of its element
        for convolution in self.convolutions:
            vectors, rows = convolution(vectors, edges, batch, rows), None
        return vectors if rows is None else vectors.index_select(0, rows)

    def _with_standard_angles(self, batch: Batch) -> Batch:
        """Return a batch with standardized angular sums, or without any where the network reads none."""
        if self.angle_mean is None or self.angle_scale is None:
            return dataclasses.replace(batch, angles=None)
        if batch.angles is None:
            raise DataError("the network has angles, and the graphs have none", "build the graphs with angles=True")
        return dataclasses.replace(batch, angles=(batch.angles - self.angle_mean) / self.angle_scale)

    def _edges(self, batch: Batch) -> Tensor | EdgeLoops:
        """Return what the convolutions of the chosen backend read of the edges."""
        if self.backend in ("plain", "compiled"):
            return _plain_edges(batch)
        obstacle = fused_convolution.obstacle(self.element_vectors, batch, self.training)
        if obstacle is None:
            return fused_convolution.prepare(batch, self.training, GAUSSIAN_STEP, N_GAUSSIANS)
        if self.backend == "fused":
            raise DataError(f"backend='fused': {obstacle}", "choose backend='auto' or 'plain'")
        return _plain_edges(batch)

    def local_energies(self, environments: Tensor) -> Tensor:
        """Return E_i of every node (Eq. 4), shape (m,), in the targets' unit."""
        normalized: Tensor = self.to_energy(environments).squeeze(1)
        return self.target_mean + self.target_scale * normalized

    def forward(self, batch: Batch) -> Tensor:
        """Return E of every crystal (Eq. 5), shape (b,), in the targets' unit per atom."""
        return crystal_means(self.local_energies(self.environments(batch)), batch)


@cache
def _compiled_environments() -> Callable[[CrystalGraphNetwork, Batch], Tensor]:
    """Return what computes the environments of any network in one call, once ``torch.compile`` has seen one batch.

    Numbers of nodes and edges differ from batch to batch, and are left open.
    """
    return torch.compile(CrystalGraphNetwork._environments, dynamic=True)
