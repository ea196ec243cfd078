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
from scipy.special import logsumexp, xlogy

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

    def losses(self, logits: NDArray[np.float64]) -> NDArray[np.float64]:
        """Cross-entropy of every row, (C,), accurate to relative precision when it is tiny."""
        return np.logaddexp(0.0, logsumexp(_off_diagonal(logits - np.diag(logits)[:, None]), axis=1))

    def wrong_probabilities(self, logits: NDArray[np.float64]) -> NDArray[np.float64]:
        """Softmax with the diagonal set to zero, (C, C), accurate to relative precision entry by entry."""
        differences = logits - np.diag(logits)[:, None]
        wrong = np.exp(differences - self.losses(logits)[:, None])
        np.fill_diagonal(wrong, 0.0)
        return wrong

    def gradient(self, wrong: NDArray[np.float64]) -> NDArray[np.float64]:
        """Gradient of the loss in diag(sqrt(n_c)) Z: rows (n_c/n)(p_c - e_c)/sqrt(n_c), (C, C)."""
        return (self.share / self.root)[:, None] * (wrong - np.diag(wrong.sum(axis=1)))

    def dual_value(self, logits: NDArray[np.float64]) -> float:
        """A certified lower bound on the objective, for every feature dimension, from any ``logits``.

        The bound is the dual objective at a feasible point, hence true whatever the logits are; it is tight
        at the optimal ones.
        """
        wrong = self.wrong_probabilities(logits)
        norm = float(np.linalg.norm(self.gradient(wrong), 2))
        if norm > self.kappa:
            wrong = wrong * (self.kappa / norm)
        total = np.minimum(wrong.sum(axis=1), 1.0)
        right = -(1.0 - total) * np.log1p(-np.minimum(total, 1.0 - 1e-16))
        return float(self.share @ (right - xlogy(wrong, wrong).sum(axis=1)))


def _off_diagonal(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows of a square matrix without their diagonal entry, (C, C-1)."""
    C = len(matrix)
    return matrix[~np.eye(C, dtype=bool)].reshape(C, C - 1)
