"""Pictures of linear classifiers: regions, weights, confusion, mistakes, training."""

import numpy as np

from dlcore.figures.page import BLUE, COLOURS, ORANGE, Page, explorable, legend, new_axes
from dlcore.scratch.linear import linear
from dlcore.scratch.softmax import softmax

MARKERS = "os^Dv*"


def regions(x, labels, scores, reach=4.0, ax=None):
    """Points (n,2) over the probabilities of `scores`, a function from points to (m,k)."""
    ax = ax or new_axes(3.4, 3.2)
    side = np.linspace(-reach, reach, 201)
    grid = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    p = softmax(scores(grid))
    colours = np.array([[int(c[i : i + 2], 16) / 255 for i in (1, 3, 5)] for c in COLOURS])
    mixed = 1 - 0.6 * (p @ (1 - colours[: p.shape[1]]))
    extent = (-reach, reach, -reach, reach)
    ax.imshow(mixed.reshape(201, 201, 3), origin="lower", extent=extent)
    for k in range(p.shape[1]):
        own = x[labels == k]
        ax.scatter(*own.T, s=22, c=COLOURS[k], marker=MARKERS[k], ec="white", lw=0.6)
    ax.set(xticks=[], yticks=[])
    return ax


def training(x, labels, lr=0.5, steps=80, caption="") -> Page:
    """Softmax regression that trains in the page: a slider over its steps, points to drag.

    `x` is (n,2), `labels` (n) of at most 3 classes; gradient descent on all points from zeros.
    """
    classes = int(labels.max()) + 1
    if x.ndim != 2 or x.shape[1] != 2 or not 2 <= classes <= 3:
        raise ValueError(f"x must be (n, 2) with 2 or 3 classes, got {x.shape} and {classes}")
    w, b = train(x, labels, lr, steps)
    alt = (
        f"{len(x)} points of {classes} classes; the plane is coloured by the predicted "
        "probabilities, whose borders are straight lines."
    )
    data = {
        "points": x.tolist(),
        "labels": labels.tolist(),
        "classes": classes,
        "lr": lr,
        "steps": steps,
        "reach": 4.0,
        "colours": COLOURS,
        "alt": alt,
    }
    still = regions(x, labels, lambda at: linear(at, w, b))
    return explorable("training", data, still, alt, caption)


def train(x, labels, lr, steps):
    """Weights and biases after `steps` steps of gradient descent on all points from zeros."""
    from dlcore.scratch.classification import SoftmaxRegression
    from dlcore.scratch.optim import SGD

    model = SoftmaxRegression(x.shape[1], int(labels.max()) + 1, dtype=float)
    everything = [np.arange(len(x))] * steps
    model.fit(x, labels, everything, SGD([model.w, model.b], lr))
    return model.w, model.b


def losses(curves: dict, ax=None):
    """Loss curves by name; the later ones are dashed so that curves on each other both show."""
    ax = ax or new_axes(6, 2.9)
    for (name, values), dashes in zip(curves.items(), ("-", "--", ":"), strict=False):
        ax.plot(values, dashes, label=name, lw=2.4 if dashes == "-" else 1.4)
    ax.set(xlabel="step", ylabel="cross-entropy (nats)", ylim=(0, None))
    return legend(ax)


def weights(w, shape, axes=None):
    """One picture of weights a class: purple votes for it, orange against; w is (k, i*j)."""
    axes = axes if axes is not None else new_axes(7, 3.1, rows=2, columns=(len(w) + 1) // 2)
    limit = np.abs(w).max()
    for k, ax in enumerate(axes.flat):
        ax.set_axis_off()
        if k < len(w):
            ax.imshow(w[k].reshape(shape), cmap="PuOr", vmin=-limit, vmax=limit)
            ax.set_title(f"class {k}")
    return axes


def confusion(counts, ax=None):
    """Counts (k,k), true class down and predicted across; only the mistakes are coloured."""
    ax = ax or new_axes(4.6, 4.2)
    mistakes = counts - np.diag(np.diag(counts))
    ax.imshow(mistakes, cmap="Oranges", vmax=2 * max(mistakes.max(), 1))
    for (i, j), count in np.ndenumerate(counts):
        if count:
            ax.text(j, i, count, ha="center", va="center", color="#333333", size=9)
    ticks = range(len(counts))
    ax.set(xticks=ticks, yticks=ticks, xlabel="predicted class", ylabel="true class")
    return ax


def images(x, titles, axes=None):
    """A row of grey images (n,i,j) with a title each."""
    axes = axes if axes is not None else new_axes(7.2, 7.2 / len(x) + 0.35, columns=len(x))
    for ax, image, title in zip(axes, x, titles, strict=True):
        ax.imshow(image, cmap="gray_r")
        ax.set_axis_off()
        ax.set_title(title, fontsize=9)
    return axes


def uncertainty(right, wrong, ax=None):
    """Histograms of the entropy of predictions that were right and that were wrong."""
    ax = ax or new_axes(6, 2.7)
    bins = np.linspace(0, max(right.max(), wrong.max()), 25)
    names = [f"{len(right)} right", f"{len(wrong)} wrong"]
    share = [np.full(len(values), 1 / len(values)) for values in (right, wrong)]
    ax.hist([right, wrong], bins, weights=share, label=names, color=[BLUE, ORANGE])
    ax.set(xlabel="entropy of the prediction (nats)", ylabel="share of its group")
    return legend(ax)
