"""The drawing of a perovskite from its real coordinates (Figs. 1 and 3(a))."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Polygon
from pymatgen.core import Structure
from scipy.spatial import ConvexHull
from scipy.spatial.transform import Rotation

from cgcnn.figures.style import COLORS, COLUMN, styled

# The view: a turn about the vertical axis, then a tilt towards the reader, both in degrees.
_VIEW = Rotation.from_euler("zx", [-22, -76], degrees=True)
# The radii of the drawn spheres in angstrom: A, B and the anions X.
_RADII = {"A": 0.62, "B": 0.42, "X": 0.34}
# The drawing order of a sphere or a bond is this number plus its depth; octahedra come before.
_ATOMS = 100
#: The color of each kind of site.
FILLS = {"A": COLORS["green"], "B": COLORS["blue"], "X": COLORS["vermilion"]}
#: The color of the edges from A to its anions.
EDGES = "#A0307A"


@styled
def perovskite(structure: Structure, a_site: str, b_site: str) -> Figure:
    """Draw one cell of a cubic perovskite, with A in the middle and B at the corners inside octahedra of anions.

    The projection is orthographic. The nearest sphere of each kind bears the letter of its site. Spheres farther away
    are paler.

    Args:
        structure: A cell of five sites: A, B and three anions.
        a_site: The symbol of the element on A.
        b_site: The symbol of the element on B.
    """
    figure = Figure(figsize=(COLUMN, 3.4), layout="constrained")
    axis = figure.subplots()
    draw_perovskite(axis, structure, a_site, b_site)
    anions = {site.specie.symbol for site in structure} - {a_site, b_site}
    names = {"A": a_site, "B": b_site, "X": "/".join(sorted(anions))}
    for row, kind in enumerate("ABX"):
        axis.plot([], [], "o", color=FILLS[kind], markersize=(9, 7, 5.5)[row], label=f"{kind}: {names[kind]}")
    axis.legend(loc="lower center", ncols=3, bbox_to_anchor=(0.5, -0.1), handletextpad=0.3)
    return figure


def cell_sites(structure: Structure, a_site: str, b_site: str) -> pd.DataFrame:
    """Return the sites of a cell of a perovskite, as :func:`perovskite` draws them.

    Args:
        structure: A cell of five sites: A, B and three anions.
        a_site: The symbol of the element on A.
        b_site: The symbol of the element on B.

    Returns:
        One row per site: ``site`` (``A``, ``B`` or ``X``), ``element``, and its place in the cell relative to B,
        ``x_angstrom``, ``y_angstrom`` and ``z_angstrom``.
    """
    symbols = [site.specie.symbol for site in structure]
    fractions = (structure.frac_coords - structure.frac_coords[symbols.index(b_site)]).round(6) % 1
    kinds = [{a_site: "A", b_site: "B"}.get(symbol, "X") for symbol in symbols]
    places = (fractions @ structure.lattice.matrix).round(6)
    of_sites = pd.DataFrame(places, columns=["x_angstrom", "y_angstrom", "z_angstrom"])
    of_sites.insert(0, "site", kinds)
    of_sites.insert(1, "element", symbols)
    return of_sites


def draw_perovskite(
    axis: Axes, structure: Structure, a_site: str, b_site: str, fills: Sequence[str] = (), with_edges: bool = False
) -> None:
    """Draw one cell of a perovskite on axes, with A in the middle and B at the corners, seen as in :func:`perovskite`.

    Args:
        axis: The axes to draw on.
        structure: A cell of five sites: A, B and three anions.
        a_site: The symbol of the element on A.
        b_site: The symbol of the element on B.
        fills: The color of each site, in the order of the structure. Without them, each kind has its color, and the
            nearest sphere of each kind bears the letter of its site.
        with_edges: Whether a line leads from A to each of its twelve anions.
    """
    symbols = [site.specie.symbol for site in structure]
    origin = structure.frac_coords[symbols.index(b_site)]
    images = np.array(list(itertools.product((-1, 0, 1, 2), repeat=3)))
    length = structure.lattice.a
    atoms: list[tuple[str, int, np.ndarray]] = []
    for site, (symbol, position) in enumerate(zip(symbols, structure.frac_coords, strict=True)):
        kind = {a_site: "A", b_site: "B"}.get(symbol, "X")
        shifted = images + position - origin
        low, high = (-0.1, 1.1) if kind != "X" else (-0.62, 1.62)
        inside = ((shifted > low) & (shifted < high)).all(axis=1)
        atoms += [(kind, site, point @ structure.lattice.matrix) for point in shifted[inside]]
    corners = np.array([point for kind, _, point in atoms if kind == "B"])
    # Only anions that are bonded to a drawn B are drawn.
    atoms = [
        (kind, site, point)
        for kind, site, point in atoms
        if kind != "X" or np.linalg.norm(corners - point, axis=1).min() < 0.62 * length
    ]
    centers = np.array([point for _, _, point in atoms])
    radii = np.array([_RADII[kind] for kind, _, _ in atoms])
    _draw_cell(axis, length, centers, radii)
    _draw_octahedra(axis, corners, np.array([point for kind, _, point in atoms if kind == "X"]), 0.62 * length)
    _, depths = _project(centers)
    # The distances from the reader are scaled: 0 is the nearest sphere and 1 the farthest.
    distances = (depths.max() - depths) / (depths.max() - depths.min())
    unnamed = set() if fills else set("ABX")
    if with_edges:
        (center,) = centers[[kind == "A" for kind, _, _ in atoms]]
        anions = centers[[kind == "X" for kind, _, _ in atoms]]
        for anion in anions[np.argsort(np.linalg.norm(anions - center, axis=1))[:12]]:
            picture, depth = _project(np.array([center, anion]))
            axis.plot(*picture.T, color=EDGES, linewidth=1.8, zorder=_ATOMS + float(depth.min()))
    for place in np.argsort(distances):
        kind, site, point = atoms[place]
        color = fills[site] if fills else _paler(FILLS[kind], 0.45 * float(distances[place]))
        _draw_sphere(axis, point, _RADII[kind], color, kind if kind in unnamed else "")
        unnamed.discard(kind)
    axis.set_aspect("equal")
    axis.axis("off")
    axis.autoscale_view()


def _project(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the (n, 2) positions of (n, 3) points in the picture, and their (n,) depths, larger towards the reader."""
    turned = np.atleast_2d(_VIEW.apply(points))
    return turned[:, :2], turned[:, 2]


def _paler(color: str, share: float) -> tuple[float, float, float]:
    """Return a color that is mixed with a share of white."""
    red, green, blue = (float(part) + share * (1 - float(part)) for part in to_rgb(color))
    return red, green, blue


def _draw_sphere(axis: Axes, point: np.ndarray, radius: float, color: tuple[float, float, float], letter: str) -> None:
    picture, depth = _project(point)
    x, y = picture[0]
    order = _ATOMS + float(depth[0])
    axis.add_patch(Circle((x, y), radius, facecolor=color, edgecolor="black", linewidth=0.4, zorder=order))
    for share, alpha in ((0.62, 0.12), (0.4, 0.18), (0.2, 0.35)):  # a light from the upper left
        light = (x - 0.3 * radius, y + 0.3 * radius)
        axis.add_patch(Circle(light, share * radius, facecolor="white", alpha=alpha, linewidth=0, zorder=order))
    axis.text(x, y, letter, ha="center", va="center", size=16 * radius, color="white", weight="bold", zorder=order)


def _draw_cell(axis: Axes, length: float, centers: np.ndarray, radii: np.ndarray) -> None:
    """Draw the edges of the cell outside the spheres, in short pieces that each have a depth of their own."""
    corners = np.array(list(itertools.product((0, length), repeat=3)))
    for a, b in itertools.combinations(corners, 2):
        if np.isclose(np.abs(a - b).sum(), length):
            points = a + np.linspace(0, 1, 25)[:, None] * (b - a)
            for start, end in itertools.pairwise(points):
                if (np.linalg.norm(centers - (start + end) / 2, axis=1) > radii).all():
                    picture, depth = _project(np.array([start, end]))
                    axis.plot(*picture.T, color="0.15", linewidth=0.7, zorder=_ATOMS + float(depth.mean()))


def _draw_octahedra(axis: Axes, centers: np.ndarray, anions: np.ndarray, reach: float) -> None:
    """Shade the octahedron around each center behind the spheres, and draw the bonds from the center to its anions."""
    for center in centers:
        vertices = anions[np.linalg.norm(anions - center, axis=1) < reach]
        if len(vertices) < 4:
            continue
        for face in ConvexHull(vertices).simplices:
            picture, depth = _project(vertices[face])
            axis.add_patch(
                Polygon(
                    picture,
                    facecolor=(*to_rgb(COLORS["sky"]), 0.12),
                    edgecolor=(*to_rgb(COLORS["blue"]), 0.35),
                    linewidth=0.4,
                    zorder=float(np.tanh(depth.mean())),  # in the order of their depths, all below the spheres
                )
            )
        for vertex in vertices:
            along = (vertex - center) / np.linalg.norm(vertex - center)
            picture, depth = _project(np.array([center + _RADII["B"] * along, vertex - _RADII["X"] * along]))
            axis.plot(*picture.T, color="0.6", linewidth=1.8, zorder=_ATOMS + float(depth.mean()) - 0.2)
