# SPDX-License-Identifier: MIT
"""Cosines between classes from inner products of the classifier's rows and the classes' distance from them.

With r_c = (w_c - wbar)/beta, v_c = E_i e_ci, a symmetric table 0 <= f <= 1 and u_cj = f_cj - its mean over
the wrong classes, the sum of the rows is 0 and

    mean f_cj (<v_c, v_j> + 1/(C-1)) = mean f_cj (<r_c, r_j> + ||r_c||^2/(C-1))
        + 2 E <v_c - r_c, mean_j u_cj r_j> + mean f_cj <v_c - r_c, v_j - r_j>
        + mean f_cj (||r_c||^2 - 2 <r_c, v_c> + 1)/(C-1):

what short rows do to the first term the others take back, but for second order.  The first is half of what
``lifted_rows`` bounds for the table 2 f - 1, and a bound D of E (||r_c||^2 - 2 <r_c, v_c> + 1), as
``directions`` has it, bounds the others, for any omega > 0 and s = x/(1 + 2 x) < 1/2, x > 0:

    (C/(2 (C-1))) (e/s + s (Lambda (C-1)/(2 C^2) + (1/2 + (9/20) s^2)/T))
        + D (1/omega + C/(C-1)) + omega Lambda/(4 (C-1)).

Source: this project (2026).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, Rational, Symbol

from theory.definitions import dot, sq
from theory.expressions import Mean, eq, le, substitute, wrong_mean
from theory.kernel import Theorem
from theory.lemmas.between_classes import gram, level, tilted_sum
from theory.lemmas.directions import (
    distance,
    distance_below,
    distance_nonnegative,
    mean_direction,
    row,
)
from theory.lemmas.equiangular import (
    CENTRED,
    Lambda,
    moved,
    over_pairs,
    pair,
    spectral_weights,
    spread_at_most_one,
    test,
)
from theory.lemmas.lifted_rows import bound, equal_rows
from theory.lemmas.pair_angles import SYMMETRIC
from theory.lemmas.short_vectors import short
from theory.lemmas.tilt_entropy import strength
from theory.proving import assume, average, combine, cut, instantiate, visible
from theory.symbols import C, beta, c, j, positive, real

HALF = Rational(1, 2)
TABLE = (le(0, test(c, j), c, j), le(test(c, j), 1, c, j))
free = positive("free_x", "x", "any positive number: s = x/(1 + 2 x) runs through 0 < s < 1/2")
STEP = free / (1 + 2 * free)
far = real("far_d", "D", "at least the mean square distance of mean directions from rows")
NEAR = le(Mean(distance(), c), far)
width = positive("width", r"\omega", "a positive number, chosen in the end")


def inter(cc: Symbol, jj: Symbol) -> Expr:
    """<v_c, v_j>, the mean cosine between a sample of class c and one of class j."""
    return dot(lambda kk: mean_direction(cc, kk), lambda kk: mean_direction(jj, kk))


def excess() -> Expr:
    """mean over pairs of f_cj (<v_c, v_j> + 1/(C-1))."""
    return over_pairs(lambda c_, j_: test(c_, j_) * (inter(c_, j_) + 1 / (C - 1)))


def apart(cc: Symbol, kk: Symbol) -> Expr:
    """v_c - r_c, coordinate k."""
    return mean_direction(cc, kk) - row(cc, kk)


def _products() -> Expr:
    """mean over pairs of f_cj (<r_c, r_j> + ||r_c||^2/(C-1))."""
    return over_pairs(lambda c_, j_: test(c_, j_) * (gram(c_, j_) + gram(c_, c_) / (C - 1))) / beta**2


@lru_cache
def doubled() -> tuple[Theorem, ...]:
    """TABLE, CENTRED and the spectral hypothesis, for the tables 2 f - 1 and 2 u."""
    low, high = map(assume, TABLE)
    centred = combine(
        eq(2 * pair(c, j), 2 * test(c, j) - wrong_mean(lambda jj: 2 * test(c, jj), c, C)),
        {assume(CENTRED): 2},
        label="twice the centred table",
    )
    quadratic = Mean(sq(lambda kk: tilted_sum(c, kk, lambda c_, j_: 2 * pair(c_, j_))), c)
    squares = over_pairs(lambda c_, j_: 4 * pair(c_, j_) ** 2)
    return (
        combine(le(-1, 2 * test(c, j) - 1), {low: 2}),
        combine(le(2 * test(c, j) - 1, 1), {high: 2}),
        centred,
        combine(le(quadratic, Lambda * beta**2 / (C - 1) * squares), {assume(spectral_weights()): 4}),
    )


TWICE = {test: ((c, j), 2 * test(c, j) - 1), pair: ((c, j), 2 * pair(c, j))}


@lru_cache
def products() -> Theorem:
    """PRICED, MARGIN, TABLE, CENTRED |- mean f K <= half of ``lifted_rows.bound``, s = x/(1 + 2 x)."""
    plain = instantiate(equal_rows(), functions={short: ((c,), Integer(0)), **TWICE}, label="no lift")
    plain = cut(plain, *doubled(), label="tables in [-1, 1]")
    half = combine(le(_products(), bound() / 2), {plain: HALF}, label="f = 1/2 + (2 f - 1)/2")
    return instantiate(half, {strength: STEP}, label="s = x/(1 + 2 x)")


@lru_cache
def small_spread() -> Theorem:
    """TABLE, CENTRED |- mean u^2 <= 1/4."""
    twice = cut(instantiate(spread_at_most_one(), functions=TWICE), *doubled()[:3])
    return combine(le(over_pairs(lambda c_, j_: pair(c_, j_) ** 2), Rational(1, 4)), {twice: Rational(1, 4)})


@lru_cache
def turned() -> Theorem:
    """2 mean f_cj (<v_c - r_c, r_j> + <v_c - r_c, r_c>/(C-1)) <= Delta/omega + omega Lambda/(4 (C-1))."""

    def inner(cc: Symbol, jj: Symbol) -> Expr:
        return dot(lambda kk: apart(cc, kk), lambda kk: row(jj, kk))

    def summed(cc: Symbol, kk: Symbol) -> Expr:
        return tilted_sum(cc, kk, pair) / beta

    square = Mean(sq(lambda kk: apart(c, kk) - width * summed(c, kk)), c) / width
    goal = 2 * over_pairs(lambda c_, j_: test(c_, j_) * (inner(c_, j_) + inner(c_, c_) / (C - 1)))
    return combine(
        le(goal, Mean(distance(), c) / width + width * Lambda / (4 * (C - 1))),
        {
            moved(inner): -2,
            average(distance_below(), c): 1 / width,
            assume(spectral_weights()): width / beta**2,
            small_spread(): width * Lambda / (C - 1),
        },
        slack=square,
        label="2 <a, b> <= ||a||^2/omega + omega ||b||^2",
    )


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


def inter_bound(margin: Any = level) -> Expr:
    """The bound at the head of this file, e = 1 - ``margin``/T."""
    return (
        substitute(bound(margin), {strength: STEP}) / 2
        + far * (1 / width + C / (C - 1))
        + width * Lambda / (4 * (C - 1))
    )


@lru_cache
def symmetric() -> Theorem:
    """The inequality at the head of this file, for a symmetric table."""

    def inner(cc: Symbol, jj: Symbol) -> Expr:
        return dot(lambda kk: apart(cc, kk), lambda kk: row(jj, kk))

    swapped = combine(
        eq(test(c, j) * inner(j, c), test(j, c) * inner(j, c)),
        {assume(SYMMETRIC): inner(j, c)},
        label="f is symmetric",
    )
    same = average(average(swapped, j, excluding=c), c, label="mean over pairs")
    return combine(
        le(excess(), inter_bound()),
        {
            products(): 1,
            turned(): 1,
            both_apart(): 1,
            taken_back(): 1 / (C - 1),
            same: 1,
            assume(NEAR): 1 / width + C / (C - 1),
        },
        label="four parts",
    )


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


@lru_cache
def inter_class() -> Theorem:
    """``symmetric`` for every table."""
    return every_table(symmetric())
