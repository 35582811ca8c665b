"""Whether a network that sees angles knows when it does not know, from the record of ``benchmarks/ranges.py``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from cgcnn.figures.names import NETWORKS
from cgcnn.paper.records import read_record

#: What the record calls the runs of a network that predict together.
TOGETHER = "three seeds"
_ENERGY, _LOWER, _UPPER = "energy_eV_per_atom", "lower_eV_per_atom", "upper_eV_per_atom"


def read_ranges() -> Mapping[str, Any]:
    """Return the record of the benchmark, ``benchmarks/ranges.json`` of this project."""
    return read_record("ranges")


def words_on_test(record: Mapping[str, Any]) -> pd.DataFrame:
    """Return what the ranges of three runs together are worth on the test crystals.

    Args:
        record: The record of the benchmark.

    Returns:
        One row per set and network: ``set``, ``network``, ``coverage`` (the share of targets in their 90 % intervals),
        ``half_width_eV_per_atom`` (the median), and ``outside`` and ``inside_mae_eV_per_atom`` and
        ``outside_mae_eV_per_atom`` (the share of crystals that are called outside of what was seen, and the errors of
        those that are called inside and outside).
    """
    rows = []
    for entry in record["test"]:
        if entry["runs"] == TOGETHER:
            by_word = {row["range"]: row for row in entry["by_range"]}
            rows.append(
                {
                    "set": entry["set"],
                    "network": entry["network"],
                    "coverage": by_word["all"]["coverage"],
                    "half_width_eV_per_atom": by_word["all"]["median_half_width_eV_per_atom"],
                    "outside": by_word["outside"]["share"],
                    "inside_mae_eV_per_atom": by_word["inside"]["mae_eV_per_atom"],
                    "outside_mae_eV_per_atom": by_word["outside"]["mae_eV_per_atom"],
                }
            )
    return pd.DataFrame(rows)


def strange_words(record: Mapping[str, Any]) -> pd.DataFrame:
    """Return what three runs together say of crystals that are unlike all that they were trained on.

    Args:
        record: The record of the benchmark.

    Returns:
        One row per set and crystal: ``set``, ``crystal``, and for each network a column with the predicted energy, the
        half width of its 90 % interval, in eV per atom, and the word, such as ``1.18 ± 1.90, outside``.
    """
    table = pd.DataFrame([entry for entry in record["strange"] if entry["runs"] == TOGETHER])
    half_widths = (table[_UPPER] - table[_LOWER]) / 2
    said = [
        f"{energy:.2f} ± {half:.2f}, {word}".replace("-", "\N{MINUS SIGN}")
        for energy, half, word in zip(table[_ENERGY], half_widths, table["range"], strict=True)
    ]
    # The better network has another name on boron, where it takes 24 neighbors.
    networks = table["network"].str.split("-").str[0]
    named = table.assign(said=said, network=networks)
    wide = named.pivot_table(index=["set", "crystal"], columns="network", values="said", aggfunc="first", sort=False)
    return wide[networks.unique()].rename(columns=NETWORKS).rename_axis(columns=None).reset_index()
