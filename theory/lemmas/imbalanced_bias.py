# SPDX-License-Identifier: MIT
"""Squared error with decays and a bias, for n_c samples in class c: the objective, and its free bias.

    F(W, H, b) = (1/N) sum_c sum_i (1/2) ||W h_ci + b - e_c||^2 + decays of W and H + (lambda_b/2) ||b||^2,

N = sum_c n_c.  Source of the model: Zhou et al. 2022 (arXiv:2203.01238); Tirer & Bruna 2022
(arXiv:2202.08087); class sizes: Dang et al. 2023 (arXiv:2301.00437).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sympy import Expr

from theory.definitions import dot, logit, sq
from theory.expressions import Mean, index, le
from theory.kernel import Theorem
from theory.lemmas.imbalanced import POSITIVE_COUNTS, count, decays, total
from theory.lemmas.unconstrained_features import lam_H, lam_W
from theory.proving import assume, average, combine
from theory.symbols import C, atom, c, h, i, j, w

short = atom("s_short", "s", "s_short(c): how far the true logit of class c falls short of 1")
PAID = le(count(c) * short(c) ** 2, lam_W * lam_H * total() ** 2, c)


def squared_error(logits: Any = logit) -> Expr:
    """(1/2) sum_j (z_j - [j = c])^2 of one sample."""
    return (C * Mean(logits(c, i, j) ** 2, j) - 2 * logits(c, i, c) + 1) / 2


def objective(logits: Any = logit) -> Expr:
    """(1/N) sum over all samples of the squared error, and the decays of W and H."""
    return C * Mean(count(c) * squared_error(logits), c, i) / total() + decays()


def off_target() -> Expr:
    """||z - (1 - s_c) e_c||^2 of one sample, z with the bias."""
    z = logit(c, i, c)
    return C * Mean(logit(c, i, j) ** 2, j) - 2 * (1 - short(c)) * z + (1 - short(c)) ** 2


@lru_cache
def samples() -> Theorem:
    """0 < N."""
    return average(assume(POSITIVE_COUNTS), c, label="some samples")


@lru_cache
def paid_sample() -> Theorem:
    """(n_c/N) s_c <w_c, h_ci> <= (lambda_W/2) ||w_c||^2 + (lambda_H n_c/2) ||h_ci||^2."""
    counts, number = assume(POSITIVE_COUNTS), samples()
    pull = count(c) * short(c) / total()
    feature = sq(lambda x: h(c, i, x))
    square = sq(lambda x: w(c, x) - pull / lam_W * h(c, i, x))
    return combine(
        le(
            pull * dot(lambda x: w(c, x), lambda x: h(c, i, x)),
            lam_W / 2 * sq(lambda x: w(c, x)) + lam_H / 2 * count(c) * feature,
        ),
        {assume(PAID): count(c) * feature / (2 * lam_W * total() ** 2)},
        slack=lam_W / 2 * square,
        facts=[counts, number],
        label="2 a b <= a^2 + b^2",
    )


def mean_of_features(x: Any) -> Expr:
    """Mean of all samples' features, coordinate x."""
    c3, i3 = index("c3"), index("i3")
    return C * Mean(count(c3) * h(c3, i3, x), c3, i3) / total()
