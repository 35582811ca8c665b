"""What is no file is never waited for and never read without end, whatever asks for it; it is refused by its name."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from cgcnn.__main__ import main
from cgcnn.data import datasets
from cgcnn.data.folders import FolderPlan, read_planned
from cgcnn.data.reading import Reading
from cgcnn.errors import DataError
from cgcnn.files.regular import content_or_reason, open_regular
from tests.cif_texts import cif

_NOBODY = 65534


@contextmanager
def not_as_root() -> Iterator[None]:
    """Give up the rights of root, who may read every file, while the body runs."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(_NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def refusal(path: Path) -> str:
    with pytest.raises(DataError) as caught:
        open_regular(path)
    return str(caught.value)


def test_a_file_is_opened_through_a_link_too(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"content")
    (tmp_path / "link").symlink_to("x")
    with open_regular(tmp_path / "link") as stream:
        assert stream.read() == b"content"


def test_what_is_no_file_is_refused_by_its_kind_and_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with closing(socket.socket(socket.AF_UNIX)) as listening:
        listening.bind(str(tmp_path / "s"))
        socket_refusal = refusal(tmp_path / "s")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "away").symlink_to("nowhere")
    assert refusal(tmp_path / "pipe") == f"{tmp_path}/pipe: a named pipe, not a file; name a file that can be read"
    assert refusal(tmp_path) == f"{tmp_path}: a folder, not a file; name a file that can be read"
    assert refusal(Path("/dev/zero")) == "/dev/zero: a device, not a file; name a file that can be read"
    assert "No such device or address" in socket_refusal  # sockets cannot even be opened
    assert "loop: Too many levels of symbolic links" in refusal(tmp_path / "loop")
    assert "away: No such file or directory" in refusal(tmp_path / "away")
    assert "embedded null byte" in refusal(tmp_path / "x\0y")
    assert "File name too long" in refusal(tmp_path / ("x" * 300))


def test_a_file_is_known_by_its_contents_and_a_larger_one_by_its_size(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"abc")  # the digest is the example of FIPS 180
    assert content_or_reason(path, 3) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    with path.open("wb") as stream:
        stream.truncate(10 * 2**30)
    assert content_or_reason(path, 3) == "10737418240 bytes"


def test_a_file_without_permission_is_refused_by_its_name(tmp_path: Path) -> None:
    path = Path("/tmp") / f"secret-{os.getpid()}"  # nobody may not look into the folder of the tests
    path.write_text("x")
    path.chmod(0)
    try:
        with not_as_root():
            assert refusal(path) == f"{path}: Permission denied; name a file that can be read"
            assert content_or_reason(path, 100) == f"{path}: Permission denied"
    finally:
        path.unlink()


@pytest.fixture
def salts(tmp_path: Path) -> Path:
    folder = tmp_path / "salts"
    folder.mkdir()
    for number in range(6):
        (folder / f"m{number}.cif").write_text(cif(cell=f"{3.4 + 0.1 * number} 3.4 3.4 90 90 90"))
    (folder / "id_prop.csv").write_text("".join(f"m{number},-1.{number}\n" for number in range(6)))
    return folder


def test_a_file_that_vanishes_or_changes_while_it_is_read_is_named_and_nothing_is_kept_of_it(
    salts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = (salts / "m2.cif").read_text()

    def read_and_lose(plan: FolderPlan) -> Reading:
        (salts / "m2.cif").unlink()
        return read_planned(plan)

    with monkeypatch.context() as changed:
        changed.setattr(datasets, "read_planned", read_and_lose)
        with pytest.raises(DataError, match=r"m2\.cif: changed while it was read; read it again when nothing writes"):
            datasets.load(salts, skip_bad=True)
    (salts / "m2.cif").write_text(content)
    assert len(datasets.load(salts, skip_bad=True)) == 6


@pytest.mark.parametrize("name", ["m9.cif", "id_prop.csv", "dataset.yaml"])
def test_a_named_pipe_in_a_folder_is_named_and_never_waited_for(
    name: str, salts: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (salts / name).unlink(missing_ok=True)
    os.mkfifo(salts / name)
    if name == "m9.cif":
        with (salts / "id_prop.csv").open("a") as table:
            table.write("m9,-1.0\n")
    assert main(["data", "check", str(salts)]) == 2
    assert f"  {salts / name}: a named pipe, not a file; name a file that can be read" in capsys.readouterr().out
    assert main(["train", str(salts)]) == 2
    assert capsys.readouterr().err == f"error: {salts / name}: a named pipe, not a file; name a file that can be read\n"
