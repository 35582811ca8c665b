"""The tables of what a GPU takes, made from the record of the benchmark that ``benchmarks/gpu.py`` wrote."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

#: The measurements of ``benchmarks/gpu.py``, as ``benchmarks/gpu.json`` holds them.
Record = Mapping[str, Any]

# The cases of the benchmark, by their names on the page.
_CASES = {
    "perovskites": "perovskites",
    "materials_project": "Materials Project",
    "perovskites-angles": "perovskites, with angles",
    "materials_project-angles": "Materials Project, with angles",
}
# The precisions of products, by torch's words.
_PRECISIONS = {"highest": "float32", "high": "TF32", "medium": "bfloat16"}
# The ways to take an epoch, with the names of their seconds in the record. The last name of the replayed loops is that
# of records from before the loops became part of the package.
_WAYS = {
    "torch's operations": ("plain_{}_epoch_s",),
    "torch's operations, compiled": ("compiled_{}_epoch_s",),
    "torch's operations, replayed": ("plain_{}_replayed_epoch_s",),
    "the package's loops": ("fused_{}_epoch_s",),
    "the package's loops, replayed": ("fused_{}_replayed_epoch_s", "replayed_{}_epoch_s"),
}
# What is measured in float32 alone.
_IN_FLOAT32 = {
    "classic path": "classic_epoch_s",
    "floor of arithmetic": "floor_arithmetic_s",
    "floor of memory": "floor_memory_s",
}
# The numbers of a whole training in float32, with their names in the record and their formats on the page.
_OF_TRAINING = {
    "a training, s": (("training_s", "replayed_highest_training_s"), "{:.3g}"),
    "its validation MAE, eV/atom": (
        ("validation_mae_eV_per_atom", "replayed_highest_validation_mae_eV_per_atom"),
        "{:.4f}",
    ),
    "that of the published run, on a CPU": (("published_validation_mae_eV_per_atom",), "{:.4f}"),
    "largest relative error, torch's operations": (("plain_highest_worst_relative_error",), "{:.1e}"),
    "largest relative error, the package's loops": (("fused_highest_worst_relative_error",), "{:.1e}"),
}
_UNKNOWN = "not measured"


def where_measured(gpu: Record) -> str:
    """Return on what GPU the benchmark was run, and whether by the code that this package has, in Markdown."""
    said = f"**Measured** on one {gpu['device']}, with torch {gpu['torch']}."
    # The script has measured the best rates of a GPU since the loops are part of the package.
    if "peaks" in gpu:
        return said
    return (
        f"{said} This was an earlier version of the loops and of the script, from before they became part of the "
        "package. The package as it is was not measured on a GPU."
    )


def epoch_table(gpu: Record) -> pd.DataFrame:
    """Return the seconds of an epoch over the training crystals.

    Returns:
        One row per case, way and precision of products that can be measured: ``case``, ``n_crystals``, ``way``,
        ``precision`` and ``seconds``, which is NaN where it was not measured.
    """
    rows = []
    for case, found in gpu["sets"].items():
        names = [
            (way, word, [name.format(precision) for name in names])
            for way, names in _WAYS.items()
            for precision, word in _PRECISIONS.items()
        ]
        names += [(way, _PRECISIONS["highest"], [name]) for way, name in _IN_FLOAT32.items()]
        rows += [(case, found["n_training"], way, word, _first(found, keys)) for way, word, keys in names]
    return pd.DataFrame(rows, columns=["case", "n_crystals", "way", "precision", "seconds"])


def epochs_on_the_page(table: pd.DataFrame) -> pd.DataFrame:
    """Return :func:`epoch_table` as text: one row per way and precision of products, one column per case.

    A row of which nothing was measured is left out. :func:`not_measured` names it.
    """
    shown = table[table.groupby(["way", "precision"])["seconds"].transform("count") > 0]
    texts = shown.assign(
        label=shown["way"] + ", " + shown["precision"],
        text=shown["seconds"].map(lambda each: _UNKNOWN if np.isnan(each) else f"{each:.3g}"),
    )
    columns = {
        f"{_CASES.get(str(case), case)} ({rows['n_crystals'].iloc[0]:,} crystals)": rows.set_index("label")["text"]
        for case, rows in texts.groupby("case", sort=False)
    }
    return pd.DataFrame(columns).rename_axis("seconds of an epoch")


def not_measured(table: pd.DataFrame) -> str:
    """Return a sentence that names the ways and precisions of :func:`epoch_table` of which no case was measured.

    Args:
        table: The table of the epochs.

    Returns:
        The sentence, in which a way without any precision stands alone; empty where nothing is missing.
    """
    missing = table.groupby(["way", "precision"], sort=False)["seconds"].count() == 0
    named = [
        str(way) if rows.all() else f"{way}, {' and '.join(rows.index[rows].get_level_values('precision'))}"
        for way, rows in missing.groupby(level="way", sort=False)
        if rows.any()
    ]
    return f"Not measured in this run: {'; '.join(named)}." if named else ""


def training_table(gpu: Record) -> pd.DataFrame:
    """Return the numbers of a whole training, one row per case with one: NaN where a number was not measured.

    The relative errors are those of energies, gradients and moments of one batch against double precision.
    """
    rows = {
        _CASES.get(case, case): {label: _first(found, names) for label, (names, _) in _OF_TRAINING.items()}
        for case, found in gpu["sets"].items()
        if "published_validation_mae_eV_per_atom" in found
    }
    return pd.DataFrame(rows).T.rename_axis("float32")


def trainings_on_the_page(table: pd.DataFrame) -> pd.DataFrame:
    """Return :func:`training_table` as text, one column per case."""
    formats = {label: form for label, (_, form) in _OF_TRAINING.items()}
    columns = {
        case: {label: _UNKNOWN if np.isnan(each) else formats[str(label)].format(each) for label, each in row.items()}
        for case, row in table.iterrows()
    }
    return pd.DataFrame(columns).rename_axis("float32")


def _first(found: Mapping[str, Any], names: list[str] | tuple[str, ...]) -> float:
    """Return the number of the first name that a record has; NaN where it has none."""
    return next((float(found[name]) for name in names if name in found), np.nan)
