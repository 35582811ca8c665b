"""Numbers and tables that people read, as JSON and CSV, and claims judged by thresholds fixed beforehand."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from cgcnn.paths import replacing
from cgcnn.storage import DataError

_VERDICTS = ("holds", "holds in part", "does not hold", "cannot be tested here")


def save_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV with six significant digits; its index is written where it has a name."""
    with replacing(path) as temporary:
        table.to_csv(temporary, index=table.index.name is not None, float_format="%.6g", lineterminator="\n")


def save_numbers(numbers: Mapping[str, Any], path: Path) -> None:
    """Write numbers, lists and dictionaries of them as JSON.

    Raises:
        ValueError: A number is not finite: a result that failed is not to be published.
    """
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(_plain(dict(numbers)), indent=2, allow_nan=False) + "\n")


def judge(claims: Path, section: str, values: Mapping[str, Any]) -> pd.DataFrame:
    """Compare a section's numbers with the thresholds of its claims.

    A claim names the numbers it is about (``values``; a dot leads into a dictionary), their standard deviations where
    there are some (``spreads``, only shown), and the threshold that all of them must reach: ``at_least`` or
    ``at_most``. All reach it: it holds. Some: it holds in part. None: it does not. A claim that says why it
    ``cannot_be_tested`` has neither numbers nor threshold; one of whose numbers the section gives as None, since its
    data have none, is not tested either.

    Args:
        claims: The YAML file of all claims, which nothing writes.
        section: Which claims.
        values: The section's numbers.

    Returns:
        One row a claim: ``id``, ``statement``, ``figure``, ``threshold``, ``value`` (text, the numbers joined) and
        ``verdict``.

    Raises:
        DataError: A claim names a number that there is not, or has no threshold.
    """
    rows = []
    for claim in yaml.safe_load(claims.read_text())[section]:
        known = {name: claim[name] for name in ("id", "statement", "figure")}
        if "cannot_be_tested" in claim:
            rows.append(known | {"threshold": "", "value": claim["cannot_be_tested"], "verdict": _VERDICTS[3]})
            continue
        looked_up = [_look_up(values, name, claims) for name in claim["values"]]
        found = [value for value in looked_up if value is not None]
        if "at_least" in claim:
            reached, threshold = [value >= claim["at_least"] for value in found], f"≥ {claim['at_least']}"
        elif "at_most" in claim:
            reached, threshold = [value <= claim["at_most"] for value in found], f"≤ {claim['at_most']}"
        else:
            raise DataError(f"{claims}: claim {claim['id']!r} has neither at_least nor at_most; give it one")
        if len(found) < len(looked_up):
            rows.append(known | {"threshold": threshold, "value": "not in these data", "verdict": _VERDICTS[3]})
            continue
        texts = [f"{value:.3g}" for value in found]
        for place, name in enumerate(claim.get("spreads", [])):
            texts[place] += f" ± {_look_up(values, name, claims):.1g}"
        verdict = _VERDICTS[0] if all(reached) else _VERDICTS[1] if any(reached) else _VERDICTS[2]
        rows.append(known | {"threshold": threshold, "value": ", ".join(texts), "verdict": verdict})
    return pd.DataFrame(rows)


def _look_up(values: Mapping[str, Any], name: str, claims: Path) -> float | None:
    found: Any = values
    for part in name.split("."):
        if part not in found:
            raise DataError(f"{claims}: no number {name!r} in the section's results; correct the claim")
        found = found[part]
    if found is None:
        return None
    if not math.isfinite(found):
        raise DataError(f"{claims}: {name!r} is {found}; repair the run")
    return float(found)


def _plain(value: Any) -> Any:
    """Turn numpy's numbers and arrays into Python's."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [_plain(item) for item in value]
    return value.item() if isinstance(value, np.generic) else value
