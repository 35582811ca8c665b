"""The error of runs by element: how far they err on the test crystals that hold it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from cgcnn.analysis.prediction import predict_part
from cgcnn.data.crystals import ELEMENT_SYMBOLS, Crystals
from cgcnn.data.quantity import Quantity
from cgcnn.training.runs import Run

#: An error over fewer test crystals than this says little.
FEWEST_CRYSTALS = 10

_ERROR = "test_mae"


def element_error_table(runs: Sequence[Run], crystals: Crystals, device: str = "auto") -> pd.DataFrame:
    """Return the error of runs on the test crystals that hold an element, for each element of the test crystals.

    A crystal with several elements counts for each of them.

    Args:
        runs: One run per seed, all on the same split of the data set.
        crystals: The whole data set of the runs.
        device: The device to compute on, as for :func:`cgcnn.training.fit.fit`.

    Returns:
        One row per element, by atomic number: ``element`` (symbol), ``training_crystals`` and ``test_crystals`` (the
        numbers of those that hold it), and the mean absolute error over these test crystals and all runs, such as
        ``test_mae_eV_per_atom``.
    """
    test = runs[0].split.test
    differences = [predict_part(run, crystals, test, device) - crystals.targets[test] for run in runs]
    n_train = np.bincount(_elements(crystals, runs[0].split.train)[1], minlength=len(ELEMENT_SYMBOLS))
    places, elements = _elements(crystals, test)
    n_test = np.bincount(elements, minlength=len(ELEMENT_SYMBOLS))
    totals = np.bincount(elements, np.abs(differences).mean(axis=0)[places], len(ELEMENT_SYMBOLS))
    present = np.flatnonzero(n_test)
    return pd.DataFrame(
        {
            "element": ELEMENT_SYMBOLS[present],
            "training_crystals": n_train[present],
            "test_crystals": n_test[present],
            runs[0].quantity.with_unit(_ERROR): totals[present] / n_test[present],
        }
    )


def largest_errors(table: pd.DataFrame, quantity: Quantity, number: int = 3) -> str:
    """Return the elements with the largest errors as text, such as ``Mn 0.040, Fe 0.031 and Cr 0.030 eV/atom``.

    Args:
        table: The errors from :func:`element_error_table`. Elements with fewer than 10 test crystals are left out.
        quantity: What the runs predict.
        number: The number of elements.
    """
    enough = table[table["test_crystals"] >= FEWEST_CRYSTALS]
    largest = enough.nlargest(number, quantity.with_unit(_ERROR))
    named = [f"{row['element']} {row[quantity.with_unit(_ERROR)]:.3f}" for row in largest.to_dict("records")]
    return f"{' and '.join([', '.join(named[:-1]), named[-1]] if len(named) > 1 else named)} {quantity.unit}".rstrip()


def _elements(crystals: Crystals, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return each pair of a chosen crystal and an element that it holds, once: places among the chosen, and numbers."""
    some = crystals.select(chosen)
    place = np.repeat(np.arange(len(some)), some.n_sites)
    pairs = np.unique(np.stack([place, some.atomic_numbers.astype(np.int64)], axis=1), axis=0)
    return pairs[:, 0], pairs[:, 1]
