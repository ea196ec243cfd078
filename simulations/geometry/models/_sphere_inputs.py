# SPDX-License-Identifier: MIT
"""A check of matrices shared by the models with normalised, fixed or contrasted vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from simulations.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray


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
