"""Figures that a notebook keeps as drawings: the same each time, with text, and small."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.figure import Figure

from cgcnn.figures.drawings import MOST_MARKS, as_svg, keep_drawings


def scatter(n_marks: int) -> Figure:
    figure = Figure()
    axes = figure.subplots()
    axes.scatter(np.arange(n_marks), np.arange(n_marks))
    axes.set_xlabel("energy (eV/atom)")
    return figure


def test_the_same_figure_gives_the_same_drawing_whose_text_is_text() -> None:
    figure = scatter(3)
    assert as_svg(figure) == as_svg(figure)
    assert "energy (eV/atom)</text>" in as_svg(figure)
    assert "<image" not in as_svg(figure)


def test_many_marks_become_a_picture_in_the_drawing_and_the_figure_stays_as_it_was() -> None:
    figure = scatter(MOST_MARKS + 1)
    drawing = as_svg(figure)
    assert "<image" in drawing
    assert len(drawing) < 100_000
    assert not any(each.get_rasterized() for each in figure.findobj())


def test_many_markers_on_a_line_become_a_picture_and_a_long_line_without_any_stays_a_line() -> None:
    figure = Figure()
    axes = figure.subplots()
    axes.plot(np.arange(MOST_MARKS + 1), linewidth=0, marker="o")
    assert "<image" in as_svg(figure)
    figure = Figure()
    figure.subplots().plot(np.arange(10 * MOST_MARKS))
    assert "<image" not in as_svg(figure)


def test_a_running_notebook_keeps_drawings_and_a_program_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: dict[type, object] = {}
    formatter = SimpleNamespace(for_type=kept.__setitem__)
    shell = SimpleNamespace(display_formatter=SimpleNamespace(formatters={"image/svg+xml": formatter}))
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: None))
    keep_drawings()
    assert kept == {}
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    keep_drawings()
    assert kept == {Figure: as_svg}
