"""The training loop: batches, steps, a rate that follows a schedule, and when to stop."""

import numpy as np

from dlcore.scratch.autodiff import no_grad
from dlcore.scratch.module import Module
from dlcore.scratch.optim import clip_by_norm
from dlcore.scratch.regularize import EarlyStopping


class Diverged(ValueError):
    """A number of the training is not finite; the parameters have their last finite values."""


class Batches:
    """The rows of `arrays`, `size` at a time; whole batches in a new order each time, if by rng."""

    def __init__(self, arrays, size: int, rng=None):
        self.arrays, self.size, self.rng = arrays, size, rng
        lengths = [len(a) for a in arrays]
        self.rows, least = lengths[0], 1 if rng is None else size
        if len(set(lengths)) != 1 or size < 1 or self.rows < least:
            rule = f"arrays must have equally many rows, in batches of size={size}"
            raise ValueError(f"{rule}, got {lengths}")

    def __iter__(self):
        order = np.arange(self.rows) if self.rng is None else self.rng.permutation(self.rows)
        end = self.rows if self.rng is None else self.rows - self.size + 1
        for start in range(0, end, self.size):
            yield tuple(a[order[start : start + self.size]] for a in self.arrays)


def loss_and_grads(model, loss, batch):
    """The loss, a number, and the gradients of all parameters.

    By the engine, unless the loss of an explicit model returns both.
    """
    value = loss(model, *batch)
    if isinstance(value, tuple):
        return value
    value.backward()
    return value.item(), model.take_grads()


def first_not_finite(named):
    """The name of the first array with a NaN or an infinity in it, or None."""
    return next((name for name, a in named if not np.isfinite(a).all()), None)


def step(model, loss, batch, optimizer, clip=None) -> float:
    """One change of the optimizer's parameters; returns the loss before it."""
    params, number = optimizer.params, optimizer.steps + 1
    before = [p.copy() for p in params]
    names = (
        [n for n, _ in model.named_parameters()]
        if isinstance(model, Module)
        else range(len(params))
    )
    with np.errstate(all="ignore"):  # what is not finite gets its name here
        value, grads = loss_and_grads(model, loss, batch)
        slopes = zip((f"the gradient of {n}" for n in names), grads)
        bad = first_not_finite([("the loss", value), *slopes])
        if bad is None:
            if clip is not None:
                clip_by_norm(grads, clip)
            optimizer.step(grads)
            bad = first_not_finite(zip((f"the parameter {n}" for n in names), params))
    if bad is not None:
        put(before, params)
        raise Diverged(f"training diverged at step {number}: {bad} is not finite")
    return value


def put(values, params):
    for p, value in zip(params, values, strict=True):
        p[...] = value


def evaluate(model, loss, batches) -> float:
    """The mean loss over all rows of the batches."""
    total = rows = 0
    with no_grad():
        for batch in batches:
            value = loss(model, *batch)
            value = value[0] if isinstance(value, tuple) else value.item()
            total, rows = total + value * len(batch[0]), rows + len(batch[0])
    return total / rows


def fit(
    model, loss, batches, optimizer, epochs, schedule=None, clip=None, validation=None, patience=1
) -> dict:
    """Train so that loss(model, *batch) falls; returns the history.

    `schedule` maps the step, counted from 0, to a factor of the rate. With `validation`, batches
    too, stop after `patience` epochs without a better loss, and put the best parameters back.
    """
    history, base = {"step": [], "loss": [], "rate": [], "validation": []}, optimizer.lr
    stopping = EarlyStopping(patience)
    for _ in range(epochs):
        for batch in batches:
            optimizer.lr = base * (schedule(len(history["step"])) if schedule else 1.0)
            history["loss"].append(step(model, loss, batch, optimizer, clip))
            history["rate"].append(optimizer.lr)
            history["step"].append(len(history["loss"]))
        if validation is not None:
            history["validation"].append(evaluate(model, loss, validation))
            if stopping.update(history["validation"][-1], optimizer.params):
                break
    if stopping.best is not None:
        put(stopping.best, optimizer.params)
    optimizer.lr = base
    return history
