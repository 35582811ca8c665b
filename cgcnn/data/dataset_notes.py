"""Read what a folder says of itself in ``dataset.yaml``: title, target, unit, table, license and references."""

from __future__ import annotations

import difflib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from cgcnn.data.text_files import read_text
from cgcnn.errors import DataError, printable, reason, shortened

#: The names under which the notes may stand in a folder.
NOTES = ("dataset.yaml", "dataset.yml")
_TEXTS = ("title", "target", "unit", "per", "table", "license")
_KEYS = (*_TEXTS, "references")


# Notes are no longer, in letters. YAML is read slowly.
_LARGEST = 1_000_000


class _WithoutAliases(yaml.SafeLoader):
    """Read YAML without aliases: a few lines of aliases of aliases stand for more texts than a memory can hold."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Return the next node; refuse an alias."""
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("an alias, which is not read here")
        node: yaml.Node | None = super().compose_node(parent, index)
        return node


@dataclass(frozen=True)
class DatasetNotes:
    """What a folder says of itself.

    Attributes:
        path: The file that says it; None where there is none.
        texts: What it says under ``title``, ``target``, ``unit``, ``per``, ``table`` and ``license``.
        references: The sources of the data.
    """

    path: Path | None
    texts: dict[str, str]
    references: tuple[str, ...]


def read_notes(folder: Path) -> DatasetNotes:
    """Read the notes of a folder, where it has some.

    Args:
        folder: The folder.

    Raises:
        DataError: There are two files of notes; or the file is no YAML, has a key that is not known, or something else
            than a text under a key. The message names the key.
    """
    paths = [folder / name for name in NOTES if os.path.lexists(folder / name)]
    if not paths:
        return DatasetNotes(None, {}, ())
    if len(paths) > 1:
        raise DataError(f"{folder}: {' and '.join(NOTES)} are both there", "remove one of them")
    (path,) = paths
    text = read_text(path)
    if len(text) > _LARGEST:
        raise DataError(f"{path}: {len(text)} letters, where notes have a few lines", "leave out what is no note")
    try:
        content = yaml.load(text, _WithoutAliases)  # it is a SafeLoader
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise DataError(f"{path}: not YAML ({reason(error)})", "write one line 'key: text' for each key") from error
    if content is None:
        return DatasetNotes(path, {}, ())
    if not isinstance(content, dict):
        raise DataError(f"{path}: no keys", f"write one line 'key: text' for each of {', '.join(_KEYS)}")
    for key, value in content.items():
        if key not in _KEYS:
            near = difflib.get_close_matches(str(key), _KEYS, 1)
            raise DataError(f"{path}: the key {key!r} is not known", f"write {near[0] if near else ', '.join(_KEYS)}")
        if key in _TEXTS and value is not None and not isinstance(value, str):
            raise DataError(f"{path}: {key}: {value!r} is not a text", f"put it in quotes: {key}: '{value}'")
    references = content.get("references") or ()
    if isinstance(references, str):
        references = (references,)
    if not isinstance(references, list | tuple) or not all(isinstance(each, str) for each in references):
        raise DataError(f"{path}: references: not a list of texts", "write one line '- text' for each below it")
    texts = {key: _line(content[key]) for key in _TEXTS if content.get(key) is not None}
    return DatasetNotes(path, texts, tuple(_line(each) for each in references))


def _line(text: str) -> str:
    return printable(shortened(text.strip()))
