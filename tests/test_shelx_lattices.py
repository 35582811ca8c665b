"""The lattice centerings of SHELX files, written out as in the International Tables."""

from __future__ import annotations

import numpy as np
import pytest
from pymatgen.core import Structure

from cgcnn.data.reading import FileCrystal
from cgcnn.data.shelx import read_shelx

_HEXAGONAL, _CUBIC = "6.0 6.0 9.0 90 90 120", "6.0 6.0 6.0 90 90 90"
_PLACE = np.array([0.11, 0.23, 0.37])


def read(latt: int, cell: str) -> Structure:
    text = f"TITL one\nCELL 1.54 {cell}\nLATT {latt}\nSFAC Na\nNa1 1 0.11 0.23 0.37 11.0\nEND\n"
    (found,) = read_shelx(text, "x.res")
    assert isinstance(found, FileCrystal), found
    return found.structure


@pytest.mark.parametrize(
    ("latt", "cell", "translations"),
    [
        pytest.param(1, _CUBIC, [], id="P"),
        pytest.param(2, _CUBIC, [(1 / 2, 1 / 2, 1 / 2)], id="I"),
        # Obverse setting on hexagonal axes: International Tables A, Table 2.1.1.2.
        pytest.param(3, _HEXAGONAL, [(2 / 3, 1 / 3, 1 / 3), (1 / 3, 2 / 3, 2 / 3)], id="R"),
        pytest.param(4, _CUBIC, [(0, 1 / 2, 1 / 2), (1 / 2, 0, 1 / 2), (1 / 2, 1 / 2, 0)], id="F"),
        pytest.param(5, _CUBIC, [(0, 1 / 2, 1 / 2)], id="A"),
        pytest.param(6, _CUBIC, [(1 / 2, 0, 1 / 2)], id="B"),
        pytest.param(7, _CUBIC, [(1 / 2, 1 / 2, 0)], id="C"),
    ],
)
def test_an_atom_stands_at_every_centering_and_with_a_positive_number_also_at_the_inverse(
    latt: int, cell: str, translations: list[tuple[float, float, float]]
) -> None:
    expected = [_PLACE + np.array(translation) for translation in [(0, 0, 0), *translations]]
    for number, places in ((-latt, expected), (latt, expected + [-place for place in expected])):
        found = {tuple(np.round(site.frac_coords % 1, 6) % 1) for site in read(number, cell)}
        assert found == {tuple(np.round(place % 1, 6) % 1) for place in places}
        assert len(read(number, cell)) == len(places)
