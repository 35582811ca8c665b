"""Write random CIFs by the grammar of CIF: whatever tags, loops, quotes and symmetries, most of which make no sense."""

from __future__ import annotations

from random import Random

from tests.damages import ODD_NUMBERS

_SYMBOLS = (
    "P 1",
    "P -1",
    "F m -3 m",
    "F d -3 m",
    "R -3 m",
    "P 21/c",
    "I 4/m m m",
    "Fm3m",
    "P63/mmc",
    "P b c a:1",
    "x",
    "",
)
_HALLS = ("-F 4 2 3", "P 1", "-P 2ybc", "F 4d 2 3 -1d", "nothing")
_OPERATIONS = (
    "x,y,z",
    "-x,-y,-z",
    "y,x,-z",
    "-y,x-y,z+1/3",
    "x+1/2,y+1/2,z",
    "z,x,y",
    "x,x,z",
    "2x,y,z",
    "1/2-x,y,z",
    "a",
)
_TYPES = ("Na", "Cl", "O2-", "FE", "CO", "D", "X", "Si4+", "OH", "C", "Uuo", "?", ".")
_PLACES = ("0", "0.5", "0.25", "0.3333", "0.6667", "1/3", "-0.1(2)", "0.12345(6)", ".5", "1.5", "?", ".")
_CELLS = ("3.4", "5.64(1)", "90", "10", "0.3", "90.0", "120", "1e2", "60.", "179", "?")
_FORMULAS = ("'Na Cl'", "NaCl", "'Cl1 Na1'", "'H2 O'", "'C6 H12 (O)'", "?", "Fe0.99O", "'2(C H4)'")
_TAGS = (
    *("_cell_volume", "_cell_formula_units_Z", "_symmetry_Int_Tables_number", "_x", "_atom_type_symbol"),
    *("_atom_site_occupancy", "_atom_site_disorder_group", "_atom_site_symmetry_multiplicity", "_cell_length_a"),
    *("_atom_site_calc_flag", "_atom_site_attached_hydrogens", "_atom_site_Cartn_x", "_cell_modulation_dimension"),
    *("_space_group_IT_number", "_chemical_formula_moiety", "_atom_site_fract_x", "_cell.length_b"),
)


def random_cif(rng: Random) -> str:
    """Return the text of a random CIF with one to three blocks, of which about a third hold a crystal.

    Args:
        rng: What makes all choices.
    """
    return "".join(_block(rng, f"b{number}") for number in range(rng.choice((1, 1, 1, 2, 3))))


def _block(rng: Random, name: str) -> str:
    parts = [_cell(rng), _symmetry(rng), _atoms(rng)]
    parts += [f"{rng.choice(_TAGS)} {_value(rng)}" for _ in range(rng.choice((0, 0, 1, 2)))]
    if rng.random() < 0.4:
        parts.append(f"_chemical_formula_sum {rng.choice(_FORMULAS)}")
    if rng.random() < 0.2:
        rng.shuffle(parts)
    if rng.random() < 0.1:
        del parts[rng.randrange(len(parts))]
    return f"data_{name}\n" + rng.choice(("\n", "\n\n", "\n# a comment\n")).join(parts) + "\n"


def _cell(rng: Random) -> str:
    lengths, angles = rng.choice((("3.4", "90"), ("5.64", "90"), ("4.1(2)", "60"), ("4", "109.47")))
    values = [lengths] * 3 + [angles] * 3
    if rng.random() < 0.3:
        values = ["4.2", "4.2", "6.9", "90", "90", "120"]
    if rng.random() < 0.3:
        values[rng.randrange(6)] = rng.choice(_CELLS)
    names = ("length_a", "length_b", "length_c", "angle_alpha", "angle_beta", "angle_gamma")
    return "\n".join(f"_cell_{key} {value}" for key, value in zip(names, values, strict=True))


def _symmetry(rng: Random) -> str:
    parts = []
    if rng.random() < 0.7:
        parts.append(f"_space_group_name_H-M_alt '{rng.choice(_SYMBOLS)}'")
    if rng.random() < 0.2:
        parts.append(f"_symmetry_space_group_name_Hall '{rng.choice(_HALLS)}'")
    if rng.random() < 0.4:
        listed = ["x,y,z", *rng.sample(_OPERATIONS, rng.randrange(4))]
        quote = rng.choice(("'", '"', ""))
        lines = [f"{quote}{each}{quote}" for each in listed]
        parts.append("\n".join(["loop_", "_symmetry_equiv_pos_as_xyz", *lines]))
    return "\n".join(parts)


def _atoms(rng: Random) -> str:
    columns = ["label", "type_symbol", "fract_x", "fract_y", "fract_z"]
    more = rng.choice(
        ((), (), ("occupancy",), ("symmetry_multiplicity", "Wyckoff_symbol"), ("disorder_group", "U_iso"))
    )
    if rng.random() < 0.1:
        del columns[rng.randrange(5)]
    rows = []
    for number in range(rng.choice((1, 1, 2, 2, 3, 8, 40))):
        kind = rng.choice(_TYPES[:2] if rng.random() < 0.8 else _TYPES)
        own = {"label": f"{kind.strip('+-4?.')}{number + 1}", "type_symbol": kind}
        rest = [rng.choice(("1", "1.0", "0.5", "4", "a", "?", ".")) for _ in more]
        places = _PLACES[:8] if rng.random() < 0.9 else _PLACES
        rows.append(" ".join([own.get(column) or rng.choice(places) for column in columns] + rest))
    tags = [f"_atom_site_{column}" for column in (*columns, *more)]
    return "\n".join(["loop_", *tags, *rows])


def _value(rng: Random) -> str:
    way = rng.randrange(5)
    if way == 0:
        return rng.choice(ODD_NUMBERS)
    if way == 1:
        return f"'{rng.choice(_FORMULAS).strip(chr(39))}'"
    if way == 2:
        return "\n;\n a text\n of lines\n;"
    return rng.choice((*_CELLS, *_TYPES))
