"""What the benchmark times: shapes that models have, the peers, what must move, and the goals.

Goals are ratios on an H200: to a peer's time in the same run, or to the ceiling measured there.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import torch

from dlcore.kernels.softmax import softmax


@dataclass(frozen=True)
class Workload:
    """One operation at one shape. `make(shape, like)` gives the inputs, `like` their generator.

    `mode` is what is timed: "forward", "backward" (gradients of a result that is kept) or "both".
    `work` counts what cannot be avoided: bytes where `ceiling` is "copy", floating-point
    operations where it is "product". `goals` maps a peer to how many times faster this must be,
    "ceiling" to a share of it, "memory" to the largest share of eager's peak.
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


def liger(name: str, *rest) -> dict:
    """A function of Liger-Kernel with its last arguments, if it is installed."""
    try:
        from liger_kernel.transformers import functional
    except ImportError:
        return {}
    return {"liger": lambda *given: getattr(functional, name)(*given, *rest)}


def rows(op, shape, tiny, make, ours, eager, goals, peers=dict):
    """Forward (one read, one write) and backward (two reads, one write) of a row-wise function."""
    both = [lambda x, *rest: 2 * size(x) + size(*rest), lambda x, *rest: 3 * size(x) + size(*rest)]
    for mode, work, goal in zip(("forward", "backward"), both, goals, strict=True):
        yield Workload(op, mode, shape, tiny, make, ours, eager, work, "copy", goal, peers)


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


def workloads() -> list[Workload]:
    """All, those with goals that DESIGN.md names first: a short budget reaches them."""
    found = [*softmaxes()]
    return sorted(found, key=lambda one: not one.goals)
