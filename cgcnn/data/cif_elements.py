"""Tell which element the type or the label of a site in a CIF names, and refuse what names none."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet

from cgcnn.data.crystals import ELEMENT_SYMBOLS
from cgcnn.errors import DataError

_ATOMIC_NUMBERS = {symbol: z for z, symbol in enumerate(ELEMENT_SYMBOLS.tolist()) if symbol}
# From fermium on, no crystal of an element has ever been made. Nh, Cn or No stand for groups such as NH, CN or NO.
_HEAVIEST = 99
# No cell has more atoms of an element.
_LARGEST_AMOUNT = 1e6
# An isotope, a symbol, and a charge: 6Li, Fe3+, Fe+3, O2-, O-2, Ca++, Fe(3+), Fe(III), Fe2.5+, Fe0.
_TYPE = re.compile(
    r"\(?(?P<mass>\d{1,3})?\)?\s?(?P<symbol>[A-Za-z]{1,2})\s?(?P<charge>\(?(?:[\d.]*[+-]+|[+-][\d.]*|0)\)?|\([IV]+\))?"
)
# In capital letters, these are an element or a group of two atoms.
_GROUPS = frozenset({"CO", "HF", "HO"})
_MINUS = str.maketrans("\u2212\u2013", "--")
# Labels of atoms that carry hydrogen atoms, and labels of water and vacancies, which name no element.
_CARRIES_HYDROGEN = re.compile(r"(wat|h2o|h3o|hoh|oh|ow|o-h|o_h|[nc]h[1-4])(?![a-z])", re.IGNORECASE)
_NO_ELEMENT = re.compile(r"(wat|vac|dum|h2o|h3o|hoh|va)(?![a-z])", re.IGNORECASE)


def element_of_type(kind: str, label: str, known: AbstractSet[str]) -> str:
    """Return the symbol of the element that a type names.

    Args:
        kind: A type such as ``Fe``, ``FE``, ``Fe3+``, ``O2-``, ``6Li`` or ``D``, which is hydrogen.
        label: The label of the site.
        known: The symbols of the elements that the file names elsewhere (its formula, its list of types). They decide
            where a type in capital letters is an element or a group: CO is cobalt, or carbon and oxygen.

    Raises:
        DataError: The type names no element, such as OH, NH3, M or Vac.
    """
    text = kind.strip().translate(_MINUS)
    # Some programs repeat the label as the type: Fe1.
    found = _TYPE.fullmatch(text) or (_TYPE.fullmatch(text.rstrip("0123456789")) if text == label else None)
    problem = f"type {text!r} of site {label} is not an element"
    if found is None:
        raise DataError(problem, _way_out(text))
    symbol = _symbol(found["symbol"])
    if symbol is None or (found["mass"] and not _is_isotope(int(found["mass"]), symbol)):
        raise DataError(problem, _way_out(text))
    if _ATOMIC_NUMBERS[symbol] > _HEAVIEST:
        raise DataError(f"{problem} of any known crystal", _way_out(text))
    if found["symbol"] in _GROUPS and symbol not in known:
        raise DataError(
            f"type {text!r} of site {label} is {symbol}, or a group of two atoms",
            f"write {symbol} if it is the element, or give each atom its own line",
        )
    return symbol


def element_of_label(label: str, known: AbstractSet[str]) -> str:
    """Return the symbol of the element that a label names, in a file that gives no types.

    Args:
        label: A label such as ``Na1``, ``O1A``, ``SiT1`` or ``Al(1)``.
        known: The symbols of the elements that the file names elsewhere. They decide where a label can be read in two
            ways: CA1 is calcium, or an atom A1 of carbon.

    Raises:
        DataError: The label names no element, or it can be read in two ways and ``known`` does not decide.
    """
    one, two = _symbol(label[:1]), _symbol(label[:2]) if len(label) > 1 else None
    second, third = label[1:2], label[2:3]
    if two is not None and second.islower() and label[0].isupper():
        candidates = [] if third.islower() else [two]  # Vac and Sin are words
    elif two is None and second.islower() and label[0].isupper():
        # Oh1 and Oa are oxygen where the file says that it holds oxygen; Va is no vanadium, and Wat no tungsten.
        candidates = [one] if one is not None and one in known and not third.islower() else []
    else:
        candidates = [symbol for symbol in (two, one) if symbol is not None]
    add = "give its type in the column _atom_site_type_symbol"
    if not candidates or _ATOMIC_NUMBERS[candidates[0]] > _HEAVIEST or _NO_ELEMENT.match(label):
        raise DataError(f"the label {label!r} names no element, and its type is not given", add)
    decided = [symbol for symbol in candidates if symbol in known] if len(candidates) > 1 and known else candidates
    if len(decided) != 1:
        raise DataError(f"the label {label!r} can be {' or '.join(candidates)}, and its type is not given", add)
    return decided[0]


def is_capital(kind: str) -> bool:
    """Return whether a type is an element in capital letters and no group, so that its file writes CO for cobalt."""
    return len(kind) == 2 and kind.isupper() and kind not in _GROUPS and _symbol(kind) is not None


def carries_hydrogen(label: str) -> bool:
    """Return whether a label names water, hydroxide or ammonia, so that hydrogen atoms belong to the site."""
    return _CARRIES_HYDROGEN.match(label) is not None


def elements_of(formula: str) -> dict[str, float] | None:
    """Return the amount of each element in a formula such as ``Cl H4 N``, with deuterium as hydrogen.

    Returns:
        The amounts by symbol; None where the formula is not of this form, for instance because it has brackets.
    """
    amounts: dict[str, float] = {}
    text = formula.strip().strip("'\"")
    if not text or re.fullmatch(r"(?:[A-Z][a-z]?[\d.]*[\s,]*)+", text) is None:
        return None
    for symbol, amount in re.findall(r"([A-Z][a-z]?)([\d.]*)", text):
        element = _symbol(symbol)
        if element is None or _ATOMIC_NUMBERS[element] > _HEAVIEST:
            return None
        try:
            amounts[element] = amounts.get(element, 0.0) + (float(amount) if amount else 1.0)
        except ValueError:
            return None
        if amounts[element] > _LARGEST_AMOUNT:
            return None
    return amounts


def _symbol(letters: str) -> str | None:
    """Return the symbol that one or two letters of any case spell, with D as H; None where they spell none."""
    symbol = "H" if letters.title() == "D" else letters.title()
    return symbol if symbol in _ATOMIC_NUMBERS else None


def _is_isotope(mass: int, symbol: str) -> bool:
    z = _ATOMIC_NUMBERS[symbol]
    return z <= mass <= 3 * z + 1


def _way_out(kind: str) -> str:
    if re.search(r"H\d*|W|w", kind):
        return "give each hydrogen atom its own line, and the other atom its element"
    return "write the symbol of an element, or remove the site if it holds no atom"
