"""Figures of the network that sees angles: curves at their errors, and the leaders' errors and ours with names."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from cgcnn.analysis.learning_curves import fit_power_law
from cgcnn.figures import angles as angles_figures
from cgcnn.paper.angles_leaders import beside_leaders, draw_on, to_draw
from cgcnn.paper.literature import read_literature


def curve(name: str, errors: list[float]) -> pd.DataFrame:
    """Return a learning curve of a set at sizes from 100 on, each twice the one before."""
    return pd.DataFrame(
        {
            "set": name,
            "training_size": [100 * 2**step for step in range(len(errors))],
            "test_mae_eV_per_atom": errors,
            "test_mae_std": 0.01,
        }
    )


def test_each_panel_has_the_curves_of_its_set_and_the_first_one_names_them() -> None:
    both = pd.concat([curve("boron", [0.4, 0.2]), curve("materials_project", [0.3, 0.1, 0.05])])
    older = curve("boron", [0.5, 0.45])
    figure = angles_figures.curves_beside({"with angles": both, "without": older})
    assert [axis.get_title(loc="left") for axis in figure.axes] == ["(a) boron", "(b) Materials Project"]
    legend = figure.axes[0].get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["with angles", "without"]
    drawn = [
        [np.asarray(line.get_ydata()).tolist() for line in axis.lines if line.get_linestyle() in ("-", "--")]
        for axis in figure.axes
    ]
    assert drawn == [[[0.4, 0.2], [0.5, 0.45]], [[0.3, 0.1, 0.05], []]]


def test_every_error_has_its_name_apart_from_the_others_and_the_line_ends_among_them() -> None:
    sizes, errors = [11_000, 22_000, 44_000], [0.0430, 0.0304, 0.0215]
    of_set = {"n_train": 44_000, "test_mae": 0.0215, "together_mae": 0.0195, "seeds": [0, 1]}
    drawn = draw_on(of_set, fit_power_law(sizes, errors), None)
    assert drawn is not None
    beside = beside_leaders(read_literature()["leaders"], of_set, drawn)
    points = pd.DataFrame({"training_size": sizes, "test_mae_eV_per_atom": errors, "test_mae_std": np.nan})
    published, ours, line = to_draw(beside, points)
    assert ours["mae_eV_per_atom"].tolist() == [*errors, 0.0195]
    assert line["mae_eV_per_atom"].iloc[-1] == pytest.approx(0.0215 * (60 / 44) ** -0.5, rel=1e-2)
    figure = angles_figures.beside_published(published, ours, line)
    FigureCanvasAgg(figure).draw()
    (axis,) = figure.axes
    (range_of_drawn,) = axis.collections
    ((_, low), (_, high)) = np.asarray(range_of_drawn.get_paths()[0].vertices)
    assert (low, high) == pytest.approx((drawn.lower, drawn.upper))
    of_ours = {"one network", "2 together", "one network, drawn on"}
    assert {text.get_text().rsplit(" ", 1)[0] for text in axis.texts} == {*published["method"], *of_ours}
    # Without its class, the extent of an annotation holds its arrow too.
    extents = [Text.get_window_extent(text) for text in axis.texts]
    assert not any(one.overlaps(other) for one, other in combinations(extents, 2))
    frame = figure.bbox
    assert all(box.x0 >= 0 and box.x1 <= frame.x1 and box.y0 >= 0 and box.y1 <= frame.y1 for box in extents)


def test_a_set_with_one_size_has_a_dot_and_no_line() -> None:
    of_set = {"n_train": 44_000, "test_mae": 0.0215, "seeds": [0]}
    beside = beside_leaders(read_literature()["leaders"], of_set, None)
    points = pd.DataFrame({"training_size": [44_000], "test_mae_eV_per_atom": [0.0215], "test_mae_std": np.nan})
    published, ours, line = to_draw(beside, points)
    assert len(line) == 0
    (axis,) = angles_figures.beside_published(published, ours, line).axes
    assert [np.asarray(each.get_xdata()).tolist() for each in axis.lines] == [[60_000] * len(published), [44_000]]
    assert [text.get_text() for text in axis.get_xticklabels()] == ["44,000", "60,000"]
