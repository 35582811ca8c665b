"""Say in which folders the project's files are, and write a file whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pooch

from cgcnn.errors import DataError


def project_root() -> Path:
    """Return the folder that holds the package, which in a clone is the repository."""
    return Path(__file__).resolve().parents[2]


def embedded_data_directory() -> Path:
    """Return the folder of the data that come with the package."""
    return _home_of_files() / "data" / "embedded"


def models_directory() -> Path:
    """Return the folder of the published checkpoints: all of them in a clone, the chosen ones of a wheel elsewhere."""
    return _home_of_files() / "models"


def _home_of_files() -> Path:
    """Return the folder that holds ``models`` and ``data``: the copies that a wheel brought, or else the repository."""
    shipped = project_root() / "cgcnn" / "_shipped"
    return shipped if shipped.is_dir() else project_root()


def data_directory() -> Path | None:
    """Return the folder of public files that the user has already, or None where they must be downloaded.

    Returns:
        The folder that the environment variable ``CGCNN_DATA`` names; None where it is unset or empty.

    Raises:
        DataError: ``CGCNN_DATA`` names a folder that is not there.
    """
    named = os.environ.get("CGCNN_DATA")
    if not named:
        return None
    folder = Path(named).expanduser().resolve()
    if not folder.is_dir():
        raise DataError(f"CGCNN_DATA={named}: no such folder", "correct it, or unset it to download")
    return folder


def cache_directory() -> Path:
    """Return the folder of downloads, packed arrays and runs: ``CGCNN_CACHE``, or the user's cache folder."""
    named = os.environ.get("CGCNN_CACHE")
    return Path(named).expanduser().resolve() if named else Path(pooch.os_cache("cgcnn"))


def run_store_directory() -> Path:
    """Return the folder of the user's own finished and interrupted runs."""
    return cache_directory() / "runs"


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary file beside ``path``; rename it to ``path`` on success, and remove it on failure.

    So a reader sees the old file or the whole new one, and an interrupted write leaves nothing behind.

    Args:
        path: The file to write. Its folder is made where it is missing.

    Yields:
        The path of the temporary file, to which the body writes.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        # mkstemp makes files that only their owner can read. A published file follows the user's umask instead.
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
