"""A pad to draw digits on and the net that reads them; answers kept back when it is not sure."""

import numpy as np

from dlcore.figures.page import BLUE, Page, explorable, legend, new_axes
from dlcore.scratch.mlp import MLP
from dlcore.scratch.softmax import softmax

CELLS, EDGE, PEN, WIDEST = 32, 8, 3.0, 26.0  # cells of a bitmap, pixels, the pen's radius in cells
SAMPLES = 6  # of each digit, to choose from in the page


def drawn(strokes):
    """Strokes, lists of points (x, y) with y down, as an image (8, 8) on the data set's scale.

    They fill the height of a bitmap of 32 by 32 cells, keep their shape unless they get too wide,
    and stand in the middle. A cell is black within reach of the pen, a pixel the mean of 4 by 4.
    """
    points = np.concatenate([np.asarray(s, float).reshape(-1, 2) for s in strokes])
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    room = CELLS - 2 * PEN
    wide, high = max(right - left, 1e-9), max(bottom - top, 1e-9)
    down = min(room / high, 4 * room)  # a dot does not become a wall
    across = min(down, (WIDEST - 2 * PEN) / wide)
    scale, middle = np.array([across, down]), np.array([(left + right) / 2, (top + bottom) / 2])
    place = np.arange(CELLS) + 0.5
    black = np.zeros((CELLS, CELLS), bool)
    for stroke in strokes:
        s = (np.asarray(stroke, float).reshape(-1, 2) - middle) * scale + CELLS / 2
        for a, b in zip(s, s[1:] if len(s) > 1 else s):
            black |= near(place[None, :], place[:, None], a, b)
    blocks = black.reshape(EDGE, CELLS // EDGE, EDGE, CELLS // EDGE)
    return blocks.sum(axis=(1, 3)) / (CELLS // EDGE) ** 2


def near(x, y, a, b):
    """Whether the place (x, y) is within the pen's radius of the line from a to b."""
    dx, dy = b - a
    length = dx * dx + dy * dy
    t = ((x - a[0]) * dx + (y - a[1]) * dy) / (length if length > 0 else 1)
    t = np.minimum(np.maximum(t, 0), 1)
    u, v = x - (a[0] + t * dx), y - (a[1] + t * dy)
    return u * u + v * v <= PEN * PEN


def rounded(net: MLP) -> MLP:
    """A copy whose parameters have four decimals, few enough bytes to put into a page."""
    copy = MLP(
        [p.shape[1] for p in net.params[::2]] + [10], "relu", np.random.default_rng(0), float
    )
    copy.params[:] = [p.round(4) for p in net.params]
    return copy


def laboratory(net: MLP, x, labels, caption="") -> Page:
    """A pad to draw on, and a ReLU net (64, hidden, 10) that answers in the page.

    Images x (n, 8, 8) are multiples of 1/16, as in the data set; the first of each digit are
    offered beside the pad. The net is `rounded`.
    """
    w, b, v, c = (p.tolist() for p in rounded(net).params)
    chosen = [(16 * x[labels == k][:SAMPLES]).round().astype(int) for k in range(10)]
    samples = [[image.ravel().tolist() for image in images] for images in chosen]
    alt = "A pad to draw a digit on, and the probabilities that a network gives the ten digits."
    data = {"w": w, "b": b, "v": v, "c": c, "samples": samples, "alt": alt}
    data |= {"cells": CELLS, "edge": EDGE, "pen": PEN, "widest": WIDEST}
    return explorable("digits", data, answer(net, x[labels == 3][0]), alt, caption)


def answer(net: MLP, image, axes=None):
    """One image (8, 8) and the probabilities of its digits."""
    axes = axes if axes is not None else new_axes(5.6, 2.4, columns=2)
    axes[0].imshow(image, cmap="gray_r", vmin=0, vmax=1)
    axes[0].set(xticks=[], yticks=[])
    p = softmax(rounded(net).forward(np.reshape(image, (1, -1)).astype(float)))[0]
    axes[1].barh(range(10), p, color=BLUE)
    axes[1].set(yticks=range(10), xlim=(0, 1), xlabel="probability")
    axes[1].invert_yaxis()
    return axes[0]


def threshold(methods: dict, tested: int, caption="") -> Page:
    """What is answered, and how much of that is wrong, at a threshold that the reader moves.

    `methods` are {name: [{"threshold", "answered", "wrong"}, …]} for the same thresholds.
    """
    alt = (
        f"A threshold on confidence: the share of {tested} images that is answered, and its error."
    )
    still = kept_back(methods, tested)
    return explorable(
        "threshold", {"methods": methods, "tested": tested, "alt": alt}, still, alt, caption
    )


def kept_back(methods: dict, tested: int, ax=None):
    """Error among the answers over the share that is answered, a curve a method."""
    ax = ax or new_axes(5.6, 3)
    for name, rows in methods.items():
        answered = np.array([row["answered"] for row in rows])
        wrong = np.array([row["wrong"] for row in rows])
        some = answered > 0
        ax.plot(100 * answered[some] / tested, 100 * wrong[some] / answered[some], "o-", label=name)
    ax.set(xlabel="% answered", ylabel="% of the answers wrong")
    return legend(ax)
