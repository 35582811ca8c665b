"""The inner loops of the convolution on the CPU whose terms are sums: the expansion of distances, z and its gradients.

Numba compiles one pass over the edges where torch makes ten. The method of
:class:`cgcnn.network.edge_loops.EdgeLoops` of the same name says what the arguments of a loop are. The arrays of a
batch are those of :class:`cgcnn.network.loops_cpu.CpuLoops`. ``mean``, ``factor``, ``shift``, ``common`` and ``slope``
are those of a batch norm. The last arrays are outputs, made by the caller.

All arrays are C-contiguous, and those of numbers are float32. F is the width of z, twice the width of v; the first
half of z is the gate, the second half the core. The edges are sorted by their centers: node i has the edges
``offsets[i]:offsets[i + 1]``. Thread p works on the nodes ``parts[p]:parts[p + 1]``. Every crystal belongs to one
thread, so that two threads never write to the same node.

A loop is compiled for one width, which is a constant in it: the compiler then unrolls the passes over a row.
"""

from __future__ import annotations

import functools

import numpy as np
from numba import prange

from cgcnn.network.kernels_cpu_vectors import Kernel, compiled, use_longest_vectors, zeros

#: The number of Gaussians (Eq. 1) in which an edge is expanded: those whose centers are nearest to its distance. Every
#: other Gaussian is at most exp(-(4.5 ** 2)) = 2e-9, below the rounding of float32.
N_NEAREST_GAUSSIANS = 9

# So many angular sums are read in one pass over a row: four leave registers for the row itself.
_ANGLES_PER_PASS = 4
_F = np.float32


@compiled
def expand(
    distances: np.ndarray, steps_per_angstrom: float, n_gaussians: int, first: np.ndarray, gaussians: np.ndarray
) -> None:
    """Write which Gaussians are nearest to each distance, and their values.

    Args:
        distances: (e,) in angstrom.
        steps_per_angstrom: 1 over the step and width of the Gaussians.
        n_gaussians: The number of Gaussians.
        first: Output, (e,) int32, the index of the first of the nine nearest Gaussians.
        gaussians: Output, (e, 9), the values of these nine.
    """
    for e in prange(len(distances)):
        steps = distances[e] * _F(steps_per_angstrom)
        # Far beyond the last Gaussian all of them are 0. The bound keeps such distances within the range of int32.
        nearest = np.int32(min(steps, _F(2 * n_gaussians)) + _F(0.5))
        first[e] = min(max(nearest - N_NEAREST_GAUSSIANS // 2, 0), n_gaussians - N_NEAREST_GAUSSIANS)
        for t in range(N_NEAREST_GAUSSIANS):
            x = steps - _F(first[e] + t)
            gaussians[e, t] = np.exp(-x * x)


@functools.cache
def add_terms(width: int, n_angles: int) -> Kernel:
    """Return the loop that writes z = v_i W_i + v_j W_j + u W_u of every edge, and the moments of z about ``center``.

    The outputs of the loop are ``z``, (e, F), and ``sums``, (parts, 2, F): of ``share * (z - center)`` and of
    ``share * (z - center) ** 2``.

    Args:
        width: F.
        n_angles: The number of angular sums per edge, 0 or 12.
    """

    @compiled
    def add_terms(
        products: np.ndarray,
        from_edge: np.ndarray,
        first: np.ndarray,
        gaussians: np.ndarray,
        angles: np.ndarray,
        offsets: np.ndarray,
        neighbors: np.ndarray,
        shares: np.ndarray,
        parts: np.ndarray,
        center: np.ndarray,
        z: np.ndarray,
        sums: np.ndarray,
    ) -> None:
        first_angle = len(from_edge) - n_angles
        for part in prange(len(parts) - 1):
            use_longest_vectors()
            total, squares, row = zeros(width), zeros(width), zeros(width)
            for i in range(parts[part], parts[part + 1]):
                for e in range(offsets[i], offsets[i + 1]):
                    j, share, written = neighbors[e], shares[e], z[e]
                    u0, u1, u2 = gaussians[e, 0], gaussians[e, 1], gaussians[e, 2]
                    u3, u4, u5 = gaussians[e, 3], gaussians[e, 4], gaussians[e, 5]
                    u6, u7, u8 = gaussians[e, 6], gaussians[e, 7], gaussians[e, 8]
                    k = first[e]
                    for f in range(width):
                        row[f] = (
                            products[i, f]
                            + products[j, width + f]
                            + u0 * from_edge[k, f]
                            + u1 * from_edge[k + 1, f]
                            + u2 * from_edge[k + 2, f]
                            + u3 * from_edge[k + 3, f]
                            + u4 * from_edge[k + 4, f]
                            + u5 * from_edge[k + 5, f]
                            + u6 * from_edge[k + 6, f]
                            + u7 * from_edge[k + 7, f]
                            + u8 * from_edge[k + 8, f]
                        )
                    for t in range(0, n_angles, _ANGLES_PER_PASS):
                        a0, a1, a2, a3 = angles[e, t], angles[e, t + 1], angles[e, t + 2], angles[e, t + 3]
                        first_row = first_angle + t
                        for f in range(width):
                            row[f] += (
                                a0 * from_edge[first_row, f]
                                + a1 * from_edge[first_row + 1, f]
                                + a2 * from_edge[first_row + 2, f]
                                + a3 * from_edge[first_row + 3, f]
                            )
                    for f in range(width):
                        written[f] = row[f]
                    for f in range(width):
                        away = row[f] - center[f]
                        total[f] += share * away
                        squares[f] += share * away * away
            for f in range(width):
                sums[part, 0, f], sums[part, 1, f] = total[f], squares[f]

    return add_terms


@functools.cache
def add_backward(width: int, n_angles: int) -> Kernel:
    """Return the loop that writes the gradients of v W_i and v W_j and of W_u, from the gradient of normalized z.

    The gradient of z itself is ``factor * gradient - share * (common + slope * (z - mean))``. The outputs of the loop
    are ``products_gradient``, (m, 2 F), and ``edge_gradient``, (parts, 41, F), or (parts, 53, F) with angular sums.

    Args:
        width: F.
        n_angles: The number of angular sums per edge, 0 or 12.
    """

    @compiled
    def add_backward(
        z: np.ndarray,
        mean: np.ndarray,
        factor: np.ndarray,
        common: np.ndarray,
        slope: np.ndarray,
        first: np.ndarray,
        gaussians: np.ndarray,
        angles: np.ndarray,
        offsets: np.ndarray,
        neighbors: np.ndarray,
        shares: np.ndarray,
        parts: np.ndarray,
        gradient: np.ndarray,
        products_gradient: np.ndarray,
        edge_gradient: np.ndarray,
    ) -> None:
        n_rows = edge_gradient.shape[1]
        first_angle = n_rows - n_angles
        for part in prange(len(parts) - 1):
            use_longest_vectors()
            of_edge, row = zeros(n_rows * width).reshape((n_rows, width)), zeros(width)
            for i in range(parts[part], parts[part + 1]):
                for f in range(2 * width):
                    products_gradient[i, f] = _F(0)
            for i in range(parts[part], parts[part + 1]):
                for e in range(offsets[i], offsets[i + 1]):
                    j, share = neighbors[e], shares[e]
                    for f in range(width):
                        row[f] = factor[f] * gradient[e, f] - share * (common[f] + slope[f] * (z[e, f] - mean[f]))
                        products_gradient[i, f] += row[f]
                    for f in range(width):
                        products_gradient[j, width + f] += row[f]
                    for t in range(0, N_NEAREST_GAUSSIANS, 3):
                        u0, u1, u2 = gaussians[e, t], gaussians[e, t + 1], gaussians[e, t + 2]
                        first_row = first[e] + t
                        for f in range(width):
                            of_edge[first_row, f] += u0 * row[f]
                            of_edge[first_row + 1, f] += u1 * row[f]
                            of_edge[first_row + 2, f] += u2 * row[f]
                    for t in range(0, n_angles, _ANGLES_PER_PASS):
                        a0, a1, a2, a3 = angles[e, t], angles[e, t + 1], angles[e, t + 2], angles[e, t + 3]
                        first_row = first_angle + t
                        for f in range(width):
                            of_edge[first_row, f] += a0 * row[f]
                            of_edge[first_row + 1, f] += a1 * row[f]
                            of_edge[first_row + 2, f] += a2 * row[f]
                            of_edge[first_row + 3, f] += a3 * row[f]
            for t in range(n_rows):
                for f in range(width):
                    edge_gradient[part, t, f] = of_edge[t, f]

    return add_backward
