"""One script on many processes: each takes its share of every batch of the same data.

python -m torch.distributed.run --standalone --nproc-per-node 2 script.py
"""

import os

import torch
import torch.distributed as dist


def join() -> torch.device:
    """The device of this process; under torchrun the first call also meets the others."""
    if dist.is_torchelastic_launched() and not dist.is_initialized():
        dist.init_process_group()
    gpu = torch.cuda.is_available()
    return torch.device(f"cuda:{os.environ.get('LOCAL_RANK', 0)}" if gpu else "cpu")


def rank_and_processes():
    return (dist.get_rank(), dist.get_world_size()) if dist.is_initialized() else (0, 1)


def over_processes(total):
    """The tensor, added up over all processes, in each of them."""
    if dist.is_initialized():
        dist.all_reduce(total)
    return total


def from_all(value) -> list:
    """The value of each process, in the order of their ranks."""
    if not dist.is_initialized():
        return [value]
    values = [None] * dist.get_world_size()
    dist.all_gather_object(values, value)
    return values


class Batches:
    """The rows of `tensors`, `size` at a time; drawn anew each epoch if there is a generator.

    Shuffled batches are all whole, so that every step weighs the same: the rows left over have
    another chance in the next epoch. Under torchrun each process takes its share of every batch.
    """

    def __init__(self, tensors, size: int, generator=None):
        self.tensors, self.size, self.generator = tuple(tensors), size, generator
        lengths = [len(t) for t in self.tensors]
        if len(set(lengths)) != 1:
            raise ValueError(f"tensors must have as many rows as each other, got {lengths}")
        self.rows, least = lengths[0], 1 if generator is None else size
        if size < 1 or self.rows < least:
            raise ValueError(f"size must lie in 1..{self.rows}, the number of rows, got {size}")

    def __len__(self):
        return -(-self.rows // self.size) if self.generator is None else self.rows // self.size

    def __iter__(self):
        rank, processes = rank_and_processes()
        order = torch.arange(self.rows)
        if self.generator is not None:
            order = torch.randperm(self.rows, generator=self.generator)
        for k in range(len(self)):
            share = order[k * self.size : (k + 1) * self.size][rank::processes]
            yield tuple(t[share] for t in self.tensors)
