"""No wrong gradient lives: every hand-written one is broken in every way that mutants.py knows."""

import ast

import mutants
import pytest

TOPICS = mutants.topics()


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.timeout(900)
def test_every_mutant_of_a_gradient_is_noticed(topic):
    count, alive = mutants.run(topic)
    assert count >= 4, "nothing to break: the generator finds no gradient here"
    assert not alive, "\n".join(alive)


def test_every_equivalent_is_still_a_mutant_and_says_why():
    """A line that was rewritten must not leave its excuse behind."""
    made = set()
    for topic in {text.partition(".")[0] for text in mutants.EQUIVALENT}:
        source = (mutants.SCRATCH / f"{topic}.py").read_text()
        names = mutants.targets(ast.parse(source))
        made |= {f"{topic}.{label}" for label, _ in mutants.mutants(source, names)}
    assert not mutants.EQUIVALENT.keys() - made
    assert all(mutants.EQUIVALENT.values())


def test_a_gradient_is_broken_in_sign_factor_and_operation():
    source = "def f(x):\n    return 2 * x\n\n\ndef f_vjp(dy, y, x):\n    return 2 * dy\n"
    changed = dict(mutants.mutants(source, mutants.targets(ast.parse(source))))
    wanted = {"f_vjp: return -1.0 * (2 * dy)", "f_vjp: return dy", "f_vjp: return 2 / dy"}
    assert wanted <= changed.keys()
    assert all(label.startswith("f_vjp") for label in changed)
