"""The networks of this book, and their errors on the paper's three sets, of single runs and of ensembles."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas.io.formats.style import Styler

from cgcnn.analysis.prediction import error_table
from cgcnn.data.crystals import Crystals
from cgcnn.data.quantity import ENERGY, Quantity
from cgcnn.paper import recipes
from cgcnn.paper.shown import readable
from cgcnn.training.config import Config
from cgcnn.training.runs import Run

#: Runs on the same split that differ by their seed, by their set and network, such as ``("boron", "better")``.
Runs = Mapping[tuple[str, str], Sequence[Run]]


@dataclass(frozen=True)
class Network:
    """A network of this book.

    Attributes:
        title: Its name on the page.
        config: The function that returns the parameters of its runs on a data set.
    """

    title: str
    config: Callable[[str], Config]


#: The networks of this book, in the order in which pages show them.
OUR_NETWORKS: Mapping[str, Network] = {
    "paper": Network("the paper's network", recipes.paper_config),
    "better": Network("the better network", recipes.better_config),
    "angles": Network("the network that sees angles", recipes.angles_config),
}


def compare_networks(
    runs: Runs, crystals: Mapping[str, Crystals], together: Mapping[tuple[str, str], pd.DataFrame]
) -> pd.DataFrame:
    """Return the errors of single runs of each network and of all its runs together.

    Args:
        runs: The runs of networks of :data:`OUR_NETWORKS`.
        crystals: The data set of each set.
        together: The predictions of all runs together, from :func:`cgcnn.analysis.ensembles.predict_test`.

    Returns:
        Two rows per set and network, one for a single run and one for all runs together, or one row where there is one
        run: ``set``, ``network``, ``members`` (the number of runs), ``method`` (its name on the page), the validation
        error (NaN for all runs together), the test error, such as ``test_mae_eV_per_atom``, and ``test_mae_std``. The
        errors of a single run are means over the seeds, and ``test_mae_std`` is their standard deviation. All sets have
        one unit.
    """
    rows = []
    named = next(iter(runs.values()))[0].quantity.with_unit
    validation_mae, test_mae = named("validation_mae"), named("test_mae")
    for (name, network), some in runs.items():
        errors = error_table(some, crystals[name])
        test = errors[test_mae]
        of_all = together[name, network][named("error")].abs().mean()
        method = OUR_NETWORKS[network].title
        rows.append((name, network, 1, method, errors[validation_mae].mean(), test.mean(), test.std()))
        if len(some) > 1:
            rows.append((name, network, len(some), f"{method}, {len(some)} together", np.nan, of_all, np.nan))
    names = ["set", "network", "members", "method", validation_mae, test_mae, "test_mae_std"]
    return pd.DataFrame(rows, columns=names)


def relative_gains(networks: pd.DataFrame, quantity: Quantity = ENERGY) -> pd.DataFrame:
    """Return by which share the errors of the better network are lower than those of a single paper's network.

    Args:
        networks: The table of :func:`compare_networks`, with both networks.
        quantity: What the runs predict.

    Returns:
        One row per set, in the order of the table: ``alone`` and ``gain`` (the shares by which the error of one better
        network and of several together is lower), and ``test_mae`` and ``together_mae`` (the test errors of the two).
        What is about several together is NaN where there is one run.
    """
    is_alone, is_better = networks["members"] == 1, networks["network"] == "better"
    by_set = networks.set_index("set")[quantity.with_unit("test_mae")]
    paper = by_set[(is_alone & (networks["network"] == "paper")).to_numpy()]
    alone, together = by_set[(is_alone & is_better).to_numpy()], by_set[(~is_alone & is_better).to_numpy()]
    return pd.DataFrame(
        {"alone": 1 - alone / paper, "gain": 1 - together / paper, "test_mae": alone, "together_mae": together}
    ).loc[paper.index]


def relative_spreads(runs: Runs, network: str = "paper") -> dict[str, float]:
    """Return the relative standard deviation over seeds of a network's validation error.

    Args:
        runs: The runs of the networks.
        network: The name of the network.

    Returns:
        The standard deviation divided by the mean, by set; NaN for one seed.
    """
    spreads = {}
    for (name, each), some in runs.items():
        if each == network:
            errors = [run.validation_mae for run in some]
            spreads[name] = float(np.std(errors, ddof=1) / np.mean(errors)) if len(errors) > 1 else float("nan")
    return spreads


def gains_in_text(gains: pd.DataFrame) -> dict[str, float]:
    """Return the gains of :func:`relative_gains` by the names under which the text shows them.

    Args:
        gains: The table of :func:`relative_gains`.

    Returns:
        ``<set>_alone``, ``<set>_gain`` and ``<set>_together_mae`` of each set.
    """
    shown = gains.drop(columns="test_mae").to_dict(orient="index")
    return {f"{name}_{kind}": value for name, row in shown.items() for kind, value in row.items()}


def worth_on_the_page(worth: pd.DataFrame, quantity: Quantity = ENERGY) -> Styler:
    """Return what uncertainties are worth, as the page shows it.

    Args:
        worth: The table of :func:`cgcnn.analysis.ensembles.worth_of_uncertainty`.
        quantity: What the runs predict.
    """
    return readable(
        worth,
        4,
        quantity=quantity,
        rank_correlation="rank correlation of error and uncertainty",
        mae="MAE, all",
        surer_half_mae="MAE, the surer half",
    )


def changes_in_text(tried: pd.DataFrame) -> dict[str, float]:
    """Return the relative changes of the validation error that the text tells, of single ingredients on their sets.

    Args:
        tried: One row per set and ingredient: ``set``, ``ingredient`` and ``over_none``, the validation error over that
            without an ingredient.

    Returns:
        The changes by their names in the text. Those of ``boron_both`` and ``mp_longer`` are given as gains, with the
        sign turned.
    """
    change = tried.set_index(["set", "ingredient"])["over_none"] - 1
    return {
        "boron_both": -change["boron", "both"],
        "mp_neighbors": change["materials_project", "24 neighbors"],
        "mp_longer": -change["materials_project", "twice the epochs"],
        "perovskites_weights": change["perovskites", "distance weights"],
        "perovskites_longer": change["perovskites", "twice the epochs"],
    }
