"""Against overfitting: dropout and weight penalties."""

import torch


def dropout(x, mask, keep):
    """Silences units and scales up the rest: y = x · mask / keep.

    The boolean mask has the shape of x and is True where a unit stays;
    divided by the share that stays, the mean is the same as without.
    """
    if mask.dtype != torch.bool or mask.shape != x.shape:
        got = f"{mask.dtype} {tuple(mask.shape)}"
        raise ValueError(f"mask must be bool {tuple(x.shape)}, got {got}")
    if not 0 < keep <= 1:
        raise ValueError(f"keep must lie in (0, 1], got {keep}")
    return x * mask / keep


def l2_penalty(w, strength=1.0):
    """The price of large weights, J = strength / 2 · Σ w²: a Gaussian prior.

    Shapes: (n,d)->()
    """
    return 0.5 * strength * w.square().sum()


def l1_penalty(w, strength=1.0):
    """The price of any weight, J = strength · Σ |w|: many become zero.

    Shapes: (n,d)->()
    """
    return strength * w.abs().sum()
