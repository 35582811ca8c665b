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
