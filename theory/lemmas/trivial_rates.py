# SPDX-License-Identifier: MIT
"""Published rates where eps > delta: they exceed 2, and no pair of classes has a cosine that large."""

from __future__ import annotations

from sympy import Expr, Rational

from theory.definitions import dot, sq
from theory.expressions import Indicator, Mean, index, le, lt
from theory.kernel import Theorem
from theory.lemmas.indicators import y, zero
from theory.lemmas.polar import cosine_at_most_one, e
from theory.lemmas.published import inter_claim
from theory.proving import assume, average, combine, cut, instantiate
from theory.symbols import C, c, delta, eps, i


def root_above_one(m: int) -> Theorem:
    """delta < eps |- 1 <= (eps/delta)^{1/m}."""
    root = (eps / delta) ** Rational(1, m)
    powers = sum(root**n for n in range(m))
    return combine(
        le(1, root), {assume(lt(delta, eps)): 1 / (delta * powers)}, label="the powers of a number above 1"
    )


def no_pair(level: Expr, large: Theorem) -> Theorem:
    """2 < ``level`` (the theorem ``large``) |- at most a fraction delta of the pairs exceeds ``level``."""
    other = index("c3")

    def mean(cc):  # type: ignore[no-untyped-def]
        return lambda x: Mean(e(cc, i, x), i)

    product = dot(mean(c), mean(other))
    one = cosine_at_most_one()
    half = Rational(1, 2)
    short = combine(
        le(product, 1),
        {one: half, instantiate(one, {c: other}): half},
        slack=sq(lambda x: mean(c)(x) - mean(other)(x)) / 2,
        label="mean directions have norm at most 1",
    )
    event = product + 1 / (C - 1) - level
    below = combine(lt(event, 0), {short: 1, large: 1}, slack=(C - 2) / (C - 1), label="1 + 1/(C-1) <= 2")
    nowhere = cut(instantiate(zero(), {y: event}), below)
    goal = inter_claim(level).body
    itself = Mean(Indicator(dot(mean(c), mean(c)) + 1 / (C - 1) - level), c)
    return combine(
        goal,
        {average(average(nowhere, other), c): C / (C - 1)},
        slack=delta + itself / (C - 1),
        label="no pair",
    )
