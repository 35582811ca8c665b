"""Fine-tuning: a run starts as its parent, keeps what that run has learned, and errs less on few crystals."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from cgcnn.analysis.prediction import mean_absolute_error, predict
from cgcnn.data.crystals import Crystals
from cgcnn.errors import DataError
from cgcnn.training.config import Config
from cgcnn.training.fine_tuning import fine_tune, fine_tuning_config
from cgcnn.training.fit import fit
from cgcnn.training.runs import Run, run_key
from cgcnn.training.store import find_run, load_run, stored_run_path
from tests.test_training import assert_same_weights

_ALMOST_NO_TRAINING = {"epochs": 1, "learning_rate": 1e-9, "averaging": 0.0}


@pytest.fixture(scope="module")
def others(embedded: Crystals, few: Crystals) -> Crystals:
    """A hundred embedded perovskites that are not among the few on which the parent was trained."""
    unknown = [crystal for crystal, name in enumerate(embedded.ids) if name not in set(few.ids)]
    return embedded.select(np.random.default_rng(1).permutation(unknown)[:100])


def test_a_fine_tuned_run_starts_as_its_parent(others: Crystals, run: Run) -> None:
    tuned = fine_tune(others, run, _ALMOST_NO_TRAINING, device="cpu")
    first = tuned.history.iloc[0]
    assert (first["epoch"], first["learning_rate"]) == (0, 0)
    parent = dataclasses.replace(run, data_digest=others.digest, split=tuned.split)
    of_parent = mean_absolute_error(parent, others, "validation", "cpu")
    assert first["validation_mae"] == pytest.approx(of_parent, rel=1e-5)
    # The moments of the batch norms move in the one epoch, and nothing else.
    assert torch.allclose(tuned.network.element_vectors, run.network.element_vectors, atol=1e-6)
    assert torch.allclose(tuned.network.to_energy.weight, run.network.to_energy.weight, atol=1e-6)
    assert tuned.parent == run.key
    assert tuned.config.start == run.key


def test_a_fine_tuned_run_errs_no_more_than_its_parent_on_validation_crystals(others: Crystals, run: Run) -> None:
    ruined = fine_tune(others, run, {"epochs": 3, "learning_rate": 1.0}, device="cpu")
    assert ruined.validation_mae == ruined.history["validation_mae"][0]
    assert_same_weights(ruined, run)


def test_a_few_crystals_are_learned_better_from_a_parent_than_from_nothing(
    others: Crystals, embedded: Crystals
) -> None:
    known = embedded.select([crystal for crystal, name in enumerate(embedded.ids) if name not in set(others.ids)])
    quick = Config(epochs=15, batch_size=64, width=16, n_convolutions=2, averaging=0.98)
    parent = fit(known, quick, device="cpu")
    changes = {"epochs": 40, "batch_size": 16, "averaging": 0.9}
    tuned = fine_tune(others, parent, changes, device="cpu")
    anew = fit(others, quick.replace(**changes), device="cpu")
    errors = [mean_absolute_error(each, others, "test", "cpu") for each in (tuned, anew)]
    assert errors[0] < 0.6 * errors[1]


def test_the_normalizer_is_the_parent_s_for_the_same_quantity_and_that_of_the_targets_for_another(
    others: Crystals, run: Run
) -> None:
    same = fine_tune(others, run, _ALMOST_NO_TRAINING, device="cpu")
    assert same.config.normalizer == "start"
    assert same.network.target_mean == run.network.target_mean
    assert same.network.target_scale == run.network.target_scale
    gaps = dataclasses.replace(others, target_name="band gap", unit="eV", targets=others.targets + 5)
    other = fine_tune(gaps, run, _ALMOST_NO_TRAINING, device="cpu")
    targets = gaps.targets[other.split.train]
    assert other.network.target_mean.item() == pytest.approx(targets.mean(), rel=1e-6)
    assert other.network.target_scale.item() == pytest.approx(targets.std(), rel=1e-6)
    assert other.quantity == gaps.quantity


def test_the_elements_of_both_training_sets_are_known(few: Crystals, quick: Config) -> None:
    (most,) = np.argsort(np.bincount(few.atomic_numbers[few.atomic_numbers != 8]))[-1:]
    with_it = np.array([most in few.atomic_numbers[few.sites(crystal)] for crystal in range(len(few))])
    ours, others = few.select(np.flatnonzero(with_it)), few.select(np.flatnonzero(~with_it))
    parent = fit(ours, quick.replace(epochs=1), device="cpu")
    tuned = fine_tune(others, parent, {"epochs": 1}, device="cpu")
    assert most in tuned.elements
    assert set(tuned.elements) == set(parent.elements) | set(others.select(tuned.split.train).atomic_numbers)
    assert np.isfinite(predict(tuned, ours.select(parent.split.train))).all()


def test_the_parent_and_no_place_enters_the_key(others: Crystals, few: Crystals, quick: Config, run: Run) -> None:
    config = fine_tuning_config(run, others.quantity, {"epochs": 1})
    assert run_key(others, config) != run_key(others, config.replace(start=None, normalizer="targets"))
    assert run_key(others, config) != run_key(others, config.replace(start="0" * 64))
    assert fine_tune(others, run, {"epochs": 1}, device="cpu").key == run_key(others, config)


def test_a_run_that_starts_from_random_weights_has_the_key_that_it_had_before_runs_could_start_from_others() -> None:
    for name, start in (("perovskites", "9a8c4eef81a3"), ("boron", "4c2266c100ed")):
        published = load_run(name)
        assert published.config.start is None
        assert published.key.startswith(start)


def test_the_network_is_the_parent_s_and_another_one_is_refused(run: Run) -> None:
    config = fine_tuning_config(run, run.quantity, {"width": 16, "epochs": 3})
    assert (config.width, config.n_convolutions, config.n_neighbors, config.epochs) == (16, 2, 12, 3)
    with pytest.raises(DataError, match=rf"^width=32: run {run.key[:12]} has width=16; leave width out"):
        fine_tuning_config(run, run.quantity, {"width": 32})


def test_crystals_that_the_parent_was_trained_on_cannot_judge_the_new_run(few: Crystals, run: Run) -> None:
    with pytest.raises(DataError, match=r"was trained on \d+ of the 120 crystals that are to judge the new run"):
        fine_tune(few, run, {"split_seed": 1}, device="cpu")
    again = fine_tune(few, run, {"epochs": 1}, device="cpu")
    assert np.array_equal(np.sort(again.split.test), np.sort(run.split.test))


def test_a_parent_that_is_only_a_file_is_kept_where_an_interrupted_training_finds_it(
    others: Crystals, run: Run, tmp_path: Path
) -> None:
    foreign = dataclasses.replace(run, key="ab" * 32)
    assert find_run(foreign.key) is None
    tuned = fine_tune(others, foreign, {"epochs": 1}, device="cpu")
    assert find_run(foreign.key) == stored_run_path(foreign.key)
    assert load_run(stored_run_path(tuned.key)).parent == foreign.key


def test_a_start_that_nobody_has_is_refused(others: Crystals) -> None:
    with pytest.raises(DataError, match=r"^start=cdcdcdcdcdcd: no such run is published or in the run store"):
        fit(others, Config(start="cd" * 32, epochs=1), device="cpu")
