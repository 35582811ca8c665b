"""Stable crystals that a network picks out of those it was not trained on: what is found, and what it is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from cgcnn.analysis import screening
from cgcnn.analysis.prediction import predictable
from cgcnn.analysis.ranges import predict_with_range
from cgcnn.data.crystals import Crystals
from cgcnn.data.perovskite_folds import fold_of
from cgcnn.data.quantity import Quantity
from cgcnn.errors import DataError
from cgcnn.paper import rivals
from cgcnn.paper.perovskite_sites import are_perovskites, perovskite_sites
from cgcnn.paper.recipes import paper_config, recipe
from cgcnn.training.config import NETWORKS, Config
from cgcnn.training.runs import Run
from cgcnn.training.sweeps import sweep

#: What becomes of a crystal: stable and called so, stable and not called so, called stable without being so, and
#: neither.
FOUND, MISSED, FALSE_ALARM, LEFT = "found", "missed", "false alarm", "left out"
#: The rankings, in the order in which they are drawn.
NETWORK, COMPOSITION, SITES, CHANCE = (
    "network",
    "composition, random forest",
    "elements by site, random forest",
    "chance",
)
#: The parts of the page, in the order in which they are drawn.
TEST, WHOLE_SET = "test crystals", "whole set, cross-validated"

#: The models without a graph by the names of their predictions. The second one is for perovskites alone.
RIVALS = {"composition": COMPOSITION, "sites": SITES}
# The window around the threshold reaches so far beyond it, in mean errors of its crystals.
_REACH = 12


def network_config(dataset: str, network: str) -> Config:
    """Return the parameters of the runs of a network on all training crystals of a data set.

    Args:
        dataset: The name of a data set, or a folder.
        network: A name of :data:`cgcnn.training.config.NETWORKS`. Networks that see angles are trained as their recipe
            says, and all others but ``paper`` as the better network.

    Raises:
        DataError: No network has this name.
    """
    if network == "paper":
        return paper_config(dataset)
    is_seeing = NETWORKS.get(network, {}).get("angles", False)
    return paper_config(dataset, network, **(recipe(dataset).angles if is_seeing else recipe(dataset).better))


def fold_runs(
    crystals: Crystals, config: Config, n_folds: int, device: str = "auto", retrain: bool = False
) -> list[Run]:
    """Return one run per fold of a cross-validation, found or trained; its test crystals are those of the fold.

    Args:
        crystals: The data set.
        config: The parameters of a run on the random split. The sizes of its parts are left out.
        n_folds: The number of folds; without folds there are no runs.
        device: The device, as for :func:`cgcnn.training.fit.fit`.
        retrain: Whether runs are trained anew where they are known already.
    """
    of_folds = config.replace(n_train=None, n_validation=None)
    folds = [fold_of(crystals, fold, n_folds) for fold in range(1, n_folds + 1)]
    return [sweep(fold, of_folds, [None], [config.seed], device, retrain)[0] for fold in folds]


def judge(runs: Sequence[Run], crystals: Crystals, threshold: float, device: str = "auto") -> pd.DataFrame:
    """Predict the test crystals of runs, with what the prediction is worth, and tell the stable ones from the others.

    Args:
        runs: One run, or several on the same split that differ by their seed and whose mean prediction counts.
        crystals: The whole data set.
        threshold: The highest target of a stable crystal. A crystal is called stable if its prediction is not higher.
        device: The device to compute on, as for :func:`cgcnn.training.fit.fit`.

    Returns:
        One row per test crystal whose elements all runs have seen: ``place`` (its index in the data set), ``crystal``
        (id), ``composition``, the target, such as ``target_eV_per_atom``, the columns of
        :func:`cgcnn.analysis.ranges.predict_with_range`, ``composition_eV_per_atom`` and, of perovskites,
        ``sites_eV_per_atom`` (the predictions of random forests on the composition and on the elements by site, trained
        on the same crystals), ``is_stable``, ``is_called``, and ``outcome`` (``found``, ``missed``, ``false alarm`` or
        ``left out``).

    Raises:
        DataError: Each test crystal has an element that no training crystal has, or none of the others is stable, so
            that nothing can be found.
    """
    split, quantity = runs[0].split, runs[0].quantity
    chosen = split.test
    for run in runs:
        chosen = predictable(run, crystals, chosen)
    if not len(chosen):
        raise DataError(
            f"{crystals.name}: each of the {len(split.test)} test crystals has an element that no training crystal has",
            "mark crystals of these elements as train too"
            if crystals.parts is not None
            else "give more crystals of these elements, or another seed, which splits them in another way",
        )
    predicted = predict_with_range(runs, crystals.select(chosen), device).reset_index()
    names = RIVALS if are_perovskites(crystals) else {"composition": COMPOSITION}
    others = {name: pd.Series(rivals.predict(each, crystals, split), split.test) for name, each in names.items()}
    is_stable = screening.at_most(crystals.targets[chosen], threshold)
    if not is_stable.any():
        raise DataError(
            f"threshold={threshold}: none of the {len(chosen)} test crystals of {crystals.name} is stable",
            "give a higher threshold",
        )
    is_called = screening.at_most(predicted[quantity.column()].to_numpy(), threshold)
    outcome = np.where(is_stable, np.where(is_called, FOUND, MISSED), np.where(is_called, FALSE_ALARM, LEFT))
    return predicted.assign(
        place=chosen,
        composition=compositions(crystals)[chosen],
        **{quantity.with_unit("target"): crystals.targets[chosen]},
        **{quantity.with_unit(name): energies.loc[chosen].to_numpy() for name, energies in others.items()},
        is_stable=is_stable,
        is_called=is_called,
        outcome=outcome,
    )


def compositions(crystals: Crystals) -> np.ndarray:
    """Return the composition of each crystal, (n,); that of a perovskite has A before B, such as ``SrTiO3``."""
    if not are_perovskites(crystals):
        return crystals.reduced_formulas()
    return perovskite_sites(crystals).formulas()


def curves(tables: Mapping[str, pd.DataFrame], quantity: Quantity) -> pd.DataFrame:
    """Return how many of the stable crystals one has seen, against the number of crystals that one looks at.

    Args:
        tables: The table of :func:`judge` of each part of the page.
        quantity: What was predicted.

    Returns:
        Rows of :func:`cgcnn.analysis.screening.curve` by the network, by the models without a graph and by chance, with
        ``part`` and ``method``. The numbers of crystals are 300 at most, at equal steps of their logarithm, and the one
        that the network calls stable.
    """
    rows = []
    for part, judged in tables.items():
        is_stable, energies = judged["is_stable"].to_numpy(), judged[quantity.column()]
        others = {RIVALS[name]: judged[quantity.with_unit(name)] for name in rivals_in(judged, quantity)}
        shown = np.union1d(screening.numbers_on_curve(len(judged)), [judged["is_called"].sum()])
        for method, scores in {NETWORK: energies, **others, CHANCE: 0 * energies}.items():
            whole = screening.curve(is_stable, scores.to_numpy())
            rows.append(whole[whole["looked_at"].isin(shown)].assign(part=part, method=method))
    return pd.concat(rows, ignore_index=True)


def near_threshold(tables: Mapping[str, pd.DataFrame], threshold: float, quantity: Quantity) -> pd.DataFrame:
    """Return the crystals whose target and prediction are so low that they can be called wrongly, and all wrong calls.

    Args:
        tables: The table of :func:`judge` of each part of the page.
        threshold: The highest target of a stable crystal.
        quantity: What was predicted.

    Returns:
        One row per crystal up to twelve mean errors above the threshold, or up to the farthest wrong call: ``part``,
        ``crystal``, ``composition``, target, prediction and ``outcome``.
    """
    target, predicted = quantity.with_unit("target"), quantity.column()
    rows = []
    for part, judged in tables.items():
        higher = judged[[target, predicted]].max(axis=1)
        reach = _REACH * float((judged[predicted] - judged[target]).abs().mean())
        is_wrong = judged["outcome"].isin([MISSED, FALSE_ALARM])
        is_near = higher <= max(threshold + reach, float(higher[is_wrong].max()) if is_wrong.any() else threshold)
        rows.append(judged.loc[is_near, ["crystal", "composition", target, predicted, "outcome"]].assign(part=part))
    return pd.concat(rows, ignore_index=True)


def rivals_in(judged: pd.DataFrame, quantity: Quantity) -> list[str]:
    """Return the names of the models of :data:`RIVALS` whose predictions a table of :func:`judge` holds."""
    return [name for name in RIVALS if quantity.with_unit(name) in judged]
