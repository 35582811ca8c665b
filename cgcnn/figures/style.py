"""The fonts, sizes and colors that all figures share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, ParamSpec

import matplotlib as mpl
import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

#: The widths of figures of one column and of two columns, in inches.
COLUMN, PAGE = 3.5, 7.1
#: Okabe and Ito's colors, which color-blind people can distinguish too (https://jfly.uni-koeln.de/color/).
COLORS = {
    "blue": "#0072B2",
    "orange": "#E69F00",
    "green": "#009E73",
    "vermilion": "#D55E00",
    "purple": "#CC79A7",
    "sky": "#56B4E9",
    "gray": "#767676",
}
#: Viridis without its yellow end. A yellow point is hardly seen on white, nor on a dark page, which inverts drawings.
VALUES = ListedColormap(mpl.colormaps["viridis"](np.linspace(0, 0.86, 256)), name="viridis without yellow")

_Parameters = ParamSpec("_Parameters")


@contextmanager
def style() -> Iterator[None]:
    """Use the book's fonts, sizes and lines inside this context, whatever the user's own settings are."""
    settings: dict[Any, Any] = {  # matplotlib has a type of its own for the names of settings
        "font.family": "DejaVu Sans",
        "font.size": 8,
        "axes.labelsize": 8,
        "axes.titlesize": 8,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.linewidth": 0.6,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "legend.fontsize": 7,
        "legend.frameon": False,
        "xtick.labelsize": 7,
        "ytick.labelsize": 7,
        "lines.linewidth": 1.2,
        "figure.dpi": 200,
        "savefig.dpi": 200,
        "savefig.bbox": "tight",
        "svg.hashsalt": "cgcnn",  # the same drawing gives the same file
    }
    with mpl.rc_context({**mpl.rcParamsDefault, "backend": mpl.rcParams["backend"], **settings}):
        yield


def styled(draw: Callable[_Parameters, Figure]) -> Callable[_Parameters, Figure]:
    """Return a function that draws a figure in the book's :func:`style`.

    Args:
        draw: The function that draws the figure in the settings that it finds.
    """

    @wraps(draw)
    def in_style(*args: _Parameters.args, **kwargs: _Parameters.kwargs) -> Figure:
        with style():
            return draw(*args, **kwargs)

    return in_style
