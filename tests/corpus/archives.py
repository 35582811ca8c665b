"""Bad files of named sets: what was downloaded, or put into the folder of public files."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cgcnn.data import boron, materials_project, mp_energies, perovskites
from tests.corpus.packings import bomb

_ARCHIVE, _SNAPSHOT = (file.path for file in materials_project.PUBLIC_FILES)


@dataclass(frozen=True)
class BadDownload:
    """A bad file in the folder of public files.

    Attributes:
        name: What is bad.
        file: The path of the file in the folder.
        make: The function that writes the file.
        read: The function that reads the file.
        error: What is said of it, after its name.
    """

    name: str
    file: str
    make: Callable[[Path], object]
    read: Callable[[Path], object]
    error: str

    @property
    def kind(self) -> str:
        """The kind of the file, for the table of the corpus."""
        return "public " + ("table" if self.file.endswith(".csv") else "archive" if "crysxpp" in self.file else "file")


def _content(content: bytes | str) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content.encode() if isinstance(content, str) else content)


def _zip(content: bytes, name: str = "megnet_e_form.json") -> Callable[[Path], object]:
    def write(path: Path) -> None:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, content)

    return write


def _read_archive(path: Path) -> object:
    return materials_project._read_archive(path)


def _read_snapshot(path: Path) -> object:
    return mp_energies.read_energies(path)


def _read_perovskites(path: Path) -> object:
    return perovskites.read_public([path])


def _read_boron(path: Path) -> object:
    return boron.read_public([path])


def _read_frames(path: Path) -> object:
    return boron.read_deringer([path])


_CUT = ": cut short or no archive ("
_COLUMNS = "material_id,cif,heat_all\n"
_LARGE = json.dumps({"train": {"mp-1": -1.0}}).encode() + b" " * (64 * 2**20)

#: All bad downloads.
ARCHIVES: tuple[BadDownload, ...] = (
    BadDownload("an empty archive", _ARCHIVE, _content(b""), _read_archive, _CUT),
    BadDownload("a page of the web", _ARCHIVE, _content("<html></html>"), _read_archive, _CUT),
    BadDownload("10 GB of zeros", _ARCHIVE, _content(bomb(10_000)), _read_archive, ": it unpacks to 26"),
    BadDownload("an empty snapshot", _SNAPSHOT, _content(b""), _read_snapshot, f"{_CUT}File is not a zip file)"),
    BadDownload("no snapshot in it", _SNAPSHOT, _zip(b"{}", "x.json"), _read_snapshot, _CUT),
    BadDownload("something else in it", _SNAPSHOT, _zip(b"[]"), _read_snapshot, ": not the snapshot (TypeError)"),
    BadDownload("no JSON in it", _SNAPSHOT, _zip(b"{"), _read_snapshot, ": not the snapshot (JSONDecodeError)"),
    BadDownload(
        "64 MB of spaces in 64 kB",
        _SNAPSHOT,
        _zip(_LARGE),
        _read_snapshot,
        f": megnet_e_form.json in it has {len(_LARGE)} bytes, where at most 67108864 are expected",
    ),
    BadDownload("no column", "train.csv", _content("id,cif\n"), _read_perovskites, ": no column 'heat_all'"),
    BadDownload(
        "a row cut short", "train.csv", _content(f"{_COLUMNS}1,data_x\n"), _read_perovskites, ": line 2: no 'heat_all'"
    ),
    BadDownload(
        "a target of letters",
        "train.csv",
        _content(f"{_COLUMNS}1,data_x,low\n"),
        _read_perovskites,
        ": line 2: no numbers in material_id and heat_all",
    ),
    BadDownload(
        "a quote that does not end",
        "train.csv",
        _content(f'{_COLUMNS}1,"data_x\n'),
        _read_perovskites,
        ": line 1: no CSV (unexpected end of data)",
    ),
    BadDownload("a text", "8B.packed.res", _content("dear diary\n"), _read_boron, ": no TITL line, so no SHELX record"),
    BadDownload(
        "a record without its end",
        "8B.packed.res",
        _content("TITL x 0 1 -1 0 0 1 (P1) n - 1\n"),
        _read_boron,
        ": the record of line 1 has no END",
    ),
    BadDownload(
        "packed and damaged", "8B.packed.res.gz", _content(bomb(1)[:-9]), _read_boron, ": a damaged .gz file ("
    ),
    BadDownload("another file", "sps_all.xyz", _content("1\n\nB 0 0 0\n"), _read_frames, ": its git blob id is "),
)
