"""Crystal graph convolutional networks whose element, environment and local-energy levels can be read.

============  =======================================================================
wing          what it is for
============  =======================================================================
``errors``    what a reader did wrong, and the way out
``files``     files that are found, fetched, verified, and written whole or not at all
``machine``   the processors, hosts and memory that the work is done on
``figures``   a table in, a Figure out
``data``      crystals, from public files and CIFs to packed arrays
``graphs``    crystals as the graphs and batches that a network reads
``network``   Eqs. 1 to 5 of the paper
``training``  from data and parameters to finished runs
``analysis``  what runs say: energies, the three levels, probes, maps, sites
``commands``  the commands of the command line
``paper``     what only this paper needs
============  =======================================================================

The names in ``__all__`` are imported when they are first used. ``import cgcnn`` therefore takes no time and needs no
torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cgcnn.analysis.ensembles import load_ensemble, predict_ensemble, represent_ensemble
    from cgcnn.analysis.locate import locate
    from cgcnn.analysis.map_files import load_map, save_map
    from cgcnn.analysis.prediction import error_table, mean_absolute_error, predict, seen
    from cgcnn.analysis.ranges import predict_with_range
    from cgcnn.analysis.representations import Representations, represent
    from cgcnn.data.cif import read_cif
    from cgcnn.data.crystals import Crystals, pack
    from cgcnn.data.datasets import load
    from cgcnn.errors import DataError
    from cgcnn.training.config import NETWORKS, Config
    from cgcnn.training.fine_tuning import fine_tune
    from cgcnn.training.fit import fit
    from cgcnn.training.runs import Run, save_run
    from cgcnn.training.seen import with_seen
    from cgcnn.training.store import load_run
    from cgcnn.training.sweeps import sweep

    __version__: str

__all__ = [
    "NETWORKS",
    "Config",
    "Crystals",
    "DataError",
    "Representations",
    "Run",
    "__version__",
    "error_table",
    "fine_tune",
    "fit",
    "load",
    "load_ensemble",
    "load_map",
    "load_run",
    "locate",
    "mean_absolute_error",
    "pack",
    "predict",
    "predict_ensemble",
    "predict_with_range",
    "read_cif",
    "represent",
    "represent_ensemble",
    "save_map",
    "save_run",
    "seen",
    "sweep",
    "with_seen",
]

_PLACES = {
    "NETWORKS": "training.config",
    "Config": "training.config",
    "Crystals": "data.crystals",
    "DataError": "errors",
    "Representations": "analysis.representations",
    "Run": "training.runs",
    "error_table": "analysis.prediction",
    "fine_tune": "training.fine_tuning",
    "fit": "training.fit",
    "load": "data.datasets",
    "load_ensemble": "analysis.ensembles",
    "load_map": "analysis.map_files",
    "load_run": "training.store",
    "locate": "analysis.locate",
    "mean_absolute_error": "analysis.prediction",
    "pack": "data.crystals",
    "predict": "analysis.prediction",
    "predict_ensemble": "analysis.ensembles",
    "predict_with_range": "analysis.ranges",
    "read_cif": "data.cif",
    "represent": "analysis.representations",
    "represent_ensemble": "analysis.ensembles",
    "save_map": "analysis.map_files",
    "save_run": "training.runs",
    "seen": "analysis.prediction",
    "sweep": "training.sweeps",
    "with_seen": "training.seen",
}


def __getattr__(name: str) -> Any:
    """Import a public name from its wing (PEP 562)."""
    if name == "__version__":
        from importlib.metadata import version

        return version("cgcnn")
    if name not in _PLACES:
        raise AttributeError(f"module 'cgcnn' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"cgcnn.{_PLACES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
