"""Damage good texts in the ways in which files are damaged, and some in which only an enemy damages them.

All choices are made by a ``random.Random``: that of a seed in the campaigns, and that of hypothesis in the tests, which
makes a failing example small.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

#: What may stand where a number should, and what numbers may be that no file should hold.
ODD_NUMBERS = (
    *("nan", "-NaN", "inf", "-inf", "Infinity", "1e308", "-1e308", "1e309", "1e-308", "1e-400", "-0", "-0.0", "0"),
    *(".", "?", "-", "+", "..", "1/3", "1/0", "1,5", "1.5.2", "0x10", "1_000", "1e", "e5", "1d3", "0.5(", "0.5()"),
    *("0.5(9)", "0.5(99999999999999999999)", "5(1e9)", "1e6", "1e9", "1e15", "999999999999", "2147483648", "-1"),
    *(
        "-2.5",
        "0.3333",
        "0.333",
        "1e-9",
        "0.9999999999999999",
        "1" * 400,
        "1" + "0" * 400,
        "9" * 5000,
        "." + "3" * 5000,
    ),
    *("\N{ARABIC-INDIC DIGIT THREE}", "\N{FULLWIDTH DIGIT FIVE}.5", "\N{SUPERSCRIPT TWO}", "\N{MINUS SIGN}1.5"),
    *("\N{EN DASH}2", "\N{VULGAR FRACTION ONE HALF}", "\N{ROMAN NUMERAL FIVE}", "1\N{NO-BREAK SPACE}5", "true", "None"),
)
_ODD_SYMBOLS = (
    *("X", "Xx", "T", "D", "M", "Vac", "OH", "H2O", "Og", "Uuo", "na", "NA", "Na+", "Na1+", "Fe(III)", "6Li", "99Na"),
    *("Q", "", "0", "11", "118", "119", "N/A", "'", '"', "\N{GREEK SMALL LETTER ALPHA}", "\N{SNOWMAN}", "Na" * 200),
    *("\N{CYRILLIC CAPITAL LETTER O}", "C\N{COMBINING CEDILLA}", "He\x1b[2J", "N\x00", "A" * 20_000),
)
# Whatever opens something that is never closed, ends something, or is read as something else.
_ODD_WORDS = (
    *("'", '"', "'''", '"""', "\n;\n", ";", "#", "[", "]", "{", "}", "(", ")", "data_", "loop_", "save_x", "global_"),
    *("stop_", "TITL", "END", "CELL", "SYMM X,Y,Z", "SYMM 2*X,Y,Z", "LATT 9", "LATT -1", "=", " =\n", "!", "&a", "*a"),
    *("<<: *a", "? ", "- ", "---", "...", "!!python/object:os.system", "2026-99-99", "null", "\\", "\\ud800", "%", ","),
    *(
        "\t",
        "\r",
        "\x0b",
        "\x0c",
        "\x1a",
        "\x1b]0;x\x07",
        "\x85",
        "\x00",
        "\u2028",
        "\ufeff",
        "\u202e",
        "\uffff",
        "\U0001f9ea",
    ),
    *("<html>", "Lattice=", "Properties=", "properties=species:S:1:pos:R:3000000", "pbc=F", 'energy="1 2 3"'),
    *("Direct", "Selective", "configuration", "_atom_site_label", "_cell_length_a", "_space_group_symop_operation_xyz"),
    *("../../etc/passwd", "/", "a" * 300, "#0", "x\ny", "id", "nan", "TRUE", "split", "cell"),
)
#: Texts that take very long or very much memory to read where a reader is careless.
BOMBS = {
    **{
        f"{letters!r} 100,000 times": letters * 100_000
        for letters in ("[", "{", "(", '{"a":', " ", "\n", "\t", "a", "1")
    },
    **{
        f"{letters!r} 50,000 times": letters * 50_000
        for letters in ("'", "_", ";", "=", ",", "a b ", "\n1", " =", "[ ")
    },
    **{
        f"{letters!r} 20,000 times": letters * 20_000
        for letters in ("data_x\n", "H2 ", "'a ", "TITL\n", "2\n", "loop_ _a 1 ")
    },
    "damaged frames": "0\nLattice=\nx\n" * 20_000,
    "closed brackets": "[" * 100_000 + "]" * 100_000,
    "an open formula": " ".join(f"{symbol}{10**6}" for symbol in ("C", "H", "O", "N", "Na", "Cl") * 5) + " (",
    "aliases of aliases": "\n".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10) if n else 'x'}]" for n in range(12)),
    "merged aliases": "a0: &a0 {x: y}\n"
    + "\n".join(f"a{n}: &a{n} {{<<: [{','.join([f'*a{n - 1}'] * 10)}]}}" for n in range(1, 12)),
}

_NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?:\(\d+\))?")
_SYMBOL = re.compile(r"(?<![A-Za-z_])[A-Z][a-z]?(?![A-Za-z_])")
_TAG = re.compile(r'_\w+|"\w+"(?=\s*:)|^[\w@]+(?=[:;,\t])|\b[A-Z]{4}\b|(?<!\w)\w+(?==)', re.MULTILINE)
_WORD = re.compile(r"\S+")

# A damage adds no more letters than this.
_MOST_LETTERS = 200_000

Damage = Callable[[str, Random], str]


def _replaced(pattern: re.Pattern[str], choices: Sequence[str] | None) -> Damage:
    """Return the damage that replaces what a pattern finds, by one of some texts or by another thing that it finds."""

    def damage(text: str, rng: Random) -> str:
        found = list(pattern.finditer(text))
        if not found:
            return text
        one = rng.choice(found)
        other = rng.choice(choices) if choices else rng.choice(found)[0]
        return text[: one.start()] + other + text[one.end() :]

    return damage


def _by_lines(change: Callable[[list[str], int, Random], None]) -> Damage:
    """Return the damage that changes the list of lines; it is handed the list and the index of one of its lines."""

    def damage(text: str, rng: Random) -> str:
        lines = text.split("\n")
        change(lines, rng.randrange(len(lines)), rng)
        return "\n".join(lines)

    return damage


def _remove(lines: list[str], at: int, rng: Random) -> None:
    del lines[at : at + rng.choice((1, 1, 1, 2, 5))]


def _repeat(lines: list[str], at: int, rng: Random) -> None:
    some = lines[at : at + rng.choice((1, 1, 3))]
    lines[at:at] = some * min(rng.choice((1, 1, 2, 50, 1000)), _MOST_LETTERS // (sum(map(len, some)) + 1))


def _swap(lines: list[str], at: int, rng: Random) -> None:
    other = rng.randrange(len(lines))
    lines[at], lines[other] = lines[other], lines[at]


def _join(lines: list[str], at: int, rng: Random) -> None:
    lines[at : at + 2] = [rng.choice(("", " ")).join(lines[at : at + 2])]


def _lengthen(lines: list[str], at: int, rng: Random) -> None:
    times = min(rng.choice((1, 10, 3000)), _MOST_LETTERS // (len(lines[at]) + 1))
    lines[at] += rng.choice((" ", "", ",", "\t")).join([lines[at]] * times)


def _cut(text: str, rng: Random) -> str:
    return text[: rng.randrange(len(text) + 1)]


def _begun_late(text: str, rng: Random) -> str:
    return text[rng.randrange(len(text) + 1) :]


def _inserted(choices: Sequence[str]) -> Damage:
    def damage(text: str, rng: Random) -> str:
        at = rng.randrange(len(text) + 1)
        return text[:at] + rng.choice(choices) + text[at:]

    return damage


def _scaled(text: str, rng: Random) -> str:
    """Move the decimal point of one number."""
    found = list(_NUMBER.finditer(text))
    if not found:
        return text
    one = rng.choice(found)
    return text[: one.end()] + f"e{rng.choice((-300, -12, -3, -1, 1, 2, 4, 9, 300))}" + text[one.end() :]


def _bombed(text: str, rng: Random) -> str:
    at = rng.choice((0, rng.randrange(len(text) + 1), len(text)))
    return text[:at] + rng.choice(list(BOMBS.values())) + text[at:]


_DAMAGES: tuple[Damage, ...] = (
    _cut,
    _begun_late,
    _scaled,
    _replaced(_NUMBER, ODD_NUMBERS),
    _replaced(_NUMBER, ODD_NUMBERS),
    _replaced(_NUMBER, None),
    _replaced(_SYMBOL, _ODD_SYMBOLS),
    _replaced(_SYMBOL, None),
    _replaced(_TAG, None),
    _replaced(_TAG, _ODD_WORDS),
    _replaced(_WORD, _ODD_WORDS),
    _replaced(_WORD, None),
    _replaced(_WORD, ("",)),
    _inserted(_ODD_WORDS),
    _inserted(ODD_NUMBERS),
    _by_lines(_remove),
    _by_lines(_repeat),
    _by_lines(_swap),
    _by_lines(_join),
    _by_lines(_lengthen),
)
_ODD_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, float("nan"), float("inf"), 1e308, 10**400, 2**63, "", "x", "Na", "\ud800", "\n"),
    *("a\nb\x1b[2J", [], {}, [[]], [None], [1, 2], [1, 2, 3], [[1, 0, 0]] * 3, [[1, 0, 0], [0, 1], [0]], [0.0] * 9),
    {"@module": "os", "@class": "system", "@callable": "system"},
    {"@module": "datetime", "@class": "datetime", "string": "2026"},
    {"@module": "numpy", "@class": "array", "dtype": "float64", "data": [1e9]},
    {"element": "Na", "occu": 0.5},
    {"element": "X", "oxidation_state": 1, "occu": 1},
    {"matrix": [[0] * 3] * 3},
)


def _damaged_json(text: str, rng: Random) -> str:
    """Replace, remove or move one value of a JSON, so that the text stays JSON."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return text
    places: list[tuple[Any, Any]] = []
    pending = [content]
    while pending:
        each = pending.pop()
        keys = list(each) if isinstance(each, dict) else range(len(each)) if isinstance(each, list) else ()
        for key in keys:
            places.append((each, key))
            pending.append(each[key])
    if not places:
        return text
    holder, key = rng.choice(places)
    way = rng.randrange(4)
    if way == 0:
        del holder[key]
    elif way == 1 and isinstance(holder, dict):
        other = rng.choice(list(holder))
        holder[other], holder[key] = holder[key], holder[other]
    elif way == 2:
        source, place = rng.choice(places)
        holder[key] = json.loads(json.dumps(source[place] if place in source or isinstance(source, list) else None))
    else:
        holder[key] = rng.choice(_ODD_VALUES)
    return json.dumps(content)


def damaged(text: str, rng: Random) -> bytes:
    """Return the bytes of a text with one to four damages.

    Args:
        text: The text of a good file.
        rng: What makes all choices.
    """
    is_json = text.lstrip()[:1] in ("{", "[")
    for _ in range(rng.choice((1, 1, 1, 2, 3, 4))):
        if is_json and rng.random() < 0.6:
            text = _damaged_json(text, rng)
        elif rng.random() < 0.02:
            text = _bombed(text, rng)
        else:
            text = rng.choice(_DAMAGES)(text, rng)
    return _packed(_encoded(text, rng), rng)


def _encoded(text: str, rng: Random) -> bytes:
    way = rng.randrange(40)
    if way < 3:
        text = text.replace("\n", rng.choice(("\r\n", "\r", "\n\r", "\u2028")))
    encoding = {3: "utf-16", 4: "utf-16-le", 5: "latin-1", 6: "utf-32", 7: "utf-8-sig", 8: "cp037"}.get(way, "utf-8")
    data = text.encode(encoding, "surrogatepass" if encoding.startswith("utf") else "replace")
    if way == 9:
        data = data[: len(data) // 2] + text.encode("utf-16")[len(data) // 2 :]
    if way > 34 and data:  # bytes that no editor writes
        changed = bytearray(data)
        for _ in range(rng.choice((1, 1, 10))):
            changed[rng.randrange(len(changed))] = rng.randrange(256)
        data = bytes(changed)
    return data


def _packed(data: bytes, rng: Random) -> bytes:
    way = rng.randrange(30)
    if way > 2:
        return data
    packed = bytearray(gzip.compress(data, mtime=0))
    if way == 1:
        packed[rng.randrange(len(packed))] ^= 1 << rng.randrange(8)
    if way == 2:
        del packed[rng.randrange(len(packed)) :]
    return bytes(packed)
