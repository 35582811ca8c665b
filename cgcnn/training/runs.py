"""Hold a finished run, keep it in one file, and find the run of given data and parameters."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from cgcnn.data.crystals import Crystals
from cgcnn.data.quantity import Quantity
from cgcnn.data.splits import Split
from cgcnn.errors import DataError
from cgcnn.files.seals import OPEN, SEAL, check_seal, is_sealed, seal
from cgcnn.files.writing import replacing
from cgcnn.network.model import CrystalGraphNetwork
from cgcnn.training.config import Config
from cgcnn.training.seen import Seen, seen_from

# Part of every key. It is raised when the same data and parameters, or new defaults, would train another network.
_TRAINING_VERSION = 2
# The version of the file format. Files without a version are of version 1, which lacks the number of threads. Files of
# version 2 lack the folder, the run that was gone on from, the elements elsewhere, and what was seen. Files of version
# 3 have no seal.
_FORMAT_VERSION = 4
_FIRST_SEALED_VERSION = 4
# The number of characters of a key in the name of a published file and in messages.
KEY_LENGTH = 12
# What reading raises where a file that somebody else wrote has anything at all in it.
_UNREADABLE = (SafetensorError, OSError, LookupError, TypeError, ValueError, RuntimeError, AttributeError)
_WAY_OUT = "name a file written by 'cgcnn train', or one of models/"


@dataclass(frozen=True)
class Run:
    """A trained network and all that is needed to use, judge and repeat it.

    Attributes:
        key: The SHA-256 of the data and the parameters in hexadecimal, under which the run is found.
        dataset: The name of the data set.
        data_digest: The digest of the crystals of the data set.
        target_name: The name of the target.
        unit: The unit of the targets.
        config: The parameters of the run.
        network: The network with the averaged weights of its best epoch, in evaluation mode. After training and after
            reading it is on the CPU.
        split: The training, validation and test sets, as indices of the data set.
        elements: (k,) int64, the atomic numbers of the k elements of the training crystals, ascending.
        history: One row per validation, with the columns ``epoch``, ``learning_rate``, ``training_loss``
            (dimensionless) and ``validation_mae`` (in ``unit``).
        n_threads: The number of torch's threads in the training. Another number adds in another order, which changes
            the last bits. It is None where the file does not give it, where it changed on the way, and on a GPU.
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
    folder: str | None = None
    parent: str | None = None
    elements_elsewhere: dict[str, tuple[int, ...]] | None = None
    seen: Seen | None = None
    n_loop_threads: int | None = None
    n_processes: int | None = None

    @property
    def quantity(self) -> Quantity:
        """What the run predicts, and in which unit."""
        return Quantity(self.target_name, self.unit)

    @property
    def validation_mae(self) -> float:
        """The mean absolute error on the validation set at the epoch that was kept, in ``unit``."""
        return float(self.history["validation_mae"].min())


def run_key(crystals: Crystals, config: Config) -> str:
    """Return the key of the run of these crystals and parameters, a SHA-256 in hexadecimal.

    Parameters at their defaults do not enter the key. So a new parameter does not change the keys of runs that leave
    it at its default.

    Args:
        crystals: The data set.
        config: The parameters of the run.
    """
    return _address(crystals.digest, config)


def _address(digest: str, config: Config) -> str:
    changed = {}
    for each in dataclasses.fields(config):
        value = getattr(config, each.name)
        if value != each.default:
            # 2 and 2.0 are the same number, so they must give the same key.
            changed[each.name] = float(value) if isinstance(each.default, float) else value
    text = f"{_TRAINING_VERSION} {digest} {json.dumps(changed, sort_keys=True)}"
    return hashlib.sha256(text.encode()).hexdigest()


def save_run(run: Run, path: Path) -> None:
    """Write a run to one safetensors file, whole or not at all.

    Weights, split, elements and what was seen are tensors of the file. All else is JSON in its metadata, with the seal
    of :mod:`cgcnn.files.seals`, by which a damaged file is told from a whole one.

    Args:
        run: A finished run.
        path: The file to write; a file of this name is replaced.
    """
    tensors = {f"network.{name}": tensor.contiguous() for name, tensor in run.network.state_dict().items()}
    for name in ("train", "validation", "test"):
        tensors[f"split.{name}"] = torch.from_numpy(getattr(run.split, name).astype(np.int32))
    tensors["elements"] = torch.from_numpy(run.elements.astype(np.int32))
    if run.seen is not None:
        tensors |= {
            f"seen.{name}": torch.from_numpy(np.ascontiguousarray(array)) for name, array in run.seen.arrays().items()
        }
    metadata: dict[str, Any] = {
        "format": _FORMAT_VERSION,
        "key": run.key,
        "dataset": run.dataset,
        "data_digest": run.data_digest,
        "target_name": run.target_name,
        "unit": run.unit,
        "config": dataclasses.asdict(run.config),
        "history": run.history.to_dict(orient="list"),
        "n_threads": run.n_threads,
        SEAL: OPEN,
    }
    further: dict[str, Any] = {"folder": run.folder, "parent": run.parent, "elements_elsewhere": run.elements_elsewhere}
    further |= {"n_loop_threads": run.n_loop_threads, "n_processes": run.n_processes}
    metadata |= {name: value for name, value in further.items() if value is not None}
    with replacing(path) as temporary:
        # One entry holds all metadata. The format writes several entries in any order, and the same run must give the
        # same file.
        save_file(tensors, temporary, {"run": json.dumps(metadata, sort_keys=True)})
        seal(temporary)


def read_run(path: Path) -> Run:
    """Read a finished run from its file.

    Args:
        path: A file that :func:`save_run` wrote.

    Returns:
        The run, with its network in evaluation mode on the CPU.

    Raises:
        DataError: The file is missing, is damaged, does not hold a run, or was written by a newer version.
    """
    notes = read_notes(path)
    try:
        with safe_open(path, "pt") as stream:
            tensors = {name: stream.get_tensor(name) for name in stream.keys()}  # noqa: SIM118  # not a dict
        return _run(notes, tensors)
    except DataError as error:  # of a parameter that is out of its range
        raise DataError(f"{path}: {error.problem}", _WAY_OUT) from error
    except _UNREADABLE as error:
        raise DataError(f"{path}: not a whole run ({type(error).__name__})", _WAY_OUT) from error


def _run(notes: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> Run:
    """Return the run that a file holds.

    Raises:
        DataError: A parameter is out of its range, or does not fit the weights.
        KeyError: A note or a tensor is missing.
        TypeError: A note is of another type.
        RuntimeError: A tensor has another shape than the network's.
    """
    config = Config(**notes["config"])
    weights, held = _beginning(tensors, "network."), _beginning(tensors, "seen.")
    # Before a network of these sizes is made, which could ask for any amount of memory.
    n_convolutions = len({name.split(".")[1] for name in weights if name.startswith("convolutions.")})
    width = weights["element_vectors"].shape[-1]
    if (config.n_convolutions, config.width) != (n_convolutions, width):
        raise DataError(
            f"n_convolutions={config.n_convolutions} and width={config.width} do not fit its weights, which have "
            f"{n_convolutions} and {width}",
            _WAY_OUT,
        )
    network = CrystalGraphNetwork(config.n_convolutions, config.width, config.distance_power, angles=config.angles)
    network.load_state_dict(weights)
    elsewhere = notes.get("elements_elsewhere")
    return Run(
        key=notes["key"],
        dataset=notes["dataset"],
        data_digest=notes["data_digest"],
        target_name=notes["target_name"],
        unit=notes["unit"],
        config=config,
        network=network.eval(),
        split=Split(*(tensors[f"split.{name}"].numpy().astype(np.int64) for name in ("train", "validation", "test"))),
        elements=tensors["elements"].numpy().astype(np.int64),
        history=pd.DataFrame(notes["history"]),
        n_threads=notes.get("n_threads"),
        n_loop_threads=notes.get("n_loop_threads"),
        n_processes=notes.get("n_processes"),
        folder=notes.get("folder"),
        parent=notes.get("parent"),
        elements_elsewhere=None if elsewhere is None else {part: tuple(found) for part, found in elsewhere.items()},
        seen=seen_from({name: tensor.numpy() for name, tensor in held.items()}) if held else None,
    )


def _beginning(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """Return the tensors whose names begin with a prefix, by the rest of their names."""
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def read_notes(path: Path) -> dict[str, Any]:
    """Return the metadata of a run's file, without its tensors, after the check of its seal.

    Files of the formats 1 to 3 have no seal, so that damage to them cannot be noticed. No damage of one bit makes a
    sealed file look like one of these: it cannot change both the seal and the number of the format.

    Args:
        path: A file that :func:`save_run` wrote.

    Raises:
        DataError: The file is missing, is damaged, does not hold a run, or was written by a newer version.
    """
    try:
        was_sealed = is_sealed(path)
        if was_sealed:
            check_seal(path, _WAY_OUT)
        with safe_open(path, "pt") as stream:
            notes: dict[str, Any] = json.loads((stream.metadata() or {})["run"])
        version = notes.get("format", 1)
        if not was_sealed and version >= _FIRST_SEALED_VERSION:
            raise DataError(f"{path}: damaged, since files of format {version} have a seal, and it has none", _WAY_OUT)
    except FileNotFoundError as error:
        raise DataError(f"{path}: no such file", _WAY_OUT) from error
    except DataError:
        raise
    except _UNREADABLE as error:
        raise DataError(f"{path}: not a whole run ({type(error).__name__})", _WAY_OUT) from error
    if version > _FORMAT_VERSION:
        raise DataError(
            f"{path}: its format is version {version}, and this cgcnn reads up to version {_FORMAT_VERSION}",
            "install the newer cgcnn that wrote it",
        )
    return notes
