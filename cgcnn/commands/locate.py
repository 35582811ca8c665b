"""The command ``locate``: place crystals on a finished map, with their predictions and their nearest environments."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from cgcnn.commands.options import (
    PAGES,
    RUN,
    TABLES,
    Commands,
    add_command,
    add_crystals,
    add_device,
    add_html,
    add_json,
    add_others,
    add_table,
    check_device,
    check_output,
)
from cgcnn.commands.own_data import data_at_hand
from cgcnn.commands.places import read_crystals
from cgcnn.commands.predictions import prediction_lines
from cgcnn.commands.results import PICTURES, print_json, print_rows, save_page, save_picture, save_table
from cgcnn.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

    from cgcnn.analysis.environment_map import EnvironmentMap
    from cgcnn.data.quantity import Quantity
    from cgcnn.training.runs import Run

_EXAMPLES = """
cgcnn locate my_folder/ --on materials_project --output sites.csv --picture map.png
cgcnn locate a.cif POSCAR --on map.safetensors --html located.html
cgcnn locate my_folder/ --on map.safetensors --run seed0.safetensors --with seed1.safetensors --json
"""


def add_parser(commands: Commands) -> None:
    """Add the command and its options."""
    parser = add_command(commands, "locate", "place crystals on a map, beside the nearest environments", _EXAMPLES)
    add_crystals(parser)
    parser.add_argument(
        "--on",
        required=True,
        metavar="MAP",
        help="a file that 'cgcnn map' wrote, or the name of a data set whose published map is meant",
    )
    parser.add_argument("--run", metavar="RUN", help=f"the run of the map, where it is not found by its key: {RUN}")
    add_others(parser)
    add_table(parser, "one row per distinct site, with the prediction for its crystal")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="draw the map with the sites")
    add_html(parser)
    add_json(parser)
    add_device(parser)
    parser.set_defaults(command=locate_crystals)


def locate_crystals(options: argparse.Namespace) -> int:
    """Print one line per crystal and one per distinct site; return 2 where a crystal could not be read or placed."""
    check_output(options.output, TABLES)
    check_output(options.picture, PICTURES)
    check_output(options.html, PAGES)
    check_device(options.device)
    from cgcnn.analysis.locate import locate
    from cgcnn.analysis.map_files import load_map
    from cgcnn.files.tables import records

    on = load_map(options.on)
    runs = _runs(on, options)
    crystals, is_whole = read_crystals(options.places, runs)
    if not len(crystals):
        return 2
    located = locate(runs, on, crystals, device=options.device)
    if options.output:
        save_table(located.sites.join(located.crystals.add_prefix("crystal_"), on="crystal"), options.output)
    if options.picture:
        from cgcnn.figures.maps import point_map

        title = f"New crystals on the map of {on.crystals_name}"
        save_picture(point_map(on.table, "element", title, new=located.sites), options.picture)
    if options.html:
        from cgcnn.analysis.explored_maps import explore_located

        own = next(run for run in runs if run.key == on.run_key)
        save_page(explore_located(on, located.sites, crystals, data_at_hand(own, on)), options.html)
    if options.json:
        print_json({"crystals": records(located.crystals.reset_index()), "sites": records(located.sites)})
    else:
        print_rows(prediction_lines(located.crystals, on.quantity))
        print_rows(_site_lines(located.sites, on.quantity))
    return 0 if is_whole else 2


def _runs(on: EnvironmentMap, options: argparse.Namespace) -> list[Run]:
    """Return the run of a map, and those that it is averaged with."""
    from cgcnn.analysis.ensembles import load_ensemble
    from cgcnn.training.store import find_run

    first = options.run or find_run(on.run_key)
    if first is None:
        raise DataError(
            f"{options.on}: its run {on.run_key[:12]} ({on.run_dataset}) is neither published nor in the run store",
            "give its file with --run",
        )
    return load_ensemble([first, *options.others])


def _site_lines(sites: pd.DataFrame, quantity: Quantity) -> Iterator[list[str]]:
    """Yield the cells of each site's line: local value, place, how far it is from the map, and what is nearest."""
    local = quantity.column("local")
    for row in sites.to_dict(orient="records"):
        yield [
            str(row["crystal"]),
            str(row["label"]),
            f"{row[local]:.4f}",
            *([quantity.unit] if quantity.unit else []),
            f"at {row['x']:.2f} {row['y']:.2f}",
            str(row["range"]),
            f"nearest {row['nearest_1_crystal']} {row['nearest_1_label']} {row['nearest_1_distance']:.4f}",
        ]
