"""The weights and the batch of each workload as NumPy arrays: every peer starts from these.

They are drawn as in workloads.py. If the two ever differ, the losses do, and nothing is timed.
"""

import numpy as np

from benchmarks.workloads import batch
from dlcore.scratch.gpt import GPT
from dlcore.scratch.mlp import MLP


def mlp():
    """Six arrays w1, b1, …; images (128, 784) and labels."""
    model = MLP((784, 256, 128, 10), "relu", np.random.default_rng(1))
    return model.params, *batch(784, 10)[0]


def cnn():
    """Six arrays w1, b1, …; images (64, 1, 28, 28) and labels."""
    rng = np.random.default_rng(1)
    shapes = (32, 1, 3, 3), (32,), (64, 32, 3, 3), (64,), (10, 3136), (10,)
    weights = [(0.05 * rng.normal(size=shape)).astype(np.float32) for shape in shapes]
    return weights, rng.normal(size=(64, 1, 28, 28)).astype(np.float32), rng.integers(0, 10, 64)


def lstm():
    """The table, w, u and b of the four gates i, f, g, o, the output layer's w and b; tokens."""
    rng = np.random.default_rng(1)
    shapes = (96, 64), (512, 64), (512, 128), (512,), (96, 128), (96,)
    weights = [(0.1 * rng.normal(size=shape)).astype(np.float32) for shape in shapes]
    return weights, rng.integers(0, 96, (32, 65))


def gpt():
    """The arrays of dlcore's GPT in the order of `parts`, its number of heads; tokens."""
    model = GPT(96, 128, 128, heads=4, layers=2, rng=np.random.default_rng(1))
    return model.arrays(), 4, np.random.default_rng(0).integers(0, 96, (16, 129))


def parts(weights):
    """The table, the places, a list of the 12 arrays of each block, and the last norm's two."""
    table, places, *blocks, scale, shift = weights
    return table, places, [blocks[i : i + 12] for i in range(0, len(blocks), 12)], scale, shift
