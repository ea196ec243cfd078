# SPDX-License-Identifier: MIT
"""Cross-entropy from its definition, and the part of it that the logits spend, without cancellation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import logsumexp

from theory import scalars

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulations.geometry.attack.settings import Configuration

    Array = NDArray[np.float64]


def label_divergence(logits: Array, q: float, T: float) -> tuple[float, Array]:
    """E KL(P_q || softmax z) over classes and samples, and its gradient in the logits.

    logits (C, N, C): row (c, i) belongs to class c. q = q(T). Computed as wrong-class spread plus margin
    spread, both non-negative, so nothing cancels near collapse. Returns a float and an array (C, N, C).
    """
    C, N, _ = logits.shape
    value, _ = divergences(logits, T)
    shifted = logits - logits.max(axis=-1, keepdims=True)
    slope = np.exp(shifted)
    slope /= slope.sum(axis=-1, keepdims=True)
    slope -= np.where(np.eye(C, dtype=bool)[:, None, :], 1.0 - q, q / (C - 1))
    return float(value.mean()), slope / (C * N)


def divergences(logits: Array, T: float) -> tuple[Array, Array]:
    """KL(P_q || softmax z) = CE - phi(T) + q (t - T) >= 0 of every sample (C, N), and margins t (C, N)."""
    C, N, _ = logits.shape
    own = np.eye(C, dtype=bool)[:, None, :].repeat(N, axis=1)
    wrong = logits[~own].reshape(C, N, C - 1)
    average = wrong.mean(axis=-1)
    margins = logits[own].reshape(C, N) - average
    spread = wrong - average[..., None]
    masses = scalars.q(margins, C)
    curved = np.where(
        np.abs(spread) < 1e-2, _second_order(spread), np.expm1(np.minimum(spread, 500.0)) - spread
    )
    value = np.log1p(masses * curved.mean(axis=-1))
    if spread.max() >= 400.0:  # there expm1 is useless, and plain subtraction is accurate
        far = np.logaddexp(0.0, logsumexp(spread, axis=-1) - margins) - scalars.phi(margins, C)
        value = np.where(spread.max(axis=-1) < 400.0, value, far)
    return value + scalars.bregman(margins, T, C), margins


def _second_order(y: Array) -> Array:
    """expm1(y) - y for |y| < 0.01, to full relative accuracy."""
    y = np.clip(y, -1e-2, 1e-2)
    return y * y * (0.5 + y * (1 / 6 + y * (1 / 24 + y * (1 / 120 + y * (1 / 720 + y / 5040)))))


def mass_gain(*, C: int, q: float, excess: float) -> float:
    """psi^{-1}(psi(q) + excess) - q, to full relative accuracy however small the excess; q in (0, (C-1)/C).

    psi(q + x) - psi(q) = T x - KL(q + x || q) between two-point laws, T = psi'(q); Newton on that polishes
    the plain difference where it cancels.
    """
    gain = float(scalars.psi_inverse(scalars.psi(q, C) + excess, C)) - q
    if gain > 0.1 * q:
        return gain
    margin = float(scalars.psi_prime(q, C))
    gain = excess / margin
    for _ in range(20):
        p = q + gain
        divergence = p * np.log1p(gain / q) + (1.0 - p) * np.log1p(-gain / (1.0 - q))
        step = (margin * gain - divergence - excess) / float(scalars.psi_prime(p, C))
        gain -= step
        if abs(step) <= 1e-15 * gain:
            break
    return float(gain)


def direct_loss(
    point: Configuration, *, scale: float = 1.0, weight_decay: float = 0.0, smoothing: float = 0.0
) -> float:
    """E[CE] of logits scale * H W' + b, plus (weight_decay/2)(E||h||^2 + ||W||_F^2), from the definition.

    It shares nothing with the identities above, so the two can be checked against each other.
    """
    C, N, _ = point.features.shape
    found = logits(point, scale)
    differences = found - found[np.arange(C), :, np.arange(C)][..., None]
    wrong = differences[~np.eye(C, dtype=bool)[:, None, :].repeat(N, axis=1)].reshape(C, N, C - 1)
    cross_entropy = float(np.logaddexp(0.0, logsumexp(wrong, axis=-1)).mean() - smoothing * wrong.mean())
    norms = np.square(point.features).sum() / (C * N) + np.square(point.weight).sum()
    return cross_entropy + 0.5 * weight_decay * float(norms)


def logits(point: Configuration, scale: float = 1.0) -> Array:
    """scale * H W' + b, shape (C, N, C): row (c, i) belongs to class c."""
    found: Array = scale * point.features @ point.weight.T
    return found if point.bias is None else found + point.bias
