# SPDX-License-Identifier: MIT
"""Burer-Monteiro factors for the convex form of `simulations.geometry.convex_form`, with or without a bias.

With D Z = U V' and ||D Z||_* the least (||U||^2 + ||V||^2)/2, the objective becomes smooth in (U, V, b),

    F(U, V, b) = sum_c (n_c/n) loss_c + (kappa/2)(||U||^2 + ||V||^2) + (beta/2) ||b||^2,

and has no spurious local minima once the rank is that of the best Z (Burer & Monteiro 2003): C - 1 where the
loss is shift invariant (the rows of Z then sum to zero, and do so along the way if they did at the start) or
the bias is free (the count-weighted mean of Z is then zero), C otherwise. L-BFGS finds the basin, Newton
steps with conjugate gradients the last digits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulations.geometry.convex_form import Convex

    Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Point:
    """Factors U, V (C, r) of D Z, the bias (C,), the relative gradient norm there, iterations spent."""

    left: Array
    right: Array
    bias: Array
    residual: float
    iterations: int


class Factorised:
    """The smooth objective on one flat vector: U (C, r), V (C, r) and, with a bias, b/theta.

    theta gives the bias a curvature like that of the factors: (mean count)^(-1/4) where the loss bends it,
    sqrt(kappa/bias_decay) where a large decay does.
    """

    def __init__(self, convex: Convex, rank: int) -> None:
        self.convex, self.rank, self.C = convex, rank, len(convex.root)
        self.biased = convex.problem.bias_decay is not None
        self.theta = float(convex.problem.counts.mean()) ** -0.25
        if convex.problem.bias_decay:
            self.theta = min(self.theta, float(np.sqrt(convex.kappa) / np.sqrt(convex.problem.bias_decay)))
        self.size = 2 * self.C * rank + self.C * self.biased

    def split(self, flat: Array) -> tuple[Array, Array, Array]:
        """U, V and b."""
        block = self.C * self.rank
        bias = self.theta * flat[2 * block :] if self.biased else np.zeros(self.C)
        return flat[:block].reshape(self.C, -1), flat[block : 2 * block].reshape(self.C, -1), bias

    def join(self, left: Array, right: Array, bias: Array) -> Array:
        """The flat vector."""
        parts = [left.ravel(), right.ravel()] + ([bias / self.theta] if self.biased else [])
        return np.concatenate(parts)

    def _join_gradient(self, left: Array, right: Array, bias: Array) -> Array:
        parts = [left.ravel(), right.ravel()] + ([self.theta * bias] if self.biased else [])
        return np.concatenate(parts)

    def features(self, flat: Array) -> Array:
        """Z without the bias, (C, C)."""
        left, right, _ = self.split(flat)
        return np.asarray(left @ right.T / self.convex.root[:, None])

    def value_and_gradient(self, flat: Array) -> tuple[float, Array]:
        """The objective and its gradient."""
        convex, (left, right, bias) = self.convex, self.split(flat)
        kappa, decay = convex.kappa, convex.problem.bias_decay or 0.0
        each, slope = convex.loss.slope(left @ right.T / convex.root[:, None] + bias)
        slope *= convex.share[:, None]
        square = float(np.vdot(left, left) + np.vdot(right, right))
        value = float(convex.share @ each) + 0.5 * kappa * square + 0.5 * decay * float(bias @ bias)
        in_bias = slope.sum(axis=0) + decay * bias
        slope /= convex.root[:, None]
        return value, self._join_gradient(
            slope @ right + kappa * left, slope.T @ left + kappa * right, in_bias
        )

    def hessian(self, flat: Array) -> Callable[[Array], Array]:
        """A function: direction -> second derivative at ``flat`` times direction."""
        convex, (left, right, bias) = self.convex, self.split(flat)
        kappa, decay = convex.kappa, convex.problem.bias_decay or 0.0
        logits = left @ right.T / convex.root[:, None] + bias
        slope = (convex.share / convex.root)[:, None] * convex.loss.slope(logits)[1]
        curve = convex.loss.curvature(logits)

        def apply(direction: Array) -> Array:
            d_left, d_right, d_bias = self.split(direction)
            change = (d_left @ right.T + left @ d_right.T) / convex.root[:, None] + d_bias
            bent = curve(change) * convex.share[:, None]
            in_bias = bent.sum(axis=0) + decay * d_bias
            bent = bent / convex.root[:, None]
            return self._join_gradient(
                bent @ right + slope @ d_right + kappa * d_left,
                bent.T @ left + slope.T @ d_left + kappa * d_right,
                in_bias,
            )

        return apply

    def residual(self, flat: Array, gradient: Array) -> float:
        """Gradient norm relative to the decay's own pull kappa ||(U, V)||."""
        block = 2 * self.C * self.rank
        pull = self.convex.kappa * float(np.linalg.norm(flat[:block]))
        return float(np.linalg.norm(gradient)) / max(pull, 1e-300)

    def point(self, flat: Array, iterations: int) -> Point:
        """The point, with its residual."""
        residual = self.residual(flat, self.value_and_gradient(flat)[1])
        return Point(*self.split(flat), residual=residual, iterations=iterations)


def minimise(objective: Factorised, start: Array, *, budget: int, accuracy: float) -> Point:
    """L-BFGS and Newton in turn until the relative gradient is at ``accuracy``, the budget spent, or neither
    makes progress."""
    flat, spent = np.array(start), 0
    while True:
        _, gradient = objective.value_and_gradient(flat)
        residual, before = objective.residual(flat, gradient), spent
        if residual <= accuracy or spent >= budget:
            break
        options = {"maxiter": budget - spent, "maxfun": 20 * budget, "ftol": 1e-15, "gtol": 0.0, "maxcor": 30}
        result = minimize(objective.value_and_gradient, flat, jac=True, method="L-BFGS-B", options=options)
        flat, spent = np.asarray(result.x), spent + int(result.nit)
        flat, steps = _newton(objective, flat, budget=budget - spent, accuracy=accuracy)
        spent += steps
        _, gradient = objective.value_and_gradient(flat)
        if not objective.residual(flat, gradient) <= 0.5 * residual or spent == before:
            break
    return objective.point(flat, spent)


def _newton(objective: Factorised, flat: Array, *, budget: int, accuracy: float) -> tuple[Array, int]:
    """Newton-CG steps, halved until the gradient shrinks or the objective falls; stops where neither does."""
    value, gradient = objective.value_and_gradient(flat)
    steps = 0
    while steps < budget and objective.residual(flat, gradient) > accuracy:
        step = _conjugate_gradient(objective, flat, gradient)
        slope, steps, length = float(gradient @ step), steps + 1, 1.0
        for _ in range(8):
            trial = flat + length * step
            trial_value, trial_gradient = objective.value_and_gradient(trial)
            shrinks = np.linalg.norm(trial_gradient) < (1.0 - 0.1 * length) * np.linalg.norm(gradient)
            if shrinks or trial_value < value + 1e-4 * length * slope - 1e-14 * abs(value):
                break
            length *= 0.5
        else:
            break
        flat, value, gradient = trial, trial_value, trial_gradient
    return flat, steps


def _conjugate_gradient(objective: Factorised, flat: Array, gradient: Array) -> Array:
    """Approximate -Hessian^{-1} gradient; stops at flat curvature (rotations of the factors)."""
    apply = objective.hessian(flat)
    step, residual = np.zeros_like(flat), -gradient
    direction, size = residual.copy(), float(residual @ residual)
    goal = 1e-8 * size
    for _ in range(min(len(flat), 500)):
        curved = apply(direction)
        curvature = float(direction @ curved)
        if curvature <= 1e-14 * objective.convex.kappa * float(direction @ direction):
            break
        length = size / curvature
        step += length * direction
        residual -= length * curved
        new_size = float(residual @ residual)
        if new_size <= goal:
            break
        direction = residual + (new_size / size) * direction
        size = new_size
    return step if np.any(step) else -gradient / objective.convex.kappa
