"""Two likely reasons for which a cation has large errors, each as a number: its oxidation states, and its site."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from pymatgen.core import Element
from scipy.stats import spearmanr

from cgcnn.analysis.element_errors import FEWEST_CRYSTALS
from cgcnn.analysis.prediction import predict_part
from cgcnn.data.crystals import Crystals
from cgcnn.data.perovskites import ANIONS
from cgcnn.paper.perovskite_sites import are_perovskites, perovskite_sites
from cgcnn.training.runs import Run

# Lithium to cesium.
_ALKALI = (3, 11, 19, 37, 55)


def oxidation_states_correlation(by_element: pd.DataFrame, column: str) -> float | None:
    """Return Spearman's rank correlation of the errors of cations with their numbers of common oxidation states.

    Alkali metals are left out. They have one state and large errors for another reason (:func:`alkali_by_site`).

    Args:
        by_element: The table of :func:`cgcnn.analysis.element_errors.element_error_table`. Elements with fewer than 10
            test crystals are left out.
        column: The name of the column with the errors.

    Returns:
        The correlation; None where it is not defined, for example for fewer than two cations.
    """
    left_out = [Element.from_Z(number).symbol for number in (*ANIONS, *_ALKALI)]
    rows = by_element[(by_element["test_crystals"] >= FEWEST_CRYSTALS) & ~by_element["element"].isin(left_out)]
    states = [len(Element(symbol).common_oxidation_states) for symbol in rows["element"]]
    if len(set(states)) < 2 or rows[column].nunique() < 2:
        return None
    return float(spearmanr(rows[column], states).statistic)


def alkali_by_site(runs: Sequence[Run], crystals: Crystals, device: str = "auto") -> dict[str, float] | None:
    """Return the errors and the targets of test crystals with an alkali metal on A alone, on B, and on neither.

    Args:
        runs: One run per seed, all on the same split of the data set.
        crystals: The whole data set of the runs.
        device: The device to compute on, as for :func:`cgcnn.training.fit.fit`.

    Returns:
        In the target's unit, the mean absolute error over test crystals and runs and the mean target, by the site:
        ``alkali_a_error``, ``alkali_a_target``, and the same for ``alkali_b`` and ``no_alkali``. None for other
        crystals than perovskites, or where a kind has no test crystal.
    """
    if not are_perovskites(crystals):
        return None
    test = runs[0].split.test
    errors = np.mean(
        [np.abs(predict_part(run, crystals, test, device) - crystals.targets[test]) for run in runs], axis=0
    )
    on_a, on_b = np.isin(perovskite_sites(crystals.select(test)).cations, _ALKALI).T
    kinds = {"alkali_a": on_a & ~on_b, "alkali_b": on_b, "no_alkali": ~on_a & ~on_b}
    if not all(of_kind.any() for of_kind in kinds.values()):
        return None
    means = {f"{name}_error": float(errors[of_kind].mean()) for name, of_kind in kinds.items()}
    return means | {f"{name}_target": float(crystals.targets[test][of_kind].mean()) for name, of_kind in kinds.items()}
