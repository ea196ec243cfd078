# SPDX-License-Identifier: MIT
"""What one class of unequal length costs: the inequalities on random numbers, and sharp where it matters."""

import numpy as np
import pytest
from sympy import lambdify

from theory.kernel import KernelError
from theory.lemmas import length_costs as lengths
from theory.proving import assume, combine

FREE = (lengths.stiff, lengths.third, lengths.heavy)


def numbers(expr, *symbols):
    return lambdify((*FREE, *symbols), expr, "numpy")


@pytest.fixture
def sample():
    rng = np.random.default_rng(0)
    return rng.uniform(0.02, 2, 400), rng.uniform(0.01, 0.5, 400), rng.uniform(0, 1, 400), rng


def entropy(y):
    return y * np.log(y) + 1 - y


def test_the_entropy_of_a_mass_is_at_most_what_the_gain_takes():
    y, q = np.linspace(0.01, 6, 300), 0.1
    bend = (2 + y) / (2 * (1 + 2 * y)) + q / (1 - q)
    spent = (1 - q * y) * np.log((1 - q * y) / (1 - q)) / q + y * np.log(y)
    assert (spent <= (y - 1) ** 2 * bend + 1e-12).all()
    near = np.array([0.999, 1.001])
    assert entropy(near) == pytest.approx((near - 1) ** 2 * (2 + near) / (2 * (1 + 2 * near)), rel=1e-5)


def test_a_long_class_spends_what_is_said_and_hardly_more_with_the_best_mass(sample):
    *free, rng = sample
    over = rng.uniform(0, 5, 400)
    cost = numbers(lengths.long_cost(), lengths.over)(*free, over)
    gain = numbers(lengths.gain(), lengths.weight, lengths.square)
    at = numbers(lengths.of_long(), lengths.over)(*free, over)
    assert (gain(*free, at, 1 + over) >= cost - 1e-12).all()
    small = 1e-3
    best = max(gain(0.1, 0.03, 0.0, y, 1 + small) for y in np.linspace(1 - 2 * small, 1, 2001))
    least = numbers(lengths.long_cost(), lengths.over)(0.1, 0.03, 0.0, small)
    assert least <= best <= least * 1.03  # (5/2) eta^2 is all that is lost


def test_a_short_class_spends_what_is_said_for_every_stiffness(sample):
    *free, rng = sample
    under = rng.uniform(0, 1, 400)
    stiff, _, heavy = free
    theta = np.minimum(1 / (1 + heavy), 1 / (2 * stiff))
    gain = numbers(lengths.gain(), lengths.weight, lengths.square)(
        *free, 1 + 2 * theta * under, (1 - under) ** 2
    )
    assert (gain >= 2 * under**2 / numbers(lengths.FLAT)(*free) - 1e-12).all()


def test_a_longer_class_costs_more_and_its_squared_deviation_least_at_m(sample):
    *free, rng = sample
    longest = rng.uniform(0.01, 3, 400)
    longer = longest * rng.uniform(0, 1, 400)
    cost = numbers(lengths.long_cost(lengths.longer * (lengths.longer + 2)), lengths.longer)
    least = numbers(lengths.least_cost(), lengths.longest)(*free, longest)
    assert (cost(*free, longer) <= cost(*free, longest) + 1e-12).all()
    assert (least * longer**2 <= cost(*free, longer) + 1e-12).all()
    assert least * longest**2 == pytest.approx(cost(*free, longest))


def test_the_squared_deviation_of_a_long_class_is_not_bounded_without_the_longest():
    goal = lengths.long_pays().relation
    with pytest.raises(KernelError, match="not an identity"):
        combine(goal, {assume(lengths.COST): lengths.longer**2})
    free, longest, longer = (0.2, 0.05, 0.01), 0.5, 4.0
    cost = numbers(lengths.long_cost(lengths.longer * (lengths.longer + 2)), lengths.longer)(*free, longer)
    assert cost < numbers(lengths.least_cost(), lengths.longest)(*free, longest) * longer**2
