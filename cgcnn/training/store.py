"""Where finished runs are kept and found: the published ones by their names, and the user's own by their keys."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors import SafetensorError

from cgcnn.errors import DataError
from cgcnn.files.paths import models_directory, run_store_directory
from cgcnn.training.runs import KEY_LENGTH, Run, read_notes, read_run, save_run


def load_run(path: str | Path) -> Run:
    """Read a finished run by its file or by the name of its data set.

    Args:
        path: A file that :func:`cgcnn.training.runs.save_run` wrote, or the name of a data set, such as
            ``perovskites``. The name stands for the published run of the paper's network on the most training crystals
            with seed 0.

    Returns:
        The run, with its network in evaluation mode on the CPU.

    Raises:
        DataError: The file is missing, is cut short, does not hold a run, or was written by a newer version; or
            several published runs fit the name.
    """
    file = _published_run(str(path)) or Path(path)
    if not file.exists() and (models_directory() / file.stem).is_dir():
        raise DataError(f"{path}: no such file", f"its published run is called {file.stem}, without folder and ending")
    return read_run(file)


def refuse_to_replace(path: Path, key: str) -> None:
    """Refuse to replace a file that holds another run, so that no run is lost.

    Args:
        path: The file that is to be written.
        key: The key of the run that is to be written.

    Raises:
        DataError: The file is there, and it holds another run or no run at all.
    """
    if not path.exists():
        return
    try:
        found = read_notes(path)["key"]
    except (DataError, SafetensorError, OSError, KeyError, ValueError):
        found = ""
    if found != key:
        held = f"run {found[:KEY_LENGTH]}" if found else "no run that this cgcnn can read"
        raise DataError(
            f"{path}: holds {held}, not {key[:KEY_LENGTH]}",
            "name another file, or ask to replace it (--replace on the command line)",
        )


def published_path(run: Run, models: Path) -> Path:
    """Return the file in which a run is published; no other run has a file of this name.

    Args:
        run: A finished run.
        models: The folder of published checkpoints.

    Returns:
        ``<models>/<data set>/<network>-<split>-<training crystals>-seed<seed>-<start of the key>.safetensors``.
    """
    config = run.config
    name = f"{config.network}-{config.split}-{len(run.split.train)}-seed{config.seed}-{run.key[:KEY_LENGTH]}"
    return models / run.dataset / f"{name}.safetensors"


def publish(run: Run, models: Path, replace: bool = False) -> Path:
    """Write a run under its published name, and return the file.

    A file that already holds this run with the same weights is left as it is.

    Args:
        run: A finished run.
        models: The folder of published checkpoints.
        replace: Whether a file of that name is replaced where it holds another run or other weights.

    Raises:
        DataError: The file holds another run or other weights, and ``replace`` is false.
    """
    path = published_path(run, models)
    if _holds(path, run):
        return path
    if path.exists() and not replace:
        refuse_to_replace(path, run.key)
        raise DataError(f"{path}: holds other weights of run {run.key[:KEY_LENGTH]}", "ask to replace them")
    save_run(run, path)
    return path


def _holds(path: Path, run: Run) -> bool:
    """Return whether a file holds this run with these weights."""
    try:
        published = read_run(path)
    except DataError:
        return False
    weights = [each.network.state_dict() for each in (published, run)]
    return published.key == run.key and all(torch.equal(weights[0][name], weights[1][name]) for name in weights[1])


def find_run(key: str) -> Path | None:
    """Return the file of a finished run: a published one, or else one of the user's store; None where there is neither.

    Args:
        key: The key of the run, as :func:`cgcnn.training.runs.run_key` returns it.

    Raises:
        DataError: The published file is damaged, or a newer version of the package wrote it.
    """
    for path in sorted(models_directory().glob(f"*/*-{key[:KEY_LENGTH]}.safetensors")):
        try:
            if read_notes(path)["key"] == key:
                return path
        except (SafetensorError, KeyError, ValueError) as error:
            if isinstance(error, DataError):
                raise
            raise DataError(f"{path}: not a whole run ({type(error).__name__})", "restore it or remove it") from error
    stored = stored_run_path(key)
    return stored if stored.is_file() else None


def stored_run_path(key: str) -> Path:
    """Return the file in which the user's run store keeps the finished run of a key."""
    return run_store_directory() / f"{key}.safetensors"


def _published_run(dataset: str) -> Path | None:
    """Return the file of the published run that the name of a data set stands for; None where there is none.

    Raises:
        DataError: Several published runs have the paper's network, the most training crystals and seed 0.
    """
    folder = models_directory() / dataset
    if Path(dataset).name != dataset or not folder.is_dir():
        return None
    runs: dict[int, list[Path]] = {}
    for path in sorted(folder.glob("paper-random-*-seed0-*.safetensors")):
        runs.setdefault(int(path.name.split("-")[2]), []).append(path)
    if not runs:
        return None
    found = runs[max(runs)]
    if len(found) > 1:
        raise DataError(f"{dataset}: {' and '.join(map(str, found))} are published", "name the file")
    return found[0]
