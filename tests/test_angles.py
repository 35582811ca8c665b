"""The angular sums of edges against a literal sum over pairs of bonds, and what a network knows by them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from pymatgen.core import Lattice, Structure
from scipy.special import eval_legendre

from cgcnn.data.crystals import Crystals, pack
from cgcnn.errors import DataError
from cgcnn.graphs.angles import angular_sums
from cgcnn.graphs.crystal_graphs import build
from cgcnn.graphs.neighbors import Neighbors, nearest_neighbors
from cgcnn.graphs.packed_graphs import N_ANGLES
from cgcnn.training.config import Config
from cgcnn.training.fine_tuning import fine_tune
from cgcnn.training.fit import fit
from cgcnn.training.runs import save_run
from cgcnn.training.start import standardize_angles
from cgcnn.training.store import load_run
from tests.test_model import batch_of, network


def literal_sums(edges: Neighbors, edge: int) -> list[float]:
    """Return the twelve sums of an edge by a loop over the other edges of its center."""
    of_center = np.flatnonzero(edges.centers == edges.centers[edge])
    shortest = edges.distances[of_center].min()
    sums = []
    for degree in (1, 2, 3, 4):
        for mu in (1.0, 1.5, 2.0):
            total = 0.0
            for k in of_center[of_center != edge]:
                cosine = edges.vectors[edge] @ edges.vectors[k] / (edges.distances[edge] * edges.distances[k])
                ratio = edges.distances[k] / shortest
                gaussian = np.exp(-(((ratio - mu) / 0.5) ** 2))
                total += edges.weights[k] / ratio**2 * gaussian * eval_legendre(degree, cosine)
            sums.append(float(total))
    return sums


def test_angular_sums_equal_a_literal_sum_over_the_other_bonds_of_a_site(few: Crystals) -> None:
    edges = nearest_neighbors(few.select([0, 160, 299]), 12, 1e-3, with_vectors=True)
    found = angular_sums(edges)
    assert found.shape == (len(edges.centers), N_ANGLES)
    for edge in range(0, len(edges.centers), 7):
        np.testing.assert_allclose(found[edge], literal_sums(edges, edge), atol=1e-10)


def test_vectors_of_edges_have_the_lengths_of_the_edges_and_lead_to_their_neighbors(few: Crystals) -> None:
    crystals = few.select([0, 299])
    edges = nearest_neighbors(crystals, 12, 1e-3, with_vectors=True)
    np.testing.assert_allclose(np.linalg.norm(edges.vectors, axis=1), edges.distances, atol=1e-10)
    lattice = np.asarray(crystals.lattices[0])
    inside = edges.centers < crystals.n_sites[0]
    coordinates = np.asarray(crystals.fractional_coordinates)
    between = coordinates[edges.neighbors[inside]] - coordinates[edges.centers[inside]]
    cells = edges.vectors[inside] @ np.linalg.inv(lattice) - between
    np.testing.assert_allclose(cells, np.rint(cells), atol=1e-9)
    assert nearest_neighbors(crystals, 12, 1e-3).vectors.shape == (len(edges.centers), 0)


def test_the_bonds_of_a_straight_chain_have_the_sums_of_angles_0_and_180_degrees() -> None:
    chain = Structure(Lattice.tetragonal(40, 3), ["He"], [[0, 0, 0]])
    edges = nearest_neighbors(pack([chain], ["chain"], [0.0], "test"), 2, 1e-3, with_vectors=True)
    # The one other neighbor stands opposite, at the shortest distance.
    gaussians = np.exp(-(np.array([0, 1, 2]) ** 2))
    expected = np.concatenate([sign * gaussians for sign in (-1, 1, -1, 1)])
    np.testing.assert_allclose(angular_sums(edges), [expected, expected], atol=1e-12)


def test_crystals_without_sites_have_no_sums() -> None:
    nothing = np.empty(0, dtype=np.int64)
    edges = Neighbors(nothing, nothing, np.empty(0), np.empty(0), np.empty((0, 3)))
    assert angular_sums(edges).shape == (0, N_ANGLES)


def carbon(name: str) -> Structure:
    """Return cubic or hexagonal diamond, with all bonds of 1.545 angstrom and ideal tetrahedra."""
    edge = 1.545 * np.sqrt(8 / 3)
    if name == "diamond":
        return Structure.from_spacegroup("Fd-3m", Lattice.cubic(edge * np.sqrt(2)), ["C"], [[0, 0, 0]])
    places = [[1 / 3, 2 / 3, 0], [1 / 3, 2 / 3, 0.375], [2 / 3, 1 / 3, 0.5], [2 / 3, 1 / 3, 0.875]]
    return Structure(Lattice.hexagonal(edge, edge * np.sqrt(8 / 3)), ["C"] * 4, places)


def copper(stacking: str) -> Structure:
    """Return cubic or hexagonal close packing with all distances of 2.55 angstrom."""
    if stacking == "cubic":
        return Structure.from_spacegroup("Fm-3m", Lattice.cubic(2.55 * np.sqrt(2)), ["Cu"], [[0, 0, 0]])
    places = [[1 / 3, 2 / 3, 0.25], [2 / 3, 1 / 3, 0.75]]
    return Structure(Lattice.hexagonal(2.55, 2.55 * np.sqrt(8 / 3)), ["Cu"] * 2, places)


def test_close_packings_are_one_crystal_by_distances_and_two_by_angles() -> None:
    crystals = pack([copper("cubic"), copper("hexagonal")], ["fcc", "hcp"], [0.0, 0.0], "test")
    with torch.inference_mode():
        blind = network()(batch_of(crystals))
        seeing = network(angles=True)(batch_of(crystals, angles=True))
    assert abs(blind[0] - blind[1]) < 1e-6
    assert abs(seeing[0] - seeing[1]) > 1e-3


def test_diamond_and_lonsdaleite_have_other_sums_also_where_distances_are_nearly_the_same() -> None:
    crystals = pack([carbon("diamond"), carbon("lonsdaleite")], ["cubic", "hexagonal"], [0.0, 0.0], "test")
    graphs = build(crystals, n_neighbors=4, angles=True)
    # Four neighbors at the tetrahedral angle: the same sums. Twelve neighbors tell the two crystals apart.
    assert graphs.angles is not None
    np.testing.assert_allclose(graphs.angles[0], graphs.angles[-1], atol=1e-5)
    assert graphs.angles[0, 0] == pytest.approx(3 * np.cos(np.arccos(-1 / 3)), abs=1e-5)
    edges = nearest_neighbors(crystals, 16, 1e-3, with_vectors=True)
    sums = angular_sums(edges)
    one, other = (sums[edges.centers == center][:4].mean(axis=0) for center in (0, len(edges.centers) and 8))
    assert np.abs(one - other).max() > 0.05


def test_angles_are_standardized_by_the_edges_of_the_training_crystals_as_if_nothing_were_merged(
    few: Crystals,
) -> None:
    # Two ideal crystals, with merged sites and bonds, and a distorted one.
    merged, full = (build(few.select(range(140, 160)), angles=True, merge=merge) for merge in (True, False))
    model, chosen = network(angles=True), np.array([3, 5, 15])
    standardize_angles(model, merged, chosen)
    assert full.angles is not None
    of_edge = np.repeat(full.crystal_of_node, np.diff(full.edge_offsets))
    is_chosen = np.isin(of_edge, chosen)
    weights, angles = full.weights[is_chosen], full.angles[is_chosen]
    mean = np.average(angles, axis=0, weights=weights)
    spread = np.sqrt(np.average((angles - mean) ** 2, axis=0, weights=weights))
    assert model.angle_mean is not None
    assert model.angle_scale is not None
    np.testing.assert_allclose(model.angle_mean.numpy(), mean, atol=1e-4)
    np.testing.assert_allclose(model.angle_scale.numpy(), spread, rtol=1e-3, atol=1e-4)


def test_a_sum_that_never_changes_is_not_divided_by_the_rounding_of_its_spread() -> None:
    crystals = pack([copper("cubic")], ["fcc"], [0.0], "test")
    model = network(angles=True)
    standardize_angles(model, build(crystals, angles=True), np.array([0]))
    assert model.angle_scale is not None
    assert model.angle_scale.tolist() == [1.0] * N_ANGLES


def test_a_training_has_the_moments_of_its_training_crystals_and_one_that_goes_on_keeps_them(
    few: Crystals, tmp_path: Path
) -> None:
    crystals, others = few.select(range(240, 270)), few.select(range(270, 300))
    config = Config(angles=True, width=8, n_convolutions=1, epochs=1, n_validation=5, batch_size=8)
    run = fit(crystals, config, device="cpu")
    expected = network(angles=True)
    standardize_angles(expected, build(crystals, angles=True), run.split.train)
    going_on = fine_tune(others, run, {"epochs": 1}, device="cpu")
    save_run(run, tmp_path / "run.safetensors")
    for trained in (run, going_on, load_run(tmp_path / "run.safetensors")):
        assert trained.config.angles
        for name in ("angle_mean", "angle_scale"):
            torch.testing.assert_close(getattr(trained.network, name), getattr(expected, name))


def test_a_network_with_angles_refuses_graphs_without_them(few: Crystals) -> None:
    with pytest.raises(DataError, match="the graphs have none; build the graphs with angles=True"):
        network(angles=True)(batch_of(few.select([0])))


def test_a_network_without_angles_says_the_same_of_graphs_that_have_some() -> None:
    crystals = pack([copper("hexagonal"), carbon("diamond")], ["hcp", "diamond"], [0.0, 0.0], "test")
    with torch.inference_mode():
        assert torch.allclose(network()(batch_of(crystals)), network()(batch_of(crystals, angles=True)), atol=1e-6)
