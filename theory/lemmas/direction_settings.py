# SPDX-License-Identifier: MIT
"""Distance of mean directions from rows at norms at most alpha and beta, and with weight decay.

``directions.near`` with n = K/(t q), its largest: E ``distance`` <= 2 e (1 + q (T + t)/(4 K)).
Source: this project (2026).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sympy import Expr, log

from theory.definitions import mean_square_weights, q, sq, wbar
from theory.evaluation import phi as phi_value
from theory.evaluation import q as q_value
from theory.evaluation import value
from theory.expressions import Mean, Relation, eq, index, le, substitute
from theory.kernel import Theorem
from theory.lemmas.chance import from_chance, positive_chance
from theory.lemmas.class_settings import (
    DECAY_NUMBERS,
    FEATURE,
    FIXED_NUMBERS,
    GAP,
    Q_STAR_VALUE,
    ROW,
    SIZE,
    T_STAR_VALUE,
    T_VALUE,
    TAU_VALUE,
    UNITS,
)
from theory.lemmas.directions import (
    DIRECTIONS,
    mean_direction,
    near,
    opened,
    reach,
    row,
    spare,
)
from theory.lemmas.polar import class_cosine, cosine_at_most_one, e, rho
from theory.lemmas.tilted_classes import margin_t
from theory.lemmas.weight_decay import DECAY, SCALE, UNIT
from theory.proving import assume, average, combine, cut, instantiate
from theory.symbols import C, T, beta, c, eps, h, i, k

RADII = (le(Mean(rho(c, i) ** 2, c, i), 1), le(mean_square_weights(), beta**2))
REACHED = T - eps / q(T)
FEATURES = (
    eq(h(c, i, k), UNIT * rho(c, i) * e(c, i, k), c, i, k),
    *DIRECTIONS[1:],
    eq(sq(lambda x: h(c, i, x)), UNIT**2 * rho(c, i) ** 2, c, i),
)


def distance_bound(margin: Expr, reached: Expr) -> Expr:
    """2 e (1 + q (T + t)/(4 K)), t = ``margin``, e = 1 - ``reached``/T."""
    return substitute(reach(1 - reached / T), {margin_t: margin})


def above_chance_at(margin: Expr) -> Theorem:
    """0 < K at t = ``margin``."""
    return instantiate(positive_chance(), {margin_t: margin})


def _near(margin: Expr, reached: Expr) -> Theorem:
    """``directions.near`` for L <= phi(t) + q(t) (t - tau), t = ``margin``, tau = ``reached``."""
    left = T - reached + margin * (T / margin - 1) ** 2 / (2 * (1 + 2 * spare))
    return instantiate(near(), {margin_t: margin, opened: left})


def _price(close: Theorem) -> Relation:
    """What norms and the loss cost, in the hypotheses of ``_near``."""
    return next(a for a in close.hypotheses if a.lhs.has(spare) and a.lhs.has(Mean))


def _at_chance(close: Theorem, margin: Expr, reached: Expr) -> Theorem:
    apart = above_chance_at(margin)
    best = from_chance(margin) / (margin * q(margin))
    close = instantiate(close, {spare: best}, facts=[apart], label="n := K/(t q)")
    return combine(le(close.relation.lhs, distance_bound(margin, reached)), {close: 1}, facts=[apart])


@lru_cache
def near_bounded(margin: Expr, reached: Expr, small: Relation) -> Theorem:
    """DIRECTIONS, RADII, MARGIN, the loss ``small`` |- E ``distance`` <= ``distance_bound``.

    t = ``margin``, tau = ``reached``, equal or t = T: ``small`` is L <= phi(t) + q(t) (t - tau).
    """
    radii, weights = map(assume, RADII)
    rate, k_ = q(margin) / 2, T / margin
    close = _near(margin, reached)
    rows = margin * rate * (k_**2 + 2 * spare * k_) / (1 + 2 * spare) / beta**2
    pays = combine(
        _price(close), {assume(small): 1, radii: margin * rate, weights: rows}, label="norms at most 1"
    )
    return _at_chance(cut(close, pays), margin, reached)


def in_units(theorem: Theorem) -> Theorem:
    """``theorem`` with rows and features in units of the optimum."""
    inner = instantiate(theorem, UNITS, label="units of the optimum")
    relative = rho(c, i) * UNIT / FEATURE
    return instantiate(inner, functions={rho: ((c, i), relative)}, label="relative norms")


def decay_pays(price: Relation, more: Mapping[Theorem, Any]) -> Theorem:
    """``price`` from the gap of the regularised loss."""
    return combine(
        price,
        {assume(GAP): 1, assume(SCALE): DECAY / 2, **more},
        slack=DECAY * C / 2 * sq(wbar),
        label="the decay is the price",
    )


@lru_cache
def near_decayed() -> Theorem:
    """FEATURES, SCALE, GAP |- E ``distance`` <= ``distance_bound`` at t = T*, tau = T* - eps/q(T*)."""
    sign = combine(le(0, rho(c, i) * UNIT / FEATURE), {assume(FEATURES[2]): UNIT / FEATURE})
    close = in_units(_near(T, REACHED))
    pays = decay_pays(_price(close), {average(assume(FEATURES[3]), c, i): -DECAY / 2})
    return _at_chance(cut(close, pays, sign), T, REACHED)


def lost() -> Expr:
    """mean_c (1 - intra_c)."""
    return Mean(1 - class_cosine(), c)


def lost_mean(close: Theorem, margin: Expr) -> Theorem:
    """The bound ``close`` of E ``distance`` bounds mean_c (1 - intra_c): ||v - r||^2 >= 0."""
    unit = {beta: ROW} if close == near_decayed() else {}
    rows = Mean(sq(lambda kk: mean_direction(c, kk) - substitute(row(c, kk), unit)), c)
    bound = close.relation.rhs
    return combine(le(lost(), bound), {close: 1}, facts=[above_chance_at(margin)], slack=rows)


def every_class(mean: Theorem, bound: Expr, margin: Expr) -> Theorem:
    """1 - intra_c <= C ``bound``: one nonnegative term of a mean of C is at most C times the mean."""
    other = index("c4")
    free = instantiate(cosine_at_most_one(), {c: other}, label="another class")
    rest = average(free, other, excluding=c, label="the other classes")
    goal = le(1 - class_cosine(), C * bound)
    return combine(goal, {rest: C - 1, mean: C}, facts=[above_chance_at(margin)], label="every class")


# ---- numbers


def distance_value(gap: Expr, scale: Expr, loss: Expr, margin: Expr, mass: Expr) -> Expr:
    """``distance_bound`` at e = ``gap``, T = ``scale``, phi(t) = ``loss``, t = ``margin``, q(t)."""
    return 2 * gap * (1 + mass * (scale + margin) / (4 * (log(SIZE) - loss - margin * mass)))


FIXED_DISTANCE = distance_value(FIXED_NUMBERS.gap, T_VALUE, value("L"), TAU_VALUE, q_value(TAU_VALUE, SIZE))
DECAY_DISTANCE = distance_value(
    DECAY_NUMBERS.gap, T_STAR_VALUE, phi_value(T_STAR_VALUE, SIZE), T_STAR_VALUE, Q_STAR_VALUE
)
