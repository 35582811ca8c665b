"""Pack CIFs that come one after the other, so that the memory never holds more of them than are parsed at a time."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from cgcnn.data.cif import parse_cif
from cgcnn.data.crystals import Crystals, pack
from cgcnn.machine.parallel import parallel_map

# CIFs per task: parsing so many (a few ms per CIF) takes much longer than starting the task.
_CIFS_PER_TASK = 64


def pack_cifs(
    cifs: Iterable[tuple[str, str]],
    source: Path,
    targets: Mapping[str, float],
    name: str,
    target_name: str,
    unit: str,
    total: int,
) -> Crystals:
    """Parse CIFs on all cores while they are read, and pack them sorted by their ids.

    Args:
        cifs: The id and the text of each CIF, in any order. They are taken when they are needed.
        source: The file that they come from, for messages.
        targets: The target of each id, in ``unit``. There may be more targets than CIFs.
        name: The name of the set.
        target_name: The name of the target.
        unit: The unit of the targets.
        total: The number of CIFs, which is one or more.

    Returns:
        The crystals, sorted by their ids, so that the order of the source does not count. Their sites are sorted as by
        :func:`cgcnn.data.cif.parse_cifs`.

    Raises:
        DataError: A CIF cannot be read, or its crystal is disordered, empty or not finite; the message begins with its
            id. What taking the CIFs raises is raised too.
    """
    about = (str(source), name, target_name, unit)
    tasks = ((some, [targets[crystal_id] for crystal_id, _ in some], *about) for some in _chunks(cifs))
    n_jobs = 1 if total <= _CIFS_PER_TASK else -1  # a worker process takes seconds to start
    parts = list(parallel_map(_pack_some, tasks, total, "parse CIFs", "crystal", count=len, n_jobs=n_jobs))
    joined = join(parts)
    return joined.select(sorted(range(len(joined)), key=lambda crystal: joined.ids[crystal]))


def join(parts: Sequence[Crystals]) -> Crystals:
    """Return one set of the crystals of several parts.

    Args:
        parts: One or more sets with one target and one unit, without labels of sites and without splits of their own.
            The first gives the name.

    Returns:
        The crystals of all parts, one part after the other.
    """
    first = np.cumsum([0, *(part.site_offsets[-1] for part in parts)])
    offsets = [part.site_offsets[:-1] + start for part, start in zip(parts, first[:-1], strict=True)]
    return dataclasses.replace(
        parts[0],
        ids=tuple(crystal_id for part in parts for crystal_id in part.ids),
        lattices=np.concatenate([part.lattices for part in parts]),
        site_offsets=np.concatenate([*offsets, first[-1:]]),
        atomic_numbers=np.concatenate([part.atomic_numbers for part in parts]),
        fractional_coordinates=np.concatenate([part.fractional_coordinates for part in parts]),
        targets=np.concatenate([part.targets for part in parts]),
    )


def _chunks(cifs: Iterable[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    rest = iter(cifs)
    while some := list(islice(rest, _CIFS_PER_TASK)):
        yield some


def _pack_some(
    cifs: Sequence[tuple[str, str]], targets: Sequence[float], source: str, name: str, target_name: str, unit: str
) -> Crystals:
    structures = [parse_cif(text, f"{crystal_id} of {source}").get_sorted_structure() for crystal_id, text in cifs]
    return pack(structures, [crystal_id for crystal_id, _ in cifs], targets, name, target_name, unit)
