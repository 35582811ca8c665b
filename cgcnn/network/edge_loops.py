"""What the fused convolution asks of a processor: five loops over the edges of a batch, and how their work is cut."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

from cgcnn.network.batch_norm import Normalization


@dataclass(frozen=True)
class FusedEdges:
    """The edges of a batch as the loops read them, prepared once for all convolutions.

    Attributes:
        first: (e,) int32, index of the first Gaussian (Eq. 1) that is not negligible at the distance of the edge.
        gaussians: (e, 9) float32, the values of this Gaussian and of the eight that follow it.
        offsets: (m + 1,) int64; node i has the edges ``offsets[i]:offsets[i + 1]``.
        neighbors: (e,) int64, the node at the other end of each edge.
        weights: (e,) float32.
        shares: (e,) float32, the share of each edge in the moments of the batch norm of z: the multiplicity of its
            center times its weight, over the sum of this product over all edges of all processes.
        node_shares: (m,) float32, the share of each node in the moments of the batch norm of what it receives: its
            multiplicity over the sum of the multiplicities of all processes.
        parts: The cut of the work, from :meth:`cgcnn.network.edge_loops.EdgeLoops.cut`. Only the loops of the same
            processor read it.
    """

    first: Tensor
    gaussians: Tensor
    offsets: Tensor
    neighbors: Tensor
    weights: Tensor
    shares: Tensor
    node_shares: Tensor
    parts: Tensor


class EdgeLoops(Protocol):
    """The loops of one processor. A module that has these six functions is such an object.

    W is the width of v, and F = 2 W is the width of z: the first half of z is the gate, the second half the core.
    All floating-point tensors are in single precision and contiguous, and none of them carries a gradient. Moments
    are two sums over the rows of this process, each row counted by its share: of ``row - center``, and of
    ``(row - center) ** 2``.
    """

    def cut(self, edge_offsets: Tensor, node_offsets: Tensor) -> Tensor:
        """Return how the work on a batch is divided among the threads, in the form that the loops want.

        Args:
            edge_offsets: (m + 1,) int64, the first edge of each node, and e.
            node_offsets: (b + 1,) int64, the first node of each crystal, and m. No edge leaves its crystal.
        """

    def expand(self, distances: Tensor, gaussian_step: float, n_gaussians: int) -> tuple[Tensor, Tensor]:
        """Return ``first`` and ``gaussians`` of :class:`FusedEdges`.

        Args:
            distances: (e,) in angstrom.
            gaussian_step: Step and width of the Gaussians, in angstrom.
            n_gaussians: The number of Gaussians, of which only the nine nearest to a distance are not negligible.
        """

    def add_terms(
        self, edges: FusedEdges, products: Tensor, from_distance: Tensor, center: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return z = v_i W_i + v_j W_j + u W_u of every edge, (e, F), and its moments about ``center``, (2, F).

        Args:
            edges: The edges of the batch.
            products: (m, 2 F): v W_i and, beside it, v W_j.
            from_distance: (41, F), the matrix W_u.
            center: (F,).
        """

    def gate_and_sum(self, edges: FusedEdges, z: Tensor, norm: Normalization, center: Tensor) -> tuple[Tensor, Tensor]:
        """Return what each node receives (Eq. 3), (m, W), and its moments about ``center``, (2, W).

        A node receives the sum of ``weight * sigmoid(gate) * softplus(core)`` over its edges, where gate and core are
        the halves of the normalized z. Where the factor of the norm is not finite, the sum must be not-a-number.

        Args:
            edges: The edges of the batch.
            z: (e, F).
            norm: The normalization of z.
            center: (W,).
        """

    def gate_backward(
        self,
        edges: FusedEdges,
        z: Tensor,
        norm: Normalization,
        received: Tensor,
        node_norm: Normalization,
        node_moments: tuple[Tensor, Tensor],
        gradient: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """Return the gradient of normalized z, (e, F), and its two sums over the edges, (2, F).

        The sums are that of the gradient, and that of the gradient times ``z - mean``.

        Args:
            edges: The edges of the batch.
            z: (e, F).
            norm: The normalization of z.
            received: (m, W), what each node receives.
            node_norm: The normalization of what is received.
            node_moments: From :meth:`cgcnn.network.batch_norm.Normalization.through_moments` of ``node_norm``.
            gradient: (m, W), the gradient of normalized ``received``.
        """

    def add_backward(
        self,
        edges: FusedEdges,
        z: Tensor,
        norm: Normalization,
        moments: tuple[Tensor, Tensor],
        z_gradient: Tensor,
        n_gaussians: int,
    ) -> tuple[Tensor, Tensor]:
        """Return the gradients of ``products``, (m, 2 F), and of ``from_distance``, (41, F), of ``add_terms``.

        Args:
            edges: The edges of the batch.
            z: (e, F).
            norm: The normalization of z.
            moments: From :meth:`cgcnn.network.batch_norm.Normalization.through_moments` of ``norm``.
            z_gradient: (e, F), the gradient of normalized z.
            n_gaussians: The number of rows of ``from_distance``.
        """
