"""The vision transformer: counted, what its positions are for, and taught something small."""

import pytest
import torch
import vision

from dlcore.nn.vit import Block, ViT

SIZE = {"classes": 2, "inputs": 1, "side": 16, "patch": 4, "width": 32, "heads": 4, "layers": 2}


@pytest.fixture
def model():
    return ViT(torch.Generator().manual_seed(0), **SIZE)


def test_vit_b_16_has_86567656_parameters():
    d, places = 768, 1 + 14 * 14
    attention = 3 * (d * d + d) + d * d + d
    feed_forward = 4 * d * d + 4 * d + 4 * d * d + d
    block = 2 * d + attention + 2 * d + feed_forward
    patches = d * 3 * 16 * 16 + d
    assert block == 7087872 and patches == 590592
    total = patches + d + places * d + 12 * block + 2 * d + 1000 * d + 1000
    with torch.device("meta"):
        assert vision.count(ViT(None)) == total == 86567656
        assert vision.count(Block(d, 12)) == block


def test_the_strided_convolution_is_one_linear_map_of_every_patch(model, rng):
    x = torch.tensor(rng.normal(size=(2, 1, 16, 16)), dtype=torch.float32)
    rows = x.reshape(2, 4, 4, 4, 4).swapaxes(2, 3).reshape(2, 16, 16)  # (n, patch, pixel)
    wanted = rows @ model.patches.weight.flatten(1).T + model.patches.bias
    torch.testing.assert_close(model.patches(x).flatten(2).mT, wanted)


def shuffle_patches(x, rng):
    """The same patches of 4 by 4 pixels in another order."""
    patches = x.unfold(2, 4, 4).unfold(3, 4, 4).reshape(len(x), 1, 16, 4, 4)
    patches = patches[:, :, rng.permutation(16)].reshape(len(x), 1, 4, 4, 4, 4)
    return patches.transpose(3, 4).reshape(x.shape)


def test_only_the_positions_tell_the_order_of_the_patches(model, rng):
    x = torch.tensor(rng.normal(size=(3, 1, 16, 16)), dtype=torch.float32)
    other = shuffle_patches(x, rng)
    torch.testing.assert_close(other.flatten(1).sort()[0], x.flatten(1).sort()[0])
    assert not torch.allclose(model(other), model(x), rtol=1e-4, atol=1e-6)
    torch.nn.init.zeros_(model.places)
    torch.testing.assert_close(model(other), model(x), rtol=1e-4, atol=1e-6)


def test_a_block_adds_attention_and_then_feed_forward_to_its_input(rng):
    block = Block(8, 2)
    x = torch.tensor(rng.normal(size=(2, 5, 8)), dtype=torch.float32)
    for part in block.attention.out_proj, block.feed_forward[2]:
        torch.nn.init.zeros_(part.weight)
        torch.nn.init.zeros_(part.bias)
    assert torch.equal(block(x), x)
    torch.nn.init.normal_(block.feed_forward[2].weight, generator=torch.Generator())
    y = block(x)
    assert not torch.allclose(y, x)
    x2 = x.clone()
    x2[:, 3] += 1  # without attention, positions do not see each other
    same = [p for p in range(5) if torch.allclose(block(x2)[:, p], y[:, p])]
    assert same == [0, 1, 2, 4]


def test_it_tells_lying_from_standing_waves(model, rng):
    vision.teach(model, lambda: vision.stripes(rng, 32, 16), steps=150, lr=3e-3)
    assert vision.accuracy(model, *vision.stripes(rng, 200, 16)) > 0.95


def test_the_generator_decides_every_weight():
    first, again, other = (ViT(torch.Generator().manual_seed(s), **SIZE) for s in (0, 0, 1))
    for (name, a), b, c in zip(first.named_parameters(), again.parameters(), other.parameters()):
        assert torch.equal(a, b), name
        assert torch.equal(a, c) == (a.ndim == 1), name  # biases and scales begin alike
        if a.ndim > 1:
            assert 0 < a.std() < 0.03, name


@pytest.mark.parametrize("n", [1, 3])
def test_each_image_gets_its_own_scores(model, rng, n):
    x = torch.tensor(rng.normal(size=(n, 1, 16, 16)), dtype=torch.float32)
    scores = model(x)
    assert scores.shape == (n, 2)
    torch.testing.assert_close(torch.cat([model(one[None]) for one in x]), scores)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: ViT(None, side=20, patch=8),
            "patches must divide the image, got side=20, patch=8",
        ),
        (lambda: ViT(None, side=4, patch=8), "patches must divide the image, got side=4, patch=8"),
        (lambda: ViT(None, side=8, patch=0), "patches must divide the image, got side=8, patch=0"),
        (lambda: ViT(None, width=10, heads=4), "multiple of heads, got width=10, heads=4"),
        (
            lambda: ViT(None, **SIZE)(torch.zeros(2, 1, 16, 12)),
            r"x must be \(n, 1, 16, 16\), got \(2, 1, 16, 12\)",
        ),
        (lambda: ViT(None, **SIZE)(torch.zeros(2, 3, 16, 16)), r"\(n, 1, 16, 16\), got \(2, 3"),
    ],
)
def test_bad_sizes_are_named_in_the_error(call, message):
    with pytest.raises(ValueError, match=message):
        call()
