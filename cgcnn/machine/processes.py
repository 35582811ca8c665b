"""Several processes that train one network together, as torchrun starts them; one process otherwise."""

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
    """Return how many processes train together: 1 outside :func:`joined`."""
    return distributed.get_world_size() if distributed.is_initialized() else 1


def rank() -> int:
    """Return this process's number, 0 to ``count() - 1``; number 0 writes files and messages."""
    return distributed.get_rank() if distributed.is_initialized() else 0


@contextmanager
def joined(device: str = "auto") -> Iterator[None]:
    """Join the processes that torchrun started, where it did, and leave them at the end.

    Args:
        device: Where the network will be: NCCL connects GPUs, Gloo everything else.
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
    """Let process 0 do the body before all others: what it writes is there when they look for it."""
    if count() > 1 and rank() > 0:
        distributed.barrier()
    yield
    if count() > 1 and rank() == 0:
        distributed.barrier()


def shared(network: nn.Module) -> nn.Module:
    """Return the network, wrapped so that a backward pass gives every process the mean of all gradients.

    The network's buffers are left alone: the processes compute them together, so that they are equal everywhere.
    """
    if count() == 1:
        return network
    # torch broadcasts the buffers at every step unless they are named here; the argument for it has changed its name.
    buffers = [name for name, _ in network.named_buffers()]
    DistributedDataParallel._set_params_and_buffers_to_ignore_for_model(network, buffers)  # type: ignore[no-untyped-call]  # torch leaves it untyped
    return DistributedDataParallel(network)


def sum_over(tensor: Tensor) -> Tensor:
    """Return the sum of all processes' tensors, through which gradients flow back to each of them."""
    if count() == 1:
        return tensor
    summed: Tensor = _Sum.apply(tensor)  # type: ignore[no-untyped-call]  # torch leaves it untyped
    return summed


class _Sum(Function):
    """The sum of all processes' tensors. Each of them enters every process's sum, and so does each gradient."""

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
