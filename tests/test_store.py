"""Where runs are kept: names are unique, no damaged file is believed or blocks, and a data set's name finds its run."""

from __future__ import annotations

import copy
import dataclasses
import json
import os
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from cgcnn.data.crystals import Crystals
from cgcnn.errors import DataError
from cgcnn.files.paths import run_store_directory
from cgcnn.files.seals import OPEN, SEAL, seal
from cgcnn.files.writing import ASIDE
from cgcnn.training.config import Config
from cgcnn.training.fit import fit
from cgcnn.training.runs import Run, save_run
from cgcnn.training.store import find_run, load_run, publish, refuse_to_replace, stored_run_path


def test_every_published_run_has_a_name_of_its_own(few: Crystals, quick: Config, run: Run, tmp_path: Path) -> None:
    changes = ({"epochs": 1}, {"epochs": 1, "n_neighbors": 24}, {"epochs": 1, "n_neighbors": 24, "learning_rate": 0.1})
    runs = [run, *(fit(few, quick.replace(**changed), device="cpu") for changed in changes)]
    files = [publish(each, tmp_path) for each in runs]
    assert len(set(files)) == len(runs)
    n_train = len(run.split.train)
    for each, file in zip(runs, files, strict=True):
        assert file == tmp_path / run.dataset / f"custom-random-{n_train}-seed0-{each.key[:12]}.safetensors"
        assert load_run(file).config == each.config


def test_a_published_file_is_replaced_only_when_that_is_asked_for(
    few: Crystals, quick: Config, run: Run, tmp_path: Path
) -> None:
    other = fit(few, quick.replace(epochs=1), device="cpu")
    path = publish(run, tmp_path)
    save_run(other, path)
    with pytest.raises(DataError, match=f"holds run {other.key[:12]}, not {run.key[:12]}"):
        publish(run, tmp_path)
    assert load_run(path).key == other.key
    changed = copy.deepcopy(run.network)
    with torch.no_grad():
        changed.to_energy.bias.add_(1)
    save_run(dataclasses.replace(run, network=changed), path)
    with pytest.raises(DataError, match="holds other weights"):
        publish(run, tmp_path)
    publish(run, tmp_path, replace=True)
    assert torch.equal(load_run(path).network.to_energy.bias, run.network.to_energy.bias)


def rewritten(run: Run, path: Path, sealed: bool = True, **changes: object) -> Path:
    """Write a run's file with other notes; None takes a note away."""
    save_run(run, path)
    with safe_open(path, "pt") as stream:
        notes = json.loads(stream.metadata()["run"]) | changes | {SEAL: OPEN if sealed else None}
        tensors = {name: stream.get_tensor(name) for name in stream.keys()}  # noqa: SIM118  # not a dict
    kept = {name: note for name, note in notes.items() if note is not None}
    save_file(tensors, path, {"run": json.dumps(kept, sort_keys=True)})
    if sealed:
        seal(path)
    return path


def test_a_run_of_a_newer_version_says_so(run: Run, tmp_path: Path) -> None:
    newer = dataclasses.asdict(run.config) | {"shells": 3}
    path = rewritten(run, tmp_path / "newer.safetensors", format=5, config=newer)
    with pytest.raises(DataError, match=r"newer\.safetensors: its format is version 5, .* up to version 4"):
        load_run(path)


@pytest.mark.parametrize("version", [None, 2, 3])
def test_an_old_run_is_read_with_one_warning_that_damage_cannot_be_noticed(
    run: Run, tmp_path: Path, caplog: pytest.LogCaptureFixture, version: int | None
) -> None:
    path = rewritten(run, tmp_path / "old.safetensors", sealed=False, format=version)
    old = load_run(path)
    assert len(caplog.messages) == 1
    assert caplog.messages[0].startswith(f"{path}: an older cgcnn wrote it without a seal")
    save_run(old, path)
    assert torch.equal(load_run(path).network.to_energy.bias, run.network.to_energy.bias)
    assert len(caplog.messages) == 1, "the file that was saved again has a seal"


def test_a_run_of_a_sealed_format_without_a_seal_is_refused(run: Run, tmp_path: Path) -> None:
    path = rewritten(run, tmp_path / "bare.safetensors", sealed=False)
    with pytest.raises(DataError, match=r"bare\.safetensors: damaged, since files of format 4 have a seal"):
        load_run(path)


def test_the_same_run_gives_the_same_file(run: Run, tmp_path: Path) -> None:
    save_run(run, tmp_path / "one")
    save_run(load_run(tmp_path / "one"), tmp_path / "two")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


@pytest.mark.parametrize("bit", range(8))
def test_a_flipped_bit_is_refused_wherever_the_name_or_the_value_of_the_seal_or_the_format_stands(
    run: Run, tmp_path: Path, bit: int
) -> None:
    path = tmp_path / "run.safetensors"
    save_run(run, path)
    whole = path.read_bytes()
    start, format_at = whole.index(SEAL.encode()), whole.index(b'format\\": 4')
    for place in (*range(start - 2, start + 90), *range(format_at, format_at + 11), *range(8)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ (1 << bit)]) + whole[place + 1 :])
        with pytest.raises(DataError, match=r"run\.safetensors: "):
            load_run(path)
    assert path.is_file(), "a file that the user names is never renamed"


@pytest.mark.parametrize("changes", [{"width": 1024}, {"n_convolutions": 20}, {"width": 17}, {"n_convolutions": 1}])
def test_sizes_that_do_not_fit_the_weights_are_refused_before_anything_of_that_size_is_made(
    run: Run, tmp_path: Path, changes: dict[str, int]
) -> None:
    path = rewritten(run, tmp_path / "run.safetensors", config=dataclasses.asdict(run.config) | changes)
    (name, value), *_ = changes.items()
    with pytest.raises(DataError, match=rf"run\.safetensors: .*{name}={value}.* do not fit its weights, .* 2 and 16"):
        load_run(path)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"n_neighbors": 10**9}, "n_neighbors=1000000000: must be 200 or below"),
        ({"tolerance": float("nan")}, "tolerance=nan: not a number"),
        ({"width": 10**9}, "width=1000000000: must be 1024 or below"),
        ({"n_convolutions": 10**9}, "n_convolutions=1000000000: must be 20 or below"),
    ],
)
def test_a_parameter_of_a_run_that_is_out_of_its_bounds_is_refused_in_one_line(
    run: Run, tmp_path: Path, changes: dict[str, float], said: str
) -> None:
    path = rewritten(run, tmp_path / "run.safetensors", config=dataclasses.asdict(run.config) | changes)
    with pytest.raises(DataError, match=rf"run\.safetensors: {said}"):
        load_run(path)


@pytest.mark.parametrize(
    "changes", [{"history": 3}, {"key": None}, {"config": {"width": "16"}}, {"config": []}, {"elements_elsewhere": [1]}]
)
def test_a_sealed_file_that_holds_no_whole_run_is_refused_by_its_name(
    run: Run, tmp_path: Path, changes: dict[str, Any]
) -> None:
    with pytest.raises(DataError, match=r"run\.safetensors: "):
        load_run(rewritten(run, tmp_path / "run.safetensors", **changes))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_what_is_no_file_is_refused_and_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.safetensors")
    for place in (tmp_path / "pipe.safetensors", tmp_path, Path("/dev/zero")):
        with pytest.raises(DataError, match=f"{place}: not a whole run"):
            load_run(place)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, few: Crystals) -> Path:
    """An empty folder of the user's runs, and no published runs."""
    monkeypatch.setenv("CGCNN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("cgcnn.training.store.models_directory", lambda: tmp_path / "models")
    folder = run_store_directory()
    folder.mkdir(parents=True)
    return folder


def test_a_stored_run_that_cannot_be_used_is_set_aside_and_trained_anew(
    few: Crystals, quick: Config, store: Path, caplog: pytest.LogCaptureFixture
) -> None:
    config = quick.replace(epochs=1, training_size=16)
    trained = fit(few, config, device="cpu")
    path = stored_run_path(trained.key)
    whole = path.read_bytes()
    save_run(dataclasses.replace(trained, key="0" * 64), store / "other")
    rewritten(trained, store / "newer", format=5)
    damages = {
        "empty": b"",
        "cut": whole[:-1],
        "a flipped bit": whole[:-9] + bytes([whole[-9] ^ 4]) + whole[-8:],
        "another key": (store / "other").read_bytes(),
        "a newer version": (store / "newer").read_bytes(),
    }
    aside = path.with_name(path.name + ASIDE)
    for damage, content in damages.items():
        path.write_bytes(content)
        caplog.clear()
        fit(few, config, device="cpu")
        assert path.read_bytes() == whole, damage
        assert aside.read_bytes() == content, damage
        (said,) = (message for message in caplog.messages if aside.name in message)
        assert said.startswith(f"{path}: ")


def test_hidden_and_foreign_files_are_passed_over_and_never_renamed(run: Run, store: Path, tmp_path: Path) -> None:
    models = tmp_path / "models" / "boron"
    models.mkdir(parents=True)
    start = run.key[:12]
    names = (
        f".custom-random-180-seed0-{start}.safetensors",
        f"map-{start}-seed0.safetensors",
        f"my-copy-{start}.safetensors",
        "paper-random-x-seed0-y.safetensors",
        "paper-random--seed0-.safetensors",
    )
    for name in names:
        (models / name).write_text("not a run")
    for name in (f".{run.key}.safetensors", f"{run.key}-copy.safetensors"):
        (store / name).write_text("not a run")
    assert find_run(run.key) is None
    for name in ("boron", f"boron/{run.key}"):
        with pytest.raises(DataError, match="no such file"):
            load_run(name)
    assert find_run("*" * 64) is None
    save_run(run, stored_run_path(run.key))
    assert find_run(run.key) == stored_run_path(run.key)
    assert sorted(path.name for path in models.iterdir()) == sorted(names)
    assert len(list(store.iterdir())) == 3


def test_a_damaged_published_run_is_set_aside_and_the_user_s_own_is_taken_and_never_a_smaller_one(
    run: Run, store: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    models = tmp_path / "models"
    paper = dataclasses.replace(run, dataset="boron", key="a" * 64)
    smaller = dataclasses.replace(paper, key="b" * 64)
    for each, size in ((paper, 180), (smaller, 90)):
        save_run(each, models / "boron" / f"paper-random-{size}-seed0-{each.key[:12]}.safetensors")
    assert load_run("boron").key == paper.key
    path = models / "boron" / f"paper-random-180-seed0-{'a' * 12}.safetensors"
    path.write_bytes(path.read_bytes()[:-1])
    for _ in range(2):
        with pytest.raises(DataError, match=r"boron: its published run a{12} in .* is damaged; get the file again"):
            load_run("boron")
    assert path.with_name(path.name + ASIDE).is_file()
    assert f"{path}: damaged" in caplog.text
    save_run(paper, stored_run_path(paper.key))
    assert load_run("boron").key == paper.key
    assert find_run(paper.key) == stored_run_path(paper.key)


def test_publishing_sets_a_damaged_file_aside(run: Run, tmp_path: Path) -> None:
    path = publish(run, tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[:100])
    assert publish(run, tmp_path) == path
    assert path.read_bytes() == whole
    assert path.with_name(path.name + ASIDE).read_bytes() == whole[:100]


def test_an_output_that_is_damaged_is_refused_and_stays_unless_it_may_be_replaced(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "mine.safetensors"
    refuse_to_replace(path, run.key)
    save_run(run, path)
    refuse_to_replace(path, run.key)
    for content in (b"", path.read_bytes()[:-1], b"words"):
        path.write_bytes(content)
        with pytest.raises(DataError, match=r"mine\.safetensors: .*; name another file, or ask to replace it"):
            refuse_to_replace(path, run.key)
        assert path.read_bytes() == content


def test_a_data_set_s_name_means_the_published_run_of_the_paper_s_network() -> None:
    for name, n_train in {"perovskites": 15_000, "boron": 3038, "materials_project": 21_886}.items():
        published = load_run(name)
        assert published.dataset == name
        assert published.config.network == "paper"
        assert len(published.split.train) == n_train


def test_a_file_that_is_called_like_a_data_set_is_told_how_the_published_run_is_called() -> None:
    with pytest.raises(
        DataError, match=r"boron\.safetensors: no such file; its published run is called boron, without"
    ):
        load_run("models/boron.safetensors")


def test_the_name_of_a_data_set_does_not_stand_for_a_run_with_another_start(
    few: Crystals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = Config(epochs=1, training_size=20, batch_size=10)
    usual, other = (fit(few, config.replace(element_spread=spread), device="cpu") for spread in (0.05, 1.0))
    monkeypatch.setattr("cgcnn.training.store.models_directory", lambda: tmp_path)
    paths = [publish(each, tmp_path) for each in (usual, other)]
    assert [path.name for path in paths] == [
        f"paper-random-20-seed0-{usual.key[:12]}.safetensors",
        f"paper-other-start-random-20-seed0-{other.key[:12]}.safetensors",
    ]
    assert load_run(few.name).key == usual.key
    assert find_run(other.key[:12]) == paths[1]
    assert load_run(paths[1]).config.element_spread == 1
