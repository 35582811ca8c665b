"""Draw the published maps of the three data sets by their published runs, which takes a few minutes on two cores.

Run it as ``python models/make_maps.py``.
"""

from __future__ import annotations

import logging
from pathlib import Path

from cgcnn.analysis.map_files import map_path, save_map
from cgcnn.paper.published_maps import SETS, draw_published

MODELS = Path(__file__).resolve().parent

if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    for name in SETS:
        drawn = draw_published(name)
        save_map(drawn, map_path(drawn, MODELS))
        print(f"{map_path(drawn, MODELS)}: {drawn.described}, trustworthiness {drawn.trustworthiness:.3f}")
