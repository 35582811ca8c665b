"""Maps of the elements: element vectors on their first two principal components (Figs. 3(b) and S1)."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib as mpl
import pandas as pd
import textalloc
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from cgcnn.figures.labels import label_points
from cgcnn.figures.style import COLORS, PAGE, styled

_MARKERS = {"s": "o", "d": "s", "p": "^", "f": "D"}
_N_GROUPS = 18
_NO_GROUP = "0.85"
# With more elements than this, the map is larger and its marks are smaller.
_MANY = 60


@styled
def element_map(table: pd.DataFrame, explained: tuple[float, float]) -> Figure:
    """Draw elements on two principal components, colored by group, with an inset colored by radius (Fig. 3(b)).

    Args:
        table: One row per element, whose symbol is the index: ``pc1``, ``pc2``, ``group`` (NaN for elements without
            a group), ``block`` and ``covalent_radius_pm``.
        explained: The shares of the variance along the two components.
    """
    many = len(table) > _MANY
    figure = Figure(figsize=(PAGE, 6.0 if many else 4.6), layout="constrained")
    axes = figure.subplot_mosaic([["map", "radius"], ["map", "legend"]], width_ratios=(2.5, 1), height_ratios=(1.4, 1))
    axis, inset = axes["map"], axes["radius"]
    _scatter_groups(axis, table, size=18 if many else 34)
    axis.set(xlabel=_percent("PC 1", explained[0]), ylabel=_percent("PC 2", explained[1]))
    radius = table["covalent_radius_pm"]
    points = inset.scatter(
        table["pc1"], table["pc2"], c=radius, cmap="cividis", s=16, linewidths=0.2, edgecolors="black"
    )
    inset.set(xticks=[], yticks=[], title="the same, by radius")
    inset.spines[:].set_visible(True)
    figure.colorbar(points, ax=inset, location="bottom", label="covalent radius (pm)", aspect=18)
    _legend(axes["legend"], table)
    _label(axis, table, size=6 if many else 7.5, distance=5.5 if many else 7)
    return figure


@styled
def element_map_panels(
    tables: Mapping[int, pd.DataFrame] | Mapping[str, pd.DataFrame],
    explained: Mapping[int, tuple[float, float]] | Mapping[str, tuple[float, float]],
) -> Figure:
    """Draw several maps, colored by group: one per size of the training set (Fig. S1), or one per network.

    Args:
        tables: The tables of the maps, as for :func:`element_map`, by the number of training crystals or by the title.
        explained: The shares of the variance along the two components, by the same.
    """
    n_rows = -(-len(tables) // 2)
    figure = Figure(figsize=(PAGE, 0.9 + 2.85 * n_rows), layout="constrained")
    grid = figure.subplots(n_rows, 2, squeeze=False).flat
    axes = [axis for _, axis in zip(tables, grid, strict=False)]
    for axis in grid:  # those that are left
        axis.remove()
    shares = list(explained.values())
    for axis, letter, (of, table), (first, second) in zip(axes, "abcdefgh", tables.items(), shares, strict=False):
        _scatter_groups(axis, table, size=14)
        axis.set(title=f"({letter}) {of:,} training crystals" if isinstance(of, int) else f"({letter}) {of}")
        axis.set(xlabel=_percent("PC 1", first), ylabel=_percent("PC 2", second))
        axis.set(xticks=[], yticks=[])
    groups = mpl.cm.ScalarMappable(_group_norm(), _group_colors())
    bar = figure.colorbar(groups, ax=axes, location="bottom", aspect=60, shrink=0.7, label="group")
    bar.set_ticks(range(1, _N_GROUPS + 1))
    for axis, table in zip(axes, tables.values(), strict=True):
        _label(axis, table, size=6, distance=5)
    return figure


@styled
def radius_trend(table: pd.DataFrame, correlation: float) -> Figure:
    """Draw the covalent radius against the second principal component, with the alkali metals in their own color.

    Args:
        table: The elements, as for :func:`element_map`.
        correlation: Spearman's rank correlation of radius and component without the alkali metals.
    """
    figure = Figure(figsize=(PAGE * 0.6, 2.9), layout="constrained")
    axis = figure.subplots()
    alkali = table["group"] == 1
    for rows, color, marker, label in (
        (table[~alkali], COLORS["blue"], "o", f"all others: Spearman {correlation:.2f}"),
        (table[alkali], COLORS["vermilion"], "^", "alkali metals"),
    ):
        axis.plot(rows["pc2"], rows["covalent_radius_pm"], marker, color=color, markersize=4.5, label=label, mew=0)
    axis.set(xlabel="PC 2", ylabel="covalent radius (pm)")
    axis.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    named = table[alkali | (table["covalent_radius_pm"] > 165) | (table["covalent_radius_pm"] < 115)]
    textalloc.allocate(
        axis,
        named["pc2"].tolist(),
        named["covalent_radius_pm"].tolist(),
        [str(name) for name in named.index],
        x_scatter=table["pc2"].tolist(),
        y_scatter=table["covalent_radius_pm"].tolist(),
        textsize=6,
        min_distance=0.01,
        linecolor="0.4",
        linewidth=0.4,
    )
    return figure


def _scatter_groups(axis: Axes, table: pd.DataFrame, size: float) -> None:
    for block, rows in table.groupby("block"):
        axis.scatter(
            rows["pc1"],
            rows["pc2"],
            c=rows["group"],
            cmap=_group_colors(),
            norm=_group_norm(),
            marker=_MARKERS[str(block)],
            s=size,
            linewidths=0.3,
            edgecolors="black",
            plotnonfinite=True,  # lanthanides and actinides after La and Ac have no group, and are drawn in gray
        )


def _label(axis: Axes, table: pd.DataFrame, size: float, distance: float) -> None:
    axis.margins(0.07)
    label_points(
        axis, table["pc1"].tolist(), table["pc2"].tolist(), [str(name) for name in table.index], size, distance
    )


def _legend(axis: Axes, table: pd.DataFrame) -> None:
    """Draw the legend, which gives the color of each group and the marker of each block."""
    axis.axis("off")
    colors, norm = _group_colors(), _group_norm()
    named = {str(group): colors(norm(group)) for group in sorted(table["group"].dropna().astype(int).unique())}
    if table["group"].isna().any():
        named["none"] = _NO_GROUP
    handles = [Line2D([], [], marker="o", linestyle="", color=color, label=group) for group, color in named.items()]
    first = axis.legend(handles=handles, ncols=4, title="group", loc="upper center", handletextpad=0, columnspacing=0.6)
    axis.add_artist(first)
    blocks = [
        Line2D([], [], marker=_MARKERS[block], linestyle="", color="0.4", label=block)
        for block in _MARKERS
        if block in set(table["block"])
    ]
    axis.legend(handles=blocks, ncols=4, title="block", loc="lower center", handletextpad=0, columnspacing=0.8)


def _group_colors() -> mpl.colors.Colormap:
    return mpl.colormaps["viridis"].with_extremes(bad=_NO_GROUP)


def _group_norm() -> Normalize:
    return BoundaryNorm([group - 0.5 for group in range(1, _N_GROUPS + 2)], mpl.colormaps["viridis"].N)


def _percent(name: str, share: float) -> str:
    return f"{name} ({share:.0%} of the variance)"
