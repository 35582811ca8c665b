"""Figures in notebooks are kept as drawings too (SVG), beside the pictures (PNG) that pages show."""

from __future__ import annotations

import sys
from io import StringIO

import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist
from matplotlib.collections import Collection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from cgcnn.figures.style import style

#: A collection or a line of more marks than this is a picture inside the drawing, so that the file stays small.
MOST_MARKS = 300


def keep_drawings() -> None:
    """Let the notebook that is running keep each figure that it shows as SVG too; does nothing outside of notebooks."""
    notebooks = sys.modules.get("IPython")  # which is loaded where a notebook runs
    shell = notebooks.get_ipython() if notebooks else None
    if shell is not None:
        shell.display_formatter.formatters["image/svg+xml"].for_type(Figure, as_svg)


def as_svg(figure: Figure) -> str:
    """Return a figure as SVG. The same figure gives the same text, and text stays text that can be edited.

    Args:
        figure: The figure. Collections and lines of more than :data:`MOST_MARKS` marks become pictures in it.
    """
    crowded = [each for each in figure.findobj() if _n_marks(each) > MOST_MARKS and not each.get_rasterized()]
    for artist in crowded:
        artist.set_rasterized(True)
    with style(), mpl.rc_context({"svg.fonttype": "none"}), StringIO() as file:
        figure.savefig(file, format="svg", metadata={"Date": None})
        text = file.getvalue()
    for artist in crowded:
        artist.set_rasterized(False)
    return text


def _n_marks(artist: Artist) -> int:
    """Return how many marks an artist draws; a line without markers is one path, which is small."""
    if isinstance(artist, Collection):
        return int(max(np.shape(artist.get_offsets())[0], len(artist.get_paths())))
    if isinstance(artist, Line2D) and artist.get_marker() not in (None, "None", "none", "", " "):
        return int(np.shape(artist.get_xydata())[0])
    return 0
