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
from cgcnn.files.downloads import PublicFile, fetch, local_path, pin, set_aside_refused
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


def test_the_first_accepted_file_of_an_unknown_sha256_is_kept_to(
    served: tuple[str, Path], caplog: pytest.LogCaptureFixture
) -> None:
    address, folder = served
    (folder / "table.csv").write_bytes(_CONTENT)
    file = PublicFile("set/table.csv", f"{address}/table.csv", None, pinned=True)
    path = fetch(file)
    pin(file)
    kept_in = folder.parent / "cache" / "pins" / "set" / "table.csv.sha256"
    assert kept_in.read_text() == f"{hashlib.sha256(_CONTENT).hexdigest()}\n"
    assert f"no SHA-256 of its source is known; from now on it is that of this file, in {kept_in}" in caplog.text
    assert fetch(file) == path
    (folder / "table.csv").write_bytes(_CONTENT + b"2,y\n")
    path.unlink()
    with pytest.raises(DataError, match=r"table\.csv: SHA-256 is .* of the file that was accepted before; ") as refused:
        fetch(file)
    assert str(refused.value).endswith(f"put that file there again; or, where you trust this one, remove {kept_in}")
    pin(file)
    assert kept_in.read_text() == f"{hashlib.sha256(_CONTENT).hexdigest()}\n", "a later file replaces the first"
    kept_in.unlink()
    assert fetch(file).read_bytes() == _CONTENT + b"2,y\n"


def test_a_file_of_the_user_s_own_folder_is_held_to_the_first_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CGCNN_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("CGCNN_CACHE", str(tmp_path / "cache"))
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "table.csv").write_bytes(_CONTENT)
    pinned = PublicFile("table.csv", "https://somewhere/table.csv", None, pinned=True)
    free = PublicFile("table.csv", "https://somewhere/table.csv", None)
    for file in (pinned, free):
        pin(file)
    (tmp_path / "data" / "table.csv").write_bytes(b"another")
    assert fetch(free).read_bytes() == b"another"
    with pytest.raises(DataError, match="of the file that was accepted before"):
        fetch(pinned)


def test_a_file_is_taken_in_another_packing_from_the_user_s_own_folder_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = PublicFile("set/a.tar.gz", "https://somewhere/a.tar.gz", None, also=("set/a.tar.xz",))
    monkeypatch.setenv("CGCNN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("CGCNN_DATA", str(tmp_path))
    assert local_path(file) == tmp_path / "set" / "a.tar.gz"
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "a.tar.xz").write_bytes(_CONTENT)
    assert fetch(file) == tmp_path / "set" / "a.tar.xz"
    (tmp_path / "set" / "a.tar.gz").write_bytes(_CONTENT)
    assert fetch(file) == tmp_path / "set" / "a.tar.gz"
    monkeypatch.delenv("CGCNN_DATA")
    assert local_path(file) == tmp_path / "cache" / "downloads" / "set" / "a.tar.gz"
