"""Compare the package's reader of CIFs with those of pymatgen, ASE and gemmi, file by file.

Give the CIFs to read, for instance the test files of other packages:

    python benchmarks/cif_readers.py FILES...

The CIFs of pymatgen's tests are in Debian's package pymatgen-test-files, and ASE's are in its source distribution.
"""

from __future__ import annotations

import io
import sys
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import ase.io
import gemmi
import numpy as np
from pymatgen.core import Lattice, Structure
from pymatgen.io.cif import CifParser

from cgcnn.data.cif import crystals_of
from cgcnn.data.text_files import read_text
from cgcnn.errors import DataError

# Atoms that other readers put this near, in angstrom, are the same. Some keep coordinates such as 0.3333 as they are.
_TOLERANCE = 0.1


def by_pymatgen(text: str) -> list[Structure | str]:
    """Return the crystals that pymatgen reads, and a word for each disordered one."""
    structures = CifParser.from_str(text).parse_structures(primitive=False, on_error="raise")
    return [one if one.is_ordered else "disordered" for one in structures]


def by_ase(text: str) -> list[Structure | str]:
    """Return the crystals that ASE reads, which takes every site as full."""
    frames = ase.io.read(io.StringIO(text), format="cif", index=":", fractional_occupancies=False)
    return [
        Structure(Lattice.from_parameters(*one.cell.cellpar()), one.get_chemical_symbols(), one.get_scaled_positions())
        for one in frames
    ]


def by_gemmi(text: str) -> list[Structure | str]:
    """Return the crystals that gemmi reads, and a word for each disordered one."""
    found: list[Structure | str] = []
    for block in gemmi.cif.read_string(text, 0):
        small = gemmi.make_small_structure_from_block(block)
        if not small.sites:
            continue
        if any(site.occ < 0.99 for site in small.sites):
            found.append("disordered")
            continue
        sites, cell = small.get_all_unit_cell_sites(), small.cell
        lattice = Lattice.from_parameters(cell.a, cell.b, cell.c, cell.alpha, cell.beta, cell.gamma)
        found.append(Structure(lattice, [one.element.name for one in sites], [one.fract.tolist() for one in sites]))
    return found


READERS: dict[str, Callable[[str], list[Structure | str]]] = {
    "pymatgen": by_pymatgen,
    "ASE": by_ase,
    "gemmi": by_gemmi,
}


def difference(ours: Structure, theirs: Structure) -> str:
    """Return how two crystals differ: in composition, cell or places; nothing where they do not."""
    symbols = [["H" if site.specie.symbol == "D" else site.specie.symbol for site in one] for one in (ours, theirs)]
    if Counter(symbols[0]) != Counter(symbols[1]):
        return f"{theirs.formula} for {ours.formula}"
    if not np.allclose(ours.lattice.parameters, theirs.lattice.parameters, atol=0.01):
        return "another cell"
    kinds = np.array(symbols[1])
    for symbol, place in zip(symbols[0], ours.frac_coords, strict=True):
        apart = theirs.frac_coords[kinds == symbol] - place
        if np.linalg.norm((apart - np.rint(apart)) @ ours.lattice.matrix, axis=1).min() > _TOLERANCE:
            return f"no {symbol} at {np.round(place, 4).tolist()}"
    return ""


def compare(path: Path) -> list[str]:
    """Return one line per crystal of a file: what we read or why we do not, and who else reads another thing."""
    text = read_text(path)
    try:
        ours = crystals_of(text, path.name)
    except DataError as error:
        ours = [error]
    theirs: dict[str, list[Structure | str]] = {}
    for name, reader in READERS.items():
        try:
            theirs[name] = reader(text)
        except Exception as error:  # whatever a reader raises is what it says of the file
            theirs[name] = [f"{type(error).__name__}: {' '.join(str(error).split())[:60]}"] * len(ours)
    lines = []
    for index, one in enumerate(ours):
        others = {name: read[index] if index < len(read) else f"{len(read)} crystals" for name, read in theirs.items()}
        if isinstance(one, DataError):
            shown = {name: read if isinstance(read, str) else read.formula for name, read in others.items()}
            lines.append(f"refused  {one}  {shown}")
            continue
        differing = {
            name: found
            for name, read in others.items()
            if (found := read if isinstance(read, str) else difference(one.structure, read))
        }
        word = "differs" if differing else "agree"
        lines.append(
            f"{word:8} {one.name}: {one.structure.formula}  {differing or ''} {' '.join(one.remarks)}".rstrip()
        )
    return lines


def main() -> None:
    """Print the lines of all files that are named, and how many there are of each word."""
    warnings.simplefilter("ignore")
    lines = [line for name in sys.argv[1:] for line in compare(Path(name))]
    sys.stdout.write("\n".join([*lines, str(dict(Counter(line.split()[0] for line in lines))), ""]))


if __name__ == "__main__":
    main()
