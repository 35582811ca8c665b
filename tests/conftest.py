"""Provide fixtures: a cache of the tests' own, crystals of the embedded data, a quick run, and the public data."""

from __future__ import annotations

import os
from collections.abc import Iterator

import numpy as np
import pytest

from cgcnn.data import datasets
from cgcnn.data.crystals import Crystals
from cgcnn.training.config import Config
from cgcnn.training.fit import fit
from cgcnn.training.runs import Run, save_run

# Triton reads it when the kernels of a GPU are imported: the tests run them on the CPU.
os.environ.setdefault("TRITON_INTERPRET", "1")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the tests that need public data, and skip them where ``CGCNN_DATA`` is not set: tests download nothing.

    Campaigns run only where their mark is asked for, as ``make trust`` does.
    """
    if "trust" not in config.option.markexpr:
        campaigns = [item for item in items if item.get_closest_marker("trust")]
        items[:] = [item for item in items if item not in campaigns]
        config.hook.pytest_deselected(items=campaigns)
    absent = pytest.mark.skip(reason="needs public data: set CGCNN_DATA to the folder that holds them")
    for item in items:
        if {"public", "materials_project"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.public)
            item.add_marker(pytest.mark.slow)  # whoever comes first reads the files
        if item.get_closest_marker("public") and not os.environ.get("CGCNN_DATA"):
            item.add_marker(absent)


@pytest.fixture(autouse=True, scope="session")
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the tests out of the user's cache, and the user's cache out of the tests."""
    before = os.environ.get("CGCNN_CACHE")
    os.environ["CGCNN_CACHE"] = str(tmp_path_factory.mktemp("cache"))
    yield
    if before is None:
        del os.environ["CGCNN_CACHE"]
    else:
        os.environ["CGCNN_CACHE"] = before


@pytest.fixture(scope="session")
def embedded(_cache: None) -> Crystals:
    """Return the ideal cubic perovskites of the embedded data, whose neighbors have many ties."""
    return datasets.load("perovskites-embedded")


@pytest.fixture(scope="session")
def few(embedded: Crystals) -> Crystals:
    """Return 300 embedded perovskites; in the second half, atoms are moved by up to 5 % of the cell along each axis."""
    rng = np.random.default_rng(0)
    crystals = embedded.select(rng.permutation(len(embedded))[:300])
    moves = rng.uniform(-0.05, 0.05, crystals.fractional_coordinates.shape)
    moves[: len(moves) // 2] = 0
    return Crystals(**{**vars(crystals), "fractional_coordinates": crystals.fractional_coordinates + moves})


@pytest.fixture(scope="session")
def quick() -> Config:
    """Return the parameters of a training that takes seconds."""
    return Config(epochs=12, batch_size=16, width=16, n_convolutions=2, averaging=0.9)


@pytest.fixture(scope="session")
def run(few: Crystals, quick: Config) -> Run:
    """Return a run on the few crystals, which is trained, but only for seconds."""
    return fit(few, quick, device="cpu")


@pytest.fixture(scope="session")
def run_file(run: Run, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The file of a run on the few crystals."""
    path = tmp_path_factory.mktemp("runs") / "run.safetensors"
    save_run(run, path)
    return str(path)


@pytest.fixture(scope="session")
def materials_project(_cache: None) -> Crystals:
    """Return the public Materials Project crystals; reading them takes a minute or two."""
    return datasets.load("materials_project")


@pytest.fixture(scope="session")
def public(_cache: None) -> Crystals:
    """Return the public perovskites."""
    return datasets.load("perovskites")
