"""Test the readers: public and embedded sets, folders of CIFs, and one clear line for every kind of bad input."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from cgcnn.data import crystals as packed_crystals
from cgcnn.data import datasets, perovskites
from cgcnn.data.crystals import Crystals
from cgcnn.errors import DataError
from cgcnn.files.downloads import PublicFile, fetch
from cgcnn.files.paths import cache_directory, project_root
from cgcnn.files.writing import ASIDE


@pytest.fixture
def folder(tmp_path: Path, few: Crystals) -> Path:
    """Return a folder in the layout of the authors' code with five crystals, some of them distorted."""
    place = tmp_path / "folder"
    place.mkdir()
    chosen = [0, 1, 297, 298, 299]
    for crystal in chosen:
        few.structure(crystal).to(filename=str(place / f"{few.ids[crystal]}.cif"))
    lines = [f"{few.ids[crystal]},{few.targets[crystal]}\n" for crystal in chosen]
    (place / "id_prop.csv").write_text("".join(lines))
    return place


def test_the_public_set_has_18928_crystals_and_the_values_of_its_files(public: Crystals) -> None:
    assert len(public) == 18_928
    assert len(set(public.ids)) == 18_928
    assert (public.n_sites == 5).all()
    assert len(np.unique(public.atomic_numbers)) == 56
    assert len(set(public.reduced_formulas())) == 9_646
    assert np.allclose(public.targets, np.round(public.targets * 50) / 50)  # every value is a multiple of 0.02
    first = public.ids.index("6334")
    assert public.structure(first).composition.reduced_formula == "TlCoN2O"
    assert public.targets[first] == 2.72
    assert public.lattices[first, 0, 0] == pytest.approx(4.24596403)


def test_strontium_titanate_is_stable_in_the_public_set(public: Crystals) -> None:
    lowest = public.targets[public.reduced_formulas() == "SrTiO3"].min()
    assert lowest == pytest.approx(-0.24)


def test_the_second_load_maps_what_the_first_packed(embedded: Crystals) -> None:
    again = datasets.load("perovskites-embedded")
    assert isinstance(again.targets, np.memmap)
    assert again.digest == embedded.digest


def test_a_folder_of_cifs_loads_with_its_targets_and_structures(folder: Path, few: Crystals) -> None:
    loaded = datasets.load(folder)
    assert loaded.ids == tuple(few.ids[c] for c in (0, 1, 297, 298, 299))
    assert np.array_equal(loaded.targets, few.targets[[0, 1, 297, 298, 299]])
    assert loaded.structure(4).lattice.volume == pytest.approx(few.structure(299).lattice.volume, abs=1e-3)
    assert sorted(loaded.structure(4).atomic_numbers) == sorted(few.structure(299).atomic_numbers)


def test_a_changed_cif_is_read_anew_instead_of_from_the_cache(folder: Path, few: Crystals) -> None:
    before = datasets.load(folder)
    few.structure(150).to(filename=str(folder / f"{few.ids[0]}.cif"))
    assert datasets.load(folder).digest != before.digest


def test_selecting_keeps_each_crystals_sites(few: Crystals) -> None:
    chosen = few.select([250, 3])
    assert chosen.ids == (few.ids[250], few.ids[3])
    assert chosen.structure(0) == few.structure(250)
    assert chosen.structure(1) == few.structure(3)


def disordered(folder: Path, name: str) -> str:
    cif = folder / f"{name}.cif"
    lines = cif.read_text().rstrip().split("\n")
    lines[-1] = lines[-1].rsplit(None, 1)[0] + "  0.5"
    cif.write_text("\n".join(lines) + "\n")
    return rf"{name}\.cif: line \d+: site \w+ is disordered: its occupancy is 0\.5; order the crystal first"


def unreadable(folder: Path, name: str) -> str:
    (folder / f"{name}.cif").write_text("nothing of a crystal")
    return rf"{name}\.cif: not a CIF \(it has no data_ block\); give a CIF"


def missing_cif(folder: Path, name: str) -> str:
    (folder / f"{name}.cif").unlink()
    return rf"id_prop\.csv: line 1: .*{name}\.cif is not there; add the file"


def not_a_number(folder: Path, name: str) -> str:
    table = folder / "id_prop.csv"
    table.write_text(table.read_text().replace(table.read_text().split("\n")[0], f"{name},nan"))
    return r"id_prop\.csv: line 1: target 'nan' is not a finite number; correct"


def duplicate_id(folder: Path, name: str) -> str:
    table = folder / "id_prop.csv"
    table.write_text(table.read_text() + f"{name},1.0\n")
    return rf"id_prop\.csv: line 6: the id '{name}' appears twice; give"


def one_column(folder: Path, name: str) -> str:
    (folder / "id_prop.csv").write_text(f"{name}\n")
    return rf"id_prop\.csv: line 1: '{name}' is not 'id,target'; complete"


def empty_table(folder: Path, name: str) -> str:
    (folder / "id_prop.csv").write_text("")
    return r"id_prop\.csv: empty; write one line"


def empty_folder(folder: Path, name: str) -> str:
    shutil.rmtree(folder)
    folder.mkdir()
    return r"id_prop\.csv: not there; a folder of crystals holds"


@pytest.mark.parametrize(
    "spoil",
    [disordered, unreadable, missing_cif, not_a_number, duplicate_id, one_column, empty_table, empty_folder],
)
def test_bad_folders_are_refused_in_one_line_that_names_file_and_way_out(
    folder: Path, few: Crystals, spoil: Callable[[Path, str], str]
) -> None:
    expected = spoil(folder, few.ids[0])
    before = sorted(cache_directory().rglob("*"))
    with pytest.raises(DataError, match=expected) as caught:
        datasets.load(folder)
    assert "\n" not in str(caught.value)
    assert sorted(cache_directory().rglob("*")) == before


def test_a_name_that_is_no_data_set_is_refused_with_those_that_are() -> None:
    with pytest.raises(DataError, match="perovskite: neither a folder nor a data set; known are perovskites, "):
        datasets.load("perovskite")


def test_a_file_with_another_hash_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CGCNN_DATA", str(tmp_path))
    path = tmp_path / "perovskites" / "train.csv"
    path.parent.mkdir()
    path.write_text("material_id,cif,heat_all\n")
    with pytest.raises(DataError, match=r"train\.csv: SHA-256 is .*, not the expected 6144a97ead48.*; replace it"):
        datasets.load("perovskites")


def test_a_missing_public_file_is_named_with_its_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CGCNN_DATA", str(tmp_path))
    with pytest.raises(DataError, match=r"train\.csv: not there; put the file of https://.*train\.csv there, or unset"):
        datasets.load("perovskites")


def test_a_data_folder_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CGCNN_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(DataError, match="nowhere: no such folder; correct it, or unset it"):
        datasets.load("perovskites")


def test_without_network_or_data_folder_the_way_out_is_named_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CGCNN_DATA", raising=False)
    monkeypatch.setenv("CGCNN_CACHE", str(tmp_path))
    # Nothing listens at port 9 (discard) of this machine, so a connection is refused at once.
    unreachable = PublicFile("perovskites/train.csv", "http://127.0.0.1:9/train.csv", "00")
    with pytest.raises(
        DataError, match=r"cannot be downloaded \(.*\); connect .*, or set CGCNN_DATA to a folder"
    ) as caught:
        fetch(unreachable)
    assert "\n" not in str(caught.value)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_download_with_another_hash_is_refused_and_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CGCNN_DATA", raising=False)
    monkeypatch.setenv("CGCNN_CACHE", str(tmp_path))

    def retrieve(url: str, known_hash: str, fname: str, path: str) -> str:
        (Path(path) / fname).write_text("something else")
        raise ValueError("hash of the download does not match")

    monkeypatch.setattr("pooch.retrieve", retrieve)
    with pytest.raises(DataError, match="does not have the expected SHA-256 6144a97ead48"):
        fetch(perovskites.PUBLIC_FILES[0])
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_download_of_unknown_hash_that_its_reader_refuses_is_set_aside_and_read_anew(
    few: Crystals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CGCNN_DATA", raising=False)
    monkeypatch.setenv("CGCNN_CACHE", str(tmp_path))
    served = [b"whole", b"whole", b"wrong as well"]

    def retrieve(url: str, known_hash: str | None, fname: str, path: str) -> str:
        (Path(path) / fname).write_bytes(served.pop(0))
        return str(Path(path) / fname)

    def read(files: list[Path]) -> Crystals:
        if files[0].read_bytes() != b"whole":
            raise DataError(f"{files[0]}: cut short", "get it again")
        return few

    monkeypatch.setattr("pooch.retrieve", retrieve)
    file = PublicFile("set/archive", "https://somewhere/archive", None)
    path = fetch(file)
    path.write_bytes(b"damaged")
    one = dataclasses.replace(perovskites.DATASETS[0], name="x", public_files=(file,), read=read)
    monkeypatch.setattr(datasets, "_DATASETS", (one,))
    assert datasets.load("x").digest == few.digest
    assert path.with_name(f"archive{ASIDE}").read_bytes() == b"damaged"
    path.write_bytes(b"damaged")
    with pytest.raises(DataError, match="archive: cut short; get it again"):
        datasets.load("x")
    assert served == [], "it is fetched once, and not for ever"


def test_a_public_table_without_its_column_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "train.csv"
    path.write_text("material_id,cif\n1,x\n")
    with pytest.raises(DataError, match=r"train\.csv: no column 'heat_all'; use the file"):
        perovskites.read_public([path])


def test_a_damaged_embedded_row_is_refused_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "perovskites.csv"
    path.write_text(
        "crystal,A,B,anions,lattice_constant_angstrom,formation_energy_eV_per_atom\nx,Sr,Ti,O-O-O,many,-3\n"
    )
    with pytest.raises(DataError, match=r"perovskites\.csv: line 2: .*'many'; restore"):
        perovskites.read_embedded([path])


def test_the_sources_of_every_named_set_stand_in_the_bibliography_of_the_book() -> None:
    bibliography = (project_root() / "book" / "references.bib").read_text()
    for name in datasets.names():
        sources = datasets.describe(name).references
        assert sources, name
        for source in sources:
            assert f"{{{source}}}" in bibliography, f"{name}: {source}"


def test_an_id_that_appears_twice_is_refused_when_packing(few: Crystals) -> None:
    structures = [few.structure(0), few.structure(1)]
    with pytest.raises(DataError, match="pair: the id 'a' appears twice"):
        packed_crystals.pack(structures, ["a", "a"], [0, 0], "pair")


def test_the_digest_sees_every_array(few: Crystals) -> None:
    for name in ("lattices", "atomic_numbers", "fractional_coordinates", "targets"):
        array = getattr(few, name).copy()
        array.flat[3] += 1
        assert dataclasses.replace(few, **{name: array}).digest != few.digest, name
