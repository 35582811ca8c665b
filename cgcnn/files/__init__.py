"""Files that are found, fetched, verified, and written whole or not at all.

=============  =============================================================================
file           what it is for
=============  =============================================================================
``paths``      where the project's files live, and how a file is replaced by a whole new one
``downloads``  the files of public data sets, found or downloaded, and checked
``arrays``     arrays in one file that is memory-mapped and checked against its digest
``tables``     numbers and tables that people read, as JSON and CSV
``cache``      arrays that are computed once, kept and checked
=============  =============================================================================
"""
