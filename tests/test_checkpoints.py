"""Checkpoints: a training goes on to the same bits after any end, and no damaged one is believed or blocks it."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from cgcnn.data.crystals import Crystals
from cgcnn.files.paths import run_store_directory
from cgcnn.training import loop
from cgcnn.training import steps as training_steps
from cgcnn.training.checkpoints import Checkpoints
from cgcnn.training.config import Config
from cgcnn.training.fine_tuning import fine_tune
from cgcnn.training.fit import fit
from cgcnn.training.runs import Run, run_key, save_run
from tests.test_training import assert_same_weights


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, few: Crystals, quick: Config) -> Path:
    """Return an empty run store whose cache has the graphs of the few crystals."""
    graphs = Path(os.environ["CGCNN_CACHE"]) / "graphs"
    monkeypatch.setenv("CGCNN_CACHE", str(tmp_path / "cache"))
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "graphs").symlink_to(graphs)
    return run_store_directory()


@pytest.fixture(scope="module")
def short(quick: Config) -> Config:
    """Return parameters with 12 batches in each of 3 epochs, and a validation at the end of the last one."""
    return quick.replace(epochs=3)


@pytest.fixture(scope="module")
def whole(few: Crystals, short: Config) -> Run:
    """Return the run that nothing has ended."""
    return fit(few, short, device="cpu")


def signal_at(monkeypatch: pytest.MonkeyPatch, step: int, number: int = signal.SIGINT) -> None:
    """Send a signal to this process in the middle of a step, before the optimizer."""
    steps = 0
    backward = training_steps.backward

    def counting(*arguments: object) -> torch.Tensor:
        nonlocal steps
        steps += 1
        if steps == step:
            os.kill(os.getpid(), number)
        return backward(*arguments)  # type: ignore[arg-type]  # handed through as they came

    monkeypatch.setattr(training_steps, "backward", counting)


def stop_at(monkeypatch: pytest.MonkeyPatch, step: int, train: Callable[[], Run]) -> str:
    """Interrupt a training in a step, and return what it says."""
    with monkeypatch.context() as patch:
        signal_at(patch, step)
        with pytest.raises(KeyboardInterrupt) as stopped:
            train()
    return str(stopped.value)


@pytest.fixture
def stopped(store: Path, few: Crystals, short: Config, monkeypatch: pytest.MonkeyPatch) -> Checkpoints:
    """Return the two checkpoints of a training that was interrupted after its steps 14 and 20."""
    stop_at(monkeypatch, 14, lambda: fit(few, short, device="cpu"))
    stop_at(monkeypatch, 6, lambda: fit(few, short, device="cpu"))
    checkpoints = Checkpoints(store, run_key(few, short))
    assert checkpoints.newest.exists()
    assert checkpoints.before.exists()
    return checkpoints


def names(store: Path) -> list[str]:
    return sorted(path.name.partition(".")[2] for path in store.iterdir())


def assert_goes_on(few: Crystals, short: Config, whole: Run, store: Path, *further: str) -> None:
    """Train to the end, and compare the run with the one that nothing has ended, to the last bit of its file."""
    run = fit(few, short, device="cpu")
    assert_same_weights(whole, run)
    assert run.history.equals(whole.history)
    assert names(store) == sorted(["safetensors", *further])
    save_run(whole, store / "whole.safetensors")
    assert (store / "whole.safetensors").read_bytes() == (store / f"{run.key}.safetensors").read_bytes()


def test_an_interrupted_training_loses_no_batch_and_goes_on_to_the_same_file(
    store: Path, few: Crystals, short: Config, whole: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = 0
    # In the first batch, in the middle, in the last batch of an epoch, in the first of the next one, and in the last.
    for step in (1, 7, 12, 13, 36):
        said = stop_at(monkeypatch, step - done, lambda: fit(few, short, device="cpu"))
        done = step
        epoch, batch = divmod(step, 12)
        epoch, batch = (epoch, batch) if batch else (epoch - 1, 12)
        assert f"after batch {batch} of 12 of epoch {epoch + 1}; the same command goes on from there" in said
    assert_goes_on(few, short, whole, store)


def test_a_training_that_goes_on_from_a_parent_is_interrupted_and_resumed_to_the_same_bits(
    store: Path, embedded: Crystals, few: Crystals, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    unknown = [crystal for crystal, name in enumerate(embedded.ids) if name not in set(few.ids)]
    others = embedded.select(np.random.default_rng(1).permutation(unknown)[:100])

    def train() -> Run:
        return fine_tune(others, run, {"epochs": 3, "batch_size": 8}, device="cpu", retrain=False)

    for step in (3, 9):
        stop_at(monkeypatch, step, train)
    resumed = train()
    resumed_file = (store / f"{resumed.key}.safetensors").read_bytes()
    anew = fine_tune(others, run, {"epochs": 3, "batch_size": 8}, device="cpu", retrain=True)
    assert_same_weights(resumed, anew)
    assert resumed.history.equals(anew.history)
    assert (store / f"{anew.key}.safetensors").read_bytes() == resumed_file


def test_retraining_begins_without_the_checkpoints_of_an_interrupted_training(
    stopped: Checkpoints, few: Crystals, short: Config, whole: Run, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "cgcnn")
    assert_same_weights(whole, fit(few, short, device="cpu", retrain=True))
    assert "resuming" not in caplog.text
    assert not stopped.newest.exists()
    assert not stopped.before.exists()


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 16
    path.write_bytes(content)


def _make_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (_cut, "damaged, since its bytes are not those that were written"),
        (_empty, "cut short"),
        (_flip, "damaged, since its bytes are not those that were written"),
        (_make_a_folder, "no checkpoint"),
    ],
)
def test_a_damaged_checkpoint_is_set_aside_and_the_one_before_is_used(
    damage: Callable[[Path], None],
    reason: str,
    stopped: Checkpoints,
    few: Crystals,
    short: Config,
    whole: Run,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO", "cgcnn")
    damage(stopped.newest)
    assert_goes_on(few, short, whole, stopped.newest.parent, "checkpoint.safetensors.set-aside")
    assert f"{stopped.newest}: {reason}" in caplog.text
    assert f"resuming run {whole.key[:12]} after epoch 1 and 2 batches of the next, from the one before" in caplog.text


def test_where_both_checkpoints_are_damaged_the_training_starts_anew_and_says_so(
    stopped: Checkpoints, few: Crystals, short: Config, whole: Run, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "cgcnn")
    _empty(stopped.newest)
    _flip(stopped.before)
    aside = ("checkpoint.safetensors.set-aside", "checkpoint-before.safetensors.set-aside")
    assert_goes_on(few, short, whole, stopped.newest.parent, *aside)
    assert f"run {whole.key[:12]}: no whole checkpoint is left; its training starts anew" in caplog.text
    assert "resuming" not in caplog.text


def test_a_checkpoint_of_another_shape_of_another_version_or_of_another_run_is_set_aside(
    stopped: Checkpoints,
    few: Crystals,
    short: Config,
    whole: Run,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO", "cgcnn")
    wide = short.replace(width=24)
    stop_at(monkeypatch, 1, lambda: fit(few, wide, device="cpu"))
    other = Checkpoints(stopped.newest.parent, run_key(few, wide))
    of_other = other.newest.read_bytes()
    other.newest.replace(stopped.newest)
    with monkeypatch.context() as patch:
        patch.setattr("cgcnn.training.checkpoints._FORMAT_VERSION", 2)
        stop_at(patch, 1, lambda: fit(few, wide, device="cpu"))
    other.newest.replace(stopped.before)
    aside = ("checkpoint.safetensors.set-aside", "checkpoint-before.safetensors.set-aside")
    assert_goes_on(few, short, whole, stopped.newest.parent, *aside)
    assert f"{stopped.newest}: the checkpoint of run {run_key(few, wide)[:12]}; it is not used" in caplog.text
    assert f"{stopped.before}: its format is version 2, and this cgcnn reads 1; it is not used" in caplog.text

    # The same key, but a network of another shape, as where the defaults of the code have changed.
    monkeypatch.setattr("cgcnn.training.fit.run_key", lambda *_: run_key(few, wide))
    other.newest.write_bytes(of_other)
    again = fit(few, short, device="cpu")
    assert f"{other.newest}: a network of another shape, with averaged.convolutions.0.edge_norm" in caplog.text
    assert_same_weights(whole, again)


def test_a_checkpoint_of_an_earlier_version_of_the_package_is_set_aside(
    store: Path, few: Crystals, short: Config, whole: Run, caplog: pytest.LogCaptureFixture
) -> None:
    store.mkdir()
    old = store / f"{whole.key}.partial.pt"
    torch.save({"network": {}}, old)
    assert_goes_on(few, short, whole, store, "partial.pt.set-aside")
    assert f"{old}: a checkpoint of an earlier version of cgcnn; it is not used" in caplog.text


def test_a_checkpoint_or_a_run_that_cannot_be_written_does_not_end_the_training(
    store: Path,
    few: Crystals,
    short: Config,
    whole: Run,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    store.write_text("a file where the folder of the runs is to be")
    monkeypatch.setattr(loop, "_SECONDS_BETWEEN_CHECKPOINTS", 0.0)
    run = fit(few, short, device="cpu")
    assert_same_weights(whole, run)
    warnings = [each.getMessage() for each in caplog.records if each.levelno == logging.WARNING]
    assert len(warnings) == 2  # one for all checkpoints, and one for the run
    assert "cannot be written (" in warnings[0]
    assert "the training goes on without it" in warnings[0]
    assert f"run {run.key[:12]} cannot be kept there (" in warnings[1]


def test_a_full_disk_leaves_the_last_whole_checkpoint(
    store: Path, few: Crystals, short: Config, whole: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop_at(monkeypatch, 5, lambda: fit(few, short, device="cpu"))

    def full(path: Path) -> str:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("cgcnn.training.checkpoints.seal", full)
        said = stop_at(patch, 3, lambda: fit(few, short, device="cpu"))
    assert "its state could not be written" in said
    assert names(store) == ["checkpoint.safetensors"]
    assert_goes_on(few, short, whole, store)
