# SPDX-License-Identifier: MIT
"""Cross-entropy with a smoothed label, with C symbolic: CE + sigma * margin.

The target has 1 - sigma on the true class and sigma/(C-1) on each wrong one.  PyTorch's ``label_smoothing=s``
spreads s over *all* classes: there sigma = s (C-1)/C (Szegedy et al. 2016, section 7).
"""

from __future__ import annotations

from typing import Any

from sympy import Expr

from theory.definitions import cross_entropy, logit, lse, mean_square_raw_weights
from theory.expressions import Mean, wrong_mean
from theory.symbols import C, c, gamma_sq, i, lam, nonnegative, z

sigma = nonnegative("sigma", r"\sigma", "label smoothing: mass of the target on the wrong classes together")


def smoothed_cross_entropy(zf: Any = z) -> Expr:
    """-(1-sigma) log softmax_c - sigma mean_{j != c} log softmax_j, for sample i of class c, in nats."""
    wrong = wrong_mean(lambda jj: lse(zf) - zf(c, i, jj), c, C)
    return (1 - sigma) * cross_entropy(zf) + sigma * wrong


def smoothed_loss() -> Expr:
    """E of it for a linear classifier with bias, plus (lambda/2)(||gamma||^2 + ||W||_F^2)."""
    fit = Mean(smoothed_cross_entropy(logit), c, i)
    return fit + lam / 2 * (gamma_sq + C * mean_square_raw_weights())
