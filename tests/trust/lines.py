"""Say which share of the lines of each wing the tests ran, record it, and fail below the least share that is wanted.

``make coverage`` runs it as a program on the report that coverage.py writes as JSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.trust.record import record_part

#: The least share of the lines of ``cgcnn/``.
WANTED = 0.92
ALL = "cgcnn"


def main(report: str) -> int:
    """Print and record the shares of a report; return 1 where the package's is too small."""
    shares = shares_by_wing(json.loads(Path(report).read_text()))
    for wing, share in shares.items():
        print(f"{wing:<10} {100 * share:5.1f} %")
    record_part("coverage", round(shares[ALL], 4))
    record_part("coverage_by_wing", {wing: round(share, 4) for wing, share in shares.items() if wing != ALL})
    if shares[ALL] < WANTED:
        print(f"error: the tests run {100 * shares[ALL]:.1f} % of the lines, not {100 * WANTED:.0f} %", file=sys.stderr)
        return 1
    return 0


def shares_by_wing(report: Mapping[str, Any]) -> dict[str, float]:
    """Return the share of lines that ran, by wing in the order of the alphabet, and of the whole package at the end.

    Args:
        report: What ``coverage json`` writes. A file that stands directly in the package is a wing of its own.
    """
    counts: dict[str, list[int]] = {}
    for name, measured in report["files"].items():
        wing, total = Path(name).parts[1].removesuffix(".py"), measured["summary"]
        for key in (wing, ALL):
            ran, all_lines = counts.setdefault(key, [0, 0])
            counts[key] = [ran + total["covered_lines"], all_lines + total["num_statements"]]
    ordered = [*sorted(set(counts) - {ALL}), ALL]
    return {wing: counts[wing][0] / counts[wing][1] for wing in ordered}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
