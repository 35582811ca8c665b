"""The card of the published runs has the measured numbers, lists every file, and its words about diamond are true."""

from __future__ import annotations

import hashlib
import json
import re
from importlib import import_module
from pathlib import Path

import pytest
from pymatgen.core import Lattice, Structure

from cgcnn.analysis.prediction import predict
from cgcnn.data.crystals import pack
from cgcnn.files.paths import project_root
from cgcnn.training.store import load_run

MODELS = project_root() / "models"
CARD = (MODELS / "README.md").read_text()
MEASURED = json.loads((project_root() / "benchmarks" / "ranges.json").read_text())


def test_the_card_has_the_tables_of_what_was_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(project_root() / "benchmarks")
    card = import_module("card")
    assert f"{card.BEGIN}\n{card.tables(MEASURED)}{card.END}" in CARD, "run benchmarks/card.py"
    cells = json.loads((project_root() / "benchmarks" / "other_cells.json").read_text())
    assert f"{card.BEGIN_CELLS}\n{card.cells_table(cells)}{card.END_CELLS}" in CARD, "run benchmarks/card.py"


def test_crystals_outside_the_list_are_counted_alike_and_have_the_error_of_those_judged_by_words() -> None:
    cells = json.loads((project_root() / "benchmarks" / "other_cells.json").read_text())
    for entry in cells["networks"]:
        (words,) = (
            found
            for found in MEASURED["elsewhere"]
            if (found["network"], found["runs"]) == (entry["network"], "three seeds")
        )
        judged = next(row for row in words["by_range"] if row["range"] == "all")
        # The words leave out 1,500 of the crystals, some of which have unknown elements.
        n_known = entry["outside"]["n"] - judged["n"]
        assert 1500 - entry["n_without_known_elements"] <= n_known <= 1500
        within = 2 * entry["outside"]["mae_standard_error_eV_per_atom"]
        assert entry["outside"]["mae_eV_per_atom"] == pytest.approx(judged["mae_eV_per_atom"], abs=within)


def differences(card: str, models: Path) -> list[str]:
    """Return how a card's list of files differs from the files in a folder; hidden files are of running processes."""
    listed = {name: digest for digest, name in re.findall(r"^([0-9a-f]{64})  (\S+)$", card, re.MULTILINE)}
    found = {
        path.relative_to(models).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in models.glob("*/*")
        if not path.name.startswith(".")
    }
    return sorted(
        [f"{name} is not listed" for name in found.keys() - listed.keys()]
        + [f"{name} is not there" for name in listed.keys() - found.keys()]
        + [f"{name} is another" for name in listed.keys() & found.keys() if listed[name] != found[name]]
    )


def test_the_card_lists_every_published_file_with_its_hash() -> None:
    assert differences(CARD, MODELS) == [], "run benchmarks/card.py, unless a file is damaged"
    assert CARD.count(".safetensors\n") == 173


def test_a_file_that_is_new_gone_or_changed_makes_the_list_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(project_root() / "benchmarks")
    (tmp_path / "boron").mkdir()
    for name in ("a.safetensors", "b.csv", "c.safetensors", ".d-x.safetensors"):
        (tmp_path / "boron" / name).write_text(name)
    card = import_module("card").listed(tmp_path)
    assert differences(card, tmp_path) == []
    (tmp_path / "boron" / "a.safetensors").write_text("A.safetensors")
    (tmp_path / "boron" / "b.csv").rename(tmp_path / "boron" / "e.csv")
    assert differences(card, tmp_path) == [
        "boron/a.safetensors is another",
        "boron/b.csv is not there",
        "boron/e.csv is not listed",
    ]


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
