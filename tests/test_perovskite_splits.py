"""The splits that public perovskites bring keep their promise: no pair of cations on two sides, no held-out element."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest

from cgcnn.data import datasets
from cgcnn.data.crystals import ELEMENT_SYMBOLS, Crystals
from cgcnn.data.perovskite_splits import cation_pair_parts, cations, held_out_elements, held_out_parts
from cgcnn.training.config import Config
from cgcnn.training.fit import make_split


def pairs(crystals: Crystals, part: np.ndarray) -> set[frozenset[str]]:
    """Return the unordered pairs of cations of some crystals, read off their compositions by pymatgen."""
    return {frozenset(crystals.structure(int(c)).symbol_set) - set("NOFS") for c in part}


def test_no_pair_of_cations_is_in_two_parts(public: Crystals) -> None:
    parts = cation_pair_parts(public)
    assert np.bincount(parts).tolist() == [15_001, 1890, 2037]
    of_parts = [pairs(public, np.flatnonzero(parts == part)) for part in range(3)]
    assert sum(map(len, of_parts)) == len(set.union(*of_parts)) == 52 * 53 // 2


def test_held_out_elements_are_in_every_test_crystal_and_in_no_other(public: Crystals) -> None:
    parts, held_out = held_out_parts(public), set(ELEMENT_SYMBOLS[held_out_elements(public)].tolist())
    assert np.bincount(parts).tolist() == [13_573, 1890, (52**2 - 47**2) * 7]
    assert len(held_out) == 5
    for crystal in range(0, len(public), 7):
        assert (not held_out.isdisjoint(public.structure(crystal).symbol_set)) == (parts[crystal] == 2)
    is_test = np.repeat(parts == 2, 5)
    elsewhere = set(ELEMENT_SYMBOLS[public.atomic_numbers[~is_test]].tolist())
    assert elsewhere.isdisjoint(held_out)
    assert len(elsewhere) == 56 - 5


def test_the_elements_are_those_that_seed_0_draws(public: Crystals) -> None:
    assert ELEMENT_SYMBOLS[held_out_elements(public)].tolist() == ["Mn", "Ni", "Zr", "Ag", "Hf"]


def test_the_cations_of_a_cell_and_of_the_cell_with_a_and_b_swapped_are_the_same(embedded: Crystals) -> None:
    one, swapped = (cations(embedded)[embedded.ids.index(name)].tolist() for name in ("Sr-Ti-O3", "Ti-Sr-O3"))
    assert one == swapped == [22, 38]


@pytest.mark.parametrize(
    ("name", "parts_of"),
    [("perovskites-by-cation-pair", cation_pair_parts), ("perovskites-held-out-elements", held_out_parts)],
)
def test_the_named_set_is_the_public_one_with_these_parts(
    public: Crystals, name: str, parts_of: Callable[[Crystals], np.ndarray]
) -> None:
    loaded = datasets.load(name)
    assert loaded.parts is not None
    assert np.array_equal(loaded.parts, parts_of(public))
    assert dataclasses.replace(loaded, parts=None).digest == public.digest
    split = make_split(loaded, Config(seed=3))
    assert sorted(split.test) == np.flatnonzero(loaded.parts == 2).tolist()
    assert name == loaded.name == datasets.describe(name).name
    assert datasets.describe(name).public_files == datasets.describe("perovskites").public_files
