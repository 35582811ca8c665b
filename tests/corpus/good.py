"""Hold one good file of every format, and what must be read from it, so that no reader can refuse everything."""

from __future__ import annotations

import json
from pathlib import Path

CIF = """data_x
_symmetry_space_group_name_H-M 'P 1'
_cell_length_a 3.7
_cell_length_b 4.1
_cell_length_c 4.6
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
K1 K 0 0 0
Br1 Br 0.5 0.25 0.625
"""
POSCAR = """salt
1.0
3.7 0 0
0 4.1 0
0 0 4.6
K Br
1 1
Direct
0 0 0
0.5 0.25 0.625
"""
XYZ = """2
Lattice="3.7 0 0 0 4.1 0 0 0 4.6" Properties=species:S:1:pos:R:3 energy=-6.5 pbc="T T T"
K 0 0 0
Br 1.85 1.025 2.875
"""
RES = """TITL x 0.0 69.782 -6.5 0 0 2 (P1) n - 1
CELL 1.54 3.7 4.1 4.6 90 90 90
LATT -1
SFAC K Br
K 1 0 0 0 1.0
Br 2 0.5 0.25 0.625 1.0
END
"""
JSON = json.dumps(
    {
        "@module": "pymatgen.entries.computed_entries",
        "@class": "ComputedStructureEntry",
        "energy": -6.0,
        "correction": -0.5,
        "structure": {
            "@module": "pymatgen.core.structure",
            "@class": "Structure",
            "lattice": {"matrix": [[3.7, 0, 0], [0, 4.1, 0], [0, 0, 4.6]]},
            "sites": [
                {"species": [{"element": "K", "occu": 1}], "abc": [0, 0, 0], "label": "K1"},
                {"species": [{"element": "Br", "occu": 1}], "abc": [0.5, 0.25, 0.625], "label": "Br1"},
            ],
        },
    }
)
#: The text of each format by the name of a file, and the energy of the cell in eV where the format gives one.
FILES = {
    "x.cif": (CIF, None),
    "POSCAR": (POSCAR, None),
    "x.xyz": (XYZ, -6.5),
    "x.res": (RES, -6.5),
    "x.json": (JSON, -6.5),
}
#: What must be read from each of them: the lengths of the cell in angstrom, the elements and the places.
LENGTHS, ELEMENTS, PLACES = (3.7, 4.1, 4.6), ("K", "Br"), ((0, 0, 0), (0.5, 0.25, 0.625))


def make_folder(parent: Path) -> Path:
    """Make the folder ``d`` of six good crystals, whose table also names a crystal ``bad`` that is not there.

    Args:
        parent: The folder in which it is made.
    """
    folder = parent / "d"
    folder.mkdir()
    for number in range(6):
        (folder / f"m{number}.cif").write_text(CIF.replace("3.7", f"{3.6 + 0.05 * number:.2f}"))
    (folder / "id_prop.csv").write_text("".join(f"m{number},-1.{number}\n" for number in range(6)) + "bad,-1.9\n")
    return folder
