"""A small convolutional network on the engine, for images such as handwritten digits."""

import numpy as np

from dlcore.scratch.activations import relu, relu_vjp
from dlcore.scratch.autodiff import primitive
from dlcore.scratch.convolution import conv2d, conv2d_vjp
from dlcore.scratch.init import he_normal, zeros
from dlcore.scratch.linear import linear, linear_vjp
from dlcore.scratch.losses import cross_entropy, cross_entropy_vjp
from dlcore.scratch.module import Module, parameter
from dlcore.scratch.pooling import max_pool2d, max_pool2d_vjp

CONV = primitive(conv2d, conv2d_vjp)
RELU = primitive(relu, relu_vjp)
POOL = primitive(max_pool2d, max_pool2d_vjp)
LINEAR = primitive(linear, linear_vjp)
LOSS = primitive(cross_entropy, cross_entropy_vjp)


class CNN(Module):
    """Twice 3 × 3 convolution, ReLU and 2 × 2 pooling, then a linear layer.

    For 28 × 28 pixels and ten classes it has 50,186 parameters.
    """

    def __init__(self, side: int, classes: int, rng, inputs=1, channels=(32, 64)):
        if side < 4:
            raise ValueError(f"side must be at least 4, to be halved twice, got {side}")
        first, second = channels
        self.inputs, self.side = inputs, side
        self.w1 = parameter(he_normal((first, inputs, 3, 3), rng))
        self.b1 = parameter(zeros(first))
        self.w2 = parameter(he_normal((second, first, 3, 3), rng))
        self.b2 = parameter(zeros(second))
        self.w3 = parameter(he_normal((classes, second * (side // 4) ** 2), rng))
        self.b3 = parameter(zeros(classes))

    def forward(self, x):
        """Scores (n, classes) for images (n, inputs, side, side)."""
        wanted = self.inputs, self.side, self.side
        if np.shape(x)[1:] != wanted:
            raise ValueError(f"x must be (n, {', '.join(map(str, wanted))}), got {np.shape(x)}")
        h = POOL(RELU(CONV(x, self.w1, self.b1, padding=1)), size=2)
        h = POOL(RELU(CONV(h, self.w2, self.b2, padding=1)), size=2)
        return LINEAR(h.reshape(len(x), -1), self.w3, self.b3)

    def loss(self, x, labels):
        """Mean surprisal of the labels (n)."""
        return LOSS(self(x), labels)
