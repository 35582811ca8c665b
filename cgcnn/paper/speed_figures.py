"""The figures of the benchmark: times per epoch, graphs, memory, growth with size, and the time to reach an error."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter, ScalarFormatter, StrMethodFormatter

from cgcnn.figures.style import COLORS, PAGE, styled

#: The compared implementations in the order of the bars, each with its name on the page and its color.
IMPLEMENTATIONS = {
    "cgcnn": ("this project", COLORS["blue"]),
    "cgcnn2": ("cgcnn2", COLORS["orange"]),
    "classic": ("classic path", COLORS["gray"]),
}
#: The names of the data sets on the page.
DATASETS = {"perovskites": "perovskites", "materials_project": "Materials Project"}


@styled
def epochs(table: pd.DataFrame, floors: pd.DataFrame) -> Figure:
    """Draw the time per epoch (forward, backward and step), and the floors, the least times that it could take.

    Args:
        table: One row per data set, implementation and round: ``dataset``, ``implementation`` and ``seconds``.
        floors: One row per data set: ``dataset``, ``arithmetic_s`` and ``memory_s``, the two floors in seconds.
    """
    figure = Figure(figsize=(PAGE, 2.2), layout="constrained")
    for axis, (name, title), letter in zip(figure.subplots(1, 2), DATASETS.items(), "ab", strict=True):
        _dots(axis, table[table["dataset"] == name], "seconds", "{:.3g} s")
        rows = floors[floors["dataset"] == name]
        arithmetic, memory_floor = float(rows["arithmetic_s"].iloc[0]), float(rows["memory_s"].iloc[0])
        axis.axvline(arithmetic, color=COLORS["vermilion"], label="floor, arithmetic")
        axis.axvline(memory_floor, color=COLORS["purple"], linestyle="--", label="floor, memory")
        axis.set(xlabel="seconds per epoch", title=f"({letter}) {title}")
        axis.set_xlim(left=min(arithmetic, memory_floor) / 2)
    figure.legend(*figure.axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure


@styled
def graph_rates(table: pd.DataFrame) -> Figure:
    """Draw how many graphs of structures one process builds per second.

    Args:
        table: One row per data set, implementation and round: ``dataset``, ``implementation`` and
            ``structures_per_s``.
    """
    figure = Figure(figsize=(PAGE, 1.9), layout="constrained")
    for axis, (name, title), letter in zip(figure.subplots(1, 2), DATASETS.items(), "ab", strict=True):
        _dots(axis, table[table["dataset"] == name], "structures_per_s", "{:,.0f} /s")
        axis.set(xlabel="structures per second", title=f"({letter}) {title}")
    return figure


@styled
def memory(table: pd.DataFrame) -> Figure:
    """Draw how much memory the graphs and a training of the Materials Project set take.

    Args:
        table: One row per implementation: ``implementation``, ``bytes_per_site`` (of the graphs) and
            ``peak_gigabytes`` (of the training process).
    """
    figure = Figure(figsize=(PAGE, 1.9), layout="constrained")
    columns = {
        "bytes_per_site": ("graphs", "bytes per site", "{:,.0f}"),
        "peak_gigabytes": ("whole process", "peak memory (GB)", "{:.2f}"),
    }
    for axis, (column, (title, label, text)), letter in zip(figure.subplots(1, 2), columns.items(), "ab", strict=True):
        _dots(axis, table, column, text)
        axis.set(xlabel=label, title=f"({letter}) {title}")
    return figure


@styled
def growth(table: pd.DataFrame) -> Figure:
    """Draw the time per epoch against the number of crystals, on two logarithmic axes.

    Args:
        table: One row per data set, implementation, size and round: ``dataset``, ``implementation``, ``n_crystals``
            and ``seconds``.
    """
    figure = Figure(figsize=(PAGE, 2.6), layout="constrained")
    for axis, (name, title), letter in zip(figure.subplots(1, 2), DATASETS.items(), "ab", strict=True):
        for implementation, (label, color) in IMPLEMENTATIONS.items():
            chosen = table[(table["dataset"] == name) & (table["implementation"] == implementation)]
            axis.plot(chosen["n_crystals"], chosen["seconds"], "o", color=color, markersize=3, alpha=0.5, mew=0)
            medians = chosen.groupby("n_crystals")["seconds"].median()
            axis.plot(medians.index, medians, color=color, label=label)
        axis.set(xscale="log", yscale="log", xlabel="crystals", ylabel="seconds per epoch", title=f"({letter}) {title}")
        for direction in (axis.xaxis, axis.yaxis):
            direction.set_major_locator(LogLocator(subs=(1,) if direction is axis.yaxis else (1, 2, 5)))
            direction.set_major_formatter(StrMethodFormatter("{x:,g}"))
            direction.set_minor_formatter(NullFormatter())
    figure.axes[0].legend()
    return figure


@styled
def time_to_error(table: pd.DataFrame, wanted_error: float, unit: str = "eV/atom") -> Figure:
    """Draw the validation error against the time that a training has taken, one line per seed.

    Args:
        table: One row per validation: ``implementation``, ``seed``, ``seconds`` and ``validation_mae_eV_per_atom``.
        wanted_error: The error that the trainings are to reach, drawn as a dotted line.
        unit: The unit of the errors, for the labels.
    """
    figure = Figure(figsize=(PAGE, 2.6), layout="constrained")
    axis = figure.subplots()
    for implementation, (label, color) in IMPLEMENTATIONS.items():
        chosen = table[table["implementation"] == implementation]
        for place, (_, rows) in enumerate(chosen.groupby("seed")):
            axis.plot(
                rows["seconds"],
                rows["validation_mae_eV_per_atom"],
                color=color,
                linewidth=1,
                label=label if place == 0 else None,
            )
    axis.axhline(wanted_error, color="black", linestyle=":", linewidth=1, label=f"{wanted_error} {unit}")
    axis.set(xscale="log", yscale="log", xlabel="seconds of training", ylabel=f"validation MAE ({unit})")
    axis.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    for direction in (axis.xaxis, axis.yaxis):
        direction.set_major_formatter(ScalarFormatter())
        direction.set_minor_formatter(NullFormatter())
    axis.legend()
    return figure


@styled
def step_floors(table: pd.DataFrame, steps: Sequence[str]) -> Figure:
    """Draw the time of each step of a convolution beside its two floors.

    Args:
        table: One row per data set and step: ``dataset``, ``step``, ``seconds``, ``arithmetic_s`` and ``memory_s``.
        steps: The names of the steps to draw, from top to bottom.
    """
    figure = Figure(figsize=(PAGE, 2.5), layout="constrained")
    for axis, (name, title), letter in zip(figure.subplots(1, 2, sharey=True), DATASETS.items(), "ab", strict=True):
        rows = table[table["dataset"] == name].set_index("step").loc[list(steps)]
        places = np.arange(len(steps))
        axis.barh(places, 1e3 * rows["seconds"], color=COLORS["blue"], height=0.6, label="measured")
        floors = (("arithmetic_s", "|", "vermilion", "floor, arithmetic"), ("memory_s", "D", "purple", "floor, memory"))
        for column, marker, color, label in floors:
            size = 9 if marker == "|" else 3.5
            axis.plot(1e3 * rows[column], places, marker, color=COLORS[color], markersize=size, mew=1.5, label=label)
        axis.set_yticks(places, steps)
        axis.set(xlabel="milliseconds per convolution, batch of 256", title=f"({letter}) {title}")
    figure.axes[0].invert_yaxis()
    figure.legend(*figure.axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


def _dots(axis: Axes, table: pd.DataFrame, column: str, text: str) -> None:
    """Draw the median of each implementation as a dot on a logarithmic axis, and the range of its values as a line.

    A logarithmic axis has no zero, from which a bar could begin.
    """
    names = [name for name in IMPLEMENTATIONS if name in set(table["implementation"])]
    groups = [table.loc[table["implementation"] == name, column] for name in names]
    for place, (name, group) in enumerate(zip(names, groups, strict=True)):
        median = float(group.median())
        ends = [[median - group.min()], [group.max() - median]]
        axis.errorbar([median], [place], xerr=ends, fmt="o", color=IMPLEMENTATIONS[name][1], markersize=6, capsize=2)
    axis.set_yticks(range(len(names)), [IMPLEMENTATIONS[name][0] for name in names])
    axis.set_ylim(-0.6, len(names) - 0.4)
    axis.grid(axis="y", color="0.9", linewidth=0.6)
    axis.set_axisbelow(True)
    beside = float(table[column].max() / table[column].min() * 12) ** 0.04  # clear of the dot, whatever the axis spans
    for place, group in enumerate(groups):
        axis.text(float(group.max()) * beside, place, text.format(group.median()), va="center", fontsize=7)
    axis.set_xscale("log")
    axis.set_xlim(float(table[column].min()) / 3, float(table[column].max()) * 4)
    axis.xaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))
    axis.xaxis.set_minor_formatter(NullFormatter())
    axis.invert_yaxis()
