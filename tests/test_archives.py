"""Archives are read within a bound: what is damaged, or made to fill a memory, is refused with its numbers."""

from __future__ import annotations

import gzip
import io
import itertools
import json
import re
import subprocess
import sys
import tarfile
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from cgcnn.data.mp_energies import read_energies
from cgcnn.errors import DataError
from cgcnn.files.archives import read_tar_gz, read_zip_member, stream_tar

MOST = 2**20


def tar(path: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    with tarfile.open(path, "w:gz", format=tarfile.GNU_FORMAT) as archive:
        for member, content in members:
            archive.addfile(member, io.BytesIO(content))
    return path


def member(name: str, content: bytes = b"", **attributes: object) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for key, value in attributes.items():
        setattr(info, key, value)
    return info, content


def read(path: Path) -> dict[str, bytes]:
    return read_tar_gz(path, lambda name: name.endswith(".cif"), MOST)


def result(reader: Callable[[Path], object], path: Path) -> object:
    """Return what a reader returns, or its refusal as a text."""
    try:
        return reader(path)
    except DataError as error:
        return str(error)


def zeros(n_megabytes: int) -> bytes:
    """Return a gzip stream of so many MB of zeros, whose end is missing: one block, again and again."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff" + block * n_megabytes


def test_wanted_files_are_read_by_their_names_without_folders(tmp_path: Path) -> None:
    path = tar(tmp_path / "x.tar.gz", member("a/b/1.cif", b"one"), member("README", b"x"), member("2.cif", b"two"))
    assert read(path) == {"1.cif": b"one", "2.cif": b"two"}


def test_nothing_is_written_and_links_devices_and_names_that_lead_away_are_no_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of an absolute name and one with '..', the contents are read under the last part of the name; links are not."""
    (tmp_path / "inside").mkdir()
    monkeypatch.chdir(tmp_path / "inside")
    path = tar(
        tmp_path / "x.tar.gz",
        member(str(tmp_path / "absolute.cif"), b"absolute"),
        member("../../up.cif", b"up"),
        member("link.cif", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
        member("hard.cif", type=tarfile.LNKTYPE, linkname="../../up.cif"),
        member("device.cif", type=tarfile.CHRTYPE, devmajor=1, devminor=5),
        member("pipe.cif", type=tarfile.FIFOTYPE),
        member("folder.cif", type=tarfile.DIRTYPE),
    )
    before = set(tmp_path.rglob("*"))
    assert read(path) == {"absolute.cif": b"absolute", "up.cif": b"up"}
    assert set(tmp_path.rglob("*")) == before
    assert not (tmp_path.parent / "up.cif").exists()


def _sparse(path: Path) -> None:
    """Write an archive with a sparse member of 8 GB of which nothing is stored."""
    info = tarfile.TarInfo("x.cif")
    info.type = tarfile.GNUTYPE_SPARSE
    header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    header[386:410] = b"%011o\0%011o\0" % (0, 0)
    header[483:495] = b"77777777777\0"
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    path.write_bytes(gzip.compress(bytes(header) + bytes(1024)))


def _long_name(path: Path) -> None:
    """Write an archive whose first member has a name of 100 GB."""
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 100_000_000_000
    start = zlib.compressobj(9, zlib.DEFLATED, -15)
    header = start.compress(info.tobuf(tarfile.GNU_FORMAT)) + start.flush(zlib.Z_FULL_FLUSH)
    whole = zeros(3000)
    path.write_bytes(whole[:10] + header + whole[10:])


def _claims(path: Path) -> None:
    """Write an archive with a member that claims 8 EB."""
    info = tarfile.TarInfo("x.cif")
    info.size = 2**63 - 1
    path.write_bytes(gzip.compress(info.tobuf(tarfile.GNU_FORMAT) + bytes(1024)))


def _three_gigabytes(path: Path) -> None:
    """Write an archive with a member of 3 GB of zeros, which is not wanted."""
    info = tarfile.TarInfo("README")
    info.size = 3000 * 2**20
    start = zlib.compressobj(9, zlib.DEFLATED, -15)
    header = start.compress(info.tobuf(tarfile.GNU_FORMAT)) + start.flush(zlib.Z_FULL_FLUSH)
    whole = zeros(3000)
    path.write_bytes(whole[:10] + header + whole[10:])


@pytest.mark.parametrize(
    ("make", "found"),
    [
        (_sparse, r"its files up to x\.cif say that they have 8589934591 bytes"),
        (_claims, "its files up to x.cif say that they have 9223372036854775807 bytes"),
        (_long_name, r"it unpacks to \d{7} bytes and goes on"),
        (lambda path: path.write_bytes(zeros(3000)), r"it unpacks to \d{7} bytes and goes on"),
        (_three_gigabytes, r"it unpacks to \d{7} bytes and goes on"),
    ],
)
def test_an_archive_that_would_fill_the_memory_is_refused_with_its_size(
    make: Callable[[Path], object], found: str, tmp_path: Path
) -> None:
    path = tmp_path / "x.tar.gz"
    make(path)
    with pytest.raises(DataError, match=rf"x\.tar\.gz: {found}, where at most 1048576 are expected; get it again"):
        read(path)


def test_every_damage_of_an_archive_is_refused_by_its_name_or_changes_nothing(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    path = tar(tmp_path / "x.tar.gz", *(member(f"{number}.cif", rng.bytes(300)) for number in range(5)))
    whole, expected = path.read_bytes(), read(path)
    refused = 0
    for at in range(0, len(whole), 7):
        for content in (whole[:at], whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :]):
            path.write_bytes(content)
            found = result(read, path)
            if isinstance(found, str):
                refused += 1
                assert found.startswith(f"{path}: cut short or no archive (")
                assert "\n" not in found
            else:
                assert found == expected
    assert refused > 0.98 * 2 * len(range(0, len(whole), 7))  # the time of packing, for instance, changes nothing


def zipped(path: Path, content: bytes, name: str = "megnet_e_form.json", method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr(name, content)
    return path


def test_files_are_streamed_with_their_folders_from_gzip_and_from_xz_alike(tmp_path: Path) -> None:
    members = [(f"a/cif/{k}.cif", bytes([k]) * 3000) for k in range(50)] + [("a/README", b"x" * 50_000)]
    gzipped, other = tmp_path / "a.tar.gz", tmp_path / "a.tar.xz"
    with tarfile.open(gzipped, "w:gz") as first, tarfile.open(other, "w:xz") as second:
        for archive, (name, content) in itertools.product((first, second), members):
            archive.addfile(member(name, content)[0], io.BytesIO(content))
    for path in (gzipped, other):
        assert list(stream_tar(path, lambda name: "/cif/" in name, 2**20, 2**18)) == members[:-1]
        with pytest.raises(
            DataError, match=r"its files up to 33\.cif say that they have 102000 bytes, where at most 1000"
        ):
            list(stream_tar(path, lambda name: "/cif/" in name, 2**20, 100_000))
        with pytest.raises(
            DataError, match=r"it unpacks to 1[0-9]* bytes and goes on, where at most 100000 are expected"
        ):
            list(stream_tar(path, lambda name: "/cif/" in name, 100_000, 2**20))
        path.write_bytes(path.read_bytes()[:-30])
        with pytest.raises(DataError, match=r"a\.tar\..z: cut short or no archive"):
            list(stream_tar(path, lambda name: "/cif/" in name, 2**20, 2**18))


def test_the_memory_does_not_grow_with_the_number_of_files_in_a_stream(tmp_path: Path) -> None:
    peaks = []
    for n_files in (500, 5_000):
        path = tar(tmp_path / f"{n_files}.tar.gz", *(member(f"{k}.cif", b"x" * 900) for k in range(n_files)))
        tracemalloc.start()
        assert sum(1 for _ in stream_tar(path, lambda name: name.endswith(".cif"), 2**24, 2**24)) == n_files
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]


def test_a_zip_archive_is_read_and_refused_with_its_size_where_it_is_a_bomb(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", b"1234")
    assert read_zip_member(path, "megnet_e_form.json", 4) == b"1234"
    with pytest.raises(DataError, match=r"x\.zip: megnet_e_form.json in it has 4 bytes, where at most 3 are expected"):
        read_zip_member(path, "megnet_e_form.json", 3)
    with pytest.raises(DataError, match=r"x\.zip: cut short or no archive \(.*other.* in the archive"):
        read_zip_member(path, "other", 4)


def test_a_zip_archive_that_lies_about_its_size_gives_no_more_than_it_said(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", bytes(10**6))
    size, lie = (10**6).to_bytes(4, "little"), (100).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(size, lie))
    with pytest.raises(DataError, match=r"x\.zip: cut short or no archive \(Bad CRC-32"):
        read_zip_member(path, "megnet_e_form.json", 1000)


def test_every_damage_of_a_zip_archive_is_refused_by_its_name_or_changes_nothing(tmp_path: Path) -> None:
    content = json.dumps({"train": {"mp-1": -1.5}, "val": {}, "test": {}}).encode()
    whole = zipped(tmp_path / "x.zip", content).read_bytes()
    path, sizes = tmp_path / "damaged.zip", {"train": 1, "val": 0, "test": 0}
    for at in range(len(whole)):
        for bit in (1, 0x40):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ bit]) + whole[at + 1 :])
            found = result(lambda path: read_energies(path, sizes).energies, path)
            if isinstance(found, str):
                assert found.startswith(f"{path}: ")
                assert "\n" not in found
            else:
                assert found == {"mp-1": -1.5}


@pytest.mark.parametrize("content", ['{"train": [1]}', "[]", "[" * 100_000, '{"train": {"a": null}}', "é"])
def test_a_snapshot_of_something_else_is_refused(content: str, tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", content.encode())
    with pytest.raises(DataError, match=r"x\.zip: not the snapshot \(\w+\); download it again"):
        read_energies(path)


_WITHIN_A_LIMIT = """
import resource, sys
from pathlib import Path
from cgcnn.errors import DataError
from cgcnn.data.text_files import read_text
from cgcnn.files.archives import read_tar_gz
resource.setrlimit(resource.RLIMIT_AS, (500 * 2**20, 500 * 2**20))
try:
    read_text(Path(sys.argv[1])) if sys.argv[2] == "text" else read_tar_gz(Path(sys.argv[1]), bool, 256 * 2**20)
except DataError as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("text", r"a \.gz file that unpacks to more than 256 MiB, over 100 times|its text is larger than 256 MiB"),
        ("archive", r"it unpacks to 26\d{7} bytes and goes on, where at most 268435456 are expected"),
    ],
)
def test_a_bomb_of_10_gb_is_refused_in_500_mb_of_memory(kind: str, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "x.gz"
    path.write_bytes(zeros(10_000))
    command = [sys.executable, "-c", _WITHIN_A_LIMIT, str(path), kind]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.count("\n") == 1
    assert re.search(reason, done.stdout), done.stdout
