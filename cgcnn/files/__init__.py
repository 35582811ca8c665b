"""Files that are found, fetched, verified, and written whole or not at all.

==============  ==============================================================================
file            what it is for
==============  ==============================================================================
``paths``       where the project's files live
``writing``     files that are written whole or not at all, and damaged files that are set aside
``seals``       files that carry the SHA-256 of all their bytes
``regular``     files that are opened, where a pipe or a device is refused
``archives``    chosen members of archives, read within a bound
``json_lists``  a long JSON list in an archive, read item by item
``locks``       work that one process at a time does
``downloads``   the files of public data sets, found or downloaded, and checked
``arrays``      arrays in one sealed file that is memory-mapped
``tables``      numbers and tables that people read, as JSON and CSV
``cache``       arrays that are computed once, kept and checked
==============  ==============================================================================
"""
