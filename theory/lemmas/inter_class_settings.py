# SPDX-License-Identifier: MIT
"""Cosines between classes at norms at most alpha and beta or with weight decay, and the bound's value.

The value takes the best s and omega: s is the least of 0.499 and sqrt(e/A), A = Lambda (C-1)/(2 C^2) +
1/(2 T).  Source: this project (2026).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sympy import Abs, Expr, Integer, Rational, log, sqrt

from theory.definitions import mean_square_features, mean_square_weights, q, sq, wbar
from theory.evaluation import phi as phi_value
from theory.evaluation import q as q_value
from theory.evaluation import value
from theory.expressions import Mean, Relation, eq, le, substitute
from theory.kernel import Theorem
from theory.lemmas.between_classes import PRICED, level
from theory.lemmas.class_settings import (
    _Q_STAR,
    _T_STAR,
    _TAU,
    DECAY_NUMBERS,
    FEATURE,
    FIXED_NUMBERS,
    GAP,
    SIZE,
    UNITS,
    Numbers,
)
from theory.lemmas.directions import DIRECTIONS, from_chance, near, opened, positive_chance, reach, spare
from theory.lemmas.inter_class import far, inter_class
from theory.lemmas.polar import e, rho
from theory.lemmas.tilt_entropy import entropy
from theory.lemmas.tilted_classes import margin_t
from theory.lemmas.weight_decay import DECAY, SCALE, UNIT
from theory.proving import assume, average, combine, cut, instantiate
from theory.symbols import C, T, alpha, beta, c, d, eps, h, i, k, p

RADII = (le(Mean(rho(c, i) ** 2, c, i), 1), le(mean_square_weights(), beta**2))


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


def _at(margin: Expr, reached: Expr) -> dict[Any, Expr]:
    return {p: q(margin), level: reached, margin_t: margin}


def _near(margin: Expr, reached: Expr) -> Theorem:
    """``directions.near`` for L <= phi(t) + q(t) (t - tau), t = ``margin``, tau = ``reached``."""
    left = T - reached + margin * (T / margin - 1) ** 2 / (2 * (1 + 2 * spare))
    return instantiate(near(), {margin_t: margin, opened: left})


def _price(close: Theorem) -> Relation:
    """What norms and the loss cost, in the hypotheses of ``_near``."""
    return next(a for a in close.hypotheses if a.lhs.has(spare) and a.lhs.has(Mean))


def _with_distance(theorem: Theorem, close: Theorem, margin: Expr, reached: Expr) -> Theorem:
    """``theorem``, of ``inter_class``, with the D of ``close``, of ``_near``, at n = K/(t q)."""
    apart = instantiate(positive_chance(), {margin_t: margin})
    best = from_chance(margin) / (margin * q(margin))
    distant = substitute(reach(1 - reached / T), {margin_t: margin})
    close = instantiate(close, {spare: best}, facts=[apart], label="n := K/(t q)")
    close = combine(le(close.relation.lhs, distant), {close: 1}, facts=[apart])
    return cut(instantiate(theorem, {far: distant}, facts=[apart], label="D"), close)


@lru_cache
def inter_class_bounded(margin: Expr, reached: Expr, small: Relation) -> Theorem:
    """``inter_class`` for norms at most alpha and beta and the loss ``small``.

    t = ``margin``, tau = ``reached``, equal or t = T: ``small`` is L <= phi(t) + q(t) (t - tau).
    """
    values = _at(margin, reached)
    radii, weights = map(assume, RADII)
    loss_, rate, k_ = assume(small), q(margin) / 2, T / margin
    priced = combine(
        instantiate(assume(PRICED), values).relation,
        {loss_: 1, feature_norm(): rate * T / alpha**2, weights: rate * T / beta**2},
        label="norms at most alpha and beta",
    )
    close = _near(margin, reached)
    rows = margin * rate * (k_**2 + 2 * spare * k_) / (1 + 2 * spare) / beta**2
    pays = combine(_price(close), {loss_: 1, radii: margin * rate, weights: rows}, label="norms at most 1")
    whole = cut(instantiate(inter_class(), values), priced)
    return _with_distance(whole, cut(close, pays), margin, reached)


# ---- weight decay, in units of the norms at the optimum

_REACHED = T - eps / q(T)
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
        price,
        {assume(GAP): 1, assume(SCALE): DECAY / 2, **more},
        slack=DECAY * C / 2 * sq(wbar),
        label="the decay is the price",
    )


@lru_cache
def near_decayed() -> Theorem:
    """FEATURES, SCALE, GAP |- ``directions.near`` at t = T*, tau = T* - eps/q(T*)."""
    sign = combine(le(0, rho(c, i) * UNIT / FEATURE), {assume(FEATURES[2]): UNIT / FEATURE})
    close = _in_units(_near(T, _REACHED))
    return cut(close, _decay_pays(_price(close), {average(assume(FEATURES[3]), c, i): -DECAY / 2}), sign)


@lru_cache
def inter_class_decayed() -> Theorem:
    """FEATURES, SCALE, GAP |- ``inter_class`` at t = T*, tau = T* - eps/q(T*)."""
    whole = _in_units(instantiate(inter_class(), _at(T, _REACHED)))
    price = _in_units(instantiate(assume(PRICED), _at(T, _REACHED))).relation
    return _with_distance(cut(whole, _decay_pays(price, {})), near_decayed(), T, _REACHED)


# ---- numbers

MOST = Rational(499, 1000)  # s is less than 1/2


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
    chance = log(SIZE) - loss - margin * mass
    far = 2 * gap * (1 + mass * (scale + margin) / (4 * chance))
    rest = sqrt(far * spectral / (SIZE - 1)) + far * SIZE / (SIZE - 1)
    return SIZE / (2 * (SIZE - 1)) * products + rest


FIXED_EXCESS = excess_bound(FIXED_NUMBERS, value("L"), _TAU, q_value(_TAU, SIZE))
DECAY_EXCESS = excess_bound(DECAY_NUMBERS, phi_value(_T_STAR, SIZE), _T_STAR, _Q_STAR)
