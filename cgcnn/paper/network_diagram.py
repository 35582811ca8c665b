"""The diagram of the network on one real crystal: its graph, its vectors and its local energies (Fig. 1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import torch
from matplotlib.axes import Axes
from matplotlib.colors import Normalize, to_hex
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch
from matplotlib.ticker import MaxNLocator

from cgcnn.analysis.representations import environment_vectors, represent
from cgcnn.data.crystals import Crystals
from cgcnn.data.quantity import Quantity
from cgcnn.figures.style import VALUES, styled
from cgcnn.graphs import crystal_graphs
from cgcnn.graphs.packed_graphs import CrystalGraphs
from cgcnn.network.model import gaussians
from cgcnn.paper.perovskite_drawing import EDGES, FILLS, draw_perovskite
from cgcnn.training.runs import Run

# At this width and size, in inches and points, the text can be read on a page and on a screen of 360 pixels.
_WIDTH, _HEIGHT, _TEXT = 6.0, 7.0, 11
# How far the outermost of the parallel edges of a pair bends from the straight line, in parts of its length.
_BEND = 0.3
# A place in the order of drawing above all atoms.
_ABOVE = 1000


@styled
def network_diagram(run: Run, crystal: Crystals, a_site: str, b_site: str) -> Figure:
    """Draw what a run makes of one perovskite, from the crystal to its energy (Fig. 1).

    All that is drawn is computed: the edges of the graph, the values of all vectors, and the local energies.

    Args:
        run: A finished run.
        crystal: One crystal: a cell of five sites with A, B and three anions.
        a_site: The symbol of the element on A.
        b_site: The symbol of the element on B.
    """
    # Every site is a node here, those too that are equal by symmetry.
    graph = crystal_graphs.build(crystal, *run.config.of_graphs, merge=False)
    levels = represent(run, crystal, device="cpu", graphs=graph)
    symbols = levels.environments["element"].tolist()
    kinds = [{a_site: "A", b_site: "B"}.get(symbol, "X") for symbol in symbols]
    structure = crystal.structure(0)
    figure = Figure(figsize=(_WIDTH, _HEIGHT))
    names = ("font.size", "axes.titlesize", "axes.labelsize", "xtick.labelsize", "ytick.labelsize")
    sizes: dict[Any, Any] = dict.fromkeys(names, _TEXT)  # matplotlib has a type of its own for the names of settings
    with mpl.rc_context(sizes):
        grid = figure.add_gridspec(3, 1, height_ratios=(1.9, 1.05, 1.8), hspace=0.38, left=0.06, right=0.98, top=0.95)
        top = grid[0].subgridspec(1, 3, wspace=0.62, width_ratios=(1.3, 1.0, 0.68))
        axes = [figure.add_subplot(top[0, place]) for place in range(3)]
        draw_perovskite(axes[0], structure, a_site, b_site, [FILLS[kind] for kind in kinds], with_edges=True)
        axes[0].set_title("(a) The crystal", loc="left", zorder=_ABOVE + 1)
        _draw_graph(axes[1], graph, symbols, kinds)
        axes[1].set_title("(b) Its graph", loc="left")
        _draw_edge_vectors(axes[2], graph, symbols, symbols.index(b_site))
        middle = grid[1].subgridspec(1, 2, wspace=0.35)
        axes += [figure.add_subplot(middle[0, place]) for place in range(2)]
        elements = list(dict.fromkeys(symbols))
        _draw_vectors(axes[3], levels.elements.loc[elements], elements)
        axes[3].set_title("(d) Elements (Eq. 2)", loc="left")
        _draw_vectors(axes[4], environment_vectors(levels.environments), symbols)
        axes[4].set_title("(e) Sites (Eq. 3)", loc="left")
        bottom = grid[2].subgridspec(1, 2, wspace=0.2, width_ratios=(1, 1.25))
        axes += [figure.add_subplot(bottom[0, place]) for place in range(2)]
        energies = levels.environments[run.quantity.column("local")]
        norm = Normalize(float(energies.min()), float(energies.max()))
        fills = [to_hex(VALUES(norm(float(energy)))) for energy in energies]
        draw_perovskite(axes[5], structure, a_site, b_site, fills)
        axes[5].set_title("(f) Local energies (Eq. 4)", loc="left", zorder=_ABOVE + 1)
        _draw_energies(axes[6], energies, symbols, fills, float(crystal.targets[0]), run.quantity)
        axes[6].set_title("(g) Their mean (Eq. 5)", loc="left")
        _draw_arrow(figure, axes[3], axes[4])
    for axis in (axes[0], axes[5]):  # pictures: hundreds of circles would make the file large
        axis.set_rasterization_zorder(_ABOVE)
    return figure


def _draw_graph(axis: Axes, graph: CrystalGraphs, symbols: Sequence[str], kinds: Sequence[str]) -> None:
    """Draw the nodes on a circle, and between two of them a line for each edge that one of them has to the other."""
    n_nodes = len(symbols)
    angles = np.pi / 2 - 2 * np.pi * np.arange(n_nodes) / n_nodes
    places = np.column_stack([np.cos(angles), np.sin(angles)])
    counts = np.zeros((n_nodes, n_nodes), dtype=int)
    np.add.at(counts, (np.repeat(np.arange(n_nodes), np.diff(graph.edge_offsets)), graph.neighbors), 1)
    for i, j in zip(*np.nonzero(np.triu(counts + counts.T, 1)), strict=True):
        n_edges = max(counts[i, j], counts[j, i])
        color = EDGES if {kinds[i], kinds[j]} == {"A", "X"} else "0.5"
        for bend in np.linspace(-_BEND, _BEND, n_edges) if n_edges > 1 else (0.0,):
            line = FancyArrowPatch(places[i], places[j], arrowstyle="-", color=color, linewidth=0.8)
            line.set_connectionstyle("arc3", rad=bend)
            axis.add_patch(line)
    for place, symbol, kind in zip(places, symbols, kinds, strict=True):
        axis.plot(*place, "o", color=FILLS[kind], markeredgecolor="black", markeredgewidth=0.5, markersize=17, zorder=3)
        axis.text(place[0], place[1], symbol, ha="center", va="center", color="white", weight="bold", zorder=4)
    axis.set(xlim=(-1.4, 1.4), ylim=(-1.3, 1.4), aspect="equal", anchor="N")
    axis.axis("off")


def _draw_edge_vectors(axis: Axes, graph: CrystalGraphs, symbols: Sequence[str], node: int) -> None:
    """Draw the vector u of every length that an edge of one node has, with the length and the neighbor beside it."""
    edges = slice(graph.edge_offsets[node], graph.edge_offsets[node + 1])
    table = pd.DataFrame(
        {"distance": graph.distances[edges], "neighbor": [symbols[i] for i in graph.neighbors[edges]]}
    ).round({"distance": 2})
    lengths = table.drop_duplicates().sort_values("distance")
    vectors = gaussians(torch.tensor(lengths["distance"].tolist())).numpy()
    axis.imshow(vectors, aspect="auto", cmap="Greys", vmin=0, vmax=1, interpolation="nearest")
    names = [f"{row.neighbor} {row.distance:.2f} Å" for row in lengths.itertuples()]
    axis.set_yticks(range(len(names)), names)
    axis.set_xticks([])
    axis.set_xlabel(f"{vectors.shape[1]} numbers", labelpad=6)
    axis.set_title(f"(c) Edges of {symbols[node]} (Eq. 1)", loc="left", x=-1.0)


def _draw_vectors(axis: Axes, vectors: pd.DataFrame, names: Sequence[str]) -> None:
    """Draw vectors as rows of colors: white is zero."""
    largest = float(np.quantile(np.abs(vectors), 0.98))
    axis.imshow(vectors, aspect="auto", cmap="RdBu_r", vmin=-largest, vmax=largest, interpolation="nearest")
    axis.set_yticks(range(len(names)), names)
    axis.set_xticks([])
    axis.set_xlabel(f"{vectors.shape[1]} numbers", labelpad=6)


def _draw_energies(
    axis: Axes, energies: pd.Series, symbols: Sequence[str], fills: Sequence[str], calculated: float, quantity: Quantity
) -> None:
    """Draw a bar per site, their mean, and the calculated value of the crystal."""
    places = np.arange(len(energies))
    axis.barh(places, energies, color=list(fills), edgecolor="black", linewidth=0.4, height=0.75)
    mean = float(energies.mean())
    axis.axvline(mean, color="black", linewidth=1.4)
    axis.axvline(0, color="0.6", linewidth=0.6)
    axis.set_yticks(places, symbols)
    axis.xaxis.set_major_locator(MaxNLocator(4))
    axis.invert_yaxis()
    axis.set_xlabel(quantity.of_sites("local energy"))
    text = f"mean {mean:.2f}\ncalculated {calculated:.2f}\n({quantity.unit})".replace("-", "\N{MINUS SIGN}")
    axis.text(mean - 0.03 * float(np.ptp(energies)), len(energies) - 0.6, text, ha="right", va="bottom")


def _draw_arrow(figure: Figure, left: Axes, right: Axes) -> None:
    """Draw an arrow from one panel to the next."""
    one, other = left.get_position(), right.get_position()
    height = (one.y0 + one.y1) / 2
    arrow = FancyArrowPatch(
        (one.x1 + 0.015, height), (other.x0 - 0.06, height), arrowstyle="-|>", mutation_scale=12, color="0.3"
    )
    arrow.set_transform(figure.transFigure)
    figure.add_artist(arrow)
