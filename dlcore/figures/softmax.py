"""Pictures of softmax, log-sum-exp and the information measures."""

import numpy as np

from dlcore.figures.page import BLUE, GREEN, ORANGE, Page, explorable, legend, new_axes
from dlcore.scratch.losses import entropy
from dlcore.scratch.softmax import logsumexp, softmax


def temperature_bars(scores, names, temperatures=(0.3, 1, 3), axes=None):
    """The softmax of the same scores (k) at each temperature, as bars; returns the axes."""
    axes = axes if axes is not None else new_axes(6.5, 2.6, columns=len(temperatures))
    for ax, temperature in zip(axes, temperatures, strict=True):
        p = softmax(np.asarray(scores, float), temperature)
        ax.bar(names, p)
        ax.set(ylim=(0, 1), title=f"τ = {temperature}")
    axes[0].set_ylabel("probability")
    return axes


def temperature(scores, names, caption="") -> Page:
    """Sliders for every score (k) and the temperature; bars and entropy answer in the page."""
    scores = np.asarray(scores, float)
    if scores.shape != (len(names),):
        raise ValueError(f"scores must be one a name, got {scores.shape} for {len(names)} names")
    return explorable(
        "temperature",
        {"scores": scores.tolist(), "names": list(names)},
        still=temperature_bars(scores, names)[0],
        alt=f"Sliders for the scores of {', '.join(names)} and for the temperature, "
        "with the softmax probabilities as bars.",
        caption=caption,
    )


def bounds(ax=None):
    """Log-sum-exp of (o, 0) between max(o, 0) and max(o, 0) + log 2, over the score o."""
    ax = ax or new_axes(6, 2.9)
    o = np.linspace(-5, 5, 201)
    pairs = np.stack([o, np.zeros_like(o)], axis=1)
    top = pairs.max(axis=1)
    ax.fill_between(o, top, top + np.log(2), alpha=0.25, color=BLUE, label="the bounds")
    ax.plot(o, top, "--", color=ORANGE, label="max(o, 0)")
    ax.plot(o, logsumexp(pairs), color=BLUE, label="log-sum-exp of (o, 0)")
    ax.set(xlabel="score o, with the other score at 0", ylabel="value")
    return legend(ax)


def surprisal(ax=None):
    """The surprisal -log p of an event, over its probability p."""
    ax = ax or new_axes(6, 2.6)
    p = np.linspace(0.01, 1, 199)
    ax.plot(p, -np.log(p), color=BLUE)
    ax.set(xlabel="probability of what happened", ylabel="surprisal (nats)", ylim=(0, 4.7))
    return ax


def divergence(p=0.3, ax=None):
    """Cross-entropy of a coin (p, 1 - p) over the belief q, above its entropy by KL(p, q)."""
    ax = ax or new_axes(6, 2.9)
    q = np.linspace(0.01, 0.99, 197)
    own = entropy(np.array([p, 1 - p]))
    cross = -p * np.log(q) - (1 - p) * np.log(1 - q)
    ax.plot(q, cross, color=BLUE, label="cross-entropy H(p, q)")
    ax.axhline(own, color=ORANGE, ls="--", label=f"entropy H(p) = {own:.2f}")
    ax.fill_between(q, own, cross, alpha=0.25, color=BLUE, label="the gap is KL(p, q)")
    ax.set(xlabel=f"belief q, when the truth is p = {p}", ylabel="nats", ylim=(0, 3))
    return legend(ax, loc="upper center")


def surrogate_losses(ax=None):
    """Zero-one, squared and cross-entropy loss over the margin of the true class (k = 2)."""
    ax = ax or new_axes(6, 2.9)
    margin = np.linspace(-3, 3, 601)
    scores = np.stack([margin, np.zeros_like(margin)], axis=1)
    ax.step(margin, margin < 0, color=ORANGE, label="zero-one")
    ax.plot(
        margin, (logsumexp(scores) - margin) / np.log(2), color=BLUE, label="cross-entropy, in bits"
    )
    ax.plot(margin, (1 - margin) ** 2, ":", color=GREEN, label="squared error to the score 1")
    ax.set(xlabel="score of the true class minus the other", ylabel="loss", ylim=(0, 4))
    return legend(ax, loc="lower center", bbox_to_anchor=(0.5, 1), ncols=3)  # above the curves
