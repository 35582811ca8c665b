"""Test relaxation families of boron: near-copies are found, and the split keeps them in one part."""

from __future__ import annotations

import re

import numpy as np
import pytest
from pymatgen.analysis.structure_matcher import StructureMatcher
from pymatgen.core import Lattice, Structure

from cgcnn.data import datasets
from cgcnn.data.boron_families import families, parts_by_family
from cgcnn.data.crystals import Crystals, pack
from cgcnn.data.near_copies import near_copies
from cgcnn.paper.recipes import paper_config
from cgcnn.training.fit import make_split

_ALPHA = Structure.from_spacegroup(
    "R-3m", Lattice.hexagonal(4.908, 12.567), ["B", "B"], [[0.119, -0.119, 0.891], [0.197, -0.197, 0.024]]
).get_primitive_structure()


def _strained(structure: Structure, strain: float) -> Structure:
    return Structure(structure.lattice.matrix * (1 + strain), structure.species, structure.frac_coords)


def _packed(*structures: Structure) -> Crystals:
    return pack(structures, [str(number) for number in range(len(structures))], [0.0] * len(structures), "some")


def test_a_supercell_in_another_order_is_a_near_copy() -> None:
    double = _ALPHA.copy()
    double.make_supercell([[1, 1, 0], [0, 1, 0], [0, 0, 2]])
    shuffled = Structure.from_sites([double[k] for k in np.random.default_rng(0).permutation(len(double))])
    assert near_copies(_packed(_ALPHA, shuffled)).tolist() == [[0, 1]]


def test_near_copies_differ_by_two_hundredths_of_an_angstrom_at_most() -> None:
    # The distances of the 12 nearest neighbors have a root mean square of 2.345 angstrom, so 0.02 are 0.85 % of them.
    crystals = _packed(_ALPHA, _strained(_ALPHA, 0.0080), _strained(_ALPHA, -0.0090))
    assert near_copies(crystals).tolist() == [[0, 1]]


def test_a_family_holds_the_near_copies_of_near_copies_and_nothing_else() -> None:
    graphite_like = Structure(Lattice.hexagonal(2.94, 8), ["B", "B"], [[1 / 3, 2 / 3, 0.5], [2 / 3, 1 / 3, 0.5]])
    crystals = _packed(_ALPHA, graphite_like, _strained(_ALPHA, 0.014), _strained(_ALPHA, 0.007))
    assert families(crystals).tolist() == [0, 1, 0, 0]


def test_moved_sites_make_another_crystal_though_the_mean_distances_agree() -> None:
    moved = _ALPHA.copy()
    moved.perturb(0.1, seed=0)
    assert near_copies(_packed(_ALPHA, moved)).shape == (0, 2)


def test_the_parts_hold_whole_families() -> None:
    sizes = [0.9, 1, 1.1, 1.2, 1.3, 1.4]
    crystals = _packed(*(_strained(_ALPHA, size - 1 + strain) for size in sizes for strain in (0, 0.001, 0.002)))
    parts = parts_by_family(crystals, 9, 3).reshape(-1, 3)
    assert (parts == parts[:, :1]).all()
    assert np.bincount(parts[:, 0]).tolist() == [3, 1, 2]


def test_no_pair_of_different_crystals_gives_families_of_one() -> None:
    assert near_copies(_packed(_ALPHA, _strained(_ALPHA, 0.1))).shape == (0, 2)
    assert families(_packed(_ALPHA, _strained(_ALPHA, 0.1))).tolist() == [0, 1]


@pytest.fixture(scope="module")
def by_family() -> Crystals:
    """Return the public set with its split by family."""
    return datasets.load("boron-by-family")


@pytest.mark.public
def test_no_near_copy_of_a_test_structure_is_in_training(by_family: Crystals) -> None:
    assert by_family.parts is not None
    pairs = near_copies(by_family)
    assert len(pairs) == 2214
    assert np.array_equal(by_family.parts[pairs[:, 0]], by_family.parts[pairs[:, 1]])


@pytest.mark.public
def test_the_split_by_family_has_the_sizes_of_the_random_split_and_the_same_crystals(by_family: Crystals) -> None:
    split = make_split(by_family, paper_config("boron-by-family"))
    assert [len(part) for part in (split.train, split.validation, split.test)] == [3038, 1000, 1012]
    boron = datasets.load("boron")
    assert by_family.ids == boron.ids
    assert np.array_equal(by_family.targets, boron.targets)


@pytest.mark.public
def test_the_names_of_the_records_hold_no_families(by_family: Crystals) -> None:
    assert len({re.sub(r"-shake-\d+$", "", name) for name in by_family.ids}) == len(by_family)


@pytest.mark.slow
@pytest.mark.public
def test_pymatgen_finds_near_copies_to_be_the_same_structure(by_family: Crystals) -> None:
    pairs = near_copies(by_family)
    some = pairs[np.random.default_rng(0).permutation(len(pairs))[:100]]
    matcher = StructureMatcher(ltol=0.1, stol=0.1, angle_tol=3, scale=False)
    same = [matcher.fit(by_family.structure(one), by_family.structure(other)) for one, other in some]
    assert np.mean(same) > 0.9
