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
from cgcnn.data.splits import Split
from cgcnn.errors import DataError
from cgcnn.files.seals import SEAL
from cgcnn.graphs.batches import Batcher
from cgcnn.graphs.crystal_graphs import build
from cgcnn.graphs.extents import extents
from cgcnn.network.evaluation import describe_batches
from cgcnn.training.bounds import bounds_of, excess
from cgcnn.training.runs import Run, read_run, save_run
from cgcnn.training.seen import elements_by_part, with_seen


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


def test_what_stands_for_the_training_crystals_is_made_of_all_of_them_and_of_no_others(run: Run, few: Crystals) -> None:
    assert run.seen is not None
    means, _ = describe_batches(run.network, Batcher(build(few)), np.arange(len(few)))
    trained = means.numpy()[run.split.train]
    np.testing.assert_allclose(run.seen.scale, trained.std(axis=0), rtol=1e-4)
    # There are fewer training crystals than representatives, so that each stands for itself, up to rounding.
    assert len(run.seen.representatives) == len(trained)
    rounding = np.linalg.norm(run.seen.steps / 2)
    assert run.seen.distances(trained).max() <= 1.01 * rounding
    elsewhere = run.seen.distances(means.numpy()[run.split.test])
    assert np.median(elsewhere) > 2 * rounding
    held = run.seen.distances(means.numpy()[run.split.validation])
    np.testing.assert_allclose(run.seen.validation_distances, held, rtol=2e-3, atol=1e-3)


def test_the_bounds_are_those_of_the_training_crystals(run: Run, few: Crystals) -> None:
    assert run.seen is not None
    trained = few.select(run.split.train)
    assert run.seen.bounds.elements.tolist() == np.unique(trained.atomic_numbers).tolist()
    volumes = np.abs(np.linalg.det(few.lattices)) / few.n_sites
    np.testing.assert_allclose(
        run.seen.bounds.volumes, [volumes[run.split.train].min(), volumes[run.split.train].max()], rtol=1e-6
    )
    expected = bounds_of(extents(trained, build(trained), np.arange(len(trained))))
    for name, array in expected.arrays().items():
        np.testing.assert_array_equal(run.seen.bounds.arrays()[name], array)
    # How far a crystal lies beyond them stands at the crystal's own place in the split.
    for place in (0, 7, 31):
        alone = few.select([run.split.validation[place]])
        found = excess(expected, extents(alone, build(alone), np.arange(1)))
        assert run.seen.validation_excess[place] == pytest.approx(float(found[0]), rel=1e-3)


def test_the_elements_of_a_run_are_those_of_its_training_crystals(few: Crystals) -> None:
    split = Split(np.array([0, 1]), np.array([2]), np.array([3]))
    numbers = few.atomic_numbers.copy()
    numbers[few.sites(2)], numbers[few.sites(3)] = 92, 94
    changed = dataclasses.replace(few, atomic_numbers=numbers)
    trained, elsewhere = elements_by_part(changed, split)
    assert trained.tolist() == np.unique(few.select([0, 1]).atomic_numbers).tolist()
    assert elsewhere == {"validation": (92,), "test": (94,)}
