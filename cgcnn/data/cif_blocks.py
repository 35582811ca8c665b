"""Make a crystal from a block of a CIF, where what the block says of it agrees; refuse the block otherwise."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from pymatgen.core import Element, Lattice, Structure

from cgcnn.data.cif_cells import Cell, fill, is_same
from cgcnn.data.cif_checks import check_formula, check_multiplicities, check_volume, elements_named, is_confirmed
from cgcnn.data.cif_groups import P1, Symmetry
from cgcnn.data.cif_sites import Site, number, read_sites
from cgcnn.data.cif_symmetry import choose, is_magnetic
from cgcnn.data.cif_syntax import Block
from cgcnn.data.reading import FileCrystal
from cgcnn.errors import DataError

_LENGTHS = ("_cell_length_a", "_cell_length_b", "_cell_length_c")
_ANGLES = ("_cell_angle_alpha", "_cell_angle_beta", "_cell_angle_gamma")
_MACROMOLECULES = ("_atom_site_group_pdb", "_atom_site_label_atom_id", "_entity_", "_chem_comp_", "_struct_asym_")
_MODULATED = ("_cell_modulation_", "_cell_wave_vector_", "_space_group_ssg_", "_atom_site_fourier_", "_cell_subsystem_")
# Thinner cells than this, in angstrom, are errors: images of one site would be nearer than this.
_THINNEST = 0.1
# Coordinates this near to 1/3 and 2/3, such as 0.3333, are set to them, as pymatgen's reader does. For 0.333, the
# symmetry decides.
_THIRDS = ((1 / 3, 1e-4), (2 / 3, 1e-4))


def crystal(block: Block, name: str) -> FileCrystal:
    """Make the crystal of a block.

    Args:
        block: A block with atom lines.
        name: The name of the crystal.

    Returns:
        The crystal, with the sites and labels of the file. The images of a site follow each other.

    Raises:
        DataError: The block is incomplete, contradicts itself, or its crystal is disordered, modulated or magnetic
            without listed operations. The problem begins with the line where there is one.
    """
    _refuse_other_dictionaries(block)
    lattice = _lattice(block)
    sites, remarks = read_sites(block, elements_named(block))
    sites = [_with_thirds(site) for site in sites]
    cell, more = _cell(block, sites, lattice)
    remarks += more
    if not is_magnetic(block):  # a magnetic CIF may count the images in the crystal without its moments
        check_multiplicities(sites, cell)
    remarks += check_formula(block, sites, cell)
    remarks += check_volume(block, lattice.volume)
    repeated = [site for site, count in zip(sites, cell.counts.tolist(), strict=True) if not count]
    if repeated:
        first, rest = repeated[0], f" and {len(repeated) - 1} more" if len(repeated) > 1 else ""
        remarks.append(f"Sites on images of others were counted once: {first.label} (line {first.line}){rest}.")
    of_atom = [sites[index] for index in cell.site_indices.tolist()]
    structure = Structure(
        lattice,
        [Element(site.element) for site in of_atom],
        cell.coordinates,
        labels=[site.label for site in of_atom],
    )
    return FileCrystal(name, structure, None, tuple(f"{name}: {remark}" for remark in remarks))


def _refuse_other_dictionaries(block: Block) -> None:
    tag = block.begins(*_MACROMOLECULES)
    if tag is not None:
        raise DataError(
            f"line {block.line}: an mmCIF, a CIF of a macromolecule ({tag})",
            "give the CIF of a crystal, with _atom_site_fract_x and its symmetry",
        )
    tag = block.begins(*_MODULATED)
    dimension = block.value("_cell_modulation_dimension")
    if tag is not None and (dimension is None or dimension.text != "0"):
        raise DataError(
            f"line {block.line}: a modulated or composite crystal, which has no cell of its own ({tag})",
            "give a supercell that approximates it, with all its atoms",
        )


def _lattice(block: Block) -> Lattice:
    read = [_of_cell(block, tag) for tag in (*_LENGTHS, *_ANGLES)]
    lengths, angles = [value for value, _ in read[:3]], [value for value, _ in read[3:]]
    for tag, (value, line) in zip((*_LENGTHS, *_ANGLES), read, strict=True):
        if not (value > 0 and (tag in _LENGTHS or value < 180)):
            raise DataError(f"line {line}: {tag} is {value:g}, which is impossible", "correct the cell")
    if not angles_form_cell(angles):
        shown = ", ".join(f"{angle:g}" for angle in angles)
        raise DataError(f"line {read[3][1]}: the angles {shown} cannot form a cell", "correct the cell")
    lattice = Lattice.from_parameters(*lengths, *angles)
    thinnest = min(lattice.d_hkl(plane) for plane in ((1, 0, 0), (0, 1, 0), (0, 0, 1)))
    if thinnest < _THINNEST:
        raise DataError(
            f"line {read[0][1]}: the cell is only {thinnest:.3g} angstrom thin",
            "correct the cell; its unit is angstrom",
        )
    return lattice


def angles_form_cell(angles: Sequence[float]) -> bool:
    """Return whether three vectors can have these angles between them, in degrees, and span a volume.

    Args:
        angles: The angles alpha, beta and gamma.
    """
    cosines = np.cos(np.radians(angles))
    spans = 1 - (cosines**2).sum() + 2 * cosines.prod() > 1e-6
    return bool(spans and all(0 < angle < 180 for angle in angles))


def _of_cell(block: Block, tag: str) -> tuple[float, int]:
    value = block.value(tag)
    if value is None:
        state = "has no value for" if block.has(tag) else "lacks the tag"
        raise DataError(f"line {block.line}: data_{block.name} {state} {tag}", "complete the cell")
    read = number(value.text)
    if read is None:
        raise DataError(f"line {value.line}: {tag} is {value.text!r}, not a number", "correct it")
    return read[0], value.line


def _with_thirds(site: Site) -> Site:
    """Return the site with coordinates such as 0.3333 set to a third."""
    exact = [
        next((third for third, tolerance in _THIRDS if math.isclose(x / third, 1, abs_tol=tolerance, rel_tol=0)), x)
        for x in site.coordinates
    ]
    if tuple(exact) == site.coordinates:
        return site
    x, y, z = exact
    return Site(site.label, site.element, (x, y, z), site.steps, site.line, site.multiplicity, site.hydrogens)


def _cell(block: Block, sites: Sequence[Site], lattice: Lattice) -> tuple[Cell, list[str]]:
    """Fill the cell by the symmetry that the block means, and let the atoms decide where several are possible."""
    choice = choose(block, lattice.matrix @ lattice.matrix.T)
    if choice is None:
        cell = fill(sites, P1, lattice.matrix)
        if is_confirmed(block, sites, cell):
            return cell, ["The file says nothing about its symmetry. Its formula and Z are those of the atoms listed."]
        raise DataError(
            f"line {block.line}: data_{block.name} says nothing about its symmetry",
            "write the symbol (_space_group_name_H-M_alt), which is 'P 1' if all atoms of the cell are listed",
        )
    if len(choice.symmetries) == 1:
        return fill(sites, choice.symmetries[0], lattice.matrix), list(choice.remarks)
    cells = _possible(sites, choice.symmetries, lattice)
    if all(is_same(cells[0], other, sites, lattice.matrix) for other in cells[1:]):
        return cells[0], list(choice.remarks)
    confirmed = [cell for cell in cells if is_confirmed(block, sites, cell)]
    if confirmed and all(is_same(confirmed[0], other, sites, lattice.matrix) for other in confirmed[1:]):
        name = confirmed[0].symmetry.name
        return confirmed[0], [
            *choice.remarks,
            f"Since {choice.doubt}, {name} was used, which gives the file's formula.",
        ]
    found = ", ".join(f"{len(cell.coordinates)} atoms by {cell.symmetry.name}" for cell in cells)
    origin = "write the origin after the symbol, as in 'F d -3 m:2', or list the operations"
    raise DataError(f"{choice.doubt} ({found})", origin if "origin" in choice.doubt else "remove what is wrong")


def _possible(sites: Sequence[Site], symmetries: Sequence[Symmetry], lattice: Lattice) -> list[Cell]:
    """Fill the cell by each of several symmetries, and leave out those that put atoms on top of each other."""
    cells, errors = [], []
    for symmetry in symmetries:
        try:
            cells.append(fill(sites, symmetry, lattice.matrix))
        except DataError as error:
            errors.append(error)
    if not cells:
        raise errors[0]
    return cells
