# SPDX-License-Identifier: MIT
"""Batch norm and weight decay in polar coordinates, parametrised by the optimal margin T = T*.

lambda = sqrt(C)/(C - 1 + e^T) runs through 0 < lambda < 1/sqrt(C) as T runs through T > 0, and q* = q(T).
Rows are measured in units of 1 and features in units of (C-1) T/C, so that a row of norm 1 and a feature of
norm 1 that point the same way have margin T.
"""

from __future__ import annotations

from sympy import Expr, exp, sqrt

from theory.definitions import (
    loss,
    mean_square_features,
    mean_square_raw_weights,
    phi,
    q,
    sq,
    unbiased_logit,
    wt,
)
from theory.expressions import eq, le
from theory.lemmas.polar import kappa, polar, rho
from theory.symbols import C, T, c, gamma_sq, h, i

DECAY = sqrt(C) / (C - 1 + exp(T))
UNIT = (C - 1) * T / C
NORMS = (
    eq(sq(lambda x: wt(c, x)), kappa(c) ** 2, c),
    eq(sq(lambda x: h(c, i, x)), UNIT**2 * rho(c, i) ** 2, c, i),
)
SCALE = le(mean_square_features(), gamma_sq)
SETTING = (*polar(1, UNIT), *NORMS, SCALE)


def regularized_gap() -> Expr:
    """L + (lambda/2)(||gamma||^2 + ||W||_F^2) - m_reg, with m_reg = phi(T) + T q(T)."""
    penalty = DECAY / 2 * (gamma_sq + C * mean_square_raw_weights())
    return loss(unbiased_logit) + penalty - phi(T) - T * q(T)
