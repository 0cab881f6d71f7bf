"""Answers that the grader must judge rightly; tests/test_exercises.py reads and runs them.

`# %% CELL | KIND | WHAT` heads the code of a solution cell. Kinds: `right` gets full points,
`wrong` none by the visible checks, `hidden` passes the visible checks and fails a hidden one.
A wrong answer has a fourth part: words of the sentence that must name its mistake.
The answers of the other tasks are the solution's.
"""
# ruff: noqa: F821 (model and noisy are defined in the notebook)

import numpy as np


# %% forward | right | pairs and a table of rules
def forward(tape, inputs, direction):
    rules = {
        "add": lambda a, b: (a[0] + b[0], a[1] + b[1]),
        "mul": lambda a, b: (a[0] * b[0], a[0] * b[1] + a[1] * b[0]),
        "exp": lambda a: (np.exp(a[0]), np.exp(a[0]) * a[1]),
        "tanh": lambda a: (np.tanh(a[0]), a[1] / np.cosh(a[0]) ** 2),
    }
    pairs = list(zip(inputs, direction))
    for name, *at in tape:
        pairs.append(rules[name](*(pairs[i] for i in at)))
    return [p[0] for p in pairs], [p[1] for p in pairs]


# %% forward | right | complex steps
def forward(tape, inputs, direction):
    v = [complex(x, 1e-30 * t) for x, t in zip(inputs, direction)]
    for step in tape:
        if step[0] == "add":
            v.append(v[step[1]] + v[step[2]])
        elif step[0] == "mul":
            v.append(v[step[1]] * v[step[2]])
        else:
            v.append(complex(np.exp(v[step[1]]) if step[0] == "exp" else np.tanh(v[step[1]])))
    return np.real(v), np.imag(v) * 1e30


# %% forward | wrong | multiplies the tangents of a product | product rule
def forward(tape, inputs, direction):
    v, t = list(inputs), list(direction)
    for name, i, *rest in tape:
        if name == "add":
            v, t = [*v, v[i] + v[rest[0]]], [*t, t[i] + t[rest[0]]]
        elif name == "mul":
            v, t = [*v, v[i] * v[rest[0]]], [*t, t[i] * t[rest[0]]]
        elif name == "exp":
            v, t = [*v, np.exp(v[i])], [*t, np.exp(v[i]) * t[i]]
        else:
            v, t = [*v, np.tanh(v[i])], [*t, (1 - np.tanh(v[i]) ** 2) * t[i]]
    return v, t


# %% forward | wrong | tanh with x where y belongs | it is 1 - y²
def forward(tape, inputs, direction):
    v, t = list(inputs), list(direction)
    for name, i, *rest in tape:
        if name == "add":
            v, t = [*v, v[i] + v[rest[0]]], [*t, t[i] + t[rest[0]]]
        elif name == "mul":
            v, t = [*v, v[i] * v[rest[0]]], [*t, t[i] * v[rest[0]] + v[i] * t[rest[0]]]
        elif name == "exp":
            v, t = [*v, np.exp(v[i])], [*t, np.exp(v[i]) * t[i]]
        else:
            v, t = [*v, np.tanh(v[i])], [*t, (1 - v[i] ** 2) * t[i]]
    return v, t


# %% forward | wrong | local slopes without the tangent of the input | local slope times
def forward(tape, inputs, direction):
    v, t = list(inputs), list(direction)
    for name, i, *rest in tape:
        if name == "add":
            v, t = [*v, v[i] + v[rest[0]]], [*t, t[i] + t[rest[0]]]
        elif name == "mul":
            v, t = [*v, v[i] * v[rest[0]]], [*t, t[i] * v[rest[0]] + v[i] * t[rest[0]]]
        elif name == "exp":
            v, t = [*v, np.exp(v[i])], [*t, np.exp(v[i])]
        else:
            v, t = [*v, np.tanh(v[i])], [*t, 1 - np.tanh(v[i]) ** 2]
    return v, t


# %% forward | wrong | returns the last value only | should have the shape
def forward(tape, inputs, direction):
    v, t = list(inputs), list(direction)
    for name, i, *rest in tape:
        if name == "add":
            v, t = [*v, v[i] + v[rest[0]]], [*t, t[i] + t[rest[0]]]
        elif name == "mul":
            v, t = [*v, v[i] * v[rest[0]]], [*t, t[i] * v[rest[0]] + v[i] * t[rest[0]]]
        elif name == "exp":
            v, t = [*v, np.exp(v[i])], [*t, np.exp(v[i]) * t[i]]
        else:
            v, t = [*v, np.tanh(v[i])], [*t, (1 - np.tanh(v[i]) ** 2) * t[i]]
    return v[-1], t[-1]


# %% forward | hidden | loses the sign of a tangent at tanh
def forward(tape, inputs, direction):
    v, t = list(inputs), list(direction)
    for name, i, *rest in tape:
        j = rest[0] if rest else i
        if name == "add":
            v, t = [*v, v[i] + v[j]], [*t, t[i] + t[j]]
        elif name == "mul":
            v, t = [*v, v[i] * v[j]], [*t, t[i] * v[j] + v[i] * t[j]]
        elif name == "exp":
            v, t = [*v, np.exp(v[i])], [*t, np.exp(v[i]) * t[i]]
        else:
            v, t = [*v, np.tanh(v[i])], [*t, (1 - np.tanh(v[i]) ** 2) * abs(t[i])]
    return v, t


# %% backward | right | a loop over pairs of input and local slope
def backward(tape, values):
    grad = [0.0] * len(values)
    grad[-1] = 1.0
    for at in range(len(values) - 1, len(values) - len(tape) - 1, -1):
        name, *args = tape[at - len(values) + len(tape)]
        if name == "mul":
            local = [(args[0], values[args[1]]), (args[1], values[args[0]])]
        else:
            slope = {"add": 1.0, "exp": values[at], "tanh": 1 - values[at] ** 2}[name]
            local = [(i, slope) for i in args]
        for i, slope in local:
            grad[i] += grad[at] * slope
    return grad


# %% backward | right | one row of the Jacobian of each step
def backward(tape, values):
    size, first = len(values), len(values) - len(tape)
    grad = np.eye(size)[-1]
    for k, (name, *at) in reversed(list(enumerate(tape))):
        row = np.zeros(size)
        for slot, i in enumerate(at):
            y = values[first + k]
            other = values[at[1 - slot]] if name == "mul" else 1.0
            row[i] += {"add": 1.0, "mul": other, "exp": y, "tanh": 1 - y * y}[name]
        grad = grad + grad[first + k] * row
    return grad


# %% backward | wrong | overwrites instead of adding | adds up both slopes
def backward(tape, values):
    s, first = np.zeros(len(values)), len(values) - len(tape)
    s[-1] = 1.0
    for k in reversed(range(len(tape))):
        (name, i, *rest), dy, y = tape[k], s[first + k], values[first + k]
        if name == "mul":
            s[i] = dy * values[rest[0]]
            s[rest[0]] = dy * values[i]
        elif name == "add":
            s[i] = s[rest[0]] = dy
        else:
            s[i] = dy * (y if name == "exp" else 1 - y * y)
    return s


# %% backward | wrong | goes through the steps from first to last | from the last to the first
def backward(tape, values):
    s, first = np.zeros(len(values)), len(values) - len(tape)
    s[-1] = 1.0
    for k in range(len(tape)):
        (name, i, *rest), dy, y = tape[k], s[first + k], values[first + k]
        if name == "mul":
            s[i] += dy * values[rest[0]]
            s[rest[0]] += dy * values[i]
        elif name == "add":
            s[i] += dy
            s[rest[0]] += dy
        else:
            s[i] += dy * (y if name == "exp" else 1 - y * y)
    return s


# %% backward | wrong | gives each factor its own value | each factor gets the other
def backward(tape, values):
    s, first = np.zeros(len(values)), len(values) - len(tape)
    s[-1] = 1.0
    for k in reversed(range(len(tape))):
        (name, i, *rest), dy, y = tape[k], s[first + k], values[first + k]
        if name == "mul":
            s[i] += dy * values[i]
            s[rest[0]] += dy * values[rest[0]]
        elif name == "add":
            s[i] += dy
            s[rest[0]] += dy
        else:
            s[i] += dy * (y if name == "exp" else 1 - y * y)
    return s


# %% backward | wrong | forgets the one at the end | slope 1 with respect to itself
def backward(tape, values):
    return np.zeros(len(values))


# %% backward | wrong | slopes of exp and tanh at the input twice over | exp has its result
def backward(tape, values):
    s, first = np.zeros(len(values)), len(values) - len(tape)
    s[-1] = 1.0
    for k in reversed(range(len(tape))):
        (name, i, *rest), dy = tape[k], s[first + k]
        if name == "mul":
            s[i] += dy * values[rest[0]]
            s[rest[0]] += dy * values[i]
        elif name == "add":
            s[i] += dy
            s[rest[0]] += dy
        else:
            s[i] += dy * (values[i] if name == "exp" else 1 - values[i] ** 2)
    return s


# %% backward | hidden | stops at the first step without a slope
def backward(tape, values):
    s, first = np.zeros(len(values)), len(values) - len(tape)
    s[-1] = 1.0
    for k in reversed(range(len(tape))):
        (name, i, *rest), dy, y = tape[k], s[first + k], values[first + k]
        if dy == 0:
            break
        if name == "mul":
            s[i] += dy * values[rest[0]]
            s[rest[0]] += dy * values[i]
        elif name == "add":
            s[i] += dy
            s[rest[0]] += dy
        else:
            s[i] += dy * (y if name == "exp" else 1 - y * y)
    return s


# %% order | right | counts the users that are still to come
def order(inputs_of, result):
    needed, todo = {result}, [result]
    while todo:
        for name in inputs_of[todo.pop()]:
            if name not in needed:
                needed.add(name)
                todo.append(name)
    users = dict.fromkeys(needed, 0)
    for name in needed:
        for used in inputs_of[name]:
            users[used] += 1
    found, ready = [], [result]
    while ready:
        name = ready.pop()
        found.append(name)
        for used in inputs_of[name]:
            users[used] -= 1
            if users[used] == 0:
                ready.append(used)
    return found


# %% order | right | by the longest way from the result
def order(inputs_of, result):
    depth, layer, k = {}, {result}, 0
    while layer:
        depth |= dict.fromkeys(layer, k)
        layer, k = {used for name in layer for used in inputs_of[name]}, k + 1
    return tuple(sorted(depth, key=depth.get))


# %% order | wrong | breadth first | which uses it
def order(inputs_of, result):
    found = [result]
    for name in found:
        found += [used for used in dict.fromkeys(inputs_of[name]) if used not in found]
    return found


# %% order | wrong | depth first, users as they come | which uses it
def order(inputs_of, result):
    found, stack = [], [result]
    while stack:
        name = stack.pop()
        if name not in found:
            found.append(name)
            stack += inputs_of[name][::-1]
    return found


# %% order | wrong | inputs first | begin with the result
def order(inputs_of, result):
    found = []

    def visit(name):
        if name not in found:
            for used in inputs_of[name]:
                visit(used)
            found.append(name)

    visit(result)
    return found


# %% order | wrong | once for each path | listed once
def order(inputs_of, result):
    found = []

    def visit(name):
        for used in inputs_of[name]:
            visit(used)
        found.append(name)

    visit(result)
    return found[::-1]


# %% order | wrong | all nodes | does not depend on
def order(inputs_of, result):
    return list(inputs_of)[::-1]


# %% order | hidden | trusts the order of the dictionary
def order(inputs_of, result):
    needed, todo = {result}, [result]
    while todo:
        new = set(inputs_of[todo.pop()]) - needed
        needed |= new
        todo += new
    return [name for name in reversed(list(inputs_of)) if name in needed]


# %% broadcast | right | one axis after the other
def unbroadcast(dy, shape):
    while dy.ndim > len(shape):
        dy = dy.sum(axis=0)
    for axis, n in enumerate(shape):
        if n == 1:
            dy = dy.sum(axis=axis, keepdims=True)
    return dy


def affine_vjp(dy, x, w, b):
    return [unbroadcast(g, np.shape(a)) for g, a in ((dy * w, x), (dy * x, w), (dy, b))]


# %% broadcast | right | adds up by index
def unbroadcast(dy, shape):
    out = np.zeros(shape)
    lead = dy.ndim - len(shape)
    for at in np.ndindex(dy.shape):
        out[tuple(0 if n == 1 else i for i, n in zip(at[lead:], shape))] += dy[at]
    return out


def affine_vjp(dy, x, w, b):
    return unbroadcast(w * dy, x.shape), unbroadcast(x * dy, w.shape), unbroadcast(dy, b.shape)


# %% broadcast | wrong | leaves the stretched axes | the result should have the shape
def unbroadcast(dy, shape):
    return dy.sum(axis=tuple(range(dy.ndim - len(shape))))


def affine_vjp(dy, x, w, b):
    return unbroadcast(dy * w, x.shape), unbroadcast(dy * x, w.shape), unbroadcast(dy, b.shape)


# %% broadcast | wrong | means | add up
def unbroadcast(dy, shape):
    dy = dy.mean(axis=tuple(range(dy.ndim - len(shape))))
    return dy.mean(axis=tuple(i for i, n in enumerate(shape) if n == 1), keepdims=True)


def affine_vjp(dy, x, w, b):
    return unbroadcast(dy * w, x.shape), unbroadcast(dy * x, w.shape), unbroadcast(dy, b.shape)


# %% broadcast | wrong | takes one of the copies | add up
def unbroadcast(dy, shape):
    dy = dy[(0,) * (dy.ndim - len(shape))]
    return np.array(dy[tuple(slice(n) for n in shape)])


def affine_vjp(dy, x, w, b):
    return unbroadcast(dy * w, x.shape), unbroadcast(dy * x, w.shape), unbroadcast(dy, b.shape)


# %% broadcast | wrong | swaps the factors | gradient of x is wrong
def unbroadcast(dy, shape):
    dy = dy.sum(axis=tuple(range(dy.ndim - len(shape))))
    return dy.sum(axis=tuple(i for i, n in enumerate(shape) if n == 1), keepdims=True)


def affine_vjp(dy, x, w, b):
    dy = np.asarray(dy)
    return unbroadcast(dy * x, x.shape), unbroadcast(dy * w, w.shape), unbroadcast(dy, b.shape)


# %% broadcast | wrong | reshapes the total | the sums are 60, 92, 124
def unbroadcast(dy, shape):
    size = int(np.prod(shape, dtype=int))
    if shape == (4, 1):
        return dy.sum(axis=1, keepdims=True)
    return dy.reshape(-1, size).sum(axis=0).reshape(shape)


def affine_vjp(dy, x, w, b):
    return unbroadcast(dy * w, x.shape), unbroadcast(dy * x, w.shape), unbroadcast(dy, b.shape)


# %% broadcast | hidden | the product is smaller than dy
def unbroadcast(dy, shape):
    dy = dy.sum(axis=tuple(range(dy.ndim - len(shape))))
    return dy.sum(axis=tuple(i for i, n in enumerate(shape) if n == 1), keepdims=True)


def affine_vjp(dy, x, w, b):
    return (
        unbroadcast(dy * w, x.shape),
        unbroadcast(dy * x, w.shape),
        dy if b.shape == dy.shape else dy.sum(axis=0).reshape(-1)[: b.size].reshape(b.shape),
    )


# %% check | right | the complex step
def agrees(W, x, J):
    columns = [model(W, x + 1e-30j * e).imag / 1e-30 for e in np.eye(len(x))]
    return abs(np.transpose(columns) - J).max() < 1e-9


# %% check | right | random weights and directions, several times
def agrees(W, x, J):
    rng = np.random.default_rng(0)
    for _ in range(20):
        dy, v = rng.normal(size=len(J)), rng.normal(size=len(x))
        slope = dy @ (model(W, x + 1e-5 * v) - model(W, x - 1e-5 * v)) / 2e-5
        if abs(slope - dy @ J @ v) > 1e-7:
            return False
    return True


# %% check | wrong | through the sum | look at each output by itself
def agrees(W, x, J):
    for e, column in zip(np.eye(len(x)), J.T):
        slope = (model(W, x + 1e-5 * e).sum() - model(W, x - 1e-5 * e).sum()) / 2e-5
        if abs(slope - column.sum()) > 1e-6:
            return False
    return True


# %% check | wrong | a step that is far too small | rounding is no mistake
def agrees(W, x, J):
    h = 1e-13
    columns = [(model(W, x + h * e) - model(W, x)) / h for e in np.eye(len(x))]
    return bool(np.allclose(np.transpose(columns), J, rtol=1e-6, atol=1e-8))


# %% check | wrong | asks for equality | rounding is no mistake
def agrees(W, x, J):
    columns = [(model(W, x + 1e-6 * e) - model(W, x - 1e-6 * e)) / 2e-6 for e in np.eye(len(x))]
    return bool((np.transpose(columns) == J).all())


# %% check | wrong | compares sizes, not signs | sign flipped
def agrees(W, x, J):
    columns = [(model(W, x + 1e-6 * e) - model(W, x - 1e-6 * e)) / 2e-6 for e in np.eye(len(x))]
    return bool(np.allclose(abs(np.transpose(columns)), abs(J), atol=1e-7))


# %% check | wrong | a loose comparison | is off by 0.1 %
def agrees(W, x, J):
    columns = [(model(W, x + 1e-6 * e) - model(W, x - 1e-6 * e)) / 2e-6 for e in np.eye(len(x))]
    return bool(np.allclose(np.transpose(columns), J, rtol=1e-2, atol=1e-2))


# %% check | wrong | the first column only | whose entry
def agrees(W, x, J):
    e = np.eye(len(x))[0]
    column = (model(W, x + 1e-6 * e) - model(W, x - 1e-6 * e)) / 2e-6
    return bool(np.allclose(column, J[:, 0], rtol=1e-5, atol=1e-8))


# %% check | hidden | a comparison to 0.03 %
def agrees(W, x, J):
    columns = [(model(W, x + 1e-6 * e) - model(W, x - 1e-6 * e)) / 2e-6 for e in np.eye(len(x))]
    return bool(np.allclose(np.transpose(columns), J, rtol=3e-4, atol=1e-8))


# %% costs | right | recursion with memory
def costs(sizes):
    from functools import cache

    @cache
    def best(i, j):
        if j - i < 2:
            return 0
        return min(
            best(i, k) + best(k, j) + sizes[i] * sizes[k] * sizes[j] for k in range(i + 1, j)
        )

    n, m, forward, reverse = sizes[0], sizes[-1], 0, 0
    for k in range(1, len(sizes) - 1):
        forward += n * sizes[k] * sizes[k + 1]
        reverse += m * sizes[k] * sizes[k - 1]
    return forward, reverse, best(0, len(sizes) - 1)


# %% costs | right | products of shapes, all brackets tried
def costs(sizes):
    def product(a, b):
        return (a[0], b[1]), a[0] * a[1] * b[1]

    def cheapest(s):
        if len(s) < 3:
            return 0
        return min(
            cheapest(s[: k + 1]) + cheapest(s[k:]) + s[0] * s[k] * s[-1]
            for k in range(1, len(s) - 1)
        )

    shapes = [(b, a) for a, b in zip(sizes, sizes[1:])]
    done, forward = shapes[0], 0
    for shape in shapes[1:]:
        done, price = product(shape, done)
        forward += price
    done, reverse = shapes[-1], 0
    for shape in shapes[-2::-1]:
        done, price = product(done, shape)
        reverse += price
    return [forward, reverse, cheapest(sizes)]


# %% costs | wrong | directions swapped | Forward should cost
def costs(sizes):
    n, m = sizes[0], sizes[-1]
    forward = sum(n * a * b for a, b in zip(sizes[1:], sizes[2:]))
    reverse = sum(m * a * b for a, b in zip(sizes, sizes[1:-1]))
    return reverse, forward, min(forward, reverse)


# %% costs | wrong | the cheaper end for the cheapest | neither end need be best
def costs(sizes):
    n, m = sizes[0], sizes[-1]
    forward = sum(n * a * b for a, b in zip(sizes[1:], sizes[2:]))
    reverse = sum(m * a * b for a, b in zip(sizes, sizes[1:-1]))
    return forward, reverse, min(forward, reverse)


# %% costs | wrong | counts entries instead of multiplications | costs 30 in any order
def costs(sizes):
    n, m = sizes[0], sizes[-1]
    forward = sum(n * b for b in sizes[2:])
    reverse = sum(m * a for a in sizes[:-2])
    return forward, reverse, min(forward, reverse)


# %% costs | wrong | charges one matrix | needs no product
def costs(sizes):
    n, m = sizes[0], sizes[-1]
    forward = sum(n * a * b for a, b in zip(sizes, sizes[1:]))
    reverse = sum(m * a * b for a, b in zip(sizes, sizes[1:]))
    return forward, reverse, min(forward, reverse)


# %% costs | hidden | the cheapest product first
def costs(sizes):
    n, m = sizes[0], sizes[-1]
    forward = sum(n * a * b for a, b in zip(sizes[1:], sizes[2:]))
    reverse = sum(m * a * b for a, b in zip(sizes, sizes[1:-1]))
    left, best = list(sizes), 0
    while len(left) > 2:
        price = [a * b * c for a, b, c in zip(left, left[1:], left[2:])]
        k = int(np.argmin(price))
        best += price[k]
        del left[k + 1]
    return forward, reverse, best


# %% steps | right | by search
def best_step(method, digits):
    x, best = np.linspace(0.01, 0.99, 300), (np.inf, 0)
    for h in np.logspace(-9, 0, 91):
        if method == "forward":
            slope = (noisy(x + h, digits) - noisy(x, digits)) / h
        else:
            slope = (noisy(x + h, digits) - noisy(x - h, digits)) / (2 * h)
        best = min(best, (float(np.abs(slope - np.exp(x)).mean()), float(h)))
    return best[1]


# %% steps | right | powers fitted by hand
def best_step(method, digits):
    return 1.9 * 10 ** (-digits / 2) if method == "forward" else 1.8 * 10 ** (-digits / 3)


# %% steps | wrong | as small as possible | too small
def best_step(method, digits):
    return 1e-8


# %% steps | wrong | the same for both | too small
def best_step(method, digits):
    return 2 * (0.3 * 10.0 ** (1 - digits)) ** 0.5


# %% steps | wrong | one unit of the last digit | too small
def best_step(method, digits):
    return 10.0 ** (1 - digits)


# %% steps | wrong | the step for double precision | too small
def best_step(method, digits):
    return 2.1e-8 if method == "forward" else 6.9e-6


# %% steps | wrong | a tenth whatever the digits | too large
def best_step(method, digits):
    return 0.1


# %% steps | hidden | knows 4 and 8 digits
def best_step(method, digits):
    if method == "forward":
        return 0.02 if digits < 7 else 2e-4
    return 0.08 if digits < 7 else 4e-3
