# SPDX-License-Identifier: MIT
"""``inter_class`` at norms at most alpha and beta or with weight decay.  Source: this project (2026)."""

from __future__ import annotations

from functools import lru_cache

from sympy import Expr

from theory.definitions import mean_square_features, q, sq
from theory.expressions import Relation, eq, le
from theory.kernel import Theorem
from theory.lemmas.between_classes import PRICED, level
from theory.lemmas.direction_settings import (
    RADII,
    REACHED,
    above_chance_at,
    decay_pays,
    distance_bound,
    in_units,
    near_bounded,
    near_decayed,
)
from theory.lemmas.directions import DIRECTIONS
from theory.lemmas.inter_class import far, inter_class
from theory.lemmas.polar import e, rho
from theory.lemmas.tilted_classes import margin_t
from theory.proving import assume, average, combine, cut, instantiate
from theory.symbols import T, alpha, beta, c, d, h, i, k, p


def _whole(margin: Expr, reached: Expr) -> Theorem:
    """``inter_class`` at t = ``margin``, tau = ``reached``, with D as ``direction_settings`` bounds it."""
    values = {p: q(margin), level: reached, margin_t: margin, far: distance_bound(margin, reached)}
    return instantiate(inter_class(), values, facts=[above_chance_at(margin)], label="D")


def _priced(margin: Expr, reached: Expr) -> Theorem:
    return instantiate(assume(PRICED), {p: q(margin), level: reached, margin_t: margin})


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


@lru_cache
def inter_class_bounded(margin: Expr, reached: Expr, small: Relation) -> Theorem:
    """``inter_class`` for norms at most alpha and beta and the loss ``small``.

    t = ``margin``, tau = ``reached``, equal or t = T: ``small`` is L <= phi(t) + q(t) (t - tau).
    """
    rate = q(margin) * T / 2
    norms = {assume(small): 1, feature_norm(): rate / alpha**2, assume(RADII[1]): rate / beta**2}
    priced = combine(_priced(margin, reached).relation, norms, label="norms at most alpha and beta")
    return cut(_whole(margin, reached), priced, near_bounded(margin, reached, small))


@lru_cache
def inter_class_decayed() -> Theorem:
    """FEATURES, SCALE, GAP |- ``inter_class`` at t = T*, tau = T* - eps/q(T*)."""
    priced = decay_pays(in_units(_priced(T, REACHED)).relation, {})
    return cut(in_units(_whole(T, REACHED)), priced, near_decayed())
