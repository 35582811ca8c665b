"""Where finished runs are kept and found: the published ones by their names, and the user's own by their keys."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import torch

from cgcnn.errors import DataError
from cgcnn.files.paths import models_directory, run_store_directory
from cgcnn.files.seals import is_sealed
from cgcnn.files.writing import ASIDE, set_aside
from cgcnn.training.config import Config
from cgcnn.training.runs import KEY_LENGTH, Run, read_notes, read_run, save_run

_logger = logging.getLogger(__name__)
_KEY = re.compile(rf"[0-9a-f]{{{KEY_LENGTH},64}}")
# The names of published runs and of runs in the user's store. All other files may be anybody's, and are passed over.
_NAMES = re.compile(
    rf"[a-z][a-z0-9-]*-(?:random|composition)-[0-9]+-seed[0-9]+-[0-9a-f]{{{KEY_LENGTH}}}\.safetensors"
    r"|[0-9a-f]{64}\.safetensors"
)
# The name of a published run of the paper's network with seed 0, also where the file was set aside: the number of
# training crystals, and the start of the key.
_PAPER_S = re.compile(rf"paper-random-([0-9]+)-seed0-([0-9a-f]{{{KEY_LENGTH}}})\.safetensors(?:{re.escape(ASIDE)})?")


def load_run(path: str | Path) -> Run:
    """Read a finished run by its file or by the name of its data set.

    A file that is named here is never renamed, whatever it holds. A file of an older version, which has no seal, is
    read, and the log says that damage to it could not be noticed.

    Args:
        path: A file that :func:`cgcnn.training.runs.save_run` wrote, or the name of a data set, such as
            ``perovskites``. The name stands for the published run of the paper's network on the most training crystals
            with seed 0.

    Returns:
        The run, with its network in evaluation mode on the CPU.

    Raises:
        DataError: The file is missing, is damaged, does not hold a run, or was written by a newer version; or several
            published runs fit the name.
    """
    file = _published_run(str(path)) or Path(path)
    if not file.exists() and (models_directory() / file.stem).is_dir():
        raise DataError(f"{path}: no such file", f"its published run is called {file.stem}, without folder and ending")
    run = read_run(file)
    if not is_sealed(file):
        _logger.warning(
            "%s: an older cgcnn wrote it without a seal, so that damage to it cannot be noticed; "
            "cgcnn.save_run(cgcnn.load_run(file), file) writes it anew with one",
            file,
        )
    return run


def refuse_to_replace(path: Path, key: str) -> None:
    """Refuse to replace a file that holds another run, so that no run is lost.

    A damaged file is refused too, and not renamed: it is the user's own, and may be worth more than a new run.

    Args:
        path: The file that is to be written.
        key: The key of the run that is to be written.

    Raises:
        DataError: The file is there, and it holds another run or no whole run.
    """
    if not path.exists():
        return
    way_out = "name another file, or ask to replace it (--replace on the command line)"
    try:
        found = read_notes(path)["key"]
    except DataError as error:
        raise DataError(error.problem, way_out) from error
    except KeyError:
        raise DataError(f"{path}: holds no run", way_out) from None
    if found != key:
        raise DataError(f"{path}: holds run {found[:KEY_LENGTH]}, not {key[:KEY_LENGTH]}", way_out)


def published_path(run: Run, models: Path) -> Path:
    """Return the file in which a run is published; no other run has a file of this name.

    Args:
        run: A finished run.
        models: The folder of published checkpoints.

    Returns:
        ``<models>/<data set>/<network>-<split>-<training crystals>-seed<seed>-<start of the key>.safetensors``. Where
        the element vectors started with another spread than the default, ``other-start`` stands after the network, so
        that the name of the data set keeps standing for the run with the default.
    """
    config = run.config
    start = "" if config.element_spread == Config.element_spread else "-other-start"
    name = f"{config.network}{start}-{config.split}-{len(run.split.train)}-seed{config.seed}-{run.key[:KEY_LENGTH]}"
    return models / run.dataset / f"{name}.safetensors"


def publish(run: Run, models: Path, replace: bool = False) -> Path:
    """Write a run under its published name, and return the file.

    A file that already holds this run with the same weights is left as it is. A damaged file is set aside.

    Args:
        run: A finished run.
        models: The folder of published checkpoints.
        replace: Whether a file of that name is replaced where it holds another run or other weights.

    Raises:
        DataError: The file holds another run or other weights, and ``replace`` is false.
    """
    path = published_path(run, models)
    if path.is_file():
        try:
            published = read_run(path)
        except DataError as error:
            set_aside(path, error.problem)
        else:
            if published.key == run.key and _have_the_same_weights(published, run):
                return path
            if not replace:
                refuse_to_replace(path, run.key)
                raise DataError(f"{path}: holds other weights of run {run.key[:KEY_LENGTH]}", "ask to replace them")
    save_run(run, path)
    return path


def _have_the_same_weights(one: Run, other: Run) -> bool:
    weights = [each.network.state_dict() for each in (one, other)]
    return all(torch.equal(weights[0][name], weights[1][name]) for name in weights[1])


def find_run(key: str) -> Path | None:
    """Return the file of a finished run: a published one, or else one of the user's store; None where there is neither.

    Only files whose names have the key are opened. One that is damaged, that holds another run than its name says, or
    that a newer version of the package wrote, is set aside, and the search goes on. Files with other names, such as
    hidden ones, which a process may still write, are passed over.

    Args:
        key: The key of the run, as :func:`cgcnn.training.runs.run_key` returns it, or its first twelve characters or
            more. Any other text is the key of no run.
    """
    if not _KEY.fullmatch(key):
        return None
    published = models_directory().glob(f"*/*-{key[:KEY_LENGTH]}.safetensors")
    stored = run_store_directory().glob(f"{key}*.safetensors")
    for path in [*sorted(published), *sorted(stored)]:
        if not _NAMES.fullmatch(path.name) or not path.is_file():
            continue
        try:
            found = read_run(path).key
        except DataError as error:
            set_aside(path, error.problem)
            continue
        if found.startswith(key):
            return path
        set_aside(path, f"holds run {found[:KEY_LENGTH]}, not {key[:KEY_LENGTH]}")
    return None


def stored_run_path(key: str) -> Path:
    """Return the file in which the user's run store keeps the finished run of a key."""
    return run_store_directory() / f"{key}.safetensors"


def _published_run(dataset: str) -> Path | None:
    """Return the file of the published run that the name of a data set stands for; None where there is none.

    Where the published file is damaged, this is the same run of the user's store. It is never a run on fewer crystals.

    Raises:
        DataError: Several published runs have the paper's network, the most training crystals and seed 0; or the
            published file is damaged, and the user's store does not have the run.
    """
    folder = models_directory() / dataset
    if Path(dataset).name != dataset or not folder.is_dir():
        return None
    keys: dict[int, set[str]] = {}
    for path in folder.iterdir():
        if named := _PAPER_S.fullmatch(path.name):
            keys.setdefault(int(named[1]), set()).add(named[2])
    if not keys:
        return None
    found = sorted(keys[max(keys)])
    if len(found) > 1:
        raise DataError(f"{dataset}: the runs {' and '.join(found)} of {folder} are published", "name the file")
    run = find_run(found[0])
    if run is None:
        raise DataError(
            f"{dataset}: its published run {found[0]} in {folder} is damaged",
            "get the file again, as with git checkout",
        )
    return run
