"""The card of the published runs has the measured numbers, and its words about diamond are true."""

from __future__ import annotations

import json
from importlib import import_module

import pytest
from pymatgen.core import Lattice, Structure

from cgcnn.analysis.prediction import predict
from cgcnn.data.crystals import pack
from cgcnn.files.paths import project_root
from cgcnn.training.store import load_run

CARD = (project_root() / "models" / "README.md").read_text()
MEASURED = json.loads((project_root() / "benchmarks" / "ranges.json").read_text())


def test_the_card_has_the_tables_of_what_was_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(project_root() / "benchmarks")
    card = import_module("card")
    assert f"{card.BEGIN}\n{card.tables(MEASURED)}{card.END}" in CARD, "run benchmarks/card.py"


def test_the_card_says_of_diamond_what_the_run_says() -> None:
    primitive = Structure.from_spacegroup("Fd-3m", Lattice.cubic(3.567), ["C"], [[0, 0, 0]]).get_primitive_structure()
    diamond = pack([primitive], ["diamond"], [float("nan")], "diamond")
    (energy,) = predict(load_run("materials_project"), diamond)
    assert f"`materials_project` says {energy:.2f}, " in CARD
    (better,) = [
        row
        for row in MEASURED["strange"]
        if (row["crystal"], row["network"], row["runs"]) == ("diamond", "better", "three seeds")
    ]
    assert f"three better networks say {better['energy_eV_per_atom']:.2f}" in CARD
    assert better["energy_eV_per_atom"] - 0.13 > 9 * better["uncertainty_eV_per_atom"]


def test_the_card_compares_the_test_set_with_other_crystals_as_they_were_measured() -> None:
    def errors(part: str) -> dict[str, float]:
        (entry,) = [
            each
            for each in MEASURED[part]
            if (each["set"], each["network"], each["runs"]) == ("materials_project", "paper", "three seeds")
        ]
        return {row["range"]: row["mae_eV_per_atom"] for row in entry["by_range"]}

    test, elsewhere = errors("test"), errors("elsewhere")
    assert 2.7 < elsewhere["all"] / test["all"] < 3  # "almost three times"
    assert 2 < elsewhere["inside"] / test["inside"] < 2.5  # "more than twice"
    assert 9.5 < elsewhere["outside"] / test["inside"] < 10.5  # "ten times"
