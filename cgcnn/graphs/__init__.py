"""Crystals as the graphs and batches that a network reads.

==================  =================================================================
file                what it is for
==================  =================================================================
``neighbors``       the nearest neighbors of every site, ties included
``search_bounds``   the bounds of what a search for neighbors may be asked for
``angles``          how the other neighbors of a site stand around each of its bonds
``distinct_sites``  sites and bonds that the network cannot tell apart, and their merging
``packed_graphs``   the graphs of many crystals in a few arrays
``crystal_graphs``  packed graphs, built in parallel and memory-mapped from the cache
``batches``         batches sliced out of packed graphs
``filled_batches``  batches that are filled up to one size, for a GPU
``extents``         how near and how far the neighbors of sites are
==================  =================================================================
"""
