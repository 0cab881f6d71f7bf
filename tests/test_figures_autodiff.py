"""The graph in the page computes what the engine does, forward and backward, for any program."""

import numpy as np
import pytest
from matplotlib.axes import Axes
from test_figures import STATE, html, opened  # noqa: F401

from dlcore.figures import derivatives
from dlcore.figures.page import show
from dlcore.scratch.activations import relu, relu_vjp, sigmoid, sigmoid_vjp, tanh, tanh_vjp
from dlcore.scratch.autodiff import Tensor, jvp, primitive

FUNCTIONS = {
    "sigmoid": primitive(sigmoid, sigmoid_vjp),
    "tanh": primitive(tanh, tanh_vjp),
    "relu": primitive(relu, relu_vjp),
    "exp": Tensor.exp,
    "log": Tensor.log,
}
PROGRAMS = [text for text, _ in derivatives.EXAMPLES.values()]
PROGRAMS += [
    "x*y + x/y - y^3 + 2^3*x",
    "-x^2 + (1 - x)/(2 + y^2) - .5e1*y",
    "a = exp(x*y); b = a/(1 + a); log(b) - 3/b; a*b - tanh(b - 2*a)",
    "s = x + y; s**-2 - s ^ 3*(x - 1/s)",
]


def run(program, tensors):
    """The program with the engine: its result and all that has a name."""
    names = dict(tensors)
    for statement in program.replace("^", "**").split(";"):
        name, _, expression = statement.rpartition("=")
        y = eval(expression, {**FUNCTIONS, **names})
        if name:
            names[name.strip()] = y
    return y, names


def type_in(tab, program):
    tab.get_by_label("its text").fill(program)
    tab.get_by_role("button", name="draw").click()
    return tab.evaluate(STATE)


@pytest.fixture
def machine(opened):  # noqa: F811
    return opened(derivatives.machine())


@pytest.mark.parametrize("program", PROGRAMS)
def test_values_and_slopes_of_every_named_step_equal_those_of_the_engine(machine, program):
    state = type_in(machine, program)
    assert state["error"] == "" and state["text"] == program
    values = {k: np.array(float(v)) for k, v in state["values"].items()}
    assert list(values) == derivatives.names_in(program)
    y, names = run(program, {k: Tensor(v, requires_grad=True) for k, v in values.items()})
    y.backward(keep=True)
    np.testing.assert_allclose(state["value"], y.item(), rtol=1e-12)
    for name, value in state["named"].items():
        np.testing.assert_allclose(value, names[name].item(), rtol=1e-12)
        if state["gradients"][name] is None:  # undone steps: not on the way to the result
            assert names[name].grad is None
        else:
            np.testing.assert_allclose(state["gradients"][name], names[name].grad, rtol=1e-12)
    for name in values:
        wanted = names[name].grad
        np.testing.assert_allclose(state["slopes"][name], wanted, rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(state["sums"][name], wanted, rtol=1e-12, atol=1e-15)
        if "relu" not in program:
            ways = [np.array(float(other == name)) for other in values]
            found = jvp(lambda *a: run(program, dict(zip(values, a)))[0], [*values.values()], ways)
            np.testing.assert_allclose(state["slopes"][name], found[1], rtol=1e-12, atol=1e-15)


def click(tab, name, times=1):
    for _ in range(times):
        tab.get_by_role("button", name=name, exact=True).click()
    return tab.evaluate(STATE)


def test_backward_fills_the_slopes_one_step_at_a_time(machine):
    state = type_in(machine, "h = x*w; y = h*h + 3*h")
    assert state["labels"] == ["x", "w", "h :  ×", "×", "3 ×", "y :  +"]
    assert state["held"] == [None] * 5 + [1] and state["steps"] == 4
    seen = [click(machine, "one step")["held"] for _ in range(4)]
    h = 1.5 * 0.8  # x keeps its slider from the example before, w too
    assert seen[0] == [None, None, None, 1, 1, 1]
    assert seen[1][2] == 3 and seen[2][2] == pytest.approx(3 + 2 * h)
    assert seen[3][:2] == pytest.approx([0.8 * (3 + 2 * h), 1.5 * (3 + 2 * h)])
    assert machine.get_by_role("button", name="one step").is_disabled()
    assert "Done: ∂y/∂x = 4.32, ∂y/∂w = 8.1." in machine.content()
    assert click(machine, "start again")["held"] == [None] * 5 + [1]


def test_forward_mode_follows_one_variable_down(machine):
    type_in(machine, "h = x*w; y = h*h + 3*h")
    machine.get_by_label("slopes", exact=True).select_option("forward w")
    state = click(machine, "one step")
    assert state["mode"] == "forward" and state["held"][:3] == [0, 1, 1.5]
    assert click(machine, "to the end")["held"][-1] == state["gradients"]["w"]


def test_paths_double_with_every_square_and_edges_do_not(machine):
    machine.get_by_label("program", exact=True).select_option("2")
    state = machine.evaluate(STATE)
    assert (state["count"], state["products"], state["edges"]) == (16, 64, 8)


def test_a_slider_moves_values_and_the_slopes_that_are_shown(machine):
    click(machine, "to the end")
    machine.get_by_label("value of x").focus()
    machine.keyboard.press("ArrowRight")
    state = machine.evaluate(STATE)
    assert state["values"]["x"] == pytest.approx(1.6) and state["step"] == state["steps"]
    assert state["held"][1] == state["gradients"]["x"]


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("x*", "it ends too early"),
        ("(x + 1", "expected ) at the end"),
        ("x ? y", "? is not expected there"),
        ("sin(x)", "there is no function sin"),
        ("x^y", "an exponent must be a number"),
        ("2 + 3", "there is no variable in it"),
        ("x", "there is nothing to compute in it"),
        ("y = x*x; y = y + 1", "y has a value already"),
        ("h = x + z; x*x", "the result does not use z"),
        ("+".join(["x*x"] * 20), "at most 26 boxes fit"),
        ("<b>*x", "&lt; is not expected there"),
    ],
)
def test_a_mistake_in_the_program_is_named_and_the_graph_stays(machine, program, message):
    before = machine.evaluate(STATE)
    state = type_in(machine, program)
    assert f"This cannot be drawn: {message}" in machine.locator("[role=alert]").inner_html()
    assert (state["text"], state["held"]) == (before["text"], before["held"])


def test_a_step_without_a_value_is_said_to_have_none(machine):
    type_in(machine, "log(x)")
    machine.get_by_label("value of x").fill("-1")
    assert "log has no value or no slope there" in machine.content()


def test_no_two_boxes_overlap_and_none_leaves_the_picture(machine):
    for program in PROGRAMS:
        type_in(machine, program)
        boxes = [
            [float(box.get_attribute(key)) for key in ("x", "y", "width", "height")]
            for box in machine.locator(".graph rect").all()
        ]
        frame = machine.locator(".graph svg").get_attribute("viewBox").split()
        wide, tall = map(float, frame[2:])
        for i, (x, y, w, h) in enumerate(boxes):
            assert min(x, y) >= 0 and x + w <= wide and y + h <= tall
            for a, b, *_ in boxes[:i]:
                assert abs(x - a) >= w or abs(y - b) >= h, program


def test_the_pictures_of_derivatives_are_axes_and_small():
    h = np.logspace(-9, 0, 10)
    shown = [
        derivatives.errors(h, {"a": h, "b": h**2}, {"a": 1e-4}),
        derivatives.prices([1, 10], {"x": [2, 20]}),
    ]
    assert all(isinstance(axes, Axes) for axes in shown)
    for axes in shown:
        assert len(html(show(axes, "something"))) < 300_000
    assert len(html(derivatives.machine())) < 300_000
