"""The package as a whole: its wings and their tables, and the import contracts."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest

from cgcnn.files.paths import project_root

WINGS = sorted(path.parent.name for path in (project_root() / "cgcnn").glob("*/__init__.py"))


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package that a test may spoil."""
    shutil.copytree(project_root() / "cgcnn", tmp_path / "cgcnn", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(project_root() / "pyproject.toml", tmp_path)
    return tmp_path


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
