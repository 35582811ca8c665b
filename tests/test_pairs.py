"""Test first neighbors, and mean local energies of pairs of elements."""

from __future__ import annotations

import numpy as np
import pandas as pd
from pymatgen.core import Lattice, Structure

from cgcnn.analysis import pairs
from cgcnn.data.crystals import pack
from cgcnn.graphs.crystal_graphs import build
from cgcnn.paper import mp_coordination


def test_the_first_neighbor_is_the_nearest_and_the_lightest_of_equals() -> None:
    # In the middle of a cube, Cs has eight Cl at the same distance. Around Ti, O is nearer than Sr.
    halide = Structure(Lattice.cubic(4.1), ["Cs", "Cl"], [[0.0, 0, 0], [0.5, 0.5, 0.5]])
    half = [[0.5, 0.0, 0.0], [0, 0.5, 0], [0, 0, 0.5]]
    titanate = Structure(Lattice.cubic(3.9), ["Ti", "Sr", "O", "O", "O"], [[0.0, 0, 0], [0.5, 0.5, 0.5], *half])
    mixed = Structure(Lattice.cubic(3.0), ["Cu", "F", "O", "N"], [[0.0, 0, 0], *half])
    graphs = build(pack([halide, titanate, mixed], ["a", "b", "c"], [0.0] * 3, "some"))
    first = pairs.first_neighbors(graphs)
    by_center = dict(zip(np.asarray(graphs.atomic_numbers).tolist(), first.tolist(), strict=True))
    assert (by_center[55], by_center[22], by_center[38], by_center[29]) == ("Cl", "O", "O", "N")


def test_the_bonded_neighbor_has_the_least_distance_less_the_two_radii() -> None:
    # F has F at 2.6 angstrom along the short edge, nearer than Cs at 2.80. The radii are 2.44 and 0.57 angstrom.
    # Cs-F is shorter than their sum by 0.21 angstrom, and F-F longer by 1.46.
    cell = Structure(Lattice.tetragonal(3.5, 2.6), ["Cs", "F"], [[0.0, 0, 0], [0.5, 0.5, 0.5]])
    graphs = build(pack([cell], ["CsF"], [0.0], "one"))
    place = np.asarray(graphs.atomic_numbers).tolist().index(9)
    assert pairs.first_neighbors(graphs)[place] == "F"
    assert pairs.bonded_neighbors(graphs)[place] == "Cs"


def test_pair_energies_average_distinct_environments_and_diagonal_pairs() -> None:
    table = pd.DataFrame(
        {
            "element": ["Ti", "Ti", "Si", "O"],
            "first_neighbor": ["O", "O", "Si", "Ti"],
            "local_energy_eV_per_atom": [-3.0, -2.0, 0.1, -1.0],
        }
    )
    found = pairs.pair_energies(table).set_index(["center", "first_neighbor"])
    assert found.loc[("Ti", "O"), "mean_local_energy_eV_per_atom"] == -2.5
    assert found.loc[("Ti", "O"), "n_environments"] == 2
    assert len(found) == 3
    around_o = mp_coordination.energy_by_center(table, "O")
    assert around_o.index.tolist() == ["Ti"]
    assert around_o.loc["Ti", "atomic_number"] == 22


def test_centers_are_sorted_into_the_papers_classes() -> None:
    symbols = pd.Series(["P", "Al", "Sb", "H", "Fe", "Zn", "La", "Gd", "Ca", "Na", "U", "Kr"])
    expected = [0, 0, 0, 0, 1, 1, 3, 3, 3, 2, None, 0]
    found = mp_coordination.chemistry_classes(symbols).tolist()
    assert found == ["other" if k is None else mp_coordination.CLASSES[k] for k in expected]
