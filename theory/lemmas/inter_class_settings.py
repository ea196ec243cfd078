# SPDX-License-Identifier: MIT
"""Cosines between classes at norms at most alpha and beta or with weight decay, and the bound's value.

The value takes the best s and omega: s is the least of 0.499 and sqrt(e/A), A = Lambda (C-1)/(2 C^2) +
1/(2 T).  Source: this project (2026).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sympy import Abs, Expr, Integer, Rational, Symbol, log, sqrt

from theory.definitions import mean_square_features, mean_square_weights, q, sq, wbar
from theory.evaluation import Condition, value
from theory.evaluation import phi as phi_value
from theory.evaluation import q as q_value
from theory.expressions import Mean, Relation, eq, le, substitute
from theory.kernel import Theorem
from theory.lemmas.between_classes import PRICED, level
from theory.lemmas.class_settings import (
    _Q_STAR,
    _T_STAR,
    _TAU,
    AT_DECAY,
    DECAY_NUMBERS,
    FEATURE,
    FIXED_NUMBERS,
    GAP,
    SIZE,
    UNITS,
    Numbers,
)
from theory.lemmas.directions import DIRECTIONS, TURN_PAID, near, reach, roomy
from theory.lemmas.inter_class import far, inter_class
from theory.lemmas.polar import e, rho
from theory.lemmas.tilt_entropy import entropy
from theory.lemmas.tilted_classes import margin_t
from theory.lemmas.weight_decay import DECAY, SCALE, UNIT
from theory.proving import assume, average, combine, cut, instantiate
from theory.symbols import C, T, alpha, beta, c, d, h, i, k, p

RADII = (le(Mean(rho(c, i) ** 2, c, i), 1), le(mean_square_weights(), beta**2))


_AT_OPTIMUM = {key: AT_DECAY[key] for key in (p, level, margin_t)}


@lru_cache
def feature_norm() -> Theorem:
    """DIRECTIONS, E rho^2 <= 1 |- E||h||^2 <= alpha^2."""
    split, unit, _ = map(assume, DIRECTIONS)
    right = alpha * rho(c, i) * e(c, i, k)
    one = combine(eq(h(c, i, k) ** 2, right**2), {split: h(c, i, k) + right}, label="one coordinate")
    short = combine(
        le(sq(lambda kk: h(c, i, kk)), alpha**2 * rho(c, i) ** 2),
        {average(one, k): d, unit: alpha**2 * rho(c, i) ** 2},
    )
    return combine(
        le(mean_square_features(), alpha**2), {average(short, c, i): 1, assume(RADII[0]): alpha**2}
    )


def _at(relation: Relation, values: Mapping[Any, Any]) -> Relation:
    return relation.map(lambda side: substitute(side, values))


def _at_values(values: Mapping[Symbol, Any]) -> tuple[Theorem, Theorem]:
    """``directions.near``, and ``inter_class`` with its D, at ``values``."""
    distant = substitute(reach(1 - level / T), values)
    room = instantiate(roomy(), values)
    whole = instantiate(inter_class(), {**values, far: distant}, facts=[room], label="D")
    return whole, instantiate(near(), values)


@lru_cache
def inter_class_bounded(margin: Expr, reached: Expr, small: Relation) -> Theorem:
    """``inter_class`` for norms at most alpha and beta and the loss ``small``.

    t = ``margin``, tau = ``reached``: ``small`` is L <= phi(t) + q(t) (t - tau).
    """
    values = {p: q(margin), level: reached, margin_t: margin}
    radii, weights = map(assume, RADII)
    loss_, rate = assume(small), q(margin) / 2
    rows = rate * T / beta**2
    whole, close = _at_values(values)
    close = cut(close, combine(_at(TURN_PAID, values), {loss_: 1, radii: rate * margin, weights: rows}))
    priced = combine(_at(PRICED, values), {loss_: 1, feature_norm(): rate * T / alpha**2, weights: rows})
    return cut(whole, close, priced)


# ---- weight decay, in units of the norms at the optimum

FEATURES = (
    eq(h(c, i, k), UNIT * rho(c, i) * e(c, i, k), c, i, k),
    *DIRECTIONS[1:],
    eq(sq(lambda x: h(c, i, x)), UNIT**2 * rho(c, i) ** 2, c, i),
)


def _in_units(theorem: Theorem) -> Theorem:
    inner = instantiate(theorem, UNITS, label="units of the optimum")
    relative = rho(c, i) * UNIT / FEATURE
    return instantiate(inner, functions={rho: ((c, i), relative)}, label="relative norms")


def _decay_pays(price: Relation, more: Mapping[Theorem, Any]) -> Theorem:
    return combine(
        _in_units(instantiate(assume(price), _AT_OPTIMUM)).relation,
        {assume(GAP): 1, assume(SCALE): DECAY / 2, **more},
        slack=DECAY * C / 2 * sq(wbar),
        label="the decay is the price",
    )


@lru_cache
def near_decayed() -> Theorem:
    """FEATURES, SCALE, GAP, T* >= T_{3/2} |- ``directions.near`` at t = T*, tau = T* - eps/q(T*)."""
    sign = combine(le(0, rho(c, i) * UNIT / FEATURE), {assume(FEATURES[2]): UNIT / FEATURE})
    paid = _decay_pays(TURN_PAID, {average(assume(FEATURES[3]), c, i): -DECAY / 2})
    return cut(_in_units(_at_values(_AT_OPTIMUM)[1]), paid, sign)


@lru_cache
def inter_class_decayed() -> Theorem:
    """FEATURES, SCALE, GAP, T* >= T_{3/2} |- ``inter_class`` at t = T*, tau = T* - eps/q(T*)."""
    return cut(_in_units(_at_values(_AT_OPTIMUM)[0]), _decay_pays(PRICED, {}), near_decayed())


# ---- numbers

MOST = Rational(499, 1000)  # s is less than 1/2
ROOM_AT_LOSS = Condition(
    "log C - L >= (3/2) tau q(tau), tau = phi^{-1}(L)",
    value("L") + Rational(3, 2) * _TAU * q_value(_TAU, SIZE),
    log(SIZE),
)


def excess_bound(numbers: Numbers, loss: Expr, margin: Expr, mass: Expr) -> Expr:
    """The bound at e = ``numbers.gap``, phi(t) = ``loss``, t = ``margin`` and q(t) = ``mass``.

    At least 0; the trivial bound is C/(C-1).
    """
    gap = (numbers.gap + Abs(numbers.gap)) / 2
    spectral = value("weight_spectral") * (value("beta") / numbers.row) ** 2
    scale = numbers.margin
    size = spectral * (SIZE - 1) / (2 * SIZE**2) + entropy(Integer(0)) / scale
    best = sqrt(gap / size)
    step = (MOST + best - Abs(MOST - best)) / 2
    first, other = gap / MOST, sqrt(gap * size)
    unspent = (first + other + Abs(first - other)) / 2
    products = unspent + step * (size + (entropy(step) - entropy(Integer(0))) / scale)
    room = log(SIZE) - loss - Rational(3, 2) * margin * mass
    far = 2 * gap * (1 + mass * scale / (2 * room + mass * scale))
    rest = sqrt(far * spectral / (SIZE - 1)) + far * SIZE / (SIZE - 1)
    return SIZE / (2 * (SIZE - 1)) * products + rest


FIXED_EXCESS = excess_bound(FIXED_NUMBERS, value("L"), _TAU, q_value(_TAU, SIZE))
DECAY_EXCESS = excess_bound(DECAY_NUMBERS, phi_value(_T_STAR, SIZE), _T_STAR, _Q_STAR)
