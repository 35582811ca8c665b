"""Figures of the network that sees angles: its learning curves beside others, and its error beside published ones."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from cgcnn.data.quantity import ENERGY, Quantity
from cgcnn.figures.names import readable_name
from cgcnn.figures.studies import plain_ticks
from cgcnn.figures.style import COLORS, COLUMN, PAGE, styled

# Where the published errors stand in their figure, and how much room our names have on the left: shares of its width.
_COLUMN_AT, _NAMES = 0.66, 0.4
_STYLES = (("o-", "blue"), ("s--", "gray"), ("D:", "orange"))


@styled
def curves_beside(curves: Mapping[str, pd.DataFrame], quantity: Quantity = ENERGY) -> Figure:
    """Draw the learning curves of several networks on the same sets, one panel per data set.

    Args:
        curves: By the name of the network on the page, one row per data set and training size, from
            :func:`cgcnn.analysis.learning_curves.average_over_seeds`. The first network has the sets that are drawn.
        quantity: What is predicted on all these sets, for the column and the label.
    """
    sets = list(next(iter(curves.values()))["set"].unique())
    figure = Figure(figsize=(PAGE, 2.7), layout="constrained")
    for axis, name, letter in zip(figure.subplots(1, len(sets), squeeze=False)[0], sets, "abcdef", strict=False):
        for (network, table), (line, color) in zip(curves.items(), _STYLES, strict=False):
            rows = table[table["set"] == name]
            axis.errorbar(
                rows["training_size"],
                rows[quantity.with_unit("test_mae")],
                rows["test_mae_std"],
                fmt=line,
                color=COLORS[color],
                markersize=3.5,
                capsize=2,
                elinewidth=0.8,
                label=network,
            )
        axis.set(xscale="log", yscale="log", xlabel="training crystals", title=f"({letter}) {readable_name(name)}")
        plain_ticks(axis.yaxis, (1, 2, 5))
    figure.axes[0].set_ylabel(quantity.in_unit("test MAE"))
    figure.axes[0].legend(loc="lower left")
    return figure


@styled
def beside_published(
    published: pd.DataFrame, ours: pd.DataFrame, drawn_on: pd.DataFrame, quantity: Quantity = ENERGY
) -> Figure:
    """Draw a learning curve, drawn on to the number of training crystals at which others have published their errors.

    Args:
        published: One row per published error: ``method``, ``training_size`` and the error, such as
            ``mae_eV_per_atom``. All have one training size.
        ours: The errors of this project's network: ``training_size``, the error, and ``name``, which is empty for a dot
            without a name.
        drawn_on: The line that is drawn on: two rows with ``training_size`` and the error. The last is at the training
            size of the others, with its ``name`` and the range ``lower_eV_per_atom`` to ``upper_eV_per_atom``. Without
            rows, no line is drawn.
        quantity: What is predicted, for the column and the label.
    """
    error = quantity.with_unit("mae")
    figure = Figure(figsize=(COLUMN * 1.35, 2.9), layout="constrained")
    axis = figure.subplots()
    axis.plot(published["training_size"], published[error], "s", color=COLORS["gray"], markersize=3.5)
    axis.plot(*ours[["training_size", error]].to_numpy().T, "o", color=COLORS["blue"], markersize=4)
    named = ours[ours["name"] != ""]
    _name_on_the_left(axis, named, error, below=0)
    if len(drawn_on):
        axis.plot(*drawn_on[["training_size", error]].to_numpy().T, ":", color=COLORS["blue"])
        end = drawn_on.iloc[-1]
        low, high = (end[quantity.with_unit(name)] for name in ("lower", "upper"))
        axis.errorbar(
            end["training_size"], end[error], [[end[error] - low], [high - end[error]]],
            fmt="o", color=COLORS["blue"], markersize=5, markerfacecolor="none", capsize=4, elinewidth=0.8,
        )  # fmt: skip
        _name_on_the_left(axis, drawn_on.iloc[-1:], error, below=10)
    axis.set(xscale="log", yscale="log", xlabel="training crystals", ylabel=quantity.in_unit("test MAE"))
    column = float(published["training_size"].iloc[0])
    axis.set_xlim(*_limits(ours["training_size"].min(), ours["training_size"].max(), column))
    errors = np.concatenate([each[error].to_numpy(float) for each in (published, ours, drawn_on)])
    axis.set_ylim(0.92 * errors.min(), 1.06 * errors.max())
    sizes = sorted({*ours["training_size"], column})
    axis.set_xticks(sizes, [f"{size:,.0f}" for size in sizes])
    axis.xaxis.set_minor_locator(NullLocator())
    for tick in axis.get_xticklabels():
        tick.set(rotation=30, ha="right")
    plain_ticks(axis.yaxis, (1, 2, 3, 5))
    rows = published.sort_values(error)
    floor, ceiling = np.log(axis.get_ylim())
    step = 0.06 * float(ceiling - floor)
    heights = _apart(np.log(rows[error].to_numpy()), step, lowest=float(floor) + step)
    for (_, row), height in zip(rows.iterrows(), heights, strict=True):
        axis.annotate(
            f"{row['method']} {row[error]:.4f}",
            (column, row[error]),
            (column * (axis.get_xlim()[1] / column) ** 0.2, float(np.exp(height))),
            fontsize=6.5,
            va="center",
            arrowprops={"arrowstyle": "-", "color": COLORS["gray"], "linewidth": 0.4, "relpos": (0, 0.5)},
        )
    return figure


def _name_on_the_left(axis: Axes, rows: pd.DataFrame, error: str, below: float) -> None:
    """Write the name and the error of each dot on its left, so many points (1/72 inch) below it."""
    for _, row in rows.iterrows():
        axis.annotate(
            f"{row['name']} {row[error]:.4f}",
            (row["training_size"], row[error]),
            (-6, -below),
            textcoords="offset points",
            fontsize=6.5,
            color=COLORS["blue"],
            ha="right",
            va="center",
        )


def _limits(smallest: float, largest: float, column: float) -> tuple[float, float]:
    """Return the ends of the axis of training sizes, with room for names on the left of the largest of ours."""
    width = max(np.log(column / smallest) / (_COLUMN_AT - 0.05), np.log(column / largest) / (_COLUMN_AT - _NAMES), 0.5)
    return column * float(np.exp(-_COLUMN_AT * width)), column * float(np.exp((1 - _COLUMN_AT) * width))


def _apart(heights: np.ndarray, step: float, lowest: float) -> np.ndarray:
    """Return ascending heights that are a step apart or more, with the same mean, or higher if one was too low."""
    spread = heights.copy()
    for place in range(1, len(spread)):
        spread[place] = max(spread[place], spread[place - 1] + step)
    centered: np.ndarray = spread - (spread - heights).mean()
    return centered + max(0.0, lowest - float(centered[0]))
