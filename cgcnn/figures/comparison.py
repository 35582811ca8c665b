"""Figures that compare methods: their test errors, and the calibration of an ensemble's uncertainties."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from cgcnn.data.quantity import ENERGY, Quantity
from cgcnn.figures.names import readable_name
from cgcnn.figures.studies import plain_ticks
from cgcnn.figures.style import COLORS, PAGE, styled

_N_BINS = 10


@styled
def method_errors(table: pd.DataFrame, quantity: Quantity = ENERGY) -> Figure:
    """Draw the test errors of several methods on the same crystals, one panel per data set.

    Args:
        table: One row per data set and method, in the order in which they are drawn: ``set``, ``method``,
            the test error, such as ``test_mae_eV_per_atom``, ``test_mae_std`` (in the same unit; NaN if there is only
            one run) and ``ours`` (True for the methods of this project).
        quantity: What is predicted on all these sets, for the column and the label.
    """
    sets = list(table["set"].unique())
    counts = [int((table["set"] == name).sum()) for name in sets]
    figure = Figure(figsize=(PAGE, 0.9 + 0.24 * (sum(counts) + len(sets))), layout="constrained")
    axes = figure.subplots(len(sets), 1, squeeze=False, height_ratios=counts)  # so that all bars are equally thick
    for axis, name, letter in zip(axes[:, 0], sets, "abcdef", strict=False):
        rows = table[table["set"] == name]
        places = np.arange(len(rows))
        colors = [COLORS["blue"] if ours else COLORS["gray"] for ours in rows["ours"]]
        errors, spreads = rows[quantity.with_unit("test_mae")], rows["test_mae_std"]
        axis.barh(places, errors, xerr=spreads, color=colors, height=0.65, error_kw={"elinewidth": 0.8, "capsize": 2})
        for place, error, spread in zip(places, errors, spreads.fillna(0), strict=True):
            axis.text(error + spread, place, f" {error:.3f}", va="center", ha="left", fontsize=7)
        axis.set_yticks(places, rows["method"])
        axis.invert_yaxis()
        axis.set_xlim(0, 1.12 * float((errors + spreads.fillna(0)).max()))
        axis.set(title=f"({letter}) {readable_name(str(name))}")
    figure.axes[-1].set_xlabel(quantity.in_unit("test MAE"))
    return figure


@styled
def calibration(table: pd.DataFrame, quantity: Quantity = ENERGY) -> Figure:
    """Draw the mean absolute error of test crystals against the uncertainty that an ensemble gives them.

    The crystals are sorted by their uncertainty into ten bins of equal size. The dotted line is where the points lie
    if the errors are normally distributed and the uncertainty is their standard deviation.

    Args:
        table: One row per crystal: ``set``, its error and its uncertainty, such as ``error_eV_per_atom`` and
            ``uncertainty_eV_per_atom``.
        quantity: What is predicted on all these sets, for the columns and the labels.
    """
    uncertainty, error = quantity.with_unit("uncertainty"), quantity.with_unit("error")
    sets = table.groupby("set", sort=False)
    figure = Figure(figsize=(PAGE, 2.6), layout="constrained")
    for axis, (name, rows), letter in zip(figure.subplots(1, len(sets), squeeze=False)[0], sets, "abc", strict=False):
        bins = pd.qcut(rows[uncertainty], _N_BINS, labels=False, duplicates="drop")
        means = rows[[uncertainty, error]].abs().groupby(bins).mean()
        axis.plot(*means.to_numpy().T, "o-", color=COLORS["blue"], markersize=4)
        both = means.to_numpy()
        low, high = 0.8 * both.min(), 1.25 * both.max()
        # The mean absolute value of a normally distributed error is its standard deviation times sqrt(2 / pi).
        ends = np.array([low, high])
        axis.plot(ends, ends * np.sqrt(2 / np.pi), color=COLORS["gray"], linestyle=":", linewidth=0.8)
        axis.set(
            xscale="log",
            yscale="log",
            title=f"({letter}) {readable_name(str(name))}",
            xlabel=quantity.in_unit("uncertainty"),
        )
        axis.set(xlim=(low, high), ylim=(low, high))
        for direction in (axis.xaxis, axis.yaxis):
            plain_ticks(direction, (1, 2, 5))
    figure.axes[0].set_ylabel(quantity.in_unit("mean absolute error"))
    return figure
