# SPDX-License-Identifier: MIT
"""Penalties that the margin pays for are carried by the class means: the step behind every bound on nu.

If a E||h||^2 + b E||v_c||^2 <= 2 S E<v_c, h_ci> with a, b, S > 0 and v_c rows of a classifier, then
1 - nu >= a b/S^2.  Proof: 0 <= E||(b/S) v_c - mu_c||^2 and E<v_c, h_ci> = E<v_c, mu_c>.  It is attained where
mu_c = (b/S) v_c.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sympy import Expr, Integer, Symbol

from theory.definitions import mean_square_class_means, mu, sq, within_class_scatter
from theory.expressions import Mean, eq, le
from theory.kernel import Theorem
from theory.lemmas.cross_entropy import alignment_is_about_means, scatter_decomposition
from theory.proving import combine, square_monotone, visible
from theory.symbols import C, T, alpha, beta, c, tau


def carried(
    pays: Theorem,
    features: Theorem,
    *,
    rows: Callable[[Symbol, Symbol], Expr],
    a: Any,
    b: Any,
    S: Any,
    norm: Symbol = alpha,
    shift: Callable[[Symbol], Expr] = lambda x: Integer(0),
) -> Theorem:
    """a b/S^2 <= 1 - E||h - mu_c||^2/norm^2.

    Args:
        pays: a theorem (a/2) E||h - g||^2 + (b/2) E||v_c||^2 <= S E<v_c, h_ci - g>.
        features: norm^2 == E||h - g||^2.
        rows: (c, k) -> coordinate k of v_c.
        a, b, S, norm: visibly positive.
        shift: k -> coordinate k of g, the same vector for every feature; default 0.
    """
    gap = Mean(sq(lambda x: b / S * rows(c, x) - mu(c, x) + shift(x)), c)
    share = a * b / S**2
    return combine(
        le(share, 1 - within_class_scatter() / norm**2),
        {
            scatter_decomposition(): 1 / norm**2,
            features: (share - 1) / norm**2,
            pays: 2 * b / (S**2 * norm**2),
            visible(le(0, gap), label="a mean of squares"): 1 / norm**2,
        },
        label="class means carry the norm",
    )


def from_margin(forced: Theorem, features: Theorem, weights: Theorem, scale: Theorem) -> Theorem:
    """E||h - mu_c||^2/alpha^2 <= 1 - (tau/T)^2, whatever the loss.

    Args:
        forced: tau <= C/(C-1) E<w~_c, h>.
        features, weights, scale: alpha^2 == E||h||^2; E||w~_c||^2 <= beta^2; T == C alpha beta/(C-1).
    """
    rate = (C - 1) / (C * alpha * beta)
    inverse = combine(
        eq(1 / T**2, rate**2), {scale: -rate / T * (rate + 1 / T)}, label="1/T in terms of the norms"
    )
    return combine(
        le(within_class_scatter() / alpha**2, 1 - (tau / T) ** 2),
        {
            features: -1 / alpha**2,
            scatter_decomposition(): -1 / alpha**2,
            inverse: tau**2,
            square_monotone(forced, label="tau^2 <= (mean margin)^2"): rate**2,
            alignment_is_about_means(): 1 / (alpha * beta) ** 2,
            weights: mean_square_class_means() / (alpha * beta) ** 2,
        },
        label="class means carry the margin",
    )
