"""Cross-entropy whose gradient is made on the way forward, and the same behind a linear layer.

A backward pass would read the logits again. Here the loss leaves its gradient behind: the logits
are read once where a row fits in the registers, twice where not.
"""

import torch

from dlcore.kernels import use_triton
from dlcore.kernels.launch import half, rows, tl, triton
from dlcore.kernels.source import specimen

ONE_PASS = 32768  # beyond, a row of logits spills out of the registers
LONG = {"BLOCK": 4096, "num_warps": 8}  # classes at a time in two passes
SCALE = {"BLOCK": 4096, "num_warps": 8}


@triton.jit
def loss_kernel(
    x_ptr, label_ptr, count_ptr, loss_ptr, dx_ptr, k, ignore, smoothing,
    GRAD: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    """loss = logsumexp(x) - sum(q x) of row i, dx = (softmax(x) - q) / count.

    q is 1 - smoothing at the label plus smoothing / k everywhere; x is (n, k).
    A row whose label is `ignore` has neither; any other bad label gives NaN.
    """
    i = tl.program_id(0)
    x_ptr += i.to(tl.int64) * k
    column = tl.arange(0, BLOCK)
    inside = column < k
    label = tl.load(label_ptr + i)
    kept = label != ignore
    x = tl.load(x_ptr + column, mask=inside, other=float("-inf"))
    x = x.to(tl.float32)
    valid = (label >= 0) & (label < k)
    true = tl.load(x_ptr + label, mask=valid, other=float("nan"))
    true = true.to(tl.float32)
    mean = tl.sum(tl.where(inside, x, 0.0), axis=0) / k
    best = tl.max(x, axis=0)
    e = tl.exp(x - best)
    total = tl.sum(e, axis=0)
    chosen = true
    if smoothing != 0:
        chosen = (1 - smoothing) * true + smoothing * mean
    loss = best + tl.log(total) - chosen
    tl.store(loss_ptr + i, tl.where(kept, loss, 0.0))
    if GRAD:
        q = tl.where(column == label, 1 - smoothing, 0.0) + smoothing / k
        dx = tl.where(kept, (e / total - q) / tl.load(count_ptr), 0.0)
        dx_ptr += i.to(tl.int64) * k
        tl.store(dx_ptr + column, dx.to(dx_ptr.dtype.element_ty), mask=inside)


@triton.jit
def long_loss_kernel(
    x_ptr, label_ptr, count_ptr, loss_ptr, dx_ptr, k, ignore, smoothing,
    GRAD: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    """The same in two passes over pieces of a row: running sums, then dx.

    When the maximum rises, what was summed so far shrinks by exp(old - new).
    """
    i = tl.program_id(0)
    x_ptr += i.to(tl.int64) * k
    dx_ptr += i.to(tl.int64) * k
    label = tl.load(label_ptr + i)
    kept = label != ignore
    valid = (label >= 0) & (label < k)
    true = tl.load(x_ptr + label, mask=valid, other=float("nan")).to(tl.float32)
    best = tl.full((BLOCK,), -1e30, tl.float32)  # of each lane
    total = tl.zeros((BLOCK,), tl.float32)
    mean = tl.zeros((BLOCK,), tl.float32)
    for first in range(0, k, BLOCK):
        inside = first + tl.arange(0, BLOCK) < k
        at = x_ptr + first + tl.arange(0, BLOCK)
        x = tl.load(at, mask=inside, other=float("-inf")).to(tl.float32)
        higher = tl.maximum(best, x)
        total = total * tl.exp(best - higher) + tl.exp(x - higher)
        mean += tl.where(inside, x, 0.0) / k
        best = higher
    top = tl.max(best, axis=0)
    log_total = top + tl.log(tl.sum(total * tl.exp(best - top), axis=0))
    share = smoothing * tl.sum(mean, axis=0)
    chosen = true if smoothing == 0 else (1 - smoothing) * true + share
    tl.store(loss_ptr + i, tl.where(kept, log_total - chosen, 0.0))
    if GRAD:
        scale = 1 / tl.load(count_ptr)
        for first in range(0, k, BLOCK):
            column = first + tl.arange(0, BLOCK)
            x = tl.load(x_ptr + column, mask=column < k).to(tl.float32)
            q = tl.where(column == label, 1 - smoothing, 0.0) + smoothing / k
            dx = tl.where(kept, (tl.exp(x - log_total) - q) * scale, 0.0)
            dx = dx.to(dx_ptr.dtype.element_ty)
            tl.store(dx_ptr + column, dx, mask=column < k)


@triton.jit
def scale_kernel(x_ptr, by_ptr, n, BLOCK: tl.constexpr):
    """x *= by in place; by 1, as behind most losses, it touches nothing."""
    by = tl.load(by_ptr).to(tl.float32)
    if by != 1:
        at = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
        x = tl.load(x_ptr + at, mask=at < n).to(tl.float32) * by
        tl.store(x_ptr + at, x.to(x_ptr.dtype.element_ty), mask=at < n)


def specimens(capability: int):
    """The kernels of this module at realistic sizes, for ahead-of-time compilation."""
    for k, t in ((4096, half(capability)), (ONE_PASS, "fp32"), (ONE_PASS, half(capability))):
        types = f"*{t} *i64 *fp32 *fp32 *{t} i32 i32 fp32"
        yield specimen(f"cross-entropy {k} {t}", loss_kernel, types, {"GRAD": 1, **rows(k)})
    config = {"GRAD": 1, **LONG}
    yield specimen("cross-entropy in two passes", long_loss_kernel, types, config)
    yield specimen("scale", scale_kernel, f"*{t} *fp32 i32", SCALE)


def launch(x, labels, count, losses, dx, ignore, smoothing, grad):
    """Fill the losses of the rows of x (n, k) and, with `grad`, dx, which may be x itself."""
    n, k = x.shape
    kernel, config = (loss_kernel, rows(k)) if k <= ONE_PASS else (long_loss_kernel, LONG)
    args = x, labels, count, losses, dx, k, ignore, float(smoothing)
    kernel[(n,)](*args, GRAD=int(grad), **config)


@torch.library.custom_op("dlcore::cross_entropy", mutates_args=())
def cross_entropy_op(
    x: torch.Tensor, labels: torch.Tensor, ignore: int, smoothing: float, grad: bool
) -> tuple[torch.Tensor, torch.Tensor]:
    """The mean loss, in float32, and its gradient by x where asked for."""
    x, labels = x.contiguous(), labels.contiguous()
    losses = x.new_empty(len(x), dtype=torch.float32)
    dx = torch.empty_like(x) if grad else x.new_empty(0)
    count = (labels != ignore).sum().float()
    launch(x, labels, count, losses, dx, ignore, smoothing, grad)
    return losses.sum() / count, dx


@torch.library.custom_op("dlcore::linear_cross_entropy", mutates_args=())
def linear_cross_entropy_op(
    x: torch.Tensor, w: torch.Tensor, labels: torch.Tensor,
    ignore: int, smoothing: float, chunk: int,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:  # fmt: skip
    """The mean loss of the logits x wᵀ, its gradient by x and, in float32, by w.

    Only `chunk` rows of logits exist at a time, and their gradient takes their place.
    """
    x, labels = x.contiguous(), labels.contiguous()
    losses, dx = x.new_empty(len(x), dtype=torch.float32), torch.empty_like(x)
    dw = torch.zeros_like(w, dtype=torch.float32)
    count = (labels != ignore).sum().float()
    parts = (a.split(chunk) for a in (x, labels, losses, dx))
    for part, label, loss, out in zip(*parts, strict=True):
        logits = part @ w.T
        launch(logits, label, count, loss, logits, ignore, smoothing, True)
        torch.mm(logits, w, out=out)
        dw += logits.T @ part
    return losses.sum() / count, dx, dw


@torch.library.custom_op("dlcore::scale_", mutates_args={"x"})
def scale_op(x: torch.Tensor, by: torch.Tensor) -> None:
    grid = (triton.cdiv(x.numel(), SCALE["BLOCK"]),)
    scale_kernel[grid](x, by, x.numel(), **SCALE)


@cross_entropy_op.register_fake
def _(x, labels, ignore, smoothing, grad):
    dx = torch.empty_like(x, memory_format=torch.contiguous_format) if grad else x.new_empty(0)
    return x.new_empty((), dtype=torch.float32), dx


@linear_cross_entropy_op.register_fake
def _(x, w, labels, ignore, smoothing, chunk):
    dx = torch.empty_like(x, memory_format=torch.contiguous_format)
    return x.new_empty((), dtype=torch.float32), dx, torch.empty_like(w, dtype=torch.float32)


def save(ctx, inputs, output):
    _, *gradients = output
    ctx.mark_non_differentiable(*gradients)
    ctx.save_for_backward(*gradients)
    ctx.types = [a.dtype for a in inputs if isinstance(a, torch.Tensor)]
    ctx.rest = len(inputs) - len(gradients)


def backward(ctx, dloss, *_):
    """What forward left, times dloss. It is scaled in place, so backward runs once.

    A tracer cannot follow a saved tensor that changes, and fuses the product with what comes next.
    """
    gradients = ctx.saved_tensors
    if type(dloss) is torch.Tensor:
        for g in gradients:
            scale_op(g, dloss)
    else:
        gradients = [g * dloss for g in gradients]
    return *(g.to(t) for g, t in zip(gradients, ctx.types)), *[None] * ctx.rest


cross_entropy_op.register_autograd(backward, setup_context=save)
linear_cross_entropy_op.register_autograd(backward, setup_context=save)


def check(x, labels, classes, smoothing, ignore_index):
    """Rows of scores, one integer label each, in 0..classes-1 or ignore_index."""
    if x.ndim != 2 or x.numel() == 0:
        raise ValueError(f"the first argument must be (n, k), n, k > 0, got {tuple(x.shape)}")
    if labels.shape != x.shape[:1] or labels.is_floating_point() or labels.dtype == torch.bool:
        got = f"{labels.dtype} {tuple(labels.shape)}"
        raise ValueError(f"labels must be integers of shape ({len(x)},), got {got}")
    if not 0 <= smoothing < 1:
        raise ValueError(f"smoothing must lie in [0, 1), got {smoothing}")
    if labels.device.type == "cpu" and not torch.compiler.is_compiling():
        wrong = labels[(labels != ignore_index) & ((labels < 0) | (labels >= classes))]
        if len(wrong):
            raise ValueError(f"labels must lie in 0..{classes - 1}, got {wrong[0]}")


def cross_entropy(logits, labels, smoothing=0.0, ignore_index=-100, backend="auto"):
    """Mean surprisal of the true classes, :eq:`eq-cross-entropy`, in float32.

    Shapes: (n,k),(n)->()

    Rows whose label is `ignore_index` do not count. On a GPU no label is checked: one out of
    range gives NaN. The gradient is made on the way forward: backward works once.
    """
    check(logits, labels, logits.shape[-1], smoothing, ignore_index)
    if use_triton(logits, backend):
        grad = logits.requires_grad and torch.is_grad_enabled()
        return cross_entropy_op(logits, labels, ignore_index, smoothing, grad)[0]
    wide = logits.double() if logits.dtype == torch.float64 else logits.float()
    options = {"ignore_index": ignore_index, "label_smoothing": smoothing}
    return torch.nn.functional.cross_entropy(wide, labels.long(), **options)


def linear_cross_entropy(
    x, w, labels, smoothing=0.0, ignore_index=-100, chunk=None, backend="auto"
):
    """cross_entropy(x wᵀ, labels) for x (n, d) and w (k, d), without ever holding (n, k) logits.

    Shapes: (n,d),(k,d),(n)->()

    `chunk` rows of logits exist at a time: by default as many as make them no larger than x.
    The torch fallback holds them all.
    """
    if w.ndim != 2 or w.shape[-1:] != x.shape[-1:]:
        raise ValueError(f"w must be (k, {x.shape[-1]}), got {tuple(w.shape)}")
    check(x, labels, len(w), smoothing, ignore_index)
    if use_triton(x, backend):
        share = triton.cdiv(len(w), x.shape[-1])  # logits are so many times wider than x
        chunk = chunk or max(1, triton.next_power_of_2(triton.cdiv(len(x), share)))
        return linear_cross_entropy_op(x, w, labels, ignore_index, smoothing, chunk)[0]
    return cross_entropy(x @ w.T, labels, smoothing, ignore_index, backend="torch")
