# SPDX-License-Identifier: MIT
"""Linear codes in Gaussian noise: the error exponent as a distance, and what it says of the codewords.

Model (Papyan, Han & Donoho 2020, theorem 5): the codeword m_c is received as m_c + sigma z, z standard
Gaussian, and decoded as the class with the largest <w_j, .> + b_j.  Class c loses against class j when
<w_c - w_j, sigma z> is below minus the margin, which has probability Q(distance/sigma), where

    distance = (<w_c - w_j, m_c> + b_c - b_j)/||w_c - w_j||

is that of m_c from the boundary with class j.  The error probability of a class lies between the largest of
these probabilities and their sum, and sigma^2 log Q(x/sigma) -> -x^2/2, so the error exponent
beta = -lim sigma^2 log P(error) is half the square of the least distance.  This passage, from Gaussian tails
to distances, is classical and outside the statement language; what is stated and proved here is about
distances: ``DISTANCES`` says that every codeword is at least sqrt(2 beta) from every boundary.
"""

from __future__ import annotations

from functools import lru_cache

from sympy import Expr, Rational, Symbol, sqrt

from theory.definitions_collapse import (
    ROW_SUM,
    SYMMETRIC,
    ZERO_OR_ONE,
    code,
    codeword,
    logit_difference,
    mean_square,
    one_hot,
    row,
    squared_distance,
)
from theory.expressions import Mean, eq, index, le
from theory.kernel import Theorem
from theory.proving import assume, average, combine, instantiate
from theory.symbols import C, alpha, atom, c, d, j, k, nonnegative, positive, w

exponent = positive("beta_e", r"\beta", "error exponent of a linear code, -lim sigma^2 log P(error)")
inverse_norm = atom(
    "inverse_norm", "v", "inverse_norm(c, j): 1/||w_c - w_j|| for j != c, any symmetric number for j = c"
)
excess = atom("excess", r"\xi", "excess(c, j): what a squared distance has above its least value")
deviation = atom("deviation", r"\Delta", "deviation(c, j): a table that is double-centred")
budget = nonnegative("budget", r"\gamma", "bound on the mean excess")

POWER = le(mean_square(codeword), alpha**2)
UNIT = le(inverse_norm(c, j) ** 2 * squared_distance(c, j, row), 1, c, j)
SYMMETRIC_NORM = eq(inverse_norm(c, j), inverse_norm(j, c), c, j)
DISTANCES = le(
    sqrt(2 * exponent) * (1 - one_hot(c, j)),
    inverse_norm(c, j) * logit_difference(c, j, lambda x: code(c, x)),
    c,
    j,
)
DECODER = (UNIT, SYMMETRIC_NORM, DISTANCES, ZERO_OR_ONE, ROW_SUM)
c5, j5 = index("c5"), index("j5")


@lru_cache
def pair_distance() -> Theorem:
    """DECODER, SYMMETRIC |- 8 beta (1 - y_cj) <= ||m_c - m_j||^2."""
    v, y, t = inverse_norm(c, j), one_hot(c, j), sqrt(2 * exponent)
    other = {c: c5, j: c}
    there = assume(DISTANCES)
    back = instantiate(instantiate(there, other), {c5: j}, label="from the side of class j")
    swap = assume(SYMMETRIC_NORM)
    same = assume(SYMMETRIC)
    wrong = combine(le(0, 1 - y), {assume(ZERO_OR_ONE): 1}, slack=(1 - y) ** 2, label="y is 0 or 1")
    between = d * Mean((w(c, k) - w(j, k)) * (code(c, k) - code(j, k)), k)
    loss = logit_difference(j, c, lambda x: code(j, x))
    both = combine(
        le(2 * t * (1 - y), v * between),
        {there: 1, back: 1, swap: -loss, same: -t},
        label="the two distances add up; the biases cancel",
    )
    rate = 2 * t * (1 - y)
    square = d * Mean((code(c, k) - code(j, k) - rate * v * (w(c, k) - w(j, k))) ** 2, k)
    return combine(
        le(8 * exponent * (1 - y), squared_distance(c, j)),
        {both: 2 * rate, assume(UNIT): rate**2, assume(ZERO_OR_ONE): -8 * exponent},
        slack=square,
        facts=[wrong],
        label="their sum is at most the distance of the codewords",
    )


@lru_cache
def labelled_distance() -> Theorem:
    """UNIT, SYMMETRIC_NORM, DISTANCES |- 8 beta (1 - y_cj - y_jc) <= ||m_c - m_j||^2, whatever y is."""
    v, t = inverse_norm(c, j), sqrt(2 * exponent)
    both_ways = one_hot(c, j) + one_hot(j, c)
    there = assume(DISTANCES)
    back = instantiate(instantiate(there, {c: c5, j: c}), {c5: j}, label="from the side of class j")
    between = d * Mean((w(c, k) - w(j, k)) * (code(c, k) - code(j, k)), k)
    loss = logit_difference(j, c, lambda x: code(j, x))
    both = combine(
        le(t * (2 - both_ways), v * between),
        {there: 1, back: 1, assume(SYMMETRIC_NORM): -loss},
        label="the two distances add up; the biases cancel",
    )
    square = d * Mean((code(c, k) - code(j, k) - 2 * t * v * (w(c, k) - w(j, k))) ** 2, k)
    return combine(
        le(8 * exponent * (1 - both_ways), squared_distance(c, j)),
        {both: 4 * t, assume(UNIT): 4 * t**2},
        slack=square,
        label="their sum is at most the distance of the codewords",
    )


@lru_cache
def own_label_at_least_one() -> Theorem:
    """DISTANCES |- 1 <= y_cc: no codeword is at a distance from itself."""
    own = instantiate(assume(DISTANCES), {j: c}, label="j = c")
    return combine(le(1, one_hot(c, c)), {own: 1 / sqrt(2 * exponent)}, label="y_cc >= 1")


@lru_cache
def mean_distance() -> Theorem:
    """POWER |- mean over all (c, j) of ||m_c - m_j||^2 <= 2 alpha^2 - 2 ||centre||^2."""
    centre = d * Mean(Mean(code(c, k), c) ** 2, k)
    return combine(
        le(Mean(squared_distance(c, j), c, j), 2 * alpha**2 - 2 * centre),
        {assume(POWER): 2},
        label="power of the codewords and of their centre",
    )


def double_centred(table: Expr) -> Expr:
    """table(c, j) - row mean - column mean + mean."""
    return table - Mean(table, j) - Mean(table, c) + Mean(table, c, j)


TABLE_OF_EXCESSES = (
    le(0, excess(c, j), c, j),
    eq(excess(c, j), excess(j, c), c, j),
    eq(excess(c, c), 0, c),
)
SMALL = le(Mean(excess(c, j), c, j), budget)
CENTRED = eq(deviation(c, j), -double_centred(excess(c, j)) / 2, c, j)


@lru_cache
def largest_excess() -> Theorem:
    """A symmetric table >= 0 with zero diagonal |- twice an entry is at most the sum of all."""
    nonneg, symmetric, diagonal = map(assume, TABLE_OF_EXCESSES)
    e = excess(c, j)
    row_rest = average(instantiate(nonneg, {j: j5}), j5, excluding=j, label="the rest of row c")
    in_column = instantiate(instantiate(nonneg, {c: c5}), {j: c}, label="column c")
    column_rest = average(in_column, c5, excluding=j, label="the rest of column c")
    elsewhere = instantiate(instantiate(nonneg, {c: c5}), {j: j5}, label="another entry")
    elsewhere = average(
        average(elsewhere, j5, excluding=c), c5, excluding=c, label="outside row and column c"
    )
    return combine(
        le(2 * e, C**2 * Mean(e, c, j)),
        {
            row_rest: C - 1,
            column_rest: C - 1,
            elsewhere: (C - 1) ** 2,
            symmetric: 1,
            diagonal: 1,
        },
        label="entry, its mirror image and the rest",
    )


@lru_cache
def small_deviation() -> Theorem:
    """TABLE_OF_EXCESSES, SMALL, CENTRED |- mean deviation^2 <= (C budget)^2/8."""
    e, total = excess(c, j), Mean(excess(c, j), c, j)
    nonneg, small, centred = assume(TABLE_OF_EXCESSES[0]), assume(SMALL), assume(CENTRED)
    squares = combine(le(e**2, C**2 * total * e / 2), {largest_excess(): e / 2}, facts=[nonneg])
    both = combine(le(0, budget + total), {average(nonneg, c, j): 1}, slack=budget)
    level = combine(le(total**2, budget**2), {small: budget + total}, facts=[both], label="squares")
    by_row, by_column = Mean(e, j), Mean(e, c)
    lost = Mean((by_row - total) ** 2, c) + Mean((by_column - total) ** 2, j) + total**2
    square = combine(
        eq(deviation(c, j) ** 2, centred.relation.rhs**2),
        {centred: deviation(c, j) + centred.relation.rhs},
        label="deviation squared",
    )
    return combine(
        le(Mean(deviation(c, j) ** 2, c, j), (C * budget) ** 2 / 8),
        {average(square, c, j): 1, average(squares, c, j): Rational(1, 4), level: C**2 / 8},
        slack=lost / 4,
        label="centring shortens",
    )


def centred_code(cc: Symbol, x: Symbol) -> Expr:
    """m_c less the mean codeword, coordinate x."""
    return code(cc, x) - Mean(code(c5, x), c5)
