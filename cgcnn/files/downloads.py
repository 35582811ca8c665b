"""Find the files of public data sets in ``CGCNN_DATA`` or download them, and check their SHA-256 either way."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cgcnn.errors import DataError
from cgcnn.files.arrays import digest_file
from cgcnn.files.paths import cache_directory, data_directory
from cgcnn.files.writing import replacing, set_aside

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class PublicFile:
    """One file as its source serves it.

    Attributes:
        path: The file's path inside ``CGCNN_DATA`` and inside the download cache.
        url: The address from which the file is downloaded.
        sha256: The SHA-256 of the file's bytes in hexadecimal. None says that it is not known, for instance because
            the source packs the file anew for each download; then the reader of the file must check the contents.
        also: Other paths inside ``CGCNN_DATA`` at which the reader takes the same contents in another packing.
        pinned: Whether a file without a known SHA-256 is held to that of the first file that its reader accepted. Not
            for a source that packs the file anew.
    """

    path: str
    url: str
    sha256: str | None
    also: tuple[str, ...] = ()
    pinned: bool = False


def local_path(file: PublicFile) -> Path:
    """Return where a public file is or is to be: in ``CGCNN_DATA`` or, where that is unset, among the downloads.

    Raises:
        DataError: ``CGCNN_DATA`` names a folder that is not there.
    """
    folder = data_directory()
    if folder is None:
        return _download_path(file)
    places = [folder / path for path in (file.path, *file.also)]
    return next((place for place in places if place.is_file()), places[0])


def fetch(file: PublicFile) -> Path:
    """Return the local path of a public file; download the file where it is neither in ``CGCNN_DATA`` nor cached.

    A cached download whose SHA-256 does not match is set aside, and the file is downloaded again. A file in
    ``CGCNN_DATA`` is the user's own, and is never renamed.

    Args:
        file: The public file.

    Returns:
        The path of the file. Its SHA-256 has been checked, where ``file.sha256`` gives one.

    Raises:
        DataError: ``CGCNN_DATA`` names a folder that is not there; or the file's SHA-256 does not match, it is missing
            from that folder, it cannot be downloaded, or it is another one than the file that was pinned.
    """
    local = local_path(file)
    if data_directory() is not None:
        if not local.is_file():
            raise DataError(f"{local}: not there", f"put the file of {file.url} there, or unset CGCNN_DATA to download")
        _refuse_another(local, file)
        if difference := _difference(local, file):
            raise DataError(f"{local}: {difference}", f"replace it by the file of {file.url}")
        return local
    if local.is_file() and (difference := _difference(local, file)):
        set_aside(local, difference)
        # Where it cannot be renamed it cannot be replaced either, and is not used.
        if local.is_file():
            raise DataError(f"{local}: {difference}", "name another folder for the cache in CGCNN_CACHE")
    if not local.is_file():
        _download(file, local)
    _refuse_another(local, file)
    return local


def pin(file: PublicFile) -> None:
    """Keep the SHA-256 of a file that its reader has accepted, where no other is known: from now on it is this file.

    Args:
        file: The public file. Nothing is done where it is not to be pinned, or has been pinned.
    """
    place = _pin_path(file)
    if not file.pinned or place.is_file():
        return
    with replacing(place) as temporary:
        temporary.write_text(f"{digest_file(local_path(file))}\n")
    _logger.warning(
        "%s: no SHA-256 of its source is known; from now on it is that of this file, in %s", file.url, place
    )


def _pin_path(file: PublicFile) -> Path:
    return cache_directory() / "pins" / f"{file.path}.sha256"


def _refuse_another(local: Path, file: PublicFile) -> None:
    """Refuse a file that is not the one that was accepted first."""
    place = _pin_path(file)
    if not file.pinned or not place.is_file():
        return
    found, kept = digest_file(local), place.read_text().strip()
    if found != kept:
        raise DataError(
            f"{local}: SHA-256 is {found[:12]}..., not {kept[:12]}... of the file that was accepted before",
            f"put that file there again; or, where you trust this one, remove {place}",
        )


def set_aside_refused(files: Iterable[PublicFile], error: DataError) -> bool:
    """Set a download aside that its reader refuses, so that the file is downloaded again when it is fetched.

    That concerns only files without a known SHA-256; any other has been checked before it was read.

    Args:
        files: The files that were read.
        error: Why one of them was refused. Its problem begins with the path of the file.

    Returns:
        Whether a file was set aside. A file in ``CGCNN_DATA`` never is.
    """
    if data_directory() is not None:
        return False
    for file in files:
        local = _download_path(file)
        if file.sha256 is None and error.problem.startswith(f"{local}:"):
            set_aside(local, error.problem)
            return not local.is_file()
    return False


def _download_path(file: PublicFile) -> Path:
    return cache_directory() / "downloads" / file.path


def _difference(local: Path, file: PublicFile) -> str | None:
    """Return how the SHA-256 of a local file differs from the expected one; None where it does not."""
    if file.sha256 is None or (found := digest_file(local)) == file.sha256:
        return None
    return f"SHA-256 is {found[:12]}..., not the expected {file.sha256[:12]}..."


def _download(file: PublicFile, local: Path) -> None:
    """Download a file into a scratch folder, check its SHA-256, and move it into place."""
    import pooch  # after cgcnn.files.paths, which imports it without its complaint in notebooks

    local.parent.mkdir(parents=True, exist_ok=True)
    # A killed process leaves this folder. A later download of the same file knows it by its name, and removes it.
    with tempfile.TemporaryDirectory(dir=local.parent, prefix=f".{local.stem}-") as scratch:
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
        with replacing(local) as temporary:
            Path(fetched).replace(temporary)
