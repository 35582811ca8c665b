"""Maps to explore: points that show their atoms when they are touched, as a block of a page or as a page of its own."""

from __future__ import annotations

import base64
import gzip
import html
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.colors import to_hex

from cgcnn.data.crystals import ELEMENT_SYMBOLS
from cgcnn.data.neighborhoods import Neighborhoods
from cgcnn.figures.maps import OTHERS, kind_colors
from cgcnn.figures.style import COLORS, VALUES

#: The color of points of which a trait is not known, and of kinds that have no color of their own.
GRAY = "#9a9a9a"
# The number of units along the longer side of a map. Places are whole numbers of these units.
_UNITS = 1000
_N_COLORS = 33
_DIVERGING = "RdBu_r"
# Places of atoms are whole numbers of hundredths of an angstrom.
_PER_ANGSTROM = 100
_PAGE_STYLE = """:root { color-scheme: light dark; }
body { font-family: sans-serif; max-width: 70rem; margin: 0 auto; padding: 0.5rem; }
h1 { font-size: 1.3rem; overflow-wrap: anywhere; }
"""
# The radius of a point in the picture for browsers that run no script, in units of the map.
_STILL_RADIUS = 8


@dataclass(frozen=True)
class Trait:
    """Something by which the points of a map can be colored.

    Attributes:
        label: What it is, such as ``local energy``.
        values: n numbers or n texts, one per point. A number that is not finite is shown as not known.
        unit: The unit of the numbers.
        digits: The number of digits after the decimal point.
        centered: Whether the colors of the numbers diverge from a neutral one at 0.
        ends: The quantiles of the numbers at which their colors end, since a few extreme points would take most of
            their range.
        palette: The color of each text; empty where the most frequent texts get colors of their own.
    """

    label: str
    values: Sequence[Any] | np.ndarray | pd.Series
    unit: str = ""
    digits: int = 2
    centered: bool = False
    ends: tuple[float, float] = (0.02, 0.98)
    palette: Mapping[str, str] = field(default_factory=dict)

    @property
    def data(self) -> dict[str, Any]:
        """What the script reads: numbers with the ends of their colors, or the number of each point's kind."""
        series = pd.Series(list(self.values))
        if not pd.api.types.is_numeric_dtype(series):
            return {"label": self.label, "unit": "", **_kinds(series.astype(str), self.palette)}
        numbers = series.astype(float).where(np.isfinite(series.astype(float)))
        low, high = (0.0, 1.0) if numbers.isna().all() else (float(numbers.quantile(end)) for end in self.ends)
        if self.centered:
            low, high = -max(-low, high), max(-low, high)
        rounded = [None if math.isnan(number) else round(number, self.digits + 1) for number in numbers]
        colors = (mpl.colormaps[_DIVERGING] if self.centered else VALUES)(np.linspace(0, 1, _N_COLORS))
        return {
            "label": self.label,
            "unit": self.unit,
            "digits": self.digits,
            "values": rounded,
            "colors": [to_hex(color) for color in colors],
            "low": low,
            "high": high,
        }


@dataclass(frozen=True)
class Examples:
    """Environments that a map shows when one of its points is touched.

    Attributes:
        points: (k,) int64, the point of each environment, ascending. A point may have none or several.
        names: k texts that say what each environment is, such as ``site 3 of mp-149``.
        crystals: k ids of their crystals. An id such as ``mp-149`` becomes a link to the Materials Project.
        atoms: The k neighborhoods.
    """

    points: np.ndarray
    names: Sequence[str]
    crystals: Sequence[str]
    atoms: Neighborhoods

    def data(self, n_points: int) -> dict[str, Any]:
        """Return what the script reads: whole numbers, those of atoms in hundredths of an angstrom.

        Args:
            n_points: The number of points of the map.
        """
        numbers, elements = np.unique(self.atoms.atomic_numbers, return_inverse=True)
        return {
            "of_point": np.searchsorted(self.points, np.arange(n_points + 1)).tolist(),
            "names": list(self.names),
            "crystals": list(self.crystals),
            "radius": self.atoms.radius,
            "symbols": ELEMENT_SYMBOLS[numbers].tolist(),
            "first": self.atoms.offsets.tolist(),
            "elements": elements.tolist(),
            "places": np.rint(self.atoms.vectors * _PER_ANGSTROM).astype(int).ravel().tolist(),
            "nearest": np.rint(self.atoms.nearest * _PER_ANGSTROM).astype(int).tolist(),
        }


@dataclass(frozen=True, repr=False)
class Explorer:
    """A map to explore, which a notebook shows as a block of its page.

    Attributes:
        id: The name of the map, unique on its page, of letters, digits and lines.
        title: What the map is.
        points: (n, 2) float64, the places of the points, up and to the right.
        names: n texts, the names of the points.
        traits: What the points can be colored by; the first colors them at the start.
        examples: The environments that points show; None where they show none.
        cells: Whether the points are cells of a table, one unit wide, instead of dots.
        labels: n short texts that stand on the points; empty for none.
        rings: The points that have a ring.
        ground: The color behind the points; none where it is that of the page.
        pale: (n,) booleans, the points that are pale; empty for none.
    """

    id: str
    title: str
    points: np.ndarray
    names: Sequence[str]
    traits: Sequence[Trait]
    examples: Examples | None = None
    cells: bool = False
    labels: Sequence[str] = ()
    rings: Sequence[int] = ()
    ground: str = "#00000000"
    pale: Sequence[bool] | np.ndarray = field(default_factory=tuple)

    def data(self) -> dict[str, Any]:
        """Return all that the script reads, as texts, whole numbers and short decimal numbers."""
        low, high = self.points.min(axis=0), self.points.max(axis=0)
        unit = float((high - low).max()) / _UNITS or 1.0
        x, y = np.rint((self.points - low) / unit).astype(int).T
        height = int(y.max())
        return {
            "id": self.id,
            "title": self.title,
            "hint": "Touch a point, or go from point to point with the arrow keys.",
            "size": [max(int(x.max()), 1), max(height, 1)],
            "x": x.tolist(),
            "y": (height - y).tolist(),
            "names": list(self.names),
            "labels": list(self.labels),
            "rings": [int(ring) for ring in self.rings],
            "pale": np.asarray(self.pale, dtype=int).tolist(),
            "center": COLORS["vermilion"],
            "unknown": GRAY,
            "ground": self.ground,
            "cell": 1 / unit if self.cells else 0,
            "traits": [trait.data for trait in self.traits],
            "atoms": None if self.examples is None else self.examples.data(len(x)),
        }

    def html(self) -> str:
        """Return the block of a page: packed data, and a picture for browsers that run no script.

        The data are JSON, compressed by gzip and written as base64, so that no name of a crystal can end the block.
        The page has to load ``explore.js`` and ``explore.css``.
        """
        data = self.data()
        packed = gzip.compress(json.dumps(data, separators=(",", ":"), allow_nan=False).encode(), mtime=0)
        return (
            f'<div class="explorer" id="{html.escape(self.id)}">'
            f'<script type="application/octet-stream">{base64.b64encode(packed).decode()}</script>'
            f"<noscript>{_still(data)}</noscript></div>"
        )

    def _repr_html_(self) -> str:
        return self.html()

    def __repr__(self) -> str:
        return f"{self.title}: {len(self.names)} points"

    def page(self) -> str:
        """Return a whole page with the map and everything that it needs, which works without a network."""
        title = html.escape(self.title)
        scripts = "".join(f"<script>{asset(name)}</script>" for name in ("3Dmol-min.js", "explore.js"))
        return (
            '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>{title}</title><style>{_PAGE_STYLE}{asset('explore.css')}</style></head>"
            f"<body><main><h1>{title}</h1>\n{self.html()}\n</main>"
            f"<!--\n{asset('3Dmol-LICENSE.txt')}\n-->{scripts}</body></html>\n"
        )


def asset(name: str) -> str:
    """Return the text of a file that pages with explorers need.

    Args:
        name: The name of a file in ``cgcnn/figures/web``.
    """
    return (resources.files("cgcnn.figures") / "web" / name).read_text(encoding="utf-8")


def _kinds(kinds: pd.Series, palette: Mapping[str, str]) -> dict[str, Any]:
    """Return the kinds in the order of their palette or frequency, their colors, and the kind of each point."""
    present = {kind: color for kind, color in palette.items() if kind in set(kinds)}
    colors = {
        kind: GRAY if kind == OTHERS else to_hex(color) for kind, color in (present or kind_colors(kinds)).items()
    }
    others = sorted(set(kinds) - set(colors))
    names = [*(kind for kind in colors if kind != OTHERS), *others]
    numbers = {name: number for number, name in enumerate(names)}
    return {
        "kinds": names,
        "colors": [colors.get(name, GRAY) for name in names],
        "values": [numbers[kind] for kind in kinds],
    }


def _still(data: dict[str, Any]) -> str:
    """Return a map as a picture in SVG, colored by its first trait: one path per color, whose dots are empty lines."""
    trait, (width, height) = data["traits"][0], data["size"]
    dots: dict[str, list[str]] = {}
    for x, y, value in zip(data["x"], data["y"], trait["values"], strict=True):
        dots.setdefault(_color(trait, value), []).append(f"M{x} {y}h0")
    stroke = data["cell"] or 2 * _STILL_RADIUS
    cap = "square" if data["cell"] else "round"
    paths = "".join(f'<path d="{"".join(places)}" stroke="{color}"/>' for color, places in dots.items())
    edge = math.ceil(stroke)
    return (
        f'<svg viewBox="{-edge} {-edge} {width + 2 * edge} {height + 2 * edge}" width="600" role="img" '
        f'aria-label="{html.escape(data["title"])}"><g stroke-width="{stroke:g}" stroke-linecap="{cap}">{paths}</g>'
        "</svg>"
    )


def _color(trait: dict[str, Any], value: float | None) -> str:
    """Return the color of a point, as the script finds it."""
    if value is None:
        return GRAY
    if "kinds" in trait:
        return str(trait["colors"][int(value)])
    share = min(1.0, max(0.0, (value - trait["low"]) / ((trait["high"] - trait["low"]) or 1)))
    return str(trait["colors"][round(share * (len(trait["colors"]) - 1))])
