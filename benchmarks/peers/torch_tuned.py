"""PyTorch as an engineer tunes it: channels last, its fused attention and GELU."""

import torch
from torch.nn import functional as F

from benchmarks import inputs


def trained(loss, optimizer):
    def step():
        value = loss()
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        return value.item()

    return step


def params(weights):
    return [torch.tensor(w, requires_grad=True) for w in weights]


def mlp(kind, lr, **options):
    weights, x, y = inputs.mlp()
    w1, b1, w2, b2, w3, b3 = p = params(weights)
    x, y = torch.tensor(x), torch.tensor(y)

    def loss():
        h = F.relu(F.linear(x, w1, b1))
        h = F.relu(F.linear(h, w2, b2))
        return F.cross_entropy(F.linear(h, w3, b3), y)

    return trained(loss, kind(p, lr=lr, **options))


def mlp_sgd():
    return mlp(torch.optim.SGD, 0.01, fused=True)


def mlp_adam():
    return mlp(torch.optim.Adam, 1e-4, fused=True)


def cnn():
    weights, x, y = inputs.cnn()
    last = {"memory_format": torch.channels_last}
    weights = [torch.tensor(w) for w in weights]
    weights = [w.to(**last) if w.ndim == 4 else w for w in weights]
    w1, b1, w2, b2, w3, b3 = p = [w.requires_grad_() for w in weights]
    x, y = torch.tensor(x).to(**last), torch.tensor(y)

    def loss():
        h = F.max_pool2d(F.relu(F.conv2d(x, w1, b1, padding=1)), 2)
        h = F.max_pool2d(F.relu(F.conv2d(h, w2, b2, padding=1)), 2)
        return F.cross_entropy(F.linear(h.flatten(1), w3, b3), y)

    return trained(loss, torch.optim.SGD(p, lr=0.01, fused=True))


def lstm():
    weights, ids = inputs.lstm()
    table, w, u, b, v, a = params(weights)
    layer = torch.nn.LSTM(64, 128, batch_first=True)
    layer.weight_ih_l0.data, layer.weight_hh_l0.data, layer.bias_ih_l0.data = w.data, u.data, b.data
    layer.bias_hh_l0.data.zero_()  # it has two biases that add up; this one stays zero
    layer.bias_hh_l0.requires_grad = False
    learned = [table, *(p for p in layer.parameters() if p.requires_grad), v, a]
    ids = torch.tensor(ids)

    def loss():
        logits = F.linear(layer(F.embedding(ids[:, :-1], table))[0], v, a)
        return F.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten())

    return trained(loss, torch.optim.Adam(learned, lr=1e-4, fused=True))


def gpt():
    weights, heads, ids = inputs.gpt()
    p = params(weights)
    table, places, blocks, scale, shift = inputs.parts(p)
    ids = torch.tensor(ids)

    def norm(x, scale, shift):
        return F.layer_norm(x, scale.shape, scale, shift)

    def loss():
        x = table[ids[:, :-1]] + places
        for scale1, shift1, wq, wk, wv, wo, scale2, shift2, w1, b1, w2, b2 in blocks:
            h = F.linear(norm(x, scale1, shift1), torch.cat([wq, wk, wv]))
            q, k, v = h.unflatten(2, (3, heads, -1)).permute(2, 0, 3, 1, 4)
            h = F.scaled_dot_product_attention(q, k, v, is_causal=True)
            x = x + F.linear(h.transpose(1, 2).flatten(2), wo)
            h = F.gelu(F.linear(norm(x, scale2, shift2), w1, b1), approximate="tanh")
            x = x + F.linear(h, w2, b2)
        logits = F.linear(norm(x, scale, shift), table)
        return F.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten())

    return trained(loss, torch.optim.Adam(p, lr=1e-4, fused=True))
