"""A boron site is drawn from the side that shows its region: icosahedra down their axis, layers from the side."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from pymatgen.core import Lattice, Structure

from cgcnn.figures.style import COLORS
from cgcnn.paper.boron_drawing import draw_environment, layer_normal
from tests.drawings import color
from tests.test_boron_icosahedra import icosahedron


@pytest.fixture
def chain() -> Structure:
    """Return three atoms in a row, 1.8 and 2.3 angstrom apart, in a large cell: only the first two are bonded."""
    places = np.array([[5, 5, 5], [6.8, 5, 5], [9.1, 5, 5]])
    return Structure(Lattice.cubic(20), ["B"] * 3, places, coords_are_cartesian=True)


@pytest.fixture
def sheet() -> Structure:
    """Return a flat layer of triangles with edges of 1.7 angstrom, 10 angstrom from the next, across a tilted axis."""
    flat = Structure(Lattice.hexagonal(1.7, 10), ["B"], [[0, 0, 0]])
    turn = np.linalg.qr(np.array([[1.0, 2, 3], [0, 1, 4], [5, 6, 0]]))[0]
    return Structure(Lattice(flat.lattice.matrix @ turn), ["B"], [[0, 0, 0]])


def circles(structure: Structure, site: int, region: str = "") -> tuple[list[Circle], int]:
    """Return the spheres of a drawing and the number of its bonds."""
    axis = Figure().subplots()
    draw_environment(axis, structure, site, region)
    assert axis.get_aspect() == 1
    return [patch for patch in axis.patches if isinstance(patch, Circle)], len(axis.lines)


def test_an_environment_is_drawn_around_its_red_center_with_bonds_shorter_than_the_bound(chain: Structure) -> None:
    for site, n_atoms, expected in ((0, 2, [0.0, 1.8]), (1, 3, [-1.8, 0.0, 2.3])):
        spheres, n_bonds = circles(chain, site)
        assert len(spheres) == n_atoms
        assert n_bonds == 1  # the other distance is no bond
        places = np.array([sphere.center for sphere in spheres])
        # The direction of view fixes a line, but neither its sign nor where it lies on the page.
        along = places @ (places[np.linalg.norm(places, axis=1).argmax()] / np.linalg.norm(places, axis=1).max())
        ordered = sorted(along.tolist())
        assert ordered == pytest.approx(expected, abs=1e-9) or ordered == pytest.approx([-x for x in expected[::-1]])
        (red,) = [sphere for sphere in spheres if color(sphere) == COLORS["vermilion"]]
        assert red.center == pytest.approx((0, 0), abs=1e-9)
        assert red.radius > max(sphere.radius for sphere in spheres if sphere is not red)


def test_an_icosahedron_is_seen_down_its_fivefold_axis_as_ten_dark_atoms_around_its_center() -> None:
    whole = icosahedron()
    whole.append("B", whole[0].coords + np.array([0, 0, 2.0]), coords_are_cartesian=True)
    spheres, n_edges = circles(whole, 0, "icosahedral")
    places = np.array([sphere.center for sphere in spheres])[:12]
    distances = np.linalg.norm(places, axis=1)
    # The center is before the corner opposite to it, and two rings of five are turned against each other.
    assert sorted(distances) == pytest.approx([0, 0, *[1.75 / (2 * np.sin(np.pi / 5))] * 10], abs=1e-6)
    angles = np.sort(np.degrees(np.arctan2(*places[distances > 1].T))) % 36
    assert np.ptp(angles) == pytest.approx(0, abs=1e-6) or np.ptp((angles + 18) % 36) == pytest.approx(0, abs=1e-6)
    assert n_edges >= 30
    strengths = [1 - min(to_rgb(color(sphere))) for sphere in spheres if color(sphere) != COLORS["vermilion"]]
    assert len(spheres) == 12 or max(strengths[11:]) < min(strengths[:11])  # the atom outside is paler


def test_a_layer_is_seen_from_the_side_as_one_line(sheet: Structure) -> None:
    assert abs(layer_normal(sheet, 0) @ sheet.lattice.matrix[2]) == pytest.approx(10)
    spheres, _ = circles(sheet, 0, "layered")
    heights = [sphere.center[1] for sphere in spheres]
    assert len(spheres) > 10
    assert heights == pytest.approx([0] * len(spheres), abs=1e-6)


def test_where_nothing_makes_a_layer_its_normal_points_away_from_the_nearest_atoms() -> None:
    slab = Structure(Lattice.tetragonal(1.7, 30), ["B"] * 9, [[0, 0, k * 1.7 / 30] for k in range(9)])
    assert layer_normal(slab, 8) == pytest.approx([0, 0, 1], abs=1e-6)
    assert layer_normal(slab, 0) == pytest.approx([0, 0, -1], abs=1e-6)
