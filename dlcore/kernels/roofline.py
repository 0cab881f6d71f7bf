"""How fast a GPU could run a kernel at best: the lower of what memory and arithmetic allow."""

from dataclasses import dataclass


@dataclass(frozen=True)
class GPU:
    """Ceilings: bytes a second, and floating-point operations a second, of matrix products of
    numbers of 16 bits (without sparsity) and of everything else in float32."""

    name: str
    bandwidth: float
    products: float
    float32: float
    source: str


GPUS = (
    GPU("T4", 320e9, 65e12, 8.1e12, "NVIDIA's datasheet"),
    GPU("A100", 2.039e12, 312e12, 19.5e12, "NVIDIA's datasheet, SXM with 80 GB"),
    GPU("H100", 3.35e12, 989e12, 67e12, "NVIDIA's datasheet, SXM"),
    GPU("H200", 4.8e12, 989e12, 67e12, "NVIDIA's datasheet, SXM"),
    GPU(
        "H200, measured",
        4.3e12,
        769e12,
        67e12,
        "a copy, and cuBLAS in bfloat16 at 8192 cubed (769 to 798); float32 from the datasheet",
    ),
)


def attainable(gpu: GPU, intensity: float, product: bool = False) -> float:
    """min(bandwidth * intensity, peak), in operations a second, for `intensity` in operations a
    byte; `product` for kernels that multiply matrices."""
    return min(gpu.bandwidth * intensity, gpu.products if product else gpu.float32)


def place(launch, gpu: GPU) -> dict:
    """Where a metered launch (`dlcore.kernels.meter`) stands under a GPU's roof.

    `seconds` is what it takes at least, and `bound` what it waits for. A kernel with products of
    matrices is held to those alone: the rest runs beside them.
    """
    product = launch.flops > 0
    operations = launch.flops or launch.other_flops
    intensity = operations / launch.bytes
    best = attainable(gpu, intensity, product)
    seconds = max(launch.bytes / gpu.bandwidth, operations / best if best else 0.0)
    bound = "memory" if best == gpu.bandwidth * intensity else "arithmetic"
    found = {"kernel": launch.kernel, "intensity": intensity, "product": product}
    return found | {"attainable": best, "seconds": seconds, "bound": bound}


def table(launches, gpus=GPUS) -> str:
    """For each GPU, the least time of the launches that a meter saw, and what they wait for."""
    lines = [f"{'at least':18}{'microseconds':>14}  waits for"]
    for gpu in gpus:
        found = [place(one, gpu) for one in launches if one.bytes]
        waits = " and ".join(sorted({one["bound"] for one in found}))
        lines.append(f"{gpu.name:18}{1e6 * sum(one['seconds'] for one in found):14.3g}  {waits}")
    return "\n".join(lines)
