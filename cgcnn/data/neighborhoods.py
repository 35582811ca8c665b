"""The atoms around chosen sites, periodic images included, packed into a few arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cgcnn.data.crystals import Crystals
from cgcnn.data.pair_search import PairSearch

#: The radius of a neighborhood where no other is given, in angstrom.
RADIUS = 4.0
_NOTHING = (np.empty(0, np.uint8), np.empty((0, 3)), np.empty(0))


@dataclass(frozen=True)
class Neighborhoods:
    """The atoms within a radius of n sites, a in all.

    Attributes:
        offsets: (n + 1,) int64; site s has the atoms ``offsets[s]:offsets[s + 1]``. The first of them is the site
            itself, and the others follow by their distance.
        atomic_numbers: (a,) uint8, the element of each atom.
        vectors: (a, 3) float64, from the site to the atom, in angstrom.
        nearest: (a,) float64, the distance from each atom to its own nearest neighbor in the crystal, in angstrom; the
            radius where there is none within it.
        radius: The radius in angstrom.
    """

    offsets: np.ndarray
    atomic_numbers: np.ndarray
    vectors: np.ndarray
    nearest: np.ndarray
    radius: float

    def __len__(self) -> int:
        return len(self.offsets) - 1


def neighborhoods(crystals: Crystals, sites: pd.DataFrame, radius: float = RADIUS) -> Neighborhoods:
    """Return all atoms within a radius of sites, however many cells they reach into.

    Args:
        crystals: The crystals.
        sites: One row per site: ``crystal`` (id) and ``site`` (counted from 0 in the crystal).
        radius: The radius in angstrom.

    Returns:
        The neighborhoods in the order of the rows. The vectors around sites of one crystal are in the same axes, which
        are turned against those of the crystal where its cell is skewed.

    Raises:
        DataError: A crystal cannot be searched for neighbors.
        KeyError: A crystal is not in the set.
    """
    places = {crystal: place for place, crystal in enumerate(crystals.ids)}
    found: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = [_NOTHING] * len(sites)
    numbers = sites["site"].to_numpy(np.int64)
    for crystal, rows in sites.reset_index(drop=True).groupby("crystal", sort=False).indices.items():
        for row, atoms in zip(rows, _of_crystal(crystals, places[str(crystal)], numbers[rows], radius), strict=True):
            found[row] = atoms
    elements, vectors, nearest = (
        np.concatenate([_NOTHING[part], *(each[part] for each in found)]) for part in range(3)
    )
    return Neighborhoods(np.cumsum([0, *(len(each[0]) for each in found)]), elements, vectors, nearest, radius)


def join(parts: Sequence[Neighborhoods]) -> Neighborhoods:
    """Return several sets of neighborhoods of one radius as one, in their order.

    Args:
        parts: One set or more.
    """
    return Neighborhoods(
        np.cumsum([0, *np.concatenate([np.diff(part.offsets) for part in parts])]),
        np.concatenate([part.atomic_numbers for part in parts]),
        np.concatenate([part.vectors for part in parts]),
        np.concatenate([part.nearest for part in parts]),
        parts[0].radius,
    )


def _of_crystal(
    crystals: Crystals, crystal: int, sites: np.ndarray, radius: float
) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Return the elements, the vectors and the nearest distances of the atoms around some sites of a crystal."""
    own = crystals.sites(crystal)
    search = PairSearch(crystals.lattices[crystal], crystals.fractional_coordinates[own], crystals.ids[crystal])
    centers, others, images, distances = search.within(radius)
    is_self = (centers == others) & (images == 0).all(axis=1)
    nearest = np.full(own.stop - own.start, radius)
    np.minimum.at(nearest, centers[~is_self], distances[~is_self])
    elements = crystals.atomic_numbers[own]
    found = []
    for site in sites:
        pairs = np.flatnonzero(centers == site)
        pairs = pairs[np.lexsort((others[pairs], distances[pairs].round(6), ~is_self[pairs]))]
        vectors = search.vectors(radius, centers[pairs], others[pairs], images[pairs])
        found.append((elements[others[pairs]], vectors, nearest[others[pairs]]))
    return found
