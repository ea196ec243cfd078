# SPDX-License-Identifier: MIT
"""Label smoothing costs sigma times the mean margin: what the theorems on smoothed losses share."""

from __future__ import annotations

from functools import lru_cache

from sympy import Expr

from theory.definitions import alignment, cross_entropy, logit, loss, margin, q_star
from theory.expressions import Mean, eq
from theory.kernel import Theorem
from theory.lemmas.cross_entropy import mean_margin
from theory.losses.label_smoothing import sigma, smoothed_cross_entropy
from theory.proving import average, combine, instantiate
from theory.symbols import C, c, i, j, z


def q_smoothed() -> Expr:
    """sigma + lambda (C-1)/sqrt(C), the wrong-class mass at the least smoothed and regularised loss."""
    return sigma + q_star()


@lru_cache
def mean_smoothed() -> Theorem:
    """E smoothed cross-entropy = L + sigma C/(C-1) E<w~_c, h>, for every classifier with bias."""
    one = combine(
        eq(smoothed_cross_entropy(z), cross_entropy() + sigma * margin()),
        label="smoothing charges the margin",
    )
    linear = instantiate(one, functions={z: ((c, i, j), logit(c, i, j))}, label="logits of a classifier")
    goal = eq(Mean(smoothed_cross_entropy(logit), c, i), loss() + sigma * C / (C - 1) * alignment())
    return combine(
        goal, {average(linear, c, i, label="E over samples"): 1, mean_margin(): sigma}, label="mean margin"
    )
