"""Pictures of signals in deep nets: how large they are layer by layer, and what a start keeps."""

import numpy as np

from dlcore.figures.page import BLUE, COLOURS, ORANGE, Page, explorable, legend, new_axes
from dlcore.scratch.linear import linear, linear_vjp
from dlcore.scratch.mlp import ACTIVATIONS

EXAMPLES = 32


def draws(seed: int, start: int, shape):
    """Numbers `start`, start + 1, … of a seed, uniform with mean 0 and variance 1.

    Mulberry32, a generator so small that the page has it too and draws the same bits.
    """
    k = np.arange(start + 1, start + 1 + np.prod(shape), dtype=np.uint64)
    c = np.uint64(seed * 0x9E3779B9 % 2**32) + k * np.uint64(0x6D2B79F5)
    c = c.astype(np.uint32)
    t = (c ^ c >> 15) * (c | 1)
    t ^= t + (t ^ t >> 7) * (t | 61)
    return 3**0.5 * (2 * ((t ^ t >> 14) / 2**32) - 1).reshape(shape)


def start(width, depth, gain, kind="independent", seed=0):
    """Examples (n, d), a cotangent of their answers (n, d) and square weights, as in the page."""
    x, dy = draws(seed, 0, (2, EXAMPLES, width))
    raw = draws(seed, 2 * EXAMPLES * width, (depth, width, width))
    if kind == "independent":
        return x, dy, gain / width**0.5 * raw
    q, r = np.linalg.qr(raw.mT)
    return x, dy, gain * (q * np.sign(np.diagonal(r, axis1=1, axis2=2))[:, None]).mT


def signals(x, dy, weights, activation: str):
    """The activations a⁰ … aᴸ of a net without biases, and their cotangents, given the last."""
    sigma, sigma_vjp = ACTIVATIONS[activation]
    a, z = [x], []
    for w in weights:
        z.append(linear(a[-1], w, np.zeros(len(w))))
        a.append(sigma(z[-1]))
    back = [dy]
    for l in range(len(weights), 0, -1):
        delta = sigma_vjp(back[0], a[l], z[l - 1])
        back.insert(0, linear_vjp(delta, z[l - 1], a[l - 1], weights[l - 1], 0.0)[0])
    return a, back


def rms(arrays):
    """The root mean square of each array."""
    return np.array([np.sqrt(np.mean(np.square(a))) for a in arrays])


def by_layer(curves: dict, ax=None, label="root mean square"):
    """Curves of positive numbers over the layer, on a logarithmic axis, by name."""
    ax = ax or new_axes(6, 3)
    for (name, values), colour in zip(curves.items(), COLOURS):
        ax.semilogy(values, label=name, color=colour, lw=1.8)
    ax.set(xlabel="layer", ylabel=label)
    return legend(ax)


def signal(activation="relu", gain=1.0, depth=30, width=64, caption="") -> Page:
    """A deep net at its start, computed in the page: activations up, gradients down."""
    begin = {"activation": activation, "gain": gain, "depth": depth, "width": width}
    a, back = signals(*start(width, depth, gain), activation)
    still = by_layer({"activations": rms(a), "gradients": rms(back)})
    alt = "A deep net at its start: the size of its activations and gradients layer by layer."
    data = {"examples": EXAMPLES, "start": begin | {"weights": "independent", "seed": 0}}
    return explorable("signal", data, still, alt, caption)


def spectra(products: dict, axes=None):
    """Singular values of products of matrices, {title: {depth: values}}: a panel a title."""
    axes = axes if axes is not None else new_axes(6.6, 3, columns=len(products))
    for ax, (title, found) in zip(axes, products.items(), strict=True):
        for depth, values in found.items():
            ax.semilogy(np.sort(values)[::-1], label=f"{depth}", lw=1.6)
        ax.set(title=title, xlabel="number of the singular value", ylim=(1e-9, 1e3))
    axes[0].set_ylabel("singular value")
    return legend(axes[0], title="factors", fontsize=9)


def twins(first, second, ax=None):
    """Two runs of weights (steps, units) of one feature: from equal and from random units."""
    axes = ax if ax is not None else new_axes(6.6, 2.6, columns=2)
    for panel, runs, colour, title in zip(
        axes,
        (first, second),
        (BLUE, ORANGE),
        ("equal at the start", "drawn at random"),
        strict=True,
    ):
        panel.plot(runs, color=colour, lw=1.6)
        panel.set(xlabel="step", title=title)
    axes[0].set_ylabel("first weight of each unit")
    return axes[0]
