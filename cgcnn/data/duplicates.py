"""Find crystals of a set that are nearly the same, also where their cells differ."""

from __future__ import annotations

import numpy as np
from pymatgen.analysis.structure_matcher import StructureMatcher

from cgcnn.data.crystals import Crystals
from cgcnn.data.plausibility import Cells

# Two crystals are compared where they agree within this share in volume per site and in the mean nearest distance.
_ALIKE = 0.005
#: At most so many pairs are compared, at about 10 ms per pair.
MOST_PAIRS = 500


def near_duplicates(crystals: Crystals, cells: Cells) -> tuple[list[tuple[int, int]], int]:
    """Return the pairs of crystals that are nearly the same by pymatgen's StructureMatcher.

    Lattice vectors may differ by 2 %, angles by 1 degree, and sites by 2 % of the mean distance between sites. Cells of
    one crystal in different settings, and supercells, are the same crystal.

    Args:
        crystals: n crystals.
        cells: What :func:`cgcnn.data.plausibility.measure` returns of them.

    Returns:
        The pairs, and how many further pairs were left uncompared because there are too many.
    """
    matcher = StructureMatcher(ltol=0.02, stol=0.02, angle_tol=1, scale=False)
    candidates = _candidates(crystals, cells)
    pairs = [
        (one, other)
        for one, other in candidates[:MOST_PAIRS]
        if matcher.fit(crystals.structure(one), crystals.structure(other))
    ]
    return pairs, max(len(candidates) - MOST_PAIRS, 0)


def _candidates(crystals: Crystals, cells: Cells) -> list[tuple[int, int]]:
    """Return the pairs of one formula that agree in volume per site and nearest distances."""
    formulas = crystals.reduced_formulas()
    order = np.lexsort((cells.volumes, formulas))
    pairs = []
    for place, one in enumerate(order):
        for other in order[place + 1 :]:
            if formulas[other] != formulas[one] or cells.volumes[other] > cells.volumes[one] * (1 + _ALIKE):
                break
            if abs(cells.mean_nearest[other] / cells.mean_nearest[one] - 1) < _ALIKE:
                pairs.append((int(min(one, other)), int(max(one, other))))
    return pairs
