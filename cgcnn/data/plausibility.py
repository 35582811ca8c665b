"""Measure cells, and name those that are odd: atoms within each other, atoms alone, densities out of range.

What no solid or gas has is refused by :mod:`cgcnn.data.limits` before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pymatgen.core import Element
from tqdm import tqdm

from cgcnn.data.crystals import ELEMENT_SYMBOLS, Crystals
from cgcnn.data.limits import check_limits
from cgcnn.data.pair_search import PairSearch

#: No two atoms of a crystal are nearer than this, in angstrom: the shortest bond, H-H, is 0.74 angstrom long.
NEAREST = 0.5
#: No atom of a crystal is alone within this radius, in angstrom. Neighbors in metallic cesium, the widest of the
#: elements, are 5.3 angstrom apart.
FARTHEST = 6.0
#: Densities in g/cm3. Osmium has 22.6; the lightest frameworks have 0.1, and solid hydrogen has 0.09.
DENSITIES = (0.05, 30.0)
# Atomic mass units per cubic angstrom in g/cm3 (CODATA 2022).
_AMU_PER_A3 = 1.66053906892
# The first radius in which neighbors are searched; most bonds are shorter.
_FIRST_RADIUS = 3.5
_MASSES = np.array([0.0, *(float(Element.from_Z(z).atomic_mass) for z in range(1, 119))])


@dataclass(frozen=True)
class Cells:
    """What was measured of n crystals.

    Attributes:
        nearest: (n,) The distance of the two nearest sites, in angstrom.
        loneliest: (n,) The distance from its nearest neighbor of the site that has it farthest, in angstrom; infinite
            where a site has none within ``FARTHEST``.
        mean_nearest: (n,) The mean over sites of the distance of the nearest neighbor within ``FARTHEST``, in angstrom.
        volumes: (n,) The volume per site, in cubic angstrom.
        densities: (n,) The density, in g/cm3.
    """

    nearest: np.ndarray
    loneliest: np.ndarray
    mean_nearest: np.ndarray
    volumes: np.ndarray
    densities: np.ndarray


def measure(crystals: Crystals) -> Cells:
    """Measure all cells, with a progress bar where the output is a terminal.

    Args:
        crystals: n crystals.

    Raises:
        DataError: A crystal has a number out of its bounds (:mod:`cgcnn.data.limits`).
    """
    n = len(crystals)
    distances = [
        _nearest(crystals, crystal) for crystal in tqdm(range(n), "measure cells", unit="crystal", disable=None)
    ]
    masses = [_MASSES[crystals.atomic_numbers[crystals.sites(crystal)]].sum() for crystal in range(n)]
    volumes = np.abs(np.linalg.det(crystals.lattices)).reshape(n)
    return Cells(
        nearest=np.array([each.min() for each in distances]),
        loneliest=np.array([each.max() for each in distances]),
        mean_nearest=np.array([np.minimum(each, FARTHEST).mean() for each in distances]),
        volumes=volumes / np.maximum(crystals.n_sites, 1),
        densities=np.array(masses) * _AMU_PER_A3 / volumes,
    )


def _nearest(crystals: Crystals, crystal: int) -> np.ndarray:
    """Return the distance of the nearest neighbor of each site; infinite where it is farther than ``FARTHEST``."""
    lattice, coordinates = crystals.lattices[crystal], crystals.fractional_coordinates[crystals.sites(crystal)]
    where = f"{crystals.name}: crystal {crystals.ids[crystal]!r}"
    check_limits(lattice, coordinates, where)
    search = PairSearch(lattice, coordinates, where)
    nearest = np.full(len(coordinates), np.inf)
    for radius in (_FIRST_RADIUS, FARTHEST):
        centers, neighbors, images, found = search.within(radius)
        others = (centers != neighbors) | (images != 0).any(axis=1)
        np.minimum.at(nearest, centers[others], found[others])
        if np.isfinite(nearest).all():
            break
    return nearest


def implausible(crystals: Crystals, cells: Cells) -> list[str | None]:
    """Say of each crystal what no crystal has, with the number; None where nothing is wrong.

    Args:
        crystals: n crystals.
        cells: What :func:`measure` returns of them.

    Returns:
        n sentences without the name of the crystal, or None.
    """
    said: list[str | None] = []
    for crystal in range(len(crystals)):
        nearest, loneliest = float(cells.nearest[crystal]), float(cells.loneliest[crystal])
        density = float(cells.densities[crystal])
        sentence = None
        if nearest < NEAREST:
            sentence = f"two sites are {nearest:.2f} angstrom apart, where no atoms are nearer than {NEAREST:g}"
        elif loneliest > FARTHEST:
            symbols = "-".join(sorted(set(ELEMENT_SYMBOLS[crystals.atomic_numbers[crystals.sites(crystal)]])))
            sentence = f"a site of this {symbols} has no neighbor within {FARTHEST:g} angstrom ({density:.3g} g/cm3)"
        elif not DENSITIES[0] <= density <= DENSITIES[1]:
            sentence = f"its density is {density:.3g} g/cm3, which is not from {DENSITIES[0]:g} to {DENSITIES[1]:g}"
        said.append(sentence)
    return said
