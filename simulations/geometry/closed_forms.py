# SPDX-License-Identifier: MIT
"""Optimal geometries that are known in closed form, and the thresholds at which they die.

Notation: C classes, n_c samples in class c, n samples in all, kappa = sqrt(weight_decay * feature_decay).
The balanced optimum is Zhu et al. 2021 (arXiv:2105.02375), Theorem 3.1; the minority-collapse threshold
is Hong & Ling 2023 (arXiv:2309.09725).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulations.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "BalancedOptimum",
    "balanced_optimum",
    "minority_collapse_threshold",
    "simplex_etf",
    "zero_threshold",
]


def simplex_etf(num_classes: int, dimension: int | None = None) -> NDArray[np.float64]:
    """Unit simplex equiangular tight frame: C unit rows with pairwise cosine -1/(C-1), summing to zero.

    Returns an array (C, dimension); ``dimension`` defaults to C - 1, and extra columns are zero.
    The frame is built from the Helmert basis, so it is the same on every machine.
    Raises InputError when C < 2 or dimension < C - 1 (a simplex of C points spans C - 1 dimensions).
    """
    if num_classes < 2:
        raise InputError(
            f"simplex_etf: received num_classes = {num_classes}; a simplex needs at least 2 points."
        )
    width = num_classes - 1 if dimension is None else dimension
    if width < num_classes - 1:
        raise InputError(
            f"simplex_etf: received dimension = {width} for {num_classes} classes; a simplex of C points "
            f"spans C - 1 = {num_classes - 1} dimensions. Ask for dimension >= {num_classes - 1}."
        )
    frame = np.zeros((num_classes, width))
    frame[:, : num_classes - 1] = centred_basis(num_classes) * np.sqrt(num_classes / (num_classes - 1))
    return frame


def centred_basis(num_classes: int) -> NDArray[np.float64]:
    """Helmert basis (C, C-1): orthonormal columns spanning the vectors whose entries sum to zero."""
    basis = np.zeros((num_classes, num_classes - 1))
    for k in range(1, num_classes):
        basis[:k, k - 1] = 1.0
        basis[k, k - 1] = -k
        basis[:, k - 1] /= np.sqrt(k * (k + 1.0))
    return basis


@dataclass(frozen=True)
class BalancedOptimum:
    """Global minimum of the balanced problem (n_c = samples_per_class for every class).

    value: least objective. logit_gap: a*, true-class logit minus any other, 0 when the minimiser is zero.
    logits (C, C) = a* (I - J/C). weight_norm, feature_norm: ||w_c|| and ||h_c||. trivial: zero is optimal.
    """

    value: float
    logit_gap: float
    logits: NDArray[np.float64]
    weight_norm: float
    feature_norm: float
    trivial: bool


def balanced_optimum(
    *, num_classes: int, samples_per_class: int, weight_decay: float, feature_decay: float
) -> BalancedOptimum:
    """Closed form of the balanced cross-entropy problem, for feature_dim >= C - 1 (Zhu et al. 2021, Thm 3.1).

    a* = log(1/(kappa sqrt(n)) - (C - 1)), n = samples per class; zero is optimal iff C kappa sqrt(n) >= 1.
    """
    C, strength = num_classes, np.sqrt(weight_decay) * np.sqrt(feature_decay) * np.sqrt(samples_per_class)
    trivial = bool(C * strength >= 1.0)
    gap = 0.0 if trivial else float(np.log(1.0 / strength - (C - 1)))
    value = float(np.log1p((C - 1) * np.exp(-gap)) + strength * (C - 1) * gap)
    ratio = np.sqrt(samples_per_class) * np.sqrt(feature_decay) / np.sqrt(weight_decay)
    scale = gap * (C - 1) / C
    return BalancedOptimum(
        value=value,
        logit_gap=gap,
        logits=gap * (np.eye(C) - 1.0 / C),
        weight_norm=float(np.sqrt(ratio * scale)),
        feature_norm=float(np.sqrt(scale / ratio)),
        trivial=trivial,
    )


def zero_threshold(counts: ArrayLike) -> float:
    """Least kappa for which W = 0, H = 0 is globally optimal: || diag(sqrt(n_c)) (I - J/C) ||_op / n.

    counts (C,): samples per class. Balanced classes give 1 / (C sqrt(n_c)).
    """
    sizes = np.asarray(counts, dtype=np.float64)
    C = len(sizes)
    root = np.sqrt(sizes)[:, None] * (np.eye(C) - 1.0 / C)
    return float(np.linalg.norm(root, 2) / sizes.sum())


def minority_collapse_threshold(minority_count: int, total_count: int) -> float:
    """Least kappa at which classes of ``minority_count`` samples share one classifier row and one mean.

    sqrt(n_B)/n (Hong & Ling 2023): a contrast between two such classes enters the scaled loss gradient with
    singular value exactly sqrt(n_B)/n, and it is worth having only if that exceeds kappa.
    """
    if minority_count < 1 or total_count < minority_count:
        raise InputError(
            f"minority_collapse_threshold: received minority_count = {minority_count}, total_count = "
            f"{total_count}; need 1 <= minority_count <= total_count (they are numbers of samples)."
        )
    return float(np.sqrt(minority_count) / total_count)
