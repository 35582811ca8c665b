"""What stands around the package agrees with it: versions, the guide, the Makefile and the workflows."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from cgcnn.data import datasets
from cgcnn.files.paths import project_root


def test_the_versions_of_the_project_the_citation_and_the_changelog_agree() -> None:
    root = project_root()
    version = tomllib.loads((root / "pyproject.toml").read_text())["project"]["version"]
    citation = yaml.safe_load((root / "CITATION.cff").read_text())
    assert citation["version"] == version
    released = re.findall(r"^## \[(\d.*)\] - (\S+)$", (root / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert released[0] == (version, citation["date-released"])


def test_the_guide_names_every_wing() -> None:
    wings = sorted(path.parent.name for path in (project_root() / "cgcnn").glob("*/__init__.py"))
    listed = re.findall(r"^\| `(\w+)/` \|", (project_root() / "CONTRIBUTING.md").read_text(), re.MULTILINE)
    assert sorted(listed) == wings


def test_make_without_a_target_lists_every_target() -> None:
    command = ["make", "--no-print-directory"]  # which says where it is when another make runs it
    said = subprocess.run(command, cwd=project_root(), check=True, capture_output=True, text=True).stdout
    makefile = (project_root() / "Makefile").read_text()
    targets = re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    assert targets is not None
    assert [line.split()[:2] for line in said.splitlines()] == [["make", target] for target in targets[1].split()]


@pytest.mark.parametrize("path", sorted((project_root() / "notebooks").glob("*.ipynb")), ids=lambda path: path.name)
def test_a_template_opens_on_binder_with_its_kernel_and_the_embedded_data(path: Path) -> None:
    notebook = json.loads(path.read_text())
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    (given,) = [cell for cell in notebook["cells"] if "parameters" in cell["metadata"].get("tags", [])]
    values = dict(re.findall(r'^(\w+) = "(.*)"$', "".join(given["source"]), re.MULTILINE))
    assert values.get("dataset", "") in ("", *(name for name in datasets.names() if name.endswith("-embedded")))
    assert values.get("scale", "embedded") == "embedded"


def test_the_settings_of_jupyter_book_2_are_refused_by_it_and_name_the_version_that_builds_the_book() -> None:
    root = project_root()
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    (needed,) = (line for line in project["optional-dependencies"]["book"] if line.startswith("jupyter-book"))
    # Version 2 asks for the number 1 here, shows any other value in its error, and exits with a code.
    said = yaml.safe_load((root / "myst.yml").read_text())["version"]
    assert said == f"this book is written for Jupyter Book 1: run 'make published', or install {needed}"


def test_workflows_and_ci_call_targets_of_the_makefile_alone() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (project_root() / "Makefile").read_text(), re.MULTILINE))
    workflow = yaml.safe_load((project_root() / ".github" / "workflows" / "checks.yml").read_text())
    called = set(re.findall(r"^make (\S+)", (project_root() / ".ci" / "run").read_text(), re.MULTILINE))
    for job in workflow["jobs"].values():
        variants = job.get("strategy", {}).get("matrix", {}).get("include", [{}])
        for command in (step["run"] for step in job["steps"] if "run" in step):
            program, target, *_ = command.replace("${{ matrix.target }}", "matrix.target").split()
            assert program == "make"
            called |= {variant.get("target", target) for variant in variants}
    tests = {"lint", "pytest", "coverage", "test", "test-lowest", "test-newest"}
    assert called == {*tests, "browser", "sphinx", "book", "conda"}
    assert called <= targets
