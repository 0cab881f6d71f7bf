"""The multilayer perceptron with backpropagation written out."""

import numpy as np

from dlcore.scratch import activations as act
from dlcore.scratch.init import he_normal, xavier_normal, zeros
from dlcore.scratch.linear import linear

ACTIVATIONS = {
    "tanh": (act.tanh, act.tanh_vjp),
    "relu": (act.relu, act.relu_vjp),
    "sigmoid": (act.sigmoid, act.sigmoid_vjp),
    "identity": (lambda z: z, lambda dy, a, z: dy),
}


class MLP:
    """Layers zˡ = Wˡ aˡ⁻¹ + bˡ, aˡ = σ(zˡ), a⁰ = x; the logits are zᴸ, no σ.

    `sizes` are the widths from input to output, `params` [w1, b1, w2, b2, …].
    """

    def __init__(self, sizes, activation: str, rng, dtype=np.float32):
        if len(sizes) < 2:
            raise ValueError(f"sizes must be input, ..., output, got {sizes}")
        if activation not in ACTIVATIONS:
            rule = f"activation must be one of {[*ACTIVATIONS]}"
            raise ValueError(f"{rule}, got {activation!r}")
        self.sigma, self.sigma_vjp = ACTIVATIONS[activation]
        weights = he_normal if activation == "relu" else xavier_normal
        self.params = []
        for inputs, outputs in zip(sizes, sizes[1:]):
            self.params.append(weights((outputs, inputs), rng, dtype))
            self.params.append(zeros(outputs, rng, dtype))
        self.depth = len(sizes) - 1
        self.z, self.a = [None], [None]

    def layer(self, l: int):
        """Wˡ and bˡ; the layers are counted from 1, as in the equations."""
        return self.params[2 * l - 2 : 2 * l]

    def forward(self, x):
        """The logits (n, k) of x (n, d); keeps zˡ and aˡ for `backward`."""
        if np.ndim(x) != 2:
            raise ValueError(f"x must be (n, d), got shape {np.shape(x)}")
        self.z, self.a = [None], [np.asarray(x)]  # layer 0 is the input
        for l in range(1, self.depth + 1):
            self.z.append(linear(self.a[l - 1], *self.layer(l)))
            if l < self.depth:
                self.a.append(self.sigma(self.z[l]))
        return self.z[-1]

    def backward(self, dlogits):
        """The gradients of `params`, by four equations:

        δᴸ = ∂L/∂zᴸ, given                  δˡ = (δˡ⁺¹ Wˡ⁺¹) ⊙ σ'(zˡ)
        ∂L/∂Wˡ = (δˡ)ᵀ aˡ⁻¹                  ∂L/∂bˡ = Σₙ δˡ
        """
        if np.shape(dlogits) != np.shape(self.z[-1]):
            shapes = f"{np.shape(self.z[-1])}, got {np.shape(dlogits)}"
            raise ValueError(f"dlogits must be shaped as the logits, {shapes}")
        delta, grads = dlogits, []
        for l in range(self.depth, 0, -1):
            w, _ = self.layer(l)
            grads = [delta.T @ self.a[l - 1], delta.sum(axis=0), *grads]
            if l > 1:  # σ_vjp multiplies by σ'(z)
                delta = self.sigma_vjp(delta @ w, self.a[l - 1], self.z[l - 1])
        return grads
