"""Give out results: as lines or JSON on the standard output, and as tables, pictures or pages in files."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from cgcnn.figures.explorer import Explorer

#: The endings of files of pictures.
PICTURES = (".png", ".svg", ".pdf")


def print_rows(rows: Iterable[Iterable[str]]) -> None:
    """Print rows of texts, whose cells are separated by tabs; empty cells at the end of a row are left out."""
    for row in rows:
        print("\t".join(row).rstrip("\t"))


def print_json(value: Any) -> None:
    """Print a value as JSON; numbers that are not finite become null.

    Args:
        value: Texts, numbers, arrays, and lists and dictionaries of these.
    """
    from cgcnn.files.tables import plain

    json.dump(_finite(plain(value)), sys.stdout, indent=2, allow_nan=False, ensure_ascii=False)
    print()


def _finite(value: Any) -> Any:
    """Return a value with None for each number that is not finite, which JSON does not know."""
    if isinstance(value, dict):
        return {name: _finite(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def save_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table with all digits, as CSV or as Parquet by the ending of the file.

    Args:
        table: The table. Its index is written only where the index has a name.
        path: The file to write, whole or not at all.
    """
    from cgcnn.files.writing import replacing

    whole = table if table.index.name is None else table.reset_index()
    with replacing(path) as temporary:
        if path.suffix == ".parquet":
            whole.to_parquet(temporary, index=False)
        else:
            whole.to_csv(temporary, index=False, lineterminator="\n")


def save_picture(figure: Figure, path: Path) -> None:
    """Write a figure in the book's style, in the format that the ending of the file says.

    Args:
        figure: The figure.
        path: The file to write, whole or not at all.
    """
    from cgcnn.figures.style import style
    from cgcnn.files.writing import replacing

    # Without a date, the same figure gives the same file.
    date = {".svg": "Date", ".pdf": "CreationDate"}.get(path.suffix)
    with replacing(path) as temporary, style():
        figure.savefig(temporary, metadata={date: None} if date else None)


def save_page(explorer: Explorer, path: Path) -> None:
    """Write a map to explore as one page, which needs no other file.

    Args:
        explorer: The map.
        path: The file to write, whole or not at all.
    """
    from cgcnn.files.writing import replacing

    with replacing(path) as temporary:
        temporary.write_text(explorer.page(), encoding="utf-8")
