"""The power law through a learning curve: exact where there is one, honest about scatter."""

from __future__ import annotations

import numpy as np
import pytest

from cgcnn.analysis.power_law import fit_power_law


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
