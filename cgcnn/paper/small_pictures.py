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
_COORDINATES = re.compile(r'(?<= )[xy]="[^"]*"|(?<=translate\()[^)]*')
_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}(?![\d.]*e)")
_PATH = re.compile(r'(?<= d=")[MLCQz\d\s.+e-]+(?=")')
_PART = re.compile(r"([MLCQz])([^MLCQz]*)")
# A text with a halo: its letters, drawn broad and then once more.
_HALO = re.compile(r'<path d="([^"]+)" style="([^"]*)"/>\s*<path d="\1"( style="[^"]*")?/>')
_INDENTED = re.compile(r"\n[ \t]+(?=<)")
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
    """Return a drawing with two decimals, with paths from point to point, and with small pictures.

    Args:
        drawing: The text of an SVG file, with coordinates in points.
    """
    rounded = _COORDINATES.sub(lambda found: _LONG_NUMBER.sub(lambda long: _short(float(long[0])), found[0]), drawing)
    walked = _PATH.sub(lambda found: _steps(found[0]), rounded)
    return _EMBEDDED.sub(lambda found: _encoded(small_png(b64decode(found[0]))), walked)


def with_shared_paths(drawing: str) -> str:
    """Return a drawing that looks the same, without indentation, and with the letters of a text with a halo once.

    Args:
        drawing: The text of an SVG file as matplotlib writes it.
    """
    return _HALO.sub(_with_halo, _INDENTED.sub("\n", drawing))


def _with_halo(found: re.Match[str]) -> str:
    """Return two equal paths as one path and its second use; the style of the first stands around it."""
    path, halo, style = found.groups()
    name = f"halo{found.start()}"
    return f'<g style="{halo}"><path id="{name}" d="{path}"/></g><use xlink:href="#{name}"{style or ""}/>'


def _steps(path: str) -> str:
    """Return a path whose points are given from the point before, which takes fewer digits than from the corner.

    Args:
        path: Moves, lines, curves and closings with absolute coordinates, as matplotlib writes them.
    """
    here, begun, steps = (0.0, 0.0), (0.0, 0.0), []
    for command, text in _PART.findall(path):
        numbers = [round(float(each), _DECIMALS) for each in text.split()]
        points = list(zip(numbers[::2], numbers[1::2], strict=True))
        steps.append(command.lower())
        for x, y in points:
            steps += [_short(x - here[0]), _short(y - here[1])]
        here = begun if command == "z" else points[-1]
        begun = here if command == "M" else begun
    return re.sub(r" ?(-|[mlcqz]) ?", r"\1", " ".join(steps))


def _short(number: float) -> str:
    text = f"{number:.{_DECIMALS}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _encoded(file: bytes) -> str:
    return b64encode(file).decode()
