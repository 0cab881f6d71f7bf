"""U-Net: counted, as large out as in, and able to say which pixel belongs to what."""

import pytest
import torch
import vision

from dlcore.nn.unet import UNet


def twice(inputs, outputs):
    return 9 * inputs * outputs + outputs + 9 * outputs**2 + outputs


def test_it_has_31030658_parameters_for_one_channel_and_two_classes():
    down = [twice(1, 64), twice(64, 128), twice(128, 256), twice(256, 512), twice(512, 1024)]
    assert sum(down) == 37568 + 221440 + 885248 + 3539968 + 14157824 == 18842048
    widths = 512, 256, 128, 64
    up = [4 * 2 * w * w + w + twice(2 * w, w) for w in widths]
    assert sum(up) == 9176576 + 2294528 + 573824 + 143552 == 12188480
    with torch.device("meta"):
        model = UNet(None)
    assert vision.count(model) == sum(down) + sum(up) + 2 * 64 + 2 == 31030658


@pytest.mark.parametrize("size", [(1, 16, 16), (2, 32, 48), (1, 64, 16)])
def test_scores_have_the_size_of_the_image(size):
    n, i, j = size
    model = UNet(torch.Generator(), classes=5, inputs=3, width=2)
    assert model(torch.zeros(n, 3, i, j)).shape == (n, 5, i, j)


def test_a_shift_by_a_multiple_of_the_halvings_shifts_the_scores(rng):
    model = UNet(torch.Generator().manual_seed(0), width=4, depth=1).double()
    x = torch.tensor(rng.normal(size=(1, 1, 32, 32)))
    y = model(x)
    middle = slice(12, 20)  # the margin of zeros is not seen from here

    def moved_with_it(k):
        shifted = model(x.roll(k, dims=3)).roll(-k, dims=3)
        return torch.allclose(shifted[..., middle, middle], y[..., middle, middle])

    assert moved_with_it(2) and not moved_with_it(1)


def test_far_pixels_are_seen_through_the_bottom_and_near_ones_over_the_skips(rng):
    model = UNet(torch.Generator().manual_seed(0), width=4, depth=2).double()
    x = torch.tensor(rng.normal(size=(1, 1, 32, 32)))
    other = x.clone()
    other[..., 16, 16] += 10

    def changed_rows():
        return (model(other) != model(x)).any(dim=1)[0].any(dim=1).sum().item()

    assert changed_rows() > 9
    for enlarge in model.enlarge:
        torch.nn.init.zeros_(enlarge.weight)
    assert changed_rows() == 9  # four 3 × 3 convolutions, two down and two up


def test_it_finds_discs_and_rings_pixel_by_pixel(rng):
    model = UNet(torch.Generator().manual_seed(1), classes=3, width=8, depth=2)
    vision.teach(model, lambda: vision.discs_and_rings(rng, 8, 32), steps=140, lr=5e-3)
    x, y = vision.discs_and_rings(rng, 100, 32)
    assert vision.accuracy(model, x, y) > 0.97
    with torch.no_grad():
        found = model(x).argmax(dim=1)
    for k in range(3):  # the share of agreement in what either calls k
        both, either = (found == k) & (y == k), (found == k) | (y == k)
        assert both.sum() > 0.6 * either.sum(), k


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((1, 1, 24, 32), r"i, j must be multiples of 2\^depth = 16, got \(24, 32\)"),
        ((1, 1, 32, 8), r"i, j must be multiples of 2\^depth = 16, got \(32, 8\)"),
        ((1, 1, 0, 16), r"i, j must be multiples of 2\^depth = 16, got \(0, 16\)"),
        ((1, 3, 16, 16), r"x must be \(n, 1, i, j\), got \(1, 3, 16, 16\)"),
        ((1, 16, 16), r"x must be \(n, 1, i, j\), got \(1, 16, 16\)"),
    ],
)
def test_images_that_do_not_fit_are_named(shape, message):
    with pytest.raises(ValueError, match=message):
        UNet(torch.Generator(), width=2)(torch.zeros(shape))
