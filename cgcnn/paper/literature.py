"""Published errors (``book/literature.yaml``) beside ours, as tables in Markdown that cite the works."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import yaml

from cgcnn.figures.names import readable_name
from cgcnn.files.paths import project_root
from cgcnn.paper.table_1 import best_of_ours

# Our set that is most similar to the data of others, by the first word of their name.
_NEAREST = {"perovskites": "perovskites", "Materials": "materials_project"}


def read_literature() -> dict[str, pd.DataFrame]:
    """Return the tables of ``book/literature.yaml``.

    Returns:
        ``paper_table_1``, the rows of the paper's Table I, and ``leaders``, the best later methods. Both have one row
        per method: ``method``, ``mae_eV_per_atom``, ``data``, ``training_size`` and ``cite`` (a key of the
        bibliography).
    """
    tables = yaml.safe_load((project_root() / "book" / "literature.yaml").read_text())
    return {name: pd.DataFrame(rows) for name, rows in tables.items()}


def beside_the_papers(paper: pd.DataFrame, methods: pd.DataFrame, training_sizes: Mapping[str, int]) -> pd.DataFrame:
    """Return the rows of the paper's Table I, followed by ours.

    Args:
        paper: The rows of the paper.
        methods: The table of :func:`cgcnn.paper.table_1.same_crystals`, from which the rows of this book are taken.
        training_sizes: Our number of training crystals of each set.

    Returns:
        One row per method, with the columns of the paper's rows.
    """
    ours = methods[methods["ours"]]
    rows = ours.rename(columns={"test_mae_eV_per_atom": "mae_eV_per_atom"}).assign(
        data=ours["set"].map(readable_name) + ", here", training_size=ours["set"].map(training_sizes), cite=""
    )
    return pd.concat([paper, rows[paper.columns]], ignore_index=True)


def compare_leaders(leaders: pd.DataFrame, methods: pd.DataFrame) -> pd.DataFrame:
    """Compare the errors of the leaders with the best of this book on the most similar set.

    Args:
        leaders: One row per method, with the name of its data in ``data``.
        methods: The table of :func:`cgcnn.paper.table_1.same_crystals`.

    Returns:
        The rows of the leaders, with the further column ``over_ours``, their error divided by ours.
    """
    nearest = leaders["data"].str.split().str[0].map(_NEAREST)
    return leaders.assign(over_ours=leaders["mae_eV_per_atom"] / best_of_ours(methods)[nearest].to_numpy())


def table_1_markdown(table: pd.DataFrame) -> str:
    """Return the rows of :func:`beside_the_papers` as a table in Markdown that cites the works."""
    return _markdown(
        ["method", "MAE (eV/atom)", "data", "training crystals"],
        [f"{_name(row)} | {_error(row)} | {row.data} | {row.training_size:,}" for row in table.itertuples()],
    )


def leaders_markdown(table: pd.DataFrame) -> str:
    """Return the rows of :func:`compare_leaders` as a table in Markdown that cites the works."""
    return _markdown(
        ["method", "MAE (eV/atom)", "data", "training crystals", "over ours"],
        [
            f"{_name(row)} | {row.mae_eV_per_atom:.4f} | {row.data} | {row.training_size:,} | {row.over_ours:.2f}"
            for row in table.itertuples()
        ],
    )


def _name(row: Any) -> str:
    """Return the name of a method, with the work that published it, where it is not this book."""
    return f"{row.method} {{cite}}`{row.cite}`" if row.cite else str(row.method)


def _error(row: Any) -> str:
    """Return an error with the digits that the paper gives, or four of ours."""
    return f"{row.mae_eV_per_atom:.3g}" if row.cite else f"{row.mae_eV_per_atom:.4f}"


def _markdown(names: list[str], rows: list[str]) -> str:
    return "\n".join([f"| {' | '.join(names)} |", "|---" * len(names) + "|", *(f"| {row} |" for row in rows)])
