# SPDX-License-Identifier: MIT
"""Indicators of any event, and Markov's inequality for an event that forces a cost.

The rule "indicator" is Markov's inequality for one nonnegative quantity; from it, 1[y >= 0] <= 1 and
1[y >= 0] <= 0 for y < 0, so that a case distinction on the event bounds its indicator.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from sympy import Expr, Integer

from theory.expressions import Indicator, le, lt
from theory.kernel import Theorem, apply
from theory.lemmas.cosines import slack_
from theory.proving import assume, cases, combine, instantiate
from theory.symbols import positive, real

y = real("y_ind", "y", "a real number; the event is y >= 0")
m = positive("m_ind", "m", "minus a negative number")


@lru_cache
def at_most_one() -> Theorem:
    """0 <= y |- 1[y >= 0] <= 1: Markov's inequality for y + 1/eta at 1/eta, eta -> 0."""
    shifted = combine(le(0, y + 1 / slack_), {assume(le(0, y)): 1}, slack=1 / slack_)
    markov = apply("indicator", shifted, level=1 / slack_)
    bound = combine(le(Indicator(y), 1 + slack_ * y), {markov: slack_})
    return apply("limit", bound, symbol=slack_, label="eta -> 0")


@lru_cache
def zero() -> Theorem:
    """y < 0 |- 1[y >= 0] <= 0."""
    nothing = combine(le(0, Integer(0)))
    markov = combine(le(Indicator(-m), 0), {apply("indicator", nothing, level=m): 1 / m})
    below = instantiate(markov, {m: -y}, facts=[combine(lt(0, -y), {assume(lt(y, 0)): 1})])
    return combine(le(Indicator(y), 0), {below: 1})


def charged(event: Expr, price: Expr, cost: Theorem, bad: Theorem, facts: Sequence[Theorem] = ()) -> Theorem:
    """price 1[event >= 0] <= f from ``cost``, 0 <= f, and ``bad``, event >= 0 |- price <= f.

    ``price`` is nonnegative, visibly or by ``facts``; f is the right side of ``cost``; ``bad`` assumes
    ``le(0, event)``.
    """
    total = cost.relation.rhs
    goal = le(price * Indicator(event), total)
    inside = combine(
        goal,
        {bad: 1, instantiate(at_most_one(), {y: event}): price},
        facts=facts,
        label="where it happens, its price is paid",
    )
    outside = combine(
        goal,
        {cost: 1, instantiate(zero(), {y: event}): price},
        facts=facts,
        label="where not, nothing is lost",
    )
    return cases(inside, outside, split=le(0, event), label="whether it happens")
