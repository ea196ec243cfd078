# SPDX-License-Identifier: MIT
"""Cosines between classes, from inner products of the classifier's rows and the classes' distance from them.

With r_c = (w_c - wbar)/beta, v_c = E_i e_ci, a symmetric table 0 <= f <= 1 and u_cj = f_cj - its mean over
the wrong classes, the sum of the rows is 0 and

    mean f_cj (<v_c, v_j> + 1/(C-1)) = mean f_cj (<r_c, r_j> + ||r_c||^2/(C-1))
        + 2 E <v_c - r_c, mean_j u_cj r_j> + mean f_cj <v_c - r_c, v_j - r_j>
        + mean f_cj (||r_c||^2 - 2 <r_c, v_c> + 1)/(C-1):

what short rows do to the first term the others take back, but for second order.  This file bounds the last
two terms; ``joint_budget`` bounds the first two.  Source: this project (2026).
"""

from __future__ import annotations

from functools import lru_cache

from sympy import Expr, Rational, Symbol

from theory.definitions import dot, sq
from theory.expressions import Mean, eq, le, wrong_mean
from theory.kernel import Theorem
from theory.lemmas.directions import (
    distance,
    distance_below,
    distance_nonnegative,
    mean_direction,
    row,
)
from theory.lemmas.equiangular import (
    CENTRED,
    over_pairs,
    pair,
    spread_at_most_one,
    test,
)
from theory.proving import assume, average, combine, cut, instantiate, visible
from theory.symbols import C, c, j, positive, real

HALF = Rational(1, 2)
TABLE = (le(0, test(c, j), c, j), le(test(c, j), 1, c, j))
free = positive("free_x", "x", "any positive number, chosen in the end")
far = real("far_d", "D", "at least the mean square distance of mean directions from rows")


def inter(cc: Symbol, jj: Symbol) -> Expr:
    """<v_c, v_j>, the mean cosine between a sample of class c and one of class j."""
    return dot(lambda kk: mean_direction(cc, kk), lambda kk: mean_direction(jj, kk))


def excess() -> Expr:
    """mean over pairs of f_cj (<v_c, v_j> + 1/(C-1))."""
    return over_pairs(lambda c_, j_: test(c_, j_) * (inter(c_, j_) + 1 / (C - 1)))


def apart(cc: Symbol, kk: Symbol) -> Expr:
    """v_c - r_c, coordinate k."""
    return mean_direction(cc, kk) - row(cc, kk)


@lru_cache
def doubled() -> tuple[Theorem, ...]:
    """TABLE and CENTRED for the tables 2 f - 1 and 2 u."""
    low, high = map(assume, TABLE)
    centred = combine(
        eq(2 * pair(c, j), 2 * test(c, j) - wrong_mean(lambda jj: 2 * test(c, jj), c, C)),
        {assume(CENTRED): 2},
        label="twice the centred table",
    )
    return (
        combine(le(-1, 2 * test(c, j) - 1), {low: 2}),
        combine(le(2 * test(c, j) - 1, 1), {high: 2}),
        centred,
    )


TWICE = {test: ((c, j), 2 * test(c, j) - 1), pair: ((c, j), 2 * pair(c, j))}


@lru_cache
def small_spread() -> Theorem:
    """TABLE, CENTRED |- mean u^2 <= 1/4."""
    twice = cut(instantiate(spread_at_most_one(), functions=TWICE), *doubled())
    return combine(le(over_pairs(lambda c_, j_: pair(c_, j_) ** 2), Rational(1, 4)), {twice: Rational(1, 4)})


@lru_cache
def both_apart() -> Theorem:
    """mean f_cj <v_c - r_c, v_j - r_j> <= Delta."""
    low, high = map(assume, TABLE)
    inner = dot(lambda kk: apart(c, kk), lambda kk: apart(j, kk))
    mine = sq(lambda kk: apart(c, kk))
    theirs = sq(lambda kk: apart(j, kk))
    square = visible(le(0, sq(lambda kk: apart(c, kk) - apart(j, kk)) / 2))
    room = combine(le(0, 1 - test(c, j)), {high: 1})
    one = combine(
        le(test(c, j) * inner, (mine + theirs) / 2),
        {square: test(c, j), visible(le(0, (mine + theirs) / 2)): 1 - test(c, j)},
        facts=[low, room],
        label="2 <a, b> <= ||a||^2 + ||b||^2",
    )
    goal = over_pairs(lambda c_, j_: test(c_, j_) * dot(lambda kk: apart(c_, kk), lambda kk: apart(j_, kk)))
    return combine(
        le(goal, Mean(distance(), c)),
        {average(average(one, j, excluding=c), c): 1, average(distance_below(), c): 1},
        label="mean over pairs",
    )


@lru_cache
def taken_back() -> Theorem:
    """mean f_cj (||r_c||^2 - 2 <r_c, v_c> + 1) <= Delta."""
    room = combine(le(0, 1 - test(c, j)), {assume(TABLE[1]): 1})
    one = combine(
        le(test(c, j) * distance(), distance()), {distance_nonnegative(): 1 - test(c, j)}, facts=[room]
    )
    goal = over_pairs(lambda c_, j_: test(c_, j_) * distance(c_))
    return combine(le(goal, Mean(distance(), c)), {average(average(one, j, excluding=c), c): 1})


def halved(cc: Symbol, jj: Symbol) -> Expr:
    """(f_cj + f_jc)/2."""
    return (test(cc, jj) + test(jj, cc)) / 2


PAIRS = eq(pair(c, j), halved(c, j) - wrong_mean(lambda jj: halved(c, jj), c, C), c, j)


def every_table(symmetric_only: Theorem) -> Theorem:
    """The bound for every table, u_cj = (f_cj + f_jc)/2 - its mean over the wrong classes of c (PAIRS)."""
    functions = {test: ((c, j), halved(c, j))}
    both = instantiate(symmetric_only, functions=functions, label="f and its transpose")
    low, high = map(assume, TABLE)
    low_, high_ = (instantiate(t, {c: j, j: c}) for t in (low, high))
    both = cut(
        both,
        combine(le(0, halved(c, j)), {low: HALF, low_: HALF}),
        combine(le(halved(c, j), 1), {high: HALF, high_: HALF}),
    )
    bound = symmetric_only.relation.rhs
    return combine(le(excess(), bound), {both: 1}, label="cosines are symmetric")
