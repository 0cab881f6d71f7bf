"""How strong are the tests of the exercises? Break each solution one place at a time.

    python tests/grading/strength.py [SLUG ...]

The mutants of a task are its solution cells with one sign, factor, axis or result changed
(tests/mutants.py makes them); its tests, the visible and the hidden ones, must notice each. What
they cannot notice, since it computes the same, stands in EQUIVALENT with the reason. Our own
solutions run here, so there is no sandbox, only a limit of time.
"""

import ast
import contextlib
import io
import linecache
import signal
import sys
import warnings
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from mutants import mutants

from dlcore.grading.course import Course
from dlcore.grading.notebook import is_locked, is_solution, is_test, name_of, read
from dlcore.grading.steps import tasks_of

COURSE = Course(Path(__file__).resolve().parents[2])
PATIENCE = 3.0  # seconds of the processor for a mutant
WANTED = 0.95

# Why no test can tell these from the solution: by topic, then "cell: function: the line".
GRID = "another grid of temperatures, which ends at the same minimum"
MARGIN = "walks to a line whose margin is as large as the task asks for"
RIDGE = "another ridge, as good: the task asks for an accuracy"
INFINITE = "twice infinity is infinity"
CORNER = "XOR with this corner moved has no line either; the first it misses, the line misses too"
KNOTS = "other knots, as good: the task asks for an accuracy"
HUNDRED = "a step and an error within the factor of 100 that the task allows"
ZEROS = "zero at any scores, times any factor: that the check sees nothing is the answer"
TWICE = "another step, whose error is within the factor of 2 that the task allows"
FINER = "another grid for the same integral, whose integrand is nothing beyond 8"
UNSEEN = "what a lane beyond the end computes is not stored"
FORGOTTEN = "the first piece multiplies it by exp of minus infinity"
BELOW = "any number far below every score"
EQUIVALENT = {
    "gpu-kernels": {
        "bias_silu_kernel: bias_silu_kernel: "
        "b = tl.load(b_ptr + column, mask=column < k, other=1.0)": UNSEEN,
        "bias_silu_kernel: bias_silu_kernel: "
        "z = tl.load(x_ptr + at, mask=inside, other=1.0) + b[None, :]": UNSEEN,
        "logsumexp_kernel: logsumexp_kernel: best = -1e+30": BELOW,
        "logsumexp_kernel: logsumexp_kernel: total = 1.0": FORGOTTEN,
        "attend_kernel: attend_kernel: best = -1e+30": BELOW,
        "attend_kernel: attend_kernel: total = 1.0": FORGOTTEN,
        "attend_kernel: attend_kernel: v = tl.load(v_ptr + at, mask=inside, other=1.0)": (
            "the weight of a key beyond the end is 0, and features beyond it are not stored"
        ),
    },
    "mnist": {
        "mcnemar: mcnemar: "
        "tail = sum((math.comb(b + c, k) for k in range(max(b, c), b + c + 2)))": (
            "one term more, which is zero"
        ),
    },
    "initialization": {
        "gain: gain: u = np.linspace(-11, 10, 20001)": FINER,
        "gain: gain: u = np.linspace(-10, 11, 20001)": FINER,
        "gain: gain: u = np.linspace(-10, 10, 20002)": FINER,
    },
    "classification": {
        "logsumexp: logsumexp: shift = np.where(np.isfinite(largest), largest, 1.0)": (
            "any finite shift gives -inf for a row of -inf"
        ),
        "entropy_and_kl: kl: return 2.0 * np.inf": INFINITE,
        "best_temperature: best_temperature: low, high = (np.log(0.01), np.log(201.0))": GRID,
        "best_temperature: best_temperature: taus = np.linspace(low, high, 10)": GRID,
        "best_temperature: best_temperature: "
        "low, high = (taus[max(best - 2, 0)], taus[min(best + 1, 8)])": GRID,
        "best_temperature: best_temperature: "
        "low, high = (taus[max(best - 1, 1)], taus[min(best + 1, 8)])": GRID,
        "best_temperature: best_temperature: "
        "low, high = (taus[max(best - 1, 0)], taus[min(best + 2, 8)])": GRID,
        "best_temperature: best_temperature: "
        "low, high = (taus[max(best - 1, 0)], taus[min(best + 1, 9)])": GRID,
    },
    "perceptron": {
        "bound: bound: return 2.0 * np.inf": INFINITE,
        "certificate: proves: total = alpha / t @ np.c_[x, np.ones(len(x))]": (
            "t is 1 or -1: to divide by it is to multiply"
        ),
        "certificate: xor_alpha: return 2.0 * np.ones(4)": "any multiple proves as much",
        "outcome: outcome: mistakes -= error != 0": "mistakes is only compared with 0",
        "network: network: return (2 * ones - 1, 0.5 - ones.sum(axis=1), "
        "2.0 * np.ones(len(ones)), -0.5)": "2 > 0.5 as 1 > 0.5: the same units decide",
        "slopes: weight_gradient: y = 0.5 * (1 - np.tanh(0.5 * z))": (
            "y (1 - y) is the same for 1 - y"
        ),
        "wide: wide: for _ in range(3001):": MARGIN,
        "wide: wide: step = np.clip(v @ (v - worst) / max((v - worst) @ (v - worst), 1.0), 0, 1)": (
            MARGIN
        ),
        "wide: wide: "
        "step = np.clip(v @ (v - worst) / max((v - worst) @ (v - worst), 1e-300), 0, 2)": MARGIN,
        "wide: wide: v = v + step * worst": MARGIN,
    },
    "mlp": {
        "activate: activate: return np.where(z > 0, z, np.expm1(np.minimum(z, 1)))": (
            "where z > 0 the other branch is taken"
        ),
        "signal: signal: a, through = (float(z <= 0), 0.0)": "through is 0, so a is not used",
        "signal: signal: a, through = (float(z > 1), 0.0)": "through is 0, so a is not used",
        "signal: dead: return -1.0 * (X @ W.T + b <= 0).all(axis=0)": "as true as before",
        "signal: dead: return 2.0 * (X @ W.T + b <= 0).all(axis=0)": "as true as before",
        "random_features: random_features: ridge = design.T @ design - 0.001 * np.eye(61)": RIDGE,
        "random_features: random_features: ridge = design.T @ design + np.eye(61)": RIDGE,
        "random_features: random_features: "
        "c = np.linalg.solve(ridge, design.T @ (3.0 * y - 1))": "the classes at -1 and 2",
        "random_features: random_features: ridge = design.T @ design + 1.001 * np.eye(61)": RIDGE,
    },
    "approximation": {
        "xor: missed: x, labels = (np.array([[0, 0], [0, 2], [1, 0], [1, 1]]), "
        "np.array([0, 1, 1, 0]))": CORNER,
        "xor: missed: x, labels = (np.array([[0, 0], [0, 1], [2, 0], [1, 1]]), "
        "np.array([0, 1, 1, 0]))": CORNER,
        "xor: missed: x, labels = (np.array([[0, 0], [0, 1], [1, 1], [1, 1]]), "
        "np.array([0, 1, 1, 0]))": CORNER,
        "xor: missed: x, labels = (np.array([[0, 0], [0, 1], [1, 0], [2, 1]]), "
        "np.array([0, 1, 1, 0]))": CORNER,
        "xor: missed: x, labels = (np.array([[0, 0], [0, 1], [1, 0], [1, 2]]), "
        "np.array([0, 1, 1, 0]))": CORNER,
        "place: place: x = np.arange(4001) / 4001": KNOTS,
        "place: place: bend = np.sqrt(abs(np.diff(f(x), 3)))": KNOTS,
        "place: place: "
        "share = np.concatenate([[0], np.cumsum(bend + bend.max() / 1000 - 1e-12)])": KNOTS,
        "place: place: share = np.concatenate([[0], np.cumsum(bend + bend.max() / 1000)])": KNOTS,
        "place: place: share = np.concatenate([[0], np.cumsum(bend + 1e-12)])": KNOTS,
        "place: place: "
        "share = np.concatenate([[0], np.cumsum(bend + bend.max() / 1001 + 1e-12)])": KNOTS,
        "place: place: "
        "knots = np.interp(np.arange(m + 1) / m, share / share[-2], x[:len(share)])": KNOTS,
    },
    "backpropagation": {
        "output_error: output_error: return (-log_p[y > 0].sum(), np.exp(log_p) - y)": (
            "y is one-hot: the one term has the factor 1"
        ),
        "backprop: backprop: a[-1] = (z > 0) / 1.0": "to divide by 1 is to multiply",
        "backprop: backprop: a[-1] = z > 0": "True counts as 1",
        "backprop: backprop: "
        "slope = {'sigmoid': below * (1 - below), 'relu': below > 0, 'step': 0}[activation]": (
            "zero times anything is zero"
        ),
        "best_step: best_step: return 2.0 * abs(float((up - down) / (2 * h)) - true)": HUNDRED,
        "best_step: best_step: h = min(11.0 ** (-np.arange(1, 13)), key=error)": HUNDRED,
        "best_step: best_step: h = min(10.0 ** (-np.arange(2, 13)), key=error)": HUNDRED,
        "best_step: best_step: h = min(10.0 ** (-np.arange(1, 14)), key=error)": HUNDRED,
        "best_step: best_step: return (2.0 * h, error(h))": HUNDRED,
        "best_step: best_step: return (h, 2.0 * error(h))": HUNDRED,
        "best_step: wrong_check: p = np.exp([3, 1, 0.1])": ZEROS,
        "best_step: wrong_check: p = np.exp([2, 2, 0.1])": ZEROS,
        "best_step: wrong_check: p = np.exp([2, 1, 1.1])": ZEROS,
        "best_step: wrong_check: "
        "return -1.0 * (factor * (np.diag(p) - np.outer(p, p)) @ np.ones(3))": ZEROS,
        "best_step: wrong_check: "
        "return 2.0 * (factor * (np.diag(p) - np.outer(p, p)) @ np.ones(3))": ZEROS,
        "best_step: wrong_check: return (np.diag(p) - np.outer(p, p)) @ np.ones(3)": ZEROS,
        "best_step: error: return 2.0 * abs(float((up - down) / (2 * h)) - true)": HUNDRED,
    },
    "autodiff": {
        "costs: costs: for length in range(2, count + 2):": (
            "one round more, with no place to begin in"
        ),
        "steps: best_step: rounding, size = (0.5 * 11.0 ** (1 - digits), np.exp(0.5))": TWICE,
        "steps: best_step: rounding, size = (0.5 * 10.0 ** (1 - digits), np.exp(1.5))": TWICE,
        "steps: best_step: return (rounding / size) ** 0.5": TWICE,
        "steps: best_step: return 2 * rounding ** 0.5": TWICE,
        "steps: best_step: return (3 * rounding) ** (1 / 3)": TWICE,
        "steps: best_step: return (rounding / size) ** (1 / 3)": TWICE,
        "steps: best_step: return (4 * rounding / size) ** (1 / 3)": TWICE,
    },
}


@dataclass
class Strength:
    """What became of the mutants of a task: those alive are no equivalents."""

    task: str
    killed: int = 0
    equivalent: list = field(default_factory=list)
    alive: list = field(default_factory=list)

    @property
    def rate(self) -> float:
        return self.killed / max(1, self.killed + len(self.alive))


def code(source: str, name: str):
    """The cell's code, whose source `inspect` finds: Triton reads it for a kernel."""
    file = f"<{name}>"
    linecache.cache[file] = (len(source), None, source.splitlines(True), file)
    return compile(source, file, "exec", dont_inherit=True)


def late(*_):
    raise TimeoutError


def passes(cells: list[dict], task, changed: dict) -> bool:
    """Whether the task's test accepts the notebook with `changed` sources of solution cells."""
    space, torch = {"__name__": "__main__", "display": print}, sys.modules.get("torch")
    signal.signal(signal.SIGVTALRM, late)
    signal.setitimer(signal.ITIMER_VIRTUAL, PATIENCE)
    try:
        with contextlib.redirect_stdout(io.StringIO()), np.errstate(all="ignore"):
            for cell in cells:
                name = name_of(cell)
                if name == task.name:
                    exec(code(cell["source"], name), space)
                    return True
                if name in changed:
                    exec(code(changed[name], name), space)
                elif not is_test(cell) and (is_locked(cell) or is_solution(cell)):
                    exec(code(cell["source"], name), space)
    except Exception:  # any at all: the mutant was noticed
        return False
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        if sys.modules.get("torch", torch) is None:  # an exercise on kernels leaves it out
            del sys.modules["torch"]
            sys.modules.update({"torch": torch} if torch else {})
    raise KeyError(task.name)


def functions(source: str) -> set[str]:
    return {n.name for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FunctionDef)}


def strength(slug: str) -> list[Strength]:
    """One row for each task of an exercise."""
    master = read(COURSE.solution(slug))
    cells = [cell for cell in master["cells"] if cell["cell_type"] == "code" and name_of(cell)]
    sources = {name_of(cell): cell["source"] for cell in cells}
    known, rows = EQUIVALENT.get(slug.partition("-")[2], {}), []
    for task in tasks_of(master):
        row = Strength(task.name)
        rows.append(row)
        if not passes(cells, task, {}):
            row.alive.append("the solution itself does not pass")
            continue
        for cell in task.cells:
            for line, wrong in mutants(sources[cell], functions(sources[cell])):
                name = f"{cell}: {line}"
                if not passes(cells, task, {cell: wrong}):
                    row.killed += 1
                else:
                    (row.equivalent if name in known else row.alive).append(name)
    return rows


def main() -> int:
    warnings.simplefilter("ignore")
    weak = 0
    for slug in sys.argv[1:] or COURSE.slugs("solutions"):
        for row in strength(slug):
            same = f", {len(row.equivalent)} the same" if row.equivalent else ""
            print(f"{slug} {row.task}: {row.rate:.0%} of {row.killed + len(row.alive)}{same}")
            print(*(f"    alive: {line}\n" for line in row.alive), sep="", end="", flush=True)
            weak += row.rate < WANTED
    return 1 if weak else 0


if __name__ == "__main__":
    sys.exit(main())
