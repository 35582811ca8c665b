"""The search for whole icosahedra in a crystal: twelve atoms that each touch five others, such as boron's B12 units."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
from pymatgen.core import Structure

# A site, and the cell in which its periodic image lies.
Node = tuple[int, tuple[int, int, int]]
Neighbors = list[set[Node]]

#: The longest edge of an icosahedron, in angstrom. It is a quarter longer than the edges of alpha-B12, 1.75 to 1.80,
#: and shorter than the distance of two corners that do not touch, which is 1.6 edges.
EDGE = 2.3
# A site with more neighbors than this is in a very dense crystal, where nearly all atoms touch each other.
_MOST_NEIGHBORS = 12


def pentagons(structure: Structure) -> dict[int, list[tuple[Node, ...]]]:
    """Return the rings of five neighbors around the sites of a crystal.

    Args:
        structure: The crystal.

    Returns:
        The rings of each site that has some. A ring is five neighbors in their order around the site. Each is within
        :data:`EDGE` of the site and of the two that are next to it in the ring, but not of the other two.
    """
    neighbors = _neighbors(structure)
    found = {site: list(_rings(neighbors, site)) for site in range(len(structure))}
    return {site: rings for site, rings in found.items() if rings}


def icosahedra(structure: Structure) -> set[frozenset[int]]:
    """Return the twelve sites of every icosahedron of a crystal.

    A site and one of its rings of five are the upper half of an icosahedron if three conditions hold. Every two
    successive atoms of the ring have a further common neighbor; these five neighbors form a ring too; and one more atom
    touches all five. The twelve atoms must not be periodic images of each other: if some are, the icosahedron touches
    its own image and is a part of a close packing.

    Args:
        structure: The crystal.
    """
    neighbors = _neighbors(structure)
    found: set[frozenset[int]] = set()
    for site in range(len(structure)):
        if any(site in known for known in found):
            continue
        found |= {frozenset(number for number, _ in corners) for corners in _of_site(neighbors, site)}
    return found


def icosahedron_around(structure: Structure, site: int) -> np.ndarray | None:
    """Return where the corners of an icosahedron lie of which a site is one.

    Args:
        structure: The crystal.
        site: The index of the site.

    Returns:
        The (12, 3) positions in angstrom relative to the site: the site itself, the five corners that touch it in their
        order, the five below them, and the corner opposite to the site. None where the site is no corner.
    """
    neighbors = _neighbors(structure)
    for corners in _of_site(neighbors, site):
        places = np.array([structure.frac_coords[number] + image for number, image in corners])
        return structure.lattice.get_cartesian_coords(places - structure.frac_coords[site])
    return None


def _of_site(neighbors: Neighbors, site: int) -> Iterator[tuple[Node, ...]]:
    """Yield the corners of every icosahedron that has a site as its top."""
    for ring in _rings(neighbors, site):
        yield from _closed(neighbors, (site, (0, 0, 0)), ring)


def _closed(neighbors: Neighbors, top: Node, ring: tuple[Node, ...]) -> Iterator[tuple[Node, ...]]:
    """Yield the corners of the icosahedra that have this corner with this ring around it."""
    upper = {top, *ring}
    below = [_around(neighbors, ring[k - 1]) & _around(neighbors, ring[k]) - upper for k in range(5)]
    for lower in itertools.product(*below):
        if len(set(lower)) < 5 or any(lower[k] not in _around(neighbors, lower[k - 1]) for k in range(5)):
            continue
        for bottom in set.intersection(*(_around(neighbors, node) for node in lower)) - upper - set(lower):
            corners = (top, *ring, *lower, bottom)
            if len({number for number, _ in corners}) == 12:
                yield corners


def _rings(neighbors: Neighbors, site: int) -> Iterator[tuple[Node, ...]]:
    """Yield each ring of five neighbors around a site once."""
    if len(neighbors[site]) > _MOST_NEIGHBORS:
        return
    for five in itertools.combinations(sorted(neighbors[site]), 5):
        touching = {node: _around(neighbors, node) & set(five) for node in five}
        # Five nodes that each touch two of the others form a single ring, since no ring has only two nodes.
        if all(len(others) == 2 for others in touching.values()):
            ring = [five[0], min(touching[five[0]])]
            while len(ring) < 5:
                ring += touching[ring[-1]] - {ring[-2]}
            yield tuple(ring)


def _around(neighbors: Neighbors, node: Node) -> set[Node]:
    """Return the neighbors of a periodic image of a site."""
    site, (a, b, c) = node
    return {(other, (a + i, b + j, c + k)) for other, (i, j, k) in neighbors[site]}


def _neighbors(structure: Structure) -> Neighbors:
    """Return the atoms within :data:`EDGE` of every site."""
    found: Neighbors = [set() for _ in structure]
    centers, others, images, _ = structure.get_neighbor_list(EDGE)
    for center, other, (i, j, k) in zip(centers, others, images, strict=True):
        found[int(center)].add((int(other), (int(i), int(j), int(k))))
    return found
