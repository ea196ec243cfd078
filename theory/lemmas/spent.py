# SPDX-License-Identifier: MIT
"""What a regularised loss gap is spent on: each nonnegative term of the identity is at most the gap."""

from __future__ import annotations

from functools import lru_cache

from sympy import Expr, log, sqrt

from theory.configurations import simplex
from theory.definitions import (
    kl,
    logit,
    mean_square_features,
    psi,
    q_star,
    regularized_loss,
    sq,
    wbar,
    wt,
)
from theory.expressions import Mean, le, lt
from theory.kernel import Theorem
from theory.lemmas.cross_entropy import mean_gibbs, mean_identity
from theory.proving import assume, combine, cut, instantiate
from theory.statement import Witness
from theory.symbols import C, c, eps, gamma_sq, h, i, lam, p

SMALL_DECAY = lt(lam, 1 / sqrt(C))
SCALE = le(mean_square_features(), gamma_sq)
GAP = le(regularized_loss(gamma_sq) - psi(q_star()), eps)
HYPOTHESES = (SMALL_DECAY, SCALE, GAP)


def divergence() -> Mean:
    """E KL(P_q* || softmax z), in nats."""
    return Mean(kl(q_star(), logit), c, i)


def spring() -> Mean:
    """E ||h - sqrt(C) w~||^2."""
    return Mean(sq(lambda x: h(c, i, x) - sqrt(C) * wt(c, x)), c, i)


def mean_row() -> Expr:
    """||wbar||^2."""
    return sq(wbar)


@lru_cache
def budget() -> Theorem:
    """E KL + (lambda/2) E||h - sqrt(C) w~||^2 + (lambda C/2)||wbar||^2 <= eps."""
    identity = instantiate(mean_identity(), {p: q_star()}, label="p := q*")
    return combine(
        le(divergence() + lam / 2 * spring() + lam * C / 2 * mean_row(), eps),
        {identity: -1, assume(GAP): 1, assume(SCALE): lam / 2},
        label="complete the square",
    )


@lru_cache
def divergence_nonnegative() -> Theorem:
    """lambda < 1/sqrt(C) |- 0 <= E KL(P_q* || softmax z)."""
    below = combine(
        lt(q_star(), 1), {assume(SMALL_DECAY): (C - 1) / sqrt(C)}, slack=1 / C, label="q* < (C-1)/C"
    )
    return cut(instantiate(mean_gibbs(), {p: q_star()}, label="p := q*"), below, label="q* < 1")


def optimum(*, decay: Expr, gap: Expr, noise: Expr, margin: Expr) -> Witness:
    """C = 4: h = 2 w with margin log ``margin``, noise orthogonal to W, and the gap that this makes."""
    s = sqrt(log(margin) / 2)
    norm = 3 * s**2 + 4 * noise**2
    values = {lam: decay, gamma_sq: norm, eps: gap}
    return simplex(4, scale=2 * s, weight_scale=s, noise=noise, values=values)
