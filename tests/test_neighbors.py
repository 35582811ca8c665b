"""Test neighbor lists against a literal search, and ties against crystals whose shells are known."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

from cgcnn.data.crystals import Crystals, pack
from cgcnn.errors import DataError
from cgcnn.graphs.neighbors import nearest_neighbors


def one(structure: Structure) -> Crystals:
    return pack([structure], ["x"], [0.0], "test")


def test_the_tied_last_shell_shares_the_weight_that_is_left() -> None:
    # Simple cubic polonium has 6 neighbors at a and 12 at sqrt(2) a. The 12 share the 6 places that are left.
    edges = nearest_neighbors(one(Structure(Lattice.cubic(3.36), ["Po"], [[0, 0, 0]])), 12, 1e-3)
    assert np.allclose(np.sort(edges.distances), [3.36] * 6 + [3.36 * np.sqrt(2)] * 12)
    assert np.allclose(edges.weights[np.argsort(edges.distances)], [1.0] * 6 + [0.5] * 12)


def test_a_full_last_shell_is_not_shared() -> None:
    edges = nearest_neighbors(one(Structure(Lattice.cubic(3.61), ["Cu"] * 4, fcc())), 12, 1e-3)
    assert np.allclose(edges.weights, 1)
    assert np.array_equal(np.bincount(edges.centers), [12] * 4)


def fcc() -> list[list[float]]:
    return [[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]]


def test_distances_equal_a_literal_search_over_images() -> None:
    rng = np.random.default_rng(1)
    structure = Structure(Lattice.from_parameters(3, 4, 9, 70, 95, 110), ["Na", "Cl", "O"], rng.uniform(-1, 2, (3, 3)))
    edges = nearest_neighbors(one(structure), 12, 1e-3)
    shifts = np.array(list(itertools.product(range(-6, 7), repeat=3))) @ structure.lattice.matrix
    for center in range(3):
        every = np.concatenate(
            [
                np.linalg.norm(structure.cart_coords[j] + shifts - structure.cart_coords[center], axis=1)
                for j in range(3)
            ]
        )
        nearest = np.sort(every[every > 1e-6])[:12]
        found = np.sort(edges.distances[edges.centers == center])
        assert np.allclose(found[:12], nearest)


def test_a_site_may_be_written_any_number_of_cells_away() -> None:
    lattice = Lattice.from_parameters(3, 4, 5, 70, 95, 110)
    places = np.random.default_rng(2).uniform(0, 1, (3, 3))
    far = np.add(places, [[0, 0, 0], [25, -40, 0], [0, 3, -60]])
    edges, same = (
        nearest_neighbors(one(Structure(lattice, ["Na", "Cl", "O"], each)), 12, 1e-3) for each in (places, far)
    )
    assert np.array_equal(same.centers, edges.centers)
    np.testing.assert_allclose(same.distances, edges.distances, rtol=1e-9)


def test_every_site_has_weights_that_sum_to_twelve(few: Crystals) -> None:
    edges = nearest_neighbors(few, 12, 1e-3)
    assert np.allclose(np.bincount(edges.centers, edges.weights), 12, atol=1e-9)


def test_an_isolated_atom_has_its_images_for_neighbors() -> None:
    edges = nearest_neighbors(one(Structure(Lattice.cubic(20), ["He"], [[0, 0, 0]])), 12, 1e-3)
    assert np.isclose(edges.distances.min(), 20)
    assert np.isclose(edges.weights.sum(), 12)


def test_two_atoms_on_one_spot_are_refused_by_name() -> None:
    crystals = one(Structure(Lattice.cubic(4), ["Na", "Cl"], [[0.0, 0, 0], [0, 0, 0.999]]))
    with pytest.raises(DataError, match=r"crystal 'x': sites 0 and 1 .*on one spot; remove one"):
        nearest_neighbors(crystals, 12, 1e-3)


def test_a_cell_without_volume_is_refused_by_name() -> None:
    flat = Structure(Lattice(np.array([[1.0, 0, 0], [2, 0, 0], [0, 0, 3]])), ["Na"], [[0, 0, 0]])
    with pytest.raises(DataError, match="crystal 'x': its cell has no volume"):
        nearest_neighbors(one(flat), 12, 1e-3)


def test_a_neighbor_just_beyond_the_radius_of_the_search_that_is_tied_is_found() -> None:
    # The first search has a radius of 4.5 angstrom. Two neighbors are at 4.4998 and two, which are tied, at 4.5003.
    crystals = one(Structure(Lattice.orthorhombic(4.4998, 4.5003, 30), ["He"], [[0, 0, 0]]))
    edges = nearest_neighbors(crystals, 2, 1e-3)
    assert np.sort(edges.distances) == pytest.approx([4.4998, 4.4998, 4.5003, 4.5003], abs=1e-9)
    assert edges.weights == pytest.approx([0.5] * 4)
    assert len(nearest_neighbors(crystals, 2, 1e-4).weights) == 2


def test_every_site_has_its_neighbors_also_far_from_a_dense_part_of_the_crystal() -> None:
    # 27 atoms stand near to each other in one corner of a large cell, and one stands alone in its middle.
    cluster = 1.5 * np.array(list(itertools.product(range(3), repeat=3)))
    structure = Structure(Lattice.cubic(30), ["Ar"] * 28, [*cluster, [15, 15, 15]], coords_are_cartesian=True)
    edges = nearest_neighbors(one(structure), 4, 1e-3)
    assert np.bincount(edges.centers, edges.weights) == pytest.approx([4.0] * 28)
    corner = np.linalg.norm(15 - cluster, axis=1)
    assert edges.distances[edges.centers == 27].min() == pytest.approx(corner.min())
