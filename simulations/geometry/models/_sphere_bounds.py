# SPDX-License-Identifier: MIT
"""Lower bounds on the cross-entropy of unit features and unit rows, true for all of them.

`dual_bound`. By Gibbs' inequality CE(z_c) >= H(p_c) + <p_c - e_c, z_c> for every probability vector p_c. With
logits z_cj = tau <w_j, h_c>, G = diag(pi)(P - I), and any a, b > 0 with ||diag(a)^-1/2 G diag(b)^-1/2|| <= s,
    sum_cj G_cj <w_j, h_c> >= -(s/2)(sum a + sum b),
because [[s diag(a), G], [G', s diag(b)]] is positive semidefinite and the vectors have norm at most 1. So
the loss is at least sum_c pi_c H(p_c) - (tau s/2)(sum a + sum b), in every dimension. At a stationary point
take P = softmax and for a and b the multipliers of the constraints, -<(G W)_c, h_c> and -<(G' H)_j, w_j>;
where the point is optimal among all dimensions s = 1 and the bound is the loss. (G W)_c is the gradient of
the linear form in h_c.

`rank_bound`, balanced classes in d < C - 1 dimensions: theorem low-dimension-loss at alpha = 1, beta = tau,
with its s at the best value that it allows.

`code_bound`, any class weights and any d. Let m_c = min_j <w_c - w_j, h_c>: CE_c >= log(1 + exp(-tau m_c)).
Among any k classes the least m_c is at most the largest margin M_k of a code of k vectors in d dimensions
(see `softmax_code`), M_k <= 1 - gamma_k with `cosine_bound`, and M_1 = 2. So of the margins in descending
order the k-th is at most M_k, and by the rearrangement inequality the loss is at least sum_k pi_(k) log(1 +
exp(-tau M_k)), the weights in descending order: the smallest weight meets the largest loss.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import xlogy

from simulations.geometry.models._code_bounds import cosine_bound

if TYPE_CHECKING:
    from numpy.typing import NDArray


def dual_bound(
    weight: NDArray[np.float64], means: NDArray[np.float64], share: NDArray[np.float64], tau: float
) -> float:
    """The bound at P = softmax(tau means weight'), for rows of norm about 1, weight and means (C, d)."""
    logits = tau * means @ weight.T
    wrong = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities = wrong / wrong.sum(axis=1, keepdims=True)
    np.fill_diagonal(wrong, 0.0)
    off = wrong / np.exp(logits - logits.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True)
    gradient = share[:, None] * (off - np.diag(off.sum(axis=1)))
    entropy = -(share @ (xlogy(off, off).sum(axis=1) + _own_entropy(probabilities, off)))
    left = np.maximum(-((gradient @ weight) * means).sum(axis=1), 0.0)
    right = np.maximum(-((gradient.T @ means) * weight).sum(axis=1), 0.0)
    scale = max(float(left.max()), float(right.max()), 1e-6 * float(np.abs(gradient).max()))
    if scale == 0.0:
        return float(entropy)
    floor = 1e-14 * scale
    left, right = np.maximum(left, floor), np.maximum(right, floor)
    scaled = (gradient / scale) / np.sqrt(left / scale)[:, None] / np.sqrt(right / scale)
    size = float(np.linalg.norm(scaled, 2))
    return float(entropy - 0.5 * tau * size * (left.sum() + right.sum()))


def _own_entropy(probabilities: NDArray[np.float64], off: NDArray[np.float64]) -> NDArray[np.float64]:
    """p_c log p_c from the wrong probabilities, without cancellation."""
    own, wrong = np.diag(probabilities), off.sum(axis=1)
    return np.where(wrong < 0.5, own * np.log1p(-np.minimum(wrong, 0.5)), xlogy(own, own))


def rank_bound(C: int, d: int, tau: float) -> float:
    """phi(T) plus what the missing dimensions cost, equal class weights; phi(T) alone for d >= C - 1."""
    margin = C * tau / (C - 1)
    wrong = (C - 1) * np.exp(-margin)
    step = min(1.0, 0.5 * margin)
    extra = wrong / (1.0 + wrong) / (C * (C - 1)) * step * (margin - step) * max(C - 1 - d, 0)
    return float(np.log1p(wrong) + extra)


def code_bound(share: NDArray[np.float64], d: int, tau: float) -> float:
    """The sum over the largest margins of codes of 1..C vectors."""
    margins = [2.0] + [1.0 - cosine_bound(k, d)[0] for k in range(2, len(share) + 1)]
    losses = np.logaddexp(0.0, -tau * np.minimum.accumulate(margins))
    return float(np.sort(share)[::-1] @ losses)
