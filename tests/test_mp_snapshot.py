"""The snapshot of 2018 is read as a stream, and every record is checked; the file of the test has the same form."""

from __future__ import annotations

import dataclasses
import json
import shutil
import tracemalloc
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cgcnn.data import datasets
from cgcnn.data import mp_snapshot as reader
from cgcnn.data.crystals import Crystals
from cgcnn.data.mp_energies import ENERGIES_FILE, IDS_FILE, PARTS, Snapshot, read_energies, read_ids
from cgcnn.errors import DataError
from cgcnn.files.downloads import fetch

SIZES = {"train": 50, "val": 5, "test": 4}
Record = dict[str, Any]


@pytest.fixture
def records(few: Crystals) -> list[Record]:
    """Return 59 records with the fields that the snapshot has, in another order than that of their ids."""
    made = []
    for crystal in range(59):
        cif = few.structure(crystal).to(fmt="cif")
        graph = {"atom": [1] * 5, "bond": [0.1] * 200}
        energy = float(few.targets[crystal])
        made.append(
            {
                "material_id": f"mp-{1000 - 7 * crystal}",
                "structure": cif,
                "graph": graph,
                "band_gap": None,
                "G": float("nan"),
            }
            | {"formation_energy_per_atom": energy}
        )
    return made


@pytest.fixture
def written(tmp_path: Path, records: list[Record], monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Path]]:
    """Return a function that writes the snapshot of some records, the energies of all, and the paper's list of ids."""
    ids = [record["material_id"] for record in records]
    energies = {record["material_id"]: repr(record["formation_energy_per_atom"]) for record in records}
    bounds = {"train": (0, 50), "val": (50, 55), "test": (55, 59)}
    parts = {part: {name: energies[name] for name in ids[slice(*bounds[part])]} for part in SIZES}
    paths = [tmp_path / name for name in ("mp.2018.6.1.json.zip", "megnet_e_form.json.zip", "mp-ids-46744.csv")]
    zipped(paths[1], "megnet_e_form.json", json.dumps(parts))
    paths[2].write_text("\n".join(["mp-77777", *sorted(ids[::2])]) + "\n")
    monkeypatch.setattr(reader, "read_energies", partial(read_energies, sizes=SIZES))
    monkeypatch.setattr(reader, "N_OF_THE_PAPER", 30)

    def write(these: list[Record] | str) -> list[Path]:
        zipped(paths[0], "mp.2018.6.1.json", these if isinstance(these, str) else json.dumps(these))
        return paths

    return write


def zipped(path: Path, name: str, text: str) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as folder:
        folder.writestr(name, text)


def test_the_paper_s_crystals_are_chosen_with_their_structures_and_energies(
    written: Callable[..., list[Path]], records: list[Record], few: Crystals
) -> None:
    read = reader.read_paper(written(records))
    assert read.ids == tuple(sorted(record["material_id"] for record in records[::2]))
    assert read.name == "materials_project-2018"
    assert read.parts is None
    for index, crystal_id in enumerate(read.ids):
        crystal = [record["material_id"] for record in records].index(crystal_id)
        assert read.targets[index] == few.targets[crystal]
        assert read.structure(index).matches(few.structure(crystal)), crystal_id


def test_all_crystals_come_with_the_split_of_megnet(written: Callable[..., list[Path]], records: list[Record]) -> None:
    read = reader.read_megnet(written(records)[:2])
    assert len(read) == 59
    assert read.parts is not None
    assert read.parts.dtype == np.uint8
    part_of = {
        record["material_id"]: 0 if place < 50 else 1 if place < 55 else 2 for place, record in enumerate(records)
    }
    assert [part_of[crystal_id] for crystal_id in read.ids] == read.parts.tolist()
    assert reader.read_megnet(written(records[::-1])[:2]).digest == read.digest, "the order of the records counts"


def change(place: int, **values: Any) -> Callable[[list[Record]], object]:
    return lambda records: records[place].update(values)


def without(place: int, name: str) -> Callable[[list[Record]], object]:
    return lambda records: records[place].pop(name)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (without(3, "structure"), "{path}: record 3: no structure; "),
        (without(3, "material_id"), "{path}: record 3: no material_id; "),
        (without(58, "formation_energy_per_atom"), "{path}: record 58: no formation_energy_per_atom; "),
        (change(2, structure=None), "{path}: record 2: its structure is None; "),
        (change(2, formation_energy_per_atom=True), "{path}: record 2: its formation_energy_per_atom is True; "),
        (change(2, material_id=986), "{path}: record 2: its material_id is 986; "),
        (lambda records: records.insert(5, [1]), "{path}: record 5: no object of names and values; "),
        (change(5, material_id="mp-1000"), "{path}: record 5: mp-1000 appears twice; "),
        (change(5, material_id="mp-1"), "{path}: record 5: mp-1 is not in the snapshot of 1 June 2018; "),
        (change(0, formation_energy_per_atom=float("nan")), "{path}: record 0: mp-1000 has nan eV/atom, where "),
        (change(0, formation_energy_per_atom=-9), "{path}: record 0: mp-1000 has -9 eV/atom, where "),
        (lambda records: records.pop(), "{path}: 58 records, not 59; mp-594 is missing; "),
        (lambda records: records.append(records[0]), "{path}: record 59: mp-1000 appears twice; "),
        (change(4, structure="data_x"), "mp-972 of {path}: no atoms in it "),
        (change(4, structure="<html>"), "mp-972 of {path}: not a CIF ("),
    ],
)
def test_a_bad_record_is_refused_by_its_number_and_its_id(
    damage: Callable[[list[Record]], object], said: str, written: Callable[..., list[Path]], records: list[Record]
) -> None:
    damage(records)
    files = written(records)
    with pytest.raises(DataError) as refused:
        reader.read_paper(files)
    assert str(refused.value).startswith(said.format(path=files[0]))


def test_broken_json_and_a_cut_archive_are_refused(written: Callable[..., list[Path]], records: list[Record]) -> None:
    text = json.dumps(records)
    half = text[: len(text) // 2]
    for broken, said in ((half, "cut short after"), (half + "}" + text[len(half) :], "after"), ("{}", "no JSON list")):
        with pytest.raises(DataError, match=rf"mp\.2018\.6\.1\.json\.zip: mp\.2018\.6\.1\.json: .*{said}"):
            reader.read_megnet(written(broken)[:2])
    files = written(records)
    files[0].write_bytes(files[0].read_bytes()[:1000])
    with pytest.raises(DataError, match=r"mp\.2018\.6\.1\.json\.zip: cut short or no archive"):
        reader.read_paper(files)


def test_the_first_snapshot_that_is_read_whole_is_held_to(
    written: Callable[..., list[Path]], records: list[Record], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "public" / "materials_project"
    folder.mkdir(parents=True)
    monkeypatch.setenv("CGCNN_DATA", str(folder.parent))
    monkeypatch.setenv("CGCNN_CACHE", str(tmp_path / "cache"))
    # The small files of the energies and of the ids have other digests than the public ones.
    small = tuple(dataclasses.replace(file, sha256=None) for file in reader.DATASETS[0].public_files)
    monkeypatch.setattr(datasets, "_DATASETS", (dataclasses.replace(reader.DATASETS[0], public_files=small),))

    def put(these: list[Record]) -> bytes:
        for path in written(these):
            shutil.copy(path, folder)
        return (folder / "mp.2018.6.1.json.zip").read_bytes()

    put(records[:-1])
    with pytest.raises(DataError, match="58 records, not 59"):
        datasets.load("materials_project-2018")
    whole = put(records)  # a file that was refused is not held to
    assert len(datasets.load("materials_project-2018")) == 30
    put(records[::-1])
    with pytest.raises(DataError, match=r"SHA-256 is .* of the file that was accepted before"):
        datasets.load("materials_project-2018")
    (folder / "mp.2018.6.1.json.zip").write_bytes(whole)
    assert len(datasets.load("materials_project-2018")) == 30


def test_a_list_of_other_ids_is_refused(written: Callable[..., list[Path]], records: list[Record]) -> None:
    files = written(records)
    files[2].write_text("mp-1000\n")
    with pytest.raises(DataError, match=r"mp-ids-46744\.csv: the snapshot has 1 of its ids, not 30"):
        reader.read_paper(files)


def test_the_memory_does_not_grow_with_the_number_of_records(tmp_path: Path) -> None:
    peaks = []
    for n_records in (500, 10_000):
        path = tmp_path / f"{n_records}.zip"
        record = {"structure": "x" * 4_000, "formation_energy_per_atom": -1.5}
        zipped(path, "mp.2018.6.1.json", json.dumps([{"material_id": f"mp-{k}", **record} for k in range(n_records)]))
        snapshot = Snapshot({f"mp-{k}": -1.5 for k in range(n_records)}, {})
        tracemalloc.start()
        assert sum(1 for _ in reader.stream_records(path, snapshot)) == n_records
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    # The ids are kept, and nothing else: 40 MB of structures pass.
    assert peaks[1] < peaks[0] + 3_000_000


@pytest.mark.public
def test_the_snapshot_has_46483_of_the_paper_s_ids() -> None:
    snapshot, ids = read_energies(fetch(ENERGIES_FILE)), read_ids(fetch(IDS_FILE))
    assert np.bincount(list(snapshot.parts.values())).tolist() == list(PARTS.values())
    assert len(ids) == 46_744
    assert len(ids & snapshot.energies.keys()) == reader.N_OF_THE_PAPER


def test_energies_of_other_parts_or_without_a_number_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "energies.zip"
    for parts, said in (
        ({"train": {"a": "1"}, "val": {}, "test": {}}, r"its parts have 1, 0, 0 crystals"),
        ({"train": {"a": "1"}, "val": {"a": "1"}, "test": {"b": "2"}}, r"its parts have 1, 1, 1 crystals"),
        ({"train": {"a": "nan"}, "val": {"c": "1"}, "test": {"b": "2"}}, r"an energy is not finite"),
    ):
        zipped(path, "megnet_e_form.json", json.dumps(parts))
        with pytest.raises(DataError, match=rf"energies\.zip: not the snapshot \({said}\)"):
            read_energies(path, {"train": 1, "val": 1, "test": 1})
