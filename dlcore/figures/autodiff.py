"""The computation graph that a tensor remembers, drawn from its inputs on the left to it."""

import numpy as np
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path

from dlcore.figures.page import BLUE, GREEN, new_axes
from dlcore.scratch.autodiff import Tensor

MOST, SIZE = 60, 9  # boxes in a picture, points of its text
LINE, LETTER, GAP, LANE = 0.17, 0.078, 0.45, 0.2  # inches
RED = "#D55E00"


def draw_graph(y, names=None, ax=None):
    """Boxes for the steps to the Tensor y (blue), for variables (green) and constants (black).

    A box tells the operation, the value or the shape, and, after backward(keep=True), the
    gradient in red, of an array its norm. `names` gives tensors names, {"w": w, "b": b}.
    """
    boxes, edges = collect(y)
    named = {id(tensor): name for name, tensor in (names or {}).items()}
    texts = {key: text(x, named.get(id(x))) for key, x in boxes.items()}
    column, chains = lanes(columns(boxes, edges), edges)
    rows = ordered(column, chains)
    height = {key: LINE * len(texts[key]) + 0.15 if key in texts else LANE for key in column}
    y_of = levels(rows, chains, height)
    widths = [
        max(LETTER * max(map(len, texts[k])) + 0.2 for k in row if k in texts) for row in rows
    ]
    left = np.cumsum([0, *(width + GAP for width in widths)])
    spans = {key: (left[c], left[c] + widths[c], y_of[key]) for key, c in column.items()}
    ax, points = canvas(ax, left[-1] - GAP, y_of, height)
    for key, x in boxes.items():
        draw_box(ax, spans[key], height[key], texts[key], colour(x), points)
    draw_edges(ax, chains, spans)
    return ax


def collect(y):
    """The boxes by their keys, inputs before what is computed from them, and pairs of keys."""
    begun, boxes, edges = set(), {}, []

    def visit(x, key):
        begun.add(key)
        if len(begun) > MOST:
            raise ValueError(f"y must be computed in at most {MOST} boxes, to be readable")
        if getattr(getattr(x, "f_vjp", None), "__name__", "") == "freed":
            raise ValueError("y must still have its graph: use backward(keep=True)")
        for slot, value in enumerate(getattr(x, "inputs", ())):
            if isinstance(value, Tensor | np.ndarray | np.generic | int | float):
                shared = isinstance(value, Tensor | np.ndarray)  # a number has a box at each use
                source = id(value) if shared else (key, slot)
                if source not in begun:
                    visit(value, source)
                edges.append((source, key))
        boxes[key] = x

    visit(y, id(y))
    return boxes, edges


def colour(x) -> str:
    if not isinstance(x, Tensor) or not x.requires_grad:
        return "black"
    return GREEN if x.f_vjp is None else BLUE


def number(x) -> str:
    return f"{np.asarray(x).item():.4g}"


def text(x, name) -> list:
    """The lines of a box: what it is, its value or shape, its gradient or nothing."""
    data = x.data if isinstance(x, Tensor) else np.asarray(x)
    value = f"{data.shape}" if data.ndim else number(data)
    if not isinstance(x, Tensor) or not x.requires_grad:
        return [name or "data", value] if name or data.ndim else [value]
    made = x.f_vjp.__name__.removesuffix("_vjp") if x.f_vjp else ""
    lines = [" = ".join(filter(None, [name, made])) or "variable", value]
    if x.grad is None:
        return lines
    norm = f"‖grad‖ {number(np.linalg.norm(x.grad))}"
    return [*lines, norm if data.ndim else f"grad {number(x.grad)}"]


def columns(boxes, edges) -> dict:
    """The column of each box: one after its last input; what has no input, before its first use."""
    column = {}
    for key in boxes:
        column[key] = 1 + max((column[a] for a, b in edges if b == key), default=-1)
    for key in boxes.keys() - {b for _, b in edges}:
        column[key] = min((column[b] for a, b in edges if a == key), default=1) - 1
    return column


def lanes(column, edges):
    """Each edge as keys, one a column, and the columns of all keys.

    Where an edge passes a column it has a lane there, shared by the edges from the same box.
    """
    column, chains = dict(column), []
    for a, b in edges:
        passed = {("lane", a, c): c for c in range(column[a] + 1, column[b])}
        chains.append([a, *passed, b])
        column |= passed
    return column, chains


def neighbours(chains, step: int) -> dict:
    """The keys that each key is linked to in the column before (-1) or after it (1)."""
    found = {}
    for chain in chains:
        for a, b in zip(chain[::step], chain[::step][1:]):
            found.setdefault(a, []).append(b)
    return found


def ordered(column, chains) -> list:
    """The keys of each column from the bottom up, sorted by the mean place of their neighbours."""
    rows = [
        [k for k in reversed(column) if column[k] == c] for c in range(max(column.values()) + 1)
    ]
    for sweep in range(8):
        step = 1 if sweep % 2 else -1
        linked = neighbours(chains, step)
        for row in rows[::-step]:
            rank = {key: i / len(r) for r in rows for i, key in enumerate(r)}
            row.sort(key=lambda k: np.mean([rank[n] for n in linked.get(k, [k])]))
    return rows


def levels(rows, chains, height) -> dict:
    """The y of each key: as near to its neighbours' mean as the boxes of its column allow."""
    y = {key: 0.0 for row in rows for key in row}
    before, after = neighbours(chains, -1), neighbours(chains, 1)
    for _ in range(30):
        for row in rows:
            near = [before.get(k, []) + after.get(k, []) or [k] for k in row]
            wanted = np.array([np.mean([y[n] for n in some]) for some in near])
            apart = [(height[a] + height[b]) / 2 + LANE for a, b in zip(row, row[1:])]
            offset = np.cumsum([0, *apart])
            # Pushed up and pushed down, both keep the distances; so does their mean.
            up = np.maximum.accumulate(wanted - offset)
            down = np.minimum.accumulate((wanted - offset)[::-1])[::-1]
            y |= zip(row, (up + down) / 2 + offset)
    return y


def canvas(ax, width, y_of, height):
    """Axes in inches round all boxes, and how many points an inch of them has."""
    low = min(y_of[k] - height[k] / 2 for k in y_of) - 0.1
    high = max(y_of[k] + height[k] / 2 for k in y_of) + 0.1
    ax = ax or new_axes(width + 0.3, high - low + 0.1)
    ax.set(xlim=(-0.1, width + 0.1), ylim=(low, high), aspect="equal")
    ax.set_axis_off()
    place, figure = ax.get_position(), ax.figure.get_size_inches()
    return ax, min(place.width * figure[0] / (width + 0.2), place.height * figure[1] / (high - low))


def draw_box(ax, span, height, lines, colour, scale):
    left, right, y = span
    style = "round,pad=0,rounding_size=0.06"
    box = FancyBboxPatch((left, y - height / 2), right - left, height, style, fc="none", ec=colour)
    ax.add_patch(box)
    for i, line in enumerate(lines):
        at = y + LINE * ((len(lines) - 1) / 2 - i)
        look = {"weight": "bold" if i == 0 else "normal", "color": RED if i == 2 else "black"}
        ax.text((left + right) / 2, at, line, ha="center", va="center", size=SIZE * scale, **look)


def draw_edges(ax, chains, spans):
    """All edges; those into the same box enter it one below the other, the highest on top."""
    entered = dict.fromkeys(spans, 0)
    for chain in sorted(chains, key=lambda chain: -spans[chain[-2]][2]):
        ways = sum(other[-1] == chain[-1] for other in chains)
        enters = ((ways - 1) / 2 - entered[chain[-1]]) * min(0.12, 0.3 / ways)
        entered[chain[-1]] += 1
        draw_edge(ax, [spans[key] for key in chain], enters)


def draw_edge(ax, spans, enters):
    """A line from box to box that bends between columns and runs straight through its lanes."""
    points, codes = [(spans[0][1], spans[0][2])], [Path.MOVETO]
    for i, (left, right, y) in enumerate(spans[1:], 2):
        (x, before), y = points[-1], y + enters * (i == len(spans))
        middle = (x + left) / 2
        points += [(middle, before), (middle, y), (left, y), (right, y)]
        codes += [Path.CURVE4] * 3 + [Path.LINETO]
    path = Path(points[:-1], codes[:-1])
    ax.add_patch(
        FancyArrowPatch(path=path, arrowstyle="-|>", mutation_scale=7, lw=0.9, color="black")
    )
