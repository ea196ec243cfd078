# SPDX-License-Identifier: MIT
"""Exact configurations with a bias and a global mean, for the theorems on centred cosines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sympy import Expr, Integer, Rational, Symbol, log, sqrt, sympify

from theory.configurations import flipped
from theory.lemmas.polar import e, kappa, rho, u
from theory.polar_configurations import abandoned
from theory.statement import Witness
from theory.symbols import T, alpha, b, beta, h, w


def moved(base: Witness, shift: Any, values: Mapping[Symbol, Any] | None = None) -> Witness:
    """``base`` with every feature moved by shift (1, ..., 1), and the bias that keeps the logits."""
    step = sympify(shift)
    rows, points = base.functions[w], base.functions[h]

    def bias(j: int) -> Expr:
        return sum((-rows(j, k) * step for k in range(base.dimension)), Integer(0))

    table: dict[Any, Any] = {**base.functions, h: lambda c, i, k: points(c, i, k) + step, b: bias}
    note = f"{base.note}, around {shift} (1, ..., 1), with the bias that undoes it"
    return Witness(
        base.classes, base.samples, base.dimension, table, {**base.values, **dict(values or {})}, note
    )


def turned(scale: Rational, *, good: int, values: Mapping[Symbol, Any] | None = None) -> Witness:
    """Two classes in one dimension, one small sample of each on the wrong side, around 2."""
    return moved(flipped(scale, good=good), 2, values)


def noisy(values: Mapping[Symbol, Any] | None = None) -> Witness:
    """Two classes, every cosine 40/41 and every margin 40 log(7/6), T = 41 log(7/6), around (1, 1)."""
    near, across = Rational(40, 41), Rational(9, 41)
    scale = 41 * log(Rational(7, 6))
    row = scale / 2

    def side(c: int) -> int:
        return 1 - 2 * c

    def point(c: int, i: int, k: int) -> Any:
        return side(c) * near if k == 0 else (-1) ** i * across

    table: dict[Any, Any] = {
        w: lambda j, k: row * side(j) if k == 0 else Integer(0),
        h: point,
        kappa: lambda c: Integer(1),
        rho: lambda c, i: Integer(1),
        u: lambda c, k: Integer(side(c) if k == 0 else 0),
        e: point,
    }
    norms = {alpha: Integer(1), beta: row, T: scale}
    return moved(Witness(2, 2, 2, table, norms, "two classes with noise across the classifier"), 1, values)


def same_side(values: Mapping[Symbol, Any] | None = None) -> Witness:
    """Two classes at 1/100 and 201/100 on a line, with a bias between them; norms and cosines of h itself."""
    far, close = Rational(201, 100), Rational(1, 100)
    norm = sqrt((far**2 + close**2) / 2)
    scale = Rational(11, 2)
    row = scale / (2 * norm)

    def point(c: int) -> Any:
        return close if c else far

    table: dict[Any, Any] = {
        w: lambda j, k: row * (1 - 2 * j),
        h: lambda c, i, k: point(c),
        b: lambda j: -row * (1 - 2 * j) * (far + close) / 2,
        kappa: lambda c: Integer(1),
        rho: lambda c, i: point(c) / norm,
        u: lambda c, k: Integer(1 - 2 * c),
        e: lambda c, i, k: Integer(1),
    }
    norms = {alpha: norm, beta: row, T: scale, **dict(values or {})}
    return Witness(2, 1, 1, table, norms, "both classes on one side of the origin, told apart by the bias")


def left_alone(factor: Rational, values: Mapping[Symbol, Any] | None = None) -> Witness:
    """`polar_configurations.abandoned` with all rows times ``factor``, around 1."""
    base = abandoned()
    rows = base.functions[w]
    norms = {alpha: base.values[alpha], beta: factor * base.values[beta], T: factor * base.values[T]}
    table: dict[Any, Any] = {**base.functions, w: lambda j, k: factor * rows(j, k)}
    return moved(Witness(4, 2, 2, table, norms, f"{base.note}, rows times {factor}"), 1, values)
