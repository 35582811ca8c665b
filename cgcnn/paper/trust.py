"""The tables of the page on trust, made from the record of the campaigns that ``make trust`` runs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

#: What the campaigns found, as ``tests/trust/record.json`` holds it.
Record = Mapping[str, Any]

_NOBODY = "nobody"
# The stages of a training in the order in which it passes them.
_STAGES = ("before the training", "training", "writing a checkpoint", "writing the run", "after the training")


def fault_table(record: Record) -> pd.DataFrame:
    """Return how the program met each kind of fault.

    Returns:
        One row per fault: ``fault``, ``tries``, ``wrong`` (how often the program broke its promise), ``promise`` (what
        it promises then) and ``measured`` (the day of the campaign).
    """
    return pd.DataFrame(record["faults"])[["fault", "tries", "wrong", "promise", "measured"]]


def stage_table(record: Record) -> pd.DataFrame:
    """Return what the killed and the interrupted trainings were doing at that moment, and what they lost.

    Returns:
        One row per stage, which is also the index, in the order in which a training passes them, and a last row for the
        steps of the optimizer that were trained again; the columns are ``killed`` and ``interrupted``.
    """
    columns = {
        name: {**record[part]["stages"], "steps trained again": record[part]["steps_lost"]}
        for name, part in (("killed", "kills"), ("interrupted", "interrupts"))
    }
    table = pd.DataFrame(columns).rename_axis("stage")
    return table.loc[sorted(table.index, key=lambda name: _STAGES.index(name) if name in _STAGES else len(_STAGES))]


def mutation_table(record: Record) -> pd.DataFrame:
    """Return the changes of the code that were tried, each of which breaks one promise of the package.

    Returns:
        One row per change: ``breaks`` (what it breaks), ``file``, and ``caught_by``, the first test that failed; where
        no test failed this is ``nobody``.
    """
    table = pd.DataFrame(record["mutations"]["list"])[["breaks", "file", "caught_by"]]
    tests = table["caught_by"].fillna(_NOBODY).str.removeprefix("tests/")
    return table.assign(caught_by=tests, file=table["file"].str.removeprefix("cgcnn/")).sort_values(
        ["file", "breaks"], ignore_index=True
    )


def mutations_by_wing(record: Record) -> pd.DataFrame:
    """Return how many of the changes were caught, by the wing of the package.

    Returns:
        One row per wing, which is also the index: ``applied`` and ``caught``.
    """
    table = mutation_table(record)
    wing = table["file"].str.split("/").str[0].rename("wing")
    caught = table["caught_by"] != _NOBODY
    return pd.DataFrame({"applied": caught.groupby(wing).size(), "caught": caught.groupby(wing).sum()})


def wing_table(record: Record) -> pd.DataFrame:
    """Return how well the tests know each wing of the package.

    Returns:
        One row per wing, which is also the index: ``applied`` and ``caught`` of :func:`mutations_by_wing`, and
        ``lines run``, the share of its lines that the tests run, in percent.
    """
    shares = pd.Series(record["coverage_by_wing"], name="lines run").mul(100)
    return mutations_by_wing(record).join(shares)


def corpus_table(record: Record) -> pd.DataFrame:
    """Return the bad files that the tests make and read.

    Returns:
        One row per file: ``kind``, ``name`` and ``error``, the words that the reader is told.
    """
    return pd.DataFrame(record["corpus"])[["kind", "name", "error"]].sort_values(["kind", "name"], ignore_index=True)


def days(record: Record) -> dict[str, str]:
    """Return the days on which the campaigns ran, for the text of the page.

    Returns:
        ``trust-day-faults``, the day of the last campaign of faults, and ``trust-day-mutations``, that of the last
        campaign of mutations, such as ``26 November 2026``.
    """
    last = {"faults": fault_table(record)["measured"].max(), "mutations": record["mutations_measured"]}
    return {f"trust-day-{name}": f"{date.fromisoformat(day):%-d %B %Y}" for name, day in last.items()}


def trust_numbers(record: Record) -> dict[str, Any]:
    """Return the numbers of the page.

    Returns:
        ``faults``, a list with ``fault``, ``tries`` and ``wrong`` of each; ``mutations`` with the numbers ``applied``
        and ``caught``; ``coverage``, the share of the lines of the package that the tests run; and ``corpus``, the
        number of bad files.
    """
    caught = mutation_table(record)["caught_by"] != _NOBODY
    return {
        "faults": fault_table(record)[["fault", "tries", "wrong"]].to_dict(orient="records"),
        "mutations": {"applied": len(caught), "caught": int(caught.sum())},
        "coverage": record["coverage"],
        "corpus": len(record["corpus"]),
    }
