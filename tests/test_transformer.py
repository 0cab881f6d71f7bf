"""The transformer block: both places of the norm, memory, cache, and torch's own layers."""

import numpy as np
import pytest
import torch
from gradients import assert_vjp
from twins import shaken, to_nn

from dlcore.nn import transformer as nn
from dlcore.scratch.attention import causal_mask, multi_head_attention, padding_mask
from dlcore.scratch.autodiff import no_grad, vjp
from dlcore.scratch.norm import layer_norm
from dlcore.scratch.transformer import Attention, Block, feed_forward

NORMS = pytest.mark.parametrize("norm", ["pre", "post"])
CROSS = pytest.mark.parametrize("cross", [False, True], ids=["alone", "cross"])


def block(rng, norm, cross=False):
    """A block of width 8 in float64, with no weight at a special value."""
    model = shaken(Block(8, 2, rng, norm=norm, cross=cross), rng)
    for p in model.parameters():
        p.data = p.data.astype(float)
    return model


def inputs(rng, cross):
    """x, its mask, and for a cross block memory and its mask."""
    given = [rng.normal(size=(3, 5, 8)), causal_mask(5)]
    return given + [rng.normal(size=(3, 7, 8)), padding_mask([7, 2, 4], 7)] * cross


def own(p):
    return {name: q.data for name, q in p.named_parameters()}


@NORMS
@CROSS
def test_a_block_is_its_equation(norm, cross, rng):
    model, (x, mask, *rest) = block(rng, norm, cross), inputs(rng, cross)
    p = own(model)

    def normed(part, x):
        return layer_norm(x, p[f"{part}_norm.scale"], p[f"{part}_norm.shift"])

    def attend(part, x, memory, mask):
        weights = [p[f"{part}.w{letter}"] for letter in "qkvo"]
        return multi_head_attention(x, memory, *weights, 2, mask)[0]

    parts = {"attention": lambda a: attend("attention", a, a, mask)}
    if cross:
        parts["cross"] = lambda a: attend("cross", a, *rest)
    parts["feed"] = lambda a: feed_forward(a, p["w1"], p["b1"], p["w2"], p["b2"])[0]
    y = x
    for part, f in parts.items():
        y = y + f(normed(part, y)) if norm == "pre" else normed(part, y + f(y))
    np.testing.assert_allclose(model(x, mask, *rest).data, y, rtol=1e-12)


@NORMS
@CROSS
def test_torchs_own_layers_agree(norm, cross, rng):
    model, (x, mask, *rest) = block(rng, norm, cross), inputs(rng, cross)
    kind = torch.nn.TransformerDecoderLayer if cross else torch.nn.TransformerEncoderLayer
    layer = kind(
        8,
        2,
        dim_feedforward=32,
        dropout=0,
        activation=lambda a: torch.nn.functional.gelu(a, approximate="tanh"),
        batch_first=True,
        norm_first=norm == "pre",
        dtype=torch.float64,
    )
    p = {k: torch.tensor(v) for k, v in own(model).items()}
    state = {k: torch.zeros_like(v) for k, v in layer.state_dict().items()}  # torch has biases
    order = ["attention", "cross", "feed"] if cross else ["attention", "feed"]
    for i, part in enumerate(order, start=1):
        state[f"norm{i}.weight"] = p[f"{part}_norm.scale"]
        state[f"norm{i}.bias"] = p[f"{part}_norm.shift"]
    for theirs, part in zip(("self_attn", "multihead_attn"), order[:-1], strict=False):
        joined = torch.cat([p[f"{part}.w{letter}"] for letter in "qkv"])
        state[f"{theirs}.in_proj_weight"] = joined
        state[f"{theirs}.out_proj.weight"] = p[f"{part}.wo"]
    for i in 1, 2:
        state[f"linear{i}.weight"], state[f"linear{i}.bias"] = p[f"w{i}"], p[f"b{i}"]
    layer.load_state_dict(state)
    hidden = ~torch.tensor(mask)  # torch's True here forbids
    if cross:
        memory, real = map(torch.tensor, rest)
        wanted = layer(
            torch.tensor(x), memory, tgt_mask=hidden, memory_key_padding_mask=~real[:, 0]
        )
    else:
        wanted = layer(torch.tensor(x), hidden)
    np.testing.assert_allclose(model(x, mask, *rest).data, wanted.detach(), rtol=1e-9, atol=1e-12)


@NORMS
@CROSS
def test_values_and_gradients_equal_those_of_the_twin(norm, cross, rng):
    model, given = block(rng, norm, cross), inputs(rng, cross)
    twin = to_nn(model, nn.Block(8, 2, torch.Generator(), norm=norm, cross=cross).double())
    tensors = [torch.tensor(a, requires_grad=a.dtype == float) for a in given]
    dy = rng.normal(size=(3, 5, 8))
    y, theirs = model(*given), twin(*tensors)
    np.testing.assert_allclose(y.data, theirs.detach(), rtol=1e-10)
    y.backward(dy)
    theirs.backward(torch.tensor(dy))
    wanted = dict(twin.named_parameters())
    for name, p in model.named_parameters():
        np.testing.assert_allclose(p.grad, wanted[name].grad, rtol=1e-9, atol=1e-10, err_msg=name)


@NORMS
def test_gradients_of_x_and_memory_match_finite_differences(norm, rng):
    model, (x, mask, memory, real) = block(rng, norm, True), inputs(rng, True)

    def f(x, memory):
        return vjp(lambda a, m: model(a, mask, m, real), x, memory)[0]

    def f_vjp(dy, y, x, memory):
        return tuple(vjp(lambda a, m: model(a, mask, m, real), x, memory)[1](dy))

    assert_vjp(f, f_vjp, [x, memory], rng)


@NORMS
@CROSS
@pytest.mark.parametrize("half", ["scratch", "nn"])
def test_steps_with_a_cache_give_what_the_whole_sequence_gives(norm, cross, half, rng):
    model, (x, mask, *rest) = block(rng, norm, cross), inputs(rng, cross)
    with no_grad():
        wanted = model(x, mask, *rest).data
    if half == "nn":
        model = to_nn(model, nn.Block(8, 2, torch.Generator(), norm=norm, cross=cross).double())
        x, *rest = map(torch.tensor, (x, *rest))
    cache, found = [], []
    with no_grad(), torch.no_grad():
        for new in x[:, :3], x[:, 3:4], x[:, 4:]:
            y = model.step(new, cache, *rest)
            found.append(y.data if half == "scratch" else y.numpy())
    np.testing.assert_allclose(np.concatenate(found, axis=1), wanted, rtol=1e-10)
    assert cache[0].shape == (3, 2, 5, 4)


def test_before_training_a_pre_norm_block_passes_its_input_on(rng):
    x = rng.normal(size=(2, 5, 8)).astype(np.float32)
    with no_grad():
        kept = Block(8, 2, rng)(x).data
        scaled = Block(8, 2, rng, norm="post")(10 * x + 3).data
    assert abs(kept - x).max() < 0.02
    assert abs(scaled - layer_norm(x, np.ones(8), np.zeros(8))).max() < 0.02


def test_the_looks_of_attention_are_its_weights(rng):
    model, (x, mask, memory, real) = block(rng, "pre", True), inputs(rng, True)
    twin = to_nn(model, nn.Block(8, 2, torch.Generator(), cross=True).double())
    looks, theirs = [], []
    model(x, mask, memory, real, looks)
    twin(*map(torch.tensor, (x, mask, memory, real)), theirs)
    assert looks[0].shape == (3, 2, 5, 7) and (looks[0][1, :, :, 2:] == 0).all()
    np.testing.assert_allclose(looks[0].sum(axis=-1), 1, rtol=1e-12)
    np.testing.assert_allclose(looks[0], theirs[0], rtol=1e-10)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda b, a, r: b(8, 2, r, norm="mid"), "norm must be 'pre' or 'post', got 'mid'"),
        (lambda b, a, r: a(8, 3, r), "width must be a multiple of heads, got width=8, heads=3"),
        (lambda b, a, r: a(8, 0, r), "width must be a multiple of heads, got width=8, heads=0"),
    ],
)
def test_mistakes_are_named_in_the_error_of_both_forms(call, message):
    with pytest.raises(ValueError, match=message):
        call(Block, Attention, np.random.default_rng(0))
    with pytest.raises(ValueError, match=message):
        call(nn.Block, nn.Attention, torch.Generator())


def test_memory_goes_to_a_cross_block_and_to_no_other(rng):
    x = np.zeros((1, 2, 8), np.float32)
    tensor = torch.tensor(x)
    message = "memory must be given to a block with cross=True and to no other, got "
    for plain, crossing, a in (
        (Block(8, 2, rng), Block(8, 2, rng, cross=True), x),
        (nn.Block(8, 2, None), nn.Block(8, 2, None, cross=True), tensor),
    ):
        with pytest.raises(ValueError, match=message + "one"):
            plain(a, memory=a)
        with pytest.raises(ValueError, match=message + "none"):
            crossing(a)
