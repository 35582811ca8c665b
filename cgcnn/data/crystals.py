"""Pack crystals into a few arrays: lattices, elements, coordinates, and one target per crystal."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from pymatgen.core import Composition, Element, Structure

from cgcnn.data.limits import check_limits
from cgcnn.data.pair_search import PairSearch
from cgcnn.data.quantity import Quantity
from cgcnn.errors import DataError
from cgcnn.files.arrays import ArrayFile, digest_arrays

#: The symbol of every element at the index of its atomic number; entry 0 is empty.
ELEMENT_SYMBOLS = np.array(["", *(Element.from_Z(z).symbol for z in range(1, 119))])

# What a site may hold: an element or deuterium. T is not among them: pymatgen takes it for tritium, where files of
# minerals mean a tetrahedral site by it.
_SYMBOLS = frozenset(ELEMENT_SYMBOLS[1:].tolist()) | {"D"}
#: Two sites closer than this (angstrom) are one atom written twice: the shortest bond, H-H, is 0.74 angstrom long.
COINCIDENT = 0.05


@dataclass(frozen=True)
class Crystals:
    """A set of n crystals with s sites in all.

    Attributes:
        name: The name of the set.
        target_name: The name of the target, such as ``formation energy``.
        unit: The unit of the targets, such as ``eV/atom``.
        ids: n unique names, one per crystal.
        lattices: (n, 3, 3) float64, the lattice vectors as rows, in angstrom.
        site_offsets: (n + 1,) int64; crystal c has the sites ``site_offsets[c]:site_offsets[c + 1]``.
        atomic_numbers: (s,) uint8, the element of each site.
        fractional_coordinates: (s, 3) float64, the position of each site in its lattice.
        targets: (n,) float64, in ``unit``; NaN where the target is not known.
        site_labels: (s,) text, the labels of the sites in the file of their crystal, such as ``Fe1``; None where the
            set has no labels. They do not enter the digest.
        folder: The whole path of the folder that the set was read from; None for a named set and for loose files. It
            does not enter the digest.
        parts: (n,) uint8, 0 for training, 1 for validation and 2 for test crystals where the set brings its own split;
            None otherwise.
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
    site_labels: np.ndarray | None = None
    folder: str | None = None
    parts: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def n_sites(self) -> np.ndarray:
        """The number of sites of each crystal, (n,) int64."""
        return np.diff(self.site_offsets)

    @property
    def quantity(self) -> Quantity:
        """What the targets are, and in which unit."""
        return Quantity(self.target_name, self.unit)

    @property
    def symbols(self) -> list[str]:
        """The symbols of the elements of the set, sorted by atomic number."""
        return [str(symbol) for symbol in ELEMENT_SYMBOLS[np.unique(self.atomic_numbers)]]

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of all arrays and ids in hexadecimal; it enters the key of everything computed from this set."""
        return digest_arrays(self.arrays())

    def sites(self, crystal: int) -> slice:
        """Return the sites of the crystal at this index as a slice of the packed arrays."""
        return slice(int(self.site_offsets[crystal]), int(self.site_offsets[crystal + 1]))

    def structure(self, crystal: int) -> Structure:
        """Return the crystal at this index as a Structure of pymatgen."""
        sites = self.sites(crystal)
        return Structure(
            self.lattices[crystal],
            [Element.from_Z(int(z)) for z in self.atomic_numbers[sites]],
            self.fractional_coordinates[sites],
        )

    def reduced_formulas(self) -> np.ndarray:
        """Return the reduced formula of each crystal, (n,); a split by composition keeps equal formulas together."""
        formulas = []
        for crystal in range(len(self)):
            elements, counts = np.unique(self.atomic_numbers[self.sites(crystal)], return_counts=True)
            amounts = dict(zip(ELEMENT_SYMBOLS[elements].tolist(), counts.tolist(), strict=True))
            with warnings.catch_warnings():
                # pymatgen sorts by electronegativity, which helium, neon and argon do not have.
                warnings.filterwarnings("ignore", "No Pauling electronegativity", UserWarning)
                formulas.append(Composition(amounts).reduced_formula)
        return np.array(formulas)

    def select(self, indices: Sequence[int] | np.ndarray) -> Crystals:
        """Return some of the crystals as a set of their own.

        Args:
            indices: (k,) The indices of the crystals, in the order of the new set.
        """
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
            None if self.site_labels is None else self.site_labels[sites],
            self.folder,
            None if self.parts is None else self.parts[chosen],
        )

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the packed arrays by name; the ids are one array of bytes (uint8), with one line per id."""
        arrays = {
            "ids": np.frombuffer("\n".join(self.ids).encode(), np.uint8),
            "lattices": self.lattices,
            "site_offsets": self.site_offsets,
            "atomic_numbers": self.atomic_numbers,
            "fractional_coordinates": self.fractional_coordinates,
            "targets": self.targets,
        }
        # A set without its own split keeps the digest that it had before sets could bring one.
        return arrays if self.parts is None else {**arrays, "parts": self.parts}

    def notes(self) -> dict[str, str]:
        """Return the texts that a file stores with the arrays: name, target name and unit."""
        return {"name": self.name, "target_name": self.target_name, "unit": self.unit}


def from_arrays(stored: ArrayFile) -> Crystals:
    """Return the set of crystals that a file holds, memory-mapped.

    Args:
        stored: The contents of a file of :meth:`Crystals.arrays`, with :meth:`Crystals.notes` among its metadata. The
            labels of the sites may be there too, as an array ``site_labels`` of bytes with one line per label.

    Raises:
        KeyError: The file holds something else than crystals.
    """
    arrays = stored.arrays
    return Crystals(
        name=str(stored.metadata["name"]),
        target_name=str(stored.metadata["target_name"]),
        unit=str(stored.metadata["unit"]),
        ids=tuple(arrays["ids"].tobytes().decode().split("\n")),
        lattices=arrays["lattices"],
        site_offsets=arrays["site_offsets"],
        atomic_numbers=arrays["atomic_numbers"],
        fractional_coordinates=arrays["fractional_coordinates"],
        targets=arrays["targets"],
        site_labels=np.array(arrays["site_labels"].tobytes().decode().split("\n")) if "site_labels" in arrays else None,
        parts=arrays.get("parts"),
    )


def pack(
    structures: Sequence[Structure],
    ids: Sequence[str],
    targets: Sequence[float] | np.ndarray,
    name: str,
    target_name: str = "target",
    unit: str = "",
) -> Crystals:
    """Pack structures into arrays.

    Args:
        structures: n ordered crystals.
        ids: n unique names, one per crystal.
        targets: (n,) The targets in ``unit``; NaN where a target is not known.
        name: The name of the set, with which messages begin.
        target_name: The name of the target, such as ``band gap``.
        unit: The unit of the targets, such as ``eV`` or ``eV/atom``; empty where it is not known.

    Returns:
        The n crystals in the given order.

    Raises:
        DataError: An id appears twice, or a crystal is disordered, empty, not made of elements, or has a number that
            no crystal has (:mod:`cgcnn.data.limits`).
        ValueError: The numbers of ids and structures differ.
    """
    seen: set[str] = set()
    for crystal_id in ids:
        if crystal_id in seen:
            raise DataError(f"{name}: the id {crystal_id!r} appears twice", "give every crystal its own id")
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


def is_element(symbol: str) -> bool:
    """Return whether a site may hold this: the symbol of an element, or D for deuterium, spelled as in ``Na``."""
    return symbol in _SYMBOLS


def check_ordered(structure: Structure, where: str) -> None:
    """Refuse a crystal that is disordered, empty, not made of elements, or has a number that no crystal has.

    Args:
        structure: The crystal.
        where: The name of the crystal, with which the message begins.

    Raises:
        DataError: The crystal has no sites, a site is partially occupied, mixed or no element, or a number is out of
            the bounds of :mod:`cgcnn.data.limits`.
    """
    if len(structure) == 0:
        raise DataError(f"{where}: no sites", "remove it or repair the file")
    for index, site in enumerate(structure):
        amounts = list(site.species.items())
        for species, _ in amounts:
            if not is_element(species.symbol):
                raise DataError(f"{where}: site {index} is {species.symbol!r}, no element", "name an element there")
        if len(amounts) != 1 or amounts[0][1] != 1:
            filled = ", ".join(f"{species}:{amount:g}" for species, amount in amounts)
            raise DataError(
                f"{where}: site {index} is disordered ({filled})",
                "order it first, for instance with pymatgen's OrderDisorderedStructureTransformation",
            )
    check_limits(structure.lattice.matrix, structure.frac_coords, where)


def check_sound(structure: Structure, where: str) -> None:
    """Refuse a crystal of which no graph can be made because two sites are on one spot.

    Args:
        structure: The crystal, whose numbers are within their bounds.
        where: The name of the crystal, with which the message begins.

    Raises:
        DataError: The crystal is such a one, or cannot be searched for neighbors.
    """
    centers, others, images, distances = PairSearch(structure.lattice.matrix, structure.frac_coords, where).within(1.0)
    pairs = np.flatnonzero((centers < others) | ((centers == others) & (images != 0).any(axis=1)))
    if len(pairs) and distances[pairs].min() < COINCIDENT:
        nearest = pairs[distances[pairs].argmin()]
        raise DataError(
            f"{where}: sites {centers[nearest]} and {others[nearest]} are {distances[nearest]:.3f} angstrom apart, "
            "on one spot",
            "remove one of them",
        )
