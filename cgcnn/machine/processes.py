"""Let the processes that torchrun started train one network together; without torchrun there is one process."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, distributed, nn
from torch.autograd import Function
from torch.nn.parallel import DistributedDataParallel


def count() -> int:
    """Return the number of processes that train together, which is 1 outside :func:`joined`."""
    return distributed.get_world_size() if distributed.is_initialized() else 1


def rank() -> int:
    """Return the number of this process, from 0 to ``count() - 1``; process 0 writes files and messages."""
    return distributed.get_rank() if distributed.is_initialized() else 0


@contextmanager
def joined(device: str = "auto") -> Iterator[None]:
    """Connect the processes that torchrun started, and disconnect them at the end; do nothing without torchrun.

    Args:
        device: The device of the network, as for :func:`cgcnn.machine.devices.resolve_device`. Where it is a GPU, NCCL
            connects the processes, and each takes the GPU of its own number. Otherwise Gloo connects them.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) == 1 or distributed.is_initialized():
        yield
        return
    on_gpu = device != "cpu" and torch.cuda.is_available()
    if on_gpu:
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    distributed.init_process_group("nccl" if on_gpu else "gloo")
    try:
        yield
    finally:
        distributed.destroy_process_group()


@contextmanager
def first_alone() -> Iterator[None]:
    """Let process 0 run the body before all others, so that they find the files that it writes."""
    if count() > 1 and rank() > 0:
        distributed.barrier()
    yield
    if count() > 1 and rank() == 0:
        distributed.barrier()


def shared(network: nn.Module) -> nn.Module:
    """Return the network, wrapped so that a backward pass gives every process the mean of all gradients.

    The wrapper does not touch the network's buffers. The processes compute them together, so that they are equal in
    all processes without it.

    Args:
        network: The network of this process. A process that trains alone gets it back unwrapped.
    """
    if count() == 1:
        return network
    # torch broadcasts the buffers at every step unless they are named here. The argument of the constructor that would
    # say so has changed its name between versions of torch.
    buffers = [name for name, _ in network.named_buffers()]
    DistributedDataParallel._set_params_and_buffers_to_ignore_for_model(network, buffers)  # type: ignore[no-untyped-call]  # torch leaves it untyped
    return DistributedDataParallel(network)


def sum_over(tensor: Tensor) -> Tensor:
    """Return the sum of a tensor over all processes; gradients flow back through it to every process.

    Args:
        tensor: This process's summand, of the same shape and type in all processes.
    """
    if count() == 1:
        return tensor
    summed: Tensor = _Sum.apply(tensor)  # type: ignore[no-untyped-call]  # torch leaves it untyped
    return summed


class _Sum(Function):
    """Sum a tensor over all processes.

    The tensor of each process enters the sum of every process, so its gradient is the sum of all their gradients.
    """

    @staticmethod
    def forward(_: Any, tensor: Tensor) -> Tensor:
        return _summed(tensor)

    @staticmethod
    def backward(_: Any, gradient: Tensor) -> Tensor:
        return _summed(gradient)


def _summed(tensor: Tensor) -> Tensor:
    summed = tensor.clone(memory_format=torch.contiguous_format)
    distributed.all_reduce(summed)
    return summed
