"""Pictures of convolution: a picture, a 3 by 3 kernel and the map that it makes."""

import numpy as np

from dlcore.figures.page import BLUE, ORANGE, Page, explorable, new_axes
from dlcore.scratch.convolution import conv2d

KERNELS = {  # what each is for; conv2d lays them on the picture as they stand here
    "identity": [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
    "upright edges": [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
    "level edges": [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],
    "outline": [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]],
    "blur": [[1 / 9] * 3] * 3,
    "sharpen": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
}


def feature_map(picture, kernel):
    """The products of a kernel with every patch, summed, with zeros round the picture.

    Shapes: (i,j),(3,3)->(i,j)
    """
    x, w = np.asarray(picture, float), np.asarray(kernel, float)
    if w.shape != (3, 3) or x.ndim != 2:
        got = f"got {x.shape} and {w.shape}"
        raise ValueError(f"picture must be (i, j) and kernel (3, 3), {got}")
    return conv2d(x[None, None], w[None, None], np.zeros(1), padding="same")[0, 0]


def signed(values, ax=None):
    """Numbers (i,j) as colours: blue below zero, orange above, white at zero."""
    ax = ax or new_axes(2.4, 2.4)
    top = max(np.abs(values).max(), 1e-12)
    shown = np.asarray(values, float)[..., None] / top
    blue, orange = ([int(c[i : i + 2], 16) / 255 for i in (1, 3, 5)] for c in (BLUE, ORANGE))
    ax.imshow(1 - np.abs(shown) * (1 - np.where(shown > 0, orange, blue)))
    ax.set(xticks=[], yticks=[])
    return ax


def panels(picture, kernel, axes=None):
    """A picture, a kernel with its numbers, and what the kernel makes of the picture."""
    axes = axes if axes is not None else new_axes(6.4, 2.3, columns=3)
    axes[0].imshow(picture, cmap="gray_r", vmin=0, vmax=1)
    signed(kernel, axes[1])
    for i, j in np.ndindex(3, 3):
        axes[1].text(j, i, f"{kernel[i][j]:.3g}", ha="center", va="center")
    signed(feature_map(picture, kernel), axes[2])
    for ax, title in zip(axes, ("picture", "kernel", "feature map"), strict=True):
        ax.set(xticks=[], yticks=[], title=title)
    return axes


def laboratory(pictures: dict, kernel="upright edges", caption="") -> Page:
    """A kernel of the reader's over a picture, {name: (i, j) in [0, 1]}, or over a drawing."""
    found = {name: np.asarray(p, float) for name, p in pictures.items()}
    for name, p in found.items():
        if p.ndim != 2 or not (p.min() >= 0 and p.max() <= 1):
            raise ValueError(f"pictures must be (i, j) in [0, 1], got {p.shape} for {name!r}")
    if kernel not in KERNELS:
        raise ValueError(f"kernel must be one of {[*KERNELS]}, got {kernel!r}")
    alt = (
        "A picture, nine numbers to change, and the map that they make of the picture. "
        f"Pictures: {', '.join(found)}; kernels: {', '.join(KERNELS)}."
    )
    shown = {name: p.tolist() for name, p in found.items()}
    data = {"pictures": shown, "kernels": KERNELS, "start": kernel, "alt": alt}
    still = panels(next(iter(found.values())), KERNELS[kernel])[0]
    return explorable("convolution", data, still, alt, caption)
