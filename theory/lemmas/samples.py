# SPDX-License-Identifier: MIT
"""What one margin T s x costs: two tangents of phi in powers of s x, below the loss at every angle.

s >= 0 is a product of relative norms, x a cosine, tau a margin and A = T/tau.  The function v ->
phi(tau v^k) lies above its tangent at v = 1 as soon as it does so at v = 0 (rule "s_curve"); k = 3 with
3 (A s x)^{1/3} <= s + A x + 1, and k = 3/2 with (3/2) (A s x)^{2/3} <= s + (A x)^2/2, give

    tau q(tau) (2 - s - A x)          <= phi(T s x) - phi(tau)   if phi(tau) + q(tau) (T + 2 tau) <= log C,
    tau q(tau) (3/2 - s - (A x)^2/2)  <= phi(T s x) - phi(tau)   if phi(tau) + (3/2) tau q(tau) <= log C,

the first for -1 <= x, the second for every x.  Source: this project (2026).
"""

from __future__ import annotations

from functools import lru_cache

from sympy import Expr, Integer, Rational, log, sqrt

from theory.definitions import phi, q
from theory.expressions import Relation, le, substitute
from theory.kernel import Theorem
from theory.lemmas.cosines import level, s, tangent, threshold, v, wrong_side, x, x_minus, x_plus
from theory.proving import assume, cases, combine, cut, instantiate
from theory.symbols import C, T

THREE_HALVES = Rational(3, 2)
SAMPLE_CONDITION = le(phi(level) + q(level) * (T + 2 * level), log(C))
SQUARE_CONDITION = threshold(THREE_HALVES).map(lambda side: substitute(side, {T: level}))
_RATE = level * q(level)


def at_level(power: Rational) -> Theorem:
    """The tangent of phi(tau v^k) at v = 1."""
    return instantiate(tangent(power), {T: level}, label="T := tau")


def by_sign(goal: Relation, right: Theorem, left: Theorem, label: str) -> Theorem:
    """``goal`` in x from the cases x = x_plus >= 0 and x = -x_minus <= 0."""
    right = instantiate(right, {x_plus: x}, facts=[assume(le(0, x))])
    left = instantiate(left, {x_minus: -x}, facts=[assume(le(x, 0))])
    floor = combine(le(-x, 1), {assume(le(-1, x)): 1})
    if any(a == le(-x, 1) for a in left.hypotheses):
        left = cut(left, floor)
    return cases(combine(goal, {right: 1}), combine(goal, {left: 1}), split=le(0, x), label=label)


def _linear(turn: Expr) -> Relation:
    return le(_RATE * (2 - s - T / level * turn), phi(T * s * turn) - phi(level))


@lru_cache
def sharp_sample_bound() -> Theorem:
    """phi(tau) + q(tau)(T + 2 tau) <= log C, -1 <= x |- the first inequality above."""
    two = Integer(2)
    enough = combine(
        threshold(two).map(lambda side: substitute(side, {T: level})),
        {assume(SAMPLE_CONDITION): 1},
        slack=q(level) * T,
        label="tau >= T_2",
    )
    below = cut(at_level(two), enough)
    reach = T * x_plus / level
    right = combine(
        _linear(x_plus),
        {instantiate(below, {v: sqrt(s * reach)}, label="v := (A s x)^(1/2)"): 1},
        slack=_RATE * (sqrt(s) - sqrt(reach)) ** 2,
        label="2 (A s x)^(1/2) <= s + A x",
    )
    left = combine(
        _linear(-x_minus),
        {wrong_side(): 1, assume(SAMPLE_CONDITION): 1, assume(le(x_minus, 1)): q(level) * T},
        slack=_RATE * s,
        label="a sample on the wrong side costs log C",
    )
    return by_sign(_linear(x), right, left, "sign of the cosine")


def _square(turn: Expr) -> Relation:
    return le(_RATE * (THREE_HALVES - s - (T / level * turn) ** 2 / 2), phi(T * s * turn) - phi(level))


@lru_cache
def squared_bound() -> Theorem:
    """phi(tau) + (3/2) tau q(tau) <= log C |- the second inequality above, for every real x."""
    reach = T * x_plus / level
    m, n = s ** Rational(1, 3), reach ** Rational(2, 3)
    right = combine(
        _square(x_plus),
        {
            instantiate(
                at_level(THREE_HALVES), {v: (s * reach) ** Rational(2, 3)}, label="v := (A s x)^(2/3)"
            ): 1
        },
        slack=_RATE * (m - n) ** 2 * (m + n / 2),
        label="(3/2) (A s x)^(2/3) <= s + (A x)^2/2",
    )
    left = combine(
        _square(-x_minus),
        {wrong_side(): 1, assume(SQUARE_CONDITION): 1},
        slack=_RATE * (s + (T / level * x_minus) ** 2 / 2),
        label="a sample on the wrong side costs log C",
    )
    return by_sign(_square(x), right, left, "sign of the cosine")
