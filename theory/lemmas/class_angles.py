# SPDX-License-Identifier: MIT
"""Cosines between raw classifier rows and between centred class means, from a loss gap that norms add to.

``lemmas.pair_angles`` asks for the norms (``lemmas.near_unit``) and for inner products tested against a
table of signs (``lemmas.equiangular``); the latter speak of w_c - wbar and of mu_c, the measures of raw rows
w_c and of mu_c - mu_G.  The difference is a vector ``off`` of norm at most g, in units of the norms:

    rows    mean f (<w_c, w_j> + ||w_c||^2/(C-1)) of raw rows is at most that of centred rows, plus
            C/(C-1) (2 g mean length + g^2),
    means   the same with C/(C-1) g mean length.

Source: this project (2026).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sympy import Expr, Rational, Symbol

from theory.definitions import dot, sq
from theory.definitions_collapse import POLAR, code, length, unit
from theory.expressions import Mean, Relation, eq, index, le
from theory.kernel import Theorem
from theory.lemmas.between_classes import gram, level, means_gram, tilted_norms, tilted_norms_of_means
from theory.lemmas.equiangular import (
    TEST,
    bound,
    deviation,
    equiangular,
    over_pairs,
    spectral_means,
    spectral_weights,
    test,
)
from theory.lemmas.near_unit import (
    MEAN_SPREAD,
    OFF,
    ROW_SPREAD,
    centre,
    means_near_one,
    of_means,
    of_rows,
    off,
    rows_near_one,
    turn,
)
from theory.lemmas.pair_angles import (
    NEAR_ONE,
    SYMMETRIC,
    angle_bound,
    angles_from_products,
    norms,
    stretch,
    tested_angles,
)
from theory.proving import assume, average, combine, cut, instantiate
from theory.symbols import C, alpha, beta, c, d, j, k

HALF = Rational(1, 2)
c_ = index("c4")
BALANCED = eq(Mean(code(c_, k), c_), 0, k)


def rows(relation: Relation) -> Relation:
    """A hypothesis on code and off, for v_c = w_c/beta and off = -wbar/beta."""
    return next(iter(of_rows(_assumed(relation)).hypotheses))


def means(relation: Relation) -> Relation:
    """A hypothesis on code and off, for v_c = (mu_c - mu_G)/alpha and off = mu_G/alpha."""
    return next(iter(of_means(_assumed(relation)).hypotheses))


@lru_cache
def _assumed(relation: Relation):  # type: ignore[no-untyped-def]
    return lambda: assume(relation)


@lru_cache
def tilted_off() -> Theorem:
    """POLAR, OFF, |f| <= 1 |- -f <off, v_c> <= g length(c)."""
    split, one, sign = map(assume, POLAR)
    low, high = map(assume, TEST)
    small = assume(OFF)
    plain = combine(
        eq(dot(off, lambda x: code(c, x)), length(c) * dot(off, lambda x: unit(c, x))),
        {average(combine(eq(off(k) * code(c, k), off(k) * length(c) * unit(c, k)), {split: off(k)}), k): d},
    )
    sides = []
    for s in (1, -1):
        square = sq(lambda x, s=s: off(x) - s * centre * unit(c, x))  # type: ignore[misc]
        sides.append(
            combine(
                le(s * dot(off, lambda x: code(c, x)), centre * length(c)),
                {
                    plain: s,
                    small: length(c) / (2 * centre),
                    one: centre * length(c) / 2,
                },
                facts=[sign],
                slack=length(c) / (2 * centre) * square,
                label="Cauchy-Schwarz inequality",
            )
        )
    up = combine(le(0, (1 + test(c, j)) / 2), {low: HALF})
    down = combine(le(0, (1 - test(c, j)) / 2), {high: HALF})
    return combine(
        le(-test(c, j) * dot(off, lambda x: code(c, x)), centre * length(c)),
        {sides[0]: (1 - test(c, j)) / 2, sides[1]: (1 + test(c, j)) / 2},
        facts=[up, down],
        label="|f| <= 1",
    )


@lru_cache
def mean_length_bound() -> Theorem:
    """mean length <= 5/4 + N."""
    return combine(
        le(Mean(length(c), c), Rational(5, 4) + norms),
        {assume(NEAR_ONE): 1},
        slack=Mean((length(c) - Rational(3, 2)) ** 2, c),
        label="l <= 5/4 + (l - 1)^2",
    )


def _turned(cc: Symbol, jj: Symbol) -> Expr:
    return dot(lambda x: turn(cc, x), lambda x: turn(jj, x))


@lru_cache
def _moved_across() -> Theorem:
    """mean f <off, v_j> == mean f <off, v_c>."""
    one = combine(
        eq(test(c, j) * dot(off, lambda x: code(j, x)), test(j, c) * dot(off, lambda x: code(j, x))),
        {assume(SYMMETRIC): dot(off, lambda x: code(j, x))},
        label="f is symmetric",
    )
    return average(average(one, j, excluding=c), c, label="mean over pairs")


@lru_cache
def off_rows() -> Theorem:
    """``tested_angles`` <= that of v + off + C/(C-1) (2 g (5/4 + N) + g^2)."""
    up = combine(le(0, 1 + test(c, j)), {assume(TEST[0]): 1})
    size = sq(lambda x: off(x))
    flat = combine(le(-test(c, j) * size, centre**2), {assume(OFF): 1, up: size}, label="|f| <= 1")
    pairs = [average(average(t, j, excluding=c), c, label="mean over pairs") for t in (tilted_off(), flat)]
    whole = over_pairs(lambda c_, j_: test(c_, j_) * (_turned(c_, j_) + _turned(c_, c_) / (C - 1)))
    rate = C / (C - 1)
    return combine(
        le(tested_angles(), whole + rate * (2 * centre * (Rational(5, 4) + norms) + centre**2)),
        {pairs[0]: 2 * rate, pairs[1]: rate, mean_length_bound(): 2 * rate * centre, _moved_across(): -1},
        label="rows about their mean",
    )


@lru_cache
def off_means() -> Theorem:
    """``tested_angles`` <= mean f (K_cj - its mean over wrong j) + C/(C-1) g (5/4 + N), K of v + off."""
    pairs = average(average(tilted_off(), j, excluding=c), c, label="mean over pairs")
    whole = over_pairs(lambda c_, j_: test(c_, j_) * deviation(_turned, c_, j_))
    rate = C / (C - 1)
    flat = combine(
        eq(test(c, j) * dot(lambda x: turn(c, x), lambda x: Mean(code(c_, x), c_)), 0),
        {
            average(combine(eq(turn(c, k) * Mean(code(c_, k), c_), 0), {assume(BALANCED): turn(c, k)}), k): d
            * test(c, j)
        },
        label="the vectors have mean 0",
    )
    zero = average(average(flat, j, excluding=c), c, label="mean over pairs")
    return combine(
        le(tested_angles(), whole + rate * centre * (Rational(5, 4) + norms)),
        {pairs: rate, mean_length_bound(): rate * centre, _moved_across(): -1, zero: rate},
        label="class means about the global mean",
    )


@lru_cache
def row_angles() -> Theorem:
    """PRICED, PRICE, T2_LEVEL, POLAR, OFF, f, SPECTRAL |- mean |D| <= ``rows_bound``, for raw rows."""
    equal = equiangular(tilted_norms(), gram, beta, spectral_weights())
    moved = of_rows(off_rows)
    products = combine(
        le(moved.relation.lhs, bound(level) + off_rows_cost()), {moved: 1, equal: 1}, label="equal angles"
    )
    return _assembled(products, of_rows(angles_from_products), rows_near_one(), ROW_SPREAD, off_rows_cost())


@lru_cache
def mean_angles() -> Theorem:
    """The same |- mean |D| <= ``means_bound``, for centred class means."""
    equal = equiangular(tilted_norms_of_means(), means_gram, alpha, spectral_means())
    moved = of_means(off_means)
    products = combine(
        le(moved.relation.lhs, bound(level) + off_means_cost()), {moved: 1, equal: 1}, label="equal angles"
    )
    return _assembled(
        products, of_means(angles_from_products), means_near_one(), MEAN_SPREAD, off_means_cost()
    )


def off_rows_cost(spread: Any = norms) -> Expr:
    """C/(C-1) (2 g (5/4 + N) + g^2)."""
    return C / (C - 1) * (2 * centre * (Rational(5, 4) + spread) + centre**2)


def off_means_cost(spread: Any = norms) -> Expr:
    """C/(C-1) g (5/4 + N)."""
    return C / (C - 1) * centre * (Rational(5, 4) + spread)


def rows_bound() -> Expr:
    """The bound on the mean of |cos + 1/(C-1)| of raw rows."""
    return angle_bound(bound(level) + off_rows_cost(ROW_SPREAD), ROW_SPREAD)


def means_bound() -> Expr:
    """The bound on the mean of |cos + 1/(C-1)| of centred class means."""
    return angle_bound(bound(level) + off_means_cost(MEAN_SPREAD), MEAN_SPREAD)


def _assembled(products: Theorem, angles: Theorem, near: Theorem, spread: Expr, cost: Expr) -> Theorem:
    total = combine(
        le(angles.relation.lhs, angle_bound(bound(level) + cost)),
        {angles: 1, products: 1 + stretch},
        label="inner products and norms",
    )
    return cut(instantiate(total, {norms: spread}, label="N"), near)
