"""The kinds of a perovskite's sites are told from its cell, in whatever order its sites stand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pymatgen.core import Lattice, Structure

from cgcnn.data.crystals import Crystals, pack
from cgcnn.paper.mp_coordination import CLASSES
from cgcnn.paper.published_maps import classes

#: Site by site, the fractional coordinates of a cell like the public ones: along the first axis they are off.
PLACES = {"A": [0.62, 0.5, 0.5], "B": [0.05, 0, 0], "X1": [0.55, 0, 0], "X2": [0.04, 0.5, 0], "X3": [0.07, 0, 0.5]}
KINDS = {"A": "A site", "B": "B site", "X1": "anion", "X2": "anion", "X3": "anion"}


@pytest.fixture
def two() -> Crystals:
    """Return two perovskites of the same elements with A and B exchanged, and with their sites in other orders."""
    orders = (["A", "B", "X1", "X2", "X3"], ["X3", "B", "X1", "A", "X2"])
    elements = ({"A": "Ba", "B": "Ti"}, {"A": "Ti", "B": "Ba"})
    structures = [
        Structure(Lattice.cubic(4), [symbols.get(n, "O") for n in order], np.array([PLACES[n] for n in order]))
        for order, symbols in zip(orders, elements, strict=True)
    ]
    return pack(structures, ["one", "two"], [0.0, 0.0], "cells")


def test_the_cation_on_a_line_with_an_anion_is_on_the_b_site(two: Crystals) -> None:
    sites = pd.DataFrame({"crystal": ["two"] * 5 + ["one"] * 2, "site": [0, 1, 2, 3, 4, 1, 0]}, index=range(10, 17))
    found = classes("perovskites", two, sites)
    expected = [KINDS[name] for name in ("X3", "B", "X1", "A", "X2")] + ["B site", "A site"]
    assert found.index.tolist() == list(range(10, 17))
    assert found.tolist() == expected


def test_centers_of_the_materials_project_set_have_their_chemical_classes(two: Crystals) -> None:
    sites = pd.DataFrame({"crystal": "one", "site": [0, 1, 2], "element": ["Ba", "Ti", "O"]})
    assert classes("materials_project", two, sites).tolist() == [CLASSES[3], CLASSES[1], CLASSES[0]]
