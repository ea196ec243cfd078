# SPDX-License-Identifier: MIT
"""No loss below the least: the margin tau at which equal margins give the loss is at most T.

Fixed norms: a loss of at most phi(tau) forces a mean margin of at least tau, and norms at most 1 allow T.
Weight decay lambda = tau q(tau) sqrt(C)/((C-1) T): the decay charges tau q(tau)/T for a unit of mean margin,
which is positive because the loss is below log C; and psi(q(tau)) - q(tau) margin <= loss leaves nothing for
more than q(tau).  Source: this project (2026).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sympy import Expr, log, sqrt

from theory.definitions import alignment, loss, psi, q, sq, unbiased_logit, wbar, wt
from theory.expressions import Mean, Relation, eq, le, lt
from theory.kernel import Theorem
from theory.lemmas import margin_of_loss, mean_dual_bound
from theory.lemmas.cosines import CONDITION, LEVEL, level
from theory.lemmas.polar import NORMS_AT_MOST_ONE, e, kappa, polar, rho, u
from theory.proving import assume, average, combine, instantiate, visible
from theory.symbols import C, T, alpha, beta, c, d, h, i, k, p, tau


@lru_cache
def level_below_margin() -> Theorem:
    """Fixed norms, T = C alpha beta/(C-1) and L <= phi(tau), bias-free |- tau <= T."""
    split_w, split_h, unit_u, unit_e, *_ = map(assume, polar(beta, alpha))
    weights, features = map(assume, NORMS_AT_MOST_ONE)
    row, feature = kappa(c), rho(c, i)
    one = combine(
        eq(wt(c, k) * h(c, i, k), alpha * beta * row * feature * u(c, k) * e(c, i, k)),
        {split_w: h(c, i, k), split_h: beta * row * u(c, k)},
        label="one coordinate of <w~, h>",
    )
    inner = d * Mean(u(c, k) * e(c, i, k), k)
    short = combine(
        le(2 * row * feature * inner, row**2 + feature**2),
        {unit_u: row**2, unit_e: feature**2},
        slack=sq(lambda x: row * u(c, x) - feature * e(c, i, x)),
        label="||kappa u - rho e||^2 >= 0",
    )
    forced = instantiate(margin_of_loss(unbiased_logit), {tau: level}, label="tau")
    scale = C / (C - 1)
    half = scale * alpha * beta / 2
    margin = assume(eq(T, C * alpha * beta / (C - 1)))
    return combine(
        LEVEL,
        {
            forced: 1,
            average(one, c, i, k): scale * d,
            average(short, c, i, label="E over samples"): half,
            weights: half,
            features: half,
            margin: -1,
        },
        label="the mean margin is at most T",
    )


def level_at_decay(small: Relation, scale: Relation, decay: Expr, gamma: Any) -> Theorem:
    """``small``: L + (decay/2)(gamma^2 + ||W||_F^2) <= psi(q(tau)), with (A') |- tau <= T.

    ``scale`` is E||h||^2 <= ``gamma``, and ``decay`` is tau q(tau) sqrt(C)/((C-1) T).
    """
    mass, margin = q(level), C / (C - 1) * alignment()
    square = Mean(sq(lambda x: h(c, i, x) - sqrt(C) * wt(c, x)), c, i)
    penalty = small.lhs - loss(unbiased_logit)
    pays = combine(
        le(level * mass / T * margin, penalty),
        {assume(scale): decay / 2, visible(le(0, sq(wbar))): decay * C / 2},
        slack=decay / 2 * square,
        label="the decay charges the margin",
    )
    nothing = combine(
        le(0, penalty),
        {assume(scale): decay / 2},
        slack=penalty - decay / 2 * gamma + decay / 2 * Mean(sq(lambda x: h(c, i, x)), c, i),
        label="penalties are nonnegative",
    )
    uniform = instantiate(mean_dual_bound(unbiased_logit), {p: (C - 1) / C}, label="p := (C-1)/C")
    own = instantiate(mean_dual_bound(unbiased_logit), {p: mass}, label="p := q(tau)")
    room = combine(
        lt(psi(mass), log(C)), {assume(CONDITION): 1}, slack=mass * (T + level / 2), label="below log C"
    )
    positive = combine(
        lt(0, alignment()),
        {uniform: 1, assume(small): 1, nothing: 1, room: 1},
        label="a loss below log C needs a margin",
    )
    return combine(
        LEVEL,
        {own: T / (mass * margin), assume(small): T / (mass * margin), pays: T / (mass * margin)},
        facts=[positive],
        label="psi(q(tau)) leaves at most q(tau) for a unit of margin",
    )
