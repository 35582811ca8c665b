"""Bad structure files of the other formats: texts that differ from a good one in one place."""

from __future__ import annotations

import json

from tests.corpus.entry import BadFile, text_file, variants
from tests.corpus.good import JSON, POSCAR, RES, XYZ

_POSCARS = [
    (
        "an element that is none",
        "K Br\n1 1",
        "X Br\n1 1",
        ": site 0 is 'X', no element; write the symbol of an element",
    ),
    ("a scale of 0", "salt\n1.0", "salt\n0.0", ": its cell has no volume; correct the scale or the lattice vectors"),
    ("two equal vectors", "0 4.1 0", "3.7 0 0", ": its cell has no volume; correct the scale or the lattice vectors"),
    (
        "a vector of two numbers",
        "0 4.1 0",
        "0 4.1",
        ": line 4: '0 4.1' does not begin with 3 numbers; correct the line",
    ),
    ("fewer coordinates than atoms", "1 1\n", "1 2\n", ": 2 coordinate lines for 3 atoms; get the file again"),
    (
        "a billion atoms",
        "1 1\n",
        "1 999999999\n",
        ": 2 coordinate lines for 1000000000 atoms; get the file again",
    ),
    (
        "more coordinates than atoms",
        "0.5 0.25 0.625\n",
        "0.5 0.25 0.625\n0.5 0.5 0.5\n",
        ": more coordinate lines than atoms, such as '0.5 0.5 0.5'; correct line 7",
    ),
    (
        "a coordinate of letters",
        "0.5 0.25 0.625",
        "0.5 0.25 half",
        ": line 10: '0.5 0.25 half' does not begin with 3 numbers; correct the line",
    ),
    (
        "no line that says Direct or Cartesian",
        "Direct\n",
        "",
        ": line 8: '0' is neither Direct nor Cartesian; write one of them there",
    ),
    (
        "no elements, as in VASP 4",
        "K Br\n1 1",
        "1 1",
        ": a POSCAR without the elements (VASP 4); write their symbols above line 6",
    ),
    (
        "the steps of a run",
        "Direct\n",
        "Direct configuration=     1\n",
        ": an XDATCAR, which holds the steps of a run; convert it to extended XYZ by ase convert",
    ),
    (
        "two sites on one spot",
        "0.5 0.25 0.625",
        "0.001 0 0",
        ": sites 0 and 1 are 0.004 angstrom apart, on one spot; remove one of them",
    ),
    (
        "the end after five lines",
        "K Br\n1 1\nDirect\n0 0 0\n0.5 0.25 0.625\n",
        "",
        ": a POSCAR of 5 lines; it ends before the coordinates; get it again",
    ),
]
_FRAMES = [
    ("fewer atoms than it says", "2\nLattice", "3\nLattice", ": 2 of its 3 atoms are there; get the file again"),
    (
        "a billion atoms",
        "2\nLattice",
        "999999999\nLattice",
        ": 2 of its 999999999 atoms are there; get the file again",
    ),
    (
        "no atoms",
        f"2\n{XYZ.splitlines()[1]}\nK 0 0 0\nBr 1.85 1.025 2.875\n",
        f"0\n{XYZ.splitlines()[1]}\n",
        ": 0 of its 0 atoms are there; get the file again",
    ),
    (
        "no lattice",
        'Lattice="3.7 0 0 0 4.1 0 0 0 4.6" ',
        "",
        ": no lattice, so it is a molecule and not a crystal; leave it out, or add Lattice=",
    ),
    (
        "a lattice of eight numbers",
        "3.7 0 0 0 4.1 0 0 0 4.6",
        "3.7 0 0 0 4.1 0 0 0",
        ": not a frame of extended XYZ (Lattice is '3.7 0 0 0 4.1 0 0 0', not 9 numbers); repair it",
    ),
    (
        "a lattice without volume",
        "3.7 0 0 0 4.1 0 0 0 4.6",
        "3.7 0 0 3.7 0 0 0 0 4.6",
        ": its cell has no volume; repair the lattice vectors",
    ),
    (
        "no periodic axis",
        'pbc="T T T"',
        'pbc="F F F"',
        ": not periodic, so it is a molecule and not a crystal; leave it out",
    ),
    (
        "a coordinate of letters",
        "Br 1.85 1.025 2.875",
        "Br 1.85 1.025 far",
        ": not a frame of extended XYZ ('far' in its line 4 is not a number); repair it",
    ),
    (
        "a coordinate that is no finite number",
        "Br 1.85 1.025 2.875",
        "Br 1.85 1.025 nan",
        ": a lattice vector or coordinate is not a finite number; repair the file",
    ),
    ("an element that is none", "K 0 0 0", "X 0 0 0", ": site 0 is 'X', no element; name an element there"),
    (
        "columns that are not there",
        "pos:R:3",
        "pos:R:1000000000",
        ": its first atom has 4 of 1000000001 columns; correct Properties or the line",
    ),
    (
        "lines that belong to no frame",
        "Br 1.85 1.025 2.875\n",
        "Br 1.85 1.025 2.875\nend of the run\n",
        "d/id_prop.csv: line 7: 'bad' may be each of 2 crystals; name one of them, such as bad.xyz#0",
    ),
]
_RECORDS = [
    ("no END", "END\n", "", ": the record of line 1 has no END; get the file again"),
    (
        "no CELL",
        "CELL 1.54 3.7 4.1 4.6 90 90 90\n",
        "",
        ": the record of line 1 has no CELL and SFAC; get the file again",
    ),
    (
        "a CELL of letters",
        "CELL 1.54 3.7",
        "CELL 1.54 long",
        ": the record of line 1: CELL: 'long' is not a number; correct it",
    ),
    (
        "a CELL of 0",
        "CELL 1.54 3.7",
        "CELL 1.54 0",
        ": the record of line 1: CELL 0 4.1 4.6 90 90 90 is no cell; correct it",
    ),
    (
        "an element that is none",
        "SFAC K Br",
        "SFAC X Br",
        ": the record of line 1: atom 'K' is 'X', no element; write the symbol of an element",
    ),
    (
        "an element that SFAC does not have",
        "Br 2 0.5",
        "Br 3 0.5",
        ": the record of line 1: atom 'Br' has the element 3 of 2; correct SFAC",
    ),
    (
        "an atom that is called another element",
        "Br 2 0.5",
        "Cl 2 0.5",
        ": the record of line 1: atom 'Cl' is Br by SFAC; correct its number or its name",
    ),
    (
        "a site that is half empty",
        "K 1 0 0 0 1.0",
        "K 1 0 0 0 0.5",
        ": the record of line 1: atom 'K' is disordered (occupancy 0.5); order it first",
    ),
    (
        "an occupancy of a free variable",
        "K 1 0 0 0 1.0",
        "K 1 0 0 0 21.0",
        ": the record of line 1: atom 'K': 21.0 depends on a free variable; write the number itself",
    ),
    (
        "fewer atoms than its title says",
        "K 1 0 0 0 1.0\n",
        "",
        ": the record of line 1 holds 1 of its 2 atoms; get the file again",
    ),
    (
        "a centering that is not known",
        "LATT -1",
        "LATT -9",
        ": the record of line 1: LATT -9 is not known; write a number from 1 to 7, or from -1 to -7",
    ),
    (
        "an instruction that is not known",
        "LATT -1",
        "LATT -1\nJUMP 7",
        ": the record of line 1: 'JUMP 7' is no atom and no instruction that is read; correct the line",
    ),
    (
        "an operation that is none",
        "LATT -1",
        "LATT -1\nSYMM x,y",
        ": the record of line 1: 'x,y' is no symmetry operation; write it like 'X, Y+1/2, -Z'",
    ),
]
_OBJECTS = [
    (
        "the end in the middle",
        '"label": "Br1"',
        "",
        ": not JSON (Expecting property name enclosed in double quotes: line 1 column 419 (char 418)); repair it",
    ),
    (
        "an element that is none",
        '"element": "K"',
        '"element": "X"',
        ": site 0 is 'X', no element; write the symbol of an element",
    ),
    (
        "an element that is a number",
        '"element": "K"',
        '"element": 19',
        ": site 0 is '19', no element; write the symbol of an element",
    ),
    (
        "a site that is half empty",
        '"element": "K", "occu": 1',
        '"element": "K", "occu": 0.5',
        ": site 0 is disordered (K:0.5); order it first",
    ),
    (
        "a coordinate of letters",
        "0.625",
        '"far"',
        ': site 1: abc: [0.5, 0.25, "far"] is not 3 finite numbers; correct it',
    ),
    (
        "a coordinate that is no finite number",
        "0.625",
        "NaN",
        ": site 1: abc: [0.5, 0.25, NaN] is not 3 finite numbers; correct it",
    ),
    (
        "two coordinates",
        "0.5, 0.25, 0.625",
        "0.5, 0.25",
        ": site 1: abc: [0.5, 0.25] is not 3 finite numbers; correct it",
    ),
    (
        "a lattice of two vectors",
        "[3.7, 0, 0], ",
        "",
        ": the matrix of its lattice: [[0, 4.1, 0], [0, 0, 4.6]] is not 3 times 3 finite numbers; correct it",
    ),
    ("a lattice without volume", "[0, 4.1, 0]", "[3.7, 0, 0]", ": its cell has no volume; repair the lattice vectors"),
    (
        "an energy of letters",
        '"energy": -6.0',
        '"energy": "low"',
        ': energy and correction: ["low", -0.5] is not 2 finite numbers; correct it',
    ),
]
_OTHERS = [
    (
        "a molecule",
        "pymatgen JSON",
        "bad.json",
        '{"@class": "Molecule", "lattice": 0, "sites": []}',
        ": lattice and sites are no object and no list; write it with Structure.to",
    ),
    (
        "brackets within brackets",
        "pymatgen JSON",
        "bad.json",
        '{"lattice": "sites", "x": ' + "[" * 100_000,
        ": its brackets are nested too deeply; repair it or remove it",
    ),
    (
        "an array of settings",
        "pymatgen JSON",
        "bad.json",
        json.dumps([{"lattice": 1, "sites": 2}]),
        ": lattice and sites are no object and no list; write it with Structure.to",
    ),
    (
        "a dear diary",
        "extended XYZ",
        "bad.xyz",
        "dear diary\n",
        ": line 1: 'dear diary' is not a number of atoms; repair the frame before it",
    ),
    (
        "three molecules",
        "extended XYZ",
        "bad.xyz",
        "1\nwater\nO 0 0 0\n" * 3,
        ": 3 molecules without a lattice, and no crystal; leave it out",
    ),
]

#: All bad POSCARs, extended XYZ files, SHELX files and JSON files.
STRUCTURES: tuple[BadFile, ...] = (
    *variants("POSCAR", "bad.vasp", POSCAR, _POSCARS),
    *variants("extended XYZ", "bad.xyz", XYZ, _FRAMES),
    *variants("SHELX", "bad.res", RES, _RECORDS),
    *variants("pymatgen JSON", "bad.json", JSON, _OBJECTS),
    *(text_file(*case) for case in _OTHERS),
)
