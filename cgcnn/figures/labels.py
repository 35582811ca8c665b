"""Names beside points, where they cover nothing else."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import textalloc
from matplotlib.axes import Axes
from matplotlib.figure import Figure


def label_points(
    axis: Axes, x: Sequence[float], y: Sequence[float], names: Sequence[str], size: float, distance: float
) -> None:
    """Put a name beside each point, and a line to it where it had to go further off.

    Everything else must have been drawn: the layout is settled here, since names are placed by their drawn extents.

    Args:
        axis: Where the points are.
        x: Of the points, in data coordinates.
        y: The same.
        names: As many.
        size: Of the letters, in points.
        distance: From a point to its name, in points.
    """
    figure = axis.get_figure()
    assert isinstance(figure, Figure)
    figure.draw_without_rendering()
    # textalloc's distances are shares of the diagonal of the axes.
    point = figure.dpi / 72 / float(np.hypot(*axis.get_window_extent().size))
    textalloc.allocate(
        axis,
        list(x),
        list(y),
        list(names),
        x_scatter=list(x),
        y_scatter=list(y),
        textsize=size,
        # The distances clear the markers: told the markers' sizes, it puts names far off, their lines across others.
        margin=3 * point,
        min_distance=distance * point,
        max_distance=0.15,
        avoid_label_lines_overlap=True,
        avoid_crossing_label_lines=True,
        linecolor="0.4",
        linewidth=0.4,
        nbr_candidates=1000,
    )
