# SPDX-License-Identifier: MIT
"""Two numbers pulled apart at the same mean: the sum of their powers p <= 1 falls, and by how much.

With a = (alpha + 2t)/alpha, b = (alpha - 2t)/alpha, alpha = beta + 2t: a^p + b^p <= 2 - (4 p t^2/alpha^2)(1 -
p (1 + t/beta)^2), because (ab)^p <= 1 - 4 p t^2/alpha^2, a^p - b^p <= 4 p (t/alpha)(1 + t/beta) and x + y <=
1 + ((x - y)^2 + 4 x y)/4.
"""

from __future__ import annotations

from functools import lru_cache

from sympy import Integer, Rational

from theory.expressions import le
from theory.kernel import Theorem
from theory.lemmas.power_tangent import contact, power_tangent, x
from theory.lemmas.schatten import power
from theory.proving import combine, instantiate, log_tangent
from theory.symbols import positive

low = positive("beta_low", r"\beta", "alpha - 2t: the smaller of two numbers of mean 1, times alpha")
turn = positive("t_turn", "t", "half of how far each of the two numbers is moved, times alpha")
gap = low + 2 * turn
HIGH, LOW = (low + 4 * turn) / gap, low / gap
UPPER, LOWER = HIGH**power, LOW**power
STRETCH = 1 + turn / low
FALL = 4 * power * turn**2 / gap**2 * (1 - power * STRETCH**2)


def _from_one(number: object) -> Theorem:
    """x^p <= 1 + p (x - 1)."""
    return instantiate(power_tangent(), {x: number, contact: Integer(1)}, label="below the tangent at 1")


@lru_cache
def ordered() -> Theorem:
    """b^p <= a^p."""
    grows = log_tangent(UPPER, label="log x <= x - 1")
    above = log_tangent(1 / HIGH, label="log x <= x - 1 at 1/a")
    rise = 2 * turn / (low + 4 * turn) + 2 * turn / gap
    return combine(
        le(0, UPPER - LOWER),
        {grows: 1, above: power, _from_one(LOW): 1},
        slack=power * rise,
        label="powers rise",
    )


@lru_cache
def difference() -> Theorem:
    """a^p - b^p <= 4 p (t/alpha)(1 + t/beta)."""
    whole = 1 + 2 * power * turn / low
    below = combine(
        le(1 / whole, LOWER), {_from_one(1 / LOW): LOWER / whole}, label="1/b^p <= 1 + p (1/b - 1)"
    )
    return combine(
        le(UPPER - LOWER, 4 * power * turn / gap * STRETCH),
        {_from_one(HIGH): 1, below: 1},
        slack=(2 * power * turn / low) ** 2 / whole,
        label="apart by their slopes",
    )


@lru_cache
def power_pair() -> Theorem:
    """p <= 1 |- a^p + b^p <= 2 - (4 p t^2/alpha^2) (1 - p (1 + t/beta)^2)."""
    apart, order = difference(), ordered()
    far, near = apart.relation.rhs, UPPER - LOWER
    square = combine(le(near**2, far**2), [(apart, far), (apart, near)], facts=[order], label="squares")
    return combine(
        le(UPPER + LOWER, 2 - FALL),
        {square: Rational(1, 4), _from_one(HIGH * LOW): 1},
        slack=((UPPER + LOWER) / 2 - 1) ** 2,
        label="x + y <= 1 + (x + y)^2/4",
    )
