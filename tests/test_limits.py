"""Crystals with absurd numbers are refused in one line, with the number and its bound, before anything takes long."""

from __future__ import annotations

import dataclasses
import time

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

from cgcnn.data.crystals import Crystals, pack
from cgcnn.data.limits import MOST_SITES, check_limits, surely_within_limits
from cgcnn.data.plausibility import measure
from cgcnn.errors import DataError
from cgcnn.graphs.crystal_graphs import build
from cgcnn.graphs.neighbors import nearest_neighbors

#: No crystal takes longer than this, in seconds of the processor.
LONGEST = 5.0


def by_hand(lattice: np.ndarray, coordinates: np.ndarray | None = None) -> Crystals:
    """Return a crystal of sodium that no reader has checked."""
    sites = np.zeros((1, 3)) if coordinates is None else np.asarray(coordinates, dtype=np.float64)
    numbers = np.full(len(sites), 11, dtype=np.uint8)
    return Crystals("some", "x", "", ("x",), lattice[None], np.array([0, len(sites)]), numbers, sites, np.zeros(1))


def cell(*parameters: float) -> np.ndarray:
    matrix: np.ndarray = Lattice.from_parameters(*parameters).matrix
    return matrix


@pytest.mark.parametrize(
    ("lattice", "problem"),
    [
        pytest.param(
            np.eye(3) * 340, r"39,304,000 cubic angstrom per atom.* more than 100,000; .*in picometers", id="picometers"
        ),
        pytest.param(
            np.eye(3) * 0.34, r"0\.0393 cubic angstrom per atom.* less than 0\.2; .*in nanometers", id="nanometers"
        ),
        pytest.param(
            np.diag([3.4, 3.4, 34000.0]),
            r"393,040 cubic angstrom per atom.*; .*decimal point",
            id="a lost decimal point",
        ),
        pytest.param(np.eye(3) * 1e6, r"1e\+18 cubic angstrom per atom.* more than 100,000", id="0.1 millimeters"),
        pytest.param(np.eye(3) * 1e308, "cubic angstrom per atom.* more than 100,000", id="a number that overflows"),
        pytest.param(
            np.diag([1e6, 1e-3, 1]), "a lattice vector of 1,000,000 angstrom; none is longer than 10,000", id="long"
        ),
        pytest.param(
            np.diag([0.05, 10, 10]), r"a lattice vector of 0\.05 angstrom; none is shorter than 0\.1", id="short"
        ),
        pytest.param(np.diag([1, 1, 2e-6]), "2e-06 cubic angstrom per atom.* less than 0.2", id="hardly any volume"),
        pytest.param(np.diag([3.0, 3, 0]), "its cell has no volume", id="no volume"),
        pytest.param(cell(3, 3, 3, 90, 90, 0.01), r"0\.00471 cubic angstrom per atom", id="an angle of 0.01 degrees"),
        pytest.param(np.eye(3) * np.nan, "not a finite number", id="no number"),
    ],
)
def test_a_cell_that_no_solid_or_gas_has_is_refused_with_the_number_and_the_bound(
    lattice: np.ndarray, problem: str
) -> None:
    for use in (build, measure):
        with pytest.raises(DataError, match=rf"^some: crystal 'x': .*{problem}") as refused:
            use(by_hand(lattice))
        assert "\n" not in str(refused.value)


def test_structures_of_pymatgen_are_refused_by_name() -> None:
    with pytest.raises(DataError, match=r"^mine: crystal 'a': 0\.108 cubic angstrom per atom.*less than 0\.2"):
        pack([Structure(Lattice.cubic(0.6), ["Na", "Cl"], [[0.0, 0, 0], [0.5, 0.5, 0.5]])], ["a"], [0.0], "mine")


@pytest.mark.parametrize(
    ("coordinates", "problem"),
    [
        (np.array([[1e300, 0, 0]]), r"a fractional coordinate is 1e\+300 in size, where none is beyond 1e\+06"),
        (np.zeros((MOST_SITES + 1, 3)), "20,001 sites; at most 20,000 are read"),
        (np.empty((0, 3)), "no sites"),
    ],
)
def test_sites_that_no_crystal_has_are_refused(coordinates: np.ndarray, problem: str) -> None:
    with pytest.raises(DataError, match=problem):
        check_limits(np.eye(3) * 10, coordinates, "x")


def test_the_check_of_a_whole_set_accepts_those_crystals_that_the_check_of_one_accepts() -> None:
    rng = np.random.default_rng(0)
    n_sites = rng.integers(1, 4, 2000)
    # Lengths from 0.03 to 30,000 angstrom, so that each bound is passed by some, and some numbers that are none.
    lattices = np.sign(rng.normal(size=(2000, 3, 3))) * 10 ** rng.uniform(-1.5, 4.5, (2000, 3, 3))
    lattices[::2] = np.sqrt(np.abs(lattices[::2]))
    coordinates = rng.uniform(0, 1, (n_sites.sum(), 3)) * 10 ** rng.choice([0, 5.9, 6.1], (n_sites.sum(), 1))
    lattices[0], lattices[1], coordinates[5, 2] = 1e308, np.inf, np.nan
    accepted = surely_within_limits(lattices, coordinates, n_sites)
    ends = np.cumsum(n_sites)
    for crystal in range(2000):
        own = coordinates[ends[crystal] - n_sites[crystal] : ends[crystal]]
        if accepted[crystal]:
            check_limits(lattices[crystal], own, "x")
        else:
            with pytest.raises(DataError):
                check_limits(lattices[crystal], own, "x")
    assert 100 < accepted.sum() < 1900
    assert not surely_within_limits(lattices[:2], np.zeros((1, 3)), np.array([1, 0])).any()


@pytest.mark.parametrize(
    ("structure", "volume"),
    [
        # Cs-IV at 500 GPa: McMahon and Ceperley 2011, doi 10.1103/PhysRevLett.106.165302.
        (Structure.from_spacegroup("I4_1/amd", Lattice.tetragonal(1.205, 3.21), ["H"], [[0, 0, 0]]), 1.165),
        (Structure(Lattice.cubic(30), ["He"], [[0, 0, 0]]), 27_000),
        (Structure(Lattice.cubic(34.5), ["Ar"], [[0, 0, 0]]), 41_064),  # an ideal gas at 25 degrees Celsius and 1 bar
    ],
)
def test_the_densest_and_the_lightest_matter_has_graphs(structure: Structure, volume: float) -> None:
    assert structure.volume / len(structure) == pytest.approx(volume, rel=1e-3)
    graphs = build(pack([structure], ["x"], [0.0], "some"))
    assert np.isfinite(graphs.distances).all()
    np.testing.assert_allclose(np.add.reduceat(graphs.weights, graphs.edge_offsets[:-1]), 12, rtol=1e-6)


SKEWED = {
    "an angle of 0.1 degrees": (cell(3000, 3000, 3, 90, 90, 0.1), cell(3000, 5.236, 3, 90, 90, 90.05)),
    "a needle along the diagonal": (
        np.array([[3000.0, 3000, 3000], [3, -3, 0], [0, 3, -3]]),
        cell(3 * 2**0.5, 3 * 2**0.5, 3000 * 3**0.5, 90, 90, 120),
    ),
}


@pytest.mark.parametrize("name", SKEWED)
def test_a_skewed_cell_has_the_neighbors_of_the_same_crystal_in_a_usual_cell(name: str) -> None:
    began = time.process_time()
    found, expected = (nearest_neighbors(by_hand(lattice), 12, 1e-3) for lattice in SKEWED[name])
    assert time.process_time() - began < LONGEST
    np.testing.assert_allclose(np.sort(found.distances), np.sort(expected.distances), atol=1e-3)


def grid(n_per_edge: int, step: float, edge: float) -> np.ndarray:
    """Return the fractional coordinates of sites on a cubic grid in one corner of a cubic cell."""
    places = np.arange(n_per_edge) * step / edge
    return np.stack(np.meshgrid(places, places, places), axis=-1).reshape(-1, 3)


@pytest.mark.parametrize(
    ("lattice", "coordinates", "problem"),
    [
        pytest.param(np.diag([5000.0, 5000, 3]), np.linspace(0, 0.9, 999)[:, None] * [1, 1, 0], "cell of", id="sheet"),
        pytest.param(
            np.eye(3) * 250, np.vstack([grid(12, 2.5, 250), [[0.6, 0.6, 0.6]]]), "pairs of sites", id="a lone atom"
        ),
        pytest.param(np.eye(3) * 30, grid(16, 0.2, 30), "pairs of sites", id="a cluster"),
        pytest.param(np.eye(3) * 450, np.random.default_rng(0).random((950, 3)), "cell of 450 x 450 x 450", id="gas"),
    ],
)
def test_what_would_take_too_long_is_refused_by_name_before_it_is_searched(
    lattice: np.ndarray, coordinates: np.ndarray, problem: str
) -> None:
    began = time.process_time()
    with pytest.raises(DataError, match=rf"^some: crystal 'x': .*{problem}"):
        build(by_hand(lattice, coordinates))
    assert time.process_time() - began < LONGEST


def test_two_hundred_neighbors_of_a_lone_atom_are_found_and_no_radius_beyond_is_searched() -> None:
    gas = by_hand(np.eye(3) * 46)
    assert nearest_neighbors(gas, 200, 1e-3).weights.sum() == pytest.approx(200)
    clusters = by_hand(np.eye(3) * 215, grid(5, 2.5, 215)[:100])
    with pytest.raises(DataError, match=r"crystal 'x': a site has too few neighbors within 200 angstrom"):
        nearest_neighbors(clusters, 200, 1e-3)


@pytest.mark.parametrize(("n_neighbors", "tolerance"), [(10**9, 1e-3), (0, 1e-3), (12, np.nan), (12, 0.0), (12, 1e400)])
def test_a_search_for_an_absurd_number_of_neighbors_or_tolerance_is_refused(n_neighbors: int, tolerance: float) -> None:
    with pytest.raises(DataError, match=r"(n_neighbors|tolerance)=\S+: (must be|not a number)"):
        build(by_hand(np.eye(3) * 4), n_neighbors, tolerance)


def test_neighbors_do_not_depend_on_the_crystals_beside_them(few: Crystals) -> None:
    # The second crystal needs a larger radius than the first; both are as if each were alone.
    two = few.select([0, 1])
    two = dataclasses.replace(two, lattices=two.lattices * np.array([1.0, 3.0])[:, None, None])
    together = nearest_neighbors(two, 12, 1e-3)
    apart = [nearest_neighbors(two.select([index]), 12, 1e-3) for index in range(2)]
    assert together.distances.tolist() == [*apart[0].distances.tolist(), *apart[1].distances.tolist()]
    assert together.weights.tolist() == [*apart[0].weights.tolist(), *apart[1].weights.tolist()]
