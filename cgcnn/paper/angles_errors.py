"""The errors of the network that sees angles beside those of the two others, with the coverage of its intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from cgcnn.analysis.prediction import error_table, predictable
from cgcnn.analysis.ranges import predict_with_range
from cgcnn.data.crystals import Crystals
from cgcnn.data.quantity import ENERGY, Quantity
from cgcnn.graphs.crystal_graphs import load_or_build
from cgcnn.paper.networks import Runs
from cgcnn.paper.seed_numbers import over_seeds
from cgcnn.training.config import Config
from cgcnn.training.runs import Run

#: The name of the network of this section among the networks of a set.
ANGLES = "angles"


def graph_sizes(crystals: Mapping[str, Crystals], configs: Mapping[str, Config]) -> pd.DataFrame:
    """Return what angles do to the graphs of each set.

    Args:
        crystals: The data set of each set.
        configs: The parameters of the network that sees angles on each set.

    Returns:
        One row per set: ``set``, ``sites`` (the sites of all crystals), ``nodes`` and ``edges`` of the graphs without
        angles, and ``nodes_angles`` and ``edges_angles`` of those with them.
    """
    rows = []
    for name, config in configs.items():
        blind, seeing = (load_or_build(crystals[name], *config.replace(angles=on).of_graphs) for on in (False, True))
        rows.append(
            {
                "set": name,
                "sites": int(crystals[name].n_sites.sum()),
                "nodes": blind.n_nodes,
                "nodes_angles": seeing.n_nodes,
                "edges": blind.n_edges,
                "edges_angles": seeing.n_edges,
            }
        )
    return pd.DataFrame(rows)


def coverage(runs: Sequence[Run], crystals: Crystals, device: str = "auto") -> dict[str, float]:
    """Return how many targets of test crystals lie in the 90 % intervals of all runs together.

    Test crystals with an element that no training crystal has are left out, because no network knows anything of it.

    Args:
        runs: Runs on the same split that differ by their seed.
        crystals: The whole data set.
        device: The device, as for :func:`cgcnn.training.fit.fit`.

    Returns:
        ``coverage_90``, the share of the targets that lie in their intervals, and ``outside``, the share of crystals
        that are called outside of what was seen. Both are NaN where no test crystal is left.
    """
    chosen = predictable(runs[0], crystals, runs[0].split.test)
    if not len(chosen):
        return {"coverage_90": np.nan, "outside": np.nan}
    test = crystals.select(chosen)
    table, quantity = predict_with_range(runs, test, device), runs[0].quantity
    lower, upper = (table[quantity.with_unit(end)].to_numpy() for end in ("lower", "upper"))
    return {
        "coverage_90": float(((lower <= test.targets) & (test.targets <= upper)).mean()),
        "outside": float((table["range"] == "outside").mean()),
    }


def angles_numbers(
    runs: Runs, crystals: Mapping[str, Crystals], together: Mapping[tuple[str, str], pd.DataFrame], device: str = "auto"
) -> dict[str, Any]:
    """Return the numbers of the network that sees angles on each set.

    Args:
        runs: The runs of all networks, by set and network.
        crystals: The data set of each set.
        together: The predictions of all runs together on the test crystals, where there are several, from
            :func:`cgcnn.analysis.ensembles.predict_test`.
        device: The device, as for :func:`cgcnn.training.fit.fit`.

    Returns:
        For each set a dictionary: ``seeds``, ``n_train``, ``n_test``, ``train_mae``, ``validation_mae``, ``test_mae``
        and ``test_mae_std``; with several runs also ``together_mae``, ``coverage_90`` and ``outside``. Each error is
        the mean over the seeds. The errors of each seed stand under ``by_seed``, by ``<set>.<error>``.
    """
    numbers: dict[str, Any] = {"by_seed": {}}
    for (name, network), some in runs.items():
        if network != ANGLES:
            continue
        named = some[0].quantity.with_unit
        errors = error_table(some, crystals[name])
        parts = ("train_mae", "validation_mae", "test_mae")
        of_seeds = over_seeds([{name: {part: row[named(part)] for part in parts}} for row in errors.to_dict("records")])
        numbers["by_seed"] |= of_seeds.pop("by_seed")
        of_set = {
            "seeds": [run.config.seed for run in some],
            "n_train": len(some[0].split.train),
            "n_test": len(some[0].split.test),
            **of_seeds[name],
            "test_mae_std": float(errors[named("test_mae")].std()),
        }
        if len(some) > 1:
            error = together[name, network][named("error")]
            of_set |= {"together_mae": float(np.abs(error).mean()), **coverage(some, crystals[name], device)}
        numbers[name] = of_set
    return numbers


def gains_of_changes(trials: pd.DataFrame, quantity: Quantity = ENERGY) -> pd.DataFrame:
    """Return what each change does to the validation error, seed by seed.

    Args:
        trials: One row per run, as :func:`cgcnn.training.repeats.repeat` returns them, with the name of the set in
            ``set``. The first choice of a set is the one without a change, and each choice has the same seeds.
        quantity: What the runs predict.

    Returns:
        One row per set and choice: ``set``, ``choice``, ``n_seeds``, the mean validation error, such as
        ``validation_mae_eV_per_atom``, ``over_first`` (the mean over the seeds of the error over that of the first
        choice with the same seed), and ``lowest`` and ``highest``, this ratio of single seeds.
    """
    error = quantity.with_unit("validation_mae")
    columns = ["set", "choice", "n_seeds", error, "over_first", "lowest", "highest"]
    rows = []
    for name, of_set in trials.groupby("set", sort=False):
        by_choice = of_set.pivot_table(index="choice", columns="seed", values=error, sort=False)
        ratios = by_choice / by_choice.iloc[0]
        for choice in by_choice.index:
            of_seeds = ratios.loc[choice]
            ends = of_seeds.min(), of_seeds.max()
            rows.append((name, choice, len(of_seeds), by_choice.loc[choice].mean(), of_seeds.mean(), *ends))
    return pd.DataFrame(rows, columns=columns)


def trials_on_all(record: Mapping[str, Any]) -> pd.DataFrame:
    """Return the trials by which the parameters for the Materials Project were chosen.

    Args:
        record: The contents of ``benchmarks/angles_trials.json``.

    Returns:
        One row per trial, the largest error first: ``width``, ``learning_rate``, ``batch_size``, ``epochs``,
        ``n_neighbors``, ``loss_width`` and ``validation_mae_eV_per_atom``.
    """
    trials = pd.DataFrame(record["trials"]).drop(columns=["seed", "key"])
    return trials.sort_values("validation_mae_eV_per_atom", ascending=False, ignore_index=True)


def words_of(measured: Mapping[str, Any], compared: pd.DataFrame, quantity: Quantity = ENERGY) -> dict[str, float]:
    """Return the errors that the text of the section names, by their names there.

    Args:
        measured: The numbers of :func:`angles_numbers`.
        compared: The table of :func:`cgcnn.paper.networks.compare_networks`.
        quantity: What the runs predict.

    Returns:
        For each set that the paper's network was trained on too, ``<set>_paper`` and ``<set>_angles``, the mean test
        errors of one network, and ``<set>_together``, that of all networks with angles together.
    """
    is_alone = (compared["network"] == "paper") & (compared["members"] == 1)
    alone = compared[is_alone].set_index("set")[quantity.with_unit("test_mae")]
    words: dict[str, float] = {}
    for name, error in alone.items():
        of_set = measured[str(name)]
        words |= {f"{name}_paper": float(error), f"{name}_angles": of_set["test_mae"]}
        words[f"{name}_together"] = of_set.get("together_mae", of_set["test_mae"])
    return words
