"""The formulas of the page on the gradient of a convolution, written out in NumPy, against torch's own gradient.

Names and order are those of ``book/gradients.md``; a comment names the equation that a line writes out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch

from cgcnn.files.paths import project_root
from cgcnn.graphs.batches import Batch
from cgcnn.graphs.packed_graphs import N_ANGLES
from cgcnn.network.model import GAUSSIAN_STEP, N_GAUSSIANS, Convolution, gaussians

WIDTH = 3
Arrays = Mapping[str, np.ndarray]


def random_batch() -> Batch:
    """Return a random graph of 7 nodes in 2 crystals, in double precision; some nodes share several edges."""
    draw = np.random.default_rng(0)
    counts = np.array([4, 2, 3, 1, 5, 2, 4])
    first_nodes = np.array([0, 3, 7])
    crystals = np.repeat([0, 1], np.diff(first_nodes))
    centers = np.repeat(np.arange(7), counts)
    neighbors = np.array([draw.integers(first_nodes[crystals[i]], first_nodes[crystals[i] + 1]) for i in centers])
    multiplicities = draw.integers(1, 5, 7).astype(float)
    return Batch(
        atomic_numbers=torch.ones(7, dtype=torch.int64),
        multiplicities=torch.from_numpy(multiplicities),
        crystals=torch.from_numpy(crystals),
        n_sites=torch.from_numpy(np.bincount(crystals, multiplicities)),
        node_offsets=torch.from_numpy(first_nodes),
        edge_offsets=torch.from_numpy(np.concatenate([[0], np.cumsum(counts)])),
        centers=torch.from_numpy(centers),
        neighbors=torch.from_numpy(neighbors),
        distances=torch.from_numpy(draw.uniform(0.5, 3.0, counts.sum())),
        weights=torch.from_numpy(draw.uniform(0.5, 2.0, counts.sum())),
        targets=torch.zeros(2, dtype=torch.float64),
        angles=torch.from_numpy(draw.normal(size=(counts.sum(), N_ANGLES))),
    )


def angles_of(batch: Batch) -> np.ndarray:
    """Return the angular sums of a random batch, which stand for standardized ones."""
    assert batch.angles is not None
    return batch.angles.numpy()


def random_convolution(angles: bool) -> Convolution:
    """Return a convolution in double precision whose norms do not start at 0 and 1."""
    torch.manual_seed(0)
    convolution = Convolution(WIDTH, angles).double()
    for norm in (convolution.edge_norm, convolution.node_norm):
        for tensor in (norm.scale.data, norm.shift.data, norm.running_mean, norm.running_variance):
            tensor.copy_(torch.rand(len(tensor), dtype=torch.float64) + 0.5)
    return convolution


@dataclass(frozen=True)
class Norm:
    """A batch norm of rows with shares; each of its arrays but the rows is (width,)."""

    rows: np.ndarray
    shares: np.ndarray
    mean: np.ndarray
    inverse: np.ndarray
    factor: np.ndarray
    shift: np.ndarray
    in_training: bool

    def gradients(self, of_normalized: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the gradients of the rows, of the scale and of the shift from that of the normalized rows."""
        away = self.rows - self.mean
        alone, products = of_normalized.sum(0), np.sum(of_normalized * away, 0)
        common = self.factor * alone * self.in_training  # eq-grad-common
        slope = self.factor * self.inverse**2 * products * self.in_training  # eq-grad-slope
        of_rows = self.factor * of_normalized - self.shares[:, None] * (common + slope * away)  # eq-grad-rows
        if self.in_training:  # the same by way of the moments
            of_mean, of_variance = (
                -self.factor * alone,
                -self.factor * self.inverse**2 * products / 2,
            )  # eq-grad-to-moments
            through_mean, through_variance = self.shares[:, None], 2 * self.shares[:, None] * away  # eq-grad-of-moments
            by_moments = self.factor * of_normalized + through_mean * of_mean + through_variance * of_variance
            np.testing.assert_allclose(of_rows, by_moments, rtol=1e-12, atol=1e-13)
        return of_rows, self.inverse * products, alone  # eq-grad-norm-parameters


def norm_of(rows: np.ndarray, shares: np.ndarray, p: Arrays, name: str, in_training: bool) -> Norm:
    mean, variance = p[f"{name}.running_mean"], p[f"{name}.running_variance"]
    if in_training:
        away, squares = shares @ (rows - mean), shares @ (rows - mean) ** 2
        in_one_pass = mean + away, squares - away**2
        mean = shares @ rows  # eq-grad-moments
        variance = shares @ (rows - mean) ** 2
        np.testing.assert_allclose((mean, variance), in_one_pass, rtol=1e-12)
    inverse = 1 / np.sqrt(variance + 1e-5)
    factor = p[f"{name}.scale"] * inverse  # eq-grad-norm
    return Norm(rows, shares, mean, inverse, factor, p[f"{name}.shift"] - mean * factor, in_training)


def sigmoid(x: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-x)))


def softplus(x: np.ndarray) -> np.ndarray:
    return np.asarray(np.log1p(np.exp(x)))


def sum_to_nodes(rows: np.ndarray, nodes: np.ndarray, n_nodes: int) -> np.ndarray:
    sums = np.zeros((n_nodes, rows.shape[1]))
    np.add.at(sums, nodes, rows)
    return sums


def written_out(
    v: np.ndarray, batch: Batch, p: Arrays, gradient: np.ndarray, in_training: bool
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return v(t), and the gradient of each input and parameter from that of v(t)."""
    has_angles = "from_angles" in p
    i, j, d = batch.centers.numpy(), batch.neighbors.numpy(), batch.distances.numpy()
    w, m = batch.weights.numpy(), batch.multiplicities.numpy()
    centers = np.arange(N_GAUSSIANS) * GAUSSIAN_STEP
    expanded = np.exp(-(((d[:, None] - centers) / GAUSSIAN_STEP) ** 2))
    u, from_edge = expanded, p["from_distance"]
    if has_angles:
        u, from_edge = np.hstack([expanded, angles_of(batch)]), np.vstack([from_edge, p["from_angles"]])

    z = v[i] @ p["from_center"] + v[j] @ p["from_neighbor"] + u @ from_edge  # eq-grad-z
    edge_shares, node_shares = m[i] * w / np.sum(m[i] * w), m / np.sum(m)  # eq-grad-shares
    edge = norm_of(z, edge_shares, p, "edge_norm", in_training)
    gate, core = np.hsplit(edge.factor * z + edge.shift, 2)  # eq-grad-halves
    received = sum_to_nodes(w[:, None] * sigmoid(gate) * softplus(core), i, len(v))  # eq-grad-received
    node = norm_of(received, node_shares, p, "node_norm", in_training)
    updated = v + node.factor * received + node.shift  # eq-grad-updated

    found = {}
    of_received, found["node_norm.scale"], found["node_norm.shift"] = node.gradients(gradient)  # eq-grad-of-received
    arriving = w[:, None] * of_received[i] * sigmoid(gate)
    of_gate = arriving * (1 - sigmoid(gate)) * softplus(core)  # eq-grad-gate
    of_core = arriving * sigmoid(core)  # eq-grad-core
    of_normalized = np.hstack([of_gate, of_core])
    of_z, found["edge_norm.scale"], found["edge_norm.shift"] = edge.gradients(of_normalized)  # eq-grad-of-z
    at_center, at_neighbor = sum_to_nodes(of_z, i, len(v)), sum_to_nodes(of_z, j, len(v))  # eq-grad-products
    matrices = v.T @ at_center, v.T @ at_neighbor, u.T @ of_z  # eq-grad-matrices
    found |= dict(zip(("from_center", "from_neighbor", "from_edge"), matrices, strict=True))
    of_edge = found.pop("from_edge")
    found["from_distance"] = of_edge[:N_GAUSSIANS]
    if has_angles:
        found["from_angles"] = of_edge[N_GAUSSIANS:]
    to_vectors = at_center @ p["from_center"].T + at_neighbor @ p["from_neighbor"].T
    found["vectors"] = gradient + to_vectors  # eq-grad-vectors
    of_u = (of_z @ from_edge.T)[:, :N_GAUSSIANS]
    found["distances"] = (
        -2 / GAUSSIAN_STEP**2 * np.sum(of_u * expanded * (d[:, None] - centers), 1)
    )  # eq-grad-distances
    return updated, found


@pytest.mark.parametrize("angles", [False, True])
@pytest.mark.parametrize("in_training", [True, False])
def test_the_formulas_of_the_page_give_torchs_gradient_in_double_precision(in_training: bool, angles: bool) -> None:
    batch, convolution = random_batch(), random_convolution(angles).train(in_training)
    draw = np.random.default_rng(1)
    v, gradient = draw.normal(size=(7, WIDTH)), draw.normal(size=(7, WIDTH))
    p = {name: tensor.detach().numpy().copy() for name, tensor in convolution.state_dict().items()}
    updated, found = written_out(v, batch, p, gradient, in_training)

    inputs = {"vectors": torch.from_numpy(v).requires_grad_(), "distances": batch.distances.requires_grad_()}
    inputs |= dict(convolution.named_parameters())
    edges = gaussians(inputs["distances"])
    edges = torch.cat([edges, torch.from_numpy(angles_of(batch))], 1) if angles else edges
    expected = convolution(inputs["vectors"], edges, batch)
    gradients = torch.autograd.grad(expected, list(inputs.values()), torch.from_numpy(gradient))

    np.testing.assert_allclose(updated, expected.detach().numpy(), rtol=1e-12, atol=1e-13)
    assert found.keys() == inputs.keys()
    for name, of_torch in zip(inputs, gradients, strict=True):
        np.testing.assert_allclose(found[name], of_torch.numpy(), rtol=1e-9, atol=1e-11, err_msg=name)


def test_every_equation_of_the_page_is_written_out_here() -> None:
    page = (project_root() / "book" / "gradients.md").read_text()
    written = set(re.findall(r"# (eq-grad-[\w-]+)", Path(__file__).read_text()))
    assert written == set(re.findall(r":label: (eq-grad-[\w-]+)", page))
    assert len(written) > 15
