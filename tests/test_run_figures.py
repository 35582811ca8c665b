"""Figures of runs, maps of values and the perovskite show their numbers at the right places."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from matplotlib.patches import Circle
from pymatgen.core import Lattice, Structure

from cgcnn.figures import maps
from cgcnn.figures import runs as run_figures
from cgcnn.figures.style import COLORS
from cgcnn.paper.perovskite_drawing import perovskite
from tests.drawings import bar_groups, color, drawn, places, scatters, title, values


def test_parity_has_targets_across_and_predictions_up_and_errors_are_predicted_minus_target() -> None:
    # All predictions are 0.5 too high but one, which is 3 too low.
    target, errors = np.r_[np.zeros(8), 2.0, 4.0], np.r_[np.full(9, 0.5), -3.0]
    table = pd.DataFrame({"target_eV_per_atom": target, "predicted_eV_per_atom": target + errors})
    figure = run_figures.parity(table)
    left, right, bar = figure.axes
    (cells,) = left.collections
    counts = dict(
        zip(map(tuple, np.round(np.asarray(cells.get_offsets()), 1)), np.asarray(cells.get_array()), strict=True)
    )
    assert sorted(counts.values()) == [1, 1, 8]
    x, y = max(counts, key=lambda place: counts[place])
    assert (x, y) == pytest.approx((0, 0.5), abs=0.1)
    assert any((x, y) == pytest.approx((4, 1), abs=0.1) for x, y in counts)
    assert (left.get_xlabel(), left.get_ylabel()) == ("calculated energy (eV/atom)", "predicted energy (eV/atom)")
    # The limits hold the largest and the smallest number with a margin of 3 %, on both axes.
    assert left.get_xlim() == left.get_ylim() == pytest.approx((-0.12, 4.12))
    (diagonal,) = left.lines
    assert np.ptp(np.diff(drawn(diagonal))) == 0
    ((*columns,),) = bar_groups(right)
    filled = {round(each.get_x() + each.get_width() / 2, 1): each.get_height() for each in columns if each.get_height()}
    # An error of -3 is in the last bin, which ends at the quantile 0.995 of the errors' sizes, 0.5 + 0.955 * 2.5.
    assert filled == {0.5: 9, -2.9: 1}
    assert right.get_xlabel() == "error (eV/atom), outermost 0.5 % in the end bins"
    assert (right.get_ylabel(), bar.get_ylabel()) == ("crystals", "crystals")
    (text,) = left.texts
    assert text.get_text().splitlines() == ["10 crystals", "MAE 0.7500 eV/atom", "median 0.5000 eV/atom"]
    assert [title(axis) for axis in (left, right)] == ["(a)", "(b)"]


def test_the_history_has_losses_to_the_left_and_errors_to_the_right_over_the_epochs() -> None:
    table = pd.DataFrame(
        {
            "seed": [4, 4, 7, 7],
            "epoch": [10, 20, 10, 30],
            "training_loss": [0.5, 0.2, 0.6, 0.3],
            "validation_mae_eV_per_atom": [0.09, 0.08, 0.07, 0.06],
        }
    )
    losses, errors = run_figures.training_history(table).axes
    assert [drawn(line) for line in losses.lines] == [[[10, 0.5], [20, 0.2]], [[10, 0.6], [30, 0.3]]]
    assert [drawn(line) for line in errors.lines] == [[[10, 0.09], [20, 0.08]], [[10, 0.07], [30, 0.06]]]
    assert [line.get_label() for line in errors.lines] == ["seed 4", "seed 7"]
    assert [axis.get_xlabel() for axis in (losses, errors)] == ["epoch", "epoch"]
    assert (losses.get_ylabel(), errors.get_ylabel()) == ("training loss (normalized)", "validation MAE (eV/atom)")
    assert [axis.get_yscale() for axis in (losses, errors)] == ["log", "log"]
    assert len({color(line) for line in errors.lines}) == 2


def test_a_map_of_values_has_each_value_at_its_point_and_colors_between_two_quantiles() -> None:
    table = pd.DataFrame({"x": np.arange(101.0), "y": np.arange(101.0)[::-1], "density": np.arange(101.0) ** 2})
    figure = maps.point_map(table, "density", "Environments", "density (g/cm³)")
    (points,) = scatters(figure.axes[0])
    assert places(points) == [(i, 100 - i) for i in range(101)]
    assert values(points) == [i * i for i in range(101)]
    assert points.get_clim() == (4, 9604)  # the second and the ninety-eighth
    assert figure.axes[1].get_xlabel() == "density (g/cm³)"


def test_the_drawn_perovskite_has_a_within_and_b_at_the_corners_as_its_coordinates_say() -> None:
    cell = Structure(
        Lattice.cubic(4.0),
        ["Ba", "Ti", "O", "O", "N"],
        np.array([[0.5, 0.5, 0.5], [0, 0, 0], [0.5, 0, 0], [0, 0.5, 0], [0, 0, 0.5]]),
    )
    figure = perovskite(cell, "Ba", "Ti")
    (axis,) = figure.axes
    spheres = [each for each in axis.patches if isinstance(each, Circle) and each.get_edgecolor()[:3] == (0, 0, 0)]
    a = [each for each in spheres if each.radius == 0.62 and each.get_linewidth() > 0]
    b = [each for each in spheres if each.radius == 0.42 and each.get_linewidth() > 0]
    assert (len(a), len(b)) == (1, 8)
    # In a parallel projection, the middle of the cell is the mean of its corners.
    assert np.mean([each.center for each in b], axis=0) == pytest.approx(np.array(a[0].center))
    # Each sphere is its kind's color, mixed with white: the channels keep their order.
    assert np.argsort(a[0].get_facecolor()[:3]).tolist() == np.argsort(to_rgb(COLORS["green"])).tolist()
    assert all(np.argsort(e.get_facecolor()[:3]).tolist() == np.argsort(to_rgb(COLORS["blue"])).tolist() for e in b)
    # The nearest sphere of each kind bears its letter, and is the least pale of its kind.
    (letter,) = [text for text in axis.texts if text.get_text() == "B"]
    (named,) = [each for each in b if each.center == pytest.approx(letter.get_position())]
    assert named.get_facecolor()[0] == min(each.get_facecolor()[0] for each in b)
    legend = axis.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["A: Ba", "B: Ti", "X: N/O"]
    assert axis.get_aspect() == 1
