# SPDX-License-Identifier: MIT
"""Squared error against one-hot targets, with C symbolic.

With weight decay lambda on W and on the features the logits that cost least are (1 - mu) e_c,
mu = lambda sqrt(C): the decay shrinks the target.  Source of the minimisers: Tirer & Bruna 2022 (ICML), Zhou
et al. 2022 (ICML).
"""

from __future__ import annotations

from typing import Any

from sympy import Expr, sqrt

from theory.definitions import mean_square_raw_weights
from theory.expressions import Mean, index
from theory.symbols import C, c, gamma_sq, i, j, lam, z

j2 = index("j2")


def squared_error(zf: Any = z, height: Any = 1) -> Expr:
    """||z - height e_c||^2 of sample i of class c: C E_j z_j^2 - 2 height z_c + height^2."""
    return C * Mean(zf(c, i, j) ** 2, j) - 2 * height * zf(c, i, c) + height**2


def centred_squared_error(zf: Any = z, height: Any = 1) -> Expr:
    """||P (z - height e_c)||^2 with P = I - 1 1^T/C, which removes the mean logit."""
    centre = Mean(zf(c, i, j2), j2)
    spread = C * Mean((zf(c, i, j) - centre) ** 2, j)
    return spread - 2 * height * (zf(c, i, c) - centre) + height**2 * (C - 1) / C


def mean_logit(zf: Any = z) -> Expr:
    """zbar, the mean over the C logits of sample i of class c."""
    return Mean(zf(c, i, j), j)


def shrinkage() -> Expr:
    """mu = lambda sqrt(C)."""
    return lam * sqrt(C)


def squared_loss(zf: Any) -> Expr:
    """E ||z - e_c||^2/2 + (lambda/2)(||gamma||^2 + ||W||_F^2)."""
    return Mean(squared_error(zf), c, i) / 2 + lam / 2 * (gamma_sq + C * mean_square_raw_weights())
