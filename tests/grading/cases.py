"""All submissions of the classroom."""

import honest
import hostile


def all_cases(paths=(), port=0):
    """`paths` are what no student may see, `port` what none may reach."""
    return [*honest.cases(), *hostile.cases(list(paths), port)]
