# SPDX-License-Identifier: MIT
"""How far a margin is from chance: K = log C - phi(t) - t q(t) is positive, at least t^2 q/(4 C).

K is the divergence of the softmax at margin t from chance.  Source: this project (2026).
"""

from __future__ import annotations

from functools import lru_cache

from sympy import Expr, exp, log, sqrt

from theory.definitions import phi, q
from theory.expressions import le, lt
from theory.kernel import Theorem
from theory.lemmas.tilted_classes import margin_t
from theory.proving import combine, instantiate, log_tangent
from theory.symbols import C, positive

half = positive("half_t", "u", "half a margin")


def from_chance(at: Expr = margin_t) -> Expr:
    """K = log C - phi(t) - t q(t)."""
    return log(C) - phi(at) - at * q(at)


@lru_cache
def chance_apart() -> Theorem:
    """2 - 2 S/sqrt(A C) <= K at t = 2 u, A = 1 + (C-1) e^{-2 u}, S = 1 + (C-1) e^{-u}."""
    wrong_ = exp(-half)
    total = 1 + (C - 1) * wrong_**2
    own = log_tangent(sqrt(total / C), label="the true class")
    wrong = log_tangent(sqrt(total / C) / wrong_, label="a wrong class")
    return combine(
        le(2 - 2 * (1 + (C - 1) * wrong_) / sqrt(total * C), from_chance(2 * half)),
        {own: 2 / total, wrong: 2 * (C - 1) * wrong_**2 / total},
        label="squared Hellinger distance",
    )


@lru_cache
def chance_room() -> Theorem:
    """(C-1) (1 - e^{-u})^2/(A C) <= K at t = 2 u: S <= sqrt(A C)."""
    wrong_ = exp(-half)
    total, half_sum = 1 + (C - 1) * wrong_**2, 1 + (C - 1) * wrong_
    root = sqrt(total * C)
    spread = (C - 1) * (1 - wrong_) ** 2  # A C - S^2
    return combine(
        le(spread / (total * C), from_chance(2 * half)),
        {chance_apart(): 1},
        slack=spread**2 / (root * (root + half_sum)) ** 2,
        label="S <= sqrt(A C)",
    )


@lru_cache
def above_chance() -> Theorem:
    """t^2 q/(4 C) <= K: 1 - e^{-u} >= u e^{-u}."""
    wrong_ = exp(-half)
    grows = log_tangent(exp(half), label="u <= e^u - 1")
    less = combine(le(0, 1 - wrong_ + half * wrong_), {grows: wrong_}, slack=2 * half * wrong_)
    scale = (C - 1) / ((1 + (C - 1) * wrong_**2) * C)
    square = combine(
        le(half**2 * q(2 * half) / C, from_chance(2 * half)),
        {chance_room(): 1, grows: scale * wrong_ * (1 - wrong_ + half * wrong_)},
        facts=[less],
        label="K >= u^2 q/C",
    )
    at = instantiate(square, {half: margin_t / 2}, label="u = t/2")
    return combine(le(margin_t**2 * q(margin_t) / (4 * C), from_chance()), {at: 1})


@lru_cache
def positive_chance() -> Theorem:
    """0 < K."""
    return combine(lt(0, from_chance()), {above_chance(): 1}, slack=margin_t**2 * q(margin_t) / (4 * C))
