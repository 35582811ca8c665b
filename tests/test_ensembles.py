"""An ensemble: the mean of its members, at all three levels."""

from __future__ import annotations

import numpy as np
import pytest

from cgcnn.config import Config
from cgcnn.crystals import Crystals
from cgcnn.ensembles import predict_ensemble, represent_ensemble
from cgcnn.representations import predict, represent
from cgcnn.runs import Run
from cgcnn.training import fit


@pytest.fixture(scope="module")
def pair(few: Crystals, quick: Config, run: Run) -> list[Run]:
    """Two runs that differ by their seed."""
    return [run, fit(few, quick.replace(seed=1), device="cpu")]


def test_predictions_are_the_members_mean_and_the_uncertainty_their_standard_deviation(
    pair: list[Run], few: Crystals
) -> None:
    predicted = predict_ensemble(pair, few, np.arange(len(few)))
    one, two = (predict(run, few) for run in pair)
    np.testing.assert_allclose(predicted["energy_eV_per_atom"], (one + two) / 2)
    np.testing.assert_allclose(predicted["uncertainty_eV_per_atom"], np.abs(one - two) / np.sqrt(2))


def test_local_energies_of_an_ensemble_add_up_to_its_energies(pair: list[Run], few: Crystals) -> None:
    levels = represent_ensemble(pair, few)
    sites = levels.environments
    totals = (sites["local_energy_eV_per_atom"] * sites["multiplicity"]).groupby(sites["crystal"]).sum()
    totals /= sites.groupby("crystal")["multiplicity"].sum()
    energies = levels.energies["energy_eV_per_atom"]
    np.testing.assert_allclose(totals[energies.index], energies, atol=1e-5)
    predicted = predict_ensemble(pair, few, np.arange(len(few)))
    np.testing.assert_allclose(energies, predicted["energy_eV_per_atom"], atol=1e-5)


def test_vectors_of_an_ensemble_are_its_members_side_by_side(pair: list[Run], few: Crystals) -> None:
    levels = represent_ensemble(pair, few)
    one, two = (represent(run, few) for run in pair)
    width = one.elements.shape[1]
    assert levels.elements.shape[1] == 2 * width
    np.testing.assert_array_equal(levels.elements.to_numpy()[:, :width], one.elements)
    vectors = levels.environments[[f"v{k}" for k in range(2 * width)]].to_numpy()
    np.testing.assert_array_equal(vectors[:, width:], two.environments[[f"v{k}" for k in range(width)]])
