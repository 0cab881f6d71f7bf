"""Claims of the source texts about images: kernels, convolution, pooling."""

import numpy as np
import pytest
import torch

from dlcore.scratch.convolution import conv1d, conv2d, conv2d_vjp, conv_transpose2d
from dlcore.scratch.pooling import avg_pool2d, avg_pool2d_vjp, max_pool2d


def slide(image, kernel, **options):
    """One kernel over one image, without bias."""
    image, kernel = np.asarray(image), np.asarray(kernel)
    return conv2d(image[None, None], kernel[None, None], np.zeros(1, int), **options)[0, 0]


def test_a_convolution_is_a_linear_layer_with_a_circulant_matrix(rng):
    """C000-06: going round, M[t, s] = k[s - t]; in two dimensions a matrix does it, too."""
    x, k = rng.normal(size=9), rng.normal(size=3)
    y = conv1d(x[None, None], k[None, None], np.zeros(1), padding="circular")[0, 0]
    m = np.zeros((9, 9))
    for t in range(9):
        for a in range(3):
            m[t, (t + a - 1) % 9] = k[a]
    np.testing.assert_allclose(m @ x, y, rtol=0, atol=1e-15)
    image, kernel = rng.normal(size=(4, 5)), rng.normal(size=(3, 2))
    m = np.zeros((2, 4, 4, 5))
    for i, j in np.ndindex(2, 4):
        m[i, j, i : i + 3, j : j + 2] = kernel
    wanted = (m.reshape(8, 20) @ image.ravel()).reshape(2, 4)
    np.testing.assert_allclose(slide(image, kernel), wanted, rtol=0, atol=2e-15)


STEP = np.repeat([[0, 0, 0, 1, 1, 1]], 6, axis=0)  # dark on the left, bright on the right


@pytest.mark.parametrize(
    ("printed", "total", "correct", "image"),
    [
        pytest.param([[1, 0, 1]] * 3, 6, [[1, 0, -1]] * 3, STEP, id="C000-07: Prewitt"),
        pytest.param(
            [[1, 0, 1], [0, 0, 0], [-1, -1, -1]],
            -1,
            [[1, 2, 1], [0, 0, 0], [-1, -2, -1]],
            STEP.T,
            id="C000-08: Sobel",
        ),
    ],
)
def test_an_edge_kernel_sums_to_zero_as_the_printed_one_does_not(printed, total, correct, image):
    flat = np.full((5, 5), 7)
    assert (slide(flat, printed) == 7 * total).all()
    assert (slide(flat, correct) == 0).all()
    found = slide(image, correct)
    assert abs(found).max() >= 3 and (found == 0).any()


def test_a_5_by_5_kernel_makes_25_products_at_each_of_196_by_196_places():
    """C000-09: on 200 × 200 pixels."""
    image, kernel = np.zeros((1, 1, 200, 200)), np.ones((1, 1, 5, 5))
    y = conv2d(image, kernel, np.zeros(1))
    assert y.shape == (1, 1, 196, 196)
    dy = np.zeros_like(y)
    dy[0, 0, 90, 17] = 1
    assert np.count_nonzero(conv2d_vjp(dy, y, image, kernel, np.zeros(1))[0]) == 25


def test_a_convolution_of_5_inputs_has_13_edges_and_3_parameters_instead_of_25(rng):
    """C003-30: an MLP has 25 of both; the kernel has 3 entries, the margin is zero."""
    w = rng.uniform(1, 2, (1, 1, 3))
    matrix = conv1d(np.eye(5)[:, None], w, np.zeros(1), padding=1)[:, 0].T
    assert matrix.shape == (5, 5)
    assert np.count_nonzero(matrix) == 13
    assert len(np.unique(matrix[matrix > 0])) == w.size == 3
    mlp = torch.nn.Linear(5, 5, bias=False)
    assert mlp.weight.numel() == matrix.size == 25


def test_a_curve_detector_answers_6600_on_its_curve_and_0_elsewhere():
    """C003-31: (50 · 30) + (50 · 30) + (50 · 30) + (20 · 30) + (50 · 30)."""
    kernel, back, ear = np.zeros((3, 7, 7), int)
    for row, column in enumerate([5, 4, 3, 3, 3, 3]):
        kernel[row, column] = 30
    back[0, 6], back[1, 4:], back[2, 3:5], back[3:, 3:5] = 30, 50, [20, 50], 50
    ear[2:, :2], ear[6, 5:] = 40, 70
    assert slide(back, kernel).tolist() == [[6600]]
    assert sorted((back * kernel)[back * kernel > 0]) == [20 * 30] + 4 * [50 * 30]
    assert slide(ear, kernel).tolist() == [[0]]


IMAGE = [[3, 3, 2, 1, 0], [0, 0, 1, 3, 1], [3, 1, 2, 2, 3], [2, 0, 0, 2, 2], [2, 0, 0, 0, 1]]
PRINTED = [[3, 3, 2, 1, 0], [0, 0, 1, 2, 3], [3, 2, 1, 2, 3], [2, 0, 0, 2, 2], [2, 0, 0, 0, 1]]
KERNEL = [[0, 1, 2], [2, 2, 0], [0, 1, 2]]
OUTPUT = [[12, 12, 17], [10, 17, 19], [9, 6, 14]]


def only_kernel(image):
    """The kernel that turns the image into OUTPUT, from nine equations, and their rank."""
    windows = np.lib.stride_tricks.sliding_window_view(np.array(image), (3, 3)).reshape(9, 9)
    return np.linalg.solve(windows, np.ravel(OUTPUT)), np.linalg.matrix_rank(windows)


def test_the_example_of_a_convolution_has_this_output_and_no_other_kernel():
    """C004-44: 12 12 17 / 10 17 19 / 9 6 14."""
    assert slide(IMAGE, KERNEL).tolist() == OUTPUT
    kernel, rank = only_kernel(IMAGE)
    assert rank == 9
    np.testing.assert_allclose(kernel, np.ravel(KERNEL), atol=1e-9)


def test_the_input_printed_with_that_example_has_another_output():
    """C004-45: rows 2 and 3 are misprints, as no kernel of whole numbers fits them."""
    assert slide(PRINTED, KERNEL).tolist() == [[11, 11, 15], [12, 15, 20], [8, 5, 14]]
    kernel, rank = only_kernel(PRINTED)
    assert rank == 9 and abs(kernel - kernel.round()).max() > 0.1
    np.testing.assert_allclose(kernel[:2], [-5.88, 13.41], atol=5e-3)


@pytest.mark.parametrize(("stride", "size"), [(1, 4), (2, 5)], ids=["C004-47: 1", "C004-47: 2"])
def test_a_transposed_convolution_of_2_by_2_grows_with_the_stride(stride, size, rng):
    x, w = rng.normal(size=(1, 1, 2, 2)), rng.normal(size=(1, 1, 3, 3))
    assert conv_transpose2d(x, w, np.zeros(1), stride=stride).shape == (1, 1, size, size)
    own = torch.nn.ConvTranspose2d(1, 1, 3, stride=stride, device="meta")
    assert own(torch.empty(1, 1, 2, 2, device="meta")).shape == (1, 1, size, size)


def test_there_is_no_stride_of_zero():
    """C004-47: as printed."""
    x, w = np.zeros((1, 1, 2, 2)), np.zeros((1, 1, 3, 3))
    with pytest.raises(ValueError, match="stride must be a whole number ≥ 1"):
        conv_transpose2d(x, w, np.zeros(1), stride=0)
    with pytest.raises(RuntimeError, match="stride"):
        torch.nn.functional.conv_transpose2d(torch.tensor(x), torch.tensor(w), stride=0)


def test_a_dilated_kernel_of_3_leaves_3_by_3_of_7_by_7():
    """C004-48: dilation 2, no margin, stride 1; without dilation it would be 5 × 5."""
    image, kernel = np.zeros((7, 7)), np.ones((3, 3))
    assert slide(image, kernel, dilation=2).shape == (3, 3)
    assert slide(image, kernel).shape == (5, 5)


def pooled(pool, image, *options):
    return pool(np.array(image)[None, None], *options)[0, 0].tolist()


def test_windows_of_p_entries_do_not_reach_into_the_next_window():
    """C002-59: i = kp, …, (k+1)p - 1; as printed a window holds one entry more."""
    x, p = np.array([1, 2, 9, 0]), 2
    assert pooled(max_pool2d, [x], (1, p)) == [[2, 9]]
    correct = [max(x[k * p : (k + 1) * p - 1 + 1]) for k in range(2)]
    printed = [max(x[k * p : (k + 1) * p + 1]) for k in range(2)]
    assert correct == [2, 9] and printed == [9, 9]


def test_pooling_the_4_by_4_example():
    """C002-60: max [[3, 5], [2, 4]]; mean [[1.5, 2.75], [1.25, 2.25]]."""
    image = [[1, 2, 5, 3], [3, 0, 1, 2], [2, 1, 3, 4], [1, 1, 2, 0]]
    assert pooled(max_pool2d, image, 2) == [[3, 5], [2, 4]]
    assert pooled(avg_pool2d, image, 2) == [[1.5, 2.75], [1.25, 2.25]]


def test_pooling_0_to_8_with_stride_1():
    """C004-49: [[4, 5], [7, 8]]; with stride 2 only the 4 would be left."""
    image = np.arange(9).reshape(3, 3)
    assert pooled(max_pool2d, image, 2, 1) == [[4, 5], [7, 8]]
    assert pooled(max_pool2d, image, 2) == [[4]]


def test_windows_of_3_at_stride_2_overlap_by_one_pixel():
    """C004-54: AlexNet's pooling."""
    x = np.zeros((1, 1, 3, 7))
    y = avg_pool2d(x, 3, 2)
    assert y.shape == (1, 1, 1, 3)
    seen = [
        avg_pool2d_vjp(np.eye(3)[k].reshape(y.shape), y, x, 3, 2)[0, 0, 0] > 0 for k in range(3)
    ]
    assert [window.sum() for window in seen] == [3, 3, 3]
    assert (seen[0] & seen[1]).sum() == (seen[1] & seen[2]).sum() == 1
    assert not (seen[0] & seen[2]).any()
