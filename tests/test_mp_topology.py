"""The later structures of the snapshot are read from the archive in either packing, after a check of its files."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest

from cgcnn.data import mp_topology as reader
from cgcnn.data.crystals import Crystals
from cgcnn.data.mp_energies import ENERGIES_FILE, Snapshot, read_energies
from cgcnn.data.packing import pack_cifs
from cgcnn.errors import DataError
from cgcnn.files.downloads import fetch, local_path

IDS = ("mp-1", "mp-20", "mvc-3")


def archive_of(path: Path, files: Mapping[str, str]) -> Path:
    with tarfile.open(path, "w:gz") if path.suffix == ".gz" else tarfile.open(path, "w:xz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return path


@pytest.fixture
def files(few: Crystals, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Three CIFs by their names; the snapshot has these crystals and another one."""
    energies = {name: -1.0 * place for place, name in enumerate((*IDS, "mp-4"))}
    snapshot = Snapshot(energies, {name: place % 3 for place, name in enumerate(energies)})
    monkeypatch.setattr(reader, "read_energies", lambda _: snapshot)
    monkeypatch.setattr(reader, "N_CRYSTALS", 3)
    made = {f"cif/{name}.cif": few.structure(place).to(fmt="cif") for place, name in enumerate(IDS)}
    return {name: f"{text}loop_\n_geom_bond_distance\n2.5\n" for name, text in made.items()}


def test_the_served_archive_and_the_repacked_one_give_the_same_crystals(
    tmp_path: Path, files: dict[str, str], few: Crystals, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = {f"topology_databases-41163fcf/{name}": text for name, text in files.items()}
    # What the served archive has besides: other crystals, and files of the same names in other folders.
    served = {"x/README.md": "x", "x/cif/mp-99.cif": "no CIF", "x/old/mp-1.cif": "no CIF"} | dict(
        reversed(served.items())
    )
    read = []
    for path in (archive_of(tmp_path / "a.tar.xz", files), archive_of(tmp_path / "b.tar.gz", served)):
        monkeypatch.setattr(reader, "CONTENTS_SHA256", reader.contents(path, IDS)[1])
        read.append(reader.read_public([path, tmp_path]))
    assert read[0].digest == read[1].digest
    assert read[0].ids == IDS
    assert read[0].targets.tolist() == [0, -1, -2]
    assert read[0].parts is not None
    assert read[0].parts.tolist() == [0, 1, 2]
    for crystal in range(3):
        assert read[0].structure(crystal).matches(few.structure(crystal))


def test_an_archive_with_one_other_letter_or_without_a_file_is_refused_before_any_is_parsed(
    tmp_path: Path, files: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = archive_of(tmp_path / "whole.tar.gz", files)
    monkeypatch.setattr(reader, "CONTENTS_SHA256", reader.contents(whole, IDS)[1])
    last = "cif/mvc-3.cif"
    for changed in ({**files, last: files[last].replace("2.5", "2.6")}, {**files, "cif/mp-4.cif": "x"}):
        path = archive_of(tmp_path / "other.tar.gz", changed)
        with pytest.raises(
            DataError, match=r"other\.tar\.gz: its \d CIFs of the snapshot are not the 3 of commit 41163f"
        ):
            reader.read_public([path, tmp_path])
    whole.write_bytes(whole.read_bytes()[:-200])
    with pytest.raises(DataError, match=r"whole\.tar\.gz: cut short or no archive"):
        reader.read_public([whole, tmp_path])


@pytest.mark.public
def test_the_repacked_archive_is_found_beside_the_other_files() -> None:
    path = fetch(reader.TOPOLOGY_FILE)
    assert path == local_path(reader.TOPOLOGY_FILE)
    assert path.name == "topology-41163fcf.tar.xz"


@pytest.mark.public
@pytest.mark.slow
def test_the_public_archive_has_51149_crystals_and_the_split_of_megnet_as_far_as_it_goes() -> None:
    archive, snapshot = fetch(reader.TOPOLOGY_FILE), read_energies(fetch(ENERGIES_FILE))
    ids = []

    def seen() -> Iterator[tuple[str, str]]:
        for crystal_id, cif in reader.stream_cifs(archive, snapshot.energies.keys()):
            ids.append(crystal_id)
            if crystal_id in ("mp-22862", "mp-2"):
                yield crystal_id, cif.decode()

    salt = pack_cifs(seen(), archive, snapshot.energies, "two", "formation energy", "eV/atom", 2)
    assert np.bincount(snapshot.parts_of(tuple(ids))).tolist() == [44_376, 3_653, 3_120]
    assert [salt.structure(crystal).composition.reduced_formula for crystal in range(2)] == ["Pd", "NaCl"]
    assert salt.targets == pytest.approx([0, -2.11], abs=0.02)
    assert reader.contents(archive, snapshot.energies.keys()) == (reader.N_CRYSTALS, reader.CONTENTS_SHA256)
