"""The inner loops of the convolution on the CPU through sigmoid and softplus: what a node receives, and its gradient.

:mod:`cgcnn.network.kernels_cpu_terms` says what all loops have in common.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, prange, types
from numba.extending import intrinsic

from cgcnn.network.kernels_cpu_vectors import FAST, Kernel, compiled, use_longest_vectors, zeros

_F = np.float32
_LOG2_E, _LN2_HIGH, _LN2_LOW = _F(1.44269504), _F(0.693359375), _F(-2.12194440e-4)


@intrinsic
def _float_of_bits(_context: Any, _bits: Any) -> Any:
    """Read the bits of an int32 as a float32."""

    def generate(_: Any, builder: Any, __: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.FloatType())

    return types.float32(types.int32), generate


@njit(fastmath=FAST, inline="always")
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


@njit(fastmath=FAST, inline="always")
def _log_of_one_plus(t: float) -> float:
    """Return log(1 + t) for 0 <= t <= 1, with a relative error of at most 2e-7.

    It is t times a polynomial, which interpolates log(1 + t) / t at Chebyshev's points with a relative error of 3e-8:
    a division would take as long as a dozen of the polynomial's operations.
    """
    p = _F(5.25345780e-03) * t - _F(2.95885074e-02)
    p = p * t + _F(7.83616680e-02)
    p = p * t - _F(1.36747697e-01)
    p = p * t + _F(1.91114311e-01)
    p = p * t - _F(2.48443699e-01)
    p = p * t + _F(3.33192713e-01)
    p = p * t - _F(4.99995015e-01)
    p = p * t + _F(9.99999971e-01)
    return p * t


@njit(fastmath=FAST, inline="always")
def _sigmoid(x: float) -> float:
    t = _exp_of_minus(abs(x))
    r = _F(1) / (_F(1) + t)
    return r if x >= 0 else t * r


@njit(fastmath=FAST, inline="always")
def _softplus(x: float) -> float:
    return max(x, _F(0)) + _log_of_one_plus(_exp_of_minus(abs(x)))


@functools.cache
def gate_and_sum(width: int) -> Kernel:
    """Return the loop that writes what each node receives (Eq. 3), and the moments of this about ``center``.

    Each sum starts from ``start``, (F / 2,). It is 0, or not-a-number in a training that has diverged:
    ``_exp_of_minus`` turns not-a-number into a number, which would hide the divergence. The outputs of the loop are
    ``received``, (m, F / 2), and ``sums``, (parts, 2, F / 2): of ``share * (received - center)`` and of
    ``share * (received - center) ** 2``.

    Args:
        width: F / 2, the width of v.
    """

    @compiled
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
        for part in prange(len(parts) - 1):
            use_longest_vectors()
            total, squares = zeros(width), zeros(width)
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

    return gate_and_sum


@functools.cache
def gate_backward(width: int) -> Kernel:
    """Return the loop that writes the gradient of normalized z, and its sums over the edges.

    It follows from the gradient of what a node receives, which is ``factor * gained_gradient - share * (common +
    slope * (received - mean))`` by the batch norm of what is received; ``gained_gradient`` is the gradient behind this
    norm. The outputs of the loop are ``gradient``, (e, F), and ``sums``, (parts, 2, F): of the gradient, and of the
    gradient times ``z - mean``.

    Args:
        width: F / 2, the width of v.
    """

    @compiled
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
        for part in prange(len(parts) - 1):
            use_longest_vectors()
            total, products = zeros(2 * width), zeros(2 * width)
            above = zeros(width)
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

    return gate_backward
