"""Split crystals into training, validation and test sets: at random as in the paper, or by composition."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cgcnn.errors import DataError

#: The paper's shares give 3 training crystals, 1 validation crystal and 1 test crystal of so many.
FEWEST_CRYSTALS = 5


@dataclass(frozen=True)
class Split:
    """Three disjoint sets of crystal indices that cover the data set.

    Attributes:
        train: (a,) int64, the training crystals in random order.
        validation: (b,) int64, the crystals whose error chooses hyperparameters and the epoch that is kept.
        test: (c,) int64, all other crystals. They choose nothing; only the reported errors use their targets.
    """

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray


def split_sizes(n_crystals: int, n_train: int | None, n_validation: int | None) -> tuple[int, int]:
    """Return the sizes of the training and validation sets: those asked for, or the paper's 60 % and 20 %.

    Args:
        n_crystals: The number of crystals in the data set.
        n_train: The number of training crystals; None takes 60 % of all crystals.
        n_validation: The number of validation crystals; None takes 20 % of all crystals.

    Returns:
        The number of training crystals and the number of validation crystals.

    Raises:
        DataError: One of the three sets would be empty, or there are fewer than 5 crystals to be split in the paper's
            way.
    """
    if n_train is None and n_validation is None and n_crystals < FEWEST_CRYSTALS:
        raise DataError(
            f"at least {FEWEST_CRYSTALS} crystals are needed for 60 % training, 20 % validation and 20 % test "
            f"crystals; there are {n_crystals}",
            "add crystals",
        )
    train = round(0.6 * n_crystals) if n_train is None else n_train
    validation = round(0.2 * n_crystals) if n_validation is None else n_validation
    if train < 1 or validation < 1 or train + validation >= n_crystals:
        raise DataError(
            f"cannot split {n_crystals} crystals into {train} for training, {validation} for validation and some "
            "for testing",
            "ask for smaller sets",
        )
    return train, validation


def own_split(parts: np.ndarray, name: str, seed: int) -> Split:
    """Return the split that a data set brings along.

    Args:
        parts: (n,) 0 for training, 1 for validation and 2 for test crystals.
        name: The name of the data set, for the message.
        seed: The seed of the order in each set.

    Raises:
        DataError: One of the three sets is empty.
    """
    rng = np.random.default_rng(seed)
    sets = [rng.permutation(np.flatnonzero(parts == part)) for part in range(3)]
    for word, members in zip(("train", "validation", "test"), sets, strict=True):
        if not len(members):
            raise DataError(
                f"{name}: its split has no {word} crystals", f"mark some crystals as {word}, or remove the column"
            )
    return Split(*sets)


def random_split(n_crystals: int, n_train: int, n_validation: int, seed: int) -> Split:
    """Split at random, as the paper does; crystals of one composition can be in different sets.

    Args:
        n_crystals: The number of crystals in the data set.
        n_train: The number of training crystals.
        n_validation: The number of validation crystals. All other crystals are test crystals.
        seed: The seed of the shuffle.

    Returns:
        The split. The sizes must fit, as those of :func:`split_sizes` do.
    """
    shuffled = np.random.default_rng(seed).permutation(n_crystals)
    train, validation, test = np.split(shuffled, [n_train, n_train + n_validation])
    return Split(train, validation, test)


def composition_split(formulas: np.ndarray, n_train: int, n_validation: int, seed: int) -> Split:
    """Split so that no composition is in two sets.

    The compositions are taken in random order. All crystals of a composition go into the first set that has room for
    them: the training set, then the validation set, then the test set. So the first two sets can be smaller than asked
    for, but not larger.

    Args:
        formulas: (n,) The reduced formula of each crystal.
        n_train: The largest number of training crystals.
        n_validation: The largest number of validation crystals.
        seed: The seed of the order of the compositions.

    Returns:
        The split.

    Raises:
        DataError: A set stays empty, because no composition fits into it.
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
    for name, members_of_set in zip(("training", "validation", "testing"), parts, strict=True):
        if not members_of_set:
            raise DataError(
                f"no composition of {len(formulas)} crystals is left for {name}: each has too many crystals",
                "ask for other sizes, or for the random split",
            )
    train, validation, test = (rng.permutation(np.concatenate(part)) for part in parts)
    return Split(train, validation, test)
