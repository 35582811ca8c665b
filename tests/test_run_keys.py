"""The key of a run sees its data and every parameter, and does not change from version to version."""

from __future__ import annotations

import dataclasses
import hashlib

import pytest

from cgcnn.data.crystals import Crystals
from cgcnn.files.paths import models_directory
from cgcnn.paper.recipes import paper_config
from cgcnn.training.config import Config
from cgcnn.training.runs import read_notes, run_key

_OTHERS = {
    "seed": 1,
    "split": "composition",
    "split_seed": 1,
    "n_train": 100,
    "n_validation": 50,
    "training_size": 40,
    "n_neighbors": 24,
    "tolerance": 2e-3,
    "n_convolutions": 3,
    "width": 32,
    "distance_power": 2.0,
    "angles": True,
    "element_spread": 1.0,
    "learning_rate": 0.02,
    "epochs": 10,
    "minimum_steps": 100,
    "patience": 5,
    "batch_size": 64,
    "weight_decay": 0.0,
    "loss_width": 0.2,
    "averaging": 0.99,
    "matmul_precision": "high",
    "start": "ab" * 32,
    "normalizer": "start",
}


def test_another_parameter_is_tried_for_each() -> None:
    assert _OTHERS.keys() == {field.name for field in dataclasses.fields(Config)}


@pytest.mark.parametrize("name", _OTHERS)
def test_each_parameter_enters_the_key(few: Crystals, name: str) -> None:
    before = Config(start="cd" * 32) if name in ("start", "normalizer") else Config()
    assert run_key(few, before.replace(**{name: _OTHERS[name]})) != run_key(few, before)


def test_the_key_is_the_hash_of_the_data_and_of_what_differs_from_the_defaults(few: Crystals) -> None:
    text = f"2 {few.digest} " + '{"learning_rate": 1.0, "n_neighbors": 24, "split": "composition"}'
    config = Config(n_neighbors=24, learning_rate=1, split="composition")
    assert run_key(few, config) == hashlib.sha256(text.encode()).hexdigest()
    assert run_key(few, Config()) == hashlib.sha256(f"2 {few.digest} {{}}".encode()).hexdigest()


def test_a_parameter_that_came_later_changes_no_key_of_a_run_with_its_default(few: Crystals) -> None:
    assert run_key(few, Config(element_spread=0.05, seed=1)) == run_key(few, Config(seed=1))
    path = next((models_directory() / "perovskites").glob("paper-random-15000-seed0-*.safetensors"))
    notes = read_notes(path)
    assert "element_spread" not in notes["config"]  # its file is older than the parameter
    assert Config(**notes["config"]) == paper_config("perovskites")


def test_the_data_enter_the_key_and_their_name_does_not(few: Crystals) -> None:
    other = dataclasses.replace(few, targets=few.targets + 1)
    assert run_key(other, Config()) != run_key(few, Config())
    assert run_key(dataclasses.replace(few, name="other"), Config()) == run_key(few, Config())
