# SPDX-License-Identifier: MIT
"""Cosines over a set of pairs of classes, the share of which is at least delta.

The set is a table f of zeros and ones, 0 on the diagonal, m = (C/(C-1)) E f its share.  One entry is at most
all together, f_cj <= C^2 E f, so m <= C^2 m^2: no set is smaller than a pair, and a bound that holds for
shares of at least 1/C^2 holds for every share.  Source: this project (2026).
"""

from __future__ import annotations

from functools import lru_cache

from sympy import Expr, Rational

from theory.definitions import dot, sq
from theory.expressions import Mean, Relation, eq, index, le, lt
from theory.kernel import Theorem
from theory.lemmas.equiangular import over_pairs, test
from theory.lemmas.inter_class import excess, inter, mean_direction
from theory.lemmas.polar import cosine_at_most_one
from theory.proving import assume, average, combine, cut, instantiate
from theory.symbols import C, c, delta, eps, j, positive

ZERO_ONE = eq(test(c, j) ** 2, test(c, j), c, j)
NOT_ITSELF = eq(test(c, c), 0, c)
SHARE = C / (C - 1) * Mean(test(c, j), c, j)
CHOSEN = (ZERO_ONE, NOT_ITSELF, le(delta, SHARE))
ENOUGH_PAIRS = le(1, C**2 * delta)
share = positive("share", "m", "share of the pairs of classes that are chosen")


def chosen_excess(rate: Expr) -> Relation:
    """E f_cj (inter_cj + 1/(C-1)) <= ``rate`` E f_cj."""
    return le(Mean(test(c, j) * (inter(c, j) + 1 / (C - 1)), c, j), rate * Mean(test(c, j), c, j))


def chosen_fraction() -> Expr:
    """Mean of f over the pairs of different classes."""
    return over_pairs(test)


@lru_cache
def in_unit() -> tuple[Theorem, Theorem]:
    """ZERO_ONE |- 0 <= f_cj <= 1."""
    same = assume(ZERO_ONE)
    low = combine(le(0, test(c, j)), {same: 1}, slack=test(c, j) ** 2)
    return low, combine(le(test(c, j), 1), {same: 1}, slack=(1 - test(c, j)) ** 2)


@lru_cache
def no_smaller() -> Theorem:
    """CHOSEN |- 1 <= C^2 m: one entry is at most all together."""
    low, _ = in_unit()
    other, class_ = index("j3"), index("c4")
    in_row = average(instantiate(low, {j: other}), other, excluding=j, label="the rest of a row")
    rows = average(average(instantiate(low, {c: class_}), j), class_, excluding=c, label="the other rows")
    total = Mean(test(c, j), c, j)
    one = combine(le(test(c, j), C**2 * total), {in_row: C - 1, rows: C * (C - 1)}, label="one entry")
    each = combine(le(test(c, j) ** 2, test(c, j) * C**2 * total), {one: test(c, j)}, facts=[low])
    square = combine(
        le(total, C**2 * total**2),
        {average(each, c, j): 1, average(assume(ZERO_ONE), c, j): -1},
        label="f^2 = f",
    )
    some = positive_share()
    return combine(
        le(1, C**2 * SHARE),
        {square: 1 / total},
        facts=[combine(lt(0, total), {some: (C - 1) / C})],
        slack=C**2 / (C - 1) * total,
        label="m > 0",
    )


@lru_cache
def positive_share() -> Theorem:
    """0 < delta <= m |- 0 < m."""
    return combine(lt(0, SHARE), {assume(CHOSEN[2]): 1}, slack=delta)


@lru_cache
def at_most_two() -> Theorem:
    """f_cj (inter_cj + 1/(C-1)) <= 2 f_cj."""
    low, _ = in_unit()
    one = cosine_at_most_one()
    apart = sq(lambda x: mean_direction(c, x) - mean_direction(j, x))
    short = combine(
        le(dot(lambda x: mean_direction(c, x), lambda x: mean_direction(j, x)), 1),
        {one: Rational(1, 2), instantiate(one, {c: j}): Rational(1, 2)},
        slack=apart / 2,
        label="mean directions have norm at most 1",
    )
    return combine(
        le(test(c, j) * (inter(c, j) + 1 / (C - 1)), 2 * test(c, j)),
        {short: test(c, j), low: (C - 2) / (C - 1)},
        facts=[low],
        label="1 + 1/(C-1) <= 2",
    )


def where_large(level: Expr, large: Theorem) -> Theorem:
    """2 < ``level`` (the theorem ``large``), delta is the share |- ``excess`` <= delta ``level``."""
    mean = average(average(at_most_two(), j, excluding=c), c, label="mean over pairs")
    low, _ = in_unit()
    sign = average(average(low, j, excluding=c), c)
    return combine(
        le(excess(), delta * level),
        {mean: 1, large: chosen_fraction(), assume(eq(chosen_fraction(), delta)): level},
        facts=[sign],
        label="no cosine is that large",
    )


def for_every_share(bound: Theorem, rate: Expr, power: int) -> Theorem:
    """CHOSEN |- ``chosen_excess(rate)``, from ``bound``: its excess is at most delta ``rate`` at delta = m.

    ``rate`` is a multiple of (eps/delta)^{1/power}: the larger the share, the smaller.
    """
    diagonal = average(
        combine(
            eq(test(c, c) * (inter(c, c) + 1 / (C - 1)), 0), {assume(NOT_ITSELF): inter(c, c) + 1 / (C - 1)}
        ),
        c,
    )
    empty = average(assume(NOT_ITSELF), c)
    fraction = combine(eq(chosen_fraction(), SHARE), {empty: -1 / (C - 1)}, label="no class with itself")
    larger, smaller = (eps / delta) ** Rational(1, power), (eps / share) ** Rational(1, power)
    powers = sum(larger**n * smaller ** (power - 1 - n) for n in range(power))
    falls = combine(
        le(smaller, larger),
        {assume(le(delta, share)): eps / (delta * share * powers)},
        label="a larger share",
    )
    every = combine(
        chosen_excess(rate),
        {
            instantiate(bound, {delta: share}, label="delta := m"): (C - 1) / C,
            falls: rate / larger * share * (C - 1) / C,
            diagonal: 1 / C,
            assume(eq(SHARE, share)): -rate * (C - 1) / C,
        },
        label="delta at most the share",
    )
    every = instantiate(every, {share: SHARE}, facts=[positive_share()], label="m, the share")
    return cut(every, fraction, no_smaller(), *in_unit(), label="not less than one pair")
