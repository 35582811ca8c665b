"""The network that sees angles beside published errors on the Materials Project's snapshot of 2018."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from cgcnn.analysis.learning_curves import PowerLaw
from cgcnn.data.quantity import ENERGY, Quantity
from cgcnn.paper.networks import OUR_NETWORKS

#: The name of the data of these methods in ``book/literature.yaml``, and the number of their training crystals.
LEADERS_DATA, LEADERS_TRAINING_SIZE = "Materials Project 2018.6.1", 60_000
_OURS = OUR_NETWORKS["angles"].title


@dataclass(frozen=True)
class DrawnOn:
    """Our error drawn on from our number of training crystals to that of the leaders, which is no measurement.

    Attributes:
        mae: The error, in the unit of the errors.
        lower: The error by the lower end of the 95 % interval of the slope. It holds no other uncertainty.
        upper: That by the upper end.
        slope: The slope of the learning curve, of log10(error) over log10(size).
        slope_of: Where the slope was measured, in words.
    """

    mae: float
    lower: float
    upper: float
    slope: float
    slope_of: str


def draw_on(of_set: Mapping[str, Any], own: PowerLaw | None, related: PowerLaw | None) -> DrawnOn | None:
    """Draw the error of one network on, from where it was measured, to the leaders' number of training crystals.

    Args:
        of_set: The numbers of our set, as :func:`cgcnn.paper.angles_errors.angles_numbers` gives them.
        own: The power law through our learning curve on the leaders' split; None with too few sizes.
        related: That on the Materials Project's set of the other sections, whose slope stands in for one of the split.

    Returns:
        The error times the ratio of the two numbers of crystals to the power of the slope; None without a slope.
    """
    law = related if own is None else own
    if law is None:
        return None
    ratio = LEADERS_TRAINING_SIZE / of_set["n_train"]
    mae, lower, upper = (of_set["test_mae"] * ratio**slope for slope in (law.slope, *law.slope_ci))
    return DrawnOn(mae, lower, upper, law.slope, "the Materials Project" if own is None else "this split")


def beside_leaders(leaders: pd.DataFrame, of_set: Mapping[str, Any], drawn: DrawnOn | None) -> pd.DataFrame:
    """Return the errors of the leaders and ours in one table, each with its number of training crystals.

    Args:
        leaders: The rows of :func:`cgcnn.paper.literature.read_literature`.
        of_set: The numbers of our set, as for :func:`draw_on`.
        drawn: What :func:`draw_on` returns.

    Returns:
        One row per method, the largest error first: ``method``, ``mae_eV_per_atom``, ``training_size``, ``cite``,
        ``kind``, which is ``published``, ``ours`` or begins with ``drawn on``, and the ends of the range of the last,
        ``lower_eV_per_atom`` and ``upper_eV_per_atom``.
    """
    kept = leaders.loc[leaders["data"] == LEADERS_DATA, ["method", "mae_eV_per_atom", "training_size", "cite"]]
    size = of_set["n_train"]
    ours: list[tuple[Any, ...]] = [(_OURS, of_set["test_mae"], size, "", "ours", None, None)]
    if "together_mae" in of_set:
        together = f"{_OURS}, {len(of_set['seeds'])} together"
        ours.append((together, of_set["together_mae"], size, "", "ours", None, None))
    if drawn is not None:
        kind = f"drawn on with the slope measured on {drawn.slope_of}"
        ours.append((_OURS, drawn.mae, LEADERS_TRAINING_SIZE, "", kind, drawn.lower, drawn.upper))
    rows = pd.DataFrame(ours, columns=[*kept.columns, "kind", "lower_eV_per_atom", "upper_eV_per_atom"])
    both = pd.concat([kept.assign(kind="published"), rows], ignore_index=True)
    numbers = both.astype({"lower_eV_per_atom": float, "upper_eV_per_atom": float})
    return numbers.sort_values("mae_eV_per_atom", ascending=False, ignore_index=True)


def to_draw(
    beside: pd.DataFrame, points: pd.DataFrame, quantity: Quantity = ENERGY
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return the tables that :func:`cgcnn.figures.angles.beside_published` draws.

    Args:
        beside: The table of :func:`beside_leaders`.
        points: Our learning curve, as :func:`cgcnn.analysis.learning_curves.average_over_seeds` returns it. Its largest
            size is drawn with the errors of the table, which are those of all runs.
        quantity: What the runs predict.

    Returns:
        The published errors, ours, and the line from our largest number of training crystals to that of the leaders,
        which is empty without a slope; each with ``training_size`` and ``mae_eV_per_atom``, and the last two with
        ``name``, what a dot shows, which is empty for smaller sizes.
    """
    error = quantity.with_unit("mae")
    smaller = points[["training_size", quantity.with_unit("test_mae")]].set_axis(["training_size", error], axis=1)
    measured = beside[beside["kind"] == "ours"]
    alone = measured["method"] == _OURS
    names = measured["method"].str.removeprefix(f"{_OURS}, ").mask(alone, "one network")
    measured = measured.assign(name=names)
    ours = pd.concat([smaller.iloc[:-1].assign(name=""), measured[[*smaller.columns, "name"]]], ignore_index=True)
    drawn = beside[beside["kind"].str.startswith("drawn on")]
    line = pd.concat([measured[alone], drawn.assign(name="one network, drawn on")], ignore_index=True)
    return beside[beside["kind"] == "published"], ours, line if len(drawn) else drawn


def words_of(
    of_set: Mapping[str, Any], beside: pd.DataFrame, drawn: DrawnOn | None, by_last: DrawnOn | None
) -> dict[str, float | str]:
    """Return our numbers on the leaders' split, and theirs, by their names in the text of the section.

    Args:
        of_set: The numbers of our set, as for :func:`draw_on`, of several runs.
        beside: The table of :func:`beside_leaders`.
        drawn: What :func:`draw_on` returns.
        by_last: The same with the slope of the largest sizes of the related set alone.

    Returns:
        By names that begin with ``leaders_``: ``one``, ``together`` and ``train`` (our errors), ``seeds`` (the number
        of runs), ``n_train`` and ``size`` (our number of training crystals and that of the others), ``share`` (the
        ratio of the two), ``number`` (of published errors), ``above_one`` and ``above_together`` (how many of them are
        larger than ours), ``best`` and ``best_mae`` (the published method with the smallest error); and the fields of
        :class:`DrawnOn` by names that begin with ``leaders_drawn_`` and ``leaders_last_``.
    """
    published = beside.loc[beside["kind"] == "published"].set_index("method")["mae_eV_per_atom"]
    words: dict[str, float | str] = {
        "one": of_set["test_mae"],
        "together": of_set["together_mae"],
        "train": of_set["train_mae"],
        "seeds": len(of_set["seeds"]),
        "n_train": of_set["n_train"],
        "size": LEADERS_TRAINING_SIZE,
        "share": of_set["n_train"] / LEADERS_TRAINING_SIZE,
        "number": len(published),
        "above_one": int((published > of_set["test_mae"]).sum()),
        "above_together": int((published > of_set["together_mae"]).sum()),
        "best": str(published.idxmin()),
        "best_mae": float(published.min()),
    }
    for kind, found in {"drawn": drawn, "last": by_last}.items():
        words |= {f"{kind}_{name}": value for name, value in (vars(found) if found else {}).items()}
    return {f"leaders_{name}": value for name, value in words.items()}
