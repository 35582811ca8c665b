"""Random crystals: neighbors against a literal search, the eight rewritings, and merged graphs against full ones.

The examples are the same in every run. ``tests/trust/test_fuzz.py`` makes thousands.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymatgen.core import Structure

from tests.graph_promises import (
    BOUND,
    difference_from_literal_search,
    difference_when_merged,
    difference_when_rewritten,
    sites_merged_across_crystals,
)
from tests.random_crystals import random_crystal
from tests.transformations import REWRITINGS

ALWAYS_THE_SAME = settings(derandomize=True, database=None, deadline=None)
SEEDS = st.integers(0, 2**32 - 1)


@settings(ALWAYS_THE_SAME, max_examples=40)
@given(seed=SEEDS)
def test_neighbors_ties_and_weights_of_a_random_crystal_are_those_of_a_literal_search(seed: int) -> None:
    assert difference_from_literal_search(random_crystal(Random(seed))) < 1e-8


@pytest.mark.parametrize("rewrite", REWRITINGS)
@settings(ALWAYS_THE_SAME, max_examples=12)
@given(seed=SEEDS)
def test_energies_of_a_random_crystal_and_its_sites_are_the_same_however_it_is_written(
    rewrite: Callable[[Structure, int], Structure], seed: int
) -> None:
    power, angles = 2.0 * (seed % 2), seed % 3 > 0
    assert difference_when_rewritten(random_crystal(Random(seed)), rewrite, seed, power, angles) < BOUND


@pytest.mark.parametrize("angles", [False, True])
@settings(ALWAYS_THE_SAME, max_examples=6)
@given(seed=SEEDS)
def test_merged_graphs_of_random_crystals_give_the_values_and_gradients_of_full_ones(seed: int, angles: bool) -> None:
    rng = Random(seed)
    assert difference_when_merged(*(random_crystal(rng) for _ in range(6)), angles=angles) < 1e-6


@settings(ALWAYS_THE_SAME, max_examples=20)
@given(seed=SEEDS)
def test_equal_sites_of_two_crystals_are_never_merged(seed: int) -> None:
    assert not sites_merged_across_crystals(random_crystal(Random(seed)))
