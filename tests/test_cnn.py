"""The small CNN in both forms, and the classic networks: counted, run, and taught something."""

import numpy as np
import pytest
import torch
import vision

from dlcore import data
from dlcore.nn import cnn as nn
from dlcore.scratch.autodiff import no_grad
from dlcore.scratch.cnn import CNN
from dlcore.scratch.optim import SGD, Adam

SIZE = {"side": 9, "classes": 5, "inputs": 2, "channels": (4, 6)}


@pytest.fixture
def pair(rng):
    """Both forms with the same weights, loaded through their state_dicts."""
    model, twin = CNN(**SIZE, rng=rng), nn.CNN(**SIZE, generator=torch.Generator())
    twin.load_state_dict({k: torch.tensor(v) for k, v in model.state_dict().items()})
    return model, twin


def images(rng, n=8, dtype=np.float32):
    return rng.normal(size=(n, 2, 9, 9)).astype(dtype), rng.integers(0, 5, n)


def test_the_small_network_has_50186_parameters_for_28_pixels_and_ten_classes(rng):
    sums = 32 * 1 * 9 + 32, 64 * 32 * 9 + 64, 10 * 64 * 7 * 7 + 10
    assert sums == (320, 18496, 31370) and sum(sums) == 50186
    sizes = [p.data.size for p in CNN(28, 10, rng).parameters()]
    assert [sizes[i] + sizes[i + 1] for i in (0, 2, 4)] == list(sums)
    twin = nn.CNN(28, 10, torch.Generator())
    assert [p.numel() for p in twin.parameters()] == sizes


def test_state_dicts_move_both_ways(pair, rng):
    model, twin = pair
    assert list(model.state_dict()) == list(twin.state_dict())
    other = CNN(**SIZE, rng=np.random.default_rng(5))
    other.load_state_dict({k: v.numpy() for k, v in twin.state_dict().items()})
    x, _ = images(rng)
    np.testing.assert_array_equal(other(x).data, model(x).data)


@pytest.mark.parametrize("n", [1, 8])
def test_scores_and_gradients_equal_those_of_the_twin(pair, rng, n):
    model, twin = pair
    for p in model.parameters():
        p.data = p.data.astype(np.float64)
    (x, _), dy = images(rng, n, np.float64), rng.normal(size=(n, 5))
    scores, wanted = model(x), twin.double()(torch.tensor(x))
    np.testing.assert_allclose(scores.data, wanted.detach(), rtol=1e-10, atol=1e-12)
    scores.backward(dy)
    wanted.backward(torch.tensor(dy))
    gradients = {name: p.grad for name, p in twin.named_parameters()}
    for name, p in model.named_parameters():
        np.testing.assert_allclose(p.grad, gradients[name], rtol=1e-10, atol=1e-12, err_msg=name)


def test_twenty_steps_of_sgd_keep_the_losses_together(pair, rng):
    model, twin = pair
    optimizer = SGD(model.arrays(), lr=0.05)
    torch_optimizer = torch.optim.SGD(twin.parameters(), lr=0.05)
    x, y = images(rng, 32)
    losses, twin_losses = [], []
    for _ in range(20):
        loss = model.loss(x, y)
        loss.backward()
        optimizer.step(model.take_grads())
        losses.append(loss.item())
        torch_optimizer.zero_grad()
        twin_loss = twin.loss(torch.tensor(x), torch.tensor(y))
        twin_loss.backward()
        torch_optimizer.step()
        twin_losses.append(twin_loss.item())
    np.testing.assert_allclose(losses, twin_losses, rtol=1e-6)
    assert losses[-1] < 0.8 * losses[0]


def test_the_small_network_reads_handwritten_digits():
    digits, rng = data.digits(), np.random.default_rng(1)
    model = CNN(8, 10, rng, channels=(16, 32))
    optimizer = Adam(model.arrays(), lr=3e-3)
    for rows in data.minibatches(len(digits.x_train), 64, 12, rng):
        model.loss(digits.x_train[rows, None], digits.y_train[rows]).backward()
        optimizer.step(model.take_grads())
    with no_grad():
        answers = model(digits.x_test[:, None]).data.argmax(axis=1)
    assert np.mean(answers != digits.y_test) < 0.03


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda make, x: make(side=3), "side must be at least 4, to be halved twice, got 3"),
        (lambda make, x: make()(x[:, :1]), r"x must be \(n, 2, 9, 9\), got \(8, 1, 9, 9\)"),
        (lambda make, x: make()(x[..., :8]), r"x must be \(n, 2, 9, 9\), got \(8, 2, 9, 8\)"),
        (lambda make, x: make()(x[:, :, :8]), r"x must be \(n, 2, 9, 9\), got \(8, 2, 8, 9\)"),
        (lambda make, x: make()(x[0]), r"x must be \(n, 2, 9, 9\), got \(2, 9, 9\)"),
    ],
)
def test_the_small_network_names_bad_images(call, message, rng):
    x, _ = images(rng)

    def ours(**change):
        return CNN(**SIZE | change, rng=rng)

    def twin(**change):
        return nn.CNN(**SIZE | change, generator=torch.Generator())

    for make, given in (ours, x), (twin, torch.tensor(x)):
        with pytest.raises(ValueError, match=message):
            call(make, given)


# The classic networks, in PyTorch only.

SMALL = {  # each network made small, and the side of its images
    "LeNet": (lambda g: nn.LeNet(g, classes=2), 32),
    "AlexNet": (lambda g: nn.AlexNet(g, 2, 1, side=63, width=12), 63),
    "VGG-11": (lambda g: nn.VGG(11, g, 2, 1, side=32, width=4), 32),
    "VGG-16": (lambda g: nn.VGG(16, g, 2, 1, side=32, width=4), 32),
    "GoogLeNet": (lambda g: nn.GoogLeNet(g, 2, 1, width=8, auxiliary=True), 32),
}


def surprisal(scores, labels):
    """Cross-entropy, to which GoogLeNet's two side heads add 0.3 of theirs."""
    entropy = torch.nn.functional.cross_entropy
    if not isinstance(scores, tuple):
        return entropy(scores, labels)
    main, *sides = (entropy(s, labels) for s in scores)
    return main + 0.3 * sum(sides)


def test_lenet_has_61706_parameters_and_the_paper_60000():
    model = nn.LeNet(torch.Generator())
    sums = 6 * 25 + 6, 16 * 6 * 25 + 16, 120 * 400 + 120, 84 * 120 + 84, 10 * 84 + 10
    assert sum(sums) == vision.count(model) == 61706
    # Six maps of S4 see 3 maps of S2, nine see 4, one sees 6; its poolings learn, its output not.
    sparse = 6 * (3 * 25 + 1) + 9 * (4 * 25 + 1) + (6 * 25 + 1)
    assert sparse == 1516 and sums[1] == 2416 and sums[4] == 850
    assert 61706 - (2416 - 1516) + 2 * 6 + 2 * 16 - 850 == 60000


def test_lenet_for_28_pixels_is_the_one_for_32_with_a_margin_of_zeros(rng):
    large, small = nn.LeNet(torch.Generator()), nn.LeNet(torch.Generator(), side=28)
    small.load_state_dict(large.state_dict())
    x = torch.tensor(rng.normal(size=(3, 1, 28, 28)), dtype=torch.float32)
    torch.testing.assert_close(small(x), large(torch.nn.functional.pad(x, (2, 2, 2, 2))))


def test_lenet_reads_handwritten_digits(rng):
    (x, y), held_out = vision.large_digits()

    def draw():
        rows = rng.integers(0, len(x), 64)
        return x[rows], y[rows]

    model = nn.LeNet(torch.Generator().manual_seed(0))
    vision.teach(model, draw, steps=150, lr=3e-3)
    assert vision.accuracy(model, *held_out) > 0.95


def test_alexnet_has_60965224_parameters():
    with torch.device("meta"):
        model = nn.AlexNet(None)
    kernels = 96 * 3 * 121, 256 * 48 * 25, 384 * 256 * 9, 384 * 192 * 9, 256 * 192 * 9
    dense = 4096 * 256 * 6 * 6, 4096 * 4096, 1000 * 4096
    weights = [p.numel() for name, p in model.named_parameters() if name.endswith("weight")]
    assert weights == [*kernels, *dense]
    biases = 96 + 256 + 384 + 384 + 256 + 4096 + 4096 + 1000
    assert sum(kernels) + sum(dense) + biases == vision.count(model) == 60965224


def test_alexnet_pools_its_maps_from_55_to_27_to_13_to_6_places():
    with torch.device("meta"):
        model, x, sides = nn.AlexNet(None), torch.empty(2, 3, 224, 224), []
        for layer in model.features:
            x = layer(x)
            sides.append(x.shape[-1])
    assert list(dict.fromkeys(sides)) == [55, 27, 13, 6] and x.shape == (2, 256, 6, 6)
    pools = [m for m in model.features if isinstance(m, torch.nn.MaxPool2d)]
    assert [(m.kernel_size, m.stride) for m in pools] == 3 * [(3, 2)]  # they overlap


def test_alexnet_normalizes_responses_by_the_sum_over_five_channels(rng):
    x = torch.tensor(rng.normal(size=(2, 7, 3, 3)) * 100)
    squares = torch.nn.functional.pad(x**2, (0, 0, 0, 0, 2, 2))
    sums = sum(squares[:, c : c + 7] for c in range(5))
    torch.testing.assert_close(nn.response_norm()(x), x / (2 + 1e-4 * sums) ** 0.75)


VGG_COUNTS = {11: 132863336, 13: 133047848, 16: 138357544, 19: 143667240}


@pytest.mark.parametrize("depth", VGG_COUNTS)
def test_vgg_parameters_are_counted(depth):
    with torch.device("meta"):
        model = nn.VGG(depth, None)
    # By hand: a stage of width w from inputs v with k convolutions.
    stages = zip((3, 64, 128, 256, 512), (64, 128, 256, 512, 512), nn.VGG_STAGES[depth])
    total = sum(9 * v * w + w + (k - 1) * (9 * w * w + w) for v, w, k in stages)
    total += 512 * 49 * 4096 + 4096 + 4096 * 4096 + 4096 + 4096 * 1000 + 1000
    assert total == vision.count(model) == VGG_COUNTS[depth]
    assert sum(nn.VGG_STAGES[depth]) + 3 == depth


def test_vgg_names_its_parameters_as_torchvision_does():
    with torch.device("meta"):
        names = list(nn.VGG(16, None).state_dict())
    convolutions = 0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28
    layers = [f"features.{i}" for i in convolutions] + [f"classifier.{i}" for i in (0, 3, 6)]
    assert names == [f"{layer}.{kind}" for layer in layers for kind in ("weight", "bias")]


def inception_weights(inputs, one, thin3, three, thin5, five, pooled):
    narrow = inputs * (one + thin3 + thin5 + pooled)
    return narrow + 9 * thin3 * three + 25 * thin5 * five


def test_googlenet_has_6998552_parameters_and_with_side_heads_13378280():
    with torch.device("meta"):
        model, wide = nn.GoogLeNet(None), nn.GoogLeNet(None, auxiliary=True)
    modules = [m for m in model.modules() if isinstance(m, nn.Inception)]
    inputs, total = 192, 64 * 147 + 64 * 64 + 192 * 576
    outputs = [64, 64, 192]
    for module, row in zip(modules, nn.INCEPTIONS.values(), strict=True):
        weights = inception_weights(inputs, *row)
        assert weights == sum(p.numel() for p in module.parameters() if p.ndim == 4)
        inputs, total, outputs = module.outputs, total + weights, [*outputs, *row]
    total += sum(outputs) + 1024 * 1000 + 1000
    assert inputs == 1024 and total == vision.count(model) == 6998552
    # torchvision: two parameters of batch norm for each bias, 9 in place of 25 taps.
    taps = sum(16 * row[3] * row[4] for row in nn.INCEPTIONS.values())
    assert total + sum(outputs) - taps == 6624904
    heads = [128 * c + 128 + 2048 * 1024 + 1024 + 1024 * 1000 + 1000 for c in (512, 528)]
    assert total + sum(heads) == vision.count(wide) == 13378280


def test_an_inception_module_puts_its_four_paths_side_by_side(rng):
    module = nn.Inception(3, 4, 2, 5, 2, 6, 7)
    x = torch.tensor(rng.normal(size=(2, 3, 5, 8)), dtype=torch.float32)
    y = module(x)
    assert y.shape == (2, module.outputs, 5, 8) and module.outputs == 4 + 5 + 6 + 7
    parts = y.split([4, 5, 6, 7], dim=1)
    for path, part in zip(module.paths, parts, strict=True):
        torch.testing.assert_close(part, path(x))
    spread = []  # how far one changed pixel is seen, by path
    for path in module.paths:
        nudged = x.clone()
        nudged[:, :, 2, 4] += 100.0
        spread.append((path(nudged) != path(x)).any(dim=(0, 1)).any(dim=0).sum().item())
    assert spread == [1, 3, 5, 3]


def test_googlenet_gives_its_side_scores_in_training_only():
    model = SMALL["GoogLeNet"][0](torch.Generator().manual_seed(0))
    x = torch.randn(3, 1, 32, 32, generator=torch.Generator().manual_seed(1))
    assert [tuple(s.shape) for s in model(x)] == [(3, 2)] * 3
    assert model.eval()(x).shape == (3, 2)
    assert nn.GoogLeNet(torch.Generator(), 2, 1, width=8)(x).shape == (3, 2)


@pytest.mark.parametrize("name", list(SMALL)[1:])
def test_a_network_tells_lying_from_standing_waves(name, rng):
    (make, side), steps = SMALL[name], 60 if name.startswith("VGG") else 30
    model = make(torch.Generator().manual_seed(0))
    vision.teach(model, lambda: vision.stripes(rng, 32, side), steps, 1e-3, surprisal)
    assert vision.accuracy(model, *vision.stripes(rng, 200, side)) > 0.95


@pytest.mark.parametrize("name", SMALL)
def test_the_generator_decides_the_weights_and_biases_begin_at_zero(name):
    make, side = SMALL[name]
    first, again, other = (make(torch.Generator().manual_seed(s)).eval() for s in (0, 0, 1))
    x = torch.randn(1, 1, side, side, generator=torch.Generator().manual_seed(2))
    assert torch.equal(first(x), again(x)) and not torch.equal(first(x), other(x))
    assert not any(p.any() for n, p in first.named_parameters() if n.endswith("bias"))


def test_weights_begin_with_the_variance_of_he():
    model = nn.VGG(11, torch.Generator().manual_seed(0), side=32, width=16)
    for name, p in model.named_parameters():
        if p.ndim > 1 and p.numel() > 10_000:
            wanted = 2 / (p.numel() / len(p))
            np.testing.assert_allclose(p.detach().var(), wanted, rtol=0.05, err_msg=name)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda g: nn.LeNet(g, side=30), "side must be 32, or 28 to be padded, got 30"),
        (lambda g: nn.AlexNet(g, side=62), "side must be at least 63, .*, got 62"),
        (lambda g: nn.AlexNet(g, side=63, width=10), "width must be a multiple of 6, got 10"),
        (lambda g: nn.AlexNet(g, side=63, width=0), "width must be a multiple of 6, got 0"),
        (lambda g: nn.VGG(12, g), r"depth must be one of \[11, 13, 16, 19\], got 12"),
        (lambda g: nn.VGG(11, g, side=31), "side must be at least 32, .*, got 31"),
        (lambda g: nn.GoogLeNet(g, width=12), "width must be a multiple of 8, got 12"),
        (lambda g: nn.GoogLeNet(g, width=0), "width must be a multiple of 8, got 0"),
    ],
)
def test_a_size_that_cannot_be_built_is_named(make, message):
    with pytest.raises(ValueError, match=message):
        make(torch.Generator())


@pytest.mark.parametrize("name", SMALL)
def test_a_network_names_images_that_it_cannot_read(name):
    make, side = SMALL[name]
    model = make(torch.Generator())
    for shape in (2, 3, side, side), (2, 1, side, side - 1), (1, side, side):
        with pytest.raises(ValueError, match=r"x must be \(n, 1, .*got \(" + f"{shape[0]}, "):
            model(torch.zeros(shape))
