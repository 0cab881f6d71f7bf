"""The multilayer perceptron and its backpropagation by hand."""

import numpy as np
import pytest
import torch

from dlcore.scratch.activations import sigmoid, sigmoid_vjp
from dlcore.scratch.losses import binary_cross_entropy, binary_cross_entropy_vjp
from dlcore.scratch.mlp import MLP

X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
XOR = np.array([[0.0], [1.0], [1.0], [0.0]])
ACTIVATIONS = {
    "tanh": torch.nn.Tanh,
    "relu": torch.nn.ReLU,
    "sigmoid": torch.nn.Sigmoid,
    "identity": torch.nn.Identity,
}
SIZES = [(3, 4), (3, 5, 2), (1, 1, 1), (4, 6, 5, 3, 2)]


def random_mlp(sizes, activation, rng, dtype=np.float64):
    """A net whose biases are not zero either."""
    model = MLP(sizes, activation, rng, dtype)
    for p in model.params:
        p += 0.3 * rng.normal(size=p.shape)
    return model


def test_the_mnist_net_has_235146_parameters(rng):
    model = MLP((784, 256, 128, 10), "relu", rng)
    assert sum(p.size for p in model.params) == 235_146
    shapes = [(256, 784), (256,), (128, 256), (128,), (10, 128), (10,)]
    assert [p.shape for p in model.params] == shapes
    assert model.forward(np.zeros((2, 784), np.float32)).shape == (2, 10)
    assert sum(p.size for p in MLP((2, 2, 1), "sigmoid", rng).params) == 9


def test_two_layers_of_two_neurons_in_matrices_equal_the_sums_written_out(rng):
    model = random_mlp((3, 2, 1), "sigmoid", rng)
    w1, b1, w2, b2 = model.params
    assert [p.shape for p in model.params] == [(2, 3), (2,), (1, 2), (1,)]
    x = rng.normal(size=(1, 3))
    h = [sigmoid(sum(w1[j, i] * x[0, i] for i in range(3)) + b1[j]) for j in range(2)]
    y = sigmoid(w2[0, 0] * h[0] + w2[0, 1] * h[1] + b2[0])
    np.testing.assert_allclose(sigmoid(model.forward(x)), [[y]], rtol=1e-12)
    np.testing.assert_allclose(model.a[1], [h], rtol=1e-12)
    assert [np.shape(z) for z in model.z[1:]] == [(1, 2), (1, 1)]
    assert len(model.a) == 2  # x and the hidden layer: the logits have no σ


def test_without_an_activation_two_layers_are_one_matrix(rng):
    model = random_mlp((4, 6, 3), "identity", rng)
    w1, b1, w2, b2 = model.params
    x = rng.normal(size=(5, 4))
    np.testing.assert_allclose(model.forward(x), x @ (w2 @ w1).T + w2 @ b1 + b2, rtol=1e-12)
    bent = MLP((4, 6, 3), "relu", rng, np.float64)
    bent.params = model.params
    assert np.abs(bent.forward(x) - model.forward(x)).max() > 0.1


def test_two_relus_with_weights_set_by_hand_compute_xor(rng):
    model = MLP((2, 2, 1), "relu", rng, np.float64)
    values = [[1, 1], [-1, -1]], [-1.5, 0.5], [[-2, -2]], [1]
    for p, value in zip(model.params, values, strict=True):
        p[:] = value
    np.testing.assert_array_equal(model.forward(X), XOR)
    np.testing.assert_array_equal(model.a[1], [[0, 0.5], [0, 0], [0, 0], [0.5, 0]])


def squared_error_step(model, x, target):
    """One step at rate 1 of ½ (y - t)², y the sigmoid of the logit, biases held at zero."""
    logits = model.forward(x)
    y = sigmoid(logits)
    grads = model.backward(sigmoid_vjp(y - target, y, logits))
    for p, g in zip(model.params[::2], grads[::2], strict=True):
        p -= g
    return y.item()


def test_backpropagation_of_the_worked_example_with_weights_of_both_layers(rng):
    model = MLP((2, 2, 1), "sigmoid", rng, np.float64)
    model.params[0][:] = [[0.1, 0.8], [0.4, 0.6]]
    model.params[2][:] = [[0.3, 0.9]]
    x = np.array([[0.35, 0.9]])
    before = squared_error_step(model, x, target=0.5)
    hidden = [[0.0990709288, 0.7976109599], [0.3971399242, 0.5926455194]]
    np.testing.assert_allclose(model.params[0], hidden, atol=1e-9)
    np.testing.assert_allclose(model.params[2], [[0.2723259651, 0.8729983630]], atol=1e-9)
    after = squared_error_step(model, x, target=0.5)
    np.testing.assert_allclose([before, after], [0.6902834929, 0.6820185833], atol=1e-9)


def test_a_hidden_layer_learns_xor(rng):
    model = MLP((2, 4, 1), "tanh", rng, np.float64)
    for _ in range(600):
        dlogits = binary_cross_entropy_vjp(1.0, None, model.forward(X), XOR)
        for p, g in zip(model.params, model.backward(dlogits), strict=True):
            p -= g
    logits = model.forward(X)
    assert ((logits > 0) == XOR).all() and binary_cross_entropy(logits, XOR) < 0.05


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("examples", [1, 7])
def test_gradients_match_finite_differences_in_a_random_direction(sizes, activation, examples, rng):
    model = random_mlp(sizes, activation, rng)
    x = rng.normal(size=(examples, sizes[0]))
    dlogits = rng.normal(size=model.forward(x).shape)
    grads = model.backward(dlogits)
    ways = [rng.normal(size=p.shape) for p in model.params]

    def moved(step):
        for p, way in zip(model.params, ways, strict=True):
            p += step * way
        return (dlogits * model.forward(x)).sum()

    ahead, behind = moved(1e-6), moved(-2e-6)
    ours = sum((g * way).sum() for g, way in zip(grads, ways, strict=True))
    np.testing.assert_allclose(ours, (ahead - behind) / 2e-6, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize(("dtype", "rtol"), [(np.float64, 1e-10), (np.float32, 1e-4)])
def test_logits_and_gradients_equal_those_of_torch_layers(activation, dtype, rtol, rng):
    sizes = 4, 6, 5, 2
    model = random_mlp(sizes, activation, rng, dtype)
    layers = []
    for l in range(1, len(sizes)):
        layers += [torch.nn.Linear(sizes[l - 1], sizes[l]), ACTIVATIONS[activation]()]
    own = torch.nn.Sequential(*layers[:-1]).to(torch.tensor(model.params[0]).dtype)
    own.load_state_dict(dict(zip(own.state_dict(), map(torch.tensor, model.params), strict=True)))
    x = rng.normal(size=(7, 4)).astype(dtype)
    logits, dlogits = model.forward(x), rng.normal(size=(7, 2)).astype(dtype)
    wanted = own(torch.tensor(x))
    np.testing.assert_allclose(logits, wanted.detach(), rtol=rtol, atol=rtol)
    grads = model.backward(dlogits)
    wanted = torch.autograd.grad(wanted, own.parameters(), torch.tensor(dlogits))
    assert logits.dtype == dtype and {g.dtype for g in grads} == {np.dtype(dtype)}
    for g, w in zip(grads, wanted, strict=True):
        np.testing.assert_allclose(g, w, rtol=rtol, atol=rtol)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_weights_start_as_he_for_relu_and_as_xavier_otherwise_and_biases_at_zero(activation, rng):
    w1, b1, w2, b2 = MLP((300, 100, 2), activation, rng).params
    np.testing.assert_allclose(w1.var(), 2 / 300 if activation == "relu" else 0.005, rtol=0.04)
    assert not b1.any() and not b2.any() and w2.any() and w1.dtype == b1.dtype == np.float32


def test_a_pass_changes_neither_inputs_nor_parameters(rng):
    model = random_mlp((3, 4, 2), "tanh", rng)
    x, dlogits = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    held = [a.copy() for a in (x, dlogits, *model.params)]
    first, again = (
        [model.forward(x), *model.backward(dlogits)],
        [model.forward(x), *model.backward(dlogits)],
    )
    for a, b in zip([x, dlogits, *model.params, *first], [*held, *again], strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda rng: MLP((3,), "tanh", rng), r"sizes must be input, ..., output, got \(3,\)"),
        (lambda rng: MLP((3, 1), "gelu", rng), "one of .*'tanh'.*, got 'gelu'"),
        (lambda rng: MLP((3, 1), "relu", rng).forward(np.zeros(3)), r"x must be \(n, d\), got sh"),
        (lambda rng: MLP((3, 1), "relu", rng).forward(X), r"x must be \(n, 3\), got \(4, 2\)"),
        (
            lambda rng: MLP((3, 1), "relu", rng).backward(XOR),
            r"shaped as the logits, \(\), got \(4, 1",
        ),
    ],
)
def test_bad_input_is_named_in_the_error(call, message, rng):
    with pytest.raises(ValueError, match=message):
        call(rng)
    model = MLP((2, 3, 1), "tanh", rng)
    model.forward(X)
    with pytest.raises(ValueError, match=r"shaped as the logits, \(4, 1\), got \(4,\)"):
        model.backward(XOR[:, 0])
