"""Test the check of a folder: everything that is wrong is named at once, and nothing that a folder holds raises."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

from cgcnn.data.crystals import Crystals, pack
from cgcnn.data.duplicates import near_duplicates
from cgcnn.data.folder_check import FolderCheck, check_folder
from cgcnn.data.plausibility import implausible, measure
from cgcnn.errors import DataError


def salt(edge: float, metal: str = "Na") -> Structure:
    return Structure(Lattice.cubic(edge), [metal, "Cl"], [[0.0, 0, 0], [0.5, 0.5, 0.5]])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of twelve different salts with their band gaps."""
    lines = ["id,gap (eV)"]
    for number, metal in enumerate(("Na", "K")):
        for step in range(6):
            name = f"{metal}{step}"
            salt(3.2 + 0.1 * step, metal).to(str(tmp_path / f"{name}.vasp"), "poscar")
            lines.append(f"{name},{number + 0.25 * step}")
    (tmp_path / "id_prop.csv").write_text("\n".join(lines))
    return tmp_path


def said(check: FolderCheck, folder: Path) -> tuple[list[str], list[str]]:
    """Return the errors and remarks without the folder in their names."""
    return tuple([line.replace(f"{folder}/", "") for line in lines] for lines in (check.errors, check.remarks))  # type: ignore[return-value]


def test_a_good_folder_is_described_and_nothing_is_wrong_with_it(folder: Path) -> None:
    check = check_folder(folder)
    assert check.is_usable
    assert check.remarks == ()
    assert (check.n_crystals, check.target, check.unit) == (12, "gap", "eV")
    assert check.n_sites == {"low": 2, "high": 2, "median": 2}
    assert check.targets == {"low": 0, "high": 2.25, "mean": 1.125, "spread": pytest.approx(0.6575, abs=1e-4)}
    assert check.elements == {"Cl": 12, "Na": 6, "K": 6}
    assert list(check.lines()) == [
        f"{folder}: 12 crystals",
        "sites per crystal: 2 to 2, median 2",
        "gap (eV): 0 to 2.25, mean 1.125, standard deviation 0.6575",
        "elements: Cl 12, Na 6, K 6",
        "no errors",
    ]


def test_every_fault_is_named_and_not_only_the_first(folder: Path) -> None:
    (folder / "Na0.vasp").write_text("")
    (folder / "Na1.vasp").write_text("nothing of a crystal")
    salt(3.3, "Np").to(str(folder / "K0.vasp"), "poscar")
    salt(340).to(str(folder / "K1.vasp"), "poscar")
    salt(0.34).to(str(folder / "K2.vasp"), "poscar")
    Structure(Lattice.cubic(4), ["Os"] * 8, salt_grid()).to(str(folder / "K3.vasp"), "poscar")
    (salt(3.5, "Na") * (2, 1, 1)).to(str(folder / "K4.vasp"), "poscar")
    table = folder / "id_prop.csv"
    table.write_text(table.read_text() + "\nK9,1\nNa2,much\nNa2,2\n")
    errors, remarks = said(check_folder(folder), folder)
    assert errors == [
        "id_prop.csv: line 15: target 'much' is not a finite number; correct the line or remove it",
        "id_prop.csv: line 16: the id 'Na2' appears twice; give every crystal its own id",
        "id_prop.csv: line 14: K9.cif is not there; add the file or remove the line",
        "Na0.vasp: this is an empty file; get the file again, convert it, or remove it",
        errors[4],
        "K1.vasp: 19,652,000 cubic angstrom per atom, where no solid or gas has more than 100,000; write its cell in "
        "angstrom: it is as if it were in picometers, or its decimal points are lost",
        "K2.vasp: 0.0197 cubic angstrom per atom, where no solid or gas has less than 0.2; write its cell in angstrom: "
        "it is as if it were in nanometers",
    ]
    assert errors[4].startswith("Na1.vasp: ")
    assert remarks == [
        f"{folder}: elements in fewer than 5 crystals: K (1), Os (1), Np (1); where no training crystal has an "
        "element, crystals with it cannot be predicted",
        "K3: its density is 39.5 g/cm3, which is not from 0.05 to 30",
        "Na3 and K4: nearly the same crystal, with the targets 0.75 and 2",
    ]


def salt_grid() -> np.ndarray:
    return np.stack(np.meshgrid(*[[0.0, 0.5]] * 3), axis=-1).reshape(-1, 3)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("id_prop.csv", "", "id_prop.csv: empty"),
        ("id_prop.csv", "id,a,b\nNa0,1,2\n", "2 columns may be the target"),
        ("dataset.yaml", "colour: red\n", "the key 'colour' is not known"),
        ("id_prop.tsv", "Na0\t1\n", "2 tables may hold the targets"),
    ],
)
def test_without_a_table_the_files_are_checked_alone(folder: Path, name: str, content: str, message: str) -> None:
    (folder / name).write_text(content)
    (folder / "Na3.vasp").write_text("")
    check = check_folder(folder)
    assert check.n_crystals == 11
    assert check.targets is None
    assert message in check.errors[0]
    assert "Na3.vasp: this is an empty file" in check.errors[1]


def test_an_empty_folder_is_no_exception_and_a_missing_one_is_named(tmp_path: Path) -> None:
    check = check_folder(tmp_path)
    assert not check.is_usable
    assert "id_prop.csv: not there" in check.errors[0]
    assert json.loads(json.dumps(check.as_dict()))["is_usable"] is False
    assert next(check.lines()) == f"{tmp_path}: 0 crystals"
    with pytest.raises(DataError, match="no such folder"):
        check_folder(tmp_path / "nowhere")


def test_too_few_crystals_and_an_empty_part_are_errors(folder: Path) -> None:
    table = folder / "id_prop.csv"
    rows = table.read_text().split("\n")
    table.write_text("\n".join(rows[:4]))
    assert "3 crystals to be used; at least 5 are needed for 60 % training" in check_folder(folder).errors[0]
    table.write_text("\n".join(f"{row},{'split' if row.startswith('id') else 'train'}" for row in rows))
    check = check_folder(folder)
    assert check.parts == {"train": 12, "validation": 0, "test": 0}
    assert [error.split(": ")[1] for error in check.errors] == [
        "its split has no validation crystals; mark some as validation, or remove the column",
        "its split has no test crystals; mark some as test, or remove the column",
    ]


def test_elements_that_no_training_crystal_has_are_named(folder: Path) -> None:
    rows = (folder / "id_prop.csv").read_text().split("\n")
    words = ["split", *["train"] * 6, *["test"] * 3, *["validation"] * 3]
    (folder / "id_prop.csv").write_text("\n".join(f"{row},{word}" for row, word in zip(rows, words, strict=True)))
    _, remarks = said(check_folder(folder), folder)
    assert remarks == [f"{folder}: no training crystal has K; crystals with them cannot be predicted"]


def test_units_totals_and_equal_targets_are_remarked_on(folder: Path) -> None:
    (folder / "id_prop.csv").write_text("".join(f"{metal}{step},1\n" for metal in ("Na", "K") for step in range(6)))
    _, remarks = said(check_folder(folder), folder)
    assert remarks[0].endswith("all 12 targets are 1, so that nothing can be learned from them")
    assert "the targets' unit is not known" in remarks[1]


def one(structures: list[Structure]) -> Crystals:
    return pack(structures, [str(n) for n in range(len(structures))], np.zeros(len(structures)), "some", "x", "")


def test_distances_and_densities_are_those_of_the_elements() -> None:
    """Compare with tabulated values: diamond, osmium and cesium at room temperature or 4 K (CRC Handbook)."""
    diamond = Structure.from_spacegroup("Fd-3m", Lattice.cubic(3.567), ["C"], [[0.0, 0, 0]])
    osmium = Structure.from_spacegroup("P6_3/mmc", Lattice.hexagonal(2.734, 4.320), ["Os"], [[1 / 3, 2 / 3, 0.25]])
    cesium = Structure.from_spacegroup("Im-3m", Lattice.cubic(6.14), ["Cs"], [[0.0, 0, 0]])
    crystals = one([diamond, osmium, cesium])
    cells = measure(crystals)
    assert cells.nearest.tolist() == pytest.approx([1.545, 2.675, 5.317], abs=1e-3)
    assert cells.loneliest.tolist() == pytest.approx(cells.nearest.tolist(), abs=1e-6)
    assert cells.densities.tolist() == pytest.approx([3.515, 22.59, 1.907], abs=0.01)
    assert implausible(crystals, cells) == [None, None, None]


def test_a_cell_of_one_atom_is_its_own_neighbor() -> None:
    crystals = one([Structure(Lattice.cubic(3.0), ["Po"], [[0.3, 0.3, 0.3]])])
    assert measure(crystals).nearest.tolist() == pytest.approx([3.0])


def test_one_lonely_atom_among_many_is_noticed() -> None:
    slab = salt(3.4) * (2, 2, 1)
    slab.lattice = Lattice.from_parameters(6.8, 6.8, 30, 90, 90, 90)
    crystals = one([Structure(slab.lattice, ["Na", "Cl", "Na"], [[0.0, 0, 0], [0.5, 0.5, 0.05], [0.5, 0.5, 0.5]])])
    (sentence,) = implausible(crystals, measure(crystals))
    assert sentence is not None
    assert "has no neighbor within 6 angstrom" in sentence


def test_the_embedded_crystals_are_plausible(embedded: Crystals) -> None:
    some = embedded.select(np.arange(0, len(embedded), 20))
    assert [sentence for sentence in implausible(some, measure(some)) if sentence] == []


def test_a_supercell_is_its_cell_and_a_polytype_is_not() -> None:
    blende = Structure.from_spacegroup("F-43m", Lattice.cubic(5.41), ["Zn", "S"], [[0.0, 0, 0], [0.25, 0.25, 0.25]])
    wurtzite = Structure.from_spacegroup(
        "P6_3mc",
        Lattice.hexagonal(5.41 / np.sqrt(2), 5.41 * 2 / np.sqrt(3)),
        ["Zn", "S"],
        [[1 / 3, 2 / 3, 0.0], [1 / 3, 2 / 3, 0.375]],
    )
    crystals = one([blende, wurtzite, blende.get_primitive_structure() * (2, 1, 1)])
    pairs, uncompared = near_duplicates(crystals, measure(crystals))
    assert pairs == [(0, 2)]
    assert uncompared == 0
