"""Which crystals train, which choose, which test: at random as in the paper, or by composition."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cgcnn.errors import DataError


@dataclass(frozen=True)
class Split:
    """Three disjoint sets of crystal indices that cover the data set.

    Attributes:
        train: (a,) int64, shuffled.
        validation: (b,) int64: chooses hyperparameters and the epoch that is kept.
        test: (c,) int64: read once, when a run is finished.
    """

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray


def split_sizes(n_crystals: int, n_train: int | None, n_validation: int | None) -> tuple[int, int]:
    """Return the sizes of the training and validation sets: those asked for, or the paper's 60 % and 20 %.

    Args:
        n_crystals: Crystals in the data set.
        n_train: Training crystals; None for 60 %.
        n_validation: Validation crystals; None for 20 %.

    Raises:
        DataError: A set would be empty.
    """
    train = round(0.6 * n_crystals) if n_train is None else n_train
    validation = round(0.2 * n_crystals) if n_validation is None else n_validation
    if train < 1 or validation < 1 or train + validation >= n_crystals:
        raise DataError(
            f"cannot split {n_crystals} crystals into {train} for training, {validation} for validation and some "
            "for testing",
            "ask for smaller sets",
        )
    return train, validation


def random_split(n_crystals: int, n_train: int, n_validation: int, seed: int) -> Split:
    """Split at random: the paper's way, in which one composition can be on both sides.

    Args:
        n_crystals: Crystals in the data set.
        n_train: Training crystals.
        n_validation: Validation crystals; the rest tests.
        seed: Of the shuffle.
    """
    shuffled = np.random.default_rng(seed).permutation(n_crystals)
    train, validation, test = np.split(shuffled, [n_train, n_train + n_validation])
    return Split(train, validation, test)


def composition_split(formulas: np.ndarray, n_train: int, n_validation: int, seed: int) -> Split:
    """Split so that no composition is on two sides.

    Compositions are taken in random order into training, then validation, then test; one that no longer fits into a
    set goes into the next, so the first two sets have at most the sizes asked for.

    Args:
        formulas: (n,) reduced formula of each crystal.
        n_train: Training crystals, at most.
        n_validation: Validation crystals, at most.
        seed: Of the order.
    """
    rng = np.random.default_rng(seed)
    _, composition = np.unique(formulas, return_inverse=True)
    members = np.split(np.argsort(composition, kind="stable"), np.cumsum(np.bincount(composition))[:-1])
    free = [n_train, n_validation, len(formulas)]
    parts: list[list[np.ndarray]] = [[], [], []]
    for index in rng.permutation(len(members)):
        size = len(members[index])
        part = next(part for part in range(3) if free[part] >= size)
        free[part] -= size
        parts[part].append(members[index])
    train, validation, test = (rng.permutation(np.concatenate(part)) for part in parts)
    return Split(train, validation, test)
