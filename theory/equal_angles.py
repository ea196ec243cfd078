# SPDX-License-Identifier: MIT
"""What the theorems on equal angles of rows and of class means share: a witness, and the number of both."""

from __future__ import annotations

from typing import Any

from sympy import Expr, Integer, Rational, sqrt

from theory.evaluation import phi_inverse, value
from theory.lemmas.between_classes import y
from theory.lemmas.equiangular import Lambda, pair, test
from theory.statement import Witness
from theory.symbols import T, alpha, beta, h, tau, w


def on_a_line(step: Any, size: Any = 1) -> Witness:
    """Three classes on a line, rows 1, -1, 0 and features equal to them: T = 1, L = 0.64 <= phi(1/2)."""
    place = [Integer(1), Integer(-1), Integer(0)]
    norm = sqrt(Rational(2, 3))
    table = [[0, -1, 1], [-1, 0, 1], [0, 0, 0]]
    return Witness(
        3,
        1,
        1,
        {
            w: lambda j, k: place[j],
            h: lambda c, i, k: place[c],
            test: lambda c, j: size * Integer(table[c][j]),
            pair: lambda c, j: size * Integer(table[c][j]),
        },
        {
            alpha: norm,
            beta: norm,
            T: 1,
            tau: Rational(1, 2),
            y: step,
            Lambda: 3,
        },
        "three classes on a line",
    )


def closed_form(spectral: Expr) -> Expr:
    """C/(C-1) (2 e + 2 sqrt(e A)), the least of ``bound`` over y, A = Lambda (C-1)/(2 C^2) + 1/(2 T)."""
    size = value("C")
    scale = size * value("alpha") * value("beta") / (size - 1)
    e = 1 - phi_inverse(value("L"), size) / scale
    curvature = spectral * (size - 1) / (2 * size**2) + 1 / (2 * scale)
    return size / (size - 1) * (2 * e + 2 * sqrt(e * curvature))
