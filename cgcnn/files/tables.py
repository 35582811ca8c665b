"""Write tables and numbers that people read, as CSV and JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cgcnn.files.writing import replacing


def save_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV with six significant digits.

    Args:
        table: The table. Its index is written only where the index has a name.
        path: The file to write, whole or not at all.
    """
    with replacing(path) as temporary:
        table.to_csv(temporary, index=table.index.name is not None, float_format="%.6g", lineterminator="\n")


def save_numbers(numbers: Mapping[str, Any], path: Path) -> None:
    """Write numbers as JSON.

    Args:
        numbers: Numbers, texts, arrays, and lists and dictionaries of these, by name.
        path: The file to write, whole or not at all.

    Raises:
        ValueError: A number is not finite. Such a result failed and must not be published.
    """
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(plain(dict(numbers)), indent=2, allow_nan=False) + "\n")


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table as dictionaries for :func:`save_numbers`, with None for each missing value."""
    rows = table.astype(object).where(table.notna(), None).to_dict(orient="records")
    return [{str(name): value for name, value in row.items()} for row in rows]


def plain(value: Any) -> Any:
    """Return a value with Python's own numbers and lists, which JSON can hold.

    Args:
        value: Texts, numbers, arrays, and lists and dictionaries of these.
    """
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(item) for item in value]
    return value.item() if isinstance(value, np.generic) else value
