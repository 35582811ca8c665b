"""Numbers of tables, CIFs and structure files: each way to write one gives that number, and all else is refused."""

from __future__ import annotations

import math
import re
from decimal import Decimal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cgcnn.data.cif_sites import number as cif_number
from cgcnn.data.plain_numbers import decimal, whole
from cgcnn.data.quantity import Quantity
from cgcnn.data.target_meaning import split_heading
from cgcnn.data.target_numbers import decimal_mark, is_number, number
from tests.damages import ODD_NUMBERS

ALWAYS_THE_SAME = settings(derandomize=True, database=None, deadline=None, max_examples=100)
DIGITS = st.text("0123456789", min_size=1, max_size=6)
SIGNS = st.sampled_from(("", "+", "-"))
# What Python's float and int, and str.isdigit, take for parts of numbers, and what only looks so.
LETTERS = "019.,eE+-_xXdDnaift \n\N{ARABIC-INDIC DIGIT THREE}\N{FULLWIDTH DIGIT FIVE}\N{SUPERSCRIPT TWO}" + (
    "\N{MINUS SIGN}\N{EN DASH}\N{NO-BREAK SPACE}\N{VULGAR FRACTION ONE HALF}"
)
EXPONENTS = st.sampled_from(("", "e5", "E-3", "e+02", "e0"))


@st.composite
def written(draw: st.DrawFn, mark: str = ".") -> tuple[str, float]:
    """Return a number as people write it, and its value by Python's own decimal arithmetic."""
    sign, digits, exponent = draw(SIGNS), draw(DIGITS), draw(EXPONENTS)
    rest = draw(DIGITS)
    form = draw(st.sampled_from(("{0}", "{0}.", "{0}.{1}", ".{1}"))).format(digits, rest)
    return f"{sign}{form.replace('.', mark)}{exponent}", float(Decimal(f"{sign}{form}{exponent}"))


@ALWAYS_THE_SAME
@given(one=written(), space=st.sampled_from(("", " ", "\t")))
def test_a_number_with_a_point_is_that_number_in_tables_files_and_cifs(one: tuple[str, float], space: str) -> None:
    text, value = one
    assert is_number(text)
    assert number(f"{space}{text}{space}", ".") == value
    assert number(text.replace("-", "\N{MINUS SIGN}"), ".") == value
    assert decimal(text) == value
    assert decimal(text.replace("e", "D")) == value
    assume(abs(value) <= 1e6)
    read = cif_number(text)
    assert read is not None
    assert read[0] == value


@ALWAYS_THE_SAME
@given(numbers=st.lists(written(mark=","), min_size=2, max_size=5))
def test_a_column_with_decimal_commas_is_read_with_them_or_called_ambiguous(numbers: list[tuple[str, float]]) -> None:
    texts = [text for text, _ in numbers]
    mark = decimal_mark(texts)
    commas = [text for text in texts if "," in text]
    thousands = [text for text in commas if re.fullmatch(r"[-+]?[1-9]\d{0,2},\d{3}", text)]
    if not commas:
        assert mark == "."
    elif len(thousands) == len(commas):
        assert mark is None
    else:
        assert mark == ","
        assert [number(text, mark) for text in texts] == [value for _, value in numbers]


@ALWAYS_THE_SAME
@given(digits=DIGITS, rest=DIGITS, uncertainty=st.integers(0, 999))
def test_the_uncertainty_of_a_cif_number_counts_in_units_of_its_last_digit(
    digits: str, rest: str, uncertainty: int
) -> None:
    read = cif_number(f"{digits}.{rest}({uncertainty})")
    assert read is not None
    value, step = read
    assert value == float(f"{digits}.{rest}")
    assert step == pytest.approx(max(uncertainty, 1) * 10.0 ** -len(rest), rel=1e-12)


@ALWAYS_THE_SAME
@given(
    text=st.one_of(
        st.text("0123456789.,eE+-() ", max_size=8), st.text(LETTERS, max_size=6), st.sampled_from(ODD_NUMBERS)
    )
)
def test_what_is_no_number_is_refused_and_never_another_number(text: str) -> None:
    expected = _value(text)
    assert _equal(number(text, "."), math.nan if expected is None else expected)
    found = decimal(text)
    assert found is None or _equal(found, float(re.sub("[dD]", "e", text)))
    read = cif_number(text)
    assert read is None or abs(read[0]) <= 1e6
    count = whole(text)
    assert count is None or (text.isascii() and text.isdigit() and count == int(text))


def _value(text: str) -> float | None:
    """Return what Python reads of a plain ASCII number; None for all else, such as ``1_000``, ``nan`` and ``0x10``."""
    plain = text.strip().replace("\N{MINUS SIGN}", "-")
    return float(plain) if re.fullmatch(r"[-+]?[0-9.]+([eE][-+]?[0-9]+)?", plain) and _is_float(plain) else None


def _is_float(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _equal(one: float, other: float) -> bool:
    return one == other or (math.isnan(one) and math.isnan(other))


@ALWAYS_THE_SAME
@given(
    name=st.from_regex(r"[A-Za-z][A-Za-z0-9_ ]{0,8}[A-Za-z]", fullmatch=True),
    unit=st.sampled_from(("", "eV", "eV/atom", "eV per atom", "kJ/mol", "g/cm3", "muB", "1/cm", "x/y")),
)
def test_names_of_columns_and_labels_keep_the_name_and_the_unit(name: str, unit: str) -> None:
    quantity = Quantity(name.strip(), unit)
    assert re.fullmatch(r"\w+", quantity.column())
    assert quantity.label == (f"{quantity.name} ({unit})" if unit else quantity.name)
    read = split_heading(quantity.label)
    if unit != "x/y":  # that is no unit, and stays in the name
        assert read.unit == unit.replace(" per ", "/")
    else:
        assert read == Quantity(quantity.label, "")
