# SPDX-License-Identifier: MIT
"""Cosines between raw classifier rows: short rows pay for their cosines, and the mean row wbar costs little.

In units of beta: v_c = w_c/beta = length(c) unit(c), off = -wbar/beta of norm g, r_c = v_c + off, lifted by
l_c = zeta w_c, zeta <= 2, q (1 + zeta) < 1.  Where (zeta/2) V^2 (g^2 + k) < 1, k = (1+q)/((1-q) T), and
(1 + V g)^2 + (2/zeta - 1) s <= V^2 t/T, let

    R = 2 (1 - (zeta/2) V^2 (g^2 + k))/(7/2 + V^2 g^2),    s = S/(1 + y), S the least of 1/2 and R, y > 0.

Then V^2 G_c of ``lemmas.lifted_rows`` is at least s ((zeta/2) (7/2 + V^2 g^2) w_c^2 + (2 - zeta) w_c), and
mean (1 + l_c) f_cj (<v_c, v_j> + ||v_c||^2/(C-1)) is at most that of r plus

    C/(C-1) (2 o + 8 V^2 o^2 + 2 g^2 + (zeta/2) (1/(2 V^2) + g^2) mean w^2),  o^2 = mean <off, r_c>^2.

zeta = 2/M will do, M the larger of 1 and (20/9) u, u = (C-1) e^(-t): zeta u < 1.

Source: this project (2026).
"""

from __future__ import annotations

from functools import lru_cache

from sympy import Abs, Expr, Rational, exp, sqrt

from theory.definitions import dot, q, sq, wbar, wt
from theory.definitions_collapse import POLAR, codeword, length
from theory.expressions import Mean, Relation, eq, le, lt, substitute
from theory.kernel import Theorem
from theory.lemmas.class_angles import rows
from theory.lemmas.equal_lengths import ROWS
from theory.lemmas.length_variance import least_excess, spread, with_lengths
from theory.lemmas.lifted_rows import bound, gain, lifted_by_rate, margin_t
from theory.lemmas.near_unit import of_rows, turn
from theory.lemmas.offsets import NEAR, ROW_NORM, far, near
from theory.lemmas.pair_angles import from_products, norms, signed
from theory.lemmas.rows_about_mean import TWO, shift, weighted
from theory.lemmas.short_vectors import SHORT, amount, at_most_size, rate_l, short, stretch, without_short
from theory.lemmas.signs import blur, free_y, with_signs
from theory.lemmas.tilted_classes import lift_cost, strength
from theory.lemmas.weighted_angles import angles_from_weighted, at_most_one, few_short
from theory.proving import assume, average, combine, cut, instantiate
from theory.symbols import C, T, beta, c, real

HALF = Rational(1, 2)
most = real("most_R", "R", "the most that s may be for short rows to pay")
step = real("step_s", "s", "step along the table of signs: the least of 1/2 and R, divided by 1 + y")
FAR = stretch * far  # V g
TURN = lift_cost() / T  # k
WRONG = (C - 1) * exp(-margin_t)  # u = q/(1-q)
PAYS = le((1 + FAR) ** 2 + (2 / rate_l - 1) * strength, stretch**2 * margin_t / T)
LIGHT = lt(rate_l * WRONG, 1)
LARGE = (9 + 20 * WRONG + Abs(20 * WRONG - 9)) / 18  # M, the larger of 1 and (20/9) u
SCALE = le((1 + FAR) ** 2 + (LARGE - 1) * step, stretch**2 * margin_t / T)
PAID = Rational(7, 2) + FAR**2
TAKEN = FAR**2 + stretch**2 * TURN
SPARE = 2 - rate_l * TAKEN
ROOM = le(strength * PAID, SPARE)
OPEN = lt(TAKEN, LARGE)
MOST = eq(most * PAID, 2 - 2 * TAKEN / LARGE)
STEP = eq(step, (HALF + most - Abs(most - HALF)) / (2 + 2 * free_y))
CHOICES = (SCALE, OPEN, MOST, STEP)
ALONG = Mean(dot(lambda x: wbar(x) / beta, lambda x: wt(c, x) / beta) ** 2, c)  # o^2, of rows


def turn_square() -> Expr:
    """||r_c||^2."""
    return sq(lambda x: turn(c, x))


@lru_cache
def paid() -> Theorem:
    """NEAR, SHORT, PAYS, ROOM, TWO |- s ((zeta/2) (7/2 + V^2 g^2) w_c^2 + (2 - zeta) w_c) <= V^2 G_c."""
    sign, _, product = map(assume, SHORT)
    w, a, z, two = short(c), stretch * length(c), rate_l, assume(TWO)
    room = combine(le(0, 1 - w), {at_most_one(): 1})
    return combine(
        le(strength * (z / 2 * PAID * w**2 + (2 - z) * w), stretch**2 * gain(turn_square(), z)),
        [
            (assume(PAYS), z * w),
            (assume(ROOM), z * w**2 / 2),
            (assume(NEAR), stretch**2 * z * w),
            (assume(NEAR), stretch**2 * z**2 * w**2 / 2),
            (product, (z + z**2 * w / 2) * (a + 1 - w + 2 * FAR)),
            (room, z * w**3),
            (sign, 2 * z * FAR * w**2),
            (two, z * w**2 / 2 * (1 - w) ** 2),
            (room, z * w**2 * FAR * (2 - z)),
        ],
        facts=[sign, two],
        label="the lift makes short vectors pay",
    )


@lru_cache
def angles() -> Theorem:
    """TWO |- mean f D <= V^2 (``weighted`` + C N/(C-1)^2) + C/(C-1) mean ((3/2) zeta w^2 + (2 - zeta) w)."""
    less = combine(le(0, 1 - rate_l / 2), {assume(TWO): HALF})
    paid_for = C / (C - 1) * Mean(3 * rate_l / 2 * short(c) ** 2 + (2 - rate_l) * short(c), c)
    return combine(
        le(signed(), stretch**2 * (weighted(codeword) + C * norms / (C - 1) ** 2) + paid_for),
        {
            angles_from_weighted(): rate_l / 2,
            few_short(): 1 - rate_l / 2,
            from_products(): stretch**2 * (1 - rate_l / 2),
        },
        facts=[less],
        label="two estimates of a pair",
    )


def _bound(spread: Expr) -> Expr:
    """V^2 (P + C/(C-1) (2 o + 8 V^2 o^2 + 2 g^2) + C N/(C-1)^2)."""
    shift_cost = 2 * sqrt(ALONG) + 8 * stretch**2 * ALONG + 2 * far**2
    return stretch**2 * (bound() + C / (C - 1) * shift_cost + C * spread / (C - 1) ** 2)


@lru_cache
def lifted_mass() -> Theorem:
    """LIGHT |- q (1 + zeta w_c) < 1."""
    whole = C - 1 + exp(margin_t)
    return combine(
        lt(q(margin_t) * (1 + rate_l * short(c)), 1),
        {assume(LIGHT): exp(margin_t) / whole, at_most_one(): q(margin_t) * rate_l},
        label="w <= 1",
    )


def together(equal: Theorem, turned: Theorem, bound: Expr) -> Theorem:
    """From ``equal``, for a lift, and ``turned``, the price of the mean: mean f D <= ``bound``."""
    lifted = combine(le(0, rate_l * short(c)), {assume(SHORT[0]): rate_l})
    near_pairs, pays = map(of_rows, (angles, paid))
    total = combine(
        le(near_pairs.relation.lhs, bound),
        {
            near_pairs: 1,
            turned: stretch**2,
            cut(equal, lifted, lifted_mass()): stretch**2,
            average(pays, c): C / ((C - 1) * strength),
        },
        label="inner products and norms",
    )
    return at_rate(cut(without_short(total), assume(rows(POLAR[0]))))


@lru_cache
def signed_rows() -> Theorem:
    """PAYS, ROOM, NEAR, FLAT |- mean f D <= ``_bound`` for raw rows."""
    return together(lifted_by_rate(), of_rows(shift), _bound(norms))


def at_rate(theorem: Theorem) -> Theorem:
    """``theorem`` at zeta = 2/M, where TWO and LIGHT hold."""
    moved = instantiate(theorem, {rate_l: 2 / LARGE}, label="zeta := 2/M")
    over = instantiate(at_most_size(), {amount: 20 * WRONG - 9}, label="20 u - 9 <= |20 u - 9|")
    under = instantiate(at_most_size(), {amount: 9 - 20 * WRONG}, label="9 - 20 u <= |20 u - 9|")
    two = combine(le(2 / LARGE, 2), {under: 1 / (9 * LARGE)})
    spare = (9 + Abs(20 * WRONG - 9)) / (90 * LARGE)
    light = combine(lt(2 / LARGE * WRONG, 1), {over: 2 / (45 * LARGE)}, slack=spare)
    return cut(moved, two, light)


@lru_cache
def small_steps() -> tuple[Theorem, Theorem, Theorem]:
    """OPEN, MOST, STEP |- 0 < s, s < 1/2, s (7/2 + V^2 g^2) <= 2 - 2 V^2 (g^2 + k)/M."""
    below = instantiate(at_most_size(), {amount: HALF - most}, label="1/2 - R <= |1/2 - R|")
    above = instantiate(at_most_size(), {amount: most - HALF}, label="R - 1/2 <= |R - 1/2|")
    some = combine(lt(0, most), {assume(OPEN): 2 / (LARGE * PAID), assume(MOST): -1 / PAID}, label="0 < R")
    both = combine(lt(0, HALF + most + Abs(most - HALF)), {some: 1}, slack=HALF + Abs(most - HALF))
    share = 1 / (1 + free_y)
    half = share / 2
    taken = assume(STEP)
    return (
        combine(
            lt(0, step),
            {taken: -1, some: share / (HALF + most + Abs(most - HALF))},
            facts=[both],
            label="a b = (a + b - |a - b|)/2 (a + b + |a - b|)/2",
        ),
        combine(lt(step, HALF), {taken: 1, above: half}, slack=(1 - share) / 2, label="S <= 1/2"),
        combine(
            le(step * PAID, 2 - 2 * TAKEN / LARGE),
            {taken: PAID, below: half * PAID, some: (1 - share) * PAID, assume(MOST): 1},
            label="S <= R",
        ),
    )


def rows_bound() -> Expr:
    """eta + V^2 (P + C/(C-1) (2 o + 8 V^2 o^2 + 2 g^2) + C N/(C-1)^2), g = ||wbar||/beta."""
    return least_excess(substitute(blur + _bound(spread(ROW_NORM)), {strength: step, far: ROW_NORM}))  # type: ignore[no-any-return]


def at_steps(signed: Theorem) -> Theorem:
    """CHOICES |- ``signed`` with its step, g = ||wbar||/beta and N for any Y."""
    some, half, room = small_steps()
    total = instantiate(signed, {strength: step}, facts=[some], label="s = S/(1 + y)")
    total = cut(total, half, room, assume(SCALE))
    total = instantiate(total, {far: ROW_NORM}, label="g := ||wbar||/beta")
    total = cut(total, cut(of_rows(near), assume(rows(POLAR[0]))))
    return with_lengths(total, ROWS, ROW_NORM)


@lru_cache
def row_angles() -> Theorem:
    """CHOICES |- mean |D| <= ``rows_bound`` for raw rows."""
    return least_excess(with_signs(at_steps(signed_rows()), positive_step()))  # type: ignore[no-any-return]


@lru_cache
def positive_step() -> Theorem:
    """OPEN, MOST, STEP |- 0 < s, g = ||wbar||/beta."""
    return instantiate(small_steps()[0], {far: ROW_NORM}, label="g := ||wbar||/beta")


def of_norm(relation: Relation) -> Relation:
    """A hypothesis on g, at g = ||wbar||/beta."""
    return relation.map(lambda side: substitute(side, {far: ROW_NORM}))
