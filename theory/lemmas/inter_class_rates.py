# SPDX-License-Identifier: MIT
"""Cosines between classes from the loss gap alone, r = sigma^2 = eps/(T q(T)).

``joint_settings`` at t = T with Lambda at its largest, x of the order of sigma and an omega free of q: the
excess is at most

    (4 + 5 gamma + gamma^2/C) sigma + (6 + 8 gamma^2) r     for norms at most alpha and beta, gamma^2 = C/T,
    4 sigma + 9 r                                           there and where T >= T_{3/2}(C),
    6 C sigma + 18 C^2 r                                    with weight decay and T* >= 1/C.

Source: this project (2026).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, Rational, Symbol, log, sqrt

from theory.definitions import loss, mean_square_weights, phi, q, sq, unbiased_logit, wt
from theory.expressions import Mean, index, le, wrong_mean
from theory.kernel import Theorem
from theory.lemmas.chance import above_chance, from_chance
from theory.lemmas.class_settings import ROW
from theory.lemmas.direction_settings import RADII, above_chance_at, near_decayed
from theory.lemmas.directions import mean_direction
from theory.lemmas.equiangular import Lambda, pair
from theory.lemmas.inter_class import excess, free, halved
from theory.lemmas.joint_budget import omega
from theory.lemmas.joint_settings import open_bounded, open_decayed
from theory.lemmas.polar import cosine_at_most_one
from theory.lemmas.polynomials import in_powers
from theory.lemmas.published_rates import DECAY_RATE, NORMS_RATE, NOT_TINY, THRESHOLD, margin_above_half
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
    theorem: Theorem, short: Theorem, cap: Expr, x: Expr, turns: Expr, enough: Theorem, top: Expr, least: Any
) -> Theorem:
    """The excess is at most ``top``, from ``theorem`` at Lambda = C ``cap``, x and omega = ``turns``.

    ``short``: the rows' mean square is at most unit^2 ``cap``; ``enough``: this omega is spare; ``least``:
    least <= T, as a theorem, or None where T stands in gamma alone.
    """
    unit = sqrt(short.relation.rhs / cap)
    rows = instantiate(spectral(), {scale: unit * sqrt(cap)}, functions={vector: ((c, k), wt(c, k))})
    whole = instantiate(theorem, {eps: T * q(T) * sigma**2}, label="eps = T q(T) sigma^2")
    whole = instantiate(whole, {Lambda: C * cap, free: x, omega: turns}, label="Lambda, x, omega")
    whole = _written_out(cut(whole, cut(rows, short), enough))
    gamma, inverse = Symbol("gamma", positive=True), Symbol("inverse", positive=True)
    bound = whole.relation.rhs
    if least is None:
        gap, pays = (top - bound).subs(GAMMA, gamma).subs(T, C / gamma**2), {}
    else:
        place, rate = least
        slope = bound.subs(T, 1 / inverse).diff(inverse)  # the bound is linear in 1/T
        gap, pays = (top - bound).subs(T, place), {rate: slope / T / (rate.relation.rhs / T * place)}
    spare = in_powers(gap, sigma, gamma).subs(gamma, GAMMA)
    return combine(le(excess(), top), {whole: 1, **pays}, slack=spare)


def _enough(spare: Expr, premises: dict[Theorem, Expr]) -> Theorem:
    """phi(T) + (1 + n) T q(T) <= log C, n = ``spare``."""
    return combine(le(phi(T) + (1 + spare) * T * q(T), log(C)), premises, label="omega is spare")


@lru_cache
def norms_rate() -> Theorem:
    """DIRECTIONS, RADII, MARGIN, L <= phi(T) + eps |- the excess is at most
    (4 + 5 gamma + gamma^2/C) sigma + (6 + 8 gamma^2) sigma^2, gamma = sqrt(C/T): omega = 2 gamma^2 is spare.
    """
    top = (4 + 5 * GAMMA + GAMMA**2 / C) * sigma + (6 + 8 * GAMMA**2) * sigma**2
    enough = _enough(T / (4 * C), {instantiate(above_chance(), {margin_t: T}): 1})
    whole = open_bounded(T, GAP, eps / q(T))
    short, x = assume(RADII[1]), 4 * (1 + GAMMA) * sigma
    return _rate(whole, short, Integer(1), x, 2 * C / T, enough, top, None)


@lru_cache
def large_norms_rate() -> Theorem:
    """DIRECTIONS, RADII, MARGIN, T >= T_{3/2}, L <= phi(T) + eps |- the excess is at most 9 r + 4 sigma."""
    square, root = NORMS_RATE
    enough = _enough(Rational(1, 2), {assume(THRESHOLD): 1})
    whole, least = open_bounded(T, GAP, eps / q(T)), (Rational(1, 2), margin_above_half())
    top = square * sigma**2 + root * sigma
    return _rate(whole, assume(RADII[1]), Integer(1), 4 * sigma, Integer(1), enough, top, least)


@lru_cache
def decay_rate() -> Theorem:
    """FEATURES, SCALE, GAP, T* >= 1/C |- the excess is at most 18 C^2 r + 6 C sigma."""
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
    enough = _enough(1 / (4 * C**2), {far_from_chance: 1, region: T * q(T) / (4 * C**2)})
    top = square * (C * sigma) ** 2 + root * C * sigma
    x, least = 2 * C * sigma / (1 + C * sigma), (1 / C, region)
    return _rate(open_decayed(), short, 2 + 2 * apart, x, 2 * C**2, enough, top, least)
