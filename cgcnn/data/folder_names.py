"""Find the table of a folder, and the structure file that each row of the table means."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cgcnn.data.structure_files import structure_files_of, visible_files_of
from cgcnn.data.structure_formats import bare_names, named_format
from cgcnn.data.target_tables import TargetRow
from cgcnn.errors import DataError

_ENDINGS = (".csv", ".tsv", ".csv.gz", ".tsv.gz")
_WORKBOOKS = (".xlsx", ".xls", ".ods")


@dataclass(frozen=True)
class PlacedRow:
    """A row of a table, and where its crystal is.

    Attributes:
        row: The row.
        file: The structure file; None where the crystal is looked for in the files of many crystals.
        crystal: The name of the crystal in its file; None where it is the only one.
    """

    row: TargetRow
    file: Path | None
    crystal: str | None


def find_table(folder: Path, named: str | None = None) -> Path | None:
    """Return the table of a folder: the one that is named, or ``id_prop.csv``, or the only CSV or TSV file.

    Args:
        folder: The folder.
        named: The name of the table, where ``dataset.yaml`` gives one.

    Returns:
        The path of the table; None where the folder has none.

    Raises:
        DataError: The named table is not there, several tables may be meant, or the table is a workbook.
    """
    if named is not None:
        if not os.path.lexists(folder / named):
            raise DataError(f"{folder / named}: not there", "correct 'table:' in dataset.yaml")
        return folder / named
    names = visible_files_of(folder, lambda name: _is_table(name) or name.lower().endswith(_WORKBOOKS))
    tables = [name for name in names if _is_usual(name)]
    tables = tables or [name for name in names if name.lower().endswith(_ENDINGS)]
    tables = tables or [name for name in names if name.lower().endswith(_WORKBOOKS)]
    if len(tables) > 1:
        raise DataError(
            f"{folder}: {len(tables)} tables may hold the targets ({', '.join(tables[:5])})",
            f"name one in dataset.yaml ('table: {tables[0]}'), or remove the others",
        )
    if tables and tables[0].lower().endswith(_WORKBOOKS):
        raise DataError(f"{folder / tables[0]}: a workbook of a spreadsheet program", "save its sheet as id_prop.csv")
    return folder / tables[0] if tables else None


def _is_usual(name: str) -> bool:
    return name.lower().split(".")[0] == "id_prop"


def _is_table(name: str) -> bool:
    return _is_usual(name) or name.lower().endswith(_ENDINGS)


def files_of_folder(folder: Path) -> list[Path]:
    """Return the structure files of a folder, or of its only subfolder that has some where it has none itself.

    Args:
        folder: The folder.
    """
    files = structure_files_of(folder)
    if files:
        return files
    with os.scandir(folder) as entries:
        folders = sorted(entry.name for entry in entries if entry.is_dir())
    within = [structure_files_of(folder / name) for name in folders]
    filled = [each for each in within if each]
    return filled[0] if len(filled) == 1 else []


class FolderNames:
    """The structure files of a folder by the names that a table may give them."""

    def __init__(self, folder: Path, files: Sequence[Path]) -> None:
        self._folder = folder
        self._files = files
        self._by_name: dict[str, list[Path]] = {}
        self._by_small_name: dict[str, list[Path]] = {}
        for file in files:
            names = {_composed(name) for name in bare_names(file)}
            for name in names:
                self._by_name.setdefault(name, []).append(file)
            for name in {name.lower() for name in names}:
                self._by_small_name.setdefault(name, []).append(file)

    def find(self, name: str) -> list[Path]:
        """Return the files that a name may mean: none, one, or several among which the table must choose.

        Args:
            name: The name of a file with or without its ending, its path in the folder, or the name of a subfolder
                that holds one structure file. Small and capital letters differ only where both are there.
        """
        if name in ("", ".", "..") or "\0" in name:
            return []
        plain, path = _composed(name), self._folder / name
        whole = [file for file in self._by_name.get(plain, []) if _composed(file.name) == plain]
        if whole:
            return whole
        try:
            if path.is_file():
                return [path]
            if path.is_dir():
                return structure_files_of(path)
        except OSError:  # the name is longer than a file's can be, or its folder may not be looked into
            return []
        if path.parent != self._folder:
            beside = structure_files_of(path.parent) if path.parent.is_dir() else []
            return [file for file in beside if path.name in bare_names(file)]
        return self._by_name.get(plain) or self._by_small_name.get(plain.lower(), [])

    def place(self, rows: Sequence[TargetRow], table: Path) -> tuple[list[PlacedRow], list[DataError]]:
        """Return where the crystal of each row is, and an error for each row whose crystal is nowhere.

        Args:
            rows: The rows.
            table: The table, which the errors name.
        """
        placed, refused = [], []
        pending: list[TargetRow] = []
        line_of: dict[tuple[Path, str | None], int] = {}
        for row in rows:
            try:
                place = self._place(row, f"{table}: line {row.line}")
                if place is None:
                    pending.append(row)
                    continue
                line = line_of.setdefault((place.file or table, place.crystal), row.line)
                if line != row.line:
                    raise DataError(
                        f"{table}: line {row.line}: {row.name!r} is the crystal of line {line} too",
                        "give every crystal one line",
                    )
                placed.append(place)
            except DataError as error:
                refused.append(error)
        taken = {place.file for place in placed if place.file and place.crystal is None}
        if pending and self.of_many(taken):
            placed += [PlacedRow(row, None, row.name) for row in pending]
        else:
            refused += [self._absent(row, table) for row in pending]
        return sorted(placed, key=lambda place: place.row.line), refused

    def of_many(self, taken: set[Path]) -> list[Path]:
        """Return the files that may hold many crystals and that no row names as one crystal.

        Args:
            taken: The files that rows name as one crystal. A CIF is looked into only where it is the only file.
        """
        free = [file for file in self._files if file not in taken]
        many = [file for file in free if (known := named_format(file)) and known.holds_many]
        return [file for file in many if file.name.lower().find(".cif") < 0 or len(self._files) == 1]

    def _place(self, row: TargetRow, where: str) -> PlacedRow | None:
        name, crystal = row.name, None
        found = self.find(name)
        if not found and "#" in name:
            name, crystal = name.split("#", 1)
            found = self.find(name)
        if len(found) > 1:
            listed = " or ".join(str(file).removeprefix(f"{self._folder}/") for file in found[:4])
            raise DataError(f"{where}: {name!r} may be {listed}", "write the whole name of the file")
        return PlacedRow(row, found[0], crystal) if found else None

    def _absent(self, row: TargetRow, table: Path) -> DataError:
        has_ending = named_format(Path(row.name)) is not None
        file = self._folder / (row.name if has_ending else f"{row.name}.cif")
        found = "is a folder without structure files" if os.path.isdir(file) else "is not there"  # noqa: PTH112  # Path's raises where a name is too long
        return DataError(f"{table}: line {row.line}: {file} {found}", "add the file or remove the line")


def _composed(name: str) -> str:
    """Return a name with composed letters: macOS writes letters and their accents apart in the names of files."""
    return unicodedata.normalize("NFC", name)
