"""Read and write the book's pages in as many processes as there are processors, without needless work in any."""

from __future__ import annotations

import gc
import logging
import os
import pkgutil
from importlib import import_module
from typing import Any

from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.ext.autodoc.mock import mock
from sphinx.util.logging import NAMESPACE, VERBOSE

import cgcnn

# Jupyter Book loads it. It numbers the contents after all pages are read, and does not say whether several processes
# may read, which Sphinx takes as a no.
_SILENT = "sphinx_multitoc_numbering"
# Pages are trees of many small objects that stay until the end. Python would look through them for waste again and
# again, a fifth of the time of a build.
_SELDOM = (200_000, 20, 100)
# From this verbosity on (``-vv``), Sphinx shows the lines for its developers. It would make fifty thousand in any case.
_ALL = 2


def trust(app: Sphinx, config: Config) -> None:
    """Let several processes read, whatever the silent extension leaves unsaid."""
    if _SILENT in app.extensions:
        app.extensions[_SILENT].parallel_read_safe = True


def share(app: Sphinx, env: BuildEnvironment, pages: list[str]) -> None:
    """Order the pages so that the processes, which take a run of them each, have about the same to do.

    Sphinx gives the first run of pages to the first process. In the order of the alphabet this would be nearly all
    pages on the package, which take longest. Of these, the page on ``paper`` takes half.
    """
    heavy = [page for page in pages if page == "api/paper"]
    package = [page for page in pages if page.startswith("api/") and page not in heavy]
    others = [page for page in pages if not page.startswith("api/")]
    half = max(len(pages) // max(app.parallel, 1) - len(heavy), 0)
    pages[:] = [*heavy, *others[:half], *package, *others[half:]]
    if heavy and app.parallel > 1:
        # Once, before the processes part.
        with mock(app.config.autodoc_mock_imports):
            for module in pkgutil.walk_packages(cgcnn.__path__, f"{cgcnn.__name__}."):
                if not module.name.endswith("__main__"):
                    import_module(module.name)


def part(app: Sphinx, builder: Builder) -> None:
    """Write the pages in smaller runs: the first process writes one while the main process prepares the next."""
    if app.parallel > 1:
        app.parallel += 3


def forget(app: Sphinx, exception: Exception | None) -> None:
    """Leave all objects to the end of the process, which frees them at once."""
    gc.freeze()


def setup(app: Sphinx) -> dict[str, Any]:
    """Use the processors, unless the command line already says how many."""
    gc.set_threshold(*_SELDOM)
    if app.verbosity < _ALL:
        logging.getLogger(NAMESPACE).setLevel(VERBOSE)
    if app.parallel == 1 and hasattr(os, "sched_getaffinity"):
        app.parallel = len(os.sched_getaffinity(0))
    app.connect("config-inited", trust)
    app.connect("env-before-read-docs", share)
    app.connect("write-started", part)
    app.connect("build-finished", forget)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
