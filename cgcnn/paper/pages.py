"""Make a page of one rerun notebook, and leave out what only the paper's data show where it ran on other data."""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Mapping, Sequence
from typing import Any

from cgcnn.errors import DataError
from cgcnn.paper.recipes import is_of_the_paper

#: The tag of cells whose text is true of the paper's data alone.
OF_THE_PAPER = "of-the-paper"
# Cells with one of these tags give values to other cells or to the text, and show nothing themselves.
_SILENT = ("parameters", "injected-parameters", "remove-cell")
_NUMBER_OF_A_FIGURE = re.compile(r"^Figs?\. \S+( of the paper)?: ")

_Notebook = Mapping[str, Any]


def check_executed(notebook: _Notebook, name: str) -> None:
    """Refuse a notebook that was not executed, or whose execution stopped at an error.

    Args:
        notebook: The notebook as its JSON file holds it.
        name: The name of its file, with which the message begins.

    Raises:
        DataError: A code cell has no execution count, or it has the output of an error.
    """
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code" and _source(cell).strip()]
    if any(output["output_type"] == "error" for cell in code for output in cell["outputs"]):
        raise DataError(f"{name}: its execution stopped at an error", "mend the error and execute it again")
    if not code or any(cell["execution_count"] is None for cell in code):
        raise DataError(f"{name}: not executed", "execute it first, for example with papermill")


def label(notebook: _Notebook) -> str:
    """Return the label of a section's heading, such as ``section-mp``; empty for a notebook without one."""
    for cell in notebook["cells"]:
        found = re.match(r"\((section-[\w-]+)\)=", _source(cell))
        if cell["cell_type"] == "markdown" and found:
            return found[1]
    return ""


def dataset_of(notebook: _Notebook) -> str:
    """Return the last value of a notebook's parameter ``dataset``, which is empty for a notebook without one."""
    value = ""
    for cell in notebook["cells"]:
        if {"parameters", "injected-parameters"} & set(cell["metadata"].get("tags", [])):
            for statement in ast.parse(_source(cell)).body:
                if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "dataset":
                    value = str(ast.literal_eval(statement.value) or "")
    return value


def as_page(notebook: _Notebook, section: str) -> dict[str, Any]:
    """Return an executed notebook as it is to be rendered.

    Text that shows a value which the run does not have is left out. Nothing else is changed where the notebook ran on
    the paper's data. Of a notebook that ran on other data, the page also leaves out the cells with the tag
    :data:`OF_THE_PAPER` and the text that introduces cells without an output, and folds such cells. Its figures lose
    the numbers of the paper's figures, and a caption replaces the text that describes the paper's picture.

    Args:
        notebook: The executed notebook as its JSON file holds it. It is not changed.
        section: The name of the section, such as ``mp_coordination``.
    """
    page = copy.deepcopy(dict(notebook))
    known = {name for cell in page["cells"] for name in _glued(cell)}
    page["cells"] = [cell for cell in page["cells"] if _shown_values(cell) <= known]
    dataset = dataset_of(page)
    if not dataset or is_of_the_paper(section, [dataset]):
        return page
    cells = [cell for cell in page["cells"] if OF_THE_PAPER not in cell["metadata"].get("tags", [])]
    page["cells"] = [cell for place, cell in enumerate(cells) if not _introduces_nothing(cells[place:])]
    for cell in page["cells"]:
        if cell["cell_type"] == "code" and not cell["outputs"]:
            cell["metadata"]["tags"] = [*cell["metadata"].get("tags", []), "hide-input"]
        shown = cell["metadata"].get("mystnb", {})
        if "figure" in shown and not _has_image(cell):
            del cell["metadata"]["mystnb"]
        elif "figure" in shown:
            caption = _NUMBER_OF_A_FIGURE.sub("", shown["figure"]["caption"])
            shown["figure"]["caption"] = caption[0].upper() + caption[1:]
            shown["image"]["alt"] = re.sub(r"\s*\{cite\}`[^`]*`", "", shown["figure"]["caption"])
    return page


def contents_with(contents: Mapping[str, Any], page: str) -> dict[str, Any]:
    """Return the contents of a book that opens with a page, followed by the book's other pages.

    Args:
        contents: The contents of the book, as ``_toc.yml`` holds them.
        page: The page without its ending, such as ``sections/mp_coordination``.
    """
    others = [chapter for chapter in contents["chapters"] if chapter["file"] != page]
    return {**contents, "root": page, "chapters": others}


def _introduces_nothing(cells: Sequence[_Notebook]) -> bool:
    """Return whether the first cell is text, and the code cells up to the next text show nothing."""
    if cells[0]["cell_type"] != "markdown":
        return False
    introduced = []
    for cell in cells[1:]:
        if cell["cell_type"] == "markdown":
            break
        if not set(_SILENT) & set(cell["metadata"].get("tags", [])):
            introduced.append(cell)
    return bool(introduced) and not any(cell["outputs"] for cell in introduced)


def _glued(cell: _Notebook) -> set[str]:
    """Return the names of the values that a cell keeps for the text."""
    found = (output.get("metadata", {}).get("scrapbook", {}).get("name") for output in cell.get("outputs", []))
    return {name for name in found if name}


def _shown_values(cell: _Notebook) -> set[str]:
    """Return the names of the values of its own notebook that a text shows."""
    text = _source(cell) if cell["cell_type"] == "markdown" else ""
    return set(re.findall(r"\{glue:text\}`([^`:]+)(?::[^`:]*)?`", text))


def _has_image(cell: _Notebook) -> bool:
    return any("image/png" in output.get("data", {}) for output in cell["outputs"])


def _source(cell: _Notebook) -> str:
    return "".join(cell["source"])
