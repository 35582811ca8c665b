"""The caches of crystals and graphs hold one file for each set, each content of its files, and each parameter."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from cgcnn.data import datasets
from cgcnn.data.crystals import Crystals
from cgcnn.data.dataset import Dataset
from cgcnn.data.perovskites import read_embedded
from cgcnn.errors import DataError
from cgcnn.files.downloads import PublicFile
from cgcnn.graphs.crystal_graphs import build, load_or_build


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache."""
    monkeypatch.setenv("CGCNN_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def folder(tmp_path: Path, few: Crystals) -> Path:
    """A folder of five crystals of five sites with targets of -1 to -5."""
    place = tmp_path / "folder"
    place.mkdir()
    for number in range(1, 6):
        few.structure(number).to(filename=str(place / f"c{number}.cif"))
    (place / "id_prop.csv").write_text("".join(f"c{number},-{number}\n" for number in range(1, 6)))
    return place


def test_graphs_from_the_cache_are_those_of_the_parameters_that_are_asked_for(few: Crystals, cache: Path) -> None:
    crystals = few.select([0, 1, 298, 299])
    asked = [(12, 1e-3, False), (6, 1e-3, False), (6, 0.1, False), (12, 0.1, False), (12, 1e-3, True), (6, 1e-3, True)]
    expected = [build(crystals, *parameters).digest for parameters in asked]
    assert len(set(expected)) == len(asked)
    for _ in range(2):
        assert [load_or_build(crystals, *parameters).digest for parameters in asked] == expected
    assert len(list((cache / "graphs").iterdir())) == len(asked)


def test_two_sets_of_one_name_have_graphs_of_their_own(few: Crystals) -> None:
    sets = [few.select([0, 1]), few.select([298, 299])]
    assert sets[0].name == sets[1].name
    for crystals in sets:
        assert load_or_build(crystals).digest == build(crystals).digest


def test_a_named_set_whose_file_has_changed_is_read_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = tmp_path / "small.csv"
    header = "crystal,A,B,anions,lattice_constant_angstrom,formation_energy_eV_per_atom\n"
    table.write_text(f"{header}x,Sr,Ti,O-O-O,3.9,-3.5\n")
    small = Dataset(
        "small", "Small", "One crystal.", "none", (), (PublicFile("small.csv", "", None),), {}, read_embedded
    )
    monkeypatch.setattr(datasets, "_DATASETS", (small,))
    monkeypatch.setenv("CGCNN_DATA", str(tmp_path))
    assert datasets.load("small").targets.tolist() == [-3.5]
    table.write_text(f"{header}x,Sr,Ti,O-O-O,3.9,-3.6\n")
    assert datasets.load("small").targets.tolist() == [-3.6]


def test_a_folder_is_read_anew_where_its_table_has_changed(folder: Path) -> None:
    assert datasets.load(folder).targets.tolist() == [-1, -2, -3, -4, -5]
    table = folder / "id_prop.csv"
    table.write_text(table.read_text().replace("c3,-3", "c3,-30"))
    assert datasets.load(folder).targets.tolist() == [-1, -2, -30, -4, -5]
    table.write_text("id,target,split\n" + "".join(f"c{n},-{n},{'train' if n < 4 else 'test'}\n" for n in range(1, 6)))
    assert np.asarray(datasets.load(folder).parts).tolist() == [0, 0, 0, 2, 2]


def test_a_folder_from_the_cache_has_the_unit_and_the_division_that_are_asked_for(folder: Path) -> None:
    for _ in range(2):
        of_atoms, of_cells = (datasets.load(folder, unit="eV", per=per) for per in ("atom", "cell"))
        assert of_atoms.targets.tolist() == [-1, -2, -3, -4, -5]
        assert of_cells.targets.tolist() == pytest.approx([-0.2, -0.4, -0.6, -0.8, -1.0])
        gaps = datasets.load(folder, target="band gap", unit="meV", per="crystal")
        assert (of_atoms.quantity.label, gaps.quantity.label) == ("target (eV/atom)", "band gap (meV)")


def test_a_folder_with_bad_files_is_refused_also_after_its_good_files_were_kept(folder: Path) -> None:
    (folder / "c2.cif").write_text("data_\n")
    left = datasets.load(folder, skip_bad=True)
    assert left.ids == ("c1", "c3", "c4", "c5")
    with pytest.raises(DataError, match=r"c2\.cif"):
        datasets.load(folder)
    assert datasets.load(folder, skip_bad=True).digest == left.digest


def test_every_array_of_crystals_enters_their_digest(few: Crystals) -> None:
    assert dataclasses.replace(few, ids=("another", *few.ids[1:])).digest != few.digest
    offsets = few.site_offsets.copy()
    offsets[1] += 1  # the first crystal has a site more, and the second one less
    assert dataclasses.replace(few, site_offsets=offsets).digest != few.digest
    marked = [dataclasses.replace(few, parts=np.full(len(few), part, np.uint8)) for part in range(2)]
    assert len({few.digest, marked[0].digest, marked[1].digest}) == 3
    # What a set is called, and in which unit its targets are, does not make another set of it.
    assert dataclasses.replace(few, name="other", unit="meV/atom", folder="/elsewhere").digest == few.digest


def test_chosen_crystals_keep_their_own_labels_and_marks_of_a_split(few: Crystals) -> None:
    n_sites = int(few.site_offsets[-1])
    labels = np.array([f"X{site}" for site in range(n_sites)])
    marked = dataclasses.replace(few, site_labels=labels, parts=(np.arange(len(few)) % 3).astype(np.uint8))
    chosen = marked.select([200, 4])
    assert chosen.parts is not None
    assert chosen.parts.tolist() == [200 % 3, 4 % 3]
    assert chosen.site_labels is not None
    assert chosen.site_labels.tolist() == [f"X{site}" for site in (*range(1000, 1005), *range(20, 25))]
