# SPDX-License-Identifier: MIT
"""Subtracting a constant vector g from every feature: what the theorems on centred features share.

The centred rows sum to zero, so E<w_c - wbar, h> does not change, and the loss is that of h itself.  The
global mean is the g that makes E||h - g||^2 least.
"""

from __future__ import annotations

from typing import Any

from sympy import Expr, Symbol, sympify

from theory.definitions import sq
from theory.expressions import Mean
from theory.statement import Witness
from theory.symbols import alpha, atom, c, h, i, positive

g = atom("g", "g", "g(k): a constant vector that is subtracted from every feature, such as the global mean")
alpha_shift = positive("alpha_shift", r"\alpha'", "norm of the shifted features: sqrt of E||h - g||^2")
T_shift = positive("T_shift", "T'", "C alpha' beta / (C - 1), with the norm of the shifted features")


def shifted_features(cc: Symbol, ii: Symbol, kk: Symbol) -> Expr:
    """h - g, coordinate kk."""
    return h(cc, ii, kk) - g(kk)


def mean_square_shifted() -> Expr:
    """E||h - g||^2."""
    return Mean(sq(lambda x: shifted_features(c, i, x)), c, i)


def around(witness: Witness, shift: Any) -> Witness:
    """The witness with every feature moved by shift (1, ..., 1), g equal to that, and alpha' its alpha."""
    move = sympify(shift)
    table: dict[Any, Any] = {
        **witness.functions,
        h: lambda c, i, k: witness.functions[h](c, i, k) + move,
        g: lambda k: move,
    }
    values = {**witness.values, alpha_shift: witness.values[alpha]}
    note = f"{witness.note}, around {shift} (1, ..., 1)"
    return Witness(witness.classes, witness.samples, witness.dimension, table, values, note)
