"""Intervals hold the share of errors that they promise, and grow where errors grow."""

from __future__ import annotations

import numpy as np
import pytest

from cgcnn.analysis.conformal import calibrate


def draw(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return errors of n crystals and distances, with whose square they grow."""
    distances = rng.lognormal(-0.5, 0.4, n)
    return 0.05 * distances**2 * rng.standard_t(3, n), distances / np.quantile(distances, 0.9)


@pytest.mark.parametrize(("n", "tolerance"), [(30, 0.015), (500, 0.005)])
def test_the_interval_holds_nine_in_ten_errors_of_new_crystals_of_the_same_kind(n: int, tolerance: float) -> None:
    rng, held = np.random.default_rng(0), []
    for _ in range(200):
        errors, distances = draw(rng, n)
        new_errors, new_distances = draw(rng, 200)
        held.append(np.mean(np.abs(new_errors) <= calibrate(errors, distances).half_widths(new_distances)))
    assert abs(np.mean(held) - 0.9) < tolerance


def test_far_crystals_get_wide_intervals_that_hold_their_errors_too() -> None:
    rng = np.random.default_rng(1)
    errors, distances = draw(rng, 20_000)
    found = calibrate(errors, distances)
    assert 1.5 < found.power <= 2.5
    held = np.abs(errors) <= found.half_widths(distances)
    constant = np.abs(errors) <= np.quantile(np.abs(errors), 0.9)
    far = distances > np.quantile(distances, 0.975)
    assert constant[far].mean() < 0.6
    assert held[far].mean() > 0.8
    widths = found.half_widths(np.geomspace(0.01, 100, 50))
    assert (np.diff(widths) >= 0).all()
    # Beyond all validation crystals the width grows with the square of the distance.
    np.testing.assert_allclose(found.half_widths(np.array([2e3])), 4 * found.half_widths(np.array([1e3])))


def test_without_a_trend_the_half_width_is_the_error_at_the_place_of_the_textbook() -> None:
    errors = np.random.default_rng(0).permutation(np.arange(1.0, 20.0)) * np.tile([1, -1], 10)[:19]
    found = calibrate(errors, np.ones(19))
    # ceil(0.9 * (19 + 1)) = 18, so it is the 18th smallest of the 19 absolute errors.
    np.testing.assert_allclose(found.half_widths(np.array([0.2, 1.0])), 18.0)


def test_too_few_errors_give_no_finite_interval() -> None:
    assert np.isfinite(calibrate(np.ones(9), np.linspace(0.5, 1.1, 9)).half_widths(np.ones(1))).all()
    assert np.isinf(calibrate(np.ones(8), np.linspace(0.5, 1.1, 8)).half_widths(np.ones(1))).all()


def test_validation_crystals_without_a_distance_or_an_error_give_a_finite_width() -> None:
    assert np.isfinite(calibrate(np.zeros(20), np.zeros(20)).half_widths(np.array([0.0, 1.0, 50.0]))).all()
