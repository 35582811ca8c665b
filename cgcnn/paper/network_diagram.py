"""The diagram of the network (Fig. 1)."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from cgcnn.figures.style import COLORS, PAGE, styled


@styled
def network_diagram() -> Figure:
    """Draw the stages of the network with their equations, and the three levels that it represents (Fig. 1)."""
    figure = Figure(figsize=(PAGE, 2.5), layout="constrained")
    axis = figure.subplots()
    axis.set(xlim=(0, 100), ylim=(0, 36), aspect="auto")
    axis.axis("off")
    stages = (
        (1, "crystal\ngraph", "12 neighbors,\nEq. 1", None),
        (21, "$v_i^{(0)}$", "a vector per\nelement, Eq. 2", "element\nvectors"),
        (41, "$K$ convolutions", "neighbors\ncombine, Eq. 3", "local\nenvironments"),
        (61, "$E_i$", "linear map of\n$v_i^{(K)}$, Eq. 4", "local\nenergies"),
        (81, "$E$", "mean over the\nsites, Eq. 5", None),
    )
    for x, name, text, level in stages:
        color = COLORS["blue"] if level else COLORS["gray"]
        axis.add_patch(
            FancyBboxPatch((x + 1, 13), 15, 12, boxstyle="round,pad=0.6", facecolor=color, alpha=0.14, edgecolor=color)
        )
        axis.text(x + 8.5, 21.5, name, ha="center", va="center", fontsize=8, weight="bold")
        axis.text(x + 8.5, 15.6, text, ha="center", va="center", fontsize=6.5)
        if x > 1:
            axis.add_patch(
                FancyArrowPatch((x - 2.8, 19), (x + 0.2, 19), arrowstyle="-|>", mutation_scale=8, color="0.3")
            )
        if level:
            axis.add_patch(
                FancyArrowPatch((x + 8.5, 26), (x + 8.5, 30), arrowstyle="-|>", mutation_scale=8, color=color)
            )
            axis.text(x + 8.5, 30.6, level, ha="center", va="bottom", fontsize=7.5, color=color)
    _draw_site(axis, 9.5, 6)
    axis.text(17, 5.5, "a site (dark) and its 12 nearest neighbors at any distance", va="center", fontsize=6.5)
    return figure


def _draw_site(axis: Axes, x: float, y: float) -> None:
    """Draw a site with twelve edges. The ring is round because both axes have nearly the same scale."""
    angles = np.arange(12) * np.pi / 6
    for angle in angles:
        tip = (x + 5 * np.cos(angle), y + 5 * np.sin(angle))
        axis.plot((x, tip[0]), (y, tip[1]), color="0.5", linewidth=0.6)
        axis.plot(*tip, "o", color=COLORS["sky"], markersize=3)
    axis.plot(x, y, "o", color=COLORS["blue"], markersize=5)
