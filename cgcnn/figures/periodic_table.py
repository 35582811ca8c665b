"""A number of each element, drawn on the periodic table."""

from __future__ import annotations

import math

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from pymatgen.core import Element

from cgcnn.data.quantity import Quantity
from cgcnn.figures.style import PAGE, styled

# No public set has a crystal of an element after lawrencium, and without them a row is saved.
_N_ELEMENTS = 103
_ABSENT = "0.90"
_COLORS = "cividis"
# Below this share of white in a color, text on it is white.
_DARK = 0.5
# The row below the table where the elements of the f block stand, and the gap above it, in cells.
_F_BLOCK, _GAP = 8, 0.35
# Symbols and numbers of this size, in points, can still be read where the figure is 360 pixels wide.
_TEXT = 13


@styled
def periodic_table(table: pd.DataFrame, column: str, quantity: Quantity, label: str, few: int = 10) -> Figure:
    """Draw a number of each element on the periodic table, as a color and in digits.

    The number is written in a decimal fraction of its unit, such as meV/atom, so that it has two or three digits.

    Args:
        table: One row per element: ``element`` (symbol), the number (not negative), and ``test_crystals``, of how many
            crystals it is the mean. Elements that are not in the table are gray.
        column: The name of the column of the number.
        quantity: What the number is a value of; it gives the unit.
        label: What the number is, for the color bar.
        few: The cell of an element with fewer crystals than this has a dashed edge.
    """
    numbers = table.set_index("element")[column]
    counts = table.set_index("element")["test_crystals"]
    exponent = _exponent(numbers)
    scaled = numbers * 10.0**exponent
    figure = Figure(figsize=(PAGE, 4.9), layout="constrained")
    axis = figure.subplots()
    # A few elements with much larger numbers would leave all others in one color.
    norm = Normalize(float(scaled.min()), float(max(scaled.quantile(0.95), scaled.min() + 1e-9)))
    colors = mpl.colormaps[_COLORS]
    for number in range(1, _N_ELEMENTS + 1):
        symbol, (x, y) = Element.from_Z(number).symbol, place(number)
        present = symbol in scaled.index
        color = colors(norm(float(scaled[symbol]))) if present else _ABSENT
        is_few = present and counts[symbol] < few
        axis.add_patch(
            Rectangle((x + 0.04, y + 0.04), 0.92, 0.92, facecolor=color, edgecolor="black" if is_few else "none",
                      linestyle="--", linewidth=1.2)
        )  # fmt: skip
        ink = "0.35" if not present else "white" if np.dot(color[:3], (0.299, 0.587, 0.114)) < _DARK else "black"
        both = [(0.3, symbol), (0.72, f"{scaled[symbol]:.0f}")] if present else [(0.5, symbol)]
        for height, text in both:
            axis.text(x + 0.5, y + height, text, ha="center", va="center", fontsize=_TEXT, color=ink)
    axis.set(xlim=(0, 18), ylim=(_F_BLOCK + 2 + _GAP - 1, 0))
    axis.axis("off")
    words = Quantity(label, quantity.scaled_unit(exponent)).label
    extend = "max" if scaled.max() > norm.vmax else "neither"
    bar = figure.colorbar(ScalarMappable(norm, colors), ax=axis, location="bottom", aspect=45, pad=0.02, extend=extend)
    bar.set_label(words, fontsize=_TEXT)
    bar.ax.tick_params(labelsize=_TEXT)
    if (counts < few).any():
        edge = Line2D([], [], color="black", linestyle="--", linewidth=1.2, label=f"fewer than {few} crystals")
        axis.legend(handles=[edge], loc="upper center", bbox_to_anchor=(0.42, 1.0), fontsize=_TEXT)
    return figure


def place(number: int) -> tuple[float, float]:
    """Return the column and the row of an element, counted from 0; the f block stands below the table."""
    for first, row in ((57, 0), (89, 1)):
        if first <= number < first + 15:
            return number - first + 2, _F_BLOCK - 1 + row + _GAP
    element = Element.from_Z(number)
    return element.group - 1, element.row - 1


def _exponent(numbers: pd.Series) -> int:
    """Return the power of ten by which numbers are multiplied, so that their median has two digits before the point."""
    median = float(numbers.median())
    return max(0, 1 - math.floor(math.log10(median))) if median > 0 else 0
