"""What the kernels are compared with: torch by the name of its implementation, and Liger."""

import importlib
from functools import cache

import torch
import torch.nn.functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.attention.flex_attention import create_block_mask, flex_attention
from torch.optim.adamw import adamw

from dlcore.kernels import use_triton
from dlcore.kernels.linear import product_op


def liger(name: str, *rest) -> dict:
    """A function of Liger-Kernel with its last arguments, if it is installed."""
    try:
        functional = importlib.import_module("liger_kernel.transformers.functional")
    except ImportError:
        return {}
    return {"liger": lambda *given: getattr(functional, name)(*given, *rest)}


def sdpa(backend: SDPBackend):
    """torch's causal attention by the implementation of that name, and no other."""

    def attend(q, k, v):
        with sdpa_kernel(backend):
            return F.scaled_dot_product_attention(q, k, v, is_causal=True)

    return attend


@cache
def causal_blocks(t: int, device):
    """Which blocks of a causal mask FlexAttention may leave out."""
    mask = lambda batch, head, i, j: i >= j  # noqa: E731
    return create_block_mask(mask, None, None, t, t, device=device)


def flex():
    """FlexAttention, causal; compiled on a GPU, since without that it holds all scores."""
    gpu = torch.cuda.is_available()
    attend = torch.compile(flex_attention) if gpu else flex_attention
    return lambda q, k, v: attend(q, k, v, block_mask=causal_blocks(q.shape[-2], q.device))


def adam(**how):
    """A function that takes torch's third step of AdamW in place."""

    def step(p, g, m, v):
        numbers = {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.01}
        done = torch.tensor(2.0, device=p.device)
        options = {"amsgrad": False, "maximize": False} | numbers | how
        adamw([p], [g], [m], [v], [], [done], **options)
        return p, m, v

    return step


def plain_cell(a, c):
    """torch's order of gates: input, forget, candidate, output."""
    i, f, g, o = a.chunk(4, -1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


def pointers(x, w, backend="auto"):
    """`linear` without Hopper's descriptors."""
    if use_triton(x, backend, dots=True):
        return product_op(x, w.T, None, 0, False)
    return F.linear(x, w)
