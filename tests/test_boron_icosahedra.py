"""The search finds all whole icosahedra, and nothing that is only a part of one."""

from __future__ import annotations

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

from cgcnn.paper.boron_icosahedra import icosahedra, icosahedron_around, pentagons


def icosahedron(edge: float = 1.75, move: float = 0.0) -> Structure:
    """Return a cell with a single icosahedron, whose corners are moved by normal random distances in angstrom."""
    golden = (1 + 5**0.5) / 2
    corners = np.array([(0, i, j * golden) for i in (-1, 1) for j in (-1, 1)])
    points = np.concatenate([np.roll(corners, shift, axis=1) for shift in range(3)]) * edge / 2
    points += move * np.random.default_rng(0).standard_normal(points.shape)
    return Structure(Lattice.cubic(14), ["B"] * 12, points + 7, coords_are_cartesian=True)


@pytest.mark.parametrize("move", [0.0, 0.08])
def test_an_icosahedron_is_found_whole_also_when_it_is_distorted(move: float) -> None:
    assert icosahedra(icosahedron(move=move)) == {frozenset(range(12))}


def test_one_that_lies_across_the_cells_faces_is_found() -> None:
    moved = icosahedron()
    moved.translate_sites(range(12), [0.5, 0.5, 0.5])
    assert icosahedra(moved) == {frozenset(range(12))}


def test_one_that_lacks_a_corner_is_none_though_five_rings_are_left_whole() -> None:
    open_one = icosahedron()
    open_one.remove_sites([0])
    assert icosahedra(open_one) == set()
    # The five atoms that touched the missing corner have only four neighbors.
    assert len(pentagons(open_one)) == 6


def test_one_too_large_for_its_edges_is_none() -> None:
    assert icosahedra(icosahedron(edge=2.4)) == set()
    assert pentagons(icosahedron(edge=2.4)) == {}


def test_each_of_several_is_found_in_alpha_boron() -> None:
    hexagonal = Structure.from_spacegroup(
        "R-3m", Lattice.hexagonal(4.908, 12.567), ["B", "B"], [[0.119, -0.119, 0.891], [0.197, -0.197, 0.024]]
    )
    found = icosahedra(hexagonal)
    assert len(found) == 3
    assert sorted(site for twelve in found for site in twelve) == list(range(36))


def test_close_packings_have_none() -> None:
    copper = Structure.from_spacegroup("Fm-3m", Lattice.cubic(2.5), ["B"], [[0, 0, 0]])
    assert pentagons(copper) == {}
    assert icosahedra(copper * (2, 2, 2)) == set()


def test_the_corners_around_a_site_are_its_ring_the_ring_below_and_the_one_opposite_also_across_faces() -> None:
    whole = icosahedron()
    whole.translate_sites(range(12), [0.5, 0.5, 0.5])
    found = icosahedron_around(whole, 3)
    assert found is not None
    golden = (1 + 5**0.5) / 2
    distances = np.linalg.norm(found, axis=1) / 1.75
    assert distances == pytest.approx([0, *[1] * 5, *[golden] * 5, (1 + golden**2) ** 0.5], abs=1e-6)
    # The ring is in its order: each corner touches the next one.
    assert np.linalg.norm(found[1:6] - np.roll(found[1:6], 1, axis=0), axis=1) == pytest.approx([1.75] * 5)


def test_a_site_that_is_no_corner_has_no_corners_around_it() -> None:
    assert icosahedron_around(icosahedron(edge=2.4), 0) is None
