"""The table of all claims says each verdict in three ways, and draws each number and its threshold at their places."""

from __future__ import annotations

import base64
import io
import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml
from PIL import Image

from cgcnn.files.paths import project_root
from cgcnn.paper.claims import SIGNS, VERDICTS, Claim, judge_all
from cgcnn.paper.claims_bars import bars, positions
from cgcnn.paper.claims_page import small_figures, table

BOOK = project_root() / "book"


def claim(**given: object) -> Claim:
    about = {"id": "x", "section": "boron_environments", "statement": "a < b", "figure": "Fig. 4", "shown": "fig-4"}
    return Claim(**{**about, "threshold": "≥ 0.5", "verdict": "holds", **given})  # type: ignore[arg-type]


def test_the_dot_the_interval_and_the_threshold_stand_in_the_order_of_their_numbers() -> None:
    drawing = ElementTree.fromstring(bars(claim(values=(0.8,), intervals=((0.6, 0.9),))))
    threshold, interval = drawing.findall("line")
    dot = drawing.find("circle")
    reached = drawing.find("rect")
    assert dot is not None
    assert reached is not None
    places = [threshold.get("x1"), interval.get("x1"), dot.get("cx"), interval.get("x2")]
    assert [float(place or "nan") for place in places] == [8, pytest.approx(41.5), 108.5, 142]
    assert reached.get("x") == threshold.get("x1")
    assert drawing.get("aria-label") == "0.8, interval 0.6 to 0.9, threshold 0.5"


def test_the_side_that_reaches_a_highest_value_is_on_the_left_and_each_number_has_a_bar() -> None:
    both = bars(claim(threshold="≤ 0.5", values=(0.4, 0.6), intervals=(None, None)))
    sides = re.findall(r'<rect class="reached" x="(.+?)" y="2" width="(.+?)"', both)
    assert sides == [("0", "142"), ("0", "8")]
    assert bars(claim(verdict="not run", reason="not measured")) == ""


def test_numbers_that_differ_much_stand_on_a_logarithmic_axis() -> None:
    place = positions([1, 10, 100])
    assert place(10) == pytest.approx((place(1) + place(100)) / 2)
    place = positions([0, 10, 100])
    assert place(50) == pytest.approx((place(0) + place(100)) / 2)


def test_a_row_has_the_verdict_as_a_word_a_sign_and_an_attribute_and_leads_to_its_figure(tmp_path: Path) -> None:
    html = table([claim(why="since", sibling_of="w", measure_committed="abc1234")], tmp_path)
    assert '<tr id="x" data-verdict="holds">' in html
    assert "✓ holds" in html
    assert "a &lt; b" in html
    assert 'a second measure for <a href="#w">this claim</a>' in html
    assert "<code>abc1234</code>" in html
    assert '<a href="boron_environments.html#fig-4">figure</a>' in html
    assert '<tbody data-section="boron">' in html
    assert len(set(SIGNS.values())) == len(VERDICTS)


def test_figures_are_shown_small_by_their_labels(tmp_path: Path) -> None:
    file = io.BytesIO()
    Image.new("RGB", (800, 400), "red").save(file, format="PNG")
    output = {"data": {"image/png": base64.b64encode(file.getvalue()).decode()}}
    cell = {"metadata": {"mystnb": {"figure": {"name": "fig-4"}}}, "outputs": [output]}
    notebook = tmp_path / "boron_environments.ipynb"
    notebook.write_text(json.dumps({"cells": [{"metadata": {}}, cell]}))
    (address,) = small_figures(notebook).values()
    kind, encoded = address.split(",")
    assert kind == "data:image/png;base64"
    with Image.open(io.BytesIO(base64.b64decode(encoded))) as picture:
        assert picture.size == (160, 80)
    assert small_figures(tmp_path / "not_there.ipynb") == {}
    assert f'<img src="{address}"' in table([claim()], tmp_path)


def test_every_claim_of_the_book_has_its_row_and_one_line_of_why() -> None:
    claims = judge_all(BOOK / "claims.yaml", BOOK / "results")
    html = table(claims, BOOK / "sections")
    assert re.findall(r'<tr id="([^"]+)"', html) == [each.id for each in claims]
    assert [each.id for each in claims if not each.why] == []
    assert len(html) < 1_000_000


def test_no_measured_number_is_typed_in_the_file_of_claims() -> None:
    for rows in yaml.safe_load((BOOK / "claims.yaml").read_text()).values():
        for row in rows:
            for name in ("why", "measure_changed", "cannot_be_tested"):
                typed = re.sub(r"\{[^}]*\}", "", row.get(name, ""))
                assert not re.search(r"\d\.\d|\d ?%|\d+ of \d+", typed), f"{row['id']}: {typed}"


def test_the_filter_of_the_page_is_a_small_script_of_its_own() -> None:
    assert len((BOOK / "_static" / "claims.js").read_text().splitlines()) < 80
