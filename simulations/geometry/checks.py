# SPDX-License-Identifier: MIT
"""Checks of the inputs that all solvers and models of this package share; InputError with the reason."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from simulations.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

NO_DECAY = "without decay the logits may grow for ever and no minimiser exists"
LEAST_KAPPA, MOST_KAPPA = 1e-290, 1e150  # beyond, steps and values of the solvers are no floats
MOST_SAMPLES = 1e150  # squares of sums of counts stay finite


def checked_counts(
    caller: str, counts: Any, *, least: int = 1, fractions: bool = False, reason: str = ""
) -> NDArray[np.float64]:
    """counts as float64 (C,), C >= 2, numbers >= least; InputError otherwise.

    fractions: any positive numbers, where only ratios matter. reason: why ``least`` is required, if not 1.
    """
    try:
        given = np.asarray(counts)
        array = given.astype(np.float64) if given.dtype.kind in "iufO" else np.empty((0, 0))
    except (TypeError, ValueError, OverflowError):
        array = np.empty((0, 0))
    kind = "number" if fractions else "integer"
    if array.ndim != 1 or len(array) < 2:
        raise InputError(
            f"{caller}: received counts = {counts!r}; one positive {kind} a class is required, "
            "for at least two classes, because one class has nothing to be told apart from."
        )
    low = array <= 0.0 if fractions else (array < least) | (array != np.round(array))
    if not np.isfinite(array).all() or low.any() or array.max() > MOST_SAMPLES:
        kind = "finite number" if fractions else "whole number"
        raise InputError(
            f"{caller}: received counts = {array.tolist()}; "
            + (
                f"whole numbers >= {least} are required: {reason}."
                if reason
                else f"every class needs a positive {kind} of samples, at most {MOST_SAMPLES:g} (an absent "
                "class has no mean). Drop absent classes."
            )
        )
    return array


def checked_positive(caller: str, name: str, value: Any, reason: str = NO_DECAY) -> float:
    """A positive finite number as float; InputError otherwise, with the reason."""
    number = _as_float(value)
    if not (math.isfinite(number) and number > 0.0):
        raise InputError(
            f"{caller}: received {name} = {value!r}; a positive finite number is required"
            + (f": {reason}." if reason else ".")
        )
    return number


def checked_decays(caller: str, weight_decay: Any, feature_decay: Any) -> tuple[float, float]:
    """Both decays as positive finite floats whose geometric mean lies between 1e-290 and 1e150; InputError
    otherwise."""
    weight = checked_positive(caller, "weight_decay", weight_decay)
    feature = checked_positive(caller, "feature_decay", feature_decay)
    if not LEAST_KAPPA <= math.sqrt(weight) * math.sqrt(feature) <= MOST_KAPPA:
        raise InputError(
            f"{caller}: received weight_decay = {weight!r} and feature_decay = {feature!r}; a geometric mean "
            f"between {LEAST_KAPPA:g} and {MOST_KAPPA:g} is required: beyond, floats overflow on the way."
        )
    return weight, feature


def checked_whole(caller: str, name: str, value: Any, least: int = 1, reason: str = "") -> int:
    """A whole number >= least as int; InputError otherwise, with the reason."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
        raise InputError(
            f"{caller}: received {name} = {value!r}; a whole number >= {least} is required"
            + (f": {reason}." if reason else ".")
        )
    return int(value)


def checked_tolerance(caller: str, value: Any) -> float:
    """A positive finite number; InputError otherwise."""
    return checked_positive(caller, "tolerance", value, "an infinite one certifies anything, zero nothing")


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
    """The number as float; NaN for what is no number (text and truth values are none)."""
    if isinstance(value, (bool, np.bool_, str, bytes)):
        return math.nan
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan
