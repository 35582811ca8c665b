"""Test data sets that are larger than the memory: they are written part by part, mapped, and trained on."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open

from cgcnn.data.crystals import Crystals
from cgcnn.errors import DataError
from cgcnn.files.arrays import load_arrays, save_arrays, save_parts
from cgcnn.files.seals import SEAL, check_seal
from cgcnn.graphs.crystal_graphs import _shifted, build

_TRAIN_IN_LITTLE_MEMORY = """
import resource, sys
from pathlib import Path
import numpy as np, torch
from cgcnn.graphs import crystal_graphs
from cgcnn.training import loop
from cgcnn.training.checkpoints import Checkpoints
from cgcnn.training.config import Config
from cgcnn.data.crystals import pack
from cgcnn.data.quantity import Quantity
from cgcnn.training.start import random_start
from cgcnn.data.splits import Split
from cgcnn.files.arrays import load_arrays

torch.set_num_threads(1)
loop._SECONDS_BETWEEN_CHECKPOINTS = 0.0  # one after every epoch, on slow machines and fast ones
config = Config(epochs=1, batch_size=512, width=8, n_convolutions=1)
def run(path, n):
    mapped = crystal_graphs.CrystalGraphs(**load_arrays(Path(path)).arrays)
    order = np.random.default_rng(0).permutation(len(mapped))
    split = Split(order[:n], order[n:n + 100], order[:0])
    start = random_start(mapped.targets[split.train], config)
    checkpoints = Checkpoints(Path(path).parent, Path(path).stem)
    energy = Quantity("energy", "eV/atom")
    return loop.train(start, mapped, split, config, energy, torch.device("cpu"), checkpoints)
run(sys.argv[1], 200)  # allocates everything that is allocated only once: compiled kernels, threads, buffers
used = int(next(l for l in open("/proc/self/status") if l.startswith("VmData")).split()[1]) * 1024
limit = used + int(sys.argv[3])
resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
try:
    np.ones(Path(sys.argv[2]).stat().st_size, np.uint8)
except MemoryError:
    print("does not fit")
_, history, _ = run(sys.argv[2], 200_000)
print("finished", float(history["validation_mae"].iloc[-1]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the memory that a process may write to")
def test_a_training_on_more_data_than_it_has_memory_for_finishes(few: Crystals, tmp_path: Path) -> None:
    parts = [build(few)] * 1000
    small, large = tmp_path / "small.safetensors", tmp_path / "large.safetensors"
    save_arrays(small, parts[0].arrays(), {})
    save_parts(large, _shifted(parts), {})
    allowed = 32 * 2**20
    assert large.stat().st_size > 4 * allowed
    command = [sys.executable, "-c", _TRAIN_IN_LITTLE_MEMORY, str(small), str(large), str(allowed)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    said, finished = result.stdout.splitlines()
    assert said == "does not fit"
    assert np.isfinite(float(finished.split()[1]))


def test_arrays_written_in_parts_are_those_written_at_once(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    whole: dict[str, np.ndarray] = {
        "a": rng.normal(size=(70, 3)),
        "b": rng.integers(0, 200, 70).astype(np.uint8),
        "c": np.empty(0, np.int32),
    }
    parts = [{name: array[start : start + 7] for name, array in whole.items()} for start in range(0, 70, 7)]
    save_arrays(tmp_path / "one", whole, {"x": 1})
    save_parts(tmp_path / "two", parts, {"x": 1})
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "two"]
    read = load_arrays(tmp_path / "two")
    assert read.metadata == {"x": 1}
    for name, array in whole.items():
        assert np.array_equal(read.arrays[name], array)
        assert not read.arrays[name].flags.writeable or array.size == 0


def test_arrays_are_readable_by_the_format_s_own_library(tmp_path: Path) -> None:
    whole: dict[str, np.ndarray] = {"a": np.arange(5, dtype=np.uint8), "b": np.arange(6.0).reshape(2, 3)}
    save_arrays(tmp_path / "one", whole, {"x": 1})
    with safe_open(tmp_path / "one", "np") as stream:
        assert {name: stream.get_tensor(name).tolist() for name in stream.keys()} == {  # noqa: SIM118  # not a dict
            name: array.tolist() for name, array in whole.items()
        }
        assert stream.metadata() == {"metadata": '{"x": 1}', SEAL: check_seal(tmp_path / "one", "try again")}


def test_a_failure_between_parts_leaves_nothing_behind(tmp_path: Path) -> None:
    def parts() -> Iterator[dict[str, np.ndarray]]:
        yield {"a": np.arange(5)}
        raise DataError("the second part cannot be made", "make it")

    with pytest.raises(DataError, match="second part"):
        save_parts(tmp_path / "one", parts(), {})
    assert not list(tmp_path.iterdir())


def test_what_a_killed_process_left_of_its_parts_is_removed_by_a_later_write(tmp_path: Path) -> None:
    left: list[Path] = []

    def parts() -> Iterator[dict[str, np.ndarray]]:
        yield {"a": np.arange(5)}
        (scratch,) = tmp_path.iterdir()
        left.append(tmp_path / f"{scratch.name}-of-a-killed-process")
        shutil.copytree(scratch, left[0])

    save_parts(tmp_path / "one.safetensors", parts(), {})
    assert left[0].is_dir(), "it may belong to a running process"
    os.utime(left[0], (0, 0))
    save_arrays(tmp_path / "one.safetensors", {"a": np.arange(5)}, {})
    assert [path.name for path in tmp_path.iterdir()] == ["one.safetensors"]
