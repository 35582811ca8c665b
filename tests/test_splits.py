"""Test splits: their sizes, that the sets are disjoint, and that no composition is in two sets."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest

from cgcnn.data.crystals import Crystals
from cgcnn.data.splits import composition_split, own_split, random_split, split_sizes
from cgcnn.errors import DataError
from cgcnn.training.config import Config
from cgcnn.training.fit import make_split


def test_random_split_covers_every_crystal_once_in_the_sizes_asked_for() -> None:
    split = random_split(18_928, 15_000, 1_890, seed=0)
    assert [len(part) for part in (split.train, split.validation, split.test)] == [15_000, 1_890, 2_038]
    every = np.concatenate([split.train, split.validation, split.test])
    assert np.array_equal(np.sort(every), np.arange(18_928))


def test_composition_split_shares_no_composition_and_covers_every_crystal(embedded: Crystals) -> None:
    formulas = embedded.reduced_formulas()
    split = composition_split(formulas, 1_600, 500, seed=0)
    parts = (split.train, split.validation, split.test)
    assert [len(part) for part in parts[:2]] == pytest.approx([1_600, 500], abs=1)
    sides = [set(formulas[part]) for part in parts]
    assert all(a.isdisjoint(b) for a, b in itertools.combinations(sides, 2))
    assert np.array_equal(np.sort(np.concatenate(parts)), np.arange(len(formulas)))


def test_swapped_sites_have_one_reduced_formula(embedded: Crystals) -> None:
    formulas = embedded.reduced_formulas()
    a, b = embedded.ids.index("Sr-Ti-O3"), embedded.ids.index("Ti-Sr-O3")
    assert formulas[a] == formulas[b] == "SrTiO3"


def test_sizes_default_to_60_and_20_percent() -> None:
    assert split_sizes(1_000, None, None) == (600, 200)


@pytest.mark.parametrize(("n_train", "n_validation"), [(8, 2), (0, 2), (5, 0), (20, 1)])
def test_impossible_sizes_are_refused_with_the_numbers(n_train: int, n_validation: int) -> None:
    with pytest.raises(DataError, match=f"cannot split 10 crystals into {n_train}"):
        split_sizes(10, n_train, n_validation)


def test_a_composition_too_large_for_a_set_is_refused_with_the_way_out() -> None:
    with pytest.raises(DataError, match="no composition of 10 crystals is left for validation"):
        composition_split(np.array(["A"] * 5 + ["B"] * 5), 5, 3, seed=0)


def test_too_few_crystals_are_counted_against_how_many_are_needed() -> None:
    assert split_sizes(5, None, None) == (3, 1)
    with pytest.raises(ValueError, match=r"^at least 5 crystals are needed for .* 20 % test crystals; there are 2; "):
        split_sizes(2, None, None)


def test_a_set_s_own_split_is_kept_as_it_is(few: Crystals) -> None:
    parts = np.arange(len(few)) % 3
    marked = dataclasses.replace(few, parts=parts.astype(np.uint8))
    split = make_split(marked, Config())
    for part, members in enumerate((split.train, split.validation, split.test)):
        assert sorted(members) == np.flatnonzero(parts == part).tolist()
    assert len(make_split(marked, Config(training_size=7)).train) == 7
    assert marked.digest != few.digest


def test_a_set_s_own_split_allows_no_other_and_no_empty_part(few: Crystals) -> None:
    marked = dataclasses.replace(few, parts=np.zeros(len(few), np.uint8))
    with pytest.raises(ValueError, match="its split has no validation crystals; mark some crystals as validation"):
        make_split(marked, Config())
    for name, value in (("split", "composition"), ("n_train", 10), ("n_validation", 10)):
        with pytest.raises(ValueError, match=rf"^{name}={value}: .* brings its own split; leave {name} out"):
            make_split(marked, Config().replace(**{name: value}))


def test_each_split_seed_gives_its_own_sets_and_the_same_seed_the_same_ones(embedded: Crystals) -> None:
    formulas = embedded.reduced_formulas()
    for kind in ("random", "composition"):
        first, again, other = (
            random_split(len(formulas), 1_600, 500, seed)
            if kind == "random"
            else composition_split(formulas, 1_600, 500, seed)
            for seed in (1, 1, 2)
        )
        for part in ("train", "validation", "test"):
            assert np.array_equal(getattr(first, part), getattr(again, part))
            assert set(getattr(first, part)) != set(getattr(other, part))


def test_the_order_in_a_set_s_own_split_depends_on_its_seed() -> None:
    parts = np.repeat([0, 1, 2], 20)
    orders = [own_split(parts, "some", seed).train.tolist() for seed in (0, 0, 1)]
    assert orders[0] == orders[1] != orders[2]
    assert sorted(orders[2]) == list(range(20))


def test_a_run_is_split_as_its_parameters_say(few: Crystals) -> None:
    for seed in (0, 7):
        expected = random_split(len(few), 150, 60, seed)
        found = make_split(few, Config(seed=3, split_seed=seed, n_train=150, n_validation=60))
        for part in ("train", "validation", "test"):
            assert np.array_equal(getattr(found, part), getattr(expected, part))
    formulas = few.reduced_formulas()
    assert len(set(formulas)) < len(formulas)
    for seed in (0, 7):
        split = make_split(few, Config(split="composition", split_seed=seed))
        sides = [set(formulas[part]) for part in (split.train, split.validation, split.test)]
        assert all(a.isdisjoint(b) for a, b in itertools.combinations(sides, 2))
        assert np.array_equal(split.test, make_split(few, Config(split="composition", split_seed=seed, seed=4)).test)


def test_no_set_of_a_composition_split_is_larger_than_asked_for() -> None:
    formulas = np.repeat([f"A{n}" for n in range(30)], 7)
    split = composition_split(formulas, 100, 40, seed=0)
    assert (len(split.train), len(split.validation), len(split.test)) == (98, 35, 77)
