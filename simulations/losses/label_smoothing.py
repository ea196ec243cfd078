# SPDX-License-Identifier: MIT
"""Cross-entropy against a smoothed label: log sum_j exp(z_j) - <target, z>, in nats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import logsumexp

from simulations.errors import InputError


@dataclass(frozen=True)
class LabelSmoothing:
    """Cross-entropy with target 1 - smoothing + smoothing/C on the true class, smoothing/C on every other.

    smoothing: in [0, 1), spread over *all* classes as in PyTorch's label_smoothing and Szegedy et al. 2016
    (arXiv:1512.00567, section 7); smoothing * (C-1)/C of it lies on the wrong ones. Range [entropy of the
    target, inf). It is cross-entropy plus smoothing times (z_y - mean z), and so at equal wrong logits
    phi(t) = log(1 + (C - 1) exp(-t)) + smoothing (C - 1) t/C.
    Raises InputError for a smoothing outside [0, 1).
    """

    name: ClassVar[str] = "label-smoothing"
    smoothing: float = 0.1

    def __post_init__(self) -> None:
        if not (isinstance(self.smoothing, (int, float)) and 0.0 <= self.smoothing < 1.0):
            raise InputError(
                f"label-smoothing: received smoothing = {self.smoothing!r}; a number in [0, 1) is required: "
                "it is the share of the target that is spread evenly over the classes."
            )

    def target(self, *, labels: ArrayLike, num_classes: int) -> NDArray[np.float64]:
        """The smoothed labels, shape (n, C), rows summing to one."""
        onehot = np.eye(num_classes)[np.asarray(labels)]
        return (1.0 - self.smoothing) * onehot + self.smoothing / num_classes

    def value(self, *, logits: ArrayLike, labels: ArrayLike) -> NDArray[np.float64]:
        """Loss of each sample, shape (n,), from logits (n, C) and integer labels (n,)."""
        z, y = np.asarray(logits, dtype=np.float64), np.asarray(labels)
        relative = z - np.take_along_axis(z, y[:, None], axis=1)
        return logsumexp(relative, axis=1) - self.smoothing * relative.mean(axis=1)

    def gradient(self, *, logits: ArrayLike, labels: ArrayLike) -> NDArray[np.float64]:
        """softmax(z) - target, shape (n, C)."""
        z = np.asarray(logits, dtype=np.float64)
        exponentials = np.exp(z - z.max(axis=1, keepdims=True))
        softmax = exponentials / exponentials.sum(axis=1, keepdims=True)
        return softmax - self.target(labels=labels, num_classes=z.shape[1])

    def conic(self, cvxpy: Any, *, logits: Any, labels: ArrayLike) -> Any:
        """The sum over samples as a convex CVXPY expression."""
        target = self.target(labels=labels, num_classes=logits.shape[1])
        return cvxpy.sum(cvxpy.log_sum_exp(logits, axis=1)) - cvxpy.sum(cvxpy.multiply(target, logits))

    def torch_form(self, torch: Any, *, logits: Any, labels: Any) -> Any:
        """The mean over samples as a differentiable torch scalar."""
        return torch.nn.functional.cross_entropy(logits, labels, label_smoothing=float(self.smoothing))

    def scalar(self, margin: ArrayLike, num_classes: int) -> NDArray[np.float64]:
        """phi(t) = log(1 + (C - 1) exp(-t)) + smoothing (C - 1) t/C; least where softmax meets the target."""
        t = np.asarray(margin, dtype=np.float64)
        penalty = self.smoothing * (num_classes - 1) / num_classes * t
        return np.logaddexp(0.0, np.log(num_classes - 1) - t) + penalty


LOSS = LabelSmoothing()
