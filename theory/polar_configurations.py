# SPDX-License-Identifier: MIT
"""Exact configurations with their split into norms and directions, sample by sample and class by class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sympy import Integer, Rational, Symbol, log, sqrt, sympify

from theory.configurations import simplex
from theory.lemmas.budgets import axis, share, size
from theory.lemmas.cosines import level
from theory.lemmas.polar import e, kappa, rho, u
from theory.statement import Witness
from theory.symbols import T, alpha, beta, gamma_sq, h, w


def simplex_in_polar(values: Mapping[Symbol, Any] | None = None) -> Witness:
    """`simplex` with C = 3 and orthogonal noise, and its split into norms and directions.

    The loss is phi(3) exactly, and every cosine with the classifier and every sqrt(1 - nu_c) is tau/T with
    tau = 3: (tau/T)^2 = 8/9.
    """
    base = simplex(3, scale=3, noise=Rational(1, 2), values={level: 3, **(values or {})})
    rows, features = base.functions[w], base.functions[h]

    def direction(c: int, k: int) -> Any:
        return rows(c, k) / sqrt(Rational(2, 3))

    functions: dict[Any, Any] = {
        **base.functions,
        kappa: lambda c: Integer(1),
        rho: lambda c, i: Integer(1),
        u: direction,
        e: lambda c, i, k: features(c, i, k) / sqrt(Rational(27, 4)),
        size: lambda c: Integer(1),
        share: lambda c: sqrt(Rational(8, 9)),
        axis: direction,
    }
    return Witness(3, 2, 3, functions, base.values, base.note)


def abandoned(values: Mapping[Symbol, Any] | None = None) -> Witness:
    """Four classes: rows a, -a, 0, 0 on a line; the last two classes have tiny features across it.

    E||h||^2 = 1, a ||h|| = log 2 in the first two classes: L = log 3, T = (2/3) log 2 up to 1e-4.
    """
    tiny = Rational(1, 100)
    g = sqrt(2 - tiny**2)
    a = log(2) / g
    beta_ = a / sqrt(2)

    def sign(c: int) -> int:
        return (1, -1, 0, 0)[c]

    def feature(c: int, i: int) -> tuple[Any, Any]:
        return (sign(c) * g, Integer(0)) if c < 2 else (Integer(0), (-1) ** i * tiny)

    def length(c: int) -> Any:
        return g if c < 2 else tiny

    functions: dict[Any, Any] = {
        w: lambda j, k: sign(j) * a if k == 0 else Integer(0),
        h: lambda c, i, k: feature(c, i)[k],
        kappa: lambda c: sqrt(2) * abs(sign(c)),
        rho: lambda c, i: length(c),
        u: lambda c, k: Integer(sign(c) if k == 0 else 0),
        e: lambda c, i, k: feature(c, i)[k] / length(c),
        size: length,
        share: lambda c: Integer(abs(sign(c))),
        axis: lambda c, k: Integer(sign(c) if k == 0 else 0),
    }
    norms = {alpha: Integer(1), beta: beta_, T: Rational(4, 3) * beta_}
    return Witness(4, 2, 2, functions, norms | dict(values or {}), "two of four classes abandoned")


def abandoned_at_decay(values: Mapping[Symbol, Any] | None = None) -> Witness:
    """`abandoned` at the norms that the decay with T* = log 2 prefers for the two classes that are left."""
    tiny = Rational(1, 100)
    a, g = sqrt(log(2) / 2), sqrt(2 * log(2))
    unit = Rational(3, 4) * log(2)
    base = abandoned()

    def length(c: int) -> Any:
        return g if c < 2 else tiny

    functions: dict[Any, Any] = {
        **base.functions,
        w: lambda j, k: base.functions[u](j, k) * a,
        h: lambda c, i, k: base.functions[e](c, i, k) * length(c),
        kappa: lambda c: base.functions[share](c) * a,
        rho: lambda c, i: length(c) / unit,
        size: lambda c: length(c) / unit,
    }
    norms = {T: log(2), gamma_sq: (g**2 + tiny**2) / 2}
    return Witness(4, 2, 2, functions, norms | dict(values or {}), base.note)


def noisy_at_decay(*, small: bool = False, values: Mapping[Symbol, Any] | None = None) -> Witness:
    """C = 4: a simplex with noise, every sqrt(1 - nu_c) and cosine 3/4, L_reg = psi((4/3) q*).

    T* = log 5 with margin log 3; for a ``small`` decay T* = log 77 with margin log 57.
    """
    margin, best = (log(57), log(77)) if small else (log(3), log(5))
    # directions first: their squares are numbers without a logarithm
    base = simplex(4, scale=sqrt(3) / 2, weight_scale=2 / sqrt(3), noise=sqrt(7) / 8)
    direction, point = base.functions[w], base.functions[h]
    row, feature, scale = sqrt(margin / 2), sqrt(2 * margin), Rational(3, 4) * best
    functions: dict[Any, Any] = {
        **base.functions,
        w: lambda j, k: row * direction(j, k),
        h: lambda c, i, k: feature * point(c, i, k),
        kappa: lambda c: row,
        rho: lambda c, i: feature / scale,
        u: direction,
        e: point,
        size: lambda c: feature / scale,
        share: lambda c: Rational(3, 4),
        axis: direction,
    }
    norms = {T: best, gamma_sq: feature**2}
    return Witness(4, 2, 4, functions, norms | dict(values or {}), base.note)


def one_class_scattered(*, decay: bool = False, values: Mapping[Symbol, Any] | None = None) -> Witness:
    """C = 4, T = 2 log 3: a simplex in which class 0 alone has noise, 3/4 of its square norm.

    Its margin is log 3 and every other one 2 log 3, and (1/2) q(log 3) = q(2 log 3) = 1/4: per unit of norm
    the class earns what the others earn.  The loss gap is log(3/2)/4.  With ``decay`` the norms are those
    that lambda = 1/6 prefers, T* = 2 log 3; otherwise alpha = 1.
    """
    half = Rational(1, 2)
    scale = Rational(3, 2) * log(3)  # alpha beta
    feature = sqrt(2 * scale) if decay else Integer(1)
    row = scale / feature

    def direction(c: int, k: int) -> Any:
        return ((Integer(1) if c == k else Integer(0)) - Rational(1, 4)) * 2 / sqrt(3)

    def point(c: int, i: int, k: int) -> Any:
        return direction(c, k) if c else direction(c, k) / 2 + (-1) ** i * sqrt(3) / 4

    functions: dict[Any, Any] = {
        w: lambda j, k: row * direction(j, k),
        h: lambda c, i, k: feature * point(c, i, k),
        kappa: lambda c: row if decay else Integer(1),
        rho: lambda c, i: feature / scale if decay else Integer(1),
        u: direction,
        e: point,
        size: lambda c: feature / scale if decay else Integer(1),
        share: lambda c: Integer(1) if c else half,
        axis: direction,
    }
    norms = {T: 2 * log(3), alpha: feature, beta: row, gamma_sq: feature**2}
    return Witness(4, 2, 4, functions, norms | dict(values or {}), "one of four classes scattered")


def flipped_simplex(classes: int, margin: Any, *, good: int) -> Witness:
    """A simplex with ``good`` samples a class and one more, 1/1000 as long and opposite; alpha = 1."""
    n = good + 1
    length = sqrt(Rational(n) / (good + Rational(1, 10**6)))
    row = sympify(margin) * Rational(classes - 1, classes)  # beta

    def direction(c: int, k: int) -> Any:
        return ((Integer(1) if c == k else Integer(0)) - Rational(1, classes)) / sqrt(
            1 - Rational(1, classes)
        )

    def side(i: int) -> int:
        return 1 if i < good else -1

    def norm(i: int) -> Any:
        return length if i < good else length / 1000

    functions: dict[Any, Any] = {
        w: lambda j, k: row * direction(j, k),
        h: lambda c, i, k: norm(i) * side(i) * direction(c, k),
        kappa: lambda c: Integer(1),
        rho: lambda c, i: norm(i),
        u: direction,
        e: lambda c, i, k: side(i) * direction(c, k),
    }
    note = f"one of {n} samples of each of {classes} classes small and on the wrong side"
    return Witness(classes, n, classes, functions, {alpha: Integer(1), beta: row, T: sympify(margin)}, note)
