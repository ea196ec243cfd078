# SPDX-License-Identifier: MIT
"""Squared error against one-hot targets: ||z - e_y||^2/2, e_y the unit vector of the true class."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


class SquaredError:
    """Half the squared distance of the logits from the one-hot target, summed over the C outputs.

    The convention of Han, Papyan, Donoho 2022 (arXiv:2106.02073) and Zhou et al. 2022 (arXiv:2203.01238);
    torch.nn.MSELoss, the mean over all n C entries without the half, is 2/C times it. Range [0, inf).
    Unlike cross-entropy it changes when a constant is added to all logits, so the margin alone does not
    determine it: phi(t) = (t - 1)^2/2 is the loss of wrong logits at zero and the true one at t.
    """

    name = "squared-error"

    def value(self, *, logits: ArrayLike, labels: ArrayLike) -> NDArray[np.float64]:
        """Loss of each sample, shape (n,), from logits (n, C) and integer labels (n,)."""
        return 0.5 * np.square(self.gradient(logits=logits, labels=labels)).sum(axis=1)

    def gradient(self, *, logits: ArrayLike, labels: ArrayLike) -> NDArray[np.float64]:
        """z - onehot(y), shape (n, C)."""
        residual, y = np.array(logits, dtype=np.float64), np.asarray(labels)
        residual[np.arange(len(y)), y] -= 1.0
        return residual

    def conic(self, cvxpy: Any, *, logits: Any, labels: ArrayLike) -> Any:
        """The sum over samples as a convex CVXPY expression."""
        return 0.5 * cvxpy.sum_squares(logits - np.eye(logits.shape[1])[np.asarray(labels)])

    def torch_form(self, torch: Any, *, logits: Any, labels: Any) -> Any:
        """The mean over samples as a differentiable torch scalar."""
        onehot = torch.nn.functional.one_hot(labels, logits.shape[1]).to(logits.dtype)
        return 0.5 * (logits - onehot).square().sum(dim=1).mean()

    def scalar(self, margin: ArrayLike, num_classes: int) -> NDArray[np.float64]:
        """phi(t) = (t - 1)^2/2: wrong logits zero, the true one t, whatever num_classes is."""
        return 0.5 * np.square(np.asarray(margin, dtype=np.float64) - 1.0)


LOSS = SquaredError()
