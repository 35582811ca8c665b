"""Hold small good files of every format, whose damaged copies the tests of the readers read."""

from __future__ import annotations

import json

from pymatgen.core import Structure

from tests.cif_texts import ROCK_SALT_CELL, cif, operations, symbol

POSCAR = "NaCl\n1.0\n3.4 0 0\n0 3.4 0\n0 0 3.4\nNa Cl\n1 1\nDirect\n0 0 0\n.5 .5 .5\n"
_SELECTIVE = """perovskite # of three elements
 -59.319
   1.0 0.0 0.0
   0.0 1.0 0.1
   0.0 0.0 1.0
 Sr_sv Ti/f474ac0d O
 1 1 3
Selective dynamics
Cartesian
  0.00 0.00 0.00 T T F Sr
  0.50 0.50 0.50 T T T Ti
  0.50 0.50 0.00 F F F O
  0.50 0.00 0.50 T T T O
  0.00 0.50 0.50 T T T O

  0.0 0.0 0.0
  0.1d-3 0.0 -2E-2
"""
_VASP_4 = "Na Cl\n1.0 1.0 2.0\n3.4 0 0\n0 3.4 0\n0 0 3.4\n1 1\nd\n0 0 0\n.5 .5 .5\n"
XYZ = '2\nLattice="3.4 0 0 0 3.4 0 0 0 3.4" energy=-6.5\nNa 0 0 0\nCl 1.7 1.7 1.7\n'
_FRAMES = XYZ + (
    '3\nLattice="4.1 0 0 0.3 4.4 0 -0.2 0.1 5" Properties=species:S:1:pos:R:3:forces:R:3 pbc="T T F" '
    "config_type=bulk dft_energy=-9.25 free_energy=-9.26 stress='0 0 0 0 0 0 0 0 0'\n"
    "Sr 0 0 0 0.1 0.2 0.3\nO 2.0 2.1 0.1 0 0 0\nO 0.1 2.2 2.5 0 0 1e-3\n"
)
RES = """TITL x 0.0 39.3 -1.0 0 0 2 (P1) n - 1
CELL 1.54 3.4 3.4 3.4 90 90 90
LATT -1
SFAC Na Cl
Na 1 0 0 0 1.0
Cl 2 .5 .5 .5 1.0
END
"""
_SHELX = """TITL rock salt in Fm-3m
CELL 0.71073 5.64 5.64 5.64 90 90 90
ZERR 4 0.001 0.001 0.001 0 0 0
LATT 4
SYMM -X, -Y, Z
SYMM -X, Y, -Z
SYMM Z, X, Y
SYMM Y, Z, X
SYMM Z, -X, -Y
SYMM -Z, -X, Y
SYMM -Z, X, -Y
SYMM -Y, Z, -X
SYMM Y, -Z, -X
SYMM -Y, -Z, X
SYMM X, -Y, -Z
SFAC Na Cl
UNIT 4 4
FVAR 0.5
NA1 1 10.0 10.0 10.0 10.04167 =
    0.02
CL1 2 10.5 10.5 10.5 10.04167 0.02
Q1 1 0.1 0.1 0.1 11 0.05
HKLF 4
END
"""
_ROCK_SALT = cif(
    "Na1 Na1+ 0 0 0 4 1.0 .\nCl1 Cl1- 0.50000(2) 0.5 0.5 4 1 0",
    symbol("F m -3 m"),
    ROCK_SALT_CELL,
    "label type_symbol fract_x fract_y fract_z symmetry_multiplicity occupancy attached_hydrogens",
    "_chemical_formula_sum 'Cl Na'\n_cell_formula_units_Z 4\n_cell_volume 179.4(3)\n_symmetry_Int_Tables_number 225",
)
_TWO_FOLD = cif(
    "Cu1 Cu 0.1234(5) 0.25 0.3333\nO1 O 0 0.4180(20) .25\nO2 O2- 0.5 0.1 0.6667",
    operations("x,y,z", "-x, y, -z+1/2", "-x,-y,-z", "x, -y, z+1/2"),
    "5.1 4.7(1) 6.95 90 99.62(2) 90",
    more="_publ_section_title\n;\n Copper and\n oxygen\n;\n_cell_measurement_temperature '293 K'\n_x_y \"a 'b' c\"",
)
_CIF_2 = "#\\#CIF_2.0\n" + _ROCK_SALT + "_notes '''a ' and\na \" too'''\n_list [1 [2 3] {'a':4}]\n"
CIF = cif()

_SALT = Structure.from_str(POSCAR, "poscar")
_SALT.add_oxidation_state_by_guess()
_JSON = json.dumps(_SALT.as_dict())
_ENTRIES = json.dumps(
    [
        {"@class": "ComputedStructureEntry", "energy": -6.5, "correction": 0.1, "structure": _SALT.as_dict()},
        {"material_id": "mp-1", "structure": _SALT.as_dict(), "fields_not_requested": []},
    ],
    indent=1,
)
_LINES = "\n".join(json.dumps({"id": name, "structure": _SALT.as_dict()}) for name in ("a", "b", "c"))

#: Good files by the name of their format, each with a name that a file of it may have.
STRUCTURES: dict[str, tuple[str, tuple[str, ...]]] = {
    "POSCAR": ("POSCAR", (POSCAR, _SELECTIVE, _VASP_4)),
    "extended XYZ": ("x.xyz", (XYZ, _FRAMES, XYZ * 5)),
    "SHELX": ("x.res", (RES, _SHELX, RES + _SHELX)),
    "pymatgen JSON": ("x.json", (_JSON, _ENTRIES, _LINES)),
    "CIF": ("x.cif", (CIF, _ROCK_SALT, _TWO_FOLD, _CIF_2, _ROCK_SALT + _TWO_FOLD)),
}
#: Tables of the targets of the crystals a, b, c and d.
TABLES = (
    "id,target\na,1.5\nb,-0.25\nc,3e-2\nd,0\n",
    "a,1.5\nb,-0.25\nc,3\nd,0\n",
    "file;band_gap (eV);split\na.cif;1,5;train\nb.cif;0,25;val\nc.cif;3,0;test\nd.cif;1,125;train\n",
    'material_id\tE_f [eV/atom]\tnote\n"a"\t-1.5\t"x\ty"\n"b"\t\N{MINUS SIGN}0.25\t\nc\t+3.\t# new\nd\t.5\tno\n',
    "# name energy\na 1.5\nb 0.25\nc -3\nd 1e1\n",
    "sep=;\nid;y\na;1\nb;2\nc;3\nd;4\n",
)
#: What a folder may say of itself.
NOTES = (
    "title: Gaps\ntarget: band gap\nunit: eV\nper: crystal\nlicense: CC0\nreferences:\n- A. Person, 2020\n- B\n",
    "{title: 'Salts', target: energy, unit: \"eV/atom\", table: id_prop.csv, references: one}\n",
)
