"""Threshold unit, perceptron, and the bound on the mistakes of the latter."""

import numpy as np

from dlcore.scratch.activations import step


def threshold_unit(x, weights, threshold):
    """McCulloch and Pitts, 1 or 0: does it fire? :eq:`eq-threshold-unit`.

    Shapes: (n,d),(d),()->(n)
    """
    return (np.asarray(x) @ np.asarray(weights) >= threshold).astype(int)


class Perceptron:
    """Rosenblatt's neuron, ŷ = step(w · x + b), :eq:`eq-perceptron`.

    Weights w (features) and bias b start at zero: from there a learning
    rate would scale both and change no decision, so there is none.
    """

    def __init__(self, features: int):
        self.w, self.b = np.zeros(features), 0.0

    def predict(self, x):
        return step(np.asarray(x) @ self.w + self.b).astype(int)

    def fit(self, x, labels, epochs: int):
        """Rosenblatt's rule for each example, :eq:`eq-perceptron-rule`.

        Returns the mistakes of each epoch; an epoch without any is the last.
        """
        x, labels = binary_examples(x, labels, self.w)
        mistakes = []
        for _ in range(epochs):
            mistakes.append(0)
            for example, y in zip(x, labels):
                error = y - self.predict(example)
                self.w += error * example
                self.b += error
                mistakes[-1] += int(error != 0)
            if mistakes[-1] == 0:
                break
        return mistakes


def margin(x, labels, w, b):
    """The least signed distance γ of an example, :eq:`eq-margin`.

    Shapes: (n,d),(n),(d),()->()

    Distances from the plane are those of (x, 1): the bias is the weight of one
    more coordinate, always 1. Negative is the wrong side.
    """
    x, labels = binary_examples(x, labels, w)
    length = np.hypot(np.linalg.norm(w), b)
    if length == 0:
        raise ValueError("w and b must not all be zero")
    return ((2 * labels - 1) * (x @ w + b)).min() / length


def mistake_bound(x, labels, w, b):
    """Novikoff: mistakes from zero ≤ (R/γ)², with R = max ‖(x, 1)‖.

    Shapes: (n,d),(n),(d),()->()

    γ is the margin of any w and b; inf, no bound, if they do not separate.
    """
    gamma = margin(x, labels, w, b)
    if gamma <= 0:
        return np.inf
    return (np.square(x, dtype=float).sum(axis=1) + 1).max() / gamma**2


def binary_examples(x, labels, w):
    """x and labels as arrays, if x fits w and each label is 0 or 1.

    Shapes: (n,d),(n),(d)->(n,d),(n)
    """
    x, labels, d = np.asarray(x), np.asarray(labels), len(w)
    if x.ndim != 2 or x.shape[1] != d or labels.shape != x.shape[:1]:
        got = f"got {x.shape}, {labels.shape}"
        raise ValueError(f"x, labels must be (n, {d}), (n), {got}")
    wrong = (labels != 0) & (labels != 1)
    if wrong.any():
        raise ValueError(f"labels must be 0 or 1, got {labels[wrong][0]}")
    return x, labels.astype(int)
