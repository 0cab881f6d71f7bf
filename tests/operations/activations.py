"""Activations, one number at a time."""

from operations import Case, normal

CASES = [
    Case("activations", name, normal(shape, scale=2.0), note=str(shape))
    for name in ("sigmoid",)
    for shape in ((), (1,), (3, 5))
]
