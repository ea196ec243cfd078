# SPDX-License-Identifier: MIT
"""Subtracting a constant vector g from every feature: what the theorems on centred features share.

The centred rows sum to zero, so E<w_c - wbar, h> does not change, and the loss is that of h itself.  The
global mean is the g that makes E||h - g||^2 least.
"""

from __future__ import annotations

from sympy import Expr, Symbol

from theory.definitions import sq
from theory.expressions import Mean
from theory.symbols import atom, c, h, i, positive

g = atom("g", "g", "g(k): a constant vector that is subtracted from every feature, such as the global mean")
alpha_shift = positive("alpha_shift", r"\alpha'", "norm of the shifted features: sqrt of E||h - g||^2")
T_shift = positive("T_shift", "T'", "C alpha' beta / (C - 1), with the norm of the shifted features")


def shifted_features(cc: Symbol, ii: Symbol, kk: Symbol) -> Expr:
    """h - g, coordinate kk."""
    return h(cc, ii, kk) - g(kk)


def mean_square_shifted() -> Expr:
    """E||h - g||^2."""
    return Mean(sq(lambda x: shifted_features(c, i, x)), c, i)
