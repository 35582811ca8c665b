"""Read crystals from the JSON of pymatgen: one Structure or many, alone or in entries with their energies."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
from pymatgen.core import Lattice, PeriodicSite, Structure

from cgcnn.data.cif_blocks import angles_form_cell
from cgcnn.data.crystals import is_element
from cgcnn.data.reading import FileCrystal
from cgcnn.errors import DataError, reason

_PARAMETERS = ("a", "b", "c", "alpha", "beta", "gamma")
_NAME_KEYS = ("entry_id", "material_id", "id", "name")


def looks_like_json(text: str) -> bool:
    """Return whether a text is JSON that may hold a Structure of pymatgen.

    Args:
        text: The contents of the file.
    """
    return text.lstrip()[:1] in ("{", "[") and '"lattice"' in text and '"sites"' in text


def read_json(text: str, where: str) -> list[FileCrystal | DataError]:
    """Read every Structure of a JSON file, or of a file with one JSON object per line.

    A crystal is what ``Structure.as_dict`` writes, or an object with such a ``structure``, as a ComputedStructureEntry
    or a document of the Materials Project. They stand alone, in a list, or under names. Only the entries of pymatgen
    give an energy: that of the cell in eV, with its correction.

    Args:
        text: The contents of the file.
        where: The name of the file in messages.

    Returns:
        For each object its crystal, or the error that says why it cannot be used.

    Raises:
        DataError: The text is not JSON.
    """
    try:
        content = json.loads(text)
    except RecursionError as error:
        raise DataError(f"{where}: its brackets are nested too deeply", "repair it or remove it") from error
    except ValueError as error:
        try:
            content = [json.loads(line) for line in text.splitlines() if line.strip()]
        except (ValueError, RecursionError):
            raise DataError(f"{where}: not JSON ({error})", "repair it or remove it") from error
    if _is_crystal(content):
        return [_crystal(content, where)]
    found = list(_named(content))
    if not any(_is_crystal(each) for _, each in found):
        kind = _kind(found[0][1] if found else content)
        raise DataError(f"{where}: {kind}", "write it with pymatgen's Structure.to(filename='x.json')")
    if len(found) == 1:
        return [_crystal(found[0][1], where)]
    return [_crystal(each, f"{where}#{name}") for name, each in found]


def _named(content: Any) -> Iterator[tuple[str, Any]]:
    """Yield each object of a list or of a mapping, with its own name, its key or its number."""
    if isinstance(content, list):
        for number, each in enumerate(content):
            names = [each[key] for key in _NAME_KEYS if isinstance(each, dict) and each.get(key)]
            yield str(names[0] if names else number), each
    elif isinstance(content, dict) and any(_is_crystal(each) for each in content.values()):
        yield from ((str(name), each) for name, each in content.items())


def _is_crystal(content: Any) -> bool:
    if not isinstance(content, dict):
        return False
    inner = content.get("structure", content)
    return isinstance(inner, dict) and "lattice" in inner and "sites" in inner


def _kind(content: Any) -> str:
    """Say what an object is that holds no crystal."""
    kind = content.get("@class") if isinstance(content, dict) else None
    if kind in ("Molecule", "IMolecule"):
        return "a Molecule of pymatgen, which has no lattice"
    return f"a {kind} without a Structure" if kind else "no Structure of pymatgen"


def _crystal(content: Any, where: str) -> FileCrystal | DataError:
    if not _is_crystal(content):
        return DataError(f"{where}: {_kind(content)}", "leave it out")
    try:
        structure = _structure(content.get("structure", content), where)
        energy = None
        if "Entry" in str(content.get("@class")) and content.get("energy") is not None:
            parts = [content["energy"], content.get("correction") or 0]
            energy = float(_numbers(parts, (2,), f"{where}: energy and correction").sum())
    except DataError as error:
        return error
    except Exception as error:  # pymatgen refuses some species and lattices in its own ways
        return DataError(f"{where}: not a Structure ({reason(error)})", "repair it or remove it")
    return FileCrystal(where, structure, energy)


def _structure(content: dict[str, Any], where: str) -> Structure:
    """Return the crystal of what ``Structure.as_dict`` wrote: its lattice, and the species, places and labels of sites.

    Nothing else is handed to pymatgen. It would import the modules that a file's properties name.
    """
    lattice, sites = content["lattice"], content["sites"]
    if not isinstance(lattice, dict) or not isinstance(sites, list):
        raise DataError(f"{where}: lattice and sites are no object and no list", "write it with Structure.to")
    if "matrix" in lattice:
        cell = Lattice(_numbers(lattice["matrix"], (3, 3), f"{where}: the matrix of its lattice"))
    else:
        values = [lattice.get(key) for key in _PARAMETERS]
        lengths_and_angles = _numbers(values, (6,), f"{where}: a, b, c, alpha, beta and gamma of its lattice").tolist()
        if not angles_form_cell(lengths_and_angles[3:]):
            raise DataError(f"{where}: alpha, beta and gamma of its lattice cannot form a cell", "correct them")
        cell = Lattice.from_parameters(*lengths_and_angles)
    return Structure.from_sites([_site(site, cell, f"{where}: site {index}") for index, site in enumerate(sites)])


def _site(content: Any, lattice: Lattice, where: str) -> PeriodicSite:
    species = content.get("species") if isinstance(content, dict) else None
    if not isinstance(species, list) or not species or not all(isinstance(each, dict) for each in species):
        raise DataError(f"{where} has no list of species", "write it with Structure.to")
    kept = []
    for each in species:
        symbol = each.get("element")
        if not isinstance(symbol, str) or not is_element(symbol):
            raise DataError(f"{where} is {str(symbol)!r}, no element", "write the symbol of an element")
        kept.append({"element": symbol, "occu": float(_numbers(each.get("occu"), (), f"{where}: occu"))})
        for key in ("oxidation_state", "spin"):
            if each.get(key) is not None:
                kept[-1][key] = float(_numbers(each[key], (), f"{where}: {key}"))
    label = content.get("label")
    plain = {
        "species": kept,
        "abc": _numbers(content.get("abc"), (3,), f"{where}: abc"),
        "label": None if label is None else str(label),
    }
    return PeriodicSite.from_dict(plain, lattice)


def _numbers(content: Any, shape: tuple[int, ...], what: str) -> np.ndarray:
    """Return finite numbers of a shape; refuse all else."""
    try:
        numbers = np.array(content, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        numbers = np.array(np.nan)
    if numbers.shape != shape or not np.isfinite(numbers).all():
        expected = f"{' times '.join(map(str, shape))} finite numbers" if shape else "a finite number"
        raise DataError(f"{what}: {json.dumps(content)} is not {expected}", "correct it")
    return numbers
