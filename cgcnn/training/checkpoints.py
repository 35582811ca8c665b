"""Keep the state of a training in two sealed files, from the newer whole one of which it goes on after any end."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from cgcnn.errors import DataError
from cgcnn.files.seals import OPEN, SEAL, check_seal, seal
from cgcnn.files.writing import replacing, set_aside
from cgcnn.machine import processes
from cgcnn.training.runs import KEY_LENGTH
from cgcnn.training.state import Progress, State
from cgcnn.training.workers import Workers

_logger = logging.getLogger(__name__)

# The version of the file format. A checkpoint of another version is set aside.
_FORMAT_VERSION = 1
# What AdamW knows of every parameter. The first is one number, and the others have the shape of the parameter.
_OPTIMIZER_STATE = ("step", "exp_avg", "exp_avg_sq")


class Checkpoints:
    """The two files that hold the state of the training of one run: the newest one, and the one before it."""

    def __init__(self, folder: Path, key: str) -> None:
        """Name the files.

        Args:
            folder: The folder of the files.
            key: The key of the run.
        """
        self.key = key
        self.newest = folder / f"{key}.checkpoint.safetensors"
        self.before = folder / f"{key}.checkpoint-before.safetensors"
        # Versions up to 0.1 wrote this file.
        self._pickled = folder / f"{key}.partial.pt"
        self._last_failure = ""

    def write(self, state: State) -> bool:
        """Write the state to the newest file, and keep the one that was the newest.

        All processes call this together, and process 0 alone writes. A file that cannot be written is named in the log,
        and the training goes on.

        Args:
            state: The state after a whole step of the optimizer.

        Returns:
            Whether it is written, as far as this process knows.
        """
        losses = processes.gathered(float(state.loss))
        if processes.rank() > 0:
            return True
        notes = {
            "format": _FORMAT_VERSION,
            "key": self.key,
            "losses": losses,
            "workers": vars(state.workers),
            "progress": vars(state.progress),
            SEAL: OPEN,
        }
        try:
            with replacing(self.newest) as temporary:
                # One entry holds all metadata, as in the file of a run: the same state gives the same file.
                save_file(state.tensors(), temporary, {"checkpoint": json.dumps(notes, sort_keys=True)})
                seal(temporary)
                # The last one has the name of the newest until the new one is written: one is always whole.
                if self.newest.exists():
                    self.newest.replace(self.before)
        except (OSError, SafetensorError) as error:
            if str(error) != self._last_failure:  # a disk can stay full for hours
                _logger.warning("%s: cannot be written (%s); the training goes on without it", self.newest, error)
            self._last_failure = str(error)
            return False
        return True

    def go_on(self, state: State) -> None:
        """Load the newest whole checkpoint into a state, where there is one, and say so in the log.

        Process 0 alone reads, and tells the others. Files that cannot be used are set aside.

        Args:
            state: The state at the start of the training.
        """
        found = processes.from_first(lambda: self._read(state))
        if found is None:
            return
        tensors, notes = found
        state.load(tensors)
        state.progress = Progress(**notes["progress"])
        began = Workers(**notes["workers"])
        if processes.rank() == 0 and (difference := state.workers.difference(began)):
            _logger.warning(
                "run %s goes on with %s: its last bits differ from those of a training with either number",
                self.key[:KEY_LENGTH],
                difference,
            )
        state.workers = state.workers.common(began)
        losses = notes["losses"]
        if len(losses) != processes.count():
            losses = [math.fsum(losses)] + [0.0] * (processes.count() - 1)
        state.loss.fill_(losses[processes.rank()])

    def _read(self, state: State) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
        """Return the tensors and notes of the newest whole checkpoint; None where there is none."""
        if self._pickled.exists():
            set_aside(self._pickled, "a checkpoint of an earlier version of cgcnn")
        n_damaged = 0
        for path in (self.newest, self.before):
            try:
                tensors, notes = _read_one(path, self.key)
                _refuse_other_shapes(tensors, state)
                progress, _ = Progress(**notes["progress"]), Workers(**notes["workers"])
            except (FileNotFoundError, NotADirectoryError):
                continue
            except (DataError, SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
                reason = error.problem if isinstance(error, DataError) else f"no checkpoint ({type(error).__name__})"
                set_aside(path, reason)
                n_damaged += 1
                continue
            which = ", from the one before" if n_damaged else ""
            part = f" and {progress.batch} batches of the next" if progress.batch else ""
            _logger.info("resuming run %s after epoch %d%s%s", self.key[:KEY_LENGTH], progress.epoch, part, which)
            return tensors, notes
        if n_damaged:
            _logger.warning("run %s: no whole checkpoint is left; its training starts anew", self.key[:KEY_LENGTH])
        return None

    def remove(self) -> None:
        """Remove both files, of a run that is finished or is to be trained anew."""
        for path in (self.newest, self.before):
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                _logger.warning("%s: cannot be removed (%s)", path, error.strerror)


def _read_one(path: Path, key: str) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Return the tensors and the notes of one file.

    Raises:
        FileNotFoundError: There is no such file.
        DataError: The file is damaged, of another version, or of another run.
    """
    check_seal(path, "")
    with safe_open(path, "pt") as stream:
        notes: dict[str, Any] = json.loads((stream.metadata() or {})["checkpoint"])
        tensors = {name: stream.get_tensor(name) for name in stream.keys()}  # noqa: SIM118  # not a dict
    if notes["format"] != _FORMAT_VERSION:
        raise DataError(f"its format is version {notes['format']}, and this cgcnn reads {_FORMAT_VERSION}", "")
    if notes["key"] != key:
        raise DataError(f"the checkpoint of run {notes['key'][:KEY_LENGTH]}", "")
    return tensors, notes


def _refuse_other_shapes(tensors: Mapping[str, Tensor], state: State) -> None:
    """Refuse tensors that cannot be those of a state.

    Raises:
        DataError: A tensor is missing, is one too many, or has another shape or type.
    """
    weights = state.network.state_dict()
    expected = {f"{part}.{name}": each for part in ("network", "averaged") for name, each in weights.items()}
    if any(name.startswith("best.") for name in tensors):
        expected |= {f"best.{name}": each for name, each in weights.items()}
    if any(name.startswith("optimizer.") for name in tensors):
        for name, parameter in state.network.named_parameters():
            for each in _OPTIMIZER_STATE:
                expected[f"optimizer.{name}.{each}"] = torch.zeros(()) if each == "step" else parameter
    for name in sorted(expected.keys() | tensors.keys()):
        if name not in expected or name not in tensors:
            raise DataError(f"a network of another shape, {'with' if name in tensors else 'without'} {name}", "")
        shapes = [tuple(each[name].shape) for each in (tensors, expected)]
        if shapes[0] != shapes[1] or tensors[name].dtype != expected[name].dtype:
            raise DataError(f"a network of another shape, with {name} of {shapes[0]} in place of {shapes[1]}", "")
