"""The crystals that another implementation trains on are packed with their own neighbors and the book's split."""

from __future__ import annotations

import io
import json
import lzma
from importlib import import_module
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from cgcnn.data.crystals import Crystals
from cgcnn.files.paths import project_root
from cgcnn.training.config import Config
from cgcnn.training.fit import make_split


@pytest.fixture
def errors(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return the script ``benchmarks/errors.py``."""
    monkeypatch.syspath_prepend(project_root() / "benchmarks")
    return import_module("errors")


def test_packed_crystals_have_their_nearest_neighbors_and_the_split_of_the_section_s_runs(
    errors: ModuleType, few: Crystals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    some = few.select(np.arange(40))
    config = Config(n_train=25, n_validation=10)
    monkeypatch.setattr(errors.datasets, "load", lambda _: some)
    monkeypatch.setattr(errors, "paper_config", lambda _: config)
    errors.pack("boron", tmp_path / "boron.npz.xz")
    packed = dict(np.load(io.BytesIO(lzma.decompress((tmp_path / "boron.npz.xz").read_bytes()))))
    split = make_split(some, config)
    for part in ("train", "validation", "test"):
        assert packed[part].tolist() == getattr(split, part).tolist()
    assert packed["n_sites"].tolist() == some.n_sites.tolist()
    assert packed["numbers"].tolist() == some.atomic_numbers.tolist()
    assert packed["targets"].tolist() == some.targets.tolist()
    for crystal in (0, 7, 39):
        structure = some.structure(crystal)
        own = slice(some.site_offsets[crystal], some.site_offsets[crystal + 1])
        found = [sorted(structure.get_neighbors(site, 12), key=lambda one: one.nn_distance)[:12] for site in structure]
        wanted = np.array([[one.nn_distance for one in of_site] for of_site in found])
        assert packed["distances"][own] * 1e-4 == pytest.approx(wanted, abs=6e-5)
        lengths = structure.distance_matrix
        for site, neighbors in enumerate(packed["neighbors"][own]):
            # No image of a neighbor is nearer than the packed distance says.
            shortest = lengths[site, neighbors] * (neighbors != site)
            assert (shortest <= packed["distances"][own][site] * 1e-4 + 1e-4).all()


def test_errors_are_collected_by_set_and_seed(errors: ModuleType, tmp_path: Path) -> None:
    for name, seed in (("materials_project", 0), ("boron", 1), ("boron", 0), ("perovskites", 2)):
        run = {"set": name, "seed": seed, "test_mae_eV_per_atom": 0.1}
        (tmp_path / f"{name}-seed{seed}.json").write_text(json.dumps(run))
    errors.collect(tmp_path, tmp_path / "all.json")
    runs = json.loads((tmp_path / "all.json").read_text())["runs"]
    found = [(run["set"], run["seed"]) for run in runs]
    assert found == [("perovskites", 2), ("boron", 0), ("boron", 1), ("materials_project", 0)]
