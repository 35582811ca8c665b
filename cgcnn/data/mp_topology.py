"""Read 51,149 crystals of the Materials Project's snapshot of 2018 by later structures, with MEGNet's split."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Collection, Iterator
from pathlib import Path, PurePosixPath

from cgcnn.data.crystals import Crystals
from cgcnn.data.dataset import Dataset
from cgcnn.data.mp_energies import ENERGIES_FILE, read_energies
from cgcnn.data.packing import pack_cifs
from cgcnn.errors import DataError
from cgcnn.files.archives import stream_tar
from cgcnn.files.downloads import PublicFile

_COMMIT = "41163fcf52ff9bdb3f993c83ef7eaee6f1676b50"
#: The CIFs of fxcoudert/topology_databases: relaxations by the Materials Project as of 2024 and 2025.
TOPOLOGY_FILE = PublicFile(
    f"materials_project/topology-{_COMMIT}.tar.gz",
    f"https://github.com/fxcoudert/topology_databases/archive/{_COMMIT}.tar.gz",
    sha256=None,  # the host packs the archive anew for each download, so the reader checks the files in it instead
    also=(f"materials_project/topology-{_COMMIT[:8]}.tar.xz",),
)
#: The number of crystals of the snapshot that have a structure there.
N_CRYSTALS = 51_149
#: What :func:`contents` returns of the archive of that commit.
CONTENTS_SHA256 = "d08d3e4022ba4f27f1be60c38c79de6ed35c5a9fcfe40f3a9ac6e936d1c2efdb"
# The files that are read have 192 MB. The whole archive has 170,455 CIFs, of which this is a third, and other files.
_MOST, _MOST_WANTED = 16 * 2**30, 2**29


def read_public(files: list[Path]) -> Crystals:
    """Read the CIFs of the archive that are in the snapshot, with the snapshot's energies and MEGNet's split.

    The archive is read twice, as a stream: the files in it are checked before any is parsed.

    Args:
        files: The local paths of :data:`TOPOLOGY_FILE`, packed by gzip or xz, and of the energies.

    Returns:
        51,149 crystals, sorted by their ids: 44,376 for training, 3,653 for validation, and 3,120 for testing. The
        target is the formation energy of 2018 in eV/atom.

    Raises:
        DataError: A file is damaged or has other contents than its source serves, or a CIF cannot be read.
    """
    archive, energies = files
    snapshot = read_energies(energies)
    n_found, found = contents(archive, snapshot.energies.keys())
    if n_found != N_CRYSTALS or found != CONTENTS_SHA256:
        raise DataError(
            f"{archive}: its {n_found:,} CIFs of the snapshot are not the {N_CRYSTALS:,} of commit {_COMMIT[:12]}",
            "get that commit's archive",
        )
    cifs = ((crystal_id, content.decode()) for crystal_id, content in stream_cifs(archive, snapshot.energies.keys()))
    crystals = pack_cifs(
        cifs, archive, snapshot.energies, "materials_project-megnet", "formation energy", "eV/atom", N_CRYSTALS
    )
    return dataclasses.replace(crystals, parts=snapshot.parts_of(crystals.ids))


def contents(archive: Path, wanted: Collection[str]) -> tuple[int, str]:
    """Return the number of the wanted CIFs and what is in them, whatever the packing and the order of the archive.

    Args:
        archive: The archive.
        wanted: The ids of the crystals whose CIFs are read. Other files do not matter.

    Returns:
        The number, and the SHA-256 of one line ``<id> <SHA-256 of the CIF>`` per CIF, sorted.

    Raises:
        DataError: The archive is damaged.
    """
    lines = [f"{crystal_id} {hashlib.sha256(cif).hexdigest()}\n" for crystal_id, cif in stream_cifs(archive, wanted)]
    return len(lines), hashlib.sha256("".join(sorted(lines)).encode()).hexdigest()


def stream_cifs(archive: Path, wanted: Collection[str]) -> Iterator[tuple[str, bytes]]:
    """Yield the id and the contents of each CIF of the folder ``cif`` whose id is wanted; the memory holds one of them.

    Args:
        archive: The archive.
        wanted: The ids.

    Raises:
        DataError: The archive is damaged.
    """

    def is_wanted(name: str) -> bool:
        path = PurePosixPath(name)
        return path.suffix == ".cif" and path.parent.name == "cif" and path.stem in wanted

    for name, content in stream_tar(archive, is_wanted, _MOST, _MOST_WANTED):
        yield PurePosixPath(name).stem, content


#: The data set of this file.
DATASETS = (
    Dataset(
        name="materials_project-megnet",
        title=f"{N_CRYSTALS:,} crystals of the Materials Project of 2018 as relaxed later, with MEGNet's split",
        statement=(
            f"Trained on {N_CRYSTALS:,} of the 69,239 crystals of the Materials Project's snapshot of 1 June 2018, "
            "with MEGNet's split as far as it goes. The target is the DFT (PBE, PBE+U) formation energy of 2018; the "
            "structures are the Project's relaxations of 2024 and 2025. They are not the paper's."
        ),
        license="CC BY 4.0; cite Jain et al. 2013 and Chen et al. 2019",
        references=("10.1063/1.4812323", "10.1021/acs.chemmater.9b01294"),
        public_files=(TOPOLOGY_FILE, ENERGIES_FILE),
        embedded_files={},
        read=read_public,
    ),
)
