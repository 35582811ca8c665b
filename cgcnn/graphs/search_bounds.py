"""Give the bounds of what a search for neighbors may be asked for; this file imports nothing that takes long."""

from __future__ import annotations

#: The largest number of neighbors per site. The better networks have 24. In the lightest gas that is read, 200 lie
#: within the largest radius of the search.
MOST_NEIGHBORS = 200
#: The tolerance of distances in angstrom. Below, rounding decides which sites are equal; above, different bonds are.
TOLERANCES = (1e-6, 0.1)
