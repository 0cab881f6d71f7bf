"""The engine: order, fan-out, freeing, errors, and derivatives of derivatives."""

import gc
import tracemalloc

import numpy as np
import pytest
import torch

from dlcore.scratch import arithmetic
from dlcore.scratch.activations import sigmoid, sigmoid_vjp
from dlcore.scratch.autodiff import (
    Tensor,
    acyclic,
    grad,
    hessian_vector_product,
    jvp,
    no_grad,
    primitive,
    vjp,
)
from dlcore.scratch.linear import linear, linear_vjp
from dlcore.scratch.losses import cross_entropy, cross_entropy_vjp

LINEAR = primitive(linear, linear_vjp)
SIGMOID = primitive(sigmoid, sigmoid_vjp)
LOSS = primitive(cross_entropy, cross_entropy_vjp)


def leaf(*shape, rng, dtype=np.float64):
    return Tensor(rng.normal(size=shape).astype(dtype), requires_grad=True)


def network(x, w1, b1, w2, b2):
    """A loss of a two-layer network, with a skip so that x and h are used twice."""
    h = SIGMOID(LINEAR(x, w1, b1))
    o = LINEAR(h * h + x, w2, b2)
    return LOSS(o, np.array([0, 2, 1, 1]))


def arrays(rng):
    return [rng.normal(size=s) for s in ((4, 3), (3, 3), (3,), (3, 3), (3,))]


def test_a_composed_network_has_the_gradients_of_torch(rng):
    inputs = arrays(rng)
    tensors = [Tensor(a, requires_grad=True) for a in inputs]
    network(*tensors).backward()
    x, w1, b1, w2, b2 = twins = [torch.tensor(a, requires_grad=True) for a in inputs]
    h = torch.sigmoid(x @ w1.T + b1)
    o = (h * h + x) @ w2.T + b2
    torch.nn.functional.cross_entropy(o, torch.tensor([0, 2, 1, 1])).backward()
    for ours, theirs in zip(tensors, twins, strict=True):
        np.testing.assert_allclose(ours.grad, theirs.grad, rtol=1e-10, atol=1e-14)


def test_operators_read_like_the_formula(rng):
    a, b = leaf(2, 3, rng=rng), leaf(3, rng=rng)
    y = ((2 * a - b / 3 + 1) ** 2 @ np.ones((3, 2)) - (-a).exp().sum() + (a * a).log().mean()).sum()
    y.backward()
    s, t = (torch.tensor(v.data, requires_grad=True) for v in (a, b))
    z = (2 * s - t / 3 + 1) ** 2 @ torch.ones(3, 2).double()
    z = (z - (-s).exp().sum() + (s * s).log().mean()).sum()
    z.backward()
    np.testing.assert_allclose(a.grad, s.grad, rtol=1e-12)
    np.testing.assert_allclose(b.grad, t.grad, rtol=1e-12)
    assert y.item() == pytest.approx(z.item(), rel=1e-14)


def test_an_array_on_the_left_leaves_the_product_to_the_tensor(rng):
    a = leaf(3, 2, rng=rng)
    for y in (np.ones((2, 3)) @ a, np.ones((3, 2)) * a, np.float64(2) - a):
        assert isinstance(y, Tensor) and y.requires_grad


def test_a_value_used_many_times_collects_every_cotangent(rng):
    x = leaf(3, rng=rng)
    (x * x + x * 3 + x).sum().backward()
    np.testing.assert_allclose(x.grad, 2 * x.data + 4, rtol=1e-14)


def test_gradients_of_two_calls_add_up_until_they_are_cleared(rng):
    x = leaf(3, rng=rng)
    for _ in range(2):
        (x * 2).sum().backward()
    np.testing.assert_array_equal(x.grad, [4, 4, 4])


def test_slices_shapes_and_concatenation_pass_gradients_back(rng):
    x = leaf(4, 6, rng=rng)
    parts = [x[:2].reshape(3, 4), x[2:].reshape(3, 4), x[np.array([0, 0, 3])][:, :4]]
    y = arithmetic.concatenate(parts, axis=0).transpose(1, 0)
    weights = rng.normal(size=(4, 9))
    (y * weights).sum().backward()
    t = torch.tensor(x.data, requires_grad=True)
    pieces = [t[:2].reshape(3, 4), t[2:].reshape(3, 4), t[[0, 0, 3]][:, :4]]
    (torch.cat(pieces).T * torch.tensor(weights)).sum().backward()
    np.testing.assert_allclose(x.grad, t.grad, rtol=1e-14)


def test_a_chain_of_a_hundred_thousand_steps_needs_no_recursion():
    x = Tensor(np.array(1.0), requires_grad=True)
    y = x
    for _ in range(100_000):
        y = y + 1e-5
    y.backward()
    assert x.grad == 1 and abs(y.item() - 2) < 1e-9
    del y
    gc.collect()  # freeing a long chain must not recurse either


def test_the_order_is_right_where_paths_have_different_lengths(rng):
    x = leaf(2, rng=rng)
    a = x * 2
    b = a * a  # a is used here and again far later
    for _ in range(5):
        b = b * 1.5
    (a * b).sum().backward()
    np.testing.assert_allclose(x.grad, 3 * 8 * 1.5**5 * x.data**2, rtol=1e-12)


def test_nothing_is_remembered_without_need(rng):
    x = leaf(3, rng=rng)
    assert (Tensor(np.ones(3)) * 2).f_vjp is None
    with no_grad():
        assert (x * 2).f_vjp is None
    assert (x * 2).f_vjp is not None


def test_memory_is_freed_while_backward_goes():
    x = Tensor(np.ones(1_000_000, np.float32), requires_grad=True)
    y = x
    for _ in range(20):
        y = y * 1.01
    loss = y.sum()
    del y
    tracemalloc.start()
    loss.backward()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5 * 4e6  # a few arrays, not one for each of the 20 steps


def test_float32_stays_float32(rng):
    x, w = leaf(2, 3, rng=rng, dtype=np.float32), leaf(3, 3, rng=rng, dtype=np.float32)
    ((x @ w) * 0.5 + 1).mean().backward()
    assert x.grad.dtype == w.grad.dtype == np.float32


def test_vjp_and_grad_are_functions_of_functions(rng):
    inputs = arrays(rng)
    y, pull = vjp(network, *inputs)
    once, twice = pull(1.0), pull(2.0)
    for a, b, c in zip(once, twice, grad(network)(*inputs), strict=True):
        np.testing.assert_allclose(2 * a, b, rtol=1e-14)
        np.testing.assert_array_equal(a, c)
    np.testing.assert_allclose(y, network(*map(Tensor, inputs)).data)


def test_an_input_that_does_not_matter_has_gradient_zero():
    assert grad(lambda a, b: (a * 2).sum())(np.ones(2), np.ones(3))[1].tolist() == [0, 0, 0]


def test_forward_mode_equals_reverse_mode_to_rounding(rng):
    inputs = arrays(rng)
    ways = [rng.normal(size=a.shape) for a in inputs]
    y, slope = jvp(network, inputs, ways)
    gradients = grad(network)(*inputs)
    wanted = sum((g * v).sum() for g, v in zip(gradients, ways, strict=True))
    np.testing.assert_allclose(slope, wanted, rtol=1e-12)
    np.testing.assert_allclose(y, network(*map(Tensor, inputs)).data, rtol=1e-14)


def test_a_hessian_vector_product_equals_torchs(rng):
    x, w1, b1, w2, b2 = arrays(rng)
    v = rng.normal(size=w1.shape)
    found = hessian_vector_product(lambda w: network(x, w, b1, w2, b2), w1, v)

    def twin(w):
        h = torch.sigmoid(torch.tensor(x) @ w.T + torch.tensor(b1))
        o = (h * h + torch.tensor(x)) @ torch.tensor(w2).T + torch.tensor(b2)
        return torch.nn.functional.cross_entropy(o, torch.tensor([0, 2, 1, 1]))

    wanted = torch.autograd.functional.hvp(twin, torch.tensor(w1), torch.tensor(v))[1]
    np.testing.assert_allclose(found, wanted, rtol=1e-10, atol=1e-14)


def test_a_change_in_place_before_backward_is_refused(rng):
    x = leaf(3, rng=rng)
    y = (x * x).sum()
    x[0] = 5.0
    with pytest.raises(ValueError, match="changed in place after it had been used"):
        y.backward()
    with pytest.raises(ValueError, match="must not be changed in place"):
        (x * 2)[0] = 1.0


def test_backward_with_keep_leaves_the_gradients_of_the_steps_too(rng):
    x = leaf(3, rng=rng)
    h = x * 2
    y = (h * h).sum()
    y.backward(keep=True)
    np.testing.assert_allclose(h.grad, 2 * h.data, rtol=1e-14)
    assert y.grad == 1
    z = x * 2
    z.sum().backward()
    assert z.grad is None  # not kept, and the memory is free


def test_an_input_that_a_pair_cannot_differentiate_is_refused(rng):
    o, soft = leaf(2, 3, rng=rng), Tensor(np.full((2, 3), 1 / 3), requires_grad=True)
    with pytest.raises(ValueError, match="cross_entropy_vjp has no gradient for one of its inputs"):
        LOSS(o, soft).backward()


def test_a_second_backward_is_refused_unless_the_first_kept_the_steps(rng):
    x = leaf(3, rng=rng)
    y = (x * 2).sum()
    y.backward(keep=True)
    y.backward()
    np.testing.assert_array_equal(x.grad, [4, 4, 4])
    with pytest.raises(ValueError, match="backward was called before"):
        y.backward()


def test_a_pair_that_asks_is_told_which_inputs_need_a_gradient(rng):
    told = []

    def product(a, b):
        return a * b

    def product_vjp(dy, y, a, b, needed=(True, True)):
        told.append(needed)
        return dy * b if needed[0] else None, dy * a

    x, w = rng.normal(size=3), leaf(3, rng=rng)
    primitive(product, product_vjp)(x, w).backward(np.ones(3))
    assert told == [[False, True]]
    np.testing.assert_array_equal(w.grad, x)


def test_a_backward_that_fails_leaves_nothing_for_the_next(rng):
    x, w = leaf(3, rng=rng), leaf(3, rng=rng)
    h = x * 2
    y, bad = (h * h).sum(), w * 1.0
    loss = y + (bad * h).sum()
    w[0] = 5.0
    with pytest.raises(ValueError, match="changed in place"):
        loss.backward(keep=True)
    x.grad = None
    y.backward()
    np.testing.assert_allclose(x.grad, 8 * x.data, rtol=1e-14)


def test_the_search_for_cycles_rests_inside_and_goes_on_after():
    assert gc.isenabled()
    with pytest.raises(KeyError), acyclic():
        assert not gc.isenabled()
        raise KeyError
    assert gc.isenabled()
    gc.disable()
    with acyclic():
        pass
    still = gc.isenabled()
    gc.enable()
    assert not still


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: x.backward(), "backward needs a result computed from tensors"),
        (lambda x: (Tensor(np.ones(3)) * 2).backward(), "backward needs a result computed"),
        (lambda x: (x * 2).backward(), r"dy must be given for a result of shape \(3,\)"),
        (lambda x: (x * 2).backward(np.ones(2)), r"dy must have the shape .* \(3,\), got \(2,\)"),
        (lambda x: Tensor(np.arange(3), requires_grad=True), "only floats have gradients"),
        (lambda x: x @ np.ones((2, 2)), r"a must be \(…, n, d\) and b \(…, d, k\), got \(3,\)"),
    ],
)
def test_mistakes_are_named_in_the_error(call, message, rng):
    with pytest.raises(ValueError, match=message):
        call(leaf(3, rng=rng))
