"""The figures of the sections on boron, on the Materials Project and on the claims show the columns that they name."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import ConnectionPatch
from pymatgen.core import Element, Lattice, Structure

from cgcnn.data.quantity import Quantity
from cgcnn.figures.style import COLORS
from cgcnn.paper import boron_figures, claims_figure, mp_figures
from cgcnn.paper.boron_map import Example
from cgcnn.paper.boron_regions import REGIONS
from cgcnn.paper.claims import VERDICTS
from cgcnn.paper.mp_coordination import CLASSES
from tests.drawings import (
    assert_no_text_covers_another,
    bar_groups,
    color,
    error_spans,
    legend_texts,
    places,
    scatters,
    title,
    values,
)


@pytest.fixture
def boron() -> pd.DataFrame:
    """Return five environments of boron, whose columns all differ."""
    return pd.DataFrame(
        {
            "x": [0.0, 1, 2, 3, 4],
            "y": [9.0, 8, 7, 6, 5],
            "region": [*REGIONS, REGIONS[0]],
            "local_energy_eV_per_atom": [-0.5, 0.1, 0.4, 0.2, 0.9],
            "n_neighbors": [4.0, 5, 6, 7, 3],
            "density_g_per_cm3": [2.1, 2.2, 2.5, 2.3, 0.4],
        }
    )


def bar_of(figure: Figure, label: str) -> Axes:
    """Return the axes of the color bar with this label."""
    (found,) = [axis for axis in figure.axes if label in (axis.get_xlabel(), axis.get_ylabel())]
    return found


def test_the_three_boron_maps_show_energy_neighbors_and_density_at_the_same_places(boron: pd.DataFrame) -> None:
    figure = boron_figures.environment_maps(boron)
    large, *small = [axis.get_position() for axis in figure.axes[:3]]
    assert all(large.width * large.height > 2 * each.width * each.height for each in small)
    expected = {
        "local energy (eV)": [-0.5, 0.1, 0.4, 0.2, 0.9],
        "number of neighbors": [4, 5, 6, 7, 3],
        "density (g/cm³)": [2.1, 2.2, 2.5, 2.3, 0.4],
    }
    for axis, letter, (label, numbers) in zip(figure.axes[:3], "abc", expected.items(), strict=True):
        (points,) = scatters(axis)
        assert title(axis) == f"({letter})"
        assert (axis.get_xlabel(), axis.get_ylabel()) == ("t-SNE 1", "t-SNE 2")
        assert len(axis.get_xticks()) == len(axis.get_yticks()) == 0
        assert places(points) == [(0, 9), (1, 8), (2, 7), (3, 6), (4, 5)]
        assert values(points) == numbers
        # Colors span the numbers between the quantiles 0.05 and 0.9: a fifth and three fifths between sorted numbers.
        ordered = sorted(numbers)
        low, high = ordered[0] + 0.2 * (ordered[1] - ordered[0]), ordered[3] + 0.6 * (ordered[4] - ordered[3])
        assert points.get_clim() == pytest.approx((low, high))
        assert points.colorbar is not None
        assert points.colorbar.ax is bar_of(figure, label)


def test_the_boron_maps_of_another_quantity_take_its_columns_and_its_name(boron: pd.DataFrame) -> None:
    gaps = boron.rename(columns={"local_energy_eV_per_atom": "local_band_gap_eV"})
    figure = boron_figures.environment_maps(gaps, Quantity("band gap", "eV"))
    assert values(scatters(figure.axes[0])[0]) == [-0.5, 0.1, 0.4, 0.2, 0.9]
    assert bar_of(figure, "local band gap (eV)")


def test_every_region_has_its_color_and_new_sites_are_black_with_a_marker_per_cage(boron: pd.DataFrame) -> None:
    figure = boron_figures.region_map(boron)
    groups = scatters(figure.axes[0])
    assert [places(points) for points in groups] == [[(0, 9), (4, 5)], [(1, 8)], [(2, 7)], [(3, 6)]]
    expected = [COLORS[name] for name in ("vermilion", "orange", "sky", "blue")]
    assert [color(points) for points in groups] == expected
    assert all(points.get_alpha() == 1 for points in groups)
    assert legend_texts(figure) == list(REGIONS)
    placed = pd.DataFrame({"x": [5.0, 6], "y": [1.0, 2], "crystal": ["B80 (Ih)", "B40 (D2d)"]})
    with_cages = boron_figures.region_map(boron, placed)
    *regions, first, second = scatters(with_cages.axes[0])
    assert all(points.get_alpha() == 0.5 for points in regions)
    assert (places(first), places(second)) == ([(6, 2)], [(5, 1)])
    assert color(first) == color(second) == "#000000"
    n_corners = [np.shape(points.get_paths()[0].vertices)[0] for points in (first, second)]
    assert n_corners == [11, 13]  # a star and a filled plus
    cages = [r"B$_{\mathrm{40}}$ (D$_{\mathrm{2d}}$)", r"B$_{\mathrm{80}}$ (I$_{\mathrm{h}}$)"]
    assert legend_texts(with_cages) == [*REGIONS, *cages]


@pytest.mark.filterwarnings("ignore:vert. bool was deprecated")  # seaborn still gives this argument to Matplotlib
def test_boxes_of_regions_hold_their_quartiles_and_whiskers_from_5_to_95_percent() -> None:
    table = pd.DataFrame(
        {
            "region": [REGIONS[2]] * 101 + [REGIONS[0]] * 101,
            "local_energy_eV_per_atom": np.r_[np.linspace(0, 1, 101), np.linspace(2, 4, 101)],
        }
    )
    (axis,) = boron_figures.energy_by_region(table).axes
    assert axis.get_ylabel() == "local energy (eV)"
    assert [label.get_text() for label in axis.get_xticklabels()] == [REGIONS[0], REGIONS[2]]
    heights: dict[float, list[float]] = {0: [], 1: []}
    for line in axis.lines:
        x, y = np.asarray(line.get_xdata(), float), np.asarray(line.get_ydata(), float)
        heights[round(float(x.mean()))] += y.tolist()
    # Whiskers, caps and the median: a box without points outside.
    assert sorted(set(np.round(heights[0], 6))) == [2.1, 2.5, 3, 3.5, 3.9]
    assert sorted(set(np.round(heights[1], 6))) == [0.05, 0.25, 0.5, 0.75, 0.95]
    boxes = {round(patch.get_path().get_extents().x0 + 0.5): color(patch) for patch in axis.patches}
    assert boxes == {0: COLORS["vermilion"], 1: COLORS["sky"]}


@pytest.fixture
def chain() -> Structure:
    """Return three atoms in a row, 1.8 and 2.3 angstrom apart, in a large cell: only the first two are bonded."""
    places = np.array([[5, 5, 5], [6.8, 5, 5], [9.1, 5, 5]])
    return Structure(Lattice.cubic(20), ["B"] * 3, places, coords_are_cartesian=True)


def test_the_table_of_examples_has_their_atoms_relative_to_the_center(chain: Structure) -> None:
    atoms = boron_figures.example_atoms([Example("layered", chain, 0, -1.234, 0, 0)])
    assert atoms[["panel", "region"]].drop_duplicates().to_numpy().tolist() == [["a", "layered"]]
    assert sorted(atoms["x_angstrom"].round(6)) == [0, 1.8]


def test_examples_are_lettered_and_named_by_region_and_energy_in_rows_of_three(chain: Structure) -> None:
    rows = [("layered", -1.234)] * 3 + [("amorphous", 0.5)] * 3
    figure = boron_figures.examples([Example(region, chain, 0, energy, 0, 0) for region, energy in rows])
    assert [title(axis) for axis in figure.axes] == [
        *(f"({letter}) layered, -1.23 eV" for letter in "abc"),
        *(f"({letter}) amorphous, 0.50 eV" for letter in "def"),
    ]
    corners = [axis.get_position().get_points()[0] for axis in figure.axes]
    assert len({round(x, 6) for x, _ in corners}) == 3
    assert len({round(y, 6) for _, y in corners}) == 2


def test_lines_lead_from_the_drawings_beside_the_large_map_to_the_points_of_their_regions(
    boron: pd.DataFrame, chain: Structure
) -> None:
    drawn = [Example(region, chain, 0, x / 10, x, 9 - x) for x, region in enumerate(REGIONS)]
    figure = boron_figures.environment_maps(boron, drawn=drawn)
    found = [(line.axesA, line.xy2) for line in figure.findobj(ConnectionPatch) if isinstance(line, ConnectionPatch)]
    assert sorted(place for _, place in found) == [(0, 9), (1, 8), (2, 7), (3, 6)]
    left = set()
    for axis, (x, _) in found:
        assert axis is not None
        region, energy = axis.get_title().splitlines()
        assert (region, energy) == (REGIONS[int(x)], f"{x / 10:.2f} eV")
        left |= {region} if axis.get_position().x0 < 0.3 else set()
    # The two examples that lie left on the map stand left of it.
    assert left == set(REGIONS[:2])


@pytest.fixture
def around_oxygen() -> pd.DataFrame:
    """Return six environments around oxygen of three elements, one of them without an octahedral order parameter."""
    return pd.DataFrame(
        {
            "x": [0.0, 1, 2, 10, 11, 30],
            "y": [0.0, 0, 0, 10, 10, 40],
            "element": ["Fe", "Fe", "Fe", "Na", "Na", "U"],
            "class": [CLASSES[1]] * 3 + [CLASSES[2]] * 2 + ["other"],
            "local_energy_eV_per_atom": [-1.0, -2, -3, -4, -5, 6],
            "n_neighbors": [6.0, 6, 5, 8, 9, 12],
            "octahedral": [0.9, 0.8, 0.7, np.nan, 0.1, 0.2],
            "tetrahedral": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6],
        }
    )


def test_the_map_of_an_anion_colors_its_panels_by_energy_class_neighbors_and_shape(around_oxygen: pd.DataFrame) -> None:
    figure = mp_figures.environment_map(around_oxygen)
    energy, classes, neighbors, octahedral, tetrahedral = figure.axes[:5]
    for axis, column, label, limits in (
        (energy, "local_energy_eV_per_atom", "local energy (eV)", (-4.9, 5.3)),
        (neighbors, "n_neighbors", "number of neighbors", (5.1, 11.7)),
        (octahedral, "octahedral", "octahedral order parameter", (0, 1)),
        (tetrahedral, "tetrahedral", "tetrahedral order parameter", (0, 1)),
    ):
        gray, points = scatters(axis)
        assert len(places(gray)) == 6  # a site without a value is seen in gray
        known = around_oxygen.dropna(subset=column)
        assert places(points) == list(zip(known["x"], known["y"], strict=True))
        assert values(points) == known[column].tolist()
        assert points.get_clim() == pytest.approx(limits)
        assert points.colorbar is not None
        assert points.colorbar.ax.get_xlabel() == label
    drawn = dict(zip(legend_texts(classes), scatters(classes), strict=True))
    assert list(drawn) == [*CLASSES, "other"]
    assert {name: len(places(points)) for name, points in drawn.items()} == dict(
        zip([*CLASSES, "other"], (0, 3, 2, 0, 1), strict=True)
    )
    assert color(drawn[CLASSES[1]]) == COLORS["blue"]
    assert color(drawn["other"]) == COLORS["gray"]
    assert [axis.texts[0].get_text() for axis in figure.axes[:5]] == list("12345")
    names = energy.texts[1:]
    assert sorted(text.get_text() for text in names) == ["Fe", "Na", "U"]
    # Names have a white edge, so that they are read on dark points.
    assert all(text.get_path_effects() for text in names)
    assert_no_text_covers_another(energy.texts, figure)


def test_an_element_is_named_at_the_middle_of_its_sites(
    around_oxygen: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    named: dict[str, tuple[float, float]] = {}

    def keep(axis: Axes, x: list[float], y: list[float], names: list[str], *sizes: float) -> None:
        named.update(zip(names, zip(x, y, strict=True), strict=True))

    monkeypatch.setattr(mp_figures, "label_points", keep)
    mp_figures.environment_map(around_oxygen)
    assert named == {"Fe": (1, 0), "Na": (10, 10), "U": (30, 40)}


def test_lanthanides_have_one_name_on_the_map(around_oxygen: pd.DataFrame) -> None:
    around_oxygen["element"] = ["La", "Gd", "Lu", "Na", "Na", "Y"]
    names = [text.get_text() for text in mp_figures.environment_map(around_oxygen).axes[0].texts]
    assert sorted(names) == ["1", "Na", "Y", "lanthanides"]


def test_a_pair_stands_in_the_row_of_its_center_and_the_column_of_its_first_neighbor() -> None:
    pairs = pd.DataFrame(
        [("Ti", "O", -3.0, 5), ("O", "Ti", 2.0, 4), ("Ti", "Ti", 1.0, 100)],
        columns=["center", "first_neighbor", "mean_local_energy_eV_per_atom", "n_environments"],
    )
    figure = mp_figures.pair_map(pairs, ["O", "Ti"], "in the order of Pettifor")
    axis, bar = figure.axes
    image = axis.images[0]
    shown = np.ma.filled(image.get_array().astype(float), np.nan)  # type: ignore[union-attr]
    np.testing.assert_array_equal(shown, [[np.nan, 2], [-3, 1]])
    low, high = image.get_clim()
    assert low == -high  # one scale for both sides of zero, which is in the middle of the colors
    assert low == pytest.approx(np.quantile([-3, 1, 2], 0.01))
    # Zero is nearly white. A cell that does not occur is not, since the axes behind it are gray.
    assert min(image.cmap(0.5)[:3]) > 0.95
    assert image.cmap.get_bad()[3] == 0
    assert axis.get_facecolor()[:3] == pytest.approx((0.85, 0.85, 0.85))
    opaque = np.asarray(image.get_alpha())
    assert opaque[0, 1] == pytest.approx(0.4)  # O next to Ti, with four environments
    assert opaque[1].tolist() == [1, 1]
    assert legend_texts(bar) == ["no such environment", "pale: fewer than 5 environments"]
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("first neighbor", "center")
    for which in (axis.xaxis, axis.yaxis):
        near, far = (which.get_ticklabels(minor=minor) for minor in (False, True))
        assert ([each.get_text() for each in near], [each.get_text() for each in far]) == (["O"], ["Ti"])
    assert title(axis) == "in the order of Pettifor"
    assert bar.get_xlabel() == "mean local energy (eV)"


def test_no_name_beside_a_map_of_pairs_of_87_elements_covers_another() -> None:
    order = [str(Element.from_Z(number)) for number in range(1, 88)]
    pairs = pd.DataFrame(
        {"center": order, "first_neighbor": order, "mean_local_energy_eV_per_atom": range(87), "n_environments": 9}
    )
    figure = mp_figures.pair_map(pairs, order, "all")
    figure.canvas.draw()
    for which in (figure.axes[0].xaxis, figure.axes[0].yaxis):
        names = [*which.get_ticklabels(), *which.get_ticklabels(minor=True)]
        assert {name.get_text() for name in names} == set(order)
        assert_no_text_covers_another(names, figure)


def test_centers_stand_at_their_numbers_with_error_bars_and_electronegativities_on_an_axis_of_their_own() -> None:
    table = pd.DataFrame(
        {
            "atomic_number": [3, 8, 10, 11],
            "electronegativity": [0.98, 3.44, np.nan, 0.93],
            "mean_local_energy_eV_per_atom": [-1.0, -3.0, 0.0, -2.0],
            "std_eV_per_atom": [0.1, 0.5, 0.2, 0.3],
        },
        index=["Li", "O", "Ne", "Na"],
    )
    figure = mp_figures.energy_by_atomic_number({"O": table, "S": table.iloc[:2]})
    energies, around_sulfur, electronegativities, _ = figure.axes
    assert [title(axis) for axis in (energies, around_sulfur)] == ["(a) first neighbor: O", "(b) first neighbor: S"]
    (points,) = [line for line in energies.lines if line.get_marker() == "o"]
    assert np.asarray(points.get_xydata()).tolist() == [[3, -1], [8, -3], [10, 0], [11, -2]]
    ((*spans,),) = error_spans(energies)
    assert np.array(spans) == pytest.approx(np.array([(-1.1, -0.9), (-3.5, -2.5), (-0.2, 0.2), (-2.3, -1.7)]))
    assert (energies.get_xlabel(), energies.get_ylabel()) == ("atomic number of the center", "local energy (eV)")
    (dotted,) = electronegativities.lines
    assert np.asarray(dotted.get_xydata()).tolist() == [[3, 0.98], [8, 3.44], [11, 0.93]]
    assert electronegativities.get_ylabel() == "electronegativity"
    assert electronegativities.yaxis.label.get_color() == color(dotted) == COLORS["vermilion"]
    assert energies.yaxis.label.get_color() == color(points) == COLORS["blue"]
    assert sorted(text.get_text() for text in energies.texts) == ["Li", "Na", "Ne", "O"]
    with_two = mp_figures.energy_by_atomic_number({"O": table.rename(index={"Li": "La", "Na": "Ce"})})
    with_two.canvas.draw()
    below = {text.get_text(): text for text in with_two.axes[0].texts}
    lowest = with_two.axes[0].transData.transform((0, -2.3))[1]
    ends = {name: below[name].get_window_extent().y1 for name in ("La", "Ce")}
    assert ends["Ce"] < ends["La"] < lowest  # lanthanides are named in rows below their points
    assert not [
        each for each in around_sulfur.collections if isinstance(each, LineCollection) and len(each.get_segments()) != 2
    ]


def test_bars_of_verdicts_stand_end_to_end_with_their_counts_inside_and_none_for_zero() -> None:
    counts = pd.DataFrame(
        dict(zip(VERDICTS, ([3, 0], [1, 2], [0, 1], [0, 2], [0, 0], [2, 0]), strict=True)),
        index=["boron_environments", "table_1"],
    )
    figure = claims_figure.verdicts(counts)
    (axis,) = figure.axes
    assert [label.get_text() for label in axis.get_yticklabels()] == ["boron", "Table I"]
    assert axis.get_xlabel() == "rows"
    assert legend_texts(figure) == list(VERDICTS)
    spans = [[(bar.get_x(), bar.get_width()) for bar in group] for group in bar_groups(axis)]
    assert spans == [
        [(0, 3), (0, 0)],
        [(3, 1), (0, 2)],
        [(4, 0), (2, 1)],
        [(4, 0), (3, 2)],
        [(4, 0), (5, 0)],
        [(4, 2), (5, 0)],
    ]
    assert [color(group[0]) for group in bar_groups(axis)] == [
        COLORS["blue"],
        COLORS["sky"],
        COLORS["vermilion"],
        COLORS["orange"],
        "#D9D9D9",
        "#A6A6A6",
    ]
    assert [text.get_text() for text in axis.texts] == ["3", "", "1", "2", "", "1", "", "2", "", "", "2", ""]
    assert [color(text) for text in axis.texts][0:3:2] == ["#FFFFFF", "#000000"]  # to be read on dark and on light
    low, high = axis.get_ylim()
    assert low > high  # the first section is at the top
