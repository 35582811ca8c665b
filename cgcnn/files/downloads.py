"""Find the files of public data sets in ``CGCNN_DATA`` or download them, and check their SHA-256 either way."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import pooch

from cgcnn.errors import DataError
from cgcnn.files.arrays import digest_file
from cgcnn.files.paths import cache_directory, data_directory


@dataclass(frozen=True)
class PublicFile:
    """One file as its source serves it.

    Attributes:
        path: The file's path inside ``CGCNN_DATA`` and inside the download cache.
        url: The address from which the file is downloaded.
        sha256: The SHA-256 of the file's bytes in hexadecimal. None says that it is not known, for instance because
            the source packs the file anew for each download; then the reader of the file must check the contents.
    """

    path: str
    url: str
    sha256: str | None


def fetch(file: PublicFile) -> Path:
    """Return the local path of a public file; download the file where it is neither in ``CGCNN_DATA`` nor cached.

    Args:
        file: The public file.

    Returns:
        The path of the file. Its SHA-256 has been checked, where ``file.sha256`` gives one.

    Raises:
        DataError: ``CGCNN_DATA`` names a folder that is not there; or the file's SHA-256 does not match, it is missing
            from that folder, or it cannot be downloaded.
    """
    folder = data_directory()
    if folder is not None:
        local = folder / file.path
        if not local.is_file():
            raise DataError(f"{local}: not there", f"put the file of {file.url} there, or unset CGCNN_DATA to download")
        _check(local, file, "replace it by the file of " + file.url)
        return local
    downloads = cache_directory() / "downloads"
    local = downloads / file.path
    if not local.is_file():
        _download(file, local)
    _check(local, file, "delete it and it is downloaded again")
    return local


def _check(local: Path, file: PublicFile, way_out: str) -> None:
    if file.sha256 is None:
        return
    found = digest_file(local)
    if found != file.sha256:
        raise DataError(f"{local}: SHA-256 is {found[:12]}..., not the expected {file.sha256[:12]}...", f"{way_out}")


def _download(file: PublicFile, local: Path) -> None:
    """Download a file into a scratch folder, check its SHA-256, and move it into place."""
    local.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=local.parent, prefix=".download-") as scratch:
        try:
            known_hash = file.sha256 and f"sha256:{file.sha256}"
            fetched = pooch.retrieve(file.url, known_hash, fname=local.name, path=scratch)
        except ValueError as error:  # pooch raises this for a hash that does not match
            raise DataError(
                f"{file.url}: what was downloaded does not have the expected SHA-256 {file.sha256}",
                "try again, and report it if it lasts",
            ) from error
        except OSError as error:  # every failure of requests is an OSError
            raise DataError(
                f"{file.url}: cannot be downloaded ({type(error).__name__})",
                f"connect to the network, or set CGCNN_DATA to a folder that holds {file.path}",
            ) from error
        Path(fetched).replace(local)
