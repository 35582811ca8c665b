"""Test the reader of the Materials Project crystals: the set that it returns, and the archives that it refuses."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest

from cgcnn.data import materials_project as reader
from cgcnn.data.crystals import Crystals
from cgcnn.data.mp_energies import read_energies
from cgcnn.errors import DataError


def archive_of(path: Path, files: dict[str, str]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(f"crysxpp/data/{name}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return path


def test_the_set_has_the_snapshots_energies_and_no_corrupt_ones(materials_project: Crystals) -> None:
    assert len(materials_project) == 36_476
    assert int(materials_project.n_sites.max()) == 200
    assert len(np.unique(materials_project.atomic_numbers)) == 87
    # The archive's own energies have -13.57 eV/atom for this crystal.
    assert materials_project.targets[materials_project.ids.index("mp-778012")] == pytest.approx(-1.97, abs=0.01)
    assert float(materials_project.targets.min()) > -6


def test_an_archive_of_other_crystals_is_refused_before_any_is_read(tmp_path: Path) -> None:
    archive = archive_of(tmp_path / "other.tar.gz", {"0.cif": "data_x", "material_id_hash.csv": "0,mp-1\n"})
    with pytest.raises(DataError, match=r"other\.tar\.gz: its 1 CIFs are not those of commit b12e52b8db9f; get that"):
        reader.read_public([archive, tmp_path / "energies.zip"])


def test_an_archive_cut_short_is_refused(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    texts = {f"{c}.cif": " ".join(map(str, rng.integers(0, 1000, 5000))) for c in range(5)}
    archive = archive_of(tmp_path / "whole.tar.gz", texts)
    short = tmp_path / "short.tar.gz"
    short.write_bytes(archive.read_bytes()[: archive.stat().st_size // 2])
    with pytest.raises(DataError, match=r"short\.tar\.gz: cut short or no archive .*; get it again"):
        reader.read_public([short, tmp_path / "energies.zip"])


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.tar.gz"
    page.write_text("<html>not found</html>")
    with pytest.raises(DataError, match=r"page\.tar\.gz: cut short or no archive"):
        reader.read_public([page, page])


def test_a_snapshot_without_its_parts_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "energies.zip"
    with zipfile.ZipFile(path, "w") as folder:
        folder.writestr("megnet_e_form.json", json.dumps({"train": {}}))
    with pytest.raises(DataError, match=r"energies\.zip: not the snapshot \(KeyError\); download it again"):
        read_energies(path)
