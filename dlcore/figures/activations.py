"""Pictures of activation functions and their slopes."""

import numpy as np

from dlcore.figures.page import BLUE, Page, explorable, legend, new_axes
from dlcore.scratch import activations

NAMES = ["step", "sigmoid", "tanh", "relu", "leaky_relu"]
NAMES += ["elu", "softplus", "gelu", "swish", "mish"]
FLAT = 0.05


def slope(name: str, z):
    """The derivative of a function of dlcore.scratch.activations."""
    function, vjp = getattr(activations, name), getattr(activations, f"{name}_vjp")
    return vjp(np.ones_like(z), function(z), z)


def curves(names, axes=None, reach=4.0):
    """Each function and, dashed, its slope, in a panel of its own."""
    axes = axes if axes is not None else new_axes(7.2, 2.2, columns=len(names))
    z = np.linspace(-reach, reach, 401)
    for name, ax in zip(names, np.atleast_1d(axes), strict=True):
        ax.axhline(0, color="#888888", lw=0.8)
        ax.plot(z, getattr(activations, name)(z), color=BLUE, label="value")
        ax.plot(z, slope(name, z), "--", color="#D55E00", label="slope")
        ax.set(title=name.replace("_", " "), ylim=(-1.3, 2.6), xticks=[-4, 0, 4])
    legend(np.atleast_1d(axes)[0], loc="upper left", fontsize=9)
    return axes


def explorer(start="sigmoid", caption="") -> Page:
    """Every function with its slope, a place z to move, and where the slope is nearly flat."""
    alt = f"A choice of ten activation functions, {', '.join(NAMES)}, each drawn with its slope."
    still = curves([start], new_axes(3.4, 2.6))
    return explorable("activations", {"start": start, "flat": FLAT}, still, alt, caption)
