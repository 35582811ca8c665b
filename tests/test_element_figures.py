"""Maps of the elements and figures of probes show the columns that they name, at their places and in their colors."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.legend import Legend

from cgcnn.figures import elements as element_figures
from cgcnn.figures import probes as probe_figures
from cgcnn.figures.style import COLORS
from tests.drawings import bar_groups, color, drawn, legend_texts, places, scatters, title, values

#: The color of each group, by hand: the groups 1 to 18 are spread evenly over the 256 colors of viridis.
COLOR_OF_GROUP = {1: 0, 8: 105, 16: 225, 2: 15}


@pytest.fixture
def six() -> pd.DataFrame:
    """Return six elements with made-up places. Ce has no group."""
    rows = [
        ("Li", 0.0, 5.0, 1, "s", 133.0), ("Cs", 1.0, 4.0, 1, "s", 232.0), ("Ca", 2.0, 3.5, 2, "s", 171.0),
        ("Fe", 3.0, 2.0, 8, "d", 116.0), ("S", 4.0, 1.0, 16, "p", 103.0), ("Ce", 5.0, 0.0, np.nan, "f", 163.0),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["symbol", "pc1", "pc2", "group", "block", "covalent_radius_pm"]).set_index(
        "symbol"
    )


def assert_shows_groups_and_blocks(axis: Axes) -> None:
    """Fail where an element is not at its place with the color of its group and the marker of its block."""
    of_block = dict(zip("dfps", scatters(axis), strict=True))
    n_corners = {block: np.shape(points.get_paths()[0].vertices)[0] for block, points in of_block.items()}
    assert n_corners == {"d": 5, "f": 5, "p": 4, "s": 26}  # a square, a diamond, a triangle and a circle
    square, diamond = (np.asarray(of_block[block].get_paths()[0].vertices) for block in "df")
    assert len(set(square[:, 0])) == 2  # it stands on a side, and the diamond on a corner
    assert len({round(float(x), 6) for x in diamond[:, 0]}) == 3
    assert {block: places(points) for block, points in of_block.items()} == {
        "d": [(3, 2)], "f": [(5, 0)], "p": [(4, 1)], "s": [(0, 5), (1, 4), (2, 3.5)],
    }  # fmt: skip
    viridis = mpl.colormaps["viridis"]
    for block, groups in {"d": [8], "p": [16], "s": [1, 1, 2]}.items():
        shown = [to_hex(each) for each in of_block[block].to_rgba(np.ma.asarray(of_block[block].get_array()))]
        assert shown == [to_hex(viridis(COLOR_OF_GROUP[group])) for group in groups], block
    assert to_hex(of_block["f"].to_rgba(np.ma.asarray(of_block["f"].get_array()))[0]) == to_hex("0.85")


def test_every_element_stands_at_its_components_by_group_and_block_and_beside_it_by_radius(six: pd.DataFrame) -> None:
    figure = element_figures.element_map(six, (0.3, 0.2))
    axis, inset, legend = figure.axes[:3]
    assert_shows_groups_and_blocks(axis)
    (by_radius,) = scatters(inset)
    assert places(by_radius) == [(0, 5), (1, 4), (2, 3.5), (3, 2), (4, 1), (5, 0)]
    assert values(by_radius) == [133, 232, 171, 116, 103, 163]
    assert by_radius.colorbar is not None
    assert by_radius.colorbar.ax.get_xlabel() == "covalent radius (pm)"
    assert title(inset) == "the same, by radius"
    groups, blocks = (each for each in legend.get_children() if isinstance(each, Legend))
    named = zip(groups.get_texts(), groups.get_lines(), strict=True)
    viridis = mpl.colormaps["viridis"]
    assert [(text.get_text(), to_hex(line.get_color())) for text, line in named] == [
        *((str(group), to_hex(viridis(COLOR_OF_GROUP[group]))) for group in (1, 2, 8, 16)),
        ("none", to_hex("0.85")),
    ]
    assert groups.get_title().get_text() == "group"
    shapes = zip(blocks.get_texts(), blocks.get_lines(), strict=True)
    assert [(text.get_text(), line.get_marker()) for text, line in shapes] == [
        ("s", "o"), ("d", "s"), ("p", "^"), ("f", "D"),
    ]  # fmt: skip


def test_each_panel_shows_its_own_table_and_shares_of_variance(six: pd.DataFrame) -> None:
    moved = six.assign(pc1=-six["pc1"])
    figure = element_figures.element_map_panels({10: moved, 2000: six}, {10: (0.5, 0.25), 2000: (0.3, 0.2)})
    small, large, bar = figure.axes
    assert_shows_groups_and_blocks(large)
    assert places(scatters(small)[0]) == [(-3, 2)]
    assert [title(axis) for axis in (small, large)] == ["(a) 10 training crystals", "(b) 2,000 training crystals"]
    assert (small.get_xlabel(), small.get_ylabel()) == ("PC 1 (50% of the variance)", "PC 2 (25% of the variance)")
    assert (large.get_xlabel(), large.get_ylabel()) == ("PC 1 (30% of the variance)", "PC 2 (20% of the variance)")
    assert bar.get_xlabel() == "group"
    assert [tick.get_text() for tick in bar.get_xticklabels()] == [str(group) for group in range(1, 19)]


def test_the_trend_of_radii_has_the_alkali_metals_in_their_own_color_and_names_the_outermost(six: pd.DataFrame) -> None:
    (axis,) = element_figures.radius_trend(six, -0.512).axes
    others, alkali = axis.lines[:2]
    assert drawn(others) == [[3.5, 171], [2, 116], [1, 103], [0, 163]]
    assert drawn(alkali) == [[5, 133], [4, 232]]
    assert (color(others), color(alkali)) == (COLORS["blue"], COLORS["vermilion"])
    assert legend_texts(axis) == ["all others: Spearman -0.51", "alkali metals"]
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("PC 2", "covalent radius (pm)")
    # Alkali metals, and all above 165 or below 115 pm.
    assert sorted(text.get_text() for text in axis.texts) == ["Ca", "Cs", "Li", "S"]


def test_bars_of_accuracy_have_deviations_over_seeds_and_lines_at_both_limits() -> None:
    rows = [
        {"property": name, "vectors": kind, "seed": seed, "accuracy": base + step}
        for name, base in (("group", 0.4), ("electronegativity", 0.7))
        for kind, step_of_seed in (("random", 0.01), ("learned", 0.1))
        for seed, step in enumerate((0.0, step_of_seed, 2 * step_of_seed))
    ]
    limits = pd.DataFrame(
        {"property": ["electronegativity", "group"], "majority": [0.5, 0.1], "attainable": [1.0, 0.98]}
    )
    (axis,) = probe_figures.accuracy_bars(pd.DataFrame(rows), limits).axes
    learned, random = bar_groups(axis)
    assert [bar.get_height() for bar in learned] == pytest.approx([0.8, 0.5])
    assert [bar.get_height() for bar in random] == pytest.approx([0.71, 0.41])
    assert {color(bar) for bar in learned} == {COLORS["blue"]}
    assert {color(bar) for bar in random} == {COLORS["orange"]}
    reach = {tuple(np.round([np.nanmin(y), np.nanmax(y)], 6)) for y in (line.get_ydata() for line in axis.lines)}
    assert reach == {(0.7, 0.9), (0.4, 0.6), (0.7, 0.72), (0.4, 0.42)}  # of three seeds, the deviation is one step
    majority, attainable = (np.asarray(each.get_segments())[:, 0, 1].tolist() for each in axis.collections)  # type: ignore[attr-defined]
    assert (majority, attainable) == ([0.5, 0.1], [1.0, 0.98])
    assert axis.get_ylim() == (0, 1.05)
    assert axis.get_ylabel() == "accuracy, 3-fold cross-validation"
    assert [label.get_text() for label in axis.get_xticklabels()] == ["electro-\nnegativity", "group"]
    assert set(legend_texts(axis)) == {"learned", "random", "largest category", "attainable"}


def test_likeness_shows_every_pair_and_its_mean_by_kind_of_vectors_in_a_panel_per_measure() -> None:
    rows = [
        (size, measure, kind, base + shift)
        for measure, lift in (("overlap (plane)", 0.0), ("alignment", 0.2))
        for kind, base in (("learned", 0.4 + lift), ("random", 0.1 + lift))
        for size in (10, 1000)
        for shift in (0.0, 0.1)
    ]
    table = pd.DataFrame(rows, columns=["training_size", "measure", "vectors", "value"])
    figure = probe_figures.likeness_by_size(table, ["overlap (plane)", "alignment"])
    for axis, low, label, letter in zip(figure.axes, (0.0, 0.2), ("overlap\n(plane)", "alignment"), "ab", strict=True):
        pairs, mean, random_pairs, random_mean = axis.lines
        for dots, base in ((pairs, 0.4), (random_pairs, 0.1)):
            at = base + low
            expected = [[10, at], [10, at + 0.1], [1000, at], [1000, at + 0.1]]
            assert np.asarray(dots.get_xydata()) == pytest.approx(np.array(expected))
        assert drawn(mean) == [[10, pytest.approx(0.45 + low)], [1000, pytest.approx(0.45 + low)]]
        assert drawn(random_mean) == [[10, pytest.approx(0.15 + low)], [1000, pytest.approx(0.15 + low)]]
        assert [color(line) for line in axis.lines] == [COLORS["blue"]] * 2 + [COLORS["orange"]] * 2
        assert axis.get_xscale() == "log"
        assert axis.get_ylim() == (0, 1.02)
        assert (axis.get_xlabel(), axis.get_ylabel()) == ("training crystals", label)
        assert [tick.get_text() for tick in axis.get_xticklabels()] == ["10", "1,000"]
        assert title(axis) == f"({letter})"
    assert legend_texts(figure.axes[0]) == ["learned", "random"]
