"""Analysis of finished runs: predicted energies, the three levels, probes, maps and the geometry of sites.

===================  ==================================================================
file                 what it is for
===================  ==================================================================
``set_size``         the numbers of crystals, elements and sites of a data set
``prediction``       predicted energies and their errors
``element_errors``   the error on the crystals that hold an element
``screening``        precision, recall and enrichment of crystals that are picked out
``representations``  element vectors, local environments and local energies
``ensembles``        the mean and the spread of several runs
``ranges``           predictions with an interval and the distance from what was seen
``conformal``        the width of an interval that holds a share of the errors
``plausible``        lengths and volumes beyond those of all training crystals, in words
``probes``           projections, neighbors, linear models and similarity
``maps``             maps of many vectors, on which new ones are placed
``environment_map``  the map of any crystals by a run, tied to the run
``explored_maps``    finished maps as maps to explore, with new sites on them
``map_files``        maps as files, and the published maps
``locate``           new crystals on a finished map
``pairs``            environments by their center and first neighbor
``elements``         properties of the elements
``site_geometry``    coordination numbers and order parameters of sites
``learning_curves``  the error by training size, and its power law
===================  ==================================================================
"""
