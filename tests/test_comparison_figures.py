"""Figures that compare methods and single changes: every number stands beside its mark and inside its panel."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patches import Rectangle

from cgcnn.figures import comparison as comparison_figures
from cgcnn.figures import studies as study_figures
from cgcnn.figures.style import COLORS
from tests.drawings import bar_groups, color, drawn, error_spans, legend_texts, title


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


def curves() -> pd.DataFrame:
    """Return the errors of two sets at three and two sizes, whose deviations all differ."""
    rows = [
        ("perovskites", 100, 0.4, 0.04), ("perovskites", 200, 0.2, 0.01), ("perovskites", 400, 0.1, 0.02),
        ("materials_project", 50, 0.8, 0.1), ("materials_project", 100, 0.6, 0.05),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["set", "training_size", "test_mae_eV_per_atom", "test_mae_std"])


def test_learning_curves_have_points_with_deviations_and_the_fitted_line_in_log_log_scale() -> None:
    (axis,) = study_figures.learning_curves(curves(), {"perovskites": (-1.0, np.log10(40))}).axes
    points, line, others = (each for each in axis.lines if len(drawn(each)) and each.get_marker() not in ("_", "|"))
    assert drawn(points) == [[100, 0.4], [200, 0.2], [400, 0.1]]
    assert drawn(line) == [[100, pytest.approx(0.4)], [200, pytest.approx(0.2)], [400, pytest.approx(0.1)]]
    assert drawn(others) == [[50, 0.8], [100, 0.6]]
    assert error_spans(axis) == [
        [pytest.approx(ends) for ends in ((0.36, 0.44), (0.19, 0.21), (0.08, 0.12))],
        [pytest.approx(ends) for ends in ((0.7, 0.9), (0.55, 0.65))],
    ]
    assert [color(each) for each in (points, line, others)] == [COLORS["blue"], COLORS["blue"], COLORS["orange"]]
    assert (axis.get_xscale(), axis.get_yscale()) == ("log", "log")
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("training crystals", "test MAE (eV/atom)")
    assert legend_texts(axis) == ["perovskites: slope \N{MINUS SIGN}1.00"]


def test_the_paper_s_end_points_are_hollow_in_the_color_of_their_set() -> None:
    published = {"materials_project": (28_046, 0.042)}
    (axis,) = study_figures.learning_curves(curves(), {}, published=published).axes
    (hollow,) = [each for each in axis.lines if len(drawn(each)) and each.get_markerfacecolor() == "none"]
    assert drawn(hollow) == [[28_046, 0.042]]
    assert hollow.get_markeredgecolor() == COLORS["orange"]


def test_every_trial_stands_at_its_parameter_and_the_first_and_the_best_are_marked() -> None:
    table = pd.DataFrame(
        {
            "set": ["boron"] * 3 + ["materials_project"] * 2,
            "learning_rate": [0.01, 0.003, 0.03, 0.01, 0.001],
            "n_convolutions": [3, 4, 2, 3, 4],
            "validation_mae_eV_per_atom": [0.5, 0.3, 0.4, 0.2, 0.25],
        }
    )
    paper = {"learning_rate": 0.01, "n_convolutions": 3.0}
    labels = {"learning_rate": "learning rate", "n_convolutions": "convolutions"}
    figure = study_figures.trials(table, paper, labels)
    rate, depth, rate_below, depth_below = figure.axes
    for axis, x in ((rate, [0.01, 0.003, 0.03]), (depth, [3, 4, 2])):
        wanted, all_trials, first, best = axis.lines
        assert np.asarray(wanted.get_xdata())[0] == x[0]
        assert drawn(all_trials) == [[number, error] for number, error in zip(x, (0.5, 0.3, 0.4), strict=True)]
        assert (first.get_marker(), drawn(first)) == ("*", [[x[0], 0.5]])
        assert (best.get_marker(), drawn(best)) == ("s", [[x[1], 0.3]])
    assert drawn(rate_below.lines[3]) == drawn(rate_below.lines[2]) == [[0.01, 0.2]]  # the paper's choice is the best
    assert [axis.get_xscale() for axis in (rate, depth)] == ["log", "linear"]
    assert depth.get_xticks().tolist() == [2, 3, 4]
    assert [axis.get_xlabel() for axis in figure.axes] == ["", "", "learning rate", "convolutions"]
    assert [title(axis) for axis in (rate, rate_below)] == ["(a) boron", "(b) Materials Project"]
    assert rate.get_ylabel() == rate_below.get_ylabel() == "validation MAE\n(eV/atom)"
    assert depth_below.get_ylabel() == ""
    assert legend_texts(figure) == ["a trial", "the paper's choice", "the best trial"]


def test_the_gray_band_of_ingredients_is_the_deviation_of_the_seeds_and_lines_begin_at_no_change() -> None:
    table = pd.DataFrame(
        [("boron", "none", 1.0), ("boron", "more", 0.8), ("boron", "longer", 1.1)],
        columns=["set", "ingredient", "over_none"],
    )
    (axis,) = study_figures.ingredients(table, {"boron": 0.03}).axes
    (band,) = [patch for patch in axis.patches if isinstance(patch, Rectangle)]
    assert (band.get_x(), band.get_width()) == pytest.approx((-3, 6))
    assert error_spans(axis) == [[pytest.approx((-20, 0)), pytest.approx((0, 10))]]
    assert axis.get_xlabel() == "change of the error (%)"
    (alone,) = study_figures.ingredients(table, {"boron": np.nan}).axes
    assert [patch.get_width() for patch in alone.patches if isinstance(patch, Rectangle)] == [0]


def test_bars_of_methods_end_at_their_errors_and_those_of_this_project_have_their_color() -> None:
    table = pd.DataFrame(
        {
            "set": ["boron", "boron", "materials_project"],
            "method": ["mean", "this book", "forest"],
            "test_mae_eV_per_atom": [0.9, 0.5, 0.2],
            "test_mae_std": [np.nan, 0.05, 0.01],
            "ours": [False, True, False],
        }
    )
    figure = comparison_figures.method_errors(table)
    upper, lower = figure.axes
    ((mean, ours),) = bar_groups(upper)
    assert [bar.get_width() for bar in (mean, ours)] == [0.9, 0.5]
    assert [color(bar) for bar in (mean, ours)] == [COLORS["gray"], COLORS["blue"]]
    assert error_spans(upper)[0] == [pytest.approx((0.45, 0.55))]  # none for one run alone
    assert [label.get_text() for label in upper.get_yticklabels()] == ["mean", "this book"]
    assert [title(axis) for axis in figure.axes] == ["(a) boron", "(b) Materials Project"]
    assert [axis.get_xlabel() for axis in figure.axes] == ["", "test MAE (eV/atom)"]
    assert error_spans(lower)[0] == [pytest.approx((0.19, 0.21))]


def test_calibration_draws_the_mean_error_of_ten_bins_against_their_mean_uncertainty() -> None:
    uncertainty = np.arange(1, 101) / 1000
    table = pd.DataFrame(
        {"set": "boron", "uncertainty_eV_per_atom": uncertainty, "error_eV_per_atom": -2 * uncertainty}
    )
    (axis,) = comparison_figures.calibration(table).axes
    points, normal = axis.lines
    middles = np.arange(10) / 100 + 0.0055
    assert np.asarray(points.get_xydata()) == pytest.approx(np.column_stack([middles, 2 * middles]))
    (left, low), (right, high) = drawn(normal)
    assert low / left == pytest.approx(0.7978845608)  # the square root of 2 / pi
    assert high / right == pytest.approx(0.7978845608)
    assert (left, right) == pytest.approx((0.8 * 0.0055, 1.25 * 0.191))
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("uncertainty (eV/atom)", "mean absolute error (eV/atom)")
    assert (axis.get_xscale(), axis.get_yscale()) == ("log", "log")
    assert title(axis) == "(a) boron"
