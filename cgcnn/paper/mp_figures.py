"""The figures of the Materials Project section: maps of environments, energies of pairs, trends (Figs. 5, 6, S5)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke

from cgcnn.data.quantity import ENERGY, Quantity
from cgcnn.figures.labels import label_points
from cgcnn.figures.style import COLORS, PAGE, VALUES, styled
from cgcnn.paper.mp_cells import FEW_ENVIRONMENTS
from cgcnn.paper.mp_coordination import CLASSES

_CLASS_COLORS = dict(
    zip(
        (*CLASSES, "other"),
        (COLORS["green"], COLORS["blue"], COLORS["vermilion"], COLORS["orange"], COLORS["gray"]),
        strict=True,
    )
)

#: The lanthanides, of which the maps have many: single names would cover each other.
LANTHANIDES = ["La", "Ce", "Pr", "Nd", "Pm", "Sm", "Eu", "Gd", "Tb", "Dy", "Ho", "Er", "Tm", "Yb", "Lu"]
_LANTHANIDES = "lanthanides"
# The number of rows in which the names of the lanthanides stand.
_ROWS = 3
_HALO = withStroke(linewidth=2, foreground="white")
# The size of the names beside a map of pairs, and how far the second of their rows stands away, in points. Fewer
# elements than this have room in one row.
_NAMES, _FAR, _ONE_ROW = 5.5, 8, 45
# The color of pairs that do not occur. White is the color of zero.
_ABSENT = "0.85"
# The share of its color that a cell of few environments keeps.
_PALE = 0.4


@styled
def environment_map(table: pd.DataFrame, quantity: Quantity = ENERGY) -> Figure:
    """Draw the map of the coordination environments of an anion (Fig. 5(a) or (b)).

    The large panel is colored by local energy. The name of each element stands in it at the middle of its sites. The
    lanthanides have one name. The small panels are colored by the chemical class of the center, by coordination
    number, and by the octahedral and the tetrahedral order parameter.

    Args:
        table: One row per environment: ``x``, ``y``, ``element``, ``class``, the local value, such as
            ``local_energy_eV_per_atom``, ``n_neighbors``, ``octahedral`` and ``tetrahedral``.
        quantity: What the run predicts, for the column and the label.
    """
    figure = Figure(figsize=(PAGE, 11.4), layout="constrained")
    axes = figure.subplot_mosaic("EE;CN;OT", height_ratios=(1.75, 1, 1))
    _colored(figure, axes["E"], table, quantity.column("local"), quantity.of_sites(f"local {quantity.word}"), 20)
    for name, color in _CLASS_COLORS.items():
        rows = table[table["class"] == name]
        axes["C"].scatter(rows["x"], rows["y"], s=9, color=color, linewidths=0, label=name)
    legend = axes["C"].legend(
        loc="upper center", bbox_to_anchor=(0.5, 0), ncols=2, markerscale=1.6, fontsize=6.5, labelspacing=0.3,
        handletextpad=0.2, columnspacing=0.8,
    )  # fmt: skip
    legend.set_in_layout(False)  # it stands beside a color bar, where there is room
    _colored(figure, axes["N"], table, "n_neighbors", "number of neighbors", 9)
    _colored(figure, axes["O"], table, "octahedral", "octahedral order parameter", 9, (0, 1))
    _colored(figure, axes["T"], table, "tetrahedral", "tetrahedral order parameter", 9, (0, 1))
    for axis, letter in zip(axes.values(), "12345", strict=True):
        axis.set(xticks=[], yticks=[])
        axis.spines[:].set_visible(True)
        axis.annotate(letter, (0, 1), (4, -4), "axes fraction", "offset points", va="top", fontweight="bold")
    shared = table["element"].where(~table["element"].isin(LANTHANIDES), _LANTHANIDES)
    middle = {str(name): _medoid(rows[["x", "y"]].to_numpy()) for name, rows in table.groupby(shared)}
    x, y = zip(*middle.values(), strict=True)
    before = len(axes["E"].texts)
    label_points(axes["E"], x, y, list(middle), 8, 3)
    for text in axes["E"].texts[before:]:
        text.set_path_effects([_HALO])
    return figure


def _medoid(points: np.ndarray) -> tuple[float, float]:
    """Return the one of the (n, 2) points that is nearest to their median."""
    x, y = points[((points - np.median(points, axis=0)) ** 2).sum(axis=1).argmin()]
    return float(x), float(y)


def _colored(
    figure: Figure, axis: Axes, table: pd.DataFrame, column: str, label: str, size: float,
    limits: tuple[float, float] | None = None,
) -> None:  # fmt: skip
    values = table[column]
    low, high = limits or tuple(values.quantile([0.02, 0.98]))
    axis.scatter(table["x"], table["y"], s=size * 0.6, color="0.85", linewidths=0)  # sites without a value stay gray
    known = table[values.notna()]
    points = axis.scatter(
        known["x"], known["y"], c=known[column], s=size, linewidths=0, vmin=low, vmax=high, cmap=VALUES
    )
    figure.colorbar(points, ax=axis, location="bottom", label=label, extend="neither" if limits else "both", aspect=30)


@styled
def pair_map(pairs: pd.DataFrame, order: Sequence[str], title: str, quantity: Quantity = ENERGY) -> Figure:
    """Draw the mean local energy by center and first neighbor (Fig. 6).

    Zero is white, and the scale is the same on both sides of it. Cells of pairs that do not occur are gray, and cells
    with fewer than five environments are pale: their color is mixed with this gray.

    Args:
        pairs: One row per pair, from :func:`cgcnn.analysis.pairs.pair_energies`: ``center``, ``first_neighbor``, the
            mean local value, such as ``mean_local_energy_eV_per_atom``, and ``n_environments``.
        order: The symbols of the elements in their order along both axes.
        title: The title, which names the order of the elements.
        quantity: What the run predicts, for the column and the label.
    """
    figure = Figure(figsize=(PAGE, 7.7), layout="constrained")
    axis = figure.subplots()
    values, counts = (
        pairs.pivot_table(index="center", columns="first_neighbor", values=column)
        .reindex(index=list(order), columns=list(order))
        .to_numpy()
        for column in (quantity.column("mean_local"), "n_environments")
    )
    low, high = np.nanquantile(values, [0.01, 0.99])
    colors: str | Colormap
    if low < 0 < high:
        most = max(-low, high)
        colors, low, high = "RdBu_r", -most, most
    else:  # all values have one sign, so that none of them is in the middle
        colors = VALUES
    opaque = np.where(np.nan_to_num(counts) < FEW_ENVIRONMENTS, _PALE, 1.0)
    image = axis.imshow(values, cmap=colors, vmin=low, vmax=high, interpolation="none", alpha=opaque)
    axis.set_facecolor(_ABSENT)
    _name_in_two_rows(axis, order)
    axis.set(xlabel="first neighbor", ylabel="center", title=title)
    axis.spines[:].set_visible(True)
    bar = figure.colorbar(
        ScalarMappable(image.norm, image.cmap), ax=axis, location="bottom", shrink=0.5, aspect=35, extend="both",
        label=quantity.of_sites(f"mean local {quantity.word}"),
    )  # fmt: skip
    handles = [Patch(facecolor=_ABSENT, label="no such environment")]
    mixed = _PALE * np.array(image.cmap(0.15)[:3]) + (1 - _PALE) * float(_ABSENT)
    handles.append(Patch(facecolor=tuple(mixed), label=f"pale: fewer than {FEW_ENVIRONMENTS} environments"))
    bar.ax.legend(handles=handles, loc="center left", bbox_to_anchor=(1.08, 0.5))
    return figure


def _name_in_two_rows(axis: Axes, order: Sequence[str]) -> None:
    """Name the rows and columns of a square of cells, every second one farther away, so that no name meets the next."""
    far, size = (_FAR, _NAMES) if len(order) > _ONE_ROW else (2, 8)
    for which, length in ((axis.xaxis, far), (axis.yaxis, 1.3 * far)):
        for start, minor in ((0, False), (1, True)):
            which.set_ticks(range(start, len(order), 2), order[start::2], minor=minor, fontsize=size)
        which.set_tick_params(which="major", length=2, pad=1, width=0.3, color="0.5")
        which.set_tick_params(which="minor", length=length, pad=1, width=0.3, color="0.5")


@styled
def energy_by_atomic_number(tables: dict[str, pd.DataFrame], quantity: Quantity = ENERGY) -> Figure:
    """Draw the local energy and the electronegativity of centers against their atomic number (Fig. S5).

    The names of the lanthanides stand in three rows below their points, and all other names beside their points.

    Args:
        tables: The table of :func:`cgcnn.paper.mp_coordination.energy_by_center` for each anion, one panel per anion.
        quantity: What the run predicts, for the columns and the label.
    """
    figure = Figure(figsize=(PAGE, 3.5 * len(tables)), layout="constrained")
    panels = figure.subplots(len(tables), 1, squeeze=False)[:, 0]
    for axis, letter, (anion, table) in zip(panels, "ab", tables.items(), strict=False):
        numbers, values = table["atomic_number"], table[quantity.column("mean_local")]
        spread = table[quantity.with_unit("std")].fillna(0)
        axis.errorbar(numbers, values, spread, fmt="o", markersize=2.5, color=COLORS["blue"], elinewidth=0.5)
        axis.set(xlabel="atomic number of the center", title=f"({letter}) first neighbor: {anion}")
        axis.set_ylabel(quantity.of_sites(f"local {quantity.word}"), color=COLORS["blue"])
        axis.margins(x=0.02, y=0.08)
        other = axis.twinx()
        known = table["electronegativity"].dropna()
        other.plot(numbers[known.index], known, ":", color=COLORS["vermilion"], linewidth=1)
        other.set_ylabel("electronegativity", color=COLORS["vermilion"])
        other.spines["right"].set_visible(True)
        axis.set_zorder(other.get_zorder() + 1)  # names stand before the dotted line
        axis.patch.set_visible(False)
        in_rows = [symbol for symbol in LANTHANIDES if symbol in table.index]
        if in_rows:
            lowest = float((values - spread)[in_rows].min())
            _name_below(axis, numbers[in_rows], lowest)
    for axis, table in zip(panels, tables.values(), strict=True):
        beside = table.drop(index=LANTHANIDES, errors="ignore")
        before = len(axis.texts)
        values = beside[quantity.column("mean_local")]
        label_points(axis, beside["atomic_number"].tolist(), values.tolist(), [str(s) for s in beside.index], 7, 3)
        for text in axis.texts[before:]:
            text.set_path_effects([_HALO])
    return figure


def _name_below(axis: Axes, numbers: pd.Series, lowest: float) -> None:
    """Write the names of neighboring elements in rows below a value, one row after the other."""
    for place, (symbol, number) in enumerate(numbers.items()):
        axis.annotate(
            str(symbol), (number, lowest), (0, -3 - 9 * (place % _ROWS)), textcoords="offset points", ha="center",
            va="top", fontsize=7, path_effects=[_HALO],
        )  # fmt: skip
    low, high = axis.get_ylim()
    axis.set_ylim(min(low, lowest - 0.17 * (high - low)), high)
