"""Judges a kernel that a student wrote: what it computes, how many bytes it moves, its mistakes.

In the interpreter a kernel is a Python function, and one that shares a process with the meter
could change what the meter says. So the source crosses, not the function: it is taken from the
cells of the notebook, held to Triton's language name by name, written anew from its syntax tree,
and run in a second sandbox, which holds the meter and no other code of the student.
"""

import ast
import contextlib
import linecache
from functools import cache
from types import SimpleNamespace

import numpy as np

from dlcore.grading.channel import Lost
from dlcore.grading.magics import plain
from dlcore.grading.outside import Outside, Proxy
from dlcore.grading.sandbox import Sandbox

SECONDS = 20.0  # for one launch; the interpreter is slow
START = 60.0
NODES = (ast.FunctionDef, ast.arguments, ast.arg, ast.keyword, ast.expr_context, ast.Return)
NODES += (ast.Expr, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.If, ast.For, ast.While, ast.Pass)
NODES += (ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Call, ast.Constant)
NODES += (ast.Name, ast.Attribute, ast.Subscript, ast.Slice, ast.Tuple, ast.List)
NODES += (ast.operator, ast.unaryop, ast.boolop, ast.cmpop)
BUILTINS = {"abs", "float", "int", "len", "max", "min", "range"}
LANGUAGE = """abs arange argmax argmin associative_scan atomic_add atomic_and atomic_cas atomic_max
atomic_min atomic_or atomic_xchg atomic_xor bfloat16 broadcast broadcast_to cast cat cdiv ceil clamp
constexpr cos cumprod cumsum debug_barrier div_rn dot erf exp exp2 expand_dims fdiv flip float16
float32 float64 floor fma full gather int1 int16 int32 int64 int8 interleave join load log log2 max
max_contiguous maximum min minimum multiple_of num_programs permute program_id rand randint randn
range ravel reduce reshape rsqrt sigmoid sin softmax sort split sqrt sqrt_rn static_range store sum
swizzle2d trans uint16 uint32 uint64 uint8 umulhi view where xor_sum zeros zeros_like"""
LANGUAGE = set(LANGUAGE.split())
METHODS = LANGUAGE | {"T", "dtype", "element_ty", "shape", "to", "type"}


def launch(kernel, grid: tuple, arguments: list, **constants) -> SimpleNamespace:
    """Launch a student's kernel and count: loaded, stored, atomic, bytes (their sum), flops, races,
    efficiency, intensity.

    `arguments` holds NumPy arrays, which the kernel changes, and numbers. An AssertionError with
    a sentence for the student says what is not Triton, what failed, and what was out of bounds.
    """
    for one in arguments:
        if not isinstance(one, np.ndarray | int | float):
            raise ValueError(f"arguments must hold NumPy arrays and numbers, got {type(one)}")
    name, cells, trial = written(kernel)
    did = trial(module(name, cells), name, grid, arguments, constants)
    if "error" in did:
        raise AssertionError(f"{name}: {did['error'].rstrip('.')}.")
    return SimpleNamespace(**did)


class Laboratory:
    """A sandbox with the meter, for the trials of one process; it ends with this process."""

    def __init__(self):
        self.box = Sandbox()
        peer = Outside(self.box.socket, {}, SECONDS)
        peer.request("hello", seconds=START)
        # Triton would import torch, which takes seconds, and does without if it is not there.
        cell = "import sys\nsys.modules['torch'] = None\nfrom dlcore.kernels.trial import trial"
        peer.request("cell", "course", "trial", cell, seconds=START)
        self.run = peer.request("names", ["trial"])[0]["trial"]

    def trial(self, source, name, *rest) -> dict:
        """`dlcore.kernels.trial.trial`; after one that hangs the next gets a new sandbox."""
        try:
            return self.run(source, name, *rest)
        except Lost as error:
            laboratory.cache_clear()
            self.box.__exit__()
            raise AssertionError(f"{name} was {error}") from None


laboratory = cache(Laboratory)


def written(kernel):
    """A kernel's name, the code of the notebook in which it and what it uses stand, and `trial`.

    For a stand-in, of which the grader knows what the student's process says, the code is the
    notebook's, and the trial is in a sandbox. A kernel of Triton's own class is in this process:
    the student's, on the student's machine.
    """
    if isinstance(kernel, Proxy):
        cells = [e[2] for f, e in linecache.cache.items() if f.startswith(("<course", "<student"))]
        name = str(type(kernel)._dlcore_peer.get(kernel, "__name__"))
        return name, [plain("".join(lines), name, []) for lines in cells], laboratory().trial
    if type(kernel).__module__.partition(".")[0] != "triton":
        raise AssertionError(f"a kernel is a function under @triton.jit, got {kernel!r}")
    from dlcore.kernels.source import sources
    from dlcore.kernels.trial import trial

    return kernel.fn.__name__, sources(kernel), trial


def module(name: str, cells: list[str]) -> str:
    """The source of a module with the kernel and what it calls, all of it checked.

    Of several definitions of a name the last one counts, as it does when the cells run.
    """
    functions, constants = {}, {}
    for cell in cells:
        with contextlib.suppress(SyntaxError):
            for node in ast.parse(cell).body:
                if isinstance(node, ast.FunctionDef) and node.decorator_list:
                    functions[node.name] = node
                constants |= constant(node)
    if name not in functions:
        raise AssertionError(f"the notebook has no function {name!r} under @triton.jit")
    text, todo = ["import triton", "import triton.language as tl"], [name]
    for one in todo:  # it grows
        used = {node.id for node in ast.walk(functions[one]) if isinstance(node, ast.Name)}
        todo += sorted((used & functions.keys()) - {*todo})
        text.append("@triton.jit\n" + checked(functions[one], {*functions}, {*constants}))
    text[2:2] = [f"{key} = {value!r}" for key, value in constants.items()]
    return "\n".join(text) + "\n"


def constant(node) -> dict:
    """{name: number} of `NAME = tl.constexpr(number)` or `NAME: tl.constexpr = number`."""
    value, target = getattr(node, "value", None), getattr(node, "target", None)
    if isinstance(node, ast.Assign) and isinstance(value, ast.Call) and len(node.targets) == 1:
        if ast.unparse(value.func) != "tl.constexpr" or len(value.args) != 1:
            return {}
        value, target = value.args[0], node.targets[0]
    elif not isinstance(node, ast.AnnAssign) or ast.unparse(node.annotation) != "tl.constexpr":
        return {}
    with contextlib.suppress(ValueError, TypeError):
        if isinstance(target, ast.Name) and value is not None:
            return {target.id: ast.literal_eval(value)}
    return {}


def checked(function: ast.FunctionDef, functions: set, constants: set) -> str:
    """The source of a function, which can do what Triton's language says and nothing else."""
    for decorator in function.decorator_list:
        if ast.unparse(decorator) not in ("triton.jit", "jit"):
            refuse(function, decorator, "a graded kernel has @triton.jit alone above it")
    function.decorator_list, function.returns = [], None
    for node in ast.walk(function):
        if isinstance(node, ast.arg | ast.AnnAssign):
            simple_annotation(node)
    mine = {arg.arg: 0 for arg in ast.walk(function) if isinstance(arg, ast.arg)}
    stored = (n for n in ast.walk(function) if isinstance(n, ast.Name) and store(n))
    mine |= {node.id: 0 for node in stored}
    known = mine.keys() | functions | constants | BUILTINS | {"tl"}
    for node in ast.walk(function):
        fault = None if node is function else wrong(node, mine, known, functions)
        if fault:
            refuse(function, node, fault)
    return ast.unparse(function)


def store(node) -> bool:
    return not isinstance(node.ctx, ast.Load)


def simple_annotation(node):
    """An annotation is run as code: only Triton's own is kept."""
    keep = node.annotation is not None and ast.unparse(node.annotation) == "tl.constexpr"
    if not keep:
        node.annotation = None if isinstance(node, ast.arg) else ast.Constant(None)


def wrong(node, mine, known, functions) -> str | None:
    """What a kernel may not say, None if it may."""
    if isinstance(node, ast.FunctionDef) or not isinstance(node, NODES):
        return f"`{type(node).__name__}` is not part of Triton's language"
    if isinstance(node, ast.arguments) and (node.vararg or node.kwarg or node.kwonlyargs):
        return "a kernel has no * in its parameters"
    if isinstance(node, ast.Name) and (node.id not in known or node.id.startswith("__")):
        return f"`{node.id}` is not a parameter, a variable, a kernel or a tl.constexpr"
    if isinstance(node, ast.Attribute | ast.Subscript) and store(node):
        return "a kernel assigns to names only"
    if isinstance(node, ast.Attribute):
        language = ast.unparse(node.value) in ("tl", "tl.math")
        if node.attr not in (LANGUAGE | {"math"} if language else METHODS):
            return f"`.{node.attr}` is not among the operations that a graded kernel may use"
    if isinstance(node, ast.keyword) and node.arg is None:
        return "a call in a kernel has no **"
    if isinstance(node, ast.Call) and not callable_in(node.func, mine, functions):
        return f"`{ast.unparse(node.func)}` is not something that a kernel can call"
    return None


def callable_in(target, mine, functions) -> bool:
    if isinstance(target, ast.Name):
        return target.id in functions | BUILTINS and target.id not in mine
    return isinstance(target, ast.Attribute)


def refuse(function, node, why: str):
    line = getattr(node, "lineno", function.lineno)
    raise AssertionError(f"{function.name}, line {line}: {why}")
