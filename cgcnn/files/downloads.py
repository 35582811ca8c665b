"""Files of public data sets, found in ``CGCNN_DATA`` or downloaded, and checked against their SHA-256 either way."""

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
        path: Its path inside ``CGCNN_DATA`` and inside the download cache.
        url: Where it is downloaded from.
        sha256: The SHA-256 of its bytes, in hexadecimal; None where the source packs it anew for each download, so
            that its reader must check the contents.
    """

    path: str
    url: str
    sha256: str | None


def fetch(file: PublicFile) -> Path:
    """Return the local path of a public file, downloading it once where it is not at hand.

    Args:
        file: The file.

    Returns:
        A path whose contents have been checked.

    Raises:
        DataError: The file's hash does not match, it is missing from ``CGCNN_DATA``, or it cannot be downloaded.
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
    """Download into a scratch folder and move the file into place once its hash is right."""
    local.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=local.parent, prefix=".download-") as scratch:
        try:
            known_hash = file.sha256 and f"sha256:{file.sha256}"
            fetched = pooch.retrieve(file.url, known_hash, fname=local.name, path=scratch)
        except ValueError as error:  # pooch's word for a hash that does not match
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
