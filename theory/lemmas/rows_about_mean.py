# SPDX-License-Identifier: MIT
"""Inner products of rows against a table, from those of the rows about their mean.

In units of beta: v_c = w_c/beta, off = -wbar/beta of norm g, r_c = v_c + off, and w = short of
``lemmas.short_vectors``.  For 0 < zeta <= 2, any table |f| <= 1 and any theta > 0, the mean of
(1 + zeta w_c) f_cj (<v_c, v_j> + ||v_c||^2/(C-1)) is at most that of r plus

    C/(C-1) (o^2/theta + theta mean f^2 + 8 V^2 o^2 + 2 g^2 + (zeta/2) (1/(2 V^2) + g^2) mean w^2),

o^2 = mean <off, r_c>^2; mean f^2 <= 1 and the best theta make 2 o of the first two.
Source: this project (2026).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from sympy import Expr, Integer, Rational, Symbol

from theory.definitions import dot, sq
from theory.definitions_collapse import codeword, gram
from theory.expressions import Mean, le
from theory.kernel import Theorem
from theory.lemmas.equiangular import TEST, over_pairs, square_at_most_one, test
from theory.lemmas.near_unit import off, turn
from theory.lemmas.offsets import FLAT, far, theta, without_split
from theory.lemmas.short_vectors import SHORT, rate_l, short, stretch
from theory.proving import assume, average, combine, instantiate
from theory.symbols import C, c, j, real

HALF = Rational(1, 2)
inner = real("inner_z", "z", "inner product of a row with a vector near 0")
TWO = le(rate_l, 2)


def weight(cc: Symbol = c) -> Expr:
    """1 + zeta w_c."""
    return 1 + rate_l * short(cc)


@lru_cache
def one_shift() -> Theorem:
    """|f| <= 1, TWO |- -f (1 + zeta w) z <= z^2/(2 theta) + theta f^2/2 + 4 V^2 z^2 + zeta w^2/(8 V^2)."""
    low, high = map(assume, TEST)
    w, z, f = short(c), rate_l, test(c, j)
    top = 4 * stretch**2 * inner**2 + z * w**2 / (8 * stretch**2)
    sides = [
        combine(
            le(s * z * w * inner, top),
            {assume(TWO): 2 * stretch**2 * inner**2},
            slack=z / 2 * (2 * stretch * inner - s * w / (2 * stretch)) ** 2,
            label="2 a b <= a^2 + b^2",
        )
        for s in (1, -1)
    ]
    up = combine(le(0, (1 + f) / 2), {low: HALF})
    down = combine(le(0, (1 - f) / 2), {high: HALF})
    return combine(
        le(-f * weight(c) * inner, inner**2 / (2 * theta) + theta * f**2 / 2 + top),
        {sides[0]: (1 - f) / 2, sides[1]: (1 + f) / 2},
        slack=(inner + theta * f) ** 2 / (2 * theta),
        facts=[up, down],
        label="|f| <= 1",
    )


def along(cc: Symbol) -> Expr:
    """<off, r_c>."""
    return dot(off, lambda x: turn(cc, x))


def mean_along() -> Expr:
    """o^2, the mean of <off, r_c>^2."""
    return Mean(along(c) ** 2, c)


def weighted(vectors: Callable[[Symbol, Symbol], Expr]) -> Expr:
    """mean (1 + zeta w_c) f_cj (<x_c, x_j> + ||x_c||^2/(C-1)), x = ``vectors``."""
    return over_pairs(
        lambda c_, j_: weight(c_) * test(c_, j_) * (gram(c_, j_, vectors) + gram(c_, c_, vectors) / (C - 1))
    )


def mean_test_square() -> Expr:
    """The mean of f^2 over the pairs."""
    return over_pairs(lambda c_, j_: test(c_, j_) ** 2)


@lru_cache
def split_shift() -> Theorem:
    """FLAT, TWO, |f| <= 1 |- ``weighted`` of v <= that of r
    + C/(C-1) (o^2/theta + theta mean f^2 + 8 V^2 o^2 + 2 g^2 + ...).
    """
    sign, two = assume(SHORT[0]), assume(TWO)
    size = sq(lambda x: off(x))
    heavy = combine(le(0, weight(c)), {sign: rate_l}, slack=Integer(1))
    room = combine(le(0, 1 - test(c, j)), {assume(TEST[1]): 1})
    flat = combine(
        le(weight(c) * test(c, j) * size, far**2 * (2 + rate_l / 2 * short(c) ** 2)),
        {assume(FLAT): weight(c), room: weight(c) * size, two: far**2 / 2},
        facts=[heavy],
        slack=far**2 * rate_l / 2 * (1 - short(c)) ** 2,
        label="f <= 1",
    )
    mine = instantiate(one_shift(), {inner: along(c)}, label="<off, r_c>")
    theirs = instantiate(one_shift(), {inner: along(j)}, label="<off, r_j>")
    pairs = [average(average(t, j, excluding=c), c, label="mean over pairs") for t in (mine, theirs, flat)]
    rate, split = C / (C - 1), mean_along() / theta + theta * mean_test_square()
    return combine(
        le(weighted(codeword), _shifted() + rate * split),
        {pairs[0]: (C + 1) / (C - 1), pairs[1]: 1, pairs[2]: rate},
        label="rows about their mean",
    )


def _shifted() -> Expr:
    """What ``shift`` adds, less what depends on theta."""
    rate = C / (C - 1)
    rest = rate * rate_l / 2 * (HALF / stretch**2 + far**2) * Mean(short(c) ** 2, c)
    return weighted(turn) + rate * (8 * stretch**2 * mean_along() + 2 * far**2) + rest


@lru_cache
def shift() -> Theorem:
    """FLAT, TWO, |f| <= 1 |- ``weighted`` of v <= that of r + C/(C-1) (2 o + 8 V^2 o^2 + 2 g^2 + ...)."""
    rate = C / (C - 1)
    total = combine(
        le(weighted(codeword), _shifted() + rate * (mean_along() / theta + theta)),
        {split_shift(): 1, square_at_most_one(): rate * theta},
    )
    return without_split(total, _shifted(), rate, mean_along())
