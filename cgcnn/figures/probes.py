"""Figures of probes: what linear models predict from vectors (Fig. 3(c)), and how similar vectors of two seeds are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from cgcnn.figures.style import COLORS, COLUMN, PAGE, styled


@styled
def accuracy_bars(table: pd.DataFrame, limits: pd.DataFrame) -> Figure:
    """Draw how accurately a linear model predicts properties of elements from their vectors (Fig. 3(c)).

    Args:
        table: One row per property, kind of vectors and seed: ``property``, ``vectors`` (``learned`` or ``random``),
            ``seed`` and ``accuracy``.
        limits: One row per property: ``property``, ``majority`` (the share of its largest category) and ``attainable``
            (the highest accuracy that the folds allow).
    """
    figure = Figure(figsize=(COLUMN * 1.25, 2.7), layout="constrained")
    axis = figure.subplots()
    order = limits["property"].tolist()
    sns.barplot(
        table,
        x="property",
        y="accuracy",
        hue="vectors",
        order=order,
        hue_order=["learned", "random"],
        palette=[COLORS["blue"], COLORS["orange"]],
        saturation=1,
        errorbar="sd",
        err_kws={"linewidth": 1},
        capsize=0.2,
        ax=axis,
    )
    places = np.arange(len(limits))
    span: dict[str, Any] = {"xmin": places - 0.42, "xmax": places + 0.42, "colors": "black", "linewidth": 1}
    axis.hlines(limits["majority"], **span, linestyles=":", label="largest category")
    axis.hlines(limits["attainable"], **span, linestyles="-", label="attainable")
    majorities = limits.set_index("property")["majority"]
    for place, name in enumerate(order):
        for offset, kind in ((-0.2, "learned"), (0.2, "random")):
            values = table.loc[(table["property"] == name) & (table["vectors"] == kind), "accuracy"]
            # The number stands at the foot of the bar. If the bar is too low to hold it, the number stands above the
            # bar, its error bar and the dotted line.
            top = float(values.mean()) + float(values.std(ddof=1) if len(values) > 1 else 0)
            inside = values.mean() > 0.15
            axis.text(
                place + offset,
                0.02 if inside else max(top, float(majorities[name])) + 0.02,
                f"{values.mean():.2f}",
                ha="center",
                fontsize=6.5,
                color="white" if inside and kind == "learned" else "black",
            )
    axis.set(ylim=(0, 1.05), xlabel="", ylabel="accuracy, 3-fold cross-validation")
    axis.set_xticks(
        range(len(order)), ["electro-\nnegativity" if name == "electronegativity" else name for name in order]
    )
    axis.legend(ncols=2, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    return figure


@styled
def likeness_by_size(table: pd.DataFrame, measures: Sequence[str]) -> Figure:
    """Draw the similarity of element vectors of different seeds against the size of the training set.

    It tests what the paper says of Fig. S1.

    Args:
        table: One row per pair of seeds, training size and measure: ``training_size``, ``measure``, ``vectors``
            (``learned`` or ``random``) and ``value``.
        measures: The names of the measures to draw, one panel per measure.
    """
    figure = Figure(figsize=(PAGE, 2.4), layout="constrained")
    for axis, measure, title in zip(
        figure.subplots(1, len(measures), squeeze=False)[0], measures, "abcd", strict=False
    ):
        all_values = table.loc[table["measure"] == measure, "value"]
        for kind, color, marker in (("learned", COLORS["blue"], "o"), ("random", COLORS["orange"], "s")):
            rows = table[(table["measure"] == measure) & (table["vectors"] == kind)]
            axis.plot(rows["training_size"], rows["value"], marker, color=color, markersize=4, alpha=0.6, mew=0)
            means = rows.groupby("training_size")["value"].mean()
            axis.plot(means.index, means, color=color, label=kind)
        sizes = sorted(table["training_size"].unique())
        lowest = min(0.0, float(all_values.min()) - 0.05)
        axis.set(xscale="log", ylim=(lowest, 1.02), xlabel="training crystals", title=f"({title})")
        # The whole name is longer than the axis, so the text in brackets gets a line of its own.
        axis.set_ylabel(measure.replace(" (", "\n("))
        axis.set_xticks(sizes, [f"{size:,}" for size in sizes])
        axis.set_xticks([], minor=True)
    figure.axes[0].legend(loc="center right")  # between the learned and the random vectors
    return figure
