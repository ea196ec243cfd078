# SPDX-License-Identifier: MIT
"""Cross-entropy with the natural logarithm: log sum_j exp(z_j) - z_y."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


class CrossEntropy:
    """Softmax cross-entropy, in nats.

    Range [0, inf). Symmetric in the wrong classes, so that at equal wrong logits it is a function of the
    margin t alone: phi(t) = log(1 + (C - 1) exp(-t)), convex and decreasing, with phi(0) = log C.
    """

    name = "cross-entropy"

    def value(self, *, logits: ArrayLike, labels: ArrayLike) -> NDArray[np.float64]:
        """Loss of each sample, shape (n,), from logits (n, C) and integer labels (n,)."""
        z, y = np.asarray(logits, dtype=np.float64), np.asarray(labels)
        relative = z - np.take_along_axis(z, y[:, None], axis=1)
        # The true class contributes exp(0) = 1 exactly, so log1p of the others keeps a tiny loss accurate.
        np.put_along_axis(relative, y[:, None], -np.inf, axis=1)
        top = np.maximum(relative.max(axis=1), 0.0)
        others = np.exp(relative - top[:, None]).sum(axis=1)
        return np.where(top > 0, top + np.log(np.exp(-top) + others), np.log1p(others))

    def gradient(self, *, logits: ArrayLike, labels: ArrayLike) -> NDArray[np.float64]:
        """softmax(z) - onehot(y), shape (n, C)."""
        z, y = np.asarray(logits, dtype=np.float64), np.asarray(labels)
        exponentials = np.exp(z - z.max(axis=1, keepdims=True))
        softmax = exponentials / exponentials.sum(axis=1, keepdims=True)
        softmax[np.arange(len(y)), y] -= 1.0
        return softmax

    def conic(self, cvxpy: Any, *, logits: Any, labels: ArrayLike) -> Any:
        """The sum over samples as a convex CVXPY expression."""
        y = np.asarray(labels)
        onehot = np.eye(logits.shape[1])[y]
        return cvxpy.sum(cvxpy.log_sum_exp(logits, axis=1)) - cvxpy.sum(cvxpy.multiply(onehot, logits))

    def torch_form(self, torch: Any, *, logits: Any, labels: Any) -> Any:
        """The mean over samples as a differentiable torch scalar."""
        return torch.nn.functional.cross_entropy(logits, labels)

    def scalar(self, margin: ArrayLike, num_classes: int) -> NDArray[np.float64]:
        """phi(t) = log(1 + (C - 1) exp(-t)) without overflow at either end."""
        t = np.asarray(margin, dtype=np.float64)
        return np.logaddexp(0.0, np.log(num_classes - 1) - t)


LOSS = CrossEntropy()
