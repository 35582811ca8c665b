"""What larger sets of crystals would take: measured times and bytes, carried on by the measured slopes."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median
from typing import Any

import pandas as pd

from cgcnn.paper.recipes import recipe

#: The data set that was measured, and from which larger ones are reckoned.
MEASURED = "materials_project"
#: The numbers of crystals, by their names in the text; the measured set times 10 and 1,000, and a hundred million.
SIZES = ("measured", "times_10", "times_1000", "hundred_million")
_FACTORS = {"measured": 1, "times_10": 10, "times_1000": 1000}
_HUNDRED_MILLION = 100_000_000
_HOUR = 3600.0


def scaling_table(record: Mapping[str, Any], gpu: Mapping[str, Any]) -> pd.DataFrame:
    """Return what sets of growing size take, if each quantity goes on growing as it was measured to grow.

    Graphs and their bytes are counted per crystal, and grow in proportion. The time of an epoch grows with the slope
    that was measured over the sizes of the benchmark, in logarithms of both. That of a GPU grows in proportion to the
    crystals, which is the number of its steps.

    Args:
        record: The measurements of ``benchmarks/run.py``.
        gpu: The measurements of ``benchmarks/gpu.py``.

    Returns:
        One row per name of :data:`SIZES`: ``crystals``, ``graphs_GB`` on disk, ``graphs_h`` to build them on one
        processor, ``epoch_h`` and ``training_h`` on the machine of the benchmark, ``gpu_epoch_h`` and
        ``gpu_training_h``. A training has the epochs of the published runs.
    """
    load, sizes = record[MEASURED]["load"]["cgcnn"], record[MEASURED]["epochs"]["cgcnn"]
    largest = max(sizes, key=int)
    slope = record["slope_epoch_vs_n"][MEASURED]["cgcnn"]
    per_graph = median(record[MEASURED]["graphs_s_per_structure"]["cgcnn"])
    on_gpu = gpu["sets"][MEASURED]
    per_crystal_gpu = on_gpu["plain_high_epoch_s"] / on_gpu["n_training"]
    epochs = recipe(MEASURED).training["epochs"]
    rows = []
    for name in SIZES:
        crystals = load["crystals"] * _FACTORS[name] if name in _FACTORS else _HUNDRED_MILLION
        epoch = median(sizes[largest]) * (crystals / int(largest)) ** slope / _HOUR
        gpu_epoch = per_crystal_gpu * crystals / _HOUR
        rows.append(
            {
                "size": name,
                "crystals": crystals,
                "graphs_GB": load["bytes"] / load["crystals"] * crystals / 1e9,
                "graphs_h": per_graph * crystals / _HOUR,
                "epoch_h": epoch,
                "training_h": epochs * epoch,
                "gpu_epoch_h": gpu_epoch,
                "gpu_training_h": epochs * gpu_epoch,
            }
        )
    return pd.DataFrame(rows).set_index("size")


def texts(table: pd.DataFrame, record: Mapping[str, Any]) -> dict[str, str]:
    """Return the cells of :func:`scaling_table` with their units, by names such as ``scaling-times_10-epoch_h``.

    ``scaling-<size>-hosts`` is the number of machines like that of the benchmark that share an epoch of at most an
    hour, and ``scaling-<size>-gpus`` that of GPUs that share a training of at most a day, if they lose nothing by
    sharing. ``scaling-slope`` is the slope of an epoch.
    """
    found = {"scaling-slope": f"{record['slope_epoch_vs_n'][MEASURED]['cgcnn']:.2f}"}
    for size, row in table.iterrows():
        found[f"scaling-{size}-crystals"] = f"{row['crystals']:,.0f}"
        found[f"scaling-{size}-graphs_GB"] = _bytes(row["graphs_GB"])
        for column in ("graphs_h", "epoch_h", "training_h", "gpu_epoch_h", "gpu_training_h"):
            found[f"scaling-{size}-{column}"] = duration(row[column])
        found[f"scaling-{size}-hosts"] = f"{_whole(row['epoch_h']):,}"
        found[f"scaling-{size}-gpus"] = f"{_whole(row['gpu_training_h'] / 24):,}"
    return found


def on_the_page(table: pd.DataFrame, record: Mapping[str, Any]) -> pd.DataFrame:
    """Return :func:`scaling_table` for the page: one column per size, one row per quantity, with units."""
    known = texts(table, record)
    rows = {
        label: [known[f"scaling-{size}-{column}"] for size in table.index]
        for label, column in (
            ("packed graphs on disk", "graphs_GB"),
            ("graphs, built on one processor", "graphs_h"),
            ("an epoch on the two processors", "epoch_h"),
            ("a training on the two processors", "training_h"),
            ("an epoch on one GPU", "gpu_epoch_h"),
            ("a training on one GPU", "gpu_training_h"),
        )
    }
    return pd.DataFrame(rows, index=[f"{crystals:,.0f} crystals" for crystals in table["crystals"]]).T


def duration(hours: float) -> str:
    """Return a time in the unit in which it is easy to read, such as ``7.4 s``, with two significant digits."""
    for unit, size in (("years", 365.25 * 24), ("days", 24), ("h", 1), ("min", 1 / 60), ("s", 1 / _HOUR)):
        if hours >= size or unit == "s":
            value = float(f"{hours / size:.2g}")
            return f"{value:,g} {unit}"
    raise AssertionError


def _bytes(gigabytes: float) -> str:
    value, unit = (gigabytes, "GB") if gigabytes >= 1 else (1000 * gigabytes, "MB")
    return f"{float(f'{value:.2g}'):,g} {unit}"


def _whole(number: float) -> int:
    """Return the next whole number, which is at least 1."""
    return max(1, -int(-number // 1))
