"""The roof of a GPU, and the kernels under it."""

import numpy as np

from dlcore.figures.page import BLUE, COLOURS, ORANGE, Page, explorable, legend, new_axes

SPAN = (2.0**-4, 2.0**12)  # operations a byte


def roofs(gpus: dict, products=True, ax=None):
    """Attainable operations a second against operations a byte, a line for each GPU.

    `gpus` maps a name to its {"bandwidth", "products", "float32"}, as `vars` of a
    `dlcore.kernels.roofline.GPU` has them. `products` chooses the ceiling of matrix products.
    """
    ax = ax or new_axes(6.2, 3.6)
    x = np.geomspace(*SPAN, 200)
    for (name, gpu), colour in zip(gpus.items(), COLOURS, strict=False):
        peak = gpu["products" if products else "float32"]
        ax.loglog(x, np.minimum(gpu["bandwidth"] * x, peak), label=name, color=colour)
    ax.set(xlabel="operations a byte", ylabel="operations a second", xlim=SPAN)
    return legend(ax, fontsize=9)


def roofline(gpu: dict, kernels: dict, ax=None):
    """One GPU's two ceilings, and where kernels stand under them at best.

    `kernels` maps a name to its {"bytes", "flops", "other"}: what was metered.
    """
    ax = ax or new_axes(6.2, 3.6)
    x = np.geomspace(*SPAN, 200)
    for kind, colour, dashes in (("products", BLUE, "-"), ("float32", ORANGE, "--")):
        ax.loglog(x, np.minimum(gpu["bandwidth"] * x, gpu[kind]), dashes, color=colour, label=kind)
    for name, kernel in kernels.items():
        at, best = place(gpu, kernel)
        ax.plot(at, best, "o", color="black", ms=5)
        ax.annotate(name, (at, best), (6, -10), textcoords="offset points", fontsize=9)
    ax.set(xlabel="operations a byte", ylabel="operations a second", xlim=SPAN)
    return legend(ax, fontsize=9, loc="upper left")


def place(gpu: dict, kernel: dict) -> tuple[float, float]:
    """(operations a byte, operations a second at best), as `dlcore.kernels.roofline.place`."""
    intensity = (kernel["flops"] or kernel["other"]) / kernel["bytes"]
    return intensity, min(
        gpu["bandwidth"] * intensity, gpu["products" if kernel["flops"] else "float32"]
    )


def explore(gpus: dict, kernels: dict, first=None, caption="") -> Page:
    """A roof in the page: choose the GPU and the kernel, and see what it waits for.

    `gpus` as in `roofs`, with "source"; `kernels` as in `roofline`.
    """
    first = first or next(iter(gpus))
    if first not in gpus:
        raise ValueError(f"first must be one of {list(gpus)}, got {first!r}")
    data = {"gpus": gpus, "kernels": kernels, "first": first, "span": SPAN}
    alt = "Operations a second that a GPU reaches at best, against operations a byte, for kernels."
    return explorable("roofline", data, roofline(gpus[first], kernels), alt, caption)
