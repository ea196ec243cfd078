# SPDX-License-Identifier: MIT
"""Cosines between centred class means: inner products against a table of signs, with short means lifted.

With v_c = (mu_c - mu_G)/alpha = length(c) unit(c), off = mu_G/alpha of norm g, w = short of
``lemmas.short_vectors`` and class c lifted by l_c = zeta w_c.  A lifted mean moves its row too; omega splits
what that costs, so that Lambda counts 1 + 1/omega times.  For any table |f| <= 1 and 0 < s < 1/2

    mean f_cj (<mu_c, mu_j> - its mean over wrong j)/alpha^2 + (C/((C-1) s)) mean G_c
        <= C/(C-1) (e/s + s ((1 + 1/omega) Lambda (C-1)/(2 C^2) + (1/2 + (9/20) s^2)/T)),
    G_c = l_c (t/T - ||mu_c||^2/alpha^2) - (l_c^2/2) ((1 + omega) ||mu_c||^2/alpha^2 + k),
    k = (1+q)/((1-q) T).

Let p = 1 + omega, K = V^2 k and E the larger of K and 2 K - p.  With zeta = 4/(p (1 + V g) + E), short means
pay for all they may do, V^2 G_c >= 2 s w_c, if

    (1 + V g)^2 + (s/2) (p (1 + V g) + E) <= V^2 t/T;

q (1 + zeta) < 1 as it must be where p >= 4 u, u = (C-1) e^(-t), as it is with omega + 4 u^2 for omega.

Source: this project (2026).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from sympy import Expr, Rational, exp, sqrt

from theory.definitions import dot, mu, mu_global, q, sq, within_class_scatter, wt
from theory.definitions_collapse import length
from theory.expressions import Mean, Relation, le, lt, substitute, wrong_mean
from theory.kernel import Theorem
from theory.lemmas.between_classes import (
    MARGIN,
    charge,
    level,
    means_gram,
    tilted_means,
)
from theory.lemmas.equal_lengths import MEANS
from theory.lemmas.equiangular import (
    Lambda,
    moved,
    pair,
    spectral_means,
    spread_at_most_one,
    tested,
)
from theory.lemmas.length_variance import least_excess, spread, with_lengths
from theory.lemmas.means_about_mean import shift
from theory.lemmas.near_unit import of_means, turn
from theory.lemmas.offsets import MEAN_NORM, NEAR, far, near
from theory.lemmas.pair_angles import from_products, norms
from theory.lemmas.short_vectors import (
    SHORT,
    amount,
    part,
    part_of_amount,
    rate_l,
    short,
    stretch,
    without_short,
)
from theory.lemmas.signs import blur, free_y, with_signs
from theory.lemmas.tilt_entropy import entropy, strength
from theory.lemmas.tilted_classes import (
    lift,
    lift_cost,
    lift_gain,
    lifted_margin,
    margin_t,
    spent_entropy,
)
from theory.lemmas.weighted_angles import at_most_one, few_short
from theory.proving import assume, average, combine, cut, instantiate
from theory.symbols import C, T, alpha, beta, c, j, positive

split = positive("split_omega", r"\omega", "how the price of a lifted mean is split; any positive number")
extra = positive("extra_E", "E", "what the entropy of a lift costs, at least V^2 (1+q)/((1-q) T)")
HALF = Rational(1, 2)
FAR = stretch * far  # V g
TURN = stretch**2 * lift_cost() / T  # V^2 k
WRONG = (C - 1) * exp(-margin_t)  # u = q/(1-q)
SPLIT = le(4 * WRONG, 1 + split)
ENOUGH = (le(TURN, extra), le(2 * TURN - 1 - split, extra))
LIFTED = (1 + split) * (1 + FAR) + extra
PAYS = le((1 + FAR) ** 2 + 2 * strength / rate_l, stretch**2 * margin_t / T)
LIFT_RATE = le(rate_l * LIFTED, 4)
HALVED = le((1 + FAR) ** 2 + strength * LIFTED / 2, stretch**2 * margin_t / T)
EXTRA = TURN + part(TURN - 1 - split)
WHOLE = split + 4 * WRONG**2  # omega, so that 4 u <= 1 + omega
STEP = 1 / (2 + free_y)
ALONG = Mean(dot(lambda x: mu_global(x) / alpha, lambda x: (mu(c, x) - mu_global(x)) / alpha) ** 2, c)  # o^2


def bound(margin: Any = level) -> Expr:
    """C/(C-1) (e/s + s ((1 + 1/omega) Lambda (C-1)/(2 C^2) + (1/2 + (9/20) s^2)/T)), e = 1 - ``margin``/T."""
    curvature = (1 + 1 / split) * Lambda * (C - 1) / (2 * C**2) + entropy() / T
    return C / (C - 1) * ((1 - margin / T) / strength + strength * curvature)


@lru_cache
def lifted_norms(spent: Callable[[], Theorem] = spent_entropy) -> Theorem:
    """``lemmas.lifted_rows.lifted_norms`` with the parts of rows and class means exchanged."""
    cost = Mean(spent().relation.rhs, c)
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
            T - level + strength**2 * (1 + 1 / split) * quadratic / (2 * ratio) + cost,
        ),
        {lifted_margin(spent): 1, assume(MARGIN): -charge() / T - 1 - squares / 2},
        slack=(square + moved_square / split + C**2 / (C - 1) ** 2 * within_class_scatter()) / (2 * ratio),
        label="2 <Y, w~> <= theta ||w~||^2 + ||Y||^2/theta",
    )


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
    """POLAR, NEAR, SHORT, PAYS, LIFT_RATE |- 2 s w_c <= V^2 G_c."""
    sign, _, product = map(assume, SHORT)
    w, a, z, p = short(c), stretch * length(c), rate_l, 1 + split
    room = combine(le(0, 1 - w), {at_most_one(): 1})
    some, more = map(assume, ENOUGH)
    return combine(
        le(2 * strength * w, stretch**2 * gain(sq(lambda x: turn(c, x)))),
        [
            (assume(PAYS), z * w),
            (assume(NEAR), stretch**2 * z * w),
            (assume(NEAR), stretch**2 * z**2 * w**2 * p / 2),
            (product, z * (1 + z * w * p / 2) * (a + 1 - w + 2 * FAR)),
            (assume(LIFT_RATE), z * w**2 * (1 + 2 * FAR) / 4),
            (assume(LIFT_RATE), z * w**2 / 4 * (1 - w)),
            (some, z**2 * w**2 / 2 * (1 - w)),
            (more, z**2 * w**3 / 4),
            (room, z**2 * w**3 * p / 2),
            (sign, 3 * z**2 * w**2 * p * FAR / 4),
        ],
        facts=[sign, room],
        slack=z**2 * w**2 * extra * FAR / 2,
        label="the lift makes short means pay",
    )


def _bound(spread: Expr) -> Expr:
    """V^2 (P + C/(C-1) o + C N/(C-1)^2)."""
    return stretch**2 * (bound() + C / (C - 1) * sqrt(ALONG) + C * spread / (C - 1) ** 2)


@lru_cache
def lifted_mass() -> Theorem:
    """LIFT_RATE, SPLIT |- q (1 + zeta w_c) < 1, as zeta (1 + omega) < 4."""
    whole = C - 1 + exp(margin_t)
    light = combine(
        lt(rate_l * WRONG, 1),
        {assume(LIFT_RATE): Rational(1, 4), assume(SPLIT): rate_l / 4},
        slack=rate_l / 4 * ((1 + split) * FAR + extra),
        label="zeta (1 + omega) <= 4",
    )
    return combine(
        lt(q(margin_t) * (1 + rate_l * short(c)), 1),
        {light: exp(margin_t) / whole, at_most_one(): q(margin_t) * rate_l},
        label="w <= 1",
    )


def together(equal: Theorem, turned: Theorem, bound: Expr) -> Theorem:
    """From ``equal``, for a lift, and ``turned``, the price of the mean: mean f D <= ``bound``."""
    lifted = combine(le(0, rate_l * short(c)), {assume(SHORT[0]): rate_l})
    few, products, pays = map(of_means, (few_short, from_products, paid))
    total = combine(
        le(few.relation.lhs, bound),
        {
            few: 1,
            products: stretch**2,
            turned: stretch**2,
            cut(equal, lifted, lifted_mass()): stretch**2,
            average(pays, c): C / ((C - 1) * strength),
        },
        label="inner products and norms",
    )
    return without_short(total)


@lru_cache
def signed_means() -> Theorem:
    """PAYS, LIFT_RATE, SPLIT, NEAR |- mean f D <= ``_bound`` for centred class means."""
    return together(equal_means(), of_means(shift), _bound(norms))


def of_norm(thing: Any) -> Any:
    """An expression or a hypothesis at g = ||mu_G||/alpha, s = 1/(2 + y) and omega as it may be."""
    if isinstance(thing, Relation):
        return thing.map(of_norm)
    thing = substitute(substitute(thing, {extra: EXTRA}), {strength: STEP, split: WHOLE})
    return substitute(thing, {far: MEAN_NORM})


def means_bound() -> Expr:
    """eta + V^2 (P + C/(C-1) o + C N/(C-1)^2), g, s and omega as ``of_norm`` has them."""
    return least_excess(of_norm(blur + _bound(spread(MEAN_NORM))))  # type: ignore[no-any-return]


SCALE = of_norm(HALVED)


def at_steps(signed: Theorem) -> Theorem:
    """SCALE |- ``signed`` with its lifts, s, omega and g = ||mu_G||/alpha."""
    total = instantiate(signed, {rate_l: 4 / LIFTED}, label="zeta")
    pays = PAYS.map(lambda side: substitute(side, {rate_l: 4 / LIFTED}))
    total = cut(total, combine(pays, {assume(HALVED): 1}))
    none, over = (instantiate(t, {amount: TURN - 1 - split}) for t in part_of_amount())
    some = combine(lt(0, EXTRA), {none: 1}, slack=TURN)
    enough = combine(le(TURN, EXTRA), {none: 1}), combine(le(2 * TURN - 1 - split, EXTRA), {over: 1})
    total = cut(instantiate(total, {extra: EXTRA}, facts=[some], label="E"), *enough)
    wide = combine(le(4 * WRONG, 1 + WHOLE), slack=split + (1 - 2 * WRONG) ** 2)
    total = cut(instantiate(total, {split: WHOLE}, label="omega := omega + 4 u^2"), wide)
    total = instantiate(total, {strength: STEP, far: MEAN_NORM}, label="s := 1/(2 + y), g := ||mu_G||/alpha")
    return cut(total, of_means(near))


@lru_cache
def mean_angles() -> Theorem:
    """SCALE |- mean |D| <= ``means_bound`` for centred class means."""
    total = with_lengths(at_steps(with_signs(signed_means())), MEANS, MEAN_NORM)
    return least_excess(total)  # type: ignore[no-any-return]
