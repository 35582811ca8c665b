"""Name what a data set's targets are and in which unit, in columns of tables, labels of figures and messages."""

from __future__ import annotations

import re
from dataclasses import dataclass

# The digits of a power, as a text can raise them.
_RAISED = str.maketrans("-0123456789", "\N{SUPERSCRIPT MINUS}⁰¹²³⁴⁵⁶⁷⁸⁹")
# Units of the energy per atom. Only a target with one of them is called an energy.
_ENERGY_PER_ATOM = ("eV/atom", "meV/atom", "kJ/mol/atom", "Ry/atom", "Ha/atom")


@dataclass(frozen=True)
class Quantity:
    """What the targets of a data set are.

    Attributes:
        name: The name of the target, such as ``formation energy`` or ``band gap``.
        unit: The unit of the target, such as ``eV/atom``; empty where it is not known or where there is none.
    """

    name: str
    unit: str

    @property
    def word(self) -> str:
        """The word for the target in texts: ``energy`` for every energy per atom, else its name."""
        return "energy" if self.unit in _ENERGY_PER_ATOM else self.name

    @property
    def noun(self) -> str:
        """The word for the target in names of columns, such as ``energy`` or ``band_gap``."""
        return _words(self.word)

    @property
    def shown_unit(self) -> str:
        """The unit as texts and figures show it, with raised powers: ``Å³/atom`` for ``Å^3/atom``."""
        return re.sub(r"\^(-?\d+)", lambda power: power[1].translate(_RAISED), self.unit)

    @property
    def label(self) -> str:
        """The name with the unit in brackets, for axes of figures; the name alone where the unit is not known."""
        return self.in_unit(self.name)

    def in_unit(self, text: str) -> str:
        """Return a text with the unit in brackets, such as ``test MAE (eV/atom)``, for axes and headings.

        Args:
            text: The text, which stays alone where the unit is not known.
        """
        return f"{text} ({self.shown_unit})" if self.unit else text

    def scaled_unit(self, exponent: int) -> str:
        """Return the unit of values that were multiplied by a power of ten, such as ``meV/atom`` for 3.

        Args:
            exponent: The exponent of the power of ten, 0 or more.
        """
        if exponent == 3 and self.unit.startswith("eV"):
            return f"m{self.unit}"
        return f"$10^{{-{exponent}}}$ {self.unit}".rstrip() if exponent else self.unit

    def of_sites(self, text: str) -> str:
        """Return a text on values of single sites with their unit in brackets, such as ``local energy (eV)``.

        Args:
            text: The text, which stays alone where the unit is not known.
        """
        return Quantity(self.name, self.unit.removesuffix("/atom")).in_unit(text)

    def column(self, before: str = "") -> str:
        """Return the name of the column that holds values of the target.

        Args:
            before: What stands before the noun, such as ``local``.

        Returns:
            For example ``energy_eV_per_atom``, ``local_energy_eV_per_atom`` or ``band_gap_eV``.
        """
        return self.with_unit(f"{before}_{self.noun}" if before else self.noun)

    def with_unit(self, word: str) -> str:
        """Return the name of a column of numbers in the target's unit.

        Args:
            word: The beginning of the name, such as ``test_mae``.

        Returns:
            For example ``test_mae_eV_per_atom``; the word alone where the unit is not known.
        """
        return f"{word}_{_words(self.unit.replace('/', ' per '))}" if self.unit else word

    def value(self, number: float, digits: int = 4) -> str:
        """Return a number with the unit, for messages and the command line.

        Args:
            number: The number, in the target's unit.
            digits: The number of digits after the decimal point.
        """
        return f"{number:.{digits}f} {self.shown_unit}".rstrip()

    def value_of_site(self, number: float, digits: int = 2) -> str:
        """Return a number on single sites with its unit, such as ``0.35 eV``.

        Args:
            number: The number, in the target's unit.
            digits: The number of digits after the decimal point.
        """
        return f"{number:.{digits}f} {self.shown_unit.removesuffix('/atom')}".rstrip()


#: The target of the paper's three sets. Functions that read a table take its columns unless they are told otherwise.
ENERGY = Quantity("energy", "eV/atom")


def _words(text: str) -> str:
    """Return a text with underscores for everything that is neither a letter nor a digit."""
    return re.sub(r"\W+", "_", text).strip("_")
