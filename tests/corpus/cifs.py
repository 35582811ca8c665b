"""Bad CIFs, and what else may be in a file that is called one."""

from __future__ import annotations

from tests.corpus.entry import BadFile, text_file, variants
from tests.corpus.good import CIF

_SITES = "K1 K 0 0 0\nBr1 Br 0.5 0.25 0.625\n"
_ANGLE = "_cell_angle_alpha 90"
_P1 = "_symmetry_space_group_name_H-M 'P 1'"
_Z = "_atom_site_fract_z\n"

_CIFS = [
    (
        "a type that is no element",
        "K1 K",
        "X1 X",
        ": line 15: type 'X' of site X1 is not an element; write the symbol of an element",
    ),
    (
        "a letter for a metal",
        "K1 K",
        "M1 M",
        ": line 15: type 'M' of site M1 is not an element; write the symbol of an element",
    ),
    (
        "ammonia as a type",
        "Br1 Br",
        "N1 NH3",
        ": line 16: type 'NH3' of site N1 is not an element; give each hydrogen atom its own line",
    ),
    (
        "a hydroxide as a type",
        "Br1 Br",
        "O1 OH",
        ": line 16: type 'OH' of site O1 is not an element; give each hydrogen atom its own line",
    ),
    (
        "an occupancy above 1",
        f"{_Z}{_SITES}",
        f"{_Z}_atom_site_occupancy\nK1 K 0 0 0 1.01\nBr1 Br .5 .25 .6 1\n",
        ": line 16: occupancy 1.01 of site K1 is above 1; correct it",
    ),
    (
        "a site that is half empty",
        f"{_Z}{_SITES}",
        f"{_Z}_atom_site_occupancy\nK1 K 0 0 0 .5\nBr1 Br .5 .25 .6 1\n",
        ": line 16: site K1 is disordered: its occupancy is .5; order the crystal first",
    ),
    (
        "two sites on one spot",
        "0.5 0.25 0.625",
        "0 0 0.001",
        ": line 16: sites K1 (K, line 15) and Br1 (Br) are on one spot; order the crystal first",
    ),
    (
        "a coordinate that is unknown",
        "0.5 0.25 0.625",
        "0.5 0.25 ?",
        ": line 16: _atom_site_fract_z of site Br1 is '?', not a number; write the coordinate",
    ),
    (
        "a coordinate that is left out",
        "0.5 0.25 0.625",
        "0.5 0.25 .",
        ": line 16: _atom_site_fract_z of site Br1 is '.', not a number; write the coordinate",
    ),
    (
        "a coordinate of letters",
        "0.5 0.25 0.625",
        "0.5 0.25 half",
        ": line 16: _atom_site_fract_z of site Br1 is 'half', not a number; correct it",
    ),
    (
        "a coordinate that is no finite number",
        "0.5 0.25 0.625",
        "0.5 0.25 nan",
        ": line 16: _atom_site_fract_z of site Br1 is 'nan', not a number; correct it",
    ),
    (
        "a value too few in the loop",
        "0.5 0.25 0.625",
        "0.5 0.25",
        ": line 9: the loop of _atom_site_label has 5 columns, and its 9 values fill no whole number of rows; complete",
    ),
    ("no atoms", _SITES, "", ": line 1: data_x has no atom lines; add them or remove the block"),
    (
        "a length of 0",
        "_cell_length_a 3.7",
        "_cell_length_a 0",
        ": line 3: _cell_length_a is 0, which is impossible; correct the cell",
    ),
    (
        "a length below 0",
        "_cell_length_a 3.7",
        "_cell_length_a -3.7",
        ": line 3: _cell_length_a is -3.7, which is impossible; correct the cell",
    ),
    (
        "a length of letters",
        "_cell_length_a 3.7",
        "_cell_length_a long",
        ": line 3: _cell_length_a is 'long', not a number; correct it",
    ),
    (
        "a length of 1e308",
        "_cell_length_a 3.7",
        "_cell_length_a 1e308",
        ": line 3: _cell_length_a is '1e308', not a number; correct it",
    ),
    (
        "a length of 1e6",
        "_cell_length_a 3.7",
        "_cell_length_a 1e6",
        ": 9,430,000 cubic angstrom per atom, where no solid",
    ),
    (
        "a length without its decimal point",
        "_cell_length_a 3.7",
        "_cell_length_a 37000",
        ": 348,910 cubic angstrom per atom, where no solid",
    ),
    (
        "a length of a hundredth",
        "_cell_length_a 3.7",
        "_cell_length_a 0.037",
        ": line 3: the cell is only 0.037 angstrom thin; correct the cell; its unit is angstrom",
    ),
    ("no length", "_cell_length_a 3.7\n", "", ": line 1: data_x lacks the tag _cell_length_a; complete the cell"),
    (
        "an angle of 180 degrees",
        _ANGLE,
        "_cell_angle_alpha 180",
        ": line 6: _cell_angle_alpha is 180, which is impossible; correct the cell",
    ),
    (
        "angles that form no cell",
        f"{_ANGLE}\n_cell_angle_beta 90",
        "_cell_angle_alpha 10\n_cell_angle_beta 20",
        ": line 6: the angles 10, 20, 90 cannot form a cell; correct the cell",
    ),
    (
        "a space group that is not known",
        _P1,
        "_symmetry_space_group_name_H-M 'Q 7'",
        ": line 2: the symmetry 'Q 7' (_symmetry_space_group_name_H-M) is not known, and the file lists no operations",
    ),
    (
        "an operation that is none",
        _P1,
        "loop_\n_symmetry_equiv_pos_as_xyz\nx,y,q",
        ": line 4: 'x,y,q' is no symmetry operation; write it like 'x,y+1/2,-z'",
    ),
    (
        "a formula with hydrogens that have no sites",
        _P1,
        f"{_P1}\n_chemical_formula_sum 'Br H4 K'",
        ": line 3: the formula 'Br H4 K' has H, and no site has; add the missing atoms",
    ),
    (
        "a quote that does not end",
        _P1,
        "_symmetry_space_group_name_H-M 'P 1",
        ": line 2: a quote ' is not closed; close it",
    ),
    (
        "a text that does not end",
        _P1,
        f"{_P1}\n_publ_section_title\n;\nrock salt",
        ": line 4: a text field that begins with ';' is not closed; close it",
    ),
    (
        "no data block",
        "data_x\n",
        "",
        ": not a CIF (it has no data_ block); give a CIF, or a file whose name says its format",
    ),
]
_OTHERS = [
    ("an empty file", "CIF", "bad.cif", "", ": this is an empty file; get the file again, convert it, or remove it"),
    (
        "a page of the web",
        "CIF",
        "bad.cif",
        "<!DOCTYPE html><html><body>Not found</body></html>",
        ": this is an HTML page, perhaps of a failed download; get the file again",
    ),
    (
        "a pointer of Git LFS",
        "CIF",
        "bad.cif",
        "version https://git-lfs.github.com/spec/v1\noid sha256:0",
        ": this is a pointer of Git LFS in place of the file; get the file again",
    ),
    (
        "a million line ends",
        "CIF",
        "bad.cif",
        "\n" * 1_000_000,
        ": this is an empty file; get the file again, convert it, or remove it",
    ),
    (
        "only a data block",
        "CIF",
        "bad.cif",
        "data_x\n",
        ": no atoms in it (the tag _atom_site_fract_x is missing); give a CIF with atoms",
    ),
    (
        "a protein",
        "CIF",
        "bad.cif",
        "CRYST1   52.000   58.600   61.900  90.00\n",
        ": this is a PDB file; get the file again, convert it, or remove it",
    ),
    (
        "two crystals for one row",
        "CIF",
        "bad.cif",
        CIF + CIF.replace("data_x", "data_y"),
        "d/id_prop.csv: line 7: 'bad' may be each of 2 crystals; name one of them, such as bad.cif#x",
    ),
]

#: All bad CIFs.
CIFS: tuple[BadFile, ...] = (
    *variants("CIF", "bad.cif", CIF, _CIFS),
    text_file(
        "no columns of coordinates",
        "CIF",
        "bad.cif",
        CIF.replace("fract", "Cartn"),
        ": line 1: data_x has Cartesian coordinates only; write fractional coordinates",
    ),
    *(text_file(*case) for case in _OTHERS),
)
