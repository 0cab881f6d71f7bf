"""Activation functions and their derivatives."""

import numpy as np


def sigmoid(x):
    """The softmax of two classes with scores x and 0, :eq:`eq-sigmoid`.

    Shapes: ()->()
    """
    return 0.5 * (1 + np.tanh(0.5 * np.asarray(x)))  # tanh never overflows, exp(-x) does


def sigmoid_vjp(dy, y, x):
    """The derivative y (1 - y), largest at x = 0, where it is a quarter.

    Shapes: (),(),()->()
    """
    return dy * y * (1 - y)
