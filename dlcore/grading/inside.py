"""The process in the sandbox: it runs a student's cells and answers for their objects.

Nothing that it says is trusted by the other side (outside.py), since the student's code shares
this process.
"""

import ast
import builtins
import contextlib
import gc
import io
import linecache
import os
import resource
import socket
import sys
from importlib import import_module

from dlcore.grading.channel import Peer
from dlcore.grading.magics import plain
from dlcore.grading.wire import Refused

PRINTED = 4000  # characters kept of what one request prints
OPERATORS = """abs add and bool call contains delitem divmod enter eq exit float floordiv ge getitem
gt iadd imul index int invert isub iter itruediv le len lt matmul mod mul ne neg next or pos pow
radd repr rmatmul rmul rsub rtruediv setitem str sub truediv xor"""
OPERATORS = [f"__{name}__" for name in OPERATORS.split()]
FUNCTIONS = """function method builtin_function_or_method partial ufunc method-wrapper
_lru_cache_wrapper _ArrayFunctionDispatcher wrapper_descriptor method_descriptor"""
FUNCTIONS = FUNCTIONS.split()


class Printed(io.TextIOBase):
    """Where print goes: the first and last characters are kept, whatever the length."""

    def __init__(self):
        self.text = ""

    def write(self, text):
        self.text += text
        if len(self.text) > 4 * PRINTED:
            self.text = self.text[:PRINTED] + "\n…\n" + self.text[-PRINTED:]
        return len(text)

    def take(self) -> str:
        text, self.text = self.text, ""
        return text


class Quiet:
    """Stands for IPython's shell: any method of it does nothing."""

    def __getattr__(self, name):
        return lambda *args, **kwargs: None


class Theirs:
    """A function of a test, called over the channel."""

    def __init__(self, peer, number, name):
        self.peer, self.number, self.__name__ = peer, number, name

    def __call__(self, *args, **kwargs):
        good, value = self.peer.ask(["callback", self.number, list(args), kwargs])
        if not good:
            raise getattr(builtins, value[0])(value[1])
        return value


class Inside(Peer):
    """Serves requests until the other side hangs up."""

    def __init__(self, channel, space: dict):
        super().__init__(channel)
        self.process, self.printed, self.space = os.getpid(), Printed(), space
        self.table, self.files = [], {}
        self.numbers = {}  # id of an object -> its place in the table, which keeps it alive

    def serve(self, message):
        verb, *parts = message
        try:
            answer = ["value", *getattr(self, f"do_{verb}")(*parts)]
        except BaseException as error:  # SystemExit and KeyboardInterrupt are the student's too
            answer = ["error", self.describe(error)]
        if os.getpid() != self.process:  # a fork that the student left running
            os._exit(0)
        try:
            self.send(["reply", self.printed.take(), *answer])
        except Refused as error:
            self.send(["reply", "", "error", self.describe(TypeError(str(error)))])

    def do_hello(self):
        return (None,)

    def do_cell(self, kind, name, source):
        file, source = f"<{kind} {name}>", plain(source, name, [])
        self.files[file] = name if kind == "student" else None
        linecache.cache[file] = (len(source), None, source.splitlines(True), file)
        code = compile(source, file, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
        ran = eval(code, self.space)
        if ran is not None:  # a coroutine: a notebook may `await` outside functions
            import_module("asyncio").run(ran)
        return (None,)

    def do_names(self, wanted):
        """The student's values of some names, those that can cross."""
        found = {}
        for name in wanted:
            if name in self.space and not isinstance(self.space[name], type(os)):
                with contextlib.suppress(Refused):
                    self.pack(self.space[name])
                    found[name] = self.space[name]
        return (found,)

    def do_call(self, target, packed):
        """The result, which argument it is, and the arguments where the call changed them."""
        args, kwargs = self.unpack(packed)
        given = [*args, *kwargs.values()]
        result = target(*args, **kwargs)
        same = next((i for i, one in enumerate(given) if one is result and mutable(one)), None)
        changed = self.pack([args, kwargs]) if any(map(mutable, given)) else packed
        return (None if same is not None else result), same, changed if changed != packed else None

    def do_get(self, target, name):
        return (getattr(target, name),)

    def do_set(self, target, name, value):
        return (setattr(target, name, value),)

    def do_next(self, target):
        try:
            return next(target), False
        except StopIteration:
            return None, True

    def do_operator(self, target, name, args):
        result = getattr(type(target), name)(target, *args)
        if result is NotImplemented:
            raise TypeError(f"{name} of {type(target).__name__} does not work with this")
        return (result,)

    def export(self, value, blobs):
        """A description of an object that stays here, with its number."""
        if isinstance(value, Theirs):
            return ["yours", value.number]
        module = type(value).__module__
        if module == "builtins" and hasattr(value, "mapping"):  # a dict's keys, values or items
            return self.tree(list(value), blobs)
        number = self.numbers.setdefault(id(value), len(self.table))
        if number == len(self.table):
            self.table.append(value)
        if module in ("builtins", "itertools") and hasattr(value, "__next__"):
            return ["iterator", number]
        is_function = type(value).__name__ in FUNCTIONS
        if not isinstance(value, type) and not is_function:
            return ["object", number, self.export(type(value), blobs)]
        name, about = getattr(value, "__name__", ""), getattr(value, "__doc__", None)
        about = [str(name), about if isinstance(about, str) else None]
        if is_function:
            return ["function", number, *about, *self.function_parts(value, blobs)]
        return ["class", number, *about, *self.class_parts(value, blobs)]

    def class_parts(self, kind, blobs):
        """The base classes of the same notebook, the built-in exception, and the operators."""
        mine = [base for base in kind.__bases__ if base.__module__ == "__main__"]
        builtin = [base for base in kind.__mro__ if base.__module__ == "builtins"]
        error = builtin[0].__name__ if issubclass(kind, BaseException) else None
        skip = {object, *(builtin if error else ())}
        own = {name for base in {*kind.__mro__} - skip for name in vars(base)}
        defined = [name for name in OPERATORS if name in own]
        return [["list", [self.export(base, blobs) for base in mine]], error, ["list", defined]]

    def function_parts(self, function, blobs):
        """The parameters, and the cell and line where it stands."""
        import inspect

        code = getattr(function, "__code__", None)
        place = [code.co_filename, code.co_firstlineno] if code else [None, None]
        try:
            parameters = inspect.signature(function).parameters.values()
            shown = [
                [
                    p.name,
                    int(p.kind),
                    p.default is p.empty,
                    None if p.default is p.empty else p.default,
                ]
                for p in parameters
            ]
            return [self.tree(shown, blobs), *place]
        except (ValueError, TypeError):
            return [None, *place]

    def adopt(self, tag, *parts):
        if tag == "mine":
            return self.table[parts[0]]
        if tag == "global":
            return getattr(__import__(parts[0], fromlist=["_"]), parts[1])
        return Theirs(self, *parts) if tag == "callback" else super().adopt(tag, *parts)

    def describe(self, error) -> dict:
        """An exception as plain values, with the last of the student's lines in it."""
        names = [f"{kind.__module__}.{kind.__name__}" for kind in type(error).__mro__]
        said = {"kind": "error", "type": type(error).__name__, "types": names}
        said["own"] = error if type(error).__module__ == "__main__" else None
        said["message"] = message_of(error)
        if isinstance(error, NameError):
            said["name"] = str(error.name)
        trace = error.__traceback__
        while trace:
            file = trace.tb_frame.f_code.co_filename
            if self.files.get(file):
                text = linecache.getline(file, trace.tb_lineno).strip()
                said |= {"cell": self.files[file], "line": trace.tb_lineno, "text": text[:200]}
            trace = trace.tb_next
        if isinstance(error, SyntaxError) and str(error.filename) in self.files:
            said |= {"kind": "syntax", "cell": self.files[error.filename], "line": error.lineno}
            said |= {"message": str(error.msg), "text": (error.text or "").strip()[:200]}
        return said


def mutable(value) -> bool:
    return not isinstance(value, int | float | complex | str | bytes | type | None | Theirs)


def message_of(error) -> str:
    try:
        return str(error)[:1000]
    except BaseException as problem:
        return f"(its message cannot be shown: {type(problem).__name__})"


def limit(memory: int, seconds: int) -> None:
    """Hard limits of this process and its children; the watcher outside sees to their sum."""
    limits = {"DATA": memory, "FSIZE": memory, "CPU": seconds, "CORE": 0}
    for name, value in (limits | {"NOFILE": 256, "NPROC": 256}).items():
        number = getattr(resource, f"RLIMIT_{name}")
        hard = resource.getrlimit(number)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(number, (value, value))


def main(number: int, path: list, preload: list, memory: int, seconds: int) -> None:
    sys.path[:0] = [""]
    sys.path += path
    for name in preload:
        with contextlib.suppress(ImportError):
            __import__(name)
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)
    gc.freeze()
    gc.enable()
    limit(memory, seconds)
    builtins.display, builtins.get_ipython = print, Quiet
    space = sys.modules["__main__"].__dict__
    space.clear()
    space |= {"__name__": "__main__", "__builtins__": builtins}
    here = Inside(socket.socket(fileno=number), space)
    sys.stdout = sys.stderr = here.printed
    try:
        while True:
            here.serve(here.receive())
    finally:
        os._exit(0)  # threads that a student left behind must not keep us
