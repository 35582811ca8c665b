"""Collect the embedded Materials Project crystals from the table that matminer 0.4.0 carries, in a compact form.

The table (flla_2015.csv) is that of Faber et al. 2015, doi 10.1002/qua.24917. Download the source distribution of
matminer, and give its name to the script:

    pip download --no-deps --no-binary :all: matminer==0.4.0
    python data/embedded/make_materials_project.py matminer-0.4.0.tar.gz
"""

from __future__ import annotations

import ast
import csv
import gzip
import hashlib
import io
import sys
import tarfile
import tempfile
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
TABLE = "matminer-0.4.0/matminer/datasets/flla_2015.csv"
TABLE_SHA256 = "35b8dbc0b92f4dc7e219fd6606c3a27bee18a9618f376cfee1ff731e306210bb"


def main() -> None:
    """Write materials_project.csv.gz beside this file."""
    with tarfile.open(sys.argv[1]) as archive:
        stream = archive.extractfile(TABLE)
        if stream is None:
            raise SystemExit(f"{sys.argv[1]}: no {TABLE} in it; get matminer 0.4.0's source distribution")
        content = stream.read()
    found = hashlib.sha256(content).hexdigest()
    if found != TABLE_SHA256:
        raise SystemExit(f"{sys.argv[1]}: {TABLE} has the SHA-256 {found[:12]}, not {TABLE_SHA256[:12]}; get it again")
    csv.field_size_limit(10**9)
    lines = [line for line in content.decode().splitlines() if not line.startswith("#")]
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\n")
    table.writerow(
        ["crystal", "formation_energy_eV_per_atom", "lattice_angstrom", "elements", "fractional_coordinates"]
    )
    for row in csv.DictReader(lines):
        structure = ast.literal_eval(row["structure"])
        sites = structure["sites"]
        table.writerow(
            [
                row["material_id"],
                f"{float(row['formation_energy_per_atom']):.5f}",
                " ".join(f"{x:.5f}" for x in np.ravel(structure["lattice"]["matrix"])),
                " ".join(site["species"][0]["element"] for site in sites),
                " ".join(f"{x:.5f}" for site in sites for x in np.mod(site["abc"], 1.0)),
            ]
        )
    path = HERE / "materials_project.csv.gz"
    with tempfile.TemporaryDirectory(dir=HERE) as folder:
        scratch = Path(folder) / path.name
        scratch.write_bytes(gzip.compress(written.getvalue().encode(), mtime=0))
        scratch.replace(path)


if __name__ == "__main__":
    main()
