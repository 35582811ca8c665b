"""Drawings of the atoms around a boron site, each region from the side that shows what it is (Figs. 4 and S2)."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import Circle, Ellipse
from pymatgen.core import Structure

from cgcnn.figures.style import COLORS
from cgcnn.paper.boron_icosahedra import EDGE, icosahedron_around
from cgcnn.paper.boron_regions import BOND

# The radius within which an environment is drawn, and the radii of the spheres of center and atoms, in angstrom.
_DRAWN, _CENTER, _ATOM = 3.7, 0.42, 0.32
# The radius within which the direction of a layer is sought, in angstrom: it must be wider than the layer is thick.
_LAYER = 6.0
# The radius of the nearest atoms, in angstrom, and the extent of a layer across it relative to the one along it.
_NEAR, _THIN = 2.5, 0.55
# Half the width of the drawing of an icosahedron, in angstrom.
_ICOSAHEDRON = 2.9
# The light on a sphere: how far a spot lies from its middle and how wide it is, in radii, and how white it is.
_SPOTS = ((0.12, 0.8, 0.18), (0.22, 0.55, 0.4), (0.3, 0.25, 0.8))


def draw_environment(axis: Axes, structure: Structure, site: int, region: str = "") -> None:
    """Draw the atoms around a site and their bonds, which are shorter than 2.1 angstrom.

    An icosahedron is seen down its fivefold axis through the center, with its twelve atoms dark and all others pale. A
    layer is seen from the side, and anything else along the direction in which the atoms extend least.

    Args:
        axis: The axes to draw on.
        structure: The crystal.
        site: The index of the center, which is drawn in red.
        region: The region of the site, as in :data:`cgcnn.paper.boron_regions.REGIONS`.
    """
    corners = icosahedron_around(structure, site) if region == "icosahedral" else None
    positions = atoms_around(structure, site)
    limit = _DRAWN + 0.5
    if corners is not None:
        # The center is in front, and one of the five atoms around it is above it.
        view, limit = _view(toward=-corners[-1], up=corners[1]), _ICOSAHEDRON
        others = positions[np.linalg.norm(positions[:, None] - corners, axis=2).min(axis=1) > 1e-3]
        others = others[np.linalg.norm(others @ view[:2].T, axis=1) < limit - _ATOM]
        positions = np.vstack([corners, others])
    elif region == "layered":
        normal = layer_normal(structure, site)
        view = _view(toward=_least_extent(positions - np.outer(positions @ normal, normal), 1), up=normal)
    else:
        view = _view(toward=_least_extent(positions), up=_least_extent(positions, 1))
    is_pale = np.arange(len(positions)) >= (len(positions) if corners is None else len(corners))
    seen = positions @ view.T
    depth = (seen[:, 2] - seen[:, 2].min()) / max(float(np.ptp(seen[:, 2])), 1e-6)  # 1 for the atom nearest the reader
    distances = np.linalg.norm(positions[:, None] - positions, axis=2)
    if corners is not None:  # all edges of the icosahedron are drawn, those of more than a bond's length too
        distances[:12, :12] = np.where(distances[:12, :12] < EDGE, 0, distances[:12, :12])
    for i, j in zip(*np.nonzero(np.triu(distances < BOND, 1)), strict=True):
        pale = bool(is_pale[i] or is_pale[j])
        shade = 0.88 if pale else 0.7 - 0.45 * float(depth[[i, j]].mean())
        order = 2 * float(depth[[i, j]].min()) - 3 * pale
        axis.plot(*seen[[i, j], :2].T, color=str(shade), linewidth=1.6, zorder=order, solid_capstyle="round")
    is_center = np.linalg.norm(positions, axis=1) < 1e-3
    for point, near, center, pale in zip(seen, depth, is_center, is_pale, strict=True):
        dark = corners is not None and not pale
        color = COLORS["vermilion"] if center else COLORS["blue"] if dark else COLORS["sky"]
        strength = 1.0 if center else 0.25 if pale else 0.65 + 0.35 * near if dark else 0.45 + 0.55 * near
        _sphere(axis, point[:2], _CENTER if center else _ATOM, color, strength, 2 * float(near) + 0.5 - 3 * pale)
    axis.set(xlim=(-limit, limit), ylim=(-limit, limit), aspect="equal")
    axis.axis("off")


def layer_normal(structure: Structure, site: int) -> np.ndarray:
    """Return the direction across the layer or the surface in which a site lies, as a vector (3,) of length 1.

    Where the bonded atoms around the site make a layer, it is the direction in which they extend least. Else it points
    away from the nearest atoms.

    Args:
        structure: The crystal.
        site: The index of the site.
    """
    positions = atoms_around(structure, site, _LAYER)
    bonded = np.linalg.norm(positions[:, None] - positions, axis=2) < BOND
    reached = np.linalg.norm(positions, axis=1) < 1e-3
    while (further := bonded[reached].any(axis=0)).sum() > reached.sum():
        reached = further
    layer = positions[reached]
    extents = np.linalg.svd(layer - layer.mean(axis=0), compute_uv=False)
    mean = atoms_around(structure, site, _NEAR).mean(axis=0)
    if len(extents) == 3 and extents[2] > _THIN * extents[1] and np.linalg.norm(mean) > 1e-3:
        return np.asarray(-mean / np.linalg.norm(mean))
    return _least_extent(layer)


def atoms_around(structure: Structure, site: int, radius: float = _DRAWN) -> np.ndarray:
    """Return the (n, 3) positions in angstrom of the atoms around a site, which is one of them, relative to the site.

    Args:
        structure: The crystal.
        site: The index of the site.
        radius: How far away atoms may be, in angstrom. Without it, they are those that are drawn.
    """
    atoms = structure.get_sites_in_sphere(structure[site].coords, radius)
    return np.array([atom.coords for atom in atoms]) - structure[site].coords


def _least_extent(positions: np.ndarray, place: int = 0) -> np.ndarray:
    """Return the direction in which positions extend least, or by 1 the next direction after it."""
    axes: np.ndarray = np.linalg.svd(positions - positions.mean(axis=0))[2]
    return np.asarray(axes[2 - place])


def _view(toward: np.ndarray, up: np.ndarray) -> np.ndarray:
    """Return the directions to the right, up and toward the reader as the rows of a rotation (3, 3)."""
    third = toward / np.linalg.norm(toward)
    second = up - (up @ third) * third
    second = second / np.linalg.norm(second)
    return np.array([np.cross(second, third), second, third])


def _sphere(axis: Axes, place: np.ndarray, radius: float, color: str, strength: float, order: float) -> None:
    """Draw a sphere with light from the upper left, the paler the less strength its color has."""
    base = 1 - strength * (1 - np.array(to_rgb(color)))
    edge = str(0.25 + 0.5 * (1 - strength))
    axis.add_patch(Circle((place[0], place[1]), radius, facecolor=base, edgecolor=edge, linewidth=0.5, zorder=order))
    for away, width, white in _SPOTS:
        spot = (place[0] - away * radius, place[1] + away * radius)
        lit = base + white * (1 - base)
        axis.add_patch(Ellipse(spot, 2 * width * radius, 2 * width * radius, facecolor=lit, linewidth=0, zorder=order))
