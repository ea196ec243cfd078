# SPDX-License-Identifier: MIT
"""Mean directions of the classes against the classifier's rows: a loss gap bounds their distance.

With r_c = (w_c - wbar)/beta, h_ci = alpha rho_ci e_ci, ||e_ci|| <= 1, q = q(t) and room
X = log C - phi(t) - (3/2) t q >= 0, a loss that leaves a share e = 1 - tau/T of the margin open (TURN_PAID)
has

    E (||r_c||^2 - 2 <r_c, e_ci> + 1) <= 2 e (1 + q T/(2 X + q T)),

which is at most 4 e and, where losses are far below log C, little more than 2 e; 2 e is reached by features
at equal angles to their rows.  So v_c = E_i e_ci, the mean direction of class c, is near r_c.

Per sample, for b = q T/(2 (X + q T)) and y = <r, e>,

    phi(t) <= phi(T rho y) + q (t (rho^2 - 3)/2 + T (b ||r||^2/2 + (1-b) y + b/2)):

where y >= 0 by the tangent of phi(t v^{3/2}) and 3 (rho^2 A^2)^{1/3} <= rho^2 + 2 A at A = T y/t, where
y <= 0 because such a sample costs log C.  Source: this project (2026).
"""

from __future__ import annotations

from functools import lru_cache

from sympy import Expr, Rational, Symbol, log

from theory.definitions import dot, loss, margin, phi, q, sq, unbiased_logit, wt
from theory.expressions import Mean, Relation, eq, le, lt
from theory.kernel import Theorem, apply
from theory.lemmas import scalar_bound
from theory.lemmas.between_classes import MARGIN, level
from theory.lemmas.cosines import s, tangent, v, wrong_side, x, x_minus, x_plus
from theory.lemmas.polar import cosine_at_most_one, e, hole, polar, rho
from theory.lemmas.tilted_classes import margin_t
from theory.proving import assume, average, cases, combine, cut, instantiate
from theory.symbols import C, T, alpha, beta, c, d, h, i, j, k, nonnegative, positive, z

THREE_HALVES = Rational(3, 2)
HALF = Rational(1, 2)
DIRECTIONS = tuple(polar(beta, alpha)[n] for n in (1, 3, 5))  # h = alpha rho e, ||e|| <= 1, rho >= 0
share = positive("share_b", "b", "how much of the price of a long row is kept, at most 1")
size = nonnegative("size_r", "R", "squared relative norm of a row")
_MASS = q(margin_t)
_BELOW = le(phi(margin_t) + _MASS * (THREE_HALVES * margin_t + T / (2 * share) - T), log(C))
ROOM = le(phi(margin_t) + THREE_HALVES * margin_t * _MASS, log(C))


def row(cc: Symbol, kk: Symbol) -> Expr:
    """r_c = (w_c - wbar)/beta, coordinate k."""
    return wt(cc, kk) / beta


def row_square(cc: Symbol = c) -> Expr:
    """||r_c||^2."""
    return sq(lambda kk: row(cc, kk))


def mean_direction(cc: Symbol, kk: Symbol) -> Expr:
    """v_c = E_i e_ci, coordinate k."""
    return Mean(e(cc, i, kk), i)


def turn() -> Expr:
    """<r_c, e_ci>."""
    return dot(lambda kk: row(c, kk), lambda kk: e(c, i, kk))


def distance(cc: Symbol = c) -> Expr:
    """||r_c||^2 - 2 <r_c, v_c> + 1, at least ||v_c - r_c||^2."""
    return row_square(cc) - 2 * dot(lambda kk: row(cc, kk), lambda kk: mean_direction(cc, kk)) + 1


TURN_PAID = le(
    loss(unbiased_logit)
    + _MASS * (margin_t * (Mean(rho(c, i) ** 2, c, i) - 3) / 2 + T * (Mean(row_square(), c) + 1) / 2),
    phi(margin_t) + _MASS * (T - level),
)


def _price(cosine: Expr) -> Expr:
    return _MASS * (margin_t * (s**2 - 3) / 2 + T * (share * size / 2 + (1 - share) * cosine + share / 2))


@lru_cache
def sample_price() -> Theorem:
    """_BELOW, ROOM, 2 y <= R + 1, 0 <= b^2 R + 2 b (1-b) y + (1-b)^2 |- the inequality per sample."""

    def goal(cosine: Expr) -> Relation:
        return le(phi(margin_t), phi(T * s * cosine) + _price(cosine))

    below = instantiate(tangent(THREE_HALVES), {T: margin_t}, label="T := t")
    reach = (T * x_plus / margin_t) ** Rational(1, 3)
    part = s ** Rational(2, 3)
    means = (reach - part) ** 2 * (2 * reach + part) / 2
    right = combine(
        goal(x_plus),
        {
            instantiate(below, {v: reach**2 * part}, label="v := (rho A)^(2/3)"): 1,
            assume(le(2 * x_plus, size + 1)): _MASS * T * share / 2,
        },
        slack=margin_t * _MASS * means,
        label="3 (rho^2 A^2)^(1/3) <= rho^2 + 2 A",
    )
    reached = le(0, share**2 * size - 2 * share * (1 - share) * x_minus + (1 - share) ** 2)
    left = combine(
        goal(-x_minus),
        {wrong_side(): 1, assume(_BELOW): 1, assume(reached): _MASS * T / (2 * share)},
        slack=_MASS * margin_t * s**2 / 2,
        label="a sample on the wrong side costs log C",
    )
    right = combine(goal(x), {instantiate(right, {x_plus: x}, facts=[assume(le(0, x))]): 1})
    left = combine(goal(x), {instantiate(left, {x_minus: -x}, facts=[assume(le(x, 0))]): 1})
    return cases(right, left, split=le(0, x), label="sign of the cosine")


@lru_cache
def loss_of_turns() -> Theorem:
    """DIRECTIONS, MARGIN |- E phi(T rho y) <= L."""
    split = assume(DIRECTIONS[0])
    one = combine(
        eq(wt(c, k) * h(c, i, k), alpha * rho(c, i) * wt(c, k) * e(c, i, k)),
        {split: wt(c, k)},
        label="one coordinate of <w~, h>",
    )
    sample = instantiate(
        scalar_bound(), functions={z: ((c, i, j), unbiased_logit(c, i, j))}, label="logits <w_j, h>"
    )
    own = combine(
        eq(margin(unbiased_logit), T * rho(c, i) * turn()),
        {average(one, k): C * d / (C - 1), assume(MARGIN): -rho(c, i) * turn()},
        label="margin = T rho <r, e>",
    )
    same = apply("congruence", own, context=phi(hole), hole=hole)
    return combine(
        le(Mean(phi(T * rho(c, i) * turn()), c, i), loss(unbiased_logit)),
        {average(sample, c, i): 1, average(same, c, i): -1},
        label="loss bounds the mean of phi(T rho <r, e>)",
    )


@lru_cache
def near_at_share() -> Theorem:
    """_BELOW, ROOM, b < 1, TURN_PAID |- E ``distance`` <= 2 e/(1-b)."""
    unit, sign = assume(DIRECTIONS[1]), assume(DIRECTIONS[2])
    room = combine(lt(0, 1 - share), {assume(lt(share, 1)): 1})
    sample = instantiate(
        sample_price(), {s: rho(c, i), x: turn(), size: row_square()}, facts=[sign], label="one sample"
    )
    apart = sq(lambda kk: row(c, kk) - e(c, i, kk))
    both = sq(lambda kk: share * row(c, kk) + (1 - share) * e(c, i, kk))
    near_ = combine(le(2 * turn(), row_square() + 1), {unit: 1}, slack=apart, label="||r - e||^2 >= 0")
    square = share**2 * row_square() + 2 * share * (1 - share) * turn() + (1 - share) ** 2
    far = combine(le(0, square), {unit: (1 - share) ** 2}, slack=both, label="||b r + (1-b) e||^2 >= 0")
    sample = cut(sample, near_, far)
    rate = 2 / (_MASS * T * (1 - share))
    return combine(
        le(Mean(distance(), c), 2 * (T - level) / (T * (1 - share))),
        {average(sample, c, i, label="E over samples"): rate, loss_of_turns(): rate, assume(TURN_PAID): rate},
        facts=[room],
        label="the loss gap pays",
    )


def room_left() -> Expr:
    """X = log C - phi(t) - (3/2) t q(t)."""
    return log(C) - phi(margin_t) - THREE_HALVES * margin_t * _MASS


def reach(gap: Expr) -> Expr:
    """2 e (1 + q T/(2 X + q T)), e = ``gap``."""
    return 2 * gap * (1 + _MASS * T / (2 * room_left() + _MASS * T))


@lru_cache
def roomy() -> Theorem:
    """ROOM |- 0 < 2 X + q T."""
    return combine(lt(0, 2 * room_left() + _MASS * T), {assume(ROOM): 2}, slack=_MASS * T)


@lru_cache
def near() -> Theorem:
    """DIRECTIONS, MARGIN, ROOM, TURN_PAID |- E ``distance`` <= 2 e (1 + q T/(2 X + q T)), e = 1 - tau/T."""
    free = combine(le(0, room_left()), {assume(ROOM): 1}, label="X >= 0")
    part = _MASS * T
    whole = room_left() + part
    signs = [combine(lt(0, n * whole), {free: n}, slack=n * part) for n in (1, 2)]
    least = combine(lt(part / (2 * whole), 1), {free: 1 / whole}, facts=signs, slack=part / (2 * whole))
    bound = instantiate(near_at_share(), {share: part / (2 * whole)}, facts=signs, label="b")
    bound = cut(bound, least, label="b takes all of the room")
    goal = le(Mean(distance(), c), reach(1 - level / T))
    return combine(goal, {bound: 1}, facts=[*signs, roomy()], label="1/(1-b)")


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
