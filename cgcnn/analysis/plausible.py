"""Say with numbers where the distances or the volume of a crystal lie beyond those of all training crystals."""

from __future__ import annotations

import numpy as np

from cgcnn.data.crystals import ELEMENT_SYMBOLS
from cgcnn.graphs.extents import Extents
from cgcnn.training.bounds import Bounds, Comparison, compare


def remarks(bounds: Bounds, found: Extents, margin: float) -> list[str]:
    """Return one remark per crystal, empty where its distances and its volume are like those of training crystals.

    A remark has one statement of each kind of :data:`cgcnn.training.bounds.Kind` in which the crystal lies beyond the
    bounds. Each is about the worst length of its kind.

    Args:
        bounds: The bounds of the training crystals.
        found: The distances of n crystals.
        margin: How far beyond its bound a length must lie to be remarked on, as a factor.
    """
    said: list[list[str]] = [[] for _ in found.volumes]
    lone: set[int] = set()
    for each in compare(bounds, found):
        for place in _worst(each, margin):
            crystal = int(each.crystals[place])
            # Where no neighbor is near, it says nothing new that the farthest neighbor is far.
            if each.kind != "wide" or crystal not in lone:
                said[crystal].append(_statement(each, place, found))
            if each.kind == "lone":
                lone.add(crystal)
    return ["; ".join(statements) for statements in said]


def _worst(comparison: Comparison, margin: float) -> np.ndarray:
    """Return the place of the worst length of each crystal that has one beyond the margin."""
    beyond = np.flatnonzero(comparison.ratios > margin)
    order = beyond[np.lexsort((-comparison.ratios[beyond], comparison.crystals[beyond]))]
    _, first = np.unique(comparison.crystals[order], return_index=True)
    worst: np.ndarray = order[first]
    return worst


def _statement(comparison: Comparison, place: int, found: Extents) -> str:
    length, bound = comparison.lengths[place], comparison.bounds[place]
    match comparison.kind:
        case "close":
            first, second = ELEMENT_SYMBOLS[found.pairs[place]]
            return f"{first} and {second} are {length:.2f} angstrom apart, in training at least {bound:.2f}"
        case "lone":
            symbol = ELEMENT_SYMBOLS[found.elements[place]]
            return f"the nearest neighbor of {symbol} is {length:.1f} angstrom away, in training at most {bound:.1f}"
        case "wide" | "narrow":
            symbol = ELEMENT_SYMBOLS[found.elements[place]]
            word = "most" if comparison.kind == "wide" else "least"
            return f"the neighbors of {symbol} reach {length:.1f} angstrom, in training at {word} {bound:.1f}"
        case "light" | "dense":
            word = "most" if comparison.kind == "light" else "least"
            return f"{_volume(length)} cubic angstrom per atom, in training at {word} {_volume(bound)}"


def _volume(edge: float) -> str:
    """Return the volume of a cube as text, with three digits or all that stand before the point."""
    return f"{edge**3:,.0f}" if edge**3 >= 100 else f"{edge**3:.3g}"
