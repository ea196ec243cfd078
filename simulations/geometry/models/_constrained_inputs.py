# SPDX-License-Identifier: MIT
"""What the models whose norms are constrained or minimised share: the dimension, and factors of logits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulations.errors import InputError
from simulations.geometry.checks import checked_whole

if TYPE_CHECKING:
    from numpy.typing import NDArray


def dimension(model: str, num_classes: int, feature_dim: int | None) -> int:
    """feature_dim, or C where omitted; at least C - 1."""
    d = num_classes if feature_dim is None else checked_whole(model, "feature_dim", feature_dim)
    if d < num_classes - 1:
        raise InputError(
            f"{model}: received feature_dim = {d} for {num_classes} classes; at least C - 1 = "
            f"{num_classes - 1} is required: below that the logits cannot take every centred form, the "
            "convex program is only a relaxation and no global optimum is known."
        )
    return d


def split(
    scaled_logits: NDArray[np.float64], norm_weight: NDArray[np.float64], width: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """W (C, d) and class means (C, d) with M W' = Z, from diag(norm_weight) Z = U S V': W = V sqrt(S), and
    diag(norm_weight) M = U sqrt(S), whose squared norms are both the nuclear norm. Zero columns are added."""
    C = len(norm_weight)
    left, values, right = np.linalg.svd(scaled_logits)
    rank = min(C, width)
    root = np.sqrt(values[:rank])
    weight, means = np.zeros((C, width)), np.zeros((C, width))
    weight[:, :rank] = right[:rank].T * root
    means[:, :rank] = left[:, :rank] * root / norm_weight[:, None]
    return weight, means
