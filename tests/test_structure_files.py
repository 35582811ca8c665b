"""Test the reader of structure files: every format against pymatgen and ASE, and one line for each that is bad."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from ase.io import write as write_frames
from pymatgen.core import DummySpecies, Lattice, Molecule, Structure
from pymatgen.entries.computed_entries import ComputedStructureEntry
from pymatgen.io.ase import AseAtomsAdaptor
from pymatgen.io.res import AirssProvider
from pymatgen.io.vasp import Poscar

from cgcnn.analysis.prediction import predict
from cgcnn.data.crystals import Crystals, pack
from cgcnn.data.structure_files import FORMATS, find_files, read_file, read_structures
from cgcnn.errors import DataError
from cgcnn.training.runs import Run

POSCAR = "NaCl\n1.0\n3.4 0 0\n0 3.4 0\n0 0 3.4\nNa Cl\n1 1\nDirect\n0 0 0\n.5 .5 .5\n"
CIF = """data_x
_symmetry_space_group_name_H-M 'P 1'
_cell_length_a 3.4
_cell_length_b 3.4
_cell_length_c 3.4
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
Na1 Na 0 0 0
Cl1 Cl 0.5 0.5 0.5
"""
XYZ = '2\nLattice="3.4 0 0 0 3.4 0 0 0 3.4" energy=-6.5\nNa 0 0 0\nCl 1.7 1.7 1.7\n'
RES = """TITL x 0.0 39.3 -1.0 0 0 2 (P1) n - 1
CELL 1.54 3.4 3.4 3.4 90 90 90
LATT -1
SFAC Na Cl
Na 1 0 0 0 1.0
Cl 2 .5 .5 .5 1.0
END
"""
MOLECULE = "2\na molecule\nH 0 0 0\nH 0 0 0.74\n"


@pytest.fixture
def skewed() -> Structure:
    """A triclinic cell of three elements, whose sites are not sorted by element."""
    lattice = Lattice.from_parameters(4.1, 4.6, 5.3, 81, 97, 104)
    coordinates = [[0.01, 0.02, 0.03], [0.5, 0.5, 0.5], [0.5, 0.1, 0.4], [0.2, 0.6, 0.1], [0.9, 0.5, 0.2]]
    return Structure(lattice, ["Sr", "Ti", "O", "O", "O"], coordinates)


def write_all(crystal: Structure, folder: Path) -> list[Path]:
    """Write one crystal in every format, by pymatgen or ASE."""
    crystal.to(str(folder / "a.cif"))
    crystal.to(str(folder / "POSCAR"), "poscar")
    crystal.to(str(folder / "a.json"))
    crystal.to(str(folder / "a.res"), "res")
    atoms = AseAtomsAdaptor.get_atoms(crystal)
    write_frames(folder / "a.xyz", atoms, format="extxyz")
    write_frames(folder / "b.vasp", atoms, format="vasp")
    write_frames(folder / "B.RES", atoms, format="res")
    shutil.copy(folder / "a.xyz", folder / "c.extxyz")
    for name in ("POSCAR", "a.cif", "a.json", "a.res", "a.xyz"):
        (folder / f"{name}.gz").write_bytes(gzip.compress((folder / name).read_bytes()))
    return find_files(folder)


def test_a_crystal_has_one_prediction_in_whatever_format_it_comes(skewed: Structure, run: Run, tmp_path: Path) -> None:
    files = write_all(skewed, tmp_path)
    reading = read_structures(files)
    assert not reading.refused
    assert len(reading.crystals) == len(files) == 13
    predicted = predict(run, reading.crystals)
    expected = predict(run, pack([skewed], ["it"], [np.nan], "one"))
    assert np.allclose(predicted, expected, atol=2e-4)
    assert np.ptp(reading.crystals.lattices.reshape(13, 9) @ np.ones(9)) < 20  # a cell may be turned


def test_every_format_is_written_by_the_test_above(skewed: Structure, tmp_path: Path) -> None:
    files = write_all(skewed, tmp_path)
    for each in FORMATS:
        named = [file for file in files if each.is_named_by(file)]
        assert named, each.name
        texts = [file.read_text() for file in named if file.suffix != ".gz"]
        assert all(each.looks_like(text) for text in texts), each.name
        others = [other.name for other in FORMATS if other is not each and any(map(other.looks_like, texts))]
        assert not others


def only(path: Path) -> str:
    """Return the one error of a file that cannot be read."""
    (error,) = read_file(path)
    assert isinstance(error, DataError)
    assert "\n" not in str(error)
    return str(error)


# K: other formats


def test_a_file_is_read_by_its_contents_where_its_name_says_another_format(tmp_path: Path) -> None:
    (tmp_path / "x.cif").write_text(POSCAR)
    (tmp_path / "x.vasp").write_text(CIF)
    (tmp_path / "x.res").write_text(XYZ)
    (tmp_path / "no-ending").write_text(RES)
    (tmp_path / "x.txt").write_text(json.dumps(Structure.from_str(POSCAR, "poscar").as_dict()))
    reading = read_structures([tmp_path / name for name in ("x.cif", "x.vasp", "x.res", "no-ending", "x.txt")])
    assert not reading.refused
    assert [len(s) for s in map(reading.crystals.structure, range(5))] == [2] * 5
    assert [remark.removeprefix(f"{tmp_path}/") for remark in reading.remarks] == [
        "x.cif: its name says CIF; its contents are POSCAR, and read so",
        "x.vasp: its name says POSCAR; its contents are CIF, and read so",
        "x.res: its name says SHELX; its contents are extended XYZ, and read so",
    ]


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("x.cif", "", "an empty file"),
        ("x.cif", "  \n\n", "an empty file"),
        ("x.cif", "<!DOCTYPE html><html><body>404</body></html>", "an HTML page"),
        ("POSCAR", "\n<html>Not found</html>", "an HTML page"),
        (
            "x.cif",
            "version https://git-lfs.github.com/spec/v1\noid sha256:0",
            "a pointer of Git LFS in place of the file",
        ),
        ("1abc.pdb", "CRYST1   52.000   58.600   61.900  90.00\n", "a PDB file"),
        ("notes.txt", "dear diary", r"of no format that is read \(POSCAR, .*\.cif\); convert it"),
        ("x.xyz", MOLECULE, "no lattice, so it is a molecule"),
        ("x.xyz", MOLECULE * 3, "3 molecules without a lattice"),
        ("x.json", json.dumps(Molecule(["H"], [[0, 0, 0]]).as_dict()), "a Molecule of pymatgen, which has no lattice"),
        ("x.json", '{"energy": 1}', "no Structure of pymatgen"),
        ("x.json", '[{"energy": 1}, {"energy": 2}]', "no Structure of pymatgen"),
        ("x.json", '[{"@class": "ComputedEntry"}]', "a ComputedEntry without a Structure"),
        ("x.json", '{"lattice": ', "not JSON"),
        ("x.res", "TITL x\nCELL 1.54 3 3 3 90 90 90\n", "has no END"),
    ],
)
def test_a_file_that_is_no_crystal_is_refused_with_the_reason(
    name: str, text: str, reason: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(DataError, match=reason):
        raise DataError(only(tmp_path / name), "")


# F: symbols that are no element


@pytest.mark.parametrize("symbol", ["M", "X", "Zz", "T", "Vac"])
def test_a_symbol_that_is_no_element_is_refused_by_its_site(symbol: str, tmp_path: Path) -> None:
    (tmp_path / "POSCAR").write_text(POSCAR.replace("Na", symbol))
    assert f"POSCAR: site 0 is {symbol!r}, no element" in only(tmp_path / "POSCAR")
    (tmp_path / "x.res").write_text(RES.replace("Na", symbol))
    assert f"x.res: the record of line 1: atom {symbol!r} is {symbol!r}, no element" in only(tmp_path / "x.res")
    (tmp_path / "x.xyz").write_text(XYZ.replace("Na", symbol))
    assert "x.xyz" in only(tmp_path / "x.xyz")


def test_a_dummy_species_is_refused_when_packing_instead_of_overflowing() -> None:
    crystal = Structure(Lattice.cubic(3.4), [DummySpecies("M"), "O"], [[0.0, 0, 0], [0.5, 0.5, 0.5]])
    with pytest.raises(DataError, match="some: crystal 'x': site 0 is 'M', no element"):
        pack([crystal], ["x"], [0.0], "some")


def test_a_nearly_full_site_is_refused_with_its_occupancy_and_not_as_full() -> None:
    crystal = Structure(Lattice.cubic(3.4), [{"Na": 0.9999}, "Cl"], [[0.0, 0, 0], [0.5, 0.5, 0.5]])
    with pytest.raises(DataError, match=r"site 0 is disordered \(Na:0\.9999\); order it first"):
        pack([crystal], ["x"], [0.0], "some")


# H: one bad file stops all


def test_a_bad_file_costs_itself_alone(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"good{number}.cif").write_text(CIF)
    (tmp_path / "bad.cif").write_text("data_x\n")
    (tmp_path / "frames.xyz").write_text(XYZ + MOLECULE + XYZ)
    reading = read_structures([tmp_path, tmp_path / "nowhere.cif", str(tmp_path / "none*.cif")])
    assert len(reading.crystals) == 7
    assert reading.crystals.ids[:2] == (f"{tmp_path}/frames.xyz#0", f"{tmp_path}/frames.xyz#2")
    places = [str(error).removeprefix(f"{tmp_path}/").split(":")[0] for error in reading.refused]
    assert places == ["nowhere.cif", "none*.cif", "bad.cif", "frames.xyz#1"]


def test_nothing_but_bad_files_makes_an_empty_set(tmp_path: Path) -> None:
    (tmp_path / "bad.cif").write_text("nothing")
    reading = read_structures(tmp_path / "bad.cif")
    assert len(reading.crystals) == 0
    assert len(reading.refused) == 1


def test_crystals_of_which_no_graph_can_be_made_are_refused_when_read(tmp_path: Path) -> None:
    (tmp_path / "flat.vasp").write_text(POSCAR.replace("0 0 3.4", "0 3.4 0"))
    assert "its cell has no volume" in only(tmp_path / "flat.vasp")
    (tmp_path / "twice.vasp").write_text(POSCAR.replace(".5 .5 .5", ".999 0 0.002"))
    assert "sites 0 and 1 are 0.008 angstrom apart, on one spot" in only(tmp_path / "twice.vasp")


def test_a_name_that_is_no_text_is_refused(tmp_path: Path) -> None:
    for name in (b"a\nb.cif", b"a\xffb.cif"):
        path = tmp_path / os.fsdecode(name)
        path.write_text(CIF)
        assert "a name that cannot be printed; rename the file" in only(path)


# Places


def test_a_folder_stands_for_its_structure_files_in_order(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "z.cif").write_text(CIF)
    for name in ("b.cif", "A.CIF", "POSCAR_10", ".hidden.cif", "id_prop.csv", "README", "a.vasp"):
        (tmp_path / name).write_text("")
    (tmp_path / "settings.json").write_text('{"encut": 520}')
    assert [file.name for file in find_files([tmp_path])] == ["A.CIF", "POSCAR_10", "a.vasp", "b.cif"]
    assert [file.name for file in find_files(f"{tmp_path}/*")] == ["A.CIF", "POSCAR_10", "a.vasp", "b.cif", "z.cif"]
    assert find_files([tmp_path / "b.cif", tmp_path])[0].name == "b.cif"


def test_a_name_with_brackets_is_a_file_before_it_is_a_pattern(tmp_path: Path) -> None:
    (tmp_path / "x[1].cif").write_text(CIF)
    assert find_files(tmp_path / "x[1].cif") == [tmp_path / "x[1].cif"]


@pytest.mark.parametrize("place", ["nowhere.cif", "nowhere/*.cif", "empty"])
def test_a_place_without_structures_is_refused_by_name(place: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match=r"(not there|no file has such a name|a folder without structure files)"):
        find_files(tmp_path / place)


def test_sites_are_named_by_the_file_or_numbered_by_element(tmp_path: Path) -> None:
    (tmp_path / "x.cif").write_text(CIF.replace("Na1", "NaA").replace("Cl1", "Cl7"))
    (tmp_path / "POSCAR").write_text(POSCAR)
    crystals = read_structures([tmp_path / "x.cif", tmp_path / "POSCAR"]).crystals
    assert crystals.site_labels is not None
    assert crystals.site_labels.tolist() == ["NaA", "Cl7", "Na1", "Cl1"]


@pytest.mark.filterwarnings("ignore:Using UFloat objects")  # said by pymatgen 2025.1 of energies without a deviation
def test_energies_come_with_the_formats_that_hold_them(skewed: Structure, tmp_path: Path) -> None:
    (tmp_path / "x.xyz").write_text(XYZ)
    (tmp_path / "x.res").write_text(RES)
    entry = ComputedStructureEntry(skewed, -40.5, correction=-1.5, entry_id="mp-1")
    (tmp_path / "x.json").write_text(json.dumps([entry.as_dict(), entry.as_dict()]))
    energies = [[each.energy_eV for each in read_file(file)] for file in find_files(tmp_path)]  # type: ignore[union-attr]
    assert energies == [[-42.0, -42.0], [-1.0], [-6.5]]


def read_one(path: Path) -> Structure:
    (crystal,) = read_file(path)
    assert not isinstance(crystal, DataError), crystal
    return crystal.structure


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("1.0\n3.4", "-39.304\n3.4"),
        ("1.0\n3.4", "1 1 1\n3.4"),
        ("Direct\n0 0 0\n.5 .5 .5", "Cartesian\n0 0 0\n1.7 1.7 1.7"),
        ("1.0\n3.4 0 0\n0 3.4 0\n0 0 3.4", "-39.304\n1 0 0\n0 1 0\n0 0 1"),
        ("Direct", "Selective dynamics\nDirect"),
        ("0 0 0\n.5", "0 0 0 F F F\n.5"),
        ("0 0 0\n.5 .5 .5", "0 0 0 Na\n.5 .5 .5 Cl"),
        ("0 0 0\n.5 .5 .5", "0 0 0 T T F Na\n.5 .5 .5 T F T Cl"),
        ("Na Cl\n1 1", "Na_pv/f474ac0d Cl/79d9987ad87\n1 1"),
        ("NaCl\n1.0", "Na Cl\n1.0"),
        (".5 .5 .5\n", ".5 .5 .5\n\n0.1 0.2 0.3\n0.1 0.2 0.3\n"),
        (".5 .5 .5\n", "0.5d0 0.5D0 5.0E-1\n"),
        ("\n", "\r\n"),
    ],
)
def test_a_poscar_is_read_whatever_its_version_and_its_way_of_writing(before: str, after: str, tmp_path: Path) -> None:
    assert before in POSCAR
    (tmp_path / "POSCAR").write_text(POSCAR.replace(before, after), newline="")
    read = read_one(tmp_path / "POSCAR")
    assert read.formula == "Na1 Cl1"
    assert read.volume == pytest.approx(39.304)
    assert read.get_distance(0, 1) == pytest.approx(3.4 * np.sqrt(3) / 2)


@pytest.mark.parametrize("scale", ["2.0", "-39.304", "2.0 2.0 2.0"])
def test_the_scale_of_a_poscar_is_that_of_cartesian_coordinates_too(scale: str, tmp_path: Path) -> None:
    text = f"NaCl\n{scale}\n1.7 0 0\n0 1.7 0\n0 0 1.7\nNa Cl\n1 1\nCartesian\n0 0 0\n.85 .85 .85\n"
    (tmp_path / "POSCAR").write_text(text)
    read = read_one(tmp_path / "POSCAR")
    assert read.volume == pytest.approx(39.304)
    assert read.frac_coords[1].tolist() == pytest.approx([0.5, 0.5, 0.5])


def test_a_poscar_of_vasp_4_takes_its_elements_from_comment_or_lines_and_is_refused_without(tmp_path: Path) -> None:
    old = POSCAR.replace("Na Cl\n1 1", "1 1")
    path = tmp_path / "POSCAR"
    path.write_text(old)
    assert "without the elements (VASP 4); write their symbols" in only(path)
    path.write_text(old.replace("NaCl", "Na Cl"))
    assert read_one(path).formula == "Na1 Cl1"
    path.write_text(old.replace("0 0 0\n.5 .5 .5", "0 0 0 Na\n.5 .5 .5 Cl"))
    assert read_one(path).formula == "Na1 Cl1"


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("1 1\n", "1 2\n", "2 coordinate lines for 3 atoms"),
        ("1 1\n", "1\n", "2 symbols and 1 numbers of atoms"),
        ("Direct\n", "", "line 8: '0' is neither Direct nor Cartesian"),
        (".5 .5 .5", ".5 .5", "line 10: '.5 .5' does not begin with 3 numbers"),
        (".5 .5 .5", ".5 .5 .5 K", "site 1 is Cl by line 6 and K by its own line"),
        ("1.0\n3.4", "0.0\n3.4", "no volume"),
        (".5 .5 .5\n", ".5 .5 .5\n" + POSCAR, "several crystals in one POSCAR"),
        (".5 .5 .5\n", ".5 .5 .5\n0.2 0.2 0.2\n", "more coordinate lines than atoms, such as '0.2 0.2 0.2'"),
        ("Direct\n", "Direct configuration=     1\n", "an XDATCAR, which holds the steps of a run"),
    ],
)
def test_a_poscar_that_could_be_misread_is_refused(before: str, after: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "POSCAR").write_text(POSCAR.replace(before, after))
    assert reason in only(tmp_path / "POSCAR")


def test_a_poscar_reads_as_pymatgen_and_ase_read_it(few: Crystals, tmp_path: Path) -> None:
    for crystal in range(290, 300):
        structure = few.structure(crystal)
        for direct in (True, False):
            (tmp_path / "POSCAR").write_text(Poscar(structure).get_str(direct=direct, significant_figures=14))
            read = read_one(tmp_path / "POSCAR")
            assert np.allclose(read.lattice.matrix, structure.lattice.matrix)
            assert np.allclose(read.frac_coords, structure.frac_coords)
            assert read.atomic_numbers == structure.atomic_numbers


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("2\n", "3\n", "2 of its 3 atoms are there"),
        ("Lattice", "cell", "no lattice"),
        (" energy", ' pbc="F F F" energy', "not periodic"),
        ("0 0 3.4", "0 3.4 0", "no volume"),
        ("3.4 0 0 0", "3.4 0 0", "not a frame of extended XYZ"),
        ("Na 0 0 0", "Na 0 0 zero", "not a frame of extended XYZ"),
        ("Na 0 0 0", "Na 0 0 nan", "not a finite number"),
    ],
)
def test_a_frame_that_is_no_crystal_is_refused_by_its_number(
    before: str, after: str, reason: str, tmp_path: Path
) -> None:
    (tmp_path / "x.xyz").write_text(XYZ + XYZ.replace(before, after))
    good, bad = read_file(tmp_path / "x.xyz")
    assert not isinstance(good, DataError)
    with pytest.raises(DataError, match=rf"x\.xyz#1: .*({reason})"):
        raise bad if isinstance(bad, DataError) else AssertionError(bad)


@pytest.mark.parametrize(
    ("keys", "energy", "n_remarks"),
    [
        ("energy=-6.5", -6.5, 0),
        ("energy=-6.5 free_energy=-6.6", -6.5, 0),
        ("REF_energy=-6.5", -6.5, 0),
        ("energy=-6.5 REF_energy=-6.5", -6.5, 0),
        ("energy=-6.5 REF_energy=-60", -6.5, 1),
        ('energy="1 2 3"', None, 0),
        ("", None, 0),
    ],
)
def test_the_energy_of_a_frame_is_read_and_another_one_remarked_on(
    keys: str, energy: float | None, n_remarks: int, tmp_path: Path
) -> None:
    (tmp_path / "x.xyz").write_text(XYZ.replace("energy=-6.5", keys))
    (crystal,) = read_file(tmp_path / "x.xyz")
    assert not isinstance(crystal, DataError)
    assert crystal.energy_eV == energy
    assert len(crystal.remarks) == n_remarks


def test_oxidation_states_and_deuterium_are_read_as_their_elements(tmp_path: Path) -> None:
    charged = Structure(Lattice.cubic(3.4), ["Na+", "Cl-"], [[0.0, 0, 0], [0.5, 0.5, 0.5]])
    (tmp_path / "a.json").write_text(json.dumps(charged.as_dict()))
    (tmp_path / "b.vasp").write_text(POSCAR.replace("Na", "D"))
    crystals = read_structures(tmp_path).crystals
    assert crystals.atomic_numbers.tolist() == [11, 17, 1, 17]
    assert crystals.site_labels is not None
    assert crystals.site_labels.tolist()[:2] == ["Na1", "Cl1"]


def test_a_damaged_frame_costs_itself_alone(tmp_path: Path) -> None:
    """A frame with a line too few, one with a line too many, and lines that are no frame."""
    short, long = XYZ.replace("Na 0 0 0\n", ""), XYZ + "Cl 1 1 1\n"
    (tmp_path / "x.xyz").write_text(XYZ + short + XYZ + long + XYZ + "the end of\nthe run\n")
    read = read_file(tmp_path / "x.xyz")
    assert [isinstance(each, DataError) for each in read] == [False, True, False, False, True, False, True]
    assert [str(each).split(": ", 1)[1] for each in read if isinstance(each, DataError)] == [
        "1 of its 2 atoms are there; get the file again",
        "line 16: 'Cl 1 1 1' is not a number of atoms; repair the frame before it",
        "line 21: 'the end of' is not a number of atoms; repair the frame before it",
    ]


def test_a_slab_is_read_with_a_remark(tmp_path: Path) -> None:
    (tmp_path / "x.xyz").write_text(XYZ.replace(" energy", ' pbc="T T F" energy').replace("Lattice", "lattice"))
    (crystal,) = read_file(tmp_path / "x.xyz")
    assert not isinstance(crystal, DataError)
    assert crystal.remarks == (f"{tmp_path}/x.xyz: periodic along 2 axes, and read as along three",)


@pytest.mark.parametrize(
    ("lines", "n_sites", "formula"),
    [
        ("LATT -4\n", 8, "Na4 Cl4"),
        ("LATT 1\n", 2, "Na1 Cl1"),  # both atoms stand on the center, so that their occupancy is a half
        ("LATT -2\n", None, "on one spot"),
        ("LATT -1\nSYMM -X, -Y, Z\n", 2, "Na1 Cl1"),
        ("LATT 9\n", None, "LATT 9 is not known"),
    ],
)
def test_the_symmetry_of_a_shelx_file_fills_its_cell(
    lines: str, n_sites: int | None, formula: str, tmp_path: Path
) -> None:
    text = RES.replace("TITL x 0.0 39.3 -1.0 0 0 2 (P1) n - 1", "TITL sodium chloride").replace("LATT -1\n", lines)
    occupancy = "10.5" if "LATT 1" in lines or "SYMM" in lines else "11.0"
    (tmp_path / "x.res").write_text(text.replace(" 1.0\n", f" {occupancy} 0.05\n"))
    if n_sites is None:
        assert formula in only(tmp_path / "x.res")
        return
    read = read_one(tmp_path / "x.res")
    assert (len(read), read.formula) == (n_sites, formula)


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("Na 1 0 0 0 1.0\n", "Na 1 0 0 0 0.5\n", r"atom 'Na' is disordered \(occupancy 0.5\)"),
        ("Na 1 0 0 0 1.0\n", "Na 1 0 0 0 21.0\n", "depends on a free variable"),
        ("Na 1 0 0 0 1.0\n", "Na 2 0 0 0 1.0\n", "atom 'Na' is Cl by SFAC"),
        ("Na 1 0 0 0 1.0\n", "Na 3 0 0 0 1.0\n", "atom 'Na' has the element 3 of 2"),
        ("Na 1 0 0 0 1.0\n", "", "holds 1 of its 2 atoms"),
        ("END\n", "", "has no END"),
        ("LATT -1\n", "LATT -1\nSYMM what\n", "'what' is no symmetry operation"),
        ("Na 1 0 0 0 1.0\n", "Na 1 0 0 0.x 1.0\n", r"'Na 1 0 0 0\.x 1\.0' is no atom and no instruction"),
        ("LATT -1\n", "LATT -1\nMOVE 1 1 1\n", "'MOVE 1 1 1' is no atom and no instruction"),
    ],
)
def test_a_shelx_file_that_could_be_misread_is_refused(before: str, after: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "x.res").write_text(RES.replace(before, after))
    with pytest.raises(DataError, match=reason):
        raise DataError(only(tmp_path / "x.res"), "")
    (tmp_path / "many.res").write_text(RES + RES.replace(before, after))
    assert [isinstance(each, DataError) for each in read_file(tmp_path / "many.res")] == [False, True]


def test_an_enthalpy_under_pressure_is_remarked_on(tmp_path: Path) -> None:
    (tmp_path / "x.res").write_text(RES.replace("x 0.0 39.3", "x 50.0 39.3"))
    (crystal,) = read_file(tmp_path / "x.res")
    assert not isinstance(crystal, DataError)
    assert crystal.remarks == (
        f"{tmp_path}/x.res: 1 of its energies are enthalpies, of which p V is up to 6.132 eV per site",
    )


def test_json_holds_one_crystal_or_many_under_names_or_in_lines(skewed: Structure, tmp_path: Path) -> None:
    one = skewed.as_dict()
    (tmp_path / "a.json").write_text(json.dumps(one))
    (tmp_path / "b.json").write_text(json.dumps([one, {"material_id": "mp-7", "structure": one}, {"x": 1}]))
    (tmp_path / "c.json").write_text(json.dumps({"first": one, "second": one}))
    (tmp_path / "d.jsonl").write_text(json.dumps(one) + "\n" + json.dumps(one) + "\n")
    reading = read_structures(tmp_path)
    assert [name.removeprefix(f"{tmp_path}/") for name in reading.crystals.ids] == [
        *("a.json", "b.json#0", "b.json#mp-7", "c.json#first", "c.json#second", "d.jsonl#0", "d.jsonl#1")
    ]
    assert [error.problem for error in reading.refused] == [f"{tmp_path}/b.json#2: no Structure of pymatgen"]
    assert all(reading.crystals.structure(crystal) == skewed for crystal in range(7))


def test_three_remarks_of_a_kind_stand_for_all_and_every_refusal_is_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(8):
        (tmp_path / f"{number}.cif").write_text(POSCAR)
        (tmp_path / f"bad{number}.cif").write_text("")
    read_structures(tmp_path).report()
    assert len([line for line in caplog.messages if "its name says CIF" in line]) == 3
    assert "5 more remarks like this one" in caplog.messages
    assert len([line for line in caplog.messages if "this is an empty file" in line]) == 8


@pytest.mark.public
def test_the_public_structures_of_boron_read_as_pymatgen_reads_them() -> None:
    """Compare cell, sites and energy of each record to the last bit."""
    folder = Path(os.environ["CGCNN_DATA"]) / "boron"
    for name, n_records in (("12B.packed.res", 1000), ("28B_FIXED.packed.res", 97), ("B-gamma.res", 1)):
        read = read_file(folder / name)
        assert len(read) == n_records
        texts = re.split(r"^(?=TITL)", (folder / name).read_text(), flags=re.MULTILINE)[1:]
        for each, text in zip(read, texts, strict=True):
            assert not isinstance(each, DataError)
            expected = AirssProvider.from_str("\n".join(line.rstrip() for line in text.splitlines()))
            assert np.array_equal(each.structure.lattice.matrix, expected.structure.lattice.matrix)
            assert np.array_equal(each.structure.frac_coords, expected.structure.frac_coords)
            assert each.energy_eV == expected.energy
