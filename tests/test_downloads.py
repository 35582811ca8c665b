"""Files that are downloaded from a server are checked before they are kept, and again whenever they are used."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from cgcnn.errors import DataError
from cgcnn.files.downloads import PublicFile, fetch, set_aside_refused
from cgcnn.files.writing import ASIDE

_CONTENT = b"material_id,cif\n1,x\n"


class _Quiet(SimpleHTTPRequestHandler):
    """A server of files that prints nothing."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Path]]:
    """The address of a server of this machine, and the folder that it serves; the cache is empty."""
    folder = tmp_path / "served"
    folder.mkdir()
    monkeypatch.delenv("CGCNN_DATA", raising=False)
    monkeypatch.setenv("CGCNN_CACHE", str(tmp_path / "cache"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", folder
    server.shutdown()
    thread.join()
    server.server_close()


def kept(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.parent.joinpath("cache").rglob("*") if path.is_file())


def test_a_file_is_downloaded_once_and_kept(served: tuple[str, Path]) -> None:
    address, folder = served
    (folder / "table.csv").write_bytes(_CONTENT)
    file = PublicFile("set/table.csv", f"{address}/table.csv", hashlib.sha256(_CONTENT).hexdigest())
    path = fetch(file)
    assert path.read_bytes() == _CONTENT
    (folder / "table.csv").unlink()
    assert fetch(file) == path


def test_a_download_of_other_bytes_is_refused_and_nothing_of_it_is_kept(served: tuple[str, Path]) -> None:
    address, folder = served
    (folder / "table.csv").write_bytes(_CONTENT + b"2,y\n")
    file = PublicFile("set/table.csv", f"{address}/table.csv", hashlib.sha256(_CONTENT).hexdigest())
    with pytest.raises(DataError, match="does not have the expected SHA-256"):
        fetch(file)
    assert kept(folder) == []
    (folder / "table.csv").write_bytes(_CONTENT)
    assert fetch(file).read_bytes() == _CONTENT


@pytest.mark.parametrize("damaged", [_CONTENT.replace(b"x", b"y"), _CONTENT[:-1], b""])
def test_a_kept_download_that_has_changed_is_set_aside_and_fetched_again(
    served: tuple[str, Path], damaged: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    address, folder = served
    (folder / "table.csv").write_bytes(_CONTENT)
    file = PublicFile("set/table.csv", f"{address}/table.csv", hashlib.sha256(_CONTENT).hexdigest())
    path = fetch(file)
    path.write_bytes(damaged)
    assert fetch(file).read_bytes() == _CONTENT
    assert path.with_name(f"table.csv{ASIDE}").read_bytes() == damaged
    assert kept(folder) == ["table.csv", f"table.csv{ASIDE}"]
    assert f"{path}: SHA-256 is " in caplog.text


def test_a_file_of_the_user_s_own_folder_is_refused_and_not_renamed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CGCNN_DATA", str(tmp_path))
    (tmp_path / "table.csv").write_bytes(_CONTENT)
    file = PublicFile("table.csv", "https://somewhere/table.csv", hashlib.sha256(b"").hexdigest())
    with pytest.raises(DataError, match=r"table\.csv: SHA-256 is .*; replace it by the file of https://somewhere"):
        fetch(file)
    unknown = PublicFile("table.csv", "https://somewhere/table.csv", None)
    assert not set_aside_refused([unknown], DataError(f"{tmp_path / 'table.csv'}: cut short", "get it again"))
    assert [path.name for path in tmp_path.iterdir()] == ["table.csv"]
