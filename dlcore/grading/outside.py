"""The tests' end of the line: functions, classes and objects of a student as stand-ins.

What comes from the student is data. A stand-in sends calls and attribute reads into the sandbox,
and never answers for itself where that could make an assertion true: it compares by identity, an
operator goes to the student's class only where the master's class of that name defines it, and an
attribute that plain values have (`x.equal(…)`) only where the master gives it to its objects.
"""

import builtins
import sys
import types
from operator import is_

from dlcore.grading.channel import Peer

# Operators that tell the student nothing about the value that a test expects.
FREE = """abs bool call delitem enter exit float getitem index int invert iter len neg next pos
repr setitem str"""
FREE = {f"__{name}__" for name in FREE.split()}
COMPARE = {"__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__"}
LIBRARIES = {"builtins", "math", "numpy", "operator", "torch"}


class StudentError(RuntimeError):
    """An exception of a kind that has no counterpart here."""


class ClassProxy(type):
    """The type of stand-ins for the student's classes."""

    def __call__(cls, *args, **kwargs):
        return cls._dlcore_peer.call(cls, args, kwargs)

    def __getattr__(cls, name):
        if is_special(name):
            raise AttributeError(f"{cls.__name__} has no {name} here")
        return cls._dlcore_peer.get(cls, name)


class Proxy(metaclass=ClassProxy):
    """The base of stand-ins for the student's objects."""

    def __getattr__(self, name):
        peer = type(self)._dlcore_peer
        if is_special(name) or name in peer.poses:
            raise AttributeError(f"{type(self).__name__} has no {name} here")
        return peer.get(self, name)

    def __setattr__(self, name, value):
        type(self)._dlcore_peer.request("set", self, name, value)


def is_special(name: str) -> bool:
    return name.startswith("_dlcore") or (name.startswith("__") and name.endswith("__"))


def operator(name: str):
    """The method of a stand-in that asks the student's object."""

    def method(self, *args):
        both = all(isinstance(other, Proxy) for other in args)
        if name in COMPARE and not both:
            return NotImplemented
        args = (None, None, None) if name == "__exit__" else args
        result = type(self)._dlcore_peer.request("operator", self, name, list(args))[0]
        if name not in {*FREE, "__contains__"} and not both and not isinstance(result, Proxy):
            kind = type(self).__name__  # else `answer - 4.2` could say 0.0 to any expected value
            raise TypeError(f"{name} of {kind} with a plain value must give an object, not a value")
        return result

    method.__name__ = name
    return method


class Outside(Peer):
    """`granted`: for each class of the master its operators, and under "" all its attributes."""

    def __init__(self, channel, granted: dict, seconds: float):
        super().__init__(channel)
        self.seconds = seconds  # for a call
        self.poses = {name for kind in plain_types() for name in dir(kind)}
        self.poses -= granted.get("", set())
        self.granted, self.callbacks = granted, []
        self.known, self.numbers = {}, {}  # number -> stand-in, id of a stand-in -> number

    def request(self, verb, *parts, seconds=None):
        """The parts of the answer. What the student printed is printed here."""
        printed, kind, *answer = self.ask([verb, *parts], seconds or self.seconds)
        if isinstance(printed, str) and printed:
            sys.stdout.write(printed)
        if kind == "error" and isinstance(answer[0], dict):
            raise self.error(answer[0])
        return answer

    def call(self, target, args, kwargs):
        packed = self.pack([list(args), kwargs])
        result, same, changed = self.request("call", target, packed)
        given = [*args, *kwargs.values()]
        if changed is not None:
            args, kwargs = self.unpack(changed)
            for old, new in zip(given, [*args, *kwargs.values()], strict=True):
                assign(old, new)
        return result if same is None else given[same]

    def get(self, target, name):
        return self.request("get", target, name)[0]

    def serve(self, message):
        """A call of a function that a test handed over, the only thing the student may ask."""
        verb, number, args, kwargs = message
        if verb != "callback" or number not in range(len(self.callbacks)):
            raise self.loss("died", "this broke the line to its check")
        try:
            self.send(["reply", True, self.callbacks[number](*args, **kwargs)])
        except Exception as error:
            names = [kind.__name__ for kind in type(error).__mro__]
            name = next(name for name in names if hasattr(builtins, name))
            self.send(["reply", False, [name, str(error)]])

    def export(self, value, blobs):
        if id(value) in self.numbers:
            return ["mine", self.numbers[id(value)]]
        name = getattr(value, "__name__", "")
        module = getattr(value, "__module__", None) or "numpy"  # a ufunc has none
        public = getattr(sys.modules.get(module), name, None) is value
        if public and module.split(".")[0] in LIBRARIES:
            return ["global", module, name]
        if isinstance(value, types.FunctionType | types.MethodType):
            self.callbacks.append(value)
            return ["callback", len(self.callbacks) - 1, name]
        return super().export(value, blobs)

    def adopt(self, tag, number, *parts):
        if tag == "yours":
            return self.callbacks[number]
        if number in self.known:
            return self.known[number]
        makers = {"class": self.make_class, "function": self.function}
        makers |= {"iterator": self.iterator, "object": self.instance}
        if tag not in makers:
            return super().adopt(tag)
        proxy = self.known[number] = makers[tag](number, *parts)
        self.numbers[id(proxy)] = number
        return proxy

    def instance(self, number, kind: ClassProxy):
        return kind.__new__(kind)

    def make_class(self, number, name, about, bases, error, defined):
        granted = set().union(*(base._dlcore_granted for base in bases))
        granted |= self.granted.get(name, set())
        space = {"__doc__": about, "__module__": "__main__", "_dlcore_peer": self}
        space |= {"_dlcore_granted": granted, "__hash__": object.__hash__}
        usable = (FREE | granted) & {str(name) for name in defined}
        space |= {special: operator(special) for special in usable}
        if not bases and error and issubclass(getattr(builtins, error), Exception):
            bases = [getattr(builtins, error)]
            space["__getattr__"] = Proxy.__getattr__
        return ClassProxy(str(name), tuple(bases) or (Proxy,), space)

    def function(self, number, name, about, parameters, file, line):
        """A true function, so that `inspect` finds its name, signature and source."""

        def stand_in(*args, **kwargs):
            return self.call(stand_in, args, kwargs)

        stand_in.__name__ = stand_in.__qualname__ = str(name)
        stand_in.__doc__, stand_in.__module__ = about, "__main__"
        if isinstance(file, str) and file.startswith("<student") and isinstance(line, int):
            code = stand_in.__code__.replace(co_filename=file, co_firstlineno=max(1, line))
            stand_in.__code__ = code.replace(co_name=str(name))
        if parameters is not None:
            stand_in.__signature__ = signature(parameters)
        return stand_in

    def iterator(self, number):
        def stream():
            while True:
                value, done = self.request("next", proxy)
                if done:
                    return
                yield value

        proxy = stream()
        return proxy

    def error(self, said: dict) -> Exception:
        """The student's exception as one of the same built-in type."""
        error, message = said.get("own"), str(said.get("message"))
        if not isinstance(error, Exception):
            kind = next(filter(None, map(exception, said.get("types", ()))), StudentError)
            error = kind.__new__(kind)
        error.args = (message,)
        object.__setattr__(error, "dlcore", said)
        if isinstance(error, NameError):
            error.name = said.get("name")
        return error


def plain_types() -> list[type]:
    """What a student's object must not pass for."""
    libraries = {"numpy": "ndarray", "torch": "Tensor"}
    loaded = {name: sys.modules.get(name) for name in libraries}  # None too: left out by the course
    found = [getattr(module, libraries[name]) for name, module in loaded.items() if module]
    return [str, bytes, list, tuple, dict, set, int, float, complex, *found]


def signature(parameters):
    import inspect

    empty = inspect.Parameter.empty
    return inspect.Signature(
        inspect.Parameter(name, kind, default=empty if none else default)
        for name, kind, none, default in parameters
    )


def exception(name) -> type | None:
    """The exception of a full name, if it is Python's or numpy's."""
    module, _, name = str(name).rpartition(".")
    if module != "builtins" and module.split(".")[0] != "numpy":
        return None
    found = getattr(sys.modules.get(module), name, None)
    is_error = isinstance(found, type) and issubclass(found, Exception)
    return found if is_error and found not in (Exception, ExceptionGroup) else None


def assign(old, new):
    """`old`, filled with what the student's code made of its copy; `new` where that cannot be."""
    if type(old) is not type(new) or isinstance(old, Proxy):
        return new
    if isinstance(old, list):
        old[:] = [assign(*pair) for pair in zip(old, new, strict=False)] + new[len(old) :]
    elif isinstance(old, dict):
        filled = {key: assign(old.get(key), value) for key, value in new.items()}
        old.clear()
        old.update(filled)
    elif isinstance(old, set):
        old.clear()
        old.update(new)
    elif isinstance(old, tuple):
        items = [assign(*pair) for pair in zip(old, new, strict=False)]
        return old if all(map(is_, old, items)) else new
    elif not hasattr(old, "dtype") or old.shape != new.shape or old.dtype != new.dtype:
        return new
    elif hasattr(old, "copy_"):  # a tensor
        old.data.copy_(new.data)
    elif hasattr(old, "flags") and old.flags.writeable:
        old[...] = new
    else:
        return new
    return old
