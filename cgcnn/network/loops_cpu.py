"""The loops of the fused convolution on the CPU: the compiled kernels, one thread for each part of the work."""

from __future__ import annotations

import importlib
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import numba
import numpy as np
import torch
from torch import Tensor

from cgcnn.errors import DataError
from cgcnn.graphs.batches import Batch
from cgcnn.network import kernels_cpu_gates, kernels_cpu_terms
from cgcnn.network.batch_norm import Normalization

# One of Numba's threading layers ends the process when two threads launch kernels at once.
_LAUNCH = threading.Lock()
# Set in a process that was forked from one in which GNU's OpenMP has run the kernels. Numba does not run them there. It
# sends itself SIGTERM, and goes on without their results where the signal does not end the process.
_CANNOT_RUN = threading.Event()


def _notice_fork() -> None:
    with suppress(ValueError):  # Numba has started no threads
        if numba.threading_layer() == "omp":  # type: ignore[attr-defined]  # numba leaves its exports unsaid
            omppool = importlib.import_module("numba.np.ufunc.omppool")  # it is there in this case alone
            if omppool.openmp_vendor == "GNU":
                _CANNOT_RUN.set()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_notice_fork)


@dataclass(frozen=True)
class CpuLoops:
    """The loops over the edges of one batch, as :class:`cgcnn.network.edge_loops.EdgeLoops` describes them.

    Attributes:
        first: (e,) int32, index of the first Gaussian (Eq. 1) that is not negligible at the distance of the edge.
        gaussians: (e, 9) float32, the values of this Gaussian and of the eight that follow it.
        angles: (e, 12) float32, the standardized angular sums of the edge, or (e, 0) where there are none.
        offsets: (m + 1,) int64; node i has the edges ``offsets[i]:offsets[i + 1]``.
        neighbors: (e,) int64, the node at the other end of each edge.
        weights: (e,) float32.
        shares: (e,) float32, the share of each edge in the moments of z.
        node_shares: (m,) float32, the share of each node in the moments of what it receives.
        parts: (threads + 1,) int64, the nodes at which the work is cut, from :func:`cut`.
    """

    first: np.ndarray
    gaussians: np.ndarray
    angles: np.ndarray
    offsets: np.ndarray
    neighbors: np.ndarray
    weights: np.ndarray
    shares: np.ndarray
    node_shares: np.ndarray
    parts: np.ndarray

    @classmethod
    def over(
        cls, batch: Batch, shares: Tensor, node_shares: Tensor, gaussian_step: float, n_gaussians: int
    ) -> CpuLoops:
        """Expand the distances in Gaussians, and cut the work into one part per thread."""
        distances = batch.distances.detach()
        first = np.empty(len(distances), np.int32)
        gaussians = np.empty((len(distances), kernels_cpu_terms.N_NEAREST_GAUSSIANS), np.float32)
        _launch(kernels_cpu_terms.expand, n_threads(), distances, 1 / gaussian_step, n_gaussians, first, gaussians)
        offsets = batch.edge_offsets.numpy()
        return cls(
            first=first,
            gaussians=gaussians,
            angles=np.empty((len(distances), 0), np.float32) if batch.angles is None else batch.angles.detach().numpy(),
            offsets=offsets,
            neighbors=batch.neighbors.numpy(),
            weights=batch.weights.detach().numpy(),
            shares=shares.detach().numpy(),
            node_shares=node_shares.detach().numpy(),
            parts=cut(offsets, batch.node_offsets.numpy(), n_threads()),
        )

    def add_terms(self, products: Tensor, from_edge: Tensor, center: Tensor) -> tuple[Tensor, Tensor]:
        """Return z and its moments."""
        n_parts, width = len(self.parts) - 1, len(center)
        z = products.new_empty(len(self.neighbors), width)
        moments = products.new_empty(n_parts, 2, width)
        _launch(
            kernels_cpu_terms.add_terms(width, self.angles.shape[1]),
            n_parts,
            products,
            from_edge.detach(),
            self.first,
            self.gaussians,
            self.angles,
            self.offsets,
            self.neighbors,
            self.shares,
            self.parts,
            center,
            z,
            moments,
        )
        return z, moments.sum(0)

    def gate_and_sum(self, z: Tensor, norm: Normalization, center: Tensor) -> tuple[Tensor, Tensor]:
        """Return what each node receives, and the moments of this."""
        n_parts, width = len(self.parts) - 1, len(center)
        # The compiled sigmoid and softplus turn not-a-number into a number. The sums start from 0 times the factor,
        # which is 0 or not-a-number, so that a training that has diverged is still seen.
        start = (0 * norm.factor).view(2, width).sum(0)
        received = z.new_empty(len(self.node_shares), width)
        moments = z.new_empty(n_parts, 2, width)
        _launch(
            kernels_cpu_gates.gate_and_sum(width),
            n_parts,
            z,
            norm.factor,
            norm.shift,
            self.offsets,
            self.weights,
            self.parts,
            start,
            self.node_shares,
            center,
            received,
            moments,
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
        n_parts = len(self.parts) - 1
        z_gradient = torch.empty_like(z)
        sums = z.new_empty(n_parts, 2, z.shape[1])
        _launch(
            kernels_cpu_gates.gate_backward(z.shape[1] // 2),
            n_parts,
            z,
            norm.mean,
            norm.factor,
            norm.shift,
            self.offsets,
            self.weights,
            self.parts,
            received,
            node_norm.mean,
            node_norm.factor,
            *node_moments,
            self.node_shares,
            gradient,
            z_gradient,
            sums,
        )
        return z_gradient, sums.sum(0)

    def add_backward(
        self, z: Tensor, norm: Normalization, moments: tuple[Tensor, Tensor], z_gradient: Tensor, n_rows: int
    ) -> tuple[Tensor, Tensor]:
        """Return the gradients of the products per node and of the matrix of the edges."""
        n_parts, width = len(self.parts) - 1, z.shape[1]
        products_gradient = z.new_empty(len(self.node_shares), 2 * width)
        edge_gradient = z.new_empty(n_parts, n_rows, width)
        _launch(
            kernels_cpu_terms.add_backward(width, self.angles.shape[1]),
            n_parts,
            z,
            norm.mean,
            norm.factor,
            *moments,
            self.first,
            self.gaussians,
            self.angles,
            self.offsets,
            self.neighbors,
            self.shares,
            self.parts,
            z_gradient,
            products_gradient,
            edge_gradient,
        )
        return products_gradient, edge_gradient.sum(0)


def n_threads() -> int:
    """Return how many threads the loops have: as many as torch, where Numba may start so many."""
    most: int = numba.config.NUMBA_NUM_THREADS  # type: ignore[attr-defined]  # numba sets it when it is imported
    return min(torch.get_num_threads(), most)


def cut(edge_offsets: np.ndarray, node_offsets: np.ndarray, n_parts: int) -> np.ndarray:
    """Return the nodes at which the work is cut into parts with nearly the same number of edges, (parts + 1,) int64.

    No crystal is cut, so that two threads never write to one node.

    Args:
        edge_offsets: (m + 1,) int64, the first edge of each node, and e.
        node_offsets: (b + 1,) int64, the first node of each crystal, and m.
        n_parts: The number of parts.
    """
    aims = np.linspace(0, edge_offsets[-1], n_parts + 1)[1:-1]
    inner = node_offsets[np.searchsorted(edge_offsets[node_offsets], aims)]
    return np.concatenate([[0], inner, node_offsets[-1:]])


def _launch(kernel: Callable[..., None], n_threads: int, *arguments: Tensor | np.ndarray | float) -> None:
    """Run a kernel, and leave the numbers of threads of torch and Numba as they were.

    Numba shares OpenMP with torch. When Numba starts its threads, at the first launch, it sets the number of threads
    of both. Torch would add in another order from then on.

    Args:
        kernel: A loop of :mod:`cgcnn.network.kernels_cpu_terms` or :mod:`cgcnn.network.kernels_cpu_gates`.
        n_threads: The number of threads that run it.
        *arguments: The arguments of the kernel, with tensors in place of some arrays. No tensor requires a gradient.

    Raises:
        DataError: The process was forked from one that has run kernels.
    """
    if _CANNOT_RUN.is_set():
        raise DataError(
            "the compiled loops have run in the process that this one was forked from, and cannot run in both",
            "start processes by multiprocessing's 'spawn' or 'forkserver'",
        )
    with _LAUNCH:
        of_torch = torch.get_num_threads()
        of_numba = numba.get_num_threads()
        if n_threads != of_numba:  # most often they are equal, and setting the number takes time
            numba.set_num_threads(n_threads)
        try:
            kernel(*(each.numpy() if isinstance(each, Tensor) else each for each in arguments))
        finally:
            if n_threads != of_numba:
                numba.set_num_threads(of_numba)
            if torch.get_num_threads() != of_torch:
                torch.set_num_threads(of_torch)
