"""Read crystals from the JSON of pymatgen: one Structure or many, alone or in entries with their energies."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pymatgen.core import Structure

from cgcnn.data.reading import FileCrystal
from cgcnn.errors import DataError

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
    except ValueError as error:
        try:
            content = [json.loads(line) for line in text.splitlines() if line.strip()]
        except ValueError:
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
    inner = content.get("structure", content)
    try:
        structure = Structure.from_dict(inner)
        energy = content.get("energy") if "Entry" in str(content.get("@class")) else None
        if energy is not None:
            energy = float(energy) + float(content.get("correction") or 0)
    except Exception as error:  # a damaged text makes the parser raise exceptions of many types, such as KeyError
        reason = " ".join(str(error).split()) or type(error).__name__
        return DataError(f"{where}: not a Structure ({type(error).__name__}: {reason})", "repair it or remove it")
    return FileCrystal(where, structure, energy)
