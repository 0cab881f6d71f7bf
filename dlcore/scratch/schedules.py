"""Learning-rate schedules: the factor for the rate at a step, counted from 0.

for step in range(steps):
    optimizer.lr = rate * cosine(step, steps)
"""

import math


def known(step: int):
    if not step >= 0:
        raise ValueError(f"step must not be negative, got {step}")
    return step


def constant(step: int, factor=1.0) -> float:
    """Always the same: f = factor."""
    known(step)
    return float(factor)


def step_decay(step: int, every: int, factor=0.1) -> float:
    """Down by a factor once in a while: f = factor ** (step // every)."""
    if every < 1:
        raise ValueError(f"every must be at least 1, got {every}")
    return float(factor) ** (known(step) // every)


def exponential(step: int, factor: float) -> float:
    """Down by a factor every step: f = factor ** step."""
    return float(factor) ** known(step)


def cosine(step: int, steps: int, floor=0.0) -> float:
    """From 1 to the floor and then there: with s = min(step / steps, 1),

    f = floor + (1 - floor) (1 + cos(π s)) / 2.
    """
    if steps < 1 or not 0 <= floor <= 1:
        got = f"steps={steps}, floor={floor}"
        raise ValueError(f"steps must be >= 1 and floor in [0, 1], got {got}")
    share = min(known(step) / steps, 1.0)
    return floor + (1 - floor) * (1 + math.cos(math.pi * share)) / 2


def warmup_cosine(step: int, warmup: int, steps: int, floor=0.0) -> float:
    """Up to 1, f = (step + 1) / warmup, then down along `cosine`."""
    if not 0 <= warmup < steps:
        got = f"warmup={warmup}, steps={steps}"
        raise ValueError(f"warmup must lie in 0..steps - 1, got {got}")
    if known(step) < warmup:
        return (step + 1) / warmup
    return cosine(step - warmup, steps - warmup, floor)


def inverse_sqrt(step: int, width: int, warmup: int) -> float:
    """The Transformer's rate: r = min(n^-1/2, n · warmup^-3/2) / √width, n = step + 1.

    It climbs in a line for `warmup` steps, then falls like 1 / √n.
    """
    if width < 1 or warmup < 1:
        got = f"width={width}, warmup={warmup}"
        raise ValueError(f"width and warmup must be at least 1, got {got}")
    n = known(step) + 1
    return min(n**-0.5, n * warmup**-1.5) / width**0.5
