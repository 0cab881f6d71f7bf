"""The tests of each exercise notice what strength.py breaks in its solution."""

import pytest
from strength import COURSE, EQUIVALENT, WANTED, strength


@pytest.mark.parametrize("slug", COURSE.slugs("solutions"))
@pytest.mark.filterwarnings("ignore")
@pytest.mark.timeout(300)
def test_the_tests_of_an_exercise_notice_a_broken_solution(slug):
    rows = strength(slug)
    assert not [f"{row.task}: {row.rate:.0%}, {row.alive}" for row in rows if row.rate < WANTED]
    assert min(row.killed for row in rows) >= 3, "nothing to break: no function in a solution?"
    known = EQUIVALENT.get(slug.partition("-")[2], {})
    assert set(known) == {name for row in rows for name in row.equivalent}, "no longer alive"
    assert all(known.values())


def test_every_topic_with_equivalents_has_an_exercise():
    assert EQUIVALENT.keys() <= {slug.partition("-")[2] for slug in COURSE.slugs("solutions")}
