# SPDX-License-Identifier: MIT
"""A quadratic lower bound of phi around T, with a constant that decays like 1/T and not like e^-T.

    phi(t) >= phi(T) - q(T) (t - T) + q(T) (1 - q(T)) (t - T)^2/(2 + B)   for |t - T| <= B.

With u = q(T) and v = e^|t-T| - 1 the gap above the tangent is log(1 + w v) - w log(1 + v), w = 1 - u (or
with u and w exchanged for t < T).  Its excess G over u w (log(1+v) - v/(1+v)) has G' = w u^2 v^2/((1 + w v)
(1 + v)^2) >= 0 and G(0) = 0.  To see G >= 0 by convexity alone, N(v) = v int G/v^2 is elementary, N'' =
G'/v >= 0, and its tangent at v lies below N(0) = 0 at 0: that is G(v) = v N'(v) - N(v) >= 0.  Last, e^-x -
1 + x >= x^2/(2 + x).  Source: this project (2026); the function is that of self-concordance, Bach 2010.
"""

from __future__ import annotations

from functools import lru_cache

from sympy import Expr, Integer, exp, log

from theory.definitions import phi, q
from theory.expressions import le, lt
from theory.kernel import Theorem
from theory.lemmas.exponential import exponential_remainder
from theory.proving import assume, cases, combine, instantiate, log_tangent, tangent
from theory.symbols import C, T, nonnegative, positive, real

odds = positive("odds", "o", "right-class probability over wrong-class probability")
rise_ = positive("v_rise", "v", "e^x - 1 for a distance x between two margins")
along = nonnegative("v_along", "v", "a point between 0 and v")
distance = positive("x_margin", "x", "distance between two margins")
radius = positive("B_margin", "B", "largest distance between two margins")
margin_ = real("t_margin", "t", "a margin")


@lru_cache
def excess() -> Theorem:
    """0 <= log(1 + w v) - (1 - u^2) log(1 + v) + u w v/(1 + v), u = 1/(1 + o), w = o/(1 + o)."""
    u, w = 1 / (1 + odds), odds / (1 + odds)
    curve = w * (1 + u + along) * log(1 + along) - (1 + w * along) * log(1 + w * along)
    curvature = w * u**2 * along / ((1 + w * along) * (1 + along) ** 2)
    below = tangent(curve, along, rise_, curvature=curvature, label="tangent of v int G/v^2")
    at_zero = instantiate(below, {along: Integer(0)}, label="at 0")
    v = rise_
    goal = le(0, log(1 + w * v) - (1 - u**2) * log(1 + v) + u * w * v / (1 + v))
    return combine(goal, {at_zero: 1}, label="v N'(v) - N(v)")


def _positive_rise() -> Theorem:
    """0 < e^x - 1."""
    grows = log_tangent(exp(distance), label="x <= e^x - 1")
    return combine(lt(0, exp(distance) - 1), {grows: 1}, slack=distance)


def _spread() -> Expr:
    """q (1 - q) at T."""
    return q(T) * (1 - q(T))


@lru_cache
def _one_side(up: bool) -> Theorem:
    """phi(T +- x) >= phi(T) -+ q(T) x + q (1-q) x^2/(2 + x), for x > 0."""
    right = exp(T) / (C - 1)
    sharp = instantiate(excess(), {odds: right if up else 1 / right}, label="odds at T")
    sharp = instantiate(sharp, {rise_: exp(distance) - 1}, facts=[_positive_rise()], label="v := e^x - 1")
    remainder = instantiate(exponential_remainder(), {T: distance}, label="e^-x - 1 + x")
    move = distance if up else -distance
    goal = le(
        phi(T) - q(T) * move + _spread() * distance**2 / (2 + distance),
        phi(T + move),
    )
    return combine(goal, {sharp: 1, remainder: _spread()}, label="above" if up else "below")


@lru_cache
def above_tangent() -> Theorem:
    """phi(T) - q(T) (t - T) <= phi(t) for every real t."""
    t = margin_
    ratio = (1 + (C - 1) * exp(-T)) / (1 + (C - 1) * exp(-t))
    own = log_tangent(ratio, label="log x <= x - 1 at the true class")
    wrong = log_tangent(ratio * exp(T - t), label="log x <= x - 1 at a wrong class")
    return combine(le(phi(T) - q(T) * (t - T), phi(t)), {own: 1 - q(T), wrong: q(T)}, label="phi is convex")


@lru_cache
def quadratic_support() -> Theorem:
    """-B <= t - T <= B |- phi(T) - q(T) (t - T) + q (1-q) (t - T)^2/(2 + B) <= phi(t)."""
    t, high, low = margin_, le(margin_ - T, radius), le(T - margin_, radius)
    goal = le(phi(T) - q(T) * (t - T) + _spread() * (t - T) ** 2 / (2 + radius), phi(t))
    sides = []
    for up, within in ((True, high), (False, low)):
        size = t - T if up else T - t
        beyond = assume(lt(T, t) if up else lt(t, T))
        apart = combine(lt(0, size), {beyond: 1})
        side = instantiate(_one_side(up), {distance: size}, facts=[apart], label="x := |t - T|")
        wide = combine(lt(0, 2 + size), {apart: 1}, slack=2)
        rate = _spread() * size**2 / ((2 + radius) * (2 + size))
        sides.append(combine(goal, {side: 1, assume(within): rate}, facts=[wide], label="x <= B"))
    up_to, down_to = assume(le(t, T)), assume(le(T, t))
    equal = combine(
        goal,
        {above_tangent(): 1, up_to: _spread() * (t - T) / (2 + radius)},
        facts=[combine(le(0, t - T), {down_to: 1})],
        label="t = T",
    )
    below = cases(sides[1], equal, split=lt(t, T), label="below or at T")
    return cases(sides[0], below, split=lt(T, t), label="above, below or at T")
