"""Maps of many points, colored by kind or by value, with new points as rings."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from scipy.spatial import KDTree

from cgcnn.figures.labels import label_points
from cgcnn.figures.style import COLORS, COLUMN, VALUES, styled

#: The number of kinds that have a color and a name of their own; all others share one.
N_NAMED = 12
#: The name of all kinds that have no color of their own.
OTHERS = "others"
# Okabe and Ito's colors, then dark ones of Tol's muted scheme (https://personal.sron.nl/~pault/).
_COLORS = (
    *(COLORS[name] for name in ("blue", "orange", "green", "vermilion", "purple", "sky")),
    "#332288",
    "#882255",
    "#999933",
    "#44AA99",
    "#AA4499",
    "#000000",
)
_OTHERS_COLOR = "0.8"
# The markers of new points, by how far they are from what is on the map.
_MARKERS = {"inside": "o", "at the edge": "s", "outside": "^"}
_HALO = withStroke(linewidth=2, foreground="white")
# With more points than this they are drawn as one picture in PDF and SVG, which stay small.
_MANY = 2000
# With more new points than this their rings are smaller.
_MANY_NEW = 60
# The height before it is fitted to the points, in inches, and the least and the most of the width that a map is high.
_HEIGHT = 4.5
_FLATTEST, _TALLEST = 0.5, 1.25
# The letters that fit into one line of the legend, and into the space of a marker and a gap.
_LETTERS_PER_LINE, _LETTERS_OF_A_MARKER = 80, 4
# Kinds with longer names than this are named in the legend alone.
_LONGEST_KIND = 12
# More names of new points than this would cover the map, and the name of a crystal is cut to its last letters.
_N_NAMES, _LONGEST, _KEPT = 16, 12, 8


@styled
def point_map(table: pd.DataFrame, by: str, title: str, label: str = "", new: pd.DataFrame | None = None) -> Figure:
    """Draw a map, colored by kind or by value, which can be read at a width of 360 pixels and in one printed column.

    The axes have no numbers, because distances on such a map have no unit. The twelve most frequent kinds have a color
    and a line of the legend. If their names are short, they stand on the map too, where the kind is densest. All other
    kinds are gray. Where every point is a kind of its own, as on a map of elements, all points are named and have one
    color.

    Args:
        table: One row per point: ``x``, ``y`` and the column ``by``.
        by: The column of the kinds, which are texts, or of the values, which are numbers.
        title: The title.
        label: The label of the color bar of values, with their unit.
        new: One row per new point, such as the sites of :class:`cgcnn.analysis.locate.Located`: ``x``, ``y``,
            ``range`` (``inside``, ``at the edge`` or ``outside``), ``crystal`` and ``label``. They are named by
            :func:`names_of_new`.
    """
    figure = Figure(figsize=(COLUMN, _HEIGHT), layout="constrained")
    axis = figure.subplots()
    figure.suptitle(title, x=0.01, ha="left", fontsize=8, fontweight="bold", wrap=True)
    named: dict[str, tuple[float, float]] = {}
    handles = []
    if pd.api.types.is_numeric_dtype(table[by]):
        _draw_values(figure, axis, table, by, label)
    elif table[by].is_unique:
        axis.scatter(table["x"], table["y"], c=COLORS["blue"], s=_size(len(table)), linewidths=0)
        named = {str(kind): (x, y) for kind, x, y in table[[by, "x", "y"]].itertuples(index=False)}
    else:
        colors = kind_colors(table[by])
        handles = _draw_kinds(axis, table, by, colors)
        if len(colors) > 1 and max(map(len, colors)) <= _LONGEST_KIND:
            named = {kind: _densest(table[table[by] == kind]) for kind in colors if kind != OTHERS}
    if new is not None:
        handles += _draw_new(axis, new)
    axis.set(xticks=[], yticks=[])
    axis.margins(0.06)
    axis.set_aspect("equal", adjustable="datalim")
    axis.spines[:].set_visible(True)
    if handles:
        longest = max(len(str(handle.get_label())) for handle in handles)
        n_columns = int(np.clip(_LETTERS_PER_LINE // (longest + _LETTERS_OF_A_MARKER), 1, 4))
        figure.legend(handles=handles, loc="outside lower left", ncols=n_columns, handletextpad=0.2, columnspacing=0.8)
    _fit_height(figure, axis)
    _name(axis, named, new)
    return figure


def caption(shown: str, by: str, new: str = "") -> str:
    """Return the caption of a map.

    Args:
        shown: What the points are, as in :attr:`cgcnn.analysis.environment_map.EnvironmentMap.described`.
        by: What the colors tell, such as ``the element of the center``.
        new: What the rings are; empty where there are none.
    """
    sentences = [f"A map of {shown}, drawn by t-SNE from their vectors.", f"The colors tell {by}."]
    if new:
        sentences.append(f"Rings are {new}: circles inside of what was seen, squares at its edge, triangles outside.")
    sentences.append("Points that are near each other have similar vectors.")
    sentences.append("The axes have no unit, and long distances mean nothing.")
    return " ".join(sentences)


def names_of_new(new: pd.DataFrame) -> list[str]:
    """Return the names of new points, which are short and not too many.

    The points of one crystal are named by the labels of their sites. Where there are several crystals, the name of the
    crystal comes first: its file without folder and ending, of which the end is kept if it is long. With more than
    sixteen points, only the first point of each crystal is named, by its crystal alone. With more than sixteen
    crystals, no point is named.

    Args:
        new: One row per new point: ``crystal`` and ``label``.

    Returns:
        One name per row, which is empty where the point is not named.
    """
    crystals = new["crystal"].map(lambda name: _short(str(name)))
    if len(new) <= _N_NAMES:
        several = len(new["crystal"].unique()) > 1
        return [f"{c} {s}" if several else str(s) for c, s in zip(crystals, new["label"], strict=True)]
    if len(new["crystal"].unique()) <= _N_NAMES:
        return crystals.mask(new["crystal"].duplicated(), "").tolist()
    return [""] * len(new)


def kind_colors(kinds: pd.Series) -> dict[str, str]:
    """Return the colors of the most frequent kinds, and of all others under the name ``others``.

    Args:
        kinds: The kind of each point.
    """
    # Among equally frequent kinds, the first in the alphabet comes first.
    counts = kinds.value_counts().sort_index().sort_values(ascending=False, kind="stable")
    frequent = [str(kind) for kind in counts.index if kind != OTHERS][:N_NAMED]
    colors = dict(zip(frequent, _COLORS, strict=False))
    return colors if len(frequent) == len(counts) else {**colors, OTHERS: _OTHERS_COLOR}


def _draw_kinds(axis: Axes, table: pd.DataFrame, by: str, colors: Mapping[str, str]) -> list[Line2D]:
    """Draw the points by their kinds, and return the lines of the legend."""
    size = _size(len(table))
    of_point = table[by].map(lambda kind: colors.get(str(kind), _OTHERS_COLOR))
    is_other = (of_point == _OTHERS_COLOR).to_numpy()
    for rows, order in ((table[is_other], 1), (table[~is_other], 2)):
        if len(rows):
            axis.scatter(
                rows["x"], rows["y"], c=of_point[rows.index].tolist(), s=size, linewidths=0, zorder=order,
                rasterized=len(table) > _MANY,
            )  # fmt: skip
    counts = table[by].value_counts()
    n_named = int(counts.reindex([kind for kind in colors if kind != OTHERS]).sum())
    return [
        _handle("o", color, f"{kind} ({len(table) - n_named if kind == OTHERS else counts[kind]:,})")
        for kind, color in colors.items()
    ]


def _draw_values(figure: Figure, axis: Axes, table: pd.DataFrame, by: str, label: str) -> None:
    """Draw the points by their values, with a bar of the colors."""
    # The colors span these quantiles. A few extreme points would otherwise take most of their range.
    low, high = table[by].quantile([0.02, 0.98])
    points = axis.scatter(
        table["x"], table["y"], c=table[by], s=_size(len(table)), linewidths=0, vmin=low, vmax=high, cmap=VALUES,
        rasterized=len(table) > _MANY,
    )  # fmt: skip
    figure.colorbar(points, ax=axis, location="bottom", label=label, extend="both", aspect=30)


def _draw_new(axis: Axes, new: pd.DataFrame) -> list[Line2D]:
    """Draw rings around new points, and return the lines of the legend."""
    handles = []
    shrink = 1.0 if len(new) <= _MANY_NEW else 0.6
    for word, marker in _MARKERS.items():
        rows = new[new["range"] == word]
        if len(rows):
            # A black ring within a white one is seen on every color.
            for color, width in (("white", 2.4 * shrink), ("black", 1.0 * shrink)):
                axis.plot(
                    rows["x"], rows["y"], marker, markersize=6.5 * shrink, markerfacecolor="none",
                    markeredgecolor=color, markeredgewidth=width, zorder=4,
                )  # fmt: skip
            handles.append(_handle(marker, "none", f"new, {word} ({len(rows):,})"))
    return handles


def _fit_height(figure: Figure, axis: Axes) -> None:
    """Make the figure as high as its points, its title and its legend need, so that the map has no empty bands."""
    figure.draw_without_rendering()
    (x0, y0), (x1, y1) = axis.dataLim.get_points()
    box = axis.get_window_extent()
    share = float(np.clip((y1 - y0) / (x1 - x0), _FLATTEST, _TALLEST)) if x1 > x0 else 1.0
    figure.set_figheight(figure.get_figheight() + (share * box.width - box.height) / figure.dpi)


def _name(axis: Axes, kinds: Mapping[str, tuple[float, float]], new: pd.DataFrame | None) -> None:
    """Put the names of kinds where they are densest, and of new points beside them, where they cover nothing else."""
    names, places = list(kinds), list(kinds.values())
    if new is not None:
        for name, x, y in zip(names_of_new(new), new["x"], new["y"], strict=True):
            if name:
                names.append(name)
                places.append((x, y))
    if not names:
        return
    before = len(axis.texts)
    label_points(axis, [x for x, _ in places], [y for _, y in places], names, 7, 4)
    for text in axis.texts[before:]:
        text.set_path_effects([_HALO])
        text.set_zorder(5)
        if text.get_text() in kinds:
            text.set_fontweight("bold")


def _densest(points: pd.DataFrame) -> tuple[float, float]:
    """Return the one of some points that has a tenth of the others, or at least one, nearest to it."""
    places = points[["x", "y"]].to_numpy()
    if len(places) == 1:
        return float(places[0, 0]), float(places[0, 1])
    distances, _ = KDTree(places).query(places, k=[2 + len(places) // 10])
    x, y = places[np.asarray(distances)[:, 0].argmin()]
    return float(x), float(y)


def _short(crystal: str) -> str:
    """Return the name of a crystal without folder and ending, cut to its last letters if it is long."""
    file, _, block = crystal.partition("#")
    name = PurePath(file).stem + (f"#{block}" if block else "")
    return name if len(name) <= _LONGEST else f"…{name[-_KEPT:]}"


def _handle(marker: str, color: str, label: str) -> Line2D:
    edge = "black" if color == "none" else color
    return Line2D(
        [], [], linestyle="", marker=marker, markersize=5, markerfacecolor=color, markeredgecolor=edge, label=label
    )


def _size(n_points: int) -> float:
    """Return the area of a marker, in square points: large where there are few points."""
    return float(np.clip(9000 / n_points, 2.5, 20))
