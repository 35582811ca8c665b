"""Write requirements.lock and environment.yml anew from what pyproject.toml asks for, with pip's own resolver.

    python .ci/lock.py                  keeps every locked version that is still allowed, adds and removes packages
    python .ci/lock.py numpy pandas     lets these move to their newest allowed versions
    python .ci/lock.py all              lets all of them move

It needs pip and the Python that the lock is for. It installs nothing. It writes no hashes: the CPU and the CUDA build
of torch have one version, and pip takes the one that it finds.

environment.yml has the bounds of pyproject.toml, because conda-forge does not have every version that pip finds. Its
names are those of conda-forge.csv, which lists for each package the recipe in which the name was found.
"""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LOCK, ENVIRONMENT = ROOT / "requirements.lock", ROOT / "environment.yml"
CONDA_NAMES = ROOT / ".ci" / "conda-forge.csv"
PYTHON = (3, 11)
LOCK_HEAD = """\
# Every package of the environment, for Python 3.11 on Linux; torch is the CPU build where pip finds one.
# Written by 'make lock' from pyproject.toml; not to be edited.
"""
ENVIRONMENT_HEAD = """\
# For conda and Binder: this package as it lies here, and what it asks for by conda-forge's names; PyTorch for CPUs.
# Written by 'make lock' from pyproject.toml; not to be edited.
name: cgcnn
channels:
  - conda-forge
dependencies:
  - python=3.11
  - pip
"""
#: What only developers of the package need; 'make test' installs it.
NOT_FOR_CONDA = "test"
#: What is for a measurement that is done once, or for a program of the system, or what torch's build for CUDA brings in
#: a version of its own; pip installs it where it is used.
NOT_LOCKED = ("potentials", "browser", "gpu-tests")
#: What the CUDA build of torch asks for and the CPU build does not: pip adds it where it installs the CUDA build.
CUDA = re.compile(r"nvidia-.*|cuda-.*|triton")


def main(released: list[str]) -> int:
    """Write both files; return the exit code."""
    if sys.version_info[:2] != PYTHON:
        print(f"error: the lock is for Python {PYTHON[0]}.{PYTHON[1]}; run this with that version", file=sys.stderr)
        return 2
    moving = set(map(canonical, released))
    kept = {name: version for name, version in locked().items() if canonical(name) not in moving}
    print("pip looks for the versions, which takes a minute", file=sys.stderr)
    lock = resolve(asked_for(), {} if released == ["all"] else kept)
    for path, text in ((LOCK, lock_text(lock)), (ENVIRONMENT, environment_text())):
        changed = path.read_text() != text
        if changed:  # an unchanged lock must not make the environment look out of date
            temporary = path.with_name(f".{path.name}")
            temporary.write_text(text)
            temporary.replace(path)
        print(f"{path.name}: {'written' if changed else 'as it was'}")
    return 0


def project() -> dict[str, Any]:
    """Return pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def asked_for() -> list[str]:
    """Return all that pyproject.toml asks for: to build the package, to run it, and for every extra that is locked."""
    content = project()
    optional = content["project"]["optional-dependencies"]
    extras = [line for name, lines in optional.items() if name not in NOT_LOCKED for line in lines]
    return [*content["build-system"]["requires"], *content["project"]["dependencies"], *extras]


def locked() -> dict[str, str]:
    """Return version by name, as requirements.lock has them."""
    return dict(line.split("==") for line in LOCK.read_text().splitlines() if not line.startswith("#"))


def resolve(requirements: list[str], kept: dict[str, str]) -> dict[str, str]:
    """Return the version of each package of an environment that meets the requirements.

    Args:
        requirements: What the environment must hold.
        kept: Version by name of the packages that must not change.

    Returns:
        Version by name, as the packages write their names.

    Raises:
        subprocess.CalledProcessError: No set of versions meets the requirements; pip has said why.
    """
    with tempfile.TemporaryDirectory() as folder:
        constraints, report = Path(folder) / "constraints.txt", Path(folder) / "report.json"
        constraints.write_text("".join(f"{name}=={version}\n" for name, version in kept.items()))
        command = [sys.executable, "-m", "pip", "install", "-qq", "--dry-run", "--ignore-installed"]
        command += ["--constraint", str(constraints), "--report", str(report)]
        subprocess.run([*command, *requirements], check=True)
        packages = [entry["metadata"] for entry in json.loads(report.read_text())["install"]]
    # The part after "+" names a build, such as torch's for CPUs.
    found = {package["name"]: package["version"].split("+")[0] for package in packages}
    return {name: found[name] for name in sorted(found, key=canonical) if not CUDA.fullmatch(canonical(name))}


def lock_text(lock: dict[str, str]) -> str:
    """Return requirements.lock for these versions."""
    return LOCK_HEAD + "".join(f"{name}=={version}\n" for name, version in lock.items())


def environment_text() -> str:
    """Return environment.yml: what conda-forge has of the packages that pyproject.toml names, and the package itself.

    pip installs the package in place, and what conda-forge does not have with it.
    """
    content, known = project()["project"], conda_names()
    left_out = (NOT_FOR_CONDA, *NOT_LOCKED)
    extras = {name: lines for name, lines in content["optional-dependencies"].items() if name not in left_out}
    wanted = [*content["dependencies"], *(line for lines in extras.values() for line in lines)]
    found = sorted(known[canonical(line)] + line[len(name_in(line)) :] for line in wanted if canonical(line) in known)
    by_pip = f"  - pip:\n      - -e .[{','.join(extras)}]\n"
    return ENVIRONMENT_HEAD + "".join(f"  - {line}\n" for line in found) + by_pip


def conda_names() -> dict[str, str]:
    """Return the name on conda-forge of each package that is there."""
    with CONDA_NAMES.open(newline="") as file:
        return {row["package"]: row["conda_forge"] for row in csv.DictReader(file)}


def name_in(requirement: str) -> str:
    """Return the name with which a requirement begins."""
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    if not found:
        raise ValueError(f"{requirement!r} begins with no package name")
    return found[0]


def canonical(requirement: str) -> str:
    """Return the name of a requirement as package indexes compare names: in lower case, with single hyphens."""
    return re.sub(r"[-_.]+", "-", name_in(requirement)).lower()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
