"""Make random crystals: skewed triclinic ones without symmetry, and symmetric ones whose neighbors have many ties."""

from __future__ import annotations

import itertools
from random import Random

import numpy as np
from pymatgen.core import Lattice, Structure

# Each is a lattice and the places of its sites, of which the sites of one letter have one element.
_PROTOTYPES: tuple[tuple[str, str, list[list[float]]], ...] = (
    ("cubic", "A", [[0, 0, 0]]),
    ("cubic", "AB", [[0, 0, 0], [0.5, 0.5, 0.5]]),
    ("cubic", "AAAA", [[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]]),
    ("cubic", "ABCCC", [[0, 0, 0], [0.5, 0.5, 0.5], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]]),
    ("hexagonal", "AA", [[1 / 3, 2 / 3, 0.25], [2 / 3, 1 / 3, 0.75]]),
    ("hexagonal", "AABB", [[1 / 3, 2 / 3, 0], [2 / 3, 1 / 3, 0.5], [1 / 3, 2 / 3, 0.375], [2 / 3, 1 / 3, 0.875]]),
    ("rhombohedral", "A", [[0, 0, 0]]),
    ("rhombohedral", "AAB", [[0.1, 0.1, 0.1], [-0.1, -0.1, -0.1], [0.5, 0.5, 0.5]]),
    ("tetragonal", "ABB", [[0, 0, 0], [0.3, 0.3, 0.5], [0.7, 0.7, 0.5]]),
)
_ELEMENTS = ("H", "Li", "O", "Na", "Al", "Si", "Ti", "Cu", "Sr", "Cs", "Pb", "U")


def random_crystal(rng: Random) -> Structure:
    """Return a random crystal with 1 to 8 sites, none of which are nearer than 0.7 angstrom.

    Args:
        rng: What makes all choices.
    """
    structure = _symmetric(rng) if rng.random() < 0.4 else _triclinic(rng)
    if rng.random() < 0.5:
        structure = _skewed(structure, rng)
    return structure


def _symmetric(rng: Random) -> Structure:
    system, letters, places = rng.choice(_PROTOTYPES)
    a, c = rng.uniform(2.5, 6), rng.uniform(2.5, 8)
    lattice = {
        "cubic": Lattice.cubic(a),
        "hexagonal": Lattice.hexagonal(a, c),
        "rhombohedral": Lattice.rhombohedral(a, rng.uniform(50, 110)),
        "tetragonal": Lattice.tetragonal(a, c),
    }[system]
    elements = dict(zip("ABC", rng.sample(_ELEMENTS, 3), strict=True))
    return Structure(lattice, [elements[letter] for letter in letters], places)


def _triclinic(rng: Random) -> Structure:
    """Return a crystal whose sites are apart, or else one site alone."""
    n_sites = rng.randint(1, 8)
    elements = [rng.choice(_ELEMENTS[:6]) for _ in range(n_sites)]
    for _ in range(20):
        shape = np.array([[rng.gauss(0, 1) for _ in range(3)] for _ in range(3)]) + 1.5 * np.eye(3)
        volume = abs(np.linalg.det(shape))
        lattice = Lattice(shape * (n_sites * rng.uniform(8, 40) / max(volume, 1e-3)) ** (1 / 3))
        if min(lattice.abc) < 1 or volume < 0.3 or max(lattice.abc) > 25:
            continue
        structure = Structure(lattice, elements, [[rng.random() for _ in range(3)] for _ in range(n_sites)])
        distances = structure.distance_matrix + 9 * np.eye(n_sites)
        if distances.min() > 0.7:
            return structure
    return Structure(Lattice.cubic(3), elements[:1], [[0.25, 0.5, 0.75]])


def _skewed(structure: Structure, rng: Random) -> Structure:
    """Return the structure in a cell of the same lattice whose vectors are long and nearly parallel."""
    sums = np.eye(3, dtype=np.int64)
    for row, other in itertools.permutations(range(3), 2):
        sums[row] += rng.choice((-1, 0, 0, 1)) * sums[other]
    return Structure(
        Lattice(sums @ structure.lattice.matrix), structure.species, structure.frac_coords @ np.linalg.inv(sums)
    )


def literal_neighbors(structure: Structure, n_neighbors: int, tolerance: float) -> list[list[tuple[int, float, float]]]:
    """Return the neighbors of each site by going through all images, as slowly and literally as the definition.

    Args:
        structure: The crystal.
        n_neighbors: The number of nearest neighbors, to which the weights of a site sum.
        tolerance: Distances that differ from the n-th by this or less are tied with it, in angstrom.

    Returns:
        For each site its neighbors as (site, distance, weight), sorted.
    """
    matrix, places = structure.lattice.matrix, structure.frac_coords
    heights = 1 / np.linalg.norm(np.linalg.inv(matrix), axis=0)
    radius = 5.0
    while True:
        # Every image within the radius of a site in the cell is among these.
        spread = np.abs(places[:, None] - places[None]).max(axis=(0, 1))
        reach = np.ceil(radius / heights + spread).astype(int)
        images = np.array(list(itertools.product(*(range(-n, n + 1) for n in reach))))
        table = []
        for center in range(len(structure)):
            found = []
            for neighbor in range(len(structure)):
                lengths = np.linalg.norm((places[neighbor] + images - places[center]) @ matrix, axis=1)
                found += [(neighbor, float(length)) for length in lengths if 1e-6 < length <= radius]
            found.sort(key=lambda pair: pair[1])
            table.append(found)
        if all(len(found) >= n_neighbors and found[n_neighbors - 1][1] + tolerance < radius for found in table):
            return [_weighted(found, n_neighbors, tolerance) for found in table]
        radius *= 1.4


def _weighted(found: list[tuple[int, float]], n_neighbors: int, tolerance: float) -> list[tuple[int, float, float]]:
    last = found[n_neighbors - 1][1]
    nearer = [pair for pair in found if pair[1] < last - tolerance]
    tied = [pair for pair in found if abs(pair[1] - last) <= tolerance]
    share = (n_neighbors - len(nearer)) / len(tied)
    return sorted([(*pair, 1.0) for pair in nearer] + [(*pair, share) for pair in tied])
