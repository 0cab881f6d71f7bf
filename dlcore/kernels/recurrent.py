"""One step of an LSTM or a GRU behind its matrix products: a dozen small operations as one."""

import torch

from dlcore.kernels import use_triton
from dlcore.kernels.launch import half, tl, triton
from dlcore.kernels.source import specimen

CONFIG = {"ROWS": 8, "BLOCK": 128, "num_warps": 4}  # a tile of the batch and the state


@triton.jit
def sigmoid(x):
    return 1 / (1 + tl.exp(-x))


@triton.jit
def tanh(x):
    """Triton has no tanh of its own outside of CUDA's library."""
    return 2 / (1 + tl.exp(-2 * x)) - 1


@triton.jit
def get(ptr, at, inside):
    return tl.load(ptr + at, mask=inside, other=0.0).to(tl.float32)


@triton.jit
def put(ptr, at, x, inside):
    tl.store(ptr + at, x.to(ptr.dtype.element_ty), mask=inside)


@triton.jit
def lstm_kernel(
    a_ptr, c_ptr, h_ptr, new_ptr, dh_ptr, dnew_ptr, da_ptr, dc_ptr, n, k,
    VJP: tl.constexpr, ROWS: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    """new = f c + i g, h = o tanh(new); a is (n, 4k), the gates i, f, g, o, the rest (n, k).

    With VJP, from dh and dnew to da and dc; the gates are computed again.
    """
    row = tl.program_id(0) * ROWS + tl.arange(0, ROWS).to(tl.int64)[:, None]
    column = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)[None, :]
    inside = (row < n) & (column < k)
    e, at = row * k + column, row * (4 * k) + column
    i, f = sigmoid(get(a_ptr, at, inside)), sigmoid(get(a_ptr, at + k, inside))
    g, o = tanh(get(a_ptr, at + 2 * k, inside)), sigmoid(get(a_ptr, at + 3 * k, inside))
    c = get(c_ptr, e, inside)
    new = f * c + i * g
    seen = tanh(new)
    if VJP:
        dh = get(dh_ptr, e, inside)
        dnew = get(dnew_ptr, e, inside) + dh * o * (1 - seen * seen)
        put(da_ptr, at, dnew * g * i * (1 - i), inside)
        put(da_ptr, at + k, dnew * c * f * (1 - f), inside)
        put(da_ptr, at + 2 * k, dnew * i * (1 - g * g), inside)
        put(da_ptr, at + 3 * k, dh * seen * o * (1 - o), inside)
        put(dc_ptr, e, dnew * f, inside)
    else:
        put(h_ptr, e, o * seen, inside)
        put(new_ptr, e, new, inside)


@triton.jit
def gru_kernel(
    a_ptr, s_ptr, h_ptr, new_ptr, dnew_ptr, da_ptr, ds_ptr, dh_ptr, n, k,
    VJP: tl.constexpr, ROWS: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    """new = z h + (1 - z) g, g = tanh(a_g + r s_g); a and s are (n, 3k): r, z, g.

    With VJP, from dnew to da, ds and dh; the gates are computed again.
    """
    row = tl.program_id(0) * ROWS + tl.arange(0, ROWS).to(tl.int64)[:, None]
    column = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)[None, :]
    inside = (row < n) & (column < k)
    e, at = row * k + column, row * (3 * k) + column
    r = sigmoid(get(a_ptr, at, inside) + get(s_ptr, at, inside))
    z = sigmoid(get(a_ptr, at + k, inside) + get(s_ptr, at + k, inside))
    sg = get(s_ptr, at + 2 * k, inside)
    g = tanh(get(a_ptr, at + 2 * k, inside) + r * sg)
    h = get(h_ptr, e, inside)
    if VJP:
        dnew = get(dnew_ptr, e, inside)
        dg = dnew * (1 - z) * (1 - g * g)
        dr, dz = dg * sg * r * (1 - r), dnew * (h - g) * z * (1 - z)
        put(da_ptr, at, dr, inside)
        put(da_ptr, at + k, dz, inside)
        put(da_ptr, at + 2 * k, dg, inside)
        put(ds_ptr, at, dr, inside)
        put(ds_ptr, at + k, dz, inside)
        put(ds_ptr, at + 2 * k, dg * r, inside)
        put(dh_ptr, e, dnew * z, inside)
    else:
        put(new_ptr, e, z * h + (1 - z) * g, inside)


def specimens(capability: int):
    """The kernels of this module at realistic sizes, for ahead-of-time compilation."""
    types = " ".join([f"*{half(capability)}"] * 8 + ["i32", "i32"])
    for name, kernel in (("LSTM", lstm_kernel), ("GRU", gru_kernel)):
        for vjp in (0, 1):
            label = f"{name} cell{' backward' * vjp}"
            yield specimen(label, kernel, types, {"VJP": vjp, **CONFIG})


def launch(kernel, state, *args, vjp):
    n, k = state.shape
    grid = triton.cdiv(n, CONFIG["ROWS"]), triton.cdiv(k, CONFIG["BLOCK"])
    args = [state if a is None else a for a in args]  # what this direction does not touch
    kernel[grid](*args, n, k, VJP=vjp, **CONFIG)


@torch.library.custom_op("dlcore::lstm_cell", mutates_args=())
def lstm_op(a: torch.Tensor, c: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    a, c = a.contiguous(), c.contiguous()
    h, new = torch.empty_like(c), torch.empty_like(c)
    launch(lstm_kernel, c, a, c, h, new, None, None, None, None, vjp=0)
    return h, new


@torch.library.custom_op("dlcore::lstm_cell_vjp", mutates_args=())
def lstm_vjp_op(
    dh: torch.Tensor, dnew: torch.Tensor, a: torch.Tensor, c: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    dh, dnew, a, c = dh.contiguous(), dnew.contiguous(), a.contiguous(), c.contiguous()
    da, dc = torch.empty_like(a), torch.empty_like(c)
    launch(lstm_kernel, c, a, c, None, None, dh, dnew, da, dc, vjp=1)
    return da, dc


@torch.library.custom_op("dlcore::gru_cell", mutates_args=())
def gru_op(a: torch.Tensor, s: torch.Tensor, h: torch.Tensor) -> torch.Tensor:
    a, s, h = a.contiguous(), s.contiguous(), h.contiguous()
    new = torch.empty_like(h)
    launch(gru_kernel, h, a, s, h, new, None, None, None, None, vjp=0)
    return new


@torch.library.custom_op("dlcore::gru_cell_vjp", mutates_args=())
def gru_vjp_op(
    dnew: torch.Tensor, a: torch.Tensor, s: torch.Tensor, h: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    dnew, a, s, h = dnew.contiguous(), a.contiguous(), s.contiguous(), h.contiguous()
    da, ds, dh = torch.empty_like(a), torch.empty_like(s), torch.empty_like(h)
    launch(gru_kernel, h, a, s, h, None, dnew, da, ds, dh, vjp=1)
    return da, ds, dh


def dense(*tensors):
    """Results shaped like these, without their strides."""
    found = tuple(torch.empty_like(a, memory_format=torch.contiguous_format) for a in tensors)
    return found if len(found) > 1 else found[0]


lstm_op.register_fake(lambda a, c: dense(c, c))
lstm_vjp_op.register_fake(lambda dh, dnew, a, c: dense(a, c))
gru_op.register_fake(lambda a, s, h: dense(h))
gru_vjp_op.register_fake(lambda dnew, a, s, h: dense(a, s, h))


def save(ctx, inputs, output):
    ctx.save_for_backward(*inputs)


lstm_op.register_autograd(
    lambda ctx, dh, dnew: lstm_vjp_op(dh, dnew, *ctx.saved_tensors), setup_context=save
)
gru_op.register_autograd(lambda ctx, dnew: gru_vjp_op(dnew, *ctx.saved_tensors), setup_context=save)


def check(gates: int, state, **scores):
    """Scores of every gate for each number of the state, in one dtype."""
    if state.ndim != 2 or state.numel() == 0:
        raise ValueError(f"the state must be (n, h), got {tuple(state.shape)}")
    wanted = len(state), gates * state.shape[1]
    for name, a in scores.items():
        if a.shape != wanted or a.dtype != state.dtype:
            got = f"{a.dtype} {tuple(a.shape)}"
            raise ValueError(f"{name} must be {state.dtype} {wanted}, got {got}")


def lstm_cell(a, c, backend="auto"):
    """One step of an LSTM: c' = f c + i g and h' = o tanh(c'), which it returns as h', c'.

    Shapes: (n,g),(n,h)->(n,h),(n,h)

    a = W x + U h + b holds the scores of the gates i, f, g, o, in the order of dlcore.nn.
    """
    check(4, c, a=a)
    if use_triton(a, backend):
        return lstm_op(a, c)
    i, f, g, o = a.chunk(4, dim=1)
    new = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * new.tanh(), new


def gru_cell(a, s, h, backend="auto"):
    """One step of a GRU: h' = z h + (1 - z) g with g = tanh(a_g + r s_g).

    Shapes: (n,g),(n,g),(n,h)->(n,h)

    a = W x + b and s = U h + c hold the scores of r, z and g, in the order of dlcore.nn.
    """
    check(3, h, a=a, s=s)
    if use_triton(a, backend):
        return gru_op(a, s, h)
    (ar, az, ag), (sr, sz, sg) = a.chunk(3, dim=1), s.chunk(3, dim=1)
    z = (az + sz).sigmoid()
    return z * h + (1 - z) * (ag + (ar + sr).sigmoid() * sg).tanh()
