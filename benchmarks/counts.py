"""The operations and bytes of a training step, and the least time that a machine needs for them.

The counts are those of README.md, as functions of the m nodes, the e edges, the width W of v and the width F = 2 W of
z. They are the same on every processor, and this file imports nothing.
"""

from __future__ import annotations

# The floating-point operations per value of the polynomials in kernels_cpu_gates.py: 18 for exp and 17 for log.
# Sigmoid and softplus are made of them as in that file.
_EXP, _LOG = 18, 17
_SIGMOID, _SOFTPLUS = _EXP + 4, _EXP + _LOG + 3
# So many Gaussians are not negligible: cgcnn.network.kernels_cpu_terms.N_NEAREST_GAUSSIANS.
_NEAREST = 9
_FLOAT = 4


def counts(m: int, e: int, width: int) -> dict[str, tuple[int, int]]:
    """Return the numbers of operations and of bytes of each step of one convolution, forward and backward.

    The bytes are those of the arrays that a step must read and write, each array once. An array that fits in a cache
    may cost less.

    Args:
        m: The number of nodes of the batch.
        e: The number of edges of the batch.
        width: The width W of v.

    Returns:
        The pair (operations, bytes) by the name of the step.
    """
    f = 2 * width
    node_arrays = _FLOAT * m * (2 * f + width)
    edge_inputs = e * (8 + 4 + 4 + 4 * _NEAREST + 4)
    return {
        "node products": (2 * 2 * m * width * f, node_arrays),
        "z and its moments": (e * f * (2 + 2 * _NEAREST + 5), edge_inputs + _FLOAT * (e * f + 2 * m * f)),
        "gate and sum": (
            e * width * (4 + _SIGMOID + _SOFTPLUS + 3),
            e * (_FLOAT * f + 4) + _FLOAT * m * width,
        ),
        "gradient in normalized z": (
            e * width * (8 + _SIGMOID + _EXP + _LOG + 18),
            e * (2 * _FLOAT * f + 4) + 2 * _FLOAT * m * width,
        ),
        "gradients of z": (e * f * (8 + 2 * _NEAREST), edge_inputs + _FLOAT * (2 * e * f + 2 * m * f)),
        "node products, backward": (2 * 2 * 2 * m * width * f, 2 * node_arrays),
    }


def epoch_floors(m: int, e: int, n_convolutions: int, width: int, peak: dict[str, float]) -> dict[str, float]:
    """Return the floors of an epoch over m nodes and e edges.

    Args:
        m: The number of nodes of all crystals.
        e: The number of edges of all crystals.
        n_convolutions: The number of convolutions.
        width: The width W of v.
        peak: The best rates of the machine, from :func:`peaks`.

    Returns:
        The least seconds per epoch by arithmetic, ``arithmetic_s``, and by memory, ``memory_s``.
    """
    every = counts(m, e, width).values()
    return {
        "arithmetic_s": n_convolutions * sum(operations for operations, _ in every) / peak["gflop_per_s"] / 1e9,
        "memory_s": n_convolutions * sum(n_bytes for _, n_bytes in every) / peak["gb_per_s"] / 1e9,
    }
