"""Break every gradient written by hand, one place at a time, and see that a check notices.

    python tests/mutants.py [TOPIC ...]

A mutant has one change in a function that a gradient runs through: a sign, a factor, a term left
out, an axis, a transpose. First it meets the checks of tests/test_parity.py at every size in the
table; what passes those meets the tests of its topic. What is alive after that is a wrong gradient
that nobody would notice, or computes the same: then it stands in EQUIVALENT with the reason.
"""

import ast
import copy
import importlib
import signal
import subprocess
import sys
import textwrap
import types
from pathlib import Path

import numpy as np
from gradients import assert_twin, assert_vjp
from operations import all_cases

HERE = Path(__file__).parent
SCRATCH = HERE.parent / "dlcore" / "scratch"
BY_HAND = "backward", "loss_and_grads"  # gradients that are not one of a pair
SWAPS = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}
FLIPS = {ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.GtE, ast.GtE: ast.Lt}
FLIPS |= {ast.Gt: ast.LtE, ast.LtE: ast.Gt}


# Which functions: the gradients, and what they call in their own file.


def reached(tree) -> dict[str, set]:
    """For each function of a file, itself and all that it calls there, directly or not."""
    functions = {n.name: n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}
    called = {
        name: {n.id for n in ast.walk(f) if isinstance(n, ast.Name)} & functions.keys()
        for name, f in functions.items()
    }
    found = {}
    for name in functions:
        found[name], todo = {name}, [name]
        while todo:
            new = called[todo.pop()] - found[name]
            found[name] |= new
            todo += new
    return found


def targets(tree) -> set[str]:
    """Names of the functions that a gradient of this file runs through; checks of input apart."""
    functions = {n.name: n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}
    gradients = {name for name in functions if name.endswith("_vjp") or name in BY_HAND}
    found = set().union(*(reached(tree)[name] for name in gradients))
    checks = {n for n in found if any(isinstance(s, ast.Raise) for s in ast.walk(functions[n]))}
    return gradients | found - checks


# Which changes: every place that one of these rules fits.


def binary(node):
    if type(node.op) in SWAPS:
        yield ast.BinOp(node.left, SWAPS[type(node.op)](), node.right)
    if isinstance(node.op, ast.Add | ast.Sub | ast.Mult | ast.Div):
        yield node.left  # the other term, or factor, is missing
    if isinstance(node.op, ast.Add | ast.Mult):
        yield node.right


def changes(node):
    """What may stand in place of this node."""
    if isinstance(node, ast.BinOp):
        yield from binary(node)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Invert):
        yield node.operand
    elif isinstance(node, ast.Attribute) and node.attr in ("mT", "T"):
        yield node.value
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
        yield ast.Constant(node.value + 1)  # another axis, exponent or factor
    elif isinstance(node, ast.Constant) and type(node.value) is bool:
        yield ast.Constant(not node.value)
    elif isinstance(node, ast.Compare) and type(node.ops[0]) in FLIPS:
        yield ast.Compare(node.left, [FLIPS[type(node.ops[0])]()], node.comparators)
    elif isinstance(node, ast.AugAssign) and type(node.op) in SWAPS:
        yield ast.AugAssign(node.target, SWAPS[type(node.op)](), node.value)
        yield ast.Pass()
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield ast.Pass()
    elif isinstance(node, ast.Return):
        yield from returned(node)


def returned(node):
    """The results with one of them negated, or doubled."""
    many = isinstance(node.value, ast.Tuple)
    results = node.value.elts if many else [node.value]
    for i, result in enumerate(results):
        for factor in (-1.0, 2.0):
            wrong = [*results]
            wrong[i] = ast.BinOp(ast.Constant(factor), ast.Mult(), result)
            yield ast.Return(ast.Tuple(wrong, ast.Load()) if many else wrong[0])


class Replace(ast.NodeTransformer):
    """Puts `new` where the node `old` stands."""

    def __init__(self, old, new):
        self.old, self.new = old, new

    def visit(self, node):
        return self.new if node is self.old else self.generic_visit(node)


def own_nodes(statement):
    """The statement and what belongs to it, but not to a statement inside it."""
    yield statement
    whatever = isinstance(statement, ast.Call) and "reshape" in ast.unparse(statement.func)
    for child in ast.iter_child_nodes(statement):
        if whatever and isinstance(child, ast.UnaryOp):
            continue  # reshape(-1) is any number below zero
        if not isinstance(child, ast.stmt):
            yield from own_nodes(child)


def with_function(source: str, old: ast.FunctionDef, new: ast.FunctionDef) -> str:
    """The source with another function where `old` stands."""
    lines = source.splitlines(keepends=True)
    first = min(part.lineno for part in (old, *old.decorator_list)) - 1
    text = textwrap.indent(ast.unparse(new), " " * old.col_offset) + "\n"
    return "".join([*lines[:first], text, *lines[old.end_lineno :]])


def mutants(source: str, names):
    """Each mutant of the named functions: the line as it became, and the whole source."""
    tree = ast.parse(source)
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef) or function.name not in names:
            continue
        number = {id(node): i for i, node in enumerate(ast.walk(function))}
        body = function.body[1:] if ast.get_docstring(function) else function.body
        statements = [s for part in body for s in ast.walk(part) if isinstance(s, ast.stmt)]
        for statement in statements:
            for node in own_nodes(statement):
                for new in changes(node):
                    changed = list(ast.walk(copy.deepcopy(function)))
                    place, line = changed[number[id(node)]], changed[number[id(statement)]]
                    new = copy.deepcopy(new)
                    wrong = with_function(source, function, Replace(place, new).visit(changed[0]))
                    line = new if place is line else line
                    if isinstance(line, ast.Pass):
                        yield f"{function.name}: without {ast.unparse(statement)}", wrong
                    else:
                        yield f"{function.name}: {ast.unparse(line).splitlines()[0]}", wrong


# Which checks: parity at every size first, then the tests of the topic.


def install(topic: str, source: str):
    """Make `source` the module dlcore.scratch.<topic>, for whoever imports it from now on."""
    module = types.ModuleType(f"dlcore.scratch.{topic}")
    module.__file__ = str(SCRATCH / f"{topic}.py")
    exec(compile(source, module.__file__, "exec"), module.__dict__)
    sys.modules[module.__name__] = module
    setattr(importlib.import_module("dlcore.scratch"), topic, module)


def along_a_direction(loss_and_grads, params, rng):
    """The gradients of a loss by its own difference along a random direction."""
    _, grads = loss_and_grads()
    ways = [rng.normal(size=p.shape) for p in params]
    slope = sum((g * d).sum() for g, d in zip(grads, ways, strict=True))
    ends = []
    for step in (1e-6, -2e-6):
        for p, d in zip(params, ways, strict=True):
            p += step * d
        ends.append(loss_and_grads()[0])
    np.testing.assert_allclose(slope, (ends[0] - ends[1]) / 2e-6, rtol=1e-6, atol=1e-9)


def check_mlp(module, rng):
    for activation in ("tanh", "sigmoid", "relu"):
        model = module.MLP((3, 5, 4, 2), activation, rng, float)
        x, dy = rng.normal(size=(7, 3)), rng.normal(size=(7, 2))
        along_a_direction(
            lambda m=model, x=x, dy=dy: ((m.forward(x) * dy).sum(), m.backward(dy)),
            model.params,
            rng,
        )


def check_softmax_regression(module, rng):
    model, x = module.SoftmaxRegression(3, 4), rng.normal(size=(6, 3))
    model.w, model.b = rng.normal(size=(4, 3)), rng.normal(size=4)
    labels = rng.integers(0, 4, 6)
    along_a_direction(lambda: model.loss_and_grads(x, labels), [model.w, model.b], rng)


def check_linear_regression(module, rng):
    model, x = module.LinearRegression(3), rng.normal(size=(6, 3))
    model.w, model.b = rng.normal(size=(1, 3)), rng.normal(size=1)
    y = rng.normal(size=6)
    along_a_direction(lambda: model.loss_and_grads(x, y), [model.w, model.b], rng)


def check_information(module, rng):
    """Entropy and divergence along the simplex: only distributions may enter them."""
    p, q = rng.dirichlet(np.ones(5), (2, 3))
    dy, (a, b) = rng.normal(size=3), rng.normal(size=(2, 3, 5))
    a, b = a - a.mean(axis=-1, keepdims=True), b - b.mean(axis=-1, keepdims=True)
    ways = [
        (module.entropy, module.entropy_vjp(dy, None, p), (p, a)),
        (module.kl_divergence, module.kl_divergence_vjp(dy, None, p, q), (p, a), (q, b)),
    ]
    for f, found, *moves in ways:
        found = found if isinstance(found, tuple) else (found,)
        ours = sum((g * way).sum() for g, (_, way) in zip(found, moves, strict=True))
        ahead, behind = (f(*(x + s * way for x, way in moves)) for s in (1e-7, -1e-7))
        np.testing.assert_allclose(ours, (dy * (ahead - behind)).sum() / 2e-7, rtol=1e-5)


OTHER = {"mlp": check_mlp, "classification": check_softmax_regression}
OTHER |= {"regression": check_linear_regression, "losses": check_information}


def quick_checks(topic: str, function: str):
    """Gradient and twin of every row of the table that runs through the function; raises if off."""
    rng = np.random.default_rng(0)
    if topic in OTHER:
        OTHER[topic](sys.modules[f"dlcore.scratch.{topic}"], rng)
    reach = reached(ast.parse((SCRATCH / f"{topic}.py").read_text()))
    for case in CASES:
        pair = reach.get(case.name, set()) | reach.get(f"{case.name}_vjp", set())
        if case.module == topic and function in pair:
            options = dict(case.options)
            assert_vjp(*case.functions()[:2], case.inputs(rng), rng, case.rest, options)
            assert_twin(*case.functions(), case.inputs(rng), rng, case.rest, options)


CASES = all_cases()


def late(*_):
    raise TimeoutError


def passes_quick_checks(topic: str, function: str, source: str) -> bool:
    before = sys.modules[f"dlcore.scratch.{topic}"]
    signal.signal(signal.SIGALRM, late)
    signal.alarm(20)
    try:
        install(topic, source)
        with np.errstate(all="ignore"):
            quick_checks(topic, function)
        return True
    except Exception:  # any at all: the mutant was noticed
        return False
    finally:
        signal.alarm(0)
        sys.modules[before.__name__] = before
        setattr(sys.modules["dlcore.scratch"], topic, before)
        if topic == "arithmetic":  # the mutant gave Tensor its operators
            importlib.reload(before)


def passes_tests(topic: str, source: str) -> bool:
    """In a process of its own, with the mutant in place of the module."""
    files = [HERE / f"test_{topic}.py", HERE / "test_parity.py", HERE / "test_models.py"]
    command = [sys.executable, __file__, "--child", topic, *filter(Path.exists, files)]
    done = subprocess.run(command, input=source, capture_output=True, text=True, cwd=HERE.parent)
    return done.returncode == 0


def child(topic: str, files):
    import pytest

    install(topic, sys.stdin.read())
    narrow = ["-k", f"not parity or {topic}"]
    sys.exit(pytest.main(["-x", "-q", "-p", "no:cacheprovider", *narrow, *files]))


# What computes the same: the change, and why no test can tell.

ZERO = "zero times anything: the gradient of a step is zero"
COPY = "copy=False only saves a copy"
HALF = "a shape on the way: the last reshape of the function makes the same of it"
EQUIVALENT = {
    "activations.step_vjp: return -1.0 * (0.0 * dy)": ZERO,
    "activations.step_vjp: return 2.0 * (0.0 * dy)": ZERO,
    "activations.step_vjp: return 0.0 / dy": ZERO,
    "attention.additive_attention_vjp: ds = unbroadcast(softmax_vjp(dy @ v.mT, weights, None), "
    "hidden[..., 1])": "only the shape of hidden[..., 0] is used",
    "convolution.columns: windows = np.moveaxis(windows, -1, 1).reshape(i, k, groups, -1, j)": HALF,
    "convolution.columns: windows = np.moveaxis(windows, -1, 1).reshape(i, k, groups, -1, n)": HALF,
    "convolution.conv2d_vjp: image = pad(x, margin, circular).astype(dy.dtype, copy=True)": COPY,
    "convolution.conv1d_vjp: options = ((1, stride), padding, (2, dilation), groups)": "the kernel "
    "has one row, and no next one to be further away",
    "recurrent.input_products: return a.astype(np.result_type(a, *others), copy=True)"
    ".reshape(x.shape[1], len(x), -1)": COPY,
}


def run(topic: str):
    """How many mutants of the topic there are, and which of them no check noticed."""
    source = (SCRATCH / f"{topic}.py").read_text()
    importlib.import_module(f"dlcore.scratch.{topic}")
    names = targets(ast.parse(source))
    wrong = [name for name in names if not passes_quick_checks(topic, name, source)]
    if wrong:
        raise ValueError(f"{topic} fails its checks unchanged: {', '.join(wrong)}")
    count, alive = 0, []
    for text, changed in mutants(source, names):
        count, function, full = count + 1, text.split(":")[0], f"{topic}.{text}"
        if full not in EQUIVALENT and passes_quick_checks(topic, function, changed):
            alive += [full] * passes_tests(topic, changed)
    return count, alive


def topics() -> list[str]:
    """The files of scratch with a gradient written by hand."""
    files = [p for p in SCRATCH.glob("*.py") if targets(ast.parse(p.read_text()))]
    engines = "autodiff", "train"  # they call gradients and have none
    return sorted(p.stem for p in files if p.stem not in engines)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], sys.argv[3:])
    for topic in sys.argv[1:] or topics():
        count, alive = run(topic)
        print(f"{topic}: {count} mutants, {len(alive)} alive", *alive, sep="\n  ", flush=True)
