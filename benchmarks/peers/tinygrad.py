"""tinygrad on the CPU: its layers' functions and optimizers, the step recorded by TinyJit."""

import os
import shutil
import tempfile
from pathlib import Path

from benchmarks import inputs

if not shutil.which("clang"):  # it compiles its kernels with clang, which ziglang brings along
    import ziglang

    zig = Path(ziglang.__file__).with_name("zig")
    wrapper = Path(tempfile.mkdtemp(prefix="clang-")) / "clang"
    wrapper.write_text(f'#!/bin/sh\nexec "{zig}" clang "$@"\n')
    wrapper.chmod(0o755)
    os.environ["CC"] = str(wrapper)
os.environ["DEV"] = "CPU"
os.environ["PARALLEL"] = "0"  # else its compilers go on, on all cores, after we have given it up

from tinygrad import Tensor, TinyJit, nn
from tinygrad.helpers import Context


def tensors(weights):
    return [Tensor(w).realize() for w in weights]


def trained(loss, optimizer):
    @TinyJit
    def recorded():
        optimizer.zero_grad()
        value = loss().backward()
        return value.realize(*optimizer.schedule_step())

    def step():
        with Context(TRAINING=1):
            return recorded().item()

    return step


def mlp(kind, lr):
    weights, x, y = inputs.mlp()
    w1, b1, w2, b2, w3, b3 = params = tensors(weights)
    x, y = tensors((x, y))

    def loss():
        h = x.linear(w1.T, b1).relu().linear(w2.T, b2).relu()
        return h.linear(w3.T, b3).sparse_categorical_crossentropy(y)

    return trained(loss, kind(params, lr=lr))


def mlp_sgd():
    return mlp(nn.optim.SGD, 0.01)


def mlp_adam():
    return mlp(nn.optim.Adam, 1e-4)


def cnn():
    weights, x, y = inputs.cnn()
    w1, b1, w2, b2, w3, b3 = params = tensors(weights)
    x, y = tensors((x, y))

    def loss():
        h = x.conv2d(w1, b1, padding=1).relu().max_pool2d()
        h = h.conv2d(w2, b2, padding=1).relu().max_pool2d()
        return h.flatten(1).linear(w3.T, b3).sparse_categorical_crossentropy(y)

    return trained(loss, nn.optim.SGD(params, lr=0.01))


def lstm():
    weights, ids = inputs.lstm()
    table, w, u, b, v, a = params = tensors(weights)
    (ids,) = tensors((ids,))

    def loss():
        gates = table[ids[:, :-1]].linear(w.T, b)
        h = c = Tensor.zeros(ids.shape[0], u.shape[1])
        states = []
        for t in range(gates.shape[1]):
            i, f, g, o = (gates[:, t] + h.linear(u.T)).chunk(4, dim=1)
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            h = o.sigmoid() * c.tanh()
            states.append(h)
        logits = Tensor.stack(*states, dim=1).linear(v.T, a)
        return logits.sparse_categorical_crossentropy(ids[:, 1:])

    return trained(loss, nn.optim.Adam(params, lr=1e-4))


def norm(x, scale, shift):
    return x.layernorm() * scale + shift


def gpt():
    weights, heads, ids = inputs.gpt()
    params = tensors(weights)
    table, places, blocks, scale, shift = inputs.parts(params)
    (ids,) = tensors((ids,))

    def loss():
        x = table[ids[:, :-1]] + places
        for scale1, shift1, wq, wk, wv, wo, scale2, shift2, w1, b1, w2, b2 in blocks:
            h = norm(x, scale1, shift1)
            q, k, v = (
                h.linear(w.T).reshape(*h.shape[:2], heads, -1).transpose(1, 2) for w in (wq, wk, wv)
            )
            h = q.scaled_dot_product_attention(k, v, is_causal=True)
            x = x + h.transpose(1, 2).reshape(x.shape).linear(wo.T)
            x = x + norm(x, scale2, shift2).linear(w1.T, b1).gelu().linear(w2.T, b2)
        logits = norm(x, scale, shift).linear(table.T)
        return logits.sparse_categorical_crossentropy(ids[:, 1:])

    return trained(loss, nn.optim.Adam(params, lr=1e-4))
