"""Bad tables of targets, and bad notes of a folder."""

from __future__ import annotations

from tests.corpus.entry import BadFile, text_file

_GOOD = "".join(f"m{number},-1.{number}\n" for number in range(6))
_PARTS = ("train", "train", "validation", "exam", "test", "train")
_SPLIT = "id,target,split\n" + "".join(f"m{number},-1.{number},{part}\n" for number, part in enumerate(_PARTS))

#: Each with its name, the text of the table, the documented error after the table's name, and what is left.
_TABLES: list[tuple[str, str | bytes, str, int | None]] = [
    ("nothing", "", ": empty; write one line 'id,target' for each crystal", None),
    ("a header alone", "id,target\n", ": a header and nothing below it; write one line for each crystal", None),
    (
        "words in place of targets",
        _GOOD.replace("-1.3", "low"),
        ": line 4: target 'low' is not a finite number; correct the line or remove it",
        5,
    ),
    (
        "no target",
        _GOOD.replace("m3,-1.3", "m3"),
        ": line 4: 'm3' is not 'id,target'; complete the line or remove it",
        5,
    ),
    ("no id", _GOOD.replace("m3,", ","), ": line 4: no id; name the crystal or remove the line", 5),
    ("an id twice", f"{_GOOD}m3,-1.9\n", ": line 7: the id 'm3' appears twice; give every crystal its own id", 6),
    (
        "a crystal by two names",
        f"{_GOOD}m3.cif,-1.9\n",
        ": line 7: 'm3.cif' is the crystal of line 4 too; give every crystal one line",
        6,
    ),
    (
        "a crystal that is not there",
        f"{_GOOD}m9,-1.9\n",
        ": line 7: d/m9.cif is not there; add the file or remove the line",
        6,
    ),
    (
        "an id with a line end",
        f'{_GOOD}"m\n5",-1.9\n',
        ": line 7: the id 'm\\n5' has a line break; name the crystal or remove the line",
        6,
    ),
    (
        "an id with a form feed",
        f"{_GOOD}m\f9,-1.9\n",
        ": line 7: the id 'm\\x0c9' is no name that can be printed; name the crystal in plain letters",
        6,
    ),
    (
        "an id with a code that clears the terminal",
        f"{_GOOD}m\x1b[2J,-1.9\n",
        ": line 7: the id 'm\\x1b[2J' is no name that can be printed; name the crystal in plain letters",
        6,
    ),
    ("an id of 100,000 letters", f"{_GOOD}{'m' * 100_000},-1.9\n", ": line 7: the id 'mmmm", 6),
    (
        "an id that leads out of the folder",
        f"{_GOOD}../../etc/hostname,-1.9\n",
        ": line 7: d/../../etc/hostname.cif is not there; add the file or remove the line",
        6,
    ),
    (
        "the id of the folder itself",
        f"{_GOOD}.,-1.9\n",
        ": line 7: d/..cif is not there; add the file or remove the line",
        6,
    ),
    ("an id that names the table", f"{_GOOD}id_prop.csv,-1.9\n", ": of no format that is read (POSCAR", 6),
    (
        "a target that is no finite number",
        _GOOD.replace("-1.3", "inf"),
        ": line 4: target 'inf' is not a finite number; correct the line or remove it",
        5,
    ),
    (
        "a target of 1e300",
        _GOOD.replace("-1.3", "1e300"),
        ": line 4: target 1e300 is beyond 1e+15; correct it, or give all targets in another unit",
        5,
    ),
    (
        "a target with its unit",
        _GOOD.replace("-1.3", "-1.3 eV"),
        ": line 4: target '-1.3 eV' is not a finite number; correct the line or remove it",
        5,
    ),
    (
        "a decimal comma between commas",
        _GOOD.replace("-1.", "-1,"),
        ": line 1: 3 columns without a header, and '0' is a number too; write a decimal point",
        None,
    ),
    (
        "a comma that may be of thousands",
        _GOOD.replace(",", ";").replace("-1.", "1,00"),
        ": line 1: the comma of '1,000' may be a decimal comma, or stand between thousands; write every number",
        None,
    ),
    (
        "decimal commas and points",
        _GOOD.replace(",", ";").replace("-1.3", "-1,3"),
        ": line 4: the comma of '-1,3' may be a decimal comma, or stand between thousands; write every number",
        None,
    ),
    (
        "a second column of numbers",
        _GOOD.replace("\n", ",2.5\n"),
        ": line 1: 3 columns without a header, and '2.5' is a number too; write a decimal point in place of",
        None,
    ),
    (
        "two columns that may be the target",
        f"id,gap,energy\n{_GOOD}".replace("\nm", ",2.5\nm").replace("energy,2.5", "energy"),
        ": 2 columns may be the target: 'gap', 'energy'; choose one by its name (--target)",
        None,
    ),
    (
        "no column of numbers",
        "id,group\n" + "".join(f"m{number},cubic\n" for number in range(6)),
        ": no column of numbers among 'group'; add a column of targets",
        None,
    ),
    (
        "a quote that does not end",
        _GOOD.replace("m3,", '"m3,'),
        ": not a table (unexpected end of data); look at its quotes, and save it as CSV",
        None,
    ),
    ("a part of the split that is not known", _SPLIT, ": line 5: split 'exam'; write train, validation or test", 5),
    ("zero bytes", bytes(range(256)), ": not a text file (it holds zero bytes); give a text file", None),
    ("a damaged UTF-16", _GOOD.encode("utf-16")[:-1], ": damaged utf-16 text (byte 96); save it as UTF-8", None),
    ("a zip archive", b"PK\x03\x04" + bytes(30), ": a zip archive, not a text; unpack it first", None),
    (
        "a page of the web",
        "<!DOCTYPE html>\n<html><body>Not found</body></html>\n",
        ": line 1: '<!DOCTYPE html>' is not 'id,target'; complete the line or remove it",
        None,
    ),
]
#: Each with its name, the text of the notes, and the documented error after their name.
_NOTES: list[tuple[str, str, str]] = [
    ("a key that is not known", "titel: Salts\n", ": the key 'titel' is not known; write title"),
    (
        "no keys",
        "salts\n",
        ": no keys; write one line 'key: text' for each of title, target, unit, per, table, license, references",
    ),
    ("a list in place of a text", "title: [a, b]\n", ": title: ['a', 'b'] is not a text; put it in quotes"),
    (
        "a date in place of a text",
        "title: 2026-01-01\n",
        ": title: datetime.date(2026, 1, 1) is not a text; put it in quotes: title: '2026-01-01'",
    ),
    (
        "a day that no month has",
        "title: 2026-02-31\n",
        ": not YAML (day is out of range for month); write one line 'key: text' for each key",
    ),
    (
        "a call of a program",
        "title: !!python/object/apply:os.system [ls]\n",
        ": not YAML (could not determine a constructor for the tag 'tag:yaml.org,2002:python/object/apply:os.system'",
    ),
    (
        "aliases of aliases",
        "a: &a [x, x]\nb: &b [*a, *a]\ntitle: *b\n",
        ": not YAML (an alias, which is not read here); write one line 'key: text' for each key",
    ),
    (
        "brackets within brackets",
        "[" * 2_000,
        ": not YAML (it is nested too deeply); write one line 'key: text' for each key",
    ),
    ("a bracket that does not end", "title: [a\n", ": not YAML (while parsing a flow sequence in"),
    ("a table that is not there", "table: targets.csv\n", "d/targets.csv: not there; correct 'table:' in dataset.yaml"),
    ("a table that is a folder", "table: sub/..\n", "d/sub/..: not there; correct 'table:' in dataset.yaml"),
    ("an amount that is not known", "per: mole\n", "d: per='mole'; choose one of atom, crystal, cell"),
    (
        "references that are no list",
        "references: {a: b}\n",
        ": references: not a list of texts; write one line '- text' for each below it",
    ),
]

#: All bad tables and notes.
TABLES: tuple[BadFile, ...] = (
    *(text_file(name, "id_prop.csv", "id_prop.csv", text, error, left) for name, text, error, left in _TABLES),
    *(text_file(name, "dataset.yaml", "dataset.yaml", text, error, None) for name, text, error in _NOTES),
)
