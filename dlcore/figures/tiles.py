"""A matrix product tile by tile: what it reads, and where that puts it under a GPU's roof."""

from dlcore.figures.page import Page, explorable
from dlcore.figures.roofline import roofline

SIZE, REGISTERS = 2, 256 * 1024  # bytes of a number, bytes of registers of a multiprocessor


def product(n: int, tile: int) -> tuple[float, float]:
    """Operations of an n × n product and bytes moved: :eq:`eq-tile-traffic` and the result."""
    return 2.0 * n**3, SIZE * (2.0 * n**3 / tile + n**2)


def tiles(gpus: dict, caption="", n=4096, tile=16, first="H200") -> Page:
    """Choose the size of the matrices, the tile and the GPU; see the reads and the limit.

    `gpus` maps a name to its {"bandwidth", "products"}, as in `dlcore.figures.roofline.roofs`.
    """
    if first not in gpus:
        raise ValueError(f"first must be one of {list(gpus)}, got {first!r}")
    operations, moved = product(n, tile)
    drawn = {f"tile {tile}": {"bytes": moved, "flops": operations, "other": 0}}
    data = {"gpus": gpus, "size": SIZE, "registers": REGISTERS}
    data["start"] = {"n": n, "tile": tile, "gpu": first}
    alt = "A matrix product by tiles, with what a tile reads, and the roofline of a GPU."
    return explorable("tiles", data, roofline(gpus[first], drawn), alt, caption)
