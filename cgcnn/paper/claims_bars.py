"""The small bars of the page of claims: a number with its interval, and the threshold that it is measured by."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from cgcnn.paper.claims import Claim

# The size of the drawing of one number, in pixels, and the room at both of its ends.
_WIDTH, _HEIGHT, _ROOM = 150, 18, 8
# Numbers that are all positive and differ by more than this factor stand on a logarithmic axis.
_FACTOR = 30


def bars(claim: Claim) -> str:
    """Return one drawing per number of a claim, as SVG for a page; empty where the claim has no numbers.

    The pale side is where a number reaches the threshold, which is the dark line. The dot is the number, and the line
    through it its 95 % interval. The axis is logarithmic where the numbers differ much.

    Args:
        claim: A judged claim.
    """
    if not claim.values:
        return ""
    sign, bound = claim.threshold.split(" ")
    pairs = zip(claim.values, claim.intervals, strict=True)
    return "".join(_bar(value, interval or (value, value), float(bound), sign == "≥") for value, interval in pairs)


def positions(numbers: Sequence[float]) -> Callable[[float], float]:
    """Return the function that gives a number its place on the axis, in pixels.

    Args:
        numbers: All numbers that the axis has to show.
    """
    low, high = min(numbers), max(numbers)
    is_log = low > 0 and high / low > _FACTOR
    scaled = math.log if is_log else float
    start, end = scaled(low), scaled(high)
    span = (end - start) or 1.0
    return lambda number: _ROOM + (_WIDTH - 2 * _ROOM) * (scaled(number) - start) / span


def _bar(value: float, interval: tuple[float, float], bound: float, more_is_better: bool) -> str:
    place = positions([value, *interval, bound])
    at, low, high, line = (round(place(each), 1) for each in (value, *interval, bound))
    start, width = (line, _WIDTH - line) if more_is_better else (0, line)
    middle = _HEIGHT / 2
    said = f"{value:.3g}, interval {interval[0]:.3g} to {interval[1]:.3g}, threshold {bound:g}"
    return (
        f'<svg class="claim-bar" width="{_WIDTH}" height="{_HEIGHT}" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="{said}"><title>{said}</title>'
        f'<rect class="reached" x="{start:g}" y="2" width="{width:g}" height="{_HEIGHT - 4}"/>'
        f'<line class="threshold" x1="{line:g}" x2="{line:g}" y1="0" y2="{_HEIGHT}"/>'
        f'<line class="interval" x1="{low:g}" x2="{high:g}" y1="{middle:g}" y2="{middle:g}"/>'
        f'<circle cx="{at:g}" cy="{middle:g}" r="3.5"/></svg>'
    )
