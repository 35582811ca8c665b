"""Say what is missing of the paper's Materials Project: energies, ids, and the elements that it is likely to hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cgcnn.data.crystals import ELEMENT_SYMBOLS, Crystals
from cgcnn.figures.style import COLORS, PAGE, styled
from cgcnn.paper.full_run import estimate
from cgcnn.paper.records import read_record

#: What ``benchmarks/missing.py`` measures, as ``benchmarks/missing.json`` holds it.
Record = Mapping[str, Any]

#: The name of the crystals that hold sulfur and no oxygen, which stand beside the elements.
SULFIDES = "S without O"
# The width of the bins of energies within which crystals are taken to be alike, in eV/atom.
_BIN = 0.1
# Crystals are compared by ids in blocks of so many numbers: those of one block were added at about the same time.
_BLOCK = 100_000
# Blocks with a smaller share of the crystals here and of the missing ones together are not drawn.
_FEWEST = 0.005
# Elements of fewer crystals here are not shown: a share of few crystals says little.
_FEWEST_CRYSTALS = 200
_SHOWN_IN_FIGURE = ("O", "Li", "P", "F", SULFIDES)


def blocks(ids: Sequence[str]) -> np.ndarray:
    """Return the block of each id, (n,) text: ``mp-7`` for mp-700000 to mp-799999, and ``mp-0`` below mp-100000."""
    parts = [crystal_id.split("-") for crystal_id in ids]
    return np.array([f"{kind}-{int(number) // _BLOCK}" for kind, number in parts])


def holdings(crystals: Crystals) -> pd.DataFrame:
    """Return which crystals hold which element: one row per crystal, one bool per symbol, and :data:`SULFIDES`."""
    held = np.zeros((len(crystals), len(ELEMENT_SYMBOLS)), dtype=bool)
    held[np.repeat(np.arange(len(crystals)), crystals.n_sites), crystals.atomic_numbers] = True
    table = pd.DataFrame(held[:, 1:], columns=pd.Index(ELEMENT_SYMBOLS[1:].astype(object)), index=list(crystals.ids))
    return table.assign(**{SULFIDES: table["S"] & ~table["O"]})


def expected_means(
    known: pd.DataFrame, energies: np.ndarray, other_ids: Sequence[str], other_energies: np.ndarray
) -> pd.DataFrame:
    """Return what is to be expected of other crystals, if they are like those of their energy and ids.

    Args:
        known: What is known of n crystals, such as :func:`holdings` returns it; the index holds the ids.
        energies: (n,) The formation energies of these crystals in eV/atom.
        other_ids: The ids of m crystals whose elements are not known.
        other_energies: (m,) Their formation energies in eV/atom.

    Returns:
        (m rows) The mean of each column over the crystals of the same 0.1 eV/atom and the same 100,000 ids, which for
        an element is the share of those that hold it. Where there are none, it is the mean over those of the same
        energy, and else over all.
    """
    keyed = known.astype(float).set_axis(_keys(known.index.tolist(), energies))
    wanted = _keys(other_ids, other_energies)
    alike = keyed.groupby(level=["energy", "block"]).mean().reindex(wanted).reset_index(drop=True)
    by_energy = keyed.groupby(level="energy").mean().reindex(wanted.get_level_values("energy")).reset_index(drop=True)
    return alike.fillna(by_energy).fillna(known.mean())


def _keys(ids: Sequence[str], energies: np.ndarray) -> pd.MultiIndex:
    return pd.MultiIndex.from_arrays([np.floor(energies / _BIN).astype(int), blocks(ids)], names=["energy", "block"])


def measure(
    crystals: Crystals, energies: Mapping[str, float], listed: frozenset[str], later: Crystals
) -> dict[str, Any]:
    """Compare the crystals of the paper that are here with those that are missing.

    Args:
        crystals: The crystals of the paper that are here, with formation energies in eV/atom.
        energies: The energies of the snapshot of 2018 by id.
        listed: The ids of all crystals of the paper.
        later: Crystals of the snapshot as they were relaxed later, a few of which are missing here.

    Returns:
        What :data:`Record` holds: numbers of crystals, histograms of energies, shares of ids by block, and for each
        element how many crystals hold it here and are expected to among the missing ones. ``checks`` has the share of
        oxides that is expected in the same way where the elements are known, beside the share that is found.
    """
    missing = sorted(listed - set(crystals.ids))
    known = [crystal_id for crystal_id in missing if crystal_id in energies]
    of_missing = np.array([energies[crystal_id] for crystal_id in known])
    held = holdings(crystals)
    expected = expected_means(held, crystals.targets, known, of_missing)
    low, high = (np.quantile(crystals.targets, share) for share in (0.001, 0.999))
    edges = np.arange(np.floor(low / _BIN), np.ceil(high / _BIN) + 1) * _BIN
    of_here, of_known = blocks(crystals.ids), blocks(known)
    sites = pd.DataFrame({"sites": crystals.n_sites}, index=held.index)
    elements = pd.DataFrame({"here": held.sum(), "expected_missing": expected.sum()})
    found = np.array([crystal_id in set(missing) for crystal_id in later.ids])
    outside = np.array([crystal_id not in listed for crystal_id in later.ids])
    return {
        "n_listed": len(listed),
        "n_here": len(crystals),
        "n_missing": len(missing),
        "n_with_energy": len(known),
        "here_mean_eV_per_atom": crystals.targets.mean(),
        "here_std_eV_per_atom": crystals.targets.std(),
        "missing_mean_eV_per_atom": of_missing.mean(),
        "missing_std_eV_per_atom": of_missing.std(),
        "here_mean_sites": crystals.n_sites.mean(),
        "expected_missing_mean_sites": expected_means(sites, crystals.targets, known, of_missing)["sites"].mean(),
        "edges_eV_per_atom": edges,
        "here_counts": np.histogram(crystals.targets, edges)[0],
        "missing_counts": np.histogram(of_missing, edges)[0],
        "blocks": [
            {"block": block, "here": (of_here == block).mean(), "missing": (of_known == block).mean()}
            for block in sorted({*of_here, *of_known}, key=_order)
        ],
        "elements": elements.rename_axis("element").reset_index().to_dict("records"),
        "checks": {
            "missing": _check(held, crystals, later.select(np.flatnonzero(found))),
            "outside": _check(held, crystals, later.select(np.flatnonzero(outside))),
        },
    }


def _order(block: str) -> tuple[str, int]:
    kind, number = block.split("-")
    return kind, int(number)


def _check(held: pd.DataFrame, crystals: Crystals, others: Crystals) -> dict[str, Any]:
    """Return the share of oxides among other crystals as it is expected, and as it is."""
    expected = expected_means(held, crystals.targets, others.ids, others.targets)
    return {"n": len(others), "expected_oxides": expected["O"].mean(), "oxides": holdings(others)["O"].mean()}


def element_table(record: Record) -> pd.DataFrame:
    """Return the elements that lose the largest share of their crystals, by expectation.

    Args:
        record: The measurements.

    Returns:
        One row per element of 200 crystals or more here: index ``element``, ``here``, ``expected_missing``, and
        ``share_missing`` of both together, the largest first.
    """
    table = pd.DataFrame(record["elements"]).set_index("element")
    table = table[table["here"] >= _FEWEST_CRYSTALS]
    share = table["expected_missing"] / (table["expected_missing"] + table["here"])
    return table.assign(share_missing=share).sort_values("share_missing", ascending=False)


def read_records() -> dict[str, Any]:
    """Return what was measured once, by name: ``missing``, ``other_cells``, and ``results`` on speed."""
    return {name: read_record(name) for name in ("missing", "other_cells", "results")}


def cell_numbers(record: Record) -> dict[str, Any]:
    """Return the errors of the paper's network on other cells and on other crystals, by name.

    Args:
        record: The contents of ``benchmarks/other_cells.json``: errors of the published seeds 0 to 2 together.
    """
    of_paper = next(entry for entry in record["networks"] if entry["network"] == "paper")
    found: dict[str, Any] = {"n_seeds": len(of_paper["seeds"])}
    for group in ("own_cells", "later_cells", "outside"):
        entry = of_paper[group]
        found |= {
            f"{group}_n": entry["n"],
            f"{group}_mae": entry["mae_eV_per_atom"],
            f"{group}_mae_standard_error": entry["mae_standard_error_eV_per_atom"],
            f"{group}_median_error": entry["median_error_eV_per_atom"],
        }
    return found


def missing_numbers(record: Record) -> dict[str, Any]:
    """Return the numbers of the text on the missing crystals, by name.

    Args:
        record: The measurements.
    """
    counted = ("n_listed", "n_here", "n_missing", "n_with_energy")
    energies = tuple(f"{group}_{what}_eV_per_atom" for group in ("here", "missing") for what in ("mean", "std"))
    largest = max(record["blocks"], key=lambda block: block["missing"])
    table, checks = element_table(record), record["checks"]
    return {
        **{name: record[name] for name in (*counted, *energies)},
        "n_without_energy": record["n_missing"] - record["n_with_energy"],
        "bin_eV_per_atom": _BIN,
        "ids_per_block": _BLOCK,
        "here_mean_sites": record["here_mean_sites"],
        "expected_mean_sites": record["expected_missing_mean_sites"],
        "largest_block": largest["block"],
        "largest_block_missing": largest["missing"],
        "largest_block_here": largest["here"],
        "oxides_here": table.loc["O", "here"] / record["n_here"],
        "oxides_expected": table.loc["O", "expected_missing"] / record["n_with_energy"],
        "oxides_lost": table.loc["O", "share_missing"],
        "sulfides_lost": table.loc[SULFIDES, "share_missing"],
        "most_lost": ", ".join(str(name) for name in table.index[:8]),
        "n_found": checks["missing"]["n"],
        "found_oxides": checks["missing"]["oxides"],
        "found_oxides_expected": checks["missing"]["expected_oxides"],
        "n_outside": checks["outside"]["n"],
        "outside_oxides": checks["outside"]["oxides"],
        "outside_oxides_expected": checks["outside"]["expected_oxides"],
    }


def text_values(records: Mapping[str, Record]) -> dict[str, Any]:
    """Return all numbers of the text by name: ``missing_...``, ``cells_...`` and ``full_...``.

    Args:
        records: As :func:`read_records` returns them.
    """
    groups = {
        "missing": missing_numbers(records["missing"]),
        "cells": cell_numbers(records["other_cells"]),
        "full": estimate(records["results"], _growth(records["missing"])),
    }
    return {f"{group}_{name}": value for group, found in groups.items() for name, value in found.items()}


def _growth(record: Record) -> float:
    """Return by which factor the sites grow when the missing crystals that have an energy are added."""
    here, missing = record["here_mean_sites"], record["expected_missing_mean_sites"]
    return float(1 + record["n_with_energy"] * missing / (record["n_here"] * here))


def missing_table(record: Record) -> pd.DataFrame:
    """Return how the crystals that are here and those that are missing are spread over energies, ids and elements.

    Args:
        record: The measurements.

    Returns:
        One row per bar: ``panel`` (``energies``, ``ids`` or ``elements``), ``name`` (the lower end of the energies in
        eV per atom, the number in the ids in hundred thousands, or the element), and the shares of the crystals,
        ``here`` and ``missing``. Those of elements are expected for the missing crystals.
    """
    counts = {group: np.array(record[f"{group}_counts"]) for group in ("here", "missing")}
    energies = pd.DataFrame({group: found / found.sum() for group, found in counts.items()})
    energies.insert(0, "name", [f"{edge:g}" for edge in record["edges_eV_per_atom"][:-1]])
    blocks = pd.DataFrame(record["blocks"])
    blocks = blocks[(blocks["here"] + blocks["missing"]) > _FEWEST]
    ids = blocks.assign(name=blocks["block"].str.removeprefix("mp-"))[["name", "here", "missing"]]
    table = pd.DataFrame(record["elements"]).set_index("element").loc[list(_SHOWN_IN_FIGURE)]
    elements = pd.DataFrame(
        {
            "name": list(_SHOWN_IN_FIGURE),
            "here": (table["here"] / record["n_here"]).to_numpy(),
            "missing": (table["expected_missing"] / record["n_with_energy"]).to_numpy(),
        }
    )
    panels = {"energies": energies, "ids": ids, "elements": elements}
    return pd.concat(panels, names=["panel"]).reset_index("panel").reset_index(drop=True)


@styled
def missing_figure(table: pd.DataFrame) -> Figure:
    """Draw energies and ids of the crystals that are here and of those that are missing, and what these may hold.

    Args:
        table: The table of :func:`missing_table`.
    """
    figure = Figure(figsize=(PAGE, 2.5), layout="constrained")
    left, middle, right = figure.subplots(1, 3)
    energies, ids, elements = (table[table["panel"] == panel] for panel in ("energies", "ids", "elements"))
    lower = energies["name"].astype(float).to_numpy()
    for group, color in (("here", COLORS["blue"]), ("missing", COLORS["vermilion"])):
        heights = energies[group].to_numpy() / _BIN
        left.stairs(heights, [*lower, lower[-1] + _BIN], color=color, fill=True, alpha=0.45, label=group)
    left.set(xlabel="formation energy (eV/atom)", ylabel="share of crystals per eV/atom", title="(a) energies")
    _pairs(middle, ids)
    middle.set(xlabel="number in the id (hundred thousands)", ylabel="share of crystals", title="(b) ids")
    middle.legend(*left.get_legend_handles_labels(), loc="upper right")
    _pairs(right, elements)
    right.set_xticks(range(len(elements)), [name.replace(" ", "\n", 1) for name in elements["name"]])
    right.set(ylabel="share of crystals", title="(c) elements, expected")
    return figure


def _pairs(axis: Axes, rows: pd.DataFrame) -> None:
    """Draw two bars for each row."""
    places = np.arange(len(rows))
    axis.bar(places - 0.2, rows["here"], 0.4, color=COLORS["blue"], alpha=0.8)
    axis.bar(places + 0.2, rows["missing"], 0.4, color=COLORS["vermilion"], alpha=0.8)
    axis.set_xticks(places, rows["name"].tolist())
