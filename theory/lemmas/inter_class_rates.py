# SPDX-License-Identifier: MIT
"""Cosines between classes from the loss gap alone: a r + b sigma, r = sigma^2 = eps/(T q(T)).

``inter_class_settings`` at t = T with Lambda at its largest, D at most 4 r, s = sigma/(1 + 2 sigma) and
omega about 2 sigma, for T >= T_{3/2}(C), which is more than 1/2:

    norms at most alpha and beta:  10 r + 6 sigma,          weight decay:  22 r + 8 sigma.

Source: this project (2026).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, Poly, Rational, Symbol, fraction, sqrt, together

from theory.definitions import loss, mean_square_weights, phi, q, sq, unbiased_logit, wt
from theory.expressions import Mean, index, le, substitute, wrong_mean
from theory.kernel import Theorem
from theory.lemmas.class_settings import ROW
from theory.lemmas.directions import mean_direction, room_left, roomy
from theory.lemmas.equiangular import Lambda, pair
from theory.lemmas.inter_class import excess, far, halved, inter_bound, width
from theory.lemmas.inter_class_settings import RADII, inter_class_bounded, inter_class_decayed, near_decayed
from theory.lemmas.polar import cosine_at_most_one
from theory.lemmas.published_rates import DECAY_RATE, NORMS_RATE, THRESHOLD, margin_above_half
from theory.lemmas.tilt_entropy import entropy, strength
from theory.lemmas.tilted_classes import margin_t
from theory.proving import assume, average, combine, cut, instantiate, visible
from theory.symbols import C, T, atom, c, eps, j, k, positive

vector = atom("vector", "x", "vector(c, k): coordinate k of a vector of class c")
scale = positive("row_scale", "s", "root mean square of some vectors, at least")
GAP = le(loss(unbiased_logit), phi(T) + eps)
sigma = positive("root_r", r"\sigma", "square root of eps/(T q(T))")
STEP = sigma / (1 + 2 * sigma)


@lru_cache
def spectral() -> Theorem:
    """mean ||x_c||^2 <= s^2 |- mean_c ||mean_{j != c} u_cj x_j||^2 <= C s^2/(C-1) mean u^2."""
    other = index("j3")
    square = visible(le(0, sq(lambda kk: pair(c, j) * vector(other, kk) - pair(c, other) * vector(j, kk))))
    lagrange = average(average(square, j, excluding=c), other, excluding=c, label="over wrong classes")

    def wrong(body: Any) -> Expr:
        return wrong_mean(body, c, C)

    weights = wrong(lambda jj: pair(c, jj) ** 2)
    sizes = wrong(lambda jj: sq(lambda kk: vector(jj, kk)))
    total = sq(lambda kk: wrong(lambda jj: pair(c, jj) * vector(jj, kk)))
    schwarz = combine(le(total, weights * sizes), {lagrange: Integer(1) / 2}, label="Lagrange's identity")
    small = assume(le(Mean(sq(lambda kk: vector(j, kk)), j), scale**2))
    own = sq(lambda kk: vector(c, kk)) / (C - 1)
    others = combine(le(sizes, C / (C - 1) * scale**2), {small: C / (C - 1)}, slack=own)
    sign = combine(le(0, weights), {average(visible(le(0, pair(c, j) ** 2)), j, excluding=c): 1})
    one = combine(le(total, weights * C / (C - 1) * scale**2), {schwarz: 1, others: weights}, facts=[sign])
    return average(one, c, label="mean over classes")


def _written_out(theorem: Theorem) -> Theorem:
    """u_cj replaced by (f_cj + f_jc)/2 - its mean over the wrong classes of c."""
    table = halved(c, j) - wrong_mean(lambda jj: halved(c, jj), c, C)
    return instantiate(theorem, functions={pair: ((c, j), table)}, label="u written out")


def _bound(cap: Expr, omega: Expr) -> Expr:
    """The bound at Lambda = C ``cap``, D = 4 sigma^2, s = STEP, omega = ``omega``."""
    values = {Lambda: C * cap, far: 4 * sigma**2, strength: STEP, width: omega}
    return substitute(inter_bound(T * (1 - sigma**2)), values)


def _spare(gap: Expr) -> Expr:
    """``gap``, a quotient of polynomials in C - 2 and sigma with coefficients >= 0, as such a quotient."""
    n = Symbol("n")
    over, under = fraction(together(gap.subs(C, n + 2)))
    terms = Poly(over, n, sigma).terms()
    return sum(a * (C - 2) ** i * sigma**m for (i, m), a in terms) / under.subs(n, C - 2)


def _rate(theorem: Theorem, omega: Expr, cap: Expr, short: Theorem, rates: tuple[Expr, Expr]) -> Theorem:
    """a r + b sigma, (a, b) = ``rates``; ``short``: the rows' mean square is at most unit^2 ``cap``."""
    unit = sqrt(short.relation.rhs / cap)
    rows = instantiate(spectral(), {scale: unit * sqrt(cap)}, functions={vector: ((c, k), wt(c, k))})
    whole = _written_out(instantiate(theorem, {eps: T * q(T) * sigma**2}, label="eps = T q(T) sigma^2"))
    whole = instantiate(whole, {Lambda: C * cap, strength: STEP, width: omega}, label="Lambda, s, omega")
    whole = cut(whole, cut(_written_out(rows), short))
    room = substitute(room_left(), {margin_t: T})
    far_cost = 4 * sigma**2 * (1 / omega + C / (C - 1)) / (2 * room + T * q(T))
    cost = C / (2 * (C - 1)) * STEP * entropy(STEP)
    top = rates[0] * sigma**2 + rates[1] * sigma
    spare = _spare(top - substitute(_bound(cap, omega), {T: Rational(1, 2)}))
    return combine(
        le(excess(), top),
        {
            whole: 1,
            combine(le(0, room), {assume(THRESHOLD): 1}): far_cost,
            margin_above_half(): 2 * cost / T,
        },
        facts=[instantiate(roomy(), {margin_t: T})],
        slack=spare,
        label="D <= 4 r, T >= 1/2",
    )


@lru_cache
def norms_rate() -> Theorem:
    """DIRECTIONS, RADII, MARGIN, T >= T_{3/2}, L <= phi(T) + eps |- the excess is at most 10 r + 6 sigma."""
    whole = inter_class_bounded(T, T - eps / q(T), GAP)
    return _rate(whole, 2 * sigma, Integer(1), assume(RADII[1]), NORMS_RATE)


@lru_cache
def decay_rate() -> Theorem:
    """FEATURES, SCALE, GAP, T* >= T_{3/2} |- the excess is at most 22 r + 8 sigma."""
    cap = 2 + 8 * sigma**2
    close = instantiate(near_decayed(), {eps: T * q(T) * sigma**2})
    room = substitute(room_left(), {margin_t: T})
    apart = Mean(sq(lambda kk: wt(c, kk) / ROW - 2 * mean_direction(c, kk)), c)
    short = combine(
        le(mean_square_weights(), ROW**2 * cap),
        {
            close: 2 * ROW**2,
            combine(le(0, room), {assume(THRESHOLD): 1}): 8 * ROW**2 * sigma**2 / (2 * room + T * q(T)),
            average(cosine_at_most_one(), c): 4 * ROW**2,
        },
        facts=[instantiate(roomy(), {margin_t: T})],
        slack=ROW**2 * apart,
        label="||r||^2 <= 2 + 2 D",
    )
    omega = 2 * sigma / (1 + sigma)
    return _rate(inter_class_decayed(), omega, cap, short, DECAY_RATE)
