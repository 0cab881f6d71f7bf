"""GELU in both forms, dropout, and the two behind a bias."""

from torch.nn import functional as F

from dlcore.kernels import activations as kernel
from kernels import Case, size_of, tensor

SIZES = ((1, 1), (2, 3, 33), (70, 70), (256, 192))


def one(rng, dtype, *shape):
    return [tensor(rng, shape, dtype, scale=2)]


def with_bias(rng, dtype, *shape):
    return [tensor(rng, shape, dtype, scale=2), tensor(rng, shape[-1:], dtype)]


def dropped(y, p, seed):
    return y * kernel.dropout_mask(y.shape, p, seed) / (1 - p)


CASES = [
    Case(
        f"gelu {form}",
        one,
        lambda x, backend, form=form: kernel.gelu(x, form, backend=backend),
        lambda x, form=form: F.gelu(x, approximate=form),
        SIZES,
        forward_bytes=lambda x: 2 * size_of(x),
        backward_bytes=lambda x: 3 * size_of(x),
        operator=lambda x, form=form: (kernel.act_op, (x, None, kernel.FORMS[form], 0.0, 0)),
    )
    for form in ("none", "tanh")
] + [
    Case(
        "dropout",
        one,
        lambda x, backend: kernel.dropout(x, 0.3, seed=5, backend=backend),
        lambda x: dropped(x, 0.3, 5),
        SIZES,
        forward_bytes=lambda x: 2 * size_of(x),
        backward_bytes=lambda x: 2 * size_of(x),  # dx = scale * mask * dy
        operator=lambda x: (kernel.act_op, (x, None, 0, 0.3, 5)),
    ),
    Case(
        "bias_gelu_dropout",
        with_bias,
        lambda x, b, backend: kernel.bias_gelu_dropout(x, b, 0.3, seed=2**40 + 1, backend=backend),
        lambda x, b: dropped(F.gelu(x + b), 0.3, 2**40 + 1),
        SIZES,
        forward_bytes=lambda x, b: 2 * size_of(x) + size_of(b),
        backward_bytes=lambda x, b: 3 * size_of(x) + 2 * size_of(b),
        operator=lambda x, b: (kernel.act_op, (x, b, 1, 0.3, 2**40 + 1)),
    ),
]
