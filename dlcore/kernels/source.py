"""What the compiler needs of a kernel, and its code, from wherever it stands. Needs no torch."""

import inspect
import textwrap
from typing import NamedTuple


class Specimen(NamedTuple):
    """One kernel at a realistic size, as ahead-of-time compilation needs it.

    `types` gives the type of every argument in order, "constexpr" for those in `constexprs`;
    `options` are num_warps and num_stages. Pointers and integers are multiples of 16 bytes.
    """

    name: str
    kernel: object
    types: dict
    constexprs: dict
    options: dict


def specimen(name: str, kernel, types: str, config: dict) -> Specimen:
    """The kernel with `types` for its run-time arguments, as in "*bf16 *fp32 i32", and `config`."""
    constexprs = {k: v for k, v in config.items() if k in kernel.arg_names}
    options = {k: v for k, v in config.items() if k not in constexprs}
    rest = iter(types.split())
    signature = {k: "constexpr" if k in constexprs else next(rest) for k in kernel.arg_names}
    return Specimen(name, kernel, signature, constexprs, options)


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
