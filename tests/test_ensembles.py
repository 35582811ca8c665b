"""An ensemble is the mean of its members at all three levels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cgcnn.__main__ import main
from cgcnn.analysis.ensembles import combine, load_ensemble, predict_ensemble, represent_ensemble
from cgcnn.analysis.prediction import predict
from cgcnn.analysis.representations import represent
from cgcnn.data.crystals import Crystals
from cgcnn.errors import DataError
from cgcnn.training.config import Config
from cgcnn.training.fit import fit
from cgcnn.training.runs import Run, save_run


@pytest.fixture(scope="module")
def pair(few: Crystals, quick: Config, run: Run) -> list[Run]:
    """Return two runs that differ only by their seed."""
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


def test_a_local_uncertainty_is_the_standard_deviation_of_the_members_local_energies(
    pair: list[Run], few: Crystals
) -> None:
    some = few.select(np.arange(20))
    one, two = (represent(run, some).environments["local_energy_eV_per_atom"] for run in pair)
    sites = represent_ensemble(pair, some).environments
    np.testing.assert_allclose(sites["local_energy_eV_per_atom"], (one + two) / 2, atol=1e-6)
    np.testing.assert_allclose(sites["local_uncertainty_eV_per_atom"], (one - two).abs() / 2**0.5, atol=1e-6)


def test_vectors_of_an_ensemble_are_its_members_side_by_side(pair: list[Run], few: Crystals) -> None:
    levels = represent_ensemble(pair, few)
    one, two = (represent(run, few) for run in pair)
    width = one.elements.shape[1]
    assert levels.elements.shape[1] == 2 * width
    np.testing.assert_array_equal(levels.elements.to_numpy()[:, :width], one.elements)
    vectors = levels.environments[[f"v{k}" for k in range(2 * width)]].to_numpy()
    np.testing.assert_array_equal(vectors[:, width:], two.environments[[f"v{k}" for k in range(width)]])
    np.testing.assert_array_equal(levels.crystals.to_numpy(), np.hstack([one.crystals, two.crystals]))
    assert levels.environments["label"].tolist() == one.environments["label"].tolist()


def test_the_command_line_averages_runs_and_prints_how_far_they_are_apart(
    pair: list[Run], few: Crystals, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [str(tmp_path / name) for name in ("one.safetensors", "two.safetensors", "some.cif")]
    for run, file in zip(pair, files, strict=False):
        save_run(run, Path(file))
    few.structure(3).to(filename=files[2])
    assert main(["predict", files[0], files[2], "--with", files[1]]) == 0
    _, energy, uncertainty, unit = capsys.readouterr().out.strip().split("\t")[:4]
    expected = combine([predict(run, few.select([3])) for run in pair], ["it"], pair[0].quantity).loc["it"]
    assert (float(energy), float(uncertainty)) == pytest.approx(tuple(expected), abs=2e-4)
    assert unit == "eV/atom"
    assert main(["represent", files[0], str(tmp_path / "out"), files[2], "--with", files[1]]) == 0
    environments = pd.read_csv(tmp_path / "out" / "environments.csv")
    assert (environments["local_uncertainty_eV_per_atom"] > 0).all()


def test_runs_on_different_data_are_no_ensemble(pair: list[Run], few: Crystals, quick: Config, tmp_path: Path) -> None:
    other = fit(few.select(np.arange(100)), quick.replace(epochs=1), device="cpu")
    save_run(pair[0], tmp_path / "one.safetensors")
    save_run(other, tmp_path / "two.safetensors")
    with pytest.raises(DataError, match=r"two.safetensors: trained on .* name runs on the same data"):
        load_ensemble([tmp_path / "one.safetensors", tmp_path / "two.safetensors"])
