"""What a run has seen: its file keeps it, an old run gets it from its crystals, and no key or weight changes."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from cgcnn.analysis.prediction import predict_part
from cgcnn.data.crystals import Crystals
from cgcnn.errors import DataError
from cgcnn.files.seals import SEAL
from cgcnn.training.runs import Run, read_run, save_run
from cgcnn.training.seen import with_seen


@pytest.fixture
def old(run: Run, tmp_path: Path) -> Path:
    """Return the file of a run of format 2, which holds neither what was seen nor the elements elsewhere."""
    path = tmp_path / "old.safetensors"
    save_run(run, path)
    with safe_open(path, "pt") as stream:
        notes = json.loads(stream.metadata()["run"])
        tensors = {name: stream.get_tensor(name) for name in stream.keys()}  # noqa: SIM118  # not a dict
    notes["format"] = 2
    del notes["elements_elsewhere"], notes[SEAL]
    kept = {name: tensor for name, tensor in tensors.items() if not name.startswith("seen.")}
    save_file(kept, path, {"run": json.dumps(notes, sort_keys=True)})
    return path


def test_a_file_keeps_what_was_seen_and_where_the_data_came_from(run: Run, tmp_path: Path) -> None:
    further: dict[str, Any] = {
        "folder": "/some/folder",
        "parent": "ab" * 32,
        "elements_elsewhere": {"validation": (93,), "test": ()},
    }
    path = tmp_path / "run.safetensors"
    save_run(dataclasses.replace(run, **further), path)
    found = read_run(path)
    assert {name: getattr(found, name) for name in further} == further
    assert found.key == run.key
    assert run.seen is not None
    assert found.seen is not None
    for name, array in run.seen.arrays().items():
        np.testing.assert_array_equal(found.seen.arrays()[name], array, strict=True)


def test_an_old_file_is_read_and_gets_what_was_seen_from_its_crystals(run: Run, old: Path, few: Crystals) -> None:
    found = read_run(old)
    assert found.seen is None
    assert found.elements_elsewhere is None
    assert found.folder is None
    assert found.parent is None
    renewed = with_seen(found, few)
    assert renewed.key == run.key
    assert renewed.elements_elsewhere == run.elements_elsewhere
    for name, tensor in run.network.state_dict().items():
        assert torch.equal(renewed.network.state_dict()[name], tensor)
    assert renewed.seen is not None
    assert run.seen is not None
    for name, array in run.seen.arrays().items():
        np.testing.assert_array_equal(renewed.seen.arrays()[name], array, strict=True)
    with pytest.raises(DataError, match="not the data that the run was trained on"):
        with_seen(found, few.select(range(10)))


def test_the_errors_of_the_validation_set_are_kept(run: Run, few: Crystals) -> None:
    assert run.seen is not None
    validation = run.split.validation
    errors = predict_part(run, few, validation, "cpu") - few.targets[validation]
    kept = run.seen.validation_errors.astype(float) * run.network.target_scale.item()
    np.testing.assert_allclose(kept, errors, rtol=2e-3, atol=1e-4)
    assert len(run.seen.validation_distances) == len(run.seen.validation_excess) == len(validation)


def test_elements_of_the_validation_and_the_test_set_alone_are_named(run: Run, few: Crystals) -> None:
    assert run.elements_elsewhere is not None
    for part, elements in run.elements_elsewhere.items():
        held = few.select(getattr(run.split, part)).atomic_numbers
        assert set(elements) == set(held.tolist()) - set(run.elements.tolist())
