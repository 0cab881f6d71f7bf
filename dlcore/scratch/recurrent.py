"""Recurrent networks over whole sequences: RNN, LSTM, GRU, and backpropagation through time.

Inside, time comes first, (t, n, ...), so that the numbers of one step lie together in memory.
All input products are one matrix product before the loop, all weight gradients one after it.
"""

import numpy as np

from dlcore.scratch.activations import sigmoid


def rnn(x, h0, w, u, b, mask=None):
    """A state that reads one step at a time, h_t = tanh(W x_t + U h_{t-1} + b).

    x has shape (n, t, d), h0 (n, h), w (h, d), u (h, h), b (h); the result holds every state,
    shape (n, t, h). `mask` (n, t) is True at real steps; at padding the state stays as it is.
    """
    check(1, x, u, mask, h0=h0, w=w, b=b)
    a = input_products(x, w, b, h0, u)
    h = h0
    for t in range(len(a)):
        a[t] = h = hold(np.tanh(a[t] + h @ u.T), h, mask, t)
    return a.swapaxes(0, 1)


def rnn_vjp(dy, y, x, h0, w, u, b, mask=None):
    """Through time: da_t = dh_t (1 - h_t²), and dh_{t-1} = dy_{t-1} + Uᵀ da_t."""
    da = np.empty_like(y.swapaxes(0, 1))
    dh = 0.0
    for t in reversed(range(len(da))):
        dh = dh + dy[:, t]
        da[t] = dh * (1 - y[:, t] * y[:, t])
        dh = hold(da[t] @ u, dh, mask, t)
    only_real(da, mask)
    dx, dw, db = input_gradients(da, x, w)
    return dx, dh, dw, outer(da, before(h0, y)), db


def lstm(x, h0, c0, w, u, b, mask=None):
    """A memory that gates write, keep and show: c_t = f c_{t-1} + i g, h_t = o tanh(c_t).

    i, f, o = σ(W x_t + U h_{t-1} + b) and g = tanh of the same, each with its own h rows of
    w (4h, d), u (4h, h), b (4h), in the order i, f, g, o. x has shape (n, t, d), h0 and c0 (n, h).
    Returns h and c of every step, shape (n, t, h), and for the gradient the gates and tanh c.
    """
    check(4, x, u, mask, h0=h0, c0=c0, w=w, b=b)
    m = slopes(b)
    rest = 1 - m
    gates = input_products(x, w * m[:, None], b * m, h0, c0, u)
    hs = np.empty_like(gates, shape=(len(gates), *h0.shape))
    cs, tanh_c, ut = np.empty_like(hs), np.empty_like(hs), (u * m[:, None]).T
    h, c = h0, c0
    for t, a in enumerate(gates):
        a += h @ ut
        np.tanh(a, out=a)
        a *= m
        a += rest
        i, f, g, o = blocks(a)
        new = f * c + i * g
        np.tanh(new, out=tanh_c[t])
        hs[t] = h = hold(o * tanh_c[t], h, mask, t)
        cs[t] = c = hold(new, c, mask, t)
    return hs.swapaxes(0, 1), cs.swapaxes(0, 1), gates, tanh_c


def lstm_vjp(dy, y, x, h0, c0, w, u, b, mask=None):
    """Through time: dc_t += dh_t o (1 - tanh² c_t), dc_{t-1} = f dc_t, dh_{t-1} += Uᵀ da_t."""
    h, c, gates, tanh_c = y
    old = before(c0, c)
    da = np.empty_like(gates)
    dh = dc = 0.0
    for t in reversed(range(len(da))):
        i, f, g, o = blocks(gates[t])
        di, df, dg, do = blocks(da[t])
        dh = dh + dy[:, t]
        dnew = dc + dh * o * (1 - tanh_c[t] * tanh_c[t])
        np.multiply(dnew * g, i * (1 - i), out=di)
        np.multiply(dnew * old[t], f * (1 - f), out=df)
        np.multiply(dnew * i, 1 - g * g, out=dg)
        np.multiply(dh * tanh_c[t], o * (1 - o), out=do)
        dh, dc = hold(da[t] @ u, dh, mask, t), hold(dnew * f, dc, mask, t)
    only_real(da, mask)
    dx, dw, db = input_gradients(da, x, w)
    return dx, dh, dc, dw, outer(da, before(h0, h)), db


def slopes(b):
    """The numbers m (4h) by which one tanh gives all gates: each is m tanh(m a) + 1 - m.

    m is 1 for g, and ½ for i, f and o, as σ(a) = ½ tanh(½ a) + ½; half of a float is exact.
    """
    m = np.array([0.5, 0.5, 1, 0.5], np.result_type(b, np.float16))
    return m.repeat(len(b) // 4)


def blocks(a):
    """The four blocks of a step's (n, 4h), as a view of shape (4, n, h)."""
    return a.reshape(len(a), 4, -1).swapaxes(0, 1)


def gru(x, h0, w, u, b, c, mask=None):
    """A state mixed from old and new by a gate z: h_t = z h_{t-1} + (1 - z) g.

    r, z = σ(W x_t + b + U h_{t-1} + c) and g = tanh(W x_t + b + r (U h_{t-1} + c)), each with
    its own h rows of w (3h, d), u (3h, h), b and c (3h), in the order r, z, g. x has shape
    (n, t, d), h0 (n, h), and the result, every state, (n, t, h).
    """
    check(3, x, u, mask, h0=h0, w=w, b=b, c=c)
    a = input_products(x, w, b, h0, u, c)
    hs = np.empty_like(a, shape=(len(a), *h0.shape))
    h = h0
    for t in range(len(a)):
        r, z, g = gru_gates(a[t], h @ u.T + c)
        hs[t] = h = hold(z * h + (1 - z) * g, h, mask, t)
    return hs.swapaxes(0, 1)


def gru_gates(a, s):
    """Reset gate, update gate and candidate from the input part a and the state part s.

    Both have shape (..., 3h); the reset gate weighs the state part of the candidate.
    """
    (ar, az, ag), (sr, sz, sg) = np.split(a, 3, axis=-1), np.split(s, 3, axis=-1)
    r, z = sigmoid(ar + sr), sigmoid(az + sz)
    return r, z, np.tanh(ag + r * sg)


def gru_vjp(dy, y, x, h0, w, u, b, c, mask=None):
    """Through time: dz = dh (h_{t-1} - g), dg = dh (1 - z), and r weighs what enters U.

    The states are known, so the gates of all steps come again from one product, without a loop.
    """
    old = before(h0, y)
    s = old @ u.T + c
    r, z, g = gru_gates(input_products(x, w, b), s)
    da, ds = np.empty_like(s), np.empty_like(s)
    dh = 0.0
    for t in reversed(range(len(s))):
        dr, dz, dg = np.split(da[t], 3, axis=1)
        dh = dh + dy[:, t]
        dz[:] = dh * (old[t] - g[t]) * z[t] * (1 - z[t])
        dg[:] = dh * (1 - z[t]) * (1 - g[t] * g[t])
        dr[:] = dg * np.split(s[t], 3, axis=1)[2] * r[t] * (1 - r[t])
        ds[t] = np.concatenate([dr, dz, dg * r[t]], axis=1)
        dh = hold(dh * z[t] + ds[t] @ u, dh, mask, t)
    only_real(da, mask)
    only_real(ds, mask)
    dx, dw, db = input_gradients(da, x, w)
    return dx, dh, dw, outer(ds, old), db, over_steps(ds)


def check(gates: int, x, u, mask=None, **given):
    """The shapes of a layer with that many row blocks; a wrong one is named in the error."""
    if x.ndim != 3 or x.shape[1] == 0:
        raise ValueError(f"x must be (n, t, d) with t > 0, got shape {x.shape}")
    (n, t, d), h = x.shape, u.shape[-1]
    state, rows = (n, h), gates * h
    wanted = {"h0": state, "c0": state, "w": (rows, d), "u": (rows, h), "b": (rows,), "c": (rows,)}
    for name, array in {"u": u, **given}.items():
        if array.shape != wanted[name]:
            raise ValueError(
                f"{name} must have shape {wanted[name]} for x {x.shape} and u {u.shape}, "
                f"got {array.shape}"
            )
    if mask is not None and (mask.shape != (n, t) or mask.dtype != bool):
        raise ValueError(f"mask must be bool of shape {n, t}, got {mask.dtype}, {mask.shape}")


def before(h0, h):
    """The state that each step starts from, time first: shape (t, n, h)."""
    return np.concatenate([h0[None], h.swapaxes(0, 1)[:-1]])


def hold(new, old, mask, t):
    """The new state of shape (n, h) at a real step t, the old one at padding."""
    return new if mask is None else np.where(mask[:, t, None], new, old)


def only_real(da, mask):
    """Sets da of shape (t, n, h) to zero at padding."""
    if mask is not None:
        da[~mask.T] = 0


def input_products(x, w, b, *others):
    """W x_t + b of all steps at once, shape (t, n, h), in a dtype that holds the others too."""
    rows = x.swapaxes(0, 1).reshape(-1, x.shape[-1])
    a = rows @ w.T
    a += b
    return a.astype(np.result_type(a, *others), copy=False).reshape(x.shape[1], len(x), -1)


def outer(da, x):
    """The gradient of a weight, the sum of da xᵀ over steps and examples: shape (h, d)."""
    return da.reshape(-1, da.shape[-1]).T @ x.reshape(-1, x.shape[-1])


def input_gradients(da, x, w):
    """The cotangents of x, w and b from those of W x_t + b, shape (t, n, h)."""
    dx = (da.reshape(-1, len(w)) @ w).reshape(len(da), -1, w.shape[1])
    return dx.swapaxes(0, 1), outer(da, x.swapaxes(0, 1)), over_steps(da)


def over_steps(da):
    """The sum of (t, n, h) over steps and examples, as a product, which is faster than sum."""
    rows = da.reshape(-1, da.shape[-1])
    return np.ones(len(rows), da.dtype) @ rows
