# SPDX-License-Identifier: MIT
"""Checks shared by the models whose norms are constrained or minimised: class sizes, budgets, dimension."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from simulations.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray


def class_sizes(model: str, counts: Sequence[float] | NDArray[Any]) -> NDArray[np.float64]:
    """counts as (C,) float64, C >= 2, positive and finite; they need not be whole, only ratios may be known.

    Raises InputError naming what was received.
    """
    try:
        sizes = np.asarray(counts, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(
            f"{model}: received counts = {counts!r}; one positive number a class is required."
        ) from None
    if sizes.ndim != 1 or len(sizes) < 2:
        raise InputError(
            f"{model}: received counts of shape {sizes.shape}; one number a class and at least two classes "
            "are required, because one class has nothing to be separated from."
        )
    if not (np.all(np.isfinite(sizes)) and np.all(sizes > 0.0)):
        raise InputError(
            f"{model}: received counts = {sizes.tolist()}; every class needs a positive finite number of "
            "samples (an absent class has no mean). Drop absent classes."
        )
    return sizes


def positive(model: str, name: str, value: Any, reason: str) -> float:
    """value as a positive finite float; the InputError otherwise gives the reason."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not (math.isfinite(number) and number > 0.0):
        raise InputError(
            f"{model}: received {name} = {value!r}; a positive finite number is required: {reason}."
        )
    return number


def whole(model: str, name: str, value: Any) -> int:
    """value as a whole number >= 1."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
        raise InputError(f"{model}: received {name} = {value!r}; a whole number >= 1 is required.")
    return int(value)


def dimension(model: str, num_classes: int, feature_dim: int | None) -> int:
    """feature_dim, or C where omitted; at least C - 1."""
    d = num_classes if feature_dim is None else whole(model, "feature_dim", feature_dim)
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
