"""Recurrent networks over whole sequences: RNN, LSTM and GRU, for autograd to differentiate."""

import torch


def rnn(x, h0, w, u, b, mask=None):
    """A state that reads one step at a time, h_t = tanh(W x_t + U h_{t-1} + b).

    x has shape (n, t, d), h0 (n, h), w (h, d), u (h, h), b (h); the result holds every state,
    shape (n, t, h). `mask` (n, t) is True at real steps; at padding the state stays as it is.
    """
    check(1, x, u, mask, h0=h0, w=w, b=b)
    a, h, states = x @ w.T + b, h0, []
    for t in range(x.shape[1]):
        h = hold(torch.tanh(a[:, t] + h @ u.T), h, mask, t)
        states.append(h)
    return torch.stack(states, dim=1)


def lstm(x, h0, c0, w, u, b, mask=None):
    """A memory that gates write, keep and show: c_t = f c_{t-1} + i g, h_t = o tanh(c_t).

    i, f, o = σ(W x_t + U h_{t-1} + b) and g = tanh of the same, each with its own h rows of
    w (4h, d), u (4h, h), b (4h), in the order i, f, g, o. x has shape (n, t, d), h0 and c0 (n, h).
    Returns h and c of every step, shape (n, t, h).
    """
    check(4, x, u, mask, h0=h0, c0=c0, w=w, b=b)
    a, h, c, states = x @ w.T + b, h0, c0, []
    for t in range(x.shape[1]):
        i, f, g, o = (a[:, t] + h @ u.T).chunk(4, dim=1)
        i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
        new = f * c + i * g
        h, c = hold(o * new.tanh(), h, mask, t), hold(new, c, mask, t)
        states.append((h, c))
    h, c = zip(*states, strict=True)
    return torch.stack(h, dim=1), torch.stack(c, dim=1)


def gru(x, h0, w, u, b, c, mask=None):
    """A state mixed from old and new by a gate z: h_t = z h_{t-1} + (1 - z) g.

    r, z = σ(W x_t + b + U h_{t-1} + c) and g = tanh(W x_t + b + r (U h_{t-1} + c)), each with
    its own h rows of w (3h, d), u (3h, h), b and c (3h), in the order r, z, g. x has shape
    (n, t, d), h0 (n, h), and the result, every state, (n, t, h).
    """
    check(3, x, u, mask, h0=h0, w=w, b=b, c=c)
    a, h, states = x @ w.T + b, h0, []
    for t in range(x.shape[1]):
        (ar, az, ag), (sr, sz, sg) = a[:, t].chunk(3, dim=1), (h @ u.T + c).chunk(3, dim=1)
        r, z = (ar + sr).sigmoid(), (az + sz).sigmoid()
        g = (ag + r * sg).tanh()
        h = hold(z * h + (1 - z) * g, h, mask, t)
        states.append(h)
    return torch.stack(states, dim=1)


def check(gates: int, x, u, mask=None, **given):
    """The shapes of a layer with that many row blocks; a wrong one is named in the error."""
    if x.ndim != 3 or x.shape[1] == 0:
        raise ValueError(f"x must be (n, t, d) with t > 0, got shape {tuple(x.shape)}")
    (n, t, d), h = x.shape, u.shape[-1]
    state, rows = (n, h), gates * h
    wanted = {"h0": state, "c0": state, "w": (rows, d), "u": (rows, h), "b": (rows,), "c": (rows,)}
    for name, array in {"u": u, **given}.items():
        if array.shape != wanted[name]:
            raise ValueError(
                f"{name} must have shape {wanted[name]} for x {tuple(x.shape)} and "
                f"u {tuple(u.shape)}, got {tuple(array.shape)}"
            )
    if mask is not None and (mask.shape != (n, t) or mask.dtype != torch.bool):
        got = f"{mask.dtype}, {tuple(mask.shape)}"
        raise ValueError(f"mask must be bool of shape {n, t}, got {got}")


def hold(new, old, mask, t):
    """The new state of shape (n, h) at a real step t, the old one at padding."""
    return new if mask is None else torch.where(mask[:, t, None], new, old)
