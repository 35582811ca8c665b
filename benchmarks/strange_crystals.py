"""Twenty crystals that the three data sets do not hold, chosen before any of them was judged by a run.

The list was written before the words of :mod:`cgcnn.analysis.ranges` were designed. It is not changed by what the words
are. Since then, three of the crystals are refused before any run judges them: no solid or gas has their density
(:mod:`cgcnn.data.limits`).
"""

from __future__ import annotations

import numpy as np
from ase.build import molecule
from pymatgen.core import Lattice, Structure

from cgcnn.data.crystals import Crystals, check_ordered, pack
from cgcnn.errors import DataError
from cgcnn.paper.boron_clusters import CAGES, clusters

# Lattice constants in angstrom at room temperature: R. W. G. Wyckoff, Crystal Structures, 1963.
_DIAMOND, _GRAPHITE, _SALT, _MAGNESIA = 3.567, 2.461, 5.640, 4.212
_RUTILE = (4.594, 2.959, 0.305)  # a, c, and the coordinate of oxygen
_STRONTIUM_TITANATE = 3.905
_BOHR = 0.529177  # angstrom
# The edge of the box around an atom or beyond a molecule in angstrom.
_VACUUM = 15.0


def strange_crystals(name: str) -> tuple[Crystals, dict[str, str]]:
    """Return those of the twenty crystals that the runs on a data set judge, and those that are refused.

    Args:
        name: ``materials_project``, ``boron`` or ``perovskites``. For boron, the file of a cage is fetched.

    Returns:
        The crystals, whose targets are unknown (NaN); and for each crystal that is refused, by its name, the reason.
    """
    makers = {"materials_project": _to_the_materials_project, "boron": _to_boron, "perovskites": _to_perovskites}
    kept, refused = {}, {}
    for crystal, structure in makers[name]().items():
        try:
            check_ordered(structure, crystal)
        except DataError as error:
            refused[crystal] = error.problem.removeprefix(f"{crystal}: ")
        else:
            kept[crystal] = structure
    unknown = np.full(len(kept), np.nan)
    return pack(list(kept.values()), list(kept), unknown, f"strange to {name}", "energy", "eV/atom"), refused


def _to_the_materials_project() -> dict[str, Structure]:
    salt = _rock_salt("Na", "Cl", _SALT)
    pair = salt.copy()
    pair.append("Cl", pair.cart_coords[-1] + [0.3, 0, 0], coords_are_cartesian=True)
    return {
        "diamond": Structure.from_spacegroup(
            "Fd-3m", Lattice.cubic(_DIAMOND), ["C"], [[0, 0, 0]]
        ).get_primitive_structure(),
        "graphite with layers 10 angstrom apart": Structure(
            Lattice.hexagonal(_GRAPHITE, 20.0),
            ["C"] * 4,
            [[0, 0, 0.25], [1 / 3, 2 / 3, 0.25], [0, 0, 0.75], [2 / 3, 1 / 3, 0.75]],
        ),
        "iron atom in a box": _atom("Fe"),
        "rock salt in nanometers": _rock_salt("Na", "Cl", _SALT / 10),
        "rock salt in picometers": _rock_salt("Na", "Cl", _SALT * 100),
        "rock salt in bohr": _rock_salt("Na", "Cl", _SALT / _BOHR),
        "rock salt with two chlorine atoms 0.3 angstrom apart": pair,
        "simple cubic oxygen": Structure(Lattice.cubic(2.0), ["O"], [[0, 0, 0]]),
        "water molecule in a box": _molecule("H2O"),
        "benzene molecule in a box": _molecule("C6H6"),
        "C60 molecule in a box": _molecule("C60"),
        # The structure of Cs-IV at about 500 GPa: McMahon and Ceperley 2011, doi 10.1103/PhysRevLett.106.165302.
        "metallic hydrogen": Structure.from_spacegroup("I4_1/amd", Lattice.tetragonal(1.205, 3.21), ["H"], [[0, 0, 0]]),
        # At 115 GPa: Eremets et al. 2004, doi 10.1038/nmat1146.
        "cubic gauche nitrogen": Structure.from_spacegroup("I2_13", Lattice.cubic(3.4542), ["N"], [[0.067] * 3]),
    }


def _to_boron() -> dict[str, Structure]:
    cages = clusters(CAGES)
    # Freestanding: Peng et al. 2016, doi 10.1039/C6TC00115G. On silver: Mannix et al. 2015, 10.1126/science.aad1080.
    a, b, height = 1.614, 2.866, 0.911
    sheet = Structure(
        Lattice.orthorhombic(a, b, _VACUUM + height),
        ["B", "B"],
        np.array([[0, 0, 0], [a / 2, b / 2, height]]),
        coords_are_cartesian=True,
    )
    return {
        **{f"cage {name}": cages.structure(index) for index, name in enumerate(cages.ids)},
        "borophene": sheet,
        "boron atom in a box": _atom("B"),
    }


def _to_perovskites() -> dict[str, Structure]:
    a, c, u = _RUTILE
    return {
        "strontium titanate in nanometers": Structure.from_spacegroup(
            "Pm-3m",
            Lattice.cubic(_STRONTIUM_TITANATE / 10),
            ["Sr", "Ti", "O"],
            [[0.5, 0.5, 0.5], [0, 0, 0], [0.5, 0, 0]],
        ),
        "magnesia": _rock_salt("Mg", "O", _MAGNESIA),
        "rutile": Structure.from_spacegroup("P4_2/mnm", Lattice.tetragonal(a, c), ["Ti", "O"], [[0, 0, 0], [u, u, 0]]),
    }


def _rock_salt(cation: str, anion: str, edge: float) -> Structure:
    return Structure.from_spacegroup("Fm-3m", Lattice.cubic(edge), [cation, anion], [[0, 0, 0], [0.5, 0.5, 0.5]])


def _atom(element: str) -> Structure:
    return Structure(Lattice.cubic(_VACUUM), [element], [[0, 0, 0]])


def _molecule(name: str) -> Structure:
    """Return a molecule of ASE's collection in a cubic box with 15 angstrom between its images."""
    atoms = molecule(name)  # type: ignore[no-untyped-call]  # so ASE has it
    edge = float(np.ptp(atoms.positions, axis=0).max()) + _VACUUM
    return Structure(Lattice.cubic(edge), atoms.get_chemical_symbols(), atoms.positions, coords_are_cartesian=True)
