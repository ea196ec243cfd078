# SPDX-License-Identifier: MIT
"""What the theorems on equal angles of rows and of class means share: a witness, and the number of both."""

from __future__ import annotations

from typing import Any

from sympy import Abs, Expr, Integer, Rational, sqrt

from theory.evaluation import lost_margin, value
from theory.lemmas.between_classes import y
from theory.lemmas.equiangular import Lambda, pair, test
from theory.statement import Witness
from theory.symbols import T, alpha, beta, h, tau, w

MOST = Rational(499, 1000)  # a tilt is less than 1/2 strong


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


def at_best_step(gap: Expr, curvature: Expr, scale: Expr) -> Expr:
    """``gap``/s + s (``curvature`` + (9/20) s^2/``scale``), s the least of 0.499 and sqrt(gap/curvature)."""
    best = sqrt(gap / curvature)
    step = (MOST + best - Abs(MOST - best, evaluate=False)) / 2
    first, other = gap / MOST, sqrt(gap * curvature)
    spent = (first + other + Abs(first - other, evaluate=False)) / 2
    return spent + step * (curvature + Rational(9, 20) * step**2 / scale)


def closed_form(spectral: Expr) -> Expr:
    """C/(C-1) (e/s + s (A + (9/20) s^2/T)), A = Lambda (C-1)/(2 C^2) + 1/(2 T), e = 1 - phi^{-1}(L)/T.

    s is the least of 0.499 and sqrt(e/A).
    """
    size = value("C")
    scale = size * value("alpha") * value("beta") / (size - 1)
    e = lost_margin(value("L"), scale, size)
    curvature = spectral * (size - 1) / (2 * size**2) + 1 / (2 * scale)
    return size / (size - 1) * at_best_step(e, curvature, scale)
