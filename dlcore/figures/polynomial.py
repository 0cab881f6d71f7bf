"""Polynomials fitted to points: curves, and a machine for the degree, the ridge and the data."""

import numpy as np

from dlcore.figures.page import Page, explorable, legend, new_axes
from dlcore.scratch.regression import LinearRegression, mse


def powers(x, degree: int):
    """The features x, x², …, x^degree of each number: (n) -> (n, degree)."""
    return np.vander(x, degree + 1, increasing=True)[:, 1:]


def fitted(features, y, ridge=0.0) -> LinearRegression:
    """The exact least-squares fit to features (n, d)."""
    model = LinearRegression(features.shape[1])
    model.fit_exactly(features, y, ridge)
    return model


def curves(x, y, degrees, ridge=0.0, ax=None):
    """Polynomials of some degrees fitted to points (n), each with its training error."""
    ax = ax or new_axes(6, 3.2)
    grid = np.linspace(-1, 1, 401)
    for degree, style in zip(degrees, ("--", "-", ":"), strict=False):
        model = fitted(powers(x, degree), y, ridge)
        error = mse(y, model.predict(powers(x, degree))) ** 0.5
        label = f"degree {degree}, training error {error:.2f}"
        ax.plot(grid, model.predict(powers(grid, degree)), style, label=label)
    ax.scatter(x, y, s=22, color="#808080", ec="black", zorder=3)
    ax.set(xlim=(-1, 1), ylim=(-2, 2), xlabel="x", ylabel="y")
    return legend(ax, loc="lower center", bbox_to_anchor=(0.5, 1))


def degree(train, validation, test, sizes, degrees=12, caption="") -> Page:
    """The reader's own degree, ridge and number of examples; errors answer in the page.

    `train`, `validation` and `test` are (n, 2), an x in [-1, 1] and a y a row.
    """
    if max(sizes) > len(train) or min(sizes) <= degrees:
        raise ValueError(f"sizes must lie in {degrees + 1}..{len(train)}, got {sizes}")
    data = {"train": train.tolist(), "validation": validation.tolist(), "test": test.tolist()}
    data |= {"sizes": list(sizes), "degrees": degrees}
    still = curves(*train[: sizes[0]].T, (1, 4, degrees))
    alt = "Points with a fitted polynomial, and the training and validation error by degree."
    return explorable("degree", data, still, alt, caption)
