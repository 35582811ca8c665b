"""Figures that compare methods and single changes: every number stands beside its mark and inside its panel."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from cgcnn.figures import comparison as comparison_figures
from cgcnn.figures import studies as study_figures


def test_every_ingredient_stands_at_its_change_of_the_error_and_one_not_tried_is_left_out() -> None:
    table = pd.DataFrame(
        [("boron", "none", 1.0), ("boron", "more", 0.8), ("metal", "none", 1.0), ("metal", "longer", 1.1)],
        columns=["set", "ingredient", "over_none"],
    )
    figure = study_figures.ingredients(table, {"boron": 0.03, "metal": 0.01})
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["more", "longer"]
    for axis, change in zip(figure.axes, ([-20, np.nan], [np.nan, 10]), strict=True):
        (dots,) = [line for line in axis.lines if line.get_marker() == "o"]
        assert np.asarray(dots.get_xdata(), dtype=float) == pytest.approx(change, nan_ok=True)
        low, high = axis.get_xlim()
        assert low < -20 * (axis is figure.axes[0])
        assert high > 10 * (axis is figure.axes[1])


def test_every_error_is_written_beside_its_bar_and_inside_its_panel() -> None:
    table = pd.DataFrame(
        {
            "set": ["boron"] * 2,
            "method": ["mean", "this book"],
            "test_mae_eV_per_atom": [0.9, 0.5],
            "test_mae_std": [np.nan, 0.6],
            "ours": [False, True],
        }
    )
    figure = comparison_figures.method_errors(table)
    FigureCanvasAgg(figure).draw()
    (axis,) = figure.axes
    assert [text.get_text().strip() for text in axis.texts] == ["0.900", "0.500"]
    frame = axis.get_window_extent()
    for text, end in zip(axis.texts, (0.9, 1.1), strict=True):
        box = text.get_window_extent()
        assert axis.transData.transform((end, 0))[0] <= box.x0
        assert box.x1 <= frame.x1
