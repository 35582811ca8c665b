"""The trainings of the section on the network that sees angles: which ones are asked for, and what becomes of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from cgcnn.data.crystals import Crystals
from cgcnn.data.quantity import Quantity
from cgcnn.paper import angles_page, recipes
from cgcnn.paper.angles_errors import gains_of_changes
from cgcnn.paper.section import Section
from cgcnn.training.config import Config


def test_a_further_set_has_its_own_seeds_and_the_network_that_sees_angles_alone(
    few: Crystals, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(crystals: Crystals, config: Config, sizes: list[None], seeds: Sequence[int], *here: Any) -> Any:
        return crystals.name, config.angles, sizes, list(seeds), here

    monkeypatch.setattr(angles_page, "sweep", asked)
    names, here = {"boron": "boron", "more": "materials_project-megnet"}, ("cpu", False, None)
    runs: Any = angles_page.runs_of_three(names, {"boron": few, "more": few}, [0, 1], {"more": [5]}, here)
    assert runs == {
        ("boron", "paper"): (few.name, False, [None], [0, 1], here),
        ("boron", "better"): (few.name, False, [None], [0, 1], here),
        ("boron", "angles"): (few.name, True, [None], [0, 1], here),
        ("more", "angles"): (few.name, True, [None], [5], here),
    }


def test_trials_are_kept_beside_the_runs_and_sets_without_changes_are_left_out(
    few: Crystals, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def repeated(_: Crystals, choices: dict[str, Config], seeds: Sequence[int], *__: Any) -> pd.DataFrame:
        return pd.DataFrame([(choice, seed) for choice in choices for seed in seeds], columns=["choice", "seed"])

    monkeypatch.setattr(angles_page, "repeat", repeated)
    section = Section("angles_network", (), tmp_path / "results", tmp_path / "models")
    names = {"boron": "boron", "more": "materials_project-megnet"}
    trials = angles_page.trials_of_changes(section, names, {"boron": few, "more": few}, [0, 1], "cpu")
    assert not recipes.angles_choices("materials_project-megnet")
    assert set(trials["set"]) == {"boron"}
    assert trials["choice"].tolist() == [name for name in recipes.angles_choices("boron") for _ in range(2)]
    kept = pd.read_csv(tmp_path / "models" / "boron" / "angles_trials.csv")
    assert kept["seed"].tolist() == trials["seed"].tolist()


def test_a_folder_has_no_trials_and_no_gains(few: Crystals, tmp_path: Path) -> None:
    section = Section("angles_network", (), tmp_path / "results", tmp_path / "models")
    trials = angles_page.trials_of_changes(section, {"folder": "folder"}, {"folder": few}, [0], "cpu")
    gains = gains_of_changes(trials, Quantity("band gap", "eV"))
    assert len(trials) == len(gains) == 0
    assert gains.columns.tolist()[:4] == ["set", "choice", "n_seeds", "validation_mae_eV"]


def test_a_curve_of_too_few_sizes_has_points_and_no_power_law(
    few: Crystals, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def errors(_: Crystals, __: Config, sizes: Sequence[int | None], seeds: Sequence[int], *___: Any) -> pd.DataFrame:
        rows = [(size or 1000, seed, 10 / (size or 1000), 10 / (size or 1000)) for size in sizes for seed in seeds]
        columns = ["training_size", "seed", "validation_mae_eV_per_atom", "test_mae_eV_per_atom"]
        return pd.DataFrame(rows, columns=columns)

    monkeypatch.setattr(angles_page, "curve_errors", errors)
    section = Section("angles_network", (), tmp_path, None)
    points, law = angles_page.curve_of_one(section, "few", few, 1, 0, "cpu")
    assert len(points) == 1
    assert law is None
    points, law = angles_page.curve_of_one(section, "few", few, 3, 0, "cpu")
    assert len(points) == 3
    assert law is not None
    assert law.slope == pytest.approx(-1, abs=0.1)
