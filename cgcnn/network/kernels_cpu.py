"""The inner loops of the convolution on the CPU, compiled by Numba: one pass over the edges where torch makes ten.

The method of :class:`cgcnn.network.edge_loops.EdgeLoops` of the same name says what the arguments of a kernel are. The
arrays of a batch are those of :class:`cgcnn.network.loops_cpu.CpuLoops`. ``mean``, ``factor``, ``shift``, ``common``
and ``slope`` are those of a batch norm. The last arrays are outputs, made by the caller.

All arrays are C-contiguous, and those of numbers are float32. F is the width of z, twice the width of v; the first
half of z is the gate, the second half the core. The edges are sorted by their centers: node i has the edges
``offsets[i]:offsets[i + 1]``. Thread p works on the nodes ``parts[p]:parts[p + 1]``. Every crystal belongs to one
thread, so that two threads never write to the same node.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, prange, types
from numba.extending import intrinsic

#: The number of Gaussians (Eq. 1) in which an edge is expanded: those whose centers are nearest to its distance. Every
#: other Gaussian is at most exp(-(4.5 ** 2)) = 2e-9, below the rounding of float32.
N_NEAREST_GAUSSIANS = 9

# So many angular sums are read in one pass over a row: four leave registers for the row itself.
_ANGLES_PER_PASS = 4

# The compiler may reorder sums, fuse operations, multiply by reciprocals and ignore the sign of 0. It must keep
# infinities and not-a-number: they show that a training has diverged.
_FAST = {"reassoc", "contract", "nsz", "arcp"}
_F = np.float32
_LOG2_E, _LN2_HIGH, _LN2_LOW = _F(1.44269504), _F(0.693359375), _F(-2.12194440e-4)


@intrinsic
def _float_of_bits(_context: Any, _bits: Any) -> Any:
    """Read the bits of an int32 as a float32."""

    def generate(_: Any, builder: Any, __: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.FloatType())

    return types.float32(types.int32), generate


@njit(fastmath=_FAST, inline="always")
def _exp_of_minus(a: float) -> float:
    """Return exp(-a) for a >= 0, with an error of at most 2 units in the last place.

    It is written without branches, so that the compiler turns it into vector instructions. Above 87 it stays at
    exp(-87). Source: the function expf of the Cephes library (Moshier 1992).
    """
    a = min(a, _F(87.0))
    n = np.int32(a * _LOG2_E + _F(0.5))
    r = _F(n) * _LN2_HIGH - a + _F(n) * _LN2_LOW
    p = _F(1.9875691500e-4) * r + _F(1.3981999507e-3)
    p = p * r + _F(8.3334519073e-3)
    p = p * r + _F(4.1665795894e-2)
    p = p * r + _F(1.6666665459e-1)
    p = p * r + _F(5.0000001201e-1)
    return (p * r * r + r + _F(1)) * _float_of_bits((np.int32(127) - n) << np.int32(23))


@njit(fastmath=_FAST, inline="always")
def _log_of_one_plus(t: float) -> float:
    """Return log(1 + t) for 0 <= t <= 1, as 2 artanh(t / (2 + t)); each term of its series adds about one digit."""
    s = t / (t + _F(2))
    q = s * s
    p = _F(1 / 15) * q + _F(1 / 13)
    p = p * q + _F(1 / 11)
    p = p * q + _F(1 / 9)
    p = p * q + _F(1 / 7)
    p = p * q + _F(1 / 5)
    p = p * q + _F(1 / 3)
    return _F(2) * s * (p * q + _F(1))


@njit(fastmath=_FAST, inline="always")
def _sigmoid(x: float) -> float:
    t = _exp_of_minus(abs(x))
    r = _F(1) / (_F(1) + t)
    return r if x >= 0 else t * r


@njit(fastmath=_FAST, inline="always")
def _softplus(x: float) -> float:
    return max(x, _F(0)) + _log_of_one_plus(_exp_of_minus(abs(x)))


@njit(fastmath=_FAST, parallel=True, cache=True)
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


@njit(fastmath=_FAST, parallel=True, cache=True)
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
    """Write z = v_i W_i + v_j W_j + u W_u of every edge, and the moments of z about ``center``.

    The outputs are ``z``, (e, F), and ``sums``, (parts, 2, F): of ``share * (z - center)`` and of
    ``share * (z - center) ** 2``.
    """
    width, n_angles = z.shape[1], angles.shape[1]
    first_angle = len(from_edge) - n_angles
    for part in prange(len(parts) - 1):
        total, squares, row = np.zeros(width, _F), np.zeros(width, _F), np.empty(width, _F)
        for i in range(parts[part], parts[part + 1]):
            for e in range(offsets[i], offsets[i + 1]):
                j, share, written = neighbors[e], shares[e], z[e]
                for f in range(width):
                    row[f] = products[i, f] + products[j, width + f]
                for t in range(0, N_NEAREST_GAUSSIANS, 3):
                    u0, u1, u2 = gaussians[e, t], gaussians[e, t + 1], gaussians[e, t + 2]
                    first_row = first[e] + t
                    for f in range(width):
                        row[f] += (
                            u0 * from_edge[first_row, f]
                            + u1 * from_edge[first_row + 1, f]
                            + u2 * from_edge[first_row + 2, f]
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


@njit(fastmath=_FAST, parallel=True, cache=True)
def gate_and_sum(
    z: np.ndarray,
    factor: np.ndarray,
    shift: np.ndarray,
    offsets: np.ndarray,
    weights: np.ndarray,
    parts: np.ndarray,
    start: np.ndarray,
    node_shares: np.ndarray,
    center: np.ndarray,
    received: np.ndarray,
    sums: np.ndarray,
) -> None:
    """Write what each node receives (Eq. 3), and the moments of this about ``center``.

    Each sum starts from ``start``, (F / 2,). It is 0, or not-a-number in a training that has diverged:
    ``_exp_of_minus`` turns not-a-number into a number, which would hide the divergence. The outputs are
    ``received``, (m, F / 2), and ``sums``, (parts, 2, F / 2): of ``share * (received - center)`` and of
    ``share * (received - center) ** 2``.
    """
    width = received.shape[1]
    for part in prange(len(parts) - 1):
        total, squares = np.zeros(width, _F), np.zeros(width, _F)
        for i in range(parts[part], parts[part + 1]):
            node, share = received[i], node_shares[i]
            for f in range(width):
                node[f] = start[f]
            for e in range(offsets[i], offsets[i + 1]):
                weight, row = weights[e], z[e]
                for f in range(width):
                    gate = row[f] * factor[f] + shift[f]
                    core = row[width + f] * factor[width + f] + shift[width + f]
                    node[f] += weight * _sigmoid(gate) * _softplus(core)
            for f in range(width):
                away = node[f] - center[f]
                total[f] += share * away
                squares[f] += share * away * away
        for f in range(width):
            sums[part, 0, f], sums[part, 1, f] = total[f], squares[f]


@njit(fastmath=_FAST, parallel=True, cache=True)
def gate_backward(
    z: np.ndarray,
    mean: np.ndarray,
    factor: np.ndarray,
    shift: np.ndarray,
    offsets: np.ndarray,
    weights: np.ndarray,
    parts: np.ndarray,
    received: np.ndarray,
    node_mean: np.ndarray,
    node_factor: np.ndarray,
    node_common: np.ndarray,
    node_slope: np.ndarray,
    node_shares: np.ndarray,
    gained_gradient: np.ndarray,
    gradient: np.ndarray,
    sums: np.ndarray,
) -> None:
    """Write the gradient of normalized z, and its sums over the edges.

    It follows from the gradient of what a node receives, which is ``factor * gained_gradient - share * (common +
    slope * (received - mean))`` by the batch norm of what is received; ``gained_gradient`` is the gradient behind this
    norm. The outputs are ``gradient``, (e, F), and ``sums``, (parts, 2, F): of the gradient, and of the gradient times
    ``z - mean``.
    """
    width = received.shape[1]
    for part in prange(len(parts) - 1):
        total, products = np.zeros(2 * width, _F), np.zeros(2 * width, _F)
        above = np.empty(width, _F)
        for i in range(parts[part], parts[part + 1]):
            for f in range(width):
                from_moments = node_common[f] + node_slope[f] * (received[i, f] - node_mean[f])
                above[f] = node_factor[f] * gained_gradient[i, f] - node_shares[i] * from_moments
            for e in range(offsets[i], offsets[i + 1]):
                weight, row, written = weights[e], z[e], gradient[e]
                for f in range(width):
                    g = width + f
                    gate_away, core_away = row[f] - mean[f], row[g] - mean[g]
                    core = row[g] * factor[g] + shift[g]
                    gate = _sigmoid(row[f] * factor[f] + shift[f])
                    t = _exp_of_minus(abs(core))
                    r = _F(1) / (_F(1) + t)
                    slope = r if core >= 0 else t * r
                    arriving = weight * above[f] * gate
                    of_gate = arriving * (max(core, _F(0)) + _log_of_one_plus(t)) * (_F(1) - gate)
                    of_core = arriving * slope
                    written[f], written[g] = of_gate, of_core
                    total[f] += of_gate
                    total[g] += of_core
                    products[f] += of_gate * gate_away
                    products[g] += of_core * core_away
        for f in range(2 * width):
            sums[part, 0, f], sums[part, 1, f] = total[f], products[f]


@njit(fastmath=_FAST, parallel=True, cache=True)
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
    """Write the gradients of v W_i and v W_j and of W_u, from the gradient of normalized z.

    The gradient of z itself is ``factor * gradient - share * (common + slope * (z - mean))``. The outputs are
    ``products_gradient``, (m, 2 F), and ``edge_gradient``, (parts, 41, F), or (parts, 53, F) with angular sums.
    """
    n_rows, width = edge_gradient.shape[1:]
    n_angles = angles.shape[1]
    first_angle = n_rows - n_angles
    for part in prange(len(parts) - 1):
        of_edge, row = np.zeros((n_rows, width), _F), np.empty(width, _F)
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
