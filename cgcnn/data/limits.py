"""Refuse crystals whose numbers belong to no solid or gas under study: sizes, volumes per atom, coordinates, sites."""

from __future__ import annotations

import numpy as np

from cgcnn.errors import DataError

#: The volume per atom, in cubic angstrom. The smallest is a sixth of that of metallic hydrogen at 500 GPa, 1.17, and
#: half of that at 5,000 GPa, the highest pressure at which its structures were calculated (McMahon and Ceperley 2011,
#: doi 10.1103/PhysRevLett.106.165302); crystals of the public sets have 3.0 or more. The largest is that of a gas of
#: single atoms at 25 degrees Celsius and 0.4 bar (an ideal gas at 1 bar has 41,000); an atom in a box of 30 angstrom
#: has 27,000.
VOLUMES = (0.2, 1e5)
#: The length of a lattice vector, in angstrom. An atom and its own image would be nearer than a seventh of the shortest
#: bond (H-H, 0.74); and a micrometer is sixty times the longest cell of the public sets.
LENGTHS = (0.1, 1e4)
#: The absolute value of a fractional coordinate. The coordinates of a long simulation leave the cell, but beyond this
#: value less than ten decimals of the place in the cell are left.
FARTHEST_COORDINATE = 1e6
#: The number of sites. The public sets have up to 200, and the largest frameworks some thousands. A network of the
#: usual width needs about 100 kB per site.
MOST_SITES = 20_000
# The volumes per atom and the shortest lattice vectors of nearly all solids in cubic angstrom and angstrom, and the
# units that a cell may have been written in by mistake, in angstrom.
_USUAL, _EDGES = (3.0, 150.0), (1.5, 50.0)
_UNITS = {"nanometers": 10.0, "picometers": 0.01, "bohr": 0.529177}
_REPAIR = "repair the lattice vectors"
# A cell of less, in cubic angstrom, has no volume.
_FLAT = 1e-6
# The volume of a cell with larger numbers could overflow.
_HUGE = 1e90


def check_limits(lattice: np.ndarray, coordinates: np.ndarray, where: str) -> None:
    """Refuse a crystal that has a number out of bounds.

    Args:
        lattice: (3, 3) The lattice vectors as rows, in angstrom.
        coordinates: (s, 3) The fractional coordinates of the sites.
        where: The name of the crystal, with which the message begins.

    Raises:
        DataError: A number is not finite, or is out of its bounds. The message has the number and the bound.
    """
    n_sites = len(coordinates)
    if n_sites == 0:
        raise DataError(f"{where}: no sites", "remove it or repair the file")
    if n_sites > MOST_SITES:
        raise DataError(f"{where}: {n_sites:,} sites; at most {MOST_SITES:,} are read", "give a smaller cell")
    if not (np.isfinite(lattice).all() and np.isfinite(coordinates).all()):
        raise DataError(f"{where}: a lattice vector or coordinate is not a finite number", "repair the file")
    farthest = float(np.abs(coordinates).max())
    if farthest > FARTHEST_COORDINATE:
        raise DataError(
            f"{where}: a fractional coordinate is {farthest:.3g} in size, where none is beyond {FARTHEST_COORDINATE:g}",
            "repair it",
        )
    _check_cell(lattice, n_sites, where)


def surely_within_limits(lattices: np.ndarray, coordinates: np.ndarray, n_sites: np.ndarray) -> np.ndarray:
    """Return which crystals of a set :func:`check_limits` does not refuse, for all of them at once.

    Args:
        lattices: (n, 3, 3) The lattice vectors of each crystal as rows, in angstrom.
        coordinates: (s, 3) The fractional coordinates of all sites, sorted by crystal.
        n_sites: (n,) The number of sites of each crystal.

    Returns:
        (n,) bool. It can be False for a crystal that is on a bound, which :func:`check_limits` then decides.
    """
    if not (n_sites > 0).all():
        return np.zeros(len(n_sites), dtype=bool)
    with np.errstate(all="ignore"):  # a number that is not finite, or overflows, is in no interval
        farthest = np.maximum.reduceat(np.abs(coordinates).max(axis=1), np.cumsum(n_sites) - n_sites)
        volumes = np.abs(np.linalg.det(lattices))
        lengths = np.linalg.norm(lattices, axis=2)
        within: np.ndarray = (
            (n_sites <= MOST_SITES)
            & (farthest < FARTHEST_COORDINATE)
            & (volumes > _FLAT)
            & (volumes > n_sites * VOLUMES[0])
            & (volumes < n_sites * VOLUMES[1])
            & (lengths > LENGTHS[0]).all(axis=1)
            & (lengths < LENGTHS[1]).all(axis=1)
        )
    return within


def _check_cell(lattice: np.ndarray, n_sites: int, where: str) -> None:
    lengths = np.linalg.norm(np.clip(lattice, -_HUGE, _HUGE), axis=1)
    volume = abs(float(np.linalg.det(np.clip(lattice, -_HUGE, _HUGE))))
    per_atom = volume / n_sites
    if volume == 0 or (volume < _FLAT and lengths.min() >= LENGTHS[0]):
        raise DataError(f"{where}: its cell has no volume", _REPAIR)
    # Where all lengths are wrong by one factor, the volume tells more than one of them.
    if not VOLUMES[0] <= per_atom <= VOLUMES[1]:
        bound = f"less than {VOLUMES[0]:g}" if per_atom < VOLUMES[0] else f"more than {VOLUMES[1]:,.0f}"
        raise DataError(
            f"{where}: {_written(per_atom)} cubic angstrom per atom, where no solid or gas has {bound}",
            _way_out(per_atom, lengths),
        )
    for length in lengths:
        if not LENGTHS[0] <= length <= LENGTHS[1]:
            bound = f"shorter than {LENGTHS[0]:g}" if length < LENGTHS[0] else f"longer than {LENGTHS[1]:,.0f}"
            raise DataError(f"{where}: a lattice vector of {_written(length)} angstrom; none is {bound}", _REPAIR)


def _way_out(per_atom: float, lengths: np.ndarray) -> str:
    """Return what to do with a cell of a volume that no crystal has, by the mistake that is likely."""
    units = [
        unit
        for unit, size in _UNITS.items()
        if _USUAL[0] <= per_atom * size**3 <= _USUAL[1] and _EDGES[0] <= lengths.min() * size <= _EDGES[1]
    ]
    if units:
        point = ", or its decimal points are lost" if units[0] == "picometers" else ""
        return f"write its cell in angstrom: it is as if it were in {units[0]}{point}"
    return f"{_REPAIR}; a decimal point may be lost, or the unit is not angstrom"


def _written(number: float) -> str:
    """Return a number with three digits, or with all that stand before the point."""
    return f"{number:,.0f}" if 1000 <= number < 1e12 else f"{number:.3g}"
