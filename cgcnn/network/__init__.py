"""Eqs. 1 to 5 of the paper, and a compiled second copy of Eq. 3.

=====================  ====================================================
file                   what it is for
=====================  ====================================================
``model``              the network of the paper
``batch_norm``         batch normalization with weights, over all processes
``fused_convolution``  Eq. 3 with its gradient, by compiled loops
``kernels_cpu``        these loops for the CPU
``evaluation``         a network's energies, batch by batch
=====================  ====================================================
"""
