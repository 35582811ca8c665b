"""Gather the named data sets of all readers, and load one of them or a folder of a person's own crystals."""

from __future__ import annotations

import dataclasses
import hashlib
import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np

from cgcnn.data import (
    boron,
    boron_families,
    materials_project,
    mp_snapshot,
    mp_topology,
    perovskite_folds,
    perovskite_splits,
    perovskites,
)
from cgcnn.data.crystals import Crystals, from_arrays
from cgcnn.data.dataset import Dataset
from cgcnn.data.folders import FolderPlan, plan_folder, read_planned
from cgcnn.data.reading import Reading
from cgcnn.data.text_files import MAX_BYTES
from cgcnn.errors import DataError
from cgcnn.files.arrays import digest_file
from cgcnn.files.cache import Made, cached
from cgcnn.files.downloads import pin, set_aside_refused
from cgcnn.files.regular import content_or_reason

_logger = logging.getLogger(__name__)

# Part of the cache's key of every set. It is raised when a reader makes something else of the same files.
_READER_VERSION = 1
# The same for folders, whose readers change more often.
_FOLDER_VERSION = 1
_DATASETS = (
    *perovskites.DATASETS,
    *perovskite_splits.DATASETS,
    *perovskite_folds.DATASETS,
    *boron.DATASETS,
    *boron_families.DATASETS,
    *materials_project.DATASETS,
    *mp_topology.DATASETS,
    *mp_snapshot.DATASETS,
)
_PER = {
    "atom": "The targets are values per atom.",
    "crystal": "The targets are properties of the crystals, which a supercell does not change.",
    "cell": "The targets are totals of the cells, divided by their numbers of sites.",
}


def names() -> tuple[str, ...]:
    """Return the names of all data sets that :func:`load` knows."""
    return tuple(dataset.name for dataset in _DATASETS)


def folder_of(name_or_folder: str | Path) -> Path | None:
    """Return the folder that is meant, or None where the name is that of a data set.

    The name of a set is the set, also where a folder of this name is there; then the log says so. Everything else that
    has a separator, or is there, is a folder. A single file may take the place of a folder.

    Args:
        name_or_folder: One of :func:`names`, or a folder. ``./boron`` is the folder (as a text, since ``Path`` leaves
            ``./`` out).

    Raises:
        DataError: It is neither.
    """
    name, path = str(name_or_folder), Path(name_or_folder).expanduser()
    if name in names():
        if path.is_dir():
            _logger.warning("%s is the data set; the folder of this name is %s", name, os.path.join(".", name))  # noqa: PTH118  # Path leaves "./" out
        return None
    if path.exists() or len(path.parts) > 1 or "/" in name or os.sep in name:
        return path
    raise DataError(f"{name}: neither a folder nor a data set", f"known are {', '.join(names())}")


def describe(
    name_or_folder: str | Path, target: str | None = None, unit: str | None = None, per: str | None = None
) -> Dataset:
    """Return the record that describes a data set; that of a folder says what ``dataset.yaml`` says, or is neutral.

    Args:
        name_or_folder: One of :func:`names`, or a folder.
        target: As :func:`load` takes it.
        unit: As :func:`load` takes it.
        per: As :func:`load` takes it.

    Raises:
        DataError: It is neither a set nor a folder, or the table of the folder cannot be read.
    """
    folder = folder_of(name_or_folder)
    if folder is None:
        return _named(str(name_or_folder))
    plan = plan_folder(folder, target, unit, per)
    texts, of = plan.notes.texts, plan.meaning
    number = f", of which its table names {len(plan.rows):,}" if plan.table else ""
    target_is = f"is the {of.quantity.label}" if of.quantity.name != "target" else "has no name"
    statement = f"Trained on crystals of the folder {plan.name}{number}; the target {target_is}."
    return Dataset(
        name=plan.name,
        title=texts.get("title", f"Crystals of the folder {plan.name}"),
        statement=f"{statement} {_PER[of.per]}" if of.per else statement,
        license=texts.get("license", "not stated"),
        references=plan.notes.references,
        public_files=(),
        embedded_files={},
        read=lambda _: load(folder, target, unit, per),
    )


def load(
    name_or_folder: str | Path,
    target: str | None = None,
    unit: str | None = None,
    per: str | None = None,
    skip_bad: bool = False,
) -> Crystals:
    """Load a data set: parse its files the first time, and memory-map the packed arrays from the cache afterwards.

    Args:
        name_or_folder: One of :func:`names`, or a folder with structure files and a table of targets, such as
            ``id_prop.csv`` (columns id and target) and ``<id>.cif`` files, which is the layout of the authors' own
            code. :func:`cgcnn.data.folders.plan_folder` says what else is read.
        target: The name of a folder's target, or of its column, where the table has several.
        unit: The unit of a folder's targets.
        per: What a folder's target is of: ``atom``, ``crystal`` (a property that a supercell does not change, such as a
            band gap), or ``cell`` (a total, which is divided by the number of sites).
        skip_bad: Whether the bad files and lines of a folder are left out, and named in the log, instead of an error.

    Returns:
        The crystals, in an order that depends only on the files. What is noticed of a folder is in the log.

    Raises:
        FileNotFoundError: ``CGCNN_DATA`` names a folder that is not there.
        DataError: There is no set of this name; or a file is missing, unreadable, holds a disordered crystal, or has
            another SHA-256 than the file of its source. The message names it.
    """
    folder = folder_of(name_or_folder)
    if folder is not None:
        return _load_folder(plan_folder(folder, target, unit, per), skip_bad)
    dataset = _named(str(name_or_folder))
    if target is not None or unit is not None or per is not None:
        raise DataError(f"{dataset.name}: its targets are known", "leave target, unit and per to folders of your own")
    try:
        crystals = _read_and_pack(dataset)
    except DataError as error:
        if not set_aside_refused(dataset.public_files, error):
            raise
        crystals = _read_and_pack(dataset)  # of the file as it is downloaded anew
    for file in dataset.public_files:
        pin(file)
    return crystals


def _named(name: str) -> Dataset:
    return next(dataset for dataset in _DATASETS if dataset.name == name)


def _read_and_pack(dataset: Dataset) -> Crystals:
    """Map the packed form of a set's files from the cache, or read and pack them where the cache lacks it."""
    files = dataset.local_files()
    digests = "".join(f"{file.name} {digest_file(file)}\n" for file in files)
    key = hashlib.sha256(f"{_READER_VERSION} {dataset.name}{digests}".encode()).hexdigest()

    def make() -> Made:
        crystals = dataset.read(files)
        return [crystals.arrays()], crystals.notes()

    return from_arrays(cached("crystals", dataset.name, key, make))


def _load_folder(plan: FolderPlan, skip_bad: bool) -> Crystals:
    """Map the packed form of a folder from the cache, or read and pack it where the cache lacks it."""
    if not skip_bad:
        _refuse(plan, plan.refused)

    contents = [content_or_reason(file, MAX_BYTES) for file in plan.files]

    def make() -> Made:
        reading = read_planned(plan)
        for file, content in zip(plan.files, contents, strict=True):
            if content_or_reason(file, MAX_BYTES) != content:
                raise DataError(f"{file}: changed while it was read", "read it again when nothing writes to it")
        if not skip_bad:
            _refuse(plan, reading.refused)
        if not len(reading.crystals):
            raise DataError(f"{plan.folder}: no crystal of it can be read", f"cgcnn data check {plan.folder} says why")
        labels = np.frombuffer("\n".join(np.asarray(reading.crystals.site_labels).tolist()).encode(), np.uint8)
        notes = {
            **reading.crystals.notes(),
            "remarks": [remark for remark in reading.remarks if remark not in plan.remarks],
            "refused": [(e.problem, e.way_out) for e in reading.refused if e not in plan.refused],
        }
        return [{**reading.crystals.arrays(), "site_labels": labels}], notes

    stored = cached("crystals", plan.name[:64], _folder_key(plan, skip_bad, contents), make)
    refused = [DataError(*error) for error in cast("list[tuple[str, str]]", stored.metadata["refused"])]
    remarks = cast("list[str]", stored.metadata["remarks"])
    crystals = dataclasses.replace(from_arrays(stored), folder=str(plan.folder.resolve()))
    Reading(crystals, (*plan.refused, *refused), (*plan.remarks, *remarks)).report()
    return crystals


def _folder_key(plan: FolderPlan, skip_bad: bool, contents: Sequence[str]) -> str:
    """Return the key of everything that decides what is read: the rows, the files, and what the targets are."""
    lines = [f"folder {_FOLDER_VERSION} {plan.folder} {skip_bad} {plan.meaning} {plan.table is None}"]
    lines += [f"{row.row} {row.file} {row.crystal}" for row in plan.rows]
    lines += [f"{file} {content}" for file, content in zip(plan.files, contents, strict=True)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _refuse(plan: FolderPlan, refused: tuple[DataError, ...]) -> None:
    """Raise the first error, which says how many more there are."""
    if not refused:
        return
    first = refused[0]
    if len(refused) == 1:
        raise first
    raise DataError(
        first.problem,
        f"{first.way_out} ({len(refused) - 1} more are refused: 'cgcnn data check {plan.folder}' lists all)",
    ) from first
