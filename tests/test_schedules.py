"""Learning-rate schedules at points computed by hand."""

import math

import numpy as np
import pytest
import torch

from dlcore.scratch import schedules
from dlcore.scratch.schedules import cosine, exponential, inverse_sqrt, step_decay, warmup_cosine

ANY = [
    (schedules.constant, ()),
    (step_decay, (30,)),
    (exponential, (0.9,)),
    (cosine, (100,)),
    (warmup_cosine, (10, 100)),
    (inverse_sqrt, (512, 4000)),
]


def test_constant_never_changes():
    assert [schedules.constant(step) for step in (0, 1, 999)] == [1.0, 1.0, 1.0]
    assert schedules.constant(5, 0.3) == 0.3


def test_step_decay_falls_at_multiples_of_every_and_nowhere_else():
    found = [step_decay(step, 30) for step in (0, 29, 30, 59, 60)]
    np.testing.assert_allclose(found, [1, 1, 0.1, 0.1, 0.01], rtol=1e-12)
    assert step_decay(4, every=2, factor=0.5) == 0.25


def test_exponential_takes_the_same_share_every_step():
    assert [exponential(step, 0.5) for step in range(4)] == [1, 0.5, 0.25, 0.125]


@pytest.mark.parametrize("floor", [0.0, 0.1, 0.3, 1.0])
def test_cosine_starts_at_one_ends_at_the_floor_and_is_half_way_in_the_middle(floor):
    assert cosine(0, 100, floor) == 1 and cosine(100, 100, floor) == floor
    assert cosine(101, 100, floor) == cosine(10**6, 100, floor) == floor
    np.testing.assert_allclose(cosine(50, 100, floor), (1 + floor) / 2, rtol=1e-12)
    np.testing.assert_allclose(
        cosine(25, 100, floor), floor + (1 - floor) * (2 + math.sqrt(2)) / 4, rtol=1e-12
    )


def test_cosine_agrees_with_torchs_own():
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    theirs = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=20, eta_min=0.1)
    for step in range(21):
        np.testing.assert_allclose(cosine(step, 20, 0.1), theirs.get_last_lr()[0], rtol=1e-9)
        optimizer.step()
        theirs.step()


def test_warmup_climbs_in_equal_steps_to_one_and_the_cosine_takes_over():
    found = [warmup_cosine(step, 4, 12, 0.2) for step in (0, 1, 2, 3, 4, 8, 12, 99)]
    np.testing.assert_allclose(found, [0.25, 0.5, 0.75, 1, 1, 0.6, 0.2, 0.2], rtol=1e-12)
    assert found[3] == found[4] == 1 and found[6] == 0.2
    assert warmup_cosine(3, 0, 12) == cosine(3, 12)


def test_inverse_sqrt_climbs_for_warmup_steps_and_halves_when_steps_grow_fourfold():
    peak = 512**-0.5 * 4000**-0.5
    found = [inverse_sqrt(n - 1, 512, 4000) for n in (1, 1000, 4000, 16000)]
    np.testing.assert_allclose(found, [peak / 4000, peak / 4, peak, peak / 2], rtol=1e-12)
    assert max(range(1, 9000), key=lambda step: inverse_sqrt(step, 512, 4000)) == 3999


@pytest.mark.parametrize(("schedule", "rest"), ANY)
def test_a_schedule_is_a_plain_number_and_refuses_steps_before_the_first(schedule, rest):
    assert type(schedule(0, *rest)) is float
    with pytest.raises(ValueError, match="step must not be negative, got -1"):
        schedule(-1, *rest)


BAD = [
    (lambda: step_decay(0, 0), "every must be at least 1, got 0"),
    (lambda: cosine(0, 0), r"steps must be >= 1 and floor in \[0, 1\], got steps=0, floor=0.0"),
    (lambda: cosine(0, 9, 2.0), r"steps must be >= 1 and floor in \[0, 1\], got steps=9, floor=2"),
    (lambda: warmup_cosine(0, 5, 5), "warmup must lie in 0..steps - 1, got warmup=5, steps=5"),
    (lambda: warmup_cosine(0, -1, 5), "warmup must lie in 0..steps - 1, got warmup=-1"),
    (lambda: inverse_sqrt(0, 0, 1), "width and warmup must be at least 1, got width=0, warmup=1"),
    (lambda: inverse_sqrt(0, 1, 0), "width and warmup must be at least 1, got width=1, warmup=0"),
]


@pytest.mark.parametrize(("call", "message"), BAD)
def test_impossible_schedules_are_named_in_the_error(call, message):
    with pytest.raises(ValueError, match=message):
        call()
