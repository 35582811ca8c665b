"""The figures of the boron section: maps of its environments, and drawings of examples (Figs. 4, S2 and S3)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from pymatgen.core import Structure

from cgcnn.data.quantity import ENERGY, Quantity
from cgcnn.figures.style import COLORS, COLUMN, PAGE, styled
from cgcnn.paper.boron_clusters import CLUSTERS
from cgcnn.paper.boron_regions import BOND, REGIONS

_REGION_COLORS = dict(zip(REGIONS, (COLORS["vermilion"], COLORS["orange"], COLORS["sky"], COLORS["blue"]), strict=True))
_MARKERS = dict(zip(CLUSTERS, "*PX^", strict=True))
# The radius within which an environment is drawn, and the radii of the spheres of center and atoms, in angstrom.
_DRAWN, _CENTER, _ATOM = 3.7, 0.42, 0.3


@styled
def environment_maps(table: pd.DataFrame, quantity: Quantity = ENERGY) -> Figure:
    """Draw the map of environments three times, by local energy, coordination number and density (Fig. 4).

    Args:
        table: One row per environment: ``x``, ``y``, the local value, such as ``local_energy_eV_per_atom``,
            ``n_neighbors`` and ``density_g_per_cm3``.
        quantity: What the run predicts, for the column and the label.
    """
    figure = Figure(figsize=(PAGE, 2.9), layout="constrained")
    columns = {
        quantity.column("local"): quantity.of_sites(f"local {quantity.word}"),
        "n_neighbors": "number of neighbors",
        "density_g_per_cm3": "density (g/cm³)",
    }
    for axis, (column, label), letter in zip(figure.subplots(1, 3), columns.items(), "abc", strict=True):
        values = table[column]
        # The colors span these quantiles. A few extreme environments would otherwise take most of their range.
        low, high = values.quantile([0.05, 0.9])
        points = axis.scatter(table["x"], table["y"], c=values, s=5, linewidths=0, vmin=low, vmax=high, cmap="viridis")
        figure.colorbar(points, ax=axis, location="bottom", label=label, extend="both")
        _bare(axis, f"({letter})")
    return figure


@styled
def region_map(table: pd.DataFrame, placed: pd.DataFrame | None = None) -> Figure:
    """Draw the map of boron environments by region, with new sites on it if they are given (Fig. S3).

    Args:
        table: One row per environment: ``x``, ``y`` and ``region``.
        placed: One row per new site: ``x``, ``y`` and ``crystal``, the name of its cluster.
    """
    figure = Figure(figsize=(COLUMN * 1.3, 3.4), layout="constrained")
    axis = figure.subplots()
    for region, color in _REGION_COLORS.items():
        rows = table[table["region"] == region]
        axis.scatter(
            rows["x"], rows["y"], s=7, color=color, linewidths=0, label=region, alpha=0.5 if placed is not None else 1
        )
    if placed is not None:
        for crystal, rows in placed.groupby("crystal"):
            axis.scatter(
                rows["x"], rows["y"], s=32, marker=_MARKERS[str(crystal)], color="black", linewidths=0.6,
                edgecolors="white", label=str(crystal), zorder=3,
            )  # fmt: skip
    _bare(axis, "")
    figure.legend(loc="outside lower center", ncols=3, markerscale=1.3)
    return figure


@styled
def energy_by_region(table: pd.DataFrame) -> Figure:
    """Draw the distribution of local energies in each region, by quartiles and by whiskers from 5 to 95 %.

    Args:
        table: One row per environment: ``region`` and ``local_energy_eV_per_atom``.
    """
    figure = Figure(figsize=(COLUMN * 1.2, 2.5), layout="constrained")
    axis = figure.subplots()
    present = [region for region in REGIONS if region in set(table["region"])]
    sns.boxplot(
        table,
        x="region",
        y="local_energy_eV_per_atom",
        order=present,
        hue="region",
        palette=_REGION_COLORS,
        saturation=1,
        legend=False,
        whis=(5, 95),
        showfliers=False,
        linewidth=0.8,
        ax=axis,
    )
    axis.set(xlabel="", ylabel="local energy (eV)")
    return figure


@styled
def examples(structures: Sequence[tuple[str, Structure, int, float]]) -> Figure:
    """Draw example environments, three per region, with the center in red (Fig. S2).

    Args:
        structures: The region, the crystal, the site and the local energy (eV) of each example, three for one region
            after three for the other.
    """
    figure = Figure(figsize=(PAGE, 1.95 * (len(structures) // 3)), layout="constrained")
    axes = figure.subplots(len(structures) // 3, 3, squeeze=False)
    for axis, letter, (region, structure, site, energy) in zip(axes.flat, "abcdefghijkl", structures, strict=False):
        draw_environment(axis, structure, site)
        axis.set_title(f"({letter}) {region}, {energy:.2f} eV", fontsize=7, fontweight="normal")
    return figure


def draw_environment(axis: Axes, structure: Structure, site: int) -> None:
    """Draw the atoms around a site and their bonds, which are shorter than 2.1 angstrom.

    The view is along the direction in which the atoms extend least.

    Args:
        axis: The axes to draw on.
        structure: The crystal.
        site: The index of the center, which is drawn in red.
    """
    around = structure.get_sites_in_sphere(structure[site].coords, _DRAWN)
    positions = np.array([atom.coords for atom in around]) - structure[site].coords
    is_center = np.linalg.norm(positions, axis=1) < 1e-3
    axes_of_extent = np.linalg.svd(positions - positions.mean(axis=0))[2]
    seen = positions @ axes_of_extent.T
    depth = (seen[:, 2] - seen[:, 2].min()) / max(float(np.ptp(seen[:, 2])), 1e-6)  # 1 for the atom nearest the reader
    distances = np.linalg.norm(positions[:, None] - positions, axis=2)
    for i, j in zip(*np.nonzero(np.triu(distances < BOND, 1)), strict=True):
        order = 2 * float(depth[[i, j]].min())
        shade = 0.75 - 0.45 * float(depth[[i, j]].mean())
        axis.plot(*seen[[i, j], :2].T, color=str(shade), linewidth=1.6, zorder=order, solid_capstyle="round")
    for point, near, center in zip(seen, depth, is_center, strict=True):
        color = np.array(to_rgb(COLORS["vermilion"] if center else COLORS["sky"]))
        paler = 1 - (1 - color) * (1 if center else 0.35 + 0.65 * near)
        radius = _CENTER if center else _ATOM
        axis.add_patch(
            Circle(point[:2], radius, facecolor=paler, edgecolor="0.25", linewidth=0.5, zorder=2 * near + 0.5)
        )
    axis.set(xlim=(-_DRAWN - 0.5, _DRAWN + 0.5), ylim=(-_DRAWN - 0.5, _DRAWN + 0.5), aspect="equal")
    axis.axis("off")


def _bare(axis: Axes, title: str) -> None:
    """Remove the numbers of the axes, which have no meaning on a t-SNE map."""
    axis.set(xticks=[], yticks=[], xlabel="t-SNE 1", ylabel="t-SNE 2", title=title)
    axis.spines[:].set_visible(True)
