"""Fig. 1 shows the graph, the vectors and the energies of its crystal as the run computes them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle

from cgcnn.analysis.prediction import predict
from cgcnn.analysis.representations import environment_vectors, represent
from cgcnn.data.crystals import Crystals
from cgcnn.network.model import N_GAUSSIANS
from cgcnn.paper.network_diagram import network_diagram
from cgcnn.paper.perovskite_drawing import EDGES, FILLS
from cgcnn.paper.perovskite_tables import lowest_of_composition
from cgcnn.training.runs import Run
from cgcnn.training.store import load_run
from tests.drawings import assert_no_text_covers_another, drawn

PAGE = Path(__file__).parent.parent / "book" / "methods.md"


@pytest.fixture(scope="module")
def published() -> Run:
    return load_run("perovskites")


@pytest.fixture(scope="module")
def titanate(embedded: Crystals) -> Crystals:
    return embedded.select(np.array([embedded.ids.index("Sr-Ti-O3")]))


@pytest.fixture(scope="module")
def figure(published: Run, titanate: Crystals) -> Figure:
    diagram = network_diagram(published, titanate, "Sr", "Ti")
    FigureCanvasAgg(diagram).draw()
    return diagram


def test_the_crystal_has_twelve_edges_from_a_to_its_anions(figure: Figure) -> None:
    lines = [line for line in figure.axes[0].lines if line.get_color() == EDGES]
    assert len(lines) == 12
    starts = np.array([drawn(line)[0] for line in lines])
    assert np.ptp(starts, axis=0) == pytest.approx(0)


def test_the_graph_has_the_edges_of_a_cubic_perovskite(figure: Figure) -> None:
    axis = figure.axes[1]
    edges = [patch for patch in axis.patches if isinstance(patch, FancyArrowPatch)]
    # A has 12 X, B has 6 X and 8 A of one length, and each of three X has 8 X, which makes 24 / 2 pairs.
    assert Counter(to_hex(edge.get_edgecolor()).upper() == EDGES for edge in edges) == {True: 12, False: 6 + 8 + 12}
    assert [text.get_text() for text in axis.texts] == ["Ti", "Sr", "O", "O", "O"]
    assert [line.get_color() for line in axis.lines] == [FILLS[kind] for kind in "BAXXX"]


def test_edges_have_the_lengths_of_the_cell_and_one_gaussian_is_highest_at_each(
    figure: Figure, titanate: Crystals
) -> None:
    axis, side = figure.axes[2], titanate.structure(0).lattice.a
    lengths = (side / 2, side * np.sqrt(3) / 2)
    assert [label.get_text() for label in axis.get_yticklabels()] == [
        f"O {lengths[0]:.2f} Å",
        f"Sr {lengths[1]:.2f} Å",
    ]
    vectors = np.asarray(axis.images[0].get_array())
    assert vectors.shape == (2, N_GAUSSIANS)
    assert vectors.argmax(axis=1).tolist() == [round(length / 0.2) for length in lengths]


def test_the_stripes_are_the_vectors_of_the_elements_and_of_the_sites(
    figure: Figure, published: Run, titanate: Crystals
) -> None:
    elements, sites = (figure.axes[place] for place in (3, 4))
    levels = represent(published, titanate)
    expected = levels.elements.loc[["Ti", "Sr", "O"]]
    assert np.asarray(elements.images[0].get_array()) == pytest.approx(expected.to_numpy())
    assert [label.get_text() for label in elements.get_yticklabels()] == ["Ti", "Sr", "O"]
    # Merged sites stand for several rows of the figure.
    merged = environment_vectors(levels.environments).to_numpy()
    rows = np.repeat(merged, levels.environments["multiplicity"], axis=0)
    assert np.asarray(sites.images[0].get_array()) == pytest.approx(rows, abs=1e-4)
    for axis in (elements, sites):
        low, high = axis.images[0].get_clim()
        assert low == -high  # zero has the color in the middle, white


def test_the_bars_are_the_local_energies_and_the_line_is_the_prediction(
    figure: Figure, published: Run, titanate: Crystals
) -> None:
    axis = figure.axes[6]
    widths = [patch.get_width() for patch in axis.patches if isinstance(patch, Rectangle)]
    (predicted,) = predict(published, titanate)
    assert len(widths) == 5
    assert np.mean(widths) == pytest.approx(predicted, abs=1e-5)
    assert drawn(axis.lines[0])[0][0] == pytest.approx(predicted, abs=1e-5)
    mean, calculated, unit = axis.texts[0].get_text().splitlines()
    assert mean == f"mean {predicted:.2f}".replace("-", "\N{MINUS SIGN}")
    assert calculated == f"calculated {titanate.targets[0]:.2f}".replace("-", "\N{MINUS SIGN}")
    assert unit == "(eV/atom)"


def test_every_equation_is_named_and_no_text_covers_another(figure: Figure) -> None:
    titles = [text for axis in figure.axes if (text := axis._left_title).get_text()]  # type: ignore[attr-defined]
    assert [title.get_text()[:3] for title in titles] == [f"({letter})" for letter in "abcdefg"]
    words = " ".join(title.get_text() for title in titles)
    assert [words.index(f"Eq. {number}") for number in range(1, 6)] == sorted(
        words.index(f"Eq. {number}") for number in range(1, 6)
    )
    figure.draw_without_rendering()
    low, high = figure.axes[6].get_xlim()
    labels = [label for label in figure.axes[6].get_xticklabels() if low <= label.get_position()[0] <= high]
    labels += [label for axis in (*figure.axes[2:5], figure.axes[6]) for label in axis.get_yticklabels()]
    assert_no_text_covers_another([*titles, *labels, *figure.axes[1].texts, *figure.axes[6].texts], figure)


def test_the_crystal_of_the_page_is_one_that_the_run_was_trained_on_as_the_caption_says(
    published: Run, public: Crystals
) -> None:
    assert "one of its training crystals" in " ".join(PAGE.read_text().split())
    assert lowest_of_composition(public, "SrTiO3") in published.split.train
