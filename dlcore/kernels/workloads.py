"""What the benchmark times: shapes that models have, the peers, what must move, and the goals.

Goals are ratios on an H200: to a peer's time in the same run, or to the ceiling measured there.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch.nn.attention import SDPBackend

from dlcore.kernels.activations import bias_gelu_dropout
from dlcore.kernels.attention import attention
from dlcore.kernels.embedding import embedding
from dlcore.kernels.linear import linear
from dlcore.kernels.losses import cross_entropy, linear_cross_entropy
from dlcore.kernels.norm import layer_norm, rms_norm
from dlcore.kernels.optim import adamw
from dlcore.kernels.peers import adam, flex, liger, plain_cell, pointers, sdpa
from dlcore.kernels.recurrent import lstm_cell
from dlcore.kernels.softmax import softmax


@dataclass(frozen=True)
class Workload:
    """One operation at one shape. `make(shape, like)` gives the inputs, `like` their generator.

    `mode` is what is timed: "forward", "backward" (gradients of a result that is kept) or "both".
    `work` counts what cannot be avoided: bytes where `ceiling` is "copy", floating-point
    operations where it is "product". `ours` takes `backend` too, all others tensors alone.
    `goals` maps a peer to how many times faster this must be, "ceiling" to a share of it, and
    "memory" to the largest share of eager's peak.
    """

    op: str
    mode: str
    shape: tuple
    tiny: tuple  # the shape at which it is verified, and run without a GPU
    make: Callable
    ours: Callable
    eager: Callable
    work: Callable
    ceiling: str = "copy"
    goals: dict = field(default_factory=dict)
    peers: Callable = dict  # () -> {name: function}; what is not installed is left out
    compiles: bool = True  # whether torch.compile of `eager` is a peer too

    @property
    def name(self) -> str:
        return f"{self.op} {self.mode} {'x'.join(map(str, self.shape))}"


class Like:
    """Makes tensors of one dtype on one device; a new one makes the same numbers again."""

    def __init__(self, dtype, device):
        self.dtype, self.device = dtype, torch.device(device)
        self.generator = torch.Generator(self.device)  # its first state is always the same

    def normal(self, *shape):
        options = {"device": self.device, "generator": self.generator}
        return torch.randn(shape, dtype=self.dtype, **options).requires_grad_()

    def labels(self, n, k):
        options = {"device": self.device, "generator": self.generator}
        return torch.randint(k, (n,), **options)


def size(*tensors) -> int:
    return sum(a.numel() * a.element_size() for a in tensors)


def vector(shape, like):
    return [like.normal(*shape), like.normal(shape[1])]


def matrices(shape, like):
    return [like.normal(*shape[:2]), like.normal(shape[2], shape[1])]


def flops(x, w, *rest) -> int:
    """Operations of the product of x (n, d) and w (k, d)."""
    return 2 * len(x) * w.numel()


def rows(op, shape, tiny, make, ours, eager, goals, peers=dict, passes=(2, 3)):
    """Forward (x read, y written) and backward (dy, and x or y, read, dx written) of rows."""
    for mode, n, goal in zip(("forward", "backward"), passes, goals, strict=True):
        work = lambda x, *rest, n=n: n * size(x) + size(*rest)  # noqa: E731
        yield Workload(op, mode, shape, tiny, make, ours, eager, work, "copy", goal, peers)


def norms():
    yield from rows(
        "layer norm",
        (32768, 4096),
        (33, 70),
        lambda shape, like: [*vector(shape, like), like.normal(shape[1])],
        layer_norm,
        lambda x, scale, shift: F.layer_norm(x, scale.shape, scale, shift),
        ({"ceiling": 0.92, "eager": 1.3}, {"ceiling": 0.75, "liger": 1.5}),
        lambda: liger("liger_layer_norm", 1e-5),
    )
    yield from rows(
        "RMS norm",
        (32768, 4096),
        (33, 70),
        vector,
        rms_norm,
        lambda x, scale: F.rms_norm(x, scale.shape, scale, 1e-6),
        ({"ceiling": 0.92}, {}),
        lambda: liger("liger_rms_norm", 1e-6),
    )


def softmaxes():
    for shape in ((32768, 4096), (8192, 32768)):
        yield from rows(
            "softmax",
            shape,
            (33, 70),
            lambda shape, like: [like.normal(*shape)],
            softmax,
            lambda x: torch.softmax(x, -1),
            ({"ceiling": 0.92, "eager": 1.3}, {}),
            lambda: liger("liger_softmax"),
        )


def losses():
    yield Workload(
        "cross-entropy",
        "both",
        (8192, 32768),
        (33, 70),
        lambda shape, like: [like.normal(*shape), like.labels(*shape)],
        cross_entropy,
        F.cross_entropy,
        lambda x, labels: 2 * size(x),
        goals={"ceiling": 0.85, "eager": 2.5, "compile": 1.2},
        peers=lambda: liger("liger_cross_entropy"),
    )
    yield Workload(
        "linear cross-entropy",
        "both",
        (8192, 2048, 32768),
        (33, 16, 70),
        lambda shape, like: [*matrices(shape, like), like.labels(shape[0], shape[2])],
        linear_cross_entropy,
        lambda x, w, labels: F.cross_entropy(x @ w.T, labels),
        lambda x, w, labels: 3 * flops(x, w),
        "product",
        {"memory": 0.2},
    )


def products():
    yield Workload(
        "linear",
        "forward",
        (8192, 8192, 8192),
        (33, 48, 70),
        matrices,
        linear,
        F.linear,
        flops,
        "product",
        {"ceiling": 0.88},
    )
    yield Workload(
        "linear by pointers",
        "forward",
        (8192, 8192, 8192),
        (33, 48, 70),
        matrices,
        pointers,
        F.linear,
        flops,
        "product",
        {"ceiling": 0.75},
    )
    yield Workload(
        "linear, GELU",
        "forward",
        (16384, 1024, 4096),
        (33, 48, 70),
        lambda shape, like: [*matrices(shape, like), like.normal(shape[2])],
        lambda x, w, b, **options: linear(x, w, b, "gelu", **options),
        lambda x, w, b: F.gelu(F.linear(x, w, b)),
        flops,
        "product",
        {"eager": 1.15, "compile": 1.0},
    )


def activations():
    yield from rows(
        "bias, GELU",
        (16384, 4096),
        (33, 70),
        vector,
        bias_gelu_dropout,
        lambda x, bias: F.gelu(x + bias),
        ({"ceiling": 0.9, "eager": 1.5}, {}),
    )


def attentions():
    torchs = {"flash": "FLASH_ATTENTION", "cudnn": "CUDNN_ATTENTION"}
    torchs |= {"efficient": "EFFICIENT_ATTENTION"}
    peers = {name: sdpa(SDPBackend.__members__[long]) for name, long in torchs.items()}
    for d, forward, backward in ((64, 1.1, 0.9), (128, 1.05, 0.75)):
        for mode, flops, goal in (("forward", 2, forward), ("backward", 5, backward)):
            yield Workload(
                "causal attention",
                mode,
                (1, 16, 8192, d),
                (1, 2, 33, 16),
                lambda shape, like: [like.normal(*shape) for _ in range(3)],
                lambda q, k, v, **options: attention(q, k, v, True, **options),
                sdpa(SDPBackend.MATH),
                lambda q, k, v, flops=flops: flops * q.numel() * q.shape[-2],
                "product",
                {"flash": goal, "memory": 0.2} if mode == "forward" else {"flash": goal},
                lambda: peers | {"flex": flex()},
                compiles=False,  # eager is the plain form here, which no one would compile
            )


def third_step(p, g, m, v, **options):
    adamw(p, g, m, v, 3, 1e-3, **options)
    return p, m, v


def optimizers():
    yield Workload(
        "AdamW",
        "forward",
        (100_000_000,),
        (1000,),
        lambda shape, like: [like.normal(*shape).detach().float().abs() for _ in range(4)],
        third_step,
        adam(foreach=True),
        lambda p, *rest: 7 * size(p),
        goals={"fused": 1.0, "ceiling": 0.9},
        peers=lambda: {"fused": adam(fused=True)},
        compiles=False,
    )


def lookups():
    yield from rows(
        "embedding",
        (32768, 1024),
        (33, 70),
        lambda shape, like: [like.normal(*shape), like.labels(shape[0], shape[0])],
        embedding,
        lambda table, tokens: F.embedding(tokens, table),
        ({}, {}),
        passes=(2, 2),
    )


def cells():
    yield Workload(
        "LSTM cell",
        "forward",
        (4096, 4096),
        (33, 70),
        lambda shape, like: [like.normal(shape[0], 4 * shape[1]), like.normal(*shape)],
        lstm_cell,
        plain_cell,
        lambda a, c: size(a) + 3 * size(c),
    )


def workloads() -> list[Workload]:
    """All, those with goals that DESIGN.md names first: a short budget reaches them."""
    found = [*softmaxes(), *norms(), *losses(), *products(), *attentions(), *optimizers()]
    found += [*activations(), *lookups(), *cells()]
    return sorted(found, key=lambda one: not one.goals)


def operations() -> dict[str, Workload]:
    """One of each, by its name on a command line."""
    return {re.sub(r"\W+", "-", one.op): one for one in workloads()}
