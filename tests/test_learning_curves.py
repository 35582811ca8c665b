"""Learning curves: the training sizes, the means over seeds, the power laws, and the numbers of Fig. 2."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cgcnn.analysis.learning_curves import (
    PowerLaw,
    average_over_seeds,
    fit_power_law,
    fit_power_laws,
    halved_sizes,
    power_law_table,
)
from cgcnn.figures import studies as study_figures
from cgcnn.paper.learning_curves import compare_slopes, curve_numbers, table_by_share


@pytest.fixture
def curves() -> pd.DataFrame:
    """Return the errors of two sets at three sizes: size^-0.5 on the first set and 8 size^-1 on the second."""
    rows = [("metals", size, size**-0.5) for size in (4, 16, 64)] + [("boron", size, 8 / size) for size in (10, 20, 40)]
    return pd.DataFrame(rows, columns=["set", "training_size", "test_mae_eV_per_atom"]).assign(test_mae_std=0.25)


def test_a_power_law_is_found_exactly() -> None:
    sizes = [100, 200, 400, 800]
    law = fit_power_law(sizes, [3 * size**-0.5 for size in sizes])
    assert law.slope == pytest.approx(-0.5)
    assert 10**law.intercept == pytest.approx(3)
    assert law.r2 == pytest.approx(1)
    assert law.slope_ci == pytest.approx((-0.5, -0.5), abs=1e-6)


def test_the_confidence_interval_holds_the_true_slope_in_nineteen_of_twenty_curves() -> None:
    rng = np.random.default_rng(0)
    sizes = [100 * 2**i for i in range(7)]
    held = 0
    for _ in range(1000):
        low, high = fit_power_law(sizes, (np.array(sizes) ** -0.4 * 10 ** rng.normal(0, 0.05, 7)).tolist()).slope_ci
        held += low < -0.4 < high
    assert 930 < held < 970


def test_two_points_are_too_few() -> None:
    with pytest.raises(ValueError, match="2 sizes: a slope with its confidence interval takes three"):
        fit_power_law([1, 2], [1, 0.5])


def test_sizes_are_halves_rounded_down_and_the_last_stands_for_all() -> None:
    assert halved_sizes(3038, 4) == [379, 759, 1519, None]
    assert halved_sizes(100, 1) == [None]
    assert halved_sizes(36, 5) == [9, 18, None]  # 4 and 2 crystals are no training set


def test_errors_are_averaged_over_the_seeds_of_a_set_and_size_in_the_order_of_the_runs() -> None:
    errors = pd.DataFrame(
        [("metals", 10, 0.3), ("metals", 10, 0.5), ("metals", 20, 0.2), ("metals", 20, 0.2), ("boron", 5, 1.0)],
        columns=["set", "training_size", "test_mae_eV_per_atom"],
    )
    curves = average_over_seeds(errors)
    assert curves["set"].tolist() == ["metals", "metals", "boron"]
    assert curves["training_size"].tolist() == [10, 20, 5]
    assert curves["test_mae_eV_per_atom"].tolist() == pytest.approx([0.4, 0.2, 1.0])
    assert curves["test_mae_std"].tolist() == pytest.approx([0.02**0.5, 0, np.nan], nan_ok=True)


def test_three_seeds_are_averaged_by_their_mean_and_not_their_median() -> None:
    errors = pd.DataFrame({"set": "a", "training_size": 10, "test_mae_eV_per_atom": [0.1, 0.2, 0.6]})
    assert average_over_seeds(errors)["test_mae_eV_per_atom"].tolist() == pytest.approx([0.3])


def test_each_set_has_its_own_power_law(curves: pd.DataFrame) -> None:
    laws = fit_power_laws(curves)
    assert list(laws) == ["metals", "boron"]
    assert [law.slope for law in laws.values()] == pytest.approx([-0.5, -1])
    assert 10 ** laws["boron"].intercept == pytest.approx(8)


def test_the_table_of_power_laws_gives_slope_interval_and_share_of_variance() -> None:
    table = power_law_table({"boron": PowerLaw(-0.3, (-0.5, -0.1), 0.2, 0.9)})
    assert table.loc["boron"].to_dict() == {"slope": -0.3, "from": -0.5, "to": -0.1, "R²": 0.9}


def test_boron_s_slope_is_compared_with_the_flatter_of_the_others() -> None:
    slopes = {"perovskites": -0.5, "boron": -0.2, "materials_project": -0.4}
    compared = compare_slopes({name: PowerLaw(slope, (slope, slope), 0, 1) for name, slope in slopes.items()})
    assert compared == pytest.approx({"boron_slope_ratio": 0.5, "slope_difference": 0.1})


def test_the_numbers_of_a_curve_are_its_points_and_its_power_law(curves: pd.DataFrame) -> None:
    numbers = curve_numbers(curves, fit_power_laws(curves), {"metals": "metals-small", "boron": "boron"})
    assert list(numbers) == ["metals", "boron"]
    assert numbers["metals"]["dataset"] == "metals-small"
    assert numbers["metals"]["sizes"] == [4, 16, 64]
    assert numbers["metals"]["mae"] == [0.5, 0.25, 0.125]
    assert numbers["boron"]["mae_std"] == [0.25] * 3
    assert numbers["boron"]["slope"] == pytest.approx(-1)
    without = curve_numbers(curves, {}, {"metals": "metals-small", "boron": "boron"})
    assert without["metals"].keys() == {"dataset", "sizes", "mae", "mae_std"}


def test_errors_stand_by_their_share_of_the_training_crystals(curves: pd.DataFrame) -> None:
    table = table_by_share(curves)
    assert table.index.tolist() == ["1/4", "1/2", "1/1"]
    assert table["training_size", "boron"].tolist() == [10, 20, 40]
    assert table["error", "metals"].tolist() == ["0.5000 ± 0.2500", "0.2500 ± 0.2500", "0.1250 ± 0.2500"]


def test_an_error_of_one_seed_stands_without_a_deviation(curves: pd.DataFrame) -> None:
    table = table_by_share(curves.assign(test_mae_std=np.nan))
    assert table["error", "metals"].tolist() == ["0.5000", "0.2500", "0.1250"]


def test_a_curve_without_a_power_law_is_drawn_without_a_line(curves: pd.DataFrame) -> None:
    (axis,) = study_figures.learning_curves(curves, {"boron": (-1.0, 0.9)}).axes
    legend = axis.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["boron: slope \N{MINUS SIGN}1.00"]
    (bare,) = study_figures.learning_curves(curves, {}).axes
    assert bare.get_legend() is None
