"""The three lists of packages agree: what the project asks for, what is locked, and what conda and Binder install."""

from __future__ import annotations

import re
import tomllib

import yaml

from cgcnn.files.paths import project_root


def name_of(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found, requirement
    return re.sub(r"[-_.]+", "-", found[0]).lower()


def pins(lines: list[str]) -> dict[str, str]:
    found = {}
    for line in lines:
        requirement = line.split("#")[0].strip()
        if requirement:
            name, version = requirement.split("==")
            found[name_of(name)] = version
    return found


def locked() -> dict[str, str]:
    return pins((project_root() / "requirements.lock").read_text().splitlines())


def environment() -> dict[str, str]:
    content = yaml.safe_load((project_root() / "environment.yml").read_text())
    assert "python=3.11" in content["dependencies"]
    return pins(next(item["pip"] for item in content["dependencies"] if isinstance(item, dict)))


def asked_for() -> set[str]:
    project = tomllib.loads((project_root() / "pyproject.toml").read_text())["project"]
    extras = [line for lines in project["optional-dependencies"].values() for line in lines]
    return {name_of(line) for line in (*project["dependencies"], *extras)}


def test_conda_installs_the_versions_that_are_locked() -> None:
    lock = locked()
    assert {name: lock.get(name) for name in environment()} == environment()


def test_every_package_asked_for_is_in_both_lists() -> None:
    assert asked_for() <= set(locked())
    assert asked_for() <= set(environment())


def test_torch_and_jupyter_book_are_the_versions_the_book_is_built_with() -> None:
    assert locked()["torch"] == "2.13.0"
    assert locked()["jupyter-book"] == "1.0.4.post1"


def test_the_lock_pins_everything_and_names_no_place() -> None:
    lines = (project_root() / "requirements.lock").read_text().splitlines()
    requirements = [line for line in lines if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.!]+", line) for line in requirements)
