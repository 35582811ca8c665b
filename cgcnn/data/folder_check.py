"""Say all that is wrong with a folder of crystals, and what is in it, before anything is trained."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cgcnn.data.crystals import ELEMENT_SYMBOLS, Crystals
from cgcnn.data.duplicates import near_duplicates
from cgcnn.data.folders import plan_folder, read_planned
from cgcnn.data.plausibility import implausible, measure
from cgcnn.data.reading import Reading
from cgcnn.data.splits import FEWEST_CRYSTALS
from cgcnn.data.structure_files import read_structures
from cgcnn.errors import DataError

#: An element of fewer crystals is named. Of three crystals that are split at random into 60, 20 and 20 %, none is a
#: training crystal with a probability of 6 %; of five, with 1 %.
FEW = 5
_PARTS = ("train", "validation", "test")


@dataclass(frozen=True)
class FolderCheck:
    """What is in a folder, and what is wrong with it.

    Attributes:
        folder: The folder.
        target: The name of the target.
        unit: Its unit; empty where it is not known.
        n_crystals: The number of crystals that can be used.
        n_sites: The lowest, median and highest number of sites per crystal; None without crystals.
        targets: The lowest and highest target, the mean and the standard deviation; None where there are none.
        elements: The number of crystals in which each element is, by its symbol.
        parts: The numbers of training, validation and test crystals of a split of its own; None where it has none.
        errors: All that must be mended before a training, one line each, with the way out.
        remarks: All else that was noticed, one line each.
    """

    folder: str
    target: str
    unit: str
    n_crystals: int
    n_sites: dict[str, float] | None
    targets: dict[str, float] | None
    elements: dict[str, int]
    parts: dict[str, int] | None
    errors: tuple[str, ...]
    remarks: tuple[str, ...]

    @property
    def is_usable(self) -> bool:
        """Whether the folder can be trained on as it is."""
        return not self.errors

    def as_dict(self) -> dict[str, object]:
        """Return the record as JSON can hold it."""
        return {**dataclasses.asdict(self), "is_usable": self.is_usable}

    def lines(self) -> Iterator[str]:
        """Yield the lines of a report for people."""
        yield f"{self.folder}: {_count(self.n_crystals, 'crystal')}"
        if self.n_sites:
            yield "sites per crystal: {low:g} to {high:g}, median {median:g}".format(**self.n_sites)
        if self.targets:
            numbers = "{low:g} to {high:g}, mean {mean:.4g}, standard deviation {spread:.4g}".format(**self.targets)
            yield f"{self.target} ({self.unit or 'no unit'}): {numbers}"
        if self.parts:
            yield "its own split: " + ", ".join(f"{number} {part}" for part, number in self.parts.items())
        if self.elements:
            yield "elements: " + ", ".join(f"{symbol} {number}" for symbol, number in self.elements.items())
        yield _count(len(self.errors), "error") if self.errors else "no errors"
        yield from (f"  {error}" for error in self.errors)
        if self.remarks:
            yield _count(len(self.remarks), "remark")
            yield from (f"  {remark}" for remark in self.remarks)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def check_folder(
    folder: str | Path, target: str | None = None, unit: str | None = None, per: str | None = None
) -> FolderCheck:
    """Read a folder and return all that is wrong with it, not only the first thing.

    Args:
        folder: The folder, or a file of crystals with energies.
        target: The name of the target, or of its column.
        unit: The unit of the targets.
        per: ``atom``, ``crystal`` or ``cell``: what a target is of.

    Returns:
        The record. Whatever the folder holds, it is not an exception.

    Raises:
        DataError: There is no such folder.
    """
    place = Path(folder).expanduser()
    if not place.exists():
        raise DataError(f"{place}: no such folder", "name a folder with crystals and their targets")
    try:
        reading = read_planned(plan_folder(place, target, unit, per))
    except DataError as error:  # without its table, the structure files can be looked at alone
        files = read_structures(place, place.name)
        reading = Reading(files.crystals, (error, *files.refused), files.remarks)
    crystals = reading.crystals
    errors = [str(error) for error in reading.refused]
    remarks = list(reading.remarks)
    if len(crystals) < FEWEST_CRYSTALS and crystals.parts is None:
        errors.append(
            f"{place}: {_count(len(crystals), 'crystal')} to be used; at least {FEWEST_CRYSTALS} are needed for 60 % "
            "training, 20 % validation and 20 % test crystals"
        )
    if len(crystals):
        errors += _empty_parts(crystals, place)
        remarks += _remarks(crystals, place)
    known = crystals.targets[np.isfinite(crystals.targets)]
    return FolderCheck(
        folder=str(folder),
        target=crystals.target_name,
        unit=crystals.unit,
        n_crystals=len(crystals),
        n_sites=_numbers(crystals.n_sites, median=True),
        targets=_numbers(known),
        elements=_elements(crystals),
        parts=_parts(crystals),
        errors=tuple(errors),
        remarks=tuple(remarks),
    )


def _numbers(values: np.ndarray, median: bool = False) -> dict[str, float] | None:
    if not len(values):
        return None
    middle = {"median": float(np.median(values))} if median else {"mean": float(values.mean())}
    spread = {} if median else {"spread": float(values.std())}
    # Adding 0 makes 0 of -0, which a person would wonder at.
    return {"low": float(values.min()) + 0, "high": float(values.max()) + 0, **middle, **spread}


def _elements(crystals: Crystals) -> dict[str, int]:
    """Return the number of crystals in which each element is, the most frequent element first."""
    of_crystal = np.repeat(np.arange(len(crystals)), crystals.n_sites)
    pairs = np.unique(np.stack([of_crystal, crystals.atomic_numbers.astype(np.int64)]), axis=1)
    numbers, counts = np.unique(pairs[1], return_counts=True)
    order = np.argsort(-counts, kind="stable")
    return {str(ELEMENT_SYMBOLS[numbers[place]]): int(counts[place]) for place in order}


def _parts(crystals: Crystals) -> dict[str, int] | None:
    if crystals.parts is None:
        return None
    return {name: int((crystals.parts == part).sum()) for part, name in enumerate(_PARTS)}


def _empty_parts(crystals: Crystals, place: Path) -> Iterator[str]:
    for name, number in (_parts(crystals) or {}).items():
        if not number:
            yield f"{place}: its split has no {name} crystals; mark some as {name}, or remove the column"


def _remarks(crystals: Crystals, place: Path) -> Iterator[str]:
    """Yield what is noticed of units, elements, cells and twins."""
    if not crystals.unit and np.isfinite(crystals.targets).any():
        yield f"{place}: the targets' unit is not known; name it by --unit, a header 'id,name (unit)' or dataset.yaml"
    yield from _rare_elements(crystals, place)
    cells = measure(crystals)
    for crystal, sentence in enumerate(implausible(crystals, cells)):
        if sentence:
            yield f"{crystals.ids[crystal]}: {sentence}"
    pairs, uncompared = near_duplicates(crystals, cells)
    for one, other in pairs:
        yield (
            f"{crystals.ids[one]} and {crystals.ids[other]}: nearly the same crystal, with the targets "
            f"{crystals.targets[one]:g} and {crystals.targets[other]:g}"
        )
    if uncompared:
        yield f"{place}: {uncompared} pairs of like crystals were not compared with each other"


def _rare_elements(crystals: Crystals, place: Path) -> Iterator[str]:
    rare = {symbol: number for symbol, number in _elements(crystals).items() if number < FEW}
    if crystals.parts is None:
        if rare and len(crystals) >= FEW:
            listed = ", ".join(f"{symbol} ({number})" for symbol, number in rare.items())
            yield (
                f"{place}: elements in fewer than {FEW} crystals: {listed}; where no training crystal has an element, "
                "crystals with it cannot be predicted"
            )
        return
    trained = _elements(crystals.select(np.flatnonzero(crystals.parts == 0)))
    unseen = [symbol for symbol in _elements(crystals) if symbol not in trained]
    if unseen:
        yield f"{place}: no training crystal has {', '.join(unseen)}; crystals with them cannot be predicted"
