"""What the fused convolution asks of a processor: five loops over the edges of a batch."""

from __future__ import annotations

from typing import Protocol, Self

from torch import Tensor

from cgcnn.graphs.batches import Batch
from cgcnn.network.batch_norm import Normalization


class EdgeLoops(Protocol):
    """The loops of one processor over the edges of one batch, prepared once for all convolutions.

    W is the width of v, and F = 2 W is the width of z: the first half of z is the gate, the second half the core.
    All floating-point tensors are in single precision and contiguous. The loops record nothing for torch's gradient.
    Moments are two sums over the rows of this process, each row counted by its share: of ``row - center``, and of
    ``(row - center) ** 2``.
    """

    @classmethod
    def over(cls, batch: Batch, shares: Tensor, node_shares: Tensor, gaussian_step: float, n_gaussians: int) -> Self:
        """Expand the distances of a batch in Gaussians, the first of the five loops, and cut the work of the others.

        Args:
            batch: The graphs, with standardized angular sums or without any. No edge leaves its crystal.
            shares: (e,), the share of each edge in the moments of z.
            node_shares: (m,), the share of each node in the moments of what it receives.
            gaussian_step: Step and width of the Gaussians, in angstrom.
            n_gaussians: The number of Gaussians, of which only the nine nearest to a distance are not negligible.
        """

    def add_terms(self, products: Tensor, from_edge: Tensor, center: Tensor) -> tuple[Tensor, Tensor]:
        """Return z = v_i W_i + v_j W_j + u W_u of every edge, (e, F), and its moments about ``center``, (2, F).

        Args:
            products: (m, 2 F): v W_i and, beside it, v W_j.
            from_edge: (41, F), the matrix W_u, or (53, F) with the rows of the angular sums behind those of the
                Gaussians.
            center: (F,).
        """

    def gate_and_sum(self, z: Tensor, norm: Normalization, center: Tensor) -> tuple[Tensor, Tensor]:
        """Return what each node receives (Eq. 3), (m, W), and its moments about ``center``, (2, W).

        A node receives the sum of ``weight * sigmoid(gate) * softplus(core)`` over its edges, where gate and core are
        the halves of the normalized z. Where the factor of the norm is not finite, the sum must be not-a-number.

        Args:
            z: (e, F).
            norm: The normalization of z.
            center: (W,).
        """

    def gate_backward(
        self,
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
            z: (e, F).
            norm: The normalization of z.
            received: (m, W), what each node receives.
            node_norm: The normalization of what is received.
            node_moments: ``common`` and ``slope`` of ``node_norm``, as
                :meth:`cgcnn.network.batch_norm.Normalization.through_moments` defines them.
            gradient: (m, W), the gradient of normalized ``received``.
        """

    def add_backward(
        self, z: Tensor, norm: Normalization, moments: tuple[Tensor, Tensor], z_gradient: Tensor, n_rows: int
    ) -> tuple[Tensor, Tensor]:
        """Return the gradients of ``products``, (m, 2 F), and of ``from_edge``, (41, F) or (53, F), of ``add_terms``.

        Args:
            z: (e, F).
            norm: The normalization of z.
            moments: ``common`` and ``slope`` of ``norm``, as for ``gate_backward``.
            z_gradient: (e, F), the gradient of normalized z.
            n_rows: The number of rows of ``from_edge``.
        """
