"""Figures contain what they must show, and no label covers another."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle

from cgcnn.analysis import elements
from cgcnn.data.crystals import Crystals
from cgcnn.errors import DataError
from cgcnn.figures import elements as element_figures
from cgcnn.figures import files as figure_files
from cgcnn.figures import probes as probe_figures
from cgcnn.figures import runs as run_figures
from cgcnn.figures import style
from cgcnn.figures.style import VALUES
from cgcnn.paper import mp_figures
from cgcnn.paper import perovskite_drawing as structure_figures

# fmt: off
SYMBOLS = [
    "Li", "Be", "B", "Na", "Mg", "Al", "Si", "K", "Ca", "Sc", "Ti", "V", "Cr", "Mn", "Fe", "Co", "Ni", "Cu", "Zn",
    "Ga", "Ge", "As", "Rb", "Sr", "Y", "Zr", "Nb", "Mo", "Ru", "Rh", "Pd", "Ag", "Cd", "In", "Sn", "Sb", "Te", "Cs",
    "Ba", "La", "Hf", "Ta", "W", "Re", "Os", "Ir", "Pt", "Au", "Hg", "Tl", "Pb", "Bi",
]
# fmt: on


@pytest.fixture(scope="module")
def plane() -> pd.DataFrame:
    """Return a map of all 52 metals that is as crowded as a real one."""
    table = elements.element_table(SYMBOLS)
    positions = np.random.default_rng(0).normal(size=(len(table), 2))
    return table.assign(pc1=positions[:, 0], pc2=positions[:, 1])


def labels_and_boxes(figure: Figure, names: list[str]) -> list[tuple[str, np.ndarray]]:
    FigureCanvasAgg(figure).draw()
    texts = [text for text in figure.axes[0].texts if text.get_text() in names]
    return [(text.get_text(), np.array(text.get_window_extent().extents)) for text in texts]


def bars(axis: Axes) -> list[Rectangle]:
    return [patch for patch in axis.patches if isinstance(patch, Rectangle) and patch.get_height() > 0]


def legend_texts(axis: Axes) -> list[str]:
    legend = axis.get_legend()
    assert legend is not None
    return [text.get_text() for text in legend.get_texts()]


def test_the_element_map_names_every_element_once_and_no_name_covers_another(plane: pd.DataFrame) -> None:
    figure = element_figures.element_map(plane, (0.3, 0.2))
    found = labels_and_boxes(figure, plane.index.tolist())
    assert sorted(name for name, _ in found) == sorted(plane.index)
    boxes = np.array([box for _, box in found])
    for i, (left, low, right, high) in enumerate(boxes):
        others = np.delete(boxes, i, axis=0)
        width = np.minimum(others[:, 2], right) - np.maximum(others[:, 0], left)
        height = np.minimum(others[:, 3], high) - np.maximum(others[:, 1], low)
        covered = np.clip(width, 0, None) * np.clip(height, 0, None)
        assert covered.max() < 0.1 * (right - left) * (high - low), found[i][0]


def test_every_symbol_stands_inside_its_own_disc_close_to_its_place(plane: pd.DataFrame) -> None:
    figure = element_figures.element_map(plane, (0.3, 0.2))
    found = dict(labels_and_boxes(figure, plane.index.tolist()))
    axis = figure.axes[0]
    points = pd.DataFrame(axis.transData.transform(plane[["pc1", "pc2"]]), plane.index)
    for name, (left, low, right, high) in found.items():
        diameter = max(0.09 * plane["covalent_radius_pm"][name], 9.1) * figure.dpi / 72
        assert max(right - left, high - low) < diameter, name
        middle = np.array([left + right, low + high]) / 2
        assert np.linalg.norm(points.loc[name] - middle) < 0.06 * axis.get_window_extent().width, name


def test_the_element_map_says_the_share_of_variance(plane: pd.DataFrame) -> None:
    axis = element_figures.element_map(plane, (0.304, 0.2)).axes[0]
    assert axis.get_xlabel() == "PC 1 (30% of the variance)"
    assert axis.get_ylabel() == "PC 2 (20% of the variance)"


def test_the_panels_are_named_by_their_size(plane: pd.DataFrame) -> None:
    sizes = (234, 937, 3750, 15000)
    figure = element_figures.element_map_panels(dict.fromkeys(sizes, plane), dict.fromkeys(sizes, (0.3, 0.2)))
    titles = [axis.get_title(loc="left") for axis in figure.axes[:4]]
    assert titles == [f"({letter}) {size:,} training crystals" for letter, size in zip("abcd", sizes, strict=True)]


def test_an_odd_number_of_panels_leaves_no_empty_one_and_the_legend_stands_in_its_place(plane: pd.DataFrame) -> None:
    sizes = (9, 18, 36)
    figure = element_figures.element_map_panels(dict.fromkeys(sizes, plane), dict.fromkeys(sizes, (0.3, 0.2)))
    assert len(figure.axes) == 3
    FigureCanvasAgg(figure).draw()
    legend = figure.legends[0].get_window_extent()
    assert legend.x1 <= figure.bbox.x1
    assert legend.y0 >= 0
    assert not any(legend.overlaps(axis.get_window_extent()) for axis in figure.axes)


def test_pairs_of_one_sign_are_drawn_over_their_own_range_and_fewer_elements_have_larger_names() -> None:
    pairs = pd.DataFrame(
        {"center": ["Ti", "O"], "first_neighbor": ["O", "Ti"], "mean_local_energy_eV_per_atom": [9.0, 11.0]}
    ).assign(n_environments=7)
    axis = mp_figures.pair_map(pairs, ["Ti", "O"], "sorted").axes[0]
    assert axis.images[0].get_cmap() == VALUES
    assert axis.images[0].norm.vmin == pytest.approx(9, abs=0.1)
    assert axis.get_xticklabels()[0].get_fontsize() == 8
    signed = pairs.assign(mean_local_energy_eV_per_atom=[-2.0, 1.0])
    assert mp_figures.pair_map(signed, ["Ti", "O"], "sorted").axes[0].images[0].get_cmap().name == "RdBu_r"


def test_figures_are_written_whole_with_letters_as_letters_and_the_same_twice(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {"target_eV_per_atom": np.linspace(0, 1, 20), "predicted_eV_per_atom": np.linspace(0, 1.1, 20)}
    )
    for ending in ("pdf", "svg", "png"):
        for folder in ("one", "two"):
            figures = {"parity": run_figures.parity(table)}
            written = figure_files.save_figures(figures, tmp_path / folder, ending)
        one, two = (tmp_path / folder / f"parity.{ending}" for folder in ("one", "two"))
        assert one.read_bytes() == two.read_bytes()
        assert written.to_dict("records") == [{"file": str(two), "width": 180, "height": 76}]
    assert b"/FontFile2" in (tmp_path / "one" / "parity.pdf").read_bytes()
    with pytest.raises(DataError, match="'bmp': no format of figures; give one of pdf, svg, png"):
        figure_files.save_figures({}, tmp_path, "bmp")


def test_parity_shows_every_crystal_and_its_error() -> None:
    target = np.linspace(-1, 3, 400)
    table = pd.DataFrame({"target_eV_per_atom": target, "predicted_eV_per_atom": target + np.tile([0.08, -0.02], 200)})
    left, right = run_figures.parity(table).axes[:2]
    counts = left.collections[0].get_array()
    assert counts is not None
    assert counts.sum() == 400
    assert "MAE 0.0500 eV/atom" in left.texts[0].get_text()
    assert sum(bar.get_height() for bar in bars(right)) == 400
    assert left.get_xlabel() == "calculated energy (eV/atom)"


def test_accuracy_bars_have_the_height_of_the_mean_over_seeds() -> None:
    rows = [
        {"property": name, "vectors": kind, "seed": seed, "accuracy": base + 0.1 * seed}
        for name, base in (("block", 0.7), ("group", 0.4))
        for kind in ("learned", "random")
        for seed in (0, 1, 2)
    ]
    limits = pd.DataFrame({"property": ["block", "group"], "majority": [0.5, 0.1], "attainable": [1.0, 0.98]})
    axis = probe_figures.accuracy_bars(pd.DataFrame(rows), limits).axes[0]
    heights = sorted({round(bar.get_height(), 6) for bar in bars(axis)})
    assert heights == [0.5, 0.8]
    drawn = {to_hex(bar.get_facecolor()).upper() for bar in bars(axis)}
    assert drawn == {style.COLORS["blue"], style.COLORS["orange"]}


def test_accuracy_too_low_to_stand_in_its_bar_is_written_above_the_error_bar_and_the_chance_line() -> None:
    rows = [
        {"property": "group", "vectors": kind, "seed": seed, "accuracy": base + 0.01 * seed}
        for kind, base in (("learned", 0.6), ("random", 0.05))
        for seed in (0, 1, 2)
    ]
    limits = pd.DataFrame({"property": ["group"], "majority": [0.1], "attainable": [0.98]})
    axis = probe_figures.accuracy_bars(pd.DataFrame(rows), limits).axes[0]
    places = {text.get_text(): text.get_position()[1] for text in axis.texts}
    assert places["0.61"] < 0.1 < places["0.06"]


def test_history_has_one_line_per_seed() -> None:
    epochs = np.arange(1, 6)
    table = pd.concat(
        pd.DataFrame(
            {"seed": s, "epoch": epochs, "training_loss": 1 / epochs, "validation_mae_eV_per_atom": 2 / epochs}
        )
        for s in (3, 4)
    )
    axes = run_figures.training_history(table).axes
    assert [len(axis.lines) for axis in axes] == [2, 2]
    assert axes[1].get_ylabel() == "validation MAE (eV/atom)"


def test_history_names_no_two_errors_in_one_place() -> None:
    table = pd.DataFrame(
        {"seed": 0, "epoch": [1, 2], "training_loss": [0.35, 0.03], "validation_mae_eV_per_atom": [0.2, 0.03]}
    )
    figure = run_figures.training_history(table)
    FigureCanvasAgg(figure).draw()
    for axis in figure.axes:
        low, high = axis.get_ylim()
        texts = [tick.label1 for tick in axis.yaxis.get_major_ticks() if low <= tick.get_loc() <= high]
        minor = [tick.label1.get_text() for tick in axis.yaxis.get_minor_ticks()]
        boxes = sorted((t.get_window_extent().y0, t.get_window_extent().y1) for t in texts if t.get_text())
        assert len(boxes) >= 2
        assert not any(minor)
        assert all(top < bottom for (_, top), (bottom, _) in itertools.pairwise(boxes))


def test_likeness_joins_the_means_of_each_size() -> None:
    table = pd.DataFrame(
        {"training_size": [10, 10, 100, 100], "measure": "m", "vectors": "learned", "value": [0.1, 0.3, 0.5, 0.7]}
    )
    axis = probe_figures.likeness_by_size(table, ["m"]).axes[0]
    assert axis.lines[1].get_ydata() == pytest.approx([0.2, 0.6])


def test_likeness_keeps_its_labels_within_the_height_of_the_axes() -> None:
    measure = "centered kernel alignment (64 numbers)"
    table = pd.DataFrame({"training_size": [10, 100], "measure": measure, "vectors": "learned", "value": [0.1, 0.3]})
    figure = probe_figures.likeness_by_size(table, [measure])
    FigureCanvasAgg(figure).draw()
    axis = figure.axes[0]
    assert axis.yaxis.label.get_window_extent().height <= axis.get_window_extent().height


def test_the_radius_figure_says_the_correlation(plane: pd.DataFrame) -> None:
    axis = element_figures.radius_trend(plane, -0.512).axes[0]
    assert "Spearman \N{MINUS SIGN}0.51" in legend_texts(axis)[0]
    assert sum(np.size(line.get_xdata()) for line in axis.lines[:2]) == 52


def test_the_perovskite_shows_one_a_atom_and_eight_b_atoms_with_their_octahedra(embedded: Crystals) -> None:
    structure = embedded.structure(embedded.ids.index("Sr-Ti-O3"))
    sites = structure_figures.cell_sites(structure, "Sr", "Ti")
    assert sorted(sites["site"]) == ["A", "B", "X", "X", "X"]
    places = sites.set_index("site")[["x_angstrom", "y_angstrom", "z_angstrom"]]
    assert places.loc["B"].to_numpy().tolist() == [0, 0, 0]
    axis = structure_figures.perovskite(structure, "Sr", "Ti").axes[0]
    circles = [patch for patch in axis.patches if isinstance(patch, Circle)]
    radii = pd.Series([circle.radius for circle in circles if circle.radius in (0.62, 0.42, 0.34)])
    # 12 edges of the cell and 3 outward anions at each of 8 corners.
    assert sorted(radii.value_counts()) == [1, 8, 36]
    assert sorted(text.get_text() for text in axis.texts if text.get_text()) == ["A", "B", "X"]
    assert legend_texts(axis) == ["A: Sr", "B: Ti", "X: O"]


def test_figures_leave_the_readers_own_settings_alone(embedded: Crystals) -> None:
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    structure_figures.perovskite(embedded.structure(embedded.ids.index("Sr-Ti-O3")), "Sr", "Ti")
    assert dict(mpl.rcParams) == before
