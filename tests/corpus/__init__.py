"""Bad files of every kind that is read, made by functions from small good ones, each with the error that is documented.

===============  ============================================================================
file             what it is for
===============  ============================================================================
``entry``        what one bad file is
``good``         the good files, and what must be read from them
``cifs``         CIFs
``structures``   structure files of the other formats: POSCAR, extended XYZ, SHELX and pymatgen's JSON
``tables``       tables of targets, and the notes of a folder
``packings``     what a name may stand for, packed files, and texts of odd encodings
``archives``     the files of named sets
``stored``       what the package itself has written: runs, checkpoints, maps and caches
``prepared``     the writing of it, before it is damaged
``listing``      all entries as rows of a table
===============  ============================================================================
"""
