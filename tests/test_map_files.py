"""Files of maps: read back they are the same map, and damaged, foreign and newer files and other runs are refused."""

from __future__ import annotations

import dataclasses
import pickle
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import save_file

from cgcnn.analysis import environment_map, map_files, maps
from cgcnn.analysis.environment_map import EnvironmentMap, Level
from cgcnn.analysis.map_files import load_map, published_map, save_map
from cgcnn.data.crystals import Crystals
from cgcnn.errors import DataError
from cgcnn.files.arrays import load_arrays, save_arrays
from cgcnn.files.seals import OPEN, SEAL, seal
from cgcnn.training.runs import Run, save_run


@pytest.fixture(scope="module")
def drawn(run: Run, few: Crystals) -> EnvironmentMap:
    """Return a map of 200 environments, whose classes are known."""
    of_run = environment_map.draw(run, few, n_points=200, seed=1)
    return dataclasses.replace(of_run, table=of_run.table.assign(**{"class": np.resize(["ä", "b", "c"], 200)}))


@pytest.fixture(scope="module")
def file(drawn: EnvironmentMap, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of the map."""
    path = tmp_path_factory.mktemp("map") / "map.safetensors"
    save_map(drawn, path)
    return path


def test_a_map_read_back_is_the_map_that_was_written(drawn: EnvironmentMap, file: Path, run: Run) -> None:
    read = load_map(file, run.key)
    pd.testing.assert_frame_equal(read.table, drawn.table, check_dtype=False)
    np.testing.assert_array_equal(read.vectors, drawn.vectors)
    assert read.vectors.dtype == np.float32
    for field in dataclasses.fields(EnvironmentMap):
        if field.name not in ("table", "vectors"):
            assert getattr(read, field.name) == getattr(drawn, field.name), field.name


def test_the_same_map_gives_the_same_bytes(drawn: EnvironmentMap, file: Path, tmp_path: Path) -> None:
    save_map(load_map(file), tmp_path / "again.safetensors")
    assert (tmp_path / "again.safetensors").read_bytes() == file.read_bytes()


def test_a_rebuilt_map_places_new_points_where_the_first_one_does(tmp_path: Path, drawn: EnvironmentMap) -> None:
    rng = np.random.default_rng(0)
    centers = np.repeat(np.eye(4, 8) * 10, 60, axis=0)
    vectors = pd.DataFrame((centers + rng.normal(size=(240, 8))).astype(np.float32))
    first = maps.draw_map(vectors, seed=0, n_threads=1)
    new = pd.DataFrame((centers[::4] + rng.normal(size=(60, 8))).astype(np.float32))
    expected = maps.place(first, new).to_numpy()
    table = drawn.table.iloc[np.arange(240) % 200].reset_index(drop=True)
    table = table.assign(x=first.points["x"], y=first.points["y"])
    save_map(dataclasses.replace(drawn, table=table, vectors=vectors.to_numpy()), tmp_path / "map.safetensors")
    rebuilt = load_map(tmp_path / "map.safetensors").chart
    np.testing.assert_allclose(maps.place(rebuilt, new), expected, rtol=0, atol=1e-6)


def test_a_map_of_another_run_is_refused_by_name(file: Path, run: Run) -> None:
    with pytest.raises(DataError, match=f"map.safetensors: the map of run {run.key[:12]} .*, not of run 0123456789ab;"):
        load_map(file, "0123456789abcdef")


def test_a_changed_byte_anywhere_is_refused(file: Path, tmp_path: Path) -> None:
    whole = file.read_bytes()
    copy = tmp_path / "map.safetensors"
    for place in np.linspace(9, len(whole) - 1, 40).astype(int):
        copy.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(DataError, match=r"map\.safetensors: .*; draw the map again with 'cgcnn map'"):
            load_map(copy)


@pytest.mark.parametrize("kept", [0, 5, 8, 100, 0.5, 0.999])
def test_a_map_that_is_cut_short_is_refused(file: Path, tmp_path: Path, kept: float) -> None:
    whole, copy = file.read_bytes(), tmp_path / "map.safetensors"
    copy.write_bytes(whole[: kept if isinstance(kept, int) else int(kept * len(whole))])
    with pytest.raises(DataError, match=r"map\.safetensors"):
        load_map(copy)


def test_files_of_other_kinds_are_refused(tmp_path: Path, run: Run) -> None:
    save_run(run, tmp_path / "run.safetensors")
    (tmp_path / "pickle.safetensors").write_bytes(pickle.dumps({"notes": 1}))
    (tmp_path / "text.safetensors").write_text("id,energy\n" * 20)
    header = b"[1, 2, 3]"
    (tmp_path / "list.safetensors").write_bytes(len(header).to_bytes(8, "little") + header)
    sealed = f'[1, {{"{SEAL}": "{OPEN}"}}]'.encode()
    (tmp_path / "sealed.safetensors").write_bytes(len(sealed).to_bytes(8, "little") + sealed)
    seal(tmp_path / "sealed.safetensors")
    save_arrays(tmp_path / "arrays.safetensors", {"vectors": np.zeros((3, 2), np.float32)}, {"kind": "x"})
    save_arrays(tmp_path / "bare.safetensors", {"vectors": np.zeros((3, 2), np.float32)}, {})
    files = sorted(tmp_path.iterdir())
    assert len(files) == 7
    for path in files:
        with pytest.raises(DataError, match=f"{path.name}: .*; draw the map again with 'cgcnn map'"):
            load_map(path)
    with pytest.raises(DataError, match="no such file"):
        load_map(tmp_path / "nothing")
    with pytest.raises(DataError, match="draw the map again with 'cgcnn map'"):
        load_map(tmp_path)


def changed(file: Path, path: Path, **notes: object) -> Path:
    """Write a map's file with other notes and the seal that belongs to them."""
    stored = load_arrays(file)
    save_arrays(path, stored.arrays, stored.metadata | notes)
    return path


def test_a_map_of_a_newer_version_says_so(file: Path, tmp_path: Path) -> None:
    path = changed(file, tmp_path / "newer.safetensors", format=3)
    with pytest.raises(DataError, match=r"its format is version 3, .* up to version 2; install the newer cgcnn"):
        load_map(path)


@pytest.mark.parametrize(
    "notes", [{"level": "atoms"}, {"level": []}, {"texts": {}}, {"texts": {"crystal": ["a"]}}, {"columns": ["x", "y"]}]
)
def test_a_map_whose_parts_do_not_belong_together_is_refused(
    file: Path, tmp_path: Path, notes: dict[str, object]
) -> None:
    with pytest.raises(DataError, match="not a whole map"):
        load_map(changed(file, tmp_path / "map.safetensors", **notes))


def test_maps_of_crystals_and_elements_are_kept_too(run: Run, few: Crystals, tmp_path: Path) -> None:
    levels: tuple[Level, ...] = ("crystals", "elements")
    for level in levels:
        drawn = environment_map.draw(run, few, level, n_points=50)
        save_map(drawn, tmp_path / level)
        pd.testing.assert_frame_equal(load_map(tmp_path / level).table, drawn.table, check_dtype=False)


def test_an_old_map_has_no_seal_and_is_drawn_again(tmp_path: Path) -> None:
    path = tmp_path / "old.safetensors"
    notes = {"digest": "0" * 64, "metadata": '{"kind": "cgcnn map"}'}
    save_file({"vectors": np.zeros((3, 2), np.float32)}, path, notes)
    with pytest.raises(DataError, match=r"old\.safetensors: .*not a file that this cgcnn seals; draw the map again"):
        load_map(path)


def test_hidden_and_foreign_files_beside_a_published_map_are_passed_over(
    file: Path, drawn: EnvironmentMap, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "boron"
    folder.mkdir()
    for name in (".map-0123456789ab-seed0-x1.safetensors", "map-0123456789ab-seed0-copy.safetensors", "map--seed0.txt"):
        (folder / name).touch()
    (folder / ".map-0123456789ab-seed0.safetensors").touch()
    monkeypatch.setattr(map_files, "models_directory", lambda: tmp_path)
    assert published_map("boron") is None
    shutil.copy(file, folder / "map-fedcba987654-seed0.safetensors")
    assert load_map("boron").run_key == drawn.run_key
    assert len(list(folder.iterdir())) == 5, "nothing was renamed"


def test_a_set_without_a_published_map_has_none() -> None:
    assert published_map("perovskites-embedded") is None
    assert published_map("../models/perovskites") is None
