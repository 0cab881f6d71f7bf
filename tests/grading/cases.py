"""All submissions of the classroom."""

import honest
import hostile
import tricks


def all_cases(paths=(), port=0):
    """`paths` are what no student may see, `port` what none may reach."""
    found = [*honest.cases(), *hostile.cases(list(paths), port)]
    return [*found, *tricks.honest(), *tricks.cases(list(paths), port)]
