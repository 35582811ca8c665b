"""Run every notebook template with one set of parameters, inside the book."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

import nbformat
import papermill
import yaml
from nbstripout import strip_output
from traitlets.config import Config

from cgcnn.figures.style import style
from cgcnn.files.paths import replacing
from cgcnn.paper.network_diagram import network_diagram

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
#: What papermill stamps into a notebook: times, and paths of this machine.
STAMPS = [
    "metadata.papermill",
    "cell.metadata.papermill",
    "cell.metadata.execution",
]


def main() -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("action", choices=("embedded", "paper", "check"))
    parser.add_argument(
        "book", type=Path, nargs="?", help="with check: the folder that was built"
    )
    options = parser.parse_args()
    if options.action == "check":
        return check(options.book)
    book = (
        ROOT / "book"
        if options.action == "paper"
        else lay_out(ROOT / "build" / "embedded" / "book")
    )
    # In the style's context, so that the same drawing gives the same file.
    with replacing(book / "_static" / "figure_1.svg") as temporary, style():
        network_diagram().savefig(temporary, metadata={"Date": None})
    parameters = yaml.safe_load(
        (HERE / "parameters" / f"{options.action}.yaml").read_text()
    )
    chosen = templates()
    for place, template in enumerate(chosen, start=1):
        began = time.monotonic()
        print(f"{place} of {len(chosen)}: {template.stem} ", end="", flush=True)
        run(template, book / "sections", parameters.get(template.stem, {}))
        left = len(chosen) - place
        print(f"took {time.monotonic() - began:.0f} s, {left} left", flush=True)
    return 0


def templates() -> list[Path]:
    """Return the templates in the order of the contents.

    A page may read what those before it wrote.
    """
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text())
    files = [Path(chapter["file"]) for chapter in contents["chapters"]]
    return [
        HERE / f"{file.name}.ipynb"
        for file in files
        if file.parent.name == "sections"
    ]


def lay_out(book: Path) -> Path:
    """Copy the book to a fresh folder, but for the published run's sections."""
    shutil.rmtree(book, ignore_errors=True)
    # Links are followed: the copy has its own _config.yml and _toc.yml.
    shutil.copytree(
        ROOT / "book",
        book,
        ignore=shutil.ignore_patterns("_build", "sections", "results"),
    )
    return book


def run(template: Path, sections: Path, parameters: dict[str, object]) -> None:
    """Execute one template inside ``sections`` and write it there unstamped."""
    sections.mkdir(parents=True, exist_ok=True)
    os.environ["PYTHONHASHSEED"] = "0"
    with tempfile.TemporaryDirectory(prefix="jupyter-") as scratch:
        # Kernels are spoken to by files of this user, not by ports that others
        # can listen at. The names of such files must be short.
        os.environ["JUPYTER_RUNTIME_DIR"] = scratch
        executed = Path(scratch) / template.name
        papermill.execute_notebook(
            template,
            executed,
            # Relative, so that the executed notebook holds no path of this machine.
            {**parameters, "results": "../results"},
            cwd=sections,
            kernel_name="python3",
            progress_bar=sys.stderr.isatty(),
            config=Config(KernelManager={"transport": "ipc"}),
        )
        notebook = nbformat.read(executed, as_version=4)
        notebook = strip_output(
            notebook,
            keep_output=True,
            keep_count=True,
            keep_id=True,
            extra_keys=STAMPS,
        )
        for cell in notebook.cells:
            if "injected-parameters" in cell.metadata.get("tags", []):
                cell.metadata["tags"] = ["injected-parameters", "hide-input"]
        with replacing(sections / template.name) as temporary:
            nbformat.write(notebook, temporary)


def check(book: Path) -> int:
    """Print where the built book begins, or fail where there is none.

    Some versions of Jupyter Book make no page and exit with 0.
    """
    page = (book / "_build" / "html" / "index.html").resolve()
    if not page.is_file():
        print(
            f"error: {page} was not made; read what stands above",
            file=sys.stderr,
        )
        return 2
    print(f"the book: {page}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
