"""Whole icosahedra in a crystal: twelve atoms of which each touches five others, as the B12 units of boron do."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from pymatgen.core import Structure

# A site and the cell that its image is in.
Node = tuple[int, tuple[int, int, int]]
Neighbors = list[set[Node]]

#: The longest edge of an icosahedron, in angstrom: a quarter above the 1.75 to 1.80 of alpha-B12. Corners of one that
#: do not touch are 1.6 edges apart.
EDGE = 2.3
# Sites with more neighbors than this are in crystals squeezed together, where everything touches everything.
_MOST_NEIGHBORS = 12


def pentagons(structure: Structure) -> dict[int, list[tuple[Node, ...]]]:
    """Return the rings of five about every site that has some.

    Args:
        structure: The crystal.

    Returns:
        Site to its rings: five of its neighbors in their order around, each within :data:`EDGE` of the site and of the
        next, and not of the other two.
    """
    neighbors = _neighbors(structure)
    found = {site: list(_rings(neighbors, site)) for site in range(len(structure))}
    return {site: rings for site, rings in found.items() if rings}


def icosahedra(structure: Structure) -> set[frozenset[int]]:
    """Return the twelve sites of every icosahedron.

    Under a site and one of its rings of five, each edge of the ring has an atom below it; these five are a ring again;
    and one atom closes it from below. All twelve are different atoms and not images of each other: an icosahedron with
    itself for a neighbor is part of a close packing.

    Args:
        structure: The crystal.
    """
    neighbors = _neighbors(structure)
    found: set[frozenset[int]] = set()
    for site in range(len(structure)):
        if any(site in known for known in found):
            continue
        for ring in _rings(neighbors, site):
            found |= set(_closed(neighbors, (site, (0, 0, 0)), ring))
    return found


def _closed(neighbors: Neighbors, top: Node, ring: tuple[Node, ...]) -> Iterator[frozenset[int]]:
    """Yield the sites of the icosahedra that have this corner and these five about it."""
    upper = {top, *ring}
    below = [_around(neighbors, ring[k - 1]) & _around(neighbors, ring[k]) - upper for k in range(5)]
    for lower in itertools.product(*below):
        if len(set(lower)) < 5 or any(lower[k] not in _around(neighbors, lower[k - 1]) for k in range(5)):
            continue
        for bottom in set.intersection(*(_around(neighbors, node) for node in lower)) - upper - set(lower):
            corners = frozenset(node[0] for node in (top, *ring, *lower, bottom))
            if len(corners) == 12:
                yield corners


def _rings(neighbors: Neighbors, site: int) -> Iterator[tuple[Node, ...]]:
    """Yield the rings of five about a site, each once."""
    if len(neighbors[site]) > _MOST_NEIGHBORS:
        return
    for five in itertools.combinations(sorted(neighbors[site]), 5):
        touching = {node: _around(neighbors, node) & set(five) for node in five}
        # Five nodes that touch two others each are one ring: there is no ring of two.
        if all(len(others) == 2 for others in touching.values()):
            ring = [five[0], min(touching[five[0]])]
            while len(ring) < 5:
                ring += touching[ring[-1]] - {ring[-2]}
            yield tuple(ring)


def _around(neighbors: Neighbors, node: Node) -> set[Node]:
    """Return the neighbors of a site's image."""
    site, (a, b, c) = node
    return {(other, (a + i, b + j, c + k)) for other, (i, j, k) in neighbors[site]}


def _neighbors(structure: Structure) -> Neighbors:
    """Return what is within an edge's length of every site."""
    found: Neighbors = [set() for _ in structure]
    centers, others, images, _ = structure.get_neighbor_list(EDGE)
    for center, other, (i, j, k) in zip(centers, others, images, strict=True):
        found[int(center)].add((int(other), (int(i), int(j), int(k))))
    return found
