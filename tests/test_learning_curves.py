"""Learning curves: the training sizes, the means over seeds, the power laws, and the numbers of Fig. 2."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import linregress

from cgcnn.analysis.learning_curves import (
    PowerLaw,
    average_over_seeds,
    fit_power_law,
    fit_power_laws,
    halved_sizes,
    power_law_table,
    weights_by_scatter,
)
from cgcnn.figures import studies as study_figures
from cgcnn.paper.learning_curves import (
    Lines,
    compare_slopes,
    curve_numbers,
    fit_lines,
    shown_values,
    straightness,
    table_by_share,
)


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


def law(slope: float, error: float, n_sizes: int = 7) -> PowerLaw:
    """Return a power law of which the slope and its standard error count."""
    return PowerLaw(slope, (slope - error, slope + 2 * error), error, 0.2, 0.9, n_sizes)


def test_without_weights_the_fit_is_that_of_scipy() -> None:
    sizes, errors = [50, 100, 200, 400, 800], [0.9, 0.5, 0.45, 0.2, 0.19]
    fitted, reference = fit_power_law(sizes, errors), linregress(np.log10(sizes), np.log10(errors))
    assert fitted.slope == pytest.approx(reference.slope)
    assert fitted.slope_error == pytest.approx(reference.stderr)
    assert fitted.intercept == pytest.approx(reference.intercept)
    assert fitted.r2 == pytest.approx(reference.rvalue**2)


def test_a_weighted_fit_is_that_of_numpy_and_a_point_without_weight_does_not_count() -> None:
    sizes, errors, weights = [50, 100, 200, 400], [0.9, 0.5, 0.45, 0.2], [1, 4, 9, 2]
    fitted = fit_power_law(sizes, errors, weights)
    # polyfit multiplies the residuals, and not their squares, by its weights.
    coefficients, covariance = np.polyfit(np.log10(sizes), np.log10(errors), 1, w=np.sqrt(weights), cov=True)
    assert [fitted.slope, fitted.intercept] == pytest.approx(coefficients.tolist())
    assert fitted.slope_error == pytest.approx(covariance[0, 0] ** 0.5)
    without = fit_power_law([10, *sizes], [7.0, *errors], [0, 1, 1, 1, 1])
    assert without.slope == pytest.approx(fit_power_law(sizes, errors).slope)


def test_weights_are_inverse_variances_of_the_logarithm_and_not_above_that_of_one_percent() -> None:
    # A deviation of 0.2 over four seeds is a standard error of 0.1, which is a fifth of 0.5.
    assert weights_by_scatter([0.5, 0.5], [0.2, 1e-6], 4).tolist() == pytest.approx([25, 1e4])


def test_the_largest_sizes_and_the_weights_are_those_of_each_set(curves: pd.DataFrame) -> None:
    more = pd.concat([pd.DataFrame([("metals", 2, 5.0, 0.25)], columns=curves.columns), curves])
    assert fit_power_laws(more)["metals"].slope < -0.6
    assert fit_power_laws(more, largest=3)["metals"].slope == pytest.approx(-0.5)
    precise = more.assign(test_mae_std=[100.0, *[1e-9] * 6])
    assert fit_power_laws(precise, n_seeds=3)["metals"].slope == pytest.approx(-0.5, abs=0.01)


def test_the_table_of_power_laws_gives_slope_interval_and_share_of_variance() -> None:
    table = power_law_table({"boron": law(-0.25, 0.125)}, {"boron": law(-0.75, 0.1)}, {"boron": law(-0.5, 0.1)})
    expected = {"slope": -0.25, "from": -0.375, "to": 0, "R²": 0.9}
    expected |= {"weighted by scatter": -0.75, "of the largest sizes": -0.5}
    assert table.loc["boron"].to_dict() == expected
    assert "weighted by scatter" not in power_law_table({"boron": law(-1, 0)}, {}, {"boron": law(-1, 0)})


def test_boron_s_slope_is_compared_with_the_flatter_of_the_others() -> None:
    laws = {"perovskites": law(-0.5, 0.01), "boron": law(-0.2, 0.04), "materials_project": law(-0.4, 0.02)}
    weighted = {**laws, "boron": law(-0.3, 0.04)}
    last = {name: law(-0.4, 0.1, 4) for name in laws}
    compared = compare_slopes(Lines(laws, weighted, last))
    assert compared["boron_slope_ratio"] == pytest.approx(0.5)
    assert compared["slope_difference"] == pytest.approx(0.1)
    assert compared["boron_slope_ratio_weighted"] == pytest.approx(0.75)
    assert compared["boron_slope_ratio_last"] == pytest.approx(1)
    assert compare_slopes(Lines(laws, {}, last))["boron_slope_ratio_weighted"] is None


def test_intervals_of_ratio_and_difference_are_propagated_and_have_student_s_factor() -> None:
    laws = {"perovskites": law(-0.5, 0.03), "boron": law(-0.2, 0.04), "materials_project": law(-0.4, 0.04)}
    intervals = compare_slopes(Lines(laws, laws, {name: law(-0.4, 0.1, 4) for name in laws}))["intervals"]
    # The relative errors of the ratio are 0.2 and 0.1. Student's factor is 2.571 for 7 sizes and 4.303 for 4.
    half = 2.5706 * 0.5 * (0.2**2 + 0.1**2) ** 0.5
    assert intervals["boron_slope_ratio"] == pytest.approx([0.5 - half, 0.5 + half], rel=1e-4)
    assert intervals["slope_difference"] == pytest.approx([0.1 - 2.5706 * 0.05, 0.1 + 2.5706 * 0.05], rel=1e-4)
    half = 4.3027 * (2 * 0.25**2) ** 0.5
    assert intervals["boron_slope_ratio_last"] == pytest.approx([1 - half, 1 + half], rel=1e-4)


def test_straightness_is_that_of_each_seed_and_its_interval_leaves_out_one_seed() -> None:
    rng = np.random.default_rng(0)
    rows = [
        ("metals", size, seed, size**-0.5 * 10 ** rng.normal(0, 0.05))
        for size in (10, 20, 40, 80)
        for seed in (0, 1, 5)
    ]
    errors = pd.DataFrame(rows, columns=["set", "training_size", "seed", "test_mae_eV_per_atom"])
    found = straightness(errors)

    def r2(seeds: list[int]) -> float:
        return fit_power_laws(average_over_seeds(errors[errors["seed"].isin(seeds)]))["metals"].r2

    assert found["by_seed"]["sets.metals.r2"] == pytest.approx([r2([0]), r2([1]), r2([5])])
    without = np.array([r2([1, 5]), r2([0, 5]), r2([0, 1])])
    half = 4.3027 * (2 / 3 * ((without - without.mean()) ** 2).sum()) ** 0.5
    assert found["intervals"]["sets.metals.r2"] == pytest.approx([r2([0, 1, 5]) - half, r2([0, 1, 5]) + half], rel=1e-4)
    assert straightness(errors[errors["seed"] < 2])["intervals"] == {}


def test_all_lines_are_fitted_where_there_are_sizes_and_seeds_enough(curves: pd.DataFrame) -> None:
    more = pd.concat([pd.DataFrame([("metals", 1, 5.0, 9.0), ("metals", 2, 5.0, 9.0)], columns=curves.columns), curves])
    lines = fit_lines(more, 3)
    assert lines.plain == fit_power_laws(more)
    assert lines.weighted == fit_power_laws(more, n_seeds=3)
    assert lines.last == fit_power_laws(more, largest=4)
    assert lines.drawn["boron"] == (lines.plain["boron"].slope, lines.plain["boron"].intercept)
    assert fit_lines(more, 1).weighted == {}
    assert fit_lines(curves[curves["training_size"] > 10], 3) == Lines({}, {}, {})


def test_the_text_shows_slopes_gains_and_ratios_by_short_names() -> None:
    values = {"slope": -0.5, "largest_relative_spread": 0.2}
    numbers = {"sets": {"materials_project": values, "few": {"sizes": [1]}}, "boron_slope_ratio_last": 0.4, "other": 1}
    assert shown_values(numbers) == pytest.approx(
        {"last_sizes": 4, "mp_slope": -0.5, "mp_gain": 10**0.5, "mp_spread": 0.2, "boron_slope_ratio_last": 0.4}
    )


def test_the_numbers_of_a_curve_are_its_points_and_its_power_law(curves: pd.DataFrame) -> None:
    numbers = curve_numbers(curves, fit_power_laws(curves), {"metals": "metals-small", "boron": "boron"})
    assert list(numbers) == ["metals", "boron"]
    assert numbers["metals"]["dataset"] == "metals-small"
    assert numbers["metals"]["sizes"] == [4, 16, 64]
    assert numbers["metals"]["mae"] == [0.5, 0.25, 0.125]
    assert numbers["boron"]["mae_std"] == [0.25] * 3
    assert numbers["boron"]["largest_relative_spread"] == pytest.approx(0.25 / 0.2)
    assert numbers["boron"]["slope"] == pytest.approx(-1)
    alone = curve_numbers(curves.assign(test_mae_std=np.nan), {}, {"metals": "metals-small", "boron": "boron"})
    assert alone["boron"]["mae_std"] == [None] * 3
    assert alone["boron"]["largest_relative_spread"] is None
    without = curve_numbers(curves, {}, {"metals": "metals-small", "boron": "boron"})
    assert without["metals"].keys() == {"dataset", "sizes", "mae", "mae_std", "largest_relative_spread"}


def test_errors_stand_by_their_share_of_the_training_crystals(curves: pd.DataFrame) -> None:
    table = table_by_share(curves)
    assert table.index.tolist() == ["1/4", "1/2", "all"]
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
