"""The package as a whole: its wings and their tables, the import contracts, and what a wheel of it holds."""

from __future__ import annotations

import itertools
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import distribution, files
from pathlib import Path

import pytest
from pymatgen.core import Lattice, Structure

from cgcnn.files.paths import project_root
from tests.test_locks import asked_for, needed

WINGS = sorted(path.parent.name for path in (project_root() / "cgcnn").glob("*/__init__.py"))


def copy_into(folder: Path) -> Path:
    """Copy what a wheel is built from into a folder."""
    root = project_root()
    shutil.copytree(root / "cgcnn", folder / "cgcnn", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(root / name, folder)
    return folder


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package that a test may spoil."""
    return copy_into(tmp_path)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel, built without a network."""
    source, folder = copy_into(tmp_path_factory.mktemp("source")), tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*command, "--wheel-dir", folder, source], check=True, capture_output=True)
    return next(folder.glob("cgcnn-*.whl"))


@pytest.fixture
def broken_contracts(copy: Path) -> Callable[[], list[str]]:
    """Return the names of the import contracts that the copy breaks."""

    def check() -> list[str]:
        command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
        result = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
        broken = re.findall(r"^(.+) BROKEN$", result.stdout, re.MULTILINE)
        assert re.search(rf"^Contracts: \d+ kept, {len(broken)} broken\.$", result.stdout, re.MULTILINE), result.stdout
        assert result.returncode == bool(broken)
        return broken

    return check


def test_the_first_screen_has_at_most_fourteen_names() -> None:
    names = {path.name for path in (project_root() / "cgcnn").iterdir()} - {"__pycache__"}
    assert {"__init__.py", "py.typed"} < names
    assert len(names) <= 14, sorted(names)


@pytest.mark.parametrize("wing", WINGS)
def test_the_table_of_a_wing_lists_exactly_its_files(wing: str) -> None:
    lines = (import_module(f"cgcnn.{wing}").__doc__ or "").splitlines()
    assert lines[0].endswith("."), "a wing begins with one sentence"
    listed = [found[1] for line in lines if (found := re.match(r"``(\w+)``\s+\S", line))]
    files = [path.stem for path in (project_root() / "cgcnn" / wing).glob("*.py") if path.stem != "__init__"]
    assert sorted(listed) == sorted(files)


def test_the_package_keeps_its_import_contracts(broken_contracts: Callable[[], list[str]]) -> None:
    assert broken_contracts() == []


def test_a_file_outside_every_wing_breaks_a_contract(copy: Path, broken_contracts: Callable[[], list[str]]) -> None:
    (copy / "cgcnn" / "stray.py").write_text('"""No wing holds this file."""\n')
    assert broken_contracts() == ["Wings import only from wings below"]


def test_an_import_from_a_wing_above_breaks_a_contract(copy: Path, broken_contracts: Callable[[], list[str]]) -> None:
    (copy / "cgcnn" / "data" / "stray.py").write_text("from cgcnn.graphs import batches\n")
    assert broken_contracts() == ["Wings import only from wings below"]


@pytest.mark.parametrize("wing", ["data", "graphs", "network", "files", "machine"])
def test_a_core_file_that_draws_breaks_a_contract(
    wing: str, copy: Path, broken_contracts: Callable[[], list[str]]
) -> None:
    (copy / "cgcnn" / wing / "stray.py").write_text("import matplotlib\n")
    assert broken_contracts() == ["The core draws nothing and knows no rivals"]


def test_a_wheel_holds_every_file_of_the_package(wheel: Path) -> None:
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    # Files that are not committed yet are part of the package too.
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "cgcnn"]
    known = subprocess.run(listing, cwd=project_root(), check=True, capture_output=True, text=True).stdout.splitlines()
    assert held == {name for name in known if (project_root() / name).is_file()}
    assert "cgcnn/py.typed" in held
    assert {Path(name).parent.name for name in held} == {"cgcnn", *WINGS}


def test_a_wheel_brings_the_command(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    (scripts,) = (name for name in archive.namelist() if name.endswith(".dist-info/entry_points.txt"))
    assert archive.read(scripts).decode().split() == ["[console_scripts]", "cgcnn", "=", "cgcnn.__main__:main"]


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


def site_packages_of_the_core(folder: Path) -> Path:
    """Fill a folder with links to all that the core's dependencies have installed here, and to nothing else."""
    for name in needed(asked_for()):
        for file in files(name) or []:
            first, link = distribution(name).locate_file(file.parts[0]), folder / file.parts[0]
            if file.parts[0] != ".." and not link.is_symlink():
                link.symlink_to(Path(str(first)))
    return folder


@pytest.mark.slow
def test_the_commands_need_nothing_of_the_extras(
    wheel: Path, salts: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    installed = site_packages_of_the_core(tmp_path_factory.mktemp("site-packages"))
    assert (installed / "torch").is_dir()
    assert not [name for name in ("mendeleev", "optuna", "dask", "pyarrow", "pytest") if (installed / name).exists()]
    zipfile.ZipFile(wheel).extractall(installed)
    environment = os.environ | {"PYTHONPATH": str(installed), "CGCNN_CACHE": str(tmp_path / "cache")}

    one = "salts/KCl-3.6.cif"
    commands = (
        "train salts --epochs 2 --output mine.safetensors",
        f"predict mine.safetensors {one}",
        "evaluate mine.safetensors --data salts",
        f"represent mine.safetensors levels {one}",
    )
    # -S leaves this environment's own packages out. One process for all: four would compile everything four times.
    program = "import sys; from cgcnn.__main__ import main; sys.exit(any(main(one.split()) for one in sys.argv[1:]))"
    command = [sys.executable, "-S", "-c", program, *commands]
    result = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    answers = [line.split("\t")[0] for line in result.stdout.splitlines()]
    levels = ["levels/elements.csv", "levels/energies.csv", "levels/environments.csv"]
    assert answers[0].startswith("run ")
    assert answers[1:] == [one, "validation MAE", "test MAE", *levels]
    assert sorted(str(path.relative_to(tmp_path)) for path in (tmp_path / "levels").iterdir()) == levels
