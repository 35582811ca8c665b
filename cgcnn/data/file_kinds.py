"""Recognize by its first lines what a text file is, for messages that say what was given in place of a CIF."""

from __future__ import annotations

import re

from cgcnn.data.poscar import looks_like_poscar

_XYZ = re.compile(r"\s*\d+[ \t]*\n[^\n]*\n[ \t]*[A-Za-z]{1,2}\d*(?:[ \t]+[-+.\deE]+){3}")
_KINDS = (
    (re.compile(r"<(?:!doctype\s+)?html", re.IGNORECASE), "an HTML page, perhaps of a failed download"),
    (re.compile(r"<\?xml|<[a-zA-Z]+[ >]"), "an XML file"),
    (re.compile(r"version https://git-lfs"), "a pointer of Git LFS in place of the file"),
    (re.compile(r"[{\[]\s*[\"{\[]"), "a JSON file"),
    (re.compile(r"(?:TITL|CELL)[ \t]", re.IGNORECASE), "a SHELX .res file"),
    (re.compile(r"(?:HEADER|CRYST1|ATOM  |HETATM|REMARK)"), "a PDB file"),
    (
        re.compile(r"(?:4\d\d|5\d\d)?:?\s*(?:not found|forbidden|service unavailable|access denied)", re.IGNORECASE),
        "an error message of a failed download",
    ),
)


def kind_of(text: str) -> str | None:
    """Return what a text that is no CIF is, such as ``a POSCAR``, or None where it is not recognized.

    Args:
        text: The text of the file.
    """
    head = text.lstrip()
    if not head:
        return "an empty file"
    for pattern, kind in _KINDS:
        if pattern.match(head):
            return kind
    if looks_like_poscar(text):
        return "a POSCAR"
    return "an XYZ file" if _XYZ.match(text) else None
