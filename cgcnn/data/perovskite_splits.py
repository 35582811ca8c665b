"""Declare the public perovskites with splits of their own: by the pair of cations, and with elements held out."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np

from cgcnn.data.crystals import Crystals
from cgcnn.data.perovskites import ANIONS, PUBLIC, read_public
from cgcnn.data.splits import Split, composition_split

#: The number of cation elements that are in no training and no validation crystal of the second split.
N_HELD_OUT = 5

_N_VALIDATION = 1890
# A pair of cations has 14 crystals, or 7 if both cations are of one element. So the number of training crystals that
# is nearest to the 15,000 of the random split is 2,143 x 7.
_N_TRAIN = 15_001
# No run was trained with another seed for either split.
_SEED = 0


def cations(crystals: Crystals) -> np.ndarray:
    """Return the two cations of each perovskite, which are the sites that hold none of the anions O, N, F and S.

    Args:
        crystals: n cells ABX3 of five sites.

    Returns:
        (n, 2) The atomic numbers of A and B, the smaller one first, so that cells with A and B swapped are equal.
    """
    elements = np.asarray(crystals.atomic_numbers)
    return np.sort(elements[~np.isin(elements, ANIONS)].reshape(-1, 2), axis=1)


def cation_pair_parts(crystals: Crystals) -> np.ndarray:
    """Split perovskites so that no unordered pair of cations is in two parts.

    Args:
        crystals: The public perovskites.

    Returns:
        (n,) uint8, as ``Crystals.parts``: 15,001 crystals for training, 1,890 for validation
        and 2,037 for testing.
    """
    _, pair = np.unique(cations(crystals), axis=0, return_inverse=True)
    return _parts(composition_split(pair.ravel(), _N_TRAIN, _N_VALIDATION, _SEED))


def held_out_elements(crystals: Crystals) -> np.ndarray:
    """Draw the cation elements that :func:`held_out_parts` holds out.

    Args:
        crystals: The public perovskites.

    Returns:
        (5,) The atomic numbers, ascending. A fixed seed draws them from all cation elements.
    """
    elements = np.unique(cations(crystals))
    return np.sort(np.random.default_rng(_SEED).choice(elements, N_HELD_OUT, replace=False))


def held_out_parts(crystals: Crystals) -> np.ndarray:
    """Split perovskites so that all crystals with one of the held-out elements, and no others, are test crystals.

    Args:
        crystals: The public perovskites.

    Returns:
        (n,) uint8, as ``Crystals.parts``: 3,465 crystals for testing, and 1,890 of the others,
        drawn by a fixed seed, for validation.
    """
    is_test = np.isin(cations(crystals), held_out_elements(crystals)).any(axis=1)
    others = np.random.default_rng(_SEED).permutation(np.flatnonzero(~is_test))
    return _parts(Split(others[_N_VALIDATION:], others[:_N_VALIDATION], np.flatnonzero(is_test)))


def _parts(split: Split) -> np.ndarray:
    parts = np.zeros(len(split.train) + len(split.validation) + len(split.test), np.uint8)
    parts[split.validation], parts[split.test] = 1, 2
    return parts


def _read_by_cation_pair(files: list[Path]) -> Crystals:
    crystals = read_public(files)
    return dataclasses.replace(crystals, name="perovskites-by-cation-pair", parts=cation_pair_parts(crystals))


def _read_held_out_elements(files: list[Path]) -> Crystals:
    crystals = read_public(files)
    return dataclasses.replace(crystals, name="perovskites-held-out-elements", parts=held_out_parts(crystals))


#: The data sets of this file, which read the same public files as ``perovskites``.
DATASETS = (
    dataclasses.replace(
        PUBLIC,
        name="perovskites-by-cation-pair",
        title="18,928 cubic perovskites (Castelli et al. 2012), split by the pair of cations",
        statement=(
            "Trained on 15,001 of the 18,928 perovskites of the Computational Materials Repository; the target is the "
            "DFT (RPBE) energy above the competing phases. No pair of cations, whichever of the two is on A, is in two "
            "of the training, validation and test parts."
        ),
        read=_read_by_cation_pair,
    ),
    dataclasses.replace(
        PUBLIC,
        name="perovskites-held-out-elements",
        title="18,928 cubic perovskites (Castelli et al. 2012), with five elements held out",
        statement=(
            "Trained on 13,573 of the 18,928 perovskites of the Computational Materials Repository; the target is the "
            "DFT (RPBE) energy above the competing phases. Five cation elements, drawn at random, are in no training "
            "and no validation crystal; the test part is every crystal that holds one of them."
        ),
        read=_read_held_out_elements,
    ),
)
