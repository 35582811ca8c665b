"""Let the processes that torchrun started train one network together; without torchrun there is one process."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import torch
from torch import Tensor, distributed, nn
from torch.autograd import Function
from torch.nn.parallel import DistributedDataParallel

from cgcnn.errors import DataError, ToldElsewhereError

_Made = TypeVar("_Made")
# More processes than this share no batch of any sense.
_MOST_PROCESSES = 10_000
_WITH_TORCHRUN = "start the processes with torchrun, or unset WORLD_SIZE"
# What one process can do wrong and tell the others. All else is a bug, which ends its process.
_Errors = (DataError, OSError)
# What Gloo and NCCL say when the process at the other end has gone.
_LOST = re.compile(
    r"Connection (closed|reset)|closed by peer|Broken pipe|Timed out|remote process exited", re.IGNORECASE
)


def count() -> int:
    """Return the number of processes that train together, which is 1 outside :func:`joined`."""
    return distributed.get_world_size() if distributed.is_initialized() else 1


def rank() -> int:
    """Return the number of this process, from 0 to ``count() - 1``; process 0 writes files and messages."""
    return distributed.get_rank() if distributed.is_initialized() else 0


def asked() -> int:
    """Return the number of processes that the environment asks for, as torchrun sets it.

    Raises:
        DataError: A variable of several processes is missing, no whole number, or out of its bounds.
    """
    if os.environ.get("WORLD_SIZE", "1") == "1":
        return 1
    size = _variable("WORLD_SIZE", 1, _MOST_PROCESSES)
    _variable("RANK", 0, size - 1)
    _variable("MASTER_PORT", 1, 65535)
    if "LOCAL_RANK" in os.environ or torch.cuda.is_available():
        _variable("LOCAL_RANK", 0, size - 1)
    if not os.environ.get("MASTER_ADDR"):
        raise DataError("the environment asks for several processes, and its MASTER_ADDR is missing", _WITH_TORCHRUN)
    return size


def _variable(name: str, lowest: int, highest: int) -> int:
    text = os.environ.get(name)
    if text is None:
        raise DataError(f"the environment asks for several processes, and its {name} is missing", _WITH_TORCHRUN)
    if not (text.isascii() and text.isdigit() and lowest <= int(text[:20]) <= highest):
        raise DataError(f"the environment's {name} is {text!r}, not from {lowest} to {highest}", _WITH_TORCHRUN)
    return int(text)


@contextmanager
def joined(device: str = "auto") -> Iterator[None]:
    """Connect the processes that torchrun started, and disconnect them at the end; do nothing without torchrun.

    Args:
        device: The device of the network, as for :func:`cgcnn.machine.devices.resolve_device`. Where it is a GPU, NCCL
            connects the GPUs of the processes, and each takes the GPU of its own number. Gloo connects the processes.

    Raises:
        DataError: Another process has ended, and so this one cannot go on; or the environment is not one of torchrun;
            or the processes cannot have a GPU each.
    """
    if asked() == 1 or distributed.is_initialized():
        yield
        return
    on_gpu = device != "cpu" and torch.cuda.is_available()
    if on_gpu:
        _take_own_gpu(device)
    distributed.init_process_group("cpu:gloo,cuda:nccl" if on_gpu else "gloo")
    try:
        yield
    except RuntimeError as error:
        if not _LOST.search(str(error)):
            raise
        raise DataError(
            f"process {rank()}: another process of this training has ended", "see its message, and begin again"
        ) from error
    finally:
        distributed.destroy_process_group()


def _take_own_gpu(device: str) -> None:
    """Let this process compute on the GPU that has its own number on this host.

    Raises:
        DataError: One GPU is named for all processes, or this host has fewer GPUs than processes.
    """
    if ":" in device:
        raise DataError(f"device={device!r}: each of several processes takes a GPU of its own", "give 'cuda' or 'auto'")
    number, n_gpus = int(os.environ["LOCAL_RANK"]), torch.cuda.device_count()
    if number >= n_gpus:
        raise DataError(
            f"process {number} of this host has no GPU of its own: there are {n_gpus}",
            f"start {n_gpus} processes per host, or give device 'cpu'",
        )
    torch.cuda.set_device(number)


@contextmanager
def together() -> Iterator[None]:
    """Raise in all processes the error that one of them has in the body, so that none waits for another.

    Process 0 raises the error itself. The others raise it as one that is told by process 0, so that it is told once.

    Raises:
        DataError: The body has raised a DataError or an OSError in a process, that of the lowest number.
    """
    mine: DataError | OSError | None = None
    try:
        yield
    except _Errors as error:
        if count() == 1:
            raise
        mine = error
    errors = [each for each in gathered(mine) if each is not None]
    if errors:
        raise mine if mine and rank() == 0 else _told(errors[0])


def from_first(make: Callable[[], _Made]) -> _Made:
    """Return what process 0 makes, in all processes.

    Args:
        make: The function that makes it, which runs in process 0 alone. Its result is sent to the others.

    Raises:
        DataError: The function has raised a DataError or an OSError.
    """
    if count() == 1:
        return make()
    made: list[Any] = [None, None]
    mine: DataError | OSError | None = None
    if rank() == 0:
        try:
            made[0] = make()
        except _Errors as error:
            made[1] = mine = error
    distributed.broadcast_object_list(made)
    if made[1] is not None:
        raise mine or _told(made[1])
    result: _Made = made[0]
    return result


def _told(error: DataError | OSError) -> DataError | OSError:
    """Return the error of another process as this process raises it: process 0 tells what all others leave to it."""
    if rank() == 0:
        return error
    return (
        ToldElsewhereError(*error.args)
        if isinstance(error, DataError)
        else ToldElsewhereError(str(error), "see process 0")
    )


def gathered(mine: _Made) -> list[_Made]:
    """Return what each process has, in the order of their numbers.

    Args:
        mine: What this process has; it must be possible to send it.
    """
    if count() == 1:
        return [mine]
    found: list[Any] = [None] * count()
    distributed.all_gather_object(found, mine)
    return found


def highest(number: int) -> int:
    """Return the highest of the numbers that the processes have.

    Args:
        number: The number of this process.
    """
    if count() == 1:
        return number
    shared_number = torch.tensor(number)
    distributed.all_reduce(shared_number, distributed.ReduceOp.MAX)
    return int(shared_number)


@contextmanager
def first_alone() -> Iterator[None]:
    """Let process 0 run the body before all others, so that they find the files that it writes.

    Raises:
        DataError: The body has raised a DataError or an OSError in a process, as for :func:`together`.
    """
    with together():
        if rank() > 0 and highest(0):
            raise DataError("process 0 could not do its part", "see its message")
        try:
            yield
        except _Errors:
            if rank() == 0:
                highest(1)
            raise
        if rank() == 0:
            highest(0)


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
