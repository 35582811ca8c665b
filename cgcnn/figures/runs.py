"""Figures that any run can have: predictions against targets, and the course of training."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter, ScalarFormatter, StrMethodFormatter

from cgcnn.data.quantity import ENERGY, Quantity
from cgcnn.figures.style import COLORS, PAGE, VALUES, styled

# The ground of a text on a figure, so that no point is read as a part of it.
_GROUND = {"facecolor": "white", "edgecolor": "none", "pad": 1}


@styled
def parity(table: pd.DataFrame, quantity: Quantity = ENERGY) -> Figure:
    """Draw predictions against targets, and the distribution of the errors.

    Args:
        table: One row per crystal, from :func:`cgcnn.analysis.prediction.parity_table`: the target and the prediction,
            such as ``target_eV_per_atom`` and ``predicted_eV_per_atom``.
        quantity: What is predicted, for the columns and the labels.
    """
    target, predicted = table[quantity.with_unit("target")], table[quantity.with_unit("predicted")]
    errors = predicted - target
    figure = Figure(figsize=(PAGE, 3.0), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(1, 1.1))
    low, high = min(target.min(), predicted.min()), max(target.max(), predicted.max())
    margin = 0.03 * (high - low)
    limits = (low - margin, high + margin)
    cells = left.hexbin(
        target, predicted, gridsize=70, extent=(*limits, *limits), bins="log", mincnt=1, cmap=VALUES.reversed()
    )
    left.plot(limits, limits, color=COLORS["vermilion"], linewidth=0.8)
    left.set(xlim=limits, ylim=limits, aspect="equal", title="(a)")
    word = quantity.word
    left.set(xlabel=quantity.in_unit(f"calculated {word}"), ylabel=quantity.in_unit(f"predicted {word}"))
    bar = figure.colorbar(cells, ax=left, label="crystals", shrink=0.8)
    bar.ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    bar.ax.yaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))
    bar.ax.yaxis.set_minor_formatter(NullFormatter())
    edge = float(np.quantile(np.abs(errors), 0.995))
    right.hist(errors.clip(-edge, edge), bins=61, color=COLORS["blue"])
    right.axvline(0, color=COLORS["vermilion"], linewidth=0.8)
    right.set(xlabel=f"{quantity.in_unit('error')}, outermost 0.5 % in the end bins", ylabel="crystals", title="(b)")
    # The text stands above the diagonal, where few crystals are, since there is no room beside the histogram's peak.
    mean, median = (quantity.value(number) for number in (errors.abs().mean(), errors.abs().median()))
    text = f"{len(table):,} crystals\nMAE {mean}\nmedian {median}"
    left.text(0.04, 0.97, text, transform=left.transAxes, ha="left", va="top", fontsize=7, bbox=_GROUND)
    return figure


@styled
def training_history(table: pd.DataFrame, quantity: Quantity = ENERGY) -> Figure:
    """Draw the training loss and the validation error against the epoch, one line per seed.

    Args:
        table: One row per validation of each run, from :func:`cgcnn.analysis.prediction.history_table`: ``seed``,
            ``epoch``, ``training_loss`` (normalized) and the error, such as ``validation_mae_eV_per_atom``.
        quantity: What is predicted, for the column and the label.
    """
    figure = Figure(figsize=(PAGE, 2.4), layout="constrained")
    axes = figure.subplots(1, 2)
    columns = {
        "training_loss": "training loss (normalized)",
        quantity.with_unit("validation_mae"): quantity.in_unit("validation MAE"),
    }
    for axis, (column, label), title in zip(axes, columns.items(), ("(a)", "(b)"), strict=True):
        for color, (seed, rows) in zip(COLORS.values(), table.groupby("seed"), strict=False):
            axis.plot(rows["epoch"], rows[column], color=color, label=f"seed {seed}", linewidth=1)
        axis.set(xlabel="epoch", ylabel=label, yscale="log", title=title)
        axis.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.yaxis.set_major_formatter(ScalarFormatter())
        axis.yaxis.set_minor_formatter(NullFormatter())
    axes[1].legend()
    return figure
