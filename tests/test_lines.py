"""The shares of lines that the tests run: each wing's is that of all its lines, and too small a share is an error."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.trust import lines

REPORT: dict[str, Any] = {
    "files": {
        "cgcnn/data/long.py": {"summary": {"covered_lines": 90, "num_statements": 100}},
        "cgcnn/data/short.py": {"summary": {"covered_lines": 0, "num_statements": 20}},
        "cgcnn/errors.py": {"summary": {"covered_lines": 5, "num_statements": 5}},
    }
}


def test_a_long_file_counts_more_than_a_short_one() -> None:
    assert lines.shares_by_wing(REPORT) == {"data": 0.75, "errors": 1.0, "cgcnn": 0.76}
    assert list(lines.shares_by_wing(REPORT))[-1] == "cgcnn"


def test_the_shares_are_printed_and_recorded_and_too_small_a_share_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded: dict[str, Any] = {}
    monkeypatch.setattr(lines, "record_part", recorded.__setitem__)
    report = tmp_path / "lines.json"
    report.write_text(json.dumps(REPORT))
    assert lines.main(str(report)) == 1
    said = capsys.readouterr()
    assert said.out.splitlines() == ["data        75.0 %", "errors     100.0 %", "cgcnn       76.0 %"]
    assert said.err == "error: the tests run 76.0 % of the lines, not 92 %\n"
    assert recorded == {"coverage": 0.76, "coverage_by_wing": {"data": 0.75, "errors": 1.0}}
    report.write_text(json.dumps(REPORT).replace('"covered_lines": 0', '"covered_lines": 20'))
    assert lines.main(str(report)) == 0
