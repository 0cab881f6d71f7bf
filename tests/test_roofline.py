"""The roofline: ceilings, the place of a kernel under them, and the same in the page."""

import pytest
from matplotlib.axes import Axes
from test_figures import STATE, opened  # noqa: F401

from dlcore.figures import roofline as pictures
from dlcore.kernels.roofline import GPU, GPUS, attainable, place

ROOFS = {gpu.name: vars(gpu) for gpu in GPUS}


class Metered:
    """What a meter says of a launch."""

    def __init__(self, kernel, bytes, flops, other_flops):
        self.kernel, self.bytes = kernel, bytes
        self.flops, self.other_flops = flops, other_flops


LAUNCHES = [
    Metered("softmax", 512_000, 0, 393_216),
    Metered("product, small tiles", 540_672, 4_194_304, 0),
    Metered("product, 8192 cubed", 402_653_184, 1_099_511_627_776, 5),
    Metered("many steps on few numbers", 1000, 0, 10**6),
]
KERNELS = {
    one.kernel: {"bytes": one.bytes, "flops": one.flops, "other": one.other_flops}
    for one in LAUNCHES
}


def test_below_the_ridge_memory_decides_and_above_it_arithmetic():
    one = GPU("one", 10.0, 1000.0, 100.0, "made up")
    assert attainable(one, 2.0) == 20.0 and attainable(one, 50.0) == 100.0
    assert attainable(one, 50.0, product=True) == 500.0
    found = place(Metered("k", 100, 0, 200), one)
    assert (found["bound"], found["attainable"], found["seconds"]) == ("memory", 20.0, 10.0)
    found = place(Metered("k", 100, 20_000, 999), one)
    assert (found["bound"], found["attainable"], found["seconds"]) == ("arithmetic", 1000.0, 20.0)


def test_a_copy_without_arithmetic_takes_the_time_of_its_bytes():
    assert place(Metered("copy", 4_800_000, 0, 0), GPUS[3])["seconds"] == pytest.approx(1e-6)


def test_what_was_measured_on_the_h200_is_below_its_datasheet():
    sheet, measured = GPUS[3], GPUS[4]
    assert measured.name == "H200, measured" and sheet.name == "H200"
    assert 0.8 < measured.bandwidth / sheet.bandwidth < 1
    assert 0.7 < measured.products / sheet.products < 1
    assert [gpu.name for gpu in GPUS[:3]] == ["T4", "A100", "H100"]
    assert all(gpu.source for gpu in GPUS)


def test_pictures_of_roofs_are_axes_with_every_gpu_and_kernel():
    axes = pictures.roofs(ROOFS)
    assert isinstance(axes, Axes) and len(axes.lines) == len(GPUS)
    assert axes.lines[0].get_ydata().max() == 65e12
    axes = pictures.roofline(ROOFS["A100"], KERNELS)
    assert {text.get_text() for text in axes.texts} == set(KERNELS)


@pytest.mark.parametrize("gpu", GPUS, ids=lambda gpu: gpu.name)
def test_the_page_places_kernels_where_python_does(opened, gpu):  # noqa: F811
    tab = opened(pictures.explore(ROOFS, KERNELS))
    tab.get_by_label("GPU", exact=True).select_option(gpu.name)
    state = tab.evaluate(STATE)
    assert state["gpu"] == gpu.name
    for row, launch in zip(state["rows"], LAUNCHES, strict=True):
        wanted = place(launch, gpu)
        for name in "intensity", "attainable", "seconds":
            assert row[name] == pytest.approx(wanted[name], rel=1e-12)
        assert (row["bound"], row["product"]) == (wanted["bound"], wanted["product"])
        kept = pictures.place(vars(gpu), KERNELS[launch.kernel])
        assert kept == pytest.approx((wanted["intensity"], wanted["attainable"]))


def test_keyboard_and_pointer_choose_a_kernel(opened):  # noqa: F811
    tab = opened(pictures.explore(ROOFS, KERNELS, "H200"))
    tab.get_by_role("button", name="product, 8192 cubed").focus()
    tab.keyboard.press("Enter")
    assert tab.evaluate(STATE)["kernel"] == "product, 8192 cubed"
    assert "it waits for arithmetic" in tab.locator(".readout").inner_text()
    tab.locator("circle").first.hover()
    assert tab.evaluate(STATE)["kernel"] == "softmax"
    assert "softmax: 0.768 operations a byte" in tab.locator(".readout").inner_text()


def test_an_unknown_first_gpu_is_named_in_the_error():
    with pytest.raises(ValueError, match="first must be one of .*'T4'.*got 'B300'"):
        pictures.explore(ROOFS, KERNELS, "B300")
