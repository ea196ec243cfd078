# SPDX-License-Identifier: MIT
"""Smooth minimisation over unit rows: L-BFGS on rows divided by their norms, then Newton steps.

The certificates of the models here are first order in the gradient, so the last digits matter; L-BFGS stops
at about the square root of rounding. The Hessian is taken by differences of the gradient; rotations and
lengths of the rows are its null directions, which least squares leaves alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize
from scipy.sparse.linalg import LinearOperator, minres

if TYPE_CHECKING:
    from numpy.typing import NDArray

DENSE = 400  # unknowns up to which the Hessian is formed; beyond, MINRES with products of it
PRODUCTS = 400
STEP = 1e-5  # of the central differences


@dataclass(frozen=True, eq=False)
class Found:
    """point, flat; value; residual: largest entry of the gradient; iterations of both methods."""

    point: NDArray[np.float64]
    value: float
    residual: float
    iterations: int


def on_unit_rows(
    function: Callable[[NDArray[np.float64]], tuple[float, NDArray[np.float64]]], width: int
) -> Callable[[NDArray[np.float64]], tuple[float, NDArray[np.float64]]]:
    """``function`` of rows (m, width), given with its gradient (m, width), as a function of free rows, flat,
    that are divided by their norms first; gradient with respect to the free rows."""

    def of_free_rows(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        raw = flat.reshape(-1, width)
        norms = np.linalg.norm(raw, axis=1, keepdims=True)
        rows = raw / norms
        value, gradient = function(rows)
        return value, ((gradient - (gradient * rows).sum(axis=1, keepdims=True) * rows) / norms).ravel()

    return of_free_rows


def minimise(
    function: Callable[[NDArray[np.float64]], tuple[float, NDArray[np.float64]]],
    start: NDArray[np.float64],
    *,
    budget: int,
    accuracy: float,
) -> Found:
    """A stationary point near ``start`` (flat), within ``budget`` iterations; accuracy: gradient, relative
    to the gradient at the start, with which Newton's steps are content."""
    value, gradient = function(start)
    size = abs(value) if value else 1.0  # L-BFGS compares values with 1
    goal = accuracy * max(float(np.abs(gradient).max()), 1e-12 * size)
    result = minimize(
        lambda flat: tuple(part / size for part in function(flat)),
        start,
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": budget, "maxfun": 20 * budget, "ftol": 1e-15, "gtol": goal / size, "maxcor": 20},
    )
    point, spent = np.asarray(result.x), int(result.nit)
    value, gradient = function(point)
    while spent < budget and np.abs(gradient).max() > goal:
        spent += 1
        trial = point - _newton_step(function, point, gradient)
        trial_value, trial_gradient = function(trial)
        if (
            not np.abs(trial_gradient).max() < 0.5 * np.abs(gradient).max()
            or trial_value > value + 1e-9 * size
        ):
            break
        point, value, gradient = trial, trial_value, trial_gradient
    return Found(point, value, float(np.abs(gradient).max()), spent)


def _newton_step(
    function: Callable[[NDArray[np.float64]], tuple[float, NDArray[np.float64]]],
    point: NDArray[np.float64],
    gradient: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Least-squares solution of Hessian step = gradient."""
    n = len(point)

    def product(direction: NDArray[np.float64]) -> NDArray[np.float64]:
        length = float(np.linalg.norm(direction))
        if length == 0.0:
            return np.zeros(n)
        moved = (STEP / length) * direction.ravel()
        return (function(point + moved)[1] - function(point - moved)[1]) * (length / (2.0 * STEP))

    if n > DENSE:
        operator = LinearOperator((n, n), matvec=product, dtype=np.float64)
        size = float(np.abs(gradient).max())
        return np.asarray(minres(operator, gradient / size, rtol=1e-7, maxiter=PRODUCTS)[0]) * size
    hessian = np.stack([product(unit) for unit in np.eye(n)])
    return np.asarray(np.linalg.lstsq(0.5 * (hessian + hessian.T), gradient, rcond=1e-7)[0])
