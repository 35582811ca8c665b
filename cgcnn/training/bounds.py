"""The shortest and longest distances and the volumes of training crystals, and how far others lie beyond them."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Literal

import numpy as np

from cgcnn.graphs.extents import N_ELEMENTS, Extents

#: What is compared: two atoms that are too close, an atom whose nearest neighbor is too far, an atom whose farthest
#: neighbor in the graph is too far or too near, and a crystal with too large or too small a volume per atom.
Kind = Literal["close", "lone", "wide", "narrow", "light", "dense"]


@dataclass(frozen=True)
class Bounds:
    """The bounds of the distances and volumes of training crystals.

    Attributes:
        elements: (m,) uint8, the atomic numbers of the training crystals, ascending.
        nearest: (m,) float32, the longest distance to the nearest neighbor of each element, in angstrom.
        reach: (m, 2) float32, the shortest and the longest distance to the farthest of the neighbors in the graph, of
            each element, in angstrom.
        pairs: (p, 2) uint8, the atomic numbers of each pair of neighbors, the smaller one first.
        shortest: (p,) float16, the shortest distance of each pair in angstrom.
        volumes: (2,) float32, the smallest and the largest volume per atom in cubic angstrom.
    """

    elements: np.ndarray
    nearest: np.ndarray
    reach: np.ndarray
    pairs: np.ndarray
    shortest: np.ndarray
    volumes: np.ndarray

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the arrays by name."""
        return {each.name: getattr(self, each.name) for each in dataclasses.fields(self)}


@dataclass(frozen=True)
class Comparison:
    """Lengths of one kind in crystals, each beside its bound.

    Attributes:
        kind: What is compared.
        crystals: (k,) int64, the crystal of each length.
        lengths: (k,) The lengths in angstrom; for volumes, the edges of cubes of this volume.
        bounds: (k,) The bounds in angstrom.
        ratios: (k,) How far each length lies beyond its bound, as a factor; 1 and less within the bound.
    """

    kind: Kind
    crystals: np.ndarray
    lengths: np.ndarray
    bounds: np.ndarray
    ratios: np.ndarray


def bounds_of(found: Extents) -> Bounds:
    """Return the bounds of the distances and volumes of some crystals.

    Args:
        found: The distances of one or more crystals.
    """
    nearest, farthest_reach = np.zeros(N_ELEMENTS, np.float32), np.zeros(N_ELEMENTS, np.float32)
    nearest_reach = np.full(N_ELEMENTS, np.inf, np.float32)
    shortest = np.full((N_ELEMENTS, N_ELEMENTS), np.inf, np.float32)
    np.maximum.at(nearest, found.elements, found.nearest)
    np.minimum.at(nearest_reach, found.elements, found.reach)
    np.maximum.at(farthest_reach, found.elements, found.reach)
    np.minimum.at(shortest, tuple(found.pairs.T), found.distances)
    elements, pairs = np.unique(found.elements), np.argwhere(np.isfinite(shortest))
    return Bounds(
        elements=elements.astype(np.uint8),
        nearest=nearest[elements],
        reach=np.stack([nearest_reach, farthest_reach], axis=1)[elements],
        pairs=pairs.astype(np.uint8),
        shortest=shortest[tuple(pairs.T)].astype(np.float16),
        volumes=np.array([found.volumes.min(), found.volumes.max()], np.float32),
    )


def compare(bounds: Bounds, found: Extents) -> list[Comparison]:
    """Return the distances and volumes of crystals beside the bounds, one comparison of each kind.

    An element that no training crystal has is not compared.

    Args:
        bounds: The bounds of training crystals.
        found: The distances of the crystals.
    """
    nearest, least, most = np.full(N_ELEMENTS, np.inf), np.zeros(N_ELEMENTS), np.full(N_ELEMENTS, np.inf)
    nearest[bounds.elements] = bounds.nearest
    least[bounds.elements], most[bounds.elements] = bounds.reach.T
    of_edge, of_node, of_crystal = found.crystal_of_edge, found.crystal_of_node, np.arange(len(found.volumes))
    edges = np.cbrt(found.volumes)
    smallest, largest = np.cbrt(bounds.volumes.astype(np.float64))
    return [
        _below("close", of_edge, found.distances, _shortest(bounds)[tuple(found.pairs.T)]),
        _above("lone", of_node, found.nearest, nearest[found.elements]),
        _above("wide", of_node, found.reach, most[found.elements]),
        _below("narrow", of_node, found.reach, least[found.elements]),
        _above("light", of_crystal, edges, np.full(len(edges), largest)),
        _below("dense", of_crystal, edges, np.full(len(edges), smallest)),
    ]


def excess(bounds: Bounds, found: Extents) -> np.ndarray:
    """Return how far each crystal lies beyond the bounds at its worst, as a factor, (n,) float64.

    It is 1 or less where every length lies within its bound.

    Args:
        bounds: The bounds of training crystals.
        found: The distances of n crystals.
    """
    worst = np.zeros(len(found.volumes))
    for each in compare(bounds, found):
        np.maximum.at(worst, each.crystals, each.ratios)
    return worst


def _below(kind: Kind, crystals: np.ndarray, lengths: np.ndarray, bounds: np.ndarray) -> Comparison:
    return Comparison(kind, crystals, lengths, bounds, bounds / lengths)


def _above(kind: Kind, crystals: np.ndarray, lengths: np.ndarray, bounds: np.ndarray) -> Comparison:
    return Comparison(kind, crystals, lengths, bounds, lengths / bounds)


def _shortest(bounds: Bounds) -> np.ndarray:
    """Return the shortest distance of each pair of elements, (119, 119), in angstrom.

    For a pair that no training crystal has as neighbors, it is the longer one of the shortest distances at which either
    element has any neighbor.
    """
    shortest = np.full((N_ELEMENTS, N_ELEMENTS), np.inf)
    first, second = bounds.pairs.astype(np.int64).T
    shortest[first, second] = shortest[second, first] = bounds.shortest
    of_element = shortest.min(axis=1)
    of_element[np.isinf(of_element)] = 0  # no training crystal has the element
    return np.where(np.isinf(shortest), np.maximum.outer(of_element, of_element), shortest)
