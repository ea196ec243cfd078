# SPDX-License-Identifier: MIT
"""Gibbs' inequality against a reference tilted along a table, for the directions of single samples.

With r_c = (w_c - wbar)/beta, u_cj = f_cj - its mean over the wrong classes, |f| <= 1, s < 1/2 and
R_c = r_c - s ((C-1)/C) mean_{j != c} u_cj r_j, a tilt of strength s along u bounds each sample's loss by

    CE >= phi(T rho <R_c, e> + a),    a = s^2 (1/2 + (9/20) s^2),

so that what ``directions`` says of the rows r it says of the vectors R.  The tilt's entropy a comes out of
phi for every y and t > 0, as q is 1 - e^{-phi}:

    (1 - a (1 - q(t))) (phi(y) - phi(t)) <= phi(y + a) - phi(t) + a q(t),

and where s < 1/4, a/(1 - a) is at most b = s^2 (1/2 + (3/4) s^2).  Source: this project (2026).
"""

from __future__ import annotations

from functools import lru_cache

from sympy import Expr, Integer, Rational, Symbol, exp

from theory.definitions import cross_entropy, loss, phi, q, unbiased_logit, wbar
from theory.expressions import Mean, eq, le, lt, wrong_mean
from theory.kernel import Theorem
from theory.lemmas.between_classes import MARGIN, tilt, tilted_sum
from theory.lemmas.directions import DIRECTIONS, loss_at_turns, row, turn
from theory.lemmas.equiangular import CENTRED, TEST, pair
from theory.lemmas.polar import e, rho
from theory.lemmas.tilt_entropy import STRENGTH, entropy, quartic, strength
from theory.lemmas.tilted_classes import lift, margin_t, spent_entropy, tilted_gibbs
from theory.proving import assume, average, combine, cut, instantiate, log_tangent
from theory.symbols import C, T, alpha, beta, c, d, h, i, j, k, nonnegative, p, real, z

reached = real("reached_t", "y", "a margin")
cost = nonnegative("tilt_cost", "a", "entropy of a tilt, at least")
COST = strength**2 * entropy()
PAID = strength**2 * (Rational(1, 2) + Rational(3, 4) * strength**2)
QUARTER = lt(strength, Rational(1, 4))
_A = exp(-reached) * (C - 1)


def tilted_row(cc: Symbol, kk: Symbol, size: Expr = strength) -> Expr:
    """R_c = r_c - s ((C-1)/C) mean_{j != c} u_cj r_j, coordinate k, s = ``size``."""
    return row(cc, kk) - size * (C - 1) / C * tilted_sum(cc, kk, pair) / beta


def _tilted(jj: Symbol) -> Expr:
    return 1 + strength * pair(c, jj)


@lru_cache
def admissible_tilt() -> tuple[Theorem, Theorem]:
    """TEST, CENTRED, s < 1/2 |- 0 < 1 + s u_cj, and its mean over the wrong classes is 1."""
    low, high = map(assume, TEST)
    mean = average(high, j, excluding=c, label="mean of f <= 1")
    zero = average(assume(CENTRED), j, excluding=c, label="mean of u")
    weights = {low: strength, mean: strength, assume(CENTRED): -strength, assume(STRENGTH): 2}
    above = combine(lt(0, _tilted(j)), weights, label="f - mean f >= -2")
    return above, combine(eq(wrong_mean(_tilted, c, C), 1), {zero: strength}, label="the tilt has mean 1")


@lru_cache
def tilted_sample() -> Theorem:
    """mean_{j != c} a_cj (z_c - z_j) + mean quartic(a - 1) <= y |- phi(y) <= CE, a > 0 with mean 1."""
    at = instantiate(tilted_gibbs(), {p: q(reached)}, label="p := q(y)")
    spread = wrong_mean(lambda jj: quartic(tilt(c, jj) - 1), c, C)
    margin = wrong_mean(lambda jj: tilt(c, jj) * (z(c, i, c) - z(c, i, jj)), c, C)
    below = assume(le(margin + spread, reached))
    return combine(
        le(phi(reached), cross_entropy()), {at: 1, below: q(reached)}, label="psi(q(y)) - y q(y) = phi(y)"
    )


@lru_cache
def tilted_margin() -> Theorem:
    """DIRECTIONS, MARGIN, CENTRED |- mean_{j != c} (1 + s u_cj) (z_c - z_j) == T rho <R, e>."""
    rows = C / (C - 1) * beta * tilted_row(c, k)
    coordinate = combine(
        eq(rows * h(c, i, k), alpha * rho(c, i) * rows * e(c, i, k)),
        {assume(DIRECTIONS[0]): rows},
        label="one coordinate",
    )
    zero = average(assume(CENTRED), j, excluding=c, label="mean of u")
    offset = unbiased_logit(c, i, c) - d * Mean(wbar(k) * h(c, i, k), k)
    margin = wrong_mean(lambda jj: _tilted(jj) * (unbiased_logit(c, i, c) - unbiased_logit(c, i, jj)), c, C)
    return combine(
        eq(margin, T * rho(c, i) * turn(tilted_row)),
        {
            average(coordinate, k): d,
            zero: strength * offset,
            assume(MARGIN): -rho(c, i) * turn(tilted_row),
        },
        label="margin = T rho <R, e>",
    )


@lru_cache
def loss_of_tilted_turns() -> Theorem:
    """DIRECTIONS, MARGIN, TEST, CENTRED, s < 1/2 |- E phi(T rho <R, e> + a) <= L."""
    total = T * rho(c, i) * turn(tilted_row)
    spent = instantiate(spent_entropy(), functions={lift: ((c,), Integer(0))}, label="no lift")
    functions = {z: ((c, i, j), unbiased_logit(c, i, j)), tilt: ((c, j), _tilted(j))}
    sample = instantiate(tilted_sample(), functions=functions, label="logits <w_j, h>")
    sample = instantiate(sample, {reached: total + COST}, label="y")
    margin = wrong_mean(lambda jj: _tilted(jj) * (unbiased_logit(c, i, c) - unbiased_logit(c, i, jj)), c, C)
    spread = wrong_mean(lambda jj: quartic(strength * pair(c, jj)), c, C)
    below = combine(le(margin + spread, total + COST), {tilted_margin(): 1, spent: 1}, label="entropy")
    sample = cut(sample, below, *admissible_tilt(), label="the tilt is admissible")
    return average(sample, c, i, label="E over samples")


@lru_cache
def without_cost() -> Theorem:
    """(1 - a (1 - q(t))) (phi(y) - phi(t)) <= phi(y + a) - phi(t) + a q(t), a >= 0."""
    top, own = _A / (1 + _A), 1 / (1 + _A)
    moved = own + top * exp(-cost)
    one, other = log_tangent(1 / moved), log_tangent(exp(-cost) / moved)
    falls = combine(
        le(phi(reached) - cost * top, phi(reached + cost)),
        {one: own, other: top},
        label="phi falls at most by q",
    )
    ratio = log_tangent((1 + (C - 1) * exp(-margin_t)) * own, label="q is 1 - e^{-phi}")
    rest = 1 - q(margin_t)
    goal = le(
        (1 - cost * rest) * (phi(reached) - phi(margin_t)),
        phi(reached + cost) - phi(margin_t) + cost * q(margin_t),
    )
    return combine(goal, {falls: 1, ratio: cost * rest})


@lru_cache
def cheap() -> Theorem:
    """s < 1/4 |- a <= b (1 - a)."""
    small = combine(le(0, Rational(1, 4) - strength), {assume(QUARTER): 1})
    square = combine(
        le(strength**2, Rational(1, 16)), {small: Rational(1, 4) + strength}, label="s^2 <= 1/16"
    )
    each = strength**2 * (Rational(3, 5) + Rational(27, 80) * (strength**2 + Rational(1, 16)))
    rest = Rational(1, 20) - Rational(3, 80) - Rational(27, 80) / 256
    return combine(le(COST, PAID * (1 - COST)), {square: strength**2 * each}, slack=strength**4 * rest)


@lru_cache
def affordable() -> Theorem:
    """s < 1/4 |- 0 < 1 - a (1 - q(t))."""
    room = combine(lt(0, 1 - COST), {cheap(): 1 / PAID}, slack=COST / PAID)
    return combine(lt(0, 1 - COST * (1 - q(margin_t))), {room: 1}, slack=COST * q(margin_t))


@lru_cache
def loss_of_arrows() -> Theorem:
    """DIRECTIONS, MARGIN, TEST, CENTRED, s < 1/2 |-
    (1 - a (1 - q(t))) (E phi(T rho <R, e>) - phi(t)) <= L - phi(t) + a q(t).
    """
    one = instantiate(without_cost(), {cost: COST, reached: T * rho(c, i) * turn(tilted_row)})
    lost = 1 - COST * (1 - q(margin_t))
    goal = le(
        lost * (loss_at_turns(tilted_row) - phi(margin_t)),
        loss(unbiased_logit) - phi(margin_t) + COST * q(margin_t),
    )
    return combine(goal, {average(one, c, i): 1, loss_of_tilted_turns(): 1}, label="E over samples")
