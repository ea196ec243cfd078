# SPDX-License-Identifier: MIT
"""Mean directions of the classes against the classifier's rows, for a loss gap to which norms add a price.

With r = eps/(T q(T)), T >= T_3(C) and no bias: the rows have equal norms, E (kappa - 1)^2 <= 2 r, the samples
point along their rows, E (1 - cos) <= r, so the mean direction v_c of a class is near its row:
mean_c ||v_c - w~_c/beta||^2 <= 8 r.  PAID is a loss gap to which norms contribute their price: it follows
from a loss gap with norms at most alpha and beta, and from a gap of the loss with weight decay.
"""

from __future__ import annotations

from functools import lru_cache

from sympy import Expr, Integer, Rational, Symbol

from theory.definitions import dot, loss, phi, q, sq, unbiased_logit
from theory.expressions import Mean, Relation, eq, le
from theory.kernel import Theorem
from theory.lemmas.between_classes import MARGIN
from theory.lemmas.cosines import linear_sample_bound, tangent, threshold, v, wrong_side, x, x_minus, x_plus
from theory.lemmas.cosines import s as product
from theory.lemmas.equiangular import (
    test,
)
from theory.lemmas.polar import (
    NORMS_AT_MOST_ONE,
    cosine,
    cosine_at_least_minus_one,
    cosine_at_most_one,
    e,
    kappa,
    loss_of_margins,
    polar,
    rho,
    u,
)
from theory.proving import assume, average, cases, combine, cut, instantiate
from theory.symbols import T, alpha, atom, beta, c, d, eps, i, j, k, nonnegative, positive

row = atom("row", "r", "row(c, k): coordinate k of a vector of class c")
scale = positive("row_scale", "s", "root mean square of some vectors, at least")
first = nonnegative("first", "a", "relative norm of a classifier row")
second = nonnegative("second", "b", "relative norm of a feature")
width = positive("width", r"\omega", "a positive number, chosen in the end")
cap = positive("cap", r"\bar\kappa", "at least the mean square of the rows' relative norms")
T3 = threshold(Integer(3))
PAID = le(
    loss(unbiased_logit) + T * q(T) / 2 * (Mean(kappa(c) ** 2, c) + Mean(rho(c, i) ** 2, c, i) - 2),
    phi(T) + eps,
)
CAP = le(Mean(kappa(c) ** 2, c), cap)
RATE = eps / (T * q(T))
HALF = Rational(1, 2)
GAP = le(loss(unbiased_logit), phi(T) + eps)
HYPOTHESES = (*polar(beta, alpha), *NORMS_AT_MOST_ONE, MARGIN, T3, GAP)


@lru_cache
def norm_sample() -> Theorem:
    """T >= T_3, -1 <= x <= 1 |- T q(T) (2 - a - b) <= phi(T a b x) - phi(T)."""

    def goal(turn: Expr) -> Relation:
        return le(T * q(T) * (2 - first - second), phi(T * (first * second) * turn) - phi(T))

    two = Integer(2)
    enough = combine(threshold(two), {assume(T3): 1}, slack=T * q(T), label="T >= T_2")
    below = cut(tangent(two), enough)
    root = (first * second * x_plus) ** HALF
    short = assume(le(x_plus, 1))
    right = combine(
        goal(x_plus),
        {instantiate(below, {v: root}, label="v := sqrt(a b x)"): 1, short: T * q(T) * second},
        slack=T * q(T) * (first**HALF - (second * x_plus) ** HALF) ** 2,
        label="2 sqrt(a b x) <= a + b x",
    )
    left = combine(
        goal(-x_minus),
        {instantiate(wrong_side(), {product: first * second}): 1, enough: 1},
        slack=T * q(T) * (first + second),
        label="a sample on the wrong side costs log C",
    )
    right = instantiate(right, {x_plus: x}, facts=[assume(le(0, x))])
    left = instantiate(left, {x_minus: -x}, facts=[assume(le(x, 0))])
    return cases(combine(goal(x), {right: 1}), combine(goal(x), {left: 1}), split=le(0, x))


@lru_cache
def equal_norms() -> Theorem:
    """polar, MARGIN, T3, PAID |- E (kappa_c - 1)^2 <= 2 r."""
    _, _, unit_u, unit_e, kappa_sign, rho_sign = map(assume, polar(beta, alpha))
    sample = instantiate(
        norm_sample(),
        {first: kappa(c), second: rho(c, i), x: cosine()},
        facts=[kappa_sign, rho_sign],
        label="one sample",
    )
    apart = sq(lambda kk: u(c, kk) - e(c, i, kk)) / 2
    top = combine(le(cosine(), 1), {unit_u: HALF, unit_e: HALF}, slack=apart)
    sample = cut(sample, top, label="cos <= 1")
    rate = 2 / (T * q(T))
    return combine(
        le(Mean((kappa(c) - 1) ** 2, c), 2 * RATE),
        {
            average(sample, c, i, label="E over samples"): rate,
            loss_of_margins(beta, alpha, MARGIN): rate,
            assume(PAID): rate,
        },
        slack=Mean((rho(c, i) - 1) ** 2, c, i),
        label="the price of unequal norms",
    )


@lru_cache
def turned_samples() -> Theorem:
    """polar, MARGIN, T3, PAID |- E (1 - cos) <= r."""
    _, _, unit_u, unit_e, kappa_sign, rho_sign = map(assume, polar(beta, alpha))
    size = kappa(c) * rho(c, i)
    positive_ = combine(le(0, size), {kappa_sign: rho(c, i)}, facts=[rho_sign], label="kappa rho >= 0")
    sample = instantiate(linear_sample_bound(), {product: size, x: cosine()}, facts=[positive_])
    sample = cut(sample, cosine_at_least_minus_one(unit_u, unit_e), label="-1 <= cos")
    rate = 1 / (T * q(T))
    return combine(
        le(Mean(1 - cosine(), c, i), RATE),
        {
            average(sample, c, i, label="E over samples"): rate,
            loss_of_margins(beta, alpha, MARGIN): rate,
            assume(PAID): rate,
        },
        slack=Mean((kappa(c) - rho(c, i)) ** 2, c, i) / 2,
        label="the price of the norms",
    )


def turn() -> Expr:
    """kappa_c <u_c, e_ci>, averaged over the samples."""
    return Mean(kappa(c) * cosine(), c, i)


@lru_cache
def aligned() -> Theorem:
    """polar, MARGIN, T3, PAID |- E (kappa^2 - 2 kappa cos + 1) <= 8 r."""
    _, _, unit_u, unit_e, *_ = map(assume, polar(beta, alpha))
    low = cosine_at_least_minus_one(unit_u, unit_e)
    gap = 1 - cosine()
    apart = sq(lambda kk: u(c, kk) - e(c, i, kk)) / 2
    top = combine(le(0, gap), {unit_u: HALF, unit_e: HALF}, slack=apart)
    sample = combine(
        le(kappa(c) ** 2 - 2 * kappa(c) * cosine() + 1, 2 * (kappa(c) - 1) ** 2 + 4 * gap),
        {low: gap},
        facts=[top],
        slack=(kappa(c) - 2 + cosine()) ** 2,
        label="2 (kappa-1)(1-x) <= (kappa-1)^2 + (1-x)^2",
    )
    return combine(
        le(Mean(kappa(c) ** 2, c) - 2 * turn() + 1, 8 * RATE),
        {average(sample, c, i, label="E over samples"): 1, turned_samples(): 4, equal_norms(): 2},
        label="equal norms, turned samples",
    )


# ---- relative rows r_c = w~_c/beta = kappa_c u_c, and mean directions v_c = E_i e_ci

ROWS = eq(row(c, k), kappa(c) * u(c, k), c, k)
TABLE = (le(0, test(c, j), c, j), le(test(c, j), 1, c, j))


def mean_direction(cc: Symbol, kk: Symbol) -> Expr:
    """v_c, coordinate k."""
    return Mean(e(cc, i, kk), i)


def row_square(cc: Symbol = c) -> Expr:
    """||r_c||^2."""
    return sq(lambda kk: row(cc, kk))


def _near() -> Expr:
    return Mean(sq(lambda kk: mean_direction(c, kk) - row(c, kk)), c)


@lru_cache
def _inner_is_turn() -> Theorem:
    """E <r_c, e_ci> == E kappa cos."""
    turned = eq(row(c, k) * e(c, i, k), kappa(c) * u(c, k) * e(c, i, k))
    one = combine(turned, {assume(ROWS): e(c, i, k)}, label="r = kappa u")
    inner = Mean(dot(lambda kk: row(c, kk), lambda kk: e(c, i, kk)), c, i)
    return combine(eq(inner, turn()), {average(average(one, k), c, i): d})


@lru_cache
def short_rows() -> Theorem:
    """||r_c||^2 <= kappa_c^2."""
    unit_u = assume(polar(beta, alpha)[2])
    one = combine(
        eq(row(c, k) ** 2, kappa(c) ** 2 * u(c, k) ** 2), {assume(ROWS): row(c, k) + kappa(c) * u(c, k)}
    )
    return combine(le(row_square(), kappa(c) ** 2), {average(one, k): d, unit_u: kappa(c) ** 2})


@lru_cache
def near() -> Theorem:
    """polar, MARGIN, T3, PAID, ROWS |- mean_c ||v_c - r_c||^2 <= 8 r."""
    unit = average(cosine_at_most_one(), c, label="||v_c|| <= 1")
    return combine(
        le(_near(), 8 * RATE),
        {unit: 1, average(short_rows(), c): 1, _inner_is_turn(): -2, aligned(): 1},
        label="||v - r||^2 expanded",
    )


@lru_cache
def long_rows() -> Theorem:
    """polar, MARGIN, T3, PAID, ROWS |- E kappa^2 - mean ||r_c||^2 <= 8 r."""
    unit_e = average(assume(polar(beta, alpha)[3]), c, i)
    square = Mean(sq(lambda kk: row(c, kk) - e(c, i, kk)), c, i)
    return combine(
        le(Mean(kappa(c) ** 2, c) - Mean(row_square(), c), 8 * RATE),
        {aligned(): 1, _inner_is_turn(): -2, unit_e: 1},
        slack=square,
        label="2 <r, e> <= ||r||^2 + ||e||^2",
    )
