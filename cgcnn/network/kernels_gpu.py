"""The inner loops of the convolution on a GPU, compiled by Triton: no two programs add to one number.

The method of :class:`cgcnn.network.edge_loops.EdgeLoops` of the same name says what a kernel computes. The arrays of a
batch are those of :class:`cgcnn.network.loops_gpu.GpuLoops`. ``mean``, ``factor``, ``shift``, ``common`` and ``slope``
are those of a batch norm. F is the width of z, twice the width W of v; the first half of z is the gate, the second half
the core. Offsets of edges are int64, so that an index times a width never leaves the range of an integer.

A program works on some nodes and their edges, or on blocks of edges. Sums over all edges or nodes are
written as one partial sum per program and added afterwards in a fixed order. So the results do not depend on the
order in which the programs run.
"""

from __future__ import annotations

import triton
import triton.language as tl

#: Edges per block.
BLOCK = 32
#: Edges of one node that are read at once.
CHUNK = 16


@triton.jit
def _softplus(x):
    return tl.maximum(x, 0.0) + tl.log(1.0 + tl.exp(-tl.abs(x)))


@triton.jit
def _sigmoid(x):
    return 1.0 / (1.0 + tl.exp(-x))


@triton.jit
def add_terms(
    products,
    of_edges,
    centers,
    neighbors,
    shares,
    edge_offsets,
    center,
    z,
    sums,
    n_nodes,
    width: tl.constexpr,
    width_padded: tl.constexpr,
    block: tl.constexpr,
):
    """Write z of a block of edges, (block, F), and its two partial moments about ``center``, (2, F)."""
    program = tl.program_id(0)
    n_edges = tl.load(edge_offsets + n_nodes)
    e = (program * block + tl.arange(0, block)).to(tl.int64)
    f = tl.arange(0, width_padded)
    is_edge = e < n_edges
    of_width = f < width
    mask = is_edge[:, None] & of_width[None, :]
    i = tl.load(centers + e, is_edge, 0)
    j = tl.load(neighbors + e, is_edge, 0)
    row = tl.load(of_edges + e[:, None] * width + f[None, :], mask, 0.0)
    row += tl.load(products + i[:, None] * (2 * width) + f[None, :], mask, 0.0)
    row += tl.load(products + j[:, None] * (2 * width) + width + f[None, :], mask, 0.0)
    tl.store(z + e[:, None] * width + f[None, :], row, mask)
    away = tl.where(mask, row - tl.load(center + f, of_width, 0.0)[None, :], 0.0)
    weighted = tl.load(shares + e, is_edge, 0.0)[:, None] * away
    tl.store(sums + (2 * program) * width + f, tl.sum(weighted, 0), of_width)
    tl.store(sums + (2 * program + 1) * width + f, tl.sum(weighted * away, 0), of_width)


@triton.jit
def gate_and_sum(
    z,
    factor,
    shift,
    edge_offsets,
    weights,
    node_shares,
    center,
    received,
    sums,
    n_nodes,
    width: tl.constexpr,
    width_padded: tl.constexpr,
    chunk: tl.constexpr,
):
    """Write what every n-th node receives (Eq. 3), (W,), and the partial moments of this about ``center``, (2, W)."""
    program, n_programs = tl.program_id(0), tl.num_programs(0)
    f = tl.arange(0, width_padded)
    of_width = f < width
    gate_factor, core_factor = tl.load(factor + f, of_width, 0.0), tl.load(factor + width + f, of_width, 0.0)
    gate_shift, core_shift = tl.load(shift + f, of_width, 0.0), tl.load(shift + width + f, of_width, 0.0)
    about = tl.load(center + f, of_width, 0.0)
    total, squares = tl.zeros([width_padded], tl.float32), tl.zeros([width_padded], tl.float32)
    for i in range(program, n_nodes, n_programs):
        first, end = tl.load(edge_offsets + i), tl.load(edge_offsets + i + 1)
        # 0 times the factor is not-a-number in a training that has diverged, also at a node without edges.
        node = 0.0 * (gate_factor + core_factor)
        for start in range(first, end, chunk):
            e = start + tl.arange(0, chunk)
            mask = (e < end)[:, None] & of_width[None, :]
            place = z + e[:, None] * (2 * width) + f[None, :]
            gate = tl.load(place, mask, 0.0) * gate_factor[None, :] + gate_shift[None, :]
            core = tl.load(place + width, mask, 0.0) * core_factor[None, :] + core_shift[None, :]
            weight = tl.load(weights + e, e < end, 0.0)
            node += tl.sum(tl.where(mask, weight[:, None] * _sigmoid(gate) * _softplus(core), 0.0), 0)
        tl.store(received + i * width + f, node, of_width)
        away = node - about
        share = tl.load(node_shares + i)
        total += share * away
        squares += share * away * away
    tl.store(sums + (2 * program) * width + f, total, of_width)
    tl.store(sums + (2 * program + 1) * width + f, squares, of_width)


@triton.jit
def gate_backward(
    z,
    mean,
    factor,
    shift,
    edge_offsets,
    weights,
    received,
    node_mean,
    node_factor,
    node_common,
    node_slope,
    node_shares,
    gained_gradient,
    gradient,
    sums,
    n_nodes,
    width: tl.constexpr,
    width_padded: tl.constexpr,
    chunk: tl.constexpr,
):
    """Write the gradient of normalized z of every n-th node's edges, and its two partial sums, (2, F)."""
    program, n_programs = tl.program_id(0), tl.num_programs(0)
    f = tl.arange(0, width_padded)
    of_width = f < width
    gate_mean, core_mean = tl.load(mean + f, of_width, 0.0), tl.load(mean + width + f, of_width, 0.0)
    gate_factor, core_factor = tl.load(factor + f, of_width, 0.0), tl.load(factor + width + f, of_width, 0.0)
    gate_shift, core_shift = tl.load(shift + f, of_width, 0.0), tl.load(shift + width + f, of_width, 0.0)
    received_mean, received_factor = tl.load(node_mean + f, of_width, 0.0), tl.load(node_factor + f, of_width, 0.0)
    common, slope = tl.load(node_common + f, of_width, 0.0), tl.load(node_slope + f, of_width, 0.0)
    gates, cores = tl.zeros([width_padded], tl.float32), tl.zeros([width_padded], tl.float32)
    gate_products, core_products = tl.zeros([width_padded], tl.float32), tl.zeros([width_padded], tl.float32)
    for i in range(program, n_nodes, n_programs):
        from_moments = common + slope * (tl.load(received + i * width + f, of_width, 0.0) - received_mean)
        above = received_factor * tl.load(gained_gradient + i * width + f, of_width, 0.0)
        above -= tl.load(node_shares + i) * from_moments
        first, end = tl.load(edge_offsets + i), tl.load(edge_offsets + i + 1)
        for start in range(first, end, chunk):
            e = start + tl.arange(0, chunk)
            mask = (e < end)[:, None] & of_width[None, :]
            place = e[:, None] * (2 * width) + f[None, :]
            gate_row, core_row = tl.load(z + place, mask, 0.0), tl.load(z + place + width, mask, 0.0)
            gate = _sigmoid(gate_row * gate_factor[None, :] + gate_shift[None, :])
            core = core_row * core_factor[None, :] + core_shift[None, :]
            arriving = tl.load(weights + e, e < end, 0.0)[:, None] * above[None, :] * gate
            of_gate = tl.where(mask, arriving * _softplus(core) * (1.0 - gate), 0.0)
            of_core = tl.where(mask, arriving * _sigmoid(core), 0.0)
            tl.store(gradient + place, of_gate, mask)
            tl.store(gradient + place + width, of_core, mask)
            gates += tl.sum(of_gate, 0)
            cores += tl.sum(of_core, 0)
            gate_products += tl.sum(of_gate * (gate_row - gate_mean[None, :]), 0)
            core_products += tl.sum(of_core * (core_row - core_mean[None, :]), 0)
    place = sums + program * (4 * width) + f
    tl.store(place, gates, of_width)
    tl.store(place + width, cores, of_width)
    tl.store(place + 2 * width, gate_products, of_width)
    tl.store(place + 3 * width, core_products, of_width)


@triton.jit
def _z_gradient(z, gradient, shares, e, f, mask, of_edges, mean, factor, common, slope, width: tl.constexpr):
    """Return the gradient of z itself for some edges, from that of normalized z."""
    place = e[:, None] * width + f[None, :]
    away = tl.load(z + place, mask, 0.0) - mean[None, :]
    through_moments = tl.load(shares + e, of_edges, 0.0)[:, None] * (common[None, :] + slope[None, :] * away)
    return tl.where(mask, factor[None, :] * tl.load(gradient + place, mask, 0.0) - through_moments, 0.0)


@triton.jit
def products_backward(
    z,
    mean,
    factor,
    common,
    slope,
    edge_offsets,
    arriving_offsets,
    arriving,
    shares,
    gradient,
    products_gradient,
    z_gradient,
    width: tl.constexpr,
    width_padded: tl.constexpr,
    chunk: tl.constexpr,
):
    """Write the gradients of v W_i and v W_j of one node, (2 F,), and that of z of its edges, (F,) each.

    The first one is a sum over the edges of the node, the second one a sum over those that end at it.
    """
    i = tl.program_id(0)
    f = tl.arange(0, width_padded)
    of_width = f < width
    mean_row, factor_row = tl.load(mean + f, of_width, 0.0), tl.load(factor + f, of_width, 0.0)
    common_row, slope_row = tl.load(common + f, of_width, 0.0), tl.load(slope + f, of_width, 0.0)
    total = tl.zeros([width_padded], tl.float32)
    first, end = tl.load(edge_offsets + i), tl.load(edge_offsets + i + 1)
    for start in range(first, end, chunk):
        e = start + tl.arange(0, chunk)
        of_edges = e < end
        mask = of_edges[:, None] & of_width[None, :]
        rows = _z_gradient(
            z, gradient, shares, e, f, mask, of_edges, mean_row, factor_row, common_row, slope_row, width
        )
        tl.store(z_gradient + e[:, None] * width + f[None, :], rows, mask)
        total += tl.sum(rows, 0)
    tl.store(products_gradient + i * (2 * width) + f, total, of_width)
    total = tl.zeros([width_padded], tl.float32)
    first, end = tl.load(arriving_offsets + i), tl.load(arriving_offsets + i + 1)
    for start in range(first, end, chunk):
        k = start + tl.arange(0, chunk)
        of_edges = k < end
        e = tl.load(arriving + k, of_edges, 0)
        mask = of_edges[:, None] & of_width[None, :]
        rows = _z_gradient(
            z, gradient, shares, e, f, mask, of_edges, mean_row, factor_row, common_row, slope_row, width
        )
        total += tl.sum(rows, 0)
    tl.store(products_gradient + i * (2 * width) + width + f, total, of_width)
