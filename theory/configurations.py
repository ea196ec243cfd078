# SPDX-License-Identifier: MIT
"""Exact configurations (W, H) that theorems use as witnesses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sympy import Expr, Integer, Rational, Symbol, sqrt, sympify

from theory.definitions_collapse import code, one_hot
from theory.lemmas.polar import e, kappa, rho, u
from theory.statement import Witness
from theory.symbols import T, alpha, b, beta, gamma_sq, h, w, z


def simplex(
    classes: int,
    *,
    scale: Any = 1,
    weight_scale: Any = 1,
    noise: Any = 0,
    samples: int = 2,
    values: Mapping[Symbol, Any] | None = None,
    note: str = "",
) -> Witness:
    """Simplex ETF: w_c = weight_scale (e_c - 1/C), h_ci = scale (e_c - 1/C) +- noise (1, ..., 1), d = C.

    The noise is orthogonal to the span of W and changes sign with the sample, so it changes neither logits
    nor class means (``samples`` even).  alpha, beta and T are set to their exact values.
    """
    a, s, n = map(sympify, (scale, weight_scale, noise))
    share = Rational(1, classes)

    def centred(x: int, y: int) -> Any:
        return (Integer(1) if x == y else Integer(0)) - share

    alpha_sq = a**2 * (1 - share) + classes * n**2
    norms = {alpha: sqrt(alpha_sq), beta: s * sqrt(1 - share)}
    norms[T] = norms[alpha] * norms[beta] / (1 - share)
    return Witness(
        classes,
        samples,
        classes,
        {
            w: lambda j, k: s * centred(j, k),
            h: lambda c, i, k: a * centred(c, k) + (-1) ** i * n,
            b: lambda j: Integer(0),
        },
        norms | dict(values or {}),
        note or f"simplex ETF, C = {classes}, noise {n} orthogonal to the classifier",
    )


def orthogonal_frame(
    classes: int,
    *,
    scale: Any = 1,
    weight_scale: Any = 1,
    noise: Any = 0,
    samples: int = 2,
    bias: Any = 0,
    values: Mapping[Symbol, Any] | None = None,
    note: str = "",
) -> Witness:
    """Orthogonal frame: w_c = weight_scale e_c, h_ci = scale e_c +- noise e_{C+1}, d = C + 1.

    The noise is orthogonal to the classifier and changes sign with the sample (``samples`` even).  alpha is
    set to its exact value; ``bias`` is the same for every class.
    """
    a, s, n, shift = map(sympify, (scale, weight_scale, noise, bias))

    def unit(x: int, y: int) -> Any:
        return Integer(1) if x == y else Integer(0)

    return Witness(
        classes,
        samples,
        classes + 1,
        {
            w: lambda j, k: s * unit(j, k),
            h: lambda c, i, k: a * unit(c, k) + (-1) ** i * n * unit(classes, k),
            b: lambda j: shift,
        },
        {alpha: sqrt(a**2 + n**2)} | dict(values or {}),
        note or f"orthogonal frame, C = {classes}, noise {n} orthogonal to the classifier",
    )


def labelled(base: Witness, *, weight_factor: Any = 1, values: Mapping[Symbol, Any] | None = None) -> Witness:
    """``base`` with the one-hot matrix, its classifier multiplied by ``weight_factor``, and more values."""
    rows = base.functions[w]
    return Witness(
        base.classes,
        base.samples,
        base.dimension,
        {
            **base.functions,
            one_hot: lambda c, j: Integer(int(c == j)),
            w: lambda j, k: weight_factor * rows(j, k),
        },
        {**base.values, **dict(values or {})},
        base.note,
    )


def simplex_code(
    classes: int, *, scale: Any = 1, weight_scale: Any = 1, values: Mapping[Symbol, Any] | None = None
) -> Witness:
    """The simplex as codewords, code(c) = scale (e_c - 1/C), with classifier and one-hot matrix."""
    base = labelled(simplex(classes, scale=scale, weight_scale=weight_scale), values=values)
    words = base.functions[h]
    functions = {**base.functions, code: lambda c, k: words(c, 0, k)}
    return Witness(classes, base.samples, base.dimension, functions, base.values, base.note)


def one_sample_logits(*logits: Any, values: Mapping[Symbol, Any] | None = None) -> Witness:
    """The same logits (true class first, the others cyclically) for the one sample of each class."""
    exact = [sympify(x) for x in logits]
    n = len(exact)
    return Witness(
        n,
        1,
        1,
        {z: lambda c, i, j: exact[(j - c) % n]},
        dict(values or {}),
        f"logits {', '.join(map(str, exact))}",
    )


def flipped(margin_scale: Rational, *, good: int) -> Witness:
    """Two classes in one dimension, each with ``good`` samples and a tiny one on the wrong side.

    w_1 = -w_2, |h| = r for the good samples and r/1000 for the bad one, with E||h||^2 = 1 exactly.
    """
    n = good + 1
    r = sqrt(Rational(n) / (good + Rational(1, 10**6)))
    half = Rational(margin_scale) / 2  # T = C alpha beta/(C-1) = 2 beta

    def sign(x: int) -> int:
        return 1 - 2 * x

    def norm(i: int) -> Expr:
        return r if i < good else r / 1000

    def side(c: int, i: int) -> int:
        return sign(c) if i < good else -sign(c)

    return Witness(
        2,
        n,
        1,
        {
            w: lambda j, k: half * sign(j),
            h: lambda c, i, k: norm(i) * side(c, i),
            kappa: lambda c: Integer(1),
            rho: lambda c, i: norm(i),
            u: lambda c, k: Integer(sign(c)),
            e: lambda c, i, k: Integer(side(c, i)),
        },
        {alpha: 1, beta: half, T: 2 * half},
        f"one of {n} samples of each class small and on the wrong side",
    )


def flipped_at_decay(margin: Rational, *, good: int, values: Mapping[Symbol, Any] | None = None) -> Witness:
    """The flipped configuration at the optimal norms: beta^2 = T*/(2 sqrt 2), alpha^2 = 2 beta^2."""
    base = flipped(margin, good=good)
    beta_ = sqrt(margin / (2 * sqrt(2)))
    alpha_ = sqrt(2) * beta_
    unit = margin / 2
    return Witness(
        2,
        base.samples,
        1,
        {
            w: lambda j, k: beta_ * (1 - 2 * j),
            h: lambda c, i, k: alpha_ * base.functions[h](c, i, k),
            kappa: lambda c: beta_,
            rho: lambda c, i: alpha_ * base.functions[rho](c, i) / unit,
            u: base.functions[u],
            e: base.functions[e],
        },
        {T: margin, gamma_sq: alpha_**2, **(values or {})},
        base.note,
    )
