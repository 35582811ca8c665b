"""Names beside points and discs side by side, placed where they cover nothing else."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import textalloc
from matplotlib.axes import Axes
from matplotlib.figure import Figure


def label_points(
    axis: Axes, x: Sequence[float], y: Sequence[float], names: Sequence[str], size: float, distance: float
) -> None:
    """Put a name beside each point, and draw a line from the point to its name where the name stands farther away.

    Names are placed by the space that they take on the page. Call this function last, when everything else has been
    drawn and the layout of the figure no longer changes.

    Args:
        axis: The axes that show the points.
        x: The horizontal positions of the points, in data coordinates.
        y: The vertical positions of the points, in data coordinates.
        names: One name per point.
        size: The font size of the names, in points (1/72 inch).
        distance: The least distance from a point to its name, in points (1/72 inch).
    """
    figure = axis.get_figure()
    assert isinstance(figure, Figure)
    figure.draw_without_rendering()
    # textalloc takes distances as shares of the diagonal of the axes.
    point = figure.dpi / 72 / float(np.hypot(*axis.get_window_extent().size))
    textalloc.allocate(
        axis,
        list(x),
        list(y),
        list(names),
        x_scatter=list(x),
        y_scatter=list(y),
        textsize=size,
        # The distances keep names clear of the markers. If textalloc is given the sizes of the markers, it places
        # names far away, with lines that cross others.
        margin=3 * point,
        min_distance=distance * point,
        max_distance=0.15,
        avoid_label_lines_overlap=True,
        avoid_crossing_label_lines=True,
        linecolor="0.4",
        linewidth=0.4,
        nbr_candidates=1000,
    )


def spread_apart(centers: np.ndarray, radii: np.ndarray) -> np.ndarray:
    """Move discs apart until none covers another, each as little as its neighbors allow.

    Two discs that overlap are moved by half of what they overlap, along the line of their centers, again and again.

    Args:
        centers: The (n, 2) centers of the discs.
        radii: The (n,) radii, in the unit of the centers.

    Returns:
        The (n, 2) centers after the move. A disc that covers no other stays where it is.
    """
    moved = np.array(centers, dtype=float)
    # Two discs at one place part along a direction of their own.
    angles = np.arange(len(moved)) * 2.4
    away = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    least = radii[:, None] + radii[None, :]
    np.fill_diagonal(least, 0)
    for _ in range(500):
        between = moved[:, None] - moved[None, :]
        distances = np.linalg.norm(between, axis=2)
        overlaps = np.clip(least - distances, 0, None)
        if overlaps.max() < 0.01 * radii.min():
            break
        same = (distances < 1e-9)[..., None]
        directions = np.where(same, away[:, None] - away[None, :], between / np.maximum(distances, 1e-9)[..., None])
        moved += 0.5 * (overlaps[..., None] * directions).sum(axis=1)
    return moved
