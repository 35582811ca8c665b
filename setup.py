"""Put the published models and the embedded data into a wheel; everything else about the package is in pyproject.toml.

In the repository these files lie beside the package, in ``models/`` and ``data/embedded/``. An installed package has
copies of them in ``cgcnn/_shipped/``, where ``cgcnn.files.paths`` finds them.
"""

from __future__ import annotations

from itertools import chain
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
#: The paper's network on all training crystals of the three sets, three seeds each; the maps of the first seeds; and
#: all embedded data.
SHIPPED = (
    "models/README.md",
    "models/perovskites/paper-random-15000-seed[012]-*.safetensors",
    "models/boron/paper-random-3038-seed[012]-*.safetensors",
    "models/materials_project/paper-random-21886-seed[012]-*.safetensors",
    "models/*/map-*.safetensors",
    "data/embedded/README.md",
    "data/embedded/*.csv",
    "data/embedded/*.gz",
)


def shipped_files() -> list[str]:
    """Return the paths of the files that a wheel brings besides the package, relative to the repository.

    Raises:
        FileNotFoundError: A pattern fits no file, so that the wheel would lack something that it promises.
    """
    found = {pattern: sorted(ROOT.glob(pattern)) for pattern in SHIPPED}
    if missing := [pattern for pattern, paths in found.items() if not paths]:
        raise FileNotFoundError(f"{ROOT}: has no {' and no '.join(missing)}, which a wheel must hold")
    return [path.relative_to(ROOT).as_posix() for path in chain.from_iterable(found.values())]


class BuildWithShippedFiles(build_py):  # type: ignore[misc]  # setuptools has no types
    """Copy the package as always, and the shipped files with it."""

    def run(self) -> None:
        """Build; an editable installation finds the files in the repository and gets no copies."""
        super().run()
        if self.editable_mode:
            return
        for name in shipped_files():
            copy = Path(self.build_lib) / "cgcnn" / "_shipped" / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            self.copy_file(str(ROOT / name), str(copy))

    def get_source_files(self) -> list[str]:
        """Return what a source archive must hold, so that a wheel can be built from it too."""
        return [*super().get_source_files(), *shipped_files()]


setup(cmdclass={"build_py": BuildWithShippedFiles})
