# SPDX-License-Identifier: MIT
"""The route of Pan & Cao to intra-class cosines: convexity of the loss in the margin of each class.

With t_c the mean margin of class c, s_c = kappa_c rms_i rho_ci and b_c = 1 - intra_c,

    T b_c/2 <= (T - t_c)^2/(2 T) + 8 (T s_c - t_c)      (Cauchy-Schwarz, and cosines of one class),
    phi(t_c) >= phi(T) - q(T) (t_c - T) + kappa (t_c - T)^2,   |t_c| <= C T   (convexity on a range),

because the norm of one class can be sqrt(C) times the mean.  Averaging, mean_c s_c <= 1 and L <= phi(T) + eps
give mean_c b_c <= (16/(T q(T)) + 1/(kappa T^2)) eps, for every T: no threshold, an exponentially large
constant.  Source: the steps are those of Pan & Cao 2023, theorem 2.1; constants by this project (2026).
"""

from __future__ import annotations

from functools import lru_cache

from sympy import Expr, Integer, Rational, sqrt

from theory.definitions import phi, q
from theory.expressions import Mean, index, le, lt
from theory.kernel import Theorem, apply
from theory.lemmas.bregman import margin_, quadratic_support, radius
from theory.lemmas.budgets import FIXED_NORMS, SMALL_LOSS, class_loss, sample_dual
from theory.lemmas.class_cosines import mean_norm_at_most_rms
from theory.lemmas.cosines import slack_
from theory.lemmas.indicators import y as event
from theory.lemmas.indicators import zero
from theory.lemmas.polar import (
    NORMS_AT_MOST_ONE,
    class_cosine,
    class_scale,
    cosine,
    cosine_at_most_one,
    kappa,
    mean_cosine_bound,
    norm_budget,
    polar,
    rho,
)
from theory.lemmas.published import fraction
from theory.lemmas.sample_cosines import signs
from theory.proving import assume, average, cases, combine, cut, instantiate, visible
from theory.symbols import C, T, c, delta, eps, i, p, positive

EVENLY = Integer(0)  # how T b_c is shared between the two terms of ``one_class``
constant = positive("K_route", "K", "constant of a bound in sqrt(eps/delta)")


def class_margin() -> Expr:
    """t_c/T = kappa_c E_i rho_ci cos_ci."""
    return Mean(kappa(c) * rho(c, i) * cosine(), i)


def lost() -> Expr:
    """b_c = 1 - intra_c."""
    return 1 - class_cosine()


MEAN_BUDGET = le(Mean(lost(), c), constant**2 * eps)


@lru_cache
def class_margin_loss() -> Theorem:
    """phi(t_c) <= E_i CE_ci: the dual bound at the margin of the class."""
    own = T * class_margin()
    at_q = instantiate(sample_dual(FIXED_NORMS), {p: q(own)}, label="p := q(t_c)")
    mean = average(at_q, i, label="mean over the class")
    return combine(le(phi(own), class_loss()), {mean: 1}, label="psi(q(t)) - q(t) t = phi(t)")


@lru_cache
def _one_sample() -> Theorem:
    """4 n x <= r (1 + x) + 2 n^2/r for n >= 0, r > 0 and a cosine x."""
    low, high, _ = signs()
    turn, norm, root = cosine(), kappa(c) * rho(c, i), class_scale() + slack_
    goal = le(4 * norm * turn, root * (1 + turn) + 2 * norm**2 / root)
    forward, backward = assume(le(0, turn)), assume(le(turn, 0))
    right = combine(
        goal,
        {high: root * (1 + 2 * turn)},
        slack=2 * (norm - root * turn) ** 2 / root,
        facts=[combine(le(0, 1 + 2 * turn), {forward: 2}, slack=1)],
        label="x >= 0: a square and (1 - x)(1 + 2 x)",
    )
    left = combine(
        goal,
        {low: root, backward: 4 * norm},
        slack=2 * norm**2 / root,
        facts=[assume(le(0, kappa(c), c)), assume(le(0, rho(c, i), c, i))],
        label="x <= 0: every term",
    )
    return cases(right, left, split=le(0, turn), label="sign of the cosine")


@lru_cache
def turned_samples() -> Theorem:
    """4 t_c/T <= s_c (3 + E_i cos_ci)."""
    root, turn = class_scale() + slack_, cosine()
    near = combine(
        le(4 * class_margin(), root * (3 + Mean(turn, i))),
        {average(_one_sample(), i, label="mean over the class"): 1},
        slack=2 * (2 * class_scale() * slack_ + slack_**2) / root,
        label="mean square of the norms",
    )
    return apply("limit", near, symbol=slack_, label="eta -> 0")


@lru_cache
def one_class(x: Rational = EVENLY) -> Theorem:
    """(1+x) T b_c/2 <= (T - t_c)^2/(2 (1-x) T) + 8 T (s_c - t_c/T), 0 <= x < 1."""
    unit = assume(polar(1, 1)[2])
    mean, scale, b = Mean(cosine(), i), class_scale(), lost()
    half = combine(
        le(2 * mean, 1 + class_cosine()),
        {mean_cosine_bound(unit): 1},
        slack=(mean - 1) ** 2,
        label="2 x <= 1 + x^2",
    )
    turned = combine(
        le(scale * b, 8 * (scale - class_margin())),
        {turned_samples(): 2, half: scale},
        label="cosines of one class",
    )
    smaller, rest = cosine_at_most_one(), 1 - x
    goal = le(
        (1 + x) * T * b / 2,
        (T - T * class_margin()) ** 2 / (2 * rest * T) + 8 * T * (scale - class_margin()),
    )
    shorter = combine(
        le(class_margin(), scale),
        {turned: Rational(1, 8), smaller: scale / 8},
        label="t_c <= T s_c",
    )
    return combine(
        goal,
        {
            turned: T,
            shorter: T * b,
            smaller: rest * T * class_cosine() / 2,
        },
        facts=[smaller],
        slack=(T * (1 - class_margin()) - rest * T * b) ** 2 / (2 * rest * T),
        label="T b = t b + (T - t) b",
    )


@lru_cache
def class_range() -> tuple[Theorem, Theorem]:
    """t_c - T <= (C+1) T and T - t_c <= (C+1) T: no class has more than C times the mean square norm."""
    low, high, product = signs()
    row, norm, other = kappa(c), kappa(c) * rho(c, i), index("c5")
    rows, features = map(assume, NORMS_AT_MOST_ONE)
    kappas = average(visible(le(0, kappa(other) ** 2)), other, excluding=c)
    one_row = combine(le(row**2, C), {rows: C, kappas: C - 1}, label="one class of C")
    square = Mean(rho(other, i) ** 2, i)
    others = average(visible(le(0, square)), other, excluding=c)
    one_feature = combine(
        le(Mean(rho(c, i) ** 2, i), C), {features: C, others: C - 1}, label="one class of C"
    )
    twice = combine(le(2 * norm, row**2 + rho(c, i) ** 2), slack=(row - rho(c, i)) ** 2, label="a square")
    reach = average(twice, i)
    sides = []
    for sign, bound in ((1, high), (-1, low)):
        one = combine(le(sign * norm * cosine(), norm), {bound: norm}, facts=[product], label="|cos| <= 1")
        sides.append(
            combine(
                le(sign * T * (class_margin() - 1), (C + 1) * T),
                {
                    average(one, i): T,
                    reach: T / 2,
                    one_row: T / 2,
                    one_feature: T / 2,
                },
                slack=T * (1 + sign),
                label="norms of one class",
            )
        )
    return sides[0], sides[1]


def spread() -> Expr:
    """kappa = q(T) (1 - q(T))/(2 + (C+1) T)."""
    return q(T) * (1 - q(T)) / (2 + (C + 1) * T)


@lru_cache
def mean_support() -> Theorem:
    """q(T) (T - mean t_c) + kappa mean (T - t_c)^2 <= eps."""
    support = instantiate(
        quadratic_support(), {margin_: T * class_margin(), radius: (C + 1) * T}, label="t := t_c"
    )
    support = cut(support, *class_range(), label="norms of one class")
    t = T * class_margin()
    goal = le(q(T) * (T - Mean(t, c)) + spread() * Mean((T - t) ** 2, c), eps)
    return combine(
        goal,
        {
            average(support, c, label="mean over classes"): 1,
            average(class_margin_loss(), c): 1,
            assume(SMALL_LOSS): 1,
        },
        label="the loss gap is at most eps",
    )


@lru_cache
def mean_lost(x: Rational = EVENLY) -> Theorem:
    """mean_c b_c <= mean (T - t_c)^2/((1-x^2) T^2) + 16 (T - mean t_c)/((1+x) T), 0 <= x < 1."""
    rows, features = map(assume, NORMS_AT_MOST_ONE)
    t = T * class_margin()
    spread_, linear = Mean((T - t) ** 2, c) / T**2, 16 * (T - Mean(t, c)) / T
    return combine(
        le(Mean(lost(), c), spread_ / (1 - x**2) + linear / (1 + x)),
        {
            average(one_class(x), c, label="mean over classes"): 2 / (1 + x) / T,
            **dict.fromkeys((norm_budget(), rows, features), 8 / (1 + x)),
        },
        label="norms at most 1",
    )


@lru_cache
def mean_margin_at_most() -> Theorem:
    """0 <= T - mean t_c."""
    rows, features = map(assume, NORMS_AT_MOST_ONE)
    _, high, product = signs()
    norm = kappa(c) * rho(c, i)
    one = combine(le(norm * cosine(), norm), {high: norm}, facts=[product], label="cos <= 1")
    shorter = combine(
        le(class_margin(), class_scale()),
        {average(one, i): 1, mean_norm_at_most_rms(): 1},
        label="t_c <= T s_c",
    )
    return combine(
        le(0, T - Mean(T * class_margin(), c)),
        {average(shorter, c): T, norm_budget(): T / 2, rows: T / 2, features: T / 2},
        label="mean s_c <= 1",
    )


def rate() -> Expr:
    """16/(T q(T)) + (2 + (C+1) T)/(q(T) (1-q(T)) T^2)."""
    return 16 / (T * q(T)) + 1 / (spread() * T**2)


@lru_cache
def mean_bound() -> Theorem:
    """mean_c (1 - intra_c) <= rate eps."""
    t = T * class_margin()
    return combine(
        le(Mean(lost(), c), rate() * eps),
        {mean_lost(): 1, mean_support(): rate(), mean_margin_at_most(): q(T) / (spread() * T**2)},
        slack=16 * spread() / (T * q(T)) * Mean((T - t) ** 2, c),
        label="both parts of the gap",
    )


@lru_cache
def few_classes() -> Theorem:
    """mean_c b_c <= K^2 eps |- at most a fraction delta of the classes has b_c >= K sqrt(eps/delta)."""
    level = constant * sqrt(eps / delta)
    goal, budget = le(fraction(level), delta), assume(MEAN_BUDGET)
    markov = average(apply("indicator", cosine_at_most_one(), level=level), c, label="Markov's inequality")
    small = assume(le(level, 1))
    low = combine(goal, {markov: 1 / level, budget: 1 / level, small: delta}, label="K^2 eps = delta level^2")
    large = assume(lt(1, level))
    never = combine(lt(lost() - level, 0), {large: 1}, slack=class_cosine(), label="b_c <= 1 < level")
    nowhere = cut(instantiate(zero(), {event: lost() - level}), never)
    high = combine(goal, {average(nowhere, c): 1}, slack=delta, label="no class")
    return cases(low, high, split=le(level, 1), label="a small or a trivial bound")
