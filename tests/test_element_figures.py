"""Maps of the elements and figures of probes show the columns that they name, at their places and in their colors."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.legend import Legend

from cgcnn.figures import elements as element_figures
from cgcnn.figures import probes as probe_figures
from cgcnn.figures.style import COLORS
from tests.drawings import bar_groups, color, drawn, legend_texts, places, scatters, title, values

#: The color of each family, by hand.
COLOR_OF_FAMILY = {
    "alkali metals": COLORS["vermilion"],
    "alkaline earth metals": COLORS["orange"],
    "d metals, groups 8 to 12": COLORS["sky"],
    "lanthanides": "#332288",
    "nonmetals": "#F0E442",
}


@pytest.fixture
def six() -> pd.DataFrame:
    """Return six elements with made-up places. Ce has no group."""
    rows = [
        ("Li", 0.0, 5.0, 1, "Alkali metals", 133.0), ("Cs", 1.0, 4.0, 1, "Alkali metals", 232.0),
        ("Ca", 2.0, 3.5, 2, "Alkaline earth metals", 171.0), ("Fe", 3.0, 2.0, 8, "Transition metals", 116.0),
        ("S", 4.0, 1.0, 16, "Nonmetals", 103.0), ("Ce", 5.0, 0.0, np.nan, "Lanthanides", 163.0),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["symbol", "pc1", "pc2", "group", "series", "covalent_radius_pm"]).set_index(
        "symbol"
    )


def assert_shows_families_and_radii(axis: Axes, scale: float) -> None:
    """Fail where a disc is not at its place, with the color of its family and a diameter to the scale of the radius."""
    of_family = {str(points.get_label()): points for points in scatters(axis)}
    assert {name: color(points) for name, points in of_family.items()} == {
        name: of.upper() for name, of in COLOR_OF_FAMILY.items()
    }
    expected: dict[str, list[tuple[float, float]]] = {
        "alkali metals": [(0, 5), (1, 4)], "alkaline earth metals": [(2, 3.5)], "d metals, groups 8 to 12": [(3, 2)],
        "lanthanides": [(5, 0)], "nonmetals": [(4, 1)],
    }  # fmt: skip
    for name, at in expected.items():
        assert places(of_family[name]) == [pytest.approx(each) for each in at], name
    diameters = np.sqrt(np.concatenate([np.asarray(points.get_sizes()) for points in of_family.values()]))
    assert diameters == pytest.approx(scale * np.array([133, 232, 171, 116, 163, 103]))
    assert {text.get_text(): text.get_position() for text in axis.texts} == {
        "Li": pytest.approx((0, 5)), "Cs": pytest.approx((1, 4)), "Ca": pytest.approx((2, 3.5)),
        "Fe": pytest.approx((3, 2)), "S": pytest.approx((4, 1)), "Ce": pytest.approx((5, 0)),
    }  # fmt: skip


def test_every_element_stands_at_its_components_by_family_and_size_and_beside_it_by_radius(six: pd.DataFrame) -> None:
    figure = element_figures.element_map(six, (0.3, 0.2))
    axis, inset, legend = figure.axes[:3]
    assert_shows_families_and_radii(axis, 0.09)
    (by_radius,) = scatters(inset)
    assert places(by_radius) == [(0, 5), (1, 4), (2, 3.5), (3, 2), (4, 1), (5, 0)]
    assert values(by_radius) == [133, 232, 171, 116, 103, 163]
    assert by_radius.colorbar is not None
    assert by_radius.colorbar.ax.get_xlabel() == "covalent radius (pm)"
    assert title(inset) == "the same, by radius"
    families, radii = (each for each in legend.get_children() if isinstance(each, Legend))
    shown = [
        (text.get_text(), line.get_color())
        for text, line in zip(families.get_texts(), families.get_lines(), strict=True)
    ]
    assert shown == list(COLOR_OF_FAMILY.items())
    sizes = zip(radii.get_texts(), radii.get_lines(), strict=True)
    assert [(text.get_text(), line.get_markersize()) for text, line in sizes] == [
        ("100 pm", 9), ("150 pm", 13.5), ("200 pm", 18),
    ]  # fmt: skip


def test_groups_that_the_caller_names_are_joined_and_named_off_the_discs(six: pd.DataFrame) -> None:
    named = {"alkali": ["Li", "Cs", "Rb"], "one of them alone": ["Ca"]}
    axis = element_figures.element_map(six, (0.3, 0.2), named).axes[0]
    (band,) = [line for line in axis.lines if line.get_linewidth() == 14]
    assert sorted(drawn(band)) == [pytest.approx([0, 5]), pytest.approx([1, 4])]
    (name,) = [text for text in axis.texts if text.get_text() not in six.index]
    assert name.get_text() == "alkali"
    box = name.get_window_extent()
    for place in axis.transData.transform(six[["pc1", "pc2"]]):
        assert not box.contains(*place)


def test_an_element_far_off_stands_at_the_edge_with_its_components_and_squeezes_no_other(six: pd.DataFrame) -> None:
    far = six.copy()
    far.loc["Cs", ["pc1", "pc2"]] = (-60.0, 2.0)
    figure = element_figures.element_map(far, (0.3, 0.2), beyond=["Cs", "an element that is not there"])
    axis, inset = figure.axes[:2]
    assert axis.get_xlim()[0] > -1
    assert axis.get_xlim()[1] < 6
    texts = {text.get_text(): text for text in axis.texts}
    assert {*six.index, "(\N{MINUS SIGN}60.0, 2.0)"} <= set(texts)
    x, y = texts["Cs"].get_position()
    assert x == pytest.approx(0.065)  # in shares of the axes
    low, high = axis.get_ylim()
    assert low + y * (high - low) == pytest.approx(2)
    (by_radius,) = scatters(inset)
    assert (-60, 2) in places(by_radius)


def test_a_disc_that_leaves_its_place_is_led_to_it_and_none_covers_another(six: pd.DataFrame) -> None:
    crowd = six.assign(pc1=[0.0, 0.0, 0.0, 0.01, 0.01, 9.0], pc2=[0.0, 0.0, 0.0, 0.0, 0.0, 9.0])
    axis = element_figures.element_map(crowd, (0.3, 0.2)).axes[0]
    figure = axis.get_figure()
    assert figure is not None
    points = [(each, place) for each in scatters(axis) for place in np.asarray(each.get_offsets())]
    centers = axis.transData.transform([place for _, place in points]) * 72 / figure.dpi
    radii = np.concatenate([np.sqrt(each.get_sizes()) / 2 for each in scatters(axis)])
    for (i, one), (j, other) in itertools.combinations(enumerate(centers), 2):
        assert np.linalg.norm(one - other) > 0.8 * (radii[i] + radii[j])
    leaders = [line for line in axis.lines if len(np.asarray(line.get_xdata())) == 2]
    assert 3 <= len(leaders) <= 5
    assert all(drawn(line)[0] in ([0, 0], [0.01, 0]) for line in leaders)


def test_each_panel_shows_its_own_table_and_shares_of_variance(six: pd.DataFrame) -> None:
    moved = six.assign(pc1=-six["pc1"])
    figure = element_figures.element_map_panels({10: moved, 2000: six}, {10: (0.5, 0.25), 2000: (0.3, 0.2)})
    small, large = figure.axes
    assert_shows_families_and_radii(large, 0.075)
    assert places(scatters(small)[2]) == [pytest.approx((-3, 2))]
    assert [title(axis) for axis in (small, large)] == ["(a) 10 training crystals", "(b) 2,000 training crystals"]
    assert (small.get_xlabel(), small.get_ylabel()) == ("PC 1 (50% of the variance)", "PC 2 (25% of the variance)")
    assert (large.get_xlabel(), large.get_ylabel()) == ("PC 1 (30% of the variance)", "PC 2 (20% of the variance)")
    assert legend_texts(figure) == [*COLOR_OF_FAMILY, "radius 100 pm", "radius 150 pm", "radius 200 pm"]


def test_the_trend_of_radii_has_the_alkali_metals_in_their_own_color_and_names_the_outermost(six: pd.DataFrame) -> None:
    (axis,) = element_figures.radius_trend(six, -0.512).axes
    others, alkali = axis.lines[:2]
    assert drawn(others) == [[3.5, 171], [2, 116], [1, 103], [0, 163]]
    assert drawn(alkali) == [[5, 133], [4, 232]]
    assert (color(others), color(alkali)) == (COLORS["blue"], COLORS["vermilion"])
    assert legend_texts(axis) == ["all others: Spearman \N{MINUS SIGN}0.51", "alkali metals"]
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
