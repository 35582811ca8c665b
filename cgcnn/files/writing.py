"""Write files whole or not at all, also where the power fails, and set damaged files aside."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_logger = logging.getLogger(__name__)
#: What is added to the name of a file that was set aside.
ASIDE = ".set-aside"
# A temporary file or folder that is older than this belongs to no process that still writes it.
_SECONDS_OF_A_WRITE = 24 * 3600.0


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary file beside ``path``; rename it to ``path`` on success, and remove it on failure.

    So a reader sees the old file or the whole new one, and an interrupted write leaves nothing behind. The contents are
    on the disk before the file has its name, and the name is on the disk before this returns. A process that was killed
    leaves its temporary file, which is removed by a later write to the same path, a day or more afterwards.

    Args:
        path: The file to write. Its folder is made where it is missing.

    Yields:
        The path of the temporary file, to which the body writes. Its name begins with a dot.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    remove_leftovers(path)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        # mkstemp makes files that only their owner can read. A published file follows the user's umask instead.
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        _synchronize(temporary)
        temporary.replace(path)
        with suppress(OSError):  # some systems cannot open or synchronize folders
            _synchronize(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def _synchronize(path: Path) -> None:
    """Wait until what was written to a file or a folder is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove_leftovers(path: Path) -> None:
    """Remove the temporary files and folders that killed processes left beside a path, a day ago or earlier.

    Args:
        path: The file that they were to become. Theirs are the names ``.<stem>-*``.
    """
    for leftover in path.parent.glob(f".{_escaped(path.stem)}-*"):
        with suppress(OSError):  # another process may remove it at the same time
            if time.time() - leftover.stat().st_mtime > _SECONDS_OF_A_WRITE:
                shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()


def _escaped(name: str) -> str:
    """Return a name in which the letters that have a meaning in patterns stand for themselves."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)


def set_aside(path: Path, reason: str) -> None:
    """Give a file that cannot be used another name, so that the work goes on, and say so in the log.

    The file is kept as ``<name>.set-aside`` for whoever wants to look at it. The one that was set aside before under
    this name is replaced, so that a folder does not grow without end. Where the file cannot be renamed, as in a folder
    that is read-only, it stays as it is and the log says that it is not used.

    Args:
        path: The file.
        reason: Why it cannot be used, as the rest of a sentence that begins with the file's name. Where it begins with
            the file's name itself, as the problem of a :class:`cgcnn.errors.DataError` does, the name is said once.
    """
    reason, aside = reason.removeprefix(f"{path}: "), path.with_name(path.name + ASIDE)
    try:
        path.replace(aside)
    except FileNotFoundError:  # another process set it aside
        return
    except OSError as error:
        _logger.warning("%s: %s; it is not used (and cannot be renamed: %s)", path, reason, error.strerror)
    else:
        _logger.warning("%s: %s; it is not used and is now called %s", path, reason, aside.name)
