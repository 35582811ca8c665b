"""Divide crystals into folds for a cross-validation, and declare the folds of the public perovskites as data sets."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np

from cgcnn.data.crystals import Crystals
from cgcnn.data.dataset import Dataset
from cgcnn.data.perovskites import PUBLIC, read_public
from cgcnn.errors import DataError

#: The number of folds of the public perovskites that are data sets.
N_FOLDS = 5

# The share of all crystals that is for validation: one in ten, as in the random split of the published runs.
_VALIDATION_SHARE = 0.1
_SEED = 0


def fold_parts(n_crystals: int, fold: int, n_folds: int) -> np.ndarray:
    """Split crystals at random so that each of them is a test crystal in one fold, and in no other.

    Args:
        n_crystals: The number of crystals.
        fold: Which fold holds the test crystals, from 1 to ``n_folds``.
        n_folds: The number of folds, whose sizes differ by one at most.

    Returns:
        (n,) uint8, as ``Crystals.parts``. A tenth of all crystals, taken from the folds that follow, is for validation.

    Raises:
        DataError: There is no such fold, or no crystal would be left for one of the parts.
    """
    n_validation = round(_VALIDATION_SHARE * n_crystals)
    if not 1 <= fold <= n_folds:
        raise DataError(f"fold={fold}: no such fold of {n_folds}", f"give a number from 1 to {n_folds}")
    if n_folds < 2 or n_validation < 1 or n_crystals < 3 * n_folds:
        raise DataError(
            f"n_folds={n_folds}: {n_crystals} crystals cannot be divided so that some are left for training and "
            "validation",
            "give at least 2 folds, and at least 3 crystals for each",
        )
    folds = np.array_split(np.random.default_rng(_SEED).permutation(n_crystals), n_folds)
    test, following = folds[fold - 1], np.concatenate([*folds[fold:], *folds[: fold - 1]])
    parts = np.zeros(n_crystals, np.uint8)
    parts[following[:n_validation]], parts[test] = 1, 2
    return parts


def fold_of(crystals: Crystals, fold: int, n_folds: int = N_FOLDS) -> Crystals:
    """Return a data set with the split of one fold.

    Args:
        crystals: The data set. A split of its own is replaced.
        fold: Which fold holds the test crystals, from 1 to ``n_folds``.
        n_folds: The number of folds.

    Returns:
        The same crystals in the same order, with the name of the fold, such as ``perovskites-fold-1-of-5``.

    Raises:
        DataError: There is no such fold, or there are too few crystals.
    """
    parts = fold_parts(len(crystals), fold, n_folds)
    return dataclasses.replace(crystals, name=f"{crystals.name}-fold-{fold}-of-{n_folds}", parts=parts)


def _declared(fold: int) -> Dataset:
    def read(files: list[Path]) -> Crystals:
        return fold_of(read_public(files), fold)

    return dataclasses.replace(
        PUBLIC,
        name=f"perovskites-fold-{fold}-of-{N_FOLDS}",
        title=f"18,928 cubic perovskites (Castelli et al. 2012), fold {fold} of {N_FOLDS}",
        statement=(
            "Trained on seven in ten of the 18,928 perovskites of the Computational Materials Repository; the target "
            "is the DFT (RPBE) energy above the competing phases. The test part is one of five random folds, which "
            "together hold each crystal once."
        ),
        read=read,
    )


#: The data sets of this file, which read the same public files as ``perovskites``.
DATASETS = tuple(_declared(fold) for fold in range(1, N_FOLDS + 1))
