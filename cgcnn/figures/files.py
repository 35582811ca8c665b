"""Write figures as files that a journal takes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure

from cgcnn.errors import DataError
from cgcnn.figures.style import style
from cgcnn.files.writing import replacing

#: The formats of figures by the endings of their files, with the name of the time in a file's metadata.
FORMATS: Mapping[str, str | None] = {"pdf": "CreationDate", "svg": "Date", "png": None}
# Letters stay letters (TrueType fonts are embedded), which journals ask for.
_SETTINGS = {"pdf.fonttype": 42, "savefig.dpi": 600}


def save_figures(figures: Mapping[str, Figure], folder: str | Path, ending: str = "pdf") -> pd.DataFrame:
    """Write figures into a folder. The same drawing gives the same file, since no time is written.

    Args:
        figures: The figures by the names of their files, without an ending.
        folder: The folder, which is made where it is missing.
        ending: One of :data:`FORMATS`. Pictures within a PDF or SVG, and PNG files, have 600 dots per inch.

    Returns:
        One row per figure: ``file``, and its ``width`` and ``height`` in millimeters.

    Raises:
        DataError: There is no such format.
    """
    if ending not in FORMATS:
        raise DataError(f"{ending!r}: no format of figures", f"give one of {', '.join(FORMATS)}")
    time = FORMATS[ending]
    rows = []
    for name, figure in figures.items():
        path = Path(folder) / f"{name}.{ending}"
        with replacing(path) as temporary, style(), mpl.rc_context(_SETTINGS):  # type: ignore[arg-type]  # it has a type of its own for the names
            figure.savefig(temporary, metadata={time: None} if time else None)
        width, height = (round(25.4 * inches) for inches in figure.get_size_inches())
        rows.append({"file": str(path), "width": width, "height": height})
    return pd.DataFrame(rows, columns=["file", "width", "height"])
