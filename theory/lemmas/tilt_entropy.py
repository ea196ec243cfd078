# SPDX-License-Identifier: MIT
"""The entropy of a tilt 1 + s (f - mean f), |f| <= 1, s < 1/2: at most s^2 (1/2 + (9/20) s^2) on average.

a log a <= a - 1 + (a-1)^2 (2+a)/(2 (1+2a)) is an equality at 0 and, to third order, at 1; a quartic above it
is convex, so that it lies below its chord between f = -1 and f = 1.  The least coefficient is 1/2.
Source: this project (2026).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sympy import Integer, Rational, log, sqrt

from theory.expressions import le, lt
from theory.kernel import Theorem
from theory.proving import assume, combine, cut, instantiate, tangent
from theory.symbols import nonnegative, positive, real

strength = positive("tilt_strength", "s", "step along the table of signs, less than 1/2")
stride = positive("stride", "s", "step along the table of signs in one class, less than 1/2")
root_a = positive("root_a", "b", "square root of a tilt")
x = positive("x_tilt", "a", "a tilt")
sign_f = real("sign_f", "f", "a number in [-1, 1]")
mean_f = real("mean_f", "m", "a number in [-1, 1]")
lifted = nonnegative("lifted", "l", "how much a class is lifted")

HALF = Rational(1, 2)
STRENGTH = lt(strength, HALF)


@lru_cache
def entropy_bound() -> Theorem:
    """a log a <= a - 1 + (a-1)^2 (2+a)/(2 (1+2a)) for a > 0: equality to third order at 1, and at 0."""
    of = root_a**2
    over = (of - 1 + (of - 1) ** 2 * (2 + of) / (2 * (1 + 2 * of))) / of - log(of)
    move = of - 1
    curvature = 2 * move**2 * (2 * of**2 + 15 * of + 1) / (of * (1 + 2 * of) ** 3)
    above = tangent(over, root_a, Integer(1), curvature=curvature, label="convex in sqrt(a), 0 at a = 1")
    at_x = instantiate(above, {root_a: sqrt(x)}, label="b := sqrt(a)")
    return combine(
        le(x * log(x), x - 1 + (x - 1) ** 2 * (2 + x) / (2 * (1 + 2 * x))), {at_x: x}, label="times a"
    )


def quartic(step: Any) -> Any:
    """x^2/2 - x^3/6 + x^4/3, at least (1+x) log(1+x) - x for x > -1."""
    return step**2 / 2 - step**3 / 6 + step**4 / 3


@lru_cache
def quartic_entropy() -> Theorem:
    """a log a <= a - 1 + quartic(a - 1) for a > 0."""
    spare = 2 * x * (x - 1) ** 4 / (3 * (1 + 2 * x))
    return combine(le(x * log(x), x - 1 + quartic(x - 1)), {entropy_bound(): 1}, slack=spare)


def entropy(step: Any = strength) -> Any:
    """1/2 + (9/20) s^2: the entropy of a tilt of strength s, divided by s^2, is at most this."""
    return HALF + Rational(9, 20) * step**2


def slope(step: Any) -> Any:
    """Slope of the chord of quartic(step (f - m)) between f = -1 and f = 1."""
    return (quartic(step * (1 - mean_f)) - quartic(-step * (1 + mean_f))) / 2


@lru_cache
def one_tilt() -> Theorem:
    """-1 <= f <= 1, -1 <= m, s < 1/2 |- quartic(s (f - m)) <= s^2 (1/2 + (9/20) s^2) + (f - m) slope.

    The quartic is convex: it lies below its chord between f = -1 and f = 1.
    """
    f, m, s = sign_f, mean_f, stride
    small = combine(le(0, HALF - s), {assume(lt(s, HALF)): 1})
    low_f, low_m = (combine(le(0, 1 + v), {assume(le(-1, v)): 1}) for v in (f, m))
    high_f = combine(le(0, 1 - f), {assume(le(f, 1)): 1})
    chord = (1 + f) / 2 * quartic(s * (1 - m)) + (1 - f) / 2 * quartic(-s * (1 + m))
    bend = combine(
        le(0, 2 * s**2 * (f - 2 * m) ** 2 + 4 * m**2 * s**2 + 2 * s**2 + 3 - s * f + 3 * s * m),
        {small: 4, high_f: s, low_m: 3 * s},
        slack=2 * s**2 * (f - 2 * m) ** 2 + 4 * m**2 * s**2 + 2 * s**2 + 1,
    )
    square = combine(le(0, (1 - f) * (1 + f)), {high_f: 1 + f}, facts=[low_f])
    below = combine(
        le(quartic(s * (f - m)), chord), {bend: s**2 / 6 * (1 - f) * (1 + f)}, facts=[square, low_f, high_f]
    )
    quarter = combine(le(0, Rational(1, 4) - s**2), {small: HALF + s})
    rest = Rational(55, 3) * (m - 6 * s / 11) ** 2 + Rational(17, 11) * s**2
    rest += 60 * m**2 * (m * s + Rational(1, 6)) ** 2
    top = combine(
        le((1 + m) / 2 * quartic(s * (1 - m)) + (1 - m) / 2 * quartic(-s * (1 + m)), s**2 * entropy(s)),
        {quarter: Rational(2, 3) * m**2 * s**2},
        slack=rest * s**2 / 60,
    )
    return combine(le(quartic(s * (f - m)), s**2 * entropy(s) + (f - m) * slope(s)), {below: 1, top: 1})


@lru_cache
def one_lifted_tilt() -> Theorem:
    """``one_tilt`` with step s/(1 + l), times 1 + l: at most s^2 (1/2 + (9/20) s^2) + (f - m) (free of f)."""
    own, s = 1 + lifted, strength
    small = combine(
        lt(s / own, HALF), {assume(STRENGTH): 1 / own}, slack=HALF * lifted / own, label="a smaller step"
    )
    one = cut(instantiate(one_tilt(), {stride: s / own}, label="s := s/(1 + l)"), small)
    spare = HALF * lifted / own + Rational(9, 20) * s**2 * lifted * (3 + 3 * lifted + lifted**2) / own**3
    return combine(
        le(own * one.relation.lhs, s**2 * entropy() + own * (sign_f - mean_f) * slope(s / own)),
        {one: own},
        slack=s**2 * spare,
        label="lifted classes spend less",
    )
