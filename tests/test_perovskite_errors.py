"""The likely reasons for large errors of cations are the numbers that their names promise."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from cgcnn.analysis.prediction import predict
from cgcnn.data.crystals import Crystals
from cgcnn.paper.perovskite_errors import alkali_by_site, oxidation_states_correlation
from cgcnn.training.runs import Run


def test_the_correlation_is_that_of_cations_with_enough_test_crystals() -> None:
    # Ba has one common oxidation state, Fe two and Mn three. S, Na and Ca would change the order.
    table = pd.DataFrame(
        {
            "element": ["S", "Ba", "Fe", "Mn", "Na", "Ca"],
            "test_crystals": [100, 10, 11, 12, 100, 9],
            "error": [0.0, 0.1, 0.2, 0.5, 9.0, 9.0],
        }
    )
    assert oxidation_states_correlation(table, "error") == pytest.approx(1)
    assert oxidation_states_correlation(table.assign(error=-table["error"]), "error") == pytest.approx(-1)
    assert oxidation_states_correlation(table.head(2), "error") is None


def test_the_errors_and_targets_of_alkali_metals_are_by_their_site(run: Run, embedded: Crystals) -> None:
    # Ids are A, B and the anions.
    ids = ("Na-Ti-O3", "Sr-K-O3", "Na-K-O3", "Sr-Ti-O3", "Ba-Ti-O3")
    some = embedded.select(np.array([embedded.ids.index(each) for each in ids]))
    run = with_test(run, np.arange(5))
    found = alkali_by_site([run, run], some, "cpu")
    assert found is not None
    errors = np.abs(predict(run, some, "cpu") - some.targets)
    assert found["alkali_a_error"] == pytest.approx(errors[0], rel=1e-5)
    assert found["alkali_b_error"] == pytest.approx(errors[1:3].mean(), rel=1e-5)
    assert found["no_alkali_error"] == pytest.approx(errors[3:].mean(), rel=1e-5)
    assert found["alkali_b_target"] == pytest.approx(some.targets[1:3].mean())
    assert alkali_by_site([with_test(run, np.arange(2))], some, "cpu") is None


def with_test(run: Run, test: np.ndarray) -> Run:
    """Return the run with other test crystals."""
    return dataclasses.replace(run, split=dataclasses.replace(run.split, test=test))
