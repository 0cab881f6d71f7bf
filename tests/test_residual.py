"""Residual networks: counted, named as torchvision's, and what the shortcut is good for."""

import pytest
import torch
import vision

from dlcore.nn.residual import (
    RESNETS,
    BasicBlock,
    Bottleneck,
    Pad,
    ResNet,
    cifar_resnet,
    resnet,
    zero_last_scales,
)

COUNTS = {18: 11689512, 34: 21797672, 50: 25557032, 101: 44549160, 152: 60192808}


def normed(inputs, outputs, kernel):
    """Weights of a convolution without bias and of the batch normalization after it."""
    return inputs * outputs * kernel**2 + 2 * outputs


def basic(inputs, width):
    return normed(inputs, width, 3) + normed(width, width, 3)


def bottleneck(inputs, width):
    return normed(inputs, width, 1) + normed(width, width, 3) + normed(width, 4 * width, 1)


@pytest.mark.parametrize("depth", COUNTS)
def test_parameters_are_counted_block_by_block(depth):
    kind, counts = RESNETS[depth]
    block, factor = (basic, 1) if kind is BasicBlock else (bottleneck, 4)
    total, last = normed(3, 64, 7), 64
    for width, count in zip((64, 128, 256, 512), counts, strict=True):
        total += block(last, width) + (count - 1) * block(factor * width, width)
        total += normed(last, factor * width, 1) if last != factor * width else 0
        last = factor * width
    total += 1000 * last + 1000
    with torch.device("meta"):
        assert vision.count(resnet(depth, None)) == total == COUNTS[depth]
    assert sum(counts) * (2 if factor == 1 else 3) + 2 == depth


@pytest.mark.parametrize(
    ("shortcut", "wanted"), [("pad", 269722), (None, 269722), ("project", 272474)]
)
def test_resnet_20_for_small_images_is_counted(shortcut, wanted):
    total = normed(3, 16, 3) + 640 + 10
    for inputs, width in (16, 16), (16, 32), (32, 64):
        total += basic(inputs, width) + 2 * basic(width, width)
        if shortcut == "project" and inputs != width:
            total += normed(inputs, width, 1)
    model = cifar_resnet(20, torch.Generator(), shortcut=shortcut)
    assert vision.count(model) == total == wanted
    assert vision.count(cifar_resnet(20, torch.Generator())) == 269722  # "pad" unless told
    layers = [m for m in model.modules() if isinstance(m, torch.nn.Conv2d | torch.nn.Linear)]
    assert len(layers) == 20 + (2 if shortcut == "project" else 0)


def test_parameters_have_the_names_and_shapes_of_torchvision():
    with torch.device("meta"):
        shapes = {k: tuple(v.shape) for k, v in resnet(50, None).state_dict().items()}
        small = resnet(18, None).state_dict()
    # 53 convolutions, each with 5 entries of batch normalization, and the last layer's two.
    assert len(shapes) == 53 * 6 + 2 and len(small) == 20 * 6 + 2
    wanted = {
        "conv1.weight": (64, 3, 7, 7),
        "bn1.running_mean": (64,),
        "bn1.num_batches_tracked": (),
        "layer1.0.conv1.weight": (64, 64, 1, 1),
        "layer1.0.bn3.bias": (256,),
        "layer1.0.downsample.0.weight": (256, 64, 1, 1),
        "layer1.0.downsample.1.running_var": (256,),
        "layer2.0.conv2.weight": (128, 128, 3, 3),
        "layer3.5.conv3.weight": (1024, 256, 1, 1),
        "layer4.2.bn2.weight": (512,),
        "fc.weight": (1000, 2048),
        "fc.bias": (1000,),
    }
    assert {k: shapes[k] for k in wanted} == wanted
    assert "layer1.1.downsample.0.weight" not in shapes
    assert "layer1.0.downsample.0.weight" not in small and "layer2.0.downsample.0.weight" in small


def test_maps_shrink_from_112_to_7_places():
    with torch.device("meta"):
        model, x = resnet(50, None), torch.empty(1, 3, 224, 224)
        x = model.conv1(x)
        shapes = [tuple(x.shape[1:])]
        x = model.maxpool(x)
        for layer in model.layer1, model.layer2, model.layer3, model.layer4:
            x = layer(x)
            shapes.append(tuple(x.shape[1:]))
    assert shapes == [(64, 112, 112), (256, 56, 56), (512, 28, 28), (1024, 14, 14), (2048, 7, 7)]


@pytest.mark.parametrize("block", [BasicBlock, Bottleneck])
def test_a_block_with_its_last_scale_at_zero_is_the_identity_on_what_a_relu_returns(block, rng):
    x = torch.tensor(rng.uniform(size=(4, 8, 5, 5)), dtype=torch.float32)
    model = block(8, 8 // block.expansion)
    assert not torch.allclose(model(x), x)
    zero_last_scales(model)
    assert torch.equal(model(x), x)
    zero = [n for n, p in model.named_parameters() if n.endswith("weight") and not p.any()]
    assert zero == ["bn2.weight" if block is BasicBlock else "bn3.weight"]
    plain = block(8, 8 // block.expansion, shortcut=None)
    zero_last_scales(plain)
    assert not plain(x).any()


def test_the_shortcut_without_parameters_takes_every_second_pixel_and_adds_zeros(rng):
    x = torch.tensor(rng.normal(size=(2, 3, 6, 5)))
    y = Pad(4, stride=2)(x)
    assert y.shape == (2, 7, 3, 3)
    assert torch.equal(y[:, :3], x[:, :, ::2, ::2]) and not y[:, 3:].any()


@pytest.mark.parametrize("block", [BasicBlock, Bottleneck])
@pytest.mark.parametrize("shortcut", ["project", "pad"])
def test_a_block_adds_its_shortcut_to_its_convolutions(block, shortcut, rng):
    x = torch.tensor(rng.normal(size=(3, 4, 7, 6)), dtype=torch.float32)
    model = block(4, 8, stride=2, shortcut=shortcut).eval()
    y, added = model(x), model.downsample(x)
    assert y.shape == added.shape == (3, 8 * block.expansion, 4, 3)
    model.downsample = None
    f = model(x)  # after the ReLU: f itself only where it is positive
    torch.testing.assert_close(y[f > 0], torch.relu(f + added)[f > 0])
    assert (y != f).any()


def test_a_deep_plain_network_does_not_learn_where_the_residual_one_does(rng):
    (x, y), held_out = vision.large_digits(1)

    def draw():
        rows = rng.integers(0, len(x), 64)
        return x[rows], y[rows]

    losses, counts, right = {}, [], {}
    for shortcut in "pad", None:
        generator = torch.Generator().manual_seed(0)
        model = cifar_resnet(56, generator, inputs=1, width=8, shortcut=shortcut)
        losses[shortcut] = vision.teach(model, draw, steps=30, lr=3e-3)
        right[shortcut] = vision.accuracy(model, *held_out)
        counts.append(vision.count(model))
    assert counts[0] == counts[1]  # so it is not the lack of parameters
    assert losses["pad"][-1] < 0.8 and right["pad"] > 0.7
    assert losses[None][-1] > 1.8 and right[None] < 0.4  # chance: log 10 = 2.3 and 0.1


@pytest.mark.parametrize("depth", [18, 50])
def test_networks_for_photographs_tell_lying_from_standing_waves(depth, rng):
    model = resnet(depth, torch.Generator().manual_seed(0), classes=2, inputs=1, width=4)
    zero_last_scales(model)
    vision.teach(model, lambda: vision.stripes(rng, 32, 32), steps=40, lr=5e-3)
    assert vision.accuracy(model, *vision.stripes(rng, 200, 32)) > 0.95


@pytest.mark.parametrize("size", [(1, 32, 32), (2, 33, 47), (2, 64, 32)])
def test_images_of_many_sizes_get_scores(size):
    n, i, j = size
    model = resnet(18, torch.Generator(), classes=5, width=4).eval()
    assert model(torch.zeros(n, 3, i, j)).shape == (n, 5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda g: resnet(20, g), r"depth must be one of \[18, 34, 50, 101, 152\], got 20"),
        (lambda g: cifar_resnet(18, g), r"depth must be 6 n \+ 2 for a whole n >= 1, got 18"),
        (lambda g: cifar_resnet(2, g), r"depth must be 6 n \+ 2 for a whole n >= 1, got 2"),
        (lambda g: BasicBlock(2, 2, shortcut="add"), "'project', 'pad' or None, got 'add'"),
        (
            lambda g: resnet(18, g, width=4)(torch.zeros(1, 3, 31, 40)),
            r"x must be \(n, 3, i, j\) of at least 32 × 32 pixels, got \(1, 3, 31, 40\)",
        ),
        (
            lambda g: ResNet(BasicBlock, (1, 1, 1), g, small=True)(torch.zeros(2, 3, 3, 4)),
            r"\(n, 3, i, j\) of at least 4 × 4 pixels, got \(2, 3, 3, 4\)",
        ),
        (lambda g: cifar_resnet(8, g)(torch.zeros(2, 1, 8, 8)), r"\(n, 3, i, j\) .* \(2, 1, 8"),
        (lambda g: cifar_resnet(8, g)(torch.zeros(3, 8, 8)), r"\(n, 3, i, j\) .* \(3, 8, 8\)"),
    ],
)
def test_bad_sizes_are_named_in_the_error(call, message):
    with pytest.raises(ValueError, match=message):
        call(torch.Generator())
