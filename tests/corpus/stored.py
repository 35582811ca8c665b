"""What the package has written and something has damaged: runs, checkpoints, maps and caches."""

from __future__ import annotations

import json
import os
import pickle
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from cgcnn.files.arrays import load_arrays, save_arrays
from cgcnn.files.seals import OPEN, SEAL, seal

#: The options of the training that wrote the runs, checkpoints and caches.
TRAINING = ("--epochs", "3", "--batch-size", "1", "--width", "8", "--n-convolutions", "1")


@dataclass(frozen=True)
class Damaged:
    """A file of the package, in a folder where a training was done or interrupted.

    Attributes:
        name: What happened to the file.
        kind: What the file is.
        file: The pattern of its name.
        damage: The function that damages it.
        command: The words of the command that reads it.
        error: What is said of it, after its name.
        goes_on: Whether it is set aside and the work goes on to the same result; else the command refuses it.
    """

    name: str
    kind: str
    file: str
    damage: Callable[[Path], object]
    command: tuple[str, ...]
    error: str
    goes_on: bool


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _cut(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def _cut_to_five_bytes(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5])


def _one_bit(at: int) -> Callable[[Path], None]:
    """Return the damage that flips one bit of the byte at a place of the file."""

    def flip(path: Path) -> None:
        content = bytearray(path.read_bytes())
        content[at] ^= 4
        path.write_bytes(bytes(content))

    return flip


def _longer(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0")


def _text(path: Path) -> None:
    path.write_text("This is no file of numbers.\n" * 9)


def _pickled(path: Path) -> None:
    path.write_bytes(pickle.dumps({"weights": [1.0, 2.0]}))


def _foreign(path: Path) -> None:
    save_file({"x": torch.zeros(3)}, path)


def _huge_header(path: Path) -> None:
    path.write_bytes((2**60).to_bytes(8, "little") + path.read_bytes()[8:])


def rewritten(entry: str, change: Callable[[dict[str, Any]], object]) -> Callable[[Path], None]:
    """Return the damage that changes what a file says of itself, and seals it again.

    Args:
        entry: The entry of the metadata, such as ``run``.
        change: The function that changes the notes in place.
    """

    def write(path: Path) -> None:
        with safe_open(path, "pt") as stream:
            notes = json.loads(stream.metadata()[entry])
            tensors = {name: stream.get_tensor(name) for name in stream.keys()}  # noqa: SIM118  # not a dict
        change(notes)
        save_file(tensors, path, {entry: json.dumps({**notes, SEAL: OPEN}, sort_keys=True)})
        seal(path)

    return write


def _config(**values: object) -> Callable[[Path], None]:
    return rewritten("run", lambda notes: notes["config"].update(values))


def _with_metadata(**values: object) -> Callable[[Path], None]:
    """Return the damage that changes the metadata of a file of arrays, and seals it again."""

    def write(path: Path) -> None:
        stored = load_arrays(path)
        arrays = {name: np.array(array) for name, array in stored.arrays.items()}
        save_arrays(path, arrays, {**stored.metadata, **values})

    return write


def _the_run(path: Path) -> None:
    shutil.copy(path.with_name("run.safetensors"), path)


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


_BROKEN = ": damaged, since its bytes are not those that were written"
_NO_SEAL = ": cut short, or not a file that this cgcnn seals"
_NO_RUN = ": not a whole run (SafetensorError)"
# Each with what is said of it: of files whose beginning cannot be read, runs say something of their own.
_DAMAGES: tuple[tuple[str, Callable[[Path], object], str, str], ...] = (
    ("emptied", _empty, _NO_SEAL, _NO_RUN),
    ("cut in the middle", _cut, _BROKEN, _BROKEN),
    ("cut to five bytes", _cut_to_five_bytes, _NO_SEAL, _NO_RUN),
    ("one bit of its length", _one_bit(0), _BROKEN, _BROKEN),
    ("one bit of its header", _one_bit(8), _BROKEN, _BROKEN),
    ("one bit of its data", _one_bit(-50), _BROKEN, _BROKEN),
    ("one bit of its end", _one_bit(-1), _BROKEN, _BROKEN),
    ("one byte more", _longer, _BROKEN, _BROKEN),
    ("a text in its place", _text, _NO_SEAL, _NO_RUN),
    ("a pickle in its place", _pickled, _NO_SEAL, _NO_RUN),
    ("another program's safetensors in its place", _foreign, _NO_SEAL, ": not a whole run (KeyError)"),
    ("a header of 10**18 bytes", _huge_header, _BROKEN, _BROKEN),
)
_PREDICT = ("predict", "run.safetensors", "d/m0.cif")
_LOCATE = ("locate", "d/m0.cif", "--on", "map.safetensors", "--run", "run.safetensors")
_TRAIN = ("train", "d", *TRAINING)
_OF_RUNS = [(name, damage, error) for name, damage, _, error in _DAMAGES]
_OF_OTHERS = [(name, damage, error) for name, damage, error, _ in _DAMAGES]
_BILLION = ("a billion neighbors", _config(n_neighbors=10**9), ": n_neighbors=1000000000: must be 200 or below")
_VERSION = ": its format is version 99, and this cgcnn reads"

_RUNS = [
    *_OF_RUNS,
    ("a format of the future", rewritten("run", lambda notes: notes.update(format=99)), _VERSION),
    _BILLION,
    ("a tolerance that is no number", _config(tolerance=float("nan")), ": tolerance=nan: not a number"),
    ("a width of a million", _config(width=10**6), ": width=1000000: must be 1024 or below"),
    ("a million convolutions", _config(n_convolutions=10**6), ": n_convolutions=1000000: must be 20 or below"),
    ("another width than its weights", _config(width=16), ": n_convolutions=1 and width=16 do not fit its weights"),
    ("a parameter that is not known", _config(temperature=300), ": not a whole run (TypeError)"),
    ("no parameters", rewritten("run", lambda notes: notes.pop("config")), ": not a whole run (KeyError)"),
    ("a named pipe in its place", _pipe, ": not a whole run (OSError)"),
]
_MAPS = [
    *_OF_OTHERS,
    ("a format of the future", _with_metadata(format=99), _VERSION),
    ("a run in its place", _the_run, ": sealed, but no file of arrays (KeyError"),
]
_CHECKPOINTS = [
    *_OF_OTHERS,
    ("a format of the future", rewritten("checkpoint", lambda notes: notes.update(format=99)), _VERSION),
    (
        "another run's",
        rewritten("checkpoint", lambda notes: notes.update(key="0" * 64)),
        ": the checkpoint of run 000000000000",
    ),
    (
        "a progress that is not known",
        rewritten("checkpoint", lambda notes: notes.update(progress={"x": 1})),
        ": no checkpoint (TypeError)",
    ),
]
_CACHES = [
    *_OF_OTHERS,
    ("made from something else", _with_metadata(key="x"), ": made from something else than asked for"),
]
_NAMED_BY_KEY = "[0-9a-f]" * 64

#: All damaged files of the package.
STORED: tuple[Damaged, ...] = (
    *(Damaged(name, "run", "run.safetensors", damage, _PREDICT, error, False) for name, damage, error in _RUNS),
    *(Damaged(name, "map", "map.safetensors", damage, _LOCATE, error, False) for name, damage, error in _MAPS),
    *(
        Damaged(name, "run of the store", f"cache/runs/{_NAMED_BY_KEY}.safetensors", damage, _TRAIN, error, True)
        for name, damage, error in (*_OF_RUNS, _BILLION)
    ),
    *(
        Damaged(name, f"cache of {kind}", f"cache/{kind}/d-*.safetensors", damage, _TRAIN, error, True)
        for kind in ("crystals", "graphs")
        for name, damage, error in _CACHES
    ),
    *(
        Damaged(name, "checkpoint", "stopped/runs/*.checkpoint.safetensors", damage, _TRAIN, error, True)
        for name, damage, error in _CHECKPOINTS
    ),
)
