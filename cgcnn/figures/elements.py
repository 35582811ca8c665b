"""Maps of the elements: element vectors on their first two principal components (Figs. 3(b), S1 and S4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import textalloc
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial.distance import pdist, squareform

from cgcnn.figures.labels import spread_apart
from cgcnn.figures.style import COLORS, PAGE, styled

# The families of the elements, as the legend names them, with a color each and the ink of a symbol on it.
_FAMILIES = {
    "alkali metals": (COLORS["vermilion"], "white"),
    "alkaline earth metals": (COLORS["orange"], "black"),
    "d metals, groups 3 to 7": (COLORS["blue"], "white"),
    "d metals, groups 8 to 12": (COLORS["sky"], "black"),
    "post-transition metals": (COLORS["green"], "white"),
    "metalloids": (COLORS["purple"], "black"),
    "lanthanides": ("#332288", "white"),
    "actinides": ("#6B4226", "white"),
    "nonmetals": ("#F0E442", "black"),
    "halogens": ("#882255", "white"),
    "noble gases": ("0.8", "black"),
}
#: The color of each family of elements, on maps that have other marks than discs.
FAMILY_COLORS = {family: color for family, (color, _) in _FAMILIES.items()}
# With more elements than this, the map is larger and its discs are smaller.
_MANY = 60
# The scale of the discs, in points (1/72 inch) of the diameter per picometer of the covalent radius, and the font size
# of the symbols, on one map and on several small ones.
_SCALE, _SYMBOL = 0.09, 6.5
_SMALL_SCALE, _SMALL_SYMBOL = 0.075, 5.0
# The least diameter of a disc, in font sizes, so that its symbol stands inside.
_LEAST = 1.4
# The radii of the legend, in picometers.
_LEGEND_RADII = (100, 150, 200)
# Discs may cover this share of each other, and never a symbol.
_OVERLAP = 0.1
_BAND = "0.88"
# The font size of the name of a group, and the distance from a disc to the center of a name above it, in points.
_NAME, _LIFT = 7, 12


@styled
def element_map(
    table: pd.DataFrame,
    explained: tuple[float, float],
    named: Mapping[str, Sequence[str]] | None = None,
    beyond: Sequence[str] = (),
) -> Figure:
    """Draw elements on two principal components, colored by family, with an inset colored by radius (Fig. 3(b)).

    Each element is a disc with its symbol. The diameter is to the scale of the covalent radius, and not less than the
    symbol needs. Discs that would cover each other are moved apart. Where a disc has left its place, a line leads from
    it to the place.

    Args:
        table: One row per element, whose symbol is the index: ``pc1``, ``pc2``, ``series``, ``group`` (NaN for elements
            without a group) and ``covalent_radius_pm``.
        explained: The shares of the variance along the two components.
        named: The elements of each group that are joined by a band and named on the map. Groups of fewer than two of
            the elements of the table are left out.
        beyond: The elements that lie so far off that they would squeeze all others. They stand at the edge of the map,
            with an arrow and their components, and the small map has them at their places.
    """
    many = len(table) > _MANY
    figure = Figure(figsize=(PAGE, 6.0 if many else 4.6), layout="constrained")
    axes = figure.subplot_mosaic([["map", "radius"], ["map", "legend"]], width_ratios=(2.7, 1), height_ratios=(1.2, 1))
    axis, inset = axes["map"], axes["radius"]
    axis.set(xlabel=_percent("PC 1", explained[0]), ylabel=_percent("PC 2", explained[1]))
    radius = table["covalent_radius_pm"]
    points = inset.scatter(
        table["pc1"], table["pc2"], c=radius, cmap="cividis", s=16, linewidths=0.2, edgecolors="black"
    )
    inset.set(xticks=[], yticks=[], title="the same, by radius")
    inset.spines[:].set_visible(True)
    figure.colorbar(points, ax=inset, location="bottom", label="covalent radius (pm)", aspect=18)
    scale, size = (_SMALL_SCALE, _SMALL_SYMBOL) if many else (_SCALE, _SYMBOL)
    axes["legend"].axis("off")
    handles = _handles([table], scale)
    first = axes["legend"].legend(handles=handles[: -len(_LEGEND_RADII)], loc="upper left", borderpad=0)
    axes["legend"].add_artist(first)
    axes["legend"].legend(
        handles=handles[-len(_LEGEND_RADII) :], loc="lower left", ncols=3, borderpad=0,
        columnspacing=1, handletextpad=0.6, handleheight=2.5,
    )  # fmt: skip
    far = table.index.isin(list(beyond))
    _discs(axis, table[~far], scale, size, named or {})
    _name_beyond(axis, table[far], size)
    return figure


@styled
def element_map_panels(
    tables: Mapping[int, pd.DataFrame] | Mapping[str, pd.DataFrame],
    explained: Mapping[int, tuple[float, float]] | Mapping[str, tuple[float, float]],
) -> Figure:
    """Draw several maps, colored by family: one per size of the training set (Fig. S1), or one per network.

    Args:
        tables: The tables of the maps, as for :func:`element_map`, by the number of training crystals or by the title.
        explained: The shares of the variance along the two components, by the same.
    """
    n_rows = -(-len(tables) // 2)
    corner = len(tables) % 2 == 1  # where the legend stands
    figure = Figure(figsize=(PAGE, (0.0 if corner else 0.7) + 3.1 * n_rows), layout="constrained")
    grid = figure.subplots(n_rows, 2, squeeze=False).flat
    axes = [axis for _, axis in zip(tables, grid, strict=False)]
    for axis in grid:  # those that are left
        axis.remove()
    shares = list(explained.values())
    for axis, letter, of, (first, second) in zip(axes, "abcdefgh", tables, shares, strict=False):
        axis.set(title=f"({letter}) {of:,} training crystals" if isinstance(of, int) else f"({letter}) {of}")
        axis.set(xlabel=_percent("PC 1", first), ylabel=_percent("PC 2", second))
        axis.set(xticks=[], yticks=[])
    handles = _handles(list(tables.values()), _SMALL_SCALE)
    for handle in handles[-len(_LEGEND_RADII) :]:
        handle.set_label(f"radius {handle.get_label()}")
    if corner:
        place = (0.5, 0, 0.5, 1 / n_rows)
        figure.legend(handles=handles, loc="center", bbox_to_anchor=place, ncols=2, labelspacing=0.8)
    else:
        figure.legend(handles=handles, loc="outside lower center", ncols=5, labelspacing=0.8)
    for axis, table in zip(axes, tables.values(), strict=True):
        _discs(axis, table, _SMALL_SCALE, _SMALL_SYMBOL, {})
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
        (table[~alkali], COLORS["blue"], "o", f"all others: Spearman {correlation:.2f}".replace("-", "\N{MINUS SIGN}")),
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


def _discs(axis: Axes, table: pd.DataFrame, scale: float, size: float, named: Mapping[str, Sequence[str]]) -> None:
    """Draw the elements as discs with their symbols. Call this last, when the layout of the figure does not change.

    Args:
        axis: The axes of the map.
        table: The elements, as for :func:`element_map`.
        scale: The diameter of a disc in points (1/72 inch) per picometer of the radius.
        size: The font size of the symbols.
        named: The elements of each group with an outline and a name.
    """
    true = table[["pc1", "pc2"]].to_numpy(dtype=float)
    axis.plot(true[:, 0], true[:, 1], "none")  # sets the limits
    axis.margins(0.08)
    figure = axis.get_figure()
    assert isinstance(figure, Figure)
    figure.draw_without_rendering()
    point = figure.dpi / 72
    diameters = np.clip(scale * table["covalent_radius_pm"].to_numpy(dtype=float), _LEAST * size, None)
    start = axis.transData.transform(true) / point
    moved = spread_apart(start, (1 - _OVERLAP) / 2 * diameters)
    shown = axis.transData.inverted().transform(moved * point)
    for i in np.flatnonzero(np.linalg.norm(moved - start, axis=1) > diameters / 2):
        axis.plot(*zip(true[i], shown[i], strict=True), color="0.3", linewidth=0.5, zorder=2)
        axis.plot(*true[i], ".", color="0.3", markersize=2, zorder=2)
    families = table.apply(_family, axis=1)
    for family, (color, _) in _FAMILIES.items():
        of_family = (families == family).to_numpy()
        if of_family.any():
            axis.scatter(
                shown[of_family, 0], shown[of_family, 1], s=diameters[of_family] ** 2, c=color, label=family,
                linewidths=0.5, edgecolors="white", zorder=3,
            )  # fmt: skip
    for (x, y), symbol, family in zip(shown, table.index, families, strict=True):
        ink = _FAMILIES[family][1]
        axis.text(x, y, str(symbol), fontsize=size, ha="center", va="center_baseline", color=ink, zorder=4)
    for name, members in named.items():
        _name_group(axis, name, moved, table.index.isin(list(members)), point)


def _name_group(axis: Axes, name: str, centers: np.ndarray, is_member: np.ndarray, point: float) -> None:
    """Join the discs of a group by a pale band, and put its name where it covers the fewest discs.

    Args:
        axis: The axes of the map.
        name: The name of the group.
        centers: The (n, 2) centers of all discs, in points (1/72 inch).
        is_member: The (n,) discs of the group.
        point: The number of pixels in a point.
    """
    members = centers[is_member]
    if len(members) < 2:
        return
    inverse = axis.transData.inverted()
    tree = minimum_spanning_tree(squareform(pdist(members))).tocoo()
    for one, other in zip(tree.row, tree.col, strict=True):
        x, y = inverse.transform(members[[one, other]] * point).T
        axis.plot(x, y, color=_BAND, linewidth=14, solid_capstyle="round", zorder=0.5)
    # The middle of the name stands above or below a disc of the group, or beside it.
    half = np.array([0.27 * _NAME * len(name), 0.6 * _NAME])
    steps = np.array([(0, 1), (0, -1), (1, 0), (-1, 0), *((x, y) for x in (-0.7, -0.3, 0.3, 0.7) for y in (-1, 1))])
    lift = np.array([half[0] + _LIFT, _LIFT + 3])
    middles = (members[:, None] + steps * lift).reshape(-1, 2)
    low, high = np.asarray(axis.get_window_extent()) / point
    covers = (np.abs(middles[:, None] - centers) < half + 9).all(axis=2).sum(axis=1)
    outside = ((middles - half - 4 < low) | (middles + half + 4 > high)).any(axis=1)
    # Among places that cover equally many, the one farthest from the middle of the map.
    outward = np.linalg.norm(middles - centers.mean(axis=0), axis=1)
    x, y = inverse.transform(middles[np.argmin(covers + 100 * outside - 1e-4 * outward)] * point)
    axis.text(
        x, y, name, fontsize=_NAME, style="italic", ha="center", va="center", zorder=5,
        path_effects=[withStroke(linewidth=2, foreground="white")],
    )  # fmt: skip


def _name_beyond(axis: Axes, table: pd.DataFrame, size: float) -> None:
    """Put elements that lie outside of the limits at the nearest edge, with an arrow outward and their components."""
    limits = np.array([axis.get_xlim(), axis.get_ylim()])
    for symbol, element in table.iterrows():
        place = element[["pc1", "pc2"]].to_numpy(dtype=float)
        share = (place - limits[:, 0]) / np.ptp(limits, axis=1)
        x, y = (float(part) for part in np.clip(share, 0.065, 0.935))
        tip_x, tip_y = (float(part) for part in np.clip(share, 0.015, 0.985))
        axis.annotate(
            "", (tip_x, tip_y), xytext=(x, y), xycoords="axes fraction", textcoords="axes fraction",
            arrowprops={"arrowstyle": "-|>", "color": "0.3", "linewidth": 0.8},
        )  # fmt: skip
        color, ink = _FAMILIES[_family(element)]
        axis.text(
            x, y, str(symbol), transform=axis.transAxes, ha="center", va="center_baseline", color=ink, zorder=4,
            fontsize=size, bbox={"boxstyle": "circle,pad=0.25", "facecolor": color, "edgecolor": "white"},
        )  # fmt: skip
        words = f"({place[0]:.1f}, {place[1]:.1f})".replace("-", "\N{MINUS SIGN}")
        below = y - 0.022
        axis.text(x, below, words, transform=axis.transAxes, ha="center", va="center_baseline", fontsize=_NAME - 1)


def families(table: pd.DataFrame) -> pd.Series:
    """Return the family of each element, whose color is in :data:`FAMILY_COLORS`.

    Args:
        table: One row per element, with ``series`` and ``group``.
    """
    return pd.Series([_family(row) for _, row in table.iterrows()], table.index, dtype=object)


def _family(element: pd.Series) -> str:
    """Return the family of an element, a key of the families' colors."""
    series = str(element["series"]).lower()
    if series == "transition metals":
        return f"d metals, groups {'8 to 12' if element['group'] > 7 else '3 to 7'}"  # lutetium has no number
    return series.replace("poor metals", "post-transition metals")


def _handles(tables: Sequence[pd.DataFrame], scale: float) -> list[Line2D]:
    """Return the lines of the legend: the families that occur, and the discs of three radii."""
    families = set().union(*(table.apply(_family, axis=1) for table in tables))
    discs = {name: (color, 7.0) for name, (color, _) in _FAMILIES.items() if name in families}
    discs |= {f"{radius} pm": ("0.6", scale * radius) for radius in _LEGEND_RADII}
    return [
        Line2D([], [], marker="o", linestyle="", mew=0, color=color, markersize=size, label=label)
        for label, (color, size) in discs.items()
    ]


def _percent(name: str, share: float) -> str:
    return f"{name} ({share:.0%} of the variance)"
