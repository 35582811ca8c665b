"""The figures of the boron section: maps of its environments, and examples of them (Figs. 4, S2 and S3)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import ConnectionPatch

from cgcnn.data.quantity import ENERGY, Quantity
from cgcnn.figures.style import COLORS, COLUMN, PAGE, VALUES, styled
from cgcnn.paper.boron_clusters import CLUSTERS
from cgcnn.paper.boron_drawing import atoms_around, draw_environment
from cgcnn.paper.boron_map import Example
from cgcnn.paper.boron_regions import REGIONS

_REGION_COLORS = dict(zip(REGIONS, (COLORS["vermilion"], COLORS["orange"], COLORS["sky"], COLORS["blue"]), strict=True))
# The panels of the examples.
_PANELS = "abcdefghijkl"
_MARKERS = dict(zip(CLUSTERS, "*PX^", strict=True))


@styled
def environment_maps(table: pd.DataFrame, quantity: Quantity = ENERGY, drawn: Sequence[Example] = ()) -> Figure:
    """Draw the map of environments three times, by local energy, coordination number and density (Fig. 4).

    The first map is large. Examples stand beside it, with the names of their regions and lines to their points.

    Args:
        table: One row per environment: ``x``, ``y``, the local value, such as ``local_energy_eV_per_atom``,
            ``n_neighbors`` and ``density_g_per_cm3``.
        quantity: What the run predicts, for the column and the label.
        drawn: Four examples or fewer, from :func:`cgcnn.paper.boron_map.typical_examples`.
    """
    figure = Figure(figsize=(PAGE, 7.6), layout="constrained")
    beside = _sides(drawn)
    rows: list[Any] = [[left, "a", "a", right] for left, right in zip(*beside, strict=True)] or [["a", "a"]]
    below = ["b", "b", "c", "c"] if drawn else ["b", "c"]
    heights = [*([1] * len(rows) if drawn else [2]), 1.25]
    axes = figure.subplot_mosaic(
        [*rows, below], width_ratios=(1, 1.3, 1.3, 1) if drawn else (1, 1), height_ratios=heights, empty_sentinel=""
    )
    columns = {
        quantity.column("local"): quantity.of_sites(f"local {quantity.word}"),
        "n_neighbors": "number of neighbors",
        "density_g_per_cm3": "density (g/cm³)",
    }
    for (column, label), letter, size in zip(columns.items(), "abc", (13, 7, 7), strict=True):
        axis, values = axes[letter], table[column]
        # The colors span these quantiles. A few extreme environments would otherwise take most of their range.
        low, high = values.quantile([0.05, 0.9])
        points = axis.scatter(table["x"], table["y"], c=values, s=size, linewidths=0, vmin=low, vmax=high, cmap=VALUES)
        figure.colorbar(points, ax=axis, location="bottom", label=label, extend="both", aspect=30)
        _bare(axis, f"({letter})")
    for each in drawn:
        axis = axes[each.region]
        draw_environment(axis, each.structure, each.site, each.region)
        is_left = each.region in beside[0]
        axis.set_title(f"{each.region}\n{each.energy:.2f} eV", fontsize=8, loc="center")
        axes["a"].plot(each.x, each.y, "o", markersize=7, markerfacecolor="none", markeredgecolor="black", mew=1.2)
        line = ConnectionPatch(
            (0.95 if is_left else 0.05, 0.5), (each.x, each.y), coordsA="axes fraction", coordsB="data", axesA=axis,
            axesB=axes["a"], color="black", linewidth=0.7, shrinkB=3.5, zorder=5,
        )  # fmt: skip
        line.set_in_layout(False)
        figure.add_artist(line)
    return figure


def _sides(drawn: Sequence[Example]) -> tuple[list[str], list[str]]:
    """Return the regions of examples that stand left and right of the map, so that few of their lines cross."""
    by_x = sorted(drawn, key=lambda each: each.x)
    n_left = (len(by_x) + 1) // 2
    left, right = (
        [each.region for each in sorted(side, key=lambda each: -each.y)] for side in (by_x[:n_left], by_x[n_left:])
    )
    return left, right + [""] * (len(left) - len(right))


@styled
def region_map(table: pd.DataFrame, placed: pd.DataFrame | None = None) -> Figure:
    """Draw the map of boron environments by region, with new sites on it if they are given (Fig. S3).

    Args:
        table: One row per environment: ``x``, ``y`` and ``region``.
        placed: One row per new site: ``x``, ``y`` and ``crystal``, the name of its cluster.
    """
    figure = Figure(figsize=(PAGE * 0.8, 4.4), layout="constrained")
    axis = figure.subplots()
    for region, color in _REGION_COLORS.items():
        rows = table[table["region"] == region]
        axis.scatter(
            rows["x"], rows["y"], s=10, color=color, linewidths=0, label=region, alpha=0.5 if placed is not None else 1
        )
    if placed is not None:
        for crystal, rows in placed.groupby("crystal"):
            axis.scatter(
                rows["x"], rows["y"], s=55, marker=_MARKERS[str(crystal)], color="black", linewidths=0.5,
                edgecolors="white", label=cluster_label(str(crystal)), zorder=3,
            )  # fmt: skip
    _bare(axis, "")
    figure.legend(loc="outside lower center", ncols=4, markerscale=1.2)
    return figure


def cluster_label(name: str) -> str:
    """Return the name of a cluster with its indices below the line, such as B₄₀ for ``B40``.

    Args:
        name: A name such as ``B40 (D2d)``: the formula, and in brackets the symmetry.
    """
    return re.sub(r"([A-Z])(\w+)", r"\1$_{\\mathrm{\2}}$", name)


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
def examples(drawn: Sequence[Example]) -> Figure:
    """Draw example environments, three per region, with the center in red (Fig. S2).

    Args:
        drawn: The examples of :func:`cgcnn.paper.boron_map.draw_examples`, three for one region after three for the
            other.
    """
    figure = Figure(figsize=(PAGE, 2.2 * (len(drawn) // 3)), layout="constrained")
    axes = figure.subplots(len(drawn) // 3, 3, squeeze=False)
    for axis, letter, each in zip(axes.flat, _PANELS, drawn, strict=False):
        draw_environment(axis, each.structure, each.site, each.region)
        axis.set_title(f"({letter}) {each.region}, {each.energy:.2f} eV", fontsize=8, fontweight="normal")
    return figure


def example_atoms(drawn: Sequence[Example]) -> pd.DataFrame:
    """Return the atoms that :func:`examples` draws around the centers, and some that an icosahedron hides.

    Args:
        drawn: The examples.

    Returns:
        One row per atom: ``panel`` (the letter of the example), ``region``, ``local_energy_eV`` and ``site`` of the
        center, and ``x_angstrom``, ``y_angstrom`` and ``z_angstrom``, the place of the atom relative to the center.
    """
    places = ["x_angstrom", "y_angstrom", "z_angstrom"]
    tables = []
    for letter, each in zip(_PANELS, drawn, strict=False):
        center: dict[str, Any] = {
            "panel": letter,
            "region": each.region,
            "local_energy_eV": each.energy,
            "site": each.site,
        }
        atoms = pd.DataFrame(atoms_around(each.structure, each.site), columns=places)
        tables.append(atoms.assign(**center)[[*center, *places]])
    return pd.concat(tables, ignore_index=True)


def _bare(axis: Axes, title: str) -> None:
    """Remove the numbers of the axes, which have no meaning on a t-SNE map."""
    axis.set(xticks=[], yticks=[], xlabel="t-SNE 1", ylabel="t-SNE 2", title=title)
    axis.spines[:].set_visible(True)
