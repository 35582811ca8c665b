"""Figures of maps: every point, a legend that says what is shown, and texts that can be read and cover no other."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.text import Text

from cgcnn.figures import maps
from tests.drawings import assert_no_text_covers_another

ELEMENTS = ["O", "H", "F", "Li", "P", "S", "Na", "Si", "N", "Cl", "B", "Al", "Ti", "Fe", "Ni"]


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """Return a map of fifteen elements in clusters of 20, 19, ... points."""
    rng = np.random.default_rng(0)
    sizes = range(20, 20 - len(ELEMENTS), -1)
    rows = [(name, *place) for name, n in zip(ELEMENTS, sizes, strict=True) for place in blob(rng, n)]
    frame = pd.DataFrame(rows, columns=["element", "x", "y"])
    return frame.assign(local_energy_eV_per_atom=np.linspace(-3, 1, len(frame)))


def blob(rng: np.random.Generator, n: int) -> np.ndarray:
    return rng.uniform(-60, 60, 2) + rng.normal(size=(n, 2)) * 4


@pytest.fixture(scope="module")
def new(table: pd.DataFrame) -> pd.DataFrame:
    """Return twelve new sites of three crystals, of which two are near each other."""
    places = table.sample(12, random_state=1)[["x", "y"]].reset_index(drop=True)
    places.iloc[1] = places.iloc[0] + 0.3
    words = ["inside"] * 7 + ["at the edge"] * 3 + ["outside"] * 2
    crystals = ["folder/NaCl.cif"] * 4 + ["28B-220915-194416-19bd5e"] * 4 + ["many.xyz#12"] * 4
    return places.assign(range=words, crystal=crystals, label=[f"X{i}" for i in range(12)])


def drawn_texts(figure: Figure) -> list[Text]:
    FigureCanvasAgg(figure).draw()
    texts = [text for text in figure.findobj(Text) if isinstance(text, Text)]
    return [text for text in texts if text.get_text() and text.get_visible()]


def points(figure: Figure) -> list[PathCollection]:
    return [each for each in figure.axes[0].collections if isinstance(each, PathCollection)]


def legend_lines(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.legends[0].get_texts()]


def test_every_point_is_drawn_once_and_the_legend_counts_twelve_elements_and_the_others(table: pd.DataFrame) -> None:
    figure = maps.point_map(table, "element", "Environments")
    shown = np.concatenate([np.asarray(each.get_offsets()) for each in points(figure)])
    assert len(shown) == len(table)
    expected = table[["x", "y"]].to_numpy()
    np.testing.assert_allclose(shown[np.lexsort(shown.T)], expected[np.lexsort(expected.T)])
    lines = legend_lines(figure)
    assert lines == [*(f"{name} ({20 - rank})" for rank, name in enumerate(ELEMENTS[:12])), "others (21)"]
    on_map = {text.get_text() for text in figure.axes[0].texts}
    assert on_map == set(ELEMENTS[:12])


def test_each_named_element_has_a_color_of_its_own_and_others_are_gray(table: pd.DataFrame) -> None:
    colors = maps.kind_colors(table["element"])
    assert list(colors) == [*ELEMENTS[:12], "others"]
    assert len(set(colors.values())) == 13
    figure = maps.point_map(table, "element", "Environments")
    counts: dict[str, int] = {}
    for each in points(figure):
        for color in each.get_facecolors():  # type: ignore[attr-defined]
            counts[to_hex(color)] = counts.get(to_hex(color), 0) + 1
    for rank, name in enumerate(ELEMENTS[:12]):
        assert counts[to_hex(colors[name])] == 20 - rank, name
    assert counts[to_hex(colors["others"])] == 21
    assert "others" not in maps.kind_colors(table["element"].iloc[:50])


def test_values_have_a_color_bar_with_their_unit_and_no_legend(table: pd.DataFrame) -> None:
    figure = maps.point_map(table, "local_energy_eV_per_atom", "Environments", "local energy (eV/atom)")
    (values,) = points(figure)
    np.testing.assert_array_equal(np.asarray(values.get_offsets()), table[["x", "y"]])
    np.testing.assert_array_equal(np.asarray(values.get_array()), table["local_energy_eV_per_atom"])
    assert figure.axes[1].get_xlabel() == "local energy (eV/atom)"
    assert not figure.legends


def test_axes_have_no_numbers_and_the_title_is_there(table: pd.DataFrame) -> None:
    figure = maps.point_map(table, "element", "Environments of my crystals")
    assert len(figure.axes[0].get_xticks()) == len(figure.axes[0].get_yticks()) == 0
    assert figure.get_suptitle() == "Environments of my crystals"


def test_new_points_are_rings_whose_shape_says_how_far_they_are(table: pd.DataFrame, new: pd.DataFrame) -> None:
    figure = maps.point_map(table, "element", "Environments", new=new)
    assert legend_lines(figure)[-3:] == ["new, inside (7)", "new, at the edge (3)", "new, outside (2)"]
    rings = [line for line in figure.axes[0].lines if line.get_markeredgecolor() == "black"]
    assert {line.get_marker(): len(np.atleast_1d(line.get_xdata())) for line in rings} == {"o": 7, "s": 3, "^": 2}
    for line, word in zip(rings, ("inside", "at the edge", "outside"), strict=True):
        np.testing.assert_allclose(np.asarray(line.get_xydata()), new.loc[new["range"] == word, ["x", "y"]])
    assert all(line.get_markerfacecolor() == "none" for line in rings)


def test_names_of_new_points_are_short_and_not_too_many(new: pd.DataFrame) -> None:
    names = maps.names_of_new(new)
    assert names[0] == "NaCl X0"
    assert names[4] == "…6-19bd5e X4"
    assert names[8] == "many#12 X8"
    assert maps.names_of_new(new.iloc[:4]) == ["X0", "X1", "X2", "X3"]
    crowded = pd.concat([new, new], ignore_index=True)
    assert [name for name in maps.names_of_new(crowded) if name] == ["NaCl", "…6-19bd5e", "many#12"]
    strangers = crowded.assign(crystal=[f"c{i}" for i in range(24)])
    assert set(maps.names_of_new(strangers)) == {""}


def test_no_text_covers_another_and_none_leaves_the_figure(table: pd.DataFrame, new: pd.DataFrame) -> None:
    for some in (None, new):
        figure = maps.point_map(table, "element", "Environments", new=some)
        texts = drawn_texts(figure)
        assert len(texts) == 1 + 12 + 13 + (0 if some is None else 12 + 3)
        assert_no_text_covers_another(texts, figure)


def test_texts_can_be_read_at_a_width_of_360_pixels(table: pd.DataFrame, new: pd.DataFrame) -> None:
    figure = maps.point_map(table, "element", "Environments", new=new)
    pixels_per_point = 360 / figure.get_figwidth() / 72
    assert min(float(text.get_fontsize()) for text in drawn_texts(figure)) * pixels_per_point >= 9


def test_where_every_point_is_a_kind_of_its_own_all_are_named(table: pd.DataFrame) -> None:
    elements = table.groupby("element", as_index=False)[["x", "y"]].mean()
    figure = maps.point_map(elements, "element", "Elements")
    assert {text.get_text() for text in figure.axes[0].texts} == set(ELEMENTS)
    assert not figure.legends


@pytest.mark.parametrize(("height", "share"), [(0.2, 0.5), (0.6, 0.6), (1.0, 1.0), (3.0, 1.25)])
def test_a_map_is_as_high_as_its_points_so_that_it_has_no_empty_bands(
    table: pd.DataFrame, height: float, share: float
) -> None:
    unit = (table[["x", "y"]] - table[["x", "y"]].min()) / np.ptp(table[["x", "y"]], axis=0)
    for by in ("element", "local_energy_eV_per_atom"):
        figure = maps.point_map(table.assign(x=unit["x"], y=height * unit["y"]), by, "Environments", "eV")
        figure.draw_without_rendering()
        box = figure.axes[0].get_window_extent()
        assert box.height / box.width == pytest.approx(share, abs=0.05)


def test_long_names_of_kinds_stand_in_the_legend_alone_and_fit_into_the_figure(table: pd.DataFrame) -> None:
    names = ["p-block elements and hydrogen", "alkaline earths and lanthanides", "transition metals", "other"]
    kinds = table.assign(kind=np.resize(names, len(table)))
    figure = maps.point_map(kinds, "kind", "Environments")
    assert not figure.axes[0].texts
    boxes = [text.get_window_extent() for text in drawn_texts(figure)]
    assert len(legend_lines(figure)) == 4
    assert max(box.x1 for box in boxes) <= figure.bbox.width


def test_a_kind_is_named_where_it_is_densest() -> None:
    rng = np.random.default_rng(0)
    dense, sparse = rng.normal(90, size=(20, 2)), rng.uniform(0, 60, (30, 2))
    both = pd.DataFrame(np.concatenate([dense, sparse, rng.uniform(0, 100, (10, 2))]), columns=["x", "y"])
    both["element"] = ["Fe"] * 50 + ["O"] * 10
    figure = maps.point_map(both, "element", "Environments")
    (name,) = (text for text in figure.axes[0].texts if text.get_text() == "Fe")
    assert np.linalg.norm(np.array(name.get_position()) - 90) < 20


def test_the_caption_says_what_is_shown_and_that_axes_have_no_unit() -> None:
    text = maps.caption("4,000 of 62,052 distinct environments of boron", "the local energy", "the sites of 3 crystals")
    assert text.startswith("A map of 4,000 of 62,052 distinct environments of boron")
    assert "The colors tell the local energy." in text
    assert "Rings are the sites of 3 crystals" in text
    assert "The axes have no unit" in text
    assert "Rings" not in maps.caption("all crystals", "the energy")
