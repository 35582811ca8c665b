"""What the spread of the random start of the element vectors does to errors, planes and accuracies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from cgcnn.analysis import probes
from cgcnn.analysis.prediction import mean_absolute_error
from cgcnn.data.crystals import Crystals
from cgcnn.data.quantity import Quantity
from cgcnn.paper.element_categories import PROPERTIES
from cgcnn.paper.element_probes import explained_variance
from cgcnn.paper.seed_numbers import over_seeds
from cgcnn.training.runs import Run

#: The parameter of a run whose element vectors start from random numbers of unit variance.
UNIT_START: Mapping[str, float] = {"element_spread": 1.0}


def start_numbers(runs: Sequence[Run], crystals: Crystals, vectors: Sequence[pd.DataFrame]) -> dict[str, Any]:
    """Return the numbers of runs whose element vectors started from random numbers of unit variance.

    Args:
        runs: One run per seed, on the same split as those with the usual start.
        crystals: The whole data set of the runs.
        vectors: The element vectors of each run.

    Returns:
        As :func:`cgcnn.paper.seed_numbers.over_seeds` gives them, ``test_mae_unit_start`` and
        ``explained_variance_unit_start`` (the shares of the variance along ``pc1``, ``pc2`` and ``both``).
    """
    return over_seeds(
        [
            {
                "test_mae_unit_start": mean_absolute_error(run, crystals, "test"),
                "explained_variance_unit_start": explained_variance(probes.principal_plane(each)),
            }
            for run, each in zip(runs, vectors, strict=True)
        ]
    )


def start_summary(numbers: Mapping[str, Any], quantity: Quantity) -> pd.DataFrame:
    """Return the numbers of both starts, and the accuracies of random vectors, as the page shows them.

    Args:
        numbers: The numbers of the section, with those of :func:`start_numbers`, of
            :func:`cgcnn.paper.element_accuracies.accuracy_numbers` and of
            :func:`cgcnn.paper.element_probes.plane_numbers`.
        quantity: What the runs predict, and in which unit.

    Returns:
        One row per start: the test error, the shares of the variance along both components, and the accuracies by
        property. Random vectors are not trained and have the accuracies alone.
    """
    starts = {
        "trained, start 0.05": ("test_mae", "explained_variance", "lr_accuracy"),
        "trained, unit-variance start": (
            "test_mae_unit_start",
            "explained_variance_unit_start",
            "lr_accuracy_unit_start",
        ),
        "random vectors": (None, None, "lr_accuracy_random"),
    }
    rows = {}
    for start, (error, variance, accuracy) in starts.items():
        shares = numbers[variance] if variance else {}
        rows[start] = {
            quantity.in_unit("test MAE"): numbers[error] if error else None,
            "variance along PC 1": shares.get("pc1"),
            "variance along PC 2": shares.get("pc2"),
            **{name: numbers[accuracy][name] for name in PROPERTIES},
        }
    return pd.DataFrame(rows).T
