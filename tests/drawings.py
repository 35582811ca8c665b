"""Read back what a figure shows: points with their places and colors, bars, error bars, titles and legends."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_hex
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Text


def title(axis: Axes) -> str:
    """Return the title, which the book's style puts to the left."""
    return axis.get_title(loc="left")


def legend_texts(holder: Axes | Figure) -> list[str]:
    """Return the texts of the legend of axes, or of a figure."""
    legend = holder.legends[0] if isinstance(holder, Figure) else holder.get_legend()
    assert isinstance(legend, Legend)
    return [text.get_text() for text in legend.get_texts()]


def scatters(axis: Axes) -> list[PathCollection]:
    """Return the points that were drawn by ``scatter``, one collection per call."""
    return [each for each in axis.collections if isinstance(each, PathCollection)]


def places(points: PathCollection) -> list[tuple[float, float]]:
    """Return the places of points in data coordinates."""
    return [(float(x), float(y)) for x, y in np.asarray(points.get_offsets())]


def values(points: PathCollection) -> list[float]:
    """Return the numbers that give points their colors."""
    return [float(each) for each in np.asarray(points.get_array())]


def drawn(line: Line2D) -> list[list[float]]:
    """Return the points of a line."""
    found: list[list[float]] = np.asarray(line.get_xydata()).tolist()
    return found


def color(thing: object) -> str:
    """Return the color of a line, a bar or points, as six digits in capitals."""
    for name in ("get_facecolor", "get_color"):
        if hasattr(thing, name):
            found = getattr(thing, name)()
            rgba = np.asarray(found)[0] if isinstance(found, np.ndarray) and found.ndim == 2 else found
            return to_hex(rgba).upper()
    raise AssertionError(thing)


def bar_groups(axis: Axes) -> list[list[Rectangle]]:
    """Return the bars of each call of ``bar`` or ``barh``."""
    return [list(each.patches) for each in axis.containers if isinstance(each, BarContainer)]


def error_spans(axis: Axes) -> list[list[tuple[float, float]]]:
    """Return the ends of each error bar, along the direction in which it extends, one list per set of error bars."""
    spans = []
    for each in axis.collections:
        if isinstance(each, LineCollection):
            ends = [np.asarray(segment) for segment in each.get_segments() if len(segment)]  # none where it is NaN
            along = [0 if np.ptp(end[:, 0]) > 0 else 1 for end in ends]
            spans.append([(float(e[:, i].min()), float(e[:, i].max())) for e, i in zip(ends, along, strict=True)])
    return spans


def assert_no_text_covers_another(texts: Sequence[Text], figure: Figure) -> None:
    """Draw the figure, and fail where a tenth of a text or more is under another one, or outside of the figure."""
    FigureCanvasAgg(figure).draw()
    boxes = [(text.get_text(), text.get_window_extent()) for text in texts]
    for (first, one), (second, other) in itertools.combinations(boxes, 2):
        width = min(one.x1, other.x1) - max(one.x0, other.x0)
        height = min(one.y1, other.y1) - max(one.y0, other.y0)
        area = min(one.width * one.height, other.width * other.height)
        assert max(width, 0) * max(height, 0) < 0.1 * area, (first, second)
    for name, box in boxes:
        assert box.x0 >= 0, name
        assert box.y0 >= 0, name
        assert box.x1 <= figure.bbox.width, name
        assert box.y1 <= figure.bbox.height, name
