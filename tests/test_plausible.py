"""Implausible crystals are named as such, with numbers, each kind in its own words; the training crystals are not."""

from __future__ import annotations

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

from cgcnn.analysis.plausible import remarks
from cgcnn.data.crystals import pack
from cgcnn.graphs.crystal_graphs import build
from cgcnn.graphs.extents import Extents, extents
from cgcnn.training.bounds import Bounds, bounds_of, excess

MARGIN = 1.1


def found_in(*structures: Structure) -> Extents:
    """Return the distances in some structures."""
    names = [f"c{index}" for index in range(len(structures))]
    crystals = pack(structures, names, np.zeros(len(names)), "some", "energy", "eV/atom")
    return extents(crystals, build(crystals), np.arange(len(names)))


def salt(edge: float) -> Structure:
    """Return rock salt with an edge in angstrom."""
    return Structure.from_spacegroup("Fm-3m", Lattice.cubic(edge), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])


def bcc(element: str, edge: float) -> Structure:
    """Return a body-centered cubic crystal with an edge in angstrom."""
    return Structure.from_spacegroup("Im-3m", Lattice.cubic(edge), [element], [[0, 0, 0]])


@pytest.fixture(scope="module")
def bounds() -> Bounds:
    """The bounds of rock salt with edges of 5.4 to 6 angstrom, and of two metals."""
    return bounds_of(found_in(salt(5.4), salt(5.64), salt(6.0), bcc("Na", 4.2), bcc("K", 5.2)))


def test_the_bounds_are_those_of_the_crystals(bounds: Bounds) -> None:
    assert bounds.elements.tolist() == [11, 17, 19]
    shortest = dict(zip(map(tuple, bounds.pairs.tolist()), bounds.shortest.tolist(), strict=True))
    # Na-Na and K-K are from the metals, Na-Cl and Cl-Cl from the smallest rock salt.
    expected = {(11, 11): 4.2 * 3**0.5 / 2, (11, 17): 2.7, (17, 17): 2.7 * 2**0.5, (19, 19): 5.2 * 3**0.5 / 2}
    assert shortest == pytest.approx(expected, abs=2e-3)
    np.testing.assert_allclose(bounds.nearest, [4.2 * 3**0.5 / 2, 3.0, 5.2 * 3**0.5 / 2], rtol=1e-6)
    # The twelve nearest neighbors end with the second shell: 6 + 12 of the other element and the same, or 8 + 6.
    np.testing.assert_allclose(bounds.reach[1], [2.7 * 2**0.5, 3.0 * 2**0.5], rtol=1e-6)
    np.testing.assert_allclose(bounds.volumes, [5.4**3 / 8, 5.2**3 / 2], rtol=1e-6)


def test_crystals_within_a_tenth_of_the_bounds_are_not_remarked_on(bounds: Bounds) -> None:
    found = found_in(salt(5.4), salt(6.0), bcc("K", 5.2), salt(5.4 / 1.05), salt(6.0 * 1.05))
    assert remarks(bounds, found, MARGIN) == [""] * 5
    np.testing.assert_allclose(excess(bounds, found), [1, 1, 1, 1.05, 1.05], rtol=1e-3)


def test_atoms_that_are_too_close_are_named_with_the_shortest_distance_of_their_pair(bounds: Bounds) -> None:
    close = salt(5.64)
    close.append("Cl", close.cart_coords[-1] + [0.34, 0, 0], coords_are_cartesian=True)
    found = found_in(close)
    (said,) = remarks(bounds, found, MARGIN)
    assert said.split("; ")[0] == "Cl and Cl are 0.34 angstrom apart, in training at least 3.82"
    np.testing.assert_allclose(excess(bounds, found), 2.7 * 2**0.5 / 0.34, rtol=1e-3)


def test_a_pair_that_is_in_no_training_crystal_is_judged_by_its_elements(bounds: Bounds) -> None:
    # K is nowhere nearer than 4.50 angstrom to anything, and Cl nowhere nearer than 2.70.
    structure = Structure(Lattice.cubic(4.2), ["K", "Cl"], [[0.0, 0, 0], [0.5, 0.5, 0.5]])
    (said,) = remarks(bounds, found_in(structure), MARGIN)
    assert "Cl and K are 3.64 angstrom apart, in training at least 4.50" in said.split("; ")


def test_an_atom_in_a_box_and_a_stretched_crystal_have_neighbors_that_are_too_far(bounds: Bounds) -> None:
    atom, stretched = remarks(bounds, found_in(Structure(Lattice.cubic(15), ["Na"], [[0, 0, 0]]), salt(56.4)), MARGIN)
    assert atom == (
        "the nearest neighbor of Na is 15.0 angstrom away, in training at most 3.6; "
        "3,375 cubic angstrom per atom, in training at most 70.3"
    )
    assert stretched == (
        "the nearest neighbor of Cl is 28.2 angstrom away, in training at most 3.0; "
        "22,426 cubic angstrom per atom, in training at most 70.3"
    )


def test_a_crystal_that_is_squeezed_is_too_dense(bounds: Bounds) -> None:
    (said,) = remarks(bounds, found_in(salt(1.41)), MARGIN)
    assert said == (
        "Cl and Cl are 1.00 angstrom apart, in training at least 3.82; "
        "the neighbors of Na reach 1.0 angstrom, in training at least 3.8; "
        "0.35 cubic angstrom per atom, in training at least 19.7"
    )


def test_a_molecule_in_a_box_has_neighbors_that_are_too_far(bounds: Bounds) -> None:
    (said,) = remarks(bounds, found_in(Structure(Lattice.cubic(14), ["Na", "Cl"], [[0.0, 0, 0], [0.2, 0, 0]])), MARGIN)
    assert said.split("; ")[0] == "the neighbors of Na reach 14.3 angstrom, in training at most 4.2"
