"""Figures of the stable crystals that are found: curves, calls against energies, and reasons of misses."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from cgcnn.data.quantity import ENERGY, Quantity
from cgcnn.figures.studies import plain_ticks
from cgcnn.figures.style import COLORS, COLUMN, PAGE, styled
from cgcnn.paper.discovery import CHANCE, COMPOSITION, FALSE_ALARM, FOUND, LEFT, MISSED, NETWORK, SITES
from cgcnn.paper.substitutions import GROUP, MAP, SHUFFLED

# The color and the line of each ranking.
_LINES = {
    NETWORK: (COLORS["blue"], "-"),
    COMPOSITION: (COLORS["orange"], "-"),
    SITES: (COLORS["green"], "-"),
    CHANCE: (COLORS["gray"], ":"),
    MAP: (COLORS["vermilion"], "-"),
    GROUP: (COLORS["purple"], "--"),
    SHUFFLED: (COLORS["sky"], "-"),
}
_OUTCOMES = {
    LEFT: (COLORS["gray"], "."),
    FOUND: (COLORS["blue"], "o"),
    MISSED: (COLORS["vermilion"], "s"),
    FALSE_ALARM: (COLORS["orange"], "^"),
}
# The distance of the outermost points of the figure of calls from its frame, in the unit of the target.
_MARGIN = 0.05
# The curves of enrichment begin where this many crystals are looked at: before, one crystal more is a large step.
_FEWEST = 5


@styled
def found_curves(curves: pd.DataFrame, called: Mapping[str, int]) -> Figure:
    """Draw the share of stable crystals that is found, and the enrichment over chance, by how many one looks at.

    Args:
        curves: The table of :func:`cgcnn.paper.discovery.curves`.
        called: How many crystals the network calls stable, by part; a dot marks this place of its curve.
    """
    parts = list(curves["part"].unique())
    figure = Figure(figsize=(PAGE, 4.6), layout="constrained")
    grid = figure.subplots(2, len(parts), squeeze=False, sharex="col", sharey="row")
    for column, part in enumerate(parts):
        rows = curves[curves["part"] == part]
        for method, curve in rows.groupby("method", sort=False):
            color, line = _LINES[str(method)]
            grid[0, column].plot(curve["looked_at"], curve["recall"], line, color=color, label=method)
            later = curve[curve["looked_at"] >= _FEWEST]
            grid[1, column].plot(later["looked_at"], later["enrichment"].replace(0, np.nan), line, color=color)
        here = rows[(rows["method"] == NETWORK) & (rows["looked_at"] == called[part])]
        for axis, name in zip(grid[:, column], ("recall", "enrichment"), strict=True):
            axis.plot(here["looked_at"], here[name], "o", color=COLORS["blue"], markersize=5)
            axis.set(xscale="log")
        grid[0, column].set_title(f"({'ab'[column]}) {part}")
        grid[1, column].set(yscale="log", xlabel="crystals that one looks at")
        plain_ticks(grid[1, column].xaxis, (1,))
    plain_ticks(grid[1, 0].yaxis, (1,))
    grid[0, 0].set(ylabel="share of the stable crystals\nthat is found", ylim=(0, 1.05))
    grid[1, 0].set_ylabel("enrichment over chance")
    figure.legend(*grid[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=4)
    return figure


@styled
def calls(near: pd.DataFrame, threshold: float, quantity: Quantity = ENERGY) -> Figure:
    """Draw predictions against calculated energies near the threshold, by what became of each crystal.

    Args:
        near: The table of :func:`cgcnn.paper.discovery.near_threshold`.
        threshold: The highest target of a stable crystal.
        quantity: What was predicted.
    """
    target, predicted = quantity.with_unit("target"), quantity.column()
    parts = list(near["part"].unique())
    figure = Figure(figsize=(PAGE, 3.6), layout="constrained")
    for axis, part, letter in zip(figure.subplots(1, len(parts), squeeze=False)[0], parts, "ab", strict=False):
        judged = near[near["part"] == part]
        energies = judged[[target, predicted]].to_numpy()
        low, high = float(energies.min()) - _MARGIN, max(float(energies.max()), threshold) + _MARGIN
        for outcome, (color, marker) in _OUTCOMES.items():
            rows = judged[judged["outcome"] == outcome]
            size = 2 if outcome == LEFT else 4
            axis.plot(rows[target], rows[predicted], marker, color=color, markersize=size, mew=0, label=outcome)
        axis.axhline(threshold, color="black", linewidth=0.6)
        axis.axvline(threshold, color="black", linewidth=0.6)
        axis.axline((threshold, threshold), slope=1, color=COLORS["gray"], linestyle=":", linewidth=0.8)
        axis.set(xlim=(low, high), ylim=(low, high), title=f"({letter}) {part}", aspect="equal")
        axis.set_xlabel(quantity.in_unit(f"calculated {quantity.name}").replace(" (", "\n("))
    figure.axes[0].set_ylabel(quantity.in_unit(f"predicted {quantity.name}").replace(" (", "\n("))
    figure.legend(*figure.axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=4)
    return figure


@styled
def reasons(shares: pd.DataFrame) -> Figure:
    """Draw how often each reason holds for missed crystals, for false alarms and for found ones.

    Args:
        shares: The table of :func:`cgcnn.paper.discovery_misses.reason_shares`.
    """
    figure = Figure(figsize=(PAGE, 0.9 + 0.36 * len(shares)), layout="constrained")
    axis, height = figure.subplots(), 0.26
    places = np.arange(len(shares))
    for k, outcome in enumerate(shares.columns):
        values = 100 * shares[outcome].fillna(0)
        axis.barh(places + (k - 1) * height, values, height * 0.9, color=_OUTCOMES[str(outcome)][0], label=outcome)
    axis.set_yticks(places, shares.index)
    axis.invert_yaxis()
    axis.set(xlabel="share of the crystals for which it holds (%)", xlim=(0, 100))
    figure.legend(*axis.get_legend_handles_labels(), loc="outside upper right", ncols=3)
    return figure


@styled
def suggestion_curves(suggested: pd.DataFrame, number: int) -> Figure:
    """Draw how many stable crystals are among the first suggestions by replaced elements, beside the network's own.

    Args:
        suggested: The table of :func:`cgcnn.paper.substitutions.suggestion_curves`.
        number: The number of suggestions at which the methods are compared, which a vertical line marks.
    """
    figure = Figure(figsize=(COLUMN * 1.5, 3.2), layout="constrained")
    axis = figure.subplots()
    for method, curve in suggested.groupby("method", sort=False):
        color, line = _LINES[str(method)]
        axis.plot(curve["looked_at"], curve["recall"], line, color=color, label=method)
    axis.axvline(number, color="black", linewidth=0.6)
    axis.set(xscale="log", xlabel="suggestions that one looks at", ylim=(0, 1.05))
    plain_ticks(axis.xaxis, (1,))
    axis.set_ylabel("share of the stable crystals\nthat is found")
    figure.legend(*axis.get_legend_handles_labels(), loc="outside upper center", ncols=3)
    return figure
