"""What single kernels claim beyond the table: masks, chunks, descriptors, and every error."""

import importlib
import inspect

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from dlcore.kernels import (
    activations,
    attention,
    embedding,
    linear,
    losses,
    norm,
    optim,
    recurrent,
    softmax,
)

DTYPES = [torch.float32, torch.float16, torch.bfloat16]


@pytest.fixture(autouse=True)
def needs_triton(required):
    required("triton")


def normal(rng, *shape, dtype=torch.float32):
    return torch.tensor(rng.normal(size=shape)).to(dtype)


TWINS = ["softmax.softmax", "norm.layer_norm", "norm.rms_norm", "losses.cross_entropy"]
TWINS += ["linear.linear", "embedding.embedding", "activations.gelu"]


@pytest.mark.parametrize("name", TWINS)
def test_a_kernel_takes_the_arguments_of_its_twin_then_options_and_the_backend(name):
    module, name = name.split(".")
    halves = (importlib.import_module(f"dlcore.{half}.{module}") for half in ("kernels", "nn"))
    mine, wanted = (list(inspect.signature(getattr(half, name)).parameters) for half in halves)
    assert mine[: len(wanted)] == wanted and mine[-1] == "backend"


# Dropout


def test_the_dropout_mask_depends_on_the_seed_and_the_place_but_not_on_the_tiles(monkeypatch):
    x = torch.ones(50, 70)
    first = activations.dropout(x, 0.4, seed=3, backend="triton")
    monkeypatch.setattr(activations, "CONFIG", {"ROWS": 16, "BLOCK": 128, "num_warps": 4})
    assert torch.equal(activations.dropout(x, 0.4, seed=3, backend="triton"), first)
    assert not torch.equal(activations.dropout(x, 0.4, seed=4, backend="triton"), first)
    assert abs((first == 0).double().mean() - 0.4) < 0.03  # 3,500 draws: a deviation is 0.008
    assert torch.equal(activations.dropout(x, 0.4, seed=3, backend="torch"), first)


def test_philox_gives_the_published_numbers():
    """The known answer of Random123 for Philox 4x32-10 with a counter and a key of zeros."""
    assert activations.philox(0, torch.tensor([0])).tolist() == [0x6627E8D5]


# Cross-entropy


def test_the_fused_loss_holds_a_chunk_of_logits_and_no_more(rng, monkeypatch):
    seen, launch = [], losses.launch
    monkeypatch.setattr(losses, "launch", lambda x, *a: seen.append(x.shape) or launch(x, *a))
    x, w, y = normal(rng, 100, 8), normal(rng, 64, 8), torch.tensor(rng.integers(0, 64, 100))
    losses.linear_cross_entropy(x, w, y, backend="triton")
    assert seen == 6 * [(16, 64)] + [(4, 64)]  # 64 classes from 8 features: an eighth of the rows


def test_a_loss_goes_back_once_and_says_so(rng):
    x = normal(rng, 3, 5).requires_grad_()
    loss = losses.cross_entropy(x, torch.tensor([0, 1, 2]), backend="triton")
    loss.backward(retain_graph=True)
    wanted = torch.autograd.grad(F.cross_entropy(x, torch.tensor([0, 1, 2])), x)[0]
    torch.testing.assert_close(x.grad, wanted)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


def test_a_loss_without_gradient_makes_none(rng):
    x, y = normal(rng, 3, 5), torch.tensor([0, 1, 2])
    loss, dx = losses.cross_entropy_op(x, y, -100, 0.0, False)
    assert dx.numel() == 0
    torch.testing.assert_close(loss, F.cross_entropy(x, y))


@pytest.mark.parametrize("classes", [5, 33000])
def test_a_label_out_of_range_gives_nan_where_it_cannot_be_checked(rng, classes):
    x = normal(rng, 2, classes)
    loss, _ = losses.cross_entropy_op(x, torch.tensor([0, classes]), -100, 0.0, False)
    assert loss.isnan()


@pytest.mark.parametrize("classes", [33, 33000])
@pytest.mark.parametrize("dtype", DTYPES)
def test_masked_classes_get_no_gradient_and_labels_all_ignored_give_nan_as_in_torch(
    rng, classes, dtype
):
    x = normal(rng, 3, classes, dtype=dtype)
    x[0, 1:] = x[1, 5] = -torch.inf  # in the first row one class is left
    y = torch.tensor([0, 2, 3])
    ours, wide = x.clone().requires_grad_(), x.double().requires_grad_()
    loss, wanted = losses.cross_entropy(ours, y, backend="triton"), F.cross_entropy(wide, y)
    torch.testing.assert_close(loss.double(), wanted, rtol=1e-5, atol=0)
    dx, wanted = (torch.autograd.grad(a, b)[0] for a, b in ((loss, ours), (wanted, wide)))
    torch.testing.assert_close(dx, wanted.to(dtype), rtol=1e-2, atol=1e-6)
    assert not dx[0].any() and dx[1, 5] == 0
    ignored = torch.full((3,), -100)
    assert losses.cross_entropy(ours, ignored, backend="triton").isnan()
    assert F.cross_entropy(wide, ignored).isnan()


# Softmax


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_masked_score_gets_nothing_and_a_row_masked_whole_is_nan_as_in_torch(rng, dtype):
    x = normal(rng, 4, 33, dtype=dtype)
    x[0, 5:], x[1], x[2] = -torch.inf, -torch.inf, 60000 * x[2].sign()
    y = softmax.softmax(x, backend="triton")
    wanted = torch.softmax(x.double(), -1).to(dtype)
    torch.testing.assert_close(y, wanted, rtol=1e-2, atol=1e-6, equal_nan=True)
    assert not y[0, 5:].any() and y[1].isnan().all() and not y[2:].isnan().any()


# Attention


@pytest.mark.parametrize("backend", ["triton", "torch"])
def test_a_query_before_every_key_gets_zeros_and_no_gradient(rng, backend):
    q, k, v = (normal(rng, 1, n, 16).requires_grad_() for n in (7, 3, 3))
    y = attention.attention(q, k, v, causal=True, backend=backend)
    assert torch.equal(y[:, :4], torch.zeros(1, 4, 16)) and (y[:, 4:] != 0).all()
    dq = torch.autograd.grad(y, q, normal(rng, 1, 7, 16))[0]
    assert torch.equal(dq[:, :4], torch.zeros(1, 4, 16)) and (dq[:, 5:] != 0).all()


def test_attention_keeps_the_logsumexp_of_the_scores(rng):
    q, k, v = (normal(rng, 2, 9, 16) for _ in range(3))
    _, lse = attention.attention_op(q, k, v, False, 0.25)
    wanted = torch.logsumexp(0.25 * q @ k.mT, -1) / np.log(2)
    torch.testing.assert_close(lse, wanted.float())


# Linear layers


def test_descriptors_of_hopper_compute_what_pointers_do_in_all_three_products(rng):
    x = normal(rng, 296, 72, dtype=torch.bfloat16).requires_grad_()
    w = normal(rng, 136, 72, dtype=torch.bfloat16).requires_grad_()
    b = normal(rng, 136, dtype=torch.bfloat16).requires_grad_()
    dy = normal(rng, 296, 136, dtype=torch.bfloat16)
    assert linear.fits_tma(x, w.T, x.T, dy) and not linear.fits_tma(x[:, 1:])
    found = []
    for tma in (False, True):  # 3 x 2 tiles by two programs
        y = linear.product_op(x, w.T, b, 0, tma)
        found.append([y, *torch.autograd.grad(y, (x, w, b), dy)])
    for pointers, descriptors in zip(*found, strict=True):
        assert torch.equal(pointers, descriptors)
    wanted = F.linear(x.double(), w.double(), b.double())
    assert (found[1][0].double() - wanted).norm() < 3e-3 * wanted.norm()


@pytest.mark.parametrize("activation, approximate", [("gelu", "none"), ("gelu_tanh", "tanh")])
def test_an_activation_is_the_same_in_the_epilogue_and_behind_it(rng, activation, approximate):
    x, w, b = normal(rng, 5, 3, 9), normal(rng, 17, 9), normal(rng, 17)
    wanted = F.gelu(F.linear(x, w, b), approximate=approximate)
    for leaf in (w, w.clone().requires_grad_()):
        y = linear.linear(x, leaf, b, activation, backend="triton")
        torch.testing.assert_close(y, wanted, rtol=1e-5, atol=1e-5)
    (dw,) = torch.autograd.grad(y, leaf, torch.ones_like(y))
    y = F.gelu(F.linear(x, leaf, b), approximate=approximate)
    wanted = torch.autograd.grad(y, leaf, torch.ones_like(y))[0]
    torch.testing.assert_close(dw, wanted, rtol=1e-4, atol=1e-4)


# Optimizers


@pytest.mark.parametrize("backend", ["triton", "torch"])
def test_five_updates_of_adamw_equal_those_of_torch(rng, backend):
    p = normal(rng, 300).requires_grad_()
    ours, mean, var = p.detach().clone(), torch.zeros(300), torch.zeros(300)
    other = torch.optim.AdamW([p], lr=0.1, weight_decay=0.2)
    for step in range(1, 6):
        p.grad = normal(rng, 300)
        other.step()
        optim.adamw(ours, p.grad, mean, var, step, 0.1, weight_decay=0.2, backend=backend)
    torch.testing.assert_close(ours, p.detach(), rtol=1e-5, atol=1e-6)


# Errors

X, W, B = torch.zeros(4, 3), torch.zeros(5, 3), torch.zeros(5)
Y = torch.tensor([0, 1, 2, 0])
WRONG = [
    (norm.layer_norm, (X, B, B), r"scale must be \(3,\), got \(5,\)"),
    (norm.rms_norm, (X, W[0], -1), "eps must be finite and not negative, got -1"),
    (norm.rms_norm, (X[:0], W[0]), "x must hold at least one row"),
    (norm.rms_norm, (torch.zeros(1, 20000), torch.zeros(20000), 1, "triton"), "at most 8192"),
    (activations.dropout, (X, 1.0), r"p must lie in \[0, 1\), got 1.0"),
    (activations.gelu, (X, "identity"), 'approximate must be "none" or "tanh"'),
    (activations.bias_gelu_dropout, (X, B), r"bias must be \(3,\), got \(5,\)"),
    (activations.gelu, (X[:0],), "x must hold at least one row"),
    (losses.cross_entropy, (X, Y + 1), "labels must lie in 0..2, got 3"),
    (losses.cross_entropy, (X, Y.float()), "labels must be integers"),
    (losses.cross_entropy, (X, Y, 1.0), r"smoothing must lie in \[0, 1\)"),
    (losses.cross_entropy, (X[0], Y), r"must be \(n, k\)"),
    (losses.linear_cross_entropy, (X, B, Y), r"w must be \(k, 3\), got \(5,\)"),
    (linear.linear, (X, B), r"w must be \(k, d\)"),
    (linear.linear, (X[:, :2], W), r"x must be \(n, 3\)"),
    (linear.linear, (X, W, B, "relu"), "activation must be one of"),
    (attention.attention, (X, W, X), r"k and v \(..., s, d\), of one dtype"),
    (attention.attention, (X, W[:0], W[:0]), "t, s and d must be at least 1"),
    (attention.attention, (X, W, W, False, float("nan")), "scale must be finite and not 0"),
    (
        attention.attention,
        (*3 * [torch.zeros(1, 200)], False, 1, "triton"),
        "d must be at most 128",
    ),
    (optim.adamw, (B, B, B, X, 1), r"var must be contiguous of shape \(5,\)"),
    (optim.adamw, (*4 * [B], 0), "step must be at least 1"),
    (optim.lion, (W.T, W.T, W.T), "contiguous: False"),
    (optim.lion, (B, B, B, 0.1, (0.9, 1.0)), r"betas must be two numbers in \[0, 1\)"),
    (optim.lion, (B, B, B, -0.1), "must not be negative"),
    (embedding.embedding, (W, Y + 3), "tokens must lie in 0..4, got 5"),
    (embedding.embedding, (W, Y.float()), "tokens must be integers"),
    (embedding.embedding, (B, Y), r"table must be \(v, d\)"),
    (recurrent.lstm_cell, (X, W), r"a must be torch.float32 \(5, 12\)"),
    (recurrent.gru_cell, (X, X, X[0]), r"the state must be \(n, h\)"),
]


@pytest.mark.parametrize("f, arguments, message", WRONG, ids=lambda a: getattr(a, "__name__", ""))
def test_a_wrong_argument_is_named_in_the_error(f, arguments, message):
    with pytest.raises(ValueError, match=message):
        f(*arguments)


def test_rows_too_long_for_a_kernel_go_to_torch_by_themselves(rng):
    x = normal(rng, 1, 20000)
    found = norm.rms_norm(x, torch.ones(20000))
    torch.testing.assert_close(found, F.rms_norm(x, (20000,), eps=1e-6))
    q = normal(rng, 3, 200)
    torch.testing.assert_close(
        attention.attention(q, q, q), F.scaled_dot_product_attention(q[None], q[None], q[None])[0]
    )
