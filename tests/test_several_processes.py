"""Several processes with run stores of their own: they go on together, refuse together, and none waits for another."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from cgcnn.data.crystals import Crystals
from cgcnn.files.arrays import save_arrays

pytestmark = pytest.mark.slow

# What each process does; its cache is a folder of its own. The results are those of each step by its name.
_TRAIN = """
import json, logging, os, signal, sys
from pathlib import Path
folder, rank = Path(sys.argv[1]), os.environ["RANK"]
os.environ["CGCNN_CACHE"] = str(folder / f"cache-{rank}")
from cgcnn.data.crystals import from_arrays
from cgcnn.errors import DataError
from cgcnn.files.arrays import load_arrays
from cgcnn.machine import processes
from cgcnn.machine.interrupts import Interrupted
from cgcnn.training import steps as training_steps
from cgcnn.training.config import Config
from cgcnn.training.fit import fit
from cgcnn.training.runs import run_key
from cgcnn.training.store import stored_run_path

lines = []
logger = logging.getLogger("cgcnn")
logger.setLevel("INFO")
handler = logging.Handler()
handler.emit = lambda record: lines.append(record.getMessage())
logger.addHandler(handler)
few = from_arrays(load_arrays(folder / "few.safetensors"))
config = Config(epochs=3, batch_size=37, width=16, n_convolutions=2)
found, steps, backward = {}, 0, training_steps.backward

def interrupted_backward(*arguments):
    global steps
    steps += 1
    if steps == 7 and rank == "1":
        os.kill(os.getpid(), signal.SIGINT)
    return backward(*arguments)

def attempt(name, config, **options):
    lines.clear()
    try:
        run = fit(few, config, device="cpu", **options)
        result = [run.validation_mae, run.n_processes]
    except (DataError, Interrupted) as error:
        result = [type(error).__name__, str(error)]
    found[name] = {"result": result, "lines": list(lines), "steps": steps}

own = stored_run_path(run_key(few, config))
with processes.joined("cpu"):
    attempt("whole", config)
    whole = own.read_bytes() if own.exists() else b""
    training_steps.backward = interrupted_backward
    attempt("interrupted", config, retrain=True)
    training_steps.backward = backward
    if own.exists():
        own.unlink()
    attempt("resumed", config)
    found["same"] = (own.read_bytes() if own.exists() else b"") == whole
    found["stored"] = own.exists()
    attempt("known", config)
    attempt("different", config.replace(seed=int(rank)))
    def broken(*_):
        raise DataError("a file that only process 1 lacks", "find it")
    if rank == "1":
        sys.modules["cgcnn.training.fit"].make_split = broken
    attempt("wrong", config.replace(seed=3))
(folder / f"{rank}.json").write_text(json.dumps(found))
"""

# The command line in each process, of which process 1 is sent a signal in its fourth step.
_COMMAND = """
import os, signal, sys
os.environ["CGCNN_CACHE"] = f"{sys.argv[1]}/cache-{os.environ['RANK']}"
from cgcnn.__main__ import main
from cgcnn.training import steps as training_steps
steps, backward = 0, training_steps.backward
def ended(*arguments):
    global steps
    steps += 1
    if steps == 4 and os.environ["RANK"] == "1":
        os.kill(os.getpid(), int(sys.argv[2]))
    return backward(*arguments)
training_steps.backward = ended
sys.exit(main(sys.argv[3:]))
"""


def launch(script: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a script in two processes of torchrun."""
    path = folder / "script.py"
    path.write_text(script)
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    command = [*launcher, str(path), str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)


@pytest.fixture(scope="module")
def done(few: Crystals, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Return what the two processes found."""
    folder = tmp_path_factory.mktemp("together")
    save_arrays(folder / "few.safetensors", few.arrays(), few.notes())
    result = launch(_TRAIN, folder)
    assert result.returncode == 0, result.stderr
    return [json.loads((folder / f"{rank}.json").read_text()) for rank in (0, 1)]


def test_an_interrupt_of_one_process_ends_all_and_they_go_on_together_to_the_same_file(
    done: list[dict[str, Any]],
) -> None:
    for each in done:
        kind, said = each["interrupted"]["result"]
        assert kind == "Interrupted"
        assert "after batch 2 of 5 of epoch 2" in said
        assert each["interrupted"]["steps"] == 7
        assert each["resumed"]["result"] == each["whole"]["result"] == done[0]["whole"]["result"]
        assert each["same"]
    assert done[0]["whole"]["result"][1] == 2
    assert [each["stored"] for each in done] == [True, False]  # each has a run store, and process 0 alone writes
    assert any("resuming run" in line for line in done[0]["resumed"]["lines"])


def test_a_run_that_only_process_0_knows_is_returned_in_all(done: list[dict[str, Any]]) -> None:
    assert [each["known"]["result"] for each in done] == [done[0]["whole"]["result"]] * 2
    assert any("found run" in line for line in done[0]["known"]["lines"])
    assert done[1]["known"]["lines"] == []


def test_processes_with_different_parameters_all_refuse_and_process_0_alone_tells(done: list[dict[str, Any]]) -> None:
    kinds, said = zip(*(each["different"]["result"] for each in done), strict=True)
    assert kinds == ("DataError", "ToldElsewhereError")
    assert said[0] == said[1]
    assert said[0].startswith("the processes have different crystals or parameters (runs ")


def test_an_error_of_one_process_ends_all(done: list[dict[str, Any]]) -> None:
    kinds, said = zip(*(each["wrong"]["result"] for each in done), strict=True)
    assert kinds == ("DataError", "ToldElsewhereError")
    assert set(said) == {"a file that only process 1 lacks; find it"}


@pytest.mark.parametrize(("number", "line"), [(2, "the same command goes on from there"), (9, "")])
def test_when_one_process_is_interrupted_or_killed_the_command_ends_within_seconds(
    number: int, line: str, tmp_path: Path
) -> None:
    options = ["perovskites-embedded", "--device=cpu", "--training-size=64", "--batch-size=16", "--width=8"]
    began = time.monotonic()
    result = launch(_COMMAND, tmp_path, str(number), "train", *options, "--epochs=1000", "--n-convolutions=1")
    assert time.monotonic() - began < 60
    assert result.returncode != 0
    assert result.stderr.count("stopped the training of run") == (1 if line else 0)
    assert line in result.stderr
