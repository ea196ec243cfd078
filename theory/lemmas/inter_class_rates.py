# SPDX-License-Identifier: MIT
"""Cosines between classes from the loss gap alone, r = sigma^2 = eps/(T q(T)).

``inter_class_settings`` at t = T with Lambda at its largest and x = sigma: the excess is at most

    (4 + 5 gamma + gamma^2/C) sigma + (6 + 8 gamma^2) r     for norms at most alpha and beta, gamma^2 = C/T,
    6 sigma + 10 r                                          there and where T >= T_{3/2}(C),
    7 C sigma + 20 C^2 r                                    with weight decay and T* >= 1/C.

Source: this project (2026).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, Rational, Symbol, sqrt

from theory.definitions import loss, mean_square_weights, phi, q, sq, unbiased_logit, wt
from theory.expressions import Mean, index, le, substitute, wrong_mean
from theory.kernel import Theorem
from theory.lemmas.chance import above_chance, from_chance
from theory.lemmas.class_settings import ROW
from theory.lemmas.direction_settings import RADII, above_chance_at, near_decayed
from theory.lemmas.directions import mean_direction
from theory.lemmas.equiangular import Lambda, pair
from theory.lemmas.inter_class import excess, far, free, halved, inter_bound, width
from theory.lemmas.inter_class_settings import inter_class_bounded, inter_class_decayed
from theory.lemmas.polar import cosine_at_most_one
from theory.lemmas.polynomials import in_powers
from theory.lemmas.published_rates import DECAY_RATE, NORMS_RATE, NOT_TINY, THRESHOLD, margin_above_half
from theory.lemmas.tilt_entropy import entropy
from theory.lemmas.tilted_classes import margin_t
from theory.proving import assume, average, combine, cut, instantiate, visible
from theory.symbols import C, T, atom, c, eps, j, k, positive

vector = atom("vector", "x", "vector(c, k): coordinate k of a vector of class c")
scale = positive("row_scale", "s", "root mean square of some vectors, at least")
GAP = le(loss(unbiased_logit), phi(T) + eps)
sigma = positive("root_r", r"\sigma", "square root of eps/(T q(T))")
GAMMA = sqrt(C / T)


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


def _rate(
    theorem: Theorem,
    short: Theorem,
    cap: Expr,
    omega: Expr,
    apart: Expr,
    top: Expr,
    pays: dict[Theorem, Expr],
    least: Expr,
) -> Theorem:
    """The excess is at most ``top``, from ``theorem`` at Lambda = C ``cap``, omega, x = sigma, D = ``apart``.

    ``short``: the rows' mean square is at most unit^2 ``cap``; ``pays``: for D <= ``apart``, T >= ``least``.
    """
    unit = sqrt(short.relation.rhs / cap)
    rows = instantiate(spectral(), {scale: unit * sqrt(cap)}, functions={vector: ((c, k), wt(c, k))})
    whole = instantiate(theorem, {eps: T * q(T) * sigma**2}, label="eps = T q(T) sigma^2")
    values = {Lambda: C * cap, free: sigma, width: omega}
    whole = cut(instantiate(whole, values, label="Lambda, x, omega"), cut(rows, short))
    whole = _written_out(whole)
    gamma = Symbol("gamma", positive=True)
    bound = substitute(inter_bound(T * (1 - sigma**2)), {**values, far: apart})
    gap = (top - bound).subs(T, least).subs(GAMMA, gamma)
    spare = in_powers(gap, sigma, gamma).subs(gamma, GAMMA)
    return combine(le(excess(), top), {whole: 1, **pays}, facts=[above_chance_at(T)], slack=spare)


@lru_cache
def norms_rate() -> Theorem:
    """DIRECTIONS, RADII, MARGIN, L <= phi(T) + eps |- the excess is at most
    (4 + 5 gamma + gamma^2/C) sigma + (6 + 8 gamma^2) sigma^2, gamma = sqrt(C/T): K >= T^2 q/(4 C).
    """
    omega = sigma * (1 + GAMMA)
    rest = 2 * sigma**2 * (1 / omega + C / (C - 1))
    top = (4 + 5 * GAMMA + GAMMA**2 / C) * sigma + (6 + 8 * GAMMA**2) * sigma**2
    return _rate(
        inter_class_bounded(T, T - eps / q(T), GAP),
        assume(RADII[1]),
        Integer(1),
        omega,
        2 * sigma**2 * (1 + 2 * GAMMA**2),
        top,
        {instantiate(above_chance(), {margin_t: T}): rest * 2 * C / T / from_chance(T)},
        T,
    )


def _large(omega: Expr) -> dict[Theorem, Expr]:
    """T >= T_{3/2}: D <= 4 r as K >= T q/2, and T >= 1/2."""
    room = combine(le(0, from_chance(T) - T * q(T) / 2), {assume(THRESHOLD): 1}, label="K >= T q/2")
    step = sigma / (1 + 2 * sigma)
    cost = C / (2 * (C - 1)) * step * entropy(step)
    each = 2 * sigma**2 / from_chance(T)
    return {room: each * (1 / omega + C / (C - 1)), margin_above_half(): 2 * cost / T}


@lru_cache
def large_norms_rate() -> Theorem:
    """DIRECTIONS, RADII, MARGIN, T >= T_{3/2}, L <= phi(T) + eps |- the excess is at most 10 r + 6 sigma."""
    whole, omega, (square, root) = inter_class_bounded(T, T - eps / q(T), GAP), 2 * sigma, NORMS_RATE
    top = square * sigma**2 + root * sigma
    return _rate(whole, assume(RADII[1]), Integer(1), omega, 4 * sigma**2, top, _large(omega), Rational(1, 2))


@lru_cache
def decay_rate() -> Theorem:
    """FEATURES, SCALE, GAP, T* >= 1/C |- the excess is at most 20 C^2 r + 7 C sigma."""
    apart = 2 * sigma**2 * (1 + 2 * C**2)
    far_from_chance, region = instantiate(above_chance(), {margin_t: T}), assume(NOT_TINY)
    each = {far_from_chance: 4 * sigma**2 * C / T / from_chance(T), region: 4 * sigma**2 * C / T}
    turned = Mean(sq(lambda kk: wt(c, kk) / ROW - 2 * mean_direction(c, kk)), c)
    close = instantiate(near_decayed(), {eps: T * q(T) * sigma**2})
    short = combine(
        le(mean_square_weights(), ROW**2 * (2 + 2 * apart)),
        {
            close: 2 * ROW**2,
            average(cosine_at_most_one(), c): 4 * ROW**2,
            **{premise: 2 * ROW**2 * weight for premise, weight in each.items()},
        },
        facts=[above_chance_at(T)],
        slack=ROW**2 * turned,
        label="||r||^2 <= 2 + 2 D",
    )
    square, root = DECAY_RATE
    omega, step = C * sigma / (1 + C * sigma), sigma / (1 + 2 * sigma)
    pays = {premise: weight * (1 / omega + C / (C - 1)) for premise, weight in each.items()}
    pays[region] += C / (2 * (C - 1)) * step * entropy(step) / T
    top = square * (C * sigma) ** 2 + root * C * sigma
    return _rate(inter_class_decayed(), short, 2 + 2 * apart, omega, apart, top, pays, 1 / C)
