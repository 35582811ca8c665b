"""Crystals packed into a few arrays: lattices, elements, coordinates and one target each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from pymatgen.core import Composition, Element, Structure

from cgcnn.errors import DataError
from cgcnn.files.arrays import ArrayFile, digest_arrays

#: The symbol of every element by its atomic number; the first is empty.
ELEMENT_SYMBOLS = np.array(["", *(Element.from_Z(z).symbol for z in range(1, 119))])


@dataclass(frozen=True)
class Crystals:
    """A set of n crystals with s sites in all.

    Attributes:
        name: What the set is called.
        target_name: What the targets are, in words.
        unit: The targets' unit.
        ids: (n,) One unique name a crystal.
        lattices: (n, 3, 3) float64, lattice vectors as rows, in angstrom.
        site_offsets: (n + 1,) int64; crystal c has the sites ``site_offsets[c]:site_offsets[c + 1]``.
        atomic_numbers: (s,) uint8.
        fractional_coordinates: (s, 3) float64.
        targets: (n,) float64, in ``unit``; NaN where none is known.
    """

    name: str
    target_name: str
    unit: str
    ids: tuple[str, ...]
    lattices: np.ndarray
    site_offsets: np.ndarray
    atomic_numbers: np.ndarray
    fractional_coordinates: np.ndarray
    targets: np.ndarray

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def n_sites(self) -> np.ndarray:
        """(n,) Number of sites of each crystal."""
        return np.diff(self.site_offsets)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all arrays and ids, in hexadecimal: the address of everything computed from this set."""
        return digest_arrays(self.arrays())

    def sites(self, crystal: int) -> slice:
        """Return the sites of one crystal as a slice of the packed arrays."""
        return slice(int(self.site_offsets[crystal]), int(self.site_offsets[crystal + 1]))

    def structure(self, crystal: int) -> Structure:
        """Return one crystal as a pymatgen Structure."""
        sites = self.sites(crystal)
        return Structure(
            self.lattices[crystal],
            [Element.from_Z(int(z)) for z in self.atomic_numbers[sites]],
            self.fractional_coordinates[sites],
        )

    def reduced_formulas(self) -> np.ndarray:
        """Return the (n,) reduced chemical formulas: what a split by composition keeps together."""
        formulas = []
        for crystal in range(len(self)):
            elements, counts = np.unique(self.atomic_numbers[self.sites(crystal)], return_counts=True)
            amounts = dict(zip(ELEMENT_SYMBOLS[elements].tolist(), counts.tolist(), strict=True))
            formulas.append(Composition(amounts).reduced_formula)
        return np.array(formulas)

    def select(self, indices: Sequence[int] | np.ndarray) -> Crystals:
        """Return the named crystals, in the named order, as a set of their own."""
        chosen = np.asarray(indices, dtype=np.int64)
        n_sites = self.n_sites[chosen]
        offsets = np.concatenate([[0], np.cumsum(n_sites)])
        sites = np.repeat(self.site_offsets[chosen] - offsets[:-1], n_sites) + np.arange(offsets[-1])
        return Crystals(
            self.name,
            self.target_name,
            self.unit,
            tuple(self.ids[c] for c in chosen),
            self.lattices[chosen],
            offsets,
            self.atomic_numbers[sites],
            self.fractional_coordinates[sites],
            self.targets[chosen],
        )

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the packed arrays by name, the ids as the bytes of their lines."""
        return {
            "ids": np.frombuffer("\n".join(self.ids).encode(), np.uint8),
            "lattices": self.lattices,
            "site_offsets": self.site_offsets,
            "atomic_numbers": self.atomic_numbers,
            "fractional_coordinates": self.fractional_coordinates,
            "targets": self.targets,
        }

    def notes(self) -> dict[str, str]:
        """Return the texts that go with the arrays."""
        return {"name": self.name, "target_name": self.target_name, "unit": self.unit}


def from_arrays(stored: ArrayFile) -> Crystals:
    """Return the set whose :meth:`Crystals.arrays` and :meth:`Crystals.notes` a file holds, memory-mapped."""
    arrays = dict(stored.arrays)
    return Crystals(
        name=str(stored.metadata["name"]),
        target_name=str(stored.metadata["target_name"]),
        unit=str(stored.metadata["unit"]),
        ids=tuple(arrays.pop("ids").tobytes().decode().split("\n")),
        **arrays,
    )


def pack(
    structures: Sequence[Structure],
    ids: Sequence[str],
    targets: Sequence[float] | np.ndarray,
    name: str,
    target_name: str = "energy",
    unit: str = "eV/atom",
) -> Crystals:
    """Pack structures into arrays.

    Args:
        structures: n ordered crystals.
        ids: n unique names.
        targets: n values in ``unit``; NaN where unknown.
        name: What the set is called, for messages.
        target_name: What the targets are.
        unit: Their unit.

    Raises:
        DataError: An id appears twice, or a crystal is disordered, empty or not finite.
    """
    seen: set[str] = set()
    for crystal_id in ids:
        if crystal_id in seen:
            raise DataError(f"{name}: the id {crystal_id!r} appears twice", "give every crystal its own")
        seen.add(crystal_id)
    for crystal_id, structure in zip(ids, structures, strict=True):
        check_ordered(structure, f"{name}: crystal {crystal_id!r}")
    offsets = np.concatenate([[0], np.cumsum([len(s) for s in structures], dtype=np.int64)])
    return Crystals(
        name=name,
        target_name=target_name,
        unit=unit,
        ids=tuple(ids),
        lattices=np.array([s.lattice.matrix for s in structures]).reshape(-1, 3, 3),
        site_offsets=offsets,
        atomic_numbers=np.array([z for s in structures for z in s.atomic_numbers], dtype=np.uint8),
        fractional_coordinates=np.array([f for s in structures for f in s.frac_coords]).reshape(-1, 3),
        targets=np.asarray(targets, dtype=np.float64),
    )


def check_ordered(structure: Structure, where: str) -> None:
    """Refuse a crystal that has no sites, partially occupied or mixed ones, or positions that are not numbers.

    Raises:
        DataError: With ``where`` at its front.
    """
    if len(structure) == 0:
        raise DataError(f"{where}: no sites", "remove it or repair the file")
    for index, site in enumerate(structure):
        if not site.is_ordered:
            raise DataError(
                f"{where}: site {index} is disordered ({site.species_string})",
                "order it first, for instance with pymatgen's OrderDisorderedStructureTransformation",
            )
    if not (np.isfinite(structure.lattice.matrix).all() and np.isfinite(structure.frac_coords).all()):
        raise DataError(f"{where}: a lattice vector or coordinate is not a finite number", "repair the file")
