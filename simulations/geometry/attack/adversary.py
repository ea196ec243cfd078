# SPDX-License-Identifier: MIT
"""Maximise a departure subject to a loss level, from one start, and return an exactly feasible point.

Augmented Lagrangian with L-BFGS on scaled variables: near collapse both the departure and the loss gap are
quadratic in the distance to it, so distances are measured in units of the square root of the departure.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize

from simulations.geometry.attack.settings import Configuration

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulations.geometry.attack.settings import Setting

    Array = NDArray[np.float64]
    Departure = Callable[[Configuration], tuple[float, Configuration]]

ROUNDS, STEPS, PENALTIES = 12, 400, (10.0, 1000.0)


def spend(
    setting: Setting,
    departure: Departure,
    start: Array,
    *,
    gap: float,
    scale: float,
    size: float | None = None,
    max_iterations: int = STEPS,
) -> Array | None:
    """A flat vector whose loss excess is at most ``gap`` and whose departure is locally greatest.

    scale: expected size of the departure; size: expected squared distance to collapse, relative to the norms
    (``scale`` where it is omitted, which suits departures of second order). Returns None when no feasible
    point was reached. A soft penalty comes first; where it lets the point slip away from the feasible set, a
    stiff one is tried.
    """
    for penalty in PENALTIES:
        flat = _augmented_lagrangian(
            setting, departure, start, gap, (scale, size or scale), penalty, max_iterations
        )
        repaired = None if flat is None else repair(setting, flat, gap=gap)
        if repaired is not None:
            return repaired
    return None


def _augmented_lagrangian(
    setting: Setting,
    departure: Departure,
    start: Array,
    gap: float,
    scales: tuple[float, float],
    penalty: float,
    max_iterations: int,
) -> Array | None:
    """Where the multiplier method from ``start`` ends: nearly feasible, or None if it ran away."""
    scale, size = scales
    unit = float(np.sqrt(size) * np.sqrt(np.mean(np.square(start))))
    y, multiplier, violation = np.zeros_like(start), 1.0, np.inf

    def merit(y: Array) -> tuple[float, Array]:
        flat = start + unit * y
        point = setting.configuration(flat)
        gained, gain_slope = departure(point)
        spent, loss_slope = setting.excess(point)
        active = max(spent / gap - 1.0 + multiplier / penalty, 0.0)
        slope = _combined(penalty * active / gap, loss_slope, -1.0 / scale, gain_slope)
        return 0.5 * penalty * active**2 - gained / scale, unit * setting.pull_back(flat, slope)

    for _ in range(ROUNDS):
        result = minimize(merit, y, jac=True, method="L-BFGS-B", options=_budget(max_iterations, 1e-13, 1e-9))
        y = np.asarray(result.x)
        if not np.all(np.isfinite(y)):
            return None
        residual = setting.excess(setting.configuration(start + unit * y))[0] / gap - 1.0
        multiplier = max(multiplier + penalty * residual, 0.0)
        if abs(residual) < 1e-8:
            break
        if abs(residual) > 0.25 * violation:
            penalty *= 4.0
        violation = abs(residual)
    return start + unit * y


def _combined(a: float, first: Configuration, b: float, second: Configuration) -> Configuration:
    """a first + b second, where a bias that is None counts as zero."""
    biases = [factor * slope.bias for factor, slope in ((a, first), (b, second)) if slope.bias is not None]
    return Configuration(
        a * first.weight + b * second.weight,
        a * first.features + b * second.features,
        np.asarray(sum(biases)) if biases else None,
    )


def _budget(max_iterations: int, ftol: float, gtol: float) -> dict[str, float]:
    return {"maxiter": max_iterations, "maxfun": 3 * max_iterations, "ftol": ftol, "gtol": gtol, "maxcor": 20}


def repair(setting: Setting, flat: Array, *, gap: float) -> Array | None:
    """Move along the loss gradient until the excess is at most ``gap``, exactly and not just nearly."""
    margin = 1e-15
    for _ in range(60):
        point = setting.configuration(flat)
        excess, slope = setting.excess(point)
        if excess <= gap:
            return flat
        direction = setting.pull_back(flat, slope)
        size = float(direction @ direction)
        if not (size > 0.0 and excess - gap <= 0.1 * np.sqrt(size) * float(np.linalg.norm(flat))):
            return None  # not nearly feasible: the linear model of the loss is of no use
        flat = flat - (excess - gap * (1.0 - margin)) / size * direction
        margin *= 4.0
    return None


def descend(setting: Setting, start: Array, *, max_iterations: int = 4000) -> Array:
    """Minimise the loss itself from ``start``."""

    unit = min(1.0, setting.least)

    def excess(flat: Array) -> tuple[float, Array]:
        point = setting.configuration(flat)
        value, slope = setting.excess(point)
        return value / unit, setting.pull_back(flat, slope) / unit

    options = _budget(max_iterations, 0.0, 1e-12)
    return np.asarray(minimize(excess, start, jac=True, method="L-BFGS-B", options=options).x)
