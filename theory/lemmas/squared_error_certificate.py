# SPDX-License-Identifier: MIT
"""Squared error against one-hot labels, and the certificate that gives its least value with decays.

    S = (1/2) E_{c,i} sum_j (z_j - [j = c])^2,        F = S + penalties of W, H and b.

For any residual R_j = c [j = c] + (r - c)/C, which is the label's simplex part times c and its mean times r,
S >= E<R, label> - E||R||^2/2 - E<R, z>; with c = C kappa sqrt(n) the penalties pay for E<R, z> if r <= c.
Sources: Zhou et al. 2022 (arXiv:2203.01238); Tirer & Bruna 2022 (arXiv:2202.08087); the certificate: this
project (2026).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, Rational, Symbol, sympify

from theory.definitions import dot, sq, unbiased_logit, wbar, wt
from theory.expressions import Mean, le
from theory.kernel import Theorem
from theory.lemmas.unconstrained_features import PULL, ROOT_H, ROOT_W, penalty
from theory.proving import average, combine, instantiate, visible
from theory.statement import Witness
from theory.symbols import C, b, c, h, i, j, real, w, z

STRENGTH = C * PULL
residual = real("r_res", "r", "mean part of the residual: the logits' mean falls short of 1/C by r/C")
own = real("c_res", "c", "simplex part of the residual, as a share of the label's")


def square_loss(zf: Any = unbiased_logit) -> Expr:
    """(1/2) E sum_j (z_j - [j = c])^2, class-balanced."""
    return Mean((C * Mean(zf(c, i, j) ** 2, j) - 2 * zf(c, i, c) + 1) / 2, c, i)


@lru_cache
def sample_bound() -> Theorem:
    """<R, label> - ||R||^2/2 - <R, z> <= (1/2) sum_j (z_j - [j = c])^2, for every sample and all c, r."""
    mean = Mean(z(c, i, j), j)
    linear = own * z(c, i, c) + (residual - own) * mean
    value = own + (residual - own) / C - (own**2 * (1 - 1 / C) + residual**2 / C) / 2
    others = average(
        visible(le(0, (z(c, i, j) - (own - residual) / C) ** 2)), j, excluding=c, label="the wrong logits"
    )
    square = (z(c, i, c) - 1 + own - (own - residual) / C) ** 2 / 2
    return combine(
        le(value - linear, (C * Mean(z(c, i, j) ** 2, j) - 2 * z(c, i, c) + 1) / 2),
        {others: (C - 1) / 2},
        slack=square,
        label="complete the squares",
    )


@lru_cache
def certificate(simplex_part: Expr, mean_part: Expr, logits: Any) -> Theorem:
    """The averaged bound at the given residual, for the logits of a linear classifier."""
    sample = instantiate(
        sample_bound(), {own: simplex_part, residual: mean_part}, label="the residual at the optimum"
    )
    sample = instantiate(
        sample, functions={z: ((c, i, j), logits(c, i, j))}, label="logits of a linear classifier"
    )
    return average(sample, c, i, label="E over samples")


def alignment_with(simplex_part: Expr, mean_part: Expr) -> Expr:
    """E<R, W h>: simplex_part E<w_c - wbar, h> + mean_part E<wbar, h>."""
    return Mean(dot(lambda x: simplex_part * wt(c, x) + mean_part * wbar(x), lambda x: h(c, i, x)), c, i)


@lru_cache
def alignment_bound(mean_part: Expr) -> Theorem:
    """E<c (w_c - wbar) + r wbar, h> <= penalties - (lambda_W C/2)(1 - (r/c)^2)||wbar||^2, c = C pull."""
    ratio = mean_part / STRENGTH
    spare = ROOT_W**2 * C / 2 * (1 - ratio**2) * sq(wbar)
    square = Mean(sq(lambda x: ROOT_W * (wt(c, x) + ratio * wbar(x)) - ROOT_H * h(c, i, x)), c, i)
    return combine(
        le(alignment_with(STRENGTH, mean_part), penalty() - spare),
        slack=C / 2 * square,
        label="2 a b <= a^2 + b^2",
    )


def frame(
    classes: int,
    rows: Any,
    mean: Any,
    features: Any,
    values: Mapping[Symbol, Any],
    samples: int,
    bias: Any = 0,
) -> Witness:
    """w_c = rows (e_c - 1/C) + mean 1/C, h_ci = features times w_c, every bias equal to ``bias``."""
    share = Rational(1, classes)
    r, m, f = map(sympify, (rows, mean, features))

    def row(at: int, x: int) -> Any:
        return r * ((Integer(1) if at == x else Integer(0)) - share) + m * share

    return Witness(
        classes,
        samples,
        classes,
        {w: row, h: lambda c, i, k: f * row(c, k), b: lambda j: sympify(bias)},
        dict(values),
        f"frame of {classes} vectors, simplex part {r}, mean part {m}, bias {bias}",
    )
