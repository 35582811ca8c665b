"""Mutations of ``cgcnn/graphs``."""

from __future__ import annotations

from tests.mutations.mutation import Mutation

MUTATIONS = (
    Mutation(
        "Equal sites of two crystals are merged into one node",
        "cgcnn/graphs/distinct_sites.py",
        "colors = _mix(_mix(crystal_of_site.astype(np.uint64)) + atomic_numbers.astype(np.uint64))",
        "colors = _mix(atomic_numbers.astype(np.uint64))",
        ("tests/test_crystal_graphs.py",),
    ),
    Mutation(
        "Neighbors that are tied with the last one are dropped",
        "cgcnn/graphs/neighbors.py",
        "kept = nearer | tied",
        "kept = nearer | (np.arange(len(centers)) - first[centers] < n_neighbors)",
        ("tests/test_neighbors.py",),
    ),
)
