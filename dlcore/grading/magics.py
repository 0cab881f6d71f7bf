"""A cell's source as plain Python: what only IPython understands is left out."""

import ast
import re

MAGIC = re.compile(r"\s*([%!?]|[\w, ]+=\s*[%!])|.*\?\s*$")
PYTHON_MAGICS = ("%%time", "%%timeit", "%%capture", "%%prun")


def plain(source: str, name: str, notes: list[str]) -> str:
    """The source as Python: IPython's magics and `!` lines do nothing."""
    lines = source.split("\n")
    first = next((i for i, line in enumerate(lines) if line.strip()), 0)
    if lines[first].startswith("%%"):
        keep = lines[first].startswith(PYTHON_MAGICS)
        notes.append(f"`{lines[first].split()[0]}` in {name} was ignored.")
        lines = ["#", *lines[first + 1 :]] if keep else [""]
    for _ in lines:
        try:
            ast.parse("\n".join(lines))
        except SyntaxError as error:
            bad = (error.lineno or 0) - 1
            if not 0 <= bad < len(lines) or not MAGIC.match(lines[bad]):
                break
            notes.append(f"`{lines[bad].strip()}` in {name} was ignored.")
            indent = re.match(r"\s*", lines[bad])[0]
            lines[bad] = indent + "pass" if indent else "#"  # `from __future__` may follow
        except (ValueError, RecursionError, MemoryError):
            break
        else:
            break
    return "\n".join(lines)
