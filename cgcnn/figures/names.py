"""The names of data sets and sections as people read them."""

from __future__ import annotations

#: Names that are more than their words without underscores.
NAMES = {
    "materials_project": "Materials Project",
    "materials_project-megnet": "Materials Project, MEGNet's split",
    "mp_coordination": "Materials Project",
    "table_1": "Table I",
    "angles_network": "a network that sees angles",
    "perovskite_elements": "perovskites",
    "boron_environments": "boron",
}

#: The networks of this book, in the words of a table.
NETWORKS = {
    "paper": "the paper's",
    "better": "better",
    "better-24": "better, 24 neighbors",
    "angles": "with angles",
    "angles-128": "with angles, v of length 128",
}


def readable_name(name: str) -> str:
    """Return the name of a data set or a section as a page shows it, such as ``Materials Project``.

    Args:
        name: The name in the package, such as ``materials_project``.
    """
    return NAMES.get(name, name.replace("_", " "))
