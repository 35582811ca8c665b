"""The atoms around a site are those of pymatgen, images of neighboring cells included."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pymatgen.core import Lattice, Structure

from cgcnn.data.crystals import Crystals, pack
from cgcnn.data.neighborhoods import neighborhoods


@pytest.fixture(scope="module")
def three() -> Crystals:
    """A cubic, a skewed and a large crystal, whose sites have no symmetry."""
    rng = np.random.default_rng(0)
    cells = [Lattice.cubic(2.9), Lattice.from_parameters(3.1, 4.7, 9.0, 55, 70, 80), Lattice.orthorhombic(9, 10, 11)]
    structures = [
        Structure(cell, ["Na", "Cl", "O"][:n] + ["B"] * max(n - 3, 0), rng.random((n, 3)))
        for cell, n in zip(cells, (1, 3, 9), strict=True)
    ]
    return pack(structures, ["a", "b", "c"], np.zeros(3), "three")


@pytest.mark.parametrize("radius", [4.0, 5.5])
def test_a_neighborhood_holds_the_sites_that_pymatgen_finds_in_the_sphere(three: Crystals, radius: float) -> None:
    sites = pd.DataFrame({"crystal": ["c", "a", "b", "c", "b"], "site": [8, 0, 2, 1, 0]}, index=[5, 5, 1, 0, 9])
    found = neighborhoods(three, sites, radius)
    assert len(found) == len(sites)
    for row, (crystal, site) in enumerate(sites.itertuples(index=False)):
        structure = three.structure(three.ids.index(crystal))
        expected = structure.get_sites_in_sphere(structure[site].coords, radius)
        atoms = slice(found.offsets[row], found.offsets[row + 1])
        lengths = np.linalg.norm(found.vectors[atoms], axis=1)
        assert lengths[0] == 0
        assert found.atomic_numbers[atoms][0] == structure[site].specie.Z
        np.testing.assert_allclose(lengths, sorted(each.nn_distance for each in expected), atol=1e-6)
        by_element = sorted(zip(found.atomic_numbers[atoms].tolist(), lengths.round(5), strict=True))
        assert by_element == sorted((each.specie.Z, round(each.nn_distance, 5)) for each in expected)
        # Distances between the atoms tell that not only their lengths, but also their directions are right.
        apart = np.linalg.norm(found.vectors[atoms][:, None] - found.vectors[atoms], axis=-1)
        theirs = np.array([each.coords for each in expected])
        expected_apart = np.linalg.norm(theirs[:, None] - theirs, axis=-1)
        np.testing.assert_allclose(np.sort(apart, axis=None), np.sort(expected_apart, axis=None), atol=1e-5)


def test_each_atom_of_a_neighborhood_knows_how_far_its_own_nearest_neighbor_is(three: Crystals) -> None:
    found = neighborhoods(three, pd.DataFrame({"crystal": ["b"], "site": [1]}))
    structure = three.structure(1)
    nearest = {site.specie.Z: min(each.nn_distance for each in structure.get_neighbors(site, 9)) for site in structure}
    expected = [min(nearest[int(number)], found.radius) for number in found.atomic_numbers]
    np.testing.assert_allclose(found.nearest, expected, atol=1e-6)


def test_no_sites_have_no_neighborhoods(three: Crystals) -> None:
    found = neighborhoods(three, pd.DataFrame({"crystal": [], "site": []}))
    assert (len(found), found.vectors.shape) == (0, (0, 3))


def test_a_crystal_that_is_not_in_the_set_is_refused(three: Crystals) -> None:
    with pytest.raises(KeyError):
        neighborhoods(three, pd.DataFrame({"crystal": ["x"], "site": [0]}))
