"""The processors, hosts and memory that the work is done on.

=============  ===========================================================
file           what it is for
=============  ===========================================================
``devices``    CPU or GPU, and how precisely a GPU multiplies
``processes``  several processes that train one network together
``cluster``    a Dask cluster for independent work
``memory``     memory that a training step frees is kept for the next step
``parallel``   independent tasks on all processors, with one progress bar
=============  ===========================================================
"""
