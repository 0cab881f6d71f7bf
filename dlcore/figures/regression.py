"""Pictures of linear regression: squares, the loss over (w, b), the projection, several lines."""

import numpy as np
from matplotlib.patches import Polygon, Rectangle

from dlcore.figures.page import BLUE, GREEN, ORANGE, Page, explorable, legend, new_axes


def squares(x, y, w, b, ax=None):
    """Points, a line, and the square of each vertical mistake drawn as an area."""
    ax = ax or new_axes(3.6, 3.5)
    for x_i, error in zip(x, y - (w * x + b), strict=True):
        corner = (x_i, w * x_i + b)
        ax.add_patch(Rectangle(corner, abs(error), error, alpha=0.25, color=ORANGE, lw=0))
    ends = np.array([-4.0, 4.0])
    ax.plot(ends, w * ends + b, color=BLUE)
    ax.scatter(x, y, s=22, color="#808080", ec="black", zorder=3)
    ax.set(xlim=ends, ylim=ends, aspect="equal", xlabel="x", ylabel="y")
    return ax


def least_squares(x, y, orders, start=(0.0, 0.0), lr=0.1, caption="") -> Page:
    """Points to drag, a line to set by hand or by minibatch steps, the loss over (w, b).

    `x`, `y` are (n); `orders` (epochs, n) holds the order of the examples in each epoch.
    """
    if np.shape(x) != np.shape(y) or np.shape(orders)[1:] != np.shape(x):
        shapes = f"{np.shape(x)}, {np.shape(y)} and {np.shape(orders)}"
        raise ValueError(f"x and y must be (n), orders (epochs, n), got {shapes}")
    data = {"points": np.stack([x, y], axis=1).tolist(), "orders": np.asarray(orders).tolist()}
    data |= {"start": list(start), "lr": lr}
    alt = f"{len(x)} points, a line with the square of each mistake, and the loss over (w, b)."
    return explorable("leastsquares", data, squares(x, y, *start), alt, caption)


def projection(ax=None):
    """The targets, their shadow on the plane of all predictions, and the mistake between."""
    ax = ax or new_axes(5.2, 3.0)
    plane = np.array([[0, 0], [4.2, -0.5], [6.2, 1.1], [2.0, 1.6]])
    ax.add_patch(Polygon(plane, alpha=0.2, color=BLUE, lw=0))
    foot, tip = np.array([4.0, 0.7]), np.array([4.0, 2.6])
    for end, colour in ((foot, BLUE), (tip, "black")):
        ax.annotate("", end, (0.9, 0.3), arrowprops={"arrowstyle": "-|>", "color": colour, "lw": 2})
    ax.plot(*np.stack([foot, tip], axis=1), color=ORANGE, ls="--", lw=2)
    ax.plot([3.7, 3.7, 4.0], [0.64, 0.94, 1.0], color=ORANGE, lw=1)
    names = {"targets y": (2.0, 1.75), "prediction Xθ": (2.0, 0.1), "mistake y − Xθ": (4.1, 1.7)}
    for name, at in names.items():
        ax.text(*at, name)
    ax.text(4.4, -0.1, "all predictions Xθ")
    ax.set(xlim=(0, 6.6), ylim=(-0.6, 2.8))
    ax.set_axis_off()
    return ax


def lines(x, y, named: dict, ax=None):
    """Points (n) and several lines through them, {name: (w, b)}."""
    ax = ax or new_axes(5.4, 3.4)
    ax.scatter(x, y, s=18, color="#808080")
    ends = np.array([x.min(), x.max()])
    for (name, (w, b)), style in zip(named.items(), ("-", "--", ":"), strict=False):
        ax.plot(ends, w * ends + b, style, label=name, color=(BLUE, ORANGE, GREEN)[len(ax.lines)])
    ax.set(xlabel="x", ylabel="y")
    return legend(ax, loc="lower center", bbox_to_anchor=(0.5, 1))
