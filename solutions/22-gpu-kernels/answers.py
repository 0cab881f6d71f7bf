"""Answers that the grader must judge rightly; tests/test_exercises.py reads and runs them.

`# %% CELL | KIND | WHAT` heads the code of a solution cell. Kinds: `right` gets full points,
`wrong` none by the visible checks, `hidden` passes the visible checks and fails a hidden one.
A wrong answer has a fourth part: words of the sentence that must name its mistake.
The answers of the other tasks are the solution's.
"""

import triton
import triton.language as tl


# %% rms_norm_kernel | right | with a square root and a division
@triton.jit
def rms_norm_kernel(x_ptr, y_ptr, k, eps, BLOCK: tl.constexpr):
    i = tl.program_id(0)
    j = tl.arange(0, BLOCK)
    x = tl.load(x_ptr + i * k + j, mask=j < k, other=0.0)
    mean = tl.sum(x * x, axis=0) / k
    tl.store(y_ptr + i * k + j, x / tl.sqrt(mean + eps), mask=j < k)


# %% rms_norm_kernel | right | with a function of its own
@triton.jit
def mean_square(x, k):
    return tl.sum(x * x, axis=0) / k


@triton.jit
def rms_norm_kernel(x_ptr, y_ptr, k, eps, BLOCK: tl.constexpr):
    x_ptr += tl.program_id(0) * k
    y_ptr += tl.program_id(0) * k
    j = tl.arange(0, BLOCK)
    inside = j < k
    x = tl.load(x_ptr + j, mask=inside, other=0.0)
    tl.store(y_ptr + j, x * tl.rsqrt(mean_square(x, k) + eps), mask=inside)


# %% rms_norm_kernel | wrong | forgets the mask of the load | out of bounds
@triton.jit
def rms_norm_kernel(x_ptr, y_ptr, k, eps, BLOCK: tl.constexpr):
    row, column = tl.program_id(0) * k, tl.arange(0, BLOCK)
    x = tl.load(x_ptr + row + column)
    r = tl.rsqrt(tl.sum(x * x, axis=0) / k + eps)
    tl.store(y_ptr + row + column, x * r, mask=column < k)


# %% rms_norm_kernel | wrong | divides by the size of the block | results are wrong
@triton.jit
def rms_norm_kernel(x_ptr, y_ptr, k, eps, BLOCK: tl.constexpr):
    row, column = tl.program_id(0) * k, tl.arange(0, BLOCK)
    x = tl.load(x_ptr + row + column, mask=column < k, other=0.0)
    r = tl.rsqrt(tl.sum(x * x, axis=0) / BLOCK + eps)
    tl.store(y_ptr + row + column, x * r, mask=column < k)


# %% rms_norm_kernel | wrong | reads the row twice | is something read twice
@triton.jit
def rms_norm_kernel(x_ptr, y_ptr, k, eps, BLOCK: tl.constexpr):
    row, column = tl.program_id(0) * k, tl.arange(0, BLOCK)
    x = tl.load(x_ptr + row + column, mask=column < k, other=0.0)
    r = tl.rsqrt(tl.sum(x * x, axis=0) / k + eps)
    again = tl.load(x_ptr + row + column, mask=column < k)
    tl.store(y_ptr + row + column, again * r, mask=column < k)


# %% rms_norm_kernel | wrong | puts eps outside of the root | Small numbers
@triton.jit
def rms_norm_kernel(x_ptr, y_ptr, k, eps, BLOCK: tl.constexpr):
    row, column = tl.program_id(0) * k, tl.arange(0, BLOCK)
    x = tl.load(x_ptr + row + column, mask=column < k, other=0.0)
    root = tl.sqrt(tl.sum(x * x, axis=0) / k)
    near = tl.sqrt(tl.sum(x * x, axis=0) / k + eps)
    y = tl.where(root > 0.1, x / near, x / (root + eps))
    tl.store(y_ptr + row + column, y, mask=column < k)


# %% rms_norm_kernel | wrong | writes the first row only | never written
@triton.jit
def rms_norm_kernel(x_ptr, y_ptr, k, eps, BLOCK: tl.constexpr):
    column = tl.arange(0, BLOCK)
    x = tl.load(x_ptr + column, mask=column < k, other=0.0)
    r = tl.rsqrt(tl.sum(x * x, axis=0) / k + eps)
    if tl.program_id(0) == 0:
        tl.store(y_ptr + column, x * r, mask=column < k)


# %% rms_norm_kernel | hidden | takes the mean off if it is large
@triton.jit
def rms_norm_kernel(x_ptr, y_ptr, k, eps, BLOCK: tl.constexpr):
    row, column = tl.program_id(0) * k, tl.arange(0, BLOCK)
    x = tl.load(x_ptr + row + column, mask=column < k, other=0.0)
    mean = tl.sum(x, axis=0) / k
    x = tl.where(column < k, x - tl.where(mean > 5, mean, 0.0), 0.0)
    r = tl.rsqrt(tl.sum(x * x, axis=0) / k + eps)
    tl.store(y_ptr + row + column, x * r, mask=column < k)


# %% bias_silu_kernel | right | with an exponential
@triton.jit
def bias_silu_kernel(x_ptr, b_ptr, y_ptr, n, k, ROWS: tl.constexpr, BLOCK: tl.constexpr):
    i = (tl.program_id(0) * ROWS + tl.arange(0, ROWS))[:, None]
    j = tl.arange(0, BLOCK)[None, :]
    inside = (i < n) & (j < k)
    z = tl.load(x_ptr + i * k + j, mask=inside, other=0.0)
    z += tl.load(b_ptr + j, mask=j < k, other=0.0)
    tl.store(y_ptr + i * k + j, z / (1 + tl.exp(-z)), mask=inside)


# %% bias_silu_kernel | right | by a loop over the rows
@triton.jit
def bias_silu_kernel(x_ptr, b_ptr, y_ptr, n, k, ROWS: tl.constexpr, BLOCK: tl.constexpr):
    j = tl.arange(0, BLOCK)
    b = tl.load(b_ptr + j, mask=j < k, other=0.0)
    for r in range(ROWS):
        row = tl.program_id(0) * ROWS + r
        inside = (j < k) & (row < n)
        z = tl.load(x_ptr + row * k + j, mask=inside, other=0.0) + b
        tl.store(y_ptr + row * k + j, z * tl.sigmoid(z), mask=inside)


# %% bias_silu_kernel | wrong | forgets the bias | results are wrong
@triton.jit
def bias_silu_kernel(x_ptr, b_ptr, y_ptr, n, k, ROWS: tl.constexpr, BLOCK: tl.constexpr):
    row = tl.program_id(0) * ROWS + tl.arange(0, ROWS)
    column = tl.arange(0, BLOCK)
    inside = (row[:, None] < n) & (column[None, :] < k)
    at = row[:, None] * k + column[None, :]
    z = tl.load(x_ptr + at, mask=inside, other=0.0)
    tl.store(y_ptr + at, z * tl.sigmoid(z), mask=inside)


# %% bias_silu_kernel | wrong | masks the columns only | out of bounds
@triton.jit
def bias_silu_kernel(x_ptr, b_ptr, y_ptr, n, k, ROWS: tl.constexpr, BLOCK: tl.constexpr):
    row = tl.program_id(0) * ROWS + tl.arange(0, ROWS)
    column = tl.arange(0, BLOCK)
    inside = (row[:, None] >= 0) & (column[None, :] < k)
    at = row[:, None] * k + column[None, :]
    b = tl.load(b_ptr + column, mask=column < k, other=0.0)
    z = tl.load(x_ptr + at, mask=inside, other=0.0) + b[None, :]
    tl.store(y_ptr + at, z * tl.sigmoid(z), mask=inside)


# %% bias_silu_kernel | wrong | loads the bias for each row | is something read twice
@triton.jit
def bias_silu_kernel(x_ptr, b_ptr, y_ptr, n, k, ROWS: tl.constexpr, BLOCK: tl.constexpr):
    j = tl.arange(0, BLOCK)
    for r in range(ROWS):
        row = tl.program_id(0) * ROWS + r
        inside = (j < k) & (row < n)
        b = tl.load(b_ptr + j, mask=j < k, other=0.0)
        z = tl.load(x_ptr + row * k + j, mask=inside, other=0.0) + b
        tl.store(y_ptr + row * k + j, z * tl.sigmoid(z), mask=inside)


# %% bias_silu_kernel | wrong | the sigmoid of x without the bias | results are wrong
@triton.jit
def bias_silu_kernel(x_ptr, b_ptr, y_ptr, n, k, ROWS: tl.constexpr, BLOCK: tl.constexpr):
    row = tl.program_id(0) * ROWS + tl.arange(0, ROWS)
    column = tl.arange(0, BLOCK)
    inside = (row[:, None] < n) & (column[None, :] < k)
    at = row[:, None] * k + column[None, :]
    b = tl.load(b_ptr + column, mask=column < k, other=0.0)
    x = tl.load(x_ptr + at, mask=inside, other=0.0)
    tl.store(y_ptr + at, (x + b[None, :]) * tl.sigmoid(x), mask=inside)


# %% bias_silu_kernel | hidden | cuts off what is small
@triton.jit
def bias_silu_kernel(x_ptr, b_ptr, y_ptr, n, k, ROWS: tl.constexpr, BLOCK: tl.constexpr):
    row = tl.program_id(0) * ROWS + tl.arange(0, ROWS)
    column = tl.arange(0, BLOCK)
    inside = (row[:, None] < n) & (column[None, :] < k)
    at = row[:, None] * k + column[None, :]
    b = tl.load(b_ptr + column, mask=column < k, other=0.0)
    z = tl.maximum(tl.load(x_ptr + at, mask=inside, other=0.0) + b[None, :], -20.0)
    tl.store(y_ptr + at, z * tl.sigmoid(z), mask=inside)


# %% logsumexp_kernel | right | a maximum and a sum for each lane
@triton.jit
def logsumexp_kernel(x_ptr, y_ptr, k, BLOCK: tl.constexpr):
    x_ptr += tl.program_id(0) * k
    best = tl.full((BLOCK,), -1e30, tl.float32)
    total = tl.zeros((BLOCK,), tl.float32)
    for first in range(0, k, BLOCK):
        column = first + tl.arange(0, BLOCK)
        x = tl.load(x_ptr + column, mask=column < k, other=float("-inf"))
        higher = tl.maximum(best, x)
        total = total * tl.exp(best - higher) + tl.exp(x - higher)
        best = higher
    top = tl.max(best, axis=0)
    value = top + tl.log(tl.sum(total * tl.exp(best - top), axis=0))
    tl.store(y_ptr + tl.program_id(0), value)


# %% logsumexp_kernel | right | joins logarithms
@triton.jit
def logsumexp_kernel(x_ptr, y_ptr, k, BLOCK: tl.constexpr):
    value = -1e30
    for first in range(0, k, BLOCK):
        column = first + tl.arange(0, BLOCK)
        at = x_ptr + tl.program_id(0) * k + column
        x = tl.load(at, mask=column < k, other=float("-inf"))
        top = tl.max(x, axis=0)
        piece = top + tl.log(tl.sum(tl.exp(x - top), axis=0))
        high = tl.maximum(value, piece)
        value = high + tl.log(tl.exp(value - high) + tl.exp(piece - high))
    tl.store(y_ptr + tl.program_id(0), value)


# %% logsumexp_kernel | wrong | takes no maximum off | Scores around 1000
@triton.jit
def logsumexp_kernel(x_ptr, y_ptr, k, BLOCK: tl.constexpr):
    total = 0.0
    for first in range(0, k, BLOCK):
        column = first + tl.arange(0, BLOCK)
        at = x_ptr + tl.program_id(0) * k + column
        x = tl.load(at, mask=column < k, other=float("-inf"))
        total += tl.sum(tl.exp(x), axis=0)
    tl.store(y_ptr + tl.program_id(0), tl.log(total))


# %% logsumexp_kernel | wrong | does not shrink the old sum | results are wrong
@triton.jit
def logsumexp_kernel(x_ptr, y_ptr, k, BLOCK: tl.constexpr):
    best = -1e30
    total = 0.0
    for first in range(0, k, BLOCK):
        column = first + tl.arange(0, BLOCK)
        at = x_ptr + tl.program_id(0) * k + column
        x = tl.load(at, mask=column < k, other=float("-inf"))
        best = tl.maximum(best, tl.max(x, axis=0))
        total += tl.sum(tl.exp(x - best), axis=0)
    tl.store(y_ptr + tl.program_id(0), best + tl.log(total))


# %% logsumexp_kernel | wrong | goes through the row twice | is something read twice
@triton.jit
def logsumexp_kernel(x_ptr, y_ptr, k, BLOCK: tl.constexpr):
    best = -1e30
    total = 0.0
    for first in range(0, k, BLOCK):
        column = first + tl.arange(0, BLOCK)
        at = x_ptr + tl.program_id(0) * k + column
        best = tl.maximum(best, tl.max(tl.load(at, mask=column < k, other=-1e30), axis=0))
    for first in range(0, k, BLOCK):
        column = first + tl.arange(0, BLOCK)
        at = x_ptr + tl.program_id(0) * k + column
        x = tl.load(at, mask=column < k, other=float("-inf"))
        total += tl.sum(tl.exp(x - best), axis=0)
    tl.store(y_ptr + tl.program_id(0), best + tl.log(total))


# %% logsumexp_kernel | wrong | fills the last piece with zeros | results are wrong
@triton.jit
def logsumexp_kernel(x_ptr, y_ptr, k, BLOCK: tl.constexpr):
    best = -1e30
    total = 0.0
    for first in range(0, k + BLOCK, BLOCK):
        column = first + tl.arange(0, BLOCK)
        at = x_ptr + tl.program_id(0) * k + column
        x = tl.load(at, mask=column < k, other=0.0)
        higher = tl.maximum(best, tl.max(x, axis=0))
        total = total * tl.exp(best - higher) + tl.sum(tl.exp(x - higher), axis=0)
        best = higher
    tl.store(y_ptr + tl.program_id(0), best + tl.log(total))


# %% logsumexp_kernel | hidden | starts the maximum at zero
@triton.jit
def logsumexp_kernel(x_ptr, y_ptr, k, BLOCK: tl.constexpr):
    best = 0.0
    total = 0.0
    for first in range(0, k, BLOCK):
        column = first + tl.arange(0, BLOCK)
        at = x_ptr + tl.program_id(0) * k + column
        x = tl.load(at, mask=column < k, other=float("-inf"))
        higher = tl.maximum(best, tl.max(x, axis=0))
        total = total * tl.exp(best - higher) + tl.sum(tl.exp(x - higher), axis=0)
        best = higher
    tl.store(y_ptr + tl.program_id(0), best + tl.log(total))


# %% transpose_kernel | right | turns the tile
@triton.jit
def transpose_kernel(x_ptr, y_ptr, n, k, TILE: tl.constexpr):
    i = tl.program_id(0) * TILE + tl.arange(0, TILE)
    j = tl.program_id(1) * TILE + tl.arange(0, TILE)
    x = tl.load(
        x_ptr + i[:, None] * k + j[None, :], mask=(i[:, None] < n) & (j[None, :] < k), other=0.0
    )
    at = y_ptr + j[:, None] * n + i[None, :]
    tl.store(at, tl.trans(x), mask=(j[:, None] < k) & (i[None, :] < n))


# %% transpose_kernel | right | loads the turned square at once
@triton.jit
def transpose_kernel(x_ptr, y_ptr, n, k, TILE: tl.constexpr):
    i = (tl.program_id(0) * TILE + tl.arange(0, TILE))[None, :]
    j = (tl.program_id(1) * TILE + tl.arange(0, TILE))[:, None]
    inside = (i < n) & (j < k)
    tl.store(y_ptr + j * n + i, tl.load(x_ptr + i * k + j, mask=inside), mask=inside)


# %% transpose_kernel | wrong | copies without turning | results are wrong
@triton.jit
def transpose_kernel(x_ptr, y_ptr, n, k, TILE: tl.constexpr):
    row = tl.program_id(0) * TILE + tl.arange(0, TILE)[:, None]
    column = tl.program_id(1) * TILE + tl.arange(0, TILE)[None, :]
    inside = (row < n) & (column < k)
    x = tl.load(x_ptr + row * k + column, mask=inside)
    tl.store(y_ptr + row * k + column, x, mask=inside)


# %% transpose_kernel | wrong | one row after the other | of the sectors touched are used
@triton.jit
def transpose_kernel(x_ptr, y_ptr, n, k, TILE: tl.constexpr):
    column = tl.program_id(1) * TILE + tl.arange(0, TILE)
    for r in range(TILE):
        row = tl.program_id(0) * TILE + r
        inside = (column < k) & (row < n)
        x = tl.load(x_ptr + row * k + column, mask=inside)
        tl.store(y_ptr + column * n + row, x, mask=inside)


# %% transpose_kernel | wrong | masks one side only | out of bounds
@triton.jit
def transpose_kernel(x_ptr, y_ptr, n, k, TILE: tl.constexpr):
    row = tl.program_id(0) * TILE + tl.arange(0, TILE)[:, None]
    column = tl.program_id(1) * TILE + tl.arange(0, TILE)[None, :]
    inside = (row < n) & (column >= 0)
    x = tl.load(x_ptr + row * k + column, mask=inside)
    tl.store(y_ptr + column * n + row, x, mask=inside)


# %% transpose_kernel | wrong | every program moves everything | written by several programs
@triton.jit
def transpose_kernel(x_ptr, y_ptr, n, k, TILE: tl.constexpr):
    for i in range(tl.num_programs(0)):
        for j in range(tl.num_programs(1)):
            row = i * TILE + tl.arange(0, TILE)[:, None]
            column = j * TILE + tl.arange(0, TILE)[None, :]
            inside = (row < n) & (column < k)
            x = tl.load(x_ptr + row * k + column, mask=inside)
            tl.store(y_ptr + column * n + row, x, mask=inside)


# %% transpose_kernel | hidden | moves no more than 48 columns
@triton.jit
def transpose_kernel(x_ptr, y_ptr, n, k, TILE: tl.constexpr):
    row = tl.program_id(0) * TILE + tl.arange(0, TILE)[:, None]
    column = tl.program_id(1) * TILE + tl.arange(0, TILE)[None, :]
    inside = (row < n) & (column < k) & (column < 48)
    x = tl.load(x_ptr + row * k + column, mask=inside)
    tl.store(y_ptr + column * n + row, x, mask=inside)


# %% attend_kernel | right | divides what it keeps at each step
@triton.jit
def attend_kernel(o_ptr, v_ptr, y_ptr, s, d, BLOCK: tl.constexpr, D: tl.constexpr):
    i, feature = tl.program_id(0), tl.arange(0, D)
    best = -1e30
    total = 0.0
    y = tl.zeros((D,), tl.float32)
    for first in range(0, s, BLOCK):
        j = first + tl.arange(0, BLOCK)
        o = tl.load(o_ptr + i * s + j, mask=j < s, other=float("-inf"))
        inside = (j[:, None] < s) & (feature[None, :] < d)
        at = v_ptr + i * s * d + j[:, None] * d + feature[None, :]
        v = tl.load(at, mask=inside, other=0.0)
        higher = tl.maximum(best, tl.max(o, axis=0))
        old = total * tl.exp(best - higher)
        w = tl.exp(o - higher)
        total = old + tl.sum(w, axis=0)
        y = (y * old + tl.sum(w[:, None] * v, axis=0)) / total
        best = higher
    tl.store(y_ptr + i * d + feature, y, mask=feature < d)


# %% attend_kernel | right | with a function that joins
@triton.jit
def joined(old, new, a, b, best, higher):
    return a * tl.exp(old - best) + b * tl.exp(new - higher)


@triton.jit
def attend_kernel(o_ptr, v_ptr, y_ptr, s, d, BLOCK: tl.constexpr, D: tl.constexpr):
    o_ptr += tl.program_id(0) * s
    v_ptr += tl.program_id(0) * s * d
    f = tl.arange(0, D)
    m = -1e30
    total = 0.0
    y = tl.zeros((D,), tl.float32)
    for first in range(0, s, BLOCK):
        j = first + tl.arange(0, BLOCK)
        o = tl.load(o_ptr + j, mask=j < s, other=float("-inf"))
        mask = (j < s)[:, None] & (f < d)[None, :]
        v = tl.load(v_ptr + j[:, None] * d + f[None, :], mask=mask, other=0.0)
        piece = tl.max(o, axis=0)
        e = tl.exp(o - piece)
        higher = tl.maximum(m, piece)
        total = joined(m, piece, total, tl.sum(e, axis=0), higher, higher)
        y = joined(m, piece, y, tl.sum(e[:, None] * v, axis=0), higher, higher)
        m = higher
    tl.store(y_ptr + tl.program_id(0) * d + f, y / total, mask=f < d)


# %% attend_kernel | wrong | does not shrink the vector | results are wrong
@triton.jit
def attend_kernel(o_ptr, v_ptr, y_ptr, s, d, BLOCK: tl.constexpr, D: tl.constexpr):
    i, feature = tl.program_id(0), tl.arange(0, D)
    best = -1e30
    total = 0.0
    y = tl.zeros((D,), tl.float32)
    for first in range(0, s, BLOCK):
        j = first + tl.arange(0, BLOCK)
        o = tl.load(o_ptr + i * s + j, mask=j < s, other=float("-inf"))
        at = (i * s + j[:, None]) * d + feature[None, :]
        inside = (j[:, None] < s) & (feature[None, :] < d)
        v = tl.load(v_ptr + at, mask=inside, other=0.0)
        higher = tl.maximum(best, tl.max(o, axis=0))
        w = tl.exp(o - higher)
        total = total * tl.exp(best - higher) + tl.sum(w, axis=0)
        y += tl.sum(w[:, None] * v, axis=0)
        best = higher
    tl.store(y_ptr + i * d + feature, y / total, mask=feature < d)


# %% attend_kernel | wrong | forgets to divide | results are wrong
@triton.jit
def attend_kernel(o_ptr, v_ptr, y_ptr, s, d, BLOCK: tl.constexpr, D: tl.constexpr):
    i, feature = tl.program_id(0), tl.arange(0, D)
    best = -1e30
    y = tl.zeros((D,), tl.float32)
    for first in range(0, s, BLOCK):
        j = first + tl.arange(0, BLOCK)
        o = tl.load(o_ptr + i * s + j, mask=j < s, other=float("-inf"))
        at = (i * s + j[:, None]) * d + feature[None, :]
        inside = (j[:, None] < s) & (feature[None, :] < d)
        v = tl.load(v_ptr + at, mask=inside, other=0.0)
        higher = tl.maximum(best, tl.max(o, axis=0))
        y = y * tl.exp(best - higher) + tl.sum(tl.exp(o - higher)[:, None] * v, axis=0)
        best = higher
    tl.store(y_ptr + i * d + feature, y, mask=feature < d)


# %% attend_kernel | wrong | looks for the maximum first | is something read twice
@triton.jit
def attend_kernel(o_ptr, v_ptr, y_ptr, s, d, BLOCK: tl.constexpr, D: tl.constexpr):
    i, feature = tl.program_id(0), tl.arange(0, D)
    best = -1e30
    total = 0.0
    y = tl.zeros((D,), tl.float32)
    for first in range(0, s, BLOCK):
        j = first + tl.arange(0, BLOCK)
        o = tl.load(o_ptr + i * s + j, mask=j < s, other=-1e30)
        best = tl.maximum(best, tl.max(o, axis=0))
    for first in range(0, s, BLOCK):
        j = first + tl.arange(0, BLOCK)
        w = tl.exp(tl.load(o_ptr + i * s + j, mask=j < s, other=float("-inf")) - best)
        at = (i * s + j[:, None]) * d + feature[None, :]
        inside = (j[:, None] < s) & (feature[None, :] < d)
        v = tl.load(v_ptr + at, mask=inside, other=0.0)
        total += tl.sum(w, axis=0)
        y += tl.sum(w[:, None] * v, axis=0)
    tl.store(y_ptr + i * d + feature, y / total, mask=feature < d)


# %% attend_kernel | wrong | takes no maximum off | Scores around 1000
@triton.jit
def attend_kernel(o_ptr, v_ptr, y_ptr, s, d, BLOCK: tl.constexpr, D: tl.constexpr):
    i, feature = tl.program_id(0), tl.arange(0, D)
    total = 0.0
    y = tl.zeros((D,), tl.float32)
    for first in range(0, s, BLOCK):
        j = first + tl.arange(0, BLOCK)
        w = tl.exp(tl.load(o_ptr + i * s + j, mask=j < s, other=float("-inf")))
        at = (i * s + j[:, None]) * d + feature[None, :]
        inside = (j[:, None] < s) & (feature[None, :] < d)
        v = tl.load(v_ptr + at, mask=inside, other=0.0)
        total += tl.sum(w, axis=0)
        y += tl.sum(w[:, None] * v, axis=0)
    tl.store(y_ptr + i * d + feature, y / total, mask=feature < d)


# %% attend_kernel | hidden | starts the maximum at zero
@triton.jit
def attend_kernel(o_ptr, v_ptr, y_ptr, s, d, BLOCK: tl.constexpr, D: tl.constexpr):
    i, feature = tl.program_id(0), tl.arange(0, D)
    best = 0.0
    total = 0.0
    y = tl.zeros((D,), tl.float32)
    for first in range(0, s, BLOCK):
        j = first + tl.arange(0, BLOCK)
        o = tl.load(o_ptr + i * s + j, mask=j < s, other=float("-inf"))
        at = (i * s + j[:, None]) * d + feature[None, :]
        inside = (j[:, None] < s) & (feature[None, :] < d)
        v = tl.load(v_ptr + at, mask=inside, other=0.0)
        higher = tl.maximum(best, tl.max(o, axis=0))
        w, shrink = tl.exp(o - higher), tl.exp(best - higher)
        total = total * shrink + tl.sum(w, axis=0)
        y = y * shrink + tl.sum(w[:, None] * v, axis=0)
        best = higher
    tl.store(y_ptr + i * d + feature, y / total, mask=feature < d)
