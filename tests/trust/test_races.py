"""Six processes do the same work in the same folder at the same moment: each has the whole right result."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.trust.record import record_fault

pytestmark = pytest.mark.trust

_ROUNDS = 25
_PROMISES = {
    "build": ("the same cache file built by six processes at once", "Each has the whole right arrays."),
    "build damaged": ("the same damaged cache file found by six processes at once", "Each has the whole right arrays."),
    "save": ("the same run written and read by six processes at once", "No reader sees a part of a file."),
    "publish": ("the same run published by six processes at once", "Each finds the whole run published."),
    "publish damaged": (
        "the same damaged published file replaced by six processes at once",
        "Each finds the whole run published.",
    ),
    "train": (
        "the same run trained by six processes in one run store",
        "One trains, the others wait for it, and all have the same run to the bit.",
    ),
    "train damaged": (
        "the same damaged run found by six processes in one run store",
        "It is set aside and trained anew, and all have the same run to the bit.",
    ),
    "train killed": (
        "the same run trained by six processes, five of which are killed",
        "The last one goes on from the checkpoint of a killed one, and has the same run to the bit.",
    ),
}


def test_processes_that_do_the_same_at_once_do_not_spoil_it(tmp_path: Path) -> None:
    # A process cannot fork once GNU's OpenMP has run in it. Numba's own threads do not mind, and give the same bits.
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1", "NUMBA_THREADING_LAYER": "workqueue"}
    command = [sys.executable, "-m", "tests.trust.racing_processes", str(tmp_path), str(_ROUNDS), "0"]
    result = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert result.returncode == 0, result.stderr[-5000:]
    found = json.loads(result.stdout)
    assert found.keys() == _PROMISES.keys()
    for kind, (fault, promise) in _PROMISES.items():
        record_fault(fault, found[kind]["tries"], len(found[kind]["wrong"]), promise, found[kind]["seconds"])
    assert {kind: each["wrong"] for kind, each in found.items() if each["wrong"]} == {}, result.stderr[-5000:]
    assert found["train"]["trainings"] == _ROUNDS
