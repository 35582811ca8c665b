"""Compare the atoms of a CIF's block with what else the block says: formula, Z, multiplicities and volume."""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

import numpy as np

from cgcnn.data.cif_cells import Cell
from cgcnn.data.cif_elements import carries_hydrogen, element_of_type, elements_of
from cgcnn.data.cif_sites import Site, number
from cgcnn.data.cif_syntax import Block, Value
from cgcnn.errors import DataError

_FORMULA = "_chemical_formula_sum"
# Formulas of which only hydrogen is looked for, since they may have brackets or name parts of the crystal alone.
_OTHER_FORMULAS = ("_chemical_formula_moiety", "_chemical_formula_structural", "_chemical_formula_iupac")
# Amounts of refined formulas are rounded: Ca0.99 stands for a full site.
_AMOUNT_TOLERANCE = 0.015
# The volume of the file and that of its cell may differ by this part.
_VOLUME_TOLERANCE = 0.02


def elements_named(block: Block) -> AbstractSet[str]:
    """Return the symbols of the elements in a block's formula, or where it has none, of its list of atom types."""
    value, amounts = formula(block)
    if value is not None and amounts is not None:
        return amounts.keys()
    named = set()
    for one in block.values("_atom_type_symbol"):
        try:
            named.add(element_of_type(one.text, "", frozenset()))
        except DataError:  # the list of types may name groups, or stand in capital letters
            continue
    return named


def formula(block: Block) -> tuple[Value | None, dict[str, float] | None]:
    """Return the block's sum formula and the amounts in it; each is None where it is missing or not plain."""
    value = block.value(_FORMULA)
    return value, elements_of(value.text) if value is not None else None


def is_confirmed(block: Block, sites: Sequence[Site], cell: Cell) -> bool | None:
    """Return whether formula times Z, or all multiplicities, are those of a cell.

    Returns:
        False where one of them contradicts the cell, True where one is there and agrees, and None where the block gives
        neither.
    """
    answers = []
    _, amounts = formula(block)
    units = _units(block)
    if amounts is not None and units is not None:
        counts = count_elements(sites, cell)
        is_equal = counts.keys() == amounts.keys() and any(
            all(_agree(counts[symbol], amount * factor) for symbol, amount in amounts.items())
            for factor in _factors(amounts, units[0])
        )
        answers.append(is_equal)
    given = [(site.multiplicity, count) for site, count in zip(sites, cell.counts.tolist(), strict=True) if count]
    if given and all(multiplicity is not None for multiplicity, _ in given):
        answers.append(all(multiplicity == count for multiplicity, count in given))
    return all(answers) if answers else None


def count_elements(sites: Sequence[Site], cell: Cell) -> dict[str, int]:
    """Return the number of atoms of each element in a cell."""
    counts: dict[str, int] = {}
    for site, count in zip(sites, cell.counts.tolist(), strict=True):
        counts[site.element] = counts.get(site.element, 0) + count
    return counts


def check_formula(block: Block, sites: Sequence[Site], cell: Cell) -> list[str]:
    """Compare the atoms of a cell with the block's formula and Z.

    Returns:
        What was noticed: amounts that differ.

    Raises:
        DataError: The formula names an element that no site has, or a site's element is not in the formula, or only
            hydrogen atoms are missing, whose positions were not measured. The problem begins with the line.
    """
    counts = count_elements(sites, cell)
    value, amounts = formula(block)
    _refuse_unplaced_hydrogen(sites, counts, amounts)
    if value is None or amounts is None:
        _check_elements_only(block, counts)
        return []
    _check_elements(value, set(amounts), set(counts))
    return _compare_amounts(value, amounts, counts, _units(block))


def check_multiplicities(sites: Sequence[Site], cell: Cell) -> None:
    """Refuse a cell in which a site has another number of images than its line says.

    Some programs write the number of operations that leave the site in its place; it counts as well.

    Raises:
        DataError: A multiplicity differs. The problem begins with the line.
    """
    n_operations = len(cell.symmetry.rotations)
    for site, count in zip(sites, cell.counts.tolist(), strict=True):
        if count and site.multiplicity is not None and site.multiplicity not in (count, n_operations // count):
            raise DataError(
                f"line {site.line}: the multiplicity of site {site.label} is {site.multiplicity}, and the symmetry "
                f"gives it {count} images",
                "correct the symmetry, the coordinates or the multiplicity",
            )


def check_volume(block: Block, volume: float) -> list[str]:
    """Return a remark where the block's volume is not that of its cell, in cubic angstrom."""
    value = block.value("_cell_volume")
    read = number(value.text) if value is not None else None
    if value is None or read is None or abs(read[0] - volume) <= _VOLUME_TOLERANCE * volume:
        return []
    return [
        f"The file gives the volume {value.text} (line {value.line}), and its cell has {volume:.6g} cubic angstrom."
    ]


def _units(block: Block) -> tuple[float, Value] | None:
    value = block.value("_cell_formula_units_Z")
    read = number(value.text) if value is not None else None
    return (read[0], value) if value is not None and read is not None and read[0] > 0 else None


def _factors(amounts: dict[str, float], units: float) -> tuple[float, ...]:
    """Return how many times the formula may stand in the cell: Z times, or once where it is that of the whole cell.

    pymatgen writes the whole cell as the sum formula, and Z for the formula that is reduced.
    """
    is_whole = all(abs(amount / units - round(amount / units)) < 1e-6 for amount in amounts.values())
    return (units, 1.0) if is_whole else (units,)


def _agree(count: float, expected: float) -> bool:
    return abs(count - expected) <= _AMOUNT_TOLERANCE * max(count, expected)


def _check_elements(value: Value, named: AbstractSet[str], found: AbstractSet[str]) -> None:
    mend = "correct the formula (write ? where it is not known)"
    if named - found:
        symbols = ", ".join(sorted(named - found))
        problem = f"line {value.line}: the formula {value.text!r} has {symbols}, and no site has"
        raise DataError(problem, f"add the missing atoms, or {mend}")
    if found - named:
        symbols = ", ".join(sorted(found - named))
        problem = f"line {value.line}: sites are {symbols}, which the formula {value.text!r} does not have"
        raise DataError(problem, f"correct the types of the sites, or {mend}")


def _check_elements_only(block: Block, counts: dict[str, int]) -> None:
    """Compare the elements with a formula that is no plain sum, where each of its words is an element."""
    for value in (block.value(tag) for tag in _OTHER_FORMULAS):
        if value is None:
            continue
        plain = re.sub(r"(?<![A-Za-z])\d*[+-]|\d+[+-]", " ", value.text)
        words = re.findall(r"[A-Za-z]+", plain)
        symbols = re.findall(r"[A-Z][a-z]?", plain)
        amounts = elements_of(" ".join(symbols))
        if (
            words
            and amounts is not None
            and "".join(words) == "".join(symbols)
            and "H" in amounts
            and "H" not in counts
        ):
            _check_elements(value, {"H"} | set(counts), set(counts))


def _refuse_unplaced_hydrogen(sites: Sequence[Site], counts: dict[str, int], amounts: dict[str, float] | None) -> None:
    """Refuse a cell whose lines say that hydrogen atoms are attached to its sites, where none stand there."""
    placed = counts.get("H", 0)
    for site in sites:
        attached = site.hydrogens
        if attached and amounts is not None and placed:
            continue  # some programs count the hydrogen atoms that have lines; the formula decides
        if attached:
            problem = f"site {site.label} has {attached} attached hydrogen atom{'s' * (attached > 1)} without lines"
        elif carries_hydrogen(site.label) and amounts is None and not placed:
            problem = f"site {site.label} names hydrogen atoms, and no line gives their positions"
        else:
            continue
        raise DataError(f"line {site.line}: {problem}", "add the hydrogen atoms with their positions")


def _compare_amounts(
    value: Value, amounts: dict[str, float], counts: dict[str, int], units: tuple[float, Value] | None
) -> list[str]:
    """Return a remark where formula and sites differ in amounts, and refuse where only hydrogen atoms are missing."""
    # The number of formula units that the atoms other than hydrogen make, which are never left out.
    heavy = [symbol for symbol in amounts if symbol != "H" or len(amounts) == 1]
    ratios = np.array([counts[symbol] / amounts[symbol] for symbol in heavy if amounts[symbol] > 0])
    is_even = bool(len(ratios)) and ratios.max() - ratios.min() <= _AMOUNT_TOLERANCE * ratios.max()
    found = " ".join(f"{symbol}{count}" for symbol, count in counts.items())
    if is_even and "H" not in heavy and "H" in amounts:
        expected = amounts["H"] * ratios.mean()
        if counts["H"] < expected * (1 - _AMOUNT_TOLERANCE) - 0.01:
            raise DataError(
                f"line {value.line}: hydrogen atoms are missing: the formula {value.text!r} asks for {expected:g} in "
                f"the cell, and its sites have {counts['H']}",
                "add the hydrogen atoms with their positions",
            )
        is_even = _agree(counts["H"], expected)
    if not is_even:
        return [f"The formula {value.text!r} (line {value.line}) and the sites of the cell ({found}) disagree."]
    if units is not None and not any(_agree(ratios.mean(), factor) for factor in _factors(amounts, units[0])):
        return [
            f"The file says that the cell holds {units[0]:g} formula units (line {units[1].line}), and its sites make "
            f"{ratios.mean():.4g} of {value.text!r}."
        ]
    return []
