"""The code of a kernel as text: where it was written, a notebook's cell too. Needs no Triton."""

import inspect
import textwrap


def sources(kernel) -> list[str]:
    """The definition of a kernel, of the functions that it calls, and of Triton's constants."""
    found, todo = [], [kernel.fn]
    for function in todo:  # it grows: the functions that a function calls
        found.append(textwrap.dedent(inspect.getsource(function)))
        names, known = function.__code__.co_names, function.__globals__
        used = {name: known[name] for name in names if name in known}
        found += constants_of(used, known.get("__annotations__", {}))
        inner = [one.fn for one in used.values() if inspect.isfunction(getattr(one, "fn", None))]
        todo += [one for one in inner if one not in todo]
    return found


def constants_of(used: dict, annotations: dict):
    """Definitions of the constants of Triton's that a function uses."""
    for name, value in used.items():
        if "constexpr" in (type(value).__name__, getattr(annotations.get(name), "__name__", "")):
            yield f"{name} = tl.constexpr({getattr(value, 'value', value)!r})"
