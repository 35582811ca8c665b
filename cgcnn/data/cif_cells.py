"""Fill the cell: apply symmetry operations to a CIF's sites, and merge the images of a site on a special position."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import gemmi
import numpy as np
from scipy.spatial import KDTree

from cgcnn.data.cif_groups import Symmetry
from cgcnn.data.cif_sites import Site
from cgcnn.data.limits import MOST_SITES
from cgcnn.errors import DataError

# Images of one site that are nearer than 60 % of a single bond between two such atoms, and nearer than 1 angstrom, are
# one atom that is written beside its special position, or they are wrong.
_BOND_PART = 0.6
_LONGEST = 1.0
# Rounded coordinates lie at most this far, in angstrom, from the special position that is meant.
_ROUNDED = 0.1
# Two atoms this near, in angstrom, are on one spot, as for the edges of a graph.
_ONE_SPOT = 0.05
# Images of one place differ by less, in angstrom, after all roundings of floating-point numbers.
_EQUAL = 0.001
# No two fractional coordinates are farther apart than this.
_HALF_CELL = 0.5
#: Cells for which sites and operations make more atoms are refused. The largest cells in public databases have some
#: ten thousand, and a damaged list of sites could take hours.
MOST_ATOMS = 100_000


@dataclass(frozen=True)
class Cell:
    """The atoms of a cell.

    Attributes:
        symmetry: The symmetry that made them.
        coordinates: (n, 3) float64, in [0, 1], the images of a site one after the other.
        site_indices: (n,) int64, the site of each atom.
        counts: (m,) int64, how many atoms each of the m sites stands for. It is 0 for a site that repeats an image of
            another site.
    """

    symmetry: Symmetry
    coordinates: np.ndarray
    site_indices: np.ndarray
    counts: np.ndarray


def fill(sites: Sequence[Site], symmetry: Symmetry, lattice: np.ndarray) -> Cell:
    """Apply symmetry operations to sites.

    Args:
        sites: The sites.
        symmetry: The operations, which are symmetries of the cell.
        lattice: (3, 3) The lattice vectors as rows, in angstrom.

    Returns:
        The atoms of the cell. Images of a site that its rounded coordinates keep apart are merged: with 0.333 for 1/3
        they are some thousandths of an angstrom apart.

    Raises:
        DataError: Two images of a site are nearer than a bond and rounding does not explain it, or two sites are on one
            spot and are not the same atom. The problem begins with the line. Or there are too many sites.
    """
    if len(sites) * len(symmetry.rotations) > MOST_ATOMS:
        raise DataError(
            f"line {sites[0].line}: {len(sites)} sites times {len(symmetry.rotations)} operations, above {MOST_ATOMS}",
            "remove repeated lines, or list the atoms of a smaller cell",
        )
    if len(symmetry.rotations) == 1:
        coordinates = _wrap(np.array([site.coordinates for site in sites], dtype=np.float64))
        _refuse_one_spot(sites, coordinates, lattice)
        return Cell(symmetry, coordinates, np.arange(len(sites)), np.ones(len(sites), dtype=np.int64))
    atoms = np.empty((len(sites) * len(symmetry.rotations), 3))
    owners = np.empty(len(atoms), dtype=np.int64)
    counts = np.zeros(len(sites), dtype=np.int64)
    n_atoms = 0
    for index, site in enumerate(sites):
        images = _images(site, symmetry, lattice)
        is_taken = _distances(atoms[:n_atoms] - images[0], lattice) < _ONE_SPOT
        if is_taken.any():
            other = sites[owners[:n_atoms][is_taken][0]]
            if other.element != site.element:
                raise _one_spot(other, site)
            continue
        counts[index] = len(images)
        atoms[n_atoms : n_atoms + len(images)] = images
        owners[n_atoms : n_atoms + len(images)] = index
        n_atoms += len(images)
        if n_atoms > MOST_SITES:
            raise DataError(
                f"line {site.line}: up to here, symmetry makes {n_atoms:,} atoms; at most {MOST_SITES:,} are read",
                "correct the symmetry or the sites",
            )
    return Cell(symmetry, atoms[:n_atoms], owners[:n_atoms], counts)


def is_same(one: Cell, other: Cell, sites: Sequence[Site], lattice: np.ndarray) -> bool:
    """Return whether two cells hold the same atoms, up to the order and to rounding."""
    if len(one.coordinates) != len(other.coordinates):
        return False
    elements = np.array([site.element for site in sites])
    kinds, other_kinds = elements[one.site_indices], elements[other.site_indices]
    for place, kind in zip(one.coordinates, kinds, strict=True):
        candidates = other.coordinates[other_kinds == kind]
        if not len(candidates) or _distances(candidates - place, lattice).min() > _ROUNDED:
            return False
    return True


def _wrap(coordinates: np.ndarray) -> np.ndarray:
    wrapped: np.ndarray = coordinates - np.floor(coordinates)
    return wrapped


def _distances(offsets: np.ndarray, lattice: np.ndarray) -> np.ndarray:
    """Return the lengths of fractional offsets (..., 3) to the nearest image, where they are short beside the cell."""
    nearest: np.ndarray = np.linalg.norm((offsets - np.rint(offsets)) @ lattice, axis=-1)
    return nearest


def _images(site: Site, symmetry: Symmetry, lattice: np.ndarray) -> np.ndarray:
    """Return the images of a site, (k, 3), after it is moved to its special position where it is meant to have one."""
    place = np.array(site.coordinates)
    offsets = symmetry.rotations @ place + symmetry.translations - place
    distances = _distances(offsets, lattice)
    is_near = distances < min(_BOND_PART * 2 * gemmi.Element(site.element).covalent_r, _LONGEST)
    if is_near.sum() > 1:
        # The mean of the near images is the place that the operations among them leave where it is.
        shift = (offsets - np.rint(offsets))[is_near].mean(axis=0)
        length = np.linalg.norm(shift @ lattice)
        is_rounded = length <= _ROUNDED and (np.abs(shift) <= np.array(site.steps) * 1.001).all()
        if length > _ONE_SPOT / 2 and not is_rounded:
            raise _too_near(site, distances[is_near])
        place = place + shift
    images = _wrap(symmetry.rotations @ place + symmetry.translations)
    images[images > 1 - 1e-9] = 0.0
    is_equal = _distances(images[:, None] - images[None], lattice) < _EQUAL
    kept: np.ndarray = np.unique(is_equal.argmax(axis=1))
    if len(kept) * is_near.sum() != len(images):
        raise _too_near(site, distances[is_near])
    distinct: np.ndarray = images[kept]
    return distinct


def _too_near(site: Site, distances: np.ndarray) -> DataError:
    apart = distances[distances > _EQUAL].min(initial=distances.max())
    return DataError(
        f"line {site.line}: symmetry puts images of site {site.label} {apart:.2f} angstrom apart, nearer than a bond",
        "correct its coordinates or the symmetry; of a disordered site, keep one image, and list all atoms in P 1",
    )


def _one_spot(one: Site, other: Site) -> DataError:
    kinds = f"{one.label} ({one.element}, line {one.line}) and {other.label} ({other.element})"
    way_out = "keep one of them" if one.element == other.element else "order the crystal first, or correct a coordinate"
    return DataError(f"line {other.line}: sites {kinds} are on one spot", way_out)


def _refuse_one_spot(sites: Sequence[Site], coordinates: np.ndarray, lattice: np.ndarray) -> None:
    """Refuse a cell without symmetry in which two sites are on one spot."""
    heights = 1 / np.linalg.norm(np.linalg.inv(lattice), axis=0)
    if _ONE_SPOT / heights.min() > _HALF_CELL:
        return  # all pairs would be compared; check_sound of cgcnn.data.crystals looks at such a cell in another way
    tree = KDTree(coordinates % 1.0, boxsize=np.ones(3))
    for first, second in sorted(tree.query_pairs(_ONE_SPOT / heights.min())):
        if _distances(coordinates[first] - coordinates[second], lattice) < _ONE_SPOT:
            raise _one_spot(sites[first], sites[second])
