"""Damage 50,000 good files and thousands of random crystals, and count what breaks a promise."""

from __future__ import annotations

import contextlib
import itertools
import logging
import resource
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.damages import BOMBS, damaged
from tests.fuzzed_folders import damaged_folder, wrong_with_command, wrong_with_folder
from tests.good_texts import STRUCTURES
from tests.graph_promises import (
    BOUND,
    difference_from_literal_search,
    difference_when_merged,
    difference_when_rewritten,
    sites_merged_across_crystals,
)
from tests.promises import broken_promise, wrong_with_file
from tests.random_cifs import random_cif
from tests.random_crystals import random_crystal
from tests.transformations import REWRITINGS
from tests.trust.record import record_fault

pytestmark = pytest.mark.trust

# 50,000 in all.
_FILES_PER_FORMAT, _CIFS, _FOLDERS, _COMMANDS = 8_500, 6_000, 1_200, 300
# No campaign may need more memory above what it began with, in bytes.
_MOST_MEMORY = 2**30


@contextlib.contextmanager
def _bounded_memory() -> Iterator[None]:
    """Make whatever asks for more than a gigabyte of further memory fail, which is an error of the campaign."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (used + _MOST_MEMORY, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


class _Tally:
    """What was tried, and what went wrong, with the seed that repeats it."""

    def __init__(self) -> None:
        self.tries: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.begun = time.perf_counter()

    def add(self, kind: str, seed: object, wrong: str | None) -> None:
        """Count one try."""
        self.tries[kind] += 1
        if wrong is not None:
            self.wrong.append(f"{kind}, seed {seed}: {wrong}")

    def record(self, fault: str, promise: str) -> None:
        """Write the campaign into the record, and fail where something went wrong."""
        print(fault, dict(self.tries), f"{time.perf_counter() - self.begun:.0f} s", *self.wrong[:50], sep="\n")
        record_fault(fault, sum(self.tries.values()), len(self.wrong), promise, time.perf_counter() - self.begun)
        assert not self.wrong, "\n".join(self.wrong[:50])


def test_50_000_damaged_texts_give_crystals_or_errors_in_one_line(
    tmp_path: Path, run_file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CGCNN_CACHE", str(tmp_path / "cache"))
    logging.getLogger("cgcnn").setLevel(logging.CRITICAL)
    tally = _Tally()
    with _bounded_memory():
        _damage_files(tally, tmp_path)
        _write_cifs(tally, tmp_path)
        _damage_folders(tally, tmp_path)
        _run_commands(tally, tmp_path, run_file)
    assert sum(tally.tries.values()) >= 50_000
    tally.record(
        "a damaged text",
        "A structure file, a table or a folder gives sound crystals, the same ones each time, or errors in one line "
        "that name it, within 10 seconds and a gigabyte.",
    )


def _damage_files(tally: _Tally, place: Path) -> None:
    for kind, (file_name, texts) in STRUCTURES.items():
        path = place / file_name
        for bomb, text in itertools.product(BOMBS.values(), texts[:1]):
            for whole in (bomb + text, text + bomb):
                path.write_text(whole)
                tally.add(kind, f"the bomb {bomb[:30]!r}", broken_promise(wrong_with_file, path))
        for seed in range(_FILES_PER_FORMAT):
            rng = Random(f"{kind} {seed}")
            path.write_bytes(damaged(rng.choice(texts), rng))
            tally.add(kind, seed, broken_promise(wrong_with_file, path))


def _write_cifs(tally: _Tally, place: Path) -> None:
    path = place / "random.cif"
    for seed in range(_CIFS):
        rng = Random(f"random CIF {seed}")
        text = random_cif(rng)
        path.write_bytes(damaged(text, rng) if seed % 4 == 0 else text.encode())
        tally.add("random CIF", seed, broken_promise(wrong_with_file, path))


def _damage_folders(tally: _Tally, place: Path) -> None:
    for seed in range(_FOLDERS):
        folder = damaged_folder(place, Random(f"folder {seed}"))
        tally.add("folder", seed, broken_promise(wrong_with_folder, folder))


def _run_commands(tally: _Tally, place: Path, run_file: str) -> None:
    for seed in range(_COMMANDS):
        folder = damaged_folder(place, Random(f"command {seed}"))
        words = (["data", "check", str(folder)], ["predict", run_file, str(folder)])[seed % 2]
        tally.add("command", seed, broken_promise(wrong_with_command, words))


def test_graphs_of_thousands_of_random_crystals_are_those_of_a_literal_search() -> None:
    tally = _Tally()
    for seed in range(3_000):
        difference = difference_from_literal_search(random_crystal(Random(seed)))
        tally.add("neighbors", seed, f"{difference:g}" if not difference < 1e-8 else None)
    tally.record(
        "a random lattice against brute force",
        "Neighbors, ties and weights are those of a search through all images.",
    )


def test_thousands_of_random_crystals_have_one_energy_however_they_are_written() -> None:
    tally = _Tally()
    for seed in range(300):
        structure = random_crystal(Random(seed))
        for rewrite in REWRITINGS:
            difference = difference_when_rewritten(structure, rewrite, seed, 2.0 * (seed % 2), seed % 3 > 0)
            tally.add(rewrite.__name__, seed, f"{difference:g} eV" if not difference < BOUND else None)
        is_merged = sites_merged_across_crystals(structure)
        tally.add("two crystals", seed, "their sites are merged" if is_merged else None)
    tally.record(
        "a crystal written in another way",
        f"The energy per atom and the energies of all sites stay the same within {BOUND:.5f} eV.",
    )


def test_merged_graphs_of_random_crystals_give_the_values_and_gradients_of_full_ones() -> None:
    tally = _Tally()
    for seed in range(200):
        rng = Random(seed)
        difference = difference_when_merged(*(random_crystal(rng) for _ in range(6)), angles=seed % 2 > 0)
        tally.add("merged", seed, f"{difference:g}" if not difference < 1e-6 else None)
    tally.record(
        "a merged graph against the full one",
        "Values and gradients of merged graphs are those of the full ones, to a millionth.",
    )
