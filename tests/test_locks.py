"""The lists of packages agree: what files import, what the project asks for, what is locked, what conda installs."""

from __future__ import annotations

import ast
import csv
import importlib.util
import re
import sys
import tomllib
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, packages_distributions, requires, version
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from cgcnn.files.paths import project_root

PACKAGE = project_root() / "cgcnn"
PROJECT = tomllib.loads((project_root() / "pyproject.toml").read_text())["project"]
#: All extras but those that are installed where they are used, and whose packages this environment need not have.
EXTRAS = tuple(name for name in PROJECT["optional-dependencies"] if name not in ("potentials", "browser", "gpu-tests"))
#: Besides the wings figures/ and paper/, the files that may import what the extra "paper" brings.
WITH_PAPER = ("analysis/elements.py", "analysis/maps.py", "analysis/probes.py", "training/search.py")
WITH_CLUSTER = ("machine/cluster.py",)
WITH_POTENTIALS = ("paper/potentials.py",)
WITH_TRITON = ("network/kernels_gpu.py", "network/loops_gpu.py")


@pytest.fixture(scope="module")
def lock() -> ModuleType:
    """The program behind ``make lock``."""
    spec = importlib.util.spec_from_file_location("lock", project_root() / ".ci" / "lock.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def distributions() -> Mapping[str, list[str]]:
    """The packages of this environment by the names that are imported, which takes a second to find out."""
    return packages_distributions()


def asked_for(*extras: str) -> list[Requirement]:
    """Return what the core asks for, and these extras."""
    lines = [*PROJECT["dependencies"], *(line for name in extras for line in PROJECT["optional-dependencies"][name])]
    return [Requirement(line) for line in lines]


def names(requirements: list[Requirement]) -> set[str]:
    return {canonicalize_name(requirement.name) for requirement in requirements}


def needed(requirements: list[Requirement]) -> set[str]:
    """Return the names of these packages, of those that they need here, of those that these need, and so on."""
    found: dict[tuple[str, ...], str] = {}
    waiting = list(requirements)
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if (name, *sorted(requirement.extras)) in found:
            continue
        found[name, *sorted(requirement.extras)] = name
        for one in map(Requirement, requires(name) or []):
            chosen = ({"extra": extra} for extra in ("", *requirement.extras))
            if one.marker is None or any(map(one.marker.evaluate, chosen)):
                waiting.append(one)
    return set(found.values())


def installed(name: str) -> str | None:
    try:
        return version(name).split("+")[0]
    except PackageNotFoundError:
        return None


def imported(path: Path) -> set[str]:
    """Return the top names of all that a file imports, but for the standard library and the package itself."""
    nodes = list(ast.walk(ast.parse(path.read_text())))
    modules = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    modules += [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module]
    return {module.split(".")[0] for module in modules} - sys.stdlib_module_names - {"cgcnn"}


def extras_of(file: str) -> tuple[str, ...]:
    if file == "paper/section.py":  # what a notebook hands to the book
        return ("paper", "book")
    if file in WITH_POTENTIALS:
        return ("paper", "potentials")
    if file in WITH_PAPER or file.startswith(("figures/", "paper/")):
        return ("paper",)
    if file in WITH_TRITON:  # torch's build for CUDA brings it
        return ("gpu-tests",)
    return ("cluster",) if file in WITH_CLUSTER else ()


@pytest.mark.parametrize("file", [path.relative_to(PACKAGE).as_posix() for path in sorted(PACKAGE.rglob("*.py"))])
def test_a_file_imports_only_what_its_part_of_the_package_asks_for(
    file: str, distributions: Mapping[str, list[str]]
) -> None:
    for module in imported(PACKAGE / file):
        brought_by = {canonicalize_name(name) for name in distributions.get(module, [module])}
        assert brought_by & names(asked_for(*extras_of(file))), f"{module}: add it to pyproject.toml"


def test_the_lock_has_versions_that_the_project_allows(lock: ModuleType) -> None:
    pinned = {canonicalize_name(name): version for name, version in lock.locked().items()}
    for requirement in asked_for(*EXTRAS):
        found = pinned.get(canonicalize_name(requirement.name), "none")
        assert found != "none", f"{requirement} is not locked: run 'make lock'"
        assert requirement.specifier.contains(found), f"{requirement} is not met by {found}: run 'make lock'"


def test_the_lock_holds_all_that_is_needed_and_nothing_else(lock: ModuleType) -> None:
    pinned = {canonicalize_name(name): version for name, version in lock.locked().items()}
    if differing := [name for name in pinned if installed(name) != pinned[name]]:
        pytest.skip(f"needs the locked environment; it has other versions of {', '.join(differing)}")
    wanted = {name for name in needed(asked_for(*EXTRAS)) if not lock.CUDA.fullmatch(name)}
    assert set(pinned) == wanted, "run 'make lock'"


def test_conda_and_binder_install_the_package_and_what_it_asks_for(lock: ModuleType) -> None:
    text = (project_root() / "environment.yml").read_text()
    assert text == lock.environment_text(), "run 'make lock'"
    content = yaml.safe_load(text)
    *by_conda, last = content["dependencies"]
    assert content["channels"] == ["conda-forge"]
    # Editable, so that the notebooks find the book's claims and the published runs in the repository.
    assert last == {"pip": ["-e .[paper,parquet,cluster,book]"]}
    assert by_conda[:2] == ["python=3.11", "pip"]  # Binder's builder reads the version from "python=3.11" alone
    asked = {
        canonicalize_name(one.name): str(one.specifier) for one in asked_for("paper", "parquet", "cluster", "book")
    }
    versions = {canonicalize_name(one.name): str(one.specifier) for one in map(Requirement, by_conda[2:])}
    known = lock.conda_names()
    assert versions == {known[name]: bounds for name, bounds in asked.items() if name in known}
    assert asked.keys() - known.keys() == {"textalloc"}, "not on conda-forge: is there a recipe now?"


def test_the_names_on_conda_forge_are_those_of_its_recipes(lock: ModuleType) -> None:
    with lock.CONDA_NAMES.open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        # A recipe's package is called like the recipe; PyTorch's makes pytorch, pytorch-cpu and pytorch-gpu.
        assert row["recipe"] == f"conda-forge/{row['conda_forge']}-feedstock"
        assert row["conda_forge"] == {"torch": "pytorch-cpu"}.get(row["package"], row["package"])
        assert re.fullmatch(r"[0-9a-f]{40}", row["commit"]), row
    assert [row["package"] for row in rows] == sorted({row["package"] for row in rows})


def test_the_lock_names_no_place(lock: ModuleType) -> None:
    assert lock.LOCK.read_text() == lock.lock_text(lock.locked())
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+", name) for name in lock.locked())
    assert all(re.fullmatch(r"[A-Za-z0-9.!]+", pinned) for pinned in lock.locked().values())


def test_torch_and_jupyter_book_are_the_versions_the_book_is_built_with(lock: ModuleType) -> None:
    assert lock.locked()["torch"] == "2.13.0"
    assert lock.locked()["jupyter-book"] == "1.0.4.post1"
