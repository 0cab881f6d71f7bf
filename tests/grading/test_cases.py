"""Every submission of the classroom gets exactly what it must: honest ones all points."""

import pytest
from cases import all_cases
from classroom import TASKS

CASES = all_cases()
HONEST = [case.name for case in CASES if case.kind == "honest"]
HOSTILE = [case.name for case in CASES if case.kind == "hostile"]

pytestmark = pytest.mark.timeout(900)  # the first test grades the whole class


def points(result):
    return tuple(task["points"] for task in result["tasks"])


def said(result):
    return " ".join([result["reason"], *(task["message"] for task in result["tasks"])])


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_submission_gets_what_it_earned(graded, name):
    case, result = graded[name]
    assert (result["status"], points(result)) == (case.status, case.points), said(result)
    assert case.words in said(result)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_submission_gets_no_more_and_no_less(graded, name):
    case, result = graded[name]
    got = points(result)
    if case.loose:
        got = tuple(map(max, got, case.points))
    assert (result["status"], got) == (case.status, case.points), said(result)
    assert case.words in said(result)


def test_every_submission_has_one_complete_result(graded):
    assert len(graded) == len(CASES)
    for case, result in graded.values():
        assert result["student"] == case.name
        assert [task["id"] for task in result["tasks"]] == [f"{name}-test" for name in TASKS]
        assert result["max_score"] == 8 and result["score"] == sum(points(result))
        assert result["seconds"] < 45
        assert result["status"] == "graded" or result["reason"]


def test_a_wrong_answer_is_told_what_is_wrong(graded):
    for name, words in {
        "edited_test": "double(2) is 0, not 4.",
        "syntax": "SyntaxError: expected ':'",
        "loop in a call": "never ends",
        "exit": "ended Python",
        "recursion": "RecursionError",
        "script": "<script>",  # as plain text: results.json is no page
    }.items():
        assert words in said(graded[name][1]), name


def test_no_message_is_longer_than_a_screen(graded):
    assert max(len(said(result)) for _, result in graded.values()) < 5000
