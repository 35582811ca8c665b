"""Every bad file of the corpus has the error that is documented, in one line and in time, and costs nothing else."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from cgcnn.__main__ import main
from cgcnn.data.reading import FileCrystal
from cgcnn.data.structure_files import read_file
from cgcnn.errors import DataError
from tests.corpus import good
from tests.corpus.archives import ARCHIVES, BadDownload
from tests.corpus.cifs import CIFS
from tests.corpus.entry import BadFile
from tests.corpus.listing import rows
from tests.corpus.packings import PACKINGS
from tests.corpus.prepared import prepare
from tests.corpus.stored import STORED, Damaged
from tests.corpus.structures import STRUCTURES
from tests.corpus.tables import TABLES
from tests.trust.record import record_part

_QUICKLY = ("--epochs", "1", "--width", "8", "--n-convolutions", "1")
_MOST_SECONDS = 10.0


@contextmanager
def in_time() -> Iterator[None]:
    start = time.monotonic()
    yield
    assert time.monotonic() - start < _MOST_SECONDS


def complaints(text: str) -> list[str]:
    """Return the lines of the standard error without those that tell of progress."""
    progress = ("made ", "train run ", "found run ", "resuming run ")
    return [line for line in text.splitlines() if not line.startswith(progress)]


def title(entry: BadFile | BadDownload | Damaged) -> str:
    return f"{entry.kind}: {entry.name}"


@pytest.mark.parametrize("entry", [*CIFS, *STRUCTURES, *TABLES, *PACKINGS], ids=title)
def test_a_bad_file_in_a_folder_is_refused_in_one_line_and_left_out_where_that_is_asked_for(
    entry: BadFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    entry.make(good.make_folder(tmp_path))
    monkeypatch.chdir(tmp_path)
    with in_time():
        assert main(["train", "d", *_QUICKLY]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    (line,) = printed.err.splitlines()
    assert line.startswith(f"error: {entry.error}")
    assert "; " in line
    with in_time():
        code = main(["train", "d", *_QUICKLY, "--skip-bad", "--json"])
    printed = capsys.readouterr()
    if entry.left is None:
        assert (code, len(printed.err.splitlines())) == (2, 1)
        return
    assert code == 0
    assert sum(line.startswith(f"error: {entry.error}") for line in complaints(printed.err)) == 1
    result = json.loads(printed.out)
    assert result["n_train"] + result["validation"]["n_crystals"] + result["test"]["n_crystals"] == entry.left


@pytest.mark.parametrize("entry", ARCHIVES, ids=title)
def test_a_bad_file_of_a_named_set_is_refused_by_its_name(entry: BadDownload, tmp_path: Path) -> None:
    path = tmp_path / Path(entry.file).name
    entry.make(path)
    with in_time(), pytest.raises(DataError) as caught:
        entry.read(path)
    assert str(caught.value).startswith(f"{path}{entry.error}")
    assert len(str(caught.value).splitlines()) == 1


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a run, a map, and the caches of a finished and of an interrupted training."""
    folder = tmp_path_factory.mktemp("written")
    with pytest.MonkeyPatch.context() as monkeypatch:
        prepare(folder, monkeypatch)
    return folder


@pytest.fixture
def copied(written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the folder, which is the working folder."""
    shutil.copytree(written, tmp_path / "copy")
    monkeypatch.chdir(tmp_path / "copy")
    return tmp_path / "copy"


@pytest.fixture(scope="module")
def expected(written: Path) -> Callable[[], str]:
    """Return the function that says what the training prints where nothing is damaged."""
    return (written / "printed").read_text


@pytest.mark.parametrize("entry", STORED, ids=title)
def test_a_damaged_file_of_the_package_is_never_believed(
    entry: Damaged,
    copied: Path,
    expected: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What a user names is refused. What the package keeps is set aside, and what is printed does not change."""
    monkeypatch.setenv("CGCNN_CACHE", str(copied / ("stopped" if entry.file.startswith("stopped") else "cache")))
    (path,) = copied.glob(entry.file)
    entry.damage(path)
    with in_time():
        code = main(list(entry.command))
    printed = capsys.readouterr()
    (line,) = complaints(printed.err)
    if not entry.goes_on:
        assert (code, printed.out) == (2, "")
        assert line.startswith(f"error: {path.name}{entry.error}")
        return
    assert line.startswith(f"warning: {path}{entry.error}")
    assert line.endswith(f"; it is not used and is now called {path.name}.set-aside")
    assert os.path.lexists(f"{path}.set-aside")
    assert (code, printed.out) == (0, expected())


def test_the_corpus_is_large_and_no_two_entries_are_called_alike() -> None:
    listed = rows()
    assert len(listed) >= 120
    assert len({(row["kind"], row["name"]) for row in listed}) == len(listed)
    assert {"CIF", "POSCAR", "extended XYZ", "SHELX", "pymatgen JSON", "id_prop.csv", "dataset.yaml", ".gz"} <= {
        row["kind"] for row in listed
    }


@pytest.mark.parametrize("name", good.FILES)
def test_a_good_file_of_every_format_is_read_to_its_literal_numbers(name: str, tmp_path: Path) -> None:
    text, energy = good.FILES[name]
    (tmp_path / name).write_text(text)
    (crystal,) = read_file(tmp_path / name)
    assert isinstance(crystal, FileCrystal)
    assert crystal.structure.lattice.abc == pytest.approx(good.LENGTHS)
    assert crystal.structure.lattice.angles == pytest.approx((90, 90, 90))
    assert tuple(site.specie.symbol for site in crystal.structure) == good.ELEMENTS
    assert np.allclose(crystal.structure.frac_coords, good.PLACES, atol=1e-6)
    assert (crystal.energy_eV, crystal.remarks) == (energy, ())


@pytest.mark.trust
def test_the_corpus_is_listed_in_the_record() -> None:
    record_part("corpus", rows())
