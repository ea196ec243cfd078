# SPDX-License-Identifier: MIT
"""Mean directions of the classes against the classifier's rows: a loss gap bounds their distance.

With r_c = (w_c - wbar)/beta, h_ci = alpha rho_ci e_ci, ||e_ci|| <= 1, q = q(t) and K = log C - phi(t) - t q,
the divergence of the softmax at margin t from chance and so positive, a loss that leaves a share
e = 1 - tau/T of the margin open has

    E (||r_c||^2 - 2 <r_c, e_ci> + 1) <= 2 e (1 + q (T + t)/(4 K))

for norms at most alpha and beta, t = tau, and where norms are paid for, t = T.  Far below log C that is
little more than 2 e, which features at equal angles to their rows reach.  So v_c = E_i e_ci, the mean
direction of class c, is near r_c.

Per sample, for n = K/(t q), k = T/t, y = k <r, e> and R = ||r||^2,

    phi(t) <= phi(t rho y) + t q (rho^2 - 3 + (k^2 R + 4 n y + 1)/(1 + 2 n))/2:

where y > 0 by the tangent of phi(t v^p), p = 1 + n, at v = 1, and p (rho y)^{1/p} <= (rho^2 + (y^2 + 4 n y +
4 n^2)/(1 + 2 n))/2, means of four numbers; where y <= 0 because such a sample costs log C.
Source: this project (2026).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, Rational, Symbol, log

from theory.definitions import dot, loss, margin, phi, q, sq, unbiased_logit, wt
from theory.expressions import Mean, Relation, eq, le, lt, substitute
from theory.kernel import Theorem, apply
from theory.lemmas import scalar_bound
from theory.lemmas.between_classes import MARGIN
from theory.lemmas.chance import from_chance
from theory.lemmas.cosines import s, tangent, v, wrong_side, x, x_minus
from theory.lemmas.polar import cosine_at_most_one, e, hole, polar, rho
from theory.lemmas.tilted_classes import margin_t
from theory.proving import assume, average, cases, combine, cut, instantiate, log_tangent
from theory.symbols import C, T, alpha, atom, beta, c, d, h, i, j, k, nonnegative, positive, real, t, z

DIRECTIONS = tuple(polar(beta, alpha)[n] for n in (1, 3, 5))  # h = alpha rho e, ||e|| <= 1, rho >= 0
HALF = Rational(1, 2)
spare = positive("spare_n", "n", "what log C leaves above phi(t) + t q(t), in units of t q(t)")
size = nonnegative("size_r", "R", "squared relative norm of a row")
one, other = (positive(f"factor_{n}", f"x_{n}", "a factor of a margin") for n in (1, 2))
opened = real("opened", "m", "how much of the margin a loss leaves open")
arrow = atom("arrow", "R", "arrow(c, k): coordinate k of any vector of class c, in the place of its row")
_MASS = q(margin_t)
_RATE = margin_t * _MASS
_RATIO = T / margin_t
_PART = 1 / (1 + 2 * spare)
_ENOUGH = le(phi(margin_t) + (1 + spare) * _RATE, log(C))


@lru_cache
def means_of_four() -> Theorem:
    """(1 + n) (x_1 x_2)^{1/(1+n)} <= (x_1^2 + (x_2^2 + 4 n x_2 + 4 n^2)/(1 + 2 n))/2."""
    middle = (one * other) ** (1 / (1 + spare))
    weights = {
        one**2: HALF,
        other**2: _PART / 2,
        other: 2 * spare * _PART,
        Integer(1): 2 * spare**2 * _PART,
    }
    return combine(
        le((1 + spare) * middle, sum(a * b for a, b in weights.items())),
        {log_tangent(number / middle): weight * middle for number, weight in weights.items()},
        label="means, by log x <= x - 1",
    )


def _goal(own: Any, cosine: Any) -> Relation:
    """The inequality per sample, rho = ``own``, <r, e> = ``cosine``."""
    row_part = (_RATIO**2 * size + 4 * spare * _RATIO * cosine + 1) * _PART
    return le(phi(margin_t), phi(T * own * cosine) + _RATE * (own**2 - 3 + row_part) / 2)


@lru_cache
def right_side() -> Theorem:
    """_ENOUGH, <r, e>^2 <= R |- the inequality per sample for rho, <r, e> > 0."""
    power = 1 + spare
    reached = _RATIO * other
    middle = (one * reached) ** (1 / power)
    below = instantiate(tangent(power), {T: margin_t}, label="T := t")
    return combine(
        _goal(one, other),
        {
            instantiate(below, {v: middle}, label="v := (rho y)^(1/p)"): 1,
            instantiate(means_of_four(), {other: reached}): _RATE,
            assume(le(other**2, size)): _RATE * _RATIO**2 * _PART / 2,
        },
        label="a sample on the right side",
    )


_REACHED = le(0, _RATIO**2 * size + 4 * spare * _RATIO * x + 4 * spare**2)


@lru_cache
def wrong_cosine() -> Theorem:
    """_ENOUGH, _REACHED, <r, e> <= 0 |- the inequality per sample."""
    reached = _REACHED.map(lambda side: substitute(side, {x: -x_minus}))
    left = combine(
        _goal(s, -x_minus),
        {wrong_side(): 1, assume(_ENOUGH): 1, assume(reached): _RATE * _PART / 2},
        slack=_RATE * s**2 / 2,
        label="a sample on the wrong side costs log C",
    )
    return combine(_goal(s, x), {instantiate(left, {x_minus: -x}, facts=[assume(le(x, 0))]): 1})


@lru_cache
def no_norm() -> Theorem:
    """_ENOUGH, rho <= 0 |- the inequality per sample for <r, e> > 0."""
    left = combine(
        _goal(-x_minus, other),
        {instantiate(wrong_side(), {s: other}): 1, assume(_ENOUGH): 1},
        slack=_RATE
        * (x_minus**2 + _PART * (_RATIO**2 * size + 4 * spare * _RATIO * other + 4 * spare**2))
        / 2,
        label="a sample at 0 costs log C",
    )
    return combine(_goal(t, other), {instantiate(left, {x_minus: -t}, facts=[assume(le(t, 0))]): 1})


@lru_cache
def sample_price() -> Theorem:
    """_ENOUGH, _REACHED, <r, e>^2 <= R |- the inequality per sample, rho >= 0."""
    inside = instantiate(right_side(), {one: t}, facts=[assume(lt(0, t))], label="rho > 0")
    right = cases(inside, no_norm(), split=lt(0, t), label="rho")
    right = instantiate(right, {t: s, other: x}, facts=[assume(lt(0, x))])
    return cases(right, wrong_cosine(), split=lt(0, x), label="sign of the cosine")


def row(cc: Symbol, kk: Symbol) -> Expr:
    """r_c = (w_c - wbar)/beta, coordinate k."""
    return wt(cc, kk) / beta


def row_square(cc: Symbol = c) -> Expr:
    """||r_c||^2."""
    return sq(lambda kk: row(cc, kk))


def mean_direction(cc: Symbol, kk: Symbol) -> Expr:
    """v_c = E_i e_ci, coordinate k."""
    return Mean(e(cc, i, kk), i)


def turn(of: Callable[..., Any] = row) -> Expr:
    """<r_c, e_ci>, r_c or another vector ``of`` class c."""
    return dot(lambda kk: of(c, kk), lambda kk: e(c, i, kk))


def loss_at_turns(of: Callable[..., Any] = row) -> Expr:
    """E phi(T rho <r, e>)."""
    return Mean(phi(T * rho(c, i) * turn(of)), c, i)


def distance(cc: Symbol = c) -> Expr:
    """||r_c||^2 - 2 <r_c, v_c> + 1, at least ||v_c - r_c||^2."""
    return row_square(cc) - 2 * dot(lambda kk: row(cc, kk), lambda kk: mean_direction(cc, kk)) + 1


@lru_cache
def own_margin() -> Theorem:
    """DIRECTIONS, MARGIN |- the margin is T rho <r, e>."""
    coordinate = combine(
        eq(wt(c, k) * h(c, i, k), alpha * rho(c, i) * wt(c, k) * e(c, i, k)),
        {assume(DIRECTIONS[0]): wt(c, k)},
        label="one coordinate of <w~, h>",
    )
    return combine(
        eq(margin(unbiased_logit), T * rho(c, i) * turn()),
        {average(coordinate, k): C * d / (C - 1), assume(MARGIN): -rho(c, i) * turn()},
        label="margin = T rho <r, e>",
    )


@lru_cache
def loss_of_turns() -> Theorem:
    """DIRECTIONS, MARGIN |- E phi(T rho <r, e>) <= L."""
    sample = instantiate(
        scalar_bound(), functions={z: ((c, i, j), unbiased_logit(c, i, j))}, label="logits <w_j, h>"
    )
    same = apply("congruence", own_margin(), context=phi(hole), hole=hole)
    return combine(
        le(loss_at_turns(), loss(unbiased_logit)),
        {average(sample, c, i): 1, average(same, c, i): -1},
        label="loss bounds the mean of phi(T rho <r, e>)",
    )


def paid(spent: Expr, of: Callable[..., Any] = row) -> Relation:
    """L + t q ((E rho^2 - 3)/2 + ((k^2 + 2 n k) E||r||^2 + 2 n k + 1)/(2 (1 + 2 n))) <= phi(t) + q m.

    L is ``spent``, r_c its row or another vector ``of`` class c.
    """
    squares = (_RATIO**2 + 2 * spare * _RATIO) * Mean(sq(lambda kk: of(c, kk)), c) + 2 * spare * _RATIO + 1
    price = (Mean(rho(c, i) ** 2, c, i) - 3 + _PART * squares) / 2
    return le(spent + _RATE * price, phi(margin_t) + _MASS * opened)


def distance_from(of: Callable[..., Any]) -> Expr:
    """||r_c||^2 - 2 <r_c, v_c> + 1, r_c its row or another vector ``of`` class c."""
    inner = dot(lambda kk: of(c, kk), lambda kk: mean_direction(c, kk))
    return sq(lambda kk: of(c, kk)) - 2 * inner + 1


@lru_cache
def near_arrows() -> Theorem:
    """DIRECTIONS[1:], _ENOUGH, ``paid(loss_at_turns(R))`` |- E ``distance_from(R)`` <= (m/T) (2 + 1/n)."""
    unit, sign = assume(DIRECTIONS[1]), assume(DIRECTIONS[2])
    square = sq(lambda kk: arrow(c, kk))
    sample = instantiate(
        sample_price(), {s: rho(c, i), x: turn(arrow), size: square}, facts=[sign], label="one sample"
    )
    schwarz = apply("cauchy_schwarz", u=arrow(c, k), v=e(c, i, k), over=(k,), label="over coordinates")
    inside = combine(le(turn(arrow) ** 2, square), {schwarz: d**2, unit: square})
    both = sq(lambda kk: _RATIO * arrow(c, kk) + 2 * spare * e(c, i, kk))
    total = _RATIO**2 * square + 4 * spare * _RATIO * turn(arrow) + 4 * spare**2
    far = combine(le(0, total), {unit: 4 * spare**2}, slack=both, label="||k R + 2 n e||^2 >= 0")
    sample = cut(sample, inside, far)
    rate = (1 + 2 * spare) / (spare * _MASS * T)
    return combine(
        le(Mean(distance_from(arrow), c), opened / T * (2 + 1 / spare)),
        {
            average(sample, c, i, label="E over samples"): rate,
            assume(paid(loss_at_turns(arrow), arrow)): rate,
        },
        label="the loss gap pays",
    )


@lru_cache
def near() -> Theorem:
    """DIRECTIONS, MARGIN, _ENOUGH, ``paid`` for L |- E ``distance`` <= (m/T) (2 + 1/n)."""
    rows = instantiate(near_arrows(), functions={arrow: ((c, k), row(c, k))}, label="R := r")
    pays = combine(paid(loss_at_turns()), {assume(paid(loss(unbiased_logit))): 1, loss_of_turns(): 1})
    return combine(le(Mean(distance(), c), rows.relation.rhs), {cut(rows, pays): 1})


@lru_cache
def distance_below() -> Theorem:
    """||v_c - r_c||^2 <= ``distance``."""
    return combine(
        le(sq(lambda kk: mean_direction(c, kk) - row(c, kk)), distance()),
        {cosine_at_most_one(): 1},
        label="||v_c|| <= 1",
    )


@lru_cache
def distance_nonnegative() -> Theorem:
    """0 <= ``distance``."""
    square = sq(lambda kk: mean_direction(c, kk) - row(c, kk))
    return combine(le(0, distance()), {distance_below(): 1}, slack=square)


def reach(gap: Any) -> Expr:
    """2 e (1 + q (T + t)/(4 K)), e = ``gap``."""
    return 2 * gap * (1 + _MASS * (T + margin_t) / 4 / from_chance())
