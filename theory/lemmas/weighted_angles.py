# SPDX-License-Identifier: MIT
"""Cosines between vectors from inner products whose rows weigh more where a vector is short.

For v_c = length(c) unit(c) whose lengths have variance at most N, D_cj = cos(v_c, v_j) + 1/(C-1), a symmetric
table |f| <= 1 with f D >= 0, w = short (``lemmas.short_vectors``) and any V,

    mean f D <= V^2 mean (1 + 2 w_c) f_cj (<v_c, v_j> + ||v_c||^2/(C-1)) + V^2 C N/(C-1)^2
                + 3 (C/(C-1)) mean w^2:

unequal norms enter in second order only.  Source: this project (2026).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sympy import Expr, Rational, Symbol

from theory.definitions_collapse import POLAR, gram, length
from theory.expressions import Mean, eq, le
from theory.kernel import Theorem
from theory.lemmas.equiangular import TEST, over_pairs, test
from theory.lemmas.near_unit import squared_lengths
from theory.lemmas.pair_angles import (
    AGREES,
    NEAR_ONE,
    SYMMETRIC,
    at_most_two,
    gap,
    norms,
    product_of_pair,
    signed,
)
from theory.lemmas.short_vectors import (
    SHORT,
    one_long,
    one_short,
    other_long,
    other_short,
    pair_bound,
    payment,
    short,
    sign_of,
    size,
    stretch,
)
from theory.proving import assume, average, combine, cut, instantiate
from theory.symbols import C, c, d, j

HALF = Rational(1, 2)


def weight(cc: Symbol = c) -> Expr:
    """1 + 2 w_c."""
    return 1 + 2 * short(cc)


@lru_cache
def at_most_one() -> Theorem:
    """short(c) <= 1."""
    sign, _, product = map(assume, SHORT)
    kept = combine(
        le(0, short(c) * (1 - short(c))), {product: 1, assume(POLAR[2]): stretch * short(c)}, facts=[sign]
    )
    return combine(le(short(c), 1), {kept: 1}, slack=(1 - short(c)) ** 2, label="w - w^2 = w V length")


@lru_cache
def one_pair() -> Theorem:
    """``short_vectors.pair_bound`` for the classes c and j."""
    replaced: dict[Any, Any] = {}
    facts: list[Theorem] = [assume(AGREES)]
    lemmas: list[Theorem] = []
    for cc, small, large in ((c, one_short, one_long), (j, other_short, other_long)):
        sign, above, product = (instantiate(assume(a), {c: cc}) for a in SHORT)
        part = stretch * length(cc) - 1 + short(cc)
        facts += [combine(le(0, part), {above: 1}), sign]
        replaced |= {small: short(cc), large: part}
        lemmas += [combine(eq(part * short(cc), 0), {product: 1}), instantiate(at_most_one(), {c: cc})]
    general = instantiate(
        pair_bound(),
        replaced | {sign_of: test(c, j), size: test(c, j) * gap()},
        facts=facts,
        label="classes c and j",
    )
    return cut(general, *lemmas, *map(assume, TEST), at_most_two())


def weighted(cc: Symbol = c, jj: Symbol = j) -> Expr:
    """(1 + 2 w_c) f_cj (<v_c, v_j> + ||v_c||^2/(C-1))."""
    return weight(cc) * test(cc, jj) * (gram(cc, jj) + gram(cc, cc) / (C - 1))


def tested_weighted() -> Expr:
    """The mean of ``weighted`` over the pairs."""
    return over_pairs(weighted)


def mean_payment() -> Expr:
    """3 (C/(C-1)) mean w^2."""
    return 3 * C / (C - 1) * Mean(short(c) ** 2, c)


@lru_cache
def angles_from_weighted() -> Theorem:
    """The inequality at the head of this file."""
    a, b, f = length(c), length(j), test(c, j)
    product = product_of_pair()
    mine = squared_lengths()
    theirs = instantiate(mine, {c: j})
    own = 1 + short(c) + short(j)
    theirs_weighted = weight(j) * f * (gram(c, j) + gram(j, j) / (C - 1))
    one = combine(
        le(
            f * gap(),
            stretch**2 * (weighted() + theirs_weighted) / 2
            + stretch**2 * (a - b) ** 2 / (2 * (C - 1))
            + payment(short(c), short(j)),
        ),
        {
            one_pair(): 1,
            product: -own * stretch**2 * f * d,
            mine: -(stretch**2) * f * weight(c) / (2 * (C - 1)),
            theirs: -(stretch**2) * f * weight(j) / (2 * (C - 1)),
        },
        label="norms enter in second order",
    )
    swapped = combine(
        eq(theirs_weighted, theirs_weighted / f * test(j, c)),
        {assume(SYMMETRIC): theirs_weighted / f},
        label="f is symmetric",
    )
    pairs = average(average(one, j, excluding=c), c, label="mean over pairs")
    same = average(average(swapped, j, excluding=c), c, label="mean over pairs")
    spread = C * norms / (C - 1) ** 2
    return combine(
        le(signed(), stretch**2 * (tested_weighted() + spread) + mean_payment()),
        {pairs: 1, same: stretch**2 * HALF, assume(NEAR_ONE): stretch**2 * C / (C - 1) ** 2},
        label="variance of the norms",
    )


@lru_cache
def few_short() -> Theorem:
    """mean f D <= V^2 mean length length f D + 2 (C/(C-1)) mean w."""
    a, b, top = length(c), length(j), test(c, j) * gap()
    parts = []
    for cc in (c, j):
        sign, above = (instantiate(assume(x), {c: cc}) for x in SHORT[:2])
        room = combine(le(0, 1 - short(cc)), {instantiate(at_most_one(), {c: cc}): 1})
        parts.append((sign, above, room, instantiate(assume(POLAR[2]), {c: cc})))
    (sign, above, room, _), (sign_j, above_j, _, long_j) = parts
    both = combine(
        le(1, stretch**2 * a * b + short(c) + short(j)),
        {above_j: 1 - short(c), above: stretch * b, sign: short(j)},
        facts=[room, long_j, sign_j],
        label="short vectors are few",
    )
    one = combine(
        le(top, stretch**2 * a * b * top + (short(c) + short(j)) * C / (C - 1)),
        {both: top, at_most_two(): short(c) + short(j)},
        facts=[combine(le(0, short(c) + short(j)), {sign: 1, sign_j: 1}), assume(AGREES)],
        label="f D <= C/(C-1)",
    )
    pairs = average(average(one, j, excluding=c), c, label="mean over pairs")
    weighted = over_pairs(lambda c_, j_: length(c_) * length(j_) * test(c_, j_) * gap(c_, j_))
    return combine(le(signed(), stretch**2 * weighted + 2 * C / (C - 1) * Mean(short(c), c)), {pairs: 1})
