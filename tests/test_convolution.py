"""Convolutions in one and two dimensions, transposed, circular and full."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from dlcore.nn import convolution as nn
from dlcore.scratch.convolution import (
    columns,
    conv1d,
    conv2d,
    conv2d_vjp,
    conv_transpose2d,
    convolve1d,
    kernels,
    output_size,
    pad,
    spread,
    unpad,
)


def inputs(rng, c=4, out=8, groups=1, size=(9, 8), kernel=(3, 2), n=2):
    shapes = (n, c, *size), (out, c // groups, *kernel), (out,)
    return [rng.normal(size=shape) for shape in shapes]


def by_hand(x, w, b, stride=1, padding=0, dilation=1, groups=1):
    """The sum of the definition, one output at a time."""
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    n, out, kernel = len(x), len(w), w.shape[2:]
    reach = [dilation * (k - 1) + 1 for k in kernel]
    size = [(i - r) // stride + 1 for i, r in zip(x.shape[2:], reach)]
    y = np.zeros((n, out, *size))
    for o, i, j in np.ndindex(out, *size):
        first = o // (out // groups) * w.shape[1]
        rows = slice(stride * i, stride * i + reach[0], dilation)
        window = x[:, first : first + w.shape[1], rows]
        window = window[..., stride * j : stride * j + reach[1] : dilation]
        y[:, o, i, j] = b[o] + (window * w[o]).sum(axis=(1, 2, 3))
    return y


def test_the_kernel_slides_without_being_turned_round():
    x = np.array([[[1.0, 2.0, 3.0, 5.0]]])
    w, b = np.array([[[1.0, 0.0, 10.0]]]), np.zeros(1)
    assert conv1d(x, w, b).tolist() == [[[31.0, 52.0]]]
    assert convolve1d(x[0, 0], w[0, 0])[2:-2].tolist() == [13.0, 25.0]


@pytest.mark.parametrize("groups", [1, 2, 4])
@pytest.mark.parametrize("dilation", [1, 2])
@pytest.mark.parametrize("padding", [0, 1, 2])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_it_equals_its_definition_and_torchs_own(stride, padding, dilation, groups, rng):
    options = stride, padding, dilation, groups
    x, w, b = inputs(rng, groups=groups)
    y = conv2d(x, w, b, *options)
    np.testing.assert_allclose(y, by_hand(x, w, b, *options), rtol=1e-10, atol=1e-12)
    own = F.conv2d(*map(torch.tensor, (x, w, b)), *options)
    np.testing.assert_allclose(y, own, rtol=1e-10, atol=1e-12)
    signal = conv1d(x[:, :, 0], w[:, :, 0], b, *options)
    own = F.conv1d(*map(torch.tensor, (x[:, :, 0], w[:, :, 0], b)), *options)
    np.testing.assert_allclose(signal, own, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("padding", ["valid", "same"])
def test_padding_by_name_equals_torchs_own(padding, rng):
    x, w, b = inputs(rng, kernel=(3, 5))
    own = F.conv2d(*map(torch.tensor, (x, w, b)), padding=padding)
    np.testing.assert_allclose(conv2d(x, w, b, padding=padding), own, rtol=1e-10, atol=1e-12)


def test_circular_padding_equals_torchs_own_layer(rng):
    x, w, b = inputs(rng, kernel=(3, 5))
    options = {"padding": "same", "padding_mode": "circular", "dtype": torch.float64}
    layer = torch.nn.Conv2d(4, 8, (3, 5), **options)
    layer.load_state_dict({"weight": torch.tensor(w), "bias": torch.tensor(b)})
    own = layer(torch.tensor(x)).detach()
    np.testing.assert_allclose(conv2d(x, w, b, padding="circular"), own, rtol=1e-10, atol=1e-12)


def test_a_linear_layer_is_a_convolution_with_a_kernel_of_one_entry(rng):
    x, w, b = inputs(rng, kernel=(1, 1))
    wanted = np.moveaxis(np.moveaxis(x, 1, -1) @ w[:, :, 0, 0].T + b, -1, 1)
    np.testing.assert_allclose(conv2d(x, w, b), wanted, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("shift", [(1, 0), (0, 3), (5, 2)])
def test_a_shifted_image_gives_the_shifted_output_exactly(shift, rng):
    x, w, b = (np.round(8 * a) for a in inputs(rng, kernel=(3, 5)))  # sums without rounding
    y = conv2d(x, w, b, padding="circular")
    moved = conv2d(np.roll(x, shift, axis=(2, 3)), w, b, padding="circular")
    np.testing.assert_array_equal(moved, np.roll(y, shift, axis=(2, 3)))


def test_a_circular_convolution_is_a_product_with_its_circulant_matrix(rng):
    x, w = rng.normal(size=7), rng.normal(size=3)
    circulant = np.zeros((7, 7))
    for t in range(7):
        for k in range(3):
            circulant[t, (t + k - 1) % 7] = w[k]
    y = conv1d(x[None, None], w[None, None], np.zeros(1), padding="circular")
    np.testing.assert_allclose(y[0, 0], circulant @ x, rtol=1e-12, atol=1e-14)
    shifted = np.roll(circulant, 1, axis=(0))
    np.testing.assert_array_equal(shifted, np.roll(circulant, -1, axis=1))


def test_a_fourier_transform_turns_circular_convolution_into_a_product(rng):
    x, k = rng.normal(size=8), np.zeros(8)
    k[[7, 0, 1]] = rng.normal(size=3)  # k[-1], k[0], k[1]
    w = k[[1, 0, 7]]  # cross-correlation with the kernel turned round is convolution
    y = conv1d(x[None, None], w[None, None], np.zeros(1), padding="circular")[0, 0]
    product = np.fft.ifft(np.fft.fft(x) * np.fft.fft(k)).real
    np.testing.assert_allclose(y, product, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(("first", "second"), [(5, 3), (1, 4), (4, 4), (1, 1)])
def test_convolution_of_vectors_commutes_and_is_numpys_own(first, second, rng):
    x, k = rng.normal(size=first), rng.normal(size=second)
    np.testing.assert_allclose(convolve1d(x, k), convolve1d(k, x), rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(convolve1d(x, k), np.convolve(x, k), rtol=1e-12, atol=1e-14)


def test_sobel_kernels_find_an_edge_and_its_direction():
    across = np.array([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])
    w = np.stack([across, across.T])[:, None]
    image = np.zeros((1, 1, 6, 6))
    image[..., 3:] = 1  # dark on the left, bright on the right
    rise, fall = conv2d(image, w, np.zeros(2))[0]
    assert (rise == [0, 4, 4, 0]).all() and (fall == 0).all()


@pytest.mark.parametrize("extra", [0, 1])
@pytest.mark.parametrize("padding", [0, 1])
def test_the_transposed_convolution_is_the_adjoint(padding, extra, rng):
    _, w, _ = inputs(rng, c=3, out=5, kernel=(3, 4))
    small = rng.normal(size=(2, 5, 4, 3))
    back = conv_transpose2d(small, w, np.zeros(3), 2, padding, extra)
    x = rng.normal(size=back.shape)
    y = conv2d(x, w, np.zeros(5), 2, padding)
    assert y.shape == small.shape
    np.testing.assert_allclose((y * small).sum(), (x * back).sum(), rtol=1e-12)
    gradient = conv2d_vjp(small, y, x, w, np.zeros(5), 2, padding)[0]
    np.testing.assert_allclose(gradient, back, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(
    ("stride", "padding", "extra"), [(1, 0, 0), (2, 1, 1), (3, 2, 1), ((2, 3), 0, (1, 2))]
)
def test_the_transposed_convolution_equals_torchs_own(stride, padding, extra, rng):
    x, w, b = rng.normal(size=(2, 3, 4, 5)), rng.normal(size=(3, 2, 3, 3)), rng.normal(size=2)
    own = F.conv_transpose2d(*map(torch.tensor, (x, w, b)), stride, padding, extra)
    y = conv_transpose2d(x, w, b, stride, padding, extra)
    np.testing.assert_allclose(y, own, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("circular", [False, True])
def test_what_undoes_padding_is_its_transpose(circular, rng):
    x = rng.normal(size=(2, 3, 5, 4))
    padded = pad(x, (2, 1), circular)
    dy = rng.normal(size=padded.shape)
    np.testing.assert_allclose((padded * dy).sum(), (x * unpad(dy, (2, 1), circular)).sum())


@pytest.mark.parametrize("groups", [1, 2])
def test_spread_is_the_transpose_of_a_product_with_columns(groups, rng):
    x, w = rng.normal(size=(7, 4, 9, 2)), rng.normal(size=(6, 4 // groups, 2, 3))
    windows = columns(x, w, (1, 2), (3, 1), groups)
    product = kernels(w, groups)[:, None] @ windows
    dy = rng.normal(size=product.shape)
    back = spread(dy, w, x.shape, (1, 2), (3, 1), groups)
    np.testing.assert_allclose((product * dy).sum(), (x * back).sum())


def test_windows_of_an_undilated_kernel_are_a_view_that_repeats_columns_only(rng):
    x, w = rng.normal(size=(9, 4, 8, 2)), np.zeros((6, 4, 3, 3))
    windows = columns(x, w, (1, 1), (1, 1))
    assert windows.base is not None and windows.strides[1] == windows.strides[2] * 12
    assert windows.shape == (1, 7, 36, 12)


def test_no_image_gradient_is_computed_where_none_is_needed(rng):
    x, w, b = inputs(rng)
    dy = rng.normal(size=conv2d(x, w, b).shape)
    dx, *weights = conv2d_vjp(dy, None, x, w, b, needed=(False, True, True))
    assert dx is None
    for found, wanted in zip(weights, conv2d_vjp(dy, None, x, w, b)[1:], strict=True):
        np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("kernel", [1, 2, 3, 5])
@pytest.mark.parametrize(("stride", "padding", "dilation"), [(1, 0, 1), (2, 1, 1), (3, 2, 2)])
def test_the_output_size_is_the_number_of_places(kernel, stride, padding, dilation):
    reach = dilation * (kernel - 1) + 1
    places = range(0, 9 + 2 * padding - reach + 1, stride)
    for form in output_size, nn.output_size:
        assert form(9, kernel, stride, padding, dilation) == len(places)


def test_the_sizes_and_parameter_counts_of_the_notes():
    assert output_size(224, 7, 2, 3) == 112 and output_size(227, 11, 4) == 55
    for out, c, count in [(256, 128, 294_912), (128, 64, 73_728), (32, 1, 288)]:
        w, x = np.ones((out, c, 3, 3), np.float32), np.ones((1, c, 4, 4), np.float32)
        assert w.size == count
        assert conv2d(x, w, np.zeros(out, np.float32), padding=1).shape == (1, out, 4, 4)
    assert np.empty((512, 64, 3, 3)).size == 294_912  # 3 × 3 from 64 to 512 channels, once more
    depthwise, pointwise = np.empty((128, 1, 3, 3)), np.empty((256, 128, 1, 1))
    assert depthwise.size + pointwise.size == 33_920


def test_the_gradient_of_one_entry_windows_leaves_the_image_alone(rng):
    x, w, b = inputs(rng, kernel=(1, 1), n=1)
    x.flags.writeable = False
    dy = rng.normal(size=(1, 8, 9, 8))
    dx, _, _ = conv2d_vjp(dy, None, x, w, b)
    wanted = np.einsum("ocij,noab->ncab", w, dy)
    np.testing.assert_allclose(dx, wanted, rtol=1e-12, atol=1e-14)


def test_an_image_of_whole_numbers_has_kernels_with_gradients(rng):
    x, w, b = inputs(rng)
    x = np.round(10 * x).astype(int)
    dy = rng.normal(size=conv2d(x, w, b).shape)
    for g, same in zip(conv2d_vjp(dy, None, x, w, b), conv2d_vjp(dy, None, x * 1.0, w, b)):
        np.testing.assert_array_equal(g, same)


X, W, B = np.zeros((2, 4, 5, 5)), np.zeros((6, 4, 3, 3)), np.zeros(6)
WHOLE = "must be a whole number ≥"
BAD = [
    ("conv2d", (X[0], W, B), r"x must be \(n, c, i, j\), w .*, got \(4, 5, 5\), \(6, 4, 3, 3\)"),
    (
        "conv2d",
        (X, W[0], B),
        r"b \(out\), got .*, \(4, 3, 3\), \(6,\)",
    ),
    ("conv2d", (X, W, B[:5]), r"b \(out\), got .*, \(5,\)"),
    (
        "conv2d",
        (X, W[:, :3], B),
        r"c must be groups · w.shape\[1\], .* got c=4, groups=1, w",
    ),
    ("conv2d", (X, W[:, :1], B, 1, 0, 1, 4), r"groups divide out, got c=4, groups=4, w \(6, 1"),
    ("conv2d", (X[:, :3], W[:, :1], B, 1, 0, 1, 2), "got c=3, groups=2"),
    ("conv2d", (X, W, B, 1, 0, 1, 0), "got c=4, groups=0"),
    ("conv2d", (X[..., :2], W, B), "the kernel must fit the padded input, got 3 over 2 entries"),
    ("conv2d", (X, W, B, 1, (1, 0), 3), "must fit the padded input, got 7 over 5 entries"),
    ("conv2d", (X[:, :, :0], W, B, 1, 2), "must fit the padded input, got 3 over 4 entries"),
    ("conv2d", (X, W[:, :, :0], B), "must fit the padded input, got 0 over 5 entries"),
    ("conv2d", (X, W, B, 0), f"stride {WHOLE} 1, or two, got 0"),
    ("conv2d", (X, W, B, 1, -1), f"padding {WHOLE} 0, or two, got -1"),
    ("conv2d", (X, W, B, 1, "full"), f"padding {WHOLE} 0, or two, got 'full'"),
    ("conv2d", (X, W, B, 1, 0, (1, 2, 3)), f"dilation {WHOLE} 1, or two, got "),
    ("conv2d", (X, W, B, 1.5), f"stride {WHOLE} 1, or two, got 1.5"),
    ("conv2d", (X, W, B, 2, "same"), r"padding 'same' needs stride 1 .*, got \(2, 2\), \(3, 3\)"),
    ("conv2d", (X, W[..., :2], B, 1, "circular"), r"an odd kernel \(dilated\), got .*, \(3, 2\)"),
    ("conv1d", (X, W, B), r"x must be \(n, c, j\), w \(out, c / groups, k\), got \(2, 4, 5, 5\), "),
    ("conv1d", (X[:, :, 0], W, B), r"w \(out, c / groups, k\), got \(2, 4, 5\), \(6, 4, 3, 3\)"),
    ("conv_transpose2d", (X, W, B), r"w \(c, out, k, l\), b \(out\), got .*, \(6, 4, 3, 3\)"),
    ("conv_transpose2d", (X, W[:4], B), r"x must be .*, got .*, \(4, 4, 3, 3\), \(6,\)"),
    ("conv_transpose2d", (X, W[:4], B[:4], 2, 0, 2), r"below the stride \(2, 2\), got \(2, 2\)"),
    ("conv_transpose2d", (X, W[:4], B[:4], (3, 2), 0, 2), r"below the stride \(3, 2\), got"),
    ("conv_transpose2d", (X, W[:4], B[:4], (2, 3), 0, 2), r"below the stride \(2, 3\), got"),
    (
        "conv_transpose2d",
        (X, W[:4], B[:4], 1, 4),
        r"of the output \[7, 7\], got \(4, 4\)",
    ),
    ("conv_transpose2d", (X[:, :, :0], W[:4], B[:4]), r"something of the output \[2, 7\]"),
]


@pytest.mark.parametrize(("f", "args", "message"), BAD, ids=lambda v: str(v)[:30])
def test_bad_input_is_named_in_the_error_of_both_forms(f, args, message):
    scratch = {"conv2d": conv2d, "conv1d": conv1d, "conv_transpose2d": conv_transpose2d}[f]
    with pytest.raises(ValueError, match=message):
        scratch(*args)
    tensors = [torch.tensor(a) if isinstance(a, np.ndarray) else a for a in args]
    with pytest.raises(ValueError, match=message):
        getattr(nn, f)(*tensors)


@pytest.mark.parametrize("args", [(np.zeros((2, 2)), np.zeros(2)), (np.zeros(2), np.zeros(0))])
def test_only_vectors_with_entries_are_convolved_in_full(args):
    with pytest.raises(ValueError, match=r"x and k must be vectors with entries, got \(2"):
        convolve1d(*args)
