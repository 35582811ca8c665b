"""Say in which folders the project's files are."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

from cgcnn.errors import DataError

with warnings.catch_warnings():
    # pooch brings a progress bar that complains where a notebook cannot draw it. This package draws bars of its own.
    warnings.filterwarnings("ignore", message="IProgress not found")
    import pooch


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
