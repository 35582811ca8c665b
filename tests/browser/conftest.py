"""Open pages of the built book in a headless browser that has no network."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from cgcnn.files.paths import project_root

#: The folder with the built book; CGCNN_BOOK names another one.
BUILT = Path(os.environ.get("CGCNN_BOOK", project_root() / "book" / "_build" / "html"))
_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True)
class Opened:
    """A page that is open.

    Attributes:
        page: Playwright's page.
        complaints: What the page did that it must not do: script errors, and requests that leave its own files or fail.
    """

    page: Any
    complaints: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A headless Chromium, from the system."""
    playwright = pytest.importorskip("playwright.sync_api", reason="the extra 'browser' is not installed")
    program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if program is None:
        pytest.skip(f"needs one of the programs {', '.join(_PROGRAMS)}")
    with playwright.sync_playwright() as started:
        running = started.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        yield running
        running.close()


@pytest.fixture
def open_page(browser: Any) -> Iterator[Callable[[str], Opened]]:
    """Return a function that opens a page by its name, 1,440 pixels wide and light, and notes what it complains of."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme="light", offline=True)
    context.set_default_timeout(120_000)

    def opened(name: str) -> Opened:
        found = Opened(context.new_page())
        found.page.on("pageerror", lambda error: found.complaints.append(f"script error: {error}"))
        found.page.on("request", lambda request: _note_host(found, request.url))
        found.page.on("requestfailed", lambda request: found.complaints.append(f"not there: {request.url}"))
        found.page.goto((BUILT / name).as_uri())
        # Formulas are typeset after the page is there.
        found.page.evaluate("() => window.MathJax?.startup?.promise.then(() => true)")
        return found

    yield opened
    context.close()


def _note_host(opened: Opened, address: str) -> None:
    if not address.startswith(("file:", "data:", "blob:", "about:")):
        opened.complaints.append(f"request to another host: {address}")
