"""Finished runs: what one is, the one file it is kept in, and where a run of given data and parameters is found."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from cgcnn.data.crystals import Crystals
from cgcnn.data.splits import Split
from cgcnn.errors import DataError
from cgcnn.files.paths import models_directory, replacing, run_store_directory
from cgcnn.network.model import CrystalGraphNetwork
from cgcnn.training.config import Config

# Part of every run's address: raised when the same data and parameters, or new defaults, would train another network.
_TRAINING_VERSION = 2
# Version of the file format. Files without a version are of version 1, which lacks the number of threads.
_FORMAT_VERSION = 2
# How much of a run's key stands in the name of its published file, and in messages.
_KEY_LENGTH = 12


@dataclass(frozen=True)
class Run:
    """A trained network and all that is needed to use, judge and repeat it.

    Attributes:
        key: SHA-256 of data and parameters: the run's address.
        dataset: Name of the data set.
        data_digest: Digest of its crystals.
        target_name: What the targets are.
        unit: Their unit.
        config: The parameters.
        network: The network with averaged weights at its best epoch, in evaluation mode, on the CPU.
        split: The crystals it was trained, chosen and may be tested on, as indices of the data set.
        elements: (k,) int64, ascending: the atomic numbers among the training crystals.
        history: One row an evaluation: epoch, learning_rate, training_loss, validation_mae (in ``unit``).
        n_threads: Threads of torch that it was trained with: another number adds in another order, which changes the
            last bits. None where the file does not say.
    """

    key: str
    dataset: str
    data_digest: str
    target_name: str
    unit: str
    config: Config
    network: CrystalGraphNetwork
    split: Split
    elements: np.ndarray
    history: pd.DataFrame
    n_threads: int | None = None

    @property
    def validation_mae(self) -> float:
        """Validation mean absolute error at the epoch that was kept, in ``unit``."""
        return float(self.history["validation_mae"].min())


def run_key(crystals: Crystals, config: Config) -> str:
    """Return the address of the run that these crystals and parameters give.

    Parameters at their defaults are not part of it, so that a new one does not move the runs that do not use it.
    """
    return _address(crystals.digest, config)


def _address(digest: str, config: Config) -> str:
    changed = {}
    for each in dataclasses.fields(config):
        value = getattr(config, each.name)
        if value != each.default:
            # 2 and 2.0 are one number, and one run.
            changed[each.name] = float(value) if isinstance(each.default, float) else value
    text = f"{_TRAINING_VERSION} {digest} {json.dumps(changed, sort_keys=True)}"
    return hashlib.sha256(text.encode()).hexdigest()


def save_run(run: Run, path: Path) -> None:
    """Write a run to one safetensors file: weights, split and, as JSON, the rest. Whole or not at all."""
    tensors = {f"network.{name}": tensor.contiguous() for name, tensor in run.network.state_dict().items()}
    for name in ("train", "validation", "test"):
        tensors[f"split.{name}"] = torch.from_numpy(getattr(run.split, name).astype(np.int32))
    tensors["elements"] = torch.from_numpy(run.elements.astype(np.int32))
    metadata = {
        "format": _FORMAT_VERSION,
        "key": run.key,
        "dataset": run.dataset,
        "data_digest": run.data_digest,
        "target_name": run.target_name,
        "unit": run.unit,
        "config": dataclasses.asdict(run.config),
        "history": run.history.to_dict(orient="list"),
        "n_threads": run.n_threads,
    }
    with replacing(path) as temporary:
        # Under one key, since the format writes several in any order: the same run gives the same file.
        save_file(tensors, temporary, {"run": json.dumps(metadata, sort_keys=True)})


def load_run(path: str | Path) -> Run:
    """Read a run.

    Args:
        path: A file that :func:`save_run` wrote, or the name of a data set, such as ``perovskites``: then the
            published run of the paper's network on all its training crystals with seed 0.

    Raises:
        DataError: The file is missing, is cut short, does not hold a run, or was written by a newer version.
    """
    file = _published_run(str(path)) or Path(path)
    way_out = "name a file written by 'python -m cgcnn train', or one of models/"
    try:
        notes = _read_notes(file)
        with safe_open(file, "pt") as stream:
            tensors = {name: stream.get_tensor(name) for name in stream.keys()}  # noqa: SIM118  # not a dict
        config = Config(**notes["config"])
        network = CrystalGraphNetwork(config.n_convolutions, config.width, config.distance_power)
        prefix = "network."
        network.load_state_dict({n[len(prefix) :]: t for n, t in tensors.items() if n.startswith(prefix)})
        split = Split(*(tensors[f"split.{name}"].numpy().astype(np.int64) for name in ("train", "validation", "test")))
    except FileNotFoundError as error:
        raise DataError(f"{file}: no such file", f"{way_out}") from error
    except DataError:
        raise
    except (SafetensorError, OSError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise DataError(f"{file}: not a whole run ({type(error).__name__})", f"{way_out}") from error
    return Run(
        key=notes["key"],
        dataset=notes["dataset"],
        data_digest=notes["data_digest"],
        target_name=notes["target_name"],
        unit=notes["unit"],
        config=config,
        network=network.eval(),
        split=split,
        elements=tensors["elements"].numpy().astype(np.int64),
        history=pd.DataFrame(notes["history"]),
        n_threads=notes.get("n_threads"),
    )


def _read_notes(path: Path) -> dict[str, Any]:
    """Return what a run's file says of its tensors.

    Raises:
        DataError: A newer version of the package wrote the file.
    """
    with safe_open(path, "pt") as stream:
        notes: dict[str, Any] = json.loads((stream.metadata() or {})["run"])
    version = notes.get("format", 1)
    if version > _FORMAT_VERSION:
        raise DataError(
            f"{path}: its format is version {version}, and this cgcnn reads up to version {_FORMAT_VERSION}",
            "install the newer cgcnn that wrote it",
        )
    return notes


def refuse_to_replace(path: Path, key: str) -> None:
    """Refuse a file that holds anything but the run of a key, so that no other run is lost.

    Raises:
        DataError: The file is there and holds another run, or no run at all.
    """
    if not path.exists():
        return
    try:
        found = _read_notes(path)["key"]
    except (DataError, SafetensorError, OSError, KeyError, ValueError):
        found = ""
    if found != key:
        held = f"run {found[:_KEY_LENGTH]}" if found else "no run that this cgcnn can read"
        raise DataError(f"{path}: holds {held}, not {key[:_KEY_LENGTH]}", "name another file, or ask to replace it")


def published_path(run: Run, models: Path) -> Path:
    """Return the file under which a run is published: its name is the run's own.

    Args:
        run: A finished run.
        models: The folder of published checkpoints.

    Returns:
        ``<models>/<data set>/<network>-<split>-<training crystals>-seed<seed>-<start of the key>.safetensors``.
    """
    config = run.config
    name = f"{config.network}-{config.split}-{len(run.split.train)}-seed{config.seed}-{run.key[:_KEY_LENGTH]}"
    return models / run.dataset / f"{name}.safetensors"


def publish(run: Run, models: Path, replace: bool = False) -> Path:
    """Write a run under its published name and return the file.

    Args:
        run: A finished run.
        models: The folder of published checkpoints.
        replace: Replace a file of that name that holds another run, or the same run with other weights. A file that
            holds the same weights is left as it is.

    Raises:
        DataError: There is such a file, and ``replace`` is false.
    """
    path = published_path(run, models)
    if path.exists():
        if not replace:
            refuse_to_replace(path, run.key)
        if _holds(path, run):
            return path
        if not replace:
            raise DataError(f"{path}: holds other weights of run {run.key[:_KEY_LENGTH]}", "ask to replace them")
    save_run(run, path)
    return path


def _holds(path: Path, run: Run) -> bool:
    """Say whether a file holds this run with these weights."""
    try:
        published = load_run(path)
    except DataError:
        return False
    weights = [each.network.state_dict() for each in (published, run)]
    return published.key == run.key and all(torch.equal(weights[0][name], weights[1][name]) for name in weights[1])


def find_run(key: str) -> Path | None:
    """Return the file of a finished run: among the published ones, then in the user's store; None if nowhere."""
    for path in sorted(models_directory().glob(f"*/*-{key[:_KEY_LENGTH]}.safetensors")):
        if _read_notes(path)["key"] == key:
            return path
    stored = stored_run_path(key)
    return stored if stored.is_file() else None


def stored_run_path(key: str) -> Path:
    """Return where the user's store keeps a finished run."""
    return run_store_directory() / f"{key}.safetensors"


def _published_run(dataset: str) -> Path | None:
    """Return the published run that a data set's name stands for; None where it is no such name.

    Raises:
        DataError: Several published runs are of the paper's network, the most training crystals and seed 0.
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
