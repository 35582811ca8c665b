"""Keep a finished map in one file, tied to its run, and read it back or refuse it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd

from cgcnn.analysis.environment_map import EnvironmentMap, Level
from cgcnn.data.quantity import Quantity
from cgcnn.errors import DataError
from cgcnn.files.arrays import load_arrays, save_arrays
from cgcnn.files.paths import models_directory
from cgcnn.training.runs import KEY_LENGTH

# The version of the format of a map's file. Files of version 1 have no seal and are refused: a map is soon drawn again.
_FORMAT_VERSION = 2
# By this text a map's file is told from other files of arrays.
_KIND = "cgcnn map"
_WAY_OUT = "draw the map again with 'cgcnn map', or name a data set whose map is published"
_PUBLISHED = re.compile(rf"map-[0-9a-f]{{{KEY_LENGTH}}}-seed0\.safetensors")
# The columns of texts and of numbers that a map of each level has at least.
_TEXTS = {
    "environments": {"crystal", "label", "element", "first_neighbor"},
    "crystals": {"crystal", "formula"},
    "elements": {"element"},
}
_NUMBERS = {"environments": {"site", "multiplicity"}, "crystals": set(), "elements": set()}


def save_map(drawn: EnvironmentMap, path: Path) -> None:
    """Write a map to one sealed safetensors file, whole or not at all.

    The file holds the vectors in single and the places in double precision. Each column of texts is stored as the list
    of its different texts and the number of each row's text in this list.

    Args:
        drawn: The map.
        path: The file to write; a file of this name is replaced.
    """
    table = drawn.table
    arrays = {"vectors": drawn.vectors, "places": table[["x", "y"]].to_numpy(np.float64)}
    texts: dict[str, list[str]] = {}
    for name, column in table.drop(columns=["x", "y"]).items():
        if pd.api.types.is_numeric_dtype(column):
            values = column.to_numpy()
        else:
            values, different = pd.factorize(column.astype(str))
            texts[str(name)] = different.tolist()
        arrays[f"column.{name}"] = _narrow(values)
    notes = {
        "kind": _KIND,
        "format": _FORMAT_VERSION,
        "level": drawn.level,
        "columns": table.columns.tolist(),
        "texts": texts,
        "run_key": drawn.run_key,
        "run_dataset": drawn.run_dataset,
        "crystals_name": drawn.crystals_name,
        "target_name": drawn.quantity.name,
        "unit": drawn.quantity.unit,
        "n_all": drawn.n_all,
        "seed": drawn.seed,
        "trustworthiness": drawn.trustworthiness,
    }
    save_arrays(path, arrays, notes)


def load_map(path: str | Path, run_key: str | None = None) -> EnvironmentMap:
    """Read a map by its file or by the name of its data set.

    Args:
        path: A file that :func:`save_map` wrote, or the name of a data set whose map is published, such as
            ``materials_project``.
        run_key: The key of the run that the map must belong to; None reads the map of any run.

    Raises:
        DataError: The file is missing, is damaged, does not hold a map, was written by another version, or holds the
            map of another run.
    """
    file = published_map(str(path)) or Path(path)
    arrays, notes = _contents(file)
    try:
        drawn = _map(arrays, notes)
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise DataError(f"{file}: not a whole map ({error})", _WAY_OUT) from error
    if run_key is not None and drawn.run_key != run_key:
        raise DataError(
            f"{file}: the map of run {drawn.run_key[:KEY_LENGTH]} ({drawn.run_dataset}), not of run "
            f"{run_key[:KEY_LENGTH]}",
            "name the map's own run, or draw a map of this run with 'cgcnn map'",
        )
    return drawn


def map_path(drawn: EnvironmentMap, models: Path) -> Path:
    """Return the file in which a map is published; no map of another run or seed has a file of this name.

    Args:
        drawn: A map.
        models: The folder of published checkpoints.

    Returns:
        ``<models>/<data set>/map-<start of the run's key>-seed<seed>.safetensors``.
    """
    return models / drawn.run_dataset / f"map-{drawn.run_key[:KEY_LENGTH]}-seed{drawn.seed}.safetensors"


def published_map(dataset: str) -> Path | None:
    """Return the file of the published map of a data set; None where there is none.

    Args:
        dataset: The name of the data set.

    Raises:
        DataError: Several maps of the set are published.
    """
    folder = models_directory() / dataset
    if Path(dataset).name != dataset or not folder.is_dir():
        return None
    found = sorted(path for path in folder.iterdir() if _PUBLISHED.fullmatch(path.name))
    if len(found) > 1:
        raise DataError(f"{dataset}: {' and '.join(map(str, found))} are published", "name the file")
    return found[0] if found else None


def _narrow(values: np.ndarray) -> np.ndarray:
    """Return integers in the smallest type that holds them, and other numbers as they are."""
    if not np.issubdtype(values.dtype, np.integer):
        return values
    for dtype in (np.int16, np.int32):
        if not len(values) or (np.iinfo(dtype).min <= values.min() and values.max() <= np.iinfo(dtype).max):
            return values.astype(dtype)
    return values


def _contents(file: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Return the arrays and the notes of a map's file, whose seal is checked."""
    try:
        stored = load_arrays(file)
    except FileNotFoundError as error:
        raise DataError(f"{file}: no such file", _WAY_OUT) from error
    except DataError as error:
        raise DataError(error.problem, _WAY_OUT) from error
    except OSError as error:
        raise DataError(f"{file}: cannot be read ({type(error).__name__})", _WAY_OUT) from error
    notes: dict[str, Any] = stored.metadata
    if notes.get("kind") != _KIND:
        raise DataError(f"{file}: holds no map", _WAY_OUT)
    version = notes.get("format")
    if not isinstance(version, int) or version > _FORMAT_VERSION:
        raise DataError(
            f"{file}: its format is version {version}, and this cgcnn reads up to version {_FORMAT_VERSION}",
            "install the newer cgcnn that wrote it",
        )
    # Copies, since the file may be replaced while the map is in use.
    return {name: np.array(array) for name, array in stored.arrays.items()}, notes


def _map(arrays: dict[str, np.ndarray], notes: dict[str, Any]) -> EnvironmentMap:
    """Return the map that a file holds.

    Raises:
        KeyError: A column or a note is missing.
        ValueError: The arrays do not belong together.
    """
    level, vectors, places = notes["level"], arrays["vectors"], arrays["places"]
    columns: dict[str, Any] = {"x": places[:, 0], "y": places[:, 1]}
    for name in notes["columns"]:
        if name not in columns:
            values = arrays[f"column.{name}"]
            texts = notes["texts"].get(name)
            # Numbers of texts are ascending from 0, so that a negative one is of no text.
            columns[name] = values if texts is None else np.array(texts, dtype=object)[values]
    table = pd.DataFrame({name: columns[name] for name in notes["columns"]})
    if level not in get_args(Level) or not set(notes["texts"]) >= _TEXTS[level] or not set(table) >= _NUMBERS[level]:
        raise ValueError("it lacks columns")
    if vectors.ndim != 2 or len(vectors) != len(table):
        raise ValueError("it has another number of vectors than of rows")
    if not (np.isfinite(vectors).all() and np.isfinite(places).all()):
        raise ValueError("a number is not finite")
    return EnvironmentMap(
        level,
        table,
        vectors,
        notes["run_key"],
        notes["run_dataset"],
        notes["crystals_name"],
        Quantity(notes["target_name"], notes["unit"]),
        notes["n_all"],
        notes["seed"],
        notes["trustworthiness"],
    )
