"""Crystals with absurd numbers: each is refused, or has a finite prediction, within ten seconds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from cgcnn.analysis.prediction import predict
from cgcnn.data.crystals import Crystals
from cgcnn.data.plausibility import implausible, measure
from cgcnn.errors import DataError
from cgcnn.graphs.crystal_graphs import build
from cgcnn.training.store import load_run
from tests.trust.record import record_fault

N_CRYSTALS = 3000
LONGEST = 10.0
#: A lattice and fractional coordinates.
Made = tuple[np.ndarray, np.ndarray]


def lengths(rng: np.random.Generator) -> Made:
    """Lengths from 0.001 angstrom to the largest numbers, of which one, two or all three are absurd."""
    highest = rng.choice([1.5, 4.0, 308.0])
    edges = 10 ** rng.uniform(-3, highest, 3)
    usual = rng.random(3) < 0.5
    edges[usual] = rng.uniform(2, 12, usual.sum())
    return np.diag(edges), rng.random((int(rng.integers(1, 9)), 3))


def angles(rng: np.random.Generator) -> Made:
    """Two or three lattice vectors that are nearly parallel, or nearly in one plane."""
    matrix = np.diag(10 ** rng.uniform(0, 4, 3))
    tilt = 10 ** rng.uniform(-8, -0.5)
    matrix[1] = matrix[0] * rng.choice([-1, 1]) * 10 ** rng.uniform(-1, 1) + matrix[1] * tilt
    if rng.random() < 0.5:
        matrix[2] = matrix[0] + matrix[1] * rng.normal() + matrix[2] * 10 ** rng.uniform(-6, 0)
    # Half of them get the number of sites with which the volume per atom is that of a solid.
    n_sites = abs(np.linalg.det(matrix)) / 15 if rng.random() < 0.5 else rng.integers(1, 9)
    return matrix, rng.random((int(np.clip(n_sites, 1, 400)), 3))


def coordinates(rng: np.random.Generator) -> Made:
    """Coordinates of any size, and some that are no numbers."""
    places = rng.random((int(rng.integers(1, 9)), 3))
    chosen = rng.random(places.shape) < 0.3
    places[chosen] = rng.choice([-1, 1], chosen.sum()) * 10 ** rng.uniform(-300, rng.choice([3, 10, 300]), chosen.sum())
    if rng.random() < 0.2:
        places[0, 0] = rng.choice([np.nan, np.inf, -np.inf])
    return np.diag(rng.uniform(3, 8, 3)), places


def line(rng: np.random.Generator) -> Made:
    """Hundreds of sites on a line, in a plane or in a cluster, with space around them or not; one may be alone."""
    n_sites, edges = int(rng.integers(100, 900)), 10 ** rng.uniform(0.5, 2.7, 3)
    places = np.zeros((n_sites, 3))
    n_axes = int(rng.integers(1, 4))
    places[:, :n_axes] = rng.random((n_sites, n_axes)) * rng.choice([1.0, 0.1])
    if rng.random() < 0.5:
        places[:, 0] = np.arange(n_sites) / n_sites
    if rng.random() < 0.3:
        places[-1] = 0.6
    return np.diag(edges), places


def scaled(crystals: Crystals) -> Callable[[np.random.Generator], Made]:
    """Real crystals of which all lengths, or one of them, are multiplied by a power of ten."""

    def make(rng: np.random.Generator) -> Made:
        index = int(rng.integers(len(crystals)))
        factors = np.full(3, 10.0 ** rng.integers(-5, 6))
        if rng.random() < 0.5:
            factors[rng.permutation(3)[:2]] = 1
        return crystals.lattices[index] * factors[:, None], crystals.fractional_coordinates[crystals.sites(index)]

    return make


def made(embedded: Crystals) -> Iterator[Crystals]:
    rng = np.random.default_rng(17)
    makers = (lengths, angles, coordinates, line, scaled(embedded))
    with np.errstate(over="ignore", invalid="ignore"):  # the numbers are meant to be absurd
        for number in range(N_CRYSTALS):
            matrix, places = makers[number % len(makers)](rng)
            atoms = rng.choice([8, 11, 14, 17, 26], len(places)).astype(np.uint8)
            yield Crystals(
                "absurd", "x", "", (f"c{number}",), matrix[None], np.array([0, len(places)]), atoms, places, np.zeros(1)
            )


@pytest.mark.trust
def test_an_absurd_crystal_is_refused_or_has_a_finite_prediction(embedded: Crystals) -> None:
    run = load_run("materials_project")
    began, wrong, refused, slowest = time.monotonic(), [], 0, 0.0
    for crystals in made(embedded):
        start = time.process_time()
        try:
            graphs = build(crystals)
            energies = predict(run, crystals, "cpu")
            implausible(crystals, measure(crystals))
            if not all(np.isfinite(each).all() for each in (graphs.distances, graphs.weights, energies)):
                wrong.append(f"{crystals.ids[0]}: not finite")
        except DataError as error:
            refused += 1
            if "\n" in str(error) or crystals.ids[0] not in str(error):
                wrong.append(f"{crystals.ids[0]}: {error}")
        except Exception as error:  # whatever it is, it is counted
            wrong.append(f"{crystals.ids[0]}: {type(error).__name__}: {error}")
        slowest = max(slowest, time.process_time() - start)
        if time.process_time() - start > LONGEST:
            wrong.append(f"{crystals.ids[0]}: {time.process_time() - start:.1f} s")
    record_fault(
        "an absurd number in a crystal",
        N_CRYSTALS,
        len(wrong),
        "The crystal is refused in one line that names it, or has a finite prediction, within ten seconds. "
        f"{refused:,} were refused here, and the slowest took {slowest:.1f} seconds.",
        time.monotonic() - began,
    )
    assert 0.2 * N_CRYSTALS < refused < 0.9 * N_CRYSTALS
    assert wrong == []
