# SPDX-License-Identifier: MIT
"""The unconstrained-features model with n_c samples in class c, for any class sizes.

    F(W, H) = (1/N) sum_c sum_i CE_ci + (lambda_W/2) ||W||_F^2 + (lambda_H/2) sum_c sum_i ||h_ci||^2,

N = sum_c n_c.  Averages over i are over the samples of class c, so that sum_c sum_i f is
C times the mean over classes of n_c times the mean over samples.  Source of the model: Fang et al. 2021
(arXiv:2101.12699); Hong & Ling 2023 (arXiv:2309.09725).
"""

from __future__ import annotations

from functools import lru_cache

from sympy import Expr

from theory.definitions import cross_entropy, dot, mean_square_raw_weights, mu, sq, unbiased_logit, wt
from theory.expressions import Mean, Relation, index, le, lt
from theory.kernel import Theorem
from theory.lemmas.unconstrained_features import lam_H, lam_W
from theory.proving import assume, average, combine, instantiate
from theory.symbols import C, atom, c, d, h, i, k, w

count = atom("n_count", "n", "n_count(c): number of samples of class c")
POSITIVE_COUNTS: Relation = lt(0, count(c), c)


def total() -> Expr:
    """N, the number of samples."""
    return C * Mean(count(c), c)


def share() -> Expr:
    """n_c/N."""
    return count(c) / total()


def sample_mean_loss() -> Expr:
    """(1/N) sum over all samples of the cross-entropy of <w_j, h_ci>."""
    return C * Mean(count(c) * cross_entropy(unbiased_logit), c, i) / total()


def decays() -> Expr:
    """(lambda_W/2) ||W||_F^2 + (lambda_H/2) sum over all samples of ||h||^2."""
    squares = Mean(count(c) * sq(lambda x: h(c, i, x)), c, i)
    return lam_W / 2 * C * mean_square_raw_weights() + lam_H / 2 * C * squares


weight = atom("g_class", "g", "g_class(c): a nonnegative weight of class c")
NONNEGATIVE = le(0, h(c, i, k), c, i, k)
WEIGHTS = le(0, weight(c), c)
WITHIN_DECAYS = le((C - 1) * weight(c) ** 2, C * lam_W * lam_H * count(c), c)


@lru_cache
def nonnegative_features_bound() -> Theorem:
    """sum_c g_c <w_c - wbar, mu_c> <= decays, for h >= 0 and (1 - 1/C) g_c^2 <= lambda_W lambda_H n_c.

    Vectors without negative coordinates have nonnegative inner products, so the best that class means can do
    is to be orthogonal.
    """
    c4, i4 = index("c4"), index("i4")
    mine = weight(c) * h(c, i, k)
    feature, size = assume(NONNEGATIVE), assume(WEIGHTS)
    pair = combine(
        le(0, mine * weight(c4) * h(c4, i4, k)),
        slack=mine * weight(c4) * h(c4, i4, k),
        facts=[
            feature,
            size,
            instantiate(feature, {c: c4, i: i4}, label="another sample"),
            instantiate(size, {c: c4}, label="another class"),
        ],
        label="nonnegative coordinates",
    )
    pairs = average(pair, i, i4, label="mean over samples")
    pairs = average(pairs, c4, excluding=c, label="mean over the other classes")
    pairs = average(pairs, c, k, label="mean over classes and coordinates")
    centre = lambda x: Mean(weight(c4) * h(c4, i4, x), c4, i4)  # noqa: E731
    pulled = lambda x: (weight(c) * mu(c, x) - centre(x)) / lam_W  # noqa: E731
    rows = lam_W / 2 * C * Mean(sq(lambda x: w(c, x) - pulled(x)), c)
    counts = assume(POSITIVE_COUNTS)
    spread = combine(
        le(0, count(c) * sq(lambda x: h(c, i, x) - mu(c, x))),
        slack=count(c) * sq(lambda x: h(c, i, x) - mu(c, x)),
        facts=[counts],
        label="n_c times a square",
    )
    norm = sq(lambda x: mu(c, x))
    room = combine(
        le((C - 1) / C * weight(c) ** 2 * norm, lam_W * lam_H * count(c) * norm),
        {assume(WITHIN_DECAYS): norm / C},
        label="times ||mu_c||^2",
    )
    goal = le(C * Mean(weight(c) * dot(lambda x: wt(c, x), lambda x: h(c, i, x)), c, i), decays())
    return combine(
        goal,
        {
            average(spread, c, i, label="scatter within classes"): lam_H * C / 2,
            average(room, c, label="mean over classes"): C / (2 * lam_W),
            pairs: (C - 1) * d / (2 * lam_W),
        },
        slack=rows,
        label="complete the square in W",
    )
