# SPDX-License-Identifier: MIT
"""Focal loss: cross-entropy times a power of the softmax mass that the wrong classes have, in nats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logsumexp, softmax

from simulations.errors import InputError


@dataclass(frozen=True)
class Focal:
    """(1 - p)^focusing (-log p), p the softmax probability of the true class (Lin et al. 2017,
    arXiv:1708.02002, equation 4).

    focusing: their gamma >= 0; 0 is cross-entropy and 2, the usual one, what they found to work best. Range
    [0, inf). With u the cross-entropy it is G(u) = (1 - e^-u)^focusing u, increasing in u; it is not convex
    in the logits for focusing > 0 (its second derivative in the margin is negative where the margin is very
    negative), and so has no conic form. At equal wrong logits phi(t) = G(log(1 + (C - 1) exp(-t))).
    Raises InputError for a focusing that is no finite number >= 0.
    """

    name: ClassVar[str] = "focal"
    focusing: float = 2.0

    def __post_init__(self) -> None:
        number = isinstance(self.focusing, int | float) and not isinstance(self.focusing, bool)
        if not number or not 0.0 <= self.focusing < float("inf"):
            raise InputError(
                f"focal: received focusing = {self.focusing!r}; a finite number >= 0 is required: the power "
                "of the wrong classes' probability that weighs a sample."
            )

    def value(self, *, logits: ArrayLike, labels: ArrayLike) -> NDArray[np.float64]:
        """Loss of each sample, shape (n,), from logits (n, C) and integer labels (n,)."""
        return self._of_odds(_wrong_odds(logits, labels))

    def gradient(self, *, logits: ArrayLike, labels: ArrayLike) -> NDArray[np.float64]:
        """G'(u) (softmax(z) - onehot(y)), shape (n, C), with G'(u) = q^focusing (1 + focusing p u/q), q = 1 -
        p."""
        y, odds = np.asarray(labels), _wrong_odds(logits, labels)
        wrong, entropy = expit(odds), np.logaddexp(0.0, odds)
        ratio = np.divide(entropy, wrong, out=np.ones_like(wrong), where=wrong > 0)  # tends to 1
        slope = wrong**self.focusing * (1.0 + self.focusing * expit(-odds) * ratio)
        residual = softmax(np.asarray(logits, dtype=np.float64), axis=1)
        residual[np.arange(len(y)), y] = -wrong
        return slope[:, None] * residual

    def conic(self, cvxpy: Any, *, logits: Any, labels: ArrayLike) -> Any:
        """That of cross-entropy for focusing = 0; InputError otherwise, as the loss is not convex."""
        if self.focusing > 0:
            raise InputError(
                f"focal: with focusing = {self.focusing:g} the loss is not convex in the logits, so that it "
                "has no conic form; take cross-entropy, or train"
            )
        onehot = np.eye(logits.shape[1])[np.asarray(labels)]
        return cvxpy.sum(cvxpy.log_sum_exp(logits, axis=1)) - cvxpy.sum(cvxpy.multiply(onehot, logits))

    def torch_form(self, torch: Any, *, logits: Any, labels: Any) -> Any:
        """The mean over samples as a differentiable torch scalar."""
        entropy = torch.nn.functional.cross_entropy(logits, labels, reduction="none")
        # Away from zero, where a power below one has no slope; the loss of such a sample is zero anyway.
        wrong = (-torch.expm1(-entropy)).clamp_min(torch.finfo(entropy.dtype).tiny)
        return (wrong**self.focusing * entropy).mean()

    def scalar(self, margin: ArrayLike, num_classes: int) -> NDArray[np.float64]:
        """phi(t) = q^focusing log(1 + (C - 1) exp(-t)), q = 1/(1 + exp(t)/(C - 1))."""
        return self._of_odds(np.log(num_classes - 1) - np.asarray(margin, dtype=np.float64))

    def _of_odds(self, odds: NDArray[np.float64]) -> NDArray[np.float64]:
        return expit(odds) ** self.focusing * np.logaddexp(0.0, odds)


def _wrong_odds(logits: ArrayLike, labels: ArrayLike) -> NDArray[np.float64]:
    """log(q/p), shape (n,): the log-sum-exp of the wrong logits minus the true one."""
    z, y = np.asarray(logits, dtype=np.float64), np.asarray(labels)
    relative = z - np.take_along_axis(z, y[:, None], axis=1)
    np.put_along_axis(relative, y[:, None], -np.inf, axis=1)
    return logsumexp(relative, axis=1)


LOSS = Focal()
