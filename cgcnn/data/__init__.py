"""Crystals, from public files and CIFs to packed arrays, and how they are split.

=====================  ============================================================
file                   what it is for
=====================  ============================================================
``crystals``           crystals packed into a few arrays
``quantity``           what the targets are, and in which unit
``reading``            what was read from a person's own files, and what was refused
``text_files``         texts of every encoding, line end and packing
``structure_files``    files, folders and patterns of all formats into crystals
``structure_formats``  what a file of each format may hold, and how it is recognized
``poscar``             the structure file of VASP
``extended_xyz``       extended XYZ files, with many frames and their energies
``shelx``              SHELX files, with the energies of AIRSS
``structure_json``     the JSON of pymatgen
``plain_numbers``      the numbers of structure files
``folders``            a folder of a person's own: structure files and their targets
``folder_names``       the table of a folder, and the file of each of its rows
``folder_check``       all that is wrong with a folder, and what is in it
``limits``             numbers that no solid or gas has, which are refused
``pair_search``        pairs of sites within a radius, with bounds on time and memory
``plausibility``       distances and densities that are odd, which are remarked on
``duplicates``         crystals of a set that are nearly the same
``neighborhoods``      the atoms around chosen sites, packed, periodic images included
``near_copies``        crystals of one element that are nearly the same, by their distances
``dataset_notes``      what a folder says of itself in dataset.yaml
``target_tables``      tables of targets, of whatever header and separator
``target_numbers``     numbers with a decimal point or a decimal comma
``target_meaning``     what targets are, in which unit, and of atom, crystal or cell
``file_kinds``         what a text file is that was given in place of a CIF
``cif``                CIFs into structures: one, many, or a folder of them
``cif_syntax``         the text of a CIF as blocks of tags and values
``cif_elements``       the element that a type or a label names
``cif_sites``          the atom lines of a block
``cif_groups``         symbols, numbers and lists as symmetry operations
``cif_symmetry``       the symmetry that a block means
``cif_cells``          the atoms of the cell, from sites and symmetry
``cif_checks``         the atoms, compared with formula and multiplicities
``cif_blocks``         the crystal of a block, or why it is refused
``dataset``            the record that describes a named data set
``datasets``           all named data sets, and how one is loaded
``csv_rows``           the rows of the CSV files of named sets
``perovskites``        the perovskite sets
``perovskite_splits``  the public perovskites, with splits of their own
``perovskite_folds``   the folds of a cross-validation, and those of the public perovskites
``boron``              the boron sets
``boron_families``     the boron set, split by relaxation family
``materials_project``  the Materials Project set of the published run, and the embedded one
``mp_energies``        energies, split and ids of the snapshot of 2018, without structures
``mp_snapshot``        that snapshot with its structures: the paper's crystals, and MEGNet's
``mp_topology``        that snapshot with later structures, as far as these can be had
``packing``            CIFs that are packed while they are read
``splits``             training, validation and test sets
=====================  ============================================================
"""
