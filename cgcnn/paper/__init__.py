"""The code that only this paper needs: regions, cages, rivals, claims, recipes, and its figures.

======================  ==================================================================
file                    what it is for
======================  ==================================================================
``section``             how a section of the book begins and ends
``recipes``             the parameters of the training on each data set
``pages``               a page of one rerun notebook, on any data
``example_folder``      a folder of crystals as a person has them
``your_crystals``       tables of the section on one's own crystals
``seed_numbers``        numbers of several seeds, and their intervals
``claims``              the verdicts on the paper's claims, by thresholds fixed beforehand
``claims_tables``       the tables of these verdicts
``learning_curves``     the numbers of Fig. 2
``claims_figure``       the figure that counts the verdicts
``explorers``           the maps to explore of the sections
``claims_page``         all claims as a table in HTML, with a small figure each
``claims_bars``         the bars of this table: a number, its interval and its threshold
``element_categories``  the metals of Fig. 3, and the categories of Table II (S)
``element_probes``      planes and nearest neighbors of the element vectors (Fig. 3(b))
``element_radius``      the radius in the element vectors (Fig. 3(b), inset)
``element_accuracies``  what a linear model reads off the element vectors (Fig. 3(c))
``element_start``       element vectors that started from larger random numbers
``element_likeness``    element vectors by the size of the training set (Fig. S1)
``networks``            the errors of the networks of this book
``levels``              the three levels of several networks
``angles_errors``       the errors of the network that sees angles, and its graphs
``angles_levels``       the agreement of local energies between seeds and networks
``angles_curves``       learning curves whose errors are kept, and whose runs are not
``angles_page``         its trials, its runs beside those of the two others, and its curves
``angles_leaders``      its error beside published ones, with the sizes of the sets
``angles_costs``        what angles cost in a training
``angles_ranges``       whether it knows when it does not know
``angle_examples``      pairs of crystals that only angles tell apart
``potentials``          two universal potentials: their vectors and site energies
``potentials_sites``    the sites at which they are compared with this book's networks
``potentials_reading``  what a network or a potential says of these sites
``potentials_probes``   the probes of Figs. 3(c), 4, 5 and S4, put to all of them
``potentials_table``    the table of the comparison, and its numbers of every seed
``potentials_figures``  the figures of the comparison
``table_1``             Table I on the same crystals: rivals and this book
``table_1_page``        its tables and numbers as its page shows them
``hyperparameters``     the paper's hyperparameters beside the best of a search
``literature``          published errors beside ours
``rivals``              models without a graph, on the same crystals
``network_diagram``     Fig. 1
``perovskite_drawing``  Figs. 1 and 3(a)
``strict_splits``       perovskites with new pairs of cations, and with new elements
``perovskite_tables``   the perovskites: the unit of their energies, and merged graphs
``perovskite_errors``   two likely reasons for the errors of cations, as numbers
``perovskite_sites``    the cations on A and on B, and the anions
``discovery``           stable crystals among those that no run was trained on
``discovery_misses``    stable crystals that are missed, and why
``discovery_numbers``   the numbers of that section
``discovery_figures``   its figures
``substitutions``       new perovskites by elements that are near on the map
``shown``               tables as a page shows them
``notebook_figures``    the figures that an executed notebook shows
``records``             what the scripts in benchmarks/ measured
``small_pictures``      pictures that an executed notebook keeps, made small
``agreement``           the agreement of runs that differ by their seed
``boron_regions``       the regions of the boron map, by geometry
``boron_icosahedra``    whole icosahedra in a crystal
``boron_clusters``      boron cages and quasi-planar clusters
``boron_tables``        structures and local energies of boron by region
``boron_errors``        errors of boron, with and without near-copies in training
``boron_seeds``         what the section measures on each seed
``boron_map``           the map of boron environments
``boron_placed``        the ground state on the finished map
``boron_spread``        clusters on the finished map, and how wide they spread
``boron_drawing``       the atoms around a site, seen from the side that shows its region
``boron_figures``       Figs. 4, S2 and S3
``mp_elements``         element vectors of the Materials Project (Fig. S4)
``mp_environments``     its environments, those that are mapped, and what each run says
``mp_maps``             maps of environments around oxygen and sulfur (Fig. 5)
``mp_clusters``         the clusters of these maps, and classes that lie together
``mp_shapes``           the geometry of sites by chemical class
``mp_coordination``     local energies of centers around oxygen and sulfur (Fig. S5)
``mp_pairs``            the numbers of Fig. 6
``mp_missing``          what is missing of the paper's Materials Project
``full_run``            what a run on nearly all of it would take
``mp_cells``            the cells of Fig. 6 over several runs
``mp_hydrides``         the calculated energies of dihydrides
``mp_told``             the numbers that the text of the section tells
``mp_figures``          Figs. 5, 6 and S5
``published_maps``      the published maps of the three sets, with classes
``speed``               tables of the benchmark
``speed_figures``       figures of the benchmark
``gpu_speed``           tables of the benchmark of a GPU
``scaling``             what larger sets of crystals would take
``trust``               tables of the campaigns on trust
``trust_figures``       figure of these campaigns
======================  ==================================================================
"""
