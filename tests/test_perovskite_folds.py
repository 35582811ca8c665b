"""The folds of a cross-validation: each crystal is a test crystal once, and no part of a fold shares one."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from cgcnn.data import datasets
from cgcnn.data.crystals import Crystals
from cgcnn.data.perovskite_folds import N_FOLDS, fold_of, fold_parts
from cgcnn.errors import DataError
from cgcnn.training.config import Config
from cgcnn.training.fit import make_split
from cgcnn.training.runs import run_key


@pytest.mark.parametrize(("n_crystals", "n_folds"), [(18_928, 5), (103, 4), (10, 2)])
def test_each_crystal_is_a_test_crystal_in_exactly_one_fold(n_crystals: int, n_folds: int) -> None:
    parts = [fold_parts(n_crystals, fold, n_folds) for fold in range(1, n_folds + 1)]
    assert np.sum([part == 2 for part in parts], axis=0).tolist() == [1] * n_crystals
    sizes = [np.bincount(part, minlength=3).tolist() for part in parts]
    assert max(size[2] for size in sizes) - min(size[2] for size in sizes) <= 1
    assert {size[1] for size in sizes} == {round(n_crystals / 10)}


def test_the_folds_are_random_and_not_runs_of_neighbors_in_the_file() -> None:
    test = np.flatnonzero(fold_parts(1000, 1, 5) == 2)
    assert len(test) == 200
    assert 300 < test.mean() < 700
    assert np.diff(test).max() > 1
    assert np.array_equal(fold_parts(1000, 1, 5), fold_parts(1000, 1, 5))


def test_a_run_on_a_fold_has_its_split_and_a_key_of_its_own(few: Crystals) -> None:
    folds = [fold_of(few, fold, 3) for fold in (1, 2, 3)]
    splits = [make_split(fold, Config()) for fold in folds]
    tested = np.concatenate([split.test for split in splits])
    assert sorted(tested.tolist()) == list(range(len(few)))
    for split in splits:
        assert not np.intersect1d(split.test, np.concatenate([split.train, split.validation])).size
    assert len({run_key(fold, Config()) for fold in [few, *folds]}) == 4
    assert folds[1].name == f"{few.name}-fold-2-of-3"


@pytest.mark.parametrize(
    ("n_crystals", "fold", "n_folds", "wanted"),
    [(100, 0, 5, "fold=0: no such fold of 5"), (100, 6, 5, "fold=6"), (100, 1, 1, "n_folds=1"), (9, 1, 5, "n_folds=5")],
)
def test_folds_that_cannot_be_are_refused(n_crystals: int, fold: int, n_folds: int, wanted: str) -> None:
    with pytest.raises(DataError, match=wanted):
        fold_parts(n_crystals, fold, n_folds)


def test_the_folds_of_the_public_perovskites_are_data_sets(public: Crystals) -> None:
    name = f"perovskites-fold-2-of-{N_FOLDS}"
    loaded = datasets.load(name)
    assert loaded.name == name == datasets.describe(name).name
    assert loaded.digest == fold_of(public, 2).digest  # so a run on either has the same key
    assert dataclasses.replace(loaded, parts=None).digest == public.digest
