"""Run the commands of the page on your crystals in an empty environment, and keep what they print and draw.

The crystals are real: those of Petousis et al. 2017 (doi 10.1038/sdata.2016.134, CC BY 4.0) with their band gaps are
trained on, and those of de Jong et al. 2015 (doi 10.1038/sdata.2015.53, CC BY 4.0) that are not among them are new.
matminer 0.4.0 carries both tables. Download its source archive, build the wheel, and give both to the script:

    pip download --no-deps --no-binary :all: matminer==0.4.0
    make wheel
    python book/transcript/make_transcript.py matminer-0.4.0.tar.gz build/wheel/cgcnn-*.whl --first torch==2.13.0+cpu

What --first names is installed before the wheel: here PyTorch for the CPU, where pip finds it. All takes
minutes. What the script writes beside itself is shown on the page, and is not edited.
"""

from __future__ import annotations

import argparse
import csv
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import venv
from pathlib import Path

from cgcnn.data.structure_formats import FORMATS
from cgcnn.files.writing import replacing
from cgcnn.paper.small_pictures import small_png

HERE = Path(__file__).resolve().parent
TRAINED_ON = "matminer-0.4.0/matminer/datasets/dielectric_constant.csv"
NEW = "matminer-0.4.0/matminer/datasets/piezoelectric_tensor.csv"
N_NEW = 20
#: The parts of the transcript, with the commands of each. The page includes each part and the pictures.
PARTS = {
    "install": ["pip install --quiet {wheel}", "cgcnn --version"],
    "folder": ["ls band_gaps | wc -l", "head -n 4 band_gaps/id_prop.csv"],
    "check": ["cgcnn data check band_gaps"],
    "refused": ["cgcnn data check spoiled"],
    "train": ["cgcnn train band_gaps --per crystal --output gaps.safetensors"],
    "evaluate": ["cgcnn evaluate gaps.safetensors --output parity.csv", "head -n 4 parity.csv"],
    "tune": ["cgcnn train band_gaps --per crystal --from materials_project --output tuned.safetensors"],
    "predict": ["cgcnn predict gaps.safetensors new/ --output new.csv", "head -n 2 new.csv"],
    "map": [
        "cgcnn map gaps.safetensors --output environments.png --output map.safetensors",
        "cgcnn map gaps.safetensors --level elements --output elements.png",
    ],
    "locate": ["cgcnn locate new/ --on map.safetensors --picture located.png --output sites.csv"],
}
PICTURES = ("environments.png", "elements.png", "located.png")
#: What is done to a whole file so that it is refused or remarked on: the name of the file, and what replaces what.
SPOILED = {
    "symbol": (r"'P 1'([\s\S]*)_symmetry_Int_Tables_number +1([\s\S]*?)loop_[\s\S]*?(?=loop_)", r"'Q m 3 m'\1\2"),
    "occupancy": (r"(?<=\.  )1(?=\s*\Z)", "1.01"),
    "hydroxide": (r"Te (?= Te3)", "OH"),
    "nanometers": (r"(?<=_cell_length_[abc] {26})6\.0", "0.60"),
    "coordinate": (r"0\.750000", "?"),
    "letter": (r"[\s\S]*", "Dear colleague, here are the crystals.\n"),
}
# A line that only says how much is left. The page does without these.
_PROGRESS = re.compile(r".* (left|epoch 0 of \d+)")


def main() -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path, help="the source archive of matminer 0.4.0")
    parser.add_argument("wheel", type=Path, help="the wheel of this package")
    parser.add_argument("--first", metavar="PACKAGE", help="a package to install before the wheel")
    options = parser.parse_args()
    with replacing(HERE / "formats.md") as temporary:
        temporary.write_text(formats())
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "work"
        write_crystals(options.archive, folder)
        shutil.copy(options.wheel, folder)
        environment = empty_environment(Path(scratch))
        if options.first:
            run(f"pip install --quiet {options.first}", folder, environment)
        for part, commands in PARTS.items():
            began = time.monotonic()
            said = [run(command.format(wheel=options.wheel.name), folder, environment) for command in commands]
            with replacing(HERE / f"{part}.txt") as temporary:
                temporary.write_text("\n".join(said))
            print(f"{part} took {time.monotonic() - began:.0f} s", flush=True)
        for picture in PICTURES:
            with replacing(HERE / picture) as temporary:
                temporary.write_bytes(small_png((folder / picture).read_bytes()))
    return 0


def formats() -> str:
    """Return the table of the formats that are read, in Markdown."""
    lines = ["| format | files | many crystals | energies | names of sites |", "|---|---|---|---|---|"]
    for each in sorted(FORMATS, key=lambda each: each.name.lower()):
        holds = ("yes" if one else "no" for one in (each.holds_many, each.holds_energies, each.holds_labels))
        endings = ", ".join(f"`{ending}`" for ending in each.endings.split(", "))
        lines.append(f"| {each.name} | {endings} | {' | '.join(holds)} |")
    return "\n".join(lines) + "\n"


def table(archive: tarfile.TarFile, name: str) -> list[dict[str, str]]:
    """Return the rows of one of matminer's tables, whose header lacks the name of the first column."""
    stream = archive.extractfile(name)
    if stream is None:
        raise SystemExit(f"no {name} in the archive; get matminer 0.4.0's source archive")
    csv.field_size_limit(10**9)
    _, text = stream.read().decode().split("\n", 1)  # the first line is a reference
    rows = csv.reader(io.StringIO(text))
    names = ["row", *next(rows)]
    return [dict(zip(names, row, strict=True)) for row in rows]


def write_crystals(archive: Path, folder: Path) -> None:
    """Write the crystals with their band gaps, some of the new ones, and some that are spoiled, into folders."""
    with tarfile.open(archive) as opened:
        known, others = table(opened, TRAINED_ON), table(opened, NEW)
    ids = {row["material_id"] for row in known}
    new = [row for row in others if row["material_id"] not in ids][:N_NEW]
    for name, rows in (("band_gaps", known), ("new", new)):
        (folder / name).mkdir(parents=True)
        for row in rows:
            (folder / name / f"{row['material_id']}.cif").write_text(row["structure"])
    lines = [f"{row['material_id']},{row['band_gap']}\n" for row in known]
    (folder / "band_gaps" / "id_prop.csv").write_text("id,band_gap (eV)\n" + "".join(lines))
    write_spoiled(known[0], folder / "spoiled")


def write_spoiled(row: dict[str, str], folder: Path) -> None:
    """Write a whole crystal into a folder, and copies of it that are spoiled in one place each."""
    folder.mkdir()
    whole = "data_" + row["structure"].split("data_", 1)[1]  # without the notes at its top
    (folder / "whole.cif").write_text(whole)
    for name, (pattern, replacement) in SPOILED.items():
        spoiled, n_replaced = re.subn(pattern, replacement, whole)
        assert n_replaced, name
        (folder / f"{name}.cif").write_text(spoiled)
    lines = [f"{name},{row['band_gap']}\n" for name in ("whole", *SPOILED, "lost")]
    (folder / "id_prop.csv").write_text("id,band_gap (eV)\n" + "".join(lines))


def empty_environment(folder: Path) -> dict[str, str]:
    """Make an environment with nothing in it, and return the variables under which its programs are found first."""
    venv.create(folder / "environment", with_pip=True)
    programs = folder / "environment" / ("Scripts" if os.name == "nt" else "bin")
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "CGCNN_DATA")}
    return kept | {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "CGCNN_CACHE": str(folder / "cache"),
        "COLUMNS": "100",
    }


def run(command: str, folder: Path, environment: dict[str, str]) -> str:
    """Run a command in a folder, and return it with what it printed, as a terminal shows both.

    Raises:
        SystemExit: The command failed. The exit code 2 says that some crystals could not be used, and is shown.
    """
    program = shlex.split(command)[0]
    result = subprocess.run(
        command,
        shell=True,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if result.returncode not in (0, 2):
        raise SystemExit(f"{command}: exit code {result.returncode}\n{result.stdout}")
    lines = result.stdout.splitlines()
    printed = "" if program == "pip" else "".join(f"{line}\n" for line in lines if not _PROGRESS.fullmatch(line))
    code = f"(exit code {result.returncode})\n" if result.returncode else ""
    return f"$ {command}\n{printed}{code}"


if __name__ == "__main__":
    sys.exit(main())
