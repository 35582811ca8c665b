"""How an executed notebook becomes a page: parameters as a table, code folded and named, files to take along.

The notebook itself is not changed, so that what is downloaded is what ran. Templates need nothing for it.
"""

from __future__ import annotations

import ast
import copy
import hashlib
import json
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from cgcnn.files.paths import project_root
from cgcnn.paper.notebook_figures import ShownFigure, shown_figures
from cgcnn.paper.pages import dataset_of
from cgcnn.paper.recipes import RECIPES, paper_config, recipe
from cgcnn.paper.small_pictures import with_shared_paths

#: Where the site has the files to take along, beside its pages.
RESULTS, TEMPLATES, FIGURES = "results", "notebooks", "figures"
#: How the HTML of a map to explore begins.
EXPLORER = '<div class="explorer"'
_GIVEN = ("parameters", "injected-parameters")
# What a template says of the cell that is a table on the page.
_ABOVE_PARAMETERS = ("The cell below holds every parameter.", "The table below holds every parameter.")
_NUMBER = re.compile(r"^(Figs?\. S?\d+(?:\([a-z]\))?)")
_SAVED = re.compile(r'section\.save\(.*?f?"([\w{}]+)"\)$', re.MULTILINE | re.DOTALL)
_NAME_OF_CELL = re.compile(r' id="T_\w+?_(?:level\d+_)?row\d+(?:_col\d+)?"')
_STYLED_CELL = re.compile(r"#T_\w+?_(?:level\d+_)?row\d+")
_SMALL_PICTURE = re.compile(r'<img src="data:image/png;base64,[^"]*" alt="([^"]*)"[^>]*>')

_Cell = dict[str, Any]


def as_page(notebook: Mapping[str, Any], name: str, tables: Sequence[str], numbers: bool = True) -> dict[str, Any]:
    """Return an executed notebook as it is shown.

    Args:
        notebook: The notebook as its JSON file holds it. It is not changed.
        name: The name of its file without the ending.
        tables: The names of the tables that the section wrote.
        numbers: Whether the file of its numbers is there, which a page of a rerun lacks.
    """
    page = copy.deepcopy(dict(notebook))
    cells = page["cells"]
    for data in _outputs(cells):
        if "text/html" in data:
            data["text/html"] = without_names_of_cells("".join(data["text/html"]))
    given = [cell for cell in cells if set(_GIVEN) & _tags(cell)]
    if given:
        for cell in cells:
            if cell["cell_type"] == "markdown":
                cell["source"] = _source(cell).replace(*_ABOVE_PARAMETERS)
        place = cells.index(given[0])
        cells = [cell for cell in cells if cell not in given]
        cells.insert(place, _text(parameter_table(given, dataset_of(page))))
    folded = list(_folded(_merged(cells)))
    page["cells"] = [*_with_files(folded, name, tables), _text(files_of_page(name, tables, given, numbers))]
    return page


def parameter_table(cells: Sequence[_Cell], dataset: str) -> str:
    """Return the parameters of a run as a table in Markdown.

    A parameter that is None is decided by the recipe of the data set. The table has what it decided.

    Args:
        cells: The cell with the defaults, and the cell with the values of the run where they are others.
        dataset: The name of the data set; empty for a section on several.
    """
    defaults, values = _assigned(cells[0]), dict[str, Any]()
    for cell in cells:
        values |= _assigned(cell)
    lines = [
        "**Parameters of this run**",
        "",
        ":::{container} parameters",
        "| name | value | default |",
        "|---|---|---|",
    ]
    for name, value in values.items():
        shown = f"`{value!r}`"
        if value is None and (decided := _of_recipe(name, dataset, values)) is not None:
            shown = f"`{decided!r}`, by the recipe"
        lines.append(f"| `{name}` | {shown} | `{defaults.get(name)!r}` |")
    return "\n".join([*lines, ":::"])


def files_of_page(name: str, tables: Sequence[str], given: Sequence[_Cell], numbers: bool) -> str:
    """Return the end of a page in Markdown: what can be taken along, and how to run the notebook.

    Args:
        name: The name of the notebook without the ending.
        tables: The names of the tables that the section wrote.
        given: The cells with its parameters.
        numbers: Whether the file of its numbers is there.
    """
    executed = _link(f"../_sources/sections/{name}.ipynb", "as it was executed for this page", f"{name}.ipynb")
    template = _link(f"../{TEMPLATES}/{name}.ipynb", "without outputs, to run it yourself", f"{name}.ipynb")
    measured = "; " + _link(f"../{RESULTS}/{name}.json", "all its numbers") if numbers else ""
    seeded = any("seed" in _assigned(cell) for cell in given)
    end = ", and its tables:" if tables else "."
    change = " -p seed 1" if seeded else ""
    other = ["# seed or another parameter of the table above"] if seeded else []
    lines = [
        "## Take it along, run it yourself",
        "",
        f"The notebook of this page {executed}, and {template}{measured}{end}",
        "",
        ", ".join(_link(f"../{RESULTS}/{name}/{table}.csv", f"{table}.csv") for table in tables),
        "",
        "```bash",
        *other,
        f"papermill notebooks/{name}.ipynb out.ipynb{change}",
        "# a page like this one",
        "make page NOTEBOOK=out.ipynb",
        "```",
    ]
    return "\n".join(lines)


def figures_as_svg(notebook: Mapping[str, Any]) -> dict[str, str]:
    """Return the drawings of a notebook as SVG, by the names of its figures."""
    return {name: figure.svg for name, figure in shown_figures(notebook).items() if figure.svg}


def without_copies(notebook: Mapping[str, Any]) -> dict[str, Any]:
    """Return a notebook without what the site has elsewhere: drawings, maps to explore, and pictures inside of a table.

    Drawings have files of their own, and a map needs the scripts of its page. For a picture in a table stands its text.
    """
    smaller = copy.deepcopy(dict(notebook))
    for data in _outputs(smaller["cells"]):
        data.pop("image/svg+xml", None)
        html = "".join(data.get("text/html", ""))
        if html.startswith(EXPLORER):
            data["text/html"] = "<p>The page in the book has a map to explore here.</p>"
        elif html:
            data["text/html"] = _SMALL_PICTURE.sub(lambda found: found[1], without_names_of_cells(html))
    return smaller


def without_names_of_cells(html: str) -> str:
    """Return the HTML of a table without the name of each cell, unless its style sheet names single cells.

    pandas gives each cell a name, which is a quarter of the bytes of a table of numbers.

    Args:
        html: An output of a notebook, with or without a table.
    """
    return html if _STYLED_CELL.search(html) else _NAME_OF_CELL.sub("", html)


def _outputs(cells: Sequence[_Cell]) -> Iterator[dict[str, Any]]:
    """Yield the outputs of cells, each as its texts and pictures by their kinds."""
    for cell in cells:
        for output in cell.get("outputs", []):
            yield output.get("data", {})


def _of_recipe(name: str, dataset: str, values: Mapping[str, Any]) -> Any:
    """Return the value that the recipe of a named data set gives to a parameter; None where it gives none."""
    if dataset not in RECIPES:
        return None
    if name == "training_sizes":
        return list(recipe(dataset).element_sizes) or None
    return getattr(paper_config(dataset, values.get("network") or "paper"), name, None)


def _merged(cells: Sequence[_Cell]) -> Iterator[_Cell]:
    """Yield cells; code that shows nothing, or only a log like the next one, is joined to the code that follows."""
    waiting: _Cell | None = None
    for cell in cells:
        is_code = cell["cell_type"] == "code" and "remove-cell" not in _tags(cell)
        if waiting is not None and is_code and (not _shown(waiting) or _is_log(cell)):
            cell["source"] = f"{_source(waiting)}\n\n{_source(cell)}"
            cell["outputs"] = [*waiting["outputs"], *cell["outputs"]]
            waiting = None
        if waiting is not None and "remove-cell" not in _tags(cell):
            yield waiting
            waiting = None
        if is_code and _figure(cell) is None and (not _shown(cell) or _is_log(cell)):
            waiting = cell
        else:
            yield cell
    if waiting is not None:
        yield waiting


def _folded(cells: Sequence[_Cell] | Iterator[_Cell]) -> Iterator[_Cell]:
    """Yield cells; code is folded under a bar that says what the code is for."""
    for cell in cells:
        tags = _tags(cell)
        if cell["cell_type"] == "code":
            kept_values = [output for output in cell["outputs"] if "scrapbook" in output.get("metadata", {})]
            cell["outputs"] = [*kept_values, *_shown(cell)]
        if cell["cell_type"] == "code" and not tags & {"remove-cell", "remove-input"}:
            both = "hide-output" in tags
            kept = [tag for tag in cell["metadata"].get("tags", []) if tag not in ("hide-input", "hide-output")]
            cell["metadata"]["tags"] = [*kept, "hide-cell" if both else "hide-input"]
            shown = cell["metadata"].setdefault("mystnb", {})
            shown["code_prompt_show"] = shown["code_prompt_hide"] = _purpose(cell, both)
        yield cell


def _purpose(cell: _Cell, both: bool) -> str:
    """Return what the code of a cell is for; ``both`` where its output is folded with it."""
    figure = _figure(cell)
    if figure:
        number = _NUMBER.match(figure["caption"])
        return f"Code: draw {number[1] if number else 'this figure'}"
    kinds = {kind for output in _shown(cell) for kind in output.get("data", {"log": None})}
    if "text/html" in kinds:
        return "All rows of the table, and the code" if both else "Code: make this table"
    if "log" in kinds:
        return "Code and log: find or train the networks" if both else "Code: run this step"
    return "Code: write these lines" if kinds else "Code: prepare what follows"


def _with_files(cells: Sequence[_Cell], name: str, tables: Sequence[str]) -> Iterator[_Cell]:
    """Yield cells; links to its files follow each figure."""
    saved: list[str] = []
    for cell in cells:
        yield cell
        if cell["cell_type"] != "code":
            saved = []
            continue
        own = _SAVED.findall(_source(cell))
        saved += own
        for label, figure in shown_figures({"cells": [cell]}).items():
            links = " · ".join(_links(label, figure, name, own or saved, tables))
            yield _text(f'<p class="figure-files">Take it along: {links}</p>')
            for output in cell["outputs"]:
                output.get("data", {}).pop("image/svg+xml", None)
        if _figure(cell):
            saved = []


def _links(label: str, figure: ShownFigure, name: str, saved: Sequence[str], tables: Sequence[str]) -> Iterator[str]:
    """Yield the links to a figure as PNG, as SVG, and to its tables."""
    yield _link(f"../_images/{figure.file}", "PNG", f"{name}-{label}.png")
    if figure.svg:
        yield _link(f"../{FIGURES}/{name}/{label}.svg", "SVG", f"{name}-{label}.svg")
    for each in saved:
        pattern = re.compile(re.sub(r"\{\w+\}", r"\\w+", each))
        for table in tables:
            if pattern.fullmatch(table):
                yield _link(f"../{RESULTS}/{name}/{table}.csv", f"{table}.csv")


def _link(address: str, text: str, saved_as: str = "") -> str:
    return f'<a href="{address}" download="{saved_as or Path(address).name}">{text}</a>'


def _assigned(cell: _Cell) -> dict[str, Any]:
    """Return the values that a cell of parameters gives, by their names."""
    lines = [line for line in ast.parse(_source(cell)).body if isinstance(line, ast.Assign)]
    return {ast.unparse(line.targets[0]): ast.literal_eval(line.value) for line in lines}


def _shown(cell: _Cell) -> list[_Cell]:
    """Return the outputs of a cell that a page shows: neither values kept for the text nor empty Markdown."""
    seen = [output for output in cell["outputs"] if "scrapbook" not in output.get("metadata", {})]
    return [output for output in seen if "".join(output.get("data", {}).get("text/markdown", "-"))]


def _is_log(cell: _Cell) -> bool:
    """Return whether the output of a cell is a log that is folded."""
    shown = _shown(cell)
    return bool(shown) and "hide-output" in _tags(cell) and not any("data" in output for output in shown)


def _figure(cell: _Cell) -> dict[str, Any] | None:
    found: dict[str, Any] | None = cell["metadata"].get("mystnb", {}).get("figure")
    return found


def _tags(cell: _Cell) -> set[str]:
    return set(cell["metadata"].get("tags", []))


def _source(cell: _Cell) -> str:
    return "".join(cell["source"])


def _text(source: str) -> _Cell:
    return {
        "cell_type": "markdown",
        "id": hashlib.sha256(source.encode()).hexdigest()[:8],
        "metadata": {},
        "source": source,
    }


def read(app: Sphinx, page: str, source: list[str]) -> None:
    """Put the notebook as it is shown in the place of the one that was read."""
    if page.startswith("sections/"):
        name = page.removeprefix("sections/")
        results = Path(app.srcdir) / RESULTS
        tables = sorted(path.stem for path in (results / name).glob("*.csv"))
        page_shown = as_page(json.loads(source[0]), name, tables, (results / f"{name}.json").is_file())
        source[0] = json.dumps(page_shown)


def copy_files(app: Sphinx, exception: Exception | None) -> None:
    """Put results, templates and drawings beside the pages that link to them."""
    if exception is not None or app.builder.format != "html":
        return
    for page in app.env.found_docs:
        if not page.startswith("sections/"):
            continue
        name = page.removeprefix("sections/")
        template = project_root() / TEMPLATES / f"{name}.ipynb"
        written = [Path(app.srcdir) / RESULTS / f"{name}.json", *(Path(app.srcdir) / RESULTS / name).glob("*.csv")]
        for path in [*written, *([template] if template.is_file() else [])]:
            root = Path(app.srcdir) if path != template else project_root()
            target = Path(app.outdir) / path.relative_to(root)
            if path.is_file():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)
        notebook = json.loads(Path(app.env.doc2path(page)).read_text())
        for figure, drawing in figures_as_svg(notebook).items():
            target = Path(app.outdir) / FIGURES / name / f"{figure}.svg"
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(with_shared_paths(drawing))
        executed = Path(app.outdir) / "_sources" / f"{page}.ipynb"
        if executed.is_file():
            executed.write_text(json.dumps(without_copies(notebook), ensure_ascii=False, separators=(",", ":")))


def setup(app: Sphinx) -> dict[str, Any]:
    """Add both steps."""
    app.connect("source-read", read)
    app.connect("build-finished", copy_files)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
