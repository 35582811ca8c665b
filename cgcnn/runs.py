"""Finished runs: what one is, the one file it is kept in, and where a run of given data and parameters is found."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from cgcnn.config import Config
from cgcnn.crystals import Crystals
from cgcnn.model import CrystalGraphNetwork
from cgcnn.paths import models_directory, replacing, run_store_directory
from cgcnn.splits import Split
from cgcnn.storage import DataError

# Part of every run's address: raised when the same data and parameters, or new defaults, would train another network.
_TRAINING_VERSION = 2


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
        "key": run.key,
        "dataset": run.dataset,
        "data_digest": run.data_digest,
        "target_name": run.target_name,
        "unit": run.unit,
        "config": dataclasses.asdict(run.config),
        "history": run.history.to_dict(orient="list"),
    }
    with replacing(path) as temporary:
        # Under one key, since the format writes several in any order: the same run gives the same file.
        save_file(tensors, temporary, {"run": json.dumps(metadata, sort_keys=True)})


def load_run(path: Path) -> Run:
    """Read a run.

    Raises:
        DataError: The file is missing, cut short, or does not hold a run.
    """
    way_out = "name a file written by 'python -m cgcnn train', or one of models/"
    try:
        with safe_open(path, "pt") as stream:
            notes = json.loads((stream.metadata() or {})["run"])
            tensors = {name: stream.get_tensor(name) for name in stream.keys()}  # noqa: SIM118  # not a dict
        config = Config(**notes["config"])
        network = CrystalGraphNetwork(config.n_convolutions, config.width, config.distance_power)
        prefix = "network."
        network.load_state_dict({n[len(prefix) :]: t for n, t in tensors.items() if n.startswith(prefix)})
        split = Split(*(tensors[f"split.{name}"].numpy().astype(np.int64) for name in ("train", "validation", "test")))
    except FileNotFoundError as error:
        raise DataError(f"{path}: no such file; {way_out}") from error
    except (SafetensorError, OSError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise DataError(f"{path}: not a whole run ({type(error).__name__}); {way_out}") from error
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
    )


def publish(run: Run, models: Path) -> Path:
    """Write a run under its published name and return the file.

    The paper's network from the first seed on all training crystals of the random split is
    ``<data set>.safetensors``, all others are in a folder of that name. A file that holds the same run with the same
    weights already is left as it is.

    Args:
        run: A finished run.
        models: The folder of published checkpoints.
    """
    config = run.config
    name = f"{config.split}-{len(run.split.train)}-seed{config.seed}.safetensors"
    if config.network != "paper":
        path = models / run.dataset / f"{config.network}-{name}"
    elif config.split == "random" and config.training_size is None and config.seed == 0:
        path = models / f"{run.dataset}.safetensors"
    else:
        path = models / run.dataset / name
    if not (path.is_file() and _are_equal(load_run(path), run)):
        save_run(run, path)
    return path


def _are_equal(one: Run, other: Run) -> bool:
    weights = [run.network.state_dict() for run in (one, other)]
    return one.key == other.key and all(torch.equal(weights[0][name], weights[1][name]) for name in weights[1])


def find_run(key: str) -> Path | None:
    """Return the file of a finished run: among the published ones, then in the user's store; None if nowhere."""
    for path, known in _published_keys():
        if known == key:
            return path
    stored = stored_run_path(key)
    return stored if stored.is_file() else None


def stored_run_path(key: str) -> Path:
    """Return where the user's store keeps a finished run."""
    return run_store_directory() / f"{key}.safetensors"


def _published_keys() -> Iterator[tuple[Path, str | None]]:
    for path in sorted(models_directory().rglob("*.safetensors")):
        with safe_open(path, "pt") as stream:
            yield path, json.loads((stream.metadata() or {})["run"])["key"]
