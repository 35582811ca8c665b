"""The commands map and locate: a map in every form, and crystals that find themselves on it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from cgcnn.__main__ import main
from cgcnn.analysis.map_files import load_map
from cgcnn.data.crystals import Crystals


@pytest.fixture(scope="module")
def map_files(run_file: str, few: Crystals, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A folder with twenty crystals, and a folder with their map in every form."""
    cells, drawn = tmp_path_factory.mktemp("mapped"), tmp_path_factory.mktemp("map")
    for crystal in range(20):
        few.structure(crystal).to(filename=str(cells / f"m{crystal}.cif"))
    outputs = [
        f"--output={drawn / 'map'}.{ending}" for ending in ("png", "svg", "pdf", "csv", "parquet", "safetensors")
    ]
    main(["map", run_file, str(cells), "--color", "value", *outputs])
    return cells, drawn


def test_a_map_is_written_as_pictures_as_tables_and_as_a_map(map_files: tuple[Path, Path]) -> None:
    cells, folder = map_files
    drawn = load_map(folder / "map.safetensors")
    assert len(drawn.table) > 20
    assert set(drawn.table["crystal"]) <= {str(path) for path in cells.glob("*.cif")}
    for table in (pd.read_csv(folder / "map.csv"), pd.read_parquet(folder / "map.parquet")):
        assert np.allclose(table[["x", "y"]], drawn.table[["x", "y"]])
        assert table["label"].tolist() == drawn.table["label"].tolist()
    for ending, start in (("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")):
        assert (folder / f"map.{ending}").read_bytes().startswith(start)
    picture = (folder / "map.svg").read_text()
    assert "local formation energy (eV/atom)" in picture
    assert "<dc:date>" not in picture


def test_crystals_of_a_map_are_located_at_their_own_places(
    map_files: tuple[Path, Path], run_file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cells, folder = map_files
    words = ["locate", *(str(cells / f"m{number}.cif") for number in range(3)), "--on", str(folder / "map.safetensors")]
    outputs = ["--output", str(tmp_path / "sites.csv"), "--picture", str(tmp_path / "located.png")]
    assert main([*words, *outputs, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    sites = pd.read_csv(tmp_path / "sites.csv")
    assert (tmp_path / "located.png").read_bytes().startswith(b"\x89PNG")
    assert len(said["crystals"]) == 3
    assert [each["crystal"] for each in said["sites"]] == sites["crystal"].tolist()
    assert (sites["nearest_1_crystal"] == sites["crystal"]).all()
    assert (sites["distance"] == 0).all()
    assert main(words) == 0
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert len(lines) == 3 + len(sites)
    assert lines[3][:2] == [sites["crystal"][0], sites["label"][0]]
    assert lines[3][-1] == f"nearest {sites['crystal'][0]} {sites['label'][0]} 0.0000"


def test_the_run_of_a_map_is_asked_for_where_its_key_is_not_known(
    map_files: tuple[Path, Path],
    run_file: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    cells, folder = map_files
    monkeypatch.setenv("CGCNN_CACHE", str(tmp_path))
    words = ["locate", str(cells / "m0.cif"), "--on", str(folder / "map.safetensors")]
    assert main(words) == 2
    assert capsys.readouterr().err.endswith("is neither published nor in the run store; give its file with --run\n")
    assert main([*words, "--run", run_file]) == 0


@pytest.fixture(scope="module")
def unseen(few: Crystals, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The file of a crystal with an element that no run of the perovskites knows."""
    path = tmp_path_factory.mktemp("strange") / "unseen.cif"
    strange = few.structure(0)
    strange.replace(0, "Pu")
    strange.to(filename=str(path))
    return str(path)


def test_a_map_has_the_level_the_points_and_the_seed_that_are_asked_for_and_names_what_is_refused(
    map_files: tuple[Path, Path], run_file: str, unseen: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cells, _ = map_files
    outputs = [f"--output={tmp_path / name}" for name in ("map.csv", "map.safetensors")]
    asked = ["--level", "crystals", "--points", "15", "--seed", "3"]
    assert main(["map", run_file, str(cells), unseen, *asked, *outputs, "--json"]) == 2
    captured = capsys.readouterr()
    (error,) = (line for line in captured.err.splitlines() if line.startswith("error: "))
    assert error.startswith(f"error: {unseen}: no training crystal of ")
    said, drawn = json.loads(captured.out), load_map(tmp_path / "map.safetensors")
    assert (said["level"], said["points"], said["of"]) == ("crystals", 15, 20)
    assert said["trustworthiness"] == drawn.trustworthiness
    assert said["run"] == drawn.run_key
    assert (drawn.level, drawn.seed, drawn.n_all) == ("crystals", 3, 20)
    table = pd.read_csv(tmp_path / "map.csv")
    assert table["crystal"].tolist() == drawn.table["crystal"].tolist()
    assert len(table) == 15
    assert not table["energy_eV_per_atom"].duplicated().any()


def test_points_have_the_color_that_is_asked_for(
    map_files: tuple[Path, Path],
    run_file: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cells, folder = map_files
    drawn, colored = load_map(folder / "map.safetensors"), []

    def picture(table: pd.DataFrame, by: str, title: str, label: str) -> Figure:
        assert table is drawn.table
        colored.append((by, title, label))
        return Figure()

    monkeypatch.setattr("cgcnn.analysis.environment_map.draw", lambda *_: drawn)
    monkeypatch.setattr("cgcnn.figures.maps.point_map", picture)
    for color in ([], ["--color", "first_neighbor"], ["--color", "value"]):
        assert main(["map", run_file, str(cells), *color, "--output", str(tmp_path / "map.png")]) == 0
    label = "local formation energy (eV/atom)"
    expected = [("element", ""), ("first_neighbor", ""), ("local_energy_eV_per_atom", label)]
    assert colored == [(by, f"Map of {drawn.crystals_name}", label) for by, label in expected]


def test_sites_are_located_with_the_same_numbers_in_every_form_and_beside_their_own_crystal(
    map_files: tuple[Path, Path],
    run_file: str,
    few: Crystals,
    unseen: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, folder = map_files
    for crystal in (250, 299):
        few.structure(crystal).to(filename=str(tmp_path / f"new{crystal}.cif"))
    places = [*(str(tmp_path / f"new{crystal}.cif") for crystal in (250, 299)), unseen]
    words = ["locate", *places, "--on", str(folder / "map.safetensors"), "--run", run_file]
    assert main([*words, "--output", str(tmp_path / "sites.csv"), "--json"]) == 2
    said = json.loads(capsys.readouterr().out)
    sites, of_json = pd.read_csv(tmp_path / "sites.csv"), pd.DataFrame(said["sites"])
    assert (sites["distance"] > 0).all()
    for name in of_json:
        if pd.api.types.is_numeric_dtype(of_json[name]):
            np.testing.assert_allclose(sites[name], of_json[name], rtol=1e-6, err_msg=str(name))
    energies = {each["crystal"]: each["energy_eV_per_atom"] for each in said["crystals"]}
    assert list(energies) == places[:2]
    np.testing.assert_allclose(sites["crystal_energy_eV_per_atom"], sites["crystal"].map(energies), rtol=1e-9)
    assert main(words) == 2
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()][2:]
    for line, site in zip(lines, said["sites"], strict=True):
        assert line == [
            site["crystal"],
            site["label"],
            f"{site['local_energy_eV_per_atom']:.4f}",
            "eV/atom",
            f"at {site['x']:.2f} {site['y']:.2f}",
            site["range"],
            f"nearest {site['nearest_1_crystal']} {site['nearest_1_label']} {site['nearest_1_distance']:.4f}",
        ]
    assert main([*words[:3], "--on", str(folder / "map.safetensors"), "--run", run_file]) == 0
