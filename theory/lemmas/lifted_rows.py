# SPDX-License-Identifier: MIT
"""Inner products of classifier rows against a table of signs, with short rows lifted by l_c = zeta w_c.

With r_c = (w_c - wbar)/beta, K_cj = <r_c, r_j> + ||r_c||^2/(C-1), any table |f| <= 1, 0 < s < 1/2,
e = 1 - tau/T (the loss forces the mean margin tau) and w = short of ``lemmas.short_vectors``:

    mean (1 + l_c) f_cj K_cj + (C/((C-1) s)) mean G_c
        <= C/(C-1) (e/s + s (Lambda (C-1)/(2 C^2) + (1/2 + (9/20) s^2)/T)),
    G_c = l_c (t/T - ||r_c||^2) - (l_c^2/2) (||r_c||^2 + (1+q)/((1-q) T)),  q = q(t).

G_c >= (const) w_c^2 for rows that short(c) counts as short: they pay for what their cosines may be.
Source: this project (2026).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from sympy import Expr

from theory.definitions import mu as mean_of
from theory.definitions import q, sq, within_class_scatter
from theory.expressions import Mean, le, lt, wrong_mean
from theory.kernel import Theorem
from theory.lemmas.between_classes import MARGIN, charge, gram, level, tilted_sum
from theory.lemmas.equiangular import (
    Lambda,
    moved,
    over_pairs,
    pair,
    spectral_weights,
    spread_at_most_one,
    test,
)
from theory.lemmas.short_vectors import rate_l, short
from theory.lemmas.tilted_classes import (
    entropy,
    lift,
    lift_cost,
    lift_gain,
    lifted_margin,
    lifted_rows,
    margin_t,
    raised,
    spent_entropy,
    strength,
)
from theory.proving import assume, combine, instantiate
from theory.symbols import C, T, alpha, beta, c

THIRD_MASS = lt(3 * q(margin_t), 1)


def bound(margin: Any = level) -> Expr:
    """C/(C-1) (e/s + s (Lambda (C-1)/(2 C^2) + (1/2 + (9/20) s^2)/T)), e = 1 - ``margin``/T."""
    curvature = Lambda * (C - 1) / (2 * C**2) + entropy() / T
    return C / (C - 1) * ((1 - margin / T) / strength + strength * curvature)


@lru_cache
def lifted_norms(spent: Callable[[], Theorem] = spent_entropy) -> Theorem:
    """(alpha/beta) s mean_c (1 + l_c) mean_{j != c} u_cj <w~_c, w~_j> + lift_gain - the lifted rows' squares
    is at most T - tau + s^2 (C-1) alpha/(2 C beta) mean_c ||mean_{j != c} u_cj w~_j||^2 + entropy, the
    entropy as ``tilted_classes.lifted_margin`` has it.
    """
    cost = Mean(spent().relation.rhs, c)
    ratio = C * beta / ((C - 1) * alpha)
    square = Mean(sq(lambda kk: lifted_rows(c, kk) - ratio * mean_of(c, kk)), c)
    tilted = Mean(raised() * wrong_mean(lambda jj: pair(c, jj) * gram(c, jj), c, C), c)
    quadratic = Mean(sq(lambda kk: tilted_sum(c, kk, pair)), c)
    squares = Mean((2 * lift(c) + lift(c) ** 2) * gram(c, c), c) / beta**2
    return combine(
        le(
            alpha / beta * strength * tilted + lift_gain() - T / 2 * squares,
            T - level + strength**2 * quadratic / (2 * ratio) + cost,
        ),
        {lifted_margin(spent): 1, assume(MARGIN): -charge() / T - 1 - squares / 2},
        slack=square / (2 * ratio) + ratio / 2 * within_class_scatter(),
        label="2 <Y, mu> <= theta ||mu||^2 + ||Y||^2/theta",
    )


def gain(size: Any, lifted_by: Any = 2) -> Expr:
    """G_c, ``size`` the squared length of the vector of class c, which is lifted by ``lifted_by`` w_c."""
    lifted = lifted_by * short(c)
    return lifted * (margin_t / T - size) - lifted**2 / 2 * (size + lift_cost() / T)


def row_square() -> Expr:
    """||w_c - wbar||^2/beta^2."""
    return gram(c, c) / beta**2


def products(lifted_by: Any = 2) -> Expr:
    """mean over pairs of (1 + l_c) f_cj K_cj."""
    return over_pairs(
        lambda c_, j_: (
            (1 + lifted_by * short(c_)) * test(c_, j_) * (gram(c_, j_) + gram(c_, c_) / (C - 1)) / beta**2
        )
    )


@lru_cache
def lifted_by_rate() -> Theorem:
    """The inequality at the head of this file, for any zeta > 0."""
    lifted = instantiate(lifted_norms(), functions={lift: ((c,), rate_l * short(c))}, label="lift by zeta w")
    rate = C / ((C - 1) * strength * T)
    quadratic = Mean(sq(lambda kk: tilted_sum(c, kk, pair)), c)
    tilted = Mean((1 + rate_l * short(c)) * wrong_mean(lambda jj: pair(c, jj) * gram(c, jj), c, C), c)
    return combine(
        le(products(rate_l) + rate * T * Mean(gain(row_square(), rate_l), c), bound()),
        {
            lifted: rate,
            assume(MARGIN): (tilted - strength * (C - 1) * quadratic / (2 * C)) / (beta**2 * T),
            assume(spectral_weights()): strength * (C - 1) / (2 * C * beta**2),
            spread_at_most_one(): strength * Lambda / (2 * C),
            moved(weighted_gram): -1 / beta**2,
        },
        label="divide by the step",
    )


def weighted_gram(cc: Any, jj: Any) -> Expr:
    """(1 + zeta w_c) <w~_c, w~_j>."""
    return (1 + rate_l * short(cc)) * gram(cc, jj)
