# SPDX-License-Identifier: MIT
"""Checks of the inputs that every convex form of the unconstrained-features model shares."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from simulations.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray


def checked_counts(caller: str, counts: Any) -> NDArray[np.float64]:
    """counts as float64 (C,), C >= 2, positive whole numbers; InputError otherwise."""
    try:
        array = np.asarray(counts, dtype=np.float64)
    except (TypeError, ValueError):
        array = np.empty((0, 0))
    if array.ndim != 1 or len(array) < 2:
        raise InputError(
            f"{caller}: received counts = {counts!r}; one positive integer a class is required, for at least "
            "two classes."
        )
    if not np.isfinite(array).all() or (array < 1).any() or (array != np.round(array)).any():
        raise InputError(
            f"{caller}: received counts = {array.tolist()}; every class needs a positive whole number of "
            "samples (an absent class has no mean). Drop absent classes."
        )
    return array


def checked_positive(caller: str, name: str, value: Any) -> float:
    """A positive finite number as float; InputError otherwise."""
    number = _as_float(value)
    if not (math.isfinite(number) and number > 0.0):
        raise InputError(
            f"{caller}: received {name} = {value!r}; a positive finite number is required: without decay the "
            "logits may grow for ever and no minimiser exists."
        )
    return number


def checked_bias_decay(caller: str, value: Any) -> float | None:
    """None (no bias), 0.0 (free bias) or a positive finite number; InputError otherwise."""
    number = 0.0 if value is None else _as_float(value)
    if not (math.isfinite(number) and number >= 0.0):
        raise InputError(
            f"{caller}: received bias_decay = {value!r}; None (no bias), 0 (a free bias) or a positive "
            "number is required: a negative decay has no minimum."
        )
    return None if value is None else number


def _as_float(value: Any) -> float:
    try:
        return math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return math.nan
