"""Figures of many runs: learning curves (Fig. 2), searches for hyperparameters, and single changes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

from cgcnn.data.quantity import ENERGY, Quantity
from cgcnn.figures.names import readable_name
from cgcnn.figures.style import COLORS, COLUMN, PAGE, styled

# An axis of sizes whose largest is less than so many times the smallest has labels between the powers of ten.
_NARROW = 30


@styled
def learning_curves(
    table: pd.DataFrame,
    lines: dict[str, tuple[float, float]],
    quantity: Quantity = ENERGY,
    published: Mapping[str, tuple[int, float]] | None = None,
) -> Figure:
    """Draw the error against the number of training crystals in log-log scale, with the fitted lines (Fig. 2).

    Args:
        table: One row per data set and training size, from
            :func:`cgcnn.analysis.learning_curves.average_over_seeds`: ``set``, ``training_size``, the mean over seeds
            of the test error, such as ``test_mae_eV_per_atom``, and ``test_mae_std`` (their standard deviation).
        lines: The slope and the intercept of the fitted line of each data set, by the name of the set. A set
            with too few sizes has none.
        quantity: What is predicted on all these sets, for the column and the label.
        published: The number of training crystals and the error that the paper gives in its text, by the name of the
            set. They are hollow.
    """
    figure = Figure(figsize=(COLUMN * 1.35, 3.2), layout="constrained")
    axis = figure.subplots()
    for (name, rows), color, marker in zip(table.groupby("set", sort=False), COLORS.values(), "osD^v", strict=False):
        sizes, errors = rows["training_size"], rows[quantity.with_unit("test_mae")]
        axis.errorbar(
            sizes, errors, rows["test_mae_std"], fmt=marker, color=color, markersize=4, capsize=2, elinewidth=0.8
        )
        if str(name) in lines:
            slope, intercept = lines[str(name)]
            label = f"{readable_name(str(name))}: slope {slope:.2f}".replace("-", "\N{MINUS SIGN}")
            axis.plot(sizes, 10**intercept * sizes**slope, color=color, linewidth=0.9, label=label)
        if published and str(name) in published:
            size, error = published[str(name)]
            axis.plot(size, error, marker, markersize=7, markerfacecolor="none", markeredgecolor=color, mew=1.2)
    if published:
        axis.plot([], [], "o", markersize=6, markerfacecolor="none", markeredgecolor="0.3", label="the paper")
    axis.set(xscale="log", yscale="log", xlabel="training crystals", ylabel=quantity.in_unit("test MAE"))
    sizes = table["training_size"]
    plain_ticks(axis.xaxis, (1, 2, 5) if sizes.max() < _NARROW * sizes.min() else (1,))
    plain_ticks(axis.yaxis, (1, 2, 5))
    if lines:
        axis.legend(loc="lower left")
    return figure


@styled
def trials(
    table: pd.DataFrame, paper: Mapping[str, float], labels: Mapping[str, str], quantity: Quantity = ENERGY
) -> Figure:
    """Draw the validation error of every trial of a search against each parameter, one row of panels per data set.

    Args:
        table: One row per trial: ``set``, the parameters and the error, such as ``validation_mae_eV_per_atom``. The
            first trial of each data set must have the paper's parameters, and is marked as such.
        paper: The paper's value of each parameter.
        labels: The name of each parameter on the page, in the order of the panels.
        quantity: What is predicted on all these sets, for the column and the label.
    """
    sets = list(table["set"].unique())
    figure = Figure(figsize=(PAGE, 0.4 + 1.9 * len(sets)), layout="constrained")
    grid = figure.subplots(len(sets), len(labels), sharey="row", squeeze=False)
    for panels, set_name, letter in zip(grid, sets, "abcdef", strict=False):
        rows = table[table["set"] == set_name].reset_index(drop=True)
        errors = rows[quantity.with_unit("validation_mae")]
        best = int(errors.argmin())
        for axis, (name, label) in zip(panels, labels.items(), strict=True):
            values = rows[name]
            axis.axvline(paper[name], color=COLORS["gray"], linestyle=":", linewidth=0.8)
            axis.plot(values, errors, "o", color=COLORS["sky"], markersize=4, mew=0, alpha=0.8, label="a trial")
            axis.plot(values[0], errors[0], "*", color=COLORS["vermilion"], markersize=10, label="the paper's choice")
            axis.plot(values[best], errors[best], "s", color=COLORS["blue"], markersize=5, label="the best trial")
            axis.set(yscale="log", xscale="log" if name == "learning_rate" else "linear")
            if set_name == sets[-1]:
                axis.set_xlabel(label)
            if name == "learning_rate":
                plain_ticks(axis.xaxis, (1, 3))
            elif name == "n_convolutions":
                axis.set_xticks(sorted(values.unique()))
        panels[0].set_title(f"({letter}) {readable_name(str(set_name))}")
        panels[0].set_ylabel(quantity.in_unit("validation MAE").replace(" (", "\n("))
        plain_ticks(panels[0].yaxis, (1, 1.2, 1.5, 2, 3, 5, 6, 7, 8, 9))
    figure.legend(*grid[0][0].get_legend_handles_labels(), loc="outside upper right", ncols=3)
    return figure


@styled
def ingredients(table: pd.DataFrame, spreads: Mapping[str, float]) -> Figure:
    """Draw how each single change ("ingredient") of the network or its training changes the validation error.

    There is one panel per data set.

    Args:
        table: One row per data set and ingredient: ``set``, ``ingredient`` and ``over_none`` (the error with the
            ingredient divided by the error without any).
        spreads: The standard deviation over seeds of the error without any ingredient, divided by that error, by data
            set. It is the half width of the gray band, which is missing where it is NaN, for one seed.
    """
    sets = list(table["set"].unique())
    names = [name for name in table["ingredient"].unique() if name != "none"]
    figure = Figure(figsize=(PAGE, 0.8 + 0.28 * len(names)), layout="constrained")
    for axis, name, letter in zip(
        figure.subplots(1, len(sets), sharey=True, squeeze=False)[0], sets, "abc", strict=False
    ):
        change = 100 * (table[table["set"] == name].set_index("ingredient")["over_none"].reindex(names) - 1)
        band = 100 * float(np.nan_to_num(spreads[str(name)]))
        axis.axvspan(-band, band, color=COLORS["gray"], alpha=0.25, linewidth=0)
        axis.axvline(0, color=COLORS["gray"], linewidth=0.8)
        places = np.arange(len(names))
        axis.hlines(places, 0, change, color=COLORS["sky"], linewidth=1.5)
        axis.plot(change, places, "o", color=COLORS["blue"], markersize=5)
        reach = 1.25 * float(max(change.abs().max(), band))
        axis.set(xlim=(-reach, reach), xlabel="change of the error (%)")
        axis.set(title=f"({letter}) {readable_name(str(name))}")
    figure.axes[0].set_yticks(np.arange(len(names)), names)
    figure.axes[0].invert_yaxis()
    return figure


def plain_ticks(axis: Axis, subs: tuple[float, ...]) -> None:
    """Label a logarithmic axis with plain numbers, such as 0.05 instead of a power of ten.

    Args:
        axis: The axis, which is logarithmic.
        subs: The multiples of each power of ten that are labeled, such as (1, 2, 5).
    """
    axis.set_major_locator(LogLocator(subs=subs))
    axis.set_major_formatter(StrMethodFormatter("{x:,g}"))
    axis.set_minor_formatter(NullFormatter())
