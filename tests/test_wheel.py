"""A wheel of the package: what it holds, and that its commands run from any folder with the core's packages alone."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from importlib.metadata import distribution, files
from pathlib import Path

import pytest
from pymatgen.core import Lattice, Structure

from cgcnn.files.paths import project_root
from tests.test_locks import asked_for, needed

#: Where a wheel has its copies of the models and of the embedded data.
SHIPPED = "cgcnn/_shipped/"
#: What programs are run with: nothing that would lead to this repository or to the public data.
OUTSIDE = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "CGCNN_DATA")}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what a wheel is built from, so that building leaves nothing in the repository."""
    root, folder = project_root(), tmp_path_factory.mktemp("source")
    for name in ("cgcnn", "models", "data"):
        shutil.copytree(root / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("setup.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(root / name, folder)
    return folder


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel, built without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*command, "--wheel-dir", folder, source], check=True, capture_output=True)
    return next(folder.glob("cgcnn-*.whl"))


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a fresh environment that has the wheel and the packages that the core asks for, and no other."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder)
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    options = ["--quiet", "--no-deps", "--no-index", "--disable-pip-version-check"]
    command = [sys.executable, "-m", "pip", "--python", str(programs / "python"), "install", *options, str(wheel)]
    subprocess.run(command, check=True, capture_output=True, env=OUTSIDE)
    (installed,) = (path.parent for path in folder.rglob("site-packages/cgcnn"))
    link_the_packages_of_the_core(installed)
    assert (installed / "torch").is_dir()
    assert not [name for name in ("dscribe", "optuna", "dask", "pytest") if (installed / name).exists()]
    return programs


def link_the_packages_of_the_core(folder: Path) -> None:
    """Fill a folder with links to all that the core's dependencies have installed here, and to nothing else."""
    for name in needed(asked_for()):
        for file in files(name) or []:
            first, link = distribution(name).locate_file(file.parts[0]), folder / file.parts[0]
            if file.parts[0] != ".." and not link.exists():
                link.symlink_to(Path(str(first)))


@pytest.fixture
def salts(tmp_path: Path) -> Path:
    """A folder of thirty crystals with the structure of cesium chloride, in the layout of the authors' code."""
    folder = tmp_path / "salts"
    folder.mkdir()
    lines = []
    for metal, anion, edge in itertools.product(("K", "Rb", "Cs"), ("F", "Cl"), (3.2, 3.6, 4.0, 4.4, 4.8)):
        name = f"{metal}{anion}-{edge}"
        crystal = Structure(Lattice.cubic(edge), [metal, anion], [[0.0, 0, 0], [0.5, 0.5, 0.5]])
        crystal.to(str(folder / f"{name}.cif"), "cif")
        lines.append(f"{name},{-edge}\n")
    (folder / "id_prop.csv").write_text("".join(lines))
    return folder


def test_a_wheel_holds_every_file_of_the_package(wheel: Path) -> None:
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    # Files that are not committed yet are part of the package too.
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "cgcnn"]
    known = subprocess.run(listing, cwd=project_root(), check=True, capture_output=True, text=True).stdout.splitlines()
    assert {name for name in held if not name.startswith(SHIPPED)} == {
        name for name in known if (project_root() / name).is_file()
    }
    assert "cgcnn/py.typed" in held


def test_a_wheel_brings_the_paper_s_networks_in_five_megabytes_their_maps_and_the_embedded_data(wheel: Path) -> None:
    entries = {
        entry.filename.removeprefix(SHIPPED): entry
        for entry in zipfile.ZipFile(wheel).infolist()
        if entry.filename.startswith(SHIPPED)
    }
    files = [name for name in entries if name.startswith("models/") and name.endswith(".safetensors")]
    models = [name for name in files if not Path(name).name.startswith("map-")]
    networks = {tuple(name.split("-")[:4]) for name in models}
    assert networks == {
        (f"models/{dataset}/paper", "random", size, f"seed{seed}")
        for dataset, size in (("perovskites", "15000"), ("boron", "3038"), ("materials_project", "21886"))
        for seed in range(3)
    }
    assert len(models) == 9
    assert sum(entries[name].compress_size for name in models) <= 5e6
    assert wheel.stat().st_size <= 10e6
    of_maps = {Path(name).parent.name: Path(name).name.split("-")[1] for name in set(files) - set(models)}
    assert of_maps.keys() == {"perovskites", "boron", "materials_project"}
    for dataset, key in of_maps.items():
        assert any(
            name.startswith(f"models/{dataset}/") and name.endswith(f"seed0-{key}.safetensors") for name in models
        )
    embedded = project_root() / "data" / "embedded"
    assert {Path(name).name for name in entries if name.startswith("data/embedded/")} == {
        path.name for path in embedded.iterdir() if path.suffix != ".py"
    }


def test_a_wheel_brings_the_command(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    (scripts,) = (name for name in archive.namelist() if name.endswith(".dist-info/entry_points.txt"))
    assert archive.read(scripts).decode().split() == ["[console_scripts]", "cgcnn", "=", "cgcnn.__main__:main"]


def test_a_wheel_can_be_built_from_a_source_archive_too(wheel: Path, source: Path, tmp_path: Path) -> None:
    program = "import sys; from setuptools import build_meta; build_meta.build_sdist(sys.argv[1])"
    subprocess.run([sys.executable, "-c", program, tmp_path], cwd=source, check=True, capture_output=True)
    with tarfile.open(next(tmp_path.glob("cgcnn-*.tar.gz"))) as archive:
        held = {name.split("/", 1)[1] for name in archive.getnames() if "/" in name}
    needed = {name.removeprefix(SHIPPED) for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert {"setup.py", "pyproject.toml", *needed} <= held


def test_a_wheel_without_its_models_is_not_built(source: Path, tmp_path: Path) -> None:
    for name in ("setup.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(source / name, tmp_path)
    (tmp_path / "cgcnn").mkdir()
    command = [sys.executable, "setup.py", "-q", "build"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert result.returncode != 0
    assert (
        "has no models/README.md and no models/perovskites/paper-random-15000-seed[012]-*.safetensors" in result.stderr
    )


@pytest.mark.slow
def test_the_commands_of_a_wheel_run_in_any_folder_and_need_nothing_of_the_extras(
    environment: Path, salts: Path, tmp_path: Path
) -> None:
    one = "salts/KCl-3.6.cif"
    commands = (
        "train salts --epochs 2 --output mine.safetensors",
        f"predict mine.safetensors {one}",
        "evaluate mine.safetensors --data salts",
        f"represent mine.safetensors levels {one}",
        "map mine.safetensors --output map.png",
        f"predict materials_project {one}",
        f"locate {one} --on materials_project",
        "train perovskites-embedded --epochs 1 --training-size 20",
    )
    # One process for all: each would compile everything anew.
    program = "import sys; from cgcnn.__main__ import main; sys.exit(any(main(one.split()) for one in sys.argv[1:]))"
    result = subprocess.run(
        [environment / "python", "-c", program, *commands],
        cwd=tmp_path,
        env=OUTSIDE | {"CGCNN_CACHE": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    answers = [line.split("\t")[0] for line in result.stdout.splitlines()]
    assert sum(answer.startswith("run ") for answer in answers) == 2
    assert answers.count("test MAE") == 3
    assert answers.count(one) == 1 + 1 + 1 + 2  # predicted twice, located as a crystal and by its two sites
    assert {"levels/elements.csv", "levels/environments.csv"} <= set(answers)
    assert (tmp_path / "levels" / "environments.csv").is_file()
    assert (tmp_path / "map.png").is_file()


def test_the_command_of_a_wheel_answers_in_an_empty_folder(environment: Path, tmp_path: Path) -> None:
    command = [str(environment / "cgcnn"), "data", "list"]
    result = subprocess.run(command, cwd=tmp_path, env=OUTSIDE, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert "perovskites-embedded" in result.stdout
    assert list(tmp_path.iterdir()) == []
