"""The figures of errors, accuracies and likeness, and the style that all figures share: a table in, a Figure out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import Any, ParamSpec

import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter, ScalarFormatter

#: Widths of a figure of one and of two columns, inches.
COLUMN, PAGE = 3.5, 7.1
#: Okabe and Ito's colors, told apart by the color-blind too (https://jfly.uni-koeln.de/color/).
COLORS = {
    "blue": "#0072B2",
    "orange": "#E69F00",
    "green": "#009E73",
    "vermilion": "#D55E00",
    "purple": "#CC79A7",
    "sky": "#56B4E9",
    "gray": "#767676",
}

_Parameters = ParamSpec("_Parameters")


@contextmanager
def style() -> Iterator[None]:
    """Draw with the book's fonts, sizes and lines, whatever the reader's own settings are."""
    settings: dict[Any, Any] = {  # matplotlib types every setting by its name
        "font.family": "DejaVu Sans",
        "font.size": 8,
        "axes.labelsize": 8,
        "axes.titlesize": 8,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.linewidth": 0.6,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "legend.fontsize": 7,
        "legend.frameon": False,
        "xtick.labelsize": 7,
        "ytick.labelsize": 7,
        "lines.linewidth": 1.2,
        "figure.dpi": 200,
        "savefig.dpi": 200,
        "savefig.bbox": "tight",
        "svg.hashsalt": "cgcnn",  # the same drawing gives the same file
    }
    with mpl.rc_context({**mpl.rcParamsDefault, "backend": mpl.rcParams["backend"], **settings}):
        yield


def styled(draw: Callable[_Parameters, Figure]) -> Callable[_Parameters, Figure]:
    """Make a figure function draw in the book's :func:`style`."""

    @wraps(draw)
    def in_style(*args: _Parameters.args, **kwargs: _Parameters.kwargs) -> Figure:
        with style():
            return draw(*args, **kwargs)

    return in_style


@styled
def parity(table: pd.DataFrame, unit: str = "eV/atom") -> Figure:
    """Draw predicted against calculated energies, and how the errors are spread.

    Args:
        table: One row a crystal: ``target_eV_per_atom`` and ``predicted_eV_per_atom``.
        unit: Of both.
    """
    target, predicted = table["target_eV_per_atom"], table["predicted_eV_per_atom"]
    errors = predicted - target
    figure = Figure(figsize=(PAGE, 3.0), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(1, 1.1))
    low, high = min(target.min(), predicted.min()), max(target.max(), predicted.max())
    margin = 0.03 * (high - low)
    limits = (low - margin, high + margin)
    cells = left.hexbin(
        target, predicted, gridsize=70, extent=(*limits, *limits), bins="log", mincnt=1, cmap="cividis_r"
    )
    left.plot(limits, limits, color=COLORS["vermilion"], linewidth=0.8)
    left.set(xlim=limits, ylim=limits, aspect="equal", title="(a)")
    left.set(xlabel=f"calculated energy ({unit})", ylabel=f"predicted energy ({unit})")
    figure.colorbar(cells, ax=left, label="crystals", shrink=0.8)
    edge = float(np.quantile(np.abs(errors), 0.995))
    right.hist(errors.clip(-edge, edge), bins=61, color=COLORS["blue"])
    right.axvline(0, color=COLORS["vermilion"], linewidth=0.8)
    right.set(xlabel=f"error ({unit}), outermost 0.5 % in the end bins", ylabel="crystals", title="(b)")
    # Above the diagonal, where no crystal is: beside the histogram's peak there is no room.
    text = f"{len(table):,} crystals\nMAE {errors.abs().mean():.4f} {unit}\nmedian {errors.abs().median():.4f} {unit}"
    left.text(0.04, 0.97, text, transform=left.transAxes, ha="left", va="top", fontsize=7)
    return figure


@styled
def training_history(table: pd.DataFrame, unit: str = "eV/atom") -> Figure:
    """Draw the training loss and the validation error against the epoch, one line a seed.

    Args:
        table: Columns ``seed``, ``epoch``, ``training_loss`` and ``validation_mae_eV_per_atom``.
        unit: Of the error.
    """
    figure = Figure(figsize=(PAGE, 2.4), layout="constrained")
    axes = figure.subplots(1, 2)
    columns = {"training_loss": "training loss (normalized)", "validation_mae_eV_per_atom": f"validation MAE ({unit})"}
    for axis, (column, label), title in zip(axes, columns.items(), ("(a)", "(b)"), strict=True):
        for color, (seed, rows) in zip(COLORS.values(), table.groupby("seed"), strict=False):
            axis.plot(rows["epoch"], rows[column], color=color, label=f"seed {seed}", linewidth=1)
        axis.set(xlabel="epoch", ylabel=label, yscale="log", title=title)
        axis.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.yaxis.set_major_formatter(ScalarFormatter())
        axis.yaxis.set_minor_formatter(NullFormatter())
    axes[1].legend()
    return figure


@styled
def accuracy_bars(table: pd.DataFrame, limits: pd.DataFrame) -> Figure:
    """Draw how well a linear model reads properties off vectors (Fig. 3(c)).

    Args:
        table: One row a property, kind of vectors and seed: ``property``, ``vectors`` (``learned`` or ``random``),
            ``seed``, ``accuracy``.
        limits: One row a property: ``property``, ``majority`` (share of its largest class) and ``attainable``.
    """
    figure = Figure(figsize=(COLUMN * 1.25, 2.7), layout="constrained")
    axis = figure.subplots()
    order = limits["property"].tolist()
    sns.barplot(
        table,
        x="property",
        y="accuracy",
        hue="vectors",
        order=order,
        hue_order=["learned", "random"],
        palette=[COLORS["blue"], COLORS["orange"]],
        saturation=1,
        errorbar="sd",
        err_kws={"linewidth": 1},
        capsize=0.2,
        ax=axis,
    )
    places = np.arange(len(limits))
    span: dict[str, Any] = {"xmin": places - 0.42, "xmax": places + 0.42, "colors": "black", "linewidth": 1}
    axis.hlines(limits["majority"], **span, linestyles=":", label="largest category")
    axis.hlines(limits["attainable"], **span, linestyles="-", label="attainable")
    majorities = limits.set_index("property")["majority"]
    for place, name in enumerate(order):
        for offset, kind in ((-0.2, "learned"), (0.2, "random")):
            values = table.loc[(table["property"] == name) & (table["vectors"] == kind), "accuracy"]
            # In the foot of the bar; above a bar too low to hold it, its error bar and the dotted line.
            top = float(values.mean()) + float(values.std(ddof=1) if len(values) > 1 else 0)
            inside = values.mean() > 0.15
            axis.text(
                place + offset,
                0.02 if inside else max(top, float(majorities[name])) + 0.02,
                f"{values.mean():.2f}",
                ha="center",
                fontsize=6.5,
                color="white" if inside and kind == "learned" else "black",
            )
    axis.set(ylim=(0, 1.05), xlabel="", ylabel="accuracy, 3-fold cross-validation")
    axis.set_xticks(
        range(len(order)), ["electro-\nnegativity" if name == "electronegativity" else name for name in order]
    )
    axis.legend(ncols=2, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    return figure


@styled
def likeness_by_size(table: pd.DataFrame, measures: Sequence[str]) -> Figure:
    """Draw how alike the element vectors of different seeds are against the size of the training set (Fig. S1's claim).

    Args:
        table: One row a pair of seeds, size and measure: ``training_size``, ``measure``, ``vectors`` (``learned`` or
            ``random``), ``value``.
        measures: Which ones, one panel each.
    """
    figure = Figure(figsize=(PAGE, 2.4), layout="constrained")
    for axis, measure, title in zip(
        figure.subplots(1, len(measures), squeeze=False)[0], measures, "abcd", strict=False
    ):
        for kind, color, marker in (("learned", COLORS["blue"], "o"), ("random", COLORS["orange"], "s")):
            rows = table[(table["measure"] == measure) & (table["vectors"] == kind)]
            axis.plot(rows["training_size"], rows["value"], marker, color=color, markersize=4, alpha=0.6, mew=0)
            means = rows.groupby("training_size")["value"].mean()
            axis.plot(means.index, means, color=color, label=kind)
        sizes = sorted(table["training_size"].unique())
        axis.set(xscale="log", ylim=(0, 1.02), xlabel="training crystals", title=f"({title})")
        # Its own line for what stands in brackets: the whole is longer than the axis.
        axis.set_ylabel(measure.replace(" (", "\n("))
        axis.set_xticks(sizes, [f"{size:,}" for size in sizes])
        axis.set_xticks([], minor=True)
    figure.axes[0].legend(loc="lower right")
    return figure


@styled
def learning_curves(table: pd.DataFrame, lines: dict[str, tuple[float, float]]) -> Figure:
    """Draw the error against the number of training crystals in log-log scale, with the fitted lines (Fig. 2).

    Args:
        table: One row a set and size: ``set``, ``training_size``, ``test_mae_eV_per_atom`` (mean over seeds) and
            ``test_mae_std``.
        lines: Set to the slope and intercept of its line.
    """
    figure = Figure(figsize=(COLUMN * 1.35, 3.2), layout="constrained")
    axis = figure.subplots()
    for (name, rows), color, marker in zip(table.groupby("set", sort=False), COLORS.values(), "osD^v", strict=False):
        sizes, errors = rows["training_size"], rows["test_mae_eV_per_atom"]
        axis.errorbar(
            sizes, errors, rows["test_mae_std"], fmt=marker, color=color, markersize=4, capsize=2, elinewidth=0.8
        )
        slope, intercept = lines[str(name)]
        label = f"{name}: slope {slope:.2f}".replace("-", "\N{MINUS SIGN}").replace("_", " ")
        axis.plot(sizes, 10**intercept * sizes**slope, color=color, linewidth=0.9, label=label)
    axis.set(xscale="log", yscale="log", xlabel="training crystals", ylabel="test MAE (eV/atom)")
    axis.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.yaxis.set_major_formatter(ScalarFormatter())
    axis.yaxis.set_minor_formatter(NullFormatter())
    axis.legend(loc="lower left")
    return figure


@styled
def verdicts(counts: pd.DataFrame) -> Figure:
    """Draw how many claims of each section got each verdict.

    Args:
        counts: One row a section, one column a verdict, from the best to the one that says nothing.
    """
    figure = Figure(figsize=(PAGE * 0.8, 0.6 + 0.38 * len(counts)), layout="constrained")
    axis = figure.subplots()
    colors = (COLORS["blue"], COLORS["sky"], COLORS["vermilion"], "0.8")
    names = [str(section).replace("_", " ") for section in counts.index]
    left = np.zeros(len(counts))
    for (verdict, column), color in zip(counts.items(), colors, strict=True):
        bars = axis.barh(names, column, left=left, color=color, label=str(verdict), height=0.65)
        ink = "white" if color in (COLORS["blue"], COLORS["vermilion"]) else "black"
        axis.bar_label(bars, [str(n) if n else "" for n in column], label_type="center", fontsize=7, color=ink)
        left += column.to_numpy()
    axis.invert_yaxis()
    axis.set(xlabel="claims")
    figure.legend(loc="outside upper center", ncols=4)
    return figure
