"""Read the table of a folder: which crystal has which target, in a CSV of whatever header, separator and encoding."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cgcnn.data.target_numbers import decimal_mark, is_number, number
from cgcnn.data.text_files import read_text
from cgcnn.errors import DataError, printable, shortened

#: The largest target by its absolute value. The network computes in single precision, whose squares end at 1e38.
LARGEST_TARGET = 1e15
#: The words of a column ``split``, in small letters, with the number of the part in ``Crystals.parts``.
PARTS = {
    **dict.fromkeys(("train", "training"), 0),
    **dict.fromkeys(("val", "valid", "validation", "dev"), 1),
    **dict.fromkeys(("test", "testing"), 2),
}
#: Headings that name no property.
NAMELESS = ("target", "targets", "value", "property", "prop", "y", "label")
_IDS = (
    "id",
    "ids",
    "name",
    "crystal",
    "file",
    "filename",
    "file_name",
    "cif",
    "cif_id",
    "material_id",
    "material",
    "path",
)
_SPLITS = ("split", "part", "set", "subset", "partition")
_SEPARATORS = ("\t", ";", ",")


@dataclass(frozen=True)
class TargetRow:
    """One crystal of a table.

    Attributes:
        line: The line of the table, from 1.
        name: The name of the crystal.
        target: The target.
        part: 0 for training, 1 for validation, 2 for test crystals; None where the table brings no split.
    """

    line: int
    name: str
    target: float
    part: int | None


@dataclass(frozen=True)
class TargetTable:
    """What a table says.

    Attributes:
        path: The table.
        heading: The heading of the column of the targets; None where the table has no header.
        rows: The rows that can be used, each with a name of its own.
        refused: The errors of the other rows.
        names: The names in all rows, the refused ones among them.
        remarks: What was noticed, one sentence each.
    """

    path: Path
    heading: str | None
    rows: tuple[TargetRow, ...]
    refused: tuple[DataError, ...]
    names: tuple[str, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class _Columns:
    """Which column is which; ``part`` is None where the table brings no split."""

    heading: str | None
    name: int
    target: int
    part: int | None


def read_target_table(path: Path, is_crystal: Callable[[str], bool], target: str | None = None) -> TargetTable:
    """Read a table of names and targets.

    The columns are separated by tabs, semicolons or commas, two columns also by spaces. A number may have a decimal
    comma between tabs or semicolons and in quotes. The first line is a header where none of its fields is a number or a
    crystal. Without a header, the columns are the names, the targets and perhaps the parts of a split.

    Args:
        path: The table.
        is_crystal: The function that says whether a name is that of a crystal of the folder.
        target: The heading of the column of the targets. It may be left out where a header names one column of
            numbers; and it need not be a heading where the header does not name the property, or is missing.

    Returns:
        The table.

    Raises:
        DataError: The table cannot be read, is empty, or does not say which column holds the targets.
    """
    rows = _rows(path)
    if not rows:
        raise DataError(f"{path}: empty", "write one line 'id,target' for each crystal")
    _, first = rows[0]
    has_header = (
        len(first) > 1
        and not any(is_number(field) for field in first)
        and (not {_plain(field) for field in first}.isdisjoint(_IDS) or not any(map(is_crystal, filter(None, first))))
    )
    remarks: tuple[str, ...] = ()
    if has_header:
        header, rows = rows[0][1], rows[1:]
        if not rows:
            raise DataError(f"{path}: a header and nothing below it", "write one line for each crystal")
        columns = _named_columns(path, header, rows, is_crystal, target)
        width = len(header)
    else:
        columns, width, remarks = _bare_columns(path, rows)
    mark = decimal_mark([_field(fields, columns.target) for _, fields in rows])
    if mark is None:
        line, text = next((line, t) for line, fields in rows if "," in (t := _field(fields, columns.target)))
        raise DataError(
            f"{path}: line {line}: the comma of {text!r} may be a decimal comma, or stand between thousands",
            "write every number with a decimal point and without marks between thousands",
        )
    good: dict[str, TargetRow] = {}
    refused: list[DataError] = []
    for line, fields in rows:
        try:
            row = _row(f"{path}: line {line}", line, fields, columns, width, mark)
            if row.name in good:
                raise DataError(
                    f"{path}: line {line}: the id {row.name!r} appears twice", "give every crystal its own id"
                )
        except DataError as error:
            refused.append(error)
        else:
            good[row.name] = row
    names = tuple(_field(fields, columns.name) for _, fields in rows)
    heading = None if columns.heading is None else printable(shortened(columns.heading))
    return TargetTable(path, heading, tuple(good.values()), tuple(refused), names, remarks)


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    """Return the lines that are not empty and no comments, with their numbers and fields."""
    text = read_text(path)
    found = re.match(r"sep=(.)\n", text)  # Excel's way to say it
    if found:
        text = "\n" + text[found.end() :]
    separator = found[1] if found else _separator(text)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True, strict=True)
        # A row begins below the row before it; a line end in quotes makes it several lines long.
        ends = [(reader.line_num, _trimmed(each)) for each in reader]
        begins = [1, *(end + 1 for end, _ in ends)]
        lines = [(begin, fields) for begin, (_, fields) in zip(begins, ends, strict=False) if fields]
    except csv.Error as error:
        raise DataError(f"{path}: not a table ({error})", "look at its quotes, and save it as CSV") from error
    rows = [(line, fields) for line, fields in lines if not fields[0].startswith("#")]
    above = [(line, fields) for line, fields in lines if not rows or line < rows[0][0]]
    # numpy writes a # before its header. Such a line counts only above a line of data.
    if rows and above and len(above[-1][1]) > 1 and any(is_number(field) for field in rows[0][1][1:]):
        line, fields = above[-1]
        rows.insert(0, (line, [fields[0].lstrip("# "), *fields[1:]]))
    return rows


def _trimmed(fields: list[str]) -> list[str]:
    """Return the fields without spaces around them, and without empty ones at the end, which spreadsheets write."""
    stripped = [field.strip() for field in fields]
    while stripped and not stripped[-1]:
        stripped.pop()
    return stripped


def _separator(text: str) -> str:
    """Return the first of tab, semicolon and comma that stands in most lines and has a number after it, or a space."""
    lines = [line for line in text.split("\n") if line.strip() and not line.startswith("#")]
    for separator in _SEPARATORS:
        after = [line.split(separator)[1:] for line in lines if separator in line]
        numbers = [True for fields in after if any(is_number(field.strip(' "')) for field in fields)]
        if len(after) > len(lines) / 2 and 2 * len(numbers) >= len(after) - 1:
            return separator
    words = [line.split() for line in lines]
    return " " if all(len(each) == 2 for each in words) and any(is_number(each[1]) for each in words) else ","


def _field(fields: Sequence[str], column: int) -> str:
    return fields[column] if column < len(fields) else ""


def _bare_columns(path: Path, rows: Sequence[tuple[int, list[str]]]) -> tuple[_Columns, int, tuple[str, ...]]:
    """Return the columns of a table without a header, how many of them are read, and what is left out."""
    third = [fields[2] for _, fields in rows if len(fields) > 2]
    if third and all(field.lower() in PARTS for field in third):
        return _Columns(None, 0, 1, 2), 3, ()
    words = [field for field in third if not is_number(field)]
    remark = f"{path}: the columns after the second are left out, such as {words[0][:80]!r}" if words else ""
    return _Columns(None, 0, 1, None), 2, (remark,) if remark else ()


def _named_columns(
    path: Path,
    header: list[str],
    rows: Sequence[tuple[int, list[str]]],
    is_crystal: Callable[[str], bool],
    target: str | None,
) -> _Columns:
    """Return the columns of a table with a header."""
    plain = [_plain(heading) for heading in header]
    wanted = [column for column, name in enumerate(plain) if name in _IDS]
    others = [column for column in range(len(header)) if column not in wanted]
    of_names = next(
        (column for column in wanted + others if any(is_crystal(_field(fields, column)) for _, fields in rows)),
        (wanted + others)[0],
    )
    part = next((column for column, name in enumerate(plain) if name in _SPLITS), None)
    rest = [column for column in range(len(header)) if column not in (of_names, part) and header[column]]
    numeric = [column for column in rest if _is_numeric([_field(fields, column) for _, fields in rows])]
    listed = ", ".join(repr(header[column]) for column in rest)
    if target is not None:
        same = [
            c for c in rest if target.strip() == header[c] or _plain(target) in (plain[c], _plain(_bare(header[c])))
        ]
        if len(same) == 1:
            return _Columns(header[same[0]], of_names, same[0], part)
        if not same and len(numeric) == 1 and plain[numeric[0]] in NAMELESS:
            return _Columns(header[numeric[0]], of_names, numeric[0], part)
        problem = "no column" if not same else f"{len(same)} columns"
        raise DataError(f"{path}: {problem} {target!r}", f"name one of its columns: {listed}")
    nameless = [column for column in numeric if plain[column] in NAMELESS]
    chosen = numeric if len(numeric) == 1 else nameless
    if len(chosen) != 1:
        if not numeric:
            raise DataError(f"{path}: no column of numbers among {listed or 'none'}", "add a column of targets")
        names = ", ".join(repr(header[column]) for column in numeric)
        raise DataError(
            f"{path}: {len(numeric)} columns may be the target: {names}", "choose one by its name (--target)"
        )
    return _Columns(header[chosen[0]], of_names, chosen[0], part)


def _is_numeric(values: Sequence[str]) -> bool:
    return 2 * sum(is_number(value) for value in values) >= len(values)


def _bare(heading: str) -> str:
    """Return a heading without what it has in brackets at its end."""
    return re.sub(r"\s*[(\[][^()\[\]]*[)\]]\s*$", "", heading)


def _plain(heading: str) -> str:
    """Return a heading in small letters with one underscore for spaces and other marks between words."""
    return re.sub(r"[\s_-]+", "_", heading.strip().lower())


def _row(where: str, line: int, fields: list[str], columns: _Columns, width: int, mark: str) -> TargetRow:
    """Return the crystal of a line."""
    if len(fields) < 2:
        raise DataError(f"{where}: {fields[0]!r} is not 'id,target'", "complete the line or remove it")
    if columns.heading is None and columns.part is None:
        further = [field for field in fields[2:] if is_number(field)]
        if further:
            raise DataError(
                f"{where}: {len(fields)} columns without a header, and {further[0]!r} is a number too",
                "write a decimal point in place of a decimal comma, or name the columns in a first line",
            )
    elif len(fields) > width:
        raise DataError(
            f"{where}: {len(fields)} columns, where {width} are expected",
            "write a decimal point in place of a decimal comma, or name all columns in a first line",
        )
    name, text = _field(fields, columns.name), _field(fields, columns.target)
    if not name or "\n" in name:
        problem = f"the id {name!r} has a line break" if name else "no id"
        raise DataError(f"{where}: {problem}", "name the crystal or remove the line")
    if printable(shortened(name)) != name:
        raise DataError(f"{where}: the id {name!r} is no name that can be printed", "name the crystal in plain letters")
    value = number(text, mark)
    if not math.isfinite(value):
        raise DataError(f"{where}: target {text!r} is not a finite number", "correct the line or remove it")
    if abs(value) > LARGEST_TARGET:
        raise DataError(
            f"{where}: target {text} is beyond {LARGEST_TARGET:g}", "correct it, or give all targets in another unit"
        )
    if columns.part is None:
        return TargetRow(line, name, value, None)
    part = _field(fields, columns.part)
    if part.lower() not in PARTS:
        raise DataError(f"{where}: split {part!r}", "write train, validation or test")
    return TargetRow(line, name, value, PARTS[part.lower()])
