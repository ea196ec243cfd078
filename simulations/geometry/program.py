# SPDX-License-Identifier: MIT
"""The convex program behind the unconstrained-features model, its dual, and the certificate.

With W H' = Z and the decays merged, the best logits minimise

    sum_c (n_c/n) CE(Z_c, c) + kappa || diag(sqrt(n_c)) Z ||_*,      kappa = sqrt(weight_decay feature_decay)

(Zhu et al. 2021, arXiv:2105.02375; Hong & Ling 2023, arXiv:2309.09725). Its dual is

    maximise sum_c (n_c/n) entropy(p_c)   subject to   || diag(sqrt(n_c)) (P - I) ||_op <= n kappa,

P having probability vectors as rows. Moving every row towards its corner, P -> I + s (P - I) with
0 <= s <= 1, keeps the rows probabilities, so any P gives a dual feasible point and a true lower bound.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import xlogy

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Program:
    """One problem instance. counts (C,) positive integers as float64; both decays positive."""

    counts: NDArray[np.float64]
    weight_decay: float
    feature_decay: float

    @cached_property
    def share(self) -> NDArray[np.float64]:
        """n_c / n, shape (C,)."""
        return self.counts / self.counts.sum()

    @cached_property
    def root(self) -> NDArray[np.float64]:
        """sqrt(n_c), shape (C,)."""
        return np.sqrt(self.counts)

    @cached_property
    def kappa(self) -> float:
        """sqrt(weight_decay * feature_decay), taken root by root so that tiny decays do not underflow."""
        return float(np.sqrt(self.weight_decay) * np.sqrt(self.feature_decay))

    def losses_and_wrong(
        self, logits: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Cross-entropy of every row, (C,), and softmax with the diagonal set to zero, (C, C).

        Both accurate to relative precision, entry by entry, however small; one exponential an entry.
        """
        wrong = logits - np.diag(logits)[:, None]
        np.fill_diagonal(wrong, -np.inf)
        top = wrong.max(axis=1)
        np.exp(np.subtract(wrong, top[:, None], out=wrong), out=wrong)
        losses = np.logaddexp(0.0, np.log(wrong.sum(axis=1)) + top)
        wrong *= np.exp(top - losses)[:, None]
        return losses, wrong

    def losses(self, logits: NDArray[np.float64]) -> NDArray[np.float64]:
        """Cross-entropy of every row, (C,), accurate to relative precision when it is tiny."""
        return self.losses_and_wrong(logits)[0]

    def wrong_probabilities(self, logits: NDArray[np.float64]) -> NDArray[np.float64]:
        """Softmax with the diagonal set to zero, (C, C), accurate to relative precision entry by entry."""
        return self.losses_and_wrong(logits)[1]

    def gradient(self, wrong: NDArray[np.float64]) -> NDArray[np.float64]:
        """Gradient of the loss in diag(sqrt(n_c)) Z: rows (n_c/n)(p_c - e_c)/sqrt(n_c), (C, C)."""
        slope = (self.share / self.root)[:, None] * wrong
        np.fill_diagonal(slope, -(self.share / self.root) * wrong.sum(axis=1))
        return slope

    def dual_value(self, logits: NDArray[np.float64]) -> float:
        """A certified lower bound on the objective, for every feature dimension, from any ``logits``.

        The bound is the dual objective at a feasible point, hence true whatever the logits are; it is tight
        at the optimal ones. The norm comes from the largest eigenvalue of the Gram matrix, rounded up.
        """
        wrong = self.wrong_probabilities(logits)
        slope = self.gradient(wrong)
        largest = max(float(np.linalg.eigvalsh(slope @ slope.T)[-1]), 0.0)
        norm = float(np.sqrt(largest)) * (1.0 + 4e-16 * (4 + len(slope)))
        if norm > self.kappa:
            wrong = wrong * (self.kappa / norm)
        return float(self.share @ entropies(wrong))


def entropies(wrong: NDArray[np.float64]) -> NDArray[np.float64]:
    """Entropy (C,) of probability rows given by their wrong-class entries (C, ...) >= 0, sums at most 1.

    The wrong entries keep their relative accuracy; the probability of the true class is one minus their sum.
    """
    total = np.minimum(wrong.sum(axis=1), 1.0)
    right = -(1.0 - total) * np.log1p(-np.minimum(total, 1.0 - 1e-16))
    return np.asarray(right - xlogy(wrong, wrong).sum(axis=1))
