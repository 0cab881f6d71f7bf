"""micrograd: one Python object a number."""

import sys

from micrograd.engine import Value


def scalars():
    sys.setrecursionlimit(1_000_000)  # it orders the graph by recursion, 100,000 calls deep

    def step():
        x = y = Value(1.0)
        for _ in range(50_000):
            y = y * 0.9999 + 0.0001
        y.backward()
        return x.grad

    return step
