"""The figure of the page on trust: how often each promise was tried and broken, and who noticed wrong code."""

from __future__ import annotations

import textwrap

import pandas as pd
from matplotlib.figure import Figure

from cgcnn.figures.style import COLORS, PAGE, styled

# The longest line of the name of a fault, in letters.
_LINE = 44


@styled
def campaigns(faults: pd.DataFrame, wings: pd.DataFrame) -> Figure:
    """Draw the tries of each fault with how many went wrong, and the mutations of each wing with how many were caught.

    Args:
        faults: One row per fault: ``fault``, ``tries`` and ``wrong``.
        wings: One row per wing of the package, whose name is the index: ``applied`` and ``caught``.
    """
    figure = Figure(figsize=(PAGE, max(2.4, 0.8 + 0.25 * len(faults))), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=[1.3, 1])
    faults = faults.sort_values("tries", ascending=False, ignore_index=True)
    broken = faults["wrong"] > 0
    for rows, color in ((~broken, COLORS["blue"]), (broken, COLORS["vermilion"])):
        left.plot(faults.loc[rows, "tries"], faults.index[rows], "o", color=color)
    for place, (wrong, tries) in enumerate(zip(faults["wrong"], faults["tries"], strict=True)):
        left.text(tries, place, f"  {wrong:,} wrong of {tries:,}", va="center", fontsize=7)
    left.set_yticks(faults.index, [textwrap.fill(name, _LINE) for name in faults["fault"]])
    left.set(xscale="log", xlabel="tries", title="(a) faults")
    # The text of the longest row stands to the right of its dot.
    left.set_xlim(faults["tries"].min() / 2, faults["tries"].max() * 60)
    left.set_ylim(len(faults) - 0.4, -0.6)
    if (wings["caught"] < wings["applied"]).any():
        right.barh(wings.index, wings["applied"], 0.6, color=COLORS["vermilion"], label="not caught")
    right.barh(wings.index, wings["caught"], 0.6, color=COLORS["blue"], label="caught by a test")
    for place, (caught, applied) in enumerate(zip(wings["caught"], wings["applied"], strict=True)):
        right.text(applied, place, f" {caught} of {applied}", va="center", fontsize=7)
    right.set(xlabel="changes of the code", title="(b) mutations", xlim=(0, 1.3 * wings["applied"].max()))
    right.set_ylim(len(wings) - 0.4, -0.6)
    figure.legend(*right.get_legend_handles_labels(), loc="outside lower right", ncols=2)
    return figure
