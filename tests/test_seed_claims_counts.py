"""Claims of the source texts about numbers of parameters, counted from layers that are built.

PyTorch's device "meta" builds layers of any size without memory for their numbers.
"""

import numpy as np
import pytest
from torch import empty, nn

from dlcore.scratch.convolution import conv2d
from dlcore.scratch.mlp import MLP

CLASSES = 1000


def size(*layers) -> int:
    return sum(p.numel() for layer in layers for p in layer.parameters())


def dense(inputs, outputs, bias=True):
    return nn.Linear(inputs, outputs, bias, device="meta")


def conv(inputs, outputs, kernel, bias=False, groups=1, **options):
    return nn.Conv2d(inputs, outputs, kernel, bias=bias, groups=groups, device="meta", **options)


def resnet(blocks, bottleneck: bool):
    """The convolutions with their norms, and the last layer, of a residual network."""
    body, width = [conv(3, 64, 7)], 64
    for stage, count in enumerate(blocks):
        inner = 64 * 2**stage
        outer = 4 * inner if bottleneck else inner
        for block in range(count):
            kernels = (1, 3, 1) if bottleneck else (3, 3)
            widths = [width, *[inner] * (len(kernels) - 1), outer]
            body += [conv(*pair, k) for *pair, k in zip(widths, widths[1:], kernels)]
            if block == 0 and width != outer:
                body.append(conv(width, outer, 1))  # the projected shortcut
            width = outer
    norms = [nn.BatchNorm2d(layer.out_channels, device="meta") for layer in body]
    return [*body, *norms], [dense(width, CLASSES)]


def vgg(stages):
    """The 3 × 3 convolutions and the three dense layers, from (width, how many) of each stage."""
    widths = [3, *(width for width, count in stages for _ in range(count))]
    body = [conv(*pair, 3, bias=True) for pair in zip(widths, widths[1:])]
    return body, [dense(512 * 7 * 7, 4096), dense(4096, 4096), dense(4096, CLASSES)]


def alexnet():
    """With convolutions two, four and five cut in two groups, for two GPUs."""
    body = [
        conv(3, 96, 11, bias=True, stride=4),
        conv(96, 256, 5, bias=True, groups=2, padding=2),
        conv(256, 384, 3, bias=True, padding=1),
        conv(384, 384, 3, bias=True, groups=2, padding=1),
        conv(384, 256, 3, bias=True, groups=2, padding=1),
    ]
    return body, [dense(256 * 6 * 6, 4096), dense(4096, 4096), dense(4096, CLASSES)]


VGG19 = [(64, 2), (128, 2), (256, 4), (512, 4), (512, 4)]
VGG16 = [(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)]


@pytest.mark.parametrize(
    ("network", "total", "share"),
    [
        pytest.param(resnet([3, 4, 6, 3], True), 25557032, 0.0802, id="C001-73, C002-62: ResNet50"),
        pytest.param(resnet([2, 2, 2, 2], False), 11689512, 0.0439, id="C001-73: ResNet18"),
        pytest.param(vgg(VGG16), 138357544, 0.8936, id="C001-73: VGG16"),
        pytest.param(vgg(VGG19), 143667240, 0.8606, id="C001-77: VGG19"),
        pytest.param(resnet([3, 4, 6, 3], False), 21797672, 0.0235, id="C001-77: ResNet34"),
        pytest.param(alexnet(), 60965224, 0.9617, id="C004-53: AlexNet"),
    ],
)
def test_dense_layers_hold_most_parameters_of_vgg_and_few_of_resnets(network, total, share):
    body, head = network
    assert size(*body, *head) == total
    assert size(*head) / total == pytest.approx(share, abs=5e-5)


def test_the_head_of_resnet_50_has_2_million_parameters_and_the_network_50_layers():
    """C001-73, C002-62: "most of the learnable parameters live in the Dense layers" is wrong."""
    body, head = resnet([3, 4, 6, 3], True)
    assert size(*head) == 2049000
    convolutions = [layer for layer in body if isinstance(layer, nn.Conv2d)]
    shortcuts = 4
    assert len(convolutions) - shortcuts + len(head) == 50
    assert head[0].out_features == 1000


def test_vgg_19_and_resnet_34_have_the_same_numbers_of_filters():
    """C001-77: 64, 128, 256 and 512 in both, not "64 or 128" in ResNet-34."""
    networks = vgg(VGG19)[0], resnet([3, 4, 6, 3], False)[0]
    for body in networks:
        filters = {layer.out_channels for layer in body if isinstance(layer, nn.Conv2d)}
        assert filters == {64, 128, 256, 512}
    assert len(networks[0]) + 3 == 19


def test_a_kernel_has_the_shape_out_in_rows_columns(rng):
    """C004-53: in PyTorch and here."""
    layer = conv(3, 96, 11)
    assert layer.weight.shape == (96, 3, 11, 11)
    w = rng.normal(size=layer.weight.shape)
    assert conv2d(np.zeros((1, 3, 11, 13)), w, np.zeros(96)).shape == (1, 96, 1, 3)


@pytest.mark.parametrize(
    ("shape", "width", "total", "with_head"),
    [
        pytest.param((256, 256, 3), 196608, 77309804544, 77310394371, id="C001-66, C001-67"),
        pytest.param((256, 256), 65536, 8590065664, 8590262275, id="C001-68"),
    ],
)
def test_two_hidden_layers_as_wide_as_an_image_have_billions_of_parameters(
    shape, width, total, with_head
):
    inputs = np.zeros(shape, np.uint8).size
    assert inputs == width
    hidden = dense(inputs, inputs), dense(inputs, inputs)
    assert size(*hidden) == total
    assert size(*hidden, dense(inputs, 3)) == with_head


def test_a_megapixel_and_a_thousand_hidden_units_have_a_billion_weights():
    """C002-49: 10⁶ inputs times 1000."""
    pixels = np.zeros((1000, 1000), np.uint8).size
    assert dense(pixels, 1000).weight.numel() == 1000000000


def test_one_hidden_layer_of_m_units_has_d_plus_2_times_m_parameters(rng):
    """C002-01: 201,216 for d = 784 and M = 256, the bias of the output left out."""
    *params, bias = MLP([784, 256, 1], "relu", rng).params
    assert bias.shape == (1,)
    assert sum(p.size for p in params) == 201216
    *params, _ = MLP([11, 7, 1], "relu", rng).params
    assert sum(p.size for p in params) == (11 + 2) * 7


def test_the_mlp_for_mnist_has_almost_4_parameters_an_image(rng):
    """C002-28, C002-29: 235,146 parameters, 3.919 times 60,000."""
    total = sum(p.size for p in MLP([784, 256, 128, 10], "relu", rng).params)
    assert total == 235146
    assert total / 60000 == pytest.approx(3.9191, abs=5e-5)


@pytest.mark.parametrize(
    ("inputs", "outputs", "weights", "with_bias"),
    [
        pytest.param(128, 256, 294912, 295168, id="C004-50"),
        pytest.param(128, 64, 73728, 73792, id="C004-51"),
        pytest.param(1, 32, 288, 320, id="C004-52"),
        pytest.param(1, 1, 9, 10, id="C004-43: the bias u counts too"),
    ],
)
def test_a_3_by_3_convolution_has_9_weights_a_pair_of_channels(inputs, outputs, weights, with_bias):
    assert size(conv(inputs, outputs, 3)) == weights
    layer = conv(inputs, outputs, 3, bias=True, padding=2, stride=2)
    assert size(layer) == with_bias
    for side in 8, 31:  # neither margin, stride nor size of the image matters
        assert layer(empty(1, inputs, side, side, device="meta")).shape[1] == outputs
    assert size(layer) == with_bias


@pytest.mark.parametrize("delta", [1, 2, 3])
def test_a_kernel_of_reach_delta_has_a_square_of_weights_and_a_bias(delta):
    """C004-43: (2Δ + 1)² + 1, where (2Δ + 1)² is printed."""
    total = size(conv(1, 1, 2 * delta + 1, bias=True))
    assert total == (2 * delta + 1) ** 2 + 1


def test_three_3_by_3_kernels_save_45_percent_against_one_of_7_by_7():
    """C004-56: 27 C² against 49 C², which is 81% more; two save 7 of 25."""
    c = 16
    three, two = size(*[conv(c, c, 3)] * 3), size(*[conv(c, c, 3)] * 2)
    seven, five = size(conv(c, c, 7)), size(conv(c, c, 5))
    assert [n / c**2 for n in (two, five, three, seven)] == [18, 25, 27, 49]
    assert 1 - three / seven == pytest.approx(0.44897959, abs=5e-9)
    assert seven / three - 1 == pytest.approx(0.81, abs=0.005)


def test_a_1_by_1_convolution_reduces_parameters_to_30_percent_not_by_30():
    """C004-57: 18 · 1 · 1 · 5 + 5 · 3 · 3 · 30 = 1440 against 18 · 3 · 3 · 30 = 4860."""
    narrow, direct = size(conv(18, 5, 1), conv(5, 30, 3)), size(conv(18, 30, 3))
    assert (narrow, direct) == (1440, 4860)
    assert narrow / direct == pytest.approx(0.2962962963, abs=5e-11)
    assert 1 - narrow / direct > 0.7


def test_a_bottleneck_of_256_channels_costs_as_much_as_two_layers_of_64():
    """C004-61: 69,632 parameters against 1,179,648 and 73,728."""
    bottleneck = size(conv(256, 64, 1), conv(64, 64, 3), conv(64, 256, 1))
    plain, basic = size(*[conv(256, 256, 3)] * 2), size(*[conv(64, 64, 3)] * 2)
    assert (bottleneck, plain, basic) == (69632, 1179648, 73728)
    assert bottleneck / plain == pytest.approx(0.059, abs=5e-4)
