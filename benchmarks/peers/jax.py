"""JAX: the whole step, gradient and update, is one compiled function."""

from functools import partial

import jax
import jax.numpy as jnp
from jax import lax

from benchmarks import inputs


def cross_entropy(logits, labels):
    logp = jax.nn.log_softmax(logits)
    return -jnp.mean(jnp.take_along_axis(logp, labels[..., None], axis=-1))


def sgd(lr):
    def update(weights, grads, state):
        return jax.tree.map(lambda w, g: w - lr * g, weights, grads), state

    return update, lambda weights: ()


def adam(lr, b1=0.9, b2=0.999, eps=1e-8):
    def update(weights, grads, state):
        steps, m, v = state
        steps = steps + 1
        m = jax.tree.map(lambda m, g: b1 * m + (1 - b1) * g, m, grads)
        v = jax.tree.map(lambda v, g: b2 * v + (1 - b2) * g * g, v, grads)

        def moved(w, m, v):
            return w - lr * (m / (1 - b1**steps)) / (jnp.sqrt(v / (1 - b2**steps)) + eps)

        return jax.tree.map(moved, weights, m, v), (steps, m, v)

    def start(weights):
        zeros = jax.tree.map(jnp.zeros_like, weights)
        return jnp.zeros(()), zeros, jax.tree.map(jnp.zeros_like, weights)

    return update, start


def trained(loss, weights, optimizer, *batch):
    """One jitted step; weights and state are donated, so that they are changed in place."""
    update, start = optimizer
    weights, batch = jax.tree.map(jnp.array, (weights, batch))
    held = weights, start(weights)

    @partial(jax.jit, donate_argnums=0)
    def compiled(held, batch):
        weights, state = held
        value, grads = jax.value_and_grad(loss)(weights, *batch)
        return update(weights, grads, state), value

    def step():
        nonlocal held
        held, value = compiled(held, batch)
        return float(value)

    return step


def mlp_loss(weights, x, y):
    w1, b1, w2, b2, w3, b3 = weights
    h = jax.nn.relu(x @ w1.T + b1)
    h = jax.nn.relu(h @ w2.T + b2)
    return cross_entropy(h @ w3.T + b3, y)


def mlp_sgd():
    weights, x, y = inputs.mlp()
    return trained(mlp_loss, weights, sgd(0.01), x, y)


def mlp_adam():
    weights, x, y = inputs.mlp()
    return trained(mlp_loss, weights, adam(1e-4), x, y)


def conv_pool(x, w, b):
    h = jax.nn.relu(lax.conv(x, w, (1, 1), "SAME") + b[:, None, None])
    return lax.reduce_window(h, -jnp.inf, lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")


def cnn_loss(weights, x, y):
    w1, b1, w2, b2, w3, b3 = weights
    h = conv_pool(conv_pool(x, w1, b1), w2, b2)
    return cross_entropy(h.reshape(len(x), -1) @ w3.T + b3, y)


def cnn():
    weights, x, y = inputs.cnn()
    return trained(cnn_loss, weights, sgd(0.01), x, y)


def lstm_loss(weights, ids):
    table, w, u, b, v, a = weights

    def cell(carry, gates):
        h, c = carry
        i, f, g, o = jnp.split(gates + h @ u.T, 4, axis=1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        h = jax.nn.sigmoid(o) * jnp.tanh(c)
        return (h, c), h

    gates = table[ids[:, :-1]] @ w.T + b
    zero = jnp.zeros((len(ids), u.shape[1]))
    _, states = lax.scan(cell, (zero, zero), gates.swapaxes(0, 1))
    return cross_entropy(states.swapaxes(0, 1) @ v.T + a, ids[:, 1:])


def lstm():
    weights, ids = inputs.lstm()
    return trained(lstm_loss, weights, adam(1e-4), ids)


def norm(x, scale, shift):
    return scale * jax.nn.standardize(x, epsilon=1e-5) + shift


def gpt():
    weights, heads, ids = inputs.gpt()

    def loss(weights, ids):
        table, places, blocks, scale, shift = inputs.parts(weights)
        x = table[ids[:, :-1]] + places
        for scale1, shift1, wq, wk, wv, wo, scale2, shift2, w1, b1, w2, b2 in blocks:
            h = norm(x, scale1, shift1)
            q, k, v = ((h @ w.T).reshape(*h.shape[:2], heads, -1) for w in (wq, wk, wv))
            h = jax.nn.dot_product_attention(q, k, v, is_causal=True)
            x = x + h.reshape(x.shape) @ wo.T
            x = x + jax.nn.gelu(norm(x, scale2, shift2) @ w1.T + b1) @ w2.T + b2
        return cross_entropy(norm(x, scale, shift) @ table.T, ids[:, 1:])

    return trained(loss, weights, adam(1e-4), ids)
