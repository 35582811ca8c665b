"""The figures of Table I's section: rivals' errors, the trials of the search, and what an uncertainty is worth."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

from cgcnn.figures import COLORS, PAGE, styled

_N_BINS = 10


@styled
def method_errors(table: pd.DataFrame) -> Figure:
    """Draw the test errors of several methods on the same crystals, one panel a data set.

    Args:
        table: One row a set and method, in the order drawn: ``set``, ``method``, ``test_mae_eV_per_atom``,
            ``test_mae_std`` (NaN where there is one run only) and ``ours`` (whether this project's).
    """
    sets = list(table["set"].unique())
    tallest = int(table.groupby("set").size().max())
    figure = Figure(figsize=(PAGE, 0.9 + 0.24 * tallest * len(sets)), layout="constrained")
    for axis, name, letter in zip(figure.subplots(len(sets), 1, squeeze=False)[:, 0], sets, "abcdef", strict=False):
        rows = table[table["set"] == name]
        places = np.arange(len(rows))
        colors = [COLORS["blue"] if ours else COLORS["gray"] for ours in rows["ours"]]
        errors, spreads = rows["test_mae_eV_per_atom"], rows["test_mae_std"]
        axis.barh(places, errors, xerr=spreads, color=colors, height=0.65, error_kw={"elinewidth": 0.8, "capsize": 2})
        for place, error, spread in zip(places, errors, spreads.fillna(0), strict=True):
            axis.text(error + spread, place, f" {error:.3f}", va="center", ha="left", fontsize=7)
        axis.set_yticks(places, rows["method"])
        axis.invert_yaxis()
        axis.set_xlim(0, 1.12 * float((errors + spreads.fillna(0)).max()))
        axis.set(title=f"({letter}) {str(name).replace('_', ' ')}")
    figure.axes[-1].set_xlabel("test MAE (eV/atom)")
    return figure


@styled
def trials(table: pd.DataFrame, paper: Mapping[str, float], labels: Mapping[str, str]) -> Figure:
    """Draw the validation error of every trial of a search against each parameter, one row of panels a data set.

    Args:
        table: One row a trial: ``set``, the parameters and ``validation_mae_eV_per_atom``. The first of each set is
            drawn as the paper's.
        paper: The paper's value of each parameter.
        labels: The name of each parameter on the page, in the order of the panels.
    """
    sets = list(table["set"].unique())
    figure = Figure(figsize=(PAGE, 0.4 + 1.9 * len(sets)), layout="constrained")
    grid = figure.subplots(len(sets), len(labels), sharey="row", squeeze=False)
    for panels, set_name, letter in zip(grid, sets, "abcdef", strict=False):
        rows = table[table["set"] == set_name].reset_index(drop=True)
        errors = rows["validation_mae_eV_per_atom"]
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
                _plain_ticks(axis.xaxis, (1, 3))
            elif name == "n_convolutions":
                axis.set_xticks(sorted(values.unique()))
        panels[0].set_title(f"({letter}) {str(set_name).replace('_', ' ')}")
        panels[0].set_ylabel("validation MAE\n(eV/atom)")
        _plain_ticks(panels[0].yaxis, (1, 1.2, 1.5, 2, 3, 5, 6, 7, 8, 9))
    figure.legend(*grid[0][0].get_legend_handles_labels(), loc="outside upper right", ncols=3)
    return figure


@styled
def ingredients(table: pd.DataFrame, spreads: Mapping[str, float]) -> Figure:
    """Draw what each ingredient does to the validation error, one panel a data set.

    Args:
        table: One row a set and ingredient: ``set``, ``ingredient``, ``over_none`` (its error over that without).
        spreads: Standard deviation over seeds of the error without, as a share of it, by set: the gray band.
    """
    sets = list(table["set"].unique())
    names = [name for name in table["ingredient"].unique() if name != "none"]
    figure = Figure(figsize=(PAGE, 0.8 + 0.28 * len(names)), layout="constrained")
    for axis, name, letter in zip(
        figure.subplots(1, len(sets), sharey=True, squeeze=False)[0], sets, "abc", strict=False
    ):
        change = 100 * (table[table["set"] == name].set_index("ingredient")["over_none"].reindex(names) - 1)
        band = 100 * spreads[str(name)]
        axis.axvspan(-band, band, color=COLORS["gray"], alpha=0.25, linewidth=0)
        axis.axvline(0, color=COLORS["gray"], linewidth=0.8)
        places = np.arange(len(names))
        axis.hlines(places, 0, change, color=COLORS["sky"], linewidth=1.5)
        axis.plot(change, places, "o", color=COLORS["blue"], markersize=5)
        reach = 1.25 * float(max(change.abs().max(), band))
        axis.set(xlim=(-reach, reach), xlabel="change of the error (%)")
        axis.set(title=f"({letter}) {str(name).replace('_', ' ')}")
    figure.axes[0].set_yticks(np.arange(len(names)), names)
    figure.axes[0].invert_yaxis()
    return figure


@styled
def calibration(table: pd.DataFrame) -> Figure:
    """Draw the mean absolute error of test crystals against how far the members of an ensemble are apart.

    The crystals are sorted by their uncertainty into ten bins of equal size.

    Args:
        table: One row a crystal: ``set``, ``error_eV_per_atom`` and ``uncertainty_eV_per_atom``.
    """
    sets = table.groupby("set", sort=False)
    figure = Figure(figsize=(PAGE, 2.6), layout="constrained")
    for axis, (name, rows), letter in zip(figure.subplots(1, len(sets), squeeze=False)[0], sets, "abc", strict=False):
        bins = pd.qcut(rows["uncertainty_eV_per_atom"], _N_BINS, labels=False, duplicates="drop")
        means = rows[["uncertainty_eV_per_atom", "error_eV_per_atom"]].abs().groupby(bins).mean()
        axis.plot(*means.to_numpy().T, "o-", color=COLORS["blue"], markersize=4)
        both = means.to_numpy()
        low, high = 0.8 * both.min(), 1.25 * both.max()
        # The mean absolute value of a normal error is its standard deviation times the root of 2 over pi.
        ends = np.array([low, high])
        axis.plot(ends, ends * np.sqrt(2 / np.pi), color=COLORS["gray"], linestyle=":", linewidth=0.8)
        axis.set(
            xscale="log",
            yscale="log",
            title=f"({letter}) {str(name).replace('_', ' ')}",
            xlabel="uncertainty (eV/atom)",
        )
        axis.set(xlim=(low, high), ylim=(low, high))
        for of in (axis.xaxis, axis.yaxis):
            _plain_ticks(of, (1, 2, 5))
    figure.axes[0].set_ylabel("mean absolute error (eV/atom)")
    return figure


def _plain_ticks(axis: Axis, subs: tuple[float, ...]) -> None:
    """Mark a logarithmic axis at these multiples of the powers of ten, in plain numbers."""
    axis.set_major_locator(LogLocator(subs=subs))
    axis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axis.set_minor_formatter(NullFormatter())
