"""AdamW and Lion in place: each number of parameters, gradient and state crosses memory once."""

import torch

from dlcore.kernels import use_triton
from dlcore.kernels.launch import tl, triton
from dlcore.kernels.source import specimen

CONFIG = {"BLOCK": 1024, "num_warps": 4}


@triton.jit
def adamw_kernel(
    p_ptr, g_ptr, m_ptr, v_ptr, n, rate, decay, beta, one_beta, gamma, one_gamma, root, eps,
    BLOCK: tl.constexpr,
):  # fmt: skip
    """m += (1 - beta) (g - m), v the same of g²; p = decay p - rate m / (root √v + eps)."""
    at = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    inside = at < n
    p = tl.load(p_ptr + at, mask=inside).to(tl.float32)
    g = tl.load(g_ptr + at, mask=inside).to(tl.float32)
    m = tl.load(m_ptr + at, mask=inside).to(tl.float32)
    v = tl.load(v_ptr + at, mask=inside, other=0.0).to(tl.float32)
    m = beta * m + one_beta * g
    v = gamma * v + one_gamma * g * g
    p = decay * p - rate * m / (root * tl.sqrt(v) + eps)
    tl.store(p_ptr + at, p.to(p_ptr.dtype.element_ty), mask=inside)
    tl.store(m_ptr + at, m.to(m_ptr.dtype.element_ty), mask=inside)
    tl.store(v_ptr + at, v.to(v_ptr.dtype.element_ty), mask=inside)


@triton.jit
def lion_kernel(
    p_ptr, g_ptr, m_ptr, n, rate, decay, beta, one_beta, gamma, one_gamma,
    BLOCK: tl.constexpr,
):  # fmt: skip
    """p = decay p - rate sign(beta m + (1 - beta) g); then m += (1 - gamma) (g - m)."""
    at = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    inside = at < n
    p = tl.load(p_ptr + at, mask=inside).to(tl.float32)
    g = tl.load(g_ptr + at, mask=inside).to(tl.float32)
    m = tl.load(m_ptr + at, mask=inside).to(tl.float32)
    way = beta * m + one_beta * g
    step = tl.where(way > 0, rate, tl.where(way < 0, -rate, 0.0))
    m = gamma * m + one_gamma * g
    tl.store(p_ptr + at, (decay * p - step).to(p_ptr.dtype.element_ty), mask=inside)
    tl.store(m_ptr + at, m.to(m_ptr.dtype.element_ty), mask=inside)


def specimens(capability: int):
    """The kernels of this module at realistic sizes, for ahead-of-time compilation."""
    types = "*fp32 *fp32 *fp32 *fp32 i32" + 8 * " fp32"
    yield specimen("AdamW", adamw_kernel, types, CONFIG)
    yield specimen("Lion", lion_kernel, "*fp32 *fp32 *fp32 i32" + 6 * " fp32", CONFIG)


@torch.library.custom_op("dlcore::adamw", mutates_args={"p", "m", "v"})
def adamw_op(
    p: torch.Tensor, g: torch.Tensor, m: torch.Tensor, v: torch.Tensor, numbers: list[float]
) -> None:
    """`numbers`: rate, decay, beta, 1 - beta, gamma, 1 - gamma, root, eps."""
    grid = (triton.cdiv(p.numel(), CONFIG["BLOCK"]),)
    adamw_kernel[grid](p, g, m, v, p.numel(), *numbers, **CONFIG)


@torch.library.custom_op("dlcore::lion", mutates_args={"p", "m"})
def lion_op(p: torch.Tensor, g: torch.Tensor, m: torch.Tensor, numbers: list[float]) -> None:
    """`numbers`: rate, decay, beta, 1 - beta, gamma, 1 - gamma."""
    grid = (triton.cdiv(p.numel(), CONFIG["BLOCK"]),)
    lion_kernel[grid](p, g, m, p.numel(), *numbers, **CONFIG)


def check(lr, betas, weight_decay, **tensors):
    """One shape for all, in one piece of memory, since the kernel walks through it."""
    shape = tensors["param"].shape
    for name, a in tensors.items():
        if a.shape != shape or not a.is_contiguous():
            got = f"{tuple(a.shape)}, contiguous: {a.is_contiguous()}"
            raise ValueError(f"{name} must be contiguous of shape {tuple(shape)}, got {got}")
    if not all(0 <= beta < 1 for beta in betas) or len(betas) != 2:
        raise ValueError(f"betas must be two numbers in [0, 1), got {betas}")
    if not (lr >= 0 and weight_decay >= 0):
        raise ValueError(f"lr, weight_decay must not be negative, got {lr}, {weight_decay}")


def wide(*tensors):
    """In float32 at least, as the kernel computes."""
    return [a if a.dtype == torch.float64 else a.float() for a in tensors]


def adamw(
    param, grad, mean, var, step: int, lr=1e-3, betas=(0.9, 0.999), eps=1e-8,
    weight_decay=0.01, backend="auto",
):  # fmt: skip
    """Update number `step`, from 1 on, of AdamW, :eq:`eq-adamw`, in place: param, mean and var.

    All four have one shape; one flat buffer for a whole model makes it one launch.
    """
    check(lr, betas, weight_decay, param=param, grad=grad, mean=mean, var=var)
    if step < 1 or not eps > 0:
        raise ValueError(f"step must be at least 1 and eps positive, got {step} and {eps}")
    beta, gamma = betas
    rate, root = lr / (1 - beta**step), (1 - gamma**step) ** -0.5
    decay = 1 - lr * weight_decay
    with torch.no_grad():
        if use_triton(param, backend):
            numbers = [rate, decay, beta, 1 - beta, gamma, 1 - gamma, root, eps]
            adamw_op(param, grad, mean, var, numbers)
        else:
            p, g, m, v = wide(param, grad, mean, var)
            mean.copy_(m := m.lerp(g, 1 - beta))
            var.copy_(v := v.lerp(g * g, 1 - gamma))
            param.copy_(decay * p - rate * m / (root * v.sqrt() + eps))


def lion(
    param, grad, mean, lr=1e-4, betas=(0.9, 0.99), weight_decay=0.0, backend="auto"
):  # fmt: skip
    """One update of Lion, :eq:`eq-lion`, in place: param and mean, of the shape of grad."""
    check(lr, betas, weight_decay, param=param, grad=grad, mean=mean)
    beta, gamma = betas
    decay = 1 - lr * weight_decay
    with torch.no_grad():
        if use_triton(param, backend):
            lion_op(param, grad, mean, [lr, decay, beta, 1 - beta, gamma, 1 - gamma])
        else:
            p, g, m = wide(param, grad, mean)
            param.copy_(decay * p - lr * m.lerp(g, 1 - beta).sign())
            mean.copy_(m.lerp(g, 1 - gamma))
