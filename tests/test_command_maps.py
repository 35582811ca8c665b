"""The commands map and locate: a map in every form, and crystals that find themselves on it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

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
