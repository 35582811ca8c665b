"""The rule of each region, on structures that lie just on one side of it or the other."""

from __future__ import annotations

import pandas as pd
import pytest
from pymatgen.core import Lattice, Structure

from cgcnn.data.crystals import pack
from cgcnn.paper import boron_regions
from tests.test_boron_icosahedra import icosahedron


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start no other processes, which would take longer to start than these structures take."""
    monkeypatch.setattr(boron_regions, "parallel_map", lambda work, tasks, *_, **__: [work(*each) for each in tasks])


def regions(structure: Structure) -> list[str]:
    """Return the region of each site of a crystal."""
    crystals = pack([structure], ["it"], [0.0], "one")
    sites = pd.DataFrame({"crystal": "it", "site": range(len(structure))})
    return boron_regions.name_regions(crystals, sites)["region"].tolist()


def boron(lattice: Lattice, *positions: tuple[float, float, float]) -> Structure:
    """Return boron atoms at positions in angstrom."""
    return Structure(lattice, ["B"] * len(positions), positions, coords_are_cartesian=True)


@pytest.mark.parametrize(("distance", "n_bonds"), [(2.05, 1), (2.15, 0)])
def test_atoms_are_bonded_up_to_a_distance_of_2_1_angstrom(distance: float, n_bonds: int) -> None:
    pair = pack([boron(Lattice.cubic(12), (0, 0, 0), (distance, 0, 0))], ["it"], [0.0], "pair")
    found = boron_regions.name_regions(pair, pd.DataFrame({"crystal": "it", "site": [0, 1]}))
    assert found["n_bonds"].tolist() == [n_bonds, n_bonds]


def test_a_site_with_two_bonds_is_disconnected_within_a_layer_and_one_with_four_is_layered() -> None:
    # A square net with an atom in the middle of each edge.
    net = boron(Lattice.tetragonal(3.4, 12), (0, 0, 0), (1.7, 0, 0), (0, 1.7, 0))
    assert regions(net) == ["layered", "disconnected", "disconnected"]


def test_a_ladder_and_a_cluster_are_disconnected_though_each_atom_has_three_bonds() -> None:
    ladder = boron(Lattice.orthorhombic(1.7, 12, 12), (0, 0, 0), (0, 1.7, 0))
    assert regions(ladder) == ["disconnected"] * 2
    corners = [(0, 0, 0), (1.2, 1.2, 0), (1.2, 0, 1.2), (0, 1.2, 1.2)]
    assert regions(boron(Lattice.cubic(14), *corners)) == ["disconnected"] * 4


def stack(rise: float) -> Structure:
    """Return a network that is periodic in three directions, of four atoms with five neighbors each.

    The first atom has one neighbor straight below it. Its four others, 1.9 angstrom away sideways, lie above it by the
    given distance. The second atom is the same upside down. The neighbors of the last two lie on both sides.
    """
    side, step = 1.9 * 2**0.5, 0.85
    middle = side / 2
    return boron(
        Lattice.tetragonal(side, 3.4 + rise + step),
        (0, 0, 0),
        (middle, middle, rise),
        (0, 0, 1.7 + rise + step),
        (middle, middle, 1.7 + rise),
    )


def test_a_site_is_layered_where_all_near_atoms_lie_on_one_side_up_to_five_degrees() -> None:
    assert regions(stack(0.1)) == ["layered"] * 2 + ["amorphous"] * 2  # 3 degrees
    assert regions(stack(0.3)) == ["amorphous"] * 4  # 9 degrees


def test_a_corner_of_an_icosahedron_is_icosahedral_though_its_neighbors_are_too_far_to_be_bonded() -> None:
    assert regions(icosahedron(edge=2.2)) == ["icosahedral"] * 12
