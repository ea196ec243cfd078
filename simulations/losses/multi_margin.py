# SPDX-License-Identifier: MIT
"""Multi-class hinge loss, summed over the wrong classes: (1/C) sum_{j != y} max(0, 1 - z_y + z_j)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


class MultiMargin:
    """Hinge loss of every wrong class with margin 1 (Weston & Watkins 1999, "Support vector machines for
    multi-class pattern recognition"), in the scale of torch.nn.MultiMarginLoss: divided by C, not by C - 1.

    Range [0, inf); zero iff the true logit leads by 1. Convex, not differentiable where a lead is exactly
    1: there `gradient` is the subgradient that counts no such class, as in PyTorch. At equal wrong logits
    phi(t) = (C - 1)/C max(0, 1 - t).
    """

    name = "multi-margin"

    def value(self, *, logits: ArrayLike, labels: ArrayLike) -> NDArray[np.float64]:
        """Loss of each sample, shape (n,), from logits (n, C) and integer labels (n,)."""
        hinges = np.maximum(_shortfall(logits, labels), 0.0)
        return hinges.sum(axis=1) / hinges.shape[1]

    def gradient(self, *, logits: ArrayLike, labels: ArrayLike) -> NDArray[np.float64]:
        """1/C for every wrong class that comes closer than 1, minus their sum for the true one, (n, C)."""
        shortfall, y = _shortfall(logits, labels), np.asarray(labels)
        slope = (shortfall > 0.0) / shortfall.shape[1]
        slope[np.arange(len(y)), y] = -slope.sum(axis=1)
        return slope

    def conic(self, cvxpy: Any, *, logits: Any, labels: ArrayLike) -> Any:
        """The sum over samples as a convex CVXPY expression."""
        onehot = np.eye(logits.shape[1])[np.asarray(labels)]
        true = cvxpy.sum(cvxpy.multiply(onehot, logits), axis=1, keepdims=True)
        # The true class's own hinge is max(0, 0): its margin is 0 where every other class has 1.
        hinges = cvxpy.pos((1.0 - onehot) + logits - true @ np.ones((1, logits.shape[1])))
        return cvxpy.sum(hinges) / logits.shape[1]

    def torch_form(self, torch: Any, *, logits: Any, labels: Any) -> Any:
        """The mean over samples as a differentiable torch scalar."""
        return torch.nn.functional.multi_margin_loss(logits, labels)

    def scalar(self, margin: ArrayLike, num_classes: int) -> NDArray[np.float64]:
        """phi(t) = (C - 1)/C max(0, 1 - t)."""
        t = np.asarray(margin, dtype=np.float64)
        return (num_classes - 1) / num_classes * np.maximum(1.0 - t, 0.0)


def _shortfall(logits: ArrayLike, labels: ArrayLike) -> NDArray[np.float64]:
    """1 - z_y + z_j for every wrong class j, (n, C); 0 in the column of the true class."""
    z, y = np.asarray(logits, dtype=np.float64), np.asarray(labels)
    shortfall = 1.0 - np.take_along_axis(z, y[:, None], axis=1) + z
    shortfall[np.arange(len(y)), y] = 0.0
    return shortfall


LOSS = MultiMargin()
