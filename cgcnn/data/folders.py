"""Read a folder of a person's own: structure files, and a table that gives each crystal its target."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cgcnn.data.crystals import Crystals
from cgcnn.data.dataset_notes import DatasetNotes, read_notes
from cgcnn.data.folder_names import FolderNames, PlacedRow, files_of_folder, find_table
from cgcnn.data.quantity import Quantity
from cgcnn.data.reading import FileCrystal, Reading, gather
from cgcnn.data.structure_files import read_files
from cgcnn.data.structure_formats import named_format
from cgcnn.data.target_meaning import Meaning, find_meaning, split_heading, totals_per_cell
from cgcnn.data.target_tables import LARGEST_TARGET, read_target_table
from cgcnn.errors import DataError, printable


@dataclass(frozen=True)
class FolderPlan:
    """What a folder is to be read as, before any structure file is parsed.

    Attributes:
        folder: The folder, or the one file that stands for it.
        notes: What the folder says of itself.
        meaning: What the targets are.
        table: The table; None where the energies that the files give are the targets.
        rows: The rows of the table whose crystals may be there.
        files: The structure files to be read, each once.
        refused: The errors of the other rows.
        remarks: What was noticed so far, one sentence each.
    """

    folder: Path
    notes: DatasetNotes
    meaning: Meaning
    table: Path | None
    rows: tuple[PlacedRow, ...]
    files: tuple[Path, ...]
    refused: tuple[DataError, ...]
    remarks: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name of the folder, which is the name of its set of crystals."""
        return printable(self.folder.resolve().name) or "folder"


def read_folder(
    folder: str | Path, target: str | None = None, unit: str | None = None, per: str | None = None
) -> Reading:
    """Read the crystals of a folder with their targets; a bad file and a bad line of the table are refused alone.

    Args:
        folder: A folder with a table and structure files, as :func:`plan_folder` describes it.
        target: The name of the target, or of its column.
        unit: The unit of the targets.
        per: ``atom``, ``crystal`` or ``cell``: what a target is of. Totals of the cell are divided by its sites.

    Returns:
        The crystals in the order of the table, what was refused, and what was noticed.

    Raises:
        DataError: The folder as a whole cannot be read: there is no table, or it does not say what the targets are.
    """
    return read_planned(plan_folder(folder, target, unit, per))


def plan_folder(
    folder: str | Path, target: str | None = None, unit: str | None = None, per: str | None = None
) -> FolderPlan:
    """Read the notes and the table of a folder, and find the files of its rows.

    The table is the one that ``dataset.yaml`` names, or ``id_prop.csv``, or the only table of the folder
    (:func:`cgcnn.data.folder_names.find_table`). Its names are those of files, with or without their endings, or of
    crystals in a file of many. A folder without a table, or a single file, has the energies of its files as targets.

    Args:
        folder: The folder, or a structure file with energies.
        target: The name of the target, or of its column.
        unit: The unit of the targets.
        per: ``atom``, ``crystal`` or ``cell``: what a target is of.

    Raises:
        DataError: The folder as a whole cannot be read.
    """
    folder = Path(folder).expanduser()
    if not folder.exists():
        raise DataError(f"{folder}: no such folder", "name a folder with crystals and their targets")
    notes = read_notes(folder) if folder.is_dir() else DatasetNotes(None, {}, ())
    path = find_table(folder, notes.texts.get("table")) if folder.is_dir() else None
    files = files_of_folder(folder) if folder.is_dir() else [folder]
    if path is None:
        means = _meaning_of_energies(folder, files, notes, target, unit, per)
        return FolderPlan(folder, notes, means, None, (), tuple(files), (), means.remarks)
    names = FolderNames(folder, files)
    table = read_target_table(path, lambda name: bool(names.find(name)), target or notes.texts.get("target"))
    heading = split_heading(table.heading) if table.heading else None
    means = find_meaning(str(folder), heading, notes.texts, target, unit, per)
    rows, refused = names.place(table.rows, path)
    named = {row.file: None for row in rows}
    if None in named:  # the crystals of some rows are looked for in the files of many
        named |= dict.fromkeys(names.of_many({row.file for row in rows if row.file and row.crystal is None}))
    read = [file for file in named if file is not None]
    meant = {file for name in table.names for file in names.find(name)}.union(named)
    left = [file.name for file in files if file not in meant]
    remark = f"{folder}: {len(left)} structure files that {path.name} does not name are left out ({', '.join(left[:3])}"
    remarks = (f"{remark}{', ...' if len(left) > 3 else ''})",) if left else ()
    return FolderPlan(
        folder,
        notes,
        means,
        path,
        tuple(rows),
        tuple(read),
        (*table.refused, *refused),
        (*table.remarks, *means.remarks, *remarks),
    )


def _meaning_of_energies(
    folder: Path,
    files: Sequence[Path],
    notes: DatasetNotes,
    target: str | None,
    unit: str | None,
    per: str | None,
) -> Meaning:
    """Return what the targets are of a folder without a table; refuse one whose files give no energies."""
    if not any((known := named_format(file)) is None or known.holds_energies for file in files):
        place = folder / "id_prop.csv" if folder.is_dir() else folder
        problem = "not there" if folder.is_dir() else "a file that gives no energy, and no folder"
        raise DataError(f"{place}: {problem}", "a folder of crystals holds id_prop.csv (id,target) and <id>.cif files")
    asked = per or notes.texts.get("per")
    if asked not in (None, "cell"):
        raise DataError(
            f"{folder}: per={asked!r}, and the energies of files are of cells", "leave it out, or name cell"
        )
    return find_meaning(str(folder), Quantity("energy", "eV"), notes.texts, target, unit, "cell")


def read_planned(plan: FolderPlan) -> Reading:
    """Read the crystals of a folder by its plan.

    Args:
        plan: The plan, as :func:`plan_folder` returns it.

    Returns:
        The crystals in the order of the table, what was refused, and what was noticed.
    """
    contents = dict(zip(plan.files, read_files(plan.files), strict=True))
    refused = list(plan.refused)
    chosen: list[tuple[str, FileCrystal, float, int | None]] = []
    if plan.table is None:
        for each in (each for read in contents.values() for each in read):
            if isinstance(each, DataError):
                refused.append(each)
            elif each.energy_eV is None:
                refused.append(DataError(f"{each.name}: no energy", "give it one, or write a table of targets"))
            elif abs(each.energy_eV) > LARGEST_TARGET:
                refused.append(DataError(f"{each.name}: its energy is {each.energy_eV:g} eV", "correct it"))
            else:
                chosen.append((_inside(each.name, plan.folder), each, each.energy_eV, None))
    else:
        finder = _Finder(plan, contents)
        for row in plan.rows:
            try:
                crystal = finder.crystal(row)
            except DataError as error:
                if error not in refused:  # one error of a file that several rows name
                    refused.append(error)
            else:
                chosen.append((row.row.name, crystal, row.row.target, row.row.part))
    crystals = _packed(plan, chosen)
    remarks = dict.fromkeys(remark for _, crystal, _, _ in chosen for remark in crystal.remarks)
    return Reading(crystals, tuple(refused), (*plan.remarks, *remarks, *_remarks(crystals, plan)))


def _inside(name: str, folder: Path) -> str:
    """Return the name of a crystal without the folder before it."""
    return name.removeprefix(f"{folder if folder.is_dir() else folder.parent}/")


class _Finder:
    """What was read, by which the crystal of each row is found."""

    def __init__(self, plan: FolderPlan, contents: dict[Path, list[FileCrystal | DataError]]) -> None:
        self._plan, self._contents = plan, contents
        named = {row.file for row in plan.rows if row.crystal is None}
        self._by_name: dict[str, list[FileCrystal | DataError]] = {}
        for file, read in contents.items():
            for each in read if file not in named else ():
                for name in self._names(each, file):
                    self._by_name.setdefault(name, []).append(each)

    @staticmethod
    def _names(each: FileCrystal | DataError, file: Path) -> Iterator[str]:
        whole = each.name if isinstance(each, FileCrystal) else each.problem.split(":")[0]
        yield whole.removeprefix(f"{file.parent}/")
        if "#" in whole:
            yield whole.split("#", 1)[1]

    def crystal(self, row: PlacedRow) -> FileCrystal:
        """Return the crystal of a row."""
        where = f"{self._plan.table}: line {row.row.line}"
        if row.file is None:
            found = self._by_name.get(str(row.crystal), [])
        elif row.crystal is None:
            found = self._contents[row.file]
        else:
            whole = f"{row.file}#{row.crystal}"
            found = [
                each
                for each in self._contents[row.file]
                if (each.name == whole if isinstance(each, FileCrystal) else each.problem.startswith(f"{whole}:"))
            ]
        if not found:
            raise DataError(f"{where}: no crystal {row.row.name!r} in the files", "add it or remove the line")
        if len(found) > 1:
            example = next((each.name for each in found if isinstance(each, FileCrystal)), f"{row.file}#0")
            raise DataError(
                f"{where}: {row.row.name!r} may be each of {len(found)} crystals",
                f"name one of them, such as {_inside(example, self._plan.folder)}",
            )
        (each,) = found
        if isinstance(each, DataError):
            raise each
        return each


def _packed(plan: FolderPlan, chosen: Sequence[tuple[str, FileCrystal, float, int | None]]) -> Crystals:
    """Pack the chosen crystals with their targets; totals of cells are divided by the number of sites."""
    crystals = gather([crystal for _, crystal, _, _ in chosen], plan.name, [name for name, _, _, _ in chosen])
    targets = np.array([target for _, _, target, _ in chosen], dtype=np.float64)
    parts = [part for _, _, _, part in chosen if part is not None]
    return dataclasses.replace(
        crystals,
        target_name=plan.meaning.quantity.name,
        unit=plan.meaning.quantity.unit,
        targets=targets / crystals.n_sites if plan.meaning.per == "cell" else targets,
        folder=str(plan.folder.resolve()),
        parts=np.array(parts, dtype=np.uint8) if parts else None,
    )


def _remarks(crystals: Crystals, plan: FolderPlan) -> Iterator[str]:
    """Yield what is noticed of the targets, and of crystals that are there twice."""
    targets = crystals.targets
    if len(targets) > 1 and np.ptp(targets) == 0:
        yield f"{plan.folder}: all {len(targets)} targets are {targets[0]:g}, so that nothing can be learned from them"
    signs = None if plan.meaning.per == "cell" else totals_per_cell(targets, crystals.n_sites)
    if signs:
        yield (
            f"{plan.folder}: the targets may be totals of the cells: they grow with the number of sites (rank "
            f"correlation {signs[0]:.2f}), and per site they spread {signs[1]:.2f} times as widely; a network predicts "
            "values that a supercell does not change, so give totals with --per cell"
        )
    first: dict[bytes, int] = {}
    twins = []
    for crystal in range(len(crystals)):
        sites = crystals.sites(crystal)
        arrays = (crystals.lattices[crystal], crystals.fractional_coordinates[sites], crystals.atomic_numbers[sites])
        same = first.setdefault(b"".join(np.round(array, 4).tobytes() for array in arrays), crystal)
        if same != crystal:
            twins.append((same, crystal))
    if twins:
        one, other = twins[0]
        yield (
            f"{plan.folder}: {len(twins)} crystals are there twice, such as {crystals.ids[one]!r} "
            f"({targets[one]:g}) and {crystals.ids[other]!r} ({targets[other]:g})"
        )
