"""Make the pictures and drawings that an executed notebook keeps small, so that pages load and downloads stay light."""

from __future__ import annotations

import copy
import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image

#: The colors of a small picture: as many as a byte per pixel can name.
N_COLORS = 256
# Coordinates in a drawing are in points, 1/72 inch. A hundredth of one is less than the printers' dots.
_DECIMALS = 2
_COORDINATES = re.compile(r'(?<= )(?:d|x|y|transform)="[^"]*"')
_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}(?![\d.]*e)")
_EMBEDDED = re.compile(r"(?<=data:image/png;base64,)[A-Za-z0-9+/=\s]+")


def with_small_pictures(notebook: Mapping[str, Any]) -> dict[str, Any]:
    """Return an executed notebook whose figures take a third of their bytes; everything else stays as it is.

    Args:
        notebook: The notebook as its JSON file holds it. It is not changed.
    """
    smaller = copy.deepcopy(dict(notebook))
    for cell in smaller["cells"]:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "image/png" in data:
                data["image/png"] = _encoded(small_png(b64decode("".join(data["image/png"]))))
            if "image/svg+xml" in data:
                data["image/svg+xml"] = small_svg("".join(data["image/svg+xml"]))
    return smaller


def small_png(picture: bytes) -> bytes:
    """Return a picture with at most :data:`N_COLORS` colors and all its pixels; one with a palette stays as it is.

    Args:
        picture: A PNG file. Pixels may be transparent.
    """
    with Image.open(BytesIO(picture)) as opened:
        if opened.mode == "P":
            return picture
        if "A" in opened.mode and np.asarray(opened.getchannel("A")).min() < 255:
            # The only method of Pillow's own that knows transparent colors; it is a little coarser.
            small = opened.quantize(N_COLORS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        else:
            small = opened.convert("RGB").quantize(N_COLORS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    file = BytesIO()
    small.save(file, format="PNG", optimize=True)
    return min(file.getvalue(), picture, key=len)


def small_svg(drawing: str) -> str:
    """Return a drawing whose coordinates have two decimals and whose embedded pictures are small.

    Args:
        drawing: The text of an SVG file, with coordinates in points.
    """
    rounded = _COORDINATES.sub(lambda attribute: _LONG_NUMBER.sub(_rounded, attribute[0]), drawing)
    return _EMBEDDED.sub(lambda found: _encoded(small_png(b64decode(found[0]))), rounded)


def _rounded(number: re.Match[str]) -> str:
    text = f"{float(number[0]):.{_DECIMALS}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _encoded(file: bytes) -> str:
    return b64encode(file).decode()
