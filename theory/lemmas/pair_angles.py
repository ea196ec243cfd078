# SPDX-License-Identifier: MIT
"""Cosines between classes from inner products: the measure of Papyan, Han & Donoho 2020, figure 4.

For vectors v_c = length(c) unit(c) whose lengths have variance at most N, and D_cj = cos(v_c, v_j) + 1/(C-1),

    length(c) length(j) D_cj = <v_c, v_j> + (a + b)/2 - (length(c) - length(j))^2/(2 (C-1)),
    a = ||v_c||^2/(C-1), b = ||v_j||^2/(C-1),

so that, for any symmetric table |f| <= 1,

    mean length length f D <= mean f_cj (<v_c, v_j> + ||v_c||^2/(C-1)) + C N/(C-1)^2:

unequal norms enter in second order only.  ``lemmas.signs`` has the f that turns f D into |D|.

Source: this project (2026).
"""

from __future__ import annotations

from functools import lru_cache

from sympy import Expr, Rational, Symbol

from theory.definitions import sq
from theory.definitions_collapse import POLAR, code, cosine, gram, length, unit
from theory.expressions import eq, le
from theory.kernel import Theorem
from theory.lemmas.equiangular import TEST, over_pairs, test
from theory.lemmas.near_unit import squared_lengths, variance
from theory.proving import assume, average, combine, instantiate
from theory.symbols import C, c, d, j, k, real

norms = real("norm_spread_N", "N", "at least the variance of the lengths")
HALF = Rational(1, 2)


def gap(cc: Symbol = c, jj: Symbol = j) -> Expr:
    """D_cj = cos(v_c, v_j) + 1/(C-1)."""
    return cosine(cc, jj) + 1 / (C - 1)


AGREES = le(0, test(c, j) * gap(), c, j)
SYMMETRIC = eq(test(c, j), test(j, c), c, j)
NEAR_ONE = le(variance(), norms)


@lru_cache
def cosine_range() -> tuple[Theorem, Theorem]:
    """D_cj <= C/(C-1) and -D_cj <= C/(C-1)."""
    mine = assume(POLAR[1])
    theirs = instantiate(mine, {c: j})
    above = combine(
        le(gap(), C / (C - 1)),
        {mine: HALF, theirs: HALF},
        slack=sq(lambda x: unit(c, x) - unit(j, x)) / 2,
        label="cos <= 1",
    )
    below = combine(
        le(-gap(), C / (C - 1)),
        {mine: HALF, theirs: HALF},
        slack=sq(lambda x: unit(c, x) + unit(j, x)) / 2 + 2 / (C - 1),
        label="cos >= -1",
    )
    return above, below


@lru_cache
def at_most_two() -> Theorem:
    """f_cj D_cj <= C/(C-1)."""
    low, high = map(assume, TEST)
    above, below = cosine_range()
    up = combine(le(0, (1 + test(c, j)) / 2), {low: HALF})
    down = combine(le(0, (1 - test(c, j)) / 2), {high: HALF})
    return combine(
        le(test(c, j) * gap(), C / (C - 1)),
        {above: (1 + test(c, j)) / 2, below: (1 - test(c, j)) / 2},
        facts=[up, down],
        label="|f| <= 1",
    )


def signed() -> Expr:
    """mean over pairs of f_cj D_cj."""
    return over_pairs(lambda c_, j_: test(c_, j_) * gap(c_, j_))


def tested_angles() -> Expr:
    """mean over pairs of f_cj (<v_c, v_j> + ||v_c||^2/(C-1))."""
    return over_pairs(lambda c_, j_: test(c_, j_) * (gram(c_, j_) + gram(c_, c_) / (C - 1)))


@lru_cache
def product_of_pair() -> Theorem:
    """POLAR |- mean_k v_c v_j == length length mean_k unit unit."""
    split = assume(POLAR[0])
    coordinate = combine(
        eq(code(c, k) * code(j, k), length(c) * length(j) * unit(c, k) * unit(j, k)),
        {split: code(j, k), instantiate(split, {c: j}): length(c) * unit(c, k)},
        label="one coordinate",
    )
    return average(coordinate, k, label="<v_c, v_j>")


@lru_cache
def from_products() -> Theorem:
    """mean length length f D <= ``tested_angles`` + C N/(C-1)^2."""
    a, b, f = length(c), length(j), test(c, j)
    low = assume(TEST[0])
    product = product_of_pair()
    mine = squared_lengths()
    theirs = instantiate(mine, {c: j})
    up = combine(le(0, 1 + f), {low: 1})
    half = 1 / (2 * (C - 1))
    one = combine(
        le(a * b * f * gap(), f * (gram(c, j) + (gram(c, c) + gram(j, j)) * half) + (a - b) ** 2 * half),
        [
            (product, -f * d),
            (mine, -f * half),
            (theirs, -f * half),
            (up, (a - b) ** 2 * half),
        ],
        label="norms enter in second order",
    )
    swapped = combine(
        eq(f * gram(j, j), test(j, c) * gram(j, j)), {assume(SYMMETRIC): gram(j, j)}, label="f is symmetric"
    )
    pairs = average(average(one, j, excluding=c), c, label="mean over pairs")
    same = average(average(swapped, j, excluding=c), c, label="mean over pairs")
    return combine(
        le(
            over_pairs(lambda c_, j_: length(c_) * length(j_) * test(c_, j_) * gap(c_, j_)),
            tested_angles() + C * norms / (C - 1) ** 2,
        ),
        {pairs: 1, same: half, assume(NEAR_ONE): C / (C - 1) ** 2},
        label="variance of the norms",
    )
