"""All entries of the corpus as rows of a table, for a page that shows them."""

from __future__ import annotations

from tests.corpus.archives import ARCHIVES
from tests.corpus.cifs import CIFS
from tests.corpus.packings import PACKINGS
from tests.corpus.stored import STORED
from tests.corpus.structures import STRUCTURES
from tests.corpus.tables import TABLES


def rows() -> list[dict[str, str]]:
    """Return one row per entry: what is bad, the kind of the file, the documented error, and what is left."""
    read = [
        (each.kind, each.name, each.error, "nothing" if each.left is None else f"{each.left} crystals")
        for each in (*CIFS, *STRUCTURES, *TABLES, *PACKINGS)
    ]
    fetched = [(each.kind, each.name, f"{each.file}{each.error}", "nothing") for each in ARCHIVES]
    written = [
        (each.kind, each.name, each.error.removeprefix(": "), "set aside, made anew" if each.goes_on else "nothing")
        for each in STORED
    ]
    return [
        {"kind": kind, "name": name, "error": error, "left": left}
        for kind, name, error, left in read + fetched + written
    ]
