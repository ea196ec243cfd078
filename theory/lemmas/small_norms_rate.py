# SPDX-License-Identifier: MIT
"""The rate of cosines between classes below Pan & Cao's where theirs is less than 2, for every margin T.

With X = (eps/delta)^{1/6}, delta = D^2 >= 1/C^2, E = e^{C alpha beta} = F^2, alpha beta = p^2, 1/(T q) = s^2,
at most E/(alpha beta), and gamma^2 = C/T <= C/(alpha beta), where 3 E X <= 2 alpha beta,

    (4 + 5 gamma + gamma^2/C) sigma + (6 + 8 gamma^2) sigma^2 <= 3 delta E X/(alpha beta),  sigma = D X^3 s:

then X is at most 2/(3 C), which pays for every power of C.  Source: this project (2026).
"""

from __future__ import annotations

from functools import lru_cache

from sympy import Expr, Rational, exp, sqrt

from theory.definitions import q
from theory.expressions import le
from theory.kernel import Theorem
from theory.lemmas.chosen_pairs import ENOUGH_PAIRS
from theory.lemmas.published import MARGIN
from theory.lemmas.published_rates import linear_rate, part, root_delta, root_slope
from theory.proving import assume, combine, cut, instantiate, log_tangent
from theory.symbols import C, alpha, beta, delta, eps, positive

root_power = positive("root_power", "F", "e^{C alpha beta/2}")
root_norms = positive("root_norms", "p", "sqrt(alpha beta)")
gamma = positive("gamma_rate", r"\gamma", "sqrt(C/T)")
X, D, s, F, p = part, root_delta, root_slope, root_power, root_norms
MANY = le(1, C * D)
SMALL = le(3 * F**2 * X, 2 * p**2)
GROWS = le(1 + C * p**2, F**2)
SLOPE = le(s**2 * p**2, F**2)
NARROW = le(gamma**2 * p**2, C)
THIRD = Rational(1, 3)


def top(scale: Expr, root: Expr) -> Expr:
    """(4 + 5 gamma + gamma^2/C) sigma + (6 + 8 gamma^2) sigma^2, gamma = ``root``, sigma = ``scale``."""
    return (4 + 5 * root + root**2 / C) * scale + (6 + 8 * root**2) * scale**2


@lru_cache
def _facts() -> tuple[Theorem, ...]:
    """1/sqrt(C) <= 5/7, 1 <= F, p sqrt(C) <= F, X C <= 2/3."""
    root = sqrt(C)
    wide = combine(le(Rational(7, 5), root), slack=((C - 2) + Rational(1, 25)) / (root + Rational(7, 5)))
    grows = assume(GROWS)
    return (
        combine(le(1 / root, Rational(5, 7)), {wide: 5 / (7 * root)}),
        combine(le(1, F), {grows: 1 / (F + 1)}, slack=C * p**2 / (F + 1)),
        combine(le(p * root, F), {grows: 1 / (F + p * root)}, slack=1 / (F + p * root)),
        combine(
            le(X * C, 2 * THIRD),
            {assume(SMALL): C / (3 * F**2), grows: 2 / (3 * F**2)},
            slack=2 / (3 * F**2),
        ),
    )


@lru_cache
def five_terms() -> Theorem:
    """C X^2 (p/F) (4 + 5 sqrt(C)/p + 1/p^2) + X^5 (6 + 8 C/p^2) <= 3."""
    inverse, above, below, small = _facts()
    root, over = sqrt(C), 2 / (3 * C)
    few = combine(le(X, THIRD), {small: 1 / C}, slack=(C - 2) / (3 * C))
    square = combine(le(X**2, over**2), {small: (over + X) / C})
    one = combine(
        le(4 * C * X**2 * p / F, Rational(16, 9) * Rational(5, 7) ** 3),
        {
            below: 4 * C * X**2 / (root * F),
            square: 4 * root,
            inverse: Rational(16, 9) * (Rational(25, 49) + 5 / (7 * root) + 1 / C),
        },
    )
    two = combine(
        le(5 * C * root * X**2 / F, Rational(20, 9) * Rational(5, 7)),
        {above: 5 * C * root * X**2 / F, square: 5 * C * root, inverse: Rational(20, 9)},
    )
    three = combine(
        le(C * X**2 / (p * F), Rational(4, 9) * Rational(5, 7)),
        {
            assume(SMALL): C * X / (3 * p * F**3),
            small: 2 * p / (3 * F**3),
            below: Rational(4, 9) / (root * F**3),
            above: Rational(4, 9) / root * (F + 1) / F**2,
            inverse: Rational(4, 9),
        },
    )
    four = combine(le(6 * X**5, Rational(6, 243)), {few: 6 * sum(X**n * THIRD ** (4 - n) for n in range(5))})
    five = combine(
        le(8 * C * X**5 / p**2, Rational(32, 243)),
        {
            assume(SMALL): 8 * C * X**4 / (3 * p**2 * F**2),
            above: 16 * C * X**4 / 3 * (F + 1) / F**2,
            small: 16 * X**3 / 3,
            few: Rational(32, 9) * (X**2 + X * THIRD + THIRD**2),
        },
    )
    total = C * X**2 * p / F * (4 + 5 * root / p + 1 / p**2) + X**5 * (6 + 8 * C / p**2)
    terms = (one, two, three, four, five)
    return combine(le(total, 3), dict.fromkeys(terms, 1), slack=3 - sum(t.relation.rhs for t in terms))


@lru_cache
def below_published() -> Theorem:
    """MANY, SMALL, GROWS, SLOPE, NARROW |- the inequality at the head of this file."""
    root = sqrt(C)
    slope = combine(le(s, F / p), {assume(SLOPE): 1 / (p * (F + s * p))})
    narrow = combine(le(gamma, root / p), {assume(NARROW): 1 / (p * (root + gamma * p))})
    square = combine(le(gamma**2, C / p**2), {assume(NARROW): 1 / p**2})
    steep = combine(le(s**2, F**2 / p**2), {assume(SLOPE): 1 / p**2})
    first = 4 + 5 * gamma + gamma**2 / C
    wide = C * D**2 * X**3 * F / p
    return combine(
        le(top(D * X**3 * s, gamma), 3 * D**2 * F**2 * X / p**2),
        {
            assume(MANY): D * X**3 * s * first,
            slope: C * D**2 * X**3 * first,
            narrow: 5 * wide,
            square: wide / C + 8 * D**2 * X**6 * F**2 / p**2,
            steep: D**2 * X**6 * (6 + 8 * gamma**2),
            five_terms(): D**2 * F**2 * X / p**2,
        },
    )


@lru_cache
def every_inter_rate() -> Theorem:
    """With T = C alpha beta/(C-1), 1 <= C^2 delta, 3 e^{C alpha beta} (eps/delta)^{1/6} <= 2 alpha beta,
    r = eps/(T q(T)), gamma = sqrt(C/T): ``top`` is at most delta times the published rate, K_1 = 3, K_2 = 1.
    """
    whole = exp(C * alpha * beta)
    slope = 1 / (MARGIN * q(MARGIN))
    many = combine(
        le(1, C * sqrt(delta)), {assume(ENOUGH_PAIRS): 1 / (C * sqrt(delta) + 1)}, label="C sqrt(delta) >= 1"
    )
    values = {
        X: (eps / delta) ** Rational(1, 6),
        D: sqrt(delta),
        s: sqrt(slope),
        F: sqrt(whole),
        p: sqrt(alpha * beta),
        gamma: sqrt((C - 1) / (alpha * beta)),
    }
    lemma = instantiate(below_published(), values, label="X^6 = eps/delta")
    grows = log_tangent(whole, label="C alpha beta <= e^{C alpha beta} - 1")
    steep = combine(
        le(slope * alpha * beta, whole),
        {linear_rate(): alpha * beta / 2},
        label="1/(T q(T)) <= E/(alpha beta)",
    )
    return cut(lemma, many, combine(le(1 + C * alpha * beta, whole), {grows: 1}), steep)
