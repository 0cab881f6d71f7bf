"""Drawn computation graphs: all boxes, all edges, nothing on top of anything else."""

import itertools
import re

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from dlcore.figures import page
from dlcore.figures.autodiff import collect, draw_graph
from dlcore.scratch.activations import tanh, tanh_vjp
from dlcore.scratch.autodiff import Tensor, primitive
from dlcore.scratch.linear import linear, linear_vjp
from dlcore.scratch.losses import cross_entropy, cross_entropy_vjp

LINEAR, TANH = primitive(linear, linear_vjp), primitive(tanh, tanh_vjp)
LOSS = primitive(cross_entropy, cross_entropy_vjp)


def variable(value):
    return Tensor(np.array(value, float), requires_grad=True)


def square():
    a, b, c = variable(2), variable(-3), variable(10)
    return (a * b + c) ** 2, {"a": a, "b": b, "c": c}


def network():
    rng = np.random.default_rng(0)
    w, b, v, c = (variable(rng.normal(size=s)) for s in [(5, 3), 5, (2, 5), 2])
    scores = LINEAR(TANH(LINEAR(rng.normal(size=(4, 3)), w, b)), v, c)
    loss = LOSS(scores, np.array([0, 1, 1, 0])) + 0.01 * ((w**2).sum() + (v**2).sum())
    return loss, {"w": w, "b": b, "v": v, "c": c}


def fan():
    x = variable(1.5)
    h = x * x
    k = h.exp()
    return h * k + x * k - h / (k + x) + x, {"x": x, "h": h, "k": k}


def chain():
    x = y = variable(0.5)
    for k in range(12):
        y = y * 2 if k % 2 else y * x
    return y, {"x": x}


def leaf():
    return variable(3), {}


def wild():
    """28 boxes, each made from two earlier ones drawn at random."""
    rng, made = np.random.default_rng(4), [variable(1.1) for _ in range(4)]
    for _ in range(20):
        a, b = rng.choice(len(made), 2)
        made.append(made[a] * made[b])
    y = made[-1]
    for x in made[4:-1]:
        if not any(x is i for m in made[4:] for i in m.inputs):
            y = y + x
    return y, {}


GRAPHS = [square, network, fan, chain, leaf, wild]


def drawn(make, ax=None):
    y, names = make()
    ax = draw_graph(y, names, ax)
    page.rendered(ax.figure, "png", 40)  # places are final once drawn
    boxes = [p for p in ax.patches if isinstance(p, FancyBboxPatch)]
    return y, ax, boxes, [p for p in ax.patches if isinstance(p, FancyArrowPatch)]


def line(edge):
    """Points along an arrow's curve, without its head, in the units of the axes."""
    head = np.flatnonzero(edge.get_path().codes == 1)  # a MOVETO begins each part
    path = edge.get_path()
    if len(head) > 1:
        path = type(path)(path.vertices[: head[1]], path.codes[: head[1]])
    scaled = type(path)(1000 * path.vertices, path.codes)  # so that the curves become fine lines
    return np.concatenate(scaled.to_polygons(closed_only=False)) / 1000


@pytest.mark.parametrize("make", GRAPHS)
def test_boxes_and_their_texts_stay_apart(make):
    y, ax, boxes, _ = drawn(make)
    assert isinstance(ax, Axes) and len(boxes) == len(collect(y)[0])
    renderer = FigureCanvasAgg(ax.figure).get_renderer()
    frames = [box.get_window_extent(renderer) for box in boxes]
    for one, other in itertools.combinations(frames, 2):
        assert not one.overlaps(other)
    for text in ax.texts:
        words = text.get_window_extent(renderer)
        assert any(f.x0 < words.x0 and words.x1 < f.x1 and f.containsy(words.y0) for f in frames)


@pytest.mark.parametrize("make", GRAPHS)
def test_every_edge_is_drawn_from_its_box_to_its_box_and_through_none(make):
    y, _, boxes, arrows = drawn(make)
    keys, edges = collect(y)
    assert len(arrows) == len(edges)
    frames = dict(zip(keys, (box.get_path().get_extents() for box in boxes), strict=True))
    found = []
    for arrow in arrows:
        points = line(arrow)
        touched = {
            key: ((frame.x0 + 0.01 < points[:, 0]) & (points[:, 0] < frame.x1 - 0.01)).any()
            for key, frame in frames.items()
        }
        inside = [
            key
            for key, frame in frames.items()
            if touched[key] and any(frame.padded(-0.01).contains(*p) for p in points)
        ]
        assert not inside
        ends = []
        for x, at in points[0], points[-1]:
            ends += [k for k, f in frames.items() if f.padded(0.03).contains(x, at)]
        found.append(tuple(ends))
    assert sorted(found, key=str) == sorted(edges, key=str)


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_boxes_tell_operation_value_and_gradient():
    y, names = square()
    y.backward(keep=True)
    found = texts(draw_graph(y, names))
    # (2 · -3 + 10)² = 16: c gets 2 · 4 = 8, a gets 8 · -3, b gets 8 · 2.
    wanted = "a, 2, grad -24, b, -3, grad 16, multiply, -6, grad 8, c, 10, grad 8, "
    wanted += "add, 4, grad 8, 2, power, 16, grad 1"
    assert found == wanted.split(", ")


def test_a_gradient_kept_at_a_step_is_shown_there():
    y, names = square()
    names["s"] = y.inputs[0]
    y.backward(keep=True)
    found = texts(draw_graph(y, names))
    at = found.index("s = add")
    assert found[at : at + 3] == ["s = add", "4", "grad 8"]


def test_an_array_shows_its_shape_and_the_norm_of_its_gradient():
    loss, names = network()
    loss.backward(keep=True)
    found = texts(draw_graph(loss, names))
    at = found.index("w")
    norm = np.sqrt(np.square(names["w"].grad).sum())
    assert found[at : at + 3] == ["w", "(5, 3)", f"‖grad‖ {norm:.4g}"]
    assert found.count("data") == 2 and found.count("(4, 3)") == 1


def test_colours_follow_the_page_and_tell_what_a_box_is():
    y, names = square()
    y.backward(keep=True)
    ax = draw_graph(y, names)
    colours = [to_hex(p.get_edgecolor()) for p in ax.patches if isinstance(p, FancyBboxPatch)]
    green, blue = page.GREEN.lower(), page.BLUE.lower()
    assert colours == [green, green, blue, green, blue, "#000000", blue]
    html = page.show(ax, "the graph of (a b + c)²")._repr_mimebundle_()["text/html"]
    assert "#000000" not in html and "currentColor" in html and "var(--dl-green" in html
    assert not re.search(r"fill: #f{6}", html)  # a white box would shine on a dark page


def test_a_graph_fits_into_axes_that_are_given():
    axes = page.new_axes(8, 3, columns=2)
    _, ax, boxes, arrows = drawn(square, axes[1])
    assert ax is axes[1] and len(boxes) == 7 and len(arrows) == 6
    alone = drawn(square)[1]
    assert ax.texts[0].get_size() < alone.texts[0].get_size()


def test_graphs_too_large_or_already_freed_are_refused():
    y = variable(1)
    for _ in range(59):
        y = TANH(y)
    assert len(draw_graph(y).texts) == 120  # 60 boxes of two lines
    with pytest.raises(ValueError, match="y must be computed in at most 60 boxes"):
        draw_graph(TANH(y))
    y, names = square()
    y.backward()
    with pytest.raises(ValueError, match="y must still have its graph: use backward"):
        draw_graph(y, names)
