"""All mutations, in the order of the wings of the package."""

from __future__ import annotations

from tests.mutations import (
    of_commands,
    of_data,
    of_figures,
    of_files,
    of_graphs,
    of_maps,
    of_network,
    of_paper,
    of_predictions,
    of_sections,
    of_training,
)
from tests.mutations.mutation import Mutation

#: All mutations; no two break the same.
MUTATIONS: tuple[Mutation, ...] = (
    *of_files.MUTATIONS,
    *of_data.MUTATIONS,
    *of_graphs.MUTATIONS,
    *of_network.MUTATIONS,
    *of_training.MUTATIONS,
    *of_predictions.MUTATIONS,
    *of_maps.MUTATIONS,
    *of_commands.MUTATIONS,
    *of_sections.MUTATIONS,
    *of_paper.MUTATIONS,
    *of_figures.MUTATIONS,
)


def matching(pattern: str) -> tuple[Mutation, ...]:
    """Return the mutations whose sentence or file holds a text, with no difference between capitals and others.

    Args:
        pattern: The text; an empty one matches all.
    """
    return tuple(one for one in MUTATIONS if pattern.lower() in f"{one.file} {one.breaks}".lower())
