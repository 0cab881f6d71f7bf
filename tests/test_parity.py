"""Every row of tests/operations: the gradient by hand, the twin, dtypes and strides."""

import numpy as np
import pytest
import torch
from gradients import as_tuple, assert_twin, assert_vjp, output
from operations import all_cases

CASES = all_cases()
EACH = pytest.mark.parametrize("case", CASES, ids=str)


def run(case, inputs):
    f, f_vjp, _ = case.functions()
    options = dict(case.options)
    y = f(*inputs, *case.rest, **options)
    dy = np.random.default_rng(1).normal(size=np.shape(output(y))).astype(output(y).dtype)
    return [output(y), *as_tuple(f_vjp(dy, y, *inputs, *case.rest, **options))]


@EACH
def test_the_gradient_by_hand_matches_finite_differences(case, rng):
    f, f_vjp, _ = case.functions()
    assert_vjp(f, f_vjp, case.inputs(rng), rng, case.rest, dict(case.options))


@EACH
@pytest.mark.parametrize(("dtype", "rtol"), [(np.float64, 1e-10), (np.float32, 1e-4)])
def test_the_twin_has_the_same_value_and_gradients(case, dtype, rtol, rng):
    inputs = [a.astype(dtype) for a in case.inputs(rng)]
    assert_twin(*case.functions(), inputs, rng, case.rest, dict(case.options), rtol=rtol)


@EACH
def test_float32_stays_float32_and_no_input_is_changed(case, rng):
    inputs = [a.astype(np.float32) for a in case.inputs(rng)]
    kept = [a.copy() for a in inputs]
    assert {a.dtype for a in run(case, inputs)} == {np.dtype(np.float32)}
    for a, b in zip(inputs, kept, strict=True):
        np.testing.assert_array_equal(a, b)


@EACH
def test_strides_do_not_matter(case, rng):
    inputs = case.inputs(rng)
    strided = []
    for a in inputs:
        wide = np.zeros((*a.shape, 2))
        wide[..., 0] = a
        strided.append(wide[..., 0][..., ::-1][..., ::-1] if a.ndim else wide[..., 0])
    for a, b in zip(run(case, inputs), run(case, strided), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)


def test_every_pair_of_scratch_is_in_the_table():
    import inspect
    import pkgutil

    import dlcore.scratch

    listed = {(case.module, case.name) for case in CASES}
    # Only distributions may enter these two, so tests/test_losses.py moves along the simplex.
    listed |= {("losses", "entropy"), ("losses", "kl_divergence")}
    for info in pkgutil.iter_modules(dlcore.scratch.__path__):
        module = __import__(f"dlcore.scratch.{info.name}", fromlist=["_"])
        for name, f in inspect.getmembers(module, inspect.isfunction):
            if name.endswith("_vjp") and f.__module__ == module.__name__:
                assert (info.name, name.removesuffix("_vjp")) in listed, f"{info.name}.{name}"


def test_torch_runs_on_one_thread():
    assert torch.get_num_threads() == 1
