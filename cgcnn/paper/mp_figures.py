"""The figures of the Materials Project section: maps of environments, energies of pairs, trends (Figs. 5, 6, S5)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import TwoSlopeNorm
from matplotlib.figure import Figure

from cgcnn.data.quantity import ENERGY, Quantity
from cgcnn.figures.labels import label_points
from cgcnn.figures.style import COLORS, PAGE, styled
from cgcnn.paper.mp_cells import FEW_ENVIRONMENTS
from cgcnn.paper.mp_coordination import CLASSES

_CLASS_COLORS = dict(
    zip(
        (*CLASSES, "other"),
        (COLORS["green"], COLORS["blue"], COLORS["vermilion"], COLORS["orange"], COLORS["gray"]),
        strict=True,
    )
)

# The size of the text beside a map of pairs: the smallest, and the size for one element alone, by which many share it.
_SMALLEST_TEXT, _TEXT_OF_ALL = 3.9, 300
# The color of pairs that do not occur. White is the color of zero.
_ABSENT = "0.85"


@styled
def environment_map(table: pd.DataFrame, quantity: Quantity = ENERGY) -> Figure:
    """Draw the map of the coordination environments of an anion (Fig. 5(a) or (b)).

    The upper panels are colored by local energy and by the chemical class of the center. In the first one, the name of
    each element stands at the middle of its sites. The lower panels are colored by coordination number and by the
    octahedral and the tetrahedral order parameter.

    Args:
        table: One row per environment: ``x``, ``y``, ``element``, ``class``, the local value, such as
            ``local_energy_eV_per_atom``, ``n_neighbors``, ``octahedral`` and ``tetrahedral``.
        quantity: What the run predicts, for the column and the label.
    """
    figure = Figure(figsize=(PAGE, 7.4), layout="constrained")
    axes = figure.subplot_mosaic("EEEECC;NNOOTT", height_ratios=(1.9, 1))
    _colored(figure, axes["E"], table, quantity.column("local"), quantity.of_sites(f"local {quantity.word}"), 14)
    for name, color in _CLASS_COLORS.items():
        rows = table[table["class"] == name]
        axes["C"].scatter(rows["x"], rows["y"], s=5, color=color, linewidths=0, label=name)
    legend = axes["C"].legend(loc="upper center", bbox_to_anchor=(0.5, 0), markerscale=2, fontsize=6, labelspacing=0.2)
    legend.set_in_layout(False)  # it stands beside the color bar, where there is room
    _colored(figure, axes["N"], table, "n_neighbors", "number of neighbors", 4)
    _colored(figure, axes["O"], table, "octahedral", "octahedral order parameter", 4, (0, 1))
    _colored(figure, axes["T"], table, "tetrahedral", "tetrahedral order parameter", 4, (0, 1))
    for axis in axes.values():
        axis.set(xticks=[], yticks=[])
        axis.spines[:].set_visible(True)
    middle = {str(name): _medoid(rows[["x", "y"]].to_numpy()) for name, rows in table.groupby("element")}
    x, y = zip(*middle.values(), strict=True)
    label_points(axes["E"], x, y, list(middle), 7, 3)
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
        known["x"], known["y"], c=known[column], s=size, linewidths=0, vmin=low, vmax=high, cmap="viridis"
    )
    figure.colorbar(points, ax=axis, location="bottom", label=label, extend="neither" if limits else "both", shrink=0.8)


@styled
def pair_map(pairs: pd.DataFrame, order: Sequence[str], title: str, quantity: Quantity = ENERGY) -> Figure:
    """Draw the mean local energy by center and first neighbor (Fig. 6).

    Cells of pairs that do not occur are gray. A stroke marks cells with fewer than five environments.

    Args:
        pairs: One row per pair, from :func:`cgcnn.analysis.pairs.pair_energies`: ``center``, ``first_neighbor``, the
            mean local value, such as ``mean_local_energy_eV_per_atom``, and ``n_environments``.
        order: The symbols of the elements in their order along both axes.
        title: The title, which names the order of the elements.
        quantity: What the run predicts, for the column and the label.
    """
    figure = Figure(figsize=(PAGE, 6.9), layout="constrained")
    axis = figure.subplots()
    wide = pairs.pivot_table(index="center", columns="first_neighbor", values=quantity.column("mean_local"))
    values = wide.reindex(index=list(order), columns=list(order)).to_numpy()
    low, high = np.nanquantile(values, [0.01, 0.99])
    if low < 0 < high:
        image = axis.imshow(values, cmap="RdBu_r", norm=TwoSlopeNorm(0, low, high), interpolation="none")
    else:  # all values have one sign, so that none of them is in the middle
        image = axis.imshow(values, cmap="viridis", vmin=low, vmax=high, interpolation="none")
    axis.set_facecolor(_ABSENT)
    few = pairs[pairs["n_environments"] < FEW_ENVIRONMENTS]
    x, y = (pd.Index(order).get_indexer(pd.Index(few[name])) for name in ("first_neighbor", "center"))
    strokes = np.array([[x - 0.35, y + 0.35], [x + 0.35, y - 0.35]]).transpose(2, 0, 1)
    axis.add_collection(LineCollection(list(strokes), colors="0.25", linewidths=0.35), autolim=False)
    size = min(8, max(_SMALLEST_TEXT, _TEXT_OF_ALL / len(order)))
    axis.set_xticks(range(len(order)), order, fontsize=size)
    axis.set_yticks(range(len(order)), order, fontsize=size)
    axis.tick_params(length=1, pad=1)
    axis.tick_params(axis="x", labelrotation=90)
    axis.set(xlabel="first neighbor", ylabel="center", title=title)
    axis.spines[:].set_visible(True)
    figure.colorbar(image, ax=axis, shrink=0.6, label=quantity.of_sites(f"mean local {quantity.word}"), extend="both")
    return figure


@styled
def energy_by_atomic_number(tables: dict[str, pd.DataFrame], quantity: Quantity = ENERGY) -> Figure:
    """Draw the local energy and the electronegativity of centers against their atomic number (Fig. S5).

    Args:
        tables: The table of :func:`cgcnn.paper.mp_coordination.energy_by_center` for each anion, one panel per anion.
        quantity: What the run predicts, for the columns and the label.
    """
    figure = Figure(figsize=(PAGE, 3.0 * len(tables)), layout="constrained")
    panels = figure.subplots(len(tables), 1, squeeze=False)[:, 0]
    for axis, letter, (anion, table) in zip(panels, "ab", tables.items(), strict=False):
        numbers = table["atomic_number"]
        axis.errorbar(
            numbers, table[quantity.column("mean_local")], table[quantity.with_unit("std")],
            fmt="o", markersize=2.5, color=COLORS["blue"], elinewidth=0.5,
        )  # fmt: skip
        axis.set(xlabel="atomic number of the center", title=f"({letter}) first neighbor: {anion}")
        axis.set_ylabel(quantity.of_sites(f"local {quantity.word}"), color=COLORS["blue"])
        other = axis.twinx()
        known = table["electronegativity"].dropna()
        other.plot(numbers[known.index], known, ":", color=COLORS["vermilion"], linewidth=1)
        other.set_ylabel("electronegativity", color=COLORS["vermilion"])
        other.spines["right"].set_visible(True)
    for axis, table in zip(panels, tables.values(), strict=True):
        energies = table[quantity.column("mean_local")]
        label_points(axis, table["atomic_number"].tolist(), energies.tolist(), [str(s) for s in table.index], 6, 3)
    return figure
