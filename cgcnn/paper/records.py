"""What was measured once by the scripts in ``benchmarks/``, and is not measured again by the notebooks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cgcnn.errors import DataError
from cgcnn.files.paths import project_root


def read_record(name: str, path: str | Path = "") -> dict[str, Any]:
    """Return the record of a benchmark.

    Args:
        name: The name of the record, such as ``results``, which ``benchmarks/results.json`` holds.
        path: Another JSON file; empty for that of this project.

    Raises:
        DataError: The file is not there.
    """
    file = Path(path) if path else project_root() / "benchmarks" / f"{name}.json"
    if not file.is_file():
        raise DataError(f"{file}: not there", "run the script of this name in benchmarks/, which writes it")
    record: dict[str, Any] = json.loads(file.read_text())
    return record
