"""Damage files at random: one bit flipped, cut short or emptied. Whatever is read afterwards is as it was written."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from cgcnn.analysis import environment_map
from cgcnn.analysis.map_files import load_map, save_map
from cgcnn.data import datasets
from cgcnn.data.crystals import Crystals
from cgcnn.errors import DataError
from cgcnn.files.paths import models_directory, run_store_directory
from cgcnn.graphs.crystal_graphs import load_or_build
from cgcnn.training.config import Config
from cgcnn.training.fit import fit
from cgcnn.training.runs import Run, save_run
from cgcnn.training.store import load_run, stored_run_path
from tests.test_checkpoints import stop_at
from tests.trust.record import record_fault

pytestmark = pytest.mark.trust
_REFUSED = "The file is refused in one line that names it."


@dataclass
class Kind:
    """Files of one kind, and how they are used.

    Attributes:
        name: What the files are, for the record.
        promise: What becomes of the work where such a file is damaged.
        files: The whole files.
        use: The function that uses one of the files, and returns all that came of it as bytes.
        seed: The seed of the damages.
        is_refused: Whether a damaged file is refused by an error; otherwise the work goes on without it.
    """

    name: str
    promise: str
    files: list[Path]
    use: Callable[[Path], bytes]
    seed: int
    is_refused: bool = False

    def damage(self, n_flips: int, n_cuts: int) -> None:
        """Damage the files, record how often that was believed or not survived, and fail where it ever was."""
        whole = {path: path.read_bytes() for path in self.files}
        expected = {path: self.use(path) for path in self.files}
        rng = np.random.default_rng(self.seed)
        for what, damages in (("one bit of {} flipped", _flips(rng, n_flips)), ("{} cut short or emptied", _cuts(rng))):
            n_tries = n_flips if "flipped" in what else n_cuts
            wrong, began = [], time.monotonic()
            for _, damaged in zip(range(n_tries), damages, strict=False):
                path = self.files[rng.integers(len(self.files))]
                place, content = damaged(whole[path])
                for each in self.files:
                    _put(each, content if each == path else whole[each])
                try:
                    if self.use(path) != expected[path]:
                        wrong.append(f"{path.name}, {place}: believed")
                except Exception as error:  # any other than the refusal breaks the promise
                    said = str(error)
                    if not (self.is_refused and isinstance(error, DataError) and f"{path}: " in said) or "\n" in said:
                        wrong.append(f"{path.name}, {place}: {error!r}")
            for each in self.files:
                _put(each, whole[each])
            fault = what.format(self.name)
            record_fault(fault, n_tries, len(wrong), self.promise, time.monotonic() - began)
            assert not wrong, f"{fault}: {wrong[:5]}"


def _flips(rng: np.random.Generator, n: int) -> Iterator[Callable[[bytes], tuple[str, bytes]]]:
    """Yield functions that flip one bit; a quarter of them in the first 2 kB, where the header is."""

    def flip(whole: bytes) -> tuple[str, bytes]:
        end = min(2048, len(whole)) if rng.random() < 0.25 else len(whole)
        place, bit = int(rng.integers(end)), int(rng.integers(8))
        return f"bit {bit} of byte {place}", whole[:place] + bytes([whole[place] ^ (1 << bit)]) + whole[place + 1 :]

    for _ in range(n):
        yield flip


def _cuts(rng: np.random.Generator) -> Iterator[Callable[[bytes], tuple[str, bytes]]]:
    """Yield functions that empty a file, take its last byte, and then cut it at random lengths."""
    yield lambda _: ("emptied", b"")
    yield lambda whole: ("its last byte is gone", whole[:-1])

    def cut(whole: bytes) -> tuple[str, bytes]:
        length = int(rng.integers(len(whole)))
        return f"cut to {length} bytes", whole[:length]

    while True:
        yield cut


def _put(path: Path, content: bytes) -> None:
    """Put a file in the place of another one, whose bytes may still be mapped into memory."""
    new = path.with_name(f"new-{path.name}")
    new.write_bytes(content)
    new.replace(path)


def test_no_damage_of_a_finished_run_is_believed(run: Run, tmp_path: Path) -> None:
    patterns = ("boron/better-24-random-3038-seed0-*", "materials_project/paper-random-341-seed0-*")
    for pattern in patterns:
        (path,) = models_directory().glob(f"{pattern}.safetensors")
        (tmp_path / path.name).write_bytes(path.read_bytes())
    save_run(run, tmp_path / "run.safetensors")

    def use(path: Path) -> bytes:
        read = load_run(path)
        save_run(read, tmp_path / "again")
        return (tmp_path / "again").read_bytes()

    files = sorted(tmp_path.glob("*.safetensors"))
    Kind("a finished run", _REFUSED, files, use, 1, is_refused=True).damage(2000, 200)


def test_no_damage_of_a_map_is_believed(run: Run, few: Crystals, tmp_path: Path) -> None:
    path = tmp_path / "map.safetensors"
    save_map(environment_map.draw(run, few, n_points=200), path)

    def use(path: Path) -> bytes:
        save_map(load_map(path), tmp_path / "again")
        return (tmp_path / "again").read_bytes()

    Kind("a map", _REFUSED, [path], use, 2, is_refused=True).damage(1000, 200)


def test_no_damage_of_packed_crystals_is_believed(
    few: Crystals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CGCNN_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "folder"
    folder.mkdir()
    for crystal in range(4):
        few.structure(crystal).to(filename=str(folder / f"c{crystal}.cif"))
    (folder / "id_prop.csv").write_text("".join(f"c{crystal},{few.targets[crystal]}\n" for crystal in range(4)))

    def use(path: Path) -> bytes:
        crystals = datasets.load(folder, target="energy", unit="eV/atom", per="atom")
        arrays = {name: array.tobytes() for name, array in crystals.arrays().items()}
        labels = np.asarray(crystals.site_labels).tolist()
        return repr((arrays, crystals.ids, crystals.name, str(crystals.quantity), labels)).encode() + path.read_bytes()

    assert len(datasets.load(folder, target="energy", unit="eV/atom", per="atom")) == 4
    (path,) = (tmp_path / "cache" / "crystals").glob("*.safetensors")
    promise = "The file is set aside, and the crystals are read again from their own files."
    Kind("a cache of crystals", promise, [path], use, 3).damage(500, 100)


def test_no_damage_of_graphs_is_believed(few: Crystals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CGCNN_CACHE", str(tmp_path))
    crystals = few.select(range(10))
    assert len(load_or_build(crystals)) == 10
    (path,) = (tmp_path / "graphs").glob("*.safetensors")

    def use(path: Path) -> bytes:
        return load_or_build(crystals).digest.encode() + path.read_bytes()

    promise = "The file is set aside, and the graphs are built again."
    Kind("a cache of graphs", promise, [path], use, 4).damage(500, 100)


@pytest.fixture
def tiny(few: Crystals) -> tuple[Crystals, Config]:
    """Return crystals and parameters of a training of 4 epochs with 5 batches each, which takes a tenth of a second."""
    crystals = few.select(range(60))
    return crystals, Config(epochs=4, batch_size=8, width=8, n_convolutions=1, averaging=0.9)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny: tuple[Crystals, Config]) -> Path:
    """Return an empty run store whose cache has the graphs of the crystals."""
    load_or_build(tiny[0])
    graphs = Path(os.environ["CGCNN_CACHE"]) / "graphs"
    monkeypatch.setenv("CGCNN_CACHE", str(tmp_path))
    (tmp_path / "graphs").symlink_to(graphs)
    run_store_directory().mkdir()
    return run_store_directory()


def test_no_damage_of_a_stored_run_changes_what_is_trained_anew(store: Path, tiny: tuple[Crystals, Config]) -> None:
    path = stored_run_path(fit(*tiny, device="cpu").key)

    def use(path: Path) -> bytes:
        save_run(fit(*tiny, device="cpu"), store.parent / "again")
        return (store.parent / "again").read_bytes() + path.read_bytes()

    promise = "The file is set aside, and the run is trained again, to the same bit."
    Kind("a run of the run store", promise, [path], use, 5).damage(200, 40)


def test_no_damage_of_a_checkpoint_changes_the_network(
    store: Path, tiny: tuple[Crystals, Config], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = stored_run_path(fit(*tiny, device="cpu").key)
    expected = whole.read_bytes()
    whole.unlink()
    for step in (7, 6):
        stop_at(monkeypatch, step, lambda: fit(*tiny, device="cpu"))
    files = sorted(store.iterdir())
    assert len(files) == 2, "the newest checkpoint and the one before"

    def use(_: Path) -> bytes:
        whole.unlink(missing_ok=True)
        fit(*tiny, device="cpu")
        return whole.read_bytes()

    kind = Kind("a checkpoint", "The training goes on to the same network, to the bit.", files, use, 6)
    kind.damage(600, 100)
    assert use(files[0]) == expected, "nothing is damaged, and the training was not ended without a word"
