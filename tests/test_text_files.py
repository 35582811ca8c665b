"""Texts of every encoding, line end and packing are read alike, and what is no text is refused by its name."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from cgcnn.data import text_files
from cgcnn.data.text_files import read_text
from cgcnn.errors import DataError

TEXT = "data_x\n_publ_author_name 'Müller, K.'\n_cell_length_a 3.4\n"

ENCODED = {
    "utf-8": TEXT.encode(),
    "utf-8 with a mark": b"\xef\xbb\xbf" + TEXT.encode(),
    "utf-16 with a mark": TEXT.encode("utf-16"),
    "utf-16 of the other byte order": b"\xfe\xff" + TEXT.encode("utf-16-be"),
    "utf-16 without a mark": TEXT.encode("utf-16-le"),
    "utf-16 of the other byte order without a mark": TEXT.encode("utf-16-be"),
    "utf-32": TEXT.encode("utf-32"),
    "latin-1": TEXT.encode("latin-1"),
    "Windows' line ends": TEXT.replace("\n", "\r\n").encode(),
    "the old Macintosh's line ends": TEXT.replace("\n", "\r").encode("latin-1"),
    "packed": gzip.compress(TEXT.encode()),
    "packed, in latin-1 with Windows' line ends": gzip.compress(TEXT.replace("\n", "\r\n").encode("latin-1")),
    "packed in two pieces": gzip.compress(TEXT[:20].encode()) + gzip.compress(TEXT[20:].encode()),
}


@pytest.mark.parametrize("kind", ENCODED)
@pytest.mark.parametrize("name", ["x.cif", "x.cif.gz"])
def test_c_every_encoding_line_end_and_packing_gives_the_same_text(kind: str, name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(ENCODED[kind])
    assert read_text(path) == TEXT


def test_c_the_signs_of_windows_are_read(tmp_path: Path) -> None:
    (tmp_path / "x.cif").write_bytes(b"# 5 \x80, \x93quoted\x94, \xc5, \x81")
    assert read_text(tmp_path / "x.cif") == "# 5 €, “quoted”, Å, \ufffd"


REFUSED = {
    "a damaged .gz file": gzip.compress(TEXT.encode() * 50)[:-30],
    "a damaged .gz file (": b"\x1f\x8b\x08\x00not packed at all",
    "a zip archive": b"PK\x03\x04rest",
    "packed by bzip2": b"BZh91AY&SY",
    "packed by xz": b"\xfd7zXZ\x00rest",
    "a PDF": b"%PDF-1.7\n%\xe2\xe3",
    "not a text file (it holds zero bytes)": bytes(range(256)),
    "damaged utf-16 text (byte 6)": b"\xff\xfea\0b\0\x00",
}


@pytest.mark.parametrize("reason", REFUSED)
def test_c_what_is_no_text_is_refused_by_its_name(reason: str, tmp_path: Path) -> None:
    path = tmp_path / "x.cif"
    path.write_bytes(REFUSED[reason])
    with pytest.raises(DataError) as caught:
        read_text(path)
    assert caught.value.problem.startswith(f"{path}: {reason}")


@pytest.mark.parametrize("packed", [False, True])
def test_c_a_text_above_the_bound_is_refused_with_the_bound(
    packed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_files, "MAX_BYTES", 2**20)
    path = tmp_path / "x.cif"
    for size, is_read in ((2**20, True), (2**20 + 1, False)):
        data = b" " * size
        path.write_bytes(gzip.compress(data) if packed else data)
        if is_read:
            assert len(read_text(path)) == size
        else:
            with pytest.raises(DataError, match=r"x\.cif: its text is larger than 1 MiB; split it into several files$"):
                read_text(path)


def test_c_a_folder_and_a_missing_file_are_refused_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="a folder, not a file; name a file that can be read"):
        read_text(tmp_path)
    with pytest.raises(DataError, match=r"nowhere\.cif: No such file or directory"):
        read_text(tmp_path / "nowhere.cif")
