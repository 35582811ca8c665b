"""500 kills and 100 interrupts of trainings at random moments: no more is lost than promised, and nothing is wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.trust.record import record_fault, record_part

pytestmark = pytest.mark.trust

_KILLS, _INTERRUPTS = 500, 100


@pytest.mark.parametrize(
    ("how", "tries", "fault", "promise"),
    [
        (
            "kill",
            _KILLS,
            "training killed at a random moment (SIGKILL)",
            "The same command goes on from the last checkpoint that was written, to the same file to the bit, "
            "and nothing has to be deleted.",
        ),
        (
            "interrupt",
            _INTERRUPTS,
            "training interrupted at a random moment (Ctrl-C or SIGTERM)",
            "At most one batch is lost, and the same command goes on to the same file to the bit.",
        ),
    ],
)
def test_a_training_that_is_ended_again_and_again_gives_the_file_of_one_that_is_not(
    how: str, tries: int, fault: str, promise: str, tmp_path: Path
) -> None:
    began = time.monotonic()
    # A process cannot fork once GNU's OpenMP has run in it. Numba's own threads do not mind, and give the same bits.
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1", "NUMBA_THREADING_LAYER": "workqueue"}
    command = [sys.executable, "-m", "tests.trust.killed_trainings", str(tmp_path), str(tries), "0", how]
    result = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert result.returncode == 0, result.stderr[-5000:]
    found = json.loads(result.stdout)
    seconds = time.monotonic() - began
    record_fault(fault, found["tries"], len(found["wrong"]), promise, seconds)
    record_part(f"{how}s", {name: found[name] for name in ("tries", "trainings", "stages", "steps_lost")})
    assert found["wrong"] == []
    assert found["tries"] >= tries
    # The moments are random, and there are so many kills that all of these were hit.
    hit = {"training", "writing a checkpoint"} | ({"after the training", "writing the run"} if how == "kill" else set())
    assert hit <= found["stages"].keys()
