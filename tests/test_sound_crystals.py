"""Two sites on one spot are refused also where they stand at opposite faces of the cell."""

from __future__ import annotations

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

from cgcnn.data.crystals import check_sound
from cgcnn.errors import DataError


@pytest.mark.parametrize("place", [[0.999, 0, 0], [0, 0.9995, 0.9995], [-0.001, 1.0, 0], [0.001, 0, 0]])
def test_sites_that_are_near_through_a_face_of_the_cell_are_on_one_spot(place: list[float]) -> None:
    structure = Structure(Lattice.hexagonal(4, 6), ["Na", "Cl"], np.array([[0, 0, 0], place]))
    with pytest.raises(DataError, match=r"^some: sites 0 and 1 are 0\.00\d angstrom apart, on one spot; remove one"):
        check_sound(structure, "some")


def test_sites_at_a_distance_of_a_tenth_of_an_angstrom_are_two() -> None:
    check_sound(Structure(Lattice.hexagonal(4, 6), ["Na", "Cl"], np.array([[0, 0, 0], [0.975, 0, 0]])), "some")
