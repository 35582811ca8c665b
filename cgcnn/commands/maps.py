"""The command ``map``: draw the map of crystals by a run, and write it as a picture, a page, a table or a map."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from cgcnn.commands.options import (
    CRYSTALS,
    PAGES,
    RUN,
    TABLES,
    Commands,
    add_command,
    add_device,
    add_html,
    add_json,
    check_device,
    check_output,
)
from cgcnn.commands.own_data import own_data
from cgcnn.commands.places import read_crystals
from cgcnn.commands.results import PICTURES, print_json, print_rows, save_page, save_picture, save_table
from cgcnn.errors import DataError, check_number
from cgcnn.training.parameter_bounds import LARGEST_SEED

if TYPE_CHECKING:
    from cgcnn.analysis.environment_map import EnvironmentMap

_EXAMPLES = """
cgcnn map mine.safetensors --output map.png
cgcnn map materials_project my_folder/ --output map.svg --output map.csv
cgcnn map mine.safetensors my_folder/ --level crystals --output crystals.pdf
cgcnn map mine.safetensors --output map.safetensors
cgcnn map mine.safetensors --html map.html
"""
_ENDINGS = (*PICTURES, *TABLES, ".safetensors")
_COLORS = ("element", "first_neighbor", "value")
_FEWEST_POINTS = 10


def add_parser(commands: Commands) -> None:
    """Add the command and its options."""
    parser = add_command(commands, "map", "draw the map of crystals by a run", _EXAMPLES)
    parser.add_argument("run", metavar="RUN", help=RUN)
    parser.add_argument("places", nargs="*", metavar="CRYSTALS", help=f"{CRYSTALS}; without any, the run's own data")
    parser.add_argument(
        "--output",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="a picture (.png, .svg, .pdf), a table (.csv, .parquet) or a map for 'cgcnn locate' (.safetensors); may "
        "be given several times",
    )
    add_html(parser)
    parser.add_argument(
        "--level",
        choices=("environments", "crystals", "elements"),
        default="environments",
        help="what the points stand for (default: environments)",
    )
    parser.add_argument(
        "--color",
        choices=_COLORS,
        default="element",
        help="what colors the environments: the element of the center, that of its first neighbor, or the local value "
        "(default: element)",
    )
    parser.add_argument("--points", type=int, metavar="NUMBER", help="the largest number of points (default: 4000)")
    parser.add_argument("--seed", type=int, default=0, metavar="NUMBER", help="seed of the map (default: 0)")
    add_json(parser)
    add_device(parser)
    parser.set_defaults(command=draw_map)


def draw_map(options: argparse.Namespace) -> int:
    """Draw the map, write it, and say what it shows; return 2 where a crystal could not be read or placed."""
    for path in options.output:
        check_output(path, _ENDINGS)
    check_output(options.html, PAGES)
    check_device(options.device)
    if options.points is not None and options.points < _FEWEST_POINTS:
        raise DataError(f"--points {options.points}: too few for a map", f"give {_FEWEST_POINTS} or more")
    from cgcnn.analysis.environment_map import MOST_POINTS, N_POINTS, draw

    check_number("--points", options.points or N_POINTS, _FEWEST_POINTS, MOST_POINTS)
    check_number("--seed", options.seed, 0, LARGEST_SEED)
    if not options.output and not options.html:
        raise DataError("no file is named", "name one with --output or --html")
    from cgcnn.training.store import load_run

    run = load_run(options.run)
    if options.places:
        crystals, is_whole = read_crystals(options.places, [run])
    else:
        crystals, is_whole = own_data(run, None), True
    if not len(crystals):
        return 2
    drawn = draw(run, crystals, options.level, options.points or N_POINTS, options.seed, options.device)
    for path in options.output:
        _save(drawn, path, options.color)
    files = [*options.output, *([options.html] if options.html else [])]
    if options.html:
        from cgcnn.analysis.explored_maps import explore_map

        save_page(explore_map(drawn, crystals), options.html)
    if options.json:
        numbers = {"points": len(drawn.table), "of": drawn.n_all, "trustworthiness": drawn.trustworthiness}
        print_json({"run": run.key, "level": drawn.level, **numbers, "files": [str(path) for path in files]})
    else:
        print(f"{drawn.described}; trustworthiness {drawn.trustworthiness:.3f}")
        print_rows([str(path)] for path in files)
    return 0 if is_whole else 2


def _save(drawn: EnvironmentMap, path: Path, color: str) -> None:
    """Write a map as what the ending of its file says."""
    if path.suffix == ".safetensors":
        from cgcnn.analysis.map_files import save_map

        save_map(drawn, path)
    elif path.suffix in TABLES:
        save_table(drawn.table, path)
    else:
        from cgcnn.figures.maps import point_map

        by, label = _colored_by(drawn, color)
        save_picture(point_map(drawn.table, by, f"Map of {drawn.crystals_name}", label), path)


def _colored_by(drawn: EnvironmentMap, color: str) -> tuple[str, str]:
    """Return the column that gives the points their colors, and the label of its values."""
    if drawn.level == "elements":
        return "element", ""
    if drawn.level == "crystals":
        return str(drawn.value), drawn.quantity.label
    return (str(drawn.value), f"local {drawn.quantity.label}") if color == "value" else (color, "")
