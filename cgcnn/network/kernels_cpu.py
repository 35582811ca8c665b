"""The inner loops of the convolution on the CPU, compiled by Numba: one pass over the edges where torch makes ten.

Arrays are float32 and C-contiguous; F is the width of z, twice that of v, gate before core. Edges are sorted by
center, ``offsets[i]:offsets[i + 1]`` being those of node i. ``parts`` cuts the nodes into one run a thread, between
crystals, so that no two threads write to one node.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, prange, types
from numba.extending import intrinsic

#: Gaussians (Eq. 1) an edge is expanded in: those whose centers are nearest to its distance. The next one is
#: exp(-(4.5 ** 2)) = 2e-9 at most, below the rounding of float32.
N_NEAREST_GAUSSIANS = 9

# Everything of IEEE arithmetic is given up but infinities and not-a-number, by which a diverged training is known.
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
    """Return exp(-a) for a >= 0, to 2 units in the last place (Cephes' expf; Moshier 1992), in vector instructions."""
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
    """Return log(1 + t) for 0 <= t <= 1, as 2 artanh(t / (2 + t)), whose series gains a digit a term."""
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
    """Write the index of the first of the nearest Gaussians of each distance, (e,) int32, and their values, (e, 9)."""
    for e in prange(len(distances)):
        steps = distances[e] * _F(steps_per_angstrom)
        # Beyond the last Gaussian every one is 0; the bound keeps far distances inside int32.
        nearest = np.int32(min(steps, _F(2 * n_gaussians)) + _F(0.5))
        first[e] = min(max(nearest - N_NEAREST_GAUSSIANS // 2, 0), n_gaussians - N_NEAREST_GAUSSIANS)
        for t in range(N_NEAREST_GAUSSIANS):
            x = steps - _F(first[e] + t)
            gaussians[e, t] = np.exp(-x * x)


@njit(fastmath=_FAST, parallel=True, cache=True)
def add_terms(
    products: np.ndarray,
    from_distance: np.ndarray,
    first: np.ndarray,
    gaussians: np.ndarray,
    offsets: np.ndarray,
    neighbors: np.ndarray,
    shares: np.ndarray,
    parts: np.ndarray,
    center: np.ndarray,
    z: np.ndarray,
    sums: np.ndarray,
) -> None:
    """Write z = v_i W_i + v_j W_j + u W_u, (e, F), and its moments about ``center``, (parts, 2, F), by ``shares``.

    ``products`` is v (W_i W_j), (m, 2 F).
    """
    width = z.shape[1]
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
                            u0 * from_distance[first_row, f]
                            + u1 * from_distance[first_row + 1, f]
                            + u2 * from_distance[first_row + 2, f]
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
    """Write what each node receives (Eq. 3), (m, F / 2): the sum of w sigmoid(gate) softplus(core) of normalized z.

    ``start`` is what the sum begins with: 0, or not-a-number where the norm is, which the functions above would hide.
    ``sums``, (parts, 2, F / 2), are the moments of what is received about ``center`` by ``node_shares``.
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
    """Write the gradient in normalized z, (e, F), and its sums: alone and times z - mean, (parts, 2, F).

    That in what is received is factor * gradient - share (common + slope (received - mean)), all of the node norm.
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
    offsets: np.ndarray,
    neighbors: np.ndarray,
    shares: np.ndarray,
    parts: np.ndarray,
    gradient: np.ndarray,
    products_gradient: np.ndarray,
    distance_gradient: np.ndarray,
) -> None:
    """Write the gradients in v (W_i W_j), (m, 2 F), and in W_u, (parts, 41, F), from that in normalized z.

    The gradient in z is factor * gradient - share (common + slope (z - mean)), the last two from the batch norm.
    """
    n_gaussians, width = distance_gradient.shape[1:]
    for part in prange(len(parts) - 1):
        of_distance, row = np.zeros((n_gaussians, width), _F), np.empty(width, _F)
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
                        of_distance[first_row, f] += u0 * row[f]
                        of_distance[first_row + 1, f] += u1 * row[f]
                        of_distance[first_row + 2, f] += u2 * row[f]
        for t in range(n_gaussians):
            for f in range(width):
                distance_gradient[part, t, f] = of_distance[t, f]
