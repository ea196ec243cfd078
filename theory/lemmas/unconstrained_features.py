# SPDX-License-Identifier: MIT
"""The unconstrained-features model with both decays, for n samples in each of C classes.

    F(W, H, b) = loss + (lambda_W/2) ||W||_F^2 + (lambda_H/2) sum_{c,i} ||h_ci||^2 + (lambda_b/2) ||b||^2

over every classifier W, every feature h_ci and every bias b, in any dimension.  Both quadratic penalties
together are at least pull times the alignment of features and rows, where

    pull = kappa sqrt(n),  kappa = sqrt(lambda_W lambda_H),

so C pull plays the part that the margin plays under norm constraints.  Source of the model: Zhu et al. 2021
(arXiv:2105.02375); Mixon, Parshall & Pi 2020 (arXiv:2011.11619).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sympy import Expr, Integer, Rational, Symbol, exp, log, sqrt

from theory.definitions import (
    alignment,
    dot,
    logit,
    lse,
    mean_square_features,
    mean_square_raw_weights,
    psi,
    sq,
    wbar,
    wt,
)
from theory.evaluation import Condition, value
from theory.expressions import Mean, le, lt, wrong_mean
from theory.kernel import Theorem, apply
from theory.proving import assume, combine, log_tangent, visible
from theory.statement import Witness
from theory.symbols import C, b, c, h, i, j, n, nonnegative, p, positive, w

lam_W = positive("lambda_W", r"\lambda_W", "decay of the classifier, (lambda_W/2) ||W||_F^2")
lam_H = positive("lambda_H", r"\lambda_H", "decay of the features, (lambda_H/2) sum over samples of ||h||^2")
lam_b = nonnegative("lambda_b", r"\lambda_b", "decay of the bias, (lambda_b/2) ||b||^2; 0 leaves it free")

PULL = sqrt(lam_W * lam_H * n)
ROOT_W, ROOT_H = sqrt(lam_W), sqrt(lam_H * n)


def weight_penalty() -> Expr:
    """(lambda_W/2) ||W||_F^2."""
    return lam_W / 2 * C * mean_square_raw_weights()


def feature_penalty() -> Expr:
    """(lambda_H/2) sum over the n C samples of ||h||^2."""
    return lam_H / 2 * n * C * mean_square_features()


def bias_penalty() -> Expr:
    """(lambda_b/2) ||b||^2."""
    return lam_b / 2 * C * Mean(b(j) ** 2, j)


def penalty() -> Expr:
    """The two quadratic penalties of W and H."""
    return weight_penalty() + feature_penalty()


def own_logit() -> Expr:
    """E<w_c, h_ci>: the mean logit of the true class, without bias."""
    return Mean(dot(lambda x: w(c, x), lambda x: h(c, i, x)), c, i)


def smoothed_loss() -> Expr:
    """Class-balanced mean cross-entropy against labels with mass p on the wrong classes together."""
    wrong = wrong_mean(lambda at: logit(c, i, at), c, C)
    return Mean(lse(logit, c, i) - (1 - p) * logit(c, i, c) - p * wrong, c, i)


@lru_cache
def pull_bound() -> Theorem:
    """C pull E<w_c - wbar, h_ci> <= penalties, for all W and H."""
    square = C / 2 * Mean(sq(lambda x: ROOT_W * wt(c, x) - ROOT_H * h(c, i, x)), c, i)
    return combine(
        le(C * PULL * alignment(), penalty()),
        slack=square + lam_W * C / 2 * sq(wbar),
        label="2 a b <= a^2 + b^2, and centring only shortens W",
    )


@lru_cache
def own_logit_bound() -> Theorem:
    """C pull E<w_c, h_ci> <= penalties, for all W and H."""
    square = C / 2 * Mean(sq(lambda x: ROOT_W * w(c, x) - ROOT_H * h(c, i, x)), c, i)
    return combine(le(C * PULL * own_logit(), penalty()), slack=square, label="2 a b <= a^2 + b^2")


@lru_cache
def penalty_nonnegative() -> Theorem:
    """0 <= penalties."""
    return visible(le(0, penalty()), label="squares")


# The same in measured values, for `evaluate`.
FREE_PULL = sqrt(value("weight_decay") * value("feature_decay") * value("samples_per_class"))
COLLAPSED = (Condition("C sqrt(lambda_W lambda_H n) < 1", value("C") * FREE_PULL, Integer(1), strict=True),)
MASS_SHARE = p * C / (C - 1)


@lru_cache
def entropy_below_log_classes() -> Theorem:
    """p C < C - 1 |- psi(p) <= log C - ((C-1)/(4 C)) (1 - p C/(C-1))^2.

    psi(p) <= phi(t) + p t at t = (1 - p C/(C-1))/2, and e^-t <= 1/(1 + t).
    """
    small = assume(lt(MASS_SHARE, 1))
    t = (1 - MASS_SHARE) / 2
    wrong_odds = (C - 1) * exp(-t)
    below = combine(lt(p, 1), {small: (C - 1) / C}, slack=1 / C, label="p < (C-1)/C < 1")
    own = log_tangent(1 / ((1 + wrong_odds) * (1 - p)), facts=[below], label="at the true class")
    wrong = log_tangent(wrong_odds / ((1 + wrong_odds) * p), label="at a wrong class")
    split = apply("log_product", a=1 / ((1 + wrong_odds) * (1 - p)), b=1 - p, facts=[below])
    grows = combine(
        le(exp(-t) * (1 + t), 1),
        {log_tangent(exp(t), label="t <= e^t - 1"): exp(-t)},
        label="e^-t (1+t) <= 1",
    )
    positive_t = combine(lt(0, 1 - MASS_SHARE), {small: 1})
    wide = combine(lt(0, 1 + t), {small: Rational(1, 2)}, slack=1)
    rest = combine(lt(0, 3 - MASS_SHARE), {small: 1}, slack=2)
    share = (C - 1) / C
    return combine(
        le(psi(p), log(C) - share / 4 * (1 - MASS_SHARE) ** 2),
        {
            own: 1 - p,
            wrong: p,
            split: 1 - p,
            log_tangent((1 + wrong_odds) / C, label="phi(t) against log C"): 1,
            grows: share / (1 + t),
        },
        slack=share * (1 - MASS_SHARE) ** 2 * (1 - MASS_SHARE) / 4 / (3 - MASS_SHARE),
        facts=[below, positive_t, wide, rest],
        label="the entropy of any other target is below log C",
    )


def zero(values: Mapping[Symbol, Any], classes: int = 4, samples: int = 4) -> Witness:
    """W = 0, H = 0, b = 0."""
    nothing: dict[Any, Any] = {
        w: lambda j, k: Integer(0),
        h: lambda c, i, k: Integer(0),
        b: lambda j: Integer(0),
    }
    return Witness(classes, samples, classes, nothing, dict(values), "W = 0, H = 0")
