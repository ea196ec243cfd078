# SPDX-License-Identifier: MIT
"""Checks of inputs shared by the models with normalised, fixed or contrasted vectors."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from simulations.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray


def whole(model: str, name: str, value: Any) -> int:
    """value as a whole number >= 1; InputError otherwise."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
        raise InputError(f"{model}: received {name} = {value!r}; a whole number >= 1 is required.")
    return int(value)


def positive(model: str, name: str, value: Any, reason: str = "") -> float:
    """value as a positive finite float; InputError otherwise, with the reason."""
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not (math.isfinite(number) and number > 0.0):
        raise InputError(
            f"{model}: received {name} = {value!r}; a positive finite number is required"
            + (f": {reason}." if reason else ".")
        )
    return number


def checked_counts(model: str, counts: Any, *, least: int = 1, reason: str = "") -> NDArray[np.float64]:
    """counts as (C,) float64, C >= 2, whole numbers >= least; InputError otherwise."""
    try:
        sizes = np.asarray(counts, dtype=np.float64)
    except (TypeError, ValueError):
        sizes = np.empty((0, 0))
    if sizes.ndim != 1 or len(sizes) < 2:
        raise InputError(
            f"{model}: received counts = {counts!r}; one count a class is required, for at least two "
            "classes, because one class has nothing to be told apart from."
        )
    if not np.isfinite(sizes).all() or (sizes < least).any() or (sizes != np.round(sizes)).any():
        raise InputError(
            f"{model}: received counts = {sizes.tolist()}; whole numbers >= {least} are required"
            + (f": {reason}." if reason else ", because an absent class has no mean. Drop absent classes.")
        )
    return sizes


def checked_matrix(model: str, name: str, value: Any) -> NDArray[np.float64]:
    """value as a finite float64 matrix with at least two rows and one column; InputError otherwise."""
    try:
        matrix = np.array(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(f"{model}: received {name} = {value!r}; a matrix of numbers is required.") from None
    if matrix.ndim != 2 or matrix.shape[0] < 2 or matrix.shape[1] < 1:
        raise InputError(
            f"{model}: received {name} of shape {matrix.shape}; (C, d) with C >= 2 and d >= 1 is required."
        )
    if not np.isfinite(matrix).all():
        raise InputError(f"{model}: received {name} with NaN or infinite entries; finite ones are required.")
    return matrix
