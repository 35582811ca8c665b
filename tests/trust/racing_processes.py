"""Let several processes do the same work in the same folder at the same moment, and say what went wrong.

``python -m tests.trust.racing_processes FOLDER ROUNDS SEED`` is a process of its own with one thread. It forks the
racing processes of each round, and prints one JSON object with an entry for each kind of work.
"""

from __future__ import annotations

import json
import logging
import mmap
import os
import random
import shutil
import signal
import struct
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cgcnn.data import datasets
from cgcnn.data.crystals import Crystals
from cgcnn.graphs.crystal_graphs import load_or_build
from cgcnn.training import loop
from cgcnn.training.config import Config
from cgcnn.training.fit import fit
from cgcnn.training.runs import Run, read_run, save_run
from cgcnn.training.store import publish, published_path
from tests.trust.killed_trainings import forget_shared_lock

_PROCESSES = 6
_LONGEST_SECONDS = 120.0


@dataclass(frozen=True)
class _Race:
    """What is raced for.

    Attributes:
        crystals: The data of all work.
        run: The run on them.
        content: The bytes of its file.
        graphs: The digest of their graphs.
    """

    crystals: Crystals
    run: Run
    content: bytes
    graphs: str

    def build(self, _: Path) -> None:
        """Build the graphs, or find them in the cache."""
        assert load_or_build(self.crystals).digest == self.graphs

    def save(self, place: Path) -> None:
        """Write the run to one file, and read whole runs from it all the time."""
        for _ in range(5):
            save_run(self.run, place / "run.safetensors")
            assert read_run(place / "run.safetensors").key == self.run.key
        assert (place / "run.safetensors").read_bytes() == self.content

    def publish(self, place: Path) -> None:
        """Publish the run."""
        assert publish(self.run, place / "models").read_bytes() == self.content

    def train(self, place: Path) -> None:
        """Train the run, or wait for it."""
        found = fit(self.crystals, self.run.config, device="cpu")
        save_run(found, place / f"{os.getpid()}.safetensors")
        assert (place / f"{os.getpid()}.safetensors").read_bytes() == self.content


def main(folder: Path, rounds: int, seed: int) -> dict[str, dict[str, Any]]:
    """Return for each kind of work how many processes raced, and what went wrong."""
    chance = random.Random(seed)
    # Messages go to the log. Else tqdm writes them, under a lock that all forks share, and a killed one would keep it.
    logging.getLogger("cgcnn").setLevel(logging.WARNING)
    os.environ["CGCNN_CACHE"] = str(folder / "cache")
    few = datasets.load("perovskites-embedded").select(np.arange(60))
    run = fit(few, Config(epochs=3, batch_size=8, width=8, n_convolutions=1), device="cpu")
    stored = folder / "cache" / "runs" / f"{run.key}.safetensors"
    (graphs,) = (folder / "cache" / "graphs").glob("*.safetensors")
    race = _Race(few, run, stored.read_bytes(), load_or_build(few).digest)
    kinds: dict[str, tuple[Callable[[Path], None], Callable[[Path], None], bool]] = {
        "build": (race.build, lambda _: None, False),
        "build damaged": (race.build, lambda place: _damage(graphs, place / "graphs" / graphs.name), False),
        "save": (race.save, lambda _: None, False),
        "publish": (race.publish, lambda _: None, False),
        "publish damaged": (race.publish, lambda place: _damage(stored, published_path(run, place / "models")), False),
        "train": (race.train, lambda place: _copy(graphs, place / "graphs"), False),
        "train damaged": (race.train, lambda place: _damage(stored, place / "runs" / stored.name), False),
        "train killed": (race.train, lambda place: _copy(graphs, place / "graphs"), True),
    }
    found = {}
    for kind, (work, prepare, kill) in kinds.items():
        began, tries, trainings, wrong = time.monotonic(), 0, 0, list[str]()
        for number in range(rounds):
            place = folder / kind.replace(" ", "-") / str(number)
            place.mkdir(parents=True)
            prepare(place)
            done, n_trainings = _race(work, place, chance if kill else None)
            tries += _PROCESSES
            trainings += n_trainings
            wrong += [f"round {number}: {each}" for each in done]
            if kind == "train" and n_trainings != 1:
                wrong.append(f"round {number}: trained {n_trainings} times")
            store = place / "runs"
            left = {path.name for path in store.iterdir() if path.name[0] != "."} if store.exists() else set()
            # A lock that a killed process left holds nobody up, and goes with the next one who takes it.
            if left - {stored.name, f"{stored.name}.set-aside", *([f"{run.key}.lock"] if kill else [])}:
                wrong.append(f"round {number}: left {sorted(left)}")
            shutil.rmtree(place)
        found[kind] = {"tries": tries, "trainings": trainings, "wrong": wrong, "seconds": time.monotonic() - began}
    return found


def _copy(file: Path, folder: Path) -> None:
    folder.mkdir()
    shutil.copy(file, folder)


def _damage(file: Path, copy: Path) -> None:
    """Copy a file, with one bit flipped."""
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 4
    copy.parent.mkdir(parents=True)
    copy.write_bytes(content)


def _race(work: Callable[[Path], None], place: Path, chance: random.Random | None) -> tuple[list[str], int]:
    """Let children do the work, and return what went wrong, and how often a network was trained.

    Args:
        work: What each child does.
        place: The cache folder of all children.
        chance: Kills all children but one at random moments; None kills none.
    """
    memory = mmap.mmap(-1, 8 * (1 + _PROCESSES))  # whether the race has begun, and how often each child has trained
    children = []
    for number in range(_PROCESSES):
        child = os.fork()
        if child == 0:
            _run(work, place, memory, number)
        children.append(child)
    struct.pack_into("q", memory, 0, 1)
    killed = children[1:] if chance else []
    for child in killed:
        time.sleep(chance.uniform(0, 0.2) if chance else 0)
        os.kill(child, signal.SIGKILL)
    ends, wrong = time.monotonic() + _LONGEST_SECONDS, []
    for child in children:
        status = None
        while status is None:
            ended, code = os.waitpid(child, os.WNOHANG)
            if ended:
                status = os.waitstatus_to_exitcode(code)
            elif time.monotonic() > ends:
                os.kill(child, signal.SIGKILL)
                wrong.append("a process hangs")
                ends += 1
            time.sleep(0.001)
        if status and child not in killed:
            wrong.append(f"exit code {status}")
    return wrong, sum(struct.unpack_from(f"{1 + _PROCESSES}q", memory)[1:])


def _run(work: Callable[[Path], None], place: Path, memory: mmap.mmap, number: int) -> None:
    """Do the work as a child when the race begins, and end the process."""
    code = 1
    try:
        os.environ["CGCNN_CACHE"] = str(place)
        forget_shared_lock()
        sys.modules["cgcnn.training.fit"]._SECONDS_BETWEEN_LOOKS = 0.01  # type: ignore[attr-defined]
        loop._SECONDS_BETWEEN_CHECKPOINTS = 0.0
        train = loop.train

        def counted(*arguments: Any) -> Any:
            (before,) = struct.unpack_from("q", memory, 8 * (1 + number))
            struct.pack_into("q", memory, 8 * (1 + number), before + 1)
            return train(*arguments)

        loop.train = counted  # type: ignore[assignment]  # it hands everything through
        while not struct.unpack_from("q", memory)[0]:
            time.sleep(0.0001)
        work(place)
        code = 0
    except BaseException:  # a child tells its parent of any error by its exit code
        traceback.print_exc()
    finally:
        os._exit(code)


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
