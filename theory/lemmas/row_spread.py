# SPDX-License-Identifier: MIT
"""The mean square of cos + 1/(C-1) over the pairs of raw rows: of first order in the loss gap.

``lemmas.raw_rows`` tilts along the signs of D_cj = cos(w_c, w_j) + 1/(C-1).  Along f = (C-1)/C D, |f| <= 1,
the tilt's own spread is that of D: with X = mean D^2, mean f D = (C-1)/C X, mean f^2 = ((C-1)/C)^2 X, and the
entropy of a tilt 1 + x, -1 <= x <= 3/2, is at most x^2, so that

    (1 - V^2 (s B + theta)) X <= V^2 ((C/(C-1))^2 (e/s + o^2/theta + 8 V^2 o^2 + 2 g^2) + C^2 N/(C-1)^3),

B = Lambda (C-1)/(2 C^2) + 1/T and Lambda = ||W~^T W~||_F/beta^2, with V, s, o, g and N as there, for any
theta > 0.

Source: this project (2026).
"""

from __future__ import annotations

from functools import lru_cache

from sympy import Expr, Rational

from theory.definitions import sq
from theory.definitions_collapse import cosine, pairs, squared_angle_spread
from theory.expressions import Mean, le, wrong_mean
from theory.kernel import Theorem
from theory.lemmas.between_classes import MARGIN, level, tilted_sum
from theory.lemmas.equal_lengths import ROWS, VALUES, Vectors, budget, nothing
from theory.lemmas.equiangular import (
    CENTRED,
    TEST,
    centred,
    centred_spread,
    moved,
    pair,
    test,
)
from theory.lemmas.gram_norm import NORM, weighted_rows
from theory.lemmas.length_variance import least_excess, spread
from theory.lemmas.lifted_rows import (
    gain,
    lifted_norms,
    products,
    row_square,
    weighted_gram,
)
from theory.lemmas.near_unit import of_rows
from theory.lemmas.offsets import ROW_NORM, far, theta
from theory.lemmas.pair_angles import cosine_range, gap, norms
from theory.lemmas.raw_rows import (
    ALONG,
    at_steps,
    positive_step,
    step,
    together,
)
from theory.lemmas.rows_about_mean import mean_test_square, split_shift
from theory.lemmas.short_vectors import rate_l, short, stretch
from theory.lemmas.tilt_entropy import STRENGTH, quartic, strength
from theory.lemmas.tilted_classes import LIFT, lift, margin_t, positive_raised, raised
from theory.proving import assume, average, cases, combine, cut, instantiate, visible
from theory.symbols import C, T, beta, c, j, real

one_step = real("one_step", "x", "a tilt less 1")
HALF, MOST = Rational(1, 2), Rational(3, 2)
SHARE = (C - 1) / C
GRAM = C * NORM  # Lambda = ||W~^T W~||_F/beta^2
CURVATURE = GRAM * (C - 1) / (2 * C**2) + 1 / T  # B


@lru_cache
def small_tilt() -> Theorem:
    """-1 <= x <= 3/2 |- quartic(x) <= x^2."""
    low, high = (combine(le(0, side), {assume(le(0, side)): 1}) for side in (1 + one_step, MOST - one_step))
    return combine(
        le(quartic(one_step), one_step**2),
        {high: one_step**2 * (1 + one_step) / 3},
        facts=[low],
        label="x^2/2 - x^3/6 + x^4/3 <= x^2",
    )


@lru_cache
def spent_square() -> Theorem:
    """(1 + l) mean_{j != c} quartic(s u_cj/(1 + l)) <= s^2 mean_{j != c} u_cj^2."""
    fact, low, high, own = positive_raised(), *map(assume, (*TEST, CENTRED))
    size, turned = strength / raised(), strength / raised() * pair(c, j)
    small = {assume(STRENGTH): 2 / raised(), assume(LIFT): 1 / raised()}
    least, greatest = (average(t, j, excluding=c, label="mean of f") for t in (low, high))
    above = combine(le(0, 1 + turned), {low: size, greatest: size, own: -size, **small}, facts=[fact])
    below = combine(
        le(0, MOST - turned), {high: size, least: size, own: size, **small}, facts=[fact], slack=HALF
    )
    one = cut(instantiate(small_tilt(), {one_step: turned}, facts=[fact]), above, below)
    one = combine(
        le(raised() * quartic(turned), strength**2 * pair(c, j) ** 2),
        {one: raised(), assume(LIFT): strength**2 * pair(c, j) ** 2 / raised()},
        facts=[fact],
        label="a lift spends less",
    )
    return average(one, j, excluding=c, label="mean over the wrong classes")


@lru_cache
def equal_rows() -> Theorem:
    """``lifted_rows.lifted_by_rate`` where the table spends what its own spread is, Lambda written out."""
    lifted = instantiate(
        lifted_norms(spent_square), functions={lift: ((c,), rate_l * short(c))}, label="lift by zeta w"
    )
    rate = C / ((C - 1) * strength * T)
    quadratic = Mean(sq(lambda kk: tilted_sum(c, kk, pair)), c)
    tilted = Mean(wrong_mean(lambda jj: pair(c, jj) * weighted_gram(c, jj), c, C), c)
    total = combine(
        le(products(rate_l) + rate * T * Mean(gain(row_square(), rate_l), c), _spent()),
        {
            lifted: rate,
            assume(MARGIN): (tilted - strength * (C - 1) * quadratic / (2 * C)) / (beta**2 * T),
            weighted_rows(): strength * (C - 1) / (2 * C),
            centred_spread(): strength * (GRAM / (2 * C) + C / ((C - 1) * T)),
            moved(weighted_gram): -1 / beta**2,
        },
        label="divide by the step",
    )
    return instantiate(total, functions={pair: ((c, j), centred(c, j))}, label="u := f - mean f")


def _spent() -> Expr:
    """C/(C-1) (e/s + s B mean f^2)."""
    return C / (C - 1) * ((1 - level / T) / strength + strength * CURVATURE * mean_test_square())


def _bound(spread_: Expr) -> Expr:
    """V^2 (``_spent`` + C/(C-1) (o^2/theta + theta mean f^2 + 8 V^2 o^2 + 2 g^2) + C N/(C-1)^2)."""
    shifted = ALONG / theta + theta * mean_test_square() + 8 * stretch**2 * ALONG + 2 * far**2
    return stretch**2 * (_spent() + C / (C - 1) * shifted + C * spread_ / (C - 1) ** 2)


@lru_cache
def tested_rows() -> Theorem:
    """PAYS, ROOM, NEAR, FLAT |- mean f D <= ``_bound`` for raw rows and a table |f| <= 1 with f D >= 0."""
    return together(equal_rows(), of_rows(split_shift), _bound(norms))


def along_deviations(theorem: Theorem) -> Theorem:
    """``theorem`` on a table |f| <= 1, for f = (C-1)/C D."""
    along = instantiate(theorem, functions={test: ((c, j), SHARE * gap())}, label="f := (C-1)/C D")
    above, below = (combine(t.relation.map(lambda x: SHARE * x), {t: SHARE}) for t in cosine_range())
    low = combine(le(-1, SHARE * gap()), {below: 1})
    high = combine(le(SHARE * gap(), 1), {above: 1})
    return cut(along, low, high, label="|D| <= C/(C-1)")


def mean_square() -> Expr:
    """mean D^2."""
    return pairs(lambda c_, j_: gap(c_, j_) ** 2)


def as_variance(mean: Theorem, own: Expr, rate: Expr, rest: Expr, of: Vectors, *facts: Theorem) -> Theorem:
    """(1 - w) Var cos <= ``rate`` e + ``rest`` from the same of mean D^2, w = ``own``, for vectors ``of``."""
    spends = instantiate(nothing(of), VALUES, label="eta, delta, rho")
    none = combine(
        le(0, 1 - level / T),
        {average(spends, c): margin_t / T, budget(): margin_t / T},
        label="the loss is not below its least",
    )
    most = rate * (1 - level / T) + rest
    some = combine(le(0, most), {none: rate}, facts=facts, slack=rest)
    goal, small = le((1 - own) * squared_angle_spread(), most), le(own, 1)
    room = combine(le(0, 1 - own), {assume(small): 1}, facts=facts)
    one = combine(
        goal, {mean: 1}, facts=[room, *facts], slack=(1 - own) * pairs(gap) ** 2, label="about -1/(C-1)"
    )
    each = visible(le(0, (cosine(c, j) - pairs(cosine)) ** 2))
    variance = average(average(each, j, excluding=c), c)
    variance = combine(le(0, squared_angle_spread()), {variance: 1}, label="a variance")
    other = combine(
        goal,
        {assume(le(1, own)): squared_angle_spread(), some: 1},
        facts=[variance, *facts],
        label="nothing is said where w >= 1",
    )
    return cases(one, other, split=small)


def weight() -> Expr:
    """V^2 (s B + theta)."""
    return stretch**2 * (step * CURVATURE + theta)


def excess_rate() -> Expr:
    """What multiplies e = 1 - tau/T: V^2 (C/(C-1))^2/s."""
    return stretch**2 / (step * SHARE**2)


def rest() -> Expr:
    """``bound`` without its term in e, for any Y."""
    shifted = ALONG / theta + 8 * stretch**2 * ALONG + 2 * ROW_NORM**2
    return stretch**2 * (shifted / SHARE**2 + C**2 * spread(ROW_NORM) / (C - 1) ** 3)


def bound() -> Expr:
    """V^2 ((C/(C-1))^2 (e/s + o^2/theta + 8 V^2 o^2 + 2 g^2) + C^2 N/(C-1)^3), g = ||wbar||/beta."""
    return least_excess(excess_rate() * (1 - level / T) + rest())  # type: ignore[no-any-return]


@lru_cache
def spread_of_rows() -> Theorem:
    """CHOICES |- (1 - ``weight``) Var cos <= ``bound``."""
    along, fact = at_steps(along_deviations(tested_rows())), positive_step()
    most = excess_rate() * (1 - level / T) + rest()
    mean = combine(le((1 - weight()) * mean_square(), most), {along: 1 / SHARE}, facts=[fact])
    return least_excess(as_variance(mean, weight(), excess_rate(), rest(), ROWS, fact))  # type: ignore[no-any-return]
