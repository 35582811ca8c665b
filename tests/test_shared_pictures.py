"""Pictures that a page repeats are one file each; a picture that stands once stays inside the page."""

from __future__ import annotations

from base64 import b64encode

import pytest

from tests.test_notebook_pages import extension

pytest.importorskip("sphinx", reason="the extra 'book' is not installed")


def image(content: bytes) -> str:
    return f'<img src="data:image/png;base64,{b64encode(content).decode()}">'


def test_a_repeated_picture_is_one_file_and_another_one_stays() -> None:
    shown, files = extension("shared_pictures").as_files(image(b"twice") + image(b"once") + image(b"twice"))
    ((name, content),) = files.items()
    assert content == b"twice"
    assert shown == f'<img src="{name}">{image(b"once")}<img src="{name}">'
    assert extension("shared_pictures").as_files(image(b"once")) == (image(b"once"), {})
