"""The pictures of the introduction: a membrane that fires all or nothing, fields, a unit."""

import numpy as np
import pytest
from matplotlib.axes import Axes
from test_figures import html

from dlcore.figures import introduction as pictures
from dlcore.figures.page import show


def test_a_membrane_fires_all_or_nothing():
    peaks = [pictures.action_potential(current)[1].max() for current in (2, 6, 7, 14)]
    assert max(peaks[:2]) < -55 and min(peaks[2:]) > 30
    assert peaks[3] - peaks[2] < 6, "twice the pulse, nearly the same height"


def test_a_membrane_left_alone_stays_at_rest():
    _, v = pictures.action_potential(0.0)
    assert np.abs(v - pictures.REST).max() < 0.01


def test_the_rates_of_the_gates_are_smooth_where_their_formula_is_zero_over_zero():
    for at in (-55.0, -40.0):  # 10 and 25 mV above rest
        np.testing.assert_allclose(pictures.rates(at), pictures.rates(at + 1e-5), rtol=1e-5)


def test_a_pulse_without_length_is_named_in_the_error():
    with pytest.raises(ValueError, match="duration and length must be positive, got 0 and 20"):
        pictures.action_potential(7.0, duration=0)


def test_the_pictures_are_axes_and_small():
    for axes in (pictures.fields(), pictures.unit(), pictures.spikes((2, 7))):
        assert isinstance(axes, Axes) and len(html(show(axes, "a picture"))) < 300_000
