# SPDX-License-Identifier: MIT
"""Cosines between raw classifier rows: short rows pay for their cosines, and the mean row wbar costs little.

In units of beta: v_c = w_c/beta = length(c) unit(c), off = -wbar/beta of norm at most g, r_c = v_c + off,
V (sqrt(t/T) - g) >= 1 and 3 q(t) < 1.  Then V^2 G_c of ``lemmas.lifted_rows`` is at least
s (7/2 + V^2 g^2) w_c^2, and mean (1 + 2 w_c) f_cj (<v_c, v_j> + ||v_c||^2/(C-1)) is at most that of r plus

    C/(C-1) (2 g sqrt(Lambda/C) + 8 V^2 g^2 Lambda/C + 2 g^2 + (1/(2 V^2) + g^2) mean w^2).

Source: this project (2026).
"""

from __future__ import annotations

from functools import lru_cache

from sympy import Expr, Integer, Rational, Symbol, sqrt

from theory.definitions import dot, q, sq
from theory.definitions_collapse import length
from theory.expressions import Mean, le, lt
from theory.kernel import Theorem
from theory.lemmas.equiangular import TEST, Lambda, over_pairs, test
from theory.lemmas.lifted_rows import THIRD_MASS, bound, equal_rows, gain, margin_t
from theory.lemmas.near_unit import OFF, ROW_SPREAD, centre, of_rows, off, rows_near_one, turn
from theory.lemmas.near_unit import short as reach_of
from theory.lemmas.pair_angles import norms
from theory.lemmas.short_vectors import SHORT, short, stretch, without_short
from theory.lemmas.tilted_classes import lift_cost, strength
from theory.lemmas.weighted_angles import angles_from_weighted, at_most_one, tested_weighted, weight
from theory.proving import assume, average, combine, cut, instantiate
from theory.symbols import C, T, c, j, real

HALF = Rational(1, 2)
inner = real("inner_z", "z", "inner product of a row with a vector near 0")
FAR = stretch * centre  # V g
SCALE = le((1 + FAR) ** 2, stretch**2 * margin_t / T)
PAID = Rational(7, 2) + FAR**2
ROOM = le(strength * PAID, 2 * (1 - FAR**2 - stretch**2 * lift_cost() / T))
WIDTH = sqrt(Lambda / C)


def turn_square() -> Expr:
    """||r_c||^2."""
    return sq(lambda x: turn(c, x))


@lru_cache
def paid() -> Theorem:
    """POLAR, OFF, SHORT, SCALE, ROOM |- s (7/2 + V^2 g^2) w_c^2 <= V^2 G_c."""
    sign, _, product = map(assume, SHORT)
    w, a = short(c), stretch * length(c)
    room = combine(le(0, 1 - w), {at_most_one(): 1})
    return combine(
        le(strength * PAID * w**2, stretch**2 * gain(turn_square())),
        {
            assume(SCALE): 2 * w,
            assume(ROOM): w**2,
            reach_of(): 2 * stretch**2 * w * (1 + w),
            product: 2 * (1 + w) * (a + 1 - w + 2 * FAR),
            room: 2 * w**3,
            sign: 4 * FAR * w**2,
        },
        facts=[sign, combine(le(0, 1 + w), {sign: 1}, slack=Integer(1))],
        label="the lift makes short vectors pay",
    )


@lru_cache
def one_shift() -> Theorem:
    """|f| <= 1 |- -f (1 + 2 w) z <= z^2/(2 g omega) + g omega/2 + 4 V^2 z^2 + w^2/(4 V^2)."""
    low, high = map(assume, TEST)
    w = short(c)
    top = (
        inner**2 / (2 * centre * WIDTH)
        + centre * WIDTH / 2
        + 4 * stretch**2 * inner**2
        + w**2 / (4 * stretch**2)
    )
    sides = [
        combine(
            le(s * weight(c) * inner, top),
            slack=(inner - s * centre * WIDTH) ** 2 / (2 * centre * WIDTH)
            + (2 * stretch * inner - s * w / (2 * stretch)) ** 2,
            label="2 a b <= a^2 + b^2",
        )
        for s in (1, -1)
    ]
    up = combine(le(0, (1 + test(c, j)) / 2), {low: HALF})
    down = combine(le(0, (1 - test(c, j)) / 2), {high: HALF})
    return combine(
        le(-test(c, j) * weight(c) * inner, top),
        {sides[0]: (1 - test(c, j)) / 2, sides[1]: (1 + test(c, j)) / 2},
        facts=[up, down],
        label="|f| <= 1",
    )


def along(cc: Symbol) -> Expr:
    """<off, r_c>."""
    return dot(off, lambda x: turn(cc, x))


OFF_ALONG = le(Mean(along(c) ** 2, c), Lambda * centre**2 / C)


def shifted() -> Expr:
    """mean (1 + 2 w_c) f_cj (<r_c, r_j> + ||r_c||^2/(C-1))."""

    def product(cc: Symbol, jj: Symbol) -> Expr:
        return dot(lambda x: turn(cc, x), lambda x: turn(jj, x))

    return over_pairs(
        lambda c_, j_: weight(c_) * test(c_, j_) * (product(c_, j_) + product(c_, c_) / (C - 1))
    )


def shift_cost() -> Expr:
    """C/(C-1) (2 g omega + 8 V^2 g^2 Lambda/C + 2 g^2)."""
    return C / (C - 1) * (2 * centre * WIDTH + 8 * FAR**2 * Lambda / C + 2 * centre**2)


@lru_cache
def shift() -> Theorem:
    """OFF, OFF_ALONG, |f| <= 1 |- ``tested_weighted`` <= ``shifted`` + ``shift_cost`` + (...) mean w^2."""
    sign = assume(SHORT[0])
    size = sq(lambda x: off(x))
    heavy = combine(le(0, weight(c)), {sign: 2}, slack=Integer(1))
    room = combine(le(0, 1 - test(c, j)), {assume(TEST[1]): 1})
    flat = combine(
        le(weight(c) * test(c, j) * size, centre**2 * (2 + short(c) ** 2)),
        {assume(OFF): weight(c), room: weight(c) * size},
        facts=[heavy],
        slack=centre**2 * (1 - short(c)) ** 2,
        label="f <= 1",
    )
    mine = instantiate(one_shift(), {inner: along(c)}, label="<off, r_c>")
    theirs = instantiate(one_shift(), {inner: along(j)}, label="<off, r_j>")
    pairs = [average(average(t, j, excluding=c), c, label="mean over pairs") for t in (mine, theirs, flat)]
    rest = C / (C - 1) * (HALF / stretch**2 + centre**2) * Mean(short(c) ** 2, c)
    return combine(
        le(tested_weighted(), shifted() + shift_cost() + rest),
        {
            pairs[0]: (C + 1) / (C - 1),
            pairs[1]: 1,
            pairs[2]: C / (C - 1),
            assume(OFF_ALONG): 2 * C / (C - 1) * (1 / (2 * centre * WIDTH) + 4 * stretch**2),
        },
        label="rows about their mean",
    )


def rows_bound(spread: Expr = norms) -> Expr:
    """V^2 (P + shift_cost + C N/(C-1)^2)."""
    return stretch**2 * (bound() + shift_cost() + C * spread / (C - 1) ** 2)


@lru_cache
def lifted_mass() -> Theorem:
    """3 q < 1 |- q (1 + 2 w_c) < 1."""
    return combine(
        lt(q(margin_t) * (1 + 2 * short(c)), 1),
        {assume(THIRD_MASS): 1, at_most_one(): 2 * q(margin_t)},
        label="w <= 1",
    )


@lru_cache
def row_angles() -> Theorem:
    """mean |D| <= ``rows_bound`` for raw rows, at N = ROW_SPREAD."""
    twice = combine(le(0, 2 * short(c)), {assume(SHORT[0]): 2})
    equal = cut(equal_rows(), twice, lifted_mass())
    moved, angles, pays = map(of_rows, (shift, angles_from_weighted, paid))
    total = combine(
        le(angles.relation.lhs, rows_bound()),
        {
            angles: 1,
            moved: stretch**2,
            equal: stretch**2,
            average(pays, c): C / ((C - 1) * strength),
        },
        label="inner products and norms",
    )
    return without_short(cut(instantiate(total, {norms: ROW_SPREAD}, label="N"), rows_near_one()))
