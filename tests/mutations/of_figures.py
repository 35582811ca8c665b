"""Mutations of ``cgcnn/figures`` and of the figures in ``cgcnn/paper``."""

from __future__ import annotations

from tests.mutations.mutation import Mutation

_RUNS = "cgcnn/figures/runs.py"
_PROBES = "cgcnn/figures/probes.py"
_ELEMENTS = "cgcnn/figures/elements.py"
_MAPS = "cgcnn/figures/maps.py"
_STUDIES = "cgcnn/figures/studies.py"
_COMPARISON = "cgcnn/figures/comparison.py"
_BORON = "cgcnn/paper/boron_figures.py"
_DRAWING = "cgcnn/paper/boron_drawing.py"
_MP = "cgcnn/paper/mp_figures.py"
_SPEED = "cgcnn/paper/speed_figures.py"

_OF_RUNS = ("tests/test_run_figures.py",)
_OF_ELEMENTS = ("tests/test_element_figures.py",)
_OF_STUDIES = ("tests/test_comparison_figures.py",)
_OF_MAPS = ("tests/test_map_figures.py",)
_OF_DRAWING = ("tests/test_boron_drawing.py",)
_OF_SECTIONS = ("tests/test_section_figures.py",)
_OF_SPEED = ("tests/test_speed_figures.py",)

MUTATIONS = (
    Mutation(
        "Targets and predictions are swapped in the figure of both",
        _RUNS,
        "target, predicted, gridsize=70,",
        "predicted, target, gridsize=70,",
        _OF_RUNS,
    ),
    Mutation(
        "The axis of predictions has no unit",
        _RUNS,
        'ylabel=quantity.in_unit(f"predicted {word}")',
        'ylabel=f"predicted {word}"',
        _OF_RUNS,
    ),
    Mutation(
        "The histogram shows the target minus the prediction",
        _RUNS,
        "errors = predicted - target",
        "errors = target - predicted",
        _OF_RUNS,
    ),
    Mutation(
        "Both panels of the course of training show the loss",
        _RUNS,
        'axis.plot(rows["epoch"], rows[column],',
        'axis.plot(rows["epoch"], rows["training_loss"],',
        _OF_RUNS,
    ),
    Mutation(
        "The course of training has epochs on the vertical axis",
        _RUNS,
        'axis.plot(rows["epoch"], rows[column],',
        'axis.plot(rows[column], rows["epoch"],',
        _OF_RUNS,
    ),
    Mutation(
        "The largest category is drawn where the attainable accuracy is",
        _PROBES,
        'axis.hlines(limits["majority"], **span,',
        'axis.hlines(limits["attainable"], **span,',
        _OF_ELEMENTS,
    ),
    Mutation(
        "The colors of learned and random vectors are swapped in the bars",
        _PROBES,
        'palette=[COLORS["blue"], COLORS["orange"]],',
        'palette=[COLORS["orange"], COLORS["blue"]],',
        _OF_ELEMENTS,
    ),
    Mutation(
        "The similarity of random vectors is drawn as that of learned ones",
        _PROBES,
        '(table["measure"] == measure) & (table["vectors"] == kind)',
        '(table["measure"] == measure) & (table["vectors"] != kind)',
        _OF_ELEMENTS,
    ),
    Mutation(
        "The principal components are swapped on the map of elements",
        _ELEMENTS,
        'true = table[["pc1", "pc2"]]',
        'true = table[["pc2", "pc1"]]',
        _OF_ELEMENTS,
    ),
    Mutation(
        "The discs of the elements have the diameter of their radius squared",
        _ELEMENTS,
        "s=diameters[of_family] ** 2,",
        "s=diameters[of_family] ** 4,",
        _OF_ELEMENTS,
    ),
    Mutation(
        "Discs of elements that cover each other stay where they are",
        "cgcnn/figures/labels.py",
        "moved += 0.5 *",
        "moved += 0.0 *",
        _OF_ELEMENTS,
    ),
    Mutation(
        "The inset of the map of elements is colored by group instead of radius",
        _ELEMENTS,
        'radius = table["covalent_radius_pm"]\n',
        'radius = table["group"]\n',
        _OF_ELEMENTS,
    ),
    Mutation(
        "A panel of the maps of elements has the shares of variance of the first one",
        _ELEMENTS,
        "    shares = list(explained.values())\n",
        "    shares = [next(iter(explained.values()))] * len(explained)\n",
        _OF_ELEMENTS,
    ),
    Mutation(
        "Alkali metals have the color of all others",
        _ELEMENTS,
        'alkali = table["group"] == 1',
        'alkali = table["group"] == 2',
        _OF_ELEMENTS,
    ),
    Mutation(
        "The radius stands on the horizontal axis that is named after the component",
        _ELEMENTS,
        'axis.plot(rows["pc2"], rows["covalent_radius_pm"], marker,',
        'axis.plot(rows["covalent_radius_pm"], rows["pc2"], marker,',
        _OF_ELEMENTS,
    ),
    Mutation(
        "Points of a map are colored by their place and not by their value",
        _MAPS,
        "c=table[by], s=_size(len(table)), linewidths=0, vmin=low",
        'c=table["x"], s=_size(len(table)), linewidths=0, vmin=low',
        _OF_MAPS,
    ),
    Mutation(
        "New points of a map have x and y swapped",
        _MAPS,
        'rows["x"], rows["y"], marker, markersize=6.5 * shrink,',
        'rows["y"], rows["x"], marker, markersize=6.5 * shrink,',
        _OF_MAPS,
    ),
    Mutation(
        "New points inside have the marker of those outside",
        _MAPS,
        '{"inside": "o", "at the edge": "s", "outside": "^"}',
        '{"inside": "^", "at the edge": "s", "outside": "o"}',
        _OF_MAPS,
    ),
    Mutation(
        "The legend of a map begins with the rarest kinds",
        _MAPS,
        '.sort_values(ascending=False, kind="stable")',
        '.sort_values(ascending=True, kind="stable")',
        _OF_MAPS,
    ),
    Mutation(
        "Error bars of learning curves are as long as the errors",
        _STUDIES,
        'sizes, errors, rows["test_mae_std"], fmt=marker',
        "sizes, errors, errors, fmt=marker",
        _OF_STUDIES,
    ),
    Mutation(
        "The fitted line of a learning curve does not go through its points",
        _STUDIES,
        "10**intercept * sizes**slope",
        "intercept * sizes**slope",
        _OF_STUDIES,
    ),
    Mutation(
        "The worst trial is marked as the best",
        _STUDIES,
        "best = int(errors.argmin())",
        "best = int(errors.argmax())",
        _OF_STUDIES,
    ),
    Mutation(
        "A change that lowers the error is drawn as one that raises it",
        _STUDIES,
        ".reindex(names) - 1)",
        ".reindex(names).rsub(1))",
        _OF_STUDIES,
    ),
    Mutation(
        "Methods of others have the color of this project",
        _COMPARISON,
        'COLORS["blue"] if ours else COLORS["gray"]',
        'COLORS["gray"] if ours else COLORS["blue"]',
        _OF_STUDIES,
    ),
    Mutation(
        "The errors of methods have no unit",
        _COMPARISON,
        'set_xlabel(quantity.in_unit("test MAE"))',
        'set_xlabel("test MAE")',
        ("tests/test_comparison_figures.py", "tests/test_units.py"),
    ),
    Mutation(
        "The dotted line of a calibration is where error and uncertainty are equal",
        _COMPARISON,
        "ends * np.sqrt(2 / np.pi)",
        "ends * 1.0",
        _OF_STUDIES,
    ),
    Mutation(
        "The boron map of coordination numbers shows densities",
        _BORON,
        "        axis, values = axes[letter], table[column]\n",
        '        axis, values = axes[letter], table[column.replace("n_neighbors", "density_g_per_cm3")]\n',
        _OF_SECTIONS,
    ),
    Mutation(
        "The density of the boron map has no unit",
        _BORON,
        '"density (g/cm³)"',
        '"density"',
        _OF_SECTIONS,
    ),
    Mutation(
        "Whiskers of the regions' energies span all of them",
        _BORON,
        "whis=(5, 95),",
        "whis=(0, 100),",
        _OF_SECTIONS,
    ),
    Mutation(
        "The center of an environment has the color of its neighbors",
        _DRAWING,
        'COLORS["vermilion"] if center else COLORS["blue"]',
        'COLORS["sky"] if center else COLORS["blue"]',
        _OF_DRAWING,
    ),
    Mutation(
        "An icosahedron is seen from its side",
        _DRAWING,
        "_view(toward=-corners[-1], up=corners[1])",
        "_view(toward=corners[1], up=-corners[-1])",
        _OF_DRAWING,
    ),
    Mutation(
        "A layer is seen from above",
        _DRAWING,
        "normal), 1), up=normal)",
        "normal), 1), up=normal)[[0, 2, 1]]",
        _OF_DRAWING,
    ),
    Mutation(
        "A drawing beside the map has the name of another region",
        _BORON,
        'f"{each.region}\\n{each.energy:.2f} eV"',
        'f"{drawn[0].region}\\n{each.energy:.2f} eV"',
        _OF_SECTIONS,
    ),
    Mutation(
        "Centers and first neighbors are swapped on the map of pairs",
        _MP,
        'pairs.pivot_table(index="center", columns="first_neighbor",',
        'pairs.pivot_table(index="first_neighbor", columns="center",',
        _OF_SECTIONS,
    ),
    Mutation(
        "Cells of few environments are as strong as all others",
        _MP,
        "_PALE = 0.4",
        "_PALE = 1.0",
        _OF_SECTIONS,
    ),
    Mutation(
        "The two sides of zero have scales of their own on the map of pairs",
        _MP,
        'colors, low, high = "RdBu_r", -most, most',
        'colors = "RdBu_r"',
        _OF_SECTIONS,
    ),
    Mutation(
        "The axes of the map of pairs have each other's names",
        _MP,
        'xlabel="first neighbor", ylabel="center"',
        'xlabel="center", ylabel="first neighbor"',
        _OF_SECTIONS,
    ),
    Mutation(
        "Error bars of local energies show the number of environments",
        _MP,
        'spread = table[quantity.with_unit("std")]',
        'spread = table["n_environments"]',
        _OF_SECTIONS,
    ),
    Mutation(
        "The panel of tetrahedral order shows the octahedral one",
        _MP,
        '_colored(figure, axes["T"], table, "tetrahedral",',
        '_colored(figure, axes["T"], table, "octahedral",',
        _OF_SECTIONS,
    ),
    Mutation(
        "The verdicts have each other's colors",
        "cgcnn/paper/claims_figure.py",
        'colors = (COLORS["blue"], COLORS["sky"], COLORS["vermilion"],',
        'colors = (COLORS["vermilion"], COLORS["sky"], COLORS["blue"],',
        _OF_SECTIONS,
    ),
    Mutation(
        "Dots of times are means instead of medians",
        _SPEED,
        "median = float(group.median())",
        "median = float(group.mean())",
        _OF_SPEED,
    ),
    Mutation(
        "Times per step are in seconds on an axis of milliseconds",
        _SPEED,
        'axis.barh(places, 1e3 * rows["seconds"],',
        'axis.barh(places, rows["seconds"],',
        _OF_SPEED,
    ),
    Mutation(
        "The letters of A sites and B sites are swapped in the drawing of a perovskite",
        "cgcnn/paper/perovskite_drawing.py",
        'kind = {a_site: "A", b_site: "B"}.get(symbol, "X")',
        'kind = {a_site: "B", b_site: "A"}.get(symbol, "X")',
        ("tests/test_figures.py",),
    ),
    Mutation(
        "Fig. 1 draws one edge per pair of nodes, and none of their images",
        "cgcnn/paper/network_diagram.py",
        "n_edges = max(counts[i, j], counts[j, i])",
        "n_edges = 1",
        ("tests/test_network_diagram.py",),
    ),
)
