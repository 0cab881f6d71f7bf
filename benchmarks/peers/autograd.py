"""HIPS autograd: NumPy code, whose gradient is traced anew in every step."""

import autograd.numpy as np
from autograd import grad, value_and_grad
from autograd.scipy.signal import convolve
from autograd.scipy.special import logsumexp

from benchmarks import inputs


def cross_entropy(logits, labels):
    logits = logits.reshape(-1, logits.shape[-1])
    chosen = logits[np.arange(len(logits)), labels.ravel()]
    return np.mean(logsumexp(logits, axis=1) - chosen)


def sgd(weights, lr):
    def update(grads):
        for w, g in zip(weights, grads):
            w -= lr * g

    return update


def adam(weights, lr, b1=0.9, b2=0.999, eps=1e-8):
    state = [(np.zeros_like(w), np.zeros_like(w)) for w in weights]
    steps = 0

    def update(grads):
        nonlocal steps
        steps += 1
        for w, g, (m, v) in zip(weights, grads, state):
            m[...] = (1 - b1) * g + b1 * m
            v[...] = (1 - b2) * g**2 + b2 * v
            w -= lr * (m / (1 - b1**steps)) / (np.sqrt(v / (1 - b2**steps)) + eps)

    return update


def trained(loss, weights, update):
    gradient = value_and_grad(loss)

    def step():
        value, grads = gradient(weights)
        update(grads)
        return float(value)

    return step


def mlp(optimizer, lr):
    weights, x, y = inputs.mlp()

    def loss(weights):
        w1, b1, w2, b2, w3, b3 = weights
        h = np.maximum(x @ w1.T + b1, 0)
        h = np.maximum(h @ w2.T + b2, 0)
        return cross_entropy(h @ w3.T + b3, y)

    return trained(loss, weights, optimizer(weights, lr))


def mlp_sgd():
    return mlp(sgd, 0.01)


def mlp_adam():
    return mlp(adam, 1e-4)


def conv(x, w, b):
    """Its own convolution, which turns the kernel round; ours does not."""
    x = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)), "constant")
    w = w[:, :, ::-1, ::-1]
    y = convolve(x, w, axes=([2, 3], [2, 3]), dot_axes=([1], [1]), mode="valid")
    return y + b[:, None, None]


def pool(x):
    n, c, i, j = x.shape
    return np.max(np.max(x.reshape(n, c, i // 2, 2, j // 2, 2), axis=5), axis=3)


def cnn():
    weights, x, y = inputs.cnn()

    def loss(weights):
        w1, b1, w2, b2, w3, b3 = weights
        h = pool(np.maximum(conv(x, w1, b1), 0))
        h = pool(np.maximum(conv(h, w2, b2), 0))
        return cross_entropy(h.reshape(len(x), -1) @ w3.T + b3, y)

    return trained(loss, weights, sgd(weights, 0.01))


def sigmoid(x):
    return 0.5 * (np.tanh(0.5 * x) + 1)


def lstm():
    weights, ids = inputs.lstm()

    def loss(weights):
        table, w, u, b, v, a = weights
        gates = table[ids[:, :-1]] @ w.T + b
        h = c = np.zeros((len(ids), u.shape[1]), np.float32)
        states = []
        for t in range(gates.shape[1]):
            i, f, g, o = np.split(gates[:, t] + h @ u.T, 4, axis=1)
            c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
            h = sigmoid(o) * np.tanh(c)
            states.append(h)
        return cross_entropy(np.stack(states, axis=1) @ v.T + a, ids[:, 1:])

    return trained(loss, weights, adam(weights, 1e-4))


def norm(x, scale, shift):
    z = x - np.mean(x, axis=-1, keepdims=True)
    return scale * z / np.sqrt(np.mean(z * z, axis=-1, keepdims=True) + 1e-5) + shift


def gelu(x):
    return 0.5 * x * (1 + np.tanh((2 / np.pi) ** 0.5 * (x + 0.044715 * x * x * x)))


def attention(x, wq, wk, wv, wo, heads, mask):
    n, t, d = x.shape
    q, k, v = (np.swapaxes((x @ w.T).reshape(n, t, heads, -1), 1, 2) for w in (wq, wk, wv))
    scores = np.where(mask, q @ np.swapaxes(k, 2, 3) / (d // heads) ** 0.5, -np.inf)
    weights = np.exp(scores - logsumexp(scores, axis=-1, keepdims=True))
    return np.swapaxes(weights @ v, 1, 2).reshape(n, t, d) @ wo.T


def gpt():
    weights, heads, ids = inputs.gpt()
    mask = np.tri(ids.shape[1] - 1, dtype=bool)

    def loss(weights):
        table, places, blocks, scale, shift = inputs.parts(weights)
        x = table[ids[:, :-1]] + places
        for scale1, shift1, wq, wk, wv, wo, scale2, shift2, w1, b1, w2, b2 in blocks:
            x = x + attention(norm(x, scale1, shift1), wq, wk, wv, wo, heads, mask)
            x = x + gelu(norm(x, scale2, shift2) @ w1.T + b1) @ w2.T + b2
        return cross_entropy(norm(x, scale, shift) @ table.T, ids[:, 1:])

    return trained(loss, weights, adam(weights, 1e-4))


def scalars():
    def chain(y):
        for _ in range(50_000):
            y = y * 0.9999 + 0.0001
        return y

    gradient = grad(chain)
    return lambda: float(gradient(1.0))
