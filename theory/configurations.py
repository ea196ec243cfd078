# SPDX-License-Identifier: MIT
"""Exact configurations (W, H) that theorems use as witnesses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sympy import Integer, Rational, Symbol, sqrt, sympify

from theory.entry import Witness
from theory.symbols import T, alpha, b, beta, h, w, z


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
