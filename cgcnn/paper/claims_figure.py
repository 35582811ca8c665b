"""The figure that counts the verdicts on the paper's claims."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from cgcnn.figures.names import readable_name
from cgcnn.figures.style import COLORS, PAGE, styled


@styled
def verdicts(counts: pd.DataFrame) -> Figure:
    """Draw how many claims of each section got each verdict.

    Args:
        counts: One row per section and one column per verdict, as :func:`cgcnn.paper.claims_tables.tally` returns them.
    """
    figure = Figure(figsize=(PAGE * 0.8, 0.8 + 0.38 * len(counts)), layout="constrained")
    axis = figure.subplots()
    colors = (COLORS["blue"], COLORS["sky"], COLORS["vermilion"], COLORS["orange"], "0.85", "0.65")
    names = [readable_name(str(section)) for section in counts.index]
    left = np.zeros(len(counts))
    for (verdict, column), color in zip(counts.items(), colors, strict=True):
        bars = axis.barh(names, column, left=left, color=color, label=str(verdict), height=0.65)
        ink = "white" if color in (COLORS["blue"], COLORS["vermilion"]) else "black"
        axis.bar_label(bars, [str(n) if n else "" for n in column], label_type="center", fontsize=7, color=ink)
        left += column.to_numpy()
    axis.invert_yaxis()
    axis.set(xlabel="rows")
    figure.legend(loc="outside upper center", ncols=3)
    return figure
