# SPDX-License-Identifier: MIT
"""Cosines between centred class means: inner products against a table of signs, with short means lifted.

With v_c = (mu_c - mu_G)/alpha = length(c) unit(c), off = mu_G/alpha of norm at most g, w = short of
``lemmas.short_vectors`` and class c lifted by l_c = zeta w_c.  A lifted mean moves its row too; omega splits
what that costs, so that Lambda counts 1 + 1/omega times.  For any table |f| <= 1 and 0 < s < 1/2

    mean f_cj (<mu_c, mu_j> - its mean over wrong j)/alpha^2 + (C/((C-1) s)) mean G_c
        <= C/(C-1) (e/s + s ((1 + 1/omega) Lambda (C-1)/(2 C^2) + (1/2 + (9/20) s^2)/T)),
    G_c = l_c (t/T - ||mu_c||^2/alpha^2) - (l_c^2/2) ((1 + omega) ||mu_c||^2/alpha^2 + (1+q)/((1-q) T)),

and V^2 G_c >= 2 s w_c where V^2 t/T >= (1 + V g)^2 + 2 s/zeta: what short means may do is paid for.
Source: this project (2026).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sympy import Abs, Expr, Rational, sqrt

from theory.definitions import dot, mu, q, sq, within_class_scatter, wt
from theory.definitions_collapse import POLAR, code, length, max_angle
from theory.expressions import Mean, eq, index, le, lt, wrong_mean
from theory.kernel import Theorem
from theory.lemmas.between_classes import MARGIN, charge, level, means_gram, tilted_means
from theory.lemmas.equiangular import (
    TEST,
    Lambda,
    deviation,
    moved,
    over_pairs,
    pair,
    spectral_means,
    spread_at_most_one,
    test,
    tested,
)
from theory.lemmas.near_unit import MEAN_SPREAD, centre, means_near_one, of_means, off, turn
from theory.lemmas.near_unit import short as reach_of
from theory.lemmas.pair_angles import SYMMETRIC, at_most_two, from_products, gap, norms, tested_angles
from theory.lemmas.short_vectors import SHORT, short, stretch, without_short
from theory.lemmas.tilt_entropy import entropy, strength
from theory.lemmas.tilted_classes import lift, lift_cost, lift_gain, lifted_margin, margin_t
from theory.lemmas.weighted_angles import at_most_one
from theory.proving import assume, average, combine, cut, instantiate
from theory.symbols import C, T, alpha, beta, c, d, j, k, positive, real

rate_l = positive("lift_rate", r"\zeta", "how much a class is lifted for one unit of its short part")
split = positive("split_omega", r"\omega", "how the price of a lifted mean is split; any positive number")
inner = real("inner_m", "z", "inner product of a class mean with a vector near 0")
HALF = Rational(1, 2)
_c = index("c4")
FAR = stretch * centre  # V g
TURN = stretch**2 * lift_cost() / T
WIDTH = sqrt(Lambda / C)
SCALE = le((1 + FAR) ** 2 + 2 * strength / rate_l, stretch**2 * margin_t / T)
LIFT_RATE = le(rate_l * ((1 + split) * (1 + FAR) + TURN), 4)
AT_MOST_TWO = le(rate_l, 2)
TURN_SMALL = le(rate_l * TURN, 2)
THIRD_MASS = lt(3 * q(margin_t), 1)


def bound(margin: Any = level) -> Expr:
    """C/(C-1) (e/s + s ((1 + 1/omega) Lambda (C-1)/(2 C^2) + (1/2 + (9/20) s^2)/T)), e = 1 - ``margin``/T."""
    curvature = (1 + 1 / split) * Lambda * (C - 1) / (2 * C**2) + entropy() / T
    return C / (C - 1) * ((1 - margin / T) / strength + strength * curvature)


@lru_cache
def lifted_norms() -> Theorem:
    """``lemmas.lifted_rows.lifted_norms`` with the parts of rows and class means exchanged."""
    ratio = C * alpha / ((C - 1) * beta)
    share = C / (C - 1)

    def column(cc: Any, kk: Any) -> Expr:
        return strength * tilted_means(cc, kk, pair)

    def whole(cc: Any, kk: Any) -> Expr:
        return share * (1 + lift(cc)) * mu(cc, kk) - column(cc, kk)

    square = Mean(sq(lambda kk: whole(c, kk) - ratio * wt(c, kk)), c)
    moved_square = Mean(sq(lambda kk: split * share * lift(c) * mu(c, kk) + column(c, kk)), c)
    tilted = Mean(wrong_mean(lambda jj: pair(c, jj) * means_gram(c, jj), c, C), c)
    quadratic = Mean(sq(lambda kk: tilted_means(j, kk, pair)), j)
    squares = Mean((2 * lift(c) + (1 + split) * lift(c) ** 2) * means_gram(c, c), c) / alpha**2
    return combine(
        le(
            beta / alpha * strength * tilted + lift_gain() - T / 2 * squares,
            T - level + strength**2 * ((1 + 1 / split) * quadratic / (2 * ratio) + entropy()),
        ),
        {lifted_margin(): 1, assume(MARGIN): -charge() / T - 1 - squares / 2},
        slack=square / (2 * ratio) + moved_square / (2 * ratio * split) + _scatter(),
        label="2 <Y, w~> <= theta ||w~||^2 + ||Y||^2/theta",
    )


def _scatter() -> Expr:
    return C * beta / (2 * (C - 1) * alpha) * within_class_scatter()


def gain(size: Any) -> Expr:
    """G_c, ``size`` the squared length of the class mean."""
    lifted = rate_l * short(c)
    return lifted * (margin_t / T - size) - lifted**2 / 2 * ((1 + split) * size + lift_cost() / T)


@lru_cache
def equal_means() -> Theorem:
    """The inequality at the head of this file."""
    lifted = instantiate(lifted_norms(), functions={lift: ((c,), rate_l * short(c))}, label="lift by zeta w")
    rate = C / ((C - 1) * strength * T)
    quadratic = Mean(sq(lambda kk: tilted_means(j, kk, pair)), j)
    tilted = Mean(wrong_mean(lambda jj: pair(c, jj) * means_gram(c, jj), c, C), c)
    own = (1 + 1 / split) * strength
    return combine(
        le(tested(means_gram, alpha) + rate * T * Mean(gain(means_gram(c, c) / alpha**2), c), bound()),
        {
            lifted: rate,
            assume(MARGIN): (tilted - own * (C - 1) * quadratic / (2 * C)) / (alpha**2 * T),
            assume(spectral_means()): own * (C - 1) / (2 * C * alpha**2),
            spread_at_most_one(): own * Lambda / (2 * C),
            moved(means_gram): -1 / alpha**2,
        },
        label="divide by the step",
    )


@lru_cache
def paid() -> Theorem:
    """POLAR, OFF, SHORT, SCALE, LIFT_RATE, TURN_SMALL |- 2 s w_c <= V^2 G_c."""
    sign, _, product = map(assume, SHORT)
    w, a, z = short(c), stretch * length(c), rate_l
    long = assume(POLAR[2])
    whole = z / 2 * (2 * a + 2 * w + 2 + 4 * FAR + w * z * ((1 + split) * (a + FAR) - TURN))
    return combine(
        le(2 * strength * w, stretch**2 * gain(sq(lambda x: turn(c, x)))),
        [
            (assume(SCALE), z * w),
            (reach_of(), stretch**2 * z * w),
            (reach_of(), stretch**2 * z**2 * w**2 * (1 + split) / 2),
            (assume(LIFT_RATE), z * w**2 * FAR / 2),
            (assume(LIFT_RATE), z * w**2 * stretch * length(c) / 2),
            (assume(TURN_SMALL), z * w**3 / 2),
            (product, whole),
            (sign, z**2 * w**2 * FAR * (1 + split) / 2),
            (long, z**2 * w**3 * (1 + split) * stretch / 2),
        ],
        facts=[sign, long],
        slack=z**2 * w**2 * TURN * FAR / 2,
        label="the lift makes short means pay",
    )


@lru_cache
def few_short() -> Theorem:
    """mean |D| <= V^2 mean length length |D| + 2 (C/(C-1)) mean w."""
    a, b, top = length(c), length(j), Abs(gap())
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
        facts=[combine(le(0, short(c) + short(j)), {sign: 1, sign_j: 1})],
        label="|D| <= C/(C-1)",
    )
    pairs = average(average(one, j, excluding=c), c, label="mean over pairs")
    weighted = over_pairs(lambda c_, j_: length(c_) * length(j_) * Abs(gap(c_, j_)))
    return combine(le(max_angle(), stretch**2 * weighted + 2 * C / (C - 1) * Mean(short(c), c)), {pairs: 1})


def along(cc: Any) -> Expr:
    """<off, v_c>."""
    return dot(off, lambda x: code(cc, x))


OFF_ALONG = le(Mean(along(c) ** 2, c), Lambda * centre**2 / C)
BALANCED = eq(Mean(code(_c, k), _c), 0, k)


@lru_cache
def shift() -> Theorem:
    """``tested_angles`` <= mean f (K_cj - its mean over wrong j) + C/(C-1) g sqrt(Lambda/C), K of v + off."""
    low, high = map(assume, TEST)
    top = inner**2 / (2 * centre * WIDTH) + centre * WIDTH / 2
    sides = [
        combine(le(n * inner, top), slack=(inner - n * centre * WIDTH) ** 2 / (2 * centre * WIDTH))
        for n in (1, -1)
    ]
    up = combine(le(0, (1 + test(c, j)) / 2), {low: HALF})
    down = combine(le(0, (1 - test(c, j)) / 2), {high: HALF})
    one = combine(
        le(-test(c, j) * inner, top),
        {sides[0]: (1 - test(c, j)) / 2, sides[1]: (1 + test(c, j)) / 2},
        facts=[up, down],
        label="|f| <= 1",
    )
    mine = instantiate(one, {inner: along(c)}, label="<off, v_c>")
    pairs = average(average(mine, j, excluding=c), c, label="mean over pairs")

    def turned(cc: Any, jj: Any) -> Expr:
        return dot(lambda x: turn(cc, x), lambda x: turn(jj, x))

    whole = over_pairs(lambda c_, j_: test(c_, j_) * deviation(turned, c_, j_))
    rate = C / (C - 1)
    one_flat = combine(
        eq(turn(c, k) * Mean(code(_c, k), _c), 0), {assume(BALANCED): turn(c, k)}, label="one coordinate"
    )
    flat = combine(
        eq(test(c, j) * dot(lambda x: turn(c, x), lambda x: Mean(code(_c, x), _c)), 0),
        {average(one_flat, k): d * test(c, j)},
        label="the vectors have mean 0",
    )
    swapped = combine(
        eq(test(c, j) * along(j), test(j, c) * along(j)),
        {assume(SYMMETRIC): along(j)},
        label="f is symmetric",
    )
    zero, same = (average(average(t, j, excluding=c), c, label="mean over pairs") for t in (flat, swapped))
    return combine(
        le(tested_angles(), whole + rate * centre * WIDTH),
        {pairs: rate, assume(OFF_ALONG): rate / (2 * centre * WIDTH), same: -1, zero: rate},
        label="class means about the global mean",
    )


def means_bound(spread: Expr = norms) -> Expr:
    """V^2 (P + C/(C-1) g sqrt(Lambda/C) + C N/(C-1)^2)."""
    return stretch**2 * (bound() + C / (C - 1) * centre * WIDTH + C * spread / (C - 1) ** 2)


@lru_cache
def lifted_mass() -> Theorem:
    """3 q < 1, zeta <= 2 |- q (1 + zeta w_c) < 1."""
    sign = assume(SHORT[0])
    return combine(
        lt(q(margin_t) * (1 + rate_l * short(c)), 1),
        {assume(THIRD_MASS): 1, at_most_one(): q(margin_t) * 2, assume(AT_MOST_TWO): q(margin_t) * short(c)},
        facts=[sign],
        label="w <= 1",
    )


@lru_cache
def mean_angles() -> Theorem:
    """mean |D| <= ``means_bound`` for centred class means, at N = MEAN_SPREAD."""
    lifted = combine(le(0, rate_l * short(c)), {assume(SHORT[0]): rate_l})
    equal = cut(equal_means(), lifted, lifted_mass())
    moved_, few, products, pays = map(of_means, (shift, few_short, from_products, paid))
    total = combine(
        le(few.relation.lhs, means_bound()),
        {
            few: 1,
            products: stretch**2,
            moved_: stretch**2,
            equal: stretch**2,
            average(pays, c): C / ((C - 1) * strength),
        },
        label="inner products and norms",
    )
    return without_short(cut(instantiate(total, {norms: MEAN_SPREAD}, label="N"), means_near_one()))
