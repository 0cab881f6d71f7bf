"""The machine of tiles counts what dlcore.figures.tiles counts."""

import pytest
from test_figures import STATE, opened  # noqa: F401

from dlcore.figures import roofline, tiles
from dlcore.kernels.roofline import GPUS

KNOWN = {gpu.name: vars(gpu) for gpu in GPUS[:4]}


@pytest.fixture
def machine(opened):  # noqa: F811
    return opened(tiles.tiles(KNOWN))


def best(n, tile, gpu):
    """Operations a second of a product at best, in 10^12."""
    operations, moved = tiles.product(n, tile)
    kernel = {"bytes": moved, "flops": operations, "other": 0}
    return roofline.place(KNOWN[gpu], kernel)[1] / 1e12


@pytest.mark.parametrize(("gpu", "n", "tile"), [("T4", 8, 0), ("A100", 12, 7), ("H200", 14, 8)])
def test_the_machine_of_tiles_counts_as_python_does(machine, gpu, n, tile):
    machine.get_by_role("button", name=gpu, exact=True).click()
    machine.get_by_label("matrix", exact=True).fill(str(n))
    machine.get_by_label("tile", exact=True).fill(str(tile))
    state = machine.evaluate(STATE)
    operations, moved = tiles.product(2**n, 2**tile)
    assert (state["n"], state["tile"], state["gpu"]) == (2**n, 2**tile, gpu)
    assert state["operations"] == operations and state["moved"] == pytest.approx(moved, rel=1e-12)
    assert state["rate"] == pytest.approx(best(2**n, 2**tile, gpu), rel=1e-12)


def test_more_reuse_moves_a_product_from_the_slope_towards_the_roof():
    assert best(4096, 1, "H200") < 5 < best(4096, 16, "H200") < 80 < best(4096, 128, "H200") < 989
    assert best(4096, 256, "T4") < 65 and best(4096, 256, "A100") < 312


def test_an_unknown_gpu_is_named_in_the_error():
    with pytest.raises(ValueError, match="first must be one of .*'T4'.*, got 'Z80'"):
        tiles.tiles(KNOWN, first="Z80")
