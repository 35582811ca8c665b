"""Read the rows of the CSV files of named sets, whose columns are known, and name the line where one is damaged."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from cgcnn.data.text_files import read_text
from cgcnn.errors import DataError


def read_rows(path: Path, columns: Sequence[str], way_out: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the number of the line and the cells of each row.

    Args:
        path: The file, which may be gzipped.
        columns: The columns that every row must have.
        way_out: What the reader can do where the file is damaged.

    Raises:
        DataError: The file cannot be read or is no CSV, or it or a row lacks a column.
    """
    table = csv.DictReader(io.StringIO(read_text(path), newline=""), strict=True)
    try:
        missing = set(columns) - set(table.fieldnames or ())
        if missing:
            raise DataError(f"{path}: no column {sorted(missing)[0]!r}", way_out)
        for row in table:
            short = [column for column in columns if row[column] is None]
            if short or None in row:
                problem = f"no {short[0]!r}" if short else f"more than {len(table.fieldnames or ())} columns"
                raise DataError(f"{path}: line {table.line_num}: {problem}", way_out)
            yield table.line_num, row
    except csv.Error as error:
        raise DataError(f"{path}: line {table.line_num}: no CSV ({error})", way_out) from error
