"""What older notebooks import as `nose.tools`, a package that new Pythons cannot run any more."""

import re
import unittest

CASE = unittest.TestCase()
CASE.maxDiff = None


def __getattr__(name: str):
    """`assert_almost_equal` is unittest's `assertAlmostEqual`."""
    method = re.sub(r"_(\w)", lambda letter: letter[1].upper(), name)
    method = {"assertEquals": "assertEqual", "assertItemsEqual": "assertCountEqual"}.get(
        method, method
    )
    if name == "tools" or not hasattr(CASE, method):
        raise AttributeError(name)
    return getattr(CASE, method)


def ok_(value, message=None):
    if not value:
        raise AssertionError(message)


def eq_(one, other, message=None):
    if one != other:
        raise AssertionError(message or f"{one!r} != {other!r}")
