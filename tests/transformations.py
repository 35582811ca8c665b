"""The same crystal written in other ways, for tests of invariance."""

from __future__ import annotations

import numpy as np
from pymatgen.core import Lattice, Structure
from scipy.spatial.transform import Rotation


def permuted(structure: Structure, seed: int) -> Structure:
    """Return the structure with its sites in another order."""
    order = np.random.default_rng(seed).permutation(len(structure))
    return Structure.from_sites([structure[i] for i in order])


def rotated(structure: Structure, seed: int) -> Structure:
    """Return the structure turned as a whole."""
    turn = Rotation.random(random_state=seed).as_matrix()
    return Structure(Lattice(structure.lattice.matrix @ turn.T), structure.species, structure.frac_coords)


def translated(structure: Structure, seed: int) -> Structure:
    """Return the structure with its origin elsewhere."""
    shift = np.random.default_rng(seed).uniform(-2, 2, 3)
    return Structure(structure.lattice, structure.species, structure.frac_coords + shift)


def supercell(structure: Structure, seed: int) -> Structure:
    """Return a supercell, sheared so that its lattice is another one too."""
    scaling = [[[2, 0, 0], [0, 1, 0], [0, 0, 1]], [[1, 1, 0], [0, 2, 0], [1, 0, 2]], [[2, 1, 0], [0, 1, 0], [0, 1, 2]]]
    return structure.make_supercell(scaling[seed % 3], in_place=False)


def reflected(structure: Structure, seed: int) -> Structure:
    """Return the mirror image of the structure, and turn it as a whole."""
    mirror = Rotation.random(random_state=seed).as_matrix() @ np.diag([1, 1, -1])
    return Structure(Lattice(structure.lattice.matrix @ mirror.T), structure.species, structure.frac_coords)


def in_another_cell(structure: Structure, seed: int) -> Structure:
    """Return the structure in another cell of the same lattice: its vectors are sums of the former ones."""
    rng = np.random.default_rng(seed)
    sums = np.eye(3, dtype=np.int64)
    for _ in range(3):
        row, other = rng.choice(3, 2, replace=False)
        sums[row] += rng.choice((-1, 1)) * sums[other]
    lattice = Lattice(sums @ structure.lattice.matrix)
    return Structure(lattice, structure.species, structure.frac_coords @ np.linalg.inv(sums))


def wrapped_elsewhere(structure: Structure, seed: int) -> Structure:
    """Return the structure with whole numbers added to its coordinates, so that its sites lie in other cells."""
    moves = np.random.default_rng(seed).integers(-3, 4, (len(structure), 3))
    return Structure(structure.lattice, structure.species, structure.frac_coords + moves)


def reduced(structure: Structure, seed: int) -> Structure:
    """Return the structure in the Niggli cell of its lattice."""
    return structure.get_reduced_structure("niggli")


#: All ways in which the same crystal can be written.
REWRITINGS = (
    permuted,
    rotated,
    reflected,
    translated,
    supercell,
    in_another_cell,
    wrapped_elsewhere,
    reduced,
)
