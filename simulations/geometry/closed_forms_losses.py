# SPDX-License-Identifier: MIT
"""Closed forms of the unconstrained-features model beyond cross-entropy without bias.

Notation: C classes, n_c samples in class c, N in all, kappa = sqrt(weight_decay * feature_decay),
D = diag(sqrt(n_c)), u = D 1/sqrt(N). Each gives the best logits without bias Z (C, C), row c the class c,
the best bias, and the value; feature_dim is taken to be at least the rank of Z.

Equal classes and a symmetric shift-invariant loss: averaging an optimum over all permutations of the classes
costs nothing (convexity), so that Z = a (I - J/C) and, with a bias, b = 0 is best; a minimises
phi(a) + kappa sqrt(n) (C - 1) a, phi the loss at margin a and n the samples a class.
Theorems: squared-error-bias-imbalanced, squared-error-free-bias-least-loss, multi-margin-least-loss.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from simulations.geometry.closed_forms import balanced_optimum

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from simulations.geometry.solvers import Problem

__all__ = [
    "ClosedForm",
    "balanced_label_smoothing",
    "balanced_multi_margin",
    "known_optimum",
    "squared_error_optimum",
]


@dataclass(frozen=True, eq=False)
class ClosedForm:
    """A global minimum known in closed form.

    value: least objective. logits (C, C): without the bias. bias (C,): None where the model has none.
    source: paper and theorem. trivial: whether the logits are zero. slope (C, C): row c the gradient of the
    loss of class c there, without cancellation, None where it is not worked out.
    """

    value: float
    logits: NDArray[np.float64]
    bias: NDArray[np.float64] | None
    source: str
    slope: NDArray[np.float64] | None = None

    @property
    def trivial(self) -> bool:
        """Whether zero features are optimal."""
        return not np.any(self.logits)


def _strength(samples_per_class: float, weight_decay: float, feature_decay: float) -> float:
    return float(np.sqrt(weight_decay) * np.sqrt(feature_decay) * np.sqrt(samples_per_class))


def balanced_label_smoothing(
    *,
    num_classes: int,
    samples_per_class: float,
    weight_decay: float,
    feature_decay: float,
    smoothing: float,
) -> ClosedForm:
    """Equal classes, cross-entropy with targets (1 - smoothing) e_c + smoothing/C, feature_dim >= C - 1.

    a* = log(1/(smoothing/C + kappa sqrt(n)) - (C - 1)), positive iff smoothing + C kappa sqrt(n) < 1, else
    zero is optimal: the decay acts as further smoothing by C kappa sqrt(n). That every optimum is a simplex:
    Zhou et al. 2022 (arXiv:2210.02192), Theorem 1; the scale: this project (2026), from phi'(a) = -kappa
    sqrt(n) (C - 1) with phi(a) = log(1 + (C - 1) e^-a) + smoothing (C - 1) a/C.
    """
    C, strength = num_classes, _strength(samples_per_class, weight_decay, feature_decay)
    wrong = smoothing / C + strength
    gap = 0.0 if C * wrong >= 1.0 else float(np.log(1.0 / wrong - (C - 1)))
    value = float(np.log1p((C - 1) * np.exp(-gap)) + wrong * (C - 1) * gap)
    source = "balanced label smoothing: simplex of Zhou et al. 2022 (arXiv:2210.02192), Theorem 1"
    return ClosedForm(value, gap * (np.eye(C) - 1.0 / C), None, source)


def balanced_multi_margin(
    *, num_classes: int, samples_per_class: float, weight_decay: float, feature_decay: float
) -> ClosedForm:
    """Equal classes, (1/C) sum of hinges, feature_dim >= C - 1: margin 1 if C kappa sqrt(n) < 1, else zero.

    phi(a) = (C - 1)/C max(0, 1 - a) has slope -(C - 1)/C up to its kink, so a is 1 or 0, and any value in
    between where C kappa sqrt(n) = 1. This project (2026).
    """
    C, strength = num_classes, _strength(samples_per_class, weight_decay, feature_decay)
    gap = 1.0 if C * strength < 1.0 else 0.0
    value = (C - 1) * min(strength, 1.0 / C)
    source = "balanced multi-margin: simplex with margin 1, this project (2026)"
    return ClosedForm(value, gap * (np.eye(C) - 1.0 / C), None, source)


def squared_error_optimum(
    counts: ArrayLike, *, weight_decay: float, feature_decay: float, bias_decay: float | None = None
) -> ClosedForm | None:
    """(1/2)||z - e_c||^2: without bias or with a free one for any counts, regularised bias for equal ones.

    The objective is (1/2N)||D(Z - I) + D 1 b'||^2 + kappa ||D Z||_* + (bias_decay/2)||b||^2, and the nuclear
    norm's proximal map shrinks singular values by N kappa.
    - No bias: D Z = shrink(D), singular values [sqrt(n_c) - N kappa]_+ on orthogonal axes, the general
      orthogonal frame of Dang et al. 2023 (arXiv:2301.00437), Theorem 4.1 for one layer.
    - Free bias: the best b makes D(Z - I) + D 1 b' orthogonal to u, and projecting D Z likewise costs
      nothing, so D Z = shrink(D (I - 1 n'/N)) and b = n/N; equal classes: the simplex of Zhou et al. 2022
      (arXiv:2203.01238), Theorem 3.1.
    - Regularised: b = (mean of e_c - z_c)/(1 + beta) leaves weight beta/(1 + beta) on the direction u; for
      equal classes u is a singular vector, with singular value [sqrt(n) - N kappa (1 + beta)/beta]_+, the
      others being [sqrt(n) - N kappa]_+ (Tirer & Bruna 2022, arXiv:2202.08087, and Zhou et al. 2022).
    - Regularised, unequal classes: see `_unequal_regularised`; None where its condition fails.
    """
    sizes = np.asarray(counts, dtype=np.float64)
    C, total, root = len(sizes), float(sizes.sum()), np.sqrt(sizes)
    kappa = float(np.sqrt(weight_decay) * np.sqrt(feature_decay))
    share = sizes / total
    if bias_decay is None:
        before, weights = root, np.ones(C)
        left = right = np.eye(C)
        source = "orthogonal frame of Dang et al. 2023 (arXiv:2301.00437), one layer"
    elif bias_decay == 0.0:
        left, before, right = np.linalg.svd(root[:, None] * (np.eye(C) - share))
        before[C - 1] = 0.0  # the direction u, exactly
        weights = np.ones(C)
        source = "centred frame; equal classes: Zhou et al. 2022 (arXiv:2203.01238), Theorem 3.1"
    elif np.all(sizes == sizes[0]):
        left = np.linalg.qr(np.column_stack([np.ones(C), np.eye(C)[:, 1:]]))[0]
        right, before, weights = left.T, root, np.ones(C)
        weights[0] = bias_decay / (1.0 + bias_decay)
        source = (
            "regularised bias: Tirer & Bruna 2022 (arXiv:2202.08087); Zhou et al. 2022 (arXiv:2203.01238)"
        )
    else:
        return _unequal_regularised(sizes, kappa, bias_decay)
    values = np.maximum(before - total * kappa / weights, 0.0)
    slope = -(left * np.minimum(weights * before, total * kappa)) @ right / root[:, None]
    logits = (left * values) @ right / root[:, None]
    bias = None
    residual = logits - np.eye(C)
    penalty = kappa * float(values.sum())
    if bias_decay is not None:
        bias = -(share @ residual) / (1.0 + bias_decay)
        penalty += 0.5 * bias_decay * float(bias @ bias)
        residual = residual + bias
    value = float(0.5 * share @ np.square(residual).sum(axis=1)) + penalty
    return ClosedForm(value, logits, bias, source, slope)


def _unequal_regularised(sizes: NDArray[np.float64], kappa: float, bias_decay: float) -> ClosedForm | None:
    """Any counts, if bias_decay >= kappa sum_c n_c/(sqrt(n_c) - N kappa) and all sqrt(n_c) > N kappa.

    With r = (sqrt(n_c)) the point D Z = diag(r) - N kappa I - (kappa/beta) r r', b = (kappa/beta) r is
    optimal where that matrix is positive semidefinite, as the condition says (matrix determinant lemma): the
    logits with bias are diag(1 - N kappa/r), so the slopes G are -N kappa diag(1/r), D G = -N kappa I is
    -N kappa times a polar factor of D Z, and sum_c (n_c/N) g_c = -kappa r = -beta b. So the logits are those
    without a bias, and the bias costs less than the part of the features that it replaces. For equal classes
    the condition is beta >= c/(1 - c), c = C kappa sqrt(n). This project (2026).
    """
    root, total = np.sqrt(sizes), float(sizes.sum())
    slack = root - total * kappa
    if np.any(slack <= 0.0) or bias_decay < kappa * float(np.sum(sizes / slack)):
        return None
    scaled = np.diag(slack) - kappa / bias_decay * np.outer(root, root)
    bias = kappa / bias_decay * root
    penalty = kappa * float(np.trace(scaled)) + 0.5 * bias_decay * float(bias @ bias)
    return ClosedForm(
        0.5 * len(sizes) * total * kappa**2 + penalty,
        scaled / root[:, None],
        bias,
        "diagonal logits with a regularised bias, this project (2026)",
        np.diag(-total * kappa / root),
    )


def known_optimum(loss: Any, problem: Problem) -> ClosedForm | None:
    """The closed form for this loss and problem, None where none is known or feature_dim is below its rank.

    loss: an object of `simulations.losses`. Cross-entropy: Zhu et al. 2021 (arXiv:2105.02375), Theorem 3.1.
    """
    decays = {"weight_decay": problem.weight_decay, "feature_decay": problem.feature_decay}
    found: ClosedForm | None = None
    C = len(problem.counts)
    if loss.name == "squared-error":
        found = squared_error_optimum(problem.counts, **decays, bias_decay=problem.bias_decay)
    elif np.all(problem.counts == problem.counts[0]):
        equal = {"num_classes": C, "samples_per_class": problem.counts[0], **decays}
        if loss.name == "cross-entropy":
            simplex = balanced_optimum(**equal)
            found = ClosedForm(
                simplex.value, simplex.logits, None, "Zhu et al. 2021 (arXiv:2105.02375), Theorem 3.1"
            )
        elif loss.name == "label-smoothing":
            found = balanced_label_smoothing(**equal, smoothing=loss.smoothing)
        elif loss.name == "multi-margin":
            found = balanced_multi_margin(**equal)
    if (
        found is not None
        and problem.feature_dim < C
        and np.linalg.matrix_rank(found.logits) > problem.feature_dim
    ):
        return None
    return found
