"""Run every notebook template inside the book, or make a page of one notebook."""

from __future__ import annotations

import argparse
import ast
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import papermill
import yaml
from nbstripout import strip_output
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

from cgcnn import load, load_run
from cgcnn.errors import DataError
from cgcnn.figures.style import style
from cgcnn.files.writing import replacing
from cgcnn.paper import pages
from cgcnn.paper.network_diagram import network_diagram
from cgcnn.paper.perovskite_tables import lowest_of_composition
from cgcnn.paper.small_pictures import small_svg, with_small_pictures

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
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("embedded", help="run all notebooks on the embedded data")
    actions.add_parser("paper", help="run all notebooks at the paper's scale")
    actions.add_parser(
        "full", help="the same with the snapshot of 2018 of the Materials Project"
    )
    checked = actions.add_parser("check", help="print where a built book begins")
    checked.add_argument("book", type=Path, help="the folder that was built")
    paged = actions.add_parser("page", help="make a page of one notebook")
    paged.add_argument(
        "notebook",
        help="the name of a template, or the file of an executed notebook",
    )
    paged.add_argument(
        "-p",
        dest="parameters",
        nargs=2,
        action="append",
        default=[],
        metavar=("NAME", "VALUE"),
        help="a parameter of the template, as for papermill",
    )
    options = parser.parse_args()
    try:
        if options.action == "check":
            return check(options.book)
        if options.action == "page":
            return page(options.notebook, options.parameters)
    except (DataError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return everything(options.action)


def everything(scale: str) -> int:
    """Run all templates at a scale; at the paper's scale, draw Fig. 1 too.

    The run at the paper's scale writes into the repository, the others to build/.
    """
    book = (
        ROOT / "book"
        if scale == "paper"
        else lay_out(ROOT / "build" / scale / "book", "sections", "results")
    )
    if scale == "full":
        # The trials of the sets that are the same are not trained again.
        shutil.copytree(
            ROOT / "models",
            ROOT / "build" / scale / "models",
            ignore=shutil.ignore_patterns("materials_project", "*.safetensors"),
            dirs_exist_ok=True,
        )
    parameters = parameters_at(scale)
    chosen = templates()
    for place, template in enumerate(chosen, start=1):
        began = time.monotonic()
        print(f"{place} of {len(chosen)}: {template.stem} ", end="", flush=True)
        run(template, book / "sections", parameters.get(template.stem, {}))
        leave_out_unknown(book / "sections" / template.name)
        left = len(chosen) - place
        print(f"took {time.monotonic() - began:.0f} s, {left} left", flush=True)
    if scale == "paper":
        draw_figure_1(book / "_static" / "figure_1.svg")
    return 0


def draw_figure_1(path: Path) -> None:
    """Draw what the first published run makes of strontium titanate."""
    crystals = load("perovskites")
    place = lowest_of_composition(crystals, "SrTiO3")
    titanate = crystals.select(np.array([place]))
    # In the style's context, so that the same drawing gives the same file.
    with replacing(path) as temporary, style():
        figure = network_diagram(load_run("perovskites"), titanate, "Sr", "Ti")
        figure.savefig(temporary, format="svg", dpi=120, metadata={"Date": None})
        temporary.write_text(small_svg(temporary.read_text()))


def parameters_at(scale: str) -> dict[str, dict[str, Any]]:
    """Return the parameters of each notebook at a scale.

    Those of the full run are the parameters of paper.yaml with a few changes.
    """
    folder = HERE / "parameters"
    own = yaml.safe_load((folder / f"{scale}.yaml").read_text())
    if scale != "full":
        return dict(own)
    paper = yaml.safe_load((folder / "paper.yaml").read_text())
    return {name: {**given, **own.get(name, {})} for name, given in paper.items()}


def leave_out_unknown(executed: Path) -> None:
    """Leave out of an executed notebook the text that shows values it lacks.

    At the paper's scale it lacks none, and nothing is changed.
    """
    notebook = json.loads(executed.read_text())
    page = pages.as_page(notebook, executed.stem)
    if page != notebook:
        with replacing(executed) as temporary:
            nbformat.write(nbformat.from_dict(page), temporary)


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


def lay_out(book: Path, *left_out: str) -> Path:
    """Copy the book to a fresh folder, but for some of its folders."""
    shutil.rmtree(book, ignore_errors=True)
    # Links are followed: the copy has its own _config.yml and _toc.yml.
    shutil.copytree(
        ROOT / "book", book, ignore=shutil.ignore_patterns("_build", *left_out)
    )
    return book


def run(
    template: Path,
    sections: Path,
    parameters: Mapping[str, object],
    cwd: Path | None = None,
) -> None:
    """Execute one template and write it into ``sections`` unstamped.

    Relative paths are relative to ``cwd``, or else to ``sections``.
    """
    cwd = cwd or sections
    sections.mkdir(parents=True, exist_ok=True)
    # Relative, so that the executed notebook holds no path of this machine.
    results = os.path.relpath(sections.parent / "results", cwd)
    os.environ["PYTHONHASHSEED"] = "0"
    with tempfile.TemporaryDirectory(prefix="jupyter-") as scratch:
        # Kernels are spoken to by files of this user, not by ports that others
        # can listen at. The names of such files must be short.
        os.environ["JUPYTER_RUNTIME_DIR"] = scratch
        executed = Path(scratch) / template.name
        papermill.execute_notebook(
            template,
            executed,
            {"results": results, **parameters},
            cwd=cwd,
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
        notebook = nbformat.from_dict(with_small_pictures(notebook))
        with replacing(sections / template.name) as temporary:
            nbformat.write(notebook, temporary)


def page(notebook: str, parameters: Sequence[Sequence[str]] = ()) -> int:
    """Make a page of one notebook, in the book's style, and print where it is.

    A template is executed with the parameters where the user is. An executed
    notebook is rendered as it stands.

    Raises:
        DataError: There is no such notebook, it was not executed, or its
            execution stopped at an error.
    """
    known = {template.stem: template for template in templates()}
    file = Path(notebook).expanduser()
    template = known.get(notebook) or (
        file if file.resolve() in known.values() else None
    )
    if template is None and not file.is_file():
        raise DataError(
            f"{notebook}: neither a notebook of the book nor a file",
            f"name one of {', '.join(known)}, or an executed notebook",
        )
    if template is None and parameters:
        raise DataError(
            f"{notebook}: executed already, so that parameters change nothing",
            "leave the parameters out, or name the template",
        )
    name = (template or file).stem
    book = lay_out(ROOT / "build" / "page" / name, "results")
    if template:
        given = {key: read_value(value) for key, value in parameters}
        try:
            run(template, book / "sections", given, Path.cwd())
        except PapermillExecutionError as error:
            raise DataError(
                f"{name}: {error.evalue}", f"see cell {error.exec_count}"
            ) from error
        file = book / "sections" / template.name
    executed = json.loads(file.read_text())
    pages.check_executed(executed, str(file))
    section = section_of(executed, known) or name
    shown = book / "sections" / f"{section}.ipynb"
    shown.write_text(json.dumps(pages.as_page(executed, section)))
    contents = yaml.safe_load((book / "_toc.yml").read_text())
    contents = pages.contents_with(contents, f"sections/{section}")
    (book / "_toc.yml").write_text(yaml.safe_dump(contents, sort_keys=False))
    builder = Path(sys.executable).with_name("jupyter-book")
    done = subprocess.run(
        [builder, "build", book, "-n", "--keep-going", "-qq"], check=False
    )
    made = book / "_build" / "html" / "sections" / f"{section}.html"
    if done.returncode or not made.is_file():
        raise DataError(f"{made}: not made", "read what stands above")
    print(f"the page: {made}")
    return 0


def section_of(executed: Mapping[str, Any], known: Mapping[str, Path]) -> str:
    """Return the template that an executed notebook was made from, by its label."""
    label = pages.label(executed)
    for name, template in known.items():
        if label and pages.label(json.loads(template.read_text())) == label:
            return name
    return ""


def read_value(text: str) -> Any:
    """Return the number, the list or the word of Python that a text writes.

    Every other text is itself, such as the path of a folder.
    """
    try:
        return ast.literal_eval(text)
    except (SyntaxError, ValueError):
        return text


def check(book: Path) -> int:
    """Print where the built book begins, or fail where there is none.

    Some versions of Jupyter Book make no page and exit with 0.
    """
    made = (book / "_build" / "html" / "index.html").resolve()
    if not made.is_file():
        print(
            f"error: {made} was not made; read what stands above",
            file=sys.stderr,
        )
        return 2
    print(f"the book: {made}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
