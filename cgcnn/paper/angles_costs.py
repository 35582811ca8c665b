"""What angles cost in a training, from the record that ``benchmarks/angles.py`` wrote."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cgcnn.paper.records import read_record

_MEGABYTE = 1e6


def read_costs(path: Path | None = None) -> Mapping[str, Any]:
    """Return the record of the benchmark.

    Args:
        path: The JSON file; None takes ``benchmarks/angles.json`` of this project.
    """
    return read_record("angles", path or "")


def cost_table(record: Mapping[str, Any]) -> pd.DataFrame:
    """Return what an epoch takes with and without angles.

    Args:
        record: The record of the benchmark.

    Returns:
        One row per set: ``set``, ``seconds_without`` and ``seconds_with`` (medians over the epochs), ``epoch_ratio``
        (the median over pairs of epochs that were run one after the other), and the peaks of the memory of the whole
        process, ``megabytes_without`` and ``megabytes_with``.
    """
    return pd.DataFrame(
        {
            "set": name,
            "seconds_without": float(np.median(of_set["seconds_without"])),
            "seconds_with": float(np.median(of_set["seconds_with"])),
            "epoch_ratio": of_set["epoch_ratio"],
            "megabytes_without": of_set["peak_bytes_without"] / _MEGABYTE,
            "megabytes_with": of_set["peak_bytes_with"] / _MEGABYTE,
        }
        for name, of_set in record["sets"].items()
    )


def with_ratios(numbers: Mapping[str, Any], costs: pd.DataFrame) -> dict[str, Any]:
    """Return the numbers of the section with ``epoch_ratio`` in those of each set that was timed.

    Args:
        numbers: The numbers of :func:`cgcnn.paper.angles_errors.angles_numbers`.
        costs: The table of :func:`cost_table`.
    """
    ratios = dict(zip(costs["set"], costs["epoch_ratio"], strict=True))
    return {
        name: {**value, "epoch_ratio": float(ratios[name])} if name in ratios else value
        for name, value in numbers.items()
    }
