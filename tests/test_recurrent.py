"""RNN, LSTM and GRU over whole sequences."""

import numpy as np
import pytest
import torch
from operations.recurrent import shapes

from dlcore.nn import recurrent as nn
from dlcore.scratch import recurrent

KINDS = ["rnn", "lstm", "gru"]
EACH = pytest.mark.parametrize("name", KINDS)


def random(name, rng, n=3, t=6, d=4, h=5):
    return [rng.normal(size=shape) for shape in shapes(name, n, t, d, h)]


def run(name, *arguments):
    """All states, whatever else the function returns."""
    y = getattr(recurrent, name)(*arguments)
    return y[0] if isinstance(y, tuple) else y


def alone(name, arguments, i, steps):
    """The arguments for the real steps of example i."""
    states = 3 if name == "lstm" else 2
    first = [a[i : i + 1] for a in arguments[:states]]
    first[0] = first[0][:, steps]
    return [*first, *arguments[states:]]


@EACH
@pytest.mark.parametrize("t", [1, 6])
def test_values_and_gradients_are_those_of_torchs_own_layer(name, t, rng):
    arrays = random(name, rng, t=t)
    layer = getattr(torch.nn, name.upper())(4, 5, batch_first=True, dtype=torch.float64)
    x, h0, *cell = (torch.tensor(a, requires_grad=True) for a in arrays[: 3 - (name != "lstm")])
    with torch.no_grad():
        parameters = [*arrays[-4:]] if name == "gru" else [*arrays[-3:], 0 * arrays[-1]]
        for p, a in zip(layer.parameters(), parameters, strict=True):
            p.copy_(torch.tensor(a))
    state = tuple(s[None] for s in (h0, *cell))
    value, last = layer(x, state if name == "lstm" else state[0])
    y = getattr(recurrent, name)(*arrays)
    np.testing.assert_allclose(run(name, *arrays), value.detach(), rtol=1e-10, atol=1e-12)
    dy = rng.normal(size=value.shape)
    value.backward(torch.tensor(dy))
    found = getattr(recurrent, f"{name}_vjp")(dy, y, *arrays)
    wanted = [a.grad for a in (x, h0, *cell, *layer.parameters())]
    for ours, own in zip(found, wanted, strict=False):
        np.testing.assert_allclose(ours, own, rtol=1e-9, atol=1e-11)
    if name == "lstm":
        np.testing.assert_allclose(y[1][:, -1], last[1][0].detach(), rtol=1e-10, atol=1e-12)
        tensors = nn.lstm(*map(torch.tensor, arrays))
        np.testing.assert_allclose(tensors[1], y[1], rtol=1e-10, atol=1e-12)


@EACH
def test_a_padded_batch_equals_each_sequence_alone(name, rng):
    arguments, lengths = random(name, rng), [6, 2, 4]
    mask = np.arange(6) < np.array(lengths)[:, None]
    together = run(name, *arguments, mask)
    y, f_vjp = getattr(recurrent, name)(*arguments, mask), getattr(recurrent, f"{name}_vjp")
    dy = rng.normal(size=together.shape) * mask[..., None]  # a loss looks at real steps only
    found = f_vjp(dy, y, *arguments, mask)
    summed = 0
    for i, length in enumerate(lengths):
        own = alone(name, arguments, i, slice(0, length))
        states = run(name, *own)
        np.testing.assert_allclose(together[i, :length], states[0], rtol=1e-12)
        np.testing.assert_array_equal(
            together[i, length:], together[i, [length - 1]].repeat(6 - length, 0)
        )
        g = f_vjp(dy[i : i + 1, :length], getattr(recurrent, name)(*own), *own)
        np.testing.assert_allclose(found[0][i, :length], g[0][0], rtol=1e-9, atol=1e-12)
        assert not found[0][i, length:].any()
        summed = summed + g[-1]
    np.testing.assert_allclose(found[-1], summed, rtol=1e-9, atol=1e-12)


@EACH
def test_padding_in_front_leaves_the_first_state_alone(name, rng):
    arguments = random(name, rng)
    mask = np.arange(6) >= np.array([0, 2, 5])[:, None]
    states = run(name, *arguments, mask)
    np.testing.assert_array_equal(states[2, :5], np.tile(arguments[1][2], (5, 1)))
    own = run(name, *alone(name, arguments, 1, slice(2, 6)))
    np.testing.assert_allclose(states[1, 2:], own[0], rtol=1e-12)


@EACH
def test_what_padding_holds_does_not_matter(name, rng):
    arguments = random(name, rng)
    mask = np.arange(6) < np.array([6, 2, 4])[:, None]
    y = getattr(recurrent, name)(*arguments, mask)
    dy = rng.normal(size=(3, 6, 5))
    found = getattr(recurrent, f"{name}_vjp")(dy, y, *arguments, mask)
    arguments[0] = np.where(mask[..., None], arguments[0], 1e3)
    y = getattr(recurrent, name)(*arguments, mask)
    other = getattr(recurrent, f"{name}_vjp")(dy, y, *arguments, mask)
    for a, b in zip(found, other, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)


@EACH
def test_a_long_run_is_two_short_runs_one_after_the_other(name, rng):
    arguments = random(name, rng)
    x, states = arguments[0], arguments[1 : 3 if name == "lstm" else 2]
    weights = arguments[1 + len(states) :]
    whole = run(name, *arguments)
    first = getattr(recurrent, name)(x[:, :4], *states, *weights)
    between = [s[:, -1] for s in first[:2]] if name == "lstm" else [first[:, -1]]
    second = run(name, x[:, 4:], *between, *weights)
    np.testing.assert_allclose(second, whole[:, 4:], rtol=1e-12)


@pytest.mark.parametrize("largest", [0.5, 0.9, 1.1])
def test_the_gradient_of_the_last_state_shrinks_or_grows_like_a_singular_value(largest, rng):
    # Near 0 tanh is the identity, and a rotation times a number keeps one singular value.
    d = h = 3
    rotation = np.linalg.qr(rng.normal(size=(h, h)))[0]
    u, w, b = largest * rotation, np.eye(h), np.zeros(h)
    for t in (1, 10, 20):
        x, h0 = 1e-9 * rng.normal(size=(1, t, d)), np.zeros((1, h))
        dy = np.zeros((1, t, h))
        dy[0, -1] = [0.6, 0, 0.8]
        dx = recurrent.rnn_vjp(dy, recurrent.rnn(x, h0, w, u, b), x, h0, w, u, b)[0]
        np.testing.assert_allclose(np.linalg.norm(dx[0, 0]), largest ** (t - 1), rtol=1e-9)


def test_the_gradient_of_an_rnn_never_exceeds_the_power_of_the_largest_singular_value(rng):
    x, h0, w, u, b = random("rnn", rng, n=1, t=15)
    u *= 0.8 / np.linalg.norm(u, 2)
    dy = np.zeros((1, 15, 5))
    dy[0, -1] = rng.normal(size=5)
    w = np.linalg.qr(rng.normal(size=(5, 4)))[0]  # keeps lengths from da to dx at most
    dx = recurrent.rnn_vjp(dy, recurrent.rnn(x, h0, w, u, b), x, h0, w, u, b)[0][0]
    bound = np.linalg.norm(dy) * 0.8 ** np.arange(14, -1, -1)
    assert (np.linalg.norm(dx, axis=1) <= bound).all() and dx[0].any()


def test_an_open_forget_gate_and_a_shut_input_gate_carry_c_unchanged(rng):
    x, h0, c0, w, u, b = random("lstm", rng, t=50)
    b = np.repeat([-1000.0, 1000.0, 0.0, 1000.0], 5)
    y = recurrent.lstm(x, h0, c0, w, u, b)
    np.testing.assert_array_equal(y[1], np.repeat(c0[:, None], 50, axis=1))
    dy = np.zeros_like(y[0])
    dy[:, -1] = rng.normal(size=(3, 5))
    dc0 = recurrent.lstm_vjp(dy, y, x, h0, c0, w, u, b)[2]
    np.testing.assert_allclose(dc0, dy[:, -1] * (1 - np.tanh(c0) ** 2), rtol=1e-12)


def test_a_bias_of_whole_numbers_is_not_halved_to_zero(rng):
    *arguments, b = random("lstm", rng)
    b = np.round(3 * b)
    y, same = (recurrent.lstm(*arguments, kind)[0] for kind in (b, b.astype(int)))
    np.testing.assert_array_equal(y, same)


def test_a_gru_with_an_open_update_gate_carries_its_state_unchanged(rng):
    x, h0, w, u, b, c = random("gru", rng, t=50)
    b = np.repeat([0.0, 1000.0, 0.0], 5)
    np.testing.assert_array_equal(recurrent.gru(x, h0, w, u, b, c)[:, -1], h0)


@EACH
def test_a_complex_step_in_one_weight_gives_the_derivative_along_it(name, rng):
    arguments = random(name, rng)  # the engine's forward derivative: only u becomes complex
    place = 4 if name == "lstm" else 3
    direction, dy = rng.normal(size=arguments[place].shape), rng.normal(size=(3, 6, 5))
    nudged = list(arguments)
    nudged[place] = arguments[place] + 1e-20j * direction
    slope = (dy * run(name, *nudged).imag).sum() / 1e-20
    y = getattr(recurrent, name)(*arguments)
    du = getattr(recurrent, f"{name}_vjp")(dy, y, *arguments)[place]
    np.testing.assert_allclose((du * direction).sum(), slope, rtol=1e-9)


BAD = [
    ("x", np.zeros((3, 4)), r"x must be \(n, t, d\) with t > 0, got shape \(3, 4\)"),
    ("x", np.zeros((3, 0, 4)), r"x must be \(n, t, d\) with t > 0, got shape \(3, 0, 4\)"),
    ("h0", np.zeros((1, 5)), r"h0 must have shape \(3, 5\) .*, got \(1, 5\)"),
    ("c0", np.zeros(5), r"c0 must have shape \(3, 5\) .*, got \(5,\)"),
    ("w", np.zeros((5, 9)), r"w must have shape \(\d+, 4\) .*, got \(5, 9\)"),
    ("u", np.zeros((7, 5)), r"u must have shape \(\d+, 5\) for x \(3, 6, 4\) .*, got \(7, 5\)"),
    ("b", np.zeros(1), r"b must have shape \(\d+,\) .*, got \(1,\)"),
    ("c", np.zeros(1), r"c must have shape \(15,\) .*, got \(1,\)"),
    ("mask", np.ones((3, 5), bool), r"mask must be bool of shape \(3, 6\), got .*bool, \(3, 5\)"),
    ("mask", np.ones((3, 6)), r"mask must be bool of shape \(3, 6\), got .*float64, \(3, 6\)"),
]
NAMES = {"rnn": "x h0 w u b", "lstm": "x h0 c0 w u b", "gru": "x h0 w u b c"}


WRONG = [(name, *row) for name in KINDS for row in BAD if row[0] in f"{NAMES[name]} mask".split()]


@pytest.mark.parametrize(("name", "argument", "value", "message"), WRONG, ids=lambda v: str(v)[:20])
def test_a_wrong_shape_is_named_in_the_error_of_both_forms(name, argument, value, message, rng):
    given = dict(zip(NAMES[name].split(), random(name, rng), strict=True)) | {argument: value}
    with pytest.raises(ValueError, match=message):
        getattr(recurrent, name)(**given)
    with pytest.raises(ValueError, match=message):
        getattr(nn, name)(**{k: torch.tensor(v) for k, v in given.items()})
