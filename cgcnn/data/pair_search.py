"""Find all pairs of sites within a radius, and refuse before the search what would take too long or too much memory."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from typing import TypeAlias

import numpy as np
from pymatgen.core import Lattice
from pymatgen.optimization.neighbors import find_points_in_spheres
from scipy.spatial import cKDTree

from cgcnn.errors import DataError

#: The largest radius in angstrom. In a gas of single atoms at the lowest density that is read, 200 neighbors lie within
#: 170 angstrom.
LARGEST_RADIUS = 200.0
#: The largest number of pairs of one crystal, which take about 200 bytes each. Crystals of the public sets have up to
#: 20,000 within 4.5 angstrom.
MOST_PAIRS = 3_000_000
# The search visits every image of every site in a block of cells, and sorts them into cubes of the size of the radius.
# So many visits take 0.15 seconds, and so many cubes 300 MB. Within 6.5 angstrom, crystals of the public sets have up
# to 11,466 visits; within 4.5 angstrom, they have up to 480 cubes.
_MOST_VISITS, _MOST_CUBES = 30_000_000, 1_000_000
_PERIODIC = np.ones(3, dtype=np.int64)
# What the search adds to the radius before it counts the images.
_MARGIN = 0.15
_WAY_OUT = "repair the lattice vectors, or give a smaller cell"

#: The indices of the centers and of the neighbors, the images of the neighbors, and the distances in angstrom.
Pairs: TypeAlias = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


class PairSearch:
    """The search in one crystal. A cell so skewed that the search would take long is searched in another setting.

    Args:
        lattice: (3, 3) The lattice vectors as rows, in angstrom.
        coordinates: (s, 3) The fractional coordinates of the sites.
        where: The name of the crystal, with which messages begin.
    """

    def __init__(self, lattice: np.ndarray, coordinates: np.ndarray, where: str) -> None:
        self._setting = _Setting(lattice, coordinates)
        self._where = where

    def within(self, radius: float, centers: np.ndarray | None = None) -> Pairs:
        """Return all pairs of a center and a neighbor within a radius, each site with itself among them.

        Args:
            radius: The radius in angstrom.
            centers: (k,) The indices of the sites that are centers; the result has the places in this list. None takes
                all sites.

        Raises:
            DataError: The radius is beyond :data:`LARGEST_RADIUS`, there are more pairs than :data:`MOST_PAIRS`, or the
                cell is so large or thin that the search would take long. The message names the crystal.
        """
        if radius > LARGEST_RADIUS:
            raise DataError(
                f"{self._where}: a site has too few neighbors within {LARGEST_RADIUS:g} angstrom, the largest radius "
                "that is searched",
                "repair the lattice vectors, or ask for fewer neighbors",
            )
        setting = self._setting_for(radius)
        every = np.arange(len(setting.positions)) if centers is None else centers
        self._refuse_too_many(setting, radius, every)
        found: Pairs = find_points_in_spheres(
            setting.positions,
            np.ascontiguousarray(setting.positions[every]),
            r=radius,
            pbc=_PERIODIC,
            lattice=setting.lattice,
            tol=1e-8,
        )
        return found

    def vectors(self, radius: float, centers: np.ndarray, neighbors: np.ndarray, images: np.ndarray) -> np.ndarray:
        """Return the vectors from centers to neighbors, (k, 3) in angstrom.

        All vectors of one radius are turned alike. Those of two radii need not be, where the cell is skewed.

        Args:
            radius: The radius within which the pairs were searched, in angstrom.
            centers: (k,) The indices of the sites that are centers.
            neighbors: (k,) The indices of the sites that are neighbors.
            images: (k, 3) The images of the neighbors, as :meth:`PairSearch.within` returned them.
        """
        setting = self._setting_for(radius)
        found: np.ndarray = setting.positions[neighbors] + images @ setting.lattice - setting.positions[centers]
        return found

    def _setting_for(self, radius: float) -> _Setting:
        return self._setting if self._setting.fits(radius) else self._other_setting(radius)

    def _other_setting(self, radius: float) -> _Setting:
        setting = self._setting.reduced
        if not setting.fits(radius):
            edges = " x ".join(f"{length:.3g}" for length in np.linalg.norm(setting.lattice, axis=1))
            raise DataError(
                f"{self._where}: its cell of {edges} angstrom is too large or too thin to be searched within "
                f"{radius:g} angstrom",
                _WAY_OUT,
            )
        return setting

    def _refuse_too_many(self, setting: _Setting, radius: float, centers: np.ndarray) -> None:
        n_pairs: float = setting.n_images(radius) * len(setting.positions) * len(centers)
        if n_pairs > MOST_PAIRS:
            n_pairs = self._setting.reduced.estimated_pairs(radius, centers)
        if n_pairs > MOST_PAIRS:
            raise DataError(
                f"{self._where}: about {n_pairs:,.0f} pairs of sites are within {radius:g} angstrom; at most "
                f"{MOST_PAIRS:,} are searched",
                _WAY_OUT,
            )


def _heights(lattice: Sequence[Sequence[float]]) -> list[float]:
    """Return the distances between opposite faces of a cell, in angstrom: its volume by the area of each face."""
    heights = []
    for number in range(3):
        first, second = lattice[(number + 1) % 3], lattice[(number + 2) % 3]
        face = [first[(i + 1) % 3] * second[(i + 2) % 3] - first[(i + 2) % 3] * second[(i + 1) % 3] for i in range(3)]
        across = sum(a * b for a, b in zip(lattice[number], face, strict=True))
        heights.append(abs(across) / math.hypot(*face))
    return heights


class _Setting:
    """A choice of lattice vectors, with all sites inside the cell: moving one by a vector changes no distance."""

    def __init__(self, lattice: np.ndarray, coordinates: np.ndarray) -> None:
        self.lattice = np.ascontiguousarray(lattice, dtype=np.float64)
        self.fractional = np.asarray(coordinates) - np.floor(coordinates)
        self.positions = np.ascontiguousarray(self.fractional @ self.lattice)
        self.heights = _heights(self.lattice.tolist())

    def n_images(self, radius: float) -> int:
        """Return the number of cells whose sites the search visits."""
        return math.prod(2 * math.ceil((radius + _MARGIN) / height) + 1 for height in self.heights)

    def fits(self, radius: float) -> bool:
        """Return whether the search takes neither long nor much memory, besides that for the pairs."""
        if self.n_images(radius) * len(self.positions) > _MOST_VISITS:
            return False
        # The sites take no more room than the cell, which is soon told for the usual cells.
        longest = float(np.abs(self.lattice).sum())
        return (
            math.ceil(longest / radius + 2) ** 3 <= _MOST_CUBES
            or math.prod(math.ceil(extent / radius + 2) for extent in np.ptp(self.positions, axis=0)) <= _MOST_CUBES
        )

    def estimated_pairs(self, radius: float, centers: np.ndarray) -> float:
        """Return about how many pairs of a center and a site or an image are within a radius."""
        in_cell = float(cKDTree(self.positions[centers]).count_neighbors(cKDTree(self.positions), radius))
        # Each pair in the cell stands for one with every image that is near enough: about half of those in the box.
        clustered = in_cell * math.prod(max(2 * radius / height, 1) for height in self.heights) / 2
        volume = abs(float(np.linalg.det(self.lattice)))
        even = len(self.positions) * len(centers) * 4 / 3 * math.pi * radius**3 / volume
        return max(clustered, even)

    @cached_property
    def reduced(self) -> _Setting:
        """The setting with short lattice vectors, turned so that the first is along x and the second in the plane.

        Source: Lenstra, Lenstra and Lovasz 1982, doi 10.1007/BF01457454, as pymatgen has it.
        """
        shortest = Lattice(self.lattice).get_lll_reduced_lattice().matrix
        change = np.rint(shortest @ np.linalg.inv(self.lattice))
        _, upper = np.linalg.qr((change @ self.lattice).T)
        return _Setting(upper.T, self.fractional @ np.rint(np.linalg.inv(change)))
