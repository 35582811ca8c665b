"""Test training: it is reproducible to the bit, no test target leaks into it, and known runs are found."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from cgcnn.analysis.prediction import error_table, mean_absolute_error
from cgcnn.data.crystals import Crystals
from cgcnn.errors import DataError
from cgcnn.files.arrays import save_arrays
from cgcnn.training.config import Config
from cgcnn.training.fit import fit, make_split
from cgcnn.training.runs import Run
from cgcnn.training.steps import one_cycle
from cgcnn.training.store import load_run, stored_run_path
from cgcnn.training.sweeps import sweep

_TRAIN_TWICE = """
import sys
from pathlib import Path
import torch
from cgcnn.data.crystals import from_arrays
from cgcnn.files.arrays import load_arrays
from cgcnn.training.config import Config
from cgcnn.training.runs import save_run
from cgcnn.training.fit import fit

folder = Path(sys.argv[1])
few = from_arrays(load_arrays(folder / "few.safetensors"))
before = torch.get_num_threads()
for name in "12":
    run = fit(few, Config(epochs=2, batch_size=64), device="cpu", retrain=True)
    save_run(run, folder / f"{name}.safetensors")
print(before, torch.get_num_threads(), run.n_threads)
"""


def assert_same_weights(a: Run, b: Run) -> None:
    ours, theirs = a.network.state_dict(), b.network.state_dict()
    assert ours.keys() == theirs.keys()
    for name, tensor in ours.items():
        assert torch.equal(tensor, theirs[name]), name


def test_the_same_seed_gives_the_same_run_to_the_bit(few: Crystals, quick: Config, run: Run) -> None:
    again = fit(few, quick, device="cpu", retrain=True)
    assert_same_weights(run, again)
    assert again.history.equals(run.history)


@pytest.mark.slow
def test_the_first_training_of_a_process_gives_the_same_file_as_the_second_whatever_the_number_of_threads(
    few: Crystals, tmp_path: Path
) -> None:
    save_arrays(tmp_path / "few.safetensors", few.arrays(), few.notes())
    for threads in ("1", "2", ""):
        environment = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
        environment |= {"OMP_NUM_THREADS": threads} if threads else {}
        command = [sys.executable, "-c", _TRAIN_TWICE, str(tmp_path)]
        result = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        assert result.returncode == 0, result.stderr
        before, after, recorded = result.stdout.split()[-3:]
        assert before == after == recorded
        assert threads in (before, "")
        assert (tmp_path / "1.safetensors").read_bytes() == (tmp_path / "2.safetensors").read_bytes()


def test_another_seed_gives_another_run_on_the_same_test_set(few: Crystals, quick: Config, run: Run) -> None:
    other = fit(few, quick.replace(seed=1), device="cpu")
    assert not torch.equal(other.network.element_vectors, run.network.element_vectors)
    assert np.array_equal(other.split.test, run.split.test)


def test_test_targets_change_nothing(few: Crystals, quick: Config, run: Run) -> None:
    targets = few.targets.copy()
    targets[run.split.test] += 100
    changed = fit(dataclasses.replace(few, targets=targets), quick, device="cpu")
    assert changed.key != run.key
    assert_same_weights(run, changed)


def test_the_normalizer_is_the_mean_and_spread_of_the_training_targets_alone(few: Crystals, run: Run) -> None:
    targets = few.targets[run.split.train]
    assert run.network.target_mean.item() == pytest.approx(targets.mean(), rel=1e-6)
    assert run.network.target_scale.item() == pytest.approx(targets.std(), rel=1e-6)


def test_training_lowers_the_error_below_that_of_the_mean(few: Crystals, run: Run) -> None:
    mean = few.targets[run.split.train].mean()
    of_mean = np.abs(few.targets[run.split.test] - mean).mean()
    assert mean_absolute_error(run, few, "test") < 0.7 * of_mean


def test_the_kept_weights_are_those_of_the_best_validation(few: Crystals, run: Run) -> None:
    assert mean_absolute_error(run, few, "validation") == pytest.approx(run.history["validation_mae"].min(), abs=1e-5)


def test_training_stops_when_validation_no_longer_improves(few: Crystals, quick: Config) -> None:
    # Where the targets are noise, the validation error soon stops falling.
    noise = dataclasses.replace(few, targets=np.random.default_rng(0).normal(size=len(few)))
    stopped = fit(noise, quick.replace(epochs=300, patience=30), device="cpu")
    best = int(stopped.history["validation_mae"].argmin())
    assert stopped.history["epoch"].max() < 300
    assert stopped.history["epoch"].max() >= stopped.history["epoch"].iloc[best] + 30


def test_a_known_run_is_loaded_and_says_so(
    few: Crystals, quick: Config, run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "cgcnn")
    found = fit(few, quick, device="cpu")
    assert f"found run {run.key[:12]}" in caplog.text
    assert_same_weights(run, found)
    assert found.history.equals(run.history)
    assert np.array_equal(found.split.test, run.split.test)
    assert found.config == run.config


def test_one_changed_parameter_is_another_run(few: Crystals, quick: Config, run: Run) -> None:
    assert fit(few, quick.replace(epochs=1), device="cpu").key != run.key


def test_a_target_that_is_not_a_number_is_refused_by_the_crystals_name(few: Crystals, quick: Config) -> None:
    targets = few.targets.copy()
    targets[7] = np.nan
    with pytest.raises(DataError, match=f"crystal '{few.ids[7]}' has no finite target"):
        fit(dataclasses.replace(few, targets=targets), quick)


def test_a_cut_short_run_is_refused_by_its_name(run: Run) -> None:
    path = stored_run_path(run.key)
    cut = path.with_name("cut.safetensors")
    cut.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(DataError, match=r"cut\.safetensors: (damaged|not a whole run)"):
        load_run(cut)
    cut.unlink()


def test_smaller_training_sets_are_subsets_that_the_seed_chooses(few: Crystals, quick: Config) -> None:
    whole = make_split(few, quick)
    parts = [make_split(few, quick.replace(training_size=50, seed=seed)) for seed in (0, 1)]
    assert all(set(part.train) < set(whole.train) and len(part.train) == 50 for part in parts)
    assert set(parts[0].train) != set(parts[1].train)
    assert np.array_equal(parts[0].test, whole.test)
    with pytest.raises(DataError, match="training_size=10000: only 180 training crystals"):
        make_split(few, quick.replace(training_size=10_000))


def test_a_sweep_is_one_row_a_size_and_seed(few: Crystals, quick: Config) -> None:
    runs = sweep(few, quick.replace(epochs=2), [20, None], [0, 1], device="cpu")
    table = error_table(runs, few)
    assert table["training_size"].tolist() == [20, 20, 180, 180]
    assert table["seed"].tolist() == [0, 1, 0, 1]
    assert table["test_mae_eV_per_atom"][3] == mean_absolute_error(runs[3], few, "test")


def test_the_learning_rate_rises_to_one_and_falls_to_nothing() -> None:
    rates = np.array([one_cycle(step, 1000) for step in range(1000)])
    assert rates[0] == pytest.approx(1 / 25)
    assert rates.argmax() == 300
    assert rates.max() == pytest.approx(1)
    assert rates[-1] == pytest.approx(1 / 25 / 1e4)
    reference = torch.optim.lr_scheduler.OneCycleLR(
        torch.optim.SGD([torch.zeros(1)], lr=1.0), max_lr=1.0, total_steps=1000
    )
    assert reference.get_last_lr()[0] == pytest.approx(rates[0])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("epochs", 0),
        ("learning_rate", -1.0),
        ("learning_rate", float("nan")),
        ("split", "by hand"),
        ("averaging", 1.0),
        ("training_size", 0),
        ("training_size", -2),
        ("n_train", 0),
        ("n_validation", -1),
        ("minimum_steps", -1),
        ("weight_decay", -0.1),
        ("seed", -1),
    ],
)
def test_a_parameter_out_of_range_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=f"^{name}="):
        Config().replace(**{name: value})
