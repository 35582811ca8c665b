"""The errors of elements are those of the crystals that hold them, and the periodic table shows them to be read."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from cgcnn.analysis.element_errors import element_error_table, largest_errors
from cgcnn.analysis.prediction import mean_absolute_error, parity_table
from cgcnn.data.crystals import Crystals
from cgcnn.data.quantity import ENERGY, Quantity
from cgcnn.figures.periodic_table import periodic_table
from cgcnn.training.runs import Run
from tests.drawings import assert_no_text_covers_another


@pytest.fixture
def three() -> pd.DataFrame:
    """Return made-up errors of three elements, the last one of few crystals."""
    rows = [("H", 40, 0.010), ("Ti", 30, 0.035), ("La", 4, 0.123)]
    return pd.DataFrame(rows, columns=["element", "test_crystals", "test_mae_eV_per_atom"])


def cells(figure: Figure) -> dict[str, Rectangle]:
    """Return the cell of each symbol."""
    axis = figure.axes[0]
    patches = [each for each in axis.patches if isinstance(each, Rectangle)]
    return {
        text.get_text(): patch
        for text in axis.texts
        for patch in patches
        if patch.get_x() < text.get_position()[0] < patch.get_x() + 1
        and patch.get_y() < text.get_position()[1] < patch.get_y() + 1
        and text.get_text().isalpha()
    }


def test_the_error_of_an_element_is_that_of_the_test_crystals_that_hold_it(run: Run, few: Crystals) -> None:
    table = element_error_table([run, run], few, "cpu").set_index("element")
    parity = parity_table(run, few).set_index("crystal")
    errors = (parity["target_eV_per_atom"] - parity["predicted_eV_per_atom"]).abs()
    for element in ("Ti", "O"):
        holding = [name for name in parity.index if element in name.replace("O3", "O").split("-")]
        assert table.loc[element, "test_crystals"] == len(holding)
        assert table.loc[element, "test_mae_eV_per_atom"] == pytest.approx(errors[holding].mean(), rel=1e-5)
    assert table.loc["O", "test_crystals"] == len(run.split.test)
    assert table.loc["O", "training_crystals"] == len(run.split.train)
    assert table.loc["O", "test_mae_eV_per_atom"] == pytest.approx(mean_absolute_error(run, few, "test"), rel=1e-5)


def test_the_largest_errors_are_named_without_elements_of_few_crystals(three: pd.DataFrame) -> None:
    assert largest_errors(three, ENERGY, 1) == "Ti 0.035 eV/atom"
    assert largest_errors(three, ENERGY) == "Ti 0.035 and H 0.010 eV/atom"


def test_each_element_stands_at_its_place_with_its_number_and_the_others_are_gray(three: pd.DataFrame) -> None:
    figure = periodic_table(three, "test_mae_eV_per_atom", ENERGY, "test error")
    places = {symbol: (round(cell.get_x()), round(cell.get_y())) for symbol, cell in cells(figure).items()}
    assert len(places) == len(set(places.values())) == 103
    expected = {"H": (0, 0), "He": (17, 0), "Ti": (3, 3), "Cl": (16, 2), "Hf": (3, 5), "Ra": (1, 6), "La": (2, 7)}
    assert {symbol: places[symbol] for symbol in expected} == expected
    colors = {symbol: to_hex(cell.get_facecolor()) for symbol, cell in cells(figure).items()}
    assert len({colors[symbol] for symbol in ("H", "Ti", "La", "He")}) == 4
    assert colors["He"] == colors["U"] == "#e6e6e6"
    numbers = [text.get_text() for text in figure.axes[0].texts if text.get_text().isdigit()]
    assert numbers == ["10", "35", "123"]
    assert figure.axes[1].get_xlabel() == "test error (meV/atom)"
    dashed = [symbol for symbol, cell in cells(figure).items() if np.asarray(cell.get_edgecolor())[-1] > 0]
    assert dashed == ["La"]


def test_numbers_of_any_quantity_have_their_unit_with_a_power_of_ten(three: pd.DataFrame) -> None:
    table = three.rename(columns={"test_mae_eV_per_atom": "test_mae"}).assign(test_mae=[0.2, 0.3, 4.0])
    for unit, label in (("GPa", "error ($10^{-2}$ GPa)"), ("", "error ($10^{-2}$)")):
        figure = periodic_table(table, "test_mae", Quantity("gap", unit), "error")
        assert figure.axes[1].get_xlabel() == label
    large = table.assign(test_mae=[20.0, 30.0, 300.0])
    assert periodic_table(large, "test_mae", Quantity("gap", "GPa"), "error").axes[1].get_xlabel() == "error (GPa)"


def test_texts_can_be_read_at_a_width_of_360_pixels_and_cover_nothing() -> None:
    symbols = ["H", "Mn", "Mg", "Cm", "W"]
    table = pd.DataFrame({"element": symbols, "test_crystals": 20, "x": np.linspace(0.1, 0.999, 5)})
    figure = periodic_table(table, "x", ENERGY, "error")
    texts = figure.axes[0].texts
    assert_no_text_covers_another(texts, figure)
    pixels_per_point = 360 / figure.get_figwidth() / 72
    assert min(float(text.get_fontsize()) for text in texts) * pixels_per_point >= 9
