"""Which sites are merged into one node, on crystals whose distinct sites can be counted by hand."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from pymatgen.core import Lattice, Structure

from cgcnn.data.crystals import Crystals, pack
from cgcnn.graphs.batches import Batcher
from cgcnn.graphs.crystal_graphs import build
from tests.test_model import in_double, network


def chain(symbols: str, spacing: float = 3.0) -> Structure:
    """Return a straight chain of equally distant atoms, far from the next chains."""
    elements = symbols.split()
    places = [[0, 0, index / len(elements)] for index in range(len(elements))]
    return Structure(Lattice.tetragonal(40, spacing * len(elements)), elements, places)


def packed(*structures: Structure) -> Crystals:
    return pack(structures, [f"c{index}" for index in range(len(structures))], np.zeros(len(structures)), "some")


def test_equal_sites_of_two_equal_crystals_stay_in_their_crystals() -> None:
    rock_salt = Structure.from_spacegroup("Fm-3m", Lattice.cubic(5.64), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])
    graphs = build(packed(rock_salt, rock_salt, rock_salt))
    assert graphs.atomic_numbers.tolist() == [11, 17] * 3
    assert graphs.multiplicities.tolist() == [4] * 6
    assert graphs.node_offsets.tolist() == [0, 2, 4, 6]
    batch = Batcher(graphs)(torch.arange(3))
    assert batch.n_sites.tolist() == [8, 8, 8]
    energies = network()(batch)
    assert torch.equal(energies[0], energies[1])


def test_atoms_that_differ_in_their_second_neighbors_alone_stay_apart() -> None:
    # The second and the third sodium atom from chlorine both stand between two sodium atoms.
    crystals = packed(chain("Cl Na Na Na Na Na"))
    graph = build(crystals, n_neighbors=2)
    assert graph.sites.tolist() == [0, 1, 2, 3]
    assert graph.multiplicities.tolist() == [1, 2, 2, 1]
    # In a longer chain, atoms differ in the fifth neighbors alone.
    assert build(packed(chain("Cl" + 11 * " Na")), n_neighbors=2).multiplicities.tolist() == [1, 2, 2, 2, 2, 2, 1]
    with torch.inference_mode():
        merged, full = (
            network().double()(in_double(Batcher(build(crystals, 2, merge=merge))(torch.arange(1))))
            for merge in (True, False)
        )
    assert merged.item() == pytest.approx(full.item(), abs=1e-12)


@pytest.mark.parametrize(("place", "multiplicities"), [(0.6, [1, 1, 1]), (0.625, [2, 1])])
def test_atoms_of_one_element_that_differ_in_distances_alone_stay_apart(
    place: float, multiplicities: list[int]
) -> None:
    # Atoms 0 and 1 are a pair. Every neighbor is sodium, and no two are tied, unless atom 2 is at 0.625 in the middle
    # between two pairs. Then 0 and 1 are mirror images.
    places = np.array([[0, 0, 0], [0, 0, 0.25], [0, 0, place]])
    graph = build(packed(Structure(Lattice.tetragonal(40, 10), ["Na"] * 3, places)), n_neighbors=2)
    assert graph.multiplicities.tolist() == multiplicities


def test_atoms_of_two_elements_in_equal_surroundings_stay_apart() -> None:
    structure = Structure(
        Lattice.tetragonal(40, 9), ["He", "Na", "Cl"], np.array([[0, 0, 0], [0, 0, 1 / 3], [0, 0, 2 / 3]])
    )
    assert build(packed(structure), n_neighbors=2).atomic_numbers.tolist() == [2, 11, 17]


def test_a_merged_bond_has_the_mean_length_of_its_bonds() -> None:
    # Two bonds of 4.0000 and two of 4.0003 angstrom are equal within the tolerance of 0.001 angstrom.
    graph = build(packed(Structure(Lattice.orthorhombic(4.0, 4.0003, 20), ["He"], [[0, 0, 0]])), n_neighbors=4)
    assert graph.distances.tolist() == pytest.approx([4.00015], abs=1e-6)
    assert graph.weights.tolist() == pytest.approx([4.0], abs=1e-6)


def test_a_merged_bond_has_the_mean_angular_sums_of_its_bonds() -> None:
    crystals = packed(Structure(Lattice.orthorhombic(4.0, 4.0003, 20), ["He"], [[0, 0, 0]]))
    full, merged = (build(crystals, n_neighbors=4, angles=True, merge=merge) for merge in (False, True))
    assert merged.angles is not None
    assert full.angles is not None
    assert np.ptp(full.angles, axis=0).max() > 1e-4
    np.testing.assert_allclose(merged.angles, full.angles.mean(axis=0, keepdims=True), atol=1e-6)


def test_the_number_of_neighbors_and_the_tolerance_are_those_that_were_asked_for(few: Crystals) -> None:
    for n_neighbors in (1, 6, 20):
        graphs = build(few.select([0, 250]), n_neighbors)
        assert np.allclose(np.add.reduceat(graphs.weights, graphs.edge_offsets[:-1]), n_neighbors, atol=1e-4)
    square = packed(Structure(Lattice.orthorhombic(4.0, 4.05, 20), ["He"], [[0, 0, 0]]))
    assert build(square, 2, 0.01).weights.tolist() == pytest.approx([2.0])
    assert build(square, 2, 0.1, merge=False).weights.tolist() == pytest.approx([0.5] * 4)


def stacked(stacking: str) -> Structure:
    """Return a close packing of spheres of copper, whose layers are named by their places A, B and C."""
    n_layers = len(stacking)
    lattice = Lattice.hexagonal(2.55, 2.55 * np.sqrt(2 / 3) * n_layers)
    corners: dict[str, list[float]] = {"A": [0, 0], "B": [1 / 3, 2 / 3], "C": [2 / 3, 1 / 3]}
    return Structure(lattice, ["Cu"] * n_layers, [(*corners[place], i / n_layers) for i, place in enumerate(stacking)])


@pytest.mark.parametrize(
    ("stacking", "multiplicities"),
    [("ABC", [3]), ("AB", [2]), ("ABAC", [2, 2]), ("ABCACB", [4, 2]), ("ABABC", [2, 2, 1])],
)
def test_sites_that_differ_in_angles_alone_are_two_nodes_for_a_network_that_sees_angles(
    stacking: str, multiplicities: list[int]
) -> None:
    # Every site has twelve neighbors at one distance, in a cubic or in a hexagonal surrounding.
    crystals = packed(stacked(stacking))
    assert build(crystals).multiplicities.tolist() == [len(stacking)]
    graph = build(crystals, angles=True)
    assert sorted(graph.multiplicities.tolist(), reverse=True) == multiplicities


def test_every_field_of_a_graph_enters_its_digest(few: Crystals) -> None:
    graphs = build(few.select([0]), angles=True)
    for field in dataclasses.fields(graphs):
        changed = getattr(graphs, field.name).copy()
        changed[-1] += 1
        assert dataclasses.replace(graphs, **{field.name: changed}).digest != graphs.digest, field.name
