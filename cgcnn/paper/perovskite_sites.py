"""The cations on A and on B of perovskites ABX3, and the anions around them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cgcnn.data.crystals import ELEMENT_SYMBOLS, Crystals
from cgcnn.data.perovskites import ANIONS

_N_SITES, _N_ANIONS = 5, 3


@dataclass(frozen=True)
class PerovskiteSites:
    """The elements of n perovskites by their site, as atomic numbers.

    Attributes:
        cations: (n, 2) The elements on A, which has twelve anions around it in the ideal cell, and on B, which has six.
        anions: (n, 3) The three anions, ascending, so that their order in the file does not matter.
    """

    cations: np.ndarray
    anions: np.ndarray

    @property
    def n_anions(self) -> np.ndarray:
        """The number of different anions of each perovskite, (n,)."""
        return np.asarray(1 + (np.diff(self.anions, axis=1) != 0).sum(axis=1))

    def codes(self, swapped: bool = False) -> np.ndarray:
        """Return one number per perovskite, which two share only if A, B and the anions are the same, (n,) int64.

        Args:
            swapped: Whether A and B change places.
        """
        cations = self.cations[:, ::-1] if swapped else self.cations
        # An atomic number is below 128, and five of them fit into 35 bits.
        return np.asarray(np.hstack([cations, self.anions]).astype(np.int64) @ (128 ** np.arange(_N_SITES)))

    def formulas(self) -> np.ndarray:
        """Return each perovskite as A, B and anions, such as ``SrTiO3``, so that A and B swapped differ, (n,) text."""
        kinds, kind = np.unique(self.anions, axis=0, return_inverse=True)
        of_kinds = np.array([_anion_formula(anions) for anions in kinds], dtype=object)
        first, second = ELEMENT_SYMBOLS[self.cations].astype(object).T
        return np.asarray(first + second + of_kinds[kind.ravel()])


def are_perovskites(crystals: Crystals) -> bool:
    """Return whether each crystal of a set has five sites, three of which hold N, O, F or S."""
    if (np.asarray(crystals.n_sites) != _N_SITES).any():
        return False
    is_anion = np.isin(np.asarray(crystals.atomic_numbers).reshape(-1, _N_SITES), ANIONS)
    return bool((is_anion.sum(axis=1) == _N_ANIONS).all())


def perovskite_sites(crystals: Crystals) -> PerovskiteSites:
    """Return the elements of perovskites by their site.

    In the ideal cell, the six anions around B are nearer to it than the twelve around A are to A. Many cells of the
    public set have atoms far from the ideal sites, and still B has the nearest anion.

    Args:
        crystals: Perovskites, for which :func:`are_perovskites` holds.
    """
    elements = np.asarray(crystals.atomic_numbers).reshape(-1, _N_SITES)
    places = np.asarray(crystals.fractional_coordinates).reshape(-1, _N_SITES, 3)
    is_anion = np.isin(elements, ANIONS)
    n = len(elements)
    cations = elements[~is_anion].reshape(n, 2)
    around = places[is_anion].reshape(n, 1, _N_ANIONS, 3) - places[~is_anion].reshape(n, 2, 1, 3)
    around -= np.round(around)
    vectors = np.einsum("ncai,nij->ncaj", around, np.asarray(crystals.lattices))
    nearest = np.linalg.norm(vectors, axis=-1).min(axis=-1)
    # A is the cation whose nearest anion is farther.
    from_a_to_b = np.argsort(-nearest, axis=1, kind="stable")
    return PerovskiteSites(
        np.take_along_axis(cations, from_a_to_b, axis=1), np.sort(elements[is_anion].reshape(n, _N_ANIONS))
    )


def _anion_formula(anions: np.ndarray) -> str:
    elements, counts = np.unique(anions, return_counts=True)
    pairs = zip(ELEMENT_SYMBOLS[elements], counts, strict=True)
    return "".join(f"{symbol}{count if count > 1 else ''}" for symbol, count in pairs)
